"""Texts with values in them, for people: events and reasons. Next: `actions`."""

from __future__ import annotations

from attrs import evolve

from kspec.analysis.typed import TExpr
from kspec.ir.expr import Expr
from kspec.ir.system import Template
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.steps.effects import closed
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.shapes import CannotStore


def template(low: Lowering, frame: Frame, parts: tuple[str | TExpr, ...]) -> Template:
    """The text, with expressions for its values; what cannot be shown is left as `…`."""
    found: list[str | Expr] = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            continue
        found.append(_value(low, frame, part))
    return Template(tuple(found))


def _value(low: Lowering, frame: Frame, part: TExpr) -> str | Expr:
    """A value to show: as it is seen or, where the view does not keep it, as it is."""
    from kspec.lower.expressions.expr import lower

    for world in dict.fromkeys((frame.world, frame.live)):
        inner = evolve(frame.inner(), world=world)
        try:
            sym = lower(low, inner, part)
            sort = occurring(low.shapes, part.type, sym)
            return closed(inner.sink, encode(low.shapes, part.type, sym, sort))
        except (CannotLower, CannotStore):
            continue
    return "…"
