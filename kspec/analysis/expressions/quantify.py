"""Quantifiers, comprehensions, aggregates, choices and folds.

A binder over stored references binds the live ones among them (rule 2: quantifiers range over
live objects); that condition is written into the typed tree.
"""

from __future__ import annotations

from typing import Final

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce, temporal
from kspec.analysis.typed import (
    Comp,
    Over,
    OverKind,
    OverList,
    OverOption,
    OverRange,
    OverSet,
    OverType,
    TBinder,
    TComp,
    TExpr,
    TFold,
    TLit,
    TParam,
    TPrim,
    TSome,
    TVar,
)
from kspec.analysis.types import (
    BoolT,
    Bounds,
    EnumT,
    IntT,
    JsonT,
    KindT,
    ListT,
    MapT,
    NameT,
    NothingT,
    OptT,
    RationalT,
    SetT,
    TemporalT,
    TupleT,
    Type,
    UnitT,
)
from kspec.analysis.words import plural, show_type
from kspec.base import codes
from kspec.base.source import Span
from kspec.syntax import ast

AGGREGATES: Final = {
    "count": Comp.COUNT,
    "sum": Comp.SUM,
    "min": Comp.MIN,
    "max": Comp.MAX,
    "product": Comp.PRODUCT,
    "union": Comp.UNION,
}
_QUANTIFIERS: Final = {"all": Comp.ALL, "some": Comp.SOME, "no": Comp.NO, "one": Comp.ONE}


def is_aggregate(node: ast.Call) -> bool:
    """Does this call bind something, as `count(p: Pod …)` does and `max(a, b)` does not?"""
    return node.where is not None or node.body is not None or any(map(_binds, node.args))


def _binds(arg: ast.Arg) -> bool:
    if arg.name is not None:
        return True
    value = arg.value
    return isinstance(value, ast.InRange) or (
        isinstance(value, ast.Binary) and value.op == "in" and isinstance(value.left, ast.Name)
    )


# ---- binders -----------------------------------------------------------------------------------


def bind_all(
    c: Checker, node: ast.Binders, env: Env
) -> tuple[tuple[TBinder, ...], TExpr | None, Env]:
    """The binders and their condition, and the scope inside."""
    from kspec.analysis.expressions.expr import check

    binders: list[TBinder] = []
    conditions: list[TExpr] = []
    for binder in node.binders:
        for typed, condition in _bind(c, binder, env):
            binders.append(typed)
            conditions.extend(condition)
            env = bound(env, typed)
    if node.where is not None:
        conditions.append(check(c, node.where, BoolT(), env.closed()))
    return tuple(binders), conjunction(conditions, node.span), env


def bound(env: Env, binder: TBinder) -> Env:
    """The scope with the binder's name; ranges hold where it goes through all of one."""
    if isinstance(binder.over, OverType | OverRange):
        return env.bind_exact(binder.name, binder.type)
    return env.bind(binder.name, binder.type)


