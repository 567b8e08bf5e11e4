"""Cases that no file has, by hand from the rules: the models follow rules, not rows."""

from __future__ import annotations

from typing import Any

import pytest

from kspec.pure.claims.vectors import run_vectors
from tests.vectors.run import MODULES, read_module

GIB = 2**30


def accepted(file: str, *vectors: dict[str, Any]) -> list[str]:
    """The ids of those that a module takes for right."""
    program, module = read_module(MODULES / f"{file}.kspec", f"{file}.json")
    return list(run_vectors(program, module, {"vectors": list(vectors)}).passed)


def config(name: str, expected: list[dict[str, Any]] | None, **given: Any) -> dict[str, Any]:
    said = {"error": expected is None, "thresholds": expected or []}
    return {"id": name, "function": "ParseThresholdConfig", "inputs": given, "expected": said}


def threshold(signal: str, **more: Any) -> dict[str, Any]:
    return {"signal": signal, "operator": "LessThan", **more}


def test_configurations_that_are_refused() -> None:
    memory = "memory.available"
    cases = [
        config("zero", None, evictionHard={memory: "0"}),
        config("negative", None, evictionHard={memory: "-150Mi"}),
        config("negative part", None, evictionHard={memory: "-15%"}),
        config("too much", None, evictionSoft={memory: "101%"}, evictionSoftGracePeriod={}),
        config("no such signal", None, evictionMinimumReclaim={"disk.available": "1Gi"}),
        config("less than nothing", None, evictionMinimumReclaim={memory: "-1Gi"}),
        config("nothing of it", None, evictionMinimumReclaim={memory: "0%"}),
        config("no grace", None, evictionSoft={memory: "1Gi"}),
    ]
    assert accepted("eviction_rank", *cases) == [case["id"] for case in cases]


def test_configurations_that_are_read() -> None:
    memory = "memory.available"
    hard = threshold(memory, percentage=0.1, minReclaim={"percentage": 0.05})
    soft = threshold(memory, value="300Mi", gracePeriod_ns=30 * 10**9)
    cases = [
        config("nothing", []),
        config("off", [], evictionHard={memory: "0%"}, evictionSoft={memory: "100%"}),
        config(
            "parts",
            [hard, {**hard, "signal": "allocatableMemory.available"}],
            evictionHard={memory: "10%"},
            evictionMinimumReclaim={memory: "5%"},
            allocatableConfig=["pods"],
        ),
        config(
            "soft alone is not of the whole",
            [soft],
            evictionSoft={memory: "300Mi"},
            evictionSoftGracePeriod={memory: "30s"},
            allocatableConfig=["pods"],
        ),
    ]
    assert accepted("eviction_rank", *cases) == [case["id"] for case in cases]


def ranked(name: str, use: int, asked: str = "", init: str = "", **spec: Any) -> dict[str, Any]:
    requests = {"memory": asked} if asked else {}
    first = [{"name": "i", "resources": {"requests": {"memory": init}}}] if init else []
    spec |= {"containers": [{"name": "c", "resources": {"requests": requests}}]}
    usage = {"memory.workingSetBytes": use}
    return {"name": name, "spec": {**spec, "initContainers": first}, "usage": usage}


@pytest.mark.parametrize(
    ("one", "other", "groups"),
    [
        # Overhead counts for those who ask for something, and for nobody else.
        (
            ranked("a", 150, "100", overhead={"memory": "100"}),
            ranked("b", 150, overhead={"memory": "900"}),
            [["b"], ["a"]],
        ),
        # An init container counts if it asks for more than the containers do together.
        (ranked("a", 150, "100", "200"), ranked("b", 150, "100"), [["b"], ["a"]]),
        # Exactly what was asked for does not exceed it; then the priority, then the larger use.
        (ranked("a", 100, "100", priority=1), ranked("b", 50, "100"), [["b"], ["a"]]),
        (ranked("a", 100, "100"), ranked("b", 50, "50"), [["a", "b"]]),
        (ranked("a", 101, "100", priority=9), ranked("b", 100, "100"), [["a"], ["b"]]),
    ],
)
def test_orders(one: dict[str, Any], other: dict[str, Any], groups: list[list[str]]) -> None:
    given = {"signal": "memory.available", "pods": [one, other]}
    right = {"id": "right", "kind": "oracle", "inputs": given}
    wrong = [groups[::-1], [["a"], ["b"]], [["b"], ["a"]], [["a", "b"]], [["a"]], []]
    others = [
        {**right, "id": f"wrong {n}", "expected": {"evictionOrderGroups": order}}
        for n, order in enumerate(wrong)
        if [sorted(group) for group in order] != [sorted(group) for group in groups]
    ]
    said = {**right, "expected": {"evictionOrderGroups": groups}}
    assert accepted("eviction_rank", said, *others) == ["right"]


def test_empty_resources_of_a_pod_by_their_gate() -> None:
    spec = {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}], "resources": {}}

    def case(name: str, gates: dict[str, bool], qos: str) -> dict[str, Any]:
        given = {"pod": {"spec": spec}, "featureGates": gates}
        said = {"qosClass": qos}
        return {"id": name, "function": "ComputePodQOS", "inputs": given, "expected": said}

    level, fix = "PodLevelResources", "PodLevelResourcesFixKubeletQOSClass"
    cases = [
        case("off", {level: False}, "Burstable"),
        case("on", {level: True}, "BestEffort"),
        case("mended", {level: True, fix: True}, "Burstable"),
    ]
    assert accepted("qos", *cases) == ["off", "on", "mended"]


def test_a_static_pod_is_node_critical_by_its_class_alone() -> None:
    annotations = {"kubernetes.io/config.source": "file"}

    def case(name: str, meta: dict[str, Any], priority_class: str, score: int) -> dict[str, Any]:
        spec = {"containers": [{"name": "c"}], "priorityClassName": priority_class}
        given = {"pod": {"metadata": meta, "spec": spec}, "memoryCapacity": GIB}
        qos = {"qosClass": "BestEffort", "oomScoreAdjByContainer": {"c": score}}
        return {"id": name, "kind": "oracle", "inputs": given, "expected": qos}

    static, mirror = (
        {"annotations": annotations},
        {"annotations": {"kubernetes.io/config.mirror": "x"}},
    )
    cases = [
        case("static", static, "system-node-critical", -997),
        case("mirror", mirror, "system-node-critical", -997),
        case("other class", static, "system-cluster-critical", 1000),
        case("low priority", {}, "system-node-critical", 1000),
    ]
    assert accepted("oom", *cases) == [case["id"] for case in cases]
