"""The native procedure, the reference and all short walks, on random graphs with random claims."""

from __future__ import annotations

from collections import Counter

import pytest
from attrs import evolve

from kspec.ir.system import Settles, Temporal
from kspec.ir.validate import validate
from tests.liveness.graphs import Size, drawn
from tests.liveness.shapes import opinion

SMALL = Size(states=3, actions=2, depth=3, dense=30)
LARGER = Size(states=5, actions=3, depth=2, dense=25, cut=2, broken=1)


def compared(seeds: range, size: Size) -> Counter[bool]:
    """How many claims hold and how many do not; `AssertionError` for the first disagreement."""
    found: Counter[bool] = Counter()
    for seed in seeds:
        system = drawn(seed, size)
        assert not validate(system)
        claim = system.properties[0].claim
        assert isinstance(claim, Temporal | Settles)
        asked = claim if isinstance(claim, Settles) else claim.formula
        try:
            trace = opinion(evolve(system, properties=()), asked, steps=4)
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed} of {size}: {wrong}") from wrong
        found[trace is None] += 1
    return found


def test_a_dozen_graphs() -> None:
    assert min(compared(range(12), SMALL).values()) >= 3


def test_some_larger_graphs() -> None:
    assert min(compared(range(6), LARGER).values()) >= 1


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_a_thousand_graphs(block: int) -> None:
    seeds = range(1000 + 200 * block, 1200 + 200 * block)
    assert min(compared(seeds, SMALL if block % 2 else LARGER).values()) >= 20