def conjunction(parts: list[TExpr], span: Span) -> TExpr | None:
    """All of these, or None for none."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else TPrim("and", tuple(parts), BoolT(), span)


def _bind(c: Checker, binder: ast.Binder, env: Env) -> list[tuple[TBinder, list[TExpr]]]:
    match binder:
        case ast.TypedBinder(names, type_, _):
            return [typed_binder(c, n, c.type_of(type_, stored=False)) for n in names]
        case ast.DrawnBinder(name, source, None, _):
            return [drawn_binder(c, name, source, env)]
        case ast.DrawnBinder(name, source, hi, span):
            assert hi is not None
            return [(_range(c, name, source, hi, env, span), [])]


def _range(
    c: Checker, name: ast.Ident, lo: ast.Expr, hi: ast.Expr, env: Env, span: Span
) -> TBinder:
    from kspec.analysis.expressions.expr import check

    over = OverRange(check(c, lo, IntT(), env), check(c, hi, IntT(), env))
    fixed = all(isinstance(end, TLit | TParam) for end in (over.lo, over.hi))
    type_ = IntT(Bounds(over.lo, over.hi)) if fixed else IntT()
    return TBinder(name.text, type_, over, span)


def typed_binder(c: Checker, name: ast.Ident, type_: Type) -> tuple[TBinder, list[TExpr]]:
    """`x: T`, where T has finitely many values or is a kind; in a law anything."""
    if isinstance(type_, KindT):
        over: Over = OverKind(type_.name)
        return TBinder(name.text, KindT(type_.name, True), over, name.span), []
    return TBinder(name.text, type_, OverType(type_), name.span), []


def drawn_binder(
    c: Checker, name: ast.Ident, source: ast.Expr, env: Env
) -> tuple[TBinder, list[TExpr]]:
    """`x in e`, where e is a set, a list, an option or a map (its keys)."""
    from kspec.analysis.expressions.expr import infer

    arg = infer(c, source, env)
    match arg.type:
        case SetT(of):
            return _element(name, of, OverSet(arg))
        case ListT(of, _):
            return _element(name, of, OverList(arg))
        case OptT(of):
            return _element(name, of, OverOption(arg))
        case KindT(kind, False):
            whole = TSome(arg, OptT(arg.type), arg.span)
            return _element(name, KindT(kind), OverOption(whole))
        case MapT(key, _, _):
            keys = TPrim("keys", (arg,), SetT(key), arg.span)
            return _element(name, key, OverSet(keys))
        case JsonT():
            listed = coerce.fit(c, arg, ListT(JsonT()), None)
            return _element(name, JsonT(), OverList(listed))
        case NothingT():
            return _element(name, NameT(), OverSet(coerce.fit(c, arg, SetT(NameT()), None)))
        case _:
            raise c.fail(
                report.simple(
                    codes.TYPE_MISMATCH,
                    f"`{name.text}` cannot go through {show_type(arg.type)}",
                    arg.span,
                    f"this is {show_type(arg.type)}",
                    "a name goes through a set, a list, a map's keys, an option or a range",
                )
            )


def _element(name: ast.Ident, of: Type, over: Over) -> tuple[TBinder, list[TExpr]]:
    if isinstance(of, KindT) and not of.live:
        bound = KindT(of.name, True)
        var = TVar(name.text, of, name.span)
        alive = TPrim("live?", (var,), BoolT(), name.span)
        return TBinder(name.text, bound, over, name.span), [alive]
    return TBinder(name.text, of, over, name.span), []


def finite(type_: Type) -> bool:
    """Has the type finitely many values within a scope?"""
    match type_:
        case BoolT() | EnumT() | KindT():
            return True
        case IntT(bounds):
            return bounds is not None
        case OptT(of):
            return finite(of)
        case TupleT(parts):
            return all(finite(p) for p in parts)
        case _:
            return False


# ---- quantifiers -------------------------------------------------------------------------------


def infer_quantified(
    c: Checker, node: ast.Quantifier | ast.SortBy | ast.ChooseLeast | ast.FoldExpr, env: Env
) -> TExpr:
    """Any form that binds names."""
    match node:
        case ast.Quantifier():
            return _quantifier(c, node, env)
        case ast.SortBy():
            return _by_key(c, Comp.SORT, node, env)
        case ast.ChooseLeast():
            return _by_key(c, Comp.LEAST, node, env)
        case ast.FoldExpr():
            return _fold(c, node, env)


def _quantifier(c: Checker, node: ast.Quantifier, env: Env) -> TExpr:
    from kspec.analysis.expressions.expr import infer

    binders, where, inner = bind_all(c, node.binders, env)
    if node.kind in _QUANTIFIERS:
        if node.body is None:
            return _bare(c, node, binders, where)
        body = infer(c, node.body, inner)
        if isinstance(body.type, TemporalT):
            return temporal.lives(c, node, binders, where, body)
        fitted = coerce.fit(c, body, BoolT(), None)
        kind = _QUANTIFIERS[node.kind]
        return TComp(kind, binders, where, fitted, None, BoolT(), node.span)
    body = infer(c, node.body, inner.closed()) if node.body is not None else _own(c, node, binders)
    match node.kind:
        case "the":
            return TComp(
                Comp.THE, binders, where, body, None, coerce.optional(body.type), node.span
            )
        case "first":
            _one_binder(c, binders, node.span)
            if not isinstance(binders[0].over, OverList):
                raise c.fail(
                    report.simple(
                        codes.AMBIGUOUS_CHOICE,
                        "`first` needs an order, and only a list has one",
                        binders[0].span,
                        "no order here",
                        "write `choose … least by …`, or `the` where there is at most one",
                    )
                )
            return TComp(
                Comp.FIRST, binders, where, body, None, coerce.optional(body.type), node.span
            )
        case "map":
            _one_binder(c, binders, node.span)
            total = where is None and isinstance(binders[0].over, OverKind | OverType)
            type_ = MapT(binders[0].type, body.type, total)
            return TComp(Comp.MAP, binders, where, body, None, type_, node.span)
        case _:
            listed = len(binders) == 1 and isinstance(binders[0].over, OverList)
            kind = Comp.LIST if listed else Comp.SET
            made: Type = ListT(body.type) if listed else SetT(body.type)
            return TComp(kind, binders, where, body, None, made, node.span)


def _bare(
    c: Checker, node: ast.Quantifier, binders: tuple[TBinder, ...], where: TExpr | None
) -> TExpr:
    """`some p: Pod where g` and `no p: Pod where g`, without a bar."""
    if node.kind == "all":
        raise c.fail(
            report.simple(
                codes.MISSING_OPERAND,
                "an `all` without a claim",
                node.span,
                "all of them do what?",
                "write the claim behind `|`: `all p: Pod | p.ready`",
            )
        )
    true = TLit(True, BoolT(), node.span)
    return TComp(_QUANTIFIERS[node.kind], binders, where, true, None, BoolT(), node.span)


def _own(c: Checker, node: ast.Quantifier, binders: tuple[TBinder, ...]) -> TExpr:
    _one_binder(c, binders, node.span)
    return TVar(binders[0].name, binders[0].type, binders[0].span)


def _one_binder(c: Checker, binders: tuple[TBinder, ...], span: Span) -> None:
    if len(binders) != 1:
        raise c.fail(
            report.simple(
                codes.WRONG_ARITY,
                f"one name is bound here, and these are {len(binders)}",
                binders[1].span,
                "a second name",
            )
        )


def _by_key(c: Checker, kind: Comp, node: ast.SortBy | ast.ChooseLeast, env: Env) -> TExpr:
    from kspec.analysis.expressions.expr import infer

    binders, where, inner = bind_all(c, node.binders, env)
    _one_binder(c, binders, node.span)
    key = infer(c, node.key, inner)
    if isinstance(key.type, OptT) or not coerce.ordered(key.type):
        raise c.fail(report.unordered(key.type, key.span))
    own = TVar(binders[0].name, binders[0].type, binders[0].span)
    if isinstance(binders[0].type, KindT) and not _tells_apart(c, key, binders[0].name):
        raise c.fail(
            report.simple(
                codes.AMBIGUOUS_CHOICE,
                "two objects may be equal by this key, and then nothing decides between them",
                key.span,
                "does not tell objects apart",
                f"end the key with what does: `by (…, age({own.name}))`, or its own key",
                f"or choose freely in `do`: `choose {own.name}: {binders[0].type.name} where …`",
            )
        )
    type_ = ListT(own.type) if kind is Comp.SORT else coerce.optional(own.type)
    return TComp(kind, binders, where, own, key, type_, node.span)


def _tells_apart(c: Checker, key: TExpr, name: str) -> bool:
    """Does the key end in something that no two live objects share: age, or the kind's key?"""
    from kspec.analysis.typed import TField, TTuple

    last = key.items[-1] if isinstance(key, TTuple) else key
    match last:
        case TPrim("neg", (TPrim("age") as turned,)):
            return _tells_apart(c, turned, name)
        case TPrim("age" | "name-of", (TVar(v, _, _),)):
            return v == name
        case TField(TVar(v, KindT(kind, _), _), field, _, _):
            own = tuple(k.text for k in coerce.inherited_key(c, kind))
            return v == name and own == (field,)
        case _:
            return False


