"""What the types promise, asserted: a value of the pure layer as what it must be.

A failed cast is a mistake of kspec (the checker let something through), never of a user.
"""

from __future__ import annotations

from fractions import Fraction

from kspec.pure.values.value import FrozenMap, Obj, Value


def as_tuple(value: Value) -> tuple[Value, ...]:
    """A value that must be a list or a tuple."""
    if not isinstance(value, tuple):
        raise TypeError(f"not a list: {value!r}")
    return value


def as_set(value: Value) -> frozenset[Value]:
    """A value that must be a set."""
    if not isinstance(value, frozenset):
        raise TypeError(f"not a set: {value!r}")
    return value


def as_map(value: Value) -> FrozenMap:
    """A value that must be a map."""
    if not isinstance(value, FrozenMap):
        raise TypeError(f"not a map: {value!r}")
    return value


def as_number(value: Value) -> int | Fraction:
    """A value that must be a number."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise TypeError(f"not a number: {value!r}")
    return value


def as_int(value: Value) -> int:
    """A value that must be a whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"not a whole number: {value!r}")
    return value


def as_text(value: Value) -> str:
    """A value that must be a name."""
    if not isinstance(value, str):
        raise TypeError(f"not a name: {value!r}")
    return value


def as_bool(value: Value) -> bool:
    """A value that must be a truth value."""
    if not isinstance(value, bool):
        raise TypeError(f"not a truth value: {value!r}")
    return value


def as_obj(value: Value) -> Obj:
    """A value that must be an object."""
    if not isinstance(value, Obj):
        raise TypeError(f"not an object: {value!r}")
    return value
