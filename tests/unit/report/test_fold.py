"""Folding keeps every word and its colour, and nothing else changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kspec.report.fold import folded, length

TEXT = st.text(st.sampled_from("ab  \n✔"), max_size=200)


@given(TEXT, st.integers(10, 40))
def test_words_stay(text: str, width: int) -> None:
    made = folded(text, width)
    assert made.split() == text.split()
    assert made.endswith("\n") == text.endswith("\n")
    for line in made.splitlines():
        assert length(line) <= width or len(line.split()) == 1 or line in text.splitlines()


@given(TEXT)
def test_short_lines_stay_as_they_are(text: str) -> None:
    assert folded(text, 1000) == text


def test_what_follows_stands_further_in() -> None:
    assert folded("  one two three\n", 10) == "  one two\n     three\n"
    assert folded("    assumes  a b c d e f\n", 16) == "    assumes  a b\n        c d e f\n"


def test_colours_take_no_room() -> None:
    line = "\x1b[32m✔ HOLDS\x1b[0m yes\n"
    assert length(line.rstrip()) == 11
    assert folded(line, 11) == line


def test_a_number_is_not_broken() -> None:
    assert folded("all 10 340 352 states\n", 9) == "all\n    10 340 352\n    states\n"