def _fold(c: Checker, node: ast.FoldExpr, env: Env) -> TExpr:
    from kspec.analysis.expressions.expr import check, infer

    source = infer(c, node.source, env)
    if not isinstance(source.type, ListT):
        raise c.fail(
            report.simple(
                codes.AMBIGUOUS_CHOICE,
                "`fold` goes along a list, since what comes first matters",
                source.span,
                f"this is {show_type(source.type)}",
                "sort it first: `sort q in … by …`",
            )
        )
    source, of = _alive(node.elem, source, source.type.of)
    init = infer(c, node.init, env)
    inner = env.bind(node.elem.text, of).bind(node.acc.text, init.type)
    body = check(c, node.body, init.type, inner)
    return TFold(node.elem.text, source, init, node.acc.text, body, init.type, node.span)


def _alive(name: ast.Ident, source: TExpr, of: Type) -> tuple[TExpr, Type]:
    """A list of stored references without the dead ones."""
    binder, conditions = _element(name, of, OverList(source))
    if not conditions:
        return source, of
    own = TVar(binder.name, binder.type, name.span)
    where = conjunction(conditions, name.span)
    kept = TComp(Comp.LIST, (binder,), where, own, None, ListT(binder.type), source.span)
    return kept, binder.type


# ---- aggregates --------------------------------------------------------------------------------


