"""Mistakes with the form of a thing: what is said, and what the advice makes of the program."""

from __future__ import annotations

import pytest

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse

# The program; the slug and a part of the message; the program after the first edit, if there is one.
CASES = [
    ("fn most: int kind Pod { }", "missing-operand", "a function without a value", None),
    ("fn most: int", "unexpected-end", "the file ends before a function's value", None),
    ("fn f: bool { true }", "foreign-sign", "a function in braces", None),
    ("fn f(x: int) -> int = x", "foreign-sign", "`->` before a type", "fn f(x: int) : int = x"),
    ("fn f = 1 < x < 8 and y", "chained-comparison", "`<`", "fn f = 1 < x and x < 8 and y"),
    ("fn f = 1 < x < g(x)", "chained-comparison", "`<` and `<`", None),
    ("fn f = !x", "foreign-sign", "`!` is not a sign", "fn f = not x"),
    ("fn f = x&&y", "foreign-sign", "`&&` is not a sign", "fn f = x and y"),
    ("fn f = all p Pod | p.x", "unexpected-text", "`:` behind `p`", "fn f = all p: Pod | p.x"),
    ("kind Pod", "unexpected-end", "a `kind` without `{ … }`", "kind Pod { }"),
    ("controller c", "unexpected-end", "a `controller` without `{ … }`", None),
    (
        "kind Pod { ready bool }",
        "unexpected-text",
        "`:` behind `ready`",
        "kind Pod { ready: bool }",
    ),
    ("kind Pod { x: set Pod }", "unexpected-text", "expected `of`", "kind Pod { x: set of Pod }"),
    (
        "kind Pod { x: map Pod to int }",
        "unexpected-text",
        "expected `from`",
        "kind Pod { x: map from Pod to int }",
    ),
    ("kind Pod { x: Pod[] }", "foreign-sign", "`Pod[]`", "kind Pod { x: list of Pod }"),
    ("resource Pod { }", "foreign-sign", "`resource` is not what", "kind Pod { }"),
    ("function f = 1", "foreign-sign", "`function` is not what", "fn f = 1"),
    ("theorem t: x", "foreign-sign", "`theorem` is not what", "law t: x"),
    ("expect fails p", "foreign-sign", "`fails` is not what", "expect violated p"),
    ("import core/pod", "unexpected-text", "`core/pod` is no path", "import core.pod"),
    ('import "core/pod.kspec"', "unexpected-text", "is no path", "import core.pod"),
    ("import ./core/pod", "unexpected-text", "`./core/pod` is no path", "import core.pod"),
    ("import core-pod", "unexpected-text", "`core-pod` is no path", None),
    ("controller c { watch Pod }", "unknown-word", "`watch`", "controller c { watches Pod }"),
    (
        "controller c { memory x int }",
        "unexpected-text",
        "`:` behind `x`",
        "controller c { memory x: int }",
    ),
    (
        "environment e { action a if x do nothing }",
        "foreign-sign",
        "`if` is not what",
        "environment e { action a when x do nothing }",
    ),
    (
        "environment e { action a(p: Pod) requires p.x do nothing }",
        "foreign-sign",
        "`requires` is not what",
        "environment e { action a(p: Pod) when p.x do nothing }",
    ),
    (
        "environment e { action a do new Pod }",
        "unexpected-text",
        "a `new` without `{ … }`",
        "environment e { action a do new Pod { } }",
    ),
    ("environment e { action a do delete }", "missing-operand", "nothing behind `delete`", None),
    ("action a do nothing", "unexpected-text", "`action` outside of what it belongs to", None),
    ("when x", "unexpected-text", "`when` outside of what it belongs to", None),
    ("scenario s { run }", "missing-operand", "nothing behind `run`", None),
    ("check", "missing-operand", "nothing behind `check`", None),
    ("expect holds", "missing-operand", "nothing behind `holds`", None),
    ("faults { restart c at most }", "missing-operand", "nothing behind `most`", None),
]


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    return parse(SourceFile("m.kspec", text)).diagnostics


@pytest.mark.parametrize(("text", "slug", "message", "mended"), CASES, ids=[c[0] for c in CASES])
def test_what_is_said_and_what_mends_it(
    text: str, slug: str, message: str, mended: str | None
) -> None:
    (found,) = diagnostics(text)
    assert found.code.slug == slug
    assert message in found.message
    edit = next((help_.edit for help_ in found.help if help_.edit is not None), None)
    if mended is None:
        assert edit is None
        return
    assert edit is not None
    after = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert after == mended
    assert diagnostics(after) == ()


@pytest.mark.parametrize(
    "text",
    [
        "kind Pod { at: int; most: bool; import: name }",
        "kind Pod { resource: int; state: bool }",
        "fn f(skip: int, given: bool) = skip",
        "controller c { memory function: bool }",
    ],
)
def test_words_of_other_languages_are_names_like_any_other(text: str) -> None:
    assert diagnostics(text) == ()
