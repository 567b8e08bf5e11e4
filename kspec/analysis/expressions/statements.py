"""Statements: places, addressing, effects written out."""

from __future__ import annotations

from typing import final

from attrs import evolve

from kspec.analysis import report
from kspec.analysis.checker import Checker, Wrong
from kspec.analysis.env import Env
from kspec.analysis.expressions import access, braces, coerce, names
from kspec.analysis.expressions.expr import check, infer
from kspec.analysis.expressions.quantify import bind_all
from kspec.analysis.typed import (
    Address,
    TAfter,
    TAssign,
    TBind,
    TChoose,
    TDelete,
    TExpr,
    TFieldPlace,
    TFieldStep,
    TForStmt,
    TGet,
    TIfStmt,
    TIndexStep,
    TNew,
    TRequire,
    TState,
    TStatePlace,
    TStep,
    TStmt,
)
from kspec.analysis.types import (
    BoolT,
    KindT,
    MapT,
    ObjectT,
    OptT,
    RecordT,
    Type,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast

_ADDRESS = {
    "by name": Address.BY_NAME,
    "by uid": Address.BY_UID,
    "if unchanged": Address.UNCHANGED,
}


@final
@frozen
class Setting:
    """How statements are read where they stand: the address of the effect they came from."""

    address: str | None = None
    bare: bool = False  # no addressing is asked for: laws, vectors, ghosts


def block(
    c: Checker, body: tuple[ast.Stmt, ...], env: Env, setting: Setting
) -> tuple[tuple[TStmt, ...], Env]:
    """Statements in order; names of `new` and `choose` are in scope for those after them."""
    done: list[TStmt] = []
    for node in body:
        typed, env = statement(c, node, env, setting)
        done.extend(typed)
    return tuple(done), env


def statement(
    c: Checker, node: ast.Stmt, env: Env, setting: Setting
) -> tuple[tuple[TStmt, ...], Env]:
    """One statement; an effect becomes several."""
    match node:
        case ast.Assign():
            return (_assign(c, node, env, setting),), env
        case ast.New():
            return _new(c, node, env)
        case ast.Delete(target, address, span):
            who = infer(c, target, env)
            kind = _kind(c, who)
            how = _address(c, address or setting.address, who, kind, env, setting, span)
            return (TDelete(who, kind, how, span),), env
        case ast.IfStmt(cond, then, other, span):
            test = check(c, cond, BoolT(), env)
            a, _ = block(c, then, env, setting)
            b, _ = block(c, other, env, setting)
            return (TIfStmt(test, a, b, span),), env
        case ast.ForStmt(binders, inner, span):
            bound, where, within = bind_all(c, binders, env)
            stmts, _ = block(c, inner, evolve(within, free=False), setting)
            return (TForStmt(bound, where, stmts, span),), env
        case ast.ChooseStmt(binders, span):
            if not env.free:
                raise c.fail(
                    Diagnostic(
                        codes.NOT_A_CHOICE_PLACE,
                        "no free choice can be made here",
                        Label(span, "chosen how often, and by whom?"),
                        notes=("a choice branches the system, one state for each outcome",),
                        help=(
                            "choose in an action's `do` or `next`, outside of loops",
                            "or say which: `choose … least by …` is a value",
                        ),
                    )
                )
            bound, where, within = bind_all(c, binders, env)
            return (TChoose(bound, where, span),), within
        case ast.Require(cond, span):
            return (TRequire(check(c, cond, BoolT(), env), span),), env
        case ast.CallStmt():
            return _effect(c, node, env, setting), env
        case ast.Nothing():
            return (), env


def _new(c: Checker, node: ast.New, env: Env) -> tuple[tuple[TStmt, ...], Env]:
    kind = node.kind.text
    if kind not in c.tables.kinds:
        raise c.fail(report.unknown_name(kind, node.kind.span, c.tables.kinds, "kind"))
    if c.tables.kinds[kind].const:
        raise c.fail(
            Diagnostic(
                codes.CONST_WRITTEN,
                f"`{kind}` is const: no step makes one",
                Label(node.span, "made here"),
                (Label(c.tables.kinds[kind].name.span, "declared `const`"),),
                help=("take `const` away from the kind, or write the object in a cluster",),
            )
        )
    given = [(i, v, i.span) for i, v in node.fields]
    fields = braces.complete(c, kind, given, env, node.span)
    name = node.name.text if node.name else c.unique(kind.lower())
    made = TNew(name, kind, fields, node.span)
    return (made,), env.bind(name, KindT(kind, False))


def _kind(c: Checker, who: TExpr) -> str:
    if isinstance(who.type, KindT):
        return who.type.name
    if isinstance(who.type, OptT):
        raise c.fail(coerce.absence(who))
    raise c.fail(report.mismatch(ObjectT(), who.type, who.span))


def _address(
    c: Checker,
    written: str | None,
    who: TExpr,
    kind: str,
    env: Env,
    setting: Setting,
    span: Span,
) -> Address:
    if written == "by name" and not coerce.inherited_key(c, kind):
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                f"`{kind}` has no key, so nothing bears its name",
                span,
                "found by which name?",
                "`by uid`: this very object, or refused",
                f"or give the kind a key: `kind {kind} … key name {{ … }}`",
            )
        )
    if written is not None:
        return _ADDRESS[written]
    if setting.bare or kind not in env.watched:
        return Address.DIRECT
    raise c.fail(
        Diagnostic(
            codes.MISSING_ADDRESSING,
            f"`{env.component}` sees `{kind}` through its cache: say how the write finds it",
            Label(span, "finds it how?"),
            _watched(c, env, kind),
            help=tuple(
                report.insert(f"`{word}`: {meaning}", span, f" {word}")
                for word, meaning in _MEANINGS
            ),
        )
    )


