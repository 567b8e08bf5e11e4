"""StatefulSets: one live process per identity, and the four ways to have two; order; roll-outs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.preparing.load import load
from kspec.pure.interpreter.machine import explore
from kspec.pure.scopes.elaborate import elaborate, points
from tests.models.verdicts import ROOT, verdicts

FILE = "properties/statefulset.kspec"
IDENTITY = """
identity one_object HOLDS 45924 28
identity one_process HOLDS 45924 28
identity confirmed HOLDS 45924 28
identity claims_kept HOLDS 45924 28
identity bound_for_good HOLDS 45924 28
identity stuck REACHED 6
late_kubelet one_process HOLDS 868 18
late_kubelet confirmed HOLDS 868 18
"""
ALL_LATE = """
all_late one_object HOLDS 35058 58
all_late one_process HOLDS 35058 58
all_late confirmed HOLDS 35058 58
all_late bound_for_good HOLDS 35058 58
"""
FORCE = """
force one_process VIOLATED 8
force one_object HOLDS 44 10
force claims_kept HOLDS 44 10
force bound_for_good HOLDS 44 10
"""
TWO_PROCESSES = """
node_deleted one_process VIOLATED 14
node_deleted one_object HOLDS 258 17
node_deleted claims_kept HOLDS 258 17
node_deleted bound_for_good HOLDS 258 17
declared_dead one_process VIOLATED 14
declared_dead one_object HOLDS 966 19
declared_dead claims_kept HOLDS 966 19
declared_dead bound_for_good HOLDS 966 19
time_travel one_process VIOLATED 12
time_travel one_machine VIOLATED 12
time_travel one_object HOLDS 2014 21
time_travel claims_kept HOLDS 2014 21
"""
ORDER = """
order ordered HOLDS 4668 29
order last_goes_first HOLDS 4668 29
order claims_kept HOLDS 4668 29
order all_run REACHED 10
order scaled_down REACHED 7
"""
ORDER_LATE = """
order_late ordered_as_seen HOLDS 557 21
order_late ordered VIOLATED 10
"""
ROLL_OUTS = """
update one_down HOLDS 319 26
update partition_kept HOLDS 319 26
update rolled_out REACHED 12
update reconciles HOLDS 319 26
parallel partition_kept HOLDS 1375 16
parallel rolled_out REACHED 10
parallel reconciles HOLDS 1375 16
parallel one_down VIOLATED 3
stuck_rollout heals VIOLATED 5
unstuck_rollout heals HOLDS 15 6
canary one_down HOLDS 209 23
canary partition_kept HOLDS 209 23
canary below_keeps HOLDS 209 23
canary reconciles HOLDS 209 23
"""
ENSEMBLE = """
grows ordered HOLDS 66 15
grows claims_kept HOLDS 66 15
grows apart HOLDS 66 15
grows complete REACHED 15
grows one_process HOLDS 66 15
drained quorum_kept HOLDS 5656 39
drained apart HOLDS 5656 39
drained one_process HOLDS 5656 39
unasked quorum_kept VIOLATED 11
"""


def lines(text: str) -> list[str]:
    return text.split("\n")[1:-1]


def test_force_makes_two_processes() -> None:
    assert verdicts(FILE, "force") == lines(FORCE)


@pytest.mark.slow
def test_the_order_is_only_as_the_controller_sees_it() -> None:
    assert verdicts(FILE, "order_late") == lines(ORDER_LATE)


@pytest.mark.slow
def test_one_process_for_each_identity() -> None:
    assert verdicts(FILE, "identity", "late_kubelet") == lines(IDENTITY)


@pytest.mark.slow
def test_one_process_whoever_is_late() -> None:
    assert verdicts(FILE, "all_late") == lines(ALL_LATE)


@pytest.mark.slow
def test_the_other_ways_to_two_processes() -> None:
    assert verdicts(FILE, "node_deleted", "declared_dead", "time_travel") == lines(TWO_PROCESSES)


@pytest.mark.slow
def test_order_with_a_fresh_view() -> None:
    assert verdicts(FILE, "order") == lines(ORDER)


@pytest.mark.slow
def test_roll_outs() -> None:
    names = ("update", "parallel", "stuck_rollout", "unstuck_rollout", "canary")
    assert verdicts(FILE, *names) == lines(ROLL_OUTS)


@pytest.mark.slow
def test_an_ensemble_from_its_manifests() -> None:
    assert verdicts("models/zookeeper.kspec") == lines(ENSEMBLE)


@pytest.mark.slow
def test_the_interpreter_finds_the_same() -> None:
    """The reading that does not go through lowering counts the same states of small scenarios."""
    loaded = load(ROOT / FILE, Path(FILE).name).loaded
    assert loaded is not None
    program = loaded.program
    counts = {}
    for scenario in program.scenarios:
        if scenario.name in ("force", "node_deleted", "canary"):
            scope = elaborate(program, scenario, points(program, scenario)[0], {}).scope
            assert scope is not None
            found = explore(scope, 1000)
            assert found is not None
            counts[scenario.name] = (found.states, found.depth, found.violated.get("one_process"))
    assert counts == {
        "force": (44, 10, 8),
        "node_deleted": (258, 17, 14),
        "canary": (209, 23, None),
    }
