"""Documents that lay themselves out: text, places where a line may end, groups that break or not.

A group is written on one line if it fits there, what follows it up to the next line end included;
otherwise all its own line ends break. After P. Wadler, "A prettier printer". Knows no language.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final, TypeAlias, assert_never, final

from kspec.base.record import frozen


@final
@frozen
class Line:
    """The end of a line, or `flat` in a group that fits; `hard` ends the line in any case."""

    flat: str = " "
    hard: bool = False


@final
@frozen
class Nest:
    """`doc`, with its line ends followed by so many more blanks."""

    by: int
    doc: Doc


@final
@frozen
class Align:
    """`doc`, with its lines beginning where it begins."""

    doc: Doc


@final
@frozen
class Group:
    """`doc` on one line if it fits."""

    doc: Doc


@final
@frozen
class Either:
    """One text if the group around it fits on a line, another if not."""

    flat: str
    broken: str


@final
@frozen
class Trail:
    """Text that ends a line and does not count when asking whether something fits."""

    text: str


Doc: TypeAlias = "str | Line | Nest | Align | Group | Either | Trail | tuple[Doc, ...]"

MAX_COLUMN: Final = 72
"""Lines longer than this do not move the trails of their neighbours."""

_MARK: Final = "\0"
"""Stands before a trail until it is known in which column."""

SPACE: Final = Line(" ")
SOFT: Final = Line("")
HARD: Final = Line("", hard=True)
EMPTY: Final[Doc] = ()


def join(separator: Doc, docs: list[Doc]) -> Doc:
    """The documents with `separator` between them."""
    joined: list[Doc] = []
    for i, doc in enumerate(docs):
        joined += [separator, doc] if i else [doc]
    return tuple(joined)


def render(doc: Doc, width: int) -> str:
    """The text, without blanks at the ends of lines."""
    out: list[str] = []
    column = 0
    stack: list[tuple[int, bool, Doc]] = [(0, False, doc)]
    while stack:
        indent, flat, top = stack.pop()
        match top:
            case str():
                out.append(top)
                column += len(top)
            case Trail(text):
                out.append(_MARK + text)
            case Line():
                if flat and not top.hard:
                    out.append(top.flat)
                    column += len(top.flat)
                else:
                    out.append("\n" + " " * indent)
                    column = indent
            case Either():
                out.append(top.flat if flat else top.broken)
                column += len(out[-1])
            case Nest(by, inner):
                stack.append((indent + by, flat, inner))
            case Align(inner):
                stack.append((column, flat, inner))
            case Group(inner):
                fits = flat or _fits(width - column, (indent, True, inner), stack)
                stack.append((indent, fits, inner))
            case tuple():
                stack.extend((indent, flat, part) for part in reversed(top))
            case _:
                assert_never(top)
    return "\n".join(_trails_in_columns("".join(out).split("\n")))


def _trails_in_columns(lines: list[str]) -> list[str]:
    """The trails of neighbouring lines stand below each other, two blanks behind the longest."""
    done: list[str] = []
    for has_trail, run in groupby(
        (line.split(_MARK, 1) for line in lines), key=lambda p: len(p) > 1
    ):
        parts = [(p[0].rstrip(), p[-1]) for p in run]
        if not has_trail:
            done += [text for text, _ in parts]
            continue
        column = max((len(text) for text, _ in parts if len(text) <= MAX_COLUMN), default=0)
        done += [f"{text.ljust(column)}  {trail}" for text, trail in parts]
    return done


def _fits(room: int, first: tuple[int, bool, Doc], rest: list[tuple[int, bool, Doc]]) -> bool:
    """Does it fit, with all that follows on its line?"""
    stack = [(first[1], first[2])]
    below = len(rest)
    while room >= 0:
        if not stack:
            if below == 0:
                return True
            below -= 1
            stack.append((rest[below][1], rest[below][2]))
        flat, top = stack.pop()
        match top:
            case str():
                room -= len(top)
            case Either():
                room -= len(top.flat if flat else top.broken)
            case Trail():
                pass
            case Line():
                if top.hard:
                    return not flat
                if not flat:
                    return True
                room -= len(top.flat)
            case Nest(_, inner) | Align(inner) | Group(inner):
                stack.append((flat, inner))
            case tuple():
                stack.extend((flat, part) for part in reversed(top))
            case _:
                assert_never(top)
    return False


def flat(doc: Doc) -> str:
    """The text on one line, whatever its width; hard line ends become blanks."""
    match doc:
        case str():
            return doc
        case Trail(text):
            return text
        case Line():
            return " " if doc.hard else doc.flat
        case Either():
            return doc.flat
        case Nest(_, inner) | Align(inner) | Group(inner):
            return flat(inner)
        case tuple():
            return "".join(flat(part) for part in doc)
        case _:
            assert_never(doc)


def has_hard(doc: Doc) -> bool:
    """Is there a line end in it that breaks in any case?"""
    match doc:
        case str() | Trail() | Either():
            return isinstance(doc, Trail)
        case Line():
            return doc.hard
        case Nest(_, inner) | Align(inner) | Group(inner):
            return has_hard(inner)
        case tuple():
            return any(has_hard(part) for part in doc)
        case _:
            assert_never(doc)
