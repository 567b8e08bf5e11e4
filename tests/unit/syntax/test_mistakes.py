"""Common mistakes: what is said, where, and that the advice mends them."""

from __future__ import annotations

import re

import pytest

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse
from kspec.syntax.tables import load

# What is wrong stands between ⟦ and ⟧; then the slug, and a part of the message.
CASES = [
    ("effect e(p: Pod) { p.x ⟦=⟧ 1 }", "unexpected-text", "`=` where something is changed"),
    ("effect e(p: Pod) { p.x ⟦==⟧ 1 }", "unexpected-text", "`==` where something is changed"),
    ("effect e(p: Pod) { p.x ⟦<-⟧ 1 }", "foreign-sign", "`<-` is not a sign"),
    ("param x: int ⟦:=⟧ 3", "unexpected-text", "`:=` in a definition"),
    ("fn f = let x ⟦:=⟧ 3; x", "unexpected-text", "`:=` in a definition"),
    ("invariant i: a ⟦:=⟧ b", "unexpected-text", "`:=` in an expression"),
    ("invariant i: a ⟦=⟧ b", "unexpected-text", "`=` in an expression"),
    ("fn f = a ⟦&&⟧ b", "foreign-sign", "`&&` is not a sign"),
    ("fn f = a ⟦||⟧ b", "foreign-sign", "`||` is not a sign"),
    ("fn f = ⟦!⟧a", "foreign-sign", "`!` is not a sign"),
    ("fn f = a ⟦≤⟧ b", "foreign-sign", "`≤` is not a sign"),
    ("fn f = a ⟦%⟧ b", "foreign-sign", "`%` is not a sign"),
    ("fn f = a ⟦=>⟧ b", "foreign-sign", "`=>` is not a sign"),
    ("fn f = match a { b ⟦=>⟧ c }", "foreign-sign", "`=>` is not a sign"),
    ("fn f = a ⟦->⟧ b", "foreign-sign", "`->` outside `match`"),
    ("fn f = ⟦'text'⟧", "foreign-sign", "text in single quotes"),
    ('fn f = ⟦"text⟧', "bad-literal", "text without its closing quote"),
    ('⟦"""⟧text\nfn f = 1', "bad-literal", "a docstring that is never closed"),
    ('fn f = 1\n⟦"""late"""⟧', "unexpected-text", "a docstring in the middle"),
    ("property p: ⟦forall⟧ q: Pod | q.x", "foreign-sign", "`forall` does not begin a formula"),
    ("invariant i: all n: Node | ⟦exists⟧ p: Pod | p.x", "foreign-sign", "`exists` does not begin"),
    ("invariant i: ⟦for all⟧ p: Pod | p.x", "foreign-sign", "`for all` is one word"),
    ("invariant i: all p: Pod⟦:⟧ p.x", "unexpected-text", "`all` without `|`"),
    ("invariant i: all p: Pod⟦,⟧ p.x == 1", "unexpected-text", "`all` without `|`"),
    ("property p ⟦always⟧ x", "unexpected-text", "a `property` without `:`"),
    ("property p ⟦=⟧ x", "unexpected-text", "`=` behind `p`"),
    ("fn f = a < b ⟦<⟧ c", "chained-comparison", "`<` and `<` in one comparison"),
    ("fn f = let x = 3 ⟦in⟧ x + 1", "foreign-sign", "a `let` with `in`"),
    ("fn f = let x = 3 ⟦x⟧ + 1", "unexpected-text", "a `let` without `;`"),
    ("fn f = if a then b ⟦elif⟧ c then d else e", "foreign-sign", "`elif` is not a word"),
    ("fn f = if a then b\n⟦fn⟧ g = 1", "missing-operand", "an `if` without `else`"),
    ("effect e() { if a ⟦then⟧ x := 1 }", "unexpected-text", "`then` among changes"),
    ("fn f = a ⟦and⟧\nproperty p: x", "missing-operand", "nothing behind `and`"),
    ("fn f = (a ⟦or⟧)", "missing-operand", "nothing behind `or`"),
    ("fn f = a ⟦+⟧", "missing-operand", "nothing behind `+`"),
    (
        "controller c {\n  action a\n    ⟦when⟧\n    do x := 1\n}",
        "missing-operand",
        "a `when` without a condition",
    ),
    (
        "controller c {\n  action a\n    when x⟦,⟧\n    do x := 1\n}",
        "missing-operand",
        "nothing behind `,`",
    ),
    (
        "controller c { action a when x⟦;⟧ y do z := 1 }",
        "unexpected-text",
        "`;` between conditions",
    ),
    ("controller c { action a ⟦do⟧ }", "missing-operand", "a `do` without a change"),
    ("cluster c { node a { cpu ⟦==⟧ 2 } }", "unexpected-text", "`==` behind `cpu`"),
    ("cluster c { node a { memory: ⟦4 Gi⟧, cpu: 2 } }", "bad-literal", "a blank between `4` and"),
    ("fn f = ⟦500 m⟧", "bad-literal", "a blank between `500` and its unit"),
    ("fn f = ⟦0.5cpu⟧", "bad-literal", "`0.5cpu` is not an amount"),
    ("fn f = ⟦10seconds⟧", "bad-literal", "`10seconds` is not an amount"),
    ("⟦contoller⟧ c { action a do nothing }", "unknown-word", "`contoller` begins nothing here"),
    ("controller c {\n  ⟦wathces⟧ Pod\n}", "unknown-word", "`wathces` begins nothing here"),
    ("expect ⟦violted⟧ p", "unknown-word", "`violted` begins nothing here"),
    ("kind K { a: int at spec.a, ⟦b:⟧ int }", "unexpected-text", "`b:` read as a path"),
    ("fn f = ⟦first⟧ + 1", "unexpected-text", "`first` used as a name"),
    ("fn f = (a + b⟦]⟧", "unexpected-text", "`]` where `)` is expected"),
    ("kind K { a: int }⟦}⟧", "unexpected-text", "a `}` that closes nothing"),
    (
        "controller c ⟦{⟧\n  watches Pod\nproperty p: x",
        "unclosed-block",
        "the `{` of `controller c`",
    ),
    ("kind K ⟦{⟧\n  a: int\n", "unclosed-block", "the `{` of `kind K`"),
    ("check p, ⟦,⟧ q", "missing-operand", "nothing between `,` and `,`"),
    ("fn f = a == 3 ⟦//⟧ why", "foreign-sign", "`//` is not a sign"),
    ("fn ⟦(⟧x: int) = 3", "unexpected-text", "expected a name, found `(`"),
    ("⟦import⟧", "missing-operand", "nothing behind `import`"),
    ('fn f = "a {b ⟦c⟧}"', "unexpected-text", "expected the end of the expression or an operator"),
    ("type T ⟦:⟧ int", "unexpected-text", "expected `=`, found `:`"),
]


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    return parse(SourceFile("m.kspec", text)).diagnostics


