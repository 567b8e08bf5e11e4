"""The picture of one source line and the labels under it.

Columns here are those of a terminal: tabs go to the next multiple of four, wide characters take
two, combining ones none, and characters that would move the cursor or turn the writing direction
are shown as a replacement. Colour and line numbers are `render`'s business.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple, final

from kspec.base.record import frozen

TAB: Final = 4
_BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


@final
@frozen
class Mark:
    """Characters `start` up to, but not including, `end` of a line, and what is said of them."""

    start: int
    end: int
    text: str
    primary: bool


@final
@frozen
class Row:
    """A row under the source line; `primary` if only the primary label is in it."""

    text: str
    primary: bool


class Placed(NamedTuple):
    """A mark in terminal columns."""

    left: int
    right: int
    text: str
    primary: bool


class Picture(NamedTuple):
    """A line as it is shown and, for each character and the end, its terminal column."""

    text: str
    columns: tuple[int, ...]


def printable(text: str) -> str:
    """The text with everything that could disturb a terminal replaced; line ends too."""
    return "".join(
        "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI else c for c in text
    )


def lay_out(line: str) -> Picture:
    """Expand tabs and find out where each character stands."""
    shown: list[str] = []
    columns: list[int] = []
    column = 0
    for c in line:
        columns.append(column)
        piece = " " * (TAB - column % TAB) if c == "\t" else printable(c)
        shown.append(piece)
        column += len(piece) if c == "\t" else _width(piece)
    columns.append(column)
    return Picture("".join(shown), tuple(columns))


def _width(c: str) -> int:
    if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in ("W", "F") else 1


def picture(line: str, marks: Sequence[Mark], width: int) -> tuple[str, *tuple[Row, ...]]:
    """The line, cut to `width` around its marks, then the rows that label them.

    Marks may overlap. The rightmost label's text follows its underline where nothing is in the
    way; the others hang below theirs, the rightmost first.
    """
    laid = lay_out(line)
    placed = sorted(_place(mark, laid) for mark in marks)
    text, shift = _cut(laid, placed, max(width, 20))
    placed = [_shift(p, shift, max(width, 20)) for p in placed]
    return (text, *_rows(placed)) if placed else (text,)


def _place(mark: Mark, laid: Picture) -> Placed:
    last = len(laid.columns) - 1
    left = laid.columns[min(mark.start, last)] + max(mark.start - last, 0)
    right = laid.columns[min(mark.end, last)]
    return Placed(left, max(right, left + 1), mark.text, mark.primary)


def _cut(laid: Picture, placed: Sequence[Placed], width: int) -> tuple[str, int]:
    """The part of a long line to show, and how many columns were cut on its left."""
    if laid.columns[-1] <= width:
        return laid.text, 0
    focus = next((p for p in placed if p.primary), placed[0] if placed else None)
    want = 0 if focus is None or focus.right <= width - 1 else max(0, focus.left - width // 3)
    cells = _cells(laid)
    visible = cells[want : want + width]
    if want:
        visible[0] = "…"
    if want + width < len(cells):
        visible[-1] = "…"
    return "".join(visible), want


def _cells(laid: Picture) -> list[str]:
    """What stands in each column; the second column of a wide character is `""`."""
    cells: list[str] = []
    for c in laid.text:
        match _width(c):
            case 0 if cells:
                cells[-1] += c
            case 2:
                cells += [c, ""]
            case _:
                cells.append(c)
    return cells


def _shift(p: Placed, by: int, width: int) -> Placed:
    left = min(max(p.left - by, 0), width - 1)
    return Placed(left, max(min(p.right - by, width), left + 1), p.text, p.primary)


def _rows(placed: Sequence[Placed]) -> list[Row]:
    underline = _underline(placed)
    hanging = [p for p in placed if p.text]
    if hanging and _is_free_to_the_right(hanging[-1], placed):
        last = hanging.pop()
        underline = f"{underline} {last.text}"
    rows = [Row(underline, all(p.primary for p in placed))]
    while hanging:
        stems = sorted({p.left for p in hanging})
        last = hanging.pop()
        rows.append(_hang(stems, "", 0, last.primary and not hanging))
        rows.append(_hang([s for s in stems if s < last.left], last.text, last.left, last.primary))
    return rows


def _underline(placed: Sequence[Placed]) -> str:
    cells = [" "] * max(p.right for p in placed)
    for p in sorted(placed, key=lambda p: p.primary):
        cells[p.left : p.right] = ("^" if p.primary else "-") * (p.right - p.left)
    return "".join(cells)


def _is_free_to_the_right(candidate: Placed, placed: Sequence[Placed]) -> bool:
    """May the text stand behind the underline? Not if a mark reaches beyond this one's end."""
    return all(p is candidate or p.right <= candidate.left for p in placed)


def _hang(stems: Sequence[int], text: str, at: int, primary: bool) -> Row:
    cells = [" "] * (max(stems) + 1 if stems else 0)
    for stem in stems:
        cells[stem] = "|"
    if not text:
        return Row("".join(cells), primary)
    return Row("".join(cells).ljust(at) + text, primary and not stems)
