"""From sort to sort: conversion, membership, equality, and places in the order of a sort.

`convert` moves a value between sorts of one shape and trusts that it is a value of the new one;
`member` asks. Next: `codegen`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from kspec.engines.explicit.code.values import (
    Fields,
    OptParts,
    Packed,
    Register,
    Scalar,
    Val,
    chain,
    either,
    element,
    from_bits,
    int_width,
    is_some,
    item,
    length,
    literal,
    packed,
    part,
    payload,
    push,
    register,
    scalar,
)
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import Refusal, bits_of, same_layout, width
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
    cardinality,
    contains,
    fits,
    index_of,
    values,
)

Maker: TypeAlias = Callable[[Op], Val]
Test: TypeAlias = Callable[[Op], Op]

MOST_PLACES = 1 << 62
MOST_ELEMENTS = 1 << 12


def convert(em: Emitter, val: Val, sort: Sort) -> Val:
    """The same value, of another sort that has it."""
    if val.sort == sort:
        return val
    if isinstance(val, Packed) and same_layout(val.sort, sort):
        return Packed(sort, val.home, val.shift, val.dyn)
    match val.sort, sort:
        case Int(), Int():
            return Scalar(sort, _number(em, scalar(val), val.sort, int_width(sort)))
        case Opt(), Opt(of):
            return OptParts(sort, is_some(em, val), convert(em, payload(em, val), of))
        case Record(), Record(_, fields):
            parts = [convert(em, part(em, val, i), s) for i, (_, s) in enumerate(fields)]
            return Fields(sort, tuple(parts))
        case Set(old), Set(new):
            return Scalar(sort, _set(em, scalar(val), old, new))
        case Map(key, _), Map(_, of):
            return tabulate(em, cardinality(key), sort, of, lambda i: element(em, val, i))
        case Seq(_, cap), Seq(of, more):
            return sequence(em, sort, length(em, val), lambda i: _item(em, val, i, cap, of), more)
        case _:
            raise TypeError(f"{val.sort} does not turn into {sort}")


def _number(em: Emitter, op: Op, sort: Int, bits: int) -> Op:
    return em.resize(op, bits, sign=True)


def _set(em: Emitter, op: Op, old: Sort, new: Sort) -> Op:
    """Move each element's bit to its new place; bits of elements that `new` lacks are lost."""
    few, many = cardinality(old), cardinality(new)
    if max(few, many) > MOST_ELEMENTS:
        raise Refusal(f"a set over {max(few, many)} values is changed in its element sort")
    total = number(register(many), 0)
    for run_old, run_new, count in _runs(old, new):
        low_old, low_new = few - run_old - count, many - run_new - count
        bits = em.mask(em.resize(em.down(op, low_old), register(count)), count)
        total = em.either(total, em.up(em.resize(bits, total.bits), low_new))
    return total


def _runs(old: Sort, new: Sort) -> list[tuple[int, int, int]]:
    """(first place in old, first place in new, how many), of the values of both."""
    runs: list[tuple[int, int, int]] = []
    for i, value in enumerate(values(old)):
        if not contains(new, value):
            continue
        j = index_of(new, value)
        if runs and runs[-1][0] + runs[-1][2] == i and runs[-1][1] + runs[-1][2] == j:
            runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + 1)
        else:
            runs.append((i, j, 1))
    return runs


def _item(em: Emitter, val: Val, place: Op, cap: int, of: Sort) -> Val:
    if place.const is not None and place.const >= cap:
        return from_bits(em, of, number(register(bits_of(of)), 0))
    if place.const is None and cap == 0:
        return from_bits(em, of, number(register(bits_of(of)), 0))
    inside = place
    if place.const is None:
        inside = em.select(em.compare("ult", place, number(64, cap)), place, number(64, 0))
    return convert(em, item(em, val, inside), of)


def tabulate(em: Emitter, count: int, sort: Sort, of: Sort, at: Maker) -> Val:
    """The map (of packed parts) that takes each place to `at(place)`."""
    size = bits_of(of)

    def step(place: Op, ops: list[Op]) -> list[Op]:
        return [push(em, ops[0], packed(em, convert(em, at(place), of)), size)]

    start = [number(register(bits_of(sort)), 0)]
    (bits,) = em.repeat(count, start, step, "map")
    return Packed(sort, Register(bits), 0, None)


def sequence(em: Emitter, sort: Seq, count: Op, at: Maker, cap: int) -> Val:
    """The sequence of `at(place)` for the places below `count`."""
    size = bits_of(sort.of)

    def step(place: Op, ops: list[Op]) -> list[Op]:
        bits = packed(em, convert(em, at(place), sort.of))
        kept = em.select(em.compare("ult", place, count), bits, number(bits.bits, 0))
        return [push(em, ops[0], kept, size)]

    total = register(bits_of(sort))
    start = [em.resize(count, total)]
    (bits,) = em.repeat(cap, start, step, "seq")
    return Packed(sort, Register(bits), 0, None)


