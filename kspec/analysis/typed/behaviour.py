"""What acts: components with their state, their actions and their faults; ghosts, which watch them.

Next: `claims`.
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
class TWatch(Node):
    """A watched kind; `where` sees the object as `self`, and the instance."""

    kind: str
    where: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TStateDecl(Node):
    """A `memory`, `local` or ghost variable, by full name."""

    name: str
    type: Type
    init: TExpr
    role: str  # memory, local, ghost
    span: Span


@final
@frozen(eq=False, repr=False)
class TEvent(Node):
    """An event reason and its text: strings and expressions."""

    reason: str
    text: tuple[str | TExpr, ...]


@final
@frozen(eq=False, repr=False)
class TGuard(Node):
    """A conjunct. With `bind`, `cond` is an option: false if nothing, else its content is bound
    for everything after it."""

    cond: TExpr
    bind: str | None
    because: tuple[str | TExpr, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TLetGuard(Node):
    """A name for a value, for everything after it."""

    name: str
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TStepDecl(Node):
    """One step of a reconcile: the first is the `do`, the others its `next`s.

    `each`: one member after another of a set frozen at the first step, in any order.
    `when`: waits. `refused`: what happens instead when the block's write is refused; None is
    nothing, the reconcile ends.
    """

    each: tuple[str, TExpr, Type] | None
    when: TExpr | None
    body: tuple[TStmt, ...]
    refused: tuple[TStmt, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TAction(Node):
    """An action, by full name (`replicaset.create`).

    `parameters` are binders over kinds, finite types or sets; `guards` in order. `after` are the
    names of the actions of the same `ordered` block that come before it. `fair` is "weak",
    "strong" or "none", defaults applied (rule 9). `yields` names values read before the step.
    """

    name: str
    owner: str
    origin: str  # controller, environment, fault, recovery
    parameters: tuple[TBinder, ...]
    guards: tuple[TGuard | TLetGuard, ...]
    yields: tuple[tuple[str, TExpr], ...]
    steps: tuple[TStepDecl, ...]
    after: tuple[str, ...]
    fair: str
    atomically: str | None
    event: TEvent | None
    within: TExpr | None
    blocks: tuple[str, TExpr] | None  # a fault that blocks an action: its name, and when
    span: Span


@final
@frozen(eq=False, repr=False)
class TComponent(Node):
    """A controller or an environment. `instance` is its binder when it has instances."""

    name: str
    controller: bool
    instance: TBinder | None
    watches: tuple[TWatch, ...]
    state: tuple[TStateDecl, ...]
    actions: tuple[TAction, ...]
    actor: str | None
    module: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TGhostRule(Node):
    """When an action of this name steps with these names bound, the statements happen too."""

    actions: tuple[tuple[str, tuple[str, ...]], ...]
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TGhost(Node):
    """A ghost variable and its rules."""

    state: TStateDecl
    rules: tuple[TGhostRule, ...]
