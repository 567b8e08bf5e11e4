"""Goes on after a mistake: takes away the smallest part of the text around it.

What is taken away becomes blanks, so that all offsets stay what they are. A part is, from small to
large: a clause of an action, a member of a block, an item of the file. A mistake that stands beside
what was taken away is not reported, and the next larger part is taken. Braces that are missing are
put in place of blanks. What is said about mistakes is the business of `explain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kspec.syntax.lexer import Token
from kspec.syntax.machine import Stuck, TooDeep
from kspec.syntax.mistakes.layout import (
    BEHAVIOUR,
    CLAUSES,
    ITEMS,
    LINES,
    MEMBERS,
    Word,
    item_end,
    lay_out,
    member_starts,
)
from kspec.syntax.tables import END, Tables

_CLAUSE: Final = 0
_MEMBER: Final = 1
_ITEM: Final = 2

_CLOSE: Final = {"(": ")", "[": "]", "{": "}"}


class Gap(NamedTuple):
    """A part of the text that was taken away or mended, and how large a part it was."""

    start: int
    end: int
    size: int


class Patched(NamedTuple):
    """A text without a mistake that was in it, and everything taken away or mended so far."""

    text: str
    gaps: tuple[Gap, ...]


def missing_close(stuck: Stuck, text: str) -> Token | None:
    """The word that begins a new item in the first column, inside brackets still open.

    A keyword that the grammar took for what it is does not count: only one that was read as a
    plain name, or that cannot stand where it does.
    """
    if not stuck.open:
        return None
    after_open = [t for t in stuck.before if t.start > stuck.open[0].start]
    for token, behind in pairwise([*after_open, stuck.token]):
        disguised = token.kind == "NAME" or (behind is stuck.token and stuck.expected == {"COLON"})
        if disguised and behind.text not in (":", "") and _is_in_first_column(token, text):
            return token
    return stuck.token if _is_in_first_column(stuck.token, text) else None


def _is_in_first_column(token: Token, text: str) -> bool:
    return token.text in ITEMS and (token.start == 0 or text[token.start - 1] == "\n")


def touched(gaps: Sequence[Gap], outcome: Stuck | TooDeep) -> Gap | None:
    """The gap right before or within which a mistake stands, if there is one."""
    position = outcome.token.start if isinstance(outcome, Stuck) else outcome.start
    tokens = outcome.before
    if tokens and _is_disguised(tokens[-1]):
        tokens = tokens[:-1]
    before = tokens[-1].end if tokens else 0
    found = [g for g in gaps if g.end > before and g.start <= position]
    return max(found, key=lambda g: g.size, default=None)


def without_mistake(
    tables: Tables, text: str, outcome: Stuck | TooDeep, gaps: tuple[Gap, ...]
) -> Patched:
    """The text with the mistake taken away, or with the missing brackets put in."""
    beside = touched(gaps, outcome)
    if isinstance(outcome, Stuck) and beside is None:
        closed = _closed(text, outcome)
        if closed is not None:
            return Patched(closed.text, (*gaps, *closed.gaps))
    words = lay_out(tables, text)
    size = _CLAUSE if beside is None else min(beside.size + 1, _ITEM)
    for at_least in range(size, _ITEM + 1):
        start, end = _part(words, outcome, at_least, len(text))
        if beside is not None:
            start, end = min(start, beside.start), max(end, beside.end)
        if text[start:end].strip():
            return Patched(_blank(text, start, end), (*gaps, Gap(start, end, at_least)))
    position = _position(outcome)
    return Patched(_blank(text, position, len(text)), (*gaps, Gap(position, len(text), _ITEM)))


def without_rest(text: str, outcome: Stuck | TooDeep) -> str:
    """The text without the item where the mistake is, and without everything after it."""
    start = _item_start(outcome) if isinstance(outcome, Stuck) else 0
    return _blank(text, start, len(text))


def _blank(text: str, start: int, end: int) -> str:
    blanks = "".join(c if c in "\r\n" else " " for c in text[start:end])
    return text[:start] + blanks + text[end:]


def _closed(text: str, stuck: Stuck) -> Patched | None:
    """Put the missing brackets behind the last token before the next item or the end."""
    item = stuck.token if stuck.token.kind == END else missing_close(stuck, text)
    if item is None or not stuck.open:
        return None
    last = max((t for t in stuck.before if t.start < item.start), key=lambda t: t.start)
    missing = [t.text for t in stuck.open if t.start < item.start]
    close = "".join(_CLOSE[bracket] for bracket in reversed(missing))
    start, end = last.end, last.end + len(close)
    if text[start:end].strip() or end > min(item.start, len(text)):
        return None
    return Patched(text[:start] + close + text[end:], (Gap(start, end, _MEMBER),))


def _is_disguised(token: Token) -> bool:
    """A word that begins something, but was read as a name, because a name was missing."""
    return token.kind == "NAME" and token.text in ITEMS | MEMBERS | CLAUSES


def _position(outcome: Stuck | TooDeep) -> int:
    """Where the mistake is: before a word in disguise, if there is one."""
    if isinstance(outcome, TooDeep):
        return outcome.start
    before = outcome.before
    if len(before) > 1 and _is_disguised(before[-1]) and outcome.expected != {"COLON"}:
        return before[-2].start
    return outcome.token.start


def _item_start(stuck: Stuck) -> int:
    """Where the item begins that is being read: behind the docstring and the finished items."""
    parts = list(stuck.stack)
    if parts and parts[0].token is not None and parts[0].token.kind == "DOCSTRING":
        del parts[0]
    if parts and parts[0].token is None:
        del parts[0]
    return parts[0].start if parts else stuck.token.start


def _part(
    words: Sequence[Word], outcome: Stuck | TooDeep, size: int, length: int
) -> tuple[int, int]:
    """The part of a size around a mistake; a larger one where there is none of that size."""
    if isinstance(outcome, TooDeep):
        before = [w.start for w in words if w.begins_item and w.start <= outcome.start]
        return max(before, default=0), item_end(words, outcome.end, length)
    token = outcome.token
    if token.kind == "RBRACE" and not outcome.open:
        return token.start, token.end
    start = _item_start(outcome)
    position = _position(outcome)
    here = next((w for w in words if w.start == position), None)
    if here is not None and here.is_first and END in outcome.expected:
        return position, item_end(words, position, length)
    if here is not None and here.begins_item and start < position:
        return start, position
    end = item_end(words, position, length)
    if size == _ITEM or not outcome.open:
        return start, end
    return _member(words, outcome, size, start, end) or (start, end)


def _member(
    words: Sequence[Word], stuck: Stuck, size: int, start: int, end: int
) -> tuple[int, int] | None:
    """The member or clause around a mistake in the item from `start` to `end`, if it has such."""
    head = next((w.text for w in words if w.start == start), "")
    if head not in BEHAVIOUR | LINES:
        return None
    position = _position(stuck)
    is_first = any(w.is_first for w in words if w.start == position)
    begins = MEMBERS if head in BEHAVIOUR else frozenset[str]()
    if begins and size == _CLAUSE:
        begins |= CLAUSES
    close = _closing(words, stuck.open[0].start, end)
    starts = [s for s in member_starts(words, start, close, begins) if s > stuck.open[0].start]
    if is_first and "RBRACE" in stuck.expected and len(stuck.open) == 1:
        starts = sorted({*starts, position})
    before = [s for s in starts if s <= position]
    if not before:
        return None
    first = before[-1]
    word = next(w.text for w in words if w.start == first)
    if word in MEMBERS and begins:
        starts = [s for s in member_starts(words, start, close, MEMBERS) if s > first]
    return first, min((s for s in starts if s > position), default=close)


def _closing(words: Sequence[Word], opening: int, end: int) -> int:
    """Where the brace closes that is opened at `opening`, or `end`."""
    depth = next((w.depth for w in words if w.start == opening), 0)
    return next(
        (w.start for w in words if opening < w.start < end and w.text == "}" and w.depth <= depth),
        end,
    )
