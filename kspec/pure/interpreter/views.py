"""How the views of controllers fall behind, and how they catch up. Dynamics: "Views", "Restart".

Every write of a watched kind puts the image before it at the end of a queue; a controller reads
the image at the head, or the live state if there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from attrs import evolve

from kspec.analysis.typed import TComponent, TWatch
from kspec.pure.evaluation.evaluate import stored
from kspec.pure.interpreter.facts import Facts
from kspec.pure.interpreter.read import Now, component_context, image_now, shows, shows_in, slots
from kspec.pure.interpreter.state import Image, MachineState, Queue, Slot
from kspec.pure.interpreter.timers import as_kept
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Fixed

SERVER = "server"


def stale_watches(facts: Facts) -> Iterator[tuple[TComponent, TWatch]]:
    """Every kind that a controller sees late."""
    for component in facts.program.components:
        if facts.stale(component.name) is not None:
            yield from ((component, watch) for watch in component.watches)


def recorded(now: Now, after: MachineState) -> MachineState:
    """The state after a step, with the images before it where the step matters to a view."""
    then = evolve(now, state=after)
    behind = dict(after.behind)
    for component, watch in stale_watches(now.facts):
        lag = _lag(now.facts, component)
        touched = _touched(now, after, watch.kind)
        for slot in slots(now, component):
            if slot not in slots(then, component):
                continue
            if any(
                shows(now, component, slot, watch, obj) or shows(then, component, slot, watch, obj)
                for obj in touched
            ):
                asks = (component.name, watch.kind) in now.facts.asks_unchanged
                image = image_now(now, component, slot, watch, touched if asks else frozenset())
                queue = Queue(component.name, slot, watch.kind)
                behind[queue] = (*behind.get(queue, ()), image)[-lag:]
    for kind, lag in _served(now.facts).items():
        if touched := _touched(now, after, kind):
            queue = Queue(SERVER, None, kind)
            behind[queue] = (*behind.get(queue, ()), _server_image(now, kind, touched))[-lag:]
    return evolve(after, behind=Fixed(behind))


def _lag(facts: Facts, component: TComponent) -> int:
    setting = facts.stale(component.name)
    return 0 if setting is None else setting.lag


def _touched(now: Now, after: MachineState, kind: str) -> frozenset[Obj]:
    """The objects that a step writes: born, gone, or with another API field than before.

    The API server drops what changes nothing.
    """
    api = [f.name for f in now.facts.fields(kind) if f.role == "api"]
    before = now.state.objects

    def shown(state: MachineState, obj: Obj) -> object:
        row = state.objects.get(obj)
        return None if row is None else tuple(row[name] for name in api)

    everyone = {obj for obj in (*before, *after.objects) if obj.kind == kind}
    return frozenset(obj for obj in everyone if shown(now.state, obj) != shown(after, obj))


# ---- catching up -------------------------------------------------------------------------------


def deliveries(now: Now) -> Iterator[tuple[str, tuple[Value, ...], MachineState]]:
    """Every way in which one view of one kind advances: action, arguments, state."""
    for component, watch in stale_watches(now.facts):
        for slot in slots(now, component):
            queue = Queue(component.name, slot, watch.kind)
            arguments = () if component.instance is None else (slot,)
            for state in _advanced(now.state, queue):
                yield f"{component.name}.deliver_{watch.kind}", arguments, state
    for kind in _served(now.facts):
        for state in _advanced(now.state, Queue(SERVER, None, kind)):
            yield f"{SERVER}.deliver_{kind}", (), state


def _advanced(state: MachineState, queue: Queue) -> Iterator[MachineState]:
    images = state.behind.get(queue, ())
    for count in range(1, len(images) + 1):
        yield with_queue(state, queue, images[count:])


def with_queue(state: MachineState, queue: Queue, images: tuple[Image, ...]) -> MachineState:
    """The state with other images before a view; none is up to date."""
    behind = state.behind.put(queue, images) if images else state.behind.drop(queue)
    return evolve(state, behind=behind)


# ---- restarts and servers ----------------------------------------------------------------------


def restarts(now: Now) -> Iterator[tuple[str, tuple[Value, ...], MachineState]]:
    """Every restart of an instance: action, arguments, state. Budgets are the caller's."""
    for name in now.facts.scope.restarts:
        component = now.facts.tables.components[name]
        for slot in slots(now, component):
            arguments = () if component.instance is None else (slot,)
            for state in _fresh_views(now, component, slot, _forgetful(now, component, slot)):
                yield f"{name}.restart", arguments, state


def _forgetful(now: Now, component: TComponent, slot: Slot) -> MachineState:
    """The state with memory lost and no reconcile under way."""
    context = component_context(now, component, slot)
    state = now.state
    for decl in component.state:
        if decl.role == "memory":
            state = state.with_store(
                decl.name,
                slot,
                as_kept(now.facts, decl.type, stored(decl.init, decl.type, context)),
            )
    return evolve(state, tasks=state.tasks.drop((component.name, slot)))


def _fresh_views(
    now: Now, component: TComponent, slot: Slot, state: MachineState
) -> Iterator[MachineState]:
    setting = now.facts.stale(component.name)
    if setting is None:
        yield state
        return
    from_server = (False, True) if setting.servers > 1 else (False,)
    for chosen in product(from_server, repeat=len(component.watches)):
        fresh = state
        for watch, is_old in zip(component.watches, chosen, strict=True):
            queue = Queue(component.name, slot, watch.kind)
            images = now.state.behind.get(Queue(SERVER, None, watch.kind), ()) if is_old else ()
            mine = tuple(_projected(now, component, slot, watch, image) for image in images)
            fresh = with_queue(fresh, queue, mine[-setting.lag :])
        yield fresh


def _served(facts: Facts) -> dict[str, int]:
    """The kinds that an API server of its own may show late, and by how many writes."""
    lags: dict[str, int] = {}
    for component, watch in stale_watches(facts):
        setting = facts.stale(component.name)
        if setting is not None and setting.servers > 1:
            lags[watch.kind] = max(setting.lag, lags.get(watch.kind, 0))
    return lags


def _server_image(now: Now, kind: str, touched: frozenset[Obj]) -> Image:
    served = [c.name for c, w in stale_watches(now.facts) if w.kind == kind]
    kept = frozenset[str]().union(*(now.facts.visible[c, kind] for c in served))
    asks = any((c, kind) in now.facts.asks_unchanged for c in served)
    rows = {obj: row for obj, row in now.state.objects.items() if obj.kind == kind}
    image = Image(
        Fixed({obj: _part(row, kept) for obj, row in rows.items()}),
        Fixed({obj: now.state.ages[obj] for obj in rows if obj in now.state.ages}),
        touched if asks else frozenset(),
    )
    return image


def _projected(now: Now, component: TComponent, slot: Slot, watch: TWatch, image: Image) -> Image:
    """What a watch shows of a server's image: its objects, and what the controller reads."""
    kept = now.facts.visible[component.name, watch.kind]
    asks = (component.name, watch.kind) in now.facts.asks_unchanged
    rows = {
        obj: _part(row, kept)
        for obj, row in image.objects.items()
        if shows_in(now, component, slot, watch, image, obj)
    }
    ages = {obj: image.ages[obj] for obj in rows if obj in image.ages}
    return Image(Fixed(rows), Fixed(ages), image.touched if asks else frozenset())


def _part(row: Fixed[str, Value], kept: frozenset[str]) -> Fixed[str, Value]:
    return Fixed({name: value for name, value in row.items() if name in kept})
