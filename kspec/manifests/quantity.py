"""Amounts as Kubernetes writes them: `500m`, `2Gi`, `1e3`, `0.5`.

The grammar is that of `resource.Quantity` (k8s.io/apimachinery, `pkg/api/resource/quantity.go`).
Values are exact, and what the API server does to a value on reading is done here too: it keeps
nine decimal places, rounding away from zero, and cuts binary amounts at 2^63-1. Stricter than
its parser in one thing: it takes `.`, `+` and `k` for 0, but its own grammar wants a digit.
"""

from __future__ import annotations

import enum
import re
from fractions import Fraction
from typing import Final, final

from kspec.base.codes import QUANTITY_SYNTAX
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.record import frozen
from kspec.base.suggest import suggest
from kspec.manifests.node import Scalar


class Style(enum.Enum):
    """The family of suffixes that an amount was written with, and is written back with."""

    DECIMAL = "decimal"
    BINARY = "binary"
    EXPONENT = "exponent"


@final
@frozen
class Quantity:
    """An exact amount (in cores, bytes, …: the grammar has no units) and how it was written."""

    value: Fraction
    style: Style


_DECIMAL: Final = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FORM: Final = re.compile(
    r"([-+]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([eE])([-+]?[0-9]{1,4})|([numkMGTPE]|[KMGTPE]i)?)",
    re.ASCII,
)
_LONGEST: Final = 1000  # characters; Python limits how long a number it reads
_NANO: Final = 10**9
_LARGEST_BINARY: Final = Fraction(2**63 - 1)


def parse_quantity(text: str) -> Quantity | None:
    """What a text means, or None where it is no amount.

    Exponents of more than four digits and texts of more than 1000 characters are none either.
    """
    match = _FORM.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        return None
    sign, digits, e, exponent, suffix = match.groups()
    size = Fraction(digits if digits[-1] != "." else digits + "0")
    if e is not None:
        value, style = size * Fraction(10) ** int(exponent), Style.EXPONENT
    elif suffix in _BINARY:
        value, style = size * 2 ** _BINARY[suffix], Style.BINARY
    else:
        value, style = size * Fraction(10) ** _DECIMAL[suffix or ""], Style.DECIMAL
    value = Fraction(-((-value * _NANO) // 1), _NANO)
    if style is Style.BINARY:
        value = min(value, _LARGEST_BINARY)
        style = Style.DECIMAL if 0 < value < 1 else style
    return Quantity(-value if sign == "-" else value, style)


def canonical(quantity: Quantity) -> str:
    """How Kubernetes writes the amount: the largest suffix without decimal places.

    Binary amounts below 1Ki, and those that are no whole number, are written decimally; decimal
    amounts with an exponent beyond `E` are written with `e`.
    """
    value, style = quantity.value, quantity.style
    if value == 0:
        return "0"
    if style is Style.BINARY and abs(value) >= 1024 and value.denominator == 1:
        return _with_largest(int(value), 1024, _BINARY_NAMES)
    # INVARIANT: parsing leaves no more than nine decimal places.
    power = -9
    scaled = int(value * _NANO)
    while scaled % 1000 == 0:
        scaled //= 1000
        power += 3
    name = _DECIMAL_NAMES.get(power)
    if style is Style.EXPONENT or name is None:
        return f"{scaled}e{power}" if power else str(scaled)
    return f"{scaled}{name}"


_DECIMAL_NAMES: Final = {power: name for name, power in _DECIMAL.items()}
_BINARY_NAMES: Final = ("", *_BINARY)


def _with_largest(value: int, base: int, names: tuple[str, ...]) -> str:
    level = 0
    while level + 1 < len(names) and value % base == 0:
        value //= base
        level += 1
    return f"{value}{names[level]}"


def quantity_at(scalar: Scalar) -> Quantity | Diagnostic:
    """The amount that a scalar of a manifest holds; numbers without quotes count too."""
    if scalar.value is None or isinstance(scalar.value, bool):
        return malformed(scalar)
    text = scalar.value if isinstance(scalar.value, str) else _as_json(scalar.value)
    return parse_quantity(text) or malformed(scalar)


def _as_json(number: int | Fraction) -> str:
    """The number's digits; which notation JSON would choose makes no difference to the value."""
    return str(number) if isinstance(number, int) else repr(float(number))


def malformed(scalar: Scalar) -> Diagnostic:
    """Says that a scalar is no amount, and what it may have been meant to be."""
    nearest = _meant(scalar.raw)
    advice = () if nearest is None else (_replace(scalar, nearest),)
    return Diagnostic(
        QUANTITY_SYNTAX,
        f"`{scalar.raw}` is not an amount" if scalar.raw else "an amount is missing",
        Label(scalar.span, "expected a number such as `500m`, `2` or `1.5Gi`"),
        notes=("suffixes are n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or an exponent such as e3",),
        help=advice,
    )


def _replace(scalar: Scalar, text: str) -> Help:
    return Help(f"did you mean `{text}`?", Edit(scalar.span, text))


def _meant(raw: str) -> str | None:
    """The amount that differs only in spaces, underscores, or the writing of the suffix."""
    compact = re.sub(r"[\s_,]", "", raw)
    if parse_quantity(compact) is not None:
        return compact
    match = re.fullmatch(r"([-+]?[0-9]*\.?[0-9]+)([A-Za-z]+)", compact, re.ASCII)
    if match is None:
        return None
    number, suffix = match.groups()
    known = {"kb": "k", "mb": "M", "gb": "G", "tb": "T", "kib": "Ki", "mib": "Mi", "gib": "Gi"}
    better = known.get(suffix.lower()) or suggest(suffix, (*filter(None, _DECIMAL), *_BINARY))
    return None if better is None else number + better
