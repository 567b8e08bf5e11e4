"""JSON to nodes, strictly and with places.

JSON is read by itself since YAML is no true superset of it (think of pairs of escapes beyond the
basic plane) and since dumps of clusters are large. A text that is not JSON is nobody's mistake
yet: it may be YAML in braces, so the answer is None and `read` goes on.
"""

from __future__ import annotations

import json
import re
from typing import Final, TypeAlias

from attrs import field

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import define
from kspec.base.source import Span
from kspec.manifests.mistakes import duplicate, too_deep
from kspec.manifests.node import MAX_DEPTH, Mapping, Node, Plain, Scalar, Sequence
from kspec.manifests.scalars import number

Composed: TypeAlias = tuple[tuple[Node, ...], tuple[Diagnostic, ...]]

_TOKEN: Final = re.compile(
    r"""[ \t\n\r]*(?:
        (?P<open>[{\[]) | (?P<close>[}\]]) | (?P<comma>,) | (?P<colon>:)
      | (?P<text>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
      | (?P<word>true|false|null)
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.ASCII,
)
_WORDS: Final[dict[str, Plain]] = {"true": True, "false": False, "null": None}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

_VALUE: Final = frozenset(("open", "text", "number", "word"))
_MAY_FOLLOW: Final = {
    "stream": frozenset(("open", "end")),
    "value": _VALUE,
    "first item": _VALUE | {"close"},
    "first key": frozenset(("text", "close")),
    "key": frozenset(("text",)),
    "colon": frozenset(("colon",)),
    "next": frozenset(("comma", "close")),
}


class NotJson(Exception):
    """The text is not JSON. Never leaves this module."""


@define
class Open:
    """An object or a list that is not closed, and the key whose value is awaited."""

    start: int
    is_object: bool
    items: list[Node] = field(factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(factory=dict)
    key: Scalar | None = None


@define
class Reader:
    """The state of reading one text."""

    file: str
    stack: list[Open] = field(factory=list)
    roots: list[Node] = field(factory=list)
    diagnostics: list[Diagnostic] = field(factory=list)
    state: str = "stream"


def compose_json(file: str, text: str) -> Composed | None:
    """The objects of a text (`{…}`, or several in a row); None where it is not JSON."""
    reader = Reader(file)
    at = 0
    while True:
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup not in _MAY_FOLLOW[reader.state]:
            return None
        if token.lastgroup == "end":
            return tuple(reader.roots), tuple(reader.diagnostics)
        if token.lastgroup == "open" and len(reader.stack) >= MAX_DEPTH:
            return (), (*reader.diagnostics, too_deep(Span(file, token.start("open"), token.end())))
        try:
            _take(token.lastgroup or "", token, reader)
        except NotJson:
            return None
        at = token.end()


def _take(kind: str, token: re.Match[str], reader: Reader) -> None:
    start, end, raw = token.start(kind), token.end(kind), token[kind]
    span = Span(reader.file, start, end)
    match kind:
        case "open":
            reader.stack.append(Open(start, raw == "{"))
            reader.state = "first key" if raw == "{" else "first item"
        case "close":
            _close(raw, end, reader)
        case "comma":
            reader.state = "key" if reader.stack[-1].is_object else "value"
        case "colon":
            reader.state = "value"
        case "text" if reader.state in ("first key", "key"):
            reader.stack[-1].key = Scalar(_unescaped(raw), raw[1:-1], span)
            reader.state = "colon"
        case "text":
            _add(Scalar(_unescaped(raw), raw[1:-1], span), reader)
        case "number":
            _add(Scalar(number(raw), raw, span), reader)
        case _:
            _add(Scalar(_WORDS[raw], raw, span), reader)


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw[1:-1]
    try:
        text: str = json.loads(raw)
    except json.JSONDecodeError:
        raise NotJson from None
    return _SURROGATE.sub("\ufffd", text)  # as Go does with half a pair


def _close(raw: str, end: int, reader: Reader) -> None:
    done = reader.stack.pop()
    if (raw == "}") != done.is_object:
        raise NotJson
    span = Span(reader.file, done.start, end)
    if done.is_object:
        _add(Mapping(tuple(done.entries.values()), span), reader)
    else:
        _add(Sequence(tuple(done.items), span), reader)


def _add(node: Node, reader: Reader) -> None:
    """Put a finished value where it belongs."""
    if not reader.stack:
        reader.roots.append(node)
        reader.state = "stream"
        return
    around = reader.stack[-1]
    reader.state = "next"
    if not around.is_object:
        around.items.append(node)
        return
    assert around.key is not None
    name = str(around.key.value)
    if name in around.entries:
        reader.diagnostics.append(duplicate(around.key, around.entries[name][0]))
    else:
        around.entries[name] = (around.key, node)
