"""States as packed bits.

The leaves of a state (`ir.sorts.leaves`, variables in order) are written one after the other from
the top bit down, each in the least number of bits that holds its range. So comparing two packed
states as unsigned numbers compares the states.

A packed state is a number of `bits` bits; in memory it is a row of `words` 64-bit words, the
least significant word first. A *shift* is the number of bits below a field.

Nothing here knows LLVM. Next: `code.values`, which reads fields in generated code.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import assert_never, final

from kspec.base.record import frozen
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
    from_leaves,
    leaf_ranges,
    leaves,
)
from kspec.ir.system import Var
from kspec.verdict.trace import State

WORD = 64
MOST_BITS = 1 << 16


class Refusal(Exception):
    """This engine does not take this system; the message says why, for a person."""


def width(count: int) -> int:
    """Bits that tell `count` values apart."""
    return max(0, count - 1).bit_length()


def bits_of(sort: Sort) -> int:
    """Bits of a packed value of the sort."""
    match sort:
        case Bool() | Int() | Enum() | Id():
            return width(cardinality(sort))
        case Opt(of):
            return 1 + bits_of(of)
        case Record(_, fields):
            return sum(bits_of(s) for _, s in fields)
        case Set(of):
            return cardinality(of)
        case Map(key, of):
            return cardinality(key) * bits_of(of)
        case Seq(of, cap):
            return width(cap + 1) + cap * bits_of(of)
        case _:
            assert_never(sort)


def same_layout(a: Sort, b: Sort) -> bool:
    """Do packed values of `a` read as the same values of `b`, for values of both?"""
    match a, b:
        case Int(), Int():
            return a.lo == b.lo and bits_of(a) == bits_of(b)
        case Opt(x), Opt(y):
            return same_layout(x, y)
        case Map(k, x), Map(m, y):
            return k == m and same_layout(x, y)
        case Seq(x, n), Seq(y, m):
            return n == m and same_layout(x, y)
        case Record(_, xs), Record(_, ys):
            pairs = zip(xs, ys, strict=False)
            return len(xs) == len(ys) and all(same_layout(x, y) for (_, x), (_, y) in pairs)
        case _:
            return a == b


@lru_cache(maxsize=1 << 14)
def pack(sort: Sort, value: Value) -> int:
    """One value as a number of `bits_of(sort)` bits; remembered, as states are much alike."""
    total = 0
    for place, bits in zip(leaves(sort, value), _widths(sort), strict=True):
        total = (total << bits) | place
    return total


@lru_cache(maxsize=1 << 14)
def unpack(sort: Sort, number: int) -> Value:
    """The inverse of `pack`."""
    return from_leaves(sort, _places(_widths(sort), number))


@cache
def _widths(sort: Sort) -> tuple[int, ...]:
    """The bits of each leaf."""
    return tuple(map(width, leaf_ranges(sort)))


def _places(widths: tuple[int, ...], number: int) -> Iterator[int]:
    below = sum(widths)
    for bits in widths:
        below -= bits
        yield (number >> below) & ((1 << bits) - 1)


@final
@frozen
class Slot:
    """Where a variable lies in a packed state."""

    name: str
    sort: Sort
    shift: int
    bits: int


@final
@frozen
class Layout:
    """Where everything lies in a packed state; `words` is at least 1."""

    slots: tuple[Slot, ...]
    bits: int
    words: int

    def slot(self, name: str) -> Slot:
        """The slot of a variable; `KeyError` if there is none of that name."""
        return {s.name: s for s in self.slots}[name]

    def encode(self, state: State) -> int:
        """A state as one number."""
        total = 0
        for slot, value in zip(self.slots, state, strict=True):
            total = (total << slot.bits) | pack(slot.sort, value)
        return total

    def decode(self, number: int) -> State:
        """The inverse of `encode`."""
        return tuple(unpack(s.sort, (number >> s.shift) & ((1 << s.bits) - 1)) for s in self.slots)

    def row(self, number: int) -> bytes:
        """A packed state as the bytes of its row."""
        return number.to_bytes(self.words * 8, "little")


def layout_of(variables: tuple[Var, ...]) -> Layout:
    """The layout of a system's states. Raises `Refusal` beyond `MOST_BITS` bits."""
    sizes = [bits_of(v.sort) for v in variables]
    total = sum(sizes)
    if total > MOST_BITS:
        raise Refusal(f"a state has {total} bits, more than {MOST_BITS}")
    slots: list[Slot] = []
    below = total
    for var, bits in zip(variables, sizes, strict=True):
        below -= bits
        slots.append(Slot(var.name, var.sort, below, bits))
    return Layout(tuple(slots), total, max(1, -(-total // WORD)))
