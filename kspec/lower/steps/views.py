"""Views: the images that a write leaves behind, their delivery, and what a restart shows.

A view is a queue of at most `lag` images of a kind, each from before a write; a controller reads
the first, or the live state if there is none. `dynamics`: "Views". Next: `actions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from kspec.analysis.typed import TComponent, TWatch
from kspec.base.record import frozen
from kspec.ir.expr import FALSE, TRUE, ArithOp, Binder, Expr, Lit, MakeMap, SetOf
from kspec.ir.sorts import Id, Int, Sort
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Index,
    Origin,
    PathStep,
    Update,
    View,
)
from kspec.lower.context import Imaged, Lowering, Present, Slot, Viewed
from kspec.lower.expressions import worlds
from kspec.lower.expressions.altered import altered_by
from kspec.lower.places import SERVER, index_of, served_kinds, stale_kinds
from kspec.lower.steps.effects import Birth, Block, Death, Effect, PutField, closed
from kspec.lower.steps.updates import default_literal, dies
from kspec.lower.values.equality import equal
from kspec.lower.values.shapes import least
from kspec.lower.values.smart import arith, conj, disj, eq, get, ite, le, lit, lt, neg, some_of
from kspec.lower.values.symbolic import Ident


@final
@frozen(eq=False)
class Queue:
    """A queue of images: its owner and kind, the instance it is of, how long it may be."""

    owner: str
    kind: str
    component: TComponent | None
    index: Sort | None
    lag: int


def queues(low: Lowering) -> Iterator[Queue]:
    """Every queue of the scope."""
    for component, kind, setting in stale_kinds(low):
        index = index_of(low, component)
        yield Queue(component.name, kind, component, index, setting.lag)
    for kind, (lag, _, _) in served_kinds(low).items():
        yield Queue(SERVER, kind, None, None, lag)


def slots_of(low: Lowering, queue: Queue) -> list[list[Slot]]:
    """The variables of each place of a queue."""
    prefix = worlds.queue_name(queue.owner, queue.kind, "")
    found: list[list[Slot]] = []
    for i in range(queue.lag):
        start = f"{prefix}{i}."
        found.append([s for n, s in low.slots.items() if n.startswith(start)])
    return found


def _part(slot: Slot) -> str:
    return slot.label.rsplit(".", 1)[1]


# ---- what a step does to views -----------------------------------------------------------------


def pushes(low: Lowering, effects: tuple[Effect, ...], happens: Expr) -> Iterator[Update]:
    """The updates of every view that a step's writes concern."""
    for queue in queues(low):
        mine = [e for e in effects if _concerns(low, e, queue.kind)]
        if not mine:
            continue
        binders: tuple[Binder, ...] = ()
        who: Expr | None = None
        alive: Expr = TRUE
        if queue.index is not None:
            binder, who = low.binder("view", queue.index)
            binders = (binder,)
            if isinstance(queue.index, Id):
                there = worlds.lives(low, Present(), queue.index.kind, who)
                alive = conj((there, neg(dies(low, queue.index, who, effects))))
        seen = disj(_is_seen(low, queue, who, e, effects) for e in mine)
        when = conj((happens, alive, seen))
        if when != FALSE:
            yield from _pushed(low, queue, who, binders, when, mine)


def _concerns(low: Lowering, effect: Effect, kind: str) -> bool:
    match effect:
        case PutField():
            field = low.static.tables.fields[kind].get(effect.name) if effect.kind == kind else None
            return field is not None and field.role == "api"
        case Birth() | Death():
            return effect.kind == kind
        case _:
            return False


def _changes(low: Lowering, effect: Effect) -> Expr:
    """Is this a write that the API server does not drop?"""
    if not isinstance(effect, PutField):
        return effect.when
    old = worlds.read_field(
        low, Present(), effect.kind, effect.name, Ident(effect.kind, effect.target)
    )
    type_ = low.static.tables.fields[effect.kind][effect.name].type
    from kspec.lower.expressions.altered import put_at

    new = put_at(low, type_, old, effect.path, effect.value)
    return conj((effect.when, neg(equal(low.shapes, type_, old, new))))


def _target(effect: Effect) -> tuple[Expr, tuple[Binder, ...]]:
    """The object that an effect writes to, for all values of the binders."""
    match effect:
        case Birth():
            return effect.obj, ()
        case PutField() | Death():
            return effect.target, effect.binders
        case _:
            raise AssertionError(effect)


def _is_seen(
    low: Lowering, queue: Queue, who: Expr | None, effect: Effect, effects: tuple[Effect, ...]
) -> Expr:
    """Does the effect write to an object that is watched before or after the step?"""
    target, binders = _target(effect)
    watched = _is_watched(low, queue, who, target, effects)
    whole = conj((_changes(low, effect), watched))
    return some_of(binders, closed(effect.sink, whole))


