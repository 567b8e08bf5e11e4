"""What the YAML parser complains about, in words that help.

The parser's own sentence is kept where nothing better is known. The table below pairs a part of
libyaml's sentence with ours; a sentence that libyaml changes falls back to its own words.
"""

from __future__ import annotations

from typing import Any, Final

from kspec.base.codes import YAML_SYNTAX
from kspec.base.diagnostic import Diagnostic, Help, Label
from kspec.base.source import Span

_KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        "a `:` with a space after it cannot stand here",
        "put the value in quotes, or indent the line as its neighbours are",
    ),
    (
        "could not find expected ':'",
        "a `:` is missing after a key",
        "write `key: value`, or indent the line to make it part of the text before",
    ),
    (
        "did not find expected key",
        "a key is expected here",
        "look for a line whose indentation differs from its neighbours'",
    ),
    (
        "did not find expected '-' indicator",
        "a list goes on here without a `-`",
        "start the item with `- `, or indent the line as its neighbours are",
    ),
    (
        "found character that cannot start any token",
        "this character cannot start a value",
        "indent with spaces, not tabs, and put a value that begins with `%`, `@` or a backquote "
        "in quotes",
    ),
    (
        "found unexpected end of stream",
        "a quote is never closed",
        "close it with the quote that it began with",
    ),
    ("did not find expected ',' or ']'", "a `,` or `]` is expected here", ""),
    ("did not find expected ',' or '}'", "a `,` or `}` is expected here", ""),
    (
        "found unknown escape character",
        "no such escape in double quotes",
        "write `\\\\` for a backslash, or use single quotes",
    ),
    (
        "did not find expected <document start>",
        "something stands here after the document has ended",
        "begin a new document with a line `---`",
    ),
)


def explain(
    error: Exception, file: str, text: str, offset: int, innermost: int | None
) -> Diagnostic:
    """A parser's exception about `text`, which begins `offset` characters into `file`.

    `innermost` is where the collection began that the parser was in, if it was in one.
    """
    problem = _sentence(error)
    message, advice = next(
        ((ours, help_) for theirs, ours, help_ in _KNOWN if theirs in problem), (problem, "")
    )
    at = _index(getattr(error, "problem_mark", None), len(text))
    begin = _index(getattr(error, "context_mark", None), at)
    if innermost is not None and text[innermost] in "[{" and not text[at:].strip():
        message = f"this `{text[innermost]}` is never closed"
        return Diagnostic(YAML_SYNTAX, message, _label(file, text, innermost, offset))
    if at == len(text) or "end of stream" in problem:
        at = begin  # the end of the text tells nobody what was left open
    labels = (_label(file, text, begin, offset, "in what begins here"),) if begin < at else ()
    return Diagnostic(
        YAML_SYNTAX,
        message,
        _label(file, text, at, offset),
        labels,
        help=(Help(advice),) if advice else (),
    )


def _label(file: str, text: str, at: int, offset: int, words: str = "") -> Label:
    """One character, or the empty end of a line."""
    end = at if text[at : at + 1] in ("", "\n", "\r") else at + 1
    return Label(Span(file, offset + at, offset + end), words)


def _sentence(error: Exception) -> str:
    found = getattr(error, "problem", None) or getattr(error, "reason", None)
    return str(found) if found else "this is not YAML"


def _index(mark: Any, default: int) -> int:
    return min(int(mark.index), default) if mark is not None else default
