from __future__ import annotations

import pytest

from kspec.pure.documents.paths import (
    Every,
    Key,
    Path,
    Place,
    Spot,
    Which,
    follow,
    parse_path,
    show_path,
)
from tests.unit.pure.programs import documents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", ()),
        ("spec.replicas", (Key("spec"), Key("replicas"))),
        (
            "spec.containers[*].ports[*]",
            (Key("spec"), Key("containers"), Every(), Key("ports"), Every()),
        ),
        (
            "status.conditions[type=Ready].status",
            (Key("status"), Key("conditions"), Which(("type",), "Ready"), Key("status")),
        ),
        ('metadata.labels."a.b/c"', (Key("metadata"), Key("labels"), Key("a.b/c"))),
        ('metadata.labels["a.b/c"].d', (Key("metadata"), Key("labels"), Key("a.b/c"), Key("d"))),
        ("items[0]", (Key("items"), Place(0))),
        ("x[a.b=c d]", (Key("x"), Which(("a", "b"), "c d"))),
        ('x[a="c]d"]', (Key("x"), Which(("a",), "c]d"))),
    ],
)
def test_paths_are_read_and_written(text: str, expected: Path) -> None:
    assert parse_path(text) == expected
    assert parse_path(show_path(expected)) == expected


@pytest.mark.parametrize(
    "text", ["", "..", ".spec", "a..b", "a.", "a[", "a[x", "a.[0]", "a[=b]", "[0]]"]
)
def test_other_texts_are_no_paths(text: str) -> None:
    assert parse_path(text) is None


DATA = {
    "spec": {"containers": [{"ports": [1, 2]}, {}, {"ports": [3]}], "gone": None},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "x"}]
    },
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spec.containers[*].ports[*]", [1, 2, 3]),
        ("spec.containers[2].ports[0]", [3]),
        ("spec.containers[7]", []),
        ("spec.gone", []),
        ("spec.gone.more", []),
        ("status.conditions[type=Ready].status", ["True"]),
        ("status.conditions[*].type", ["Ready", "Other"]),
        ("spec.containers.ports", []),
    ],
)
def test_paths_are_followed(text: str, expected: list[object]) -> None:
    path = parse_path(text)
    assert path is not None
    assert [spot.tree for spot in follow(Spot(DATA), path)] == expected


def test_in_a_manifest_every_spot_has_its_place() -> None:
    text = "spec:\n  replicas: 3\n"
    (document,) = documents(text)
    (found,) = follow(Spot(document.node), (Key("spec"), Key("replicas")))
    assert found.span is not None
    assert text[found.span.start : found.span.end] == "3"
    assert found.text() == "spec.replicas"
