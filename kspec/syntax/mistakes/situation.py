"""Where reading stopped, in the terms that explanations need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from kspec.base.codes import Code
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax.lexer import Lexer, Token
from kspec.syntax.machine import Stuck
from kspec.syntax.tables import Tables

NOTHING: Final = Token("", "", 0, 0)
"""Stands for a token that is not there."""


@final
@frozen
class Situation:
    """A token that cannot stand where it does; `text` stands at `offset` of the file.

    `whole` says what ends where the text ends: the file, or an expression in a text's hole.
    """

    file: str
    text: str
    offset: int
    tables: Tables
    stuck: Stuck
    whole: str = "file"

    @property
    def token(self) -> Token:
        """The token that cannot stand where it does."""
        return self.stuck.token

    @property
    def expected(self) -> frozenset[str]:
        """The terminals that could."""
        return self.stuck.expected

    @property
    def words(self) -> Mapping[str, str]:
        """Keyword to terminal."""
        return self.tables.words

    def before(self, count: int = 1) -> Token:
        """The `count`th token before the one that cannot stand there."""
        tokens = self.stuck.before
        return tokens[-count] if count <= len(tokens) else NOTHING

    def after(self) -> Token:
        """The token behind the one that cannot stand there."""
        if self.token.end - self.offset >= len(self.text):
            return NOTHING
        return Lexer(self.tables, self.text, self.offset).next(self.token.end, ())

    def source(self, start: int, end: int) -> str:
        """What stands from `start` to `end` of the file."""
        return self.text[start - self.offset : end - self.offset]

    def last(self, *kinds: str) -> Token | None:
        """The last token of one of these kinds that is not part of anything finished yet."""
        tokens = (part.token for part in reversed(self.stuck.stack))
        return next((t for t in tokens if t is not None and t.kind in kinds), None)

    def is_first_on_line(self, token: Token) -> bool:
        """Does nothing but blanks stand before it on its line?"""
        before = self.text[: token.start - self.offset]
        return not before[before.rfind("\n") + 1 :].strip()

    def span(self, first: Token, last: Token | None = None) -> Span:
        """Where a token stands, or the tokens from one to another."""
        return Span(self.file, first.start, (last or first).end)

    def label(self, token: Token, text: str) -> Label:
        """Something to say about a token."""
        return Label(self.span(token), text)

    def replace(self, text: str, token: Token, by: str) -> Help:
        """Advice to write something else in a token's place."""
        return Help(text, Edit(self.span(token), by))

    def insert(self, text: str, after: Token, what: str) -> Help:
        """Advice to write something behind a token."""
        return Help(text, Edit(Span(self.file, after.end, after.end), what))

    def mistake(
        self,
        code: Code,
        message: str,
        token: Token,
        label: str,
        *help_: Help | str,
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Diagnostic:
        """A diagnostic whose primary place is a token."""
        return Diagnostic(code, message, self.label(token, label), labels, notes, help_)
