"""What every reachable state satisfies by construction (rule 3): dead objects hold defaults,
places of views that are not used are empty, idle reconciles have frozen nothing."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.ir.expr import Binder, Expr, Lit
from kspec.ir.system import Role
from kspec.lower.context import Lowering, Present, Slot
from kspec.lower.expressions import worlds
from kspec.lower.places import frozen_types, rest_name, task_name
from kspec.lower.steps import views
from kspec.lower.steps.updates import belongs_to_instance, default_literal, initial_literal
from kspec.lower.values.shapes import least
from kspec.lower.values.smart import all_of, conj, disj, eq, get, lit, lt, neg, total


def well_formed(low: Lowering) -> Expr:
    """The formula."""
    low.begin()
    return conj((*_dead(low), *_idle(low), *_unseen(low), *_orphaned(low), *_aged(low)))


def _dead(low: Lowering) -> Iterator[Expr]:
    for slot in low.slots.values():
        if (
            slot.role in (Role.API, Role.LOCAL, Role.GHOST)
            and slot.owner in low.static.tables.kinds
        ):
            if slot.index is None or worlds.live_name(slot.owner) not in low.slots:
                continue
            binder, obj = low.binder("o", slot.index)
            alive = worlds.lives(low, Present(), slot.owner, obj)
            if slot.name == worlds.age_name(slot.owner):
                nothing: Expr = lit(0)
            else:
                nothing = default_literal(low, slot)
            empty = eq(get(low.ref(slot, False), obj), nothing)
            yield all_of((binder,), disj((alive, empty)))


def _idle(low: Lowering) -> Iterator[Expr]:
    """What an action froze is there only while one of its later steps comes next."""
    for action in low.static.actions:
        task = low.slots.get(task_name(action.owner))
        if task is None or len(action.steps) < 2:
            continue
        mine = [f"{action.name}/{i + 1}" for i in range(1, len(action.steps))]
        for name in frozen_types(action):
            yield _only_at(low, low.slots[f"{action.name}.{name}"], task, mine)
        for place, step in enumerate(action.steps):
            if step.each is not None and place:
                slot = low.slots[rest_name(action, place)]
                yield _only_at(low, slot, task, [f"{action.name}/{place + 1}"])


def _only_at(low: Lowering, slot: Slot, task: Slot, steps: list[str]) -> Expr:
    nothing = Lit(slot.sort, least(slot.sort))
    if slot.index is None:
        at = disj(eq(low.ref(task, False), Lit(task.sort, s)) for s in steps)
        return disj((at, eq(low.ref(slot, False), nothing)))
    binder, who = low.binder("i", slot.index)
    at = disj(eq(low.read(task, who, False), Lit(task.sort, s)) for s in steps)
    return all_of((binder,), disj((at, eq(low.read(slot, who, False), nothing))))


def _unseen(low: Lowering) -> Iterator[Expr]:
    for queue in views.queues(low):
        count_slot = low.slots[worlds.queue_name(queue.owner, queue.kind, "n")]
        for i, slots in enumerate(views.slots_of(low, queue)):
            for slot in slots:
                binders: tuple[Binder, ...] = ()
                who: Expr | None = None
                if queue.index is not None:
                    binder, who = low.binder("i", queue.index)
                    binders = (binder,)
                used = lt(lit(i), low.read(count_slot, who, False))
                nothing = Lit(slot.sort, least(slot.sort))
                empty = eq(low.read(slot, who, False), nothing)
                yield all_of(binders, disj((used, empty)))


def _orphaned(low: Lowering) -> Iterator[Expr]:
    """The variables of an instance that does not exist are as at the start."""
    for slot in low.slots.values():
        if not belongs_to_instance(low, slot) or slot.index is None:
            continue
        kind = getattr(slot.index, "kind", None)
        if kind is None or low.static.is_everlasting(kind):
            continue
        binder, who = low.binder("i", slot.index)
        alive = worlds.lives(low, Present(), kind, who)
        fresh = eq(low.read(slot, who, False), initial_literal(low, slot))
        yield all_of((binder,), disj((alive, fresh)))


def _aged(low: Lowering) -> Iterator[Expr]:
    """Ages are dense: each live object's is the number of live ones that are older."""
    for kind in sorted(low.static.facts.aged):
        slot = low.slots.get(worlds.age_name(kind))
        if slot is None or slot.index is None:
            continue
        binder, obj = low.binder("o", slot.index)
        other_binder, other = low.binder("p", slot.index)
        ages = low.ref(slot, False)
        alive = worlds.lives(low, Present(), kind, obj)
        there = worlds.lives(low, Present(), kind, other)
        older = conj((there, lt(get(ages, other), get(ages, obj))))
        same = conj((there, neg(eq(other, obj)), eq(get(ages, other), get(ages, obj))))
        from kspec.lower.values.smart import some_of

        distinct = neg(some_of((other_binder,), same))
        dense = eq(get(ages, obj), total(other_binder, older, lit(1)))
        yield all_of((binder,), disj((neg(alive), conj((distinct, dense)))))