_MEANINGS = (
    ("by uid", "this very object, or refused"),
    ("by name", "whoever bears the name now"),
    ("if unchanged", "only if nobody has written it since"),
)


def _watched(c: Checker, env: Env, kind: str) -> tuple[Label, ...]:
    """Where a component says that it watches a kind."""
    decl = c.tables.components.get(env.component or "")
    return tuple(
        Label(w.kind.span, "watched here")
        for m in (decl.members if decl else ())
        if isinstance(m, ast.Watches)
        for w in m.watches
        if w.kind.text == kind
    )[:1]


# ---- places ------------------------------------------------------------------------------------


def _assign(c: Checker, node: ast.Assign, env: Env, setting: Setting) -> TStmt:
    place, type_, current, kind = _place(c, node.place, env)
    why = None
    if isinstance(place, TFieldPlace) and not place.path:
        assert kind is not None
        decl = c.fields_of(kind)[place.name]
        why = Label(decl.span, f"`{place.name}` is declared here")
    value = _value(c, node, type_, current, env, why)
    address = Address.DIRECT
    if isinstance(place, TFieldPlace):
        assert kind is not None
        _writable(c, kind, place.name, node.span)
        address = _address(
            c, node.address or setting.address, place.target, kind, env, setting, node.span
        )
    return TAssign(place, value, type_, address, node.span)


def _writable(c: Checker, kind: str, name: str, span: Span) -> None:
    decl = c.fields_of(kind)[name]
    whole = c.tables.kinds[kind]
    if decl.const or whole.const:
        what, place = (name, decl.span) if decl.const else (kind, whole.name.span)
        message, word = f"`{what}` is const: no step changes it", "const"
    elif decl.fixed:
        message, word, place = f"`{name}` is fixed: it is set at birth only", "fixed", decl.span
    else:
        return
    raise c.fail(
        Diagnostic(
            codes.CONST_WRITTEN,
            message,
            Label(span, "written here"),
            (Label(place, f"declared `{word}`"),),
            help=(f"take `{word}` away if it is to change",),
        )
    )


def _value(
    c: Checker, node: ast.Assign, type_: Type, current: TExpr, env: Env, why: Label | None
) -> TExpr:
    if node.op == ":=":
        return check(c, node.value, type_, env, why)
    op = "+" if node.op == "+=" else "-"
    wanted = type_.of if isinstance(type_, OptT) else type_
    right = (
        check(c, node.value, wanted, env)
        if isinstance(node.value, ast.Braces | ast.ListLit | ast.QuantityLit | ast.IntLit)
        else infer(c, node.value, env)
    )
    found = coerce.arithmetic(c, op, current, right, node.span)
    if found is None:
        raise c.fail(
            report.operands(node.op, current.type, current.span, right.type, right.span, node.span)
        )
    return coerce.fit(c, found, type_, why)


def _place(
    c: Checker, node: ast.Place, env: Env
) -> tuple[TFieldPlace | TStatePlace, Type, TExpr, str | None]:
    """The place, its type, an expression that reads it, and the kind whose field it is."""
    root = names.find_name(c, node.root.text, node.root.span, env)
    if root is None:
        raise c.fail(report.unknown_name(node.root.text, node.root.span, {*env.names, *c.states}))
    if isinstance(root, TState):
        path, type_, current = _path(c, root, node.path, env, node.span)
        return TStatePlace(root.name, path), type_, current, None
    if not isinstance(root.type, KindT) or not node.path:
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                f"a step cannot change {show_type(root.type)}",
                node.span,
                "nothing that keeps a value",
                "what a step changes is a field of an object, a `memory` or a `ghost`",
            )
        )
    first = node.path[0]
    if not isinstance(first, ast.PlaceField):
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                f"a step changes fields of a `{root.type.name}`",
                node.span,
                "no field",
                "write `x.field`",
            )
        )
    kind = root.type.name
    decl = c.field_of(kind, first.name.text, first.name.span)
    current = access.read_field(c, evolve(root, type=KindT(kind, True)), first.name, node.span)
    path, type_, current = _path(c, current, node.path[1:], env, node.span)
    place = TFieldPlace(root, kind, first.name.text, path)
    return place, type_ if node.path[1:] else decl.type, current, kind


