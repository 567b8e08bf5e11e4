"""Bounded search for loops: on random graphs it finds exactly what some walk of that length shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from kspec.engines.api import Budget, Effort
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.reference_liveness import counterexample
from kspec.engines.smt.lasso import Lassos, hunt, spelled
from kspec.engines.smt.solver import Limits
from kspec.ir.expr import FALSE, TRUE
from kspec.ir.system import (
    Eventually,
    Fairness,
    Formula,
    Holds,
    Origin,
    Property,
    Settles,
    System,
    Temporal,
)
from kspec.verdict.answer import Found, HunterAnswer, Inconclusive, Why
from kspec.verdict.lasso import shortened
from kspec.verdict.replay import replay
from tests.liveness.graphs import Size, drawn
from tests.liveness.shapes import Shape, about, at, each_life, edge, leads, shaped
from tests.liveness.walks import is_violated_within
from tests.systems.small import birth

LIMITS = Limits(rlimit=20_000_000)
SIZES = (Size(), Size(3, 3, 3), Size(5, 1, 3, 35), Size(3, 2, 2, 50, 25, 5))
WALKS = 2000


def length(system: System, answer: HunterAnswer) -> int | None:
    """How many steps the run has that was found; it replays."""
    if not isinstance(answer, Found):
        return None
    assert replay(answer.trace, system, system.properties[0]) is None
    return len(answer.trace.steps)


def differences(seed: int, depth: int) -> Iterator[str]:
    """Where bounded search and all walks differ about a graph, by the number of steps."""
    system = drawn(seed, SIZES[seed % len(SIZES)])
    claim = system.properties[0].claim
    assert isinstance(claim, Temporal | Settles)
    answer, _ = hunt(spelled(system), system.properties[0], depth, LIMITS)
    found = length(system, answer)
    for steps in range(depth + 1):
        walked = is_violated_within(system, claim, steps, WALKS)
        if walked is not None and walked is not (found is not None and found <= steps):
            yield f"seed {seed}: in {steps} steps walks say {walked}, and the search {answer}"


def test_exactly_what_walks_show() -> None:
    assert [said for seed in range(16) for said in differences(seed, 3)] == []


@pytest.mark.slow
def test_exactly_what_walks_show_on_many_graphs() -> None:
    assert [said for seed in range(40, 1500) for said in differences(seed, 4)] == []


def rich(seeds: range) -> int:
    """How many claims over whole runs of random systems of every sort were compared."""
    asked = 0
    for seed in seeds:
        system = seeded_system(seed)
        claims = [p for p in system.properties if isinstance(p.claim, Temporal | Settles)]
        whole = Reference().explore(system, (), Budget(max_states=25), lambda _: None)
        if not claims or not whole.complete:
            continue
        of = spelled(system)
        for prop in claims:
            assert isinstance(prop.claim, Temporal | Settles)
            answer, _ = hunt(of, prop, 3, LIMITS)
            wanted, asked = counterexample(system, prop.claim), asked + 1
            if isinstance(answer, Found):
                assert replay(answer.trace, system, prop) is None, (seed, prop.name)
                assert wanted is not None, (seed, prop.name)
            elif wanted is not None:
                least = shortened(wanted, system, prop.claim)
                assert len(least.steps) > answer.reached.depth, (seed, prop.name)
    return asked


def test_systems_of_every_sort() -> None:
    assert rich(range(30)) >= 3


@pytest.mark.slow
def test_many_systems_of_every_sort() -> None:
    assert rich(range(30, 600)) > 60


@pytest.mark.slow
def test_nothing_is_found_that_the_reference_denies() -> None:
    """Deeper than walks can be counted."""
    for seed in range(2000, 2200):
        system = drawn(seed, Size(6, 2, 3, 30))
        prop = system.properties[0]
        assert isinstance(prop.claim, Temporal | Settles)
        answer, _ = hunt(spelled(system), prop, 8, LIMITS)
        denied = counterexample(system, prop.claim) is None
        assert not (denied and length(system, answer) is not None), seed


# ---- one thing at a time -----------------------------------------------------------------------


def search(system: System, claim: Formula | Settles, depth: int = 4) -> int | None:
    """How many steps the first run has that refutes the claim."""
    made = claim if isinstance(claim, Settles) else Temporal(claim)
    asked = evolve(system, properties=(Property("runs", made),))
    return length(asked, hunt(spelled(asked), asked.properties[0], depth, LIMITS)[0])


def test_rest_is_only_where_nothing_fair_is_enabled() -> None:
    ends = shaped(3, edge("go", {0: 1, 1: 2}))
    assert search(ends, Eventually(at(ends, 2))) is None
    assert search(ends, Eventually(at(ends, 0))) is None
    lazy = shaped(3, edge("go", {0: 1, 1: 2}, Fairness.NONE))
    assert search(lazy, Eventually(at(lazy, 2))) == 0


def test_a_cut_instance_is_enabled_and_never_taken() -> None:
    cut = shaped(3, Shape("go", {0: 1}, cut=frozenset({1})))
    # No rest at 1, and no loop that leaves it either.
    assert search(cut, Eventually(at(cut, 2))) is None
    turn = edge("turn", {0: 1, 1: 0})
    sometimes = shaped(3, Shape("go", {}, cut=frozenset({1})), turn)
    assert search(sometimes, Eventually(at(cut, 2))) == 2
    always = shaped(3, Shape("go", {}, cut=frozenset({0, 1})), turn)
    assert search(always, Eventually(at(cut, 2))) is None


def test_who_is_always_cut_is_enabled() -> None:
    system = birth(1)
    only = evolve(system.actions[0], cut=TRUE, fairness=Fairness.WEAK)
    full = evolve(system, actions=(only,))
    # Nothing else can happen, but it may not rest.
    assert search(full, Eventually(Holds(FALSE))) is None
    assert search(evolve(full, actions=()), Eventually(Holds(FALSE))) == 0


def test_a_step_that_changes_nothing_is_not_taken() -> None:
    stays = shaped(2, edge("stay", {0: 0}))
    assert search(stays, Eventually(at(stays, 1))) == 0
    busy = shaped(2, edge("stay", {0: 0}), edge("go", {0: 1}))
    assert search(busy, Eventually(at(busy, 1))) is None


def test_weak_and_strong() -> None:
    round_ = (edge("out", {0: 1}, Fairness.NONE), edge("back", {1: 0}))
    weak = shaped(3, *round_, edge("leave", {0: 2}))
    strong = shaped(3, *round_, edge("leave", {0: 2}, Fairness.STRONG))
    assert search(weak, Eventually(at(weak, 2))) == 2
    assert search(strong, Eventually(at(strong, 2))) is None


def test_fairness_is_of_each_parameter_and_of_no_choice() -> None:
    each = Shape("go", {}, each=({0: 1, 1: 0}, {0: 2, 1: 2}))
    system = shaped(3, each)
    # The second pod's way out is always there.
    assert search(system, Eventually(at(system, 2))) is None
    chosen = Shape("go", {0: 1, 1: 0}, chosen={0: 2, 1: 2})
    assert search(shaped(3, chosen), Eventually(at(system, 2))) == 2


def test_what_leads_to() -> None:
    system = shaped(4, edge("a", {0: 1, 1: 2, 2: 1}))
    assert search(system, leads(at(system, 1), at(system, 2))) is None
    # The stem is seen, too.
    assert search(system, leads(at(system, 1), at(system, 0))) == 3


def test_a_life_that_is_over_is_owed_nothing() -> None:
    system = shaped(3, edge("a", {0: 1, 1: 2}))
    claim = Eventually(about(at(system, 2)))
    # The first pod is gone when 2 comes, the second is there.
    assert search(system, each_life(system, {0: (0, 1), 1: ()}, claim)) == 2
    assert search(system, each_life(system, {0: (), 1: (0, 1, 2)}, claim)) is None


def test_a_life_may_begin_later() -> None:
    system = shaped(3, edge("a", {0: 1, 1: 2}))
    assert search(system, each_life(system, {0: (1, 2), 1: ()}, Eventually(at(system, 0)))) == 2
    # What was there before does not begin again.
    late = each_life(system, {0: (0, 1, 2), 1: ()}, Eventually(at(system, 0)))
    assert search(system, late) is None


def test_settling() -> None:
    turn = edge("turn", {0: 1, 1: 0})
    assert search(shaped(2, turn), Settles(("x",), False)) == 2
    assert search(shaped(2, turn), Settles((), False)) is None
    # Users who never stop are none of a controller's fault.
    user = Shape("user", {0: 1}, Fairness.NONE, Origin.ENVIRONMENT)
    repaired = shaped(2, user, edge("repair", {1: 0}))
    assert search(repaired, Settles(("x",), False)) is None
    assert search(shaped(2, edge("user", {0: 1}), edge("repair", {1: 0})), Settles(("x",), False))


def test_a_hunter_says_how_deep_it_looked_and_why_it_stopped() -> None:
    system = drawn(0)
    unanswered = Lassos().hunt(seeded_system(3), ("prop0", "in-range"), Effort(2, 1000))
    for _, answer in unanswered.answers:
        assert isinstance(answer, Inconclusive) and answer.why is Why.UNSUPPORTED
    (_, answer), *_ = Lassos().hunt(system, ("runs",), Effort(3, 1)).answers
    assert isinstance(answer, Inconclusive) and answer.why is Why.SOLVER
    assert answer.note, "in the solver's own words"
    assert answer.reached.depth < 3
