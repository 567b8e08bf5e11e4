"""Types as written, and the names that all nodes are made of. Next: `expressions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.expressions import Expr


@final
@frozen(eq=False, repr=False)
class Ident(Node):
    """A name as written."""

    text: str
    span: Span


@final
@frozen(eq=False, repr=False)
class NamedType(Node):
    """`bool`, `int`, `rational`, `cpu`, `timer`, `object`, `json` …, an enum, record or kind."""

    name: str
    span: Span


@final
@frozen(eq=False, repr=False)
class OptionType(Node):
    """`T?`"""

    of: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class SetType(Node):
    """`set of T`"""

    of: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class ListType(Node):
    """`list of T`, `list at most n of T`."""

    of: TypeNode
    most: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class MapType(Node):
    """`map from K to V`"""

    key: TypeNode
    value: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class KeyType(Node):
    """`name of K`: a reference by name."""

    kind: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class NameType(Node):
    """`name`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class EnumType(Node):
    """`enum { A, B }` written in place."""

    cases: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class RangeType(Node):
    """`lo..hi`, both included."""

    lo: Expr
    hi: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class TupleType(Node):
    """`tuple of (A, B)`"""

    parts: tuple[TypeNode, ...]
    span: Span


TypeNode: TypeAlias = (
    NamedType
    | OptionType
    | SetType
    | ListType
    | MapType
    | KeyType
    | NameType
    | EnumType
    | RangeType
    | TupleType
)
