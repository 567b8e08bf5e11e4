"""What authors wrote, and where: the text of an expression on one line, the line of a place."""

from __future__ import annotations

from kspec.analysis.typed import TExpr
from kspec.base.source import LineIndex, SourceFile, Span


def snippet(expr: TExpr, sources: tuple[SourceFile, ...]) -> str:
    """The text at the expression's place; `…` where the source is not at hand."""
    for source in sources:
        if source.name == expr.span.file:
            return " ".join(source.text[expr.span.start : expr.span.end].split())
    return "…"


def line_of(span: Span | None, sources: tuple[SourceFile, ...]) -> str:
    """`file:line` of a place; `""` where there is none or the source is not at hand."""
    for source in sources:
        if span is not None and source.name == span.file:
            return f"{span.file}:{LineIndex(source.text).position(span.start)[0]}"
    return ""
