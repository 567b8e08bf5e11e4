"""Actions: parameters, then clauses in the order they are written. Next: `patterns`."""

from __future__ import annotations

from typing import final

from attrs import evolve, field

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check, infer
from kspec.analysis.expressions.quantify import bound, drawn_binder, finite, typed_binder
from kspec.analysis.expressions.statements import Setting, block
from kspec.analysis.typed import (
    Comp,
    OverOption,
    TAction,
    TAssign,
    TBinder,
    TComp,
    TDelete,
    TEvent,
    TExpr,
    TFieldPlace,
    TForStmt,
    TGuard,
    TIfStmt,
    TLetGuard,
    TNew,
    TPrim,
    TStepDecl,
    TStmt,
    TVar,
)
from kspec.analysis.types import BoolT, KindT, NameT, OptT, SetT, Type, UnitT
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast

_FAIR = {"fair": "weak", "strongly fair": "strong", "strongly_fair": "strong", "unfair": "none"}


def action(
    c: Checker, node: ast.ActionDecl, owner: str, origin: str, env: Env, before: tuple[str, ...]
) -> TAction:
    """An action of a component; those of `before` come first."""
    fair = "weak" if origin == "controller" else "none"
    for flag in node.flags:
        fair = _FAIR[flag]
    spec = ActionHead(f"{owner}.{node.name.text}", owner, origin, fair, node.atomically, before)
    return build_action(c, spec, node.parameters, node.clauses, env, node.span)


@final
@frozen
class ActionHead:
    """What an action is before its clauses are read."""

    name: str
    owner: str
    origin: str
    fair: str
    atomically: str | None = None
    before: tuple[str, ...] = ()
    blocks: tuple[str, TExpr] | None = None


@final
@frozen
class _Read:
    """What the clauses read so far say."""

    guards: tuple[TGuard | TLetGuard, ...] = ()
    yields: tuple[tuple[str, TExpr], ...] = ()
    steps: tuple[TStepDecl, ...] = ()
    event: TEvent | None = None
    within: TExpr | None = None
    names: dict[str, Type] = field(factory=dict)


def build_action(
    c: Checker,
    spec: ActionHead,
    parameters: tuple[ast.Parameter, ...],
    clauses: tuple[ast.Clause, ...],
    env: Env,
    span: Span,
) -> TAction:
    """An action from its parameters and clauses, in the order they are written."""
    binders, conditions, env = action_parameters(c, parameters, env)
    read = _Read(tuple(TGuard(x, None, None, x.span) for x in conditions))
    for clause in clauses:
        read, env = _clause(c, clause, read, env, spec)
    if spec.origin == "controller" and spec.atomically is None:
        for step in read.steps:
            _one_write(c, step, spec.name)
    return TAction(
        spec.name,
        spec.owner,
        spec.origin,
        binders,
        read.guards,
        read.yields,
        read.steps,
        spec.before,
        spec.fair,
        spec.atomically,
        read.event,
        read.within,
        spec.blocks,
        span,
    )


def names_beside(
    c: Checker, full: str, clauses: tuple[ast.Clause, ...], env: Env
) -> list[tuple[str, Type]]:
    """Names that an action's steps carry besides its parameters, which `env` has: what conditions
    bind and what blocks make, then what it yields."""
    start = set(env.names)
    head = ActionHead(full, full.partition(".")[0], "environment", "none")
    read = _Read()
    for clause in clauses:
        read, env = _clause(c, clause, read, env, head)
    found = [(n, t) for n, t in env.names.items() if n not in start]
    return [*found, *((n, value.type) for n, value in read.yields)]


def action_parameters(
    c: Checker, parameters: tuple[ast.Parameter, ...], env: Env
) -> tuple[tuple[TBinder, ...], list[TExpr], Env]:
    """Parameters of an action: over live objects, finite types and sets."""
    binders: list[TBinder] = []
    conditions: list[TExpr] = []
    for parameter in parameters:
        if isinstance(parameter, ast.TypedParameter):
            type_ = c.type_of(parameter.type, stored=False)
            if not finite(type_) and not isinstance(type_, NameT):
                raise c.fail(
                    report.simple(
                        codes.INFINITE_CHOICE,
                        f"{report.listed([n.text for n in parameter.names])} would be chosen among"
                        f" infinitely many: this is {show_type(type_)}",
                        parameter.span,
                        "infinitely many",
                        "give a range, an enumeration, a kind or a set: `n: 0..8`, `x in {…}`",
                    )
                )
            made = [typed_binder(c, n, type_) for n in parameter.names]
        else:
            made = [drawn_binder(c, parameter.name, parameter.source, env)]
        for binder, extra in made:
            if binder.name in env.names:
                raise c.fail(_bound_twice(binder, binders))
            binders.append(binder)
            conditions.extend(extra)
            env = bound(env, binder)
    return tuple(binders), conditions, env


