"""Finite sorts and the values that inhabit them.

A value is plain, hashable Python data:

=========  ==========================================================
sort       value
=========  ==========================================================
`Bool`     `bool`
`Int`      `int`
`Enum`     the case, a `str`
`Id`       `int`, the place in the kind's pool
`Opt`      `None`, or a 1-tuple holding the payload
`Record`   tuple of field values, in the sort's field order
`Set`      `frozenset` of elements
`Map`      tuple of values, in the order of the key sort
`Seq`      tuple of at most `cap` elements
=========  ==========================================================

Every sort orders its values (`values`), and that order is the one states are compared in:
see `leaves`. It must not be visible to a model; only `First` in `expr` may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen

Value: TypeAlias = "bool | int | str | None | tuple[Value, ...] | frozenset[Value]"


@final
@frozen(cache_hash=True)
class Bool:
    """Truth values, `False` before `True`."""


@final
@frozen(cache_hash=True)
class Int:
    """The integers from `lo` to `hi`, both included."""

    lo: int
    hi: int


@final
@frozen(cache_hash=True)
class Enum:
    """Named cases, in the order of declaration."""

    name: str
    cases: tuple[str, ...]


@final
@frozen(cache_hash=True)
class Id:
    """Identities of a kind: places 0 .. size-1 of its pool."""

    kind: str
    size: int


@final
@frozen(cache_hash=True)
class Opt:
    """A value of `of`, or nothing; nothing comes first."""

    of: Sort


@final
@frozen(cache_hash=True)
class Record:
    """A product with named fields."""

    name: str
    fields: tuple[tuple[str, Sort], ...]

    def field(self, name: str) -> Sort:
        """The sort of one field; `KeyError` if there is none of that name."""
        return dict(self.fields)[name]

    def position(self, name: str) -> int:
        """Where a field stands in the tuple of a value."""
        return [n for n, _ in self.fields].index(name)


@final
@frozen(cache_hash=True)
class Set:
    """Subsets of a finite sort."""

    of: Sort


@final
@frozen(cache_hash=True)
class Map:
    """Total functions from a finite sort."""

    key: Sort
    value: Sort


@final
@frozen(cache_hash=True)
class Seq:
    """Sequences of at most `cap` elements."""

    of: Sort
    cap: int


Sort: TypeAlias = "Bool | Int | Enum | Id | Opt | Record | Set | Map | Seq"


def enums(sort: Sort) -> Iterator[Enum]:
    """The enumerations in a sort, keys of maps among them; one may come twice."""
    match sort:
        case Enum():
            yield sort
        case Opt(of) | Set(of) | Seq(of, _):
            yield from enums(of)
        case Record(_, fields):
            for _, of in fields:
                yield from enums(of)
        case Map(key, of):
            yield from enums(key)
            yield from enums(of)
        case Bool() | Int() | Id():
            pass
        case _:
            assert_never(sort)


def cardinality(sort: Sort) -> int:
    """How many values a sort has."""
    match sort:
        case Bool():
            return 2
        case Int(lo, hi):
            return max(0, hi - lo + 1)
        case Enum(_, cases):
            return len(cases)
        case Id(_, size):
            return size
        case Opt(of):
            return 1 + cardinality(of)
        case Record(_, fields):
            return prod(cardinality(s) for _, s in fields)
        case Set(of):
            return int(2 ** cardinality(of))
        case Map(key, value):
            return int(cardinality(value) ** cardinality(key))
        case Seq(of, cap):
            return sum(int(cardinality(of) ** n) for n in range(cap + 1))
        case _:
            assert_never(sort)


def values(sort: Sort) -> Iterator[Value]:
    """Every value of a sort, in the sort's order (that of `leaves`)."""
    match sort:
        case Bool():
            yield from (False, True)
        case Int(lo, hi):
            yield from range(lo, hi + 1)
        case Enum(_, cases):
            yield from cases
        case Id(_, size):
            yield from range(size)
        case Opt(of):
            yield None
            for v in values(of):
                yield (v,)
        case Record(_, fields):
            yield from product(*(tuple(values(s)) for _, s in fields))
        case Set(of):
            elements = tuple(values(of))
            for bits in product((False, True), repeat=len(elements)):
                yield frozenset(e for e, bit in zip(elements, bits, strict=True) if bit)
        case Map(key, value):
            yield from product(tuple(values(value)), repeat=cardinality(key))
        case Seq(of, cap):
            for n in range(cap + 1):
                yield from product(tuple(values(of)), repeat=n)
        case _:
            assert_never(sort)


