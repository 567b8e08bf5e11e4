"""What a rule was made of, read from left to right by the function that builds its node.

Every token of the rule is there, signs and keywords too, so a builder reads its rule the way it is
written in `kspec.lark`. Whatever does not fit is an `InternalError`: the grammar and the builders
have drifted apart. Builders report what only they can see (a bad escape) through `Site`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias, TypeVar, cast, final, get_args

from kspec.base.diagnostic import Diagnostic
from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.lexer import Token

T = TypeVar("T")

_EXPR: Final = frozenset(get_args(ast.Expr))
_TYPE: Final = frozenset(get_args(ast.TypeNode))
_STMT: Final = frozenset(get_args(ast.Stmt))
_DATA: Final = frozenset(get_args(ast.Data))

_OPEN: Final = frozenset({"NAME", "STRING", "DASHED", "PATH", "API_VERSION", "DOCSTRING"})
"""Terminals whose text says nothing about the grammar."""


class Site(Protocol):
    """Where the building happens: the file, a place for mistakes, a way to read holes in text."""

    @property
    def file(self) -> str:
        """The file's name."""

    def report(self, diagnostic: Diagnostic) -> None:
        """Say that something in the text is wrong."""

    def hole(self, text: str, offset: int) -> ast.Expr | None:
        """The expression in a text's hole, which stands at `offset` of the file."""


@final
@frozen
class Stmts:
    """A block, or what stands where one could."""

    body: tuple[ast.Stmt, ...]
    span: Span


@final
class Children:
    """The parts of one rule, and where the whole of it stands."""

    def __init__(self, site: Site, rule: str, parts: list[object], start: int, end: int) -> None:
        self.site: Final = site
        self.span: Final = Span(site.file, start, end)
        self._rule: Final = rule
        self._parts: Final = parts
        self._at = 0

    def done(self) -> None:
        """Every part must have been read."""
        if self._at != len(self._parts):
            raise self.wrong("something is left over")

    def wrong(self, what: str) -> InternalError:
        """The grammar and the builder disagree."""
        where = f"{self.span.file}:{self.span.start}-{self.span.end}"
        return InternalError(f"{where}: building `{self._rule}`, part {self._at}: {what}")

    def more(self) -> bool:
        """Is anything left?"""
        return self._at < len(self._parts)

    def peek(self) -> object:
        """The next part, or None."""
        return self._parts[self._at] if self._at < len(self._parts) else None

    def part(self) -> object:
        """The next part."""
        if self._at >= len(self._parts):
            raise self.wrong("nothing is left")
        self._at += 1
        return self._parts[self._at - 1]

    def sees(self, *texts: str) -> bool:
        """Is the next part one of these signs or keywords?"""
        part = self.peek()
        return isinstance(part, Token) and part.kind not in _OPEN and part.text in texts

    def skip(self, *texts: str) -> bool:
        """Pass over the next part if it is one of these signs or keywords."""
        found = self.sees(*texts)
        self._at += found
        return found

    def need(self, *texts: str) -> None:
        """Pass over these signs and keywords, which must follow."""
        for text in texts:
            if not self.skip(text):
                raise self.wrong(f"expected `{text}`")

    def token(self, *kinds: str) -> Token:
        """The next part, a token; of one of `kinds`, if any are given."""
        part = self.part()
        if not isinstance(part, Token) or (kinds and part.kind not in kinds):
            raise self.wrong(f"expected one of {kinds}, found {part!r}")
        return part

    def maybe_token(self, *kinds: str) -> Token | None:
        """The next part if it is a token of one of `kinds`."""
        part = self.peek()
        return self.token() if isinstance(part, Token) and part.kind in kinds else None

    def span_of(self, token: Token) -> Span:
        """Where a token stands."""
        return Span(self.span.file, token.start, token.end)

    def ident(self, *kinds: str) -> ast.Ident:
        """The next part, a name (or a token of one of `kinds`)."""
        token = self.token(*(kinds or ("NAME",)))
        return ast.Ident(token.text, self.span_of(token))

    def maybe_ident(self) -> ast.Ident | None:
        """The next part if it is a name."""
        part = self.peek()
        return self.ident() if isinstance(part, Token) and part.kind == "NAME" else None

    def idents(self) -> tuple[ast.Ident, ...]:
        """One name or more, with commas between."""
        found = [self.ident()]
        while self.skip(","):
            found.append(self.ident())
        return tuple(found)

    def dotted(self) -> tuple[ast.Ident, ...]:
        """Names with dots between."""
        found = [self.ident()]
        while self.skip("."):
            found.append(self.ident())
        return tuple(found)

    def maybe(self, cls: type[T]) -> T | None:
        """The next part if it is a `cls`."""
        part = self.peek()
        if isinstance(part, cls):
            self._at += 1
            return part
        return None

    def take(self, cls: type[T]) -> T:
        """The next part, a `cls`."""
        found = self.maybe(cls)
        if found is None:
            raise self.wrong(f"expected {cls.__name__}, found {self.peek()!r}")
        return found

    def many(self, cls: type[T], separators: tuple[str, ...] = ()) -> tuple[T, ...]:
        """As many parts as are a `cls`; separators between and after them are passed over."""
        found = []
        while (part := self.maybe(cls)) is not None:
            found.append(part)
            self.skip(*separators)
        return tuple(found)

    def is_expr(self) -> bool:
        """Is the next part an expression?"""
        return type(self.peek()) in _EXPR

    def expr(self) -> ast.Expr:
        """The next part, an expression."""
        if not self.is_expr():
            raise self.wrong(f"expected an expression, found {self.peek()!r}")
        return cast("ast.Expr", self.part())

    def expr_after(self, *texts: str) -> ast.Expr | None:
        """The expression behind these signs or keywords, if the first of them is there."""
        if not self.sees(texts[0]):
            return None
        self.need(*texts)
        return self.expr()

    def type_node(self) -> ast.TypeNode:
        """The next part, a type."""
        if type(self.peek()) not in _TYPE:
            raise self.wrong(f"expected a type, found {self.peek()!r}")
        return cast("ast.TypeNode", self.part())

    def is_stmt(self) -> bool:
        """Is the next part a statement?"""
        return type(self.peek()) in _STMT

    def stmt(self) -> ast.Stmt:
        """The next part, a statement."""
        if not self.is_stmt():
            raise self.wrong(f"expected a statement, found {self.peek()!r}")
        return cast("ast.Stmt", self.part())

    def body(self) -> tuple[ast.Stmt, ...]:
        """A block, or a single statement."""
        block = self.maybe(Stmts)
        return block.body if block is not None else (self.stmt(),)

    def is_data(self) -> bool:
        """Is the next part a piece of data?"""
        return type(self.peek()) in _DATA

    def data(self) -> ast.Data:
        """The next part, a piece of data."""
        if not self.is_data():
            raise self.wrong(f"expected data, found {self.peek()!r}")
        return cast("ast.Data", self.part())


Builder: TypeAlias = Callable[[Children], object]