def _bound_twice(binder: TBinder, before: list[TBinder]) -> Diagnostic:
    first = next((b.span for b in before if b.name == binder.name), None)
    if first is not None:
        return report.duplicate(binder.name, binder.span, first)
    return report.simple(
        codes.DUPLICATE_NAME,
        f"`{binder.name}` is the name of the instance already",
        binder.span,
        "again here",
        "give the parameter another name",
    )


def _clause(
    c: Checker, clause: ast.Clause, read: _Read, env: Env, spec: ActionHead
) -> tuple[_Read, Env]:
    match clause:
        case ast.When(parts, _):
            for part in parts:
                guard, env = _guard(c, part, env)
                read = evolve(read, guards=(*read.guards, *guard))
            return read, env
        case ast.LetClause(name, value, span):
            bound = infer(c, value, env)
            let = TLetGuard(name.text, bound, span)
            return evolve(read, guards=(*read.guards, let)), env.bind(name.text, bound.type)
        case ast.Yields(name, value, _):
            got = infer(c, value, env)
            return evolve(read, yields=(*read.yields, (name.text, got))), env
        case ast.Do(body, span):
            stmts, env = block(c, body, evolve(env, free=True), Setting())
            return evolve(read, steps=(*read.steps, TStepDecl(None, None, stmts, None, span))), env
        case ast.Next():
            step, env = _next(c, clause, env)
            if not read.steps:
                raise c.fail(
                    report.simple(
                        codes.NOT_ALLOWED_HERE,
                        "a `next` before any `do`",
                        clause.span,
                        "next after what?",
                        "the first step of an action is its `do`",
                    )
                )
            return evolve(read, steps=(*read.steps, step)), env
        case ast.Refused(body, span):
            return _refused(c, body, span, read, env), env
        case ast.Event(reason, text, _):
            return evolve(read, event=TEvent(reason.text, template(c, text, env))), env
        case ast.Within(duration, _):
            return evolve(read, within=check(c, duration, UnitT("duration"), env)), env


def _refused(c: Checker, body: tuple[ast.Stmt, ...], span: Span, read: _Read, env: Env) -> _Read:
    if not read.steps:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                "a `refused` before any `do`",
                span,
                "what is refused?",
                "it follows the `do` or `next` whose write it speaks of",
            )
        )
    stmts, _ = block(c, body, evolve(env, free=False), Setting())
    last = evolve(read.steps[-1], refused=stmts)
    return evolve(read, steps=(*read.steps[:-1], last))


def _next(c: Checker, node: ast.Next, env: Env) -> tuple[TStepDecl, Env]:
    each: tuple[str, TExpr, Type] | None = None
    inner = env
    if node.each is not None and node.source is not None:
        source = infer(c, node.source, env)
        if not isinstance(source.type, SetT):
            raise c.fail(report.mismatch(SetT(NameT()), source.type, source.span))
        each = (node.each.text, source, source.type.of)
        inner = env.bind(node.each.text, source.type.of)
    when = check(c, node.when, BoolT(), inner) if node.when is not None else None
    stmts, after = block(c, node.body, evolve(inner, free=True), Setting())
    return TStepDecl(each, when, stmts, None, node.span), after if each is None else env


def _guard(c: Checker, part: ast.GuardPart, env: Env) -> tuple[tuple[TGuard, ...], Env]:
    if part.bind is None:
        held = check(c, part.cond, BoolT(), env)
        because = _reason(c, part, _for_each(held, env))
        return (TGuard(held, None, because, part.span),), env
    because = _reason(c, part, env)
    cond = infer(c, part.cond, env)
    of = cond.type.of if isinstance(cond.type, OptT) else cond.type
    if isinstance(of, KindT) and not of.live:
        return _bind_reference(part, cond, of, because, env)
    if not isinstance(cond.type, OptT):
        raise c.fail(
            report.simple(
                codes.TYPE_MISMATCH,
                f"`as` binds what may be absent, and this is {show_type(cond.type)}",
                cond.span,
                "always there",
                f"write a clause of its own: `let {part.bind.text} = …`",
            )
        )
    guard = TGuard(cond, part.bind.text, because, part.span)
    return (guard,), env.bind(part.bind.text, of)


