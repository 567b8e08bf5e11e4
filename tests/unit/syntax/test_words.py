"""The page on words says exactly which words are no names, and where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kspec.base.source import SourceFile
from kspec.syntax.mistakes.layout import ITEMS
from kspec.syntax.parse import parse
from kspec.syntax.tables import load
from tests.unit.syntax.test_format import bare

PAGE = (Path(__file__).parents[3] / "docs" / "language" / "words.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([^|`]*(?:`[^`]*`[^|`]*)*) \| `([^`]*§[^`]*)` \| (.*) \|$", PAGE, re.M)

FREE = [
    "fn f = a.§",
    "fn § = 1",
    "fn f(§: int) = 1",
    "fn f(§ in xs) = 1",
    "fn f = all §: T | x",
    "fn f = all a, §: T | x",
    "fn f = let § = 1; 2",
    "type T = name of §",
    "enum E { § }",
    "record § { }",
    "effect e() { a.§ := 1 }",
    "effect e() { new § {} }",
    "effect e() { new K { §: 1 } }",
    "controller § { }",
    "controller c { action § do nothing }",
    "controller c { action a event § }",
    "property §: x",
    "check §",
    "check a, §",
    "prove §",
    "run §",
    "import §",
    "with § = 1",
    "expect violated §",
    "expect violated p with §",
    "faults { § }",
    "cluster c { node § { } }",
    "cluster c { node a { §: 1 } }",
    "cluster c { node a { b: 1 §: 1 } }",
    "cluster c { node a { § { } } }",
    "room { §: 1 }",
]


def no_names(example: str) -> set[str]:
    """The words that, in the place of `§`, are not read as the name that stands there."""
    name = "xyzzy"
    plain = parse(SourceFile("m", example.replace("§", name)))
    assert plain.diagnostics == ()
    tree = repr(bare(plain.module))
    found = set()
    for word in load().words:
        parsed = parse(SourceFile("m", example.replace("§", word)))
        if parsed.diagnostics or repr(bare(parsed.module)) != tree.replace(name, word):
            found.add(word)
    return found


def test_the_page_has_its_table() -> None:
    assert len(ROWS) == 14


@pytest.mark.parametrize(("place", "example", "words"), ROWS)
def test_reserved_words(place: str, example: str, words: str) -> None:
    assert no_names(example) == set(re.findall(r"`(\w+)`", words))


@pytest.mark.parametrize("example", FREE)
def test_anything_is_a_name_elsewhere(example: str) -> None:
    assert no_names(example) == set()


def test_words_that_begin_an_item() -> None:
    listed = set(re.findall(r"`(\w+)`", PAGE.split("## Words that begin an item")[1]))
    assert listed == ITEMS
    for word in ITEMS:
        (diagnostic,) = parse(SourceFile("m", f"{word} \x01")).diagnostics
        assert "begins no" not in diagnostic.message
