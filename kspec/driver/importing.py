"""`kspec import`: manifests to a cluster in the language, and what became of every path.

The text is read again before anybody gets it: the objects that it starts with must be those that
`cluster … from` starts with, field by field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, final

from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.base.source import LineIndex, SourceFile, Span
from kspec.driver.formatting import formatted
from kspec.driver.preparing.load import Loading, load_text
from kspec.driver.preparing.stages import ledger_rows
from kspec.driver.result import LedgerRow
from kspec.manifests.node import Document, Manifest
from kspec.pure.scopes.cluster_text import Unwritable, objects
from kspec.pure.scopes.elaborate import Elaborated, elaborate
from kspec.pure.scopes.scope import Scope, ScopeObject
from kspec.sources.described import describing

HERE: Final = "manifests"
"""What the documents are called inside; nobody sees it."""
NAME: Final = "imported"
SHORT: Final = 70
"""The characters of an object that leave room for where it stands on the same line."""


@final
@frozen
class Written:
    """A program with one cluster, None if there is none; the modules that it imports; the ledger;
    what was wrong, with the sources to show it in."""

    text: str | None
    modules: tuple[str, ...]
    objects: int
    ledger: tuple[LedgerRow, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[SourceFile, ...]


class Unfaithful(InternalError):
    """The cluster that was written is not the one that was read; `text` is what was written."""

    def __init__(self, text: str) -> None:
        super().__init__("the cluster that was written does not mean what the manifests say")
        self.text = text


def written(manifests: Iterable[Manifest], named: str, models: tuple[str, ...]) -> Written:
    """The cluster of these manifests. `named` says in the text where they came from; `models` are
    dotted names of modules, none is those of the library that describe what is there."""
    read = tuple(manifests)
    sources = tuple(m.source for m in read)
    wrong = tuple(d for m in read for d in m.diagnostics)
    if any(d.severity is Severity.ERROR for d in wrong):
        return Written(None, (), 0, (), wrong, sources)
    documents = tuple(d for m in read for d in m.documents)
    modules = models or describing((d.api_version or "", d.kind or "") for d in documents)[0]
    head = f"import {', '.join(modules)}\n" if modules else ""
    source = f'{head}cluster {NAME} from "{HERE}"\n{_SCENARIO}'
    found, told = _elaborated(source, documents)
    sources = (*sources, *told.sources)
    diagnostics = (*wrong, *told.diagnostics, *found.diagnostics) if found else told.diagnostics
    if found is None or found.scope is None:
        return Written(None, modules, 0, (), diagnostics, sources)
    rows = ledger_rows(found)
    try:
        lines = tuple(_lines(found.scope, sources))
    except Unwritable as unwritable:
        said = f"this cannot be written as a cluster: {unwritable.message}"
        help_ = 'name the manifests instead: `cluster c from "…"`'
        label = Label(unwritable.span, "this object")
        cannot = Diagnostic(codes.NOT_MODELLED, said, label, help=(help_,))
        return Written(None, modules, 0, rows, (*diagnostics, cannot), sources)
    text = _text(head, lines, named)
    _compare(text, found.scope)
    count = len(found.scope.objects)
    return Written(text, modules, count, rows, diagnostics, sources)


_SCENARIO: Final = f"scenario all {{ in {NAME} }}\n"


def _elaborated(text: str, documents: tuple[Document, ...]) -> tuple[Elaborated | None, Loading]:
    loading = load_text("import.kspec", text)
    if loading.loaded is None:
        return None, loading
    program = loading.loaded.program
    return elaborate(program, program.scenarios[0], (), {HERE: documents}), loading


def _lines(scope: Scope, sources: tuple[SourceFile, ...]) -> Iterator[str]:
    """The objects, those of one kind together; each with where it stands."""
    indices = {source.name: LineIndex(source.text) for source in sources}
    for _, group in groupby(objects(scope), key=lambda pair: pair[0].kind):
        for obj, text in group:
            place = f"# {_place(obj.span, indices)}"
            yield f"  {place}\n  {text}" if len(text) > SHORT else f"  {text}  {place}"


def _place(span: Span, indices: dict[str, LineIndex]) -> str:
    index = indices.get(span.file)
    return span.file if index is None else f"{span.file}:{index.position(span.start)[0]}"


def _text(head: str, lines: tuple[str, ...], named: str) -> str:
    body = "\n".join(lines)
    doc = f'"""A cluster, written by `kspec import` from {_plain(named)}."""\n'
    text = f"{doc}{head}\ncluster {NAME} {{\n{body}\n}}\n"
    made = formatted(SourceFile("import.kspec", text))
    if made.text is None:
        raise Unfaithful(text)
    return made.text


def _plain(named: str) -> str:
    return "".join(c if c.isprintable() and c not in '"\\' else "?" for c in named)


def _compare(text: str, wanted: Scope) -> None:
    found, _ = _elaborated(text + _SCENARIO, ())
    if found is None or found.scope is None or _bare(found.scope) != _bare(wanted):
        raise Unfaithful(text)


def _bare(scope: Scope) -> list[object]:
    def bare(obj: ScopeObject) -> object:
        return obj.kind, obj.index, obj.fields

    return [bare(obj) for obj in scope.objects]
