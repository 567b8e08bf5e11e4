"""The audit notices what an engine could get wrong, and says how much it looked at."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve

from kspec.driver.searching.audit import Difference, audit
from kspec.driver.searching.search import UntrustedEngine, replay_all, search
from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.ir.expr import Eq
from kspec.ir.system import Invariant, Property, System
from kspec.semantics.step import Taken, initial_states, outcomes
from kspec.verdict.answer import Absent, Exploration, Found
from kspec.verdict.trace import State, Trace
from tests.systems.bench import m0
from tests.systems.small import X, birth, counter

NO_LIMIT = Budget()


class Honest:
    """A finished search by the reference, with every state in memory."""

    def __init__(self, system: System) -> None:
        self.states: dict[State, None] = {}
        level = initial_states(system)
        while level:
            self.states.update(dict.fromkeys(level))
            after = (o.state for s in level for _, o in outcomes(system, s) if isinstance(o, Taken))
            level = tuple(s for s in dict.fromkeys(after) if s not in self.states)

    def sample(self, count: int, seed: int) -> Sequence[State]:
        return tuple(self.states)[:count]

    def contains(self, state: State) -> bool:
        return state in self.states


def explored(system: System) -> Exploration:
    names = tuple(p.name for p in system.properties)
    return Reference().explore(system, names, NO_LIMIT, lambda _: None)


def test_an_honest_search_passes() -> None:
    for system in (counter(7), birth(2), m0()):
        stored = Honest(system)
        assert audit(system, stored, explored(system)).states == len(stored.states)


def test_a_missing_state_is_noticed() -> None:
    system, exploration = counter(7), explored(counter(7))
    for state in Honest(system).states:
        stored = Honest(system)
        del stored.states[state]
        with pytest.raises(Difference):
            audit(system, stored, exploration)


def without(exploration: Exploration, name: str) -> Exploration:
    """The same search, but `name` was overlooked."""
    evidence = next(a for _, a in exploration.answers if isinstance(a, Absent))
    answers = tuple((n, evidence if n == name else a) for n, a in exploration.answers)
    return evolve(exploration, answers=answers)


@pytest.mark.parametrize("name", ["below", "reaches", "lives", "small_steps"])
def test_a_property_decided_otherwise_is_noticed(name: str) -> None:
    system = counter(7)
    exploration = explored(system)
    assert isinstance(dict(exploration.answers)[name], Found)
    with pytest.raises(Difference):
        audit(system, Honest(system), without(exploration, name))


def test_an_overlooked_broken_step_is_noticed() -> None:
    system = counter(10)
    exploration = explored(system)
    assert isinstance(dict(exploration.answers)["in-range"], Found)
    with pytest.raises(Difference):
        audit(system, Honest(system), without(exploration, "in-range"))


def test_an_overlooked_cut_or_firing_is_noticed() -> None:
    system = birth(2)
    exploration = explored(system)
    assert exploration.cuts
    with pytest.raises(Difference):
        audit(system, Honest(system), evolve(exploration, cuts=()))
    with pytest.raises(Difference):
        audit(system, Honest(system), evolve(exploration, fired=()))


def test_the_native_engine_is_audited() -> None:
    system = evolve(counter(7), properties=(Property("p", Invariant(Eq(X, X))),))
    answers = dict(search("explicit", system, ("p",), NO_LIMIT, lambda _: None).exploration.answers)
    absent = answers["p"]
    assert isinstance(absent, Absent)
    assert absent.evidence.audited == absent.evidence.states == 8


def test_a_trace_that_does_not_replay_is_no_verdict() -> None:
    system = counter(7)
    exploration = explored(system)
    bad = Found(Trace((9,), ()))
    forged = evolve(exploration, answers=(("below", bad), *exploration.answers[1:]))
    with pytest.raises(UntrustedEngine) as caught:
        replay_all("explicit", system, forged)
    assert caught.value.text.startswith("(system")
