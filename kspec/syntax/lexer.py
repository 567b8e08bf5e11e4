"""Text to tokens, one at a time, in the light of what may come next.

A word is a keyword only where the grammar allows that keyword; a path, an API version or a dashed
name is read only where one is allowed. What is no token at all becomes a token of kind `BAD`, so
that the same code explains every mistake. Which tokens are allowed is the machine's business.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import cache
from typing import Final, NamedTuple, final

from kspec.syntax.tables import END, Tables

BAD: Final = "BAD"
"""Text that is no token; the reason is in what it looks like."""

# Read only where allowed, the first of them that matches, before anything else.
_MODES: Final = ("PATH", "API_VERSION", "DASHED", "OR_ELSE")
_BAD: Final = (
    r"\"\"\""  # a docstring without end
    r"|\"([^\"\\\n]|\\.)*\\?"  # a text without end
    r"|'([^'\\\n]|\\.)*'?"  # a text in the wrong quotes
    r"|\d+(\.\d+)*\w*"  # a number that runs into a word
    r"|[\s\S]"
)
_BAD_SIGNS: Final = r"&&|\|\||===|!==|<=>|<->|=>|<>|::|\*\*|//|/\*|\+\+(?=\s*[,;)}])"
"""Signs of other languages that begin with a sign of this one."""


def spelt(words: str) -> frozenset[str]:
    """A set of words, written with blanks between them."""
    return frozenset(words.split())


class Token(NamedTuple):
    """`text` is what stands from `start` to `end` of the file; `kind` its terminal."""

    kind: str
    text: str
    start: int
    end: int


class Scanner(NamedTuple):
    """The regular expressions of one set of tables."""

    space: re.Pattern[str]
    token: re.Pattern[str]
    modes: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def scanner(tables: Tables) -> Scanner:
    """Compile what every position is matched against."""
    p = tables.patterns
    signs = "|".join(re.escape(s) for s in sorted(tables.signs, key=len, reverse=True))
    parts = {
        "DOCSTRING": p["DOCSTRING"],
        "STRING": rf"(?!\"\"\"){p['STRING']}",
        "QUANTITY": rf"(?:{p['QUANTITY']})(?![A-Za-z0-9_])",
        "INT": rf"{p['INT']}(?![A-Za-z0-9_]|\.\d)",
        "NAME": p["NAME"],
        "BADSIGN": _BAD_SIGNS,
        "SIGN": signs,
        "BAD": _BAD,
    }
    return Scanner(
        re.compile(rf"(?:{p['__IGNORE_1']}|{p['COMMENT']})*", re.ASCII),
        re.compile("|".join(f"(?P<{k}>{v})" for k, v in parts.items()), re.ASCII),
        tuple((name, re.compile(p[name], re.ASCII)) for name in _MODES),
    )


@final
class Lexer:
    """Reads `text`, which stands at `offset` of its file."""

    def __init__(self, tables: Tables, text: str, offset: int = 0) -> None:
        self._words: Final = tables.words
        self._signs: Final = tables.signs
        self._space, self._token, self._modes = scanner(tables)
        self._text: Final = text
        self._offset: Final = offset

    def next(self, position: int, allowed: Container[str]) -> Token:
        """The token at or after `position` (an offset in the file); `END` after the last."""
        text, offset = self._text, self._offset
        skipped = self._space.match(text, position - offset)
        start = skipped.end() if skipped else position - offset
        if start == len(text):
            return Token(END, "", start + offset, start + offset)
        for mode, pattern in self._modes:
            if mode in allowed and (match := pattern.match(text, start)):
                return Token(mode, match[0], start + offset, match.end() + offset)
        match = self._token.match(text, start)
        assert match is not None  # anything matches BAD
        found = match[0]
        return Token(
            self._kind(match.lastgroup or BAD, found, allowed),
            found,
            start + offset,
            match.end() + offset,
        )

    def _kind(self, group: str, text: str, allowed: Container[str]) -> str:
        match group:
            case "NAME":
                keyword = self._words.get(text)
                return "NAME" if keyword is None or keyword not in allowed else keyword
            case "SIGN":
                return self._signs[text]
            case "DOCSTRING" | "STRING" | "QUANTITY" | "INT":
                return group
            case _:
                return BAD
