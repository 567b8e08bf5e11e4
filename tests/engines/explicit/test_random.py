"""Random systems: the native explorer gives exactly what the reference gives."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.conformance import Question, seeded_question
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, LOOPS, Tuning
from kspec.ir.expr import Lit
from kspec.ir.sorts import Int, Map, Sort, Value
from kspec.ir.system import System
from tests.engines.explicit.same import require_same
from tests.systems.bench import var

FEW = 40


TUNINGS = [
    pytest.param(DEFAULT, id="default"),
    pytest.param(LOOPS, id="loops", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("tuning", TUNINGS)
def test_random_systems(tuning: Tuning) -> None:
    for seed in range(FEW):
        require_same(Explicit(0, tuning), seeded_question(seed))


CROWDS = {
    "alone": Explicit(0, CROWDED),
    "two": Explicit(0, CROWDED, workers=2),
    "four": Explicit(0, CROWDED, workers=4),
    "indexed": Explicit(0, evolve(CROWDED, indexed=True), workers=3),
}
"""Tables that grow all the time, and workers that meet in every level."""


@pytest.mark.parametrize("engine", [CROWDS["four"], CROWDS["indexed"]], ids=["four", "indexed"])
def test_random_systems_of_crowded_workers(engine: Explicit) -> None:
    for seed in range(300, 300 + FEW // 2):
        require_same(engine, seeded_question(seed))


@pytest.mark.slow
@pytest.mark.parametrize("engine", CROWDS.values(), ids=CROWDS)
def test_many_random_systems_of_crowded_workers(engine: Explicit) -> None:
    for seed in range(5000, 5500):
        require_same(engine, seeded_question(seed))


@pytest.mark.slow
@pytest.mark.parametrize("tuning", [DEFAULT, LOOPS], ids=["default", "loops"])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_many_random_systems(tuning: Tuning, level: int) -> None:
    for seed in range(1000, 1700):
        require_same(Explicit(level, tuning), seeded_question(seed))


def padded(system: System, sort: Sort, value: Value, last: bool) -> System:
    """The system with one more variable, that never changes, first or last."""
    extra, first = var("pad", sort), ("pad", Lit(sort, value))
    variables = (*system.variables, extra) if last else (extra, *system.variables)
    assign = (*system.init.assign, first) if last else (first, *system.init.assign)
    return evolve(system, variables=variables, init=evolve(system.init, assign=assign))


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("cells", [1, 5, 17])
@pytest.mark.parametrize("tuning", TUNINGS)
def test_states_of_many_words(tuning: Tuning, cells: int, last: bool) -> None:
    """A pad of 13 bits a cell moves every other variable to odd places across words."""
    sort = Map(Int(1, cells), Int(0, 2**13 - 1))
    value = tuple((7919 * i) % 2**13 for i in range(cells))
    for seed in range(200, 206):
        question = seeded_question(seed)
        wide = padded(question.system, sort, value, last)
        require_same(Explicit(0, tuning), Question(wide, question.properties, question.budget))
