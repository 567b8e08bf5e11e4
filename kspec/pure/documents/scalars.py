"""Scalars of documents as values: lenient where Kubernetes is, with a word on what does not fit."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import final

from kspec.analysis.types import EnumT
from kspec.base import codes
from kspec.base.codes import Code
from kspec.base.diagnostic import Help, did_you_mean
from kspec.base.suggest import suggest
from kspec.manifests.duration import parse_duration
from kspec.manifests.node import Scalar
from kspec.manifests.quantity import malformed, parse_quantity
from kspec.pure.documents import paths
from kspec.pure.documents.paths import Spot


class Misread(Exception):
    """A document that does not hold what its place asks for. `message` stands alone."""

    def __init__(
        self,
        spot: Spot,
        message: str,
        *help_: Help,
        code: Code = codes.TYPE_MISMATCH,
    ) -> None:
        super().__init__(f"{spot.text()}: {message}")
        self.spot = spot
        self.message = message
        self.help = help_
        self.code = code


@final
class Dangling(Misread):
    """A reference to somebody who is not there: nothing, where nothing may be."""


def read_bool(spot: Spot) -> bool:
    """`true`, or the text of it."""
    word = paths.word(spot.tree)
    if word is None or word.lower() not in ("true", "false"):
        raise unfit(spot, "true or false")
    return word.lower() == "true"


def read_int(spot: Spot) -> int:
    """A whole number, or the text of one."""
    number = _number(spot)
    if number is None or number.denominator != 1:
        raise unfit(spot, "a whole number")
    return int(number)


def read_rational(spot: Spot) -> Fraction:
    """An exact number: a number, or a text such as `0.3` or `1/3`."""
    number = _number(spot)
    if number is None:
        raise unfit(spot, "a number such as `0.3` or `1/3`")
    return number


_NUMBER = re.compile(r"\s*[-+]?[0-9]+(?:\.[0-9]+)?(?:/[0-9]*[1-9][0-9]*|[eE][-+]?[0-9]{1,4})?\s*")


def _number(spot: Spot) -> Fraction | None:
    value = paths.scalar(spot.tree)
    match value:
        case bool() | None:
            return None
        case int() | Fraction():
            return Fraction(value)
        case str() if _NUMBER.fullmatch(value):
            if "/" in value:
                over, under = value.split("/")
                return Fraction(over) / int(under)
            return Fraction(value)
        case _:
            return None


def read_amount(spot: Spot, unit: str) -> Fraction:
    """An amount in the base unit of `unit`; a bare number is seconds for durations."""
    value = paths.scalar(spot.tree)
    number = value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None
    code = codes.QUANTITY_SYNTAX
    match unit:
        case "duration":
            code = codes.DURATION_SYNTAX
            text = value if isinstance(value, str) else ""
            # A bare number is seconds.
            found = _number(spot) if number is not None else parse_duration(text) or _number(spot)
        case "percent":
            code = codes.TYPE_MISMATCH
            found = _percent(value)
        case _:
            text = str(value) if isinstance(value, str | int) else _decimal(value)
            parsed = None if isinstance(value, bool) else parse_quantity(text)
            found = None if parsed is None else parsed.value
    if found is None:
        wanted = _EXAMPLES.get(unit, "an amount such as `500m`, `2` or `1.5Gi`")
        tree = spot.tree
        is_amount = code is codes.QUANTITY_SYNTAX
        help_ = malformed(tree).help if is_amount and isinstance(tree, Scalar) else ()
        raise unfit(spot, wanted, code, help_)
    return found


_EXAMPLES = {
    "duration": "a duration such as `300s` or `1h30m`",
    "percent": "a percentage such as `25%`",
}


def _percent(value: object) -> Fraction | None:
    if not isinstance(value, str) or not value.endswith("%"):
        return None
    number = value.removesuffix("%")
    return Fraction(number) / 100 if _NUMBER.fullmatch(number) and "/" not in number else None


def _decimal(value: object) -> str:
    return repr(float(value)) if isinstance(value, Fraction) else ""


def read_name(spot: Spot) -> str:
    """A text; numbers and truth values as they are written."""
    word = paths.word(spot.tree)
    if word is None:
        raise unfit(spot, "a text")
    return word


def read_case(spot: Spot, type_: EnumT) -> str:
    """A case of an enumeration."""
    word = paths.word(spot.tree)
    if word not in type_.cases:
        near = suggest(word or "", type_.cases)
        shown = "nothing" if word is None else f"`{word}`"
        raise Misread(
            spot,
            f"{shown} is no case of `{type_.name}`",
            *_meant(near, spot, f"the cases are {', '.join(f'`{c}`' for c in type_.cases)}"),
            code=codes.UNKNOWN_NAME,
        )
    return word


def _meant(near: str | None, spot: Spot, otherwise: str) -> tuple[Help, ...]:
    if near and spot.span:
        return did_you_mean(near, spot.span)
    return (Help(f"did you mean `{near}`?" if near else otherwise),)


def unfit(
    spot: Spot, wanted: str, code: Code = codes.TYPE_MISMATCH, help_: tuple[Help, ...] = ()
) -> Misread:
    """What is said of a scalar that is not what is wanted."""
    shown = paths.word(spot.tree)
    message = f"{wanted} is wanted, and this is {'`' + shown + '`' if shown else 'none'}"
    return Misread(spot, message, *help_, code=code)