# ---- membership and equality -------------------------------------------------------------------


def member(em: Emitter, val: Val, sort: Sort) -> Op:
    """Is this value one of the sort's?"""
    if fits(val.sort, sort):
        return TRUE
    match val.sort, sort:
        case Int(lo, hi), Int(least, most):
            op = scalar(val)
            above = TRUE if least <= lo else em.compare("sle", _bound(op, least), op)
            below = TRUE if hi <= most else em.compare("sle", op, _bound(op, most))
            return em.both(_possible(least, op, above), _possible(most, op, below, top=True))
        case Opt(), Opt(of):
            return em.either(em.flip(is_some(em, val)), member(em, payload(em, val), of))
        case Record(_, fields), Record(_, wanted):
            total = TRUE
            if [n for n, _ in fields] != [n for n, _ in wanted]:
                raise TypeError(f"{val.sort} is not {sort}")
            for i, (_, s) in enumerate(wanted):
                total = em.both(total, member(em, part(em, val, i), s))
            return total
        case Set(old), Set(new):
            return em.compare(
                "eq", _outside(em, scalar(val), old, new), number(scalar(val).bits, 0)
            )
        case Map(key, _), Map(_, of):
            return _every(em, cardinality(key), None, lambda i: member(em, element(em, val, i), of))
        case Seq(_, cap), Seq(of, most):
            count = length(em, val)
            short = em.compare("ule", count, number(64, most))
            every = _every(em, cap, count, lambda i: member(em, item(em, val, i), of))
            return em.both(short, every)
        case _:
            return FALSE


def _bound(op: Op, value: int) -> Op:
    return number(op.bits, value)


def _possible(bound: int, op: Op, test: Op, top: bool = False) -> Op:
    """A bound that the operand's width cannot express is beyond every value or below."""
    if -(1 << (op.bits - 1)) <= bound < 1 << (op.bits - 1):
        return test
    return TRUE if (bound > 0) == top else FALSE


def _outside(em: Emitter, op: Op, old: Sort, new: Sort) -> Op:
    count = cardinality(old)
    if count > MOST_ELEMENTS:
        raise Refusal(f"a set over {count} values is compared with a narrower sort")
    mask = 0
    for value in values(old):
        mask = mask * 2 + (not contains(new, value))
    return em.both(op, number(op.bits, mask))


def _every(em: Emitter, count: int, below: Op | None, test: Test) -> Op:
    def step(place: Op, ops: list[Op]) -> list[Op]:
        good = test(place)
        if below is not None:
            good = em.either(em.compare("ule", below, place), good)
        return [em.both(ops[0], good)]

    return em.repeat(count, [TRUE], step, "every")[0]


def equal(em: Emitter, a: Val, b: Val) -> Op:
    """Are two values of the same sort the same?"""
    match a.sort:
        case Bool() | Int() | Enum() | Id() | Set():
            return em.compare("eq", scalar(a), scalar(b))
        case Opt():
            if isinstance(a, Packed) and isinstance(b, Packed):
                return em.compare("eq", packed(em, a), packed(em, b))
            one, two = is_some(em, a), is_some(em, b)
            inner = equal(em, payload(em, a), payload(em, b))
            alike = em.flip(em.binary("xor", one, two))
            return em.both(alike, em.either(em.flip(one), inner))
        case Record(_, fields):
            if isinstance(a, Packed) and isinstance(b, Packed):
                return em.compare("eq", packed(em, a), packed(em, b))
            total = TRUE
            for i in range(len(fields)):
                total = em.both(total, equal(em, part(em, a, i), part(em, b, i)))
            return total
        case Map() | Seq():
            return em.compare("eq", packed(em, a), packed(em, b))
        case _:
            assert_never(a.sort)


# ---- places in the order of a sort -------------------------------------------------------------


def size_of(sort: Sort) -> int:
    """The cardinality. Raises `Refusal` where places do not fit 62 bits."""
    count = cardinality(sort)
    if count > MOST_PLACES:
        raise Refusal(f"a sort of 2**{count.bit_length() - 1} values or more is enumerated")
    return count


