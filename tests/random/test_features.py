"""Random systems contain everything that a system can say, and often enough to matter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from kspec.engines.random_systems import seeded_system
from tests.random.features import FORMS, MEMBERS, NODES, features

DRAWS = 2000


@pytest.mark.slow
def test_every_feature_occurs_in_one_draw_of_a_hundred() -> None:
    counts = Counter(name for seed in range(DRAWS) for name in features(seeded_system(seed)))
    wanted = {*NODES, *MEMBERS, *FORMS}
    rare = {name: counts[name] for name in sorted(wanted) if counts[name] < DRAWS // 100}
    assert rare == {}


def test_every_form_that_is_found_is_listed() -> None:
    found = {name for seed in range(200) for name in features(seeded_system(seed))}
    assert found <= {*NODES, *MEMBERS, *FORMS}


def test_a_seed_is_a_system() -> None:
    assert [seeded_system(n) for n in range(30)] == [seeded_system(n) for n in range(30)]
    assert len({seeded_system(n) for n in range(30)}) == 30


def test_a_seed_does_not_depend_on_the_order_of_hashes() -> None:
    code = """
from kspec.engines.random_systems import seeded_system
from kspec.ir.text import print_system
print("".join(print_system(seeded_system(n)) for n in range(20)))
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_nearly_every_feature_occurs_in_a_few_draws() -> None:
    found = {name for seed in range(300) for name in features(seeded_system(seed))}
    wanted = {*NODES, *MEMBERS, *FORMS}
    assert len(wanted - found) < len(wanted) // 20
