"""What a manifest is made of once it is read: a tree of scalars, sequences and mappings.

Every node knows its place in the text. Anchors and merge keys are gone; an aliased node is the
same object in several places. Trees are at most `MAX_DEPTH` deep, so code may recurse over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, TypeAlias, final

from attrs import field

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen
from kspec.base.source import SourceFile, Span

MAX_DEPTH: Final = 200
"""How deep collections may be nested: several times what any published object needs."""

Plain: TypeAlias = str | int | Fraction | bool | None
"""What a scalar means: text, whole number, other number, truth value, nothing."""

Path: TypeAlias = tuple[str | int, ...]
"""Keys and positions, from a node down: `("spec", "containers", 0, "image")`."""


@final
@frozen
class Scalar:
    """A value without parts. `raw` is its text, without quotes; `span` has the quotes in it."""

    value: Plain
    raw: str
    span: Span

    def integer(self) -> int | None:
        """The whole number it is for Kubernetes (`3`, `3.0` and `3e0` are the same), if any."""
        match self.value:
            case bool():
                return None
            case int() as number:
                return number
            case Fraction(denominator=1, numerator=number):
                return number
            case _:
                return None


@final
@frozen
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    span: Span


@final
@frozen
class Mapping:
    """An object: the entries in the order of the text, every key a text and there once.

    A key's `value` is always a `str`, what the key is in JSON; its `raw` is what was written.
    """

    entries: tuple[tuple[Scalar, Node], ...]
    span: Span
    _places: dict[str, int] = field(init=False, eq=False, repr=False)

    @_places.default
    def _find_places(self) -> dict[str, int]:
        return {str(key.value): place for place, (key, _) in enumerate(self.entries)}

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None where it is not written."""
        place = self._places.get(key)
        return None if place is None else self.entries[place][1]

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place in the text."""
        place = self._places.get(key)
        return None if place is None else self.entries[place][0]


Node: TypeAlias = Scalar | Sequence | Mapping


@final
@frozen
class Document:
    """One object of a manifest. Names are None where they are absent or no text."""

    node: Node
    api_version: str | None
    kind: str | None
    name: str | None
    namespace: str | None
    span: Span


@final
@frozen
class Manifest:
    """What was read of one file: as much as could be, and what is wrong with the rest.

    `source` holds the text that all spans are in: the decoded bytes without a byte-order mark.
    """

    source: SourceFile
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]


def get(node: Node, path: Path) -> Node | None:
    """The node at the end of a path, or None where the path leaves the tree."""
    at: Node | None = node
    for step in path:
        match at, step:
            case Mapping(), str():
                at = at.get(step)
            case Sequence(items), int() if 0 <= step < len(items):
                at = items[step]
            case _:
                return None
    return at


def text_at(node: Node, path: Path) -> str | None:
    """The text at the end of a path; None where there is none, or something else than text."""
    found = get(node, path)
    return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


def document(node: Node, api_version: str | None = None, kind: str | None = None) -> Document:
    """A node as an object; the arguments stand in for what it does not say itself."""
    return Document(
        node=node,
        api_version=text_at(node, ("apiVersion",)) or api_version,
        kind=text_at(node, ("kind",)) or kind,
        name=text_at(node, ("metadata", "name")),
        namespace=text_at(node, ("metadata", "namespace")),
        span=node.span,
    )
