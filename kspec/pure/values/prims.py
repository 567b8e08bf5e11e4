"""The built-in operations on values that read no world; the table of `TPrim` says what each is.

Everything is exact and total, but for a zero divisor: then the answer is nothing, which
`evaluate` makes an option or a located mistake of. Operations on objects are in `evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, TypeAlias

from kspec.analysis.types import (
    BoolT,
    IntT,
    RationalT,
    Type,
    UnitT,
)
from kspec.pure.values.cast import as_bool, as_int, as_map, as_number, as_set, as_text, as_tuple
from kspec.pure.values.order import rank
from kspec.pure.values.value import Value
from kspec.pure.values.world import Tables

Operation: TypeAlias = Callable[..., Value]


def less(left: Value, right: Value, type_: Type, tables: Tables) -> bool:
    """`<` of two values of one ordered type."""
    key = rank(type_, tables)
    return bool(key(left) < key(right))


def divide(left: Value, right: Value) -> Fraction | None:
    """The exact quotient; nothing if the divisor is 0."""
    divisor = as_number(right)
    return None if divisor == 0 else Fraction(as_number(left)) / Fraction(divisor)


def div(left: Value, right: Value) -> int | None:
    """The quotient rounded down; nothing if the divisor is 0."""
    divisor = as_number(right)
    return None if divisor == 0 else math.floor(Fraction(as_number(left)) / divisor)


def mod(left: Value, right: Value) -> int | Fraction | None:
    """What `div` leaves, with the divisor's sign; nothing if the divisor is 0."""
    divisor = as_number(right)
    return None if divisor == 0 else as_number(left) % divisor


def decimal(value: Value, places: Value) -> str:
    """The number with so many decimal places, ties to even."""
    digits = as_int(places)
    scaled = round(Fraction(as_number(value)) * 10**digits)
    whole, part = divmod(abs(scaled), 10**digits)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{part:0{digits}}" if digits else f"{sign}{whole}"


def text(value: Value, type_: Type) -> str:
    """A scalar as text: numbers in decimal where that is finite, amounts in the base unit
    (durations with `s`, percentages with `%`)."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case int() | Fraction():
            return _number_text(Fraction(value), type_)
        case str():
            return value
        case _:
            raise TypeError(f"no text for {value!r}")


def _number_text(value: Fraction, type_: Type) -> str:
    match type_:
        case UnitT("percent"):
            return f"{_plain(value * 100)}%"
        case UnitT("duration"):
            return f"{_plain(value)}s"
        case _:
            return _plain(value)


def _plain(value: Fraction) -> str:
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return decimal(value, max(twos, fives)) if rest == 1 else str(value)


def zero(type_: Type) -> int | Fraction:
    """The sum of nothing."""
    return 0 if isinstance(type_, IntT | BoolT) else Fraction(0)


def one(type_: Type) -> int | Fraction:
    """The product of nothing."""
    return 1 if isinstance(type_, IntT | BoolT) else Fraction(1)


def exact(value: Value, type_: Type) -> Value:
    """A number in the representation of its type."""
    if isinstance(type_, RationalT | UnitT) and isinstance(value, int):
        return Fraction(value)
    return value


def _split(value: Value, separator: Value) -> Value:
    whole, by = as_text(value), as_text(separator)
    return tuple(whole.split(by)) if by else tuple(whole)


def _strip_end(value: Value, suffix: Value) -> Value:
    return as_text(value).removesuffix(as_text(suffix))


def _strip_start(value: Value, prefix: Value) -> Value:
    return as_text(value).removeprefix(as_text(prefix))


def _concat(*parts: Value) -> Value:
    return "".join(str(part) for part in parts)


def _size(value: Value) -> Value:
    if isinstance(value, frozenset | tuple | str):
        return len(value)
    return len(as_map(value))


TABLE: Final[Mapping[str, Operation]] = {
    "not": lambda a: not as_bool(a),
    "and": lambda *args: all(map(as_bool, args)),
    "or": lambda *args: any(map(as_bool, args)),
    "implies": lambda a, b: not as_bool(a) or as_bool(b),
    "+": lambda *args: sum(map(as_number, args)),
    "-": lambda a, b: as_number(a) - as_number(b),
    "*": lambda *args: math.prod(map(as_number, args)),
    "neg": lambda a: -as_number(a),
    "abs": lambda a: abs(as_number(a)),
    "/": divide,
    "div": div,
    "mod": mod,
    "floor": lambda a: math.floor(as_number(a)),
    "ceil": lambda a: math.ceil(as_number(a)),
    "frac": lambda a: Fraction(as_number(a)),
    "in": lambda a, s: a in as_set(s),
    "subset": lambda a, b: as_set(a) <= as_set(b),
    "union": lambda *args: frozenset[Value]().union(*map(as_set, args)),
    "inter": lambda a, *rest: as_set(a).intersection(*map(as_set, rest)),
    "minus": lambda a, b: as_set(a) - as_set(b),
    "size": _size,
    "in-list": lambda a, xs: a in as_tuple(xs),
    "++": lambda *args: sum(map(as_tuple, args), ()),
    "len": lambda xs: len(as_tuple(xs)),
    "head": lambda xs: as_tuple(xs)[0] if xs else None,
    "reverse": lambda xs: as_tuple(xs)[::-1],
    "set-of-list": lambda xs: frozenset(as_tuple(xs)),
    "has": lambda k, m: k in as_map(m),
    "concat": _concat,
    "starts": lambda a, b: as_text(a).startswith(as_text(b)),
    "ends": lambda a, b: as_text(a).endswith(as_text(b)),
    "has-text": lambda a, b: as_text(b) in as_text(a),
    "lower": lambda a: as_text(a).lower(),
    "strip-end": _strip_end,
    "strip-start": _strip_start,
    "split": _split,
    "replace": lambda a, old, new: as_text(a).replace(as_text(old), as_text(new)),
    "length": lambda a: len(as_text(a)),
    "decimal": decimal,
    "exists": lambda a: a is not None,
    "to-list": lambda a: () if a is None else (a,),
    "off?": lambda t: t is None,
    "on?": lambda t: t is not None,
    "due?": lambda t: t is not None and as_number(t) == 0,
}
"""Operations that look at nothing but their arguments."""
