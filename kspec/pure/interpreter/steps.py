"""What components and faults do: instances of actions, guards, reconciles of several steps.

Dynamics: "Actions", "Tasks", "Faults/budgets", "Ghosts". An instance is yielded if it is enabled
or cut; one that is disabled is not. Next: `effects` for blocks, `machine` for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, final

from attrs import evolve, field

from kspec.analysis.typed import (
    OTHERS,
    TAction,
    TAssign,
    TComponent,
    TDelete,
    TExpr,
    TFieldPlace,
    TGuard,
    TNew,
    TStepDecl,
)
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.ir.system import Implicit
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.interpreter.effects import (
    Change,
    Plan,
    PutState,
    all_in_range,
    apply,
    overlaps,
    plans,
)
from kspec.pure.interpreter.read import (
    Now,
    choices,
    component_context,
    is_true,
    live_context,
    slots,
)
from kspec.pure.interpreter.start import remembering
from kspec.pure.interpreter.state import MachineState, Slot, Task
from kspec.pure.interpreter.views import recorded
from kspec.pure.values.value import Value
from kspec.pure.values.world import Context, Fixed


@final
@frozen
class CutShort:
    """All that keeps the instance from happening is that no identity is free (rule 4)."""


@final
@frozen
class Broken:
    """The step breaks these implicit properties, and leads nowhere."""

    properties: tuple[Implicit, ...]


@final
@frozen
class Taken:
    """The step leads to a state."""

    state: MachineState


Outcome: TypeAlias = CutShort | Broken | Taken


@final
@frozen
class Happening:
    """An instance that is enabled or cut, and what it does.

    `action` is its name (`c.a`, `c.a/2`, `c.restart`, …). `arguments` are the instance of the
    component, if it has instances, then the parameters. `named` is everything else that the step
    has a name for: what guards bind, what it yields, chooses and makes.
    """

    action: str
    arguments: tuple[Value, ...]
    outcome: Outcome
    named: Fixed[str, Value] = field(factory=Fixed)

    def bound(self, actions: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, Value] | None:
        """What a pattern binds in this step; None if it does not speak of it."""
        return bound_by(actions, self.action, self.arguments, self.named)


def bound_by(
    actions: tuple[tuple[str, tuple[str, ...]], ...],
    action: str,
    arguments: tuple[Value, ...],
    named: Mapping[str, Value],
) -> dict[str, Value] | None:
    """What a pattern of actions and names binds in a step; names of its own only if it speaks of
    one action."""
    for name, names in actions:
        if name == action:
            own = dict(named) if len(actions) == 1 else {}
            given = {n: v for n, v in zip(names, arguments, strict=False) if n != "_"}
            return {**own, **given}
    return {} if any(name == OTHERS for name, _ in actions) else None


@final
@frozen(eq=False)
class _Step:
    """A step about to be taken: the block, who takes it, and what its names stand for.

    `frozen` are the names that later steps may use; `member` is the one an `each` is at.
    """

    action: TAction
    place: int
    component: TComponent | None
    slot: Slot
    arguments: tuple[Value, ...]
    context: Context
    frozen: tuple[tuple[str, Value], ...]
    left: frozenset[Value] | None = None

    @property
    def block(self) -> TStepDecl:
        """What is done."""
        return self.action.steps[self.place]

    @property
    def owner(self) -> tuple[str, Slot]:
        """Whose task it is."""
        return (self.action.owner, self.slot)

    @property
    def name(self) -> str:
        """The name of the step as an action of its own."""
        return self.action.name if self.place == 0 else f"{self.action.name}/{self.place + 1}"


def steps(now: Now) -> Iterator[Happening]:
    """Everything that components and faults may do in a state."""
    for action in now.facts.actions:
        if action.blocks is None:
            component = now.facts.component(action.owner)
            for slot in slots(now, component):
                yield from first_steps(now, action, component, slot)
                yield from _later_steps(now, action, component, slot)


def first_steps(
    now: Now, action: TAction, component: TComponent | None, slot: Slot
) -> Iterator[Happening]:
    """The instances of an action's first step."""
    if (action.owner, slot) in now.state.tasks or now.state.budgets.get(action.name) == 0:
        return
    if any(_may_start(now, name, component, slot) for name in action.after):
        return
    outside = component_context(now, component, slot)
    for chosen in choices(action.parameters, None, outside):
        parameters = tuple(chosen.locals[binder.name] for binder in action.parameters)
        arguments = (*_instance(component, slot), *parameters)
        named = {binder.name: chosen.locals[binder.name] for binder in action.parameters}
        if _is_blocked(now, action, component, slot, named):
            continue
        guarded = _guarded(action, chosen, named)
        if guarded is None:
            continue
        context, frozen_names = guarded
        step = _Step(action, 0, component, slot, arguments, context, tuple(frozen_names.items()))
        yield from _taken(now, step)