def ordinal(sort: Sort, value: Value) -> int:
    """The place of a value of a *scalar* sort (`Bool`, `Int`, `Enum`, `Id`) in its order.

    Used to index maps and to pack leaves; compound keys go through `index_of`.
    """
    match sort:
        case Id():
            assert isinstance(value, int)
            return value
        case Int():
            assert isinstance(value, int)
            return value - sort.lo
        case Enum():
            assert isinstance(value, str)
            return sort.cases.index(value)
        case Bool():
            return int(bool(value))
        case _:
            raise TypeError(f"not a scalar sort: {sort}")


def is_scalar(sort: Sort) -> bool:
    """True of the sorts that `ordinal` takes."""
    return isinstance(sort, Bool | Int | Enum | Id)


def index_of(sort: Sort, value: Value) -> int:
    """The place of any value in `values(sort)`: mixed radix over the parts."""
    match sort:
        case Id() | Int() | Enum() | Bool():
            return ordinal(sort, value)
        case Opt(of):
            return 0 if value is None else 1 + index_of(of, _payload(value))
        case Record(_, fields):
            parts = _tuple(value)
            total = 0
            for (_, s), part in zip(fields, parts, strict=True):
                total = total * cardinality(s) + index_of(s, part)
            return total
        case Set(of):
            assert isinstance(value, frozenset)
            total = 0
            for element in values(of):
                total = total * 2 + (element in value)
            return total
        case Map(_, of):
            total = 0
            for part in _tuple(value):
                total = total * cardinality(of) + index_of(of, part)
            return total
        case Seq(of, _):
            items = _tuple(value)
            total = sum(int(cardinality(of) ** n) for n in range(len(items)))
            inner = 0
            for item in items:
                inner = inner * cardinality(of) + index_of(of, item)
            return total + inner
        case _:
            assert_never(sort)


def leaves(sort: Sort, value: Value) -> tuple[int, ...]:
    """The scalar places of a value, most significant first.

    The tuple has the same length for every value of a sort. Comparing these tuples compares
    values; packing them from the top bit down is what the native engine does. An absent option
    has payload leaves 0, a sequence's tail likewise.
    """
    match sort:
        case Bool() | Int() | Enum() | Id():
            return (ordinal(sort, value),)
        case Opt(of):
            if value is None:
                return (0,) * (1 + leaf_count(of))
            return (1, *leaves(of, _payload(value)))
        case Record(_, fields):
            return tuple(
                x for (_, s), v in zip(fields, _tuple(value), strict=True) for x in leaves(s, v)
            )
        case Set(of):
            assert isinstance(value, frozenset)
            return tuple(int(element in value) for element in values(of))
        case Map(_, of):
            return tuple(x for v in _tuple(value) for x in leaves(of, v))
        case Seq(of, cap):
            items = _tuple(value)
            filled = tuple(x for v in items for x in leaves(of, v))
            return (len(items), *filled, *((0,) * (leaf_count(of) * (cap - len(items)))))
        case _:
            assert_never(sort)


def leaf_ranges(sort: Sort) -> tuple[int, ...]:
    """For each leaf of `leaves`, how many values it can take."""
    match sort:
        case Bool() | Int() | Enum() | Id():
            return (cardinality(sort),)
        case Opt(of):
            return (2, *leaf_ranges(of))
        case Record(_, fields):
            return tuple(x for _, s in fields for x in leaf_ranges(s))
        case Set(of):
            return (2,) * cardinality(of)
        case Map(key, of):
            return leaf_ranges(of) * cardinality(key)
        case Seq(of, cap):
            return (cap + 1, *(leaf_ranges(of) * cap))
        case _:
            assert_never(sort)


