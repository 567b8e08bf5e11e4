"""Manifests to objects of a start, with a ledger of what was made of every path.

A document becomes an object of every kind that stands for its API object. References are by name
(a text, or an object of the document with a `name`), in the same namespace if that has one; a
reference to a `const` kind that stands for no API object is that object, read on the spot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, final

from attrs import field

from kspec.analysis.typed import Program, TFieldDecl, TKindDecl
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.record import define, frozen
from kspec.base.source import Span
from kspec.manifests import node as nodes
from kspec.manifests.node import Document
from kspec.pure.documents import decode, ledger, paths
from kspec.pure.documents.decode import Reader
from kspec.pure.documents.ledger import LedgerEntry, Lines
from kspec.pure.documents.paths import Key, Spot
from kspec.pure.documents.scalars import Dangling, Misread
from kspec.pure.scopes.roster import Roster
from kspec.pure.scopes.scope import ScopeObject
from kspec.pure.scopes.start import Book, Wrong, check_range, default, is_name, skeleton
from kspec.pure.values.value import Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError, Tables, World

OBSERVED: Final = "status"
"""What stands below this key was observed, not wished for (the convention of API objects, as
`metadata.name` is): a start from nothing leaves out what something running writes there."""


@final
@frozen
class Unknown:
    """Documents of a kind that no model describes."""

    api_version: str
    kind: str
    count: int
    span: Span


@final
@frozen
class Imported:
    """What documents gave: objects, what became of their paths, kinds nobody knows, mistakes."""

    objects: tuple[ScopeObject, ...]
    ledger: tuple[LedgerEntry, ...]
    unknown: tuple[Unknown, ...]
    diagnostics: tuple[Diagnostic, ...]


@final
@define
class Findings:
    """What is collected while documents are read, one after another."""

    diagnostics: list[Diagnostic] = field(factory=list)
    lines: Lines = field(factory=dict)
    unknown: dict[tuple[str, str], Unknown] = field(factory=dict)
    made: dict[str, dict[tuple[tuple[str, Value], ...], Obj]] = field(factory=dict)
    made_at: dict[Obj, Span] = field(factory=dict)
    origins: dict[Rec, tuple[Span, ...]] = field(factory=dict)


def import_documents(
    program: Program,
    documents: Iterable[Document],
    parameters: Mapping[str, Value] | None = None,
    unset: frozenset[tuple[str, str]] = frozenset(),
) -> Imported:
    """The objects of these documents alone, in their order. `unset` are kinds and fields that are
    left at their default if they stand in the status."""
    tables = Tables(program)
    findings = Findings()
    roster = Roster()
    kinds = by_version(tables)
    pairs: list[tuple[Document, TKindDecl, Obj]] = []
    for document in documents:
        for kind in kinds_of(document, kinds, findings):
            roster = roster.add(kind.name, name_of(document), document.namespace, document.span)
            pairs.append((document, kind, roster.of(kind.name)[-1].obj))
    context = Context(tables, parameters or {}, skeleton(roster), World())
    book = Book(roster, context)
    found = (import_one(d, kind, obj, book, findings, unset) for d, kind, obj in pairs)
    objects = tuple(made for made in found if made is not None)
    return Imported(
        (*objects, *interned(findings)),
        tuple(findings.lines.values()),
        tuple(findings.unknown.values()),
        tuple(findings.diagnostics),
    )


def by_version(tables: Tables) -> Mapping[tuple[str, str], tuple[TKindDecl, ...]]:
    """The kinds that stand for each apiVersion and kind of the API."""
    found: dict[tuple[str, str], tuple[TKindDecl, ...]] = {}
    for kind in tables.kinds.values():
        for version in kind.versions:
            found[version] = (*found.get(version, ()), kind)
    return found


def kinds_of(
    document: Document,
    kinds: Mapping[tuple[str, str], tuple[TKindDecl, ...]],
    findings: Findings,
) -> tuple[TKindDecl, ...]:
    """The kinds of a document; one that nobody describes is noted."""
    version = (document.api_version or "", document.kind or "")
    found = kinds.get(version, ())
    if not found:
        old = findings.unknown.get(version)
        count = old.count + 1 if old else 1
        kind = nodes.get(document.node, ("kind",))
        span = old.span if old else kind.span if kind else document.span
        findings.unknown[version] = Unknown(*version, count, span)
    return found


def undescribed(findings: Findings) -> tuple[Diagnostic, ...]:
    """What is said of documents that no kind of the program stands for: one warning for all."""
    known = [u for u in findings.unknown.values() if u.kind]
    found = [_no_object(u) for u in findings.unknown.values() if not u.kind]
    if known:
        first, *more = known
        are, them = ("are", "them") if more or first.count > 1 else ("is", "it")
        others = f" and {len(more)} other kinds" if len(more) > 1 else " and another kind"
        shown = f"`{first.kind}` of {first.api_version}{others if more else ''}"
        labels = tuple(Label(u.span, f"{_times(u)} too") for u in more[:_SHOWN])
        found.append(
            Diagnostic(
                codes.UNKNOWN_KIND,
                f"{shown} {are} left out: nothing describes {them}",
                Label(first.span, _times(first)),
                labels,
                help=(f"import a model with a `kind {first.kind} from {first.api_version}`",),
                severity=Severity.WARNING,
            )
        )
    return tuple(found)


_SHOWN: Final = 4


def _times(unknown: Unknown) -> str:
    return "left out" if unknown.count == 1 else f"{unknown.count} of these left out"


def _no_object(unknown: Unknown) -> Diagnostic:
    return Diagnostic(
        codes.UNKNOWN_KIND,
        "a document that is no object of Kubernetes is left out",
        Label(unknown.span, "no `kind` in it"),
        severity=Severity.WARNING,
    )


def name_of(document: Document) -> str:
    """The name that an object is shown with."""
    return document.name or (document.kind or "object").lower()


# ---- one object --------------------------------------------------------------------------------


def import_one(
    document: Document,
    kind: TKindDecl,
    obj: Obj,
    book: Book,
    findings: Findings,
    unset: frozenset[tuple[str, str]],
) -> ScopeObject | None:
    """A document as an object; None, with diagnostics, if a field cannot be read."""
    spot = Spot(document.node)
    ledger.record(spot, kind, book.context.tables, findings.lines)
    reader = _reader(book, findings, document.namespace)
    fields: list[tuple[str, Value]] = []
    spans: list[tuple[str, Span]] = []
    for declared in kind.fields:
        span = _place(spot, declared) or document.span
        if span != document.span:
            spans.append((declared.name, span))
        try:
            value = _field(spot, declared, document, kind, reader, book, unset)
            fields.append((declared.name, value))
            check_range(value, declared, span, book.context)
        except Wrong as wrong:
            findings.diagnostics.append(wrong.diagnostic)
        except Misread as misread:
            findings.diagnostics.append(_misread(misread, declared, span))
        except EvaluationError as error:
            findings.diagnostics.append(_failed(error, declared, span))
    if len(fields) < len(kind.fields):
        return None
    shown = book.roster.shown(kind.name)[obj.index]
    return ScopeObject(kind.name, obj.index, shown, tuple(fields), document.span, tuple(spans))


def _field(
    spot: Spot,
    declared: TFieldDecl,
    document: Document,
    kind: TKindDecl,
    reader: Reader,
    book: Book,
    unset: frozenset[tuple[str, str]],
) -> Value:
    if declared.at is None and is_name(kind, declared):
        return name_of(document)
    is_observed = declared.at is not None and all(map(_below_status, declared.at.paths))
    if is_observed and (kind.name, declared.name) in unset:
        return default(declared, document.span, book)
    return decode.read_field(spot, declared, reader, own=False)


def _below_status(text: str) -> bool:
    return (paths.parse_path(text) or ())[:1] == (Key(OBSERVED),)


def _place(spot: Spot, declared: TFieldDecl) -> Span | None:
    """Where the field stands in the file."""
    for text in declared.at.paths if declared.at else ():
        for found in paths.follow(spot, paths.parse_path(text) or ()):
            return found.span
    return None


def _misread(misread: Misread, declared: TFieldDecl, span: Span) -> Diagnostic:
    place = misread.spot.text()
    message = misread.message
    if not message.startswith(f"`{declared.name}`"):
        message = f"`{declared.name}`: {message}"
    return Diagnostic(
        misread.code,
        message,
        Label(misread.spot.span or span, "this object" if place == "." else f"at `{place}`"),
        (Label(declared.span, f"`{declared.name}` is declared here"),),
        help=misread.help,
    )


def _failed(error: EvaluationError, declared: TFieldDecl, span: Span) -> Diagnostic:
    inside = (Label(error.span, error.message),) if error.span else ()
    message = f"`{declared.name}` cannot be read: {error.message}"
    return Diagnostic(codes.TYPE_MISMATCH, message, Label(span, "from this"), inside)


# ---- references --------------------------------------------------------------------------------


def _reader(book: Book, findings: Findings, namespace: str | None) -> Reader:
    def reference(spot: Spot, kind: str | None, reader: Reader) -> Value:
        declared = book.context.tables.kinds.get(kind or "")
        if declared is not None and declared.const and not declared.versions:
            return _interned(spot, declared, reader, findings, book)
        return _referred(spot, kind, book, findings, namespace)

    def dangled(gone: Dangling) -> None:
        place = gone.spot.span
        if place is not None:
            label = Label(place, "read as nothing")
            findings.diagnostics.append(
                Diagnostic(codes.UNKNOWN_NAME, gone.message, label, severity=Severity.WARNING)
            )

    def read(record: Rec, spot: Spot) -> None:
        if spot.span is not None:
            known = findings.origins.get(record, ())
            if spot.span not in known:
                findings.origins[record] = (*known, spot.span)

    return Reader(book.context, reference, dangled, read)


def _interned(spot: Spot, kind: TKindDecl, reader: Reader, findings: Findings, book: Book) -> Obj:
    """The `const` object with these fields; made if there is none."""
    fields = tuple((f.name, decode.read_field(spot, f, reader, own=False)) for f in kind.fields)
    made = findings.made.setdefault(kind.name, {})
    if fields not in made:
        made[fields] = Obj(kind.name, len(book.roster.of(kind.name)) + len(made))
        findings.made_at[made[fields]] = spot.span or kind.span
    return made[fields]


def interned(findings: Findings) -> tuple[ScopeObject, ...]:
    """The `const` objects that were made on the way, in order."""
    return tuple(
        ScopeObject(kind, obj.index, f"{kind.lower()}-{obj.index}", fields, findings.made_at[obj])
        for kind, made in findings.made.items()
        for fields, obj in made.items()
    )


def _referred(
    spot: Spot, kind: str | None, book: Book, findings: Findings, namespace: str | None
) -> Value:
    """The object that a reference names; nothing, with a warning, if it is not there."""
    members = paths.members(spot)
    name = paths.word(spot.tree) if members is None else _text(members, "name")
    if name is None:
        raise Misread(spot, f"a reference to {f'a `{kind}`' if kind else 'an object'} is wanted")
    kinds = (kind,) if kind else _kinds_named(_text(members or {}, "kind"), book)
    where = _text(members or {}, "namespace") or namespace
    found = [entry for k in kinds for entry in book.roster.named(k, name, where)]
    if len(found) == 1:
        return found[0].obj
    if found:
        message = f"several objects are called `{name}`"
        raise Misread(spot, message, code=codes.AMBIGUOUS_NAME)
    raise Dangling(spot, f"no {kind or 'object'} is called `{name}` at the start")


def _text(members: Mapping[str, Spot], key: str) -> str | None:
    found = members.get(key)
    return None if found is None else paths.word(found.tree)


def _kinds_named(name: str | None, book: Book) -> tuple[str, ...]:
    kinds = book.context.tables.kinds.values()
    return tuple(k.name for k in kinds if any(api == name for _, api in k.versions))
