"""Diagnostics and sources to text.

`render` shows each diagnostic with a window on the source and every label in it, in the manner
of rustc; `concise` gives one line each. Width and colour are arguments: nothing here looks at a
terminal, reads a file or knows a code. The picture of one source line is made in `window`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Final, final

from attrs import frozen

from kspec.base.diagnostic import Diagnostic, Help, Label, Severity
from kspec.base.source import LineIndex, SourceFile, Span
from kspec.base.window import Mark, picture, printable

LIMIT: Final = 10
"""How many diagnostics are shown before the rest is counted."""

MAX_HELP: Final = 4
"""How many lines of a replacement are worth showing inside a help."""


@final
@frozen
class Style:
    """How the text is made: `width` in columns, `colour` as ANSI sequences or not at all."""

    width: int = 100
    colour: bool = False
    limit: int = LIMIT


_ANSI: Final = {"error": "1;31", "warning": "1;33", "note": "1;34", "strong": "1", "help": "1;36"}


def render(
    diagnostics: Sequence[Diagnostic],
    sources: Iterable[SourceFile],
    style: Style = Style(),
) -> str:
    """All diagnostics in the order given, a blank line after each; `""` for none.

    A label in a file that is not among `sources` is shown by its name alone. After
    `style.limit` diagnostics the rest is only counted.
    """
    indices = _index(sources)
    shown = diagnostics[: style.limit]
    blocks = ["\n".join(_block(d, indices, style)) for d in shown]
    if len(diagnostics) > len(shown):
        blocks.append(f"and {len(diagnostics) - len(shown)} more")
    return "".join(block + "\n\n" for block in blocks)


def concise(diagnostics: Sequence[Diagnostic], sources: Iterable[SourceFile]) -> str:
    """One line for each diagnostic: `file:line:col: error[slug]: message`; nothing is left out."""
    indices = _index(sources)
    return "".join(f"{_place(d.primary.span, indices)}: {_headline(d)}\n" for d in diagnostics)


def _index(sources: Iterable[SourceFile]) -> Mapping[str, LineIndex]:
    return {source.name: LineIndex(source.text) for source in sources}


def _headline(d: Diagnostic) -> str:
    return f"{d.severity.value}[{d.code.slug}]: {printable(d.message)}"


def _place(span: Span, indices: Mapping[str, LineIndex]) -> str:
    name = printable(span.file)
    index = indices.get(span.file)
    if index is None:
        return name
    line, column = index.position(span.start)
    return f"{name}:{line}:{column}"


def _paint(text: str, how: str, style: Style) -> str:
    return f"\x1b[{_ANSI[how]}m{text}\x1b[0m" if style.colour and text else text


def _block(d: Diagnostic, indices: Mapping[str, LineIndex], style: Style) -> list[str]:
    severity = "error" if d.severity is Severity.ERROR else "warning"
    head, _, message = _headline(d).partition(": ")
    lines = [_paint(head, severity, style) + _paint(f": {message}", "strong", style)]
    by_file = _by_file(d)
    gutter = max((_gutter(labels, indices) for labels in by_file.values()), default=1)
    for number, (name, labels) in enumerate(by_file.items()):
        arrow = _paint("-->" if number == 0 else ":::", "note", style)
        lines.append(f"{' ' * gutter}{arrow} {_place(labels[0].span, indices)}")
        if name in indices:
            lines += _window(labels, d, indices[name], gutter, style)
    lines += _advice(d, indices, gutter, style)
    return [line.rstrip() for line in lines]


def _by_file(d: Diagnostic) -> dict[str, list[Label]]:
    """The labels of each file, the primary label's file and the primary label first."""
    groups: dict[str, list[Label]] = {}
    for label in (d.primary, *d.labels):
        groups.setdefault(label.span.file, []).append(label)
    return groups


def _gutter(labels: Sequence[Label], indices: Mapping[str, LineIndex]) -> int:
    index = indices.get(labels[0].span.file)
    if index is None:
        return 1
    return max(len(str(_last_line(index, label.span))) for label in labels)


def _last_line(index: LineIndex, span: Span) -> int:
    return index.position(max(span.start, span.end - 1))[0]


def _window(
    labels: Sequence[Label], d: Diagnostic, index: LineIndex, gutter: int, style: Style
) -> list[str]:
    severity = "error" if d.severity is Severity.ERROR else "warning"
    marks = _marks(labels, d.primary, index)
    bar = _paint("|", "note", style)
    lines = [f"{' ' * gutter} {bar}"]
    previous: int | None = None
    for number in _with_small_gaps(sorted(marks)):
        if previous is not None and number > previous + 1:
            lines.append(_paint("...", "note", style))
        previous = number
        text, *below = picture(index.line(number), marks.get(number, []), style.width - gutter - 3)
        shown = _paint(f"{number:>{gutter}}", "note", style)
        lines.append(f"{shown} {bar} {text}")
        for row in below:
            coloured = _paint(row.text, severity if row.primary else "note", style)
            lines.append(f"{' ' * gutter} {bar} {coloured}")
    return lines


def _marks(labels: Sequence[Label], primary: Label, index: LineIndex) -> dict[int, list[Mark]]:
    """What to mark on which line; a label over several lines marks its first and its last."""
    marks: dict[int, list[Mark]] = {}
    for label in labels:
        first, start = index.position(label.span.start)
        last = _last_line(index, label.span)
        is_primary = label is primary
        text = printable(label.text)
        if first == last:
            end = start + max(label.span.end - label.span.start, 1)
            marks.setdefault(first, []).append(Mark(start - 1, end - 1, text, is_primary))
            continue
        line = index.line(first)
        marks.setdefault(first, []).append(Mark(start - 1, max(len(line), start), "", is_primary))
        line, end = index.line(last), index.position(label.span.end - 1)[1]
        indent = min(len(line) - len(line.lstrip()), end - 1)
        marks.setdefault(last, []).append(Mark(indent, end, text, is_primary))
    return marks


def _with_small_gaps(numbers: Sequence[int]) -> list[int]:
    """The lines to show: the marked ones, and a single line between two of them."""
    shown: list[int] = []
    for number in numbers:
        if shown and number == shown[-1] + 2:
            shown.append(number - 1)
        shown.append(number)
    return shown


def _advice(
    d: Diagnostic, indices: Mapping[str, LineIndex], gutter: int, style: Style
) -> list[str]:
    lines: list[str] = []
    for help_ in d.help:
        lines += _paragraph("help", _help_text(help_, indices), gutter, style)
    for note in d.notes:
        lines += _paragraph("note", note, gutter, style)
    return lines


def _help_text(help_: Help, indices: Mapping[str, LineIndex]) -> str:
    """The advice; a short edit that the words do not already quote is written after them."""
    if help_.edit is None:
        return help_.text
    new = help_.edit.replacement.strip()
    if not new or "\n" in new or new in help_.text:
        return help_.text
    return f"{help_.text}: `{new}`"


def _paragraph(word: str, text: str, gutter: int, style: Style) -> list[str]:
    head = f"= {word}: "
    room = max(style.width - gutter - 1 - len(head), 20)
    rows = [
        row
        for line in text.split("\n")
        for row in (
            wrap(printable(line), room, break_long_words=False, break_on_hyphens=False) or [""]
        )
    ]
    pad = " " * (gutter + 1)
    first = f"{pad}{_paint('=', 'note', style)} {_paint(word, 'help', style)}: {rows[0]}"
    return [first, *(pad + " " * len(head) + row for row in rows[1:])]
