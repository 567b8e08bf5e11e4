"""Values of every sort in generated code, and how they are taken apart.

A value is one of four things. `Scalar`: one operand (a set is a scalar, too). `OptParts` and
`Fields`: their components. `Packed`: a compound value as packed bits, in a register or in memory,
which is only read where it is asked for, so that one element of a large map costs one shift.

============  =====================================================================
sort          operand
============  =====================================================================
`Bool`        one bit
`Int`         the number itself in two's complement, 64 or 128 bits
`Enum`, `Id`  the ordinal, 64 bits
`Set`         the packed bits: element i of n is bit n-1-i; `register(n)` bits wide
============  =====================================================================

INVARIANT: packed bits are canonical (an absent payload and a sequence's tail are 0, bits above
the width are 0), so that equal values have equal bits. Unpacked components need not be, but every
operand, also one that nobody looks at, is in the range of its (non-empty) sort: so no shift or
index made of it is out of bounds, and code may be executed before it is known to be needed.

Next: `convert` (between sorts), `codegen` (expressions).
"""

from __future__ import annotations

from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import FALSE, TRUE, Op, number
from kspec.engines.explicit.store.layout import Refusal, bits_of, pack, width
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
)

WIDE = 128


def register(bits: int) -> int:
    """The width of the operand that holds so many bits."""
    return max(64, -(-bits // 64) * 64)


def int_width(sort: Int) -> int:
    """64 or 128. Raises `Refusal` if neither holds the interval."""
    for bits in (64, WIDE):
        if -(1 << (bits - 1)) <= sort.lo and sort.hi < 1 << (bits - 1):
            return bits
    raise Refusal(f"a number between {sort.lo} and {sort.hi} does not fit 128 bits")


def operand_width(sort: Sort) -> int:
    """The width of the one operand of a scalar or a set."""
    match sort:
        case Bool():
            return 1
        case Int():
            return int_width(sort)
        case Enum() | Id():
            return 64
        case Set(of):
            return register(cardinality(of))
        case _:
            raise TypeError(f"not one operand: {sort}")


@final
@frozen
class Register:
    """Packed bits in an operand of `register` bits."""

    op: Op


@final
@frozen
class Memory:
    """Packed bits in memory that does not change while this is in scope.

    At least 8 bytes may be read beyond the last bit. `forever`: it does not change in the
    whole function.
    """

    at: Op
    forever: bool


Home: TypeAlias = Register | Memory


@final
@frozen
class Scalar:
    """A value in one operand."""

    sort: Sort
    op: Op


@final
@frozen
class OptParts:
    """An option: is there a payload, and the payload, meaningless if there is none."""

    sort: Opt
    some: Op
    payload: Val


@final
@frozen
class Fields:
    """A record."""

    sort: Record
    parts: tuple[Val, ...]


@final
@frozen
class Packed:
    """A compound value whose lowest bit is `shift` (+ `dyn`, an operand of 64 bits) above the
    lowest of its home."""

    sort: Sort
    home: Home
    shift: int
    dyn: Op | None


Val: TypeAlias = Scalar | OptParts | Fields | Packed


# ---- reading packed bits -----------------------------------------------------------------------


def read(em: Emitter, sort: Sort, home: Home, shift: int, dyn: Op | None) -> Val:
    """The value of the sort that lies there."""
    if dyn is not None and dyn.const is not None:
        shift, dyn = shift + dyn.const, None
    if isinstance(sort, Bool | Int | Enum | Id | Set):
        return from_bits(em, sort, field(em, home, shift, dyn, bits_of(sort)))
    return Packed(sort, home, shift, dyn)


def from_bits(em: Emitter, sort: Sort, bits: Op) -> Val:
    """A value from its packed bits."""
    match sort:
        case Bool():
            return Scalar(sort, em.resize(bits, 1))
        case Int(lo, _):
            wanted = int_width(sort)
            return Scalar(sort, em.add(em.resize(bits, wanted), number(wanted, lo)))
        case Enum() | Id() | Set():
            return Scalar(sort, bits)
        case _:
            return Packed(sort, Register(bits), 0, None)


def field(em: Emitter, home: Home, shift: int, dyn: Op | None, bits: int) -> Op:
    """Bits of a home, in an operand of `register(bits)` bits."""
    if bits == 0:
        return number(64, 0)
    match home:
        case Register(op):
            if dyn is not None and op.bits > WIDE:
                return _from_memory(em, spill(em, op), shift, dyn, bits)
            by = number(op.bits, shift)
            if dyn is not None:
                by = em.add(em.resize(dyn, op.bits), by)
            moved = em.down(op, by)
            return em.mask(em.resize(moved, register(bits)), bits)
        case Memory():
            return _from_memory(em, home, shift, dyn, bits)
        case _:
            assert_never(home)


def _from_memory(em: Emitter, home: Memory, shift: int, dyn: Op | None, bits: int) -> Op:
    if dyn is None:
        return _from_fixed(em, home, shift, bits)
    place = em.add(dyn, number(64, shift))
    span = max(64, -(-(bits + 7) // 8) * 8)
    at = em.offset(home.at, em.down(place, 3))
    got = em.constant_load(at, span, 1, home.forever)
    moved = em.down(got, em.resize(em.both(place, number(64, 7)), span))
    return em.mask(em.resize(moved, register(bits)), bits)


def _from_fixed(em: Emitter, home: Memory, shift: int, bits: int) -> Op:
    first, last = shift // 64, (shift + bits - 1) // 64
    if first == last:
        word = em.constant_load(em.offset(home.at, first * 8), 64, 8, home.forever)
        return em.mask(em.down(word, shift % 64), bits)
    span = (last - first + 1) * 64
    got = em.constant_load(em.offset(home.at, first * 8), span, 8, home.forever)
    moved = em.down(got, shift % 64)
    return em.mask(em.resize(moved, register(bits)), bits)


def spill(em: Emitter, op: Op) -> Memory:
    """A wide operand in memory, where a shift by a variable is cheap."""
    if op.const is not None:
        return Memory(em.globals.table(op.const, op.bits // 64), forever=True)
    at = em.alloca(op.bits // 8 + 8, "spill")
    em.store(em.resize(op, op.bits + 64), at)
    return Memory(at, forever=False)


def literal(sort: Sort, value: Value) -> Val:
    """A constant."""
    match sort:
        case Bool():
            return Scalar(sort, TRUE if value else FALSE)
        case Int():
            assert isinstance(value, int)
            return Scalar(sort, number(int_width(sort), value))
        case _:
            bits = number(register(bits_of(sort)), pack(sort, value))
            is_scalar = isinstance(sort, Enum | Id | Set)
            return Scalar(sort, bits) if is_scalar else Packed(sort, Register(bits), 0, None)


# ---- taking apart ------------------------------------------------------------------------------


def scalar(val: Val) -> Op:
    """The one operand of a scalar or a set."""
    if not isinstance(val, Scalar):
        raise TypeError(f"not one operand: {val.sort}")
    return val.op


def is_some(em: Emitter, val: Val) -> Op:
    """Does an option hold anything?"""
    match val:
        case OptParts(_, some, _):
            return some
        case Packed(Opt(of), home, shift, dyn):
            return em.resize(field(em, home, shift + bits_of(of), dyn, 1), 1)
        case _:
            raise TypeError(f"not an option: {val.sort}")


def payload(em: Emitter, val: Val) -> Val:
    """What an option holds; meaningless if it holds nothing."""
    match val:
        case OptParts(_, _, inner):
            return inner
        case Packed(Opt(of), home, shift, dyn):
            return read(em, of, home, shift, dyn)
        case _:
            raise TypeError(f"not an option: {val.sort}")


def part(em: Emitter, val: Val, place: int) -> Val:
    """One field of a record."""
    match val:
        case Fields(_, parts):
            return parts[place]
        case Packed(Record(_, fields), home, shift, dyn):
            below = sum(bits_of(s) for _, s in fields[place + 1 :])
            return read(em, fields[place][1], home, shift + below, dyn)
        case _:
            raise TypeError(f"not a record: {val.sort}")


def element(em: Emitter, val: Val, place: Op) -> Val:
    """The value of a map at the place of a key (64 bits, within the keys)."""
    match val:
        case Packed(Map(key, of), home, shift, dyn):
            return _element(em, of, cardinality(key), home, (shift, dyn), place)
        case _:
            raise TypeError(f"not a map: {val.sort}")


def item(em: Emitter, val: Val, place: Op) -> Val:
    """An item of a sequence (64 bits, below the capacity); meaningless beyond the length."""
    match val:
        case Packed(Seq(of, cap), home, shift, dyn):
            return _element(em, of, cap, home, (shift, dyn), place)
        case _:
            raise TypeError(f"not a sequence: {val.sort}")


def length(em: Emitter, val: Val) -> Op:
    """The length of a sequence, 64 bits."""
    match val:
        case Packed(Seq(of, cap), home, shift, dyn):
            return field(em, home, shift + cap * bits_of(of), dyn, width(cap + 1))
        case _:
            raise TypeError(f"not a sequence: {val.sort}")


def _element(
    em: Emitter, of: Sort, count: int, home: Home, base: tuple[int, Op | None], place: Op
) -> Val:
    shift, dyn = base
    size = bits_of(of)
    if count == 0:
        return nothing(em, of)
    if place.const is not None:
        return read(em, of, home, shift + (count - 1 - place.const) * size, dyn)
    back = em.sub(number(64, count - 1), place)
    by = em.mul(back, number(64, size))
    return read(em, of, home, shift, by if dyn is None else em.add(dyn, by))


# ---- putting together --------------------------------------------------------------------------


def packed(em: Emitter, val: Val) -> Op:
    """The packed bits of a value, in an operand of `register(bits_of(sort))` bits."""
    match val:
        case Scalar(Bool(), op):
            return em.resize(op, 64)
        case Scalar(Int() as sort, op):
            place = em.sub(op, number(op.bits, sort.lo))
            return em.resize(place, register(bits_of(sort)))
        case Scalar(_, op):
            return op
        case OptParts(sort, some, inner):
            bits = register(bits_of(sort))
            body = em.resize(packed(em, inner), bits)
            kept = em.select(some, body, number(bits, 0))
            return em.either(em.up(em.resize(some, bits), bits_of(sort.of)), kept)
        case Fields(sort, parts):
            return chain(em, bits_of(sort), [(packed(em, p), bits_of(p.sort)) for p in parts])
        case Packed(sort, home, shift, dyn):
            return field(em, home, shift, dyn, bits_of(sort))
        case _:
            assert_never(val)


def chain(em: Emitter, bits: int, parts: list[tuple[Op, int]]) -> Op:
    """Packed parts, with their widths, one after the other, the first on top."""
    total = number(register(bits), 0)
    below = bits
    for op, size in parts:
        below -= size
        if size:
            total = em.either(total, em.up(em.resize(op, total.bits), below))
    return total


def push(em: Emitter, total: Op, op: Op, size: int) -> Op:
    """One more packed part below those of `total`."""
    if size == 0:
        return total
    moved = em.up(total, size) if size < total.bits else number(total.bits, 0)
    return em.either(moved, em.resize(op, total.bits))


def whole(em: Emitter, sort: Sort, bits: Op) -> Val:
    """A value of any sort from packed bits."""
    return from_bits(em, sort, bits)


def flat(em: Emitter, val: Val) -> list[Op]:
    """The operands of a value, in the order that `unflat` takes."""
    match val:
        case Scalar(_, op):
            return [op]
        case OptParts(_, some, inner):
            return [some, *flat(em, inner)]
        case Fields(_, parts):
            return [op for p in parts for op in flat(em, p)]
        case Packed(Opt(), _, _, _):
            return [is_some(em, val), *flat(em, payload(em, val))]
        case Packed(Record(_, fields), _, _, _):
            return [op for i in range(len(fields)) for op in flat(em, part(em, val, i))]
        case Packed():
            return [packed(em, val)]
        case _:
            assert_never(val)


def unflat(sort: Sort, ops: list[Op]) -> Val:
    """The inverse of `flat`; takes its operands from the front of the list."""
    match sort:
        case Bool() | Int() | Enum() | Id() | Set():
            return Scalar(sort, ops.pop(0))
        case Opt(of):
            some = ops.pop(0)
            return OptParts(sort, some, unflat(of, ops))
        case Record(_, fields):
            return Fields(sort, tuple(unflat(s, ops) for _, s in fields))
        case Map() | Seq():
            return Packed(sort, Register(ops.pop(0)), 0, None)
        case _:
            assert_never(sort)


def either(em: Emitter, cond: Op, a: Val, b: Val) -> Val:
    """`a` if `cond`, else `b`; of the same sort."""
    if cond.const is not None:
        return a if cond.const else b
    if isinstance(a, Scalar):
        return Scalar(a.sort, em.select(cond, a.op, scalar(b)))
    pairs = zip(flat(em, a), flat(em, b), strict=True)
    return unflat(a.sort, [em.select(cond, x, y) for x, y in pairs])


def nothing(em: Emitter, sort: Sort) -> Val:
    """Some value of the sort, to stand where no value is looked at."""
    return from_bits(em, sort, number(register(bits_of(sort)), 0))