def leaf_count(sort: Sort) -> int:
    """How many leaves a value of the sort has."""
    return len(leaf_ranges(sort))


def from_leaves(sort: Sort, places: Iterator[int]) -> Value:
    """The inverse of `leaves`; consumes exactly `leaf_count(sort)` places."""
    match sort:
        case Bool():
            return bool(next(places))
        case Int(lo, _):
            return lo + next(places)
        case Enum(_, cases):
            return cases[next(places)]
        case Id():
            return next(places)
        case Opt(of):
            given = next(places)
            payload = from_leaves_or_skip(of, places, bool(given))
            return (payload,) if given else None
        case Record(_, fields):
            return tuple(from_leaves(s, places) for _, s in fields)
        case Set(of):
            return frozenset(element for element in values(of) if next(places))
        case Map(key, of):
            return tuple(from_leaves(of, places) for _ in range(cardinality(key)))
        case Seq(of, cap):
            n = next(places)
            items = [from_leaves_or_skip(of, places, i < n) for i in range(cap)]
            return tuple(items[:n])
        case _:
            assert_never(sort)


def from_leaves_or_skip(sort: Sort, places: Iterator[int], wanted: bool) -> Value:
    """Read a value, or pass over its leaves when it is not wanted."""
    if wanted:
        return from_leaves(sort, places)
    for _ in range(leaf_count(sort)):
        next(places)
    return None


def contains(sort: Sort, value: Value) -> bool:
    """Is this value one of the sort's? Never raises, whatever the value is."""
    match sort:
        case Id():
            return type(value) is int and 0 <= value < sort.size
        case Int():
            return type(value) is int and sort.lo <= value <= sort.hi
        case Enum():
            return isinstance(value, str) and value in sort.cases
        case Bool():
            return isinstance(value, bool)
        case Opt(of):
            return value is None or (
                isinstance(value, tuple) and len(value) == 1 and contains(of, value[0])
            )
        case Record(_, fields):
            return (
                isinstance(value, tuple)
                and len(value) == len(fields)
                and all(contains(s, v) for (_, s), v in zip(fields, value, strict=True))
            )
        case Set(of):
            return isinstance(value, frozenset) and all(contains(of, v) for v in value)
        case Map(key, of):
            return (
                isinstance(value, tuple)
                and len(value) == cardinality(key)
                and all(contains(of, v) for v in value)
            )
        case Seq(of, cap):
            return (
                isinstance(value, tuple)
                and len(value) <= cap
                and all(contains(of, v) for v in value)
            )
        case _:
            assert_never(sort)


def join(a: Sort, b: Sort) -> Sort | None:
    """The least sort that has the values of both, or None where the shapes differ.

    Only integer bounds and sequence capacities may differ; map keys must be equal.
    """
    match a, b:
        case Int(), Int():
            return Int(min(a.lo, b.lo), max(a.hi, b.hi))
        case Opt(x), Opt(y):
            inner = join(x, y)
            return None if inner is None else Opt(inner)
        case Set(x), Set(y):
            inner = join(x, y)
            return None if inner is None else Set(inner)
        case Map(k, x), Map(m, y) if k == m:
            inner = join(x, y)
            return None if inner is None else Map(k, inner)
        case Seq(x, n), Seq(y, m):
            inner = join(x, y)
            return None if inner is None else Seq(inner, max(n, m))
        case Record(name, xs), Record(other, ys) if name == other and len(xs) == len(ys):
            joined = [(n, join(x, y)) for (n, x), (_, y) in zip(xs, ys, strict=True)]
            fields = tuple((n, s) for n, s in joined if s is not None)
            return Record(name, fields) if len(fields) == len(xs) else None
        case _:
            return a if a == b else None


def fits(inner: Sort, outer: Sort) -> bool:
    """Is every value of `inner` a value of `outer`, by shape and bounds?"""
    return join(inner, outer) == outer


def _payload(value: Value) -> Value:
    assert isinstance(value, tuple)
    (inner,) = value
    return inner


def _tuple(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value
