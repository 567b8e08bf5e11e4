"""Properties, laws and ghosts: what is claimed, and what is remembered for a claim."""

from __future__ import annotations

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.declarations.components import state_decl
from kspec.analysis.declarations.patterns import (
    step_env,
    with_later,
)
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check, infer
from kspec.analysis.expressions.statements import Setting, block
from kspec.analysis.typed import (
    OTHERS,
    CAlways,
    CNoDeadlock,
    COn,
    CReachable,
    CSettles,
    CTemporal,
    CValues,
    TClaim,
    TExpr,
    TGhost,
    TGhostRule,
    TLaw,
    TProperty,
    TTemporal,
)
from kspec.analysis.types import (
    BoolT,
    KindT,
    ListT,
    MapT,
    ObjectT,
    OptT,
    RecordT,
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
)
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.source import Span
from kspec.syntax import ast


def property_(c: Checker, node: ast.PropertyDecl) -> TProperty:
    """One property, or an invariant, whose formula is about one state."""
    inside = _invariant(node.claim)
    if inside is not None:
        kept = CAlways(check(c, inside, BoolT(), Env()))
        return TProperty(node.name.text, node.sentence, kept, node.span, node.lemma)
    return TProperty(node.name.text, node.sentence, _claim(c, node.claim, node), node.span)


def _invariant(claim: ast.Claim) -> ast.Expr | None:
    """What an `invariant` says; its `always` is written by nobody and takes no room of its own."""
    match claim:
        case ast.TemporalClaim(ast.Unary("always", body, span)) if body.span == span:
            return body
        case _:
            return None


def _claim(c: Checker, node: ast.Claim, decl: ast.PropertyDecl) -> TClaim:
    match node:
        case ast.TemporalClaim(body, _):
            return _temporal(c, body, decl)
        case ast.OnStep(pattern, where, body, _):
            found = with_later(c, pattern)
            if not pattern.path:
                found = (*found, (OTHERS, ()))
            env = step_env(c, found, Env(two_state=True))
            cond = check(c, where, BoolT(), env) if where is not None else None
            return COn(found, cond, check(c, body, BoolT(), env))
        case ast.ReachableClaim(body, _):
            return CReachable(check(c, body, BoolT(), Env()))
        case ast.DeadlockClaim():
            return CNoDeadlock()
        case ast.ValuesClaim(count, body, where, _):
            cond = check(c, where, BoolT(), Env()) if where is not None else None
            return CValues(count, infer(c, body, Env()), cond)
        case ast.SettlesClaim(negated, paths, _):
            return CSettles(negated, tuple(_observed(c, p) for p in paths))


def _temporal(c: Checker, body: ast.Expr, decl: ast.PropertyDecl) -> TClaim:
    typed = infer(c, body, Env(temporal=True))
    if isinstance(typed.type, BoolT):
        raise c.fail(
            Diagnostic(
                codes.NO_TEMPORAL_WORD,
                f"`{decl.name.text}` says what is true, but not when",
                Label(typed.span, "this is about one state"),
                help=(
                    Help("in every state? write `invariant` for `property`", _as_invariant(decl)),
                    "sooner or later? `eventually …`",
                    "can it happen at all? `reachable …`",
                ),
            )
        )
    if not isinstance(typed.type, TemporalT):
        raise c.fail(report.mismatch(TemporalT(), typed.type, typed.span))
    if isinstance(typed, TTemporal) and typed.op == "always":
        (inner,) = typed.args
        if not isinstance(inner.type, TemporalT):
            return CAlways(inner)
    return CTemporal(typed)


def _as_invariant(decl: ast.PropertyDecl) -> Edit:
    start = decl.span.start
    return Edit(Span(decl.span.file, start, start + len("property")), "invariant")


def _observed(c: Checker, path: ast.Ident) -> tuple[str, str]:
    kind, _, name = path.text.partition(".")
    if kind not in c.tables.kinds:
        raise c.fail(report.unknown_name(kind, path.span, c.tables.kinds, "kind"))
    if name:
        c.field_of(kind, name, path.span)
    return kind, name


def law(c: Checker, node: ast.LawDecl) -> TLaw:
    """A law or belief."""
    body: TExpr = check(c, node.body, BoolT(), Env())
    induction = node.induction.text if node.induction else None
    return TLaw(node.name.text, node.belief, node.sentence, body, induction, node.span)


def _timed(type_: Type) -> bool:
    match type_:
        case TimerT():
            return True
        case OptT(of) | SetT(of) | ListT(of, _) | MapT(_, of, _):
            return _timed(of)
        case _:
            return False


def _pointing(c: Checker, type_: Type) -> bool:
    """Can a value of the type be or contain an object? Keys of maps are places, not content."""
    match type_:
        case KindT() | ObjectT():
            return True
        case OptT(of) | SetT(of) | ListT(of, _) | MapT(_, of, _):
            return _pointing(c, of)
        case TupleT(parts):
            return any(_pointing(c, part) for part in parts)
        case RecordT(name):
            return any(_pointing(c, field.type) for field in c.fields_of(name).values())
        case _:
            return False


def no_object(c: Checker, type_: Type, span: Span) -> None:
    """What a ghost holds is no object: ghosts keep no identity from being taken again."""
    if _pointing(c, type_):
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "a ghost cannot hold an object: it would not keep another from taking its place",
                span,
                "holds an object",
                "keep what matters of the object: its name, a number, a flag",
            )
        )


def ghost(c: Checker, node: ast.GhostDecl) -> TGhost:
    """A ghost variable and the steps that change it."""
    c.demand(f"signature {node.name.text}")
    state = state_decl(c, node.name.text, node.init, "ghost", node.span)
    if _timed(state.type):
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "a ghost cannot hold a timer: when time passes would depend on it",
                node.span,
                "holds a timer",
                "keep the timer in a kind of its own, without `from`",
            )
        )
    no_object(c, state.type, node.span)
    rules = []
    for rule in node.rules:
        found = with_later(c, rule.pattern)
        env = step_env(c, found, Env())
        stmts, _ = block(c, rule.body, evolve(env, free=False), Setting(bare=True))
        rules.append(TGhostRule(found, stmts, rule.span))
    return TGhost(state, tuple(rules))
