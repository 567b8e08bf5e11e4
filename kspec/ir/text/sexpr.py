"""S-expressions: text to nested lists with places, and back, laid out to be read.

It knows nothing of systems; `whole` does. A *word* is a run of characters other than white space,
`(`, `)`, `"` and `;`. A *quoted* is a JSON string. `;` begins a comment up to the end of the line.
"""

from __future__ import annotations

import json
import re
from typing import TypeAlias, final

from attrs import field

from kspec.base.record import frozen

_TOKEN = re.compile(
    r"(?P<space>(?:\s|;[^\n]*)+)|(?P<open>\()|(?P<close>\))"
    r'|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<word>[^\s()";]+)',
    re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.'~$/-]*")
_RESERVED = ("true", "false")


@final
class Misread(Exception):
    """Malformed text: a character offset and what is wrong there."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


@final
@frozen
class Word:
    """A bare token."""

    text: str
    offset: int = field(default=0, eq=False)


@final
@frozen
class Quoted:
    """A string."""

    text: str
    offset: int = field(default=0, eq=False)


@final
@frozen
class Group:
    """A list in parentheses."""

    items: tuple[Node, ...]
    offset: int = field(default=0, eq=False)


Node: TypeAlias = "Word | Quoted | Group"


def group(*items: Node | str) -> Group:
    """A list; a `str` becomes a word."""
    return Group(tuple(Word(item) if isinstance(item, str) else item for item in items))


def name(text: str) -> Node:
    """A name: bare where that cannot be mistaken for anything else, else quoted."""
    is_bare = _BARE.fullmatch(text) is not None and text not in _RESERVED
    return Word(text) if is_bare else Quoted(text)


def read(text: str) -> tuple[Node, ...]:
    """The nodes of a text. Raises `Misread`."""
    stack: list[tuple[int, list[Node]]] = [(0, [])]
    offset = 0
    while offset < len(text):
        token = _TOKEN.match(text, offset)
        if token is None:
            raise Misread(offset, "a string without an end")
        _push(stack, token, offset)
        offset = token.end()
    if len(stack) > 1:
        raise Misread(stack[-1][0], "a parenthesis without an end")
    return tuple(stack[0][1])


def _push(stack: list[tuple[int, list[Node]]], token: re.Match[str], offset: int) -> None:
    text = token.group()
    match token.lastgroup:
        case "open":
            stack.append((offset, []))
        case "close":
            if len(stack) == 1:
                raise Misread(offset, "a closing parenthesis too many")
            start, items = stack.pop()
            stack[-1][1].append(Group(tuple(items), start))
        case "quoted":
            stack[-1][1].append(Quoted(_unquoted(text, offset), offset))
        case "word":
            stack[-1][1].append(Word(text, offset))
        case _:
            pass


def _unquoted(text: str, offset: int) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        raise Misread(offset, "not a JSON string") from None


def write(node: Node, width: int = 100) -> str:
    """A node as text, on one line where it fits, else its parts indented below its head."""
    lines: list[str] = []
    _lay_out(node, "", "", width, lines)
    return "\n".join(lines) + "\n"


def _lay_out(node: Node, indent: str, suffix: str, width: int, lines: list[str]) -> None:
    """Append the lines of a node that is followed by `suffix`."""
    room = width - len(indent) - len(suffix)
    if not isinstance(node, Group) or len(node.items) < 2 or _fits(node, room):
        lines.append(indent + _flat(node) + suffix)
        return
    leading = 1
    while leading < len(node.items) - 1 and not isinstance(node.items[leading], Group):
        leading += 1
    head, rest = node.items[:leading], node.items[leading:]
    if isinstance(head[0], Group):
        head, rest = (), node.items
    lines.append(indent + "(" + " ".join(_flat(item) for item in head))
    for item in rest[:-1]:
        _lay_out(item, indent + "  ", "", width, lines)
    _lay_out(rest[-1], indent + "  ", ")" + suffix, width, lines)


def _fits(node: Node, room: int) -> bool:
    """Is the one-line text at most `room` characters? Stops looking as soon as it is not."""
    pending, used = [node], 0
    while pending and used <= room:
        top = pending.pop()
        if isinstance(top, Group):
            used += 2 + max(0, len(top.items) - 1)
            pending.extend(top.items)
        else:
            used += len(_flat(top))
    return used <= room


def _flat(node: Node) -> str:
    if isinstance(node, Word):
        return node.text
    if isinstance(node, Quoted):
        return json.dumps(node.text, ensure_ascii=False)
    return "(" + " ".join(_flat(item) for item in node.items) + ")"
