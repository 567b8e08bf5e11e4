"""What binds names: quantifiers, aggregates, comprehensions, choices by a key.

A binder becomes one of the IR where it ranges over a sort (a kind, a range, a stored set), and is
written out where it ranges over what is listed (known sets, lists). Next: `gathering` for the
comprehensions that make sets, maps and lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, final

from attrs import evolve

from kspec.analysis.typed import (
    OverKind,
    OverList,
    OverOption,
    OverRange,
    OverSet,
    OverType,
    TBinder,
    TExpr,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    NameT,
    OptT,
    SetT,
    TupleT,
    Type,
)
from kspec.base.record import frozen
from kspec.ir.expr import FALSE, TRUE, Binder, Expr, Lit, sort_of
from kspec.ir.sorts import Enum, Int, Opt, Record, Set, Sort, cardinality, values
from kspec.lower.context import Frame, Lowering, shared
from kspec.lower.expressions import worlds
from kspec.lower.expressions.gathered import distinct, items_of
from kspec.lower.values.apart import as_whole
from kspec.lower.values.codec import decode, measured
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import NAME, CannotStore
from kspec.lower.values.smart import (
    all_of,
    conj,
    contains,
    disj,
    implies,
    integer_sort,
    ite,
    le,
    lit,
    some_of,
    total,
)
from kspec.lower.values.stored import pure
from kspec.lower.values.symbolic import Bunch, Ident, Known, Sym, Whole
from kspec.pure.values.value import Obj


@final
@frozen(eq=False)
class Option:
    """One way to bind a name: a binder of the IR, or None where one value is written out.

    `cond` says that the value is one of those ranged over; `frame` has the name.
    """

    binder: Binder | None
    cond: Expr
    frame: Frame
    value: Sym

    def close(self, expr: Expr) -> Expr:
        """The lets of the block around an expression in it."""
        return expr if self.binder is None else self.frame.sink.close(expr)


def options(
    low: Lowering, frame: Frame, binder: TBinder, unrolled: bool = False, once: bool = False
) -> list[Option]:
    """The ways to bind a name. `unrolled`: only listed values; `once`: no value twice."""
    match binder.over:
        case OverKind(kind):
            id_ = low.shapes.id(kind)
            if id_.size == 0:
                return []
            if unrolled:
                return [
                    _listed(
                        frame,
                        binder,
                        worlds.lives(low, frame.world, kind, Lit(id_, i)),
                        Known(Obj(kind, i)),
                    )
                    for i in range(id_.size)
                ]
            bound, local = low.binder(binder.name, id_)
            cond = worlds.lives(low, frame.world, kind, local)
            low.shown.add((frame.world, local))
            return [_bound(frame, binder, bound, cond, Ident(kind, local))]
        case OverType(type_):
            return _over_sort(low, frame, binder, type_, full_sort(low, type_), None, unrolled)
        case OverRange(lo, hi):
            return _over_range(low, frame, binder, lo, hi, unrolled)
        case OverSet(arg):
            return _over_set(low, frame, binder, arg, unrolled, once)
        case OverList(arg) | OverOption(arg):
            from kspec.lower.expressions.expr import lower

            items = items_of(low, arg.type, lower(low, frame, arg))
            return [_listed(frame, binder, c, s) for c, s in items if c != FALSE]


def _listed(frame: Frame, binder: TBinder, cond: Expr, value: Sym) -> Option:
    return Option(None, cond, frame.binding(binder.name, value), value)


def _bound(frame: Frame, binder: TBinder, bound: Binder, cond: Expr, value: Sym) -> Option:
    inner = evolve(frame.inner(), names={**frame.names, binder.name: value})
    return Option(bound, cond, inner, value)


def full_sort(low: Lowering, type_: Type) -> Sort:
    """The sort of all values of a finite type."""
    match type_:
        case NameT() | KeyT():
            return Enum(NAME, low.universe)
        case OptT(of):
            return Opt(full_sort(low, of))
        case TupleT(parts):
            return Record("tuple", tuple((str(i), full_sort(low, p)) for i, p in enumerate(parts)))
        case BoolT() | EnumT() | KindT():
            return low.shapes.floor(type_)
        case IntT(bounds) if bounds is not None:
            return low.shapes.floor(type_)
        case _:
            raise CannotStore("too many values to go through")


def _over_sort(
    low: Lowering,
    frame: Frame,
    binder: TBinder,
    type_: Type,
    sort: Sort,
    cond: Callable[[Expr], Expr] | None,
    unrolled: bool,
) -> list[Option]:
    """All values of a sort, or those that satisfy a condition."""
    if cardinality(sort) == 0:
        return []
    if unrolled:
        return [
            _listed(
                frame,
                binder,
                conj(
                    (_alive(low, frame, type_, Lit(sort, v)), cond(Lit(sort, v)) if cond else TRUE)
                ),
                Known(pure(low.shapes, type_, v, sort)),
            )
            for v in values(sort)
        ]
    bound, local = low.binder(binder.name, sort)
    where = conj((_alive(low, frame, type_, local), cond(local) if cond else TRUE))
    return [_bound(frame, binder, bound, where, decode(low.shapes, type_, local))]


def _alive(low: Lowering, frame: Frame, type_: Type, expr: Expr) -> Expr:
    """Binders over a type that has objects range over live ones (`OverType` alone)."""
    return TRUE


def _over_range(
    low: Lowering, frame: Frame, binder: TBinder, lo: TExpr, hi: TExpr, unrolled: bool
) -> list[Option]:
    from kspec.lower.expressions.expr import lower

    first = measured(low.shapes, IntT(), as_num(low.shapes, lower(low, frame, lo)))
    last = measured(low.shapes, IntT(), as_num(low.shapes, lower(low, frame, hi)))
    sort = Int(integer_sort(first).lo, integer_sort(last).hi)

    def cond(value: Expr) -> Expr:
        return conj((le(first, value), le(value, last)))

    return _over_sort(low, frame, binder, IntT(), sort, cond, unrolled)


def _over_set(
    low: Lowering, frame: Frame, binder: TBinder, arg: TExpr, unrolled: bool, once: bool
) -> list[Option]:
    from kspec.lower.expressions.expr import lower

    assert isinstance(arg.type, SetT)
    of, sym = arg.type.of, lower(low, frame, arg)
    is_scalar = isinstance(of, BoolT | EnumT | NameT | KeyT | KindT | IntT)
    if isinstance(sym, Bunch) or not is_scalar or unrolled:
        # Every element asks whether it is in the set.
        sym = shared(low, frame, binder.name, sym) if isinstance(sym, Whole) else sym
        items = items_of(low, arg.type, sym)
        conds = distinct(low, of, tuple(items)) if once else [c for c, _ in items]
        pairs = zip(conds, items, strict=True)
        return [_listed(frame, binder, c, s) for c, (_, s) in pairs if c != FALSE]
    whole = as_whole(low.shapes, arg.type, sym)
    sort = sort_of(whole)
    assert isinstance(sort, Set)
    if isinstance(whole, Lit) and len(_members(whole)) == cardinality(sort.of):
        return _over_sort(low, frame, binder, of, sort.of, None, False)
    return _over_sort(low, frame, binder, of, sort.of, lambda v: contains(whole, v), False)


def _members(whole: Lit) -> frozenset[object]:
    assert isinstance(whole.value, frozenset)
    return whole.value


Leaf: TypeAlias = "Callable[[Frame], Expr]"
"""What is asked of a binding: an expression in its frame."""


def for_some(low: Lowering, frame: Frame, binders: tuple[TBinder, ...], claim: Leaf) -> Expr:
    """Is the claim true of some binding?"""
    if not binders:
        return claim(frame)
    found: list[Expr] = []
    for option in options(low, frame, binders[0]):
        if option.cond == FALSE:
            continue
        inner = conj((option.cond, for_some(low, option.frame, binders[1:], claim)))
        if option.binder is not None:
            inner = some_of((option.binder,), option.close(inner))
        if inner == TRUE:
            return TRUE
        found.append(inner)
    return disj(found)


def for_all(
    low: Lowering, frame: Frame, binders: tuple[TBinder, ...], where: Leaf, body: Leaf
) -> Expr:
    """Is the body true of every binding that satisfies the condition?"""
    if not binders:
        cond = where(frame)
        return TRUE if cond == FALSE else implies(cond, body(frame))
    found: list[Expr] = []
    for option in options(low, frame, binders[0]):
        if option.cond == FALSE:
            continue
        inner = implies(option.cond, for_all(low, option.frame, binders[1:], where, body))
        if option.binder is not None:
            inner = all_of((option.binder,), option.close(inner))
        if inner == FALSE:
            return FALSE
        found.append(inner)
    return conj(found)


def count_of(low: Lowering, frame: Frame, binders: tuple[TBinder, ...], claim: Leaf) -> Expr:
    """Of how many bindings is the claim true?"""
    from kspec.ir.expr import ArithOp
    from kspec.lower.values.smart import arith

    result: Expr = lit(0)
    for option in options(low, frame, binders[0], once=True):
        if option.cond == FALSE:
            continue
        if len(binders) == 1:
            term: Expr = lit(1)
            cond = conj((option.cond, claim(option.frame)))
        else:
            cond = option.cond
            term = count_of(low, option.frame, binders[1:], claim)
        if option.binder is None:
            part = ite(cond, term, lit(0))
        else:
            part = total(option.binder, option.close(cond), option.close(term))
        result = arith(ArithOp.ADD, result, part)
    return result
