"""Values and sorts in formulas for people: two values of a sort never have the same words, and no
value has those of a variable. Next: `plain`.
"""

from __future__ import annotations

import json
import re
from typing import Final, assert_never

from kspec.driver.telling.shown import Amount, Each, Shape
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
    cardinality,
    index_of,
    values,
)
from kspec.report.values import Lens

COMPARED: Final = 300
"""Values of larger sorts are numbered beside their words: nobody compares all of them."""


class Literals:
    """The values of one system; `taken` are words that mean something else."""

    def __init__(self, lens: Lens, taken: frozenset[str]) -> None:
        self.lens, self.taken = lens, taken

    def show(self, of: Lit, shape: Shape) -> str:
        """A value; amounts with their unit."""
        if isinstance(of.sort, Bool | Int):
            return self.lens.show(of.sort, of.value, None, shape)
        return self._alone(of.sort, of.value, shape)

    def _alone(self, sort: Sort, value: Value, shape: Shape) -> str:
        said = self.lens.show(sort, value, None, shape)
        many = cardinality(sort) > COMPARED and not isinstance(sort, Enum | Id)
        if many or self._is_shared(sort, value, shape, said):
            return f"{said}#{index_of(sort, value)}"
        is_word = isinstance(sort, Enum | Opt) and not re.fullmatch(r"[\w./:@*%-]+", said)
        is_plain = said == '""' or said[:1] in ("{", "[")
        return json.dumps(said) if said in self.taken or (is_word and not is_plain) else said

    def _is_shared(self, sort: Sort, value: Value, shape: Shape, said: str) -> bool:
        others = (other for other in values(sort) if other != value)
        return any(self.lens.show(sort, other, None, shape) == said for other in others)


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
