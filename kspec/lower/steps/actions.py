"""Actions of components and faults: one action of the system for each step of a reconcile.

`first_step` and `later_step` find the guard and run the block; `finished` adds what every step
does besides: refusals, tasks, budgets, ghosts, views. Next: `tasks`, `views`, `faults`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import evolve, field, mutable

from kspec.analysis.typed import (
    Comp,
    OverKind,
    TAction,
    TAssign,
    TBinder,
    TChoose,
    TComp,
    TComponent,
    TDelete,
    TExpr,
    TFieldPlace,
    TGuard,
    TNew,
    TStepDecl,
    TVar,
)
from kspec.analysis.types import OptT, Type
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import FALSE, TRUE, ArithOp, Binder, Expr, Local
from kspec.ir.sorts import Bool, Sort
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Origin,
    Template,
    Update,
)
from kspec.lower.context import (
    CannotLower,
    Frame,
    Lowering,
    Present,
    Sink,
    Viewed,
    shared,
)
from kspec.lower.expressions import worlds
from kspec.lower.expressions.binding import Option, options
from kspec.lower.places import index_of, step_name
from kspec.lower.steps import tasks, views
from kspec.lower.steps.effects import Birth, Block, Effect, Here, closed, listed_choice, run
from kspec.lower.steps.templates import template
from kspec.lower.steps.updates import updates_of
from kspec.lower.values.apart import as_maybe
from kspec.lower.values.codec import decode
from kspec.lower.values.smart import arith, conj, disj, free, is_some, lit, lt, neg, some_of
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


@final
@mutable(eq=False)
class Making:
    """A step under way."""

    low: Lowering
    source: TAction
    place: int
    component: TComponent | None
    frame: Frame
    who: Expr | None
    params: list[Binder] = field(factory=list)
    choices: list[Binder] = field(factory=list)
    guard: list[Conjunct] = field(factory=list)
    names: dict[str, Sym] = field(factory=dict)
    arguments: list[tuple[str, Type]] = field(factory=list)
    named: list[tuple[str, Type, Sym, Expr]] = field(factory=list)
    sure: set[Expr] = field(factory=set)

    @property
    def step(self) -> TStepDecl:
        """The block."""
        return self.source.steps[self.place]


class _Never(Exception):
    """A guard that is false in every state."""


def lower_action(low: Lowering, source: TAction) -> Iterator[Made]:
    """Every step of an action, as an action of the system.

    An action whose guard cannot be true has no effects, and its later steps are left as bare as it.
    """
    is_dead = False
    for place in range(len(source.steps)):
        low.begin()
        making = _begin(low, source, place)
        try:
            if is_dead:
                raise _Never
            _instance(making)
            if place == 0:
                _first(making)
            else:
                _later(making)
            yield _finished(making)
        except _Never:
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


# ---- who acts ----------------------------------------------------------------------------------


def _begin(low: Lowering, source: TAction, place: int) -> Making:
    component = low.static.component(source.owner)
    frame = Frame({}, Present(), Present(), Sink(), component=source.owner)
    making = Making(low, source, place, component, frame, None)
    if component is not None and component.instance is not None:
        index = index_of(low, component)
        assert index is not None
        binder, who = low.binder(component.instance.name, index)
        making.params.append(binder)
        making.who = who
        making.arguments.append((component.instance.name, component.instance.type))
        making.frame = worlds.of_instance(low, frame, component, who)
        making.names[component.instance.name] = making.frame.names[component.instance.name]
    if component is not None and component.controller:
        view = Viewed(component.name, making.who, Present())
        making.frame = evolve(making.frame, world=view)
    return making


def _instance(making: Making) -> None:
    """Whoever acts is alive."""
    component = making.component
    if component is None or component.instance is None or making.who is None:
        return
    if isinstance(component.instance.over, OverKind):
        alive = worlds.lives(making.low, Present(), component.instance.over.kind, making.who)
        _require(making, alive)
        making.sure.add(making.who)
        making.low.shown.add((Present(), making.who))


def _require(
    making: Making, cond: Expr, because: Template | None = None, span: Span | None = None
) -> None:
    if cond == FALSE:
        raise _Never
    if cond != TRUE:
        making.guard.append(Conjunct(closed(making.frame.sink, cond), because, span))


def _bind(making: Making, name: str, type_: Type, sym: Sym) -> None:
    making.frame = making.frame.binding(name, sym)
    making.names[name] = sym
    making.named.append((name, type_, sym, TRUE))


# ---- the first step ----------------------------------------------------------------------------


def _first(making: Making) -> None:
    low, source = making.low, making.source
    idle = tasks.is_idle(low, source.owner, making.who)
    _require(making, idle)
    budget = low.slots.get(f"budget.{source.name}")
    if budget is not None:
        _require(making, lt(lit(0), low.ref(budget, False)))
    for name in source.after:
        earlier = next((a for a in low.static.actions if a.name == name), None)
        if earlier is not None:
            _require(making, neg(may_start(making, earlier)))
    _parameters(making, making.source)
    _require(making, neg(is_blocked(making, source)))
    _guards(making)
    for name, value in source.yields:
        from kspec.lower.expressions.expr import lower

        sym = shared(low, making.frame, name, lower(low, making.frame, value))
        making.names.setdefault(name, sym)


def _parameters(making: Making, source: TAction) -> None:
    for parameter in source.parameters:
        option = _one_option(making, parameter)
        assert option.binder is not None
        making.params.append(option.binder)
        making.arguments.append((parameter.name, parameter.type))
        frame = evolve(option.frame, sink=making.frame.sink)
        making.frame = frame
        making.names[parameter.name] = option.value
        making.named.append((parameter.name, parameter.type, option.value, TRUE))
        _require(making, closed(option.frame.sink, option.cond))
        if isinstance(parameter.over, OverKind) and isinstance(option.value, Ident):
            kind = parameter.over.kind
            if worlds.watch_of(making.low, making.frame.world, kind) is None:
                making.sure.add(option.value.expr)


def _one_option(making: Making, parameter: TBinder) -> Option:
    found = options(making.low, making.frame, parameter)
    if len(found) == 1 and found[0].binder is not None:
        return found[0]
    if not found:
        return _nobody(making, parameter)
    return listed_choice(making.low, making.frame, parameter)


def _nobody(making: Making, parameter: TBinder) -> Option:
    """A parameter over nothing: the action never happens."""
    from kspec.lower.values.symbolic import Known

    low = making.low
    if isinstance(parameter.over, OverKind):
        sort: Sort = low.shapes.id(parameter.over.kind)
        binder, local = low.binder(parameter.name, sort)
        sym: Sym = Ident(parameter.over.kind, local)
    else:
        binder, local = low.binder(parameter.name, Bool())
        sym = Known(None)
    return Option(binder, FALSE, making.frame.binding(parameter.name, sym), sym)


def _guards(making: Making) -> None:
    from kspec.lower.expressions.expr import flag, lower

    low = making.low
    for guard in making.source.guards:
        frame = evolve(making.frame, sink=making.frame.sink)
        if not isinstance(guard, TGuard):
            sym = shared(low, frame, guard.name, lower(low, frame, guard.value))
            _bind(making, guard.name, guard.value.type, sym)
            continue
        because = _because(low, frame, guard)
        if guard.bind is None:
            inner = frame.inner()
            cond = closed(inner.sink, flag(low, inner, guard.cond))
            _require(making, cond, because, guard.span)
            continue
        maybe = as_maybe(low.shapes, lower(low, frame, guard.cond))
        _require(making, maybe.present, because, guard.span)
        content = shared(low, frame, guard.bind, maybe.content)
        type_ = guard.cond.type
        _bind(making, guard.bind, type_.of if isinstance(type_, OptT) else type_, content)


def _because(low: Lowering, frame: Frame, guard: TGuard) -> Template | None:
    """The reason; what it tells of one of those that an `all` is false of is left out."""
    inside: set[str] = set()
    cond = guard.cond
    while isinstance(cond, TComp) and cond.kind is Comp.ALL:
        inside.update(binder.name for binder in cond.binders)
        cond = cond.body
    parts = tuple(
        "…" if not isinstance(part, str) and _mentions(part, inside) else part
        for part in guard.because or ()
    )
    return None if guard.because is None else template(low, frame, parts)


def _mentions(part: TExpr, names: set[str]) -> bool:
    return any(getattr(v, "name", None) in names for v in nodes(part, TVar))


def may_start(making: Making, earlier: TAction) -> Expr:
    """Has an earlier action of the same block an instance, for the same instance of the
    component? A choice in its first step must be possible too."""
    try:
        return _may_start(making, earlier)
    except _Never:
        return FALSE


def _may_start(making: Making, earlier: TAction) -> Expr:
    low = making.low
    other = Making(low, earlier, 0, making.component, evolve(making.frame, sink=Sink()), making.who)
    if making.component is not None and making.component.instance is not None:
        name = making.component.instance.name
        other.names[name] = making.frame.names[name]
        other.frame = evolve(other.frame, names={name: making.frame.names[name]})
    else:
        other.frame = evolve(other.frame, names={})
    budget = low.slots.get(f"budget.{earlier.name}")
    if budget is not None:
        _require(other, lt(lit(0), low.ref(budget, False)))
    _parameters(other, earlier)
    _require(other, neg(is_blocked(other, earlier)))
    _guards(other)
    block = Block()
    body = earlier.steps[0].body
    if next(iter(nodes(body, TChoose)), None) is not None:
        run(low, other.frame, body, block, Here(sure=frozenset(other.sure)))
    born = {name for name, _ in block.births}
    if any(born & free(guard) for guard in block.guards):
        raise CannotLower("an ordered action that both makes and chooses objects", earlier.span)
    cond = conj((*(c.expr for c in other.guard), *block.guards))
    return some_of((*other.params, *block.choices), cond)


def is_blocked(making: Making, source: TAction) -> Expr:
    """Does a fault of the scope keep the instance from happening?"""
    from kspec.lower.expressions.expr import flag

    low = making.low
    found: list[Expr] = []
    for fault in low.static.blockers:
        assert fault.blocks is not None
        name, when = fault.blocks
        if name == source.name:
            frame = Frame(dict(making.names), Present(), Present(), Sink())
            found.append(frame.sink.close(flag(low, frame, when)))
    return disj(found)


# ---- later steps -------------------------------------------------------------------------------


def _later(making: Making) -> None:
    from kspec.lower.expressions.expr import flag

    low, step = making.low, making.step
    _require(making, tasks.is_at(low, making.source, making.place, making.who))
    for name, _, sym in tasks.thawed(low, making.source, making.who):
        making.frame = making.frame.binding(name, sym)
        making.names[name] = sym
    if step.each is not None:
        name, _, type_ = step.each
        rest = tasks.rest(low, making.source, making.place, making.who)
        binder, local = low.binder(name, rest.of)
        making.choices.append(binder)
        from kspec.lower.values.smart import contains

        _require(making, contains(rest.expr, local))
        sym = decode(low.shapes, type_, local)
        making.frame = making.frame.binding(name, sym)
        making.names[name] = sym
    if step.when is not None:
        inner = making.frame.inner()
        _require(making, closed(inner.sink, flag(low, inner, step.when)), None, step.span)


# ---- what every step does ----------------------------------------------------------------------


def _finished(making: Making) -> Made:
    low, step = making.low, making.step
    block = Block()
    here = Here(sure=frozenset(making.sure))
    after = run(low, making.frame, step.body, block, here)
    making.choices.extend(block.choices)
    for cond in block.guards:
        _require(making, cond)
    refused = block.refused
    if _may_be_lost(making):
        binder, lost = low.binder("lost", Bool())
        making.choices.append(binder)
        refused = disj((refused, lost))
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
    otherwise = conj((refused, neg(instead.refused)))
    making.names.update({n: s for n, _, s, _ in block.named})
    cut = disj((_cut(effects, done), _cut(tuple(instead.effects), otherwise)))
    births = [*block.births, *instead.births]
    action = Action(
        name=step_name(making.source, making.place),
        owner=making.source.owner,
        origin=ORIGINS[making.source.origin],
        params=tuple(making.params),
        choices=tuple(making.choices),
        lets=tuple(births),
        guard=tuple(making.guard),
        cut=None if cut == FALSE else cut,
        updates=tuple(u for u in updates if u.when != FALSE),
        fairness=FAIRNESS[making.source.fair],
        reason=making.source.event.reason if making.source.event and making.place == 0 else None,
        event=_event(making, after),
        span=making.source.span if making.place == 0 else step.span,
    )
    return Made(
        making.source,
        making.place,
        action,
        making.names,
        tuple(making.arguments),
        making.frame,
        tuple(making.frame.sink.lets),
    )


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
