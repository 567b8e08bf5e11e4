"""Durations as Go writes them: `1h30m`, `1.5s`, `100ms`, `-2us`, `0`.

The grammar is that of `time.ParseDuration` (Go, `src/time/format.go`). Values are exact seconds;
what is finer than a nanosecond, Go drops, and so does this.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from kspec.base.codes import DURATION_SYNTAX
from kspec.base.diagnostic import Diagnostic, Label
from kspec.manifests.node import Scalar

NANOSECONDS: Final = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,  # the micro sign
    "\u03bcs": 10**3,  # the Greek letter
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART: Final = re.compile(
    r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII
)
_WHOLE: Final = re.compile(rf"([-+]?)((?:{_PART.pattern})+|0)", re.ASCII)
_LONGEST: Final = 1000  # characters; Python limits how long a number it reads
_MOST: Final = 2**63  # nanoseconds


def parse_duration(text: str) -> Fraction | None:
    """Seconds, or None where the text is no duration or longer than 2^63 ns (292 years)."""
    match = _WHOLE.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        return None
    total = 0
    for number, unit in _PART.findall(match[2]):
        whole, _, decimals = number.partition(".")
        total += int(whole or "0") * NANOSECONDS[unit]
        if decimals:
            total += int(decimals) * NANOSECONDS[unit] // 10 ** len(decimals)
    sign = -1 if match[1] == "-" else 1
    if total > _MOST or (total == _MOST and sign == 1):
        return None
    return Fraction(sign * total, 10**9)


def duration_at(scalar: Scalar) -> Fraction | Diagnostic:
    """The duration that a scalar of a manifest holds."""
    if isinstance(scalar.value, str):
        seconds = parse_duration(scalar.value)
        if seconds is not None:
            return seconds
    return Diagnostic(
        DURATION_SYNTAX,
        f"`{scalar.raw}` is not a duration" if scalar.raw else "a duration is missing",
        Label(scalar.span, "expected something like `1h30m`, `1.5s` or `100ms`"),
        notes=("units are h, m, s, ms, us and ns, and each number has one",),
    )
