"""A search that keeps hashes of states finds what it finds, and never says that there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import seeded_question
from kspec.engines.explicit.engine import LOSSY_BITS, Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT
from kspec.engines.explicit.plan import plan
from kspec.engines.explicit.store.journal import Journal
from kspec.ir.build import lit
from kspec.ir.expr import Arith, ArithOp, Lt, Ref
from kspec.ir.sorts import Int
from kspec.ir.system import Action, Invariant, System
from kspec.verdict.answer import Absent, Exploration, Found, Inconclusive, Why
from kspec.verdict.replay import replay
from tests.systems.bench import action, build, write
from tests.systems.small import system as small

FEW: int = 24
"""Bits of which many states have the same."""
UNLIMITED = Budget()
MIDDLE, LARGE = (4, 3, 2, 3, 1), 276_872


def names(system: System) -> tuple[str, ...]:
    return tuple(p.name for p in system.properties)


def explored(system: System, bits: int, budget: Budget = UNLIMITED, jobs: int = 1) -> Exploration:
    engine = Explicit(0, CROWDED, jobs, lossy=bits)
    return engine.explore(system, names(system), budget, lambda _: None)


def says_nothing_is_absent(found: Exploration) -> bool:
    return not found.complete and not any(isinstance(a, Absent) for _, a in found.answers)


def test_random_systems(tmp_path: Path) -> None:
    """What is found is what the whole search finds, and the rest is open."""
    budget, seen = Budget(spill=tmp_path), 0
    for seed in range(900, 930):
        system = seeded_question(seed).system
        whole, lossy = explored(system, 0), explored(system, LOSSY_BITS, budget)
        assert says_nothing_is_absent(lossy) and lossy.reached == whole.reached, seed
        for (name, full), (same, answer) in zip(whole.answers, lossy.answers, strict=True):
            assert name == same
            if isinstance(full, Found):
                assert answer == full
                seen += 1
            elif isinstance(answer, Inconclusive) and answer.why is not Why.UNSUPPORTED:
                assert answer.why is Why.LOSSY and answer.omission is not None
    assert seen > 10
    assert not list(tmp_path.iterdir()), "files have no names"


def test_hashes_that_are_the_same_leave_states_out(tmp_path: Path) -> None:
    """As many as such hashes would if they were drawn: 2284 expected, and what only they lead to."""
    system = build("m2", MIDDLE)
    few = explored(system, FEW, Budget(spill=tmp_path))
    assert 2000 < LARGE - few.reached.states < 3000
    assert says_nothing_is_absent(few)
    why = few.answers[0][1]
    assert isinstance(why, Inconclusive) and why.why is Why.LOSSY and why.omission == 1.0
    many = explored(system, LOSSY_BITS)
    why = many.answers[0][1]
    assert many.reached.states == LARGE and isinstance(why, Inconclusive)
    assert why.omission == LARGE * (LARGE - 1) / 2**65
    for jobs in (2, 3):
        assert explored(system, FEW, jobs=jobs) == few


def test_a_bug_behind_a_state_that_was_left_out_is_not_denied() -> None:
    """A counter whose states have hashes of 24 bits: two are the same long before the end."""
    sort, end = Int(0, 12_000), lit(12_000)
    x = Ref("x", sort)
    more = Arith(ArithOp.ADD, x, lit(1))
    up = action("up", (), (Lt(x, end),), (write("x", None, more),))
    counter = small({"x": (sort, lit(0))}, (up,), {"below": Invariant(Lt(x, end))})
    found = explored(counter, FEW)
    assert found.reached.states < 12_000 and says_nothing_is_absent(found)
    assert isinstance(found.answers[0][1], Inconclusive)


def test_every_word_of_a_state_counts() -> None:
    """Two counters of fifty bits each: 441 states of two words."""
    sort = Int(0, 2**50 - 1)

    def up(name: str) -> Action:
        x = Ref(name, sort)
        more = Arith(ArithOp.ADD, x, lit(1 << 40))
        return action(name, (), (Lt(x, lit(20 << 40)),), (write(name, None, more),))

    two = small({"x": (sort, lit(0)), "y": (sort, lit(0))}, (up("x"), up("y")))
    assert plan(two, ()).layout.words == 2
    assert explored(two, LOSSY_BITS).reached == explored(two, 0).reached
    assert explored(two, 0).reached.states == 441


@pytest.mark.parametrize("limit", [Budget(), Budget(max_depth=3), Budget(max_states=500)])
def test_a_limit_is_no_depth_without_a_bug(limit: Budget) -> None:
    """There may be one that shallow: its state was left out."""
    found = explored(build("m2", (3, 2, 2, 2, 1)), LOSSY_BITS, limit)
    for _, answer in found.answers:
        assert isinstance(answer, Inconclusive) and answer.why is Why.LOSSY


def test_what_is_found_with_few_bits_is_a_run(tmp_path: Path) -> None:
    """Traces are made of the states themselves, so that no hash can put a wrong one in."""
    shown = 0
    for seed in range(960, 1000):
        system = seeded_question(seed).system
        found = explored(system, FEW, Budget(spill=tmp_path))
        assert says_nothing_is_absent(found)
        asked = {p.name: p for p in system.properties}
        for name, answer in found.answers:
            if isinstance(answer, Found) and name in asked:
                assert replay(answer.trace, system, asked[name]) is None
                shown += 1
    assert shown > 10


def test_it_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    system = build("m2", (3, 3, 2, 2, 1))
    for bits in (FEW, LOSSY_BITS):
        place = tmp_path / str(bits)
        first = Explicit(0, DEFAULT, journal=Journal(place, every=0), lossy=bits)
        first.explore(system, names(system), Budget(max_depth=9), lambda _: None)
        again = Explicit(0, DEFAULT, journal=Journal(place, resume=True), lossy=bits)
        found = again.explore(system, names(system), Budget(), lambda _: None)
        assert found == explored(system, bits)


def test_memory_ends_without_files(tmp_path: Path) -> None:
    """The states lie in a file as it is; the table does not."""
    budget = Budget(max_memory=1 << 20, spill=tmp_path)
    found = explored(build("m2", MIDDLE), LOSSY_BITS, budget)
    answer = found.answers[0][1]
    assert isinstance(answer, Inconclusive) and answer.why is Why.LOSSY
    assert answer.note == Why.MEMORY.value and 0 < found.reached.states < LARGE


def test_who_shares_keeps_whole_states() -> None:
    with pytest.raises(ValueError, match="one worker"):
        plan(build("m2", MIDDLE), (), evolve(DEFAULT), shared=True, lossy=LOSSY_BITS)
