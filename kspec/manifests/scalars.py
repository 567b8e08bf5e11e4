"""What the text of a YAML scalar means to Kubernetes.

That is YAML 1.1 as `sigs.k8s.io/yaml` reads it, by way of go-yaml v2 (`resolve.go`, with Go's
`strconv.ParseInt` in base 0) and then JSON: `on`, `y` and `No` are truth values, `0o14` and
`014` are 12, `1_000` is 1000, `1:30` and dates are texts, and a float is what its nearest
64-bit number is written as. PyYAML resolves several of these otherwise, so it is not asked.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Final, final

from kspec.base.record import frozen
from kspec.manifests.node import Plain

_CORE: Final = "tag:yaml.org,2002:"

_WORDS: Final[dict[str, bool | None]] = {
    **{word: True for y in ("y", "yes", "true", "on") for word in (y, y.capitalize(), y.upper())},
    **{word: False for n in ("n", "no", "false", "off") for word in (n, n.capitalize(), n.upper())},
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
}
_NOT_FINITE: Final = frozenset(
    sign + word for word in (".inf", ".Inf", ".INF") for sign in ("", "+", "-")
) | {".nan", ".NaN", ".NAN"}

_INTEGER: Final = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))", re.ASCII
)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_BASES: Final = (16, 8, 2, 10)


@final
@frozen
class Misfit:
    """A scalar that Kubernetes refuses; the reason continues "`text` …"."""

    reason: str


def resolve(text: str, tag: str | None, plain: bool) -> Plain | Misfit:
    """What a scalar means; `plain` is false for quoted and block texts, `tag` is the full tag."""
    if tag is None:
        return plain_value(text) if plain else text
    if not tag.startswith(_CORE):
        return text  # as go-yaml does: a tag it does not know is ignored
    return _tagged(text, tag.removeprefix(_CORE))


def _tagged(text: str, kind: str) -> Plain | Misfit:
    value = text if kind in ("str", "timestamp") else plain_value(text)
    match kind, value:
        case _, Misfit():
            return value
        case (("str" | "timestamp"), _):
            return text
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool):
            return value
        case "float", Fraction():
            return value
        case "float", int() if not isinstance(value, bool):
            return _float(str(value))
        case "null", None:
            return None
        case (("bool" | "int" | "float" | "null"), _):
            return Misfit(f"is marked `!!{kind}` but is not one")
        case "binary", _:
            return Misfit("is marked `!!binary`, which Kubernetes does not take; write base64 text")
        case _:
            return text


def plain_value(text: str) -> Plain | Misfit:
    """What a scalar without quotes and tag means."""
    if text in _WORDS:
        return _WORDS[text]
    if text in _NOT_FINITE:
        return Misfit("is not a number that an object can hold")
    if text[0] == ".":
        return number(text)
    if text[0] in "+-0123456789":
        return number(text.replace("_", ""), otherwise=text)
    return text


def number(text: str, otherwise: str | None = None) -> int | Fraction | str:
    """A number as Go reads it, or the text itself (or `otherwise`) where it is none.

    Whole numbers beyond 64 bits in base ten become floats, in other bases they stay texts.
    """
    as_text = text if otherwise is None else otherwise
    if match := _INTEGER.fullmatch(text):
        sign, *digits = match.groups()
        base, found = next((b, d) for b, d in zip(_BASES, digits, strict=True) if d)
        if len(found) <= 64:
            value = int(found, base) * (-1 if sign == "-" else 1)
            if -(2**63) <= value < 2**64:
                return value
    return _float(text) if _FLOAT.fullmatch(text) and not _is_huge(text) else as_text


def _float(text: str) -> Fraction:
    # The shortest text that reads back as the same 64-bit number is what Go writes as JSON.
    return Fraction(Decimal(repr(float(text))))


def _is_huge(text: str) -> bool:
    return math.isinf(float(text))
