"""Sets of instances that are enough to go on with from a state: partial order reduction, plainly.

From a state and one instance that is enabled there, `closed` gathers all that must come along:
everything that an enabled or cut instance depends on, and of one that is disabled, everybody who
may make the first false part of its guard true. What is outside the set stays possible, and means
the same, whatever of the set is done first; so the rest may wait. That nothing waits for ever is
seen to by taking only sets that lead somewhere new. Proof: `docs/adr/016`.

`fewer` is the search itself, level by level, for tests and audits: the native engine must see
exactly these states. Who has to do with whom is found by `ir.passes.independence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.ir.passes.independence import Independence, numbers
from kspec.ir.system import (
    Implicit,
    Invariant,
    Occurrence,
    Property,
    Reachable,
    System,
)
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.evaluate import truth
from kspec.semantics.state import env_of
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Outcome,
    Taken,
    initial_states,
    instance_env,
    outcomes,
)
from kspec.verdict.trace import State

Outcomes = tuple[tuple[Instance, Outcome], ...]


@final
class Situation:
    """What every instance does in one state, by its number."""

    def __init__(self, system: System, order: Independence, state: State) -> None:
        self.system, self.order, self.state = system, order, state
        self.outcomes: Outcomes = tuple(outcomes(system, state))
        self.taken: Mapping[int, State] = {
            n: outcome.state
            for n, (_, outcome) in enumerate(self.outcomes)
            if isinstance(outcome, Taken)
        }
        self._wanted: dict[int, int] = {}

    def closed(self, seed: int) -> int:
        """The least set that has the instance and all that must come along."""
        found, waiting = 1 << seed, [seed]
        while waiting:
            more = self.wanted(waiting.pop()) & ~found
            found |= more
            waiting += numbers(more)
        return found

    def wanted(self, number: int) -> int:
        """Who must come along with a number."""
        if number not in self._wanted:
            self._wanted[number] = self._find(number)
        return self._wanted[number]

    def _find(self, number: int) -> int:
        order = self.order
        if number >= order.instances:
            observer = order.observers[number - order.instances]
            env = env_of(self.system, self.state)
            pairs = zip(observer.parts, observer.enabling, strict=True)
            return next((mask for part, mask in pairs if not truth(part, env)), 0)
        instance, outcome = self.outcomes[number]
        if not isinstance(outcome, Disabled):
            return order.depends[number]
        env = instance_env(self.system, self.state, instance)
        guard = self.system.actions[instance.action].guard
        for part in order.orders[instance.action]:
            if not truth(guard[part].expr, env):
                return order.enabling[number][part]
        raise AssertionError("a disabled instance whose guard is true")

    def chosen(self, new: Iterable[int]) -> Mapping[int, State]:
        """The steps to go on with, by number: of those that lead to `new` states each one's set is
        looked at, in order, and the first of the least taken; all steps if none is smaller."""
        best = self.taken
        for seed in new:
            if len(best) == 1:
                break
            within = self.closed(seed)
            steps = {n: after for n, after in self.taken.items() if within >> n & 1}
            if len(steps) < len(best):
                best = steps
        return best

    def may_wait(self, missing: Iterable[int]) -> bool:
        """Is there a set without all of these?"""
        mask = sum(1 << n for n in missing)
        return any(not self.closed(seed) & mask for seed in self.taken)


# ---- the search --------------------------------------------------------------------------------


@final
@frozen
class Fewer:
    """A finished search: states, enabled instances in them, the last level; how many states were
    gone on from with fewer steps, and how many steps were not taken there. `found`: what was found
    in which level; `cut`, `fired`: actions."""

    states: int
    transitions: int
    depth: int
    reduced: int
    left_out: int
    found: Mapping[str, int]
    cut: frozenset[str]
    fired: frozenset[str]


@mutable
class _Search:
    system: System
    asked: tuple[Property, ...]
    order: Independence
    seen: dict[State, None] = field(factory=dict)
    found: dict[str, int] = field(factory=dict)
    cut: set[str] = field(factory=set)
    fired: set[str] = field(factory=set)
    transitions: int = 0
    reduced: int = 0
    left_out: int = 0


def fewer(
    system: System, asked: tuple[Property, ...], order: Independence, most: int
) -> Fewer | None:
    """Search until nothing is left to visit; None if there are more than so many states."""
    search, depth = _Search(system, asked, order), -1
    level = tuple(initial_states(system))
    while level:
        depth += 1
        search.seen.update(dict.fromkeys(level))
        if len(search.seen) > most:
            return None
        following: dict[State, None] = {}
        for state in level:
            following.update(dict.fromkeys(_expand(search, depth, state)))
        level = tuple(following)
    return Fewer(
        len(search.seen),
        search.transitions,
        max(0, depth),
        search.reduced,
        search.left_out,
        search.found,
        frozenset(search.cut),
        frozenset(search.fired),
    )


def _expand(search: _Search, depth: int, state: State) -> Iterator[State]:
    situation = Situation(search.system, search.order, state)
    _look(search, depth, situation)
    new = [n for n, after in situation.taken.items() if after not in search.seen]
    chosen = situation.chosen(new)
    search.reduced += len(chosen) < len(situation.taken)
    search.left_out += len(situation.taken) - len(chosen)
    for after in chosen.values():
        if after not in search.seen:
            yield after


def _look(search: _Search, depth: int, situation: Situation) -> None:
    """Everything that the state and all steps from it show, also of steps that are left out."""
    for prop in search.asked:
        match prop.claim:
            case Invariant(body):
                wanted = not is_true_in(search.system, body, situation.state)
            case Reachable(body):
                wanted = is_true_in(search.system, body, situation.state)
            case _:
                wanted = False
        if wanted:
            search.found.setdefault(prop.name, depth)
    for instance, outcome in situation.outcomes:
        name = search.system.actions[instance.action].name
        if isinstance(outcome, CutInstance):
            search.cut.add(name)
        if isinstance(outcome, Taken | Broken):
            search.fired.add(name)
            search.transitions += 1
            _look_at_step(search, depth, situation.state, instance, outcome)


def _look_at_step(
    search: _Search, depth: int, state: State, instance: Instance, outcome: Taken | Broken
) -> None:
    if isinstance(outcome, Broken):
        for implicit in outcome.properties:
            search.found.setdefault(Implicit(implicit).value, depth + 1)
        return
    for prop in search.asked:
        if isinstance(prop.claim, Occurrence) and not respects(
            search.system, prop.claim, state, instance, outcome.state
        ):
            search.found.setdefault(prop.name, depth + 1)


__all__ = ["Fewer", "Situation", "fewer"]
