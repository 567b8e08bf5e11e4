"""Nodes that are lost: leases, taints, eviction in time, orphans; and what goes wrong."""

from __future__ import annotations

import pytest

from tests.models.verdicts import verdicts

FILE = "properties/node_lifecycle.kspec"
LEASES = """
healthy never_given_up HOLDS 41 18
cut_off heard_out HOLDS 345 32
cut_off given_up REACHED 13
cut_off trusted VIOLATED 14
too_slow trusted VIOLATED 12
"""
PATIENCE = """
patience not_before HOLDS 4751 28
patience evicted REACHED 10
patience spared REACHED 6
patience not_only_if_tainted VIOLATED 11
"""
EVICTION = """
replaced one_process HOLDS 257 17
replaced moves REACHED 14
replaced comes_back HOLDS 257 17
never_repaired comes_back VIOLATED 8
flapping not_before VIOLATED 14
forgotten in_the_end HOLDS 19 9
twice evicted_again HOLDS 1094 23
poisoned evicted_again VIOLATED 17
"""
PODGC = """
orphans only_orphans HOLDS 720 21
orphans collects REACHED 12
taint_late only_terminating VIOLATED 12
"""


def lines(text: str) -> list[str]:
    return text.split("\n")[1:-1]


def test_leases() -> None:
    assert verdicts("properties/leases.kspec") == lines(LEASES)


@pytest.mark.slow
def test_a_pod_is_not_evicted_before_its_time() -> None:
    assert verdicts(FILE, "patience") == lines(PATIENCE)


@pytest.mark.slow
def test_eviction_and_coming_back() -> None:
    names = ("replaced", "never_repaired", "flapping", "forgotten", "twice", "poisoned")
    assert verdicts(FILE, *names) == lines(EVICTION)


@pytest.mark.slow
def test_pod_garbage_collection() -> None:
    assert verdicts(FILE, "orphans", "taint_late") == lines(PODGC)
