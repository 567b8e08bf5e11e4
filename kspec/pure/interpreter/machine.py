"""The interpreter of typed modules: what a program in a scope may do, read off the typed tree.

A second reading of the language, independent of `kspec.lower`: small, literal and slow. Random
modules are run through both, and must give the same states, transitions, cuts and violations.
Nothing in the checker uses it. Beneath it: `start`, `steps` (components, faults),
`effects` (blocks), `views` (informer caches), `clock` (timers),
`deadlines`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import final

from attrs import evolve, field, mutable

from kspec.analysis.typed import (
    CAlways,
    CNoDeadlock,
    COn,
    CReachable,
)
from kspec.base.record import frozen
from kspec.pure.interpreter.clock import clock_steps
from kspec.pure.interpreter.deadlines import begun, followed
from kspec.pure.interpreter.facts import Facts, facts_of
from kspec.pure.interpreter.read import Now, is_true, live_context
from kspec.pure.interpreter.start import starts
from kspec.pure.interpreter.state import MachineState
from kspec.pure.interpreter.steps import Broken, CutShort, Happening, Taken, settled, spent, steps
from kspec.pure.interpreter.views import deliveries, restarts
from kspec.pure.scopes.scope import Scope


@final
@frozen
class Summary:
    """What a whole search found.

    `violated`, `broken` and `reached` give the shortest length, in steps, of a trace that
    violates a property, breaks an implicit one (by the value of `Implicit`), or is a witness of
    what was wanted. `cuts` counts states in which an action is cut, `fired` transitions.
    """

    states: int
    transitions: int
    depth: int
    cuts: Mapping[str, int]
    fired: Mapping[str, int]
    violated: Mapping[str, int]
    broken: Mapping[str, int]
    reached: Mapping[str, int]


def initial_states(scope: Scope) -> tuple[MachineState, ...]:
    """Every initial state, each once."""
    return _starts(facts_of(scope))


def instances(scope: Scope, state: MachineState) -> tuple[Happening, ...]:
    """Every instance that is enabled or cut in a state, one for every free choice."""
    return tuple(_happenings(Now(facts_of(scope), state)))


def explore(scope: Scope, max_states: int) -> Summary | None:
    """Everything reachable, level by level; None if that is more than `max_states` states."""
    facts = facts_of(scope)
    search = _Search(facts)
    level = _starts(facts)
    while level:
        search.seen.update(level)
        if len(search.seen) > max_states:
            return None
        following: dict[MachineState, None] = {}
        for state in level:
            _look(search, Now(facts, state))
            for after in _expand(search, Now(facts, state)):
                following[after] = None
        level = tuple(state for state in following if state not in search.seen)
        search.depth += 1
    return Summary(
        states=len(search.seen),
        transitions=sum(search.fired.values()),
        depth=max(0, search.depth - 1),
        cuts=search.cuts,
        fired=search.fired,
        violated=search.violated,
        broken=search.broken,
        reached=search.reached,
    )


@mutable
class _Search:
    """A search under way; `depth` is the distance of the level in hand from the start."""

    facts: Facts
    seen: set[MachineState] = field(factory=set)
    depth: int = 0
    cuts: dict[str, int] = field(factory=dict)
    fired: dict[str, int] = field(factory=dict)
    violated: dict[str, int] = field(factory=dict)
    broken: dict[str, int] = field(factory=dict)
    reached: dict[str, int] = field(factory=dict)


def _starts(facts: Facts) -> tuple[MachineState, ...]:
    return tuple(begun(facts, state) for state in starts(facts))


def _happenings(now: Now) -> Iterator[Happening]:
    for happening in _bare_happenings(now):
        yield followed(now, happening)


def _bare_happenings(now: Now) -> Iterator[Happening]:
    """What may happen, deadlines left as they are."""
    yield from steps(now)
    yield from (Happening(name, args, Taken(settled(now, s))) for name, args, s in clock_steps(now))
    yield from (Happening(name, args, Taken(s)) for name, args, s in deliveries(now))
    for name, args, state in restarts(now):
        if now.state.budgets.get(name) != 0:
            yield Happening(name, args, Taken(spent(state, name)))


def _look(search: _Search, now: Now) -> None:
    """What is to be said of one state."""
    context = live_context(now)
    for prop in search.facts.program.properties:
        match prop.claim:
            case CAlways(body) if not is_true(body, context):
                search.violated.setdefault(prop.name, search.depth)
            case CReachable(body) if is_true(body, context):
                search.reached.setdefault(prop.name, search.depth)
            case _:
                pass


def _expand(search: _Search, now: Now) -> Iterator[MachineState]:
    """The states one step further; counts, and looks at every step."""
    cut: set[str] = set()
    happenings = tuple(_happenings(now))
    for happening in happenings:
        match happening.outcome:
            case CutShort():
                cut.add(happening.action)
                continue
            case Broken(properties):
                for implicit in properties:
                    search.broken.setdefault(implicit.value, search.depth + 1)
            case Taken(state):
                _look_at_step(search, now, happening, state)
                yield state
        search.fired[happening.action] = search.fired.get(happening.action, 0) + 1
    for action in cut:
        search.cuts[action] = search.cuts.get(action, 0) + 1
    if not happenings:
        for prop in search.facts.program.properties:
            if isinstance(prop.claim, CNoDeadlock):
                search.violated.setdefault(prop.name, search.depth)


def _look_at_step(search: _Search, now: Now, happening: Happening, after: MachineState) -> None:
    for prop in search.facts.program.properties:
        if isinstance(prop.claim, COn) and not _respects(prop.claim, now, happening, after):
            search.violated.setdefault(prop.name, search.depth + 1)


def _respects(claim: COn, now: Now, happening: Happening, after: MachineState) -> bool:
    """Plain names read the state after the step; parameters keep their values (rule 13)."""
    bound = happening.bound(claim.actions)
    if bound is None:
        return True
    then = live_context(evolve(now, state=after))
    context = evolve(then, before=live_context(now)).binding_all(bound)
    return not (claim.where is None or is_true(claim.where, context)) or is_true(
        claim.body, context
    )
