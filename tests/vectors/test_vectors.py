"""The models agree with Kubernetes' own unit tests; and would be found out if they did not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kspec.pure.claims.vectors import run_vectors
from tests.vectors.run import MODULES, read_json, read_module, run_file

DATA = Path(__file__).parent / "data"
COUNTS = {
    "eviction_rank.json": (285, 285, 0),
    "oom.json": (154, 154, 0),
    "qos.json": (334, 334, 0),
}
"""Of each file: vectors, passed, left out; the rest failed."""


SLOW = pytest.mark.slow
FILES = [pytest.param(n, marks=SLOW if n == "eviction_rank.json" else ()) for n in COUNTS]


@pytest.mark.parametrize("name", FILES)
def test_the_models_agree(name: str) -> None:
    report = run_file(DATA / name, name).report
    assert not report.failed
    assert (report.total, len(report.passed), len(report.left_out)) == COUNTS[name]


def other_class(said: dict[str, Any]) -> bool:
    """Another quality of service is expected."""
    for key, value in said.items():
        if key.startswith("qosClass"):
            said[key] = "Burstable" if value == "BestEffort" else "BestEffort"
            return True
    return False


def other_score(said: dict[str, Any]) -> bool:
    """Another score is expected of the first container."""
    for name in ("oomScoreAdjByContainer", "oomScoreAdjRangeByContainer"):
        for container, score in said.get(name, {}).items():
            said[name][container] = score + 1 if isinstance(score, int) else [score[1] + 1] * 2
            return True
    return False


def other_order(said: dict[str, Any]) -> bool:
    """The groups of tied pods are expected the other way round, or one falls apart."""
    groups = said.get("evictionOrderGroups", [])
    if len(groups) > 1:
        said["evictionOrderGroups"] = groups[::-1]
    elif groups and len(groups[0]) > 1:
        said["evictionOrderGroups"] = [groups[0][:1], groups[0][1:]]
    return bool(groups) and (len(groups) > 1 or len(groups[0]) > 1)


def other_thresholds(said: dict[str, Any]) -> bool:
    """A threshold more or less is expected, or an error."""
    if "error" in said:
        said["error"] = not said["error"]
    elif "met" in said:
        said["met"] = said["met"][1:] if said["met"] else [{"signal": "pid.available"}]
    return "error" in said or "met" in said


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("qos.json", other_class),
        ("oom.json", other_score),
        pytest.param("eviction_rank.json", other_order, marks=SLOW),
        ("eviction_rank.json", other_thresholds),
    ],
)
def test_a_wrong_expectation_fails(name: str, spoil: Callable[[dict[str, Any]], bool]) -> None:
    data: Any = read_json(DATA / name)
    spoiled = [v for v in copy.deepcopy(data["vectors"]) if spoil(v["expected"])][::3]
    program, vectors = read_module(MODULES / name.replace(".json", ".kspec"), name)
    report = run_vectors(program, vectors, {"vectors": spoiled})
    assert report.passed == ()
    assert len(report.failed) == len(spoiled) > 3