def place_of(em: Emitter, val: Val) -> Op:
    """The place of a value in `values(sort)`, 64 bits."""
    size_of(val.sort)
    match val.sort:
        case Bool():
            return em.resize(scalar(val), 64)
        case Int(lo, _):
            return em.resize(em.sub(scalar(val), number(scalar(val).bits, lo)), 64)
        case Enum() | Id() | Set():
            return em.resize(scalar(val), 64)
        case Opt():
            inner = em.add(place_of(em, payload(em, val)), number(64, 1))
            return em.select(is_some(em, val), inner, number(64, 0))
        case Record(_, fields):
            total = number(64, 0)
            for i, (_, s) in enumerate(fields):
                by = number(64, size_of(s))
                total = em.add(em.mul(total, by), place_of(em, part(em, val, i)))
            return total
        case Map(key, of):
            return _digits(em, size_of(key), size_of(of), None, lambda i: element(em, val, i))
        case Seq(of, cap):
            count, radix = length(em, val), size_of(of)
            first = number(64, 0)
            for n in range(cap):
                longer = em.compare("ult", number(64, n), count)
                first = em.add(first, em.select(longer, number(64, radix**n), number(64, 0)))
            inner = _digits(em, cap, radix, count, lambda i: item(em, val, i))
            return em.add(first, inner)
        case _:
            assert_never(val.sort)


def _digits(em: Emitter, count: int, radix: int, below: Op | None, at: Maker) -> Op:
    def step(place: Op, ops: list[Op]) -> list[Op]:
        more = em.add(em.mul(ops[0], number(64, radix)), place_of(em, at(place)))
        if below is None:
            return [more]
        return [em.select(em.compare("ult", place, below), more, ops[0])]

    return em.repeat(count, [number(64, 0)], step, "place")[0]


def value_at(em: Emitter, sort: Sort, place: Op) -> Val:
    """The value at a place of `values(sort)`, 64 bits."""
    match sort:
        case Bool():
            return Scalar(sort, em.resize(place, 1))
        case Int(lo, _):
            bits = int_width(sort)
            return Scalar(sort, em.add(em.resize(place, bits), number(bits, lo)))
        case Enum() | Id() | Set():
            return Scalar(sort, place)
        case Opt(of):
            some = em.compare("ne", place, number(64, 0))
            inside = em.select(some, em.sub(place, number(64, 1)), number(64, 0))
            return OptParts(sort, some, value_at(em, of, inside))
        case Record(_, fields):
            parts: list[Val] = []
            for _, s in reversed(fields):
                parts.append(value_at(em, s, _rest(em, place, size_of(s))))
                place = _quotient(em, place, size_of(s))
            return Fields(sort, tuple(reversed(parts)))
        case Map(key, of):
            return _map_at(em, sort, size_of(key), of, place)
        case Seq(of, cap):
            return _seq_at(em, sort, of, cap, place)
        case _:
            assert_never(sort)


def _rest(em: Emitter, place: Op, radix: int) -> Op:
    return number(64, 0) if radix <= 1 else em.binary("urem", place, number(64, radix))


def _quotient(em: Emitter, place: Op, radix: int) -> Op:
    return place if radix <= 1 else em.binary("udiv", place, number(64, radix))


def _map_at(em: Emitter, sort: Map, count: int, of: Sort, place: Op) -> Val:
    parts: list[tuple[Op, int]] = []
    for _ in range(count):
        part_ = value_at(em, of, _rest(em, place, size_of(of)))
        parts.append((packed(em, part_), bits_of(of)))
        place = _quotient(em, place, size_of(of))
    bits = chain(em, bits_of(sort), parts[::-1])
    return Packed(sort, Register(bits), 0, None)


def _seq_at(em: Emitter, sort: Seq, of: Sort, cap: int, place: Op) -> Val:
    """Lengths come in order, so the length is found by subtraction, then the items as digits."""
    radix = size_of(of)
    count, rest = number(64, 0), place
    going = TRUE
    for n in range(cap):
        going = em.both(going, em.compare("ule", number(64, radix**n), rest))
        rest = em.select(going, em.sub(rest, number(64, radix**n)), rest)
        count = em.add(count, em.resize(going, 64))
    result: Val = literal(sort, ())
    for n in range(1, cap + 1):
        parts = [(number(64, n), width(cap + 1)), *_items(em, of, n, rest), *_tail(of, cap - n)]
        made = Packed(sort, Register(chain(em, bits_of(sort), parts)), 0, None)
        result = either(em, em.compare("eq", count, number(64, n)), made, result)
    return result


def _items(em: Emitter, of: Sort, n: int, place: Op) -> list[tuple[Op, int]]:
    digits: list[tuple[Op, int]] = []
    for _ in range(n):
        digits.append((packed(em, value_at(em, of, _rest(em, place, size_of(of)))), bits_of(of)))
        place = _quotient(em, place, size_of(of))
    return digits[::-1]


def _tail(of: Sort, n: int) -> list[tuple[Op, int]]:
    return [(number(64, 0), bits_of(of))] * n


__all__ = [
    "convert",
    "equal",
    "member",
    "place_of",
    "sequence",
    "size_of",
    "tabulate",
    "value_at",
]
