"""Trusted: initial states, instances of actions, and what each does in a state.

Rules 2, 4 and 5. `docs/engine-contract.md` says the same in words. This module searches nothing.
Next: `claims` for what properties say of states and steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.ir.expr import Binder, IllSorted
from kspec.ir.sorts import Map, Record, Sort, Value, contains, values
from kspec.ir.system import (
    Action,
    Fairness,
    Field,
    Implicit,
    Index,
    PathStep,
    System,
    Update,
)
from kspec.semantics.evaluate import Env, evaluate, place_of, replaced, truth
from kspec.semantics.state import State, env_of, state_key


@final
@frozen
class Instance:
    """An action, by its place in `System.actions`, with a value for each binder, in order."""

    action: int
    params: tuple[Value, ...]
    choices: tuple[Value, ...]


@final
@frozen
class Fair:
    """What fairness is about: an action with its declared parameters, whatever is chosen."""

    action: int
    params: tuple[Value, ...]


@final
@frozen
class Disabled:
    """The guard is false; `conjunct` is the place of its first false part."""

    conjunct: int


@final
@frozen
class CutInstance:
    """The guard is true, but no identity is free (rule 4)."""


@final
@frozen
class Broken:
    """Enabled, but the step breaks these implicit properties, in the order of `Implicit`."""

    properties: tuple[Implicit, ...]


@final
@frozen
class Taken:
    """Enabled; leads to `state`."""

    state: State


Outcome: TypeAlias = Disabled | CutInstance | Broken | Taken


@final
@frozen
class Write:
    """An active update instance: where, what, and whether it may.

    `place` is a path of positions in compound values; the empty path is the whole variable.
    """

    var: str
    place: tuple[int, ...]
    value: Value
    in_range: bool
    live: bool


def initial_states(system: System) -> tuple[State, ...]:
    """The initial states, least first, each once. `IllSorted` if a value leaves its sort."""
    found: dict[tuple[int, ...], State] = {}
    constants = {constant.name: constant.value for constant in system.constants}
    for env in choices_of(system.init.params, Env(constants, None, {})):
        state = _begun(system, env)
        if state is not None:
            found[state_key(system, state)] = state
    return tuple(state for _, state in sorted(found.items(), key=lambda item: item[0]))


def initial_state(system: System, chosen: tuple[Value, ...]) -> State | None:
    """The initial state of one choice for `init.params`, in order; None if it may not be made."""
    env = Env({constant.name: constant.value for constant in system.constants}, None, {})
    for binder, value in zip(system.init.params, chosen, strict=True):
        env = env.bind(binder.name, value)
    return _begun(system, env)


def _begun(system: System, env: Env) -> State | None:
    if not truth(system.init.where, env):
        return None
    assigned = {name: evaluate(expr, env) for name, expr in system.init.assign}
    state = tuple(assigned[variable.name] for variable in system.variables)
    check_state(system, state)
    return state


def check_state(system: System, state: State) -> None:
    """Raise `IllSorted` unless every value is in the sort of its variable."""
    for variable, value in zip(system.variables, state, strict=True):
        if not contains(variable.sort, value):
            raise IllSorted(f"{variable.name} is {value!r}, which is not of sort {variable.sort}")


def choices_of(binders: tuple[Binder, ...], env: Env) -> Iterator[Env]:
    """`env` with every choice of values for the binders, the first binder outermost."""
    for chosen in product(*(tuple(values(binder.sort)) for binder in binders)):
        inner = env
        for binder, value in zip(binders, chosen, strict=True):
            inner = inner.bind(binder.name, value)
        yield inner


def instances(system: System) -> Iterator[Instance]:
    """Every instance, in the order of actions, then params, then choices."""
    for place, action in enumerate(system.actions):
        for params in product(*(tuple(values(binder.sort)) for binder in action.params)):
            for choices in product(*(tuple(values(binder.sort)) for binder in action.choices)):
                yield Instance(place, params, choices)


def instance_env(system: System, state: State, instance: Instance) -> Env:
    """What an instance reads: the state, its params and choices, then its lets in order."""
    action = system.actions[instance.action]
    env = env_of(system, state)
    for binder, value in zip(action.params, instance.params, strict=True):
        env = env.bind(binder.name, value)
    for binder, value in zip(action.choices, instance.choices, strict=True):
        env = env.bind(binder.name, value)
    for name, expr in action.lets:
        env = env.bind(name, evaluate(expr, env))
    return env


def classify(system: System, state: State, instance: Instance) -> Outcome:
    """What an instance does in a state."""
    action = system.actions[instance.action]
    env = instance_env(system, state, instance)
    for place, conjunct in enumerate(action.guard):
        if not truth(conjunct.expr, env):
            return Disabled(place)
    if action.cut is not None and truth(action.cut, env):
        return CutInstance()
    writes = writes_of(system, action, env)
    broken = broken_by(writes)
    return Broken(broken) if broken else Taken(successor(system, state, writes))


def writes_of(system: System, action: Action, env: Env) -> list[Write]:
    """The active update instances of a step."""
    return [
        _write(system, update, inner)
        for update in action.updates
        for inner in choices_of(update.binders, env)
        if truth(update.when, inner)
    ]


def broken_by(writes: list[Write]) -> tuple[Implicit, ...]:
    """The implicit properties that a set of writes breaks; each is decided by itself (rule 5)."""
    broken: list[Implicit] = []
    if not all(write.in_range for write in writes):
        broken.append(Implicit.IN_RANGE)
    if any(_overlap(a, b) for a, b in combinations(writes, 2)):
        broken.append(Implicit.SINGLE_WRITE)
    if not all(write.live for write in writes):
        broken.append(Implicit.LIVE_TARGET)
    return tuple(broken)


def successor(system: System, state: State, writes: list[Write]) -> State:
    """The state after writes that break nothing; their order does not matter."""
    after = dict(zip((variable.name for variable in system.variables), state, strict=True))
    for write in writes:
        after[write.var] = _put(after[write.var], write.place, write.value)
    return tuple(after[variable.name] for variable in system.variables)


def outcomes(system: System, state: State) -> Iterator[tuple[Instance, Outcome]]:
    """Every instance with what it does in a state, in the order of `instances`."""
    for instance in instances(system):
        yield instance, classify(system, state, instance)


def enabled(system: System, state: State) -> tuple[Instance, ...]:
    """The instances that are taken or broken in a state, in order."""
    return tuple(i for i, o in outcomes(system, state) if isinstance(o, Taken | Broken))


def is_deadlocked(system: System, state: State) -> bool:
    """Is no instance enabled and none cut?"""
    return all(isinstance(outcome, Disabled) for _, outcome in outcomes(system, state))


def fair_of(instance: Instance) -> Fair:
    """What fairness sees of an instance."""
    return Fair(instance.action, instance.params)


def fair_enabled(system: System, state: State) -> frozenset[Fair]:
    """The fair instances that count as enabled (rule 8).

    A taken instance counts only if it changes the state; a cut or broken one counts.
    """
    return frozenset(
        fair_of(instance)
        for instance, outcome in outcomes(system, state)
        if system.actions[instance.action].fairness is not Fairness.NONE
        and not isinstance(outcome, Disabled)
        and outcome != Taken(state)
    )


def at_rest(system: System, state: State) -> bool:
    """May a fair run stay here for ever: is no fair instance enabled (rule 8)?"""
    return not fair_enabled(system, state)


def _write(system: System, update: Update, env: Env) -> Write:
    (variable,) = [v for v in system.variables if v.name == update.var]
    sort, place = variable.sort, []
    for step in update.path:
        position, sort = _enter(sort, step, env)
        place.append(position)
    value = evaluate(update.value, env)
    return Write(
        var=update.var,
        place=tuple(place),
        value=value,
        in_range=contains(sort, value),
        live=truth(update.live, env),
    )


def _enter(sort: Sort, step: PathStep, env: Env) -> tuple[int, Sort]:
    match step:
        case Index(key):
            if not isinstance(sort, Map):
                raise IllSorted(f"a path indexes a value of sort {sort}")
            return place_of(sort.key, evaluate(key, env)), sort.value
        case Field(name):
            if not isinstance(sort, Record):
                raise IllSorted(f"a path selects a field of a value of sort {sort}")
            return sort.position(name), sort.field(name)
        case _:
            assert_never(step)


def _overlap(a: Write, b: Write) -> bool:
    shorter = min(len(a.place), len(b.place))
    return a.var == b.var and a.place[:shorter] == b.place[:shorter]


def _put(whole: Value, place: tuple[int, ...], value: Value) -> Value:
    if not place:
        return value
    assert isinstance(whole, tuple)
    return replaced(whole, place[0], _put(whole[place[0]], place[1:], value))
