"""Bytes to documents: the way into this package.

A file is cut into documents at lines that begin with `---`, as `kubectl` does, and each is read
by itself, so a mistake in one hides nothing in the others. A text that opens with a brace is
read as JSON first. Lists (`kind: List`, `PodList`, …) are replaced by what is in them. Nothing
here opens files or raises: what cannot be read is a diagnostic of the `Manifest`.
"""

from __future__ import annotations

import codecs
import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kspec.base.codes import YAML_SYNTAX
from kspec.base.diagnostic import Diagnostic, Edit, Help, Label
from kspec.base.source import SourceFile, Span
from kspec.manifests.compose import compose
from kspec.manifests.json_text import Composed, compose_json
from kspec.manifests.node import Document, Manifest, Node, Scalar, Sequence, document, get

_SEPARATOR: Final = re.compile(r"^---([^\n]*)(?:\n|\Z)", re.MULTILINE)
_UNFIT: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),  # what a redirection in PowerShell writes
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read(name: str, data: bytes) -> Manifest:
    """Everything that one file holds; `name` is what diagnostics call it."""
    text, undecodable = decode(data)
    source = SourceFile(name, text)
    if undecodable is not None:
        place = Span(name, undecodable, undecodable + 1)
        broken = Diagnostic(YAML_SYNTAX, "this is not text in UTF-8", Label(place))
        return Manifest(source, (), (broken,))
    with _without_collector():
        nodes, diagnostics = _nodes(name, text)
        documents = tuple(
            d for node in nodes if not _is_null(node) for d in _flatten(document(node))
        )
    return Manifest(source, documents, diagnostics)


def decode(data: bytes) -> tuple[str, int | None]:
    """The text without its byte-order mark; where it is broken, how far it goes instead.

    A broken text is shown with replacement characters from there on.
    """
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", "utf-8"))
    body = data[len(mark) :]
    try:
        return body.decode(encoding), None
    except UnicodeDecodeError as error:
        good = body[: error.start].decode(encoding)
        return good + body[error.start :].decode(encoding, "replace"), len(good)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Nodes make no cycles; looking for them takes most of the time of reading a large file."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _nodes(name: str, text: str) -> Composed:
    if text.lstrip(" \t\n\r").startswith("{"):
        composed = compose_json(name, text)
        if composed is not None:
            return composed
    if unfit := _UNFIT.search(text):
        message = f"the character U+{ord(unfit[0]):04X} is not allowed in YAML"
        return (), (Diagnostic(YAML_SYNTAX, message, Label(Span(name, *unfit.span()))),)
    nodes: list[Node] = []
    diagnostics: list[Diagnostic] = []
    for start, end in _pieces(text):
        found, wrong = compose(name, text[start:end], start)
        nodes += found[:1]
        diagnostics += wrong
        diagnostics += [_second(node) for node in found[1:2]]
    diagnostics += _bad_separators(name, text)
    diagnostics.sort(key=lambda d: d.primary.span.start)
    return tuple(nodes), tuple(diagnostics)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the documents begin and end, separators left out."""
    start = 0
    for separator in _SEPARATOR.finditer(text):
        yield start, separator.start()
        start = separator.end()
    yield start, len(text)


def _bad_separators(name: str, text: str) -> list[Diagnostic]:
    bad: list[Diagnostic] = []
    for separator in _SEPARATOR.finditer(text):
        rest = separator[1].strip()
        if rest and not rest.startswith("#"):
            begin, end = separator.span(1)
            message = "only a comment may follow `---` on its line"
            place = Label(Span(name, begin, end))
            note = "`kubectl` refuses such a file"
            blanks = len(separator[1]) - len(separator[1].lstrip())
            help_ = Help("begin a new line", Edit(Span(name, begin, begin + blanks), "\n"))
            bad.append(Diagnostic(YAML_SYNTAX, message, place, notes=(note,), help=(help_,)))
    return bad


def _second(node: Node) -> Diagnostic:
    place = Label(Span(node.span.file, node.span.start, node.span.start + 1))
    note = "`kubectl` passes over it in silence"
    message = "a second document begins without a line `---` before it"
    start = Span(node.span.file, node.span.start, node.span.start)
    help_ = Help("write `---` before it", Edit(start, "---\n"))
    return Diagnostic(YAML_SYNTAX, message, place, notes=(note,), help=(help_,))


def _is_null(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _flatten(doc: Document) -> Iterator[Document]:
    """A list's items, or the document itself; a list without a text for its kind is no list.

    Items of `PodList` and the like may leave out what their list says.
    """
    items = get(doc.node, ("items",))
    is_list = isinstance(items, Sequence) or _is_null(items)
    if doc.kind is None or not doc.kind.endswith("List") or not is_list:
        yield doc
        return
    kind = doc.kind.removesuffix("List") or None
    for item in items.items if isinstance(items, Sequence) else ():
        yield from _flatten(document(item, doc.api_version if kind else None, kind))
