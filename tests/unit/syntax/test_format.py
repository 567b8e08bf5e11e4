"""The canonical text says what the tree says, keeps comments, and formatting it changes nothing."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kspec.base.source import SourceFile
from kspec.syntax import ast
from kspec.syntax.formatting.module import WIDTH, format_module
from kspec.syntax.machine import Done, run
from kspec.syntax.parse import Parsed, parse
from kspec.syntax.tables import load
from tests.unit.syntax.strategies import Rolled, modules

SAMPLE = (Path(__file__).parent / "sample.kspec").read_text(encoding="utf-8")
_SLOWLY = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def bare(node: object) -> object:
    """A node without its spans, to compare."""
    if isinstance(node, tuple):
        return tuple(bare(part) for part in node)
    if not attrs.has(type(node)):
        return node
    names = [a.name for a in attrs.fields(type(node)) if a.name not in ("span", "op_span")]
    return (type(node).__name__, *(bare(getattr(node, name)) for name in names))


def read(text: str) -> Parsed:
    parsed = parse(SourceFile("m.kspec", text))
    assert parsed.diagnostics == (), f"{text}\n{parsed.diagnostics}"
    return parsed


def again(text: str) -> str:
    parsed = read(text)
    assert parsed.module is not None
    return format_module(parsed.module, text, parsed.comments)


@_SLOWLY
@given(modules())
def test_parsing_the_text_gives_the_tree_back(module: ast.Module) -> None:
    text = format_module(module)
    assert bare(read(text).module) == bare(module)
    assert again(text) == text


def test_parsing_many_texts_gives_their_trees_back() -> None:
    """Many more, quickly: nothing of them shrinks."""
    for seed in range(1000):
        module = Rolled(seed).module()
        text = format_module(module)
        assert bare(read(text).module) == bare(module), seed
        assert again(text) == text, seed


def disturbed(text: str, choices: list[int]) -> tuple[str, int]:
    """The text with comments and other blanks between its tokens, and how many comments."""
    outcome = run(load(), "start", text, 0, lambda *_: None)
    assert isinstance(outcome, Done)
    out: list[str] = []
    position = comments = 0
    for i, token in enumerate(outcome.tokens):
        gap = text[position : token.start]
        match choices[i % len(choices)] if position else 0:
            case 1:
                gap, comments = f"{gap} # behind {comments}\n   ", comments + 1
            case 2:
                gap, comments = f"{gap}\n\n # alone {comments}\n\n", comments + 1
            case 3:
                gap = "\n"
            case 4:
                gap = " "
        out.append(gap + text[token.start : token.end])
        position = token.end
    return "".join(out) + text[position:], comments


@_SLOWLY
@given(modules(), st.lists(st.integers(0, 20), min_size=5, max_size=40))
def test_comments_are_kept(module: ast.Module, choices: list[int]) -> None:
    text, comments = disturbed(format_module(module), choices)
    parsed = read(text)
    assert len(parsed.comments) == comments
    formatted = again(text)
    kept = read(formatted)
    assert bare(kept.module) == bare(module)
    assert sorted(c.text for c in kept.comments) == sorted(c.text for c in parsed.comments)
    assert again(formatted) == formatted


def test_the_sample() -> None:
    formatted = again(SAMPLE)
    assert bare(read(formatted).module) == bare(read(SAMPLE).module)
    assert again(formatted) == formatted
    assert max(len(line) for line in formatted.splitlines()) <= WIDTH


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("# only\n", "# only\n"),
        ('"""Doc."""   import   a ,b', '"""Doc."""\nimport a, b\n'),
        ("fn f=((a+b))*c", "fn f = (a + b) * c\n"),
        ("fn f=(a and b) or c", "fn f = (a and b) or c\n"),
        ("fn f=a and (all p:T|b) and c", "fn f = a and (all p: T | b) and c\n"),
        ("fn f=a and b and (all p:T|c)", "fn f = a and b and all p: T | c\n"),
        ("fn f=not (a==b)", "fn f = not (a == b)\n"),
        ("fn f={a:1,}", "fn f = {a: 1}\n"),
        ("kind K{}", "kind K {}\n"),
        (
            "kind K {\n a: int at spec.a # why\n long_name: name = none at spec.b\n x: int\n}",
            "kind K {\n  a: int                  at spec.a  # why\n"
            "  long_name: name = none  at spec.b\n  x: int\n}\n",
        ),
        (
            "controller c { # head\n # before\n action a when x do y := 1 # behind\n\n\n"
            " action b\n  when x,\n y\n do { y := 1; z := 2 }\n # last\n}",
            "controller c {  # head\n  # before\n  action a when x do y := 1  # behind\n\n"
            "  action b\n    when  x, y\n    do    { y := 1; z := 2 }\n  # last\n}\n",
        ),
        (
            "cluster c { node a { cpu: 2, labels: {zone: east} }\n\n pod { spec { x: any } } }",
            "cluster c {\n  node a { cpu: 2, labels: {zone: east} }\n\n"
            "  pod { spec { x: any } }\n}\n",
        ),
        (
            "fn f = match x { a -> 1, b -> 2 }\nfn g = match x {\n a -> 1\n ; b -> 2 # two\n }",
            "fn f = match x { a -> 1; b -> 2 }\nfn g = match x {\n  a -> 1;\n  b -> 2  # two\n}\n",
        ),
        (
            "effect e(p: Pod) {\n delete p;\n if x { y := 1 } else if z { nothing }\n}",
            "effect e(p: Pod) {\n  delete p;\n  if x { y := 1 } else if z { nothing }\n}\n",
        ),
        (
            "scenario s { room {P: 1}; with a = 1; in c }",
            "scenario s { room { P: 1 }; with a = 1; in c }\n",
        ),
        (
            "scenario s {\n check p;\n with a = 1\n;in c }",
            "scenario s {\n  check p\n  with a = 1;\n  in c\n}\n",
        ),
    ],
)
def test_how_it_looks(text: str, expected: str) -> None:
    assert again(text) == expected
    assert again(expected) == expected


def test_long_conditions_stand_one_on_a_line() -> None:
    parts = [f"some_condition_number_{i}(p)" for i in range(5)]
    text = (
        f"controller c {{\n  action a(p: Pod)\n    when {', '.join(parts)}\n    do p.x := 1\n}}\n"
    )
    lines = again(text).splitlines()
    assert lines[2] == f"    when  {parts[0]},"
    assert lines[3:6] == [f"          {part}," for part in parts[1:4]]
    assert lines[6:8] == [f"          {parts[4]}", "    do    p.x := 1"]


def test_lines_break_where_they_must() -> None:
    operands = [f"operand_{i}" for i in range(12)]
    text = again(f"fn f: bool = {' or '.join(operands)}")
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert len(text.splitlines()) == 13
