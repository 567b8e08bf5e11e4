"""The suite for engines: the reference passes, and engines with one mistake each do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import pytest
from attrs import evolve, frozen

from kspec.engines.api import Budget, Listener
from kspec.engines.conformance import Mismatch, check, compare, require, seeded_question
from kspec.engines.reference import Reference
from kspec.ir.expr import TRUE
from kspec.ir.system import System
from kspec.verdict.answer import (
    Absent,
    Answer,
    Exhausted,
    Exploration,
    Found,
    Inconclusive,
    Why,
)
from kspec.verdict.trace import Trace


@final
@frozen
class Wrong:
    """The reference, given another system, or with its answer changed."""

    before: Callable[[System], System] = lambda system: system
    after: Callable[[Exploration], Exploration] = lambda result: result

    @property
    def name(self) -> str:
        return "wrong"

    def explore(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> Exploration:
        changed = self.before(system)
        return self.after(Reference().explore(changed, properties, budget, listen))


def answers(change: Callable[[Answer], Answer]) -> Callable[[Exploration], Exploration]:
    return lambda r: evolve(r, answers=tuple((name, change(a)) for name, a in r.answers))


def longer(answer: Answer) -> Answer:
    match answer:
        case Found(Trace(start, (first, *rest), loop)):
            return Found(Trace(start, (first, first, *rest), loop))
        case _:
            return answer


def without_cuts(system: System) -> System:
    return evolve(system, actions=tuple(evolve(a, cut=None) for a in system.actions))


def without_live_targets(system: System) -> System:
    return evolve(
        system,
        actions=tuple(
            evolve(a, updates=tuple(evolve(u, live=TRUE) for u in a.updates))
            for a in system.actions
        ),
    )


def without_last_update(system: System) -> System:
    return evolve(system, actions=tuple(evolve(a, updates=a.updates[:-1]) for a in system.actions))


def without_last_conjunct(system: System) -> System:
    return evolve(system, actions=tuple(evolve(a, guard=a.guard[:-1]) for a in system.actions))


def without_init_where(system: System) -> System:
    return evolve(system, init=evolve(system.init, where=TRUE))


def hopeful(answer: Answer) -> Answer:
    """Says that there is nothing where it has only not found it."""
    match answer:
        case Inconclusive(Why.STATES | Why.DEPTH | Why.STOPPED, reached, _):
            return Absent(Exhausted(reached.states, reached.transitions, reached.depth, ()))
        case _:
            return answer


def one_state_more(result: Exploration) -> Exploration:
    return evolve(result, reached=evolve(result.reached, states=result.reached.states + 1))


MISTAKES = {
    "counts one state more": Wrong(after=one_state_more),
    "does not know cuts": Wrong(before=without_cuts),
    "does not know live targets": Wrong(before=without_live_targets),
    "forgets the last update": Wrong(before=without_last_update),
    "forgets the last conjunct": Wrong(before=without_last_conjunct),
    "starts anywhere": Wrong(before=without_init_where),
    "takes a step twice": Wrong(after=answers(longer)),
    "hopes for the best": Wrong(after=answers(hopeful)),
    "forgets what fired": Wrong(after=lambda r: evolve(r, fired=())),
    "forgets its cuts": Wrong(after=lambda r: evolve(r, cuts=())),
    "answers in another order": Wrong(after=lambda r: evolve(r, answers=r.answers[::-1])),
}


def test_the_reference_agrees_with_itself() -> None:
    check(Reference(), seed=1, examples=25)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
@pytest.mark.parametrize("exact", [True, False])
def test_an_engine_with_a_mistake_is_found_out(mistake: str, exact: bool) -> None:
    engine = MISTAKES[mistake]
    assert any(compare(engine, seeded_question(seed), exact) for seed in range(200))


def test_the_report_has_the_smallest_system_as_text() -> None:
    with pytest.raises(Mismatch) as caught:
        check(MISTAKES["forgets the last update"], seed=1, examples=100)
    message = str(caught.value)
    assert message.startswith("wrong differs from the reference:\n- ")
    assert "(system random" in message
    assert message.count("(action ") <= 2


def test_a_mismatch_is_raised_for_one_question() -> None:
    with pytest.raises(Mismatch):
        for seed in range(100):
            require(MISTAKES["counts one state more"], seeded_question(seed))


def test_another_trace_of_the_same_length_is_good_enough_where_asked() -> None:
    def last_action_first(system: System) -> System:
        return evolve(system, actions=system.actions[::-1])

    def in_order(result: Exploration) -> Exploration:
        return evolve(result, fired=result.fired[::-1], cuts=result.cuts[::-1])

    engine = Wrong(before=last_action_first, after=in_order)
    seeds = range(60)
    assert any(compare(engine, seeded_question(seed), True) for seed in seeds)
    loose = [compare(engine, seeded_question(seed), False) for seed in seeds]
    assert [found for found in loose if any("replay" in f or "steps" in f for f in found)] == []
