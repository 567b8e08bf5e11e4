"""The order of values: numbers by size, names as text, cases by declaration, tuples part by part.

Next: `operations`.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.analysis.types import (
    BoolT,
    EnumT,
    KeyT,
    NameT,
    TupleT,
    Type,
)
from kspec.ir.expr import FALSE, TRUE, Expr, Lit, sort_of
from kspec.ir.sorts import Enum, Int, Map, cardinality
from kspec.lower.context import Lowering
from kspec.lower.values.apart import (
    as_case,
    as_flag,
    as_parts,
)
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.equality import equal
from kspec.lower.values.numbers import aligned, as_num
from kspec.lower.values.shapes import CannotStore
from kspec.lower.values.smart import (
    as_int,
    conj,
    disj,
    get,
    le,
    lt,
)
from kspec.lower.values.symbolic import Num, Sym


def less(low: Lowering, type_: Type, a: Sym, b: Sym, or_equal: bool) -> Expr:
    """`a < b`, or `a <= b`."""
    if isinstance(type_, TupleT):
        xs, ys = as_parts(low.shapes, type_, a), as_parts(low.shapes, type_, b)
        return _lexicographic(low, type_.parts, xs, ys, or_equal)
    names = frozenset(_names(low, a) + _names(low, b)) if isinstance(type_, NameT | KeyT) else None
    left, right = ranks(low, type_, a, names), ranks(low, type_, b, names)
    x, y = aligned(left, right)
    return le(x, y) if or_equal else lt(x, y)


def _lexicographic(
    low: Lowering,
    types: tuple[Type, ...],
    xs: tuple[Sym, ...],
    ys: tuple[Sym, ...],
    or_equal: bool,
) -> Expr:
    if not types:
        return TRUE if or_equal else FALSE
    if len(types) == 1:
        return less(low, types[0], xs[0], ys[0], or_equal)
    same = equal(low.shapes, types[0], xs[0], ys[0])
    rest = _lexicographic(low, types[1:], xs[1:], ys[1:], or_equal)
    return disj((less(low, types[0], xs[0], ys[0], False), conj((same, rest))))


def ranks(low: Lowering, type_: Type, sym: Sym, names: frozenset[str] | None = None) -> Num:
    """A scalar as a number with the same order; names as text, cases by declaration.

    `names` are all names that the number is compared with; by default the scalar's own.
    """
    match type_:
        case BoolT():
            return Num(as_int(as_flag(low.shapes, sym)), Fraction(1))
        case EnumT():
            case = as_case(low.shapes, type_, sym)
            return Num(_place(case), Fraction(1))
        case NameT() | KeyT():
            return Num(_rank_of_name(low, sym, names), Fraction(1))
        case _:
            return as_num(low.shapes, sym)


def _place(case: Expr) -> Expr:
    sort = sort_of(case)
    n = cardinality(sort)
    return get(Lit(Map(sort, Int(0, n - 1)), tuple(range(n))), case)


def _rank_of_name(low: Lowering, sym: Sym, names: frozenset[str] | None) -> Expr:
    """The place of a name among others, in the order of text."""
    everything = sorted(_names(low, sym) if names is None else names)
    sort = occurring(low.shapes, NameT(), sym)
    assert isinstance(sort, Enum)
    places = {name: i for i, name in enumerate(everything)}
    ordinals = tuple(places[c] for c in sort.cases)
    bounds = Int(min(ordinals), max(ordinals))
    return get(Lit(Map(sort, bounds), ordinals), encode(low.shapes, NameT(), sym, sort))


def _names(low: Lowering, sym: Sym) -> tuple[str, ...]:
    sort = occurring(low.shapes, NameT(), sym)
    assert isinstance(sort, Enum)
    return sort.cases


def key_numbers(low: Lowering, type_: Type, sym: Sym) -> tuple[Expr, ...]:
    """A key to sort by, as integers to compare one after the other."""
    if isinstance(type_, TupleT):
        parts = as_parts(low.shapes, type_, sym)
        return tuple(
            n for t, p in zip(type_.parts, parts, strict=True) for n in key_numbers(low, t, p)
        )
    rank = ranks(low, type_, sym)
    if rank.den is not None:
        raise CannotStore("the result of a division cannot be sorted by")
    return (rank.num,)