def _path(
    c: Checker,
    current: TExpr,
    steps: tuple[ast.PlaceField | ast.PlaceIndex, ...],
    env: Env,
    span: Span,
) -> tuple[tuple[TStep, ...], Type, TExpr]:
    path: list[TStep] = []
    type_ = current.type
    for step in steps:
        if isinstance(step, ast.PlaceField) and isinstance(type_, RecordT):
            current = access.read_field(c, current, step.name, span)
            path.append(TFieldStep(step.name.text))
            type_ = current.type
        elif isinstance(step, ast.PlaceIndex) and isinstance(type_, MapT):
            key = check(c, step.index, type_.key, env)
            value = type_.value if type_.total else coerce.optional(type_.value)
            current = TGet(current, key, value, span)
            path.append(TIndexStep(key))
            type_ = value
        else:
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    f"{show_type(type_)} has no parts that can be written",
                    span,
                    "a part of it is written here",
                    "the field of a record and the entry of a map can be; else write the whole",
                )
            )
    return tuple(path), type_, current


# ---- effects -----------------------------------------------------------------------------------


def _effect(c: Checker, node: ast.CallStmt, env: Env, setting: Setting) -> tuple[TStmt, ...]:
    """An effect's statements, its parameters bound to names that nobody else has."""
    decl = c.tables.effects.get(node.effect.text)
    if decl is None:
        raise c.fail(
            report.unknown_name(node.effect.text, node.effect.span, c.tables.effects, "effect")
        )
    if f"effect {node.effect.text}" in c.busy:
        raise c.fail(
            report.simple(
                codes.RECURSIVE_FUNCTION,
                f"the effect `{node.effect.text}` needs itself",
                node.span,
                "comes back to itself",
                "to do something to many objects, write `for x: K { … }`",
            )
        )
    names = _parameters(c, decl)
    if len(names) != len(node.args):
        shown = [n for n, _ in names]
        raise c.fail(report.arity(node.effect.text, len(names), len(node.args), node.span, shown))
    stamp = c.unique(node.effect.text)
    done: list[TStmt] = []
    inner = evolve(env, names=dict(env.names))
    for (name, type_), arg in zip(names, node.args, strict=True):
        value = _argument(c, arg, type_, env)
        fresh = f"{stamp}.{name}"
        done.append(TBind(fresh, value, node.span))
        inner = inner.bind(name, value.type)
    c.busy.append(f"effect {node.effect.text}")
    try:
        body, _ = block(
            c, decl.body, inner, evolve(setting, address=node.address or setting.address)
        )
    finally:
        c.busy.pop()
    from kspec.analysis.expressions.rename import rename_stmts

    mine = {n: f"{stamp}.{n}" for n, _ in names}
    return (*done, *rename_stmts(body, mine))


def effect(c: Checker, decl: ast.EffectDecl) -> None:
    """Find what is wrong with an effect, whether or not anybody uses it.

    It is read for each use with what it is given, so it is right if it is with objects that are
    live, or else with references that may be dead.
    """
    c.busy.append(f"effect {decl.name.text}")
    try:
        _alone(c, decl, True)
    except Wrong:
        try:
            _alone(c, decl, False)
        except Wrong:
            _alone(c, decl, True)
    finally:
        c.busy.pop()


def _alone(c: Checker, decl: ast.EffectDecl, live: bool) -> None:
    env = Env(free=True)
    for name, type_ in _parameters(c, decl):
        env = env.bind(name, KindT(type_.name, live) if isinstance(type_, KindT) else type_)
    block(c, decl.body, env, Setting(bare=True))


def _argument(c: Checker, arg: ast.Expr, type_: Type, env: Env) -> TExpr:
    found = infer(c, arg, env) if isinstance(type_, KindT) else check(c, arg, type_, env)
    if isinstance(type_, KindT):
        if isinstance(found.type, KindT) and found.type.name == type_.name:
            return found
        return coerce.fit(c, found, type_, None)
    return found


def _parameters(c: Checker, decl: ast.EffectDecl) -> list[tuple[str, Type]]:
    names: list[tuple[str, Type]] = []
    for parameter in decl.parameters:
        if not isinstance(parameter, ast.TypedParameter):
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    f"`{parameter.name.text}` of an effect has no type",
                    parameter.span,
                    "drawn from a set",
                    f"write `{parameter.name.text}: T`",
                )
            )
        names.extend((n.text, c.type_of(parameter.type, stored=False)) for n in parameter.names)
    return names


def after(c: Checker, node: ast.After, env: Env) -> TExpr:
    """`(e after s, …)`"""
    stmts, _ = block(c, node.changes, evolve(env, free=False), Setting(bare=True))
    arg = infer(c, node.arg, env)
    return TAfter(arg, stmts, arg.type, node.span)