def _instance(component: TComponent | None, slot: Slot) -> tuple[Value, ...]:
    return () if component is None or component.instance is None else (slot,)


def _may_start(now: Now, name: str, component: TComponent | None, slot: Slot) -> bool:
    return any(
        next(first_steps(now, action, component, slot), None) is not None
        for action in now.facts.actions
        if action.name == name
    )


def _is_blocked(
    now: Now,
    action: TAction,
    component: TComponent | None,
    slot: Slot,
    named: dict[str, Value],
) -> bool:
    context = live_context(now).binding_all(named)
    if component is not None and component.instance is not None:
        context = context.binding(component.instance.name, slot)
    return any(
        fault.blocks is not None
        and fault.blocks[0] == action.name
        and is_true(fault.blocks[1], context)
        for fault in now.facts.actions
    )


def _guarded(
    action: TAction, context: Context, named: dict[str, Value]
) -> tuple[Context, dict[str, Value]] | None:
    """The context with what the guards bind, and the names so far; None if a guard is false."""
    for guard in action.guards:
        if not isinstance(guard, TGuard):
            value = evaluate(guard.value, context)
            context, named = context.binding(guard.name, value), {**named, guard.name: value}
        elif guard.bind is None:
            if not is_true(guard.cond, context):
                return None
        else:
            value = evaluate(guard.cond, context)
            if value is None:
                return None
            context, named = context.binding(guard.bind, value), {**named, guard.bind: value}
    return context, named


def _later_steps(
    now: Now, action: TAction, component: TComponent | None, slot: Slot
) -> Iterator[Happening]:
    task = now.state.tasks.get((action.owner, slot))
    if task is None or task.action != action.name:
        return
    block = action.steps[task.step]
    context = component_context(now, component, slot).binding_all(dict(task.frozen))
    members = [None] if task.left is None else sorted(task.left, key=repr)
    for member in members:
        here = context
        if block.each is not None:
            here = here.binding(block.each[0], member)
        if block.when is not None and not is_true(block.when, here):
            continue
        left = None if task.left is None else task.left - {member}
        frozen_names = tuple(task.frozen.items())
        arguments = _instance(component, slot)
        yield from _taken(
            now,
            _Step(action, task.step, component, slot, arguments, here, frozen_names, left),
        )


# ---- taking a step -----------------------------------------------------------------------------


def _taken(now: Now, step: _Step) -> Iterator[Happening]:
    """One happening for every way to make the block's free choices, hidden ones included."""
    for plan in plans(now, step.block.body, Plan(step.context)):
        fates = (False, True) if _may_be_lost(now, step) else (False,)
        for is_lost in fates:
            if plan.refused or is_lost:
                refusal = step.block.refused or ()
                for instead in plans(now, refusal, Plan(plan.context)):
                    yield _ended(now, step, instead)
            else:
                yield _done(now, step, plan)


