"""The reference search: breadth first, level by level, over `kspec.semantics`.

It says what every exhaustive engine must answer (`docs/engine-contract.md`) and is never made
faster: no reductions, no encodings, states are kept as they are. It must not be called by other
engines. Next: `kspec.semantics.step` for what it walks over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never, final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.api import Budget, Listener, Progress
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
from kspec.semantics.state import Key, State, state_key
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Outcome,
    Taken,
    initial_states,
    outcomes,
)
from kspec.verdict.answer import (
    Absent,
    Answer,
    Cut,
    Exhausted,
    Exploration,
    Found,
    Inconclusive,
    Reached,
    Why,
)
from kspec.verdict.trace import Step, Trace

Level: TypeAlias = dict[Key, State]
"""States by key; `_in_order` walks it least first."""


@final
class Reference:
    """An `Explorer` that follows the contract word by word."""

    @property
    def name(self) -> str:
        """The name in reports."""
        return "reference"

    def explore(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> Exploration:
        """Search until every named property is decided or nothing is left to visit."""
        return self.visit(system, properties, budget, listen)[0]

    def visit(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> tuple[Exploration, tuple[State, ...]]:
        """`explore`, and the states of the levels that it completed."""
        asked = _requested(system, properties)
        search = _Search(system, asked, budget)
        ended = _run(search, listen)
        levels = search.levels[: search.completed]
        return _report(search, ended), tuple(s for level in levels for s in level.values())


@final
@frozen
class _Ended:
    """Why the search is over; None if nothing is left to visit."""

    why: Why | None


@mutable
class _Search:
    """One search under way. Counts are of completed levels."""

    system: System
    asked: tuple[Property, ...]
    budget: Budget
    levels: list[Level] = field(factory=list)  # completed ones, then the one in hand
    seen: set[Key] = field(factory=set)
    found: dict[str, Trace] = field(factory=dict)
    states: int = 0
    transitions: int = 0
    completed: int = 0
    cuts: dict[int, int] = field(factory=dict)
    fired: dict[int, int] = field(factory=dict)


@mutable
class _Expansion:
    """What expanding one level brings; merged into the search only if it is completed."""

    following: Level = field(factory=dict)
    found: dict[str, Trace] = field(factory=dict)
    cuts: dict[int, int] = field(factory=dict)
    fired: dict[int, int] = field(factory=dict)


def _requested(system: System, names: tuple[str, ...]) -> tuple[Property, ...]:
    known = {prop.name: prop for prop in system.properties}
    if len(set(names)) != len(names) or not set(names) <= set(known):
        raise ValueError(f"not properties of {system.name}, or named twice: {names}")
    return tuple(known[name] for name in names)


def _decides(prop: Property) -> bool:
    match prop.claim:
        case Invariant() | Occurrence() | Reachable() | NoDeadlock():
            return True
        case Settles() | Temporal() | Values():
            return False
        case _:
            assert_never(prop.claim)


def _run(search: _Search, listen: Listener) -> _Ended:
    level = {state_key(search.system, state): state for state in initial_states(search.system)}
    if _is_too_many(search, level):
        return _Ended(Why.STATES)
    while level:
        search.levels.append(level)
        search.seen.update(level)
        _look(search, level)
        expansion = _expand(search, level)
        if isinstance(expansion, Why):
            return _Ended(expansion)
        _complete(search, level, expansion)
        level = expansion.following
        depth = search.completed - 1
        listen(Progress(depth, search.states, search.transitions, len(level)))
        if level and (why := _enough(search, depth)) is not None:
            return _Ended(why)
    return _Ended(None)


def _enough(search: _Search, depth: int) -> Why | None:
    decided = [prop.name for prop in search.asked if _decides(prop)]
    needs_all = any(isinstance(prop.claim, Values) for prop in search.asked)
    if decided and not needs_all and all(name in search.found for name in decided):
        return Why.STOPPED
    if depth == search.budget.max_depth:
        return Why.DEPTH
    return None


def _is_too_many(search: _Search, new: Level) -> bool:
    limit = search.budget.max_states
    return limit is not None and len(search.seen) + len(new) > limit


def _is_interrupted(search: _Search) -> bool:
    return search.budget.interrupted is not None and search.budget.interrupted()


def _look(search: _Search, level: Level) -> None:
    depth = len(search.levels) - 1
    for prop in search.asked:
        if prop.name in search.found:
            continue
        for state in _in_order(level):
            if _is_wanted(search.system, prop, state):
                search.found[prop.name] = _trace_to(search, depth, state)
                break


def _is_wanted(system: System, prop: Property, state: State) -> bool:
    match prop.claim:
        case Invariant(body):
            return not is_true_in(system, body, state)
        case Reachable(body):
            return is_true_in(system, body, state)
        case NoDeadlock() | Occurrence() | Settles() | Temporal() | Values():
            return False
        case _:
            assert_never(prop.claim)


def _expand(search: _Search, level: Level) -> _Expansion | Why:
    expansion = _Expansion()
    for state in _in_order(level):
        if _is_interrupted(search):
            return Why.INTERRUPTED
        _expand_state(search, expansion, state)
        if _is_too_many(search, expansion.following):
            return Why.STATES
    return expansion


def _expand_state(search: _Search, expansion: _Expansion, state: State) -> None:
    cut: set[int] = set()
    is_dead = True
    for instance, outcome in outcomes(search.system, state):
        is_dead = is_dead and isinstance(outcome, Disabled)
        match outcome:
            case Disabled():
                pass
            case CutInstance():
                cut.add(instance.action)
            case Broken() | Taken():
                _count(expansion.fired, instance.action)
                _look_at_step(search, expansion, state, instance, outcome)
            case _:
                assert_never(outcome)
    for action in cut:
        _count(expansion.cuts, action)
    depth = len(search.levels) - 1
    for prop in search.asked:
        if is_dead and isinstance(prop.claim, NoDeadlock):
            _find(search, expansion, prop.name, lambda: _trace_to(search, depth, state))


def _look_at_step(
    search: _Search,
    expansion: _Expansion,
    state: State,
    instance: Instance,
    outcome: Broken | Taken,
) -> None:
    def trace() -> Trace:
        so_far = _trace_to(search, len(search.levels) - 1, state)
        last = _step(search.system, instance, outcome)
        return Trace(so_far.start, (*so_far.steps, last))

    if isinstance(outcome, Broken):
        for implicit in outcome.properties:
            _find(search, expansion, implicit.value, trace)
        return
    key = state_key(search.system, outcome.state)
    if key not in search.seen:
        expansion.following[key] = outcome.state
    for prop in search.asked:
        if isinstance(prop.claim, Occurrence) and not respects(
            search.system, prop.claim, state, instance, outcome.state
        ):
            _find(search, expansion, prop.name, trace)


def _find(search: _Search, expansion: _Expansion, name: str, trace: Callable[[], Trace]) -> None:
    # INVARIANT: states and instances are walked least first, so the first found is the least.
    if name not in search.found and name not in expansion.found:
        expansion.found[name] = trace()


def _count(counts: dict[int, int], action: int) -> None:
    counts[action] = counts.get(action, 0) + 1


def _complete(search: _Search, level: Level, expansion: _Expansion) -> None:
    search.completed += 1
    search.states += len(level)
    search.transitions += sum(expansion.fired.values())
    search.found.update(expansion.found)
    for total, more in ((search.cuts, expansion.cuts), (search.fired, expansion.fired)):
        for action, n in more.items():
            total[action] = total.get(action, 0) + n


def _in_order(level: Level) -> list[State]:
    return [level[key] for key in sorted(level)]


def _trace_to(search: _Search, depth: int, state: State) -> Trace:
    """The least predecessor of the level before, then the least instance; and so on back."""
    steps: list[Step] = []
    for level in reversed(search.levels[:depth]):
        state, step = _last_step(search.system, level, state)
        steps.append(step)
    return Trace(state, tuple(reversed(steps)))


def _last_step(system: System, level: Level, target: State) -> tuple[State, Step]:
    for state in _in_order(level):
        for instance, outcome in outcomes(system, state):
            if outcome == Taken(target):
                return state, _step(system, instance, outcome)
    raise AssertionError("a state of a later level has no predecessor in the one before")


def _step(system: System, instance: Instance, outcome: Outcome) -> Step:
    after = outcome.state if isinstance(outcome, Taken) else None
    name = system.actions[instance.action].name
    return Step(name, instance.params, instance.choices, after)


def _report(search: _Search, ended: _Ended) -> Exploration:
    depth = max(0, search.completed - 1)
    reached = Reached(search.states, search.transitions, depth)
    named = [(place, action.name) for place, action in enumerate(search.system.actions)]
    cuts = tuple(Cut(name, search.cuts[place]) for place, name in named if place in search.cuts)
    otherwise: Answer = (
        Absent(Exhausted(search.states, search.transitions, depth, cuts))
        if ended.why is None
        else Inconclusive(ended.why, reached)
    )

    def answer(name: str, is_decided: bool) -> Answer:
        if not is_decided:
            return Inconclusive(Why.UNSUPPORTED, reached)
        return Found(search.found[name]) if name in search.found else otherwise

    return Exploration(
        answers=(
            *((prop.name, answer(prop.name, _decides(prop))) for prop in search.asked),
            *((implicit.value, answer(implicit.value, True)) for implicit in Implicit),
        ),
        reached=reached,
        complete=ended.why is None,
        cuts=cuts,
        fired=tuple((name, search.fired.get(place, 0)) for place, name in named),
    )
