"""The text of an expression as its author wrote it, on one line."""

from __future__ import annotations

from kspec.analysis.typed import TExpr
from kspec.base.source import SourceFile


def snippet(expr: TExpr, sources: tuple[SourceFile, ...]) -> str:
    """The text at the expression's place; `…` where the source is not at hand."""
    for source in sources:
        if source.name == expr.span.file:
            return " ".join(source.text[expr.span.start : expr.span.end].split())
    return "…"
