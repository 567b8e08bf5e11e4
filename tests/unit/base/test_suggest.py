"""Near names are found, far ones are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kspec.base.suggest import distance, suggest


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("Phse", ["Phase", "Pod"], "Phase"),
        ("replciaset", ["replicaset", "statefulset"], "replicaset"),
        ("pod", ["Pod", "pods"], "Pod"),
        ("node", ["service", "secret"], None),
        ("x", ["y", "z"], None),
        ("ab", ["ax", "xb"], "ax"),
        ("count", ["count"], None),
        ("anything", [], None),
        ("", ["a"], None),
    ],
)
def test_suggest(name: str, candidates: list[str], expected: str | None) -> None:
    assert suggest(name, candidates) == expected


def test_the_answer_does_not_depend_on_the_order() -> None:
    assert suggest("pot", ["pod", "pon"]) == suggest("pot", ["pon", "pod"]) == "pod"


words = st.text("abc", max_size=6)


@given(words, words)
def test_distance_is_symmetric_and_zero_only_on_equals(a: str, b: str) -> None:
    assert distance(a, b, 10) == distance(b, a, 10)
    assert (distance(a, b, 10) == 0) == (a == b)


def test_a_swap_of_neighbours_is_one_edit() -> None:
    assert distance("abcd", "acbd", 4) == 1
