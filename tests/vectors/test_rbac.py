"""The authorizers and the escalation check agree with Kubernetes' own unit tests."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from kspec.pure.claims.vectors import VectorReport, run_vectors
from tests.vectors.run import MODULES, read_json, read_module, run_file

DATA = Path(__file__).parent / "data"


def counts(name: str) -> tuple[int, int, int]:
    report = run_file(DATA / name, name).report
    return (report.total, len(report.passed), len(report.left_out))


def test_covers() -> None:
    assert counts("rbac_covers.json") == (142, 142, 0)


@pytest.mark.slow
def test_authorize() -> None:
    assert counts("rbac_authorize.json") == (629, 629, 0)


def spoiled(said: dict[str, Any]) -> None:
    """Expects something else."""
    match said:
        case {"decision": word}:
            said["decision"] = "Deny" if word == "Allow" else "Allow"
        case (
            {"covered": bool() as flag} | {"allowed": bool() as flag} | {"applies": bool() as flag}
        ):
            for key in ("covered", "allowed", "applies"):
                if key in said:
                    said[key] = not flag
        case {"rules": list() as rules}:
            rules.append({"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]})
        case {"subjects": list() as subjects}:
            subjects.pop()
        case _:
            raise AssertionError(said)


def failing(name: str, kinds: set[str]) -> VectorReport:
    """The report on the file's vectors of some kinds, each expecting something else."""
    data: Any = copy.deepcopy(read_json(DATA / name))
    data["vectors"] = [v for v in data["vectors"] if v["kind"] in kinds]
    for vector in data["vectors"]:
        spoiled(vector["expected"])
    program, vectors = read_module(MODULES / f"{Path(name).stem}.kspec", name)
    return run_vectors(program, vectors, data)


SMALL = {
    "ruleAllows",
    "rulesFor",
    "subjectApplies",
    "allowedSubjects",
    "nodeAuthorize",
    "authorizerChain",
}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("rbac_covers.json", {"covers", "nonResourceURLCovers"}),
        ("rbac_authorize.json", SMALL),
        pytest.param("rbac_authorize.json", {"authorize"}, marks=pytest.mark.slow),
    ],
)
def test_a_vector_that_says_something_else_fails(name: str, kinds: set[str]) -> None:
    report = failing(name, kinds)
    assert report.total > 0
    assert not report.passed and not report.left_out
