"""Quantities as written to exact values in the base unit: cores, bytes, seconds, ones.

The suffixes are those of Kubernetes quantities (apimachinery `resource.Quantity`) and of
durations; `m` is milli, minutes are `min`.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.typed import TExpr, TLit, TSome
from kspec.analysis.types import IntT, OptT, RationalT, Type, UnitT
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.source import Span

_SIZES: Final = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "Pi": Fraction(2**50),
    "Ei": Fraction(2**60),
}
_TIMES: Final = {
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
}


def quantity(c: Checker, text: str, span: Span, wanted: Type | None) -> TExpr:
    """A literal with a unit; the wanted type decides between cpu, memory and other amounts."""
    if isinstance(wanted, OptT):
        return TSome(quantity(c, text, span, wanted.of), wanted, span)
    number, suffix = _split(text)
    unit = _unit(suffix, wanted)
    value = number * _factor(suffix)
    if unit is None:
        if isinstance(wanted, IntT) and value.denominator == 1:
            return TLit(int(value), IntT(), span)
        return TLit(value, RationalT(), span)
    if wanted is not None and isinstance(wanted, UnitT) and wanted.unit != unit:
        raise c.fail(
            report.simple(
                codes.UNIT_MISMATCH,
                f"`{text}` is {show_type(UnitT(unit))}, and {show_type(wanted)} is wanted",
                span,
                f"this is {show_type(UnitT(unit))}",
                "`500m` is half a cpu, `500Mi` is memory, `5min` is a duration",
            )
        )
    return TLit(value, UnitT(unit), span)


def _split(text: str) -> tuple[Fraction, str]:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(\D*)", text)
    assert match is not None, text
    return Fraction(match.group(1)), match.group(2)


def _factor(suffix: str) -> Fraction:
    if suffix == "%":
        return Fraction(1, 100)
    return _TIMES[suffix] if suffix in _TIMES else _SIZES[suffix]


def _unit(suffix: str, wanted: Type | None) -> str | None:
    if suffix in _TIMES:
        return "duration"
    if suffix == "%":
        return "percent"
    if isinstance(wanted, UnitT) and (wanted.unit == "quantity" or suffix == ""):
        return wanted.unit if wanted.unit != "duration" else "cpu"
    if suffix == "m":
        return "cpu"
    if suffix == "":
        return None
    return "memory"
