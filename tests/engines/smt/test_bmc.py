from __future__ import annotations

import pytest

from tests.engines.smt.compare import hunted


def test_thirty_random_systems() -> None:
    assert [line for seed in range(30) for line in hunted(seed, 1)] == []


def test_random_systems_with_instances_spelled_out() -> None:
    assert [line for seed in range(30, 45) for line in hunted(seed, 64)] == []


@pytest.mark.slow
def test_many_random_systems() -> None:
    assert [line for seed in range(45, 400) for line in hunted(seed, 1)] == []


@pytest.mark.slow
def test_many_random_systems_with_instances_spelled_out() -> None:
    assert [line for seed in range(400, 600) for line in hunted(seed, 64)] == []
