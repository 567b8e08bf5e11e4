"""Comprehensions that make sets, maps and lists, and sorting.

Sets of small sorts stay whole; sets of large values (records) are kept element by element.
Next: `binding` for the walk over bindings.
"""

from __future__ import annotations

from collections.abc import Callable

from kspec.analysis.typed import Comp, TComp
from kspec.analysis.types import ListT, MapT, OptT, SetT, Type
from kspec.ir.expr import FALSE, TRUE, Expr, Lit, MakeMap, SetOf, Sorted, sort_of
from kspec.ir.sorts import Set, cardinality
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.expressions.aggregates import written_out
from kspec.lower.expressions.binding import Option, for_some, options
from kspec.lower.expressions.ranking import key_numbers, less
from kspec.lower.values.apart import as_maybe
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode, element_sort, encode, occurring
from kspec.lower.values.equality import bunch, equal, member
from kspec.lower.values.shapes import CannotStore, least
from kspec.lower.values.smart import arith, as_int, conj, eq, ite, lit
from kspec.lower.values.symbolic import Bunch, Known, Maybe, Sym, Whole

MOST_WHOLE = 64


def gather(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    """The value of a comprehension that makes a collection, or of a sort."""
    match expr.kind:
        case Comp.SET:
            return _set(low, frame, expr, where)
        case Comp.UNION:
            return _union(low, frame, expr, where)
        case Comp.LIST:
            return _list(low, frame, expr, where)
        case Comp.FIRST:
            from kspec.lower.expressions.expr import lower
            from kspec.lower.expressions.gathered import first_of

            found = written_out(low, frame, expr, where, once=False)
            items = [(cond, lower(low, inner, expr.body)) for cond, inner in found]
            return first_of(low, expr.body.type, items)
        case Comp.MAP:
            return _map(low, frame, expr, where)
        case Comp.SORT:
            return _sort(low, frame, expr, where)
        case _:
            raise CannotLower("this comprehension is not supported yet", expr.span)


def _is_own(expr: TComp) -> bool:
    """Is the body the only binder itself?"""
    from kspec.analysis.typed import TVar

    return (
        len(expr.binders) == 1
        and isinstance(expr.body, TVar)
        and expr.body.name == expr.binders[0].name
    )


def _set(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, SetT)
    of = expr.body.type
    if _is_own(expr):
        found = options(low, frame, expr.binders[0])
        if len(found) == 1 and found[0].binder is not None:
            cond = conj((found[0].cond, where(found[0].frame)))
            return Whole(SetOf(found[0].binder, found[0].close(cond)))
    sort = _small_sort(low, frame, expr)
    if sort is not None:
        binder, local = low.binder("e", sort)
        element = decode(low.shapes, of, local)

        def is_element(here: Frame) -> Expr:
            cond = where(here)
            if cond == FALSE:
                return FALSE
            return conj((cond, equal(low.shapes, of, lower(low, here, expr.body), element)))

        return Whole(SetOf(binder, for_some(low, frame, expr.binders, is_element)))
    found_ = written_out(low, frame, expr, where, once=False)
    items = tuple((cond, lower(low, inner, expr.body)) for cond, inner in found_)
    if all(isinstance(s, Known) and c == TRUE for c, s in items):
        return Known(frozenset(s.value for _, s in items if isinstance(s, Known)))
    return Bunch(items)


def _small_sort(low: Lowering, frame: Frame, expr: TComp):  # type: ignore[no-untyped-def]
    """The sort of the elements, if binders of the IR make it and it is small."""
    from kspec.lower.expressions.expr import lower

    here, listed = frame, True
    for binder in expr.binders:
        found = options(low, here, binder)
        if not found:
            return None
        listed = listed and all(o.binder is None for o in found)
        here = found[0].frame
        if len(found) > 1 and any(o.binder is not None for o in found):
            return None
        if len(found) > 1:
            return None
    if listed:
        return None
    try:
        sort = element_sort(low.shapes, expr.body.type, lower(low, here, expr.body))
    except CannotStore:
        return None
    return sort if 0 < cardinality(sort) <= MOST_WHOLE else None


def _union(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    """The union of the bodies."""
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, SetT)
    of = expr.type.of
    single = options(low, frame, expr.binders[0]) if len(expr.binders) == 1 else []
    if len(single) == 1 and single[0].binder is not None:
        body = lower(low, single[0].frame, expr.body)
        if isinstance(body, Whole):
            sort = sort_of(body.expr)
            assert isinstance(sort, Set)
            if cardinality(sort.of) == 0:
                return Known(frozenset())
            binder, local = low.binder("e", sort.of)
            element = decode(low.shapes, of, local)
            cond = for_some(
                low,
                frame,
                expr.binders,
                lambda f: conj(
                    (where(f), member(low.shapes, of, element, lower(low, f, expr.body)))
                ),
            )
            return Whole(SetOf(binder, cond))
    items: list[tuple[Expr, Sym]] = []
    for cond, inner in written_out(low, frame, expr, where, once=False):
        for there, item in bunch(low.shapes, of, lower(low, inner, expr.body)).items:
            items.append((conj((cond, there)), item))
    kept = tuple((c, s) for c, s in items if c != FALSE)
    if all(isinstance(s, Known) and c == TRUE for c, s in kept):
        return Known(frozenset(s.value for _, s in kept if isinstance(s, Known)))
    return Bunch(kept)


def _list(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    from kspec.lower.expressions.displays import list_of
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, ListT)
    found = written_out(low, frame, expr, where, once=False)
    return list_of(
        low, expr.type.of, [(cond, lower(low, inner, expr.body)) for cond, inner in found]
    )


def _map(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    """From each value of the binder to the body; nothing where the condition is false."""
    from kspec.lower.expressions.displays import get_from, map_with
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, MapT)
    found = options(low, frame, expr.binders[0])
    if len(found) == 1 and found[0].binder is not None:
        return _map_of_sort(low, expr, found[0], where)
    entries: list[tuple[Expr, Sym, Sym]] = []
    from kspec.pure.values.value import FrozenMap

    for cond, inner in written_out(low, frame, expr, where, once=True):
        key = inner.names[expr.binders[0].name]
        entries.append((cond, key, lower(low, inner, expr.body)))
    if all(c == TRUE and isinstance(k, Known) and isinstance(v, Known) for c, k, v in entries):
        return Known(
            FrozenMap(
                {
                    k.value: v.value
                    for _, k, v in entries
                    if isinstance(k, Known) and isinstance(v, Known)
                }
            )
        )
    whole: Sym = Known(FrozenMap({}))
    known: list[Sym] = []
    for cond, key, value in entries:
        put = _given(low, cond, value)
        if _may_repeat(key, known):
            # What is not put there must not hide what was.
            before = get_from(low, expr.type, whole, key)
            content = as_maybe(low.shapes, value)
            put = choose(low.shapes, _optional(expr.type.value), cond, content, before)
        whole = map_with(low, expr.type, whole, [(key, put)])
        known.append(key)
    return whole


def _given(low: Lowering, cond: Expr, value: Sym) -> Sym:
    inner = as_maybe(low.shapes, value)
    return Maybe(conj((cond, inner.present)), inner.content)


def _may_repeat(key: Sym, known: list[Sym]) -> bool:
    """May the key be one of these?"""
    if not isinstance(key, Known):
        return bool(known)
    return any(not isinstance(k, Known) or k.value == key.value for k in known)


def _optional(type_: Type) -> Type:
    return type_ if isinstance(type_, OptT) else OptT(type_)


def _map_of_sort(low: Lowering, expr: TComp, option: Option, where: Callable[[Frame], Expr]) -> Sym:
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, MapT) and option.binder is not None
    cond = conj((option.cond, where(option.frame)))
    body = lower(low, option.frame, expr.body)
    value_type: Type = expr.type.value
    if not expr.type.total and not isinstance(value_type, OptT):
        value_type = OptT(value_type)
    sort = occurring(low.shapes, value_type, body)
    inner = encode(low.shapes, value_type, body, sort)
    whole = sort_of(inner)
    if cond != TRUE:
        inner = ite(cond, inner, Lit(whole, least(whole)))
    return Whole(MakeMap(option.binder, option.close(inner)))


