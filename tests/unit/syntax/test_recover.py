"""Several mistakes are found in one run, and what is right is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.base.source import SourceFile
from kspec.syntax import ast
from kspec.syntax.parse import MAX_MISTAKES, Parsed, parse

SAMPLE = (Path(__file__).parent / "sample.kspec").read_text(encoding="utf-8")


def read(text: str) -> Parsed:
    return parse(SourceFile("m.kspec", text))


def names(parsed: Parsed) -> list[str]:
    assert parsed.module is not None
    return [getattr(getattr(i, "name", None), "text", "") for i in parsed.module.items]


def messages(parsed: Parsed) -> list[str]:
    return [d.message for d in parsed.diagnostics]


def test_a_mistake_takes_its_item_and_no_other() -> None:
    parsed = read("fn a = 1\nfn b = = 2\nfn c = 3\nfn d = )\nfn e = 4\n")
    assert len(parsed.diagnostics) == 2
    assert names(parsed) == ["a", "c", "e"]


def test_a_mistake_in_a_member_leaves_the_other_members() -> None:
    parsed = read("kind K {\n  a: int\n  b: = 3\n  c: bool\n}\nfn f = 1\n")
    assert parsed.module is not None
    kind, _ = parsed.module.items
    assert isinstance(kind, ast.KindDecl)
    assert [m.name.text for m in kind.members if isinstance(m, ast.FieldDecl)] == ["a", "c"]


def test_a_mistake_in_a_clause_leaves_the_action() -> None:
    text = """controller c {
  watches Pod
  action a(p: Pod)
    when p.x &&
    when p.y
    do   p.z := 1
  action b
    when q )
    do   nothing
}
"""
    parsed = read(text)
    assert (
        messages(parsed)
        == [
            "`&&` is not a sign of this language",
            "a `)` that closes nothing",
        ]
        or len(parsed.diagnostics) == 2
    )
    assert parsed.module is not None
    (controller,) = parsed.module.items
    assert isinstance(controller, ast.ControllerDecl)
    actions = [m for m in controller.members if isinstance(m, ast.ActionDecl)]
    assert [(a.name.text, len(a.clauses)) for a in actions] == [("a", 2), ("b", 1)]


def test_a_word_in_disguise_is_told_once() -> None:
    text = (
        "controller c {\n  action a\n    when x and\n    do y := 1\n  action b\n    do nothing\n}\n"
    )
    parsed = read(text)
    assert messages(parsed) == ["nothing behind `and`"]
    assert parsed.module is not None
    (controller,) = parsed.module.items
    assert isinstance(controller, ast.ControllerDecl)
    assert len(controller.members) == 2


def test_missing_braces_are_put_in() -> None:
    text = "controller c {\n  watches Pod\n\nkind K {\n  a: int\n# behind\nproperty p: x\n"
    parsed = read(text)
    assert len(parsed.diagnostics) == 2
    assert names(parsed) == ["c", "K", "p"]


def test_items_within_a_scenario_do_not_end_it() -> None:
    text = "scenario s {\ncheck p\nexpect violted q\nprove r\n}\ncheck t\n"
    parsed = read(text)
    assert messages(parsed) == ["`violted` begins nothing here"]
    assert parsed.module is not None
    scenario, check = parsed.module.items
    assert isinstance(scenario, ast.ScenarioDecl)
    assert [type(i) for i in scenario.items] == [ast.Check, ast.Prove]
    assert isinstance(check, ast.Check)


def test_a_misspelt_item_leaves_the_one_before() -> None:
    parsed = read("check p\ncontoller c {\n  action a do nothing\n}\nfn f = 1\n")
    assert len(parsed.diagnostics) == 1
    assert names(parsed) == ["", "f"]


def test_spans_of_what_is_kept_are_those_of_the_file() -> None:
    text = "fn a = )\nfn b = long_name\n"
    parsed = read(text)
    assert parsed.module is not None
    (fn,) = parsed.module.items
    assert text[fn.span.start : fn.span.end] == "fn b = long_name"


def test_the_number_of_mistakes_is_bounded() -> None:
    parsed = read("fn before = 1\n" + "fn f = )\n" * 500)
    assert len(parsed.diagnostics) == MAX_MISTAKES
    assert names(parsed) == ["before"]


def test_diagnostics_come_in_the_order_of_the_text() -> None:
    parsed = read('fn a = "\\q"\nfn b = )\nfn c = "{}"\nfn d = (\n')
    starts = [d.primary.span.start for d in parsed.diagnostics]
    assert len(starts) == 4
    assert starts == sorted(starts)


@pytest.mark.parametrize("line", range(0, len(SAMPLE.splitlines()), 4))
def test_a_bad_line_does_not_take_the_file_along(line: int) -> None:
    lines = SAMPLE.splitlines(keepends=True)
    lines.insert(line, "@@ @@ @@\n")
    whole = read(SAMPLE)
    broken = read("".join(lines))
    assert whole.module is not None
    assert broken.module is not None
    assert 1 <= len(broken.diagnostics) <= 2
    assert len(broken.module.items) >= len(whole.module.items) - 1
