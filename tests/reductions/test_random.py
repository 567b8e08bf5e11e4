"""Random systems: each reduction on and off, and the orbits that the reference counts."""

from __future__ import annotations

from collections import Counter

import pytest

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import DEFAULT, LOOPS
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference_quotient import quotient
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.symmetry import nontrivial
from kspec.verdict.answer import Found
from tests.reductions.compare import compared, complete

SMALL = 400


def counted(seeds: range) -> Counter[str]:
    """What happened to the systems of some seeds."""
    happened: Counter[str] = Counter()
    for seed in seeds:
        found = compared(seeded_system(seed))
        if found is None:
            continue
        for fewer, said in zip(found.fewer, found.said, strict=True):
            happened["fewer"] += fewer < found.states
            for line in said:
                happened[line.partition(":")[0]] += 1
    return happened


def test_verdicts_and_lengths_are_the_same() -> None:
    happened = counted(range(25))
    assert happened["fewer"] >= 5
    assert happened["slicing on"] >= 6
    assert happened["symmetry on"] >= 2


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_five_thousand_seeds(block: int) -> None:
    assert counted(range(10_000 + 250 * block, 10_250 + 250 * block))["fewer"] >= 40


# ---- orbits ------------------------------------------------------------------------------------


def orbits(seeds: range) -> tuple[int, int]:
    """Compare the native quotient with that of the reference, births opened in both; how many had
    groups, and in how many permutations of hubs were tried."""
    looked = tried = 0
    for seed in seeds:
        system = complete(seeded_system(seed))
        made, of = interchangeable(system, system.properties)
        groups = nontrivial(of)
        found = quotient(made, system.properties, groups, SMALL) if groups else None
        if found is None:
            continue
        names = tuple(prop.name for prop in system.properties)
        engine = Explicit(0, LOOPS if seed % 2 else DEFAULT, groups=groups)
        try:
            run = engine.run(made, names, Budget(), lambda _: None)
        except Refusal:
            continue
        answers = run.exploration.answers
        lengths = {name: len(a.trace.steps) for name, a in answers if isinstance(a, Found)}
        assert lengths == {name: len(trace.steps) for name, trace in found.found}, seed
        assert run.exploration.reached.states == found.states, seed
        program = run.search.program
        looked += found.states > 2
        tried += bool(program.orbits and program.orbits.hubs) and found.states > 2
    return looked, tried


def test_orbits_are_those_of_the_reference() -> None:
    looked, tried = orbits(range(180))
    assert looked >= 8
    assert tried >= 3


@pytest.mark.slow
def test_orbits_of_more_systems() -> None:
    looked, tried = orbits(range(20_000, 21_500))
    assert looked >= 60
    assert tried >= 25
