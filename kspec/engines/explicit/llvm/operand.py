"""Operands of LLVM instructions, and what is known of their results without an instruction.

Next: `emit`, which writes the instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Op(NamedTuple):
    """An operand: `bits` wide, 0 for a pointer; `const` is its value, unsigned, if known."""

    bits: int
    ref: str
    const: int | None = None

    @property
    def typed(self) -> str:
        """The operand with its type."""
        return f"{type_name(self.bits)} {self.ref}"


NULL = Op(0, "null")


def type_name(bits: int) -> str:
    """The LLVM type of an operand of that width."""
    return f"i{bits}" if bits else "ptr"


def number(bits: int, value: int) -> Op:
    """A constant, taken modulo 2**bits."""
    value &= (1 << bits) - 1
    if bits == 1:
        return Op(1, "true" if value else "false", value)
    return Op(bits, str(signed(bits, value)), value)


def signed(bits: int, value: int) -> int:
    """An unsigned constant read as two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


TRUE = number(1, 1)
FALSE = number(1, 0)

_FOLD: dict[str, Callable[[int, int, int], int]] = {
    "add": lambda n, a, b: a + b,
    "sub": lambda n, a, b: a - b,
    "mul": lambda n, a, b: a * b,
    "and": lambda n, a, b: a & b,
    "or": lambda n, a, b: a | b,
    "xor": lambda n, a, b: a ^ b,
    "shl": lambda n, a, b: a << b,
    "lshr": lambda n, a, b: a >> b,
    "udiv": lambda n, a, b: a // b,
    "urem": lambda n, a, b: a % b,
}
_COMPARE: dict[str, Callable[[int, int, int], bool]] = {
    "eq": lambda n, a, b: a == b,
    "ne": lambda n, a, b: a != b,
    "ult": lambda n, a, b: a < b,
    "ule": lambda n, a, b: a <= b,
    "slt": lambda n, a, b: signed(n, a) < signed(n, b),
    "sle": lambda n, a, b: signed(n, a) <= signed(n, b),
}
_COMMUTES = frozenset({"add", "mul", "and", "or", "xor"})


def fold(name: str, a: Op, b: Op) -> Op | None:
    """The result, where it is known without an instruction."""
    zero, ones = number(a.bits, 0), (1 << a.bits) - 1
    if name in ("shl", "lshr") and b.const is not None and b.const >= a.bits:
        return zero  # only reached by code whose result nobody looks at
    if a.const is not None and b.const is not None and name in _FOLD:
        return number(a.bits, _FOLD[name](a.bits, a.const, b.const))
    if b.const == 0 and name in ("add", "sub", "or", "xor", "shl", "lshr"):
        return a
    if name in ("and", "mul") and b.const == 0:
        return zero
    if name in ("shl", "lshr") and a.const == 0:
        return zero
    if name == "and" and (b.const == ones or a == b):
        return a
    if name == "or" and b.const == ones:
        return b
    if name == "or" and a == b:
        return a
    if name in ("mul", "udiv") and b.const == 1:
        return a
    return None


def compare_constants(name: str, bits: int, a: int, b: int) -> bool:
    """The result of a comparison of unsigned constants."""
    return _COMPARE[name](bits, a, b)


def in_order(name: str, a: Op, b: Op) -> tuple[Op, Op]:
    """The operands, a constant last if the operation commutes."""
    if name in _COMMUTES and a.const is not None and b.const is None:
        return b, a
    return a, b
