"""Reconciles of several steps: where a worker stands, what it froze, where it goes next.

A task is idle, or at a step, with frozen values. Nothing is frozen while it is idle (rule 3).
Next: `actions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, final

from kspec.analysis.typed import TAction
from kspec.analysis.types import ListT, OptT, SetT, Type
from kspec.base.record import frozen
from kspec.ir.expr import FALSE, TRUE, Expr, Lit, MakeSet, SetOp, SetOpKind
from kspec.ir.sorts import Set, Sort
from kspec.ir.system import Index, PathStep, Update
from kspec.lower.context import Frame, Lowering, Slot
from kspec.lower.expressions.gathered import items_of
from kspec.lower.places import (
    frozen_name,
    frozen_types,
    rest_name,
    step_name,
    task_name,
)
from kspec.lower.steps.effects import Block, Effect, closed
from kspec.lower.steps.updates import dies
from kspec.lower.values.apart import as_maybe
from kspec.lower.values.codec import decode, encode, occurring
from kspec.lower.values.smart import conj, disj, eq, ite, neg
from kspec.lower.values.symbolic import Bunch, Maybe, Sym

if TYPE_CHECKING:
    from kspec.lower.steps.guards import Making


@final
@frozen(eq=False)
class Rest:
    """The members that an `each` has still to do."""

    expr: Expr
    of: Sort
    slot: Slot


def is_idle(low: Lowering, owner: str, who: Expr | None) -> Expr:
    """Is no reconcile of the instance under way?"""
    slot = low.slots.get(task_name(owner))
    if slot is None:
        return TRUE
    return eq(low.read(slot, who, False), Lit(slot.sort, "idle"))


def is_at(low: Lowering, action: TAction, place: int, who: Expr | None) -> Expr:
    """Does this step of the action come next?"""
    slot = low.slots[task_name(action.owner)]
    return eq(low.read(slot, who, False), Lit(slot.sort, step_name(action, place)))


def thawed(low: Lowering, action: TAction, who: Expr | None) -> Iterator[tuple[str, Type, Sym]]:
    """The names that the action froze, and what they stand for in a later step."""
    for name, type_ in frozen_types(action).items():
        slot = low.slots[frozen_name(action, name)]
        sym = decode(low.shapes, slot.type, low.read(slot, who, False))
        if isinstance(type_, OptT):
            yield name, type_, sym
        else:
            yield name, type_, as_maybe(low.shapes, sym).content


def rest(low: Lowering, action: TAction, place: int, who: Expr | None) -> Rest:
    """What an `each` has left."""
    slot = low.slots[rest_name(action, place)]
    assert isinstance(slot.sort, Set)
    return Rest(low.read(slot, who, False), slot.sort.of, slot)


def moved(
    making: Making,
    after: Frame,
    block: Block,
    refused: Expr,
    blocks: tuple[tuple[Expr, tuple[Effect, ...]], ...],
) -> Iterator[Update]:
    """The updates of the task: the next step that has something to do, or idle.

    `blocks` are the effects that may happen, each list under its condition.
    """
    low, source = making.low, making.source
    if len(source.steps) == 1:
        return
    task = low.slots[task_name(source.owner)]
    alive: Expr = TRUE
    if task.index is not None and making.who is not None:
        alive = neg(
            disj(
                conj((happens, dies(low, task.index, making.who, effects)))
                for happens, effects in blocks
            )
        )
    move = _Move(making, after, block, refused, alive)
    stays: Expr = FALSE
    if making.step.each is not None and making.place:
        left = rest(low, source, making.place, making.who)
        one = making.choices[0]
        from kspec.ir.expr import Local

        remaining = SetOp(
            SetOpKind.MINUS, left.expr, MakeSet(left.of, (Local(one.name, one.sort),))
        )
        stays = conj((neg(refused), neg(eq(remaining, Lit(left.slot.sort, frozenset())))))
        ends = Lit(left.slot.sort, frozenset())
        yield _update(making, left.slot, ite(stays, remaining, ends), alive)
    yield from _next(move, stays)


@final
@frozen(eq=False)
class _Move:
    making: Making
    after: Frame
    block: Block
    refused: Expr
    alive: Expr


def _update(making: Making, slot: Slot, value: Expr, when: Expr) -> Update:
    path: tuple[PathStep, ...] = ()
    if slot.index is not None and making.who is not None:
        path = (Index(making.who),)
    return Update(slot.name, path, value, when, TRUE, (), making.step.span)


def _next(move: _Move, stays: Expr) -> Iterator[Update]:
    """Where the task goes when the step is done; `stays` keeps it at an `each`."""
    making, low = move.making, move.making.low
    source = making.source
    task = low.slots[task_name(source.owner)]
    idle: Expr = Lit(task.sort, "idle")
    reached: list[tuple[Expr, int]] = []  # in order: under which condition each step is next
    going: Expr = conj((neg(move.refused), neg(stays)))
    for place in range(making.place + 1, len(source.steps)):
        each = source.steps[place].each
        if each is None:
            reached.append((going, place))
            going = FALSE
            break
        members = _members(move, place)
        slot = low.slots[rest_name(source, place)]
        some = conj((going, neg(eq(members, Lit(slot.sort, frozenset())))))
        some = closed(move.after.sink, some)
        yield _update(making, slot, closed(move.after.sink, members), conj((move.alive, some)))
        reached.append((some, place))
        going = conj((going, neg(some)))
    value = idle
    for cond, place in reversed(reached):
        value = ite(cond, Lit(task.sort, step_name(source, place)), value)
    here = step_name(source, making.place)
    if stays != FALSE:
        value = ite(stays, Lit(task.sort, here), value)
    yield _update(making, task, value, move.alive)
    goes_on = neg(eq(value, idle))
    yield from _frozen(move, goes_on)


def _members(move: _Move, place: int) -> Expr:
    """The set that an `each` goes through, as it is before the step."""
    from kspec.lower.expressions.expr import lower

    making, low = move.making, move.making.low
    each = making.source.steps[place].each
    assert each is not None
    _, expr, of = each
    sym = lower(low, move.after, expr)
    if isinstance(expr.type, ListT | OptT):
        sym = Bunch(tuple(items_of(low, expr.type, sym)))
    members: Type = SetT(of)
    slot = low.slots[rest_name(making.source, place)]
    seen = occurring(low.shapes, members, sym)
    low.saw(slot, seen)
    return encode(low.shapes, members, sym, slot.sort)


def _frozen(move: _Move, goes_on: Expr) -> Iterator[Update]:
    """What later steps may use is frozen when it is bound, and let go at the end."""
    making, low = move.making, move.making.low
    bound = {name: (sym, when) for name, _, sym, when in making.named}
    if making.step.each is None or making.place == 0:
        bound.update({name: (sym, when) for name, _, sym, when in move.block.named})
    for name, type_ in frozen_types(making.source).items():
        slot = low.slots[frozen_name(making.source, name)]
        nothing = Lit(slot.sort, None)
        if name in bound:
            sym, when = bound[name]
            kept: Sym = sym if isinstance(type_, OptT) else Maybe(when, sym)
            if isinstance(type_, OptT) and when != TRUE:
                maybe = as_maybe(low.shapes, sym)
                kept = Maybe(conj((when, maybe.present)), maybe.content)
            low.saw(slot, occurring(low.shapes, slot.type, kept))
            value = encode(low.shapes, slot.type, kept, slot.sort)
            yield _update(
                making,
                slot,
                closed(move.after.sink, ite(goes_on, value, nothing)),
                move.alive,
            )
        elif making.place:
            yield _update(making, slot, nothing, conj((move.alive, neg(goes_on))))
