"""Expressions that are read in another world than the one where they stand, or over a run.

Next: `statements`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.binders import TBinder
    from kspec.analysis.typed.expressions import TExpr
    from kspec.analysis.typed.statements import TStmt


@final
@frozen(eq=False, repr=False)
class TBefore(Node):
    """`before(e)`: in the world before the step; only in occurrence properties."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLive(Node):
    """`live(e)`: in the live world, from inside a controller."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TSeen(Node):
    """`seen(c, e)`, `seen(c(x), e)`: in the view of a controller (of its instance x), with its
    memory; as it was before the step inside an occurrence property."""

    controller: str
    instance: TExpr | None
    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TAfter(Node):
    """`(e after s, …)`: in the world with these effects applied at once."""

    arg: TExpr
    changes: tuple[TStmt, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTimer(Node):
    """`in d`"""

    duration: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTemporal(Node):
    """`always` `eventually` `until` `leads` `not` `and` `or` `implies` over formulas; an argument
    of type bool is a state formula. `unchanged` takes expressions; `gone` an object; `while-stays`
    an expression and a formula (rule "Fairness defaults")."""

    op: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLives(Node):
    """A quantifier over a temporal body: `all` or `some`; each binder over a kind binds a life."""

    kind: str
    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: TExpr
    type: Type
    span: Span
