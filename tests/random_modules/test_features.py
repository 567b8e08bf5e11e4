"""Random modules contain everything that the language offers, and often enough to matter."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.random_modules.features import features, wanted
from tests.random_modules.generate import seeded_module
from tests.random_modules.pipeline import checked

DRAWS = 1000


@pytest.mark.slow
def test_every_feature_occurs_in_one_draw_of_a_hundred() -> None:
    texts = [seeded_module(seed) for seed in range(DRAWS)]
    counts = Counter(name for text in texts for name in features(text, checked(text)))
    rare = {name: counts[name] for name in sorted(wanted()) if counts[name] < DRAWS // 100}
    assert rare == {}


def test_nearly_every_feature_occurs_in_a_few_draws() -> None:
    texts = [seeded_module(seed) for seed in range(DRAWS, DRAWS + 100)]
    found = frozenset[str]().union(*(features(text, checked(text)) for text in texts))
    assert len(wanted() - found) < len(wanted()) // 10


def test_a_seed_is_a_module() -> None:
    assert [seeded_module(n) for n in range(20)] == [seeded_module(n) for n in range(20)]
    assert len({seeded_module(n) for n in range(20)}) == 20
