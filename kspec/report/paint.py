"""Colour and signs for a terminal: nothing is said by colour alone, and every sign has a plain
form for terminals that know ASCII only."""

from __future__ import annotations

from typing import Final, final

from kspec.base.record import frozen
from kspec.driver.result import Row, Word

_ANSI: Final = {"good": "32", "bad": "1;31", "open": "33", "dim": "2", "strong": "1"}
_SIGNS: Final = {
    Word.HOLDS: ("✔", "good"),
    Word.PROVED: ("✔", "good"),
    Word.REACHED: ("✔", "good"),
    Word.VIOLATED: ("✘", "bad"),
    Word.BOUNDED: ("?", "open"),
    Word.NO_BUG_FOUND: ("?", "open"),
    Word.UNKNOWN: ("?", "open"),
    Word.ERROR: ("!", "bad"),
}
_PLAIN: Final = str.maketrans(
    {"✔": "+", "✘": "x", "→": ">", "…": ".", "×": "x", "≤": "<", "⟲": "o"}
)


@final
@frozen
class Paint:
    """How text is made: `colour` as ANSI sequences, `ascii` without signs of other alphabets."""

    colour: bool = False
    ascii: bool = False

    def __call__(self, text: str, how: str) -> str:
        """The text in a colour."""
        return f"\x1b[{_ANSI[how]}m{text}\x1b[0m" if self.colour and text else text

    def finish(self, text: str) -> str:
        """The text as the terminal can show it."""
        if not self.ascii:
            return text
        return text.translate(_PLAIN).encode("ascii", "replace").decode("ascii")


def sign(row: Row) -> tuple[str, str]:
    """The sign of a row and its colour."""
    if row.word is Word.HOLDS and row.vacuous:
        return "~", "open"
    mark, how = _SIGNS[row.word]
    return mark, "good" if row.met else how
