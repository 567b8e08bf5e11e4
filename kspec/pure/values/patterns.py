"""Patterns of `match`: do they fit a value, and which names do they bind?

An option holds its content, so every pattern but `_` and `none` fits only what exists; whether
the value matched is an option need not be known here, since contents are never None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from kspec.analysis.typed import PAny, Pattern, PBind, PList, PLit, PNone, PTemplate, TExpr
from kspec.analysis.types import TimerT
from kspec.pure.values.value import Value

Bound = dict[str, Value]


def fit(pattern: Pattern, value: Value, literal: Callable[[TExpr], Value]) -> Bound | None:
    """The names that the pattern binds in the value; None if it does not match.

    `literal` evaluates the expression of a literal pattern.
    """
    match pattern:
        case PAny():
            return {}
        case PNone():
            return {} if value is None else None
        case PBind(name, type_):
            # A timer that is off is None too, and is something to bind.
            return {name: value} if value is not None or isinstance(type_, TimerT) else None
        case PLit(expr):
            return {} if literal(expr) == value else None
        case PTemplate(parts):
            return holes(parts, value) if isinstance(value, str) else None
        case PList(items):
            return _fit_list(items, value, literal)
        case _:
            assert_never(pattern)


def _fit_list(
    items: tuple[Pattern, ...], value: Value, literal: Callable[[TExpr], Value]
) -> Bound | None:
    if not isinstance(value, tuple) or len(value) != len(items):
        return None
    bound: Bound = {}
    for item, element in zip(items, value, strict=True):
        found = fit(item, element, literal)
        if found is None:
            return None
        bound |= found
    return bound


def holes(parts: tuple[tuple[str, str], ...], text: str) -> Bound | None:
    """The texts in the holes of a template: each the shortest up to the next literal text, the
    last one the rest. A name that stands twice must hold the same text twice."""
    bound: Bound = {}
    at = 0
    for place, (what, content) in enumerate(parts):
        if what == "text":
            if not text.startswith(content, at):
                return None
            at += len(content)
            continue
        end = _end_of_hole(parts, place, text, at)
        if end is None or not _bind(bound, content, text[at:end]):
            return None
        at = end
    return bound if at == len(text) else None


def _end_of_hole(parts: tuple[tuple[str, str], ...], place: int, text: str, at: int) -> int | None:
    if place + 1 == len(parts):
        return len(text)
    what, content = parts[place + 1]
    if what == "hole":
        return at  # the shortest text before another hole is empty
    found = text.find(content, at)
    return found if found >= at else None


def _bind(bound: Bound, name: str, text: str) -> bool:
    if name == "_":
        return True
    return bound.setdefault(name, text) == text
