"""Texts with values in them, for people: events and reasons. Next: `actions`."""

from __future__ import annotations

from kspec.analysis.typed import TExpr
from kspec.ir.system import Template
from kspec.lower.codec import encode, occurring
from kspec.lower.context import CannotLower, Frame, Lowering
from kspec.lower.effects import closed
from kspec.lower.shapes import CannotStore


def template(low: Lowering, frame: Frame, parts: tuple[str | TExpr, ...]) -> Template:
    """The text, with expressions for its values; what cannot be shown is left as `…`."""
    from kspec.lower.expr import lower

    found: list[object] = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
            continue
        inner = frame.inner()
        try:
            sym = lower(low, inner, part)
            sort = occurring(low.shapes, part.type, sym)
            found.append(closed(inner.sink, encode(low.shapes, part.type, sym, sort)))
        except (CannotLower, CannotStore):
            found.append("…")
    return Template(tuple(found))  # type: ignore[arg-type]  # strings and expressions
