"""What is proved for every size of a module that is made to be hard is so in small scopes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.anysize.compare import (
    claims_of,
    names_of,
    proved,
    scope_of,
    small_systems,
    violated,
)
from tests.redteam.shapes import shape

KINDS = ("A", "B")
RLIMIT = 1_000_000
STATES = 800


def judged(seeds: range) -> Iterator[tuple[int, int, set[str]]]:
    """For each seed how many claims were proved, and which of those are false."""
    for seed in seeds:
        scope = scope_of(shape(seed))
        good = names_of(proved(scope, KINDS, RLIMIT))
        false: set[str] = set()
        for system in small_systems(scope, KINDS, 4) if good else ():
            false |= good & violated(system, claims_of(scope), STATES)
        yield seed, len(good), false


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_what_is_proved_of_every_size_is_so_in_small_scopes(block: int) -> None:
    found = list(judged(range(25 * block, 25 * block + 25)))
    assert [(seed, false) for seed, _, false in found if false] == []
    assert sum(count for _, count, _ in found) > 10
