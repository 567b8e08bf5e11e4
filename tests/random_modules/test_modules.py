"""Random modules mean the same to the interpreter and to lowering.

States, transitions, cuts, depth, what is violated and how soon: all must be equal. What Hypothesis
shrinks is printed as source text.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from kspec.pure.interpreter.machine import explore
from tests.random_modules.compare import MOST_STATES, disagreement
from tests.random_modules.generate import modules, seeded_module
from tests.random_modules.pipeline import scoped

QUIET = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


@settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=QUIET,
)
@given(modules())
def test_both_readings_agree(text: str) -> None:
    assert disagreement(text, scoped(text)) is None


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 1000, 50))
def test_both_readings_agree_on_many(start: int) -> None:
    texts = [seeded_module(seed) for seed in range(start, start + 50)]
    assert [found for text in texts if (found := disagreement(text, scoped(text)))] == []


@pytest.mark.slow
def test_enough_modules_do_something() -> None:
    """Few are too large to be compared, and at least half have more than two states."""
    found = [explore(scoped(seeded_module(seed)), MOST_STATES) for seed in range(200)]
    sizes = [0 if summary is None else summary.states for summary in found]
    assert sum(summary is None for summary in found) < 30
    assert sum(size > 2 for size in sizes) > 100
