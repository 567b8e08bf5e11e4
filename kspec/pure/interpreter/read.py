"""What actors and properties of the interpreter see: worlds, views, instances.

Dynamics: "Views", "Actions". Nothing here changes a state. Next: `effects`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

from attrs import evolve

from kspec.analysis.typed import TBinder, TComponent, TExpr, TWatch
from kspec.base.record import frozen
from kspec.pure.evaluation.bindings import bindings, pool
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.interpreter.facts import Facts, over_kind
from kspec.pure.interpreter.state import Image, MachineState, Queue, Row, Slot
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Context, Fixed, Population, World, population


@final
@frozen(eq=False)
class Now:
    """A state of a scope."""

    facts: Facts
    state: MachineState


def live_world(now: Now) -> World:
    """What is."""
    kinds: dict[str, Population] = {}
    for kind in now.facts.program.kinds:
        rows = {obj: row for obj, row in now.state.objects.items() if obj.kind == kind.name}
        if rows:
            kinds[kind.name] = _population(rows, now.state.ages)
    ghosts: dict[tuple[str, Value], Value] = {(g, None): v for g, v in now.state.ghosts.items()}
    return World(Fixed(kinds), Fixed({**now.state.store, **ghosts}))


def _population(rows: Mapping[Obj, Row], ages: Mapping[Obj, int]) -> Population:
    # A kind whose age nobody reads has no order; its objects stand in the order of the pool.
    oldest_first = sorted(rows, key=lambda obj: (ages.get(obj, 0), obj.index))
    return population(
        {obj.index: row for obj, row in rows.items()}, (obj.index for obj in oldest_first)
    )


def view_world(now: Now, controller: str, slot: Slot) -> World:
    """What an instance of a controller sees: kinds that it watches as in its oldest image."""
    world = live_world(now)
    component = now.facts.tables.components[controller]
    for watch in component.watches:
        images = now.state.behind.get(Queue(controller, slot, watch.kind), ())
        if images:
            seen = _population(images[0].objects, images[0].ages)
        elif watch.where is not None:
            seen = _shown(now, component, slot, watch)
        else:
            continue
        world = world.with_population(watch.kind, seen)
    return world


def _shown(now: Now, component: TComponent, slot: Slot, watch: TWatch) -> Population:
    rows = {
        obj: row
        for obj, row in now.state.objects.items()
        if obj.kind == watch.kind and shows(now, component, slot, watch, obj)
    }
    return _population(rows, now.state.ages)


def shows(now: Now, component: TComponent, slot: Slot, watch: TWatch, obj: Obj) -> bool:
    """Is a live object among those that a controller watches, as things are now?"""
    if obj not in now.state.objects:
        return False
    if watch.where is None:
        return True
    context = _owned(live_context(now), component, slot)
    return is_true(watch.where, context.binding("self", obj))


def shows_in(
    now: Now, component: TComponent, slot: Slot, watch: TWatch, image: Image, obj: Obj
) -> bool:
    """Is an object of an image among those that a controller watches, as they are there?"""
    if watch.where is None:
        return True
    context = _owned(live_context(now), component, slot)
    then = _population(image.objects, image.ages)
    context = evolve(context, world=context.world.with_population(watch.kind, then))
    return is_true(watch.where, context.binding("self", obj))


def image_now(
    now: Now, component: TComponent, slot: Slot, watch: TWatch, touched: frozenset[Obj]
) -> Image:
    """What a view keeps of the state before a write."""
    kept = now.facts.visible[component.name, watch.kind]
    rows = {
        obj: Fixed({name: value for name, value in row.items() if name in kept})
        for obj, row in now.state.objects.items()
        if obj.kind == watch.kind and shows(now, component, slot, watch, obj)
    }
    ages = {obj: now.state.ages[obj] for obj in rows if obj in now.state.ages}
    return Image(Fixed(rows), Fixed(ages), touched)


def live_context(now: Now) -> Context:
    """The context of properties, environments and faults."""
    world = live_world(now)
    return Context(
        tables=now.facts.tables,
        parameters=dict(now.facts.scope.params),
        world=world,
        live=world,
        views=lambda controller, slot: view_world(now, controller, slot),
    )


def component_context(now: Now, component: TComponent | None, slot: Slot) -> Context:
    """The context of an instance's actions; `component` is None for faults."""
    context = live_context(now)
    if component is None:
        return context
    if component.controller:
        context = evolve(context, world=view_world(now, component.name, slot))
    return _owned(context, component, slot)


def _owned(context: Context, component: TComponent, slot: Slot) -> Context:
    context = evolve(context, component=component.name, instance=slot)
    return context if component.instance is None else context.binding(component.instance.name, slot)


def slots(now: Now, component: TComponent | None) -> tuple[Slot, ...]:
    """The instances of a component: live objects, other values, or just one."""
    if component is None or component.instance is None:
        return (None,)
    if (kind := over_kind(component)) is not None:
        return tuple(sorted(obj for obj in now.state.objects if obj.kind == kind))
    return tuple(pool(component.instance, live_context(now)))


def choices(
    binders: tuple[TBinder, ...], where: TExpr | None, context: Context
) -> Iterator[Context]:
    """Every way to bind some names that satisfies a condition, each once."""
    seen: set[tuple[Value, ...]] = set()
    for bound in bindings(binders, where, context):
        values = tuple(bound.locals[binder.name] for binder in binders)
        if values not in seen:
            seen.add(values)
            yield bound


def is_true(expr: TExpr, context: Context) -> bool:
    """The truth of a formula."""
    value = evaluate(expr, context)
    assert isinstance(value, bool)
    return value
