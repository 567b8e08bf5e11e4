"""Goes on after a mistake: says what is wrong and takes away the smallest part around it."""

from __future__ import annotations

from kspec.base.codes import UNEXPECTED_END, UNEXPECTED_TEXT
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax.machine import Stuck, TooDeep


def explain(file: str, text: str, outcome: Stuck | TooDeep) -> Diagnostic:
    """What is wrong."""
    if isinstance(outcome, TooDeep):
        return Diagnostic(
            UNEXPECTED_TEXT,
            "nested too deep",
            Label(Span(file, outcome.start, outcome.end)),
        )
    token = outcome.token
    if not token.text:
        return Diagnostic(
            UNEXPECTED_END,
            "the file ends in the middle of something",
            Label(Span(file, token.start, token.end)),
        )
    return Diagnostic(
        UNEXPECTED_TEXT,
        f"`{token.text}` cannot stand here",
        Label(Span(file, token.start, token.end)),
    )


def without_mistake(text: str, outcome: Stuck | TooDeep) -> str:
    """The text, with blanks where the mistake is."""
    return " " * len(text)