def _is_watched(
    low: Lowering, queue: Queue, who: Expr | None, obj: Expr, effects: tuple[Effect, ...]
) -> Expr:
    if queue.component is None:
        return TRUE
    watch = watch_of(queue.component, queue.kind)
    if watch.where is None:
        return TRUE
    view = Viewed(queue.component.name, who, Present())
    block = Block()
    block.effects.extend(effects)
    then = altered_by(Present(), block)
    before = conj(
        (
            worlds.lives(low, Present(), queue.kind, obj),
            worlds.shown(low, view, queue.component, watch, obj),
        )
    )
    after = conj(
        (
            worlds.lives(low, then, queue.kind, obj),
            worlds.shown(low, view, queue.component, watch, obj, then),
        )
    )
    return disj((before, after))


def _pushed(
    low: Lowering,
    queue: Queue,
    who: Expr | None,
    binders: tuple[Binder, ...],
    when: Expr,
    effects: list[Effect],
) -> Iterator[Update]:
    """The image before the step goes to the end; if the queue is full the oldest goes."""
    count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
    path: tuple[PathStep, ...] = () if who is None else (Index(who),)
    count = low.read(count_slot, who, False)
    full = le(lit(queue.lag), count)
    longer = ite(full, lit(queue.lag), arith(ArithOp.ADD, count, lit(1)))
    longer = _within(longer, 0, queue.lag)
    yield Update(count_slot.name, path, longer, when, TRUE, binders)
    places = slots_of(low, queue)
    for i, slots in enumerate(places):
        for slot in slots:
            image = _image_part(low, queue, who, slot, effects)
            newest = image
            if i + 1 < queue.lag:
                following = low.slots[slot.name.replace(f".{i}.", f".{i + 1}.", 1)]
                newest = ite(full, low.read(following, who, False), image)
            here = disj((full, eq(count, lit(i))))
            yield Update(slot.name, path, newest, conj((when, here)), TRUE, binders)


def _within(expr: Expr, lo: int, hi: int) -> Expr:
    from kspec.ir.build import clamp

    return clamp(expr, lo, hi)


def _image_part(
    low: Lowering, queue: Queue, who: Expr | None, slot: Slot, effects: list[Effect]
) -> Expr:
    """A part of the image of the kind as it is before the step."""
    part = _part(slot)
    id_ = low.shapes.id(queue.kind)
    binder, obj = low.binder("o", id_)
    if part == "touched":
        return SetOf(binder, disj(_touches(low, e, obj) for e in effects))
    there = _shown_now(low, queue, who, obj)
    if part == "live":
        source = low.slots.get(worlds.live_name(queue.kind))
        if there == TRUE and source is not None:
            return low.ref(source, False)
        return MakeMap(binder, conj((worlds.lives(low, Present(), queue.kind, obj), there)))
    source = low.slots[
        worlds.age_name(queue.kind) if part == "age" else worlds.field_name(queue.kind, part)
    ]
    whole = low.ref(source, False)
    if there == TRUE:
        return whole
    nothing = lit(0) if part == "age" else default_literal(low, source)
    return MakeMap(binder, ite(there, get(whole, obj), nothing))


def _shown_now(low: Lowering, queue: Queue, who: Expr | None, obj: Expr) -> Expr:
    if queue.component is None:
        return TRUE
    watch = watch_of(queue.component, queue.kind)
    if watch.where is None:
        return TRUE
    view = Viewed(queue.component.name, who, Present())
    return conj(
        (
            worlds.lives(low, Present(), queue.kind, obj),
            worlds.shown(low, view, queue.component, watch, obj),
        )
    )


def _touches(low: Lowering, effect: Effect, obj: Expr) -> Expr:
    target, binders = _target(effect)
    whole = conj((_changes(low, effect), eq(target, obj)))
    return some_of(binders, closed(effect.sink, whole))


# ---- delivery ----------------------------------------------------------------------------------


def deliveries(low: Lowering) -> Iterator[Action]:
    """One action for every queue: it advances by one image or more."""
    for queue in queues(low):
        low.begin()
        params: tuple[Binder, ...] = ()
        who: Expr | None = None
        guard: list[Expr] = []
        if queue.index is not None:
            assert queue.component is not None and queue.component.instance is not None
            binder, who = low.binder(queue.component.instance.name, queue.index)
            params = (binder,)
            if isinstance(queue.index, Id):
                guard.append(worlds.lives(low, Present(), queue.index.kind, who))
        step, by = low.binder("writes", Int(1, queue.lag))
        count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
        guard.append(le(by, low.read(count_slot, who, False)))
        yield Action(
            name=f"{queue.owner}.deliver_{queue.kind}",
            owner=queue.owner,
            origin=Origin.DELIVERY,
            params=params,
            choices=(step,),
            lets=(),
            guard=tuple(Conjunct(g) for g in guard if g != TRUE),
            cut=None,
            updates=tuple(_shifted(low, queue, who, by)),
            fairness=Fairness.WEAK,
        )


