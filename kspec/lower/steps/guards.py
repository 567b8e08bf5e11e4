"""What has to hold before a step: who acts, what is idle, parameters, conditions, blocking faults.

A step is `Making` from here on; a condition that is false in every state ends it. Next: `actions`.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, field, mutable

from kspec.analysis.typed import (
    Comp,
    OverKind,
    TAction,
    TBinder,
    TChoose,
    TComp,
    TComponent,
    TExpr,
    TGuard,
    TStepDecl,
    TVar,
)
from kspec.analysis.types import OptT, Type
from kspec.base.node import nodes
from kspec.base.source import Span
from kspec.ir.expr import FALSE, TRUE, Binder, Expr
from kspec.ir.sorts import Bool, Sort
from kspec.ir.system import Conjunct, Template
from kspec.lower.context import CannotLower, Frame, Lowering, Present, Sink, Viewed, shared
from kspec.lower.expressions import worlds
from kspec.lower.expressions.binding import Option, options
from kspec.lower.places import index_of
from kspec.lower.steps import tasks
from kspec.lower.steps.effects import Block, Here, closed, listed_choice, run
from kspec.lower.steps.templates import template
from kspec.lower.values.apart import as_maybe
from kspec.lower.values.codec import decode
from kspec.lower.values.smart import conj, disj, free, lit, lt, neg, some_of
from kspec.lower.values.symbolic import Ident, Sym


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


class Never(Exception):
    """A guard that is false in every state."""


def begin(low: Lowering, source: TAction, place: int) -> Making:
    """A step before anything is asked: who acts, and what is seen."""
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


def instance(making: Making) -> None:
    """Whoever acts is alive."""
    component = making.component
    if component is None or component.instance is None or making.who is None:
        return
    if isinstance(component.instance.over, OverKind):
        alive = worlds.lives(making.low, Present(), component.instance.over.kind, making.who)
        require(making, alive)
        making.sure.add(making.who)
        making.low.shown.add((Present(), making.who))


def require(
    making: Making, cond: Expr, because: Template | None = None, span: Span | None = None
) -> None:
    """One condition more. Raises `Never`."""
    if cond == FALSE:
        raise Never
    if cond != TRUE:
        making.guard.append(Conjunct(closed(making.frame.sink, cond), because, span))


def _bind(making: Making, name: str, type_: Type, sym: Sym) -> None:
    making.frame = making.frame.binding(name, sym)
    making.names[name] = sym
    making.named.append((name, type_, sym, TRUE))


def first(making: Making) -> None:
    """What has to hold before a reconcile begins, or an action of an environment or a fault."""
    low, source = making.low, making.source
    idle = tasks.is_idle(low, source.owner, making.who)
    require(making, idle)
    budget = low.slots.get(f"budget.{source.name}")
    if budget is not None:
        require(making, lt(lit(0), low.ref(budget, False)))
    for name in source.after:
        earlier = next((a for a in low.static.actions if a.name == name), None)
        if earlier is not None:
            require(making, neg(may_start(making, earlier)))
    _parameters(making, making.source)
    require(making, neg(is_blocked(making, source)))
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
        require(making, closed(option.frame.sink, option.cond))
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
            require(making, cond, because, guard.span)
            continue
        maybe = as_maybe(low.shapes, lower(low, frame, guard.cond))
        require(making, maybe.present, because, guard.span)
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
    except Never:
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
        require(other, lt(lit(0), low.ref(budget, False)))
    _parameters(other, earlier)
    require(other, neg(is_blocked(other, earlier)))
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


def later(making: Making) -> None:
    """What has to hold before a reconcile goes on."""
    from kspec.lower.expressions.expr import flag

    low, step = making.low, making.step
    require(making, tasks.is_at(low, making.source, making.place, making.who))
    for name, _, sym in tasks.thawed(low, making.source, making.who):
        making.frame = making.frame.binding(name, sym)
        making.names[name] = sym
    if step.each is not None:
        name, _, type_ = step.each
        rest = tasks.rest(low, making.source, making.place, making.who)
        binder, local = low.binder(name, rest.of)
        making.choices.append(binder)
        from kspec.lower.values.smart import contains

        require(making, contains(rest.expr, local))
        sym = decode(low.shapes, type_, local)
        making.frame = making.frame.binding(name, sym)
        making.names[name] = sym
    if step.when is not None:
        inner = making.frame.inner()
        require(making, closed(inner.sink, flag(low, inner, step.when)), None, step.span)
