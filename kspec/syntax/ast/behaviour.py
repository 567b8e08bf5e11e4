"""What acts: controllers, environments, actions with their clauses, faults, ghosts.

Next: `claims`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax.ast.kinds import FnDecl, ParamDecl

if TYPE_CHECKING:
    from kspec.syntax.ast.expressions import Expr, StringLit
    from kspec.syntax.ast.kinds import Parameter
    from kspec.syntax.ast.statements import Stmt
    from kspec.syntax.ast.types import Ident, TypeNode


@final
@frozen(eq=False, repr=False)
class Watch(Node):
    """`Pod where node == m.name`: the fields of the object are in scope by name."""

    kind: Ident
    where: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Watches(Node):
    """`watches A, B`"""

    watches: tuple[Watch, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ActsAs(Node):
    """`acts as "…"`"""

    actor: str
    span: Span


@final
@frozen(eq=False, repr=False)
class MemoryDecl(Node):
    """`memory m: T = e` (`local` is false) or `local m: T = e`."""

    local: bool
    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class GuardPart(Node):
    """`e as p because "…"`"""

    cond: Expr
    bind: Ident | None
    because: StringLit | None
    span: Span


@final
@frozen(eq=False, repr=False)
class When(Node):
    """`when a, b as p`"""

    parts: tuple[GuardPart, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class LetClause(Node):
    """`let x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Yields(Node):
    """`yields x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Do(Node):
    """`do …`"""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Next(Node):
    """`next each v in V: when c: …`: a later step of the same reconcile."""

    each: Ident | None
    source: Expr | None
    when: Expr | None
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Refused(Node):
    """`refused …`: what happens if the write before it was refused."""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Event(Node):
    """`event Reason "text {p}"`"""

    reason: Ident
    text: StringLit | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Within(Node):
    """`within d`"""

    duration: Expr
    span: Span


Clause: TypeAlias = When | LetClause | Yields | Do | Next | Refused | Event | Within


@final
@frozen(eq=False, repr=False)
class ActionDecl(Node):
    """`action a(p: Pod) fair …`; flags among fair, strongly fair, unfair."""

    name: Ident
    parameters: tuple[Parameter, ...]
    flags: tuple[str, ...]
    atomically: str | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Ordered(Node):
    """`ordered { … }`: each action only where none before it is enabled."""

    actions: tuple[ActionDecl, ...]
    span: Span


ControllerMember: TypeAlias = (
    Watches | ActsAs | MemoryDecl | ParamDecl | FnDecl | ActionDecl | Ordered
)


@final
@frozen(eq=False, repr=False)
class ControllerDecl(Node):
    """`controller c for s: K instances n { … }`"""

    name: Ident
    each: tuple[Ident, TypeNode] | None
    instances: Expr | None
    members: tuple[ControllerMember, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class EnvironmentDecl(Node):
    """`environment e { … }`"""

    name: Ident
    members: tuple[FnDecl | ActionDecl | ParamDecl, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Pattern(Node):
    """`c.a(x, _)`, or `any step` where `path` is empty."""

    path: tuple[Ident, ...]
    names: tuple[Ident, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class FaultDecl(Node):
    """`fault f(x: T) when … do …`, or `fault f(x: T) blocks c.a(p) when …`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    blocks: Pattern | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class RecoveryDecl(Node):
    """`recovery r(x: T) when … do …`: the end of a fault, weakly fair unless it `may last`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    may_last: bool
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class GhostRule(Node):
    """`on c.a(x): …` in a ghost."""

    pattern: Pattern
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class GhostDecl(Node):
    """`ghost g: T = e { on … }`"""

    name: Ident
    type: TypeNode
    init: Expr
    rules: tuple[GhostRule, ...]
    span: Span