def _reason(c: Checker, part: ast.GuardPart, env: Env) -> tuple[str | TExpr, ...] | None:
    return template(c, part.because, env) if part.because is not None else None


def _for_each(cond: TExpr, env: Env) -> Env:
    """The reason why an `all` is false is told of each that it is false of."""
    while isinstance(cond, TComp) and cond.kind is Comp.ALL:
        for binder in cond.binders:
            env = env.bind(binder.name, binder.type)
        cond = cond.body
    return env


def _bind_reference(
    part: ast.GuardPart,
    cond: TExpr,
    of: KindT,
    because: tuple[str | TExpr, ...] | None,
    env: Env,
) -> tuple[tuple[TGuard, ...], Env]:
    """A stored reference is bound where it is alive."""
    from kspec.analysis.typed import TSome

    assert part.bind is not None
    option = cond if isinstance(cond.type, OptT) else TSome(cond, OptT(of), cond.span)
    var = TVar(part.bind.text, of, part.bind.span)
    alive = TPrim("live?", (var,), BoolT(), part.span)
    guards = (
        TGuard(option, part.bind.text, because, part.span),
        TGuard(alive, None, because, part.span),
    )
    return guards, env.bind(part.bind.text, KindT(of.name, True))


def template(c: Checker, node: ast.StringLit | None, env: Env) -> tuple[str | TExpr, ...]:
    """Text with values in it, for people: anything may be shown."""
    if node is None:
        return ()
    return tuple(p if isinstance(p, str) else infer(c, p, env) for p in node.parts)


def _one_write(c: Checker, step: TStepDecl, name: str) -> None:
    found = _targets(c, step.body)
    if len(found) > 1:
        first, second = found[0][1], found[1][1]
        raise c.fail(
            Diagnostic(
                codes.MULTI_WRITE,
                f"`{name}` writes more than one API object in one step",
                Label(second, "a second object"),
                () if first == second else (Label(first, "the first one"),),
                notes=(
                    "an API server has no transactions: anything may happen between two writes",
                ),
                help=(
                    "write one, then the other in a `next`",
                    'or say why it may be so: `atomically "…"`, which every verdict then repeats',
                ),
            )
        )


def _targets(c: Checker, body: tuple[TStmt, ...]) -> list[tuple[object, Span]]:
    """The API objects that statements write, each once; a loop counts twice, but over an option."""
    found: list[tuple[object, Span]] = []

    def add(key: object, span: Span) -> None:
        if all(key != k for k, _ in found):
            found.append((key, span))

    binds: dict[str, TExpr] = {}
    for stmt in body:
        match stmt:
            case TAssign(TFieldPlace(target, kind, name, _), _, _, _, span):
                if _is_api(c, kind, name):
                    add(_key(target, binds), span)
            case TNew(name, kind, _, span):
                if c.tables.kinds[kind].versions:
                    add(("new", name), span)
            case TDelete(target, kind, _, span):
                if c.tables.kinds[kind].versions:
                    add(_key(target, binds), span)
            case TIfStmt(_, then, other, _):
                a, b = _targets(c, then), _targets(c, other)
                for key, span in a if len(a) >= len(b) else b:
                    add(key, span)
            case TForStmt(binders, _, inner, span):
                once = all(isinstance(b.over, OverOption) for b in binders)
                for key, where in _targets(c, inner):
                    add(key, where)
                    if not once:
                        add(("again", repr(key)), span)
            case _:
                if hasattr(stmt, "value") and hasattr(stmt, "name"):
                    binds[stmt.name] = stmt.value
    return found


def _key(target: TExpr, binds: dict[str, TExpr]) -> object:
    """The same key for the same expression, wherever it is written."""
    while isinstance(target, TVar) and target.name in binds:
        target = binds[target.name]
    if isinstance(target, TVar):
        return ("var", target.name)
    return ("expr", repr(target))


def _is_api(c: Checker, kind: str, name: str) -> bool:
    decl = c.fields_of(kind)[name]
    return bool(c.tables.kinds[kind].versions) and decl.role == "api"