def _shifted(low: Lowering, queue: Queue, who: Expr | None, by: Expr) -> Iterator[Update]:
    path: tuple[PathStep, ...] = () if who is None else (Index(who),)
    count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
    count = low.read(count_slot, who, False)
    left = _within(arith(ArithOp.SUB, count, by), 0, queue.lag)
    yield Update(count_slot.name, path, left, TRUE, TRUE)
    for i, slots in enumerate(slots_of(low, queue)):
        for slot in slots:
            value: Expr = Lit(slot.sort, least(slot.sort))
            for k in range(queue.lag - 1 - i, 0, -1):
                source = low.slots[slot.name.replace(f".{i}.", f".{i + k}.", 1)]
                value = ite(eq(by, lit(k)), low.read(source, who, False), value)
            yield Update(slot.name, path, value, TRUE, TRUE)


def emptied(low: Lowering, queue: Queue, who: Expr | None, old: Expr) -> Iterator[Update]:
    """The updates of a restart: the view is the live state, or, if `old`, the server's images.

    Of these it takes no more than its lag, the newest, each as far as the watch shows it.
    """
    path: tuple[PathStep, ...] = () if who is None else (Index(who),)
    count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
    server = low.slots.get(worlds.queue_name(SERVER, queue.kind, "n")) if old != FALSE else None
    count = lit(0) if server is None else ite(old, low.ref(server, False), lit(0))
    yield Update(count_slot.name, path, _within(count, 0, queue.lag), TRUE, TRUE)
    for place, slots in enumerate(slots_of(low, queue)):
        for slot in slots:
            value: Expr = Lit(slot.sort, least(slot.sort))
            if server is not None:
                value = ite(old, _served(low, queue, who, server, place, _part(slot)), value)
            yield Update(slot.name, path, value, TRUE, TRUE)


def _served(
    low: Lowering, queue: Queue, who: Expr | None, server: Slot, place: int, part: str
) -> Expr:
    """A part of what a place of the view takes from the server: the oldest image goes to the
    first place if all find room, else the newest ones do."""
    assert isinstance(server.sort, Int)
    value = _served_part(low, queue, who, server, place, part)
    for more in range(1, server.sort.hi - queue.lag + 1):
        are_more = eq(low.ref(server, False), lit(queue.lag + more))
        newer = _served_part(low, queue, who, server, place + more, part)
        value = ite(are_more, newer, value)
    return value


def _served_part(
    low: Lowering, queue: Queue, who: Expr | None, server: Slot, place: int, part: str
) -> Expr:
    """A part of an image of the server, with only the objects that the watch shows in it."""
    source = low.slots.get(worlds.queue_name(SERVER, queue.kind, f"{place}.{part}"))
    watch = None if queue.component is None else watch_of(queue.component, queue.kind)
    if part == "touched" or watch is None or watch.where is None:
        assert source is not None
        return low.ref(source, False)
    assert queue.component is not None
    binder, obj = low.binder("o", low.shapes.id(queue.kind))
    image = Imaged(SERVER, queue.kind, place, Present())
    view = Viewed(queue.component.name, who, Present())
    there = conj(
        (
            worlds.lives(low, image, queue.kind, obj),
            worlds.shown(low, view, queue.component, watch, obj, image),
        )
    )
    is_used = lt(lit(place), low.ref(server, False))
    if part == "live":
        return MakeMap(binder, conj((is_used, there)))
    assert source is not None
    whole = low.ref(source, False)
    field = None if part == "age" else low.slots[worlds.field_name(queue.kind, part)]
    nothing = lit(0) if field is None else default_literal(low, field)
    # A place of the server that is not used is as one of the view.
    return ite(is_used, MakeMap(binder, ite(there, get(whole, obj), nothing)), whole)


def watch_of(component: TComponent, kind: str) -> TWatch:
    """How a controller watches a kind."""
    return next(w for w in component.watches if w.kind == kind)


# ---- for traces --------------------------------------------------------------------------------


def shown_views(low: Lowering) -> Iterator[View]:
    """Which image each controller acts on."""
    for queue in queues(low):
        if queue.component is None:
            continue
        low.begin()
        instance: tuple[Binder, ...] = ()
        who: Expr | None = None
        if queue.index is not None:
            assert queue.component.instance is not None
            binder, who = low.binder(queue.component.instance.name, queue.index)
            instance = (binder,)
        count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
        count = low.read(count_slot, who, False)
        fields: list[tuple[str, Expr]] = []
        for slot in slots_of(low, queue)[0] if queue.lag else []:
            part = _part(slot)
            names = {"live": worlds.live_name(queue.kind), "age": worlds.age_name(queue.kind)}
            name = names.get(part, worlds.field_name(queue.kind, part))
            if part == "touched" or name not in low.slots:
                continue
            image = low.read(slot, who, False)
            fields.append((name, ite(lt(lit(0), count), image, low.ref(low.slots[name], False))))
        yield View(queue.owner, queue.kind, instance, count, tuple(fields))