@pytest.mark.parametrize(("marked", "slug", "message"), CASES)
def test_what_is_said(marked: str, slug: str, message: str) -> None:
    start = marked.index("⟦")
    end = marked.index("⟧") - 1
    text = marked.replace("⟦", "").replace("⟧", "")
    found = diagnostics(text)
    assert len(found) == 1
    (diagnostic,) = found
    assert diagnostic.code.slug == slug
    assert message in diagnostic.message
    assert (diagnostic.primary.span.start, diagnostic.primary.span.end) == (start, end)


@pytest.mark.parametrize(("marked", "slug", "message"), CASES)
def test_advice_mends_the_mistake(marked: str, slug: str, message: str) -> None:
    """Where there is one edit, its result is right, or has at most a mistake elsewhere."""
    text = marked.replace("⟦", "").replace("⟧", "")
    (diagnostic,) = diagnostics(text)
    for help_ in diagnostic.help:
        if help_.edit is None:
            continue
        span = help_.edit.span
        mended = text[: span.start] + help_.edit.replacement + text[span.end :]
        left = diagnostics(mended)
        assert diagnostic.message not in [d.message for d in left], mended
        if text not in _MENDED_IN_TWO_STEPS:
            assert left == (), mended


_MENDED_IN_TWO_STEPS = {
    "fn f = let x = 3 x + 1",
    "fn f = (a + b]",
    "fn f = a == 3 // why",
    "fn f = if a then b elif c then d else e",
}


def test_no_name_of_the_grammar_is_shown() -> None:
    """Words in capitals, and names with underscores, stand only in what is quoted."""
    terminals = {*load().words.values(), *load().signs.values(), *load().patterns}
    for marked, _, _ in CASES:
        for d in diagnostics(marked.replace("⟦", "").replace("⟧", "")):
            labels = [label.text for label in (d.primary, *d.labels)]
            for shown in (d.message, *labels, *d.notes, *(h.text for h in d.help)):
                words = set(re.findall(r"\w+", re.sub(r"`[^`]*`", "", shown)))
                assert not words & terminals, shown


def test_a_block_that_is_never_closed_is_named_with_its_line() -> None:
    text = "controller c {\n  action a\n    do {\n      x := 1\n  }\n\nproperty p: x\n"
    (diagnostic,) = diagnostics(text)
    assert diagnostic.message == "the `{` of `controller c` is never closed"
    said = {label.text: text[label.span.start : label.span.end] for label in diagnostic.labels}
    assert said["a new `property` begins here"] == "property"
    assert said["closed by a brace that is indented otherwise"] == "{"


def test_both_signs_of_a_chain_are_marked() -> None:
    (diagnostic,) = diagnostics("fn f = 0 <= x <= 5")
    assert [label.text for label in (diagnostic.primary, *diagnostic.labels)] == [
        "the second",
        "the first",
    ]
    assert "0 <= x and x <= " in diagnostic.help[0].text
