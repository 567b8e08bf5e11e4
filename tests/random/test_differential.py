"""The native explorer against the reference, on random systems."""

from __future__ import annotations

from typing import Final

import pytest

from kspec.engines.conformance import check, require, seeded_question
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import LOOPS
from kspec.engines.explicit.store.layout import Refusal

# Compiling costs more than searching here, so the code is optimised as little as possible.
FAST: Final = Explicit(level=0)
# Code that only large systems need otherwise.
BRANCHING: Final = Explicit(0, LOOPS)


def compared(seeds: range) -> int:
    """How many questions were answered; `Mismatch` for the first that was answered wrongly."""
    answered = 0
    for seed in seeds:
        try:
            require(FAST if seed % 2 else BRANCHING, seeded_question(seed))
        except Refusal:
            continue
        answered += 1
    return answered


def test_a_hundred_and_fifty_seeds() -> None:
    seeds = range(150)
    assert compared(seeds) >= 0.98 * len(seeds)


@pytest.mark.slow
def test_questions_that_hypothesis_draws() -> None:
    check(FAST, seed=20, examples=40)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_five_thousand_seeds(block: int) -> None:
    seeds = range(1000 + 500 * block, 1500 + 500 * block)
    assert compared(seeds) >= 0.98 * len(seeds)


@pytest.mark.slow
def test_optimised_code_says_the_same() -> None:
    for seed in range(200):
        require(Explicit(), seeded_question(seed))
