"""How a text is laid out: words, brackets, lines; known even where the text cannot be parsed.

Recovery needs to know where an item or a member begins when the grammar has lost its way. Strings
and comments are passed over, brackets are counted, and nothing is certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kspec.syntax.lexer import scanner, spelt
from kspec.syntax.tables import Tables

ITEMS: Final = spelt(
    "import enum type record mixin const kind extend param universe fn effect controller"
    " environment fault recovery ghost invariant lemma property law belief vectors cluster"
    " scenario in run faults with start time room assume check expect prove for"
)
"""What an item of a file begins with."""

_IN_SCENARIO: Final = spelt(
    "in run faults with start time room assume check expect prove for cluster"
)
_NOT_INDENTED: Final = spelt("in with for const type kind start time param")
"""Items whose first word also stands at the beginning of lines within an item."""

MEMBERS: Final = spelt("watches acts memory local param fn action ordered on")
"""What a member of a controller, an environment or a ghost begins with."""

CLAUSES: Final = spelt("when let yields do next refused event within")
"""What a clause of an action begins with."""

BEHAVIOUR: Final = spelt("controller environment fault recovery ghost")
"""Items whose members begin with a word of their own."""

LINES: Final = spelt("kind const record mixin extend cluster scenario vectors")
"""Items in whose braces a line begins a member."""


class Word(NamedTuple):
    """A token in its place; `depth` counts the brackets around it since its item began."""

    text: str
    start: int
    end: int
    column: int
    is_first: bool
    depth: int
    begins_item: bool


def lay_out(tables: Tables, text: str) -> tuple[Word, ...]:
    """All tokens of a text."""
    space, token, _ = scanner(tables)
    words: list[Word] = []
    position = depth = 0
    newline = -1
    head = ""
    while True:
        skipped = space.match(text, position)
        start = skipped.end() if skipped else position
        if start == len(text):
            return tuple(words)
        match = token.match(text, start)
        assert match is not None  # the last of the patterns matches anything
        newline = max(newline, text.rfind("\n", words[-1].start if words else 0, start))
        is_first = not words or "\n" in text[position:start]
        column = start - newline
        begins = is_first and _begins_item(match[0], column, depth, head)
        if begins:
            depth, head = 0, match[0]
        if match[0] in (")", "]", "}"):
            depth = max(depth - 1, 0)
        words.append(Word(match[0], start, match.end(), column, is_first, depth, begins))
        if match[0] in ("(", "[", "{"):
            depth += 1
        position = match.end()


def _begins_item(word: str, column: int, depth: int, head: str) -> bool:
    if word not in ITEMS:
        return False
    if column > 1:
        return depth == 0 and word not in _NOT_INDENTED
    return depth == 0 or head != "scenario" or word not in _IN_SCENARIO


def item_end(words: Sequence[Word], position: int, length: int) -> int:
    """Where the first item after `position` begins, or the end of the text."""
    return next((w.start for w in words if w.begins_item and w.start > position), length)


def member_starts(words: Sequence[Word], start: int, end: int, begins: frozenset[str]) -> list[int]:
    """Where members begin between `start` and `end`: at first words of lines within one brace.

    Only at those in `begins`, if there are any in it.
    """
    return [
        w.start
        for w in words
        if start < w.start < end
        and w.is_first
        and (w.text in begins if begins else w.depth == 1 and w.text not in ("}", "{"))
    ]
