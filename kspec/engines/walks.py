"""Random walks over the plain semantics: a hunter, which finds traces and proves nothing.

At every state an action is drawn first and one of its enabled instances then, so that an action
with many instances does not crowd out the others. Same seed, same walks; walk `n` does not depend
on how many there are. What is found is shortened by leaving steps out, and is not the shortest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from math import gcd, prod
from random import Random
from typing import assert_never, final

from kspec.base.record import frozen
from kspec.engines.api import Walked
from kspec.engines.tally import Tally
from kspec.ir.sorts import Value, values
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    System,
    Temporal,
    Values,
)
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Outcome,
    Taken,
    classify,
    initial_states,
)
from kspec.verdict.trace import State, Step, Trace


@final
@frozen
class Walks:
    """How many walks, of how many steps at most, from which seed."""

    walks: int = 50
    depth: int = 50
    seed: int = 0
    interrupted: Callable[[], bool] | None = None


def walk(system: System, properties: tuple[str, ...], plan: Walks) -> Walked:
    """Walk. Properties that need an infinite run or a proof are not looked at."""
    asked = tuple(p for p in system.properties if p.name in properties)
    starts = initial_states(system)
    tally = Tally(system)
    walker = _Walker(system, asked, _tables(system), tally)
    for number in range(plan.walks if starts else 0):
        if plan.interrupted is not None and plan.interrupted():
            tally.interrupted = True
            break
        _one(walker, number, starts, plan)
    return tally.walked()


# ---- one walk ----------------------------------------------------------------------------------


@final
@frozen
class _Walker:
    """What is walked through and looked for, and what was met so far."""

    system: System
    asked: tuple[Property, ...]
    tables: tuple[tuple[tuple[Value, ...], ...], ...]
    tally: Tally


def _one(walker: _Walker, number: int, starts: tuple[State, ...], plan: Walks) -> None:
    system, tally = walker.system, walker.tally
    rng = Random(f"{plan.seed}/{number}")
    state = rng.choice(starts)
    start, steps = state, list[Step]()
    _look_at_state(walker, Trace(start, ()), state)
    while len(steps) < plan.depth:
        drawn = _draw(walker, state, rng)
        if not isinstance(drawn, tuple):
            tally.ended += 1
            if not drawn:
                _look_at_rest(walker, Trace(start, tuple(steps)))
            break
        instance, outcome = drawn
        tally.fires(instance.action)
        after = outcome.state if isinstance(outcome, Taken) else None
        name = system.actions[instance.action].name
        steps.append(Step(name, instance.params, instance.choices, after))
        trace = Trace(start, tuple(steps))
        if isinstance(outcome, Broken):
            for implicit in outcome.properties:
                _keep(tally, implicit.value, trace)
            break
        _look_at_step(walker, trace, state, instance)
        state = outcome.state
        _look_at_state(walker, trace, state)
    tally.over(Trace(start, tuple(steps)))
    if tally.first is None:
        tally.first = Trace(start, tuple(steps))


def _draw(walker: _Walker, state: State, rng: Random) -> tuple[Instance, Taken | Broken] | bool:
    """An enabled instance; where there is none, whether some are cut."""
    is_cut = False
    order = list(range(len(walker.system.actions)))
    rng.shuffle(order)
    for place in order:
        for instance in _shuffled(walker, place, rng):
            outcome: Outcome = classify(walker.system, state, instance)
            match outcome:
                case Taken() | Broken():
                    return instance, outcome
                case CutInstance():
                    is_cut = True
                case Disabled():
                    pass
                case _:
                    assert_never(outcome)
    return is_cut


def _tables(system: System) -> tuple[tuple[tuple[Value, ...], ...], ...]:
    """The values of every binder of every action."""
    return tuple(
        tuple(tuple(values(binder.sort)) for binder in (*action.params, *action.choices))
        for action in system.actions
    )


def _shuffled(walker: _Walker, place: int, rng: Random) -> Iterator[Instance]:
    """Every instance of an action once, in a random order that needs no list of them."""
    columns = walker.tables[place]
    total = prod(map(len, columns))
    if not total:
        return
    at = rng.randrange(total)
    stride = next(s for s in count(rng.randrange(total) or 1) if gcd(s, total) == 1)
    split = len(walker.system.actions[place].params)
    for _ in range(total):
        chosen = _decoded(at, columns)
        yield Instance(place, chosen[:split], chosen[split:])
        at = (at + stride) % total


def _decoded(number: int, columns: tuple[tuple[Value, ...], ...]) -> tuple[Value, ...]:
    chosen: list[Value] = []
    for column in columns:
        number, digit = divmod(number, len(column))
        chosen.append(column[digit])
    return tuple(chosen)


# ---- what is looked for ------------------------------------------------------------------------


def _look_at_state(walker: _Walker, trace: Trace, state: State) -> None:
    for prop in walker.asked:
        if prop.name not in walker.tally.found and _shown_by_state(walker.system, prop, state):
            _keep(walker.tally, prop.name, trace)


def _look_at_step(walker: _Walker, trace: Trace, before: State, instance: Instance) -> None:
    after = trace.steps[-1].state
    assert after is not None
    for prop in walker.asked:
        if (
            prop.name not in walker.tally.found
            and isinstance(prop.claim, Occurrence)
            and not respects(walker.system, prop.claim, before, instance, after)
        ):
            _keep(walker.tally, prop.name, trace)


def _look_at_rest(walker: _Walker, trace: Trace) -> None:
    """Nothing is enabled here and nothing cut."""
    for prop in walker.asked:
        if prop.name not in walker.tally.found and isinstance(prop.claim, NoDeadlock):
            # Which steps lead to a rest is not seen before the end: it is left as it is.
            walker.tally.found[prop.name] = trace


def _shown_by_state(system: System, prop: Property, state: State) -> bool:
    match prop.claim:
        case Invariant(body):
            return not is_true_in(system, body, state)
        case Reachable(body):
            return is_true_in(system, body, state)
        case Occurrence() | NoDeadlock() | Settles() | Temporal() | Values():
            return False
        case _:
            assert_never(prop.claim)


# ---- shortening --------------------------------------------------------------------------------


def _keep(tally: Tally, name: str, trace: Trace) -> None:
    if name not in tally.found:
        tally.found[name] = shortened(tally.system, name, trace)


def shortened(system: System, name: str, trace: Trace) -> Trace:
    """The trace with steps left out, as long as it shows the same: no single one can be."""
    best = trace
    size = max(1, len(trace.steps) // 2)
    while size:
        at, shorter = 0, False
        while at < len(best.steps):
            steps = (*best.steps[:at], *best.steps[at + size :])
            tried = _rerun(system, name, best.start, steps)
            if tried is not None and len(tried.steps) < len(best.steps):
                best, shorter = tried, True
            else:
                at += size
        if not shorter or size > 1:
            size //= 2
    return best


def _rerun(system: System, name: str, start: State, steps: tuple[Step, ...]) -> Trace | None:
    """These steps from there, without those that are not enabled any more, up to where they show
    what is asked; None if they do not."""
    places = {action.name: place for place, action in enumerate(system.actions)}
    prop = next((p for p in system.properties if p.name == name), None)
    state, taken = start, list[Step]()
    if prop is not None and _shown_by_state(system, prop, state):
        return Trace(start, ())
    for step in steps:
        instance = Instance(places[step.action], step.params, step.choices)
        match classify(system, state, instance):
            case Taken(after):
                taken.append(Step(step.action, step.params, step.choices, after))
                if prop is not None and _shown_by_step(system, prop, state, instance, after):
                    return Trace(start, tuple(taken))
                state = after
            case Broken(properties):
                if prop is None and Implicit(name) in properties:
                    taken.append(Step(step.action, step.params, step.choices, None))
                    return Trace(start, tuple(taken))
            case _:
                pass
    return None


def _shown_by_step(
    system: System, prop: Property, before: State, instance: Instance, after: State
) -> bool:
    if isinstance(prop.claim, Occurrence):
        return not respects(system, prop.claim, before, instance, after)
    return _shown_by_state(system, prop, after)