def _may_be_lost(now: Now, step: _Step) -> bool:
    if step.action.owner not in now.facts.scope.lossy:
        return False
    body = step.block.body
    return any(
        any(True for _ in found)
        for found in (
            (a for a in nodes(body, TAssign) if isinstance(a.place, TFieldPlace)),
            nodes(body, TNew),
            nodes(body, TDelete),
        )
    )


def _ended(now: Now, step: _Step, instead: Plan) -> Happening:
    """The block was refused: something else happens, or nothing, and the reconcile is over."""
    done = Plan(instead.context) if instead.refused else instead
    return _finished(now, step, done, None)


def _done(now: Now, step: _Step, plan: Plan) -> Happening:
    task: Task | None
    if step.left:
        task = Task(step.action.name, step.place, Fixed(dict(step.frozen)), step.left)
    else:
        # What an `each` names belongs to one member of it, and ends with it.
        named = plan.named if step.left is None else ()
        task = _next_task(step, plan.context, Fixed(dict((*step.frozen, *named))))
    return _finished(now, step, plan, task)


def _next_task(step: _Step, context: Context, frozen_names: Fixed[str, Value]) -> Task | None:
    """The next step that has something to do; an `each` over nothing is passed over."""
    for place in range(step.place + 1, len(step.action.steps)):
        each = step.action.steps[place].each
        if each is None:
            return Task(step.action.name, place, frozen_names, None)
        members = _members(each[1], context)
        if members:
            return Task(step.action.name, place, frozen_names, members)
    return None


def _members(expr: TExpr, context: Context) -> frozenset[Value]:
    value = evaluate(expr, context)
    assert isinstance(value, frozenset | tuple)
    return frozenset(value)


def _finished(now: Now, step: _Step, plan: Plan, task: Task | None) -> Happening:
    if plan.cut:
        return Happening(step.name, step.arguments, CutShort())
    named = _names(step, plan)
    changes = (*plan.changes, *_ghost_changes(now, step, named))
    broken = _broken(plan, changes, step.context)
    if broken:
        return Happening(step.name, step.arguments, Broken(broken), named)
    after = apply(now, changes)
    tasks = after.tasks.drop(step.owner) if task is None else after.tasks.put(step.owner, task)
    after = evolve(after, tasks=tasks)
    if step.place == 0:
        after = spent(after, step.action.name)
    return Happening(step.name, step.arguments, Taken(settled(now, after)), named)


def _names(step: _Step, plan: Plan) -> Fixed[str, Value]:
    yielded = {name: evaluate(value, step.context) for name, value in step.action.yields}
    return Fixed({**plan.context.locals, **yielded})


def _broken(plan: Plan, changes: tuple[Change, ...], context: Context) -> tuple[Implicit, ...]:
    found = (
        (Implicit.IN_RANGE, not all_in_range(changes, context)),
        (Implicit.SINGLE_WRITE, overlaps(changes)),
        (Implicit.LIVE_TARGET, plan.strays),
    )
    return tuple(implicit for implicit, is_broken in found if is_broken)


def _ghost_changes(now: Now, step: _Step, named: Mapping[str, Value]) -> tuple[Change, ...]:
    """What the rules of ghosts that match the step write, read in the live state before it."""
    changes: list[Change] = []
    for ghost in now.facts.program.ghosts:
        for rule in ghost.rules:
            bound = bound_by(rule.actions, step.name, step.arguments, named)
            if bound is not None:
                context = live_context(now).binding_all(bound)
                (plan,) = plans(now, rule.body, Plan(context))
                changes += plan.changes
    assert all(isinstance(change, PutState) for change in changes)
    return tuple(changes)


def spent(state: MachineState, budget: str) -> MachineState:
    """The state with one use less of a budget, if there is one."""
    left = state.budgets.get(budget)
    return state if left is None else evolve(state, budgets=state.budgets.put(budget, left - 1))


def settled(now: Now, after: MachineState) -> MachineState:
    """A state after a step with its views behind and without what belongs to instances gone."""
    return remembering(evolve(now, state=recorded(now, after)))
