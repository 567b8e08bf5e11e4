"""The sorts and values that one random system is made of.

All sorts that are enumerated (binders, elements of sets, keys of maps) stay tiny; sorts that are
only stored may be wide. Next: `expressions`.
"""

from __future__ import annotations

from typing import assert_never, final

from kspec.engines.random_systems.draw import Draw
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    cardinality,
    leaf_count,
    values,
)
from kspec.ir.system import Pool

MOST_ENUMERATED = 6
MOST_KEYS = 4
MOST_LEAVES = 10


@final
class Universe:
    """Pools, enumerations and records, drawn as they are needed."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.pools = tuple(self._pool(n) for n in range(draw.pick((1, 0, 1, 2, 1))))
        self._enums = [self._enum(n) for n in range(draw.between(1, 2))]
        self._records: list[Record] = []

    def _pool(self, n: int) -> Pool:
        size = self.draw.pick((2, 1, 3, 2, 3, 2)) if not self.draw.chance(5) else 0
        name = ("Pod", "Node")[n]
        return Pool(name, size, tuple(f"{name.lower()}-{i}" for i in range(size)))

    def _enum(self, n: int) -> Enum:
        cases = ("Up", "Down", "Lost", "Gone") if n == 0 else ("East", "West", "Mid")
        return Enum(("Phase", "Zone")[n], cases[: self.draw.between(1, len(cases))])

    def ids(self) -> tuple[Id, ...]:
        """The identity sorts that have a value."""
        return tuple(Id(p.name, p.size) for p in self.pools if p.size)

    def integers(self) -> Int:
        """A small range, often around zero."""
        lo = self.draw.pick((0, 0, 0, 1, -1, -2, 5))
        return Int(lo, lo + self.draw.pick((1, 2, 3, 0, 4)))

    def scalar(self) -> Sort:
        """A scalar sort that is not empty."""
        ids = self.ids()
        match self.draw.below(5 if ids else 4):
            case 0:
                return Bool()
            case 1 | 2:
                return self.integers()
            case 3:
                return self.draw.pick(self._enums)
            case _:
                return self.draw.pick(ids)

    def tiny(self, most: int) -> Sort:
        """A sort of at most `most` values, now and then a compound one."""
        found = self.stored(1) if self.draw.chance(25) else self.scalar()
        return found if cardinality(found) <= most else Bool()

    def enumerated(self, most: int = MOST_ENUMERATED) -> Sort:
        """A sort for a binder: that of an empty pool is possible."""
        empty = [Id(p.name, 0) for p in self.pools if not p.size]
        if empty and self.draw.chance(35):
            return self.draw.pick(empty)
        return self.tiny(max(2, most))

    def stored(self, depth: int) -> Sort:
        """A sort for a variable or a part of one."""
        for _ in range(3):
            found = self._stored(depth)
            if leaf_count(found) <= MOST_LEAVES:
                return found
        return self.scalar()

    def _stored(self, depth: int) -> Sort:
        if depth == 0:
            return self.scalar()
        match self.draw.below(7):
            case 0 | 1:
                return self.scalar()
            case 2:
                return Opt(self.stored(depth - 1))
            case 3:
                return self.record(depth - 1)
            case 4:
                return Set(self.tiny(MOST_KEYS))
            case 5:
                return Map(self.tiny(MOST_KEYS), self.stored(depth - 1))
            case _:
                return Seq(self.stored(depth - 1), self.draw.between(1, 3))

    def record(self, depth: int) -> Record:
        """A record sort, new or seen before; equal names mean equal shapes."""
        if self._records and self.draw.chance(40):
            return self.draw.pick(self._records)
        fields = ("cpu", "mem", "zone")[: self.draw.between(1, 3)]
        made = Record(
            f"Rec{len(self._records)}", tuple((f, self.stored(min(depth, 1))) for f in fields)
        )
        self._records.append(made)
        return made

    def wide(self) -> Sort:
        """A sort with far more values than anything could enumerate."""
        lo = self.draw.pick((0, -(2**30), 7))
        word = Int(lo, lo + self.draw.pick((2**31 - 2, 10**6, 255)))
        match self.draw.below(4):
            case 0:
                return word
            case 1:
                return Seq(word, 3)
            case 2:
                return Map(Bool(), Opt(word))
            case _:
                return Map(Int(0, 3), Map(Bool(), word))

    def value(self, sort: Sort) -> Value:
        """A value of a sort that has one; the simplest is the sort's default."""
        d = self.draw
        match sort:
            case Bool():
                return d.chance(50)
            case Int(lo, hi):
                return lo + d.below(hi - lo + 1)
            case Enum(_, cases):
                return d.pick(cases)
            case Id(_, size):
                return d.below(size)
            case Opt(of):
                return (self.value(of),) if is_inhabited(of) and d.chance(60) else None
            case Record(_, fields):
                return tuple(self.value(s) for _, s in fields)
            case Set(of):
                return frozenset(v for v in values(of) if d.chance(40))
            case Map(key, of):
                return tuple(self.value(of) for _ in range(cardinality(key)))
            case Seq(of, cap):
                most = cap if is_inhabited(of) else 0
                return tuple(self.value(of) for _ in range(d.between(0, most)))
            case _:
                assert_never(sort)

    def widened(self, sort: Sort) -> Sort:
        """A sort of the same shape whose ranges may be larger: joinable, not equal."""
        d = self.draw
        match sort:
            case Bool() | Enum() | Id():
                return sort
            case Int(lo, hi):
                return Int(lo - d.below(2), hi + d.below(3))
            case Opt(of):
                return Opt(self.widened(of))
            case Record(name, fields):
                return Record(name, tuple((n, self.widened(s)) for n, s in fields))
            case Set(of):
                wider = self.widened(of)
                return Set(wider) if cardinality(wider) <= MOST_ENUMERATED else sort
            case Map(key, of):
                return Map(key, self.widened(of))
            case Seq(of, cap):
                return Seq(self.widened(of), cap + d.below(2))
            case _:
                assert_never(sort)


def is_inhabited(sort: Sort) -> bool:
    """Does the sort have a value?"""
    return cardinality(sort) > 0


def default(sort: Sort) -> Value:
    """The first value in the sort's order: what places that mean nothing hold."""
    match sort:
        case Bool():
            return False
        case Int(lo, _):
            return lo
        case Enum(_, cases):
            return cases[0]
        case Id():
            return 0
        case Opt():
            return None
        case Record(_, fields):
            return tuple(default(s) for _, s in fields)
        case Set():
            return frozenset()
        case Map(key, of):
            return (default(of),) * cardinality(key)
        case Seq():
            return ()
        case _:
            assert_never(sort)


def has_identities(sort: Sort) -> bool:
    """Does a value of the sort hold an identity?"""
    match sort:
        case Bool() | Int() | Enum():
            return False
        case Id():
            return True
        case Opt(of) | Set(of) | Seq(of, _):
            return has_identities(of)
        case Record(_, fields):
            return any(has_identities(s) for _, s in fields)
        case Map(key, of):
            return has_identities(key) or has_identities(of)
        case _:
            assert_never(sort)
