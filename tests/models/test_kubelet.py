"""What a node's kubelet keeps to: capacity, the life of a pod, probes, pressure."""

from __future__ import annotations

import pytest

from tests.models.verdicts import unmet, verdicts

FILE = "properties/kubelet.kspec"
CAPACITY = """
fresh node_capacity HOLDS 1314 14
fresh bound_capacity HOLDS 1314 14
fresh bound_for_life HOLDS 1314 14
fresh runs_where_bound HOLDS 1314 14
fresh one_process HOLDS 1314 14
fresh final HOLDS 1314 14
fresh ended_when_reported HOLDS 1314 14
fresh full REACHED 2
fresh a_refusal REACHED 6
fresh bound_pods_start VIOLATED 6
fresh ended_counts = false bound_pods_start HOLDS 2818 17
stale node_capacity HOLDS 23916 11
stale bound_for_life HOLDS 23916 11
stale runs_where_bound HOLDS 23916 11
stale full REACHED 2
stale a_refusal REACHED 4
stale bound_capacity VIOLATED 2
stale ended_counts = false bound_pods_start VIOLATED 4
"""
LIFE = """
life final HOLDS 872 11
life ended_when_reported HOLDS 872 11
life one_process HOLDS 872 11
life deleted_when_stopped HOLDS 872 11
life no_start_when_deleting HOLDS 872 11
life readiness_restarts_nothing HOLDS 872 11
life orphans_end HOLDS 872 11
life deletions_end HOLDS 872 11
life always_restarted HOLDS 872 11
life a_restart REACHED 3
life a_deletion REACHED 1
life answers_not REACHED 2
life ready_answers VIOLATED 3
life ready_is_alive VIOLATED 3
life no_orphans VIOLATED 2
life running_answers_again VIOLATED 4
late_kubelet no_start_when_seen_deleting HOLDS 659 10
late_kubelet ended_when_reported HOLDS 659 10
late_kubelet deleted_when_stopped HOLDS 659 10
late_kubelet a_deletion REACHED 3
late_kubelet no_start_when_deleting VIOLATED 2
"""
PRESSURE = """
pressure kept_out HOLDS 542 9
pressure kept_out_once REACHED 2
pressure best_effort_never_runs_under_pressure VIOLATED 2
"""


def test_pressure_keeps_best_effort_out() -> None:
    assert verdicts(FILE, "pressure") == PRESSURE.split("\n")[1:-1]


@pytest.mark.slow
def test_capacity() -> None:
    assert verdicts(FILE, "fresh", "stale") == CAPACITY.split("\n")[1:-1]
    assert unmet(FILE, "fresh") == []


@pytest.mark.slow
def test_the_life_of_a_pod() -> None:
    assert verdicts(FILE, "life", "late_kubelet") == LIFE.split("\n")[1:-1]
