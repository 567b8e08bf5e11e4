"""Statements as written; `Stmt` is all of them. Next: `kinds`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.expressions import Binders, Expr
    from kspec.syntax.ast.types import Ident


@final
@frozen(eq=False, repr=False)
class PlaceField(Node):
    """`.f`"""

    name: Ident


@final
@frozen(eq=False, repr=False)
class PlaceIndex(Node):
    """`[e]`"""

    index: Expr


@final
@frozen(eq=False, repr=False)
class Place(Node):
    """`x.f[i].g`: what an assignment writes."""

    root: Ident
    path: tuple[PlaceField | PlaceIndex, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Assign(Node):
    """`place := e`, `+=`, `-=`, with its addressing (`by name`, `by uid`, `if unchanged`)."""

    place: Place
    op: str
    value: Expr
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class New(Node):
    """`new p: K { f: e }`"""

    name: Ident | None
    kind: Ident
    fields: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Delete(Node):
    """`delete e`"""

    target: Expr
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class IfStmt(Node):
    """`if c { … } else { … }`"""

    cond: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ForStmt(Node):
    """`for p: Pod where g { … }`: all at once."""

    binders: Binders
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ChooseStmt(Node):
    """`choose q: Pod where g`: a free choice, in scope for the statements after it."""

    binders: Binders
    span: Span


@final
@frozen(eq=False, repr=False)
class Require(Node):
    """`require e`: the server refuses unless."""

    cond: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class CallStmt(Node):
    """`shut(p)`: an effect."""

    effect: Ident
    args: tuple[Expr, ...]
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Nothing(Node):
    """`nothing`"""

    span: Span


Stmt: TypeAlias = (
    Assign | New | Delete | IfStmt | ForStmt | ChooseStmt | Require | CallStmt | Nothing
)
