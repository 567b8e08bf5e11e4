"""Restarts: memory and reconcile under way are lost, views begin again. Next: `timers`."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis.typed import OverKind, TComponent
from kspec.ir.expr import FALSE, TRUE, Binder, Expr
from kspec.ir.sorts import Bool
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Index,
    Origin,
    PathStep,
    Role,
    Update,
)
from kspec.lower.context import Lowering, Present
from kspec.lower.expressions import worlds
from kspec.lower.places import index_of
from kspec.lower.steps import views
from kspec.lower.steps.actions import spent
from kspec.lower.steps.updates import initial_literal
from kspec.lower.values.smart import lit, lt


def restarts(low: Lowering) -> Iterator[Action]:
    """One action for every controller that may restart."""
    for name in low.static.scope.restarts:
        low.begin()
        yield _restart(low, low.static.tables.components[name])


def _restart(low: Lowering, component: TComponent) -> Action:
    name = f"{component.name}.restart"
    params: tuple[Binder, ...] = ()
    who: Expr | None = None
    guard: list[Expr] = []
    updates: list[Update] = []
    if component.instance is not None:
        index = index_of(low, component)
        assert index is not None
        binder, who = low.binder(component.instance.name, index)
        params = (binder,)
        if isinstance(component.instance.over, OverKind):
            guard.append(worlds.lives(low, Present(), component.instance.over.kind, who))
    budget = low.slots.get(f"budget.restart {component.name}") or low.slots.get(f"budget.{name}")
    if budget is not None:
        guard.append(lt(lit(0), low.ref(budget, False)))
        updates.append(spent(low, budget.name))
    path: tuple[PathStep, ...] = () if who is None else (Index(who),)
    for slot in low.slots.values():
        if slot.owner == component.name and slot.role in (Role.MEMORY, Role.TASK):
            updates.append(Update(slot.name, path, initial_literal(low, slot), TRUE, TRUE))
    choices, more = _views(low, component, who)
    return Action(
        name=name,
        owner=component.name,
        origin=Origin.FAULT,
        params=params,
        choices=choices,
        lets=(),
        guard=tuple(Conjunct(g) for g in guard if g != TRUE),
        cut=None,
        updates=(*updates, *more),
        fairness=Fairness.NONE,
        span=component.span if hasattr(component, "span") else None,
    )


def _views(
    low: Lowering, component: TComponent, who: Expr | None
) -> tuple[tuple[Binder, ...], list[Update]]:
    """Each view becomes the live state or, by a free choice, what an API server shows."""
    choices: list[Binder] = []
    updates: list[Update] = []
    setting = low.static.facts.stale(component.name)
    queues = {q.kind: q for q in views.queues(low) if q.owner == component.name}
    for watch in component.watches if setting is not None else ():
        old: Expr = FALSE
        if setting is not None and setting.servers > 1:
            binder, old = low.binder(f"old_{watch.kind}", Bool())
            choices.append(binder)
        queue = queues.get(watch.kind)
        if queue is not None:
            updates += views.emptied(low, queue, who, old)
    return tuple(choices), updates
