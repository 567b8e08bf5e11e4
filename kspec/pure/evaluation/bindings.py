"""Binders and comprehensions: going through objects, values and collections.

Everything is gone through in a fixed order: objects in pool order, sets from the least element
(enums by declaration), lists as they are. Nothing that a well-typed program can say depends on
the order of a set, except between equals in `sort`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from kspec.analysis.typed import (
    Comp,
    OverKind,
    OverList,
    OverOption,
    OverRange,
    OverSet,
    OverType,
    TBinder,
    TComp,
    TExpr,
)
from kspec.analysis.types import Type
from kspec.pure.documents import decode
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.values import prims
from kspec.pure.values.cast import as_bool, as_int, as_number, as_set
from kspec.pure.values.order import in_order, rank
from kspec.pure.values.value import Doc, FrozenMap, Obj, Value
from kspec.pure.values.world import Context


def pool(binder: TBinder, context: Context) -> Iterator[Value]:
    """What a binder ranges over, in order."""
    match binder.over:
        case OverKind(kind):
            return (Obj(kind, index) for index in context.world.population(kind).objects)
        case OverType(type_):
            return finite.values(type_, context, binder.span)
        case OverRange(lo, hi):
            first = as_int(pure.evaluate(lo, context))
            return iter(range(first, as_int(pure.evaluate(hi, context)) + 1))
        case OverSet(arg) | OverList(arg) | OverOption(arg):
            return iter(elements(pure.evaluate(arg, context), arg.type, context))
        case _:
            assert_never(binder.over)


def elements(value: Value, type_: Type, context: Context) -> tuple[Value, ...]:
    """The elements of a collection of this type, in order; of a document, its items."""
    match value:
        case None:
            return ()
        case tuple():
            return value
        case frozenset():
            of = getattr(type_, "of", type_)
            return tuple(in_order(value, of, context.tables))
        case Doc():
            return decode.items(value)
        case _:
            return (value,)


def bindings(
    binders: tuple[TBinder, ...], where: TExpr | None, context: Context
) -> Iterator[Context]:
    """The context with every binding that satisfies the condition; later binders see earlier
    ones."""
    if not binders:
        if where is None or as_bool(pure.evaluate(where, context)):
            yield context
        return
    first, *rest = binders
    for value in pool(first, context):
        yield from bindings(tuple(rest), where, context.binding(first.name, value))


def comprehend(expr: TComp, context: Context) -> Value:
    """The value of a comprehension."""
    found = bindings(expr.binders, expr.where, context)
    match expr.kind:
        case Comp.ALL:
            return all(as_bool(pure.evaluate(expr.body, c)) for c in found)
        case Comp.SOME:
            return any(as_bool(pure.evaluate(expr.body, c)) for c in found)
        case Comp.NO:
            return not any(as_bool(pure.evaluate(expr.body, c)) for c in found)
        case Comp.ONE:
            return sum(as_bool(pure.evaluate(expr.body, c)) for c in found) == 1
        case Comp.COUNT:
            return sum(1 for _ in found)
        case Comp.SUM | Comp.PRODUCT | Comp.MIN | Comp.MAX | Comp.UNION | Comp.SET:
            return _gathered(expr, [pure.evaluate(expr.body, c) for c in found], context)
        case Comp.THE:
            both = [pure.evaluate(expr.body, c) for _, c in zip(range(2), found, strict=False)]
            return both[0] if len(both) == 1 else None
        case Comp.FIRST:
            first = next(found, None)
            return None if first is None else pure.evaluate(expr.body, first)
        case Comp.LIST:
            return tuple(pure.evaluate(expr.body, c) for c in found)
        case Comp.MAP:
            return FrozenMap({_bound(expr, c): pure.evaluate(expr.body, c) for c in found})
        case Comp.SORT | Comp.LEAST:
            return _by_key(expr, found)
        case _:
            assert_never(expr.kind)


def _bound(expr: TComp, context: Context) -> Value:
    """The value that a binding is about: of one binder its value, of several a tuple."""
    bound = tuple(context.locals[binder.name] for binder in expr.binders)
    return bound[0] if len(bound) == 1 else bound


def _gathered(expr: TComp, bodies: list[Value], context: Context) -> Value:
    type_ = expr.body.type
    match expr.kind:
        case Comp.SUM:
            return prims.exact(sum(map(as_number, bodies), prims.zero(type_)), type_)
        case Comp.PRODUCT:
            return prims.exact(prims.TABLE["*"](*bodies, prims.one(type_)), type_)
        case Comp.UNION:
            return frozenset[Value]().union(*map(as_set, bodies))
        case Comp.SET:
            return frozenset(bodies)
        case _:
            if not bodies:
                return None
            ordered = in_order(bodies, type_, context.tables)
            return ordered[0 if expr.kind is Comp.MIN else -1]


def _by_key(expr: TComp, found: Iterator[Context]) -> Value:
    """`sort` leaves equals in order; `choose … least by` answers nothing between equals."""
    assert expr.key is not None
    keyed: list[tuple[object, Value]] = []
    for context in found:
        key = rank(expr.key.type, context.tables)(pure.evaluate(expr.key, context))
        keyed.append((key, pure.evaluate(expr.body, context)))
    keyed.sort(key=lambda pair: pair[0])  # type: ignore[arg-type, return-value]  # see `rank`
    if expr.kind is Comp.SORT:
        return tuple(value for _, value in keyed)
    if not keyed or (len(keyed) > 1 and keyed[0][0] == keyed[1][0]):
        return None
    return keyed[0][1]
