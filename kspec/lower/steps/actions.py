"""Actions of components and faults: one action of the system for each step of a reconcile.

`guards` finds what has to hold; here the block is run, and what every step does besides is added:
refusals, tasks, budgets, ghosts, views. Next: `tasks`, `views`, `faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import evolve

from kspec.analysis.typed import TAction, TAssign, TDelete, TFieldPlace, TNew
from kspec.analysis.types import Type
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.ir.expr import FALSE, TRUE, ArithOp, Expr, Local
from kspec.ir.sorts import Bool
from kspec.ir.system import Action, Conjunct, Fairness, Origin, Template, Update
from kspec.lower.context import CannotLower, Frame, Lowering, Present, Sink
from kspec.lower.places import step_name
from kspec.lower.steps import tasks, views
from kspec.lower.steps.effects import Birth, Block, Effect, Here, closed, run
from kspec.lower.steps.guards import Making, Never, begin, first, instance, later, require
from kspec.lower.steps.templates import template
from kspec.lower.steps.updates import updates_of
from kspec.lower.values.smart import arith, conj, disj, is_some, lit, neg
from kspec.lower.values.symbolic import Ident, Sym

FAIRNESS = {"weak": Fairness.WEAK, "strong": Fairness.STRONG, "none": Fairness.NONE}


ORIGINS = {
    "controller": Origin.CONTROLLER,
    "environment": Origin.ENVIRONMENT,
    "fault": Origin.FAULT,
    "recovery": Origin.FAULT,
}


@final
@frozen(eq=False)
class Made:
    """A lowered step, with what its names stand for: for properties of its occurrence.

    `lets` are the values of names that are not yet lets of the action; who uses one adds it.
    """

    source: TAction
    place: int
    action: Action
    names: dict[str, Sym]
    arguments: tuple[tuple[str, Type], ...]
    frame: Frame
    lets: tuple[tuple[str, Expr], ...]
    is_dead: bool = False


def lower_action(low: Lowering, source: TAction) -> Iterator[Made]:
    """Every step of an action, as an action of the system.

    An action whose guard cannot be true has no effects, and its later steps are left as bare as it.
    """
    is_dead = False
    for place in range(len(source.steps)):
        low.begin()
        making = begin(low, source, place)
        try:
            if is_dead:
                raise Never
            instance(making)
            if place == 0:
                first(making)
            else:
                later(making)
            yield _finished(making)
        except Never:
            is_dead = is_dead or place == 0
            yield _barren(making)


def _barren(making: Making) -> Made:
    """An action that never happens."""
    source = making.source
    action = Action(
        name=step_name(source, making.place),
        owner=source.owner,
        origin=ORIGINS[source.origin],
        params=(),
        choices=(),
        lets=(),
        guard=(Conjunct(FALSE, None, source.span),),
        cut=None,
        updates=(),
        fairness=FAIRNESS[source.fair],
        span=source.span,
    )
    return Made(source, making.place, action, {}, (), making.frame, (), is_dead=True)


def _finished(making: Making) -> Made:
    low, step = making.low, making.step
    block = Block()
    here = Here(sure=frozenset(making.sure))
    after = run(low, making.frame, step.body, block, here)
    making.choices.extend(block.choices)
    for cond in block.guards:
        require(making, cond)
    refused = _refused(making, block)
    done = neg(refused)
    effects = tuple(block.effects)
    updates = list(updates_of(low, after, effects, done))
    updates += views.pushes(low, effects, done)
    instead = Block()
    if refused != FALSE and step.refused:
        updates += _refusal(making, block, instead, refused)
    otherwise = conj((refused, neg(instead.refused)))
    making.names.update({n: s for n, _, s, _ in block.named})
    updates += _ghosts(making)
    if making.place == 0:
        budget = low.slots.get(f"budget.{making.source.name}")
        if budget is not None:
            updates.append(spent(low, budget.name))
    blocks = ((done, effects), (otherwise, tuple(instead.effects)))
    updates += tasks.moved(making, after, block, refused, blocks)
    cut = disj((_cut(effects, done), _cut(tuple(instead.effects), otherwise)))
    action = Action(
        name=step_name(making.source, making.place),
        owner=making.source.owner,
        origin=ORIGINS[making.source.origin],
        params=tuple(making.params),
        choices=tuple(making.choices),
        lets=(*block.births, *instead.births),
        guard=tuple(making.guard),
        cut=None if cut == FALSE else cut,
        updates=tuple(u for u in updates if u.when != FALSE),
        fairness=FAIRNESS[making.source.fair],
        reason=making.source.event.reason if making.source.event and making.place == 0 else None,
        event=_event(making, after),
        span=making.source.span if making.place == 0 else step.span,
    )
    return _made(making, action)


def _made(making: Making, action: Action) -> Made:
    return Made(
        making.source,
        making.place,
        action,
        making.names,
        tuple(making.arguments),
        making.frame,
        tuple(making.frame.sink.lets),
    )


def _refused(making: Making, block: Block) -> Expr:
    """Is the step refused: by its block, or because what it asks for is lost?"""
    if not _may_be_lost(making):
        return block.refused
    binder, lost = making.low.binder("lost", Bool())
    making.choices.append(binder)
    return disj((block.refused, lost))


def _event(making: Making, after: Frame) -> Template | None:
    if making.source.event is None or making.place:
        return None
    return template(making.low, after, making.source.event.text)


def _may_be_lost(making: Making) -> bool:
    if making.source.owner not in making.low.static.scope.lossy:
        return False
    body = making.step.body
    writes = any(isinstance(a.place, TFieldPlace) for a in nodes(body, TAssign))
    makes = next(iter(nodes(body, TNew)), None) is not None
    return writes or makes or next(iter(nodes(body, TDelete)), None) is not None


def _cut(effects: tuple[Effect, ...], happens: Expr) -> Expr:
    """Is there no identity for something that would be born?"""
    return disj(
        conj((happens, closed(e.sink, e.when), neg(is_some(e.option))))
        for e in effects
        if isinstance(e, Birth)
    )


def _chosen(block: Block) -> dict[str, Sym]:
    """What the block chose: names that are there although it was refused."""
    born = {e.name for e in block.effects if isinstance(e, Birth)}
    return {
        name: sym
        for name, _, sym, _ in block.named
        if not (isinstance(sym, Ident) and isinstance(sym.expr, Local) and sym.expr.name in born)
    }


def _refusal(making: Making, block: Block, instead: Block, refused: Expr) -> Iterator[Update]:
    """What happens when the block is refused; nothing, if that is refused too."""
    low, step = making.low, making.step
    assert step.refused is not None
    frame = evolve(making.frame, names={**making.frame.names, **_chosen(block)})
    after = run(low, frame, step.refused, instead, Here(sure=frozenset(making.sure)))
    if instead.choices:
        raise CannotLower("a free choice in `refused`", step.span)
    happens = conj((refused, neg(instead.refused)))
    effects = tuple(instead.effects)
    yield from updates_of(low, after, effects, happens)
    yield from views.pushes(low, effects, happens)


def spent(low: Lowering, name: str) -> Update:
    """One use less of a budget."""
    from kspec.ir.build import clamp
    from kspec.ir.sorts import Int

    slot = low.slots[name]
    assert isinstance(slot.sort, Int)
    left = arith(ArithOp.SUB, low.ref(slot, False), lit(1))
    return Update(name, (), clamp(left, 0, slot.sort.hi), TRUE, TRUE)


def _ghosts(making: Making) -> Iterator[Update]:
    """What rules of ghosts that match the step write; they see the live state before it."""
    low = making.low
    mine = step_name(making.source, making.place)
    for ghost in low.static.scope.program.ghosts:
        for rule in ghost.rules:
            for name, names in rule.actions:
                if name != mine:
                    continue
                own = making.names if len(rule.actions) == 1 else {}
                bound = own | {
                    n: making.names[argument]
                    for n, (argument, _) in zip(names, making.arguments, strict=False)
                    if n != "_"
                }
                frame = Frame(bound, Present(), Present(), Sink(making.frame.sink))
                block = Block()
                run(low, frame, rule.body, block, Here())
                yield from updates_of(low, frame, tuple(block.effects), TRUE)