def aggregate(c: Checker, name: str, node: ast.Call, env: Env, wanted: Type | None = None) -> TExpr:
    """`count(p: Pod where g)`, `sum(q in s | e)` and their kin; `wanted` is the term's type."""
    from kspec.analysis.expressions.expr import check, infer

    binders: list[TBinder] = []
    conditions: list[TExpr] = []
    inner = env
    for arg in node.args:
        binder, extra = _argument(c, arg, inner)
        binders.append(binder)
        conditions.extend(extra)
        inner = bound(inner, binder)
    if node.where is not None:
        conditions.append(check(c, node.where, BoolT(), inner.closed()))
    where = conjunction(conditions, node.span)
    kind = AGGREGATES[name]
    if kind is Comp.COUNT:
        if node.body is not None:
            body = check(c, node.body, BoolT(), inner)
            where = conjunction([*([where] if where else []), body], node.span)
        own = TVar(binders[0].name, binders[0].type, node.span)
        return TComp(kind, tuple(binders), where, own, None, IntT(), node.span)
    if node.body is not None:
        term = infer(c, node.body, inner) if wanted is None else check(c, node.body, wanted, inner)
    else:
        term = TVar(binders[0].name, binders[0].type, binders[0].span)
    type_ = _aggregate_type(c, kind, name, term)
    return TComp(kind, tuple(binders), where, term, None, type_, node.span)


def _aggregate_type(c: Checker, kind: Comp, name: str, term: TExpr) -> Type:
    if isinstance(term.type, OptT):
        raise c.fail(coerce.absence(term))
    if kind is Comp.UNION and isinstance(term.type, SetT):
        return term.type
    if kind in (Comp.MIN, Comp.MAX) and coerce.ordered(term.type):
        return OptT(term.type)
    if kind in (Comp.SUM, Comp.PRODUCT) and isinstance(term.type, IntT | RationalT | UnitT):
        return term.type
    raise c.fail(
        report.simple(
            codes.TYPE_MISMATCH,
            f"`{name}` cannot be taken of {plural(term.type)}",
            term.span,
            f"this is {show_type(term.type)}",
        )
    )


def _argument(c: Checker, arg: ast.Arg, env: Env) -> tuple[TBinder, list[TExpr]]:
    value = arg.value
    if arg.name is not None:
        return typed_binder(c, arg.name, _type_from(c, value))
    match value:
        case ast.Binary("in", ast.Name(name, span), source, _, _):
            return drawn_binder(c, ast.Ident(name, span), source, env)
        case ast.InRange(ast.Name(name, span), lo, hi, whole):
            return _range(c, ast.Ident(name, span), lo, hi, env, whole), []
        case _:
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    "what is gone through needs a name",
                    arg.span,
                    "binds no name",
                    "write `p: Pod` or `x in s`",
                )
            )


def _type_from(c: Checker, node: ast.Expr) -> Type:
    if isinstance(node, ast.Name):
        return c.type_of(ast.NamedType(node.name, node.span), stored=False)
    raise c.fail(
        report.simple(
            codes.NOT_ALLOWED_HERE,
            "behind `:` stands the name of a type",
            node.span,
            "not the name of a type",
            "to go through a set or a list, write `in`",
        )
    )
