"""What the YAML parser complains about, in words that help.

The parser's own sentence is kept where nothing better is known. The table below pairs a part of
libyaml's sentence with ours; a sentence that libyaml changes falls back to its own words.
"""

from __future__ import annotations

import re
from typing import Any, Final

from kspec.base.codes import YAML_SYNTAX
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.source import Span

_COLON: Final = "a `:` with a space after it cannot stand here"
_START: Final = "this character cannot start a value"

_KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "mapping values are not allowed",
        _COLON,
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
        _START,
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
    found = _closer(file, text, at, offset, message)
    if found is not None:
        return found
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


def _closer(file: str, text: str, at: int, offset: int, message: str) -> Diagnostic | None:
    """What can be said where the line itself shows what was meant."""
    if message not in (_COLON, _START) or at >= len(text):
        return None
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    label = _label(file, text, at, offset)

    def edit(first: int, last: int, by: str) -> Edit:
        return Edit(Span(file, offset + start + first, offset + start + last), by)

    if message == _START:
        tabs = re.match(r"[ \t]*", line)
        if text[at] == "\t" and tabs is not None:
            help_ = Help("indent with spaces", edit(0, tabs.end(), tabs[0].replace("\t", "  ")))
            return Diagnostic(YAML_SYNTAX, "a tab in the indentation", label, help=(help_,))
        sign = "a backquote" if text[at] == "`" else f"`{text[at]}`"
        message = f"a value without quotes cannot begin with {sign}"
    value = re.match(
        r"""(\s*(?:- +)*[^\s:"'#][^:"']*: +)([^"'#\s{[&*!|>](?:[^"#]*[^"#\s])?)""", line
    )
    if value is not None and value.start(2) <= at - start < value.end(2):
        quoted = Help("put the value in quotes", edit(*value.span(2), f'"{value[2]}"'))
        return Diagnostic(YAML_SYNTAX, message, label, help=(quoted,))
    return _misplaced(file, text[:start], line, label, offset, message)


def _misplaced(
    file: str, before: str, line: str, label: Label, offset: int, message: str
) -> Diagnostic | None:
    """A line that is indented more than the one before it, which has a value already."""
    *_, last = (*before.splitlines(), "") if not before.strip() else before.rstrip().splitlines()
    indent, above = (len(t) - len(t.lstrip(" ")) for t in (line, last))
    if ": " not in last or indent <= above or message != _COLON:
        return None
    begin = offset + len(before.rstrip()) - len(last)
    start = offset + len(before)
    first = Label(Span(file, begin + above, begin + len(last)), "this line has a value already")
    edit = Edit(Span(file, start, start + indent), " " * above)
    help_ = Help("indent both alike", edit)
    return Diagnostic(YAML_SYNTAX, message, label, (first,), help=(help_,))


def _label(file: str, text: str, at: int, offset: int, words: str = "") -> Label:
    """One character, or the empty end of a line."""
    end = at if text[at : at + 1] in ("", "\n", "\r") else at + 1
    return Label(Span(file, offset + at, offset + end), words)


def _sentence(error: Exception) -> str:
    found = getattr(error, "problem", None) or getattr(error, "reason", None)
    return str(found) if found else "this is not YAML"


def _index(mark: Any, default: int) -> int:
    return min(int(mark.index), default) if mark is not None else default
