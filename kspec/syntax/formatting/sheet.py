"""What formatting keeps of the text it replaces: comments, empty lines, what stood on one line.

Comments belong to units: whatever gets a line of its own. Those before a unit, or within it where
no smaller unit takes them, are written on lines before it; one behind it on its line stays there.
Units must be asked for in the order of the text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, final

from kspec.base.source import Span
from kspec.syntax.formatting.doc import EMPTY, HARD, SPACE, Doc, Group, Line, Nest, Trail, join
from kspec.syntax.parse import Comment


class Unit(NamedTuple):
    """Something on a line of its own, the comments around it, an empty line before it or not."""

    doc: Doc
    blank: bool


class Child(NamedTuple):
    """A unit still to be made; `separator` stands behind it in any case."""

    span: Span
    make: Callable[[], Doc]
    separator: str = ""


@final
class Sheet:
    """The comments not written yet, and the text; None if there is none."""

    def __init__(self, text: str | None, comments: Sequence[Comment]) -> None:
        self._text: Final = text
        self._left: Final = deque(comments)

    def is_flat(self, span: Span) -> bool:
        """Did it stand on one line?"""
        return self._text is not None and "\n" not in self._text[span.start : span.end]

    def between(self, start: int, end: int) -> str | None:
        """What stands from `start` to `end`, if there is a text."""
        return self._text[start:end] if self._text is not None else None

    def unit(self, child: Child) -> Unit:
        """A unit with its comments."""
        span = child.span
        lead = self._take(span.start)
        doc = child.make()
        lead += self._take(span.end)
        trail = self._trail(span.end)
        first = min([c.start for c in lead[:1]] + [span.start])
        lines: list[Doc] = []
        for i, comment in enumerate(lead):
            if i and self._blank_before(comment.start):
                lines.append(HARD)
            lines += [comment.text, HARD]
        if lead and self._blank_before(span.start):
            lines.append(HARD)
        return Unit((*lines, doc, child.separator, trail), self._blank_before(first))

    def lines(self, children: Sequence[Child], behind: bool = False) -> Doc:
        """Units on lines of their own, or `behind` something that needs to end its line."""
        docs: list[Doc] = []
        for i, child in enumerate(children):
            unit = self.unit(child)
            if i or behind:
                docs += [HARD, HARD] if unit.blank else [HARD]
            docs.append(unit.doc)
        return tuple(docs)

    def listed(self, children: Sequence[Child], separator: str = ",") -> Doc:
        """Units with a separator between them; the caller's group decides about lines."""
        docs: list[Doc] = []
        for i, child in enumerate(children):
            sep = separator if i + 1 < len(children) else ""
            docs.append(self.unit(child._replace(separator=sep)).doc)
        return join(SPACE, docs)

    def block(
        self, children: Sequence[Child], span: Span, separator: str = "; ", pad: Line = SPACE
    ) -> Doc:
        """Units in braces: on one line if they stood on one, with `separator`, and fit there.

        On one line, `pad` stands inside of the braces.
        """
        if self.is_flat(span):
            if not children:
                return "{}"
            docs: list[Doc] = []
            for i, child in enumerate(children):
                between = SPACE if child.separator else Line(separator)
                docs += [self.unit(child).doc, between if i + 1 < len(children) else EMPTY]
            return Group(("{", Nest(2, (pad, *docs)), pad, "}"))
        first = children[0].span.start if children else span.end
        head = self._head(first)
        inside = self.lines(children)
        after = self._closing(span.end - 1)
        if not children and after == EMPTY and head == EMPTY:
            return "{}"
        lead: Doc = HARD if children else EMPTY
        return ("{", head, Nest(2, (lead, inside, after)), HARD, "}")

    def rest(self) -> Doc:
        """Whatever comments are left, on lines of their own."""
        docs: list[Doc] = []
        while self._left:
            comment = self._left.popleft()
            docs += [HARD, HARD] if self._blank_before(comment.start) else [HARD]
            docs.append(comment.text)
        return tuple(docs)

    def _closing(self, end: int) -> Doc:
        docs: list[Doc] = []
        for comment in self._take(end):
            docs += [HARD, HARD] if self._blank_before(comment.start) else [HARD]
            docs.append(comment.text)
        return tuple(docs)

    def _take(self, before: int) -> list[Comment]:
        found: list[Comment] = []
        while self._left and self._left[0].start < before:
            found.append(self._left.popleft())
        return found

    def _head(self, before: int) -> Doc:
        """The comment behind an opening brace, on its line."""
        if self._left and self._left[0].start < before and not self._left[0].own_line:
            return Trail(self._left.popleft().text)
        return EMPTY

    def _trail(self, end: int) -> Doc:
        """The comment behind a unit, on its line."""
        if not self._left or self._text is None:
            return EMPTY
        between = self._text[end : self._left[0].start]
        if between.strip(" \t,;"):
            return EMPTY
        return Trail(self._left.popleft().text)

    def _blank_before(self, start: int) -> bool:
        """Is there an empty line right before `start`?"""
        if self._text is None:
            return False
        before = self._text[:start]
        space = before[len(before.rstrip()) :]
        return space.count("\n") > 1 and bool(before.strip())
