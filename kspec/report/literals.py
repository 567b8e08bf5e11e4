"""Values and sorts in formulas for people: two values of a sort never have the same words, and no
value has those of a variable. Next: `plain`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import assert_never

from kspec.driver.telling.shown import Amount, Each, Parts, Shape
from kspec.ir.expr import Lit
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
    ordinal,
    values,
)
from kspec.report.values import Lens


class Literals:
    """The values of one system; `taken` are words that mean something else."""

    def __init__(self, lens: Lens, taken: frozenset[str]) -> None:
        self.lens, self.taken = lens, taken

    def show(self, of: Lit, shape: Shape) -> str:
        """A value; amounts with their unit."""
        return self._said(of.sort, of.value, shape)

    def _said(self, sort: Sort, value: Value, shape: Shape) -> str:
        match sort, value:
            case ((Bool() | Int()), _):
                return self.lens.show(sort, value, None, shape)
            case ((Enum() | Id()), _):
                return self._word(sort, value, shape)
            case Opt(), None:
                return self.lens.show(sort, value, None, shape)
            case Opt(Opt() as of), (held,):
                return f"some({self._said(of, held, inner(shape))})"
            case Opt(of), (held,):
                said = self._said(of, held, inner(shape))
                return f"some({said})" if said in ("none", "off") else said
            case _:
                return self._whole(sort, value, shape)

    def _word(self, sort: Enum | Id, value: Value, shape: Shape) -> str:
        """One of several cases or objects; none is called like another, or like something else."""
        said = self.lens.show(sort, value, None, shape)
        all_of_them = [self.lens.show(sort, other, None, shape) for other in values(sort)]
        if all_of_them.count(said) > 1:
            return f"{said}#{ordinal(sort, value)}"
        is_word = re.fullmatch(r"[\w./:@*%-]+", said) or said == '""' or said[:1] in ("{", "[")
        return said if is_word and said not in self.taken else json.dumps(said)

    def _whole(self, sort: Sort, value: Value, shape: Shape) -> str:
        """A value of many parts, with all of them."""
        match sort, value:
            case Record(_, fields), tuple():
                shapes = shape.parts if isinstance(shape, Parts) else (None,) * len(fields)
                told = zip(fields, value, shapes, strict=True)
                return _braces(f"{n}: {self._said(of, v, s)}" for (n, of), v, s in told)
            case Set(of), frozenset():
                return _braces(sorted(self._said(of, one, inner(shape)) for one in value))
            case Map(key, of), tuple():
                told_of = zip(values(key), value, strict=True)
                return _braces(
                    f"{self._said(key, k, None)}: {self._said(of, v, inner(shape))}"
                    for k, v in told_of
                )
            case Seq(of), tuple():
                return "[" + ", ".join(self._said(of, one, inner(shape)) for one in value) + "]"
            case _:
                raise AssertionError(sort)


def _braces(parts: Iterable[str]) -> str:
    return "{" + ", ".join(parts) + "}"


def duration(shape: Shape) -> Shape:
    """What is left of a timer is a duration."""
    match shape:
        case Amount("timer", measure):
            return Amount("duration", measure)
        case _:
            return shape


def inner(shape: Shape) -> Shape:
    """What is inside an option, a set, a sequence, a map."""
    return shape.of if isinstance(shape, Each) else None


def sort_words(sort: Sort) -> str:
    """What a quantifier is over."""
    match sort:
        case Bool():
            return "bool"
        case Int(lo, hi):
            return f"{lo}..{hi}"
        case Enum(name) | Record(name) | Id(name):
            return name
        case Opt(of):
            return f"{sort_words(of)}?"
        case Set(of):
            return f"set of {sort_words(of)}"
        case Seq(of, cap):
            return f"list of {cap} {sort_words(of)}"
        case Map(key, of):
            return f"map from {sort_words(key)} to {sort_words(of)}"
        case _:
            assert_never(sort)


__all__ = ["Literals", "duration", "inner", "sort_words"]
