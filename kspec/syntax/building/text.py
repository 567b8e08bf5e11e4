"""Literals: numbers, and text with its escapes and holes.

In a text that may hold expressions, `{e}` is a hole and `{{`, `}}` are braces; in any other text
braces stand for themselves. Escapes are those of JSON. A mistake inside a literal is reported where
it stands, and the literal goes on without that part.
"""

from __future__ import annotations

import re
from typing import Final

from kspec.base.codes import BAD_LITERAL
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Children, Site
from kspec.syntax.lexer import Token

MAX_DIGITS: Final = 4000
"""Longer numbers cannot even be printed by Python without asking for it."""

_ESCAPES: Final = {
    '"': '"',
    "\\": "\\",
    "/": "/",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
}
_PIECE: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\[\s\S]|\{\{|\}\}|\{|\}|[^\\{}]+")
_PLAIN_PIECE: Final = re.compile(r"\\u[0-9A-Fa-f]{4}|\\[\s\S]|[^\\]+")


def number(c: Children, kind: str = "INT") -> tuple[int, Token]:
    """The next part, a whole number."""
    token = c.token(kind)
    if len(token.text) > MAX_DIGITS:
        c.site.report(
            Diagnostic(
                BAD_LITERAL,
                f"a number of {len(token.text)} digits",
                Label(c.span_of(token), f"at most {MAX_DIGITS} digits can be read"),
            )
        )
        return 0, token
    return int(token.text), token


def plain(c: Children, *, kind: str = "STRING") -> str:
    """The next part, text without holes."""
    return unquote(c, c.token(kind))


def maybe_plain(c: Children) -> str | None:
    """The next part if it is text."""
    token = c.maybe_token("STRING")
    return None if token is None else unquote(c, token)


def unquote(c: Children, token: Token) -> str:
    """A token's text without quotes and escapes."""
    inside = token.text[1:-1]
    return "".join(
        _escape(c.site, match[0], token.start + 1 + match.start())
        for match in _PLAIN_PIECE.finditer(inside)
    )


def template(c: Children) -> ast.StringLit:
    """The next part, text that may have holes."""
    token = c.token("STRING")
    inside = token.text[1:-1]
    parts: list[str | ast.Expr] = []
    written = ""
    position = 0
    while position < len(inside):
        match = _PIECE.match(inside, position)
        assert match is not None  # a piece of some kind stands everywhere
        offset = token.start + 1 + position
        position = match.end()
        if match[0] != "{":
            written += _piece(c.site, match[0], offset)
            continue
        position = _end_of_hole(inside, position)
        expr = _hole(c.site, inside, match.end(), position, token.start + 1)
        if expr is not None:
            parts += [written, expr] if written else [expr]
            written = ""
        position += 1
    if written:
        parts.append(written)
    return ast.StringLit(tuple(parts), c.span_of(token))


def maybe_template(c: Children) -> ast.StringLit | None:
    """The next part if it is text."""
    part = c.peek()
    return template(c) if isinstance(part, Token) and part.kind == "STRING" else None


def _end_of_hole(inside: str, start: int) -> int:
    """Where the brace is that closes the hole, or the end of the text."""
    depth = 1
    for i in range(start, len(inside)):
        depth += {"{": 1, "}": -1}.get(inside[i], 0)
        if depth == 0:
            return i
    return len(inside)


def _hole(site: Site, inside: str, start: int, end: int, offset: int) -> ast.Expr | None:
    brace = Span(site.file, offset + start - 1, offset + start)
    text = inside[start:end]
    if end == len(inside):
        message = "a `{` in text that is never closed"
    elif not text.strip():
        message = "nothing between `{` and `}` in text"
    elif "\\" in text:
        message = "an escape inside `{…}` in text"
    else:
        return site.hole(text, offset + start)
    label = Label(brace, "an expression is expected from here to its `}`")
    help_ = "for a brace itself, write it twice: `{{`"
    site.report(Diagnostic(BAD_LITERAL, message, label, help=(help_,)))
    return None


def _piece(site: Site, piece: str, offset: int) -> str:
    """What a stretch of text with holes stands for."""
    if piece in ("{{", "}}"):
        return piece[0]
    if piece == "}":
        label = Label(Span(site.file, offset, offset + 1), "no `{` before it")
        help_ = "for a brace itself, write it twice: `}}`"
        message = "a `}` in text that closes nothing"
        site.report(Diagnostic(BAD_LITERAL, message, label, help=(help_,)))
        return piece
    return _escape(site, piece, offset)


def _escape(site: Site, piece: str, offset: int) -> str:
    """What an escape, or a stretch of text without one, stands for."""
    if not piece.startswith("\\"):
        return piece
    if len(piece) == 6 and not 0xD800 <= int(piece[2:], 16) <= 0xDFFF:
        return chr(int(piece[2:], 16))
    if len(piece) == 2 and piece[1] in _ESCAPES:
        return _ESCAPES[piece[1]]
    known = r"`\"`, `\\`, `\n`, `\t`, `\r` and `\u` with four hexadecimal digits"
    label = Label(Span(site.file, offset, offset + len(piece)), "not an escape")
    help_ = f"the escapes are {known}; for a backslash itself, write it twice"
    site.report(Diagnostic(BAD_LITERAL, "an escape that means nothing", label, help=(help_,)))
    return ""
