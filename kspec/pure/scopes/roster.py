"""Who exists at the start: names and places in the pools, before any field is read.

References among initial objects are by name, and may point forward, so all names are known first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.values.value import Obj


@final
@frozen
class Entry:
    """An object's name, the namespace it is written in, and where it is written."""

    obj: Obj
    name: str
    namespace: str | None
    span: Span


@final
@frozen
class Roster:
    """All entries of each kind, in pool order."""

    entries: Mapping[str, tuple[Entry, ...]] = field(factory=dict)

    def of(self, kind: str) -> tuple[Entry, ...]:
        """The entries of a kind."""
        return self.entries.get(kind, ())

    def add(self, kind: str, name: str, namespace: str | None, span: Span) -> Roster:
        """With one object more, in the next place of its kind's pool."""
        old = self.of(kind)
        entry = Entry(Obj(kind, len(old)), name, namespace, span)
        return evolve(self, entries={**self.entries, kind: (*old, entry)})

    def named(self, kind: str, name: str, namespace: str | None = None) -> tuple[Entry, ...]:
        """The objects that a name may mean: those in the same namespace if there are any."""
        found = tuple(entry for entry in self.of(kind) if entry.name == name)
        near = tuple(entry for entry in found if entry.namespace == namespace)
        return near or found

    def shown(self, kind: str) -> tuple[str, ...]:
        """Names to show, each once: with the namespace where the name alone is not enough."""
        names = [entry.name for entry in self.of(kind)]
        return tuple(
            f"{entry.namespace}/{entry.name}"
            if entry.namespace and names.count(entry.name) > 1
            else entry.name
            for entry in self.of(kind)
        )

    def everyone(self) -> Iterator[Entry]:
        """All entries, kind by kind."""
        for entries in self.entries.values():
            yield from entries