def _sort(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    """The elements, least key first."""
    from kspec.lower.expressions.expr import lower

    assert expr.key is not None
    found = options(low, frame, expr.binders[0])
    if len(found) == 1 and found[0].binder is not None:
        option = found[0]
        assert option.binder is not None
        cond = conj((option.cond, where(option.frame)))
        keys = key_numbers(low, expr.key.type, lower(low, option.frame, expr.key))
        closed = tuple(option.close(k) for k in keys)
        return Whole(Sorted(option.binder, option.close(cond), closed))
    return _sort_listed(low, frame, expr, where)


def _sort_listed(low: Lowering, frame: Frame, expr: TComp, where: Callable[[Frame], Expr]) -> Sym:
    """Each item's place is the number of items before it; ties stay in order."""
    from kspec.ir.expr import ArithOp
    from kspec.lower.expressions.displays import list_of
    from kspec.lower.expressions.expr import lower
    from kspec.lower.expressions.gathered import first_of

    assert expr.key is not None and isinstance(expr.type, ListT)
    key = expr.key
    found = written_out(low, frame, expr, where, once=False)
    rows = [(c, lower(low, f, expr.body), lower(low, f, key)) for c, f in found]
    places: list[Expr] = []
    for i, (_, _, mine) in enumerate(rows):
        place: Expr = lit(0)
        for j, (c, _, other) in enumerate(rows):
            if j != i:
                is_before = less(low, key.type, other, mine, or_equal=j < i)
                place = arith(ArithOp.ADD, place, as_int(conj((c, is_before))))
        places.append(place)
    of = expr.type.of
    items: list[tuple[Expr, Sym]] = []
    for n in range(len(rows)):
        here = [
            (conj((c, eq(place, lit(n)))), s) for (c, s, _), place in zip(rows, places, strict=True)
        ]
        maybe = as_maybe(low.shapes, first_of(low, of, here))
        if maybe.present != FALSE:
            items.append((maybe.present, maybe.content))
    return list_of(low, of, items)
