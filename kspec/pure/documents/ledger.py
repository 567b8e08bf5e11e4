"""What a model made of a document: every path modelled, approximated or ignored.

A path is modelled if a field is read from it, approximated or ignored if the kind says so (the
longest path that is said wins), and ignored without a reason if nobody mentions it. Lines speak
of `[*]` instead of places, and count documents' paths, so that a hundred pods make a few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, final

from attrs import evolve

from kspec.analysis.typed import AtPath, TFieldDecl, TKindDecl
from kspec.analysis.types import KindT, ListT, MapT, OptT, RecordT, SetT, Type
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.documents import paths
from kspec.pure.documents.paths import Every, Key, Path, Place, Spot, Step, Which
from kspec.pure.values.world import Tables


@final
@frozen
class LedgerEntry:
    """A path of the documents of one kind: `status` is modelled, approximated or ignored; `why`
    is "" where nobody says; `span` is where it stands first, if that is known."""

    kind: str
    path: str
    status: str
    why: str
    count: int
    span: Span | None


@final
@frozen
class Claim:
    """A path below which documents are treated so."""

    path: Path
    status: str
    why: str


_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_STRENGTH = ("approximated", "modelled", "ignored")

Read: TypeAlias = tuple[Path, str, str]

Lines: TypeAlias = dict[tuple[str, str, str], LedgerEntry]


def claims(kind: TKindDecl, tables: Tables) -> tuple[Claim, ...]:
    """Everything that a kind says about its documents."""
    identity = (Claim(paths.parse_path(text) or (), "modelled", "") for text in _IDENTITY)
    read = (Claim(*found) for found in _read_by(kind.fields, (), tables, False, ()))
    said = (
        Claim(path, "approximated" if line.approximates else "ignored", line.why)
        for line in kind.ledger
        if (path := paths.parse_path(line.path)) is not None
    )
    return (*identity, *read, *said)


def _read_by(
    fields: Iterable[TFieldDecl], at: Path, tables: Tables, own: bool, seen: tuple[str, ...]
) -> Iterator[Read]:
    for field in fields:
        read = field.at or (AtPath((f'"{field.name}"',), "value", "") if own else None)
        for text in read.paths if read else ():
            inner = paths.parse_path(text)
            if inner is None:
                continue
            if read is not None and read.read == "by":
                yield from _read_through(read.word or "", (*at, *inner), tables, seen)
            elif read is not None and read.read != "value":
                yield (*at, *inner), "modelled", ""
            else:
                spread = Every() in inner
                yield from _read_as(field.type, (*at, *inner), spread, tables, seen)


def _read_through(function: str, at: Path, tables: Tables, seen: tuple[str, ...]) -> Iterator[Read]:
    """What a function reads: all of it, or the paths of the records that it takes."""
    ((_, taken),) = tables.functions[function].parameters
    for path, status, _ in _read_as(taken, at, False, tables, seen):
        yield path, status, f"through `{function}`"


def _read_as(
    type_: Type, at: Path, spread: bool, tables: Tables, seen: tuple[str, ...]
) -> Iterator[Read]:
    """The paths that a value of the type is read from; `spread` if `at` is its elements'."""
    match type_:
        case OptT(of):
            yield from _read_as(of, at, spread, tables, seen)
        case SetT(of) | ListT(of, _):
            inner = at if spread else (*at, Every())
            yield from _read_as(of, inner, False, tables, seen)
        case MapT(_, of, _):
            yield from _read_as(of, (*at, Every()), False, tables, seen)
        case RecordT(name) if name not in seen:
            fields = tables.records[name].fields
            yield from _read_by(fields, at, tables, True, (*seen, name))
        case KindT(name, _) if name not in seen and tables.kinds[name].const:
            fields = tables.kinds[name].fields
            yield from _read_by(fields, at, tables, False, (*seen, name))
        case _:
            yield at, "modelled", ""


def record(document: Spot, kind: TKindDecl, tables: Tables, lines: Lines) -> None:
    """Add a document's paths to the lines."""
    for spot, claim in _walk(document, claims(kind, tables), None):
        path = _general(spot)
        status, why = ("ignored", "") if claim is None else (claim.status, claim.why)
        key = (kind.name, path, status)
        old = lines.get(key) or LedgerEntry(kind.name, path, status, why, 0, spot.span)
        lines[key] = evolve(old, count=old.count + 1)


def _walk(
    spot: Spot, open_: tuple[Claim, ...], inherited: Claim | None
) -> Iterator[tuple[Spot, Claim | None]]:
    here = [claim for claim in open_ if not claim.path]
    inherited = min(here, key=lambda c: _STRENGTH.index(c.status), default=inherited)
    deeper = tuple(claim for claim in open_ if claim.path)
    below = _below(spot)
    if not deeper or not below:
        yield spot, inherited
        return
    for inner in below:
        advanced = (_advance(claim, inner) for claim in deeper)
        yield from _walk(inner, tuple(c for c in advanced if c is not None), inherited)


def _below(spot: Spot) -> tuple[Spot, ...]:
    listed = paths.items(spot)
    return tuple((paths.members(spot) or {}).values()) if listed is None else listed


def _advance(claim: Claim, inner: Spot) -> Claim | None:
    """What is left of a claim one step further down."""
    return evolve(claim, path=claim.path[1:]) if _leads(claim.path[0], inner) else None


def _leads(step: Step, inner: Spot) -> bool:
    last = inner.where[-1]
    match step:
        case Key(name):
            return last == name
        case Place(index):
            return last == index
        case Every():
            return True
        case Which():
            return isinstance(last, int) and paths.chosen(inner, step)


def _general(spot: Spot) -> str:
    steps = (Key(step) if isinstance(step, str) else Every() for step in spot.where)
    return paths.show_path(tuple(steps))
