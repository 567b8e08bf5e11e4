"""Objects as a cluster lists them: data without types, until fields give it some.

Next: `scenarios`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.types import Ident


@final
@frozen(eq=False, repr=False)
class DataAtom(Node):
    """A bare word, a dashed word, text, or a number: which one is in `token`.

    `token` is NAME, DASHED, STRING, INT or QUANTITY; `text` is what was written, text unescaped.
    """

    token: str
    text: str
    span: Span


@final
@frozen(eq=False, repr=False)
class DataRange(Node):
    """`0..3`"""

    lo: int
    hi: int
    span: Span


@final
@frozen(eq=False, repr=False)
class DataMap(Node):
    """`{k: v}`; a nested `pod {…}` is an entry too."""

    entries: tuple[tuple[Ident, Data], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class DataList(Node):
    """`[a, b]`"""

    items: tuple[Data, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class DataAny(Node):
    """`any`, `any of {…}`: every value is an initial one."""

    of: Data | None
    span: Span


Data: TypeAlias = DataAtom | DataRange | DataMap | DataList | DataAny


@final
@frozen(eq=False, repr=False)
class ObjectDecl(Node):
    """`node a, b { … }`: a kind's name, in any case, and objects."""

    kind: Ident
    names: tuple[Ident, ...]
    body: DataMap
    span: Span


@final
@frozen(eq=False, repr=False)
class ObjectsFrom(Node):
    """`from "manifests/"` inside a cluster."""

    path: str
    span: Span


@final
@frozen(eq=False, repr=False)
class ClusterDecl(Node):
    """`cluster c from "…" { … }`; no name when written inside a scenario."""

    name: Ident | None
    sources: tuple[ObjectsFrom, ...]
    objects: tuple[ObjectDecl | ObjectsFrom, ...]
    span: Span
