"""What no finite system can hold is told at the place it is written."""

from __future__ import annotations

from tests.unit.lower.reading import lowered, slugs

TAIL = "\nproperty t: no deadlock\ncheck t\n"


def told(text: str) -> tuple[str, str]:
    """The first message of a module and the text it marks."""
    found = lowered(text)
    assert found.system is None
    first = found.diagnostics[0]
    return first.message, text[first.primary.span.start : first.primary.span.end]


def test_names_that_grow_for_ever() -> None:
    text = (
        """
kind K { title: name = "x" }
environment e { action longer(k: K) do k.title := "{k.title}-1" }
cluster small { K a {} }
run e
"""
        + TAIL
    )
    assert slugs(text) == ["unbounded-names"]
    assert told(text) == ("`K.title` can hold ever longer names", 'title: name = "x"')


def test_numbers_that_grow_for_ever() -> None:
    text = (
        """
kind K { n: int = 0 }
environment e { action more(k: K) do k.n += 1 }
cluster small { K a {} }
run e
"""
        + TAIL
    )
    assert slugs(text) == ["cannot-lower"]
    assert told(text) == ("`K.n` has no largest value", "n: int = 0")


def test_amounts_too_far_apart() -> None:
    text = (
        """
kind K { disk: memory = 1 }
environment e { action more(k: K) do k.disk := 4Gi }
cluster small { K a {} }
run e
"""
        + TAIL
    )
    assert slugs(text) == ["gcd-too-fine"]


NOT_YET = """
kind K { n: 0..3 = 0  other: K? = none }
controller c {
  action a(k: K) when (count(j: K) > 1 after new i: K { n: 1 }) do k.n := 1
  action b(k: K) when (count(j: K) > 2 after new i: K { n: 2 }) do k.n := 0
}
cluster small { K a {} }
room { K: 2 }
run c
"""


def test_what_is_not_supported_says_where_and_all_at_once() -> None:
    found = lowered(NOT_YET + TAIL)
    assert found.system is None
    assert [d.code.slug for d in found.diagnostics] == ["cannot-lower", "cannot-lower"]
    spans = [d.primary.span for d in found.diagnostics]
    marked = [NOT_YET[span.start : span.end] for span in spans]
    assert ["n: 1" in marked[0], "n: 2" in marked[1]] == [True, True]
