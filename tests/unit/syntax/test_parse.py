"""Text to tree: spans are exact, nothing is dropped in silence, nothing that is written raises."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kspec.base.codes import BAD_LITERAL, NESTED_TOO_DEEP
from kspec.base.internal import InternalError
from kspec.base.source import SourceFile, Span
from kspec.syntax import ast, tables
from kspec.syntax.building.children import Children
from kspec.syntax.parse import BUILDERS, Parsed, parse, parse_expr
from tests.unit.syntax.strategies import Rolled

SAMPLE = (Path(__file__).parent / "sample.kspec").read_text(encoding="utf-8")


def read(text: str) -> Parsed:
    return parse(SourceFile("m.kspec", text))


def items(text: str) -> tuple[ast.Item, ...]:
    parsed = read(text)
    assert parsed.diagnostics == ()
    assert parsed.module is not None
    return parsed.module.items


def expr(text: str) -> ast.Expr:
    found, diagnostics = parse_expr(text, "m.kspec", 0)
    assert diagnostics == ()
    assert found is not None
    return found


def nodes(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif attrs.has(type(node)):
        yield node
        for attribute in attrs.fields(type(node)):
            yield from nodes(getattr(node, attribute.name))


def spelt(node: object) -> str:
    """An expression with every operator in parentheses."""
    match node:
        case ast.Binary(op, left, right):
            return f"({spelt(left)} {op} {spelt(right)})"
        case ast.Unary(op, arg):
            return f"({op} {spelt(arg)})"
        case ast.InRange(arg, lo, hi):
            return f"({spelt(arg)} in {spelt(lo)}..{spelt(hi)})"
        case ast.Quantifier(kind, _, body):
            return f"({kind} | {spelt(body)})"
        case ast.IfExpr(cond, then, other):
            return f"(if {spelt(cond)} then {spelt(then)} else {spelt(other)})"
        case ast.LetExpr(name, value, body):
            return f"(let {name.text} = {spelt(value)}; {spelt(body)})"
        case ast.WithExpr(arg):
            return f"({spelt(arg)} with …)"
        case ast.FieldOf(arg, name):
            return f"{spelt(arg)}.{name.text}"
        case ast.Name(name):
            return name
        case ast.IntLit(value):
            return str(value)
        case ast.TimerIn(duration):
            return f"(in {spelt(duration)})"
        case ast.QuantityLit(text):
            return text
        case _:
            return type(node).__name__


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a and b or c", "((a and b) or c)"),
        ("a implies b implies c", "(a implies (b implies c))"),
        ("a leads to eventually b", "(a leads to (eventually b))"),
        ("not a and b", "((not a) and b)"),
        ("not a == b", "(not (a == b))"),
        ("a == b or else c", "(a == (b or else c))"),
        ("a or else b or else c", "(a or else (b or else c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a + b * c mod d", "(a + ((b * c) mod d))"),
        ("-a.b - -c", "((- a.b) - (- c))"),
        ("a in 1..b + 1", "(a in 1..(b + 1))"),
        ("a is not b", "(a is not b)"),
        ("a is b exists", None),
        ("a not in b", "(a not in b)"),
        ("not a in b", "(not (a in b))"),
        ("always eventually a until b", "((always (eventually a)) until b)"),
        ("always a implies b", "((always a) implies b)"),
        ("a and all p: T | b or c", "(a and (all | (b or c)))"),
        ("all p: T | b implies some q: T | c", "(all | (b implies (some | c)))"),
        ("if a then b else c + 1", "(if a then b else (c + 1))"),
        ("a or if b then c else d or e", "(a or (if b then c else (d or e)))"),
        ("let x = a; let y = b; c", "(let x = a; (let y = b; c))"),
        ("a ++ b union c minus d inter e", "((((a ++ b) union c) minus d) inter e)"),
        ("a.b with {c: d}", "(a.b with …)"),
        ("x missing or y exists", "((missing x) or (exists y))"),
        ("in 5s + d", "(in (5s + d))"),
        ("a subset of b and c starts d", "((a subset of b) and (c starts d))"),
    ],
)
def test_how_operators_bind(text: str, expected: str | None) -> None:
    found, diagnostics = parse_expr(text, "m.kspec", 0)
    if expected is None:
        assert diagnostics != ()
    else:
        assert spelt(found) == expected


def test_the_sample_is_read_without_a_word() -> None:
    assert read(SAMPLE).diagnostics == ()


def test_every_span_is_in_the_text_and_around_its_parts() -> None:
    module = read(SAMPLE).module
    for node in nodes(module):
        span = getattr(node, "span", None)
        if not isinstance(span, Span):
            continue
        assert 0 <= span.start <= span.end <= len(SAMPLE)
        text = SAMPLE[span.start : span.end]
        if not isinstance(node, ast.Module):
            assert text == text.strip()
        for inner in nodes(node):
            inner_span = getattr(inner, "span", span)
            assert span.start <= inner_span.start <= inner_span.end <= span.end
        if isinstance(node, ast.Ident) and not text.startswith('"'):
            assert text == node.text
        if isinstance(node, ast.Name | ast.NamedType):
            assert text == node.name


def test_spans_leave_out_separators_and_take_in_parentheses() -> None:
    text = "record R { a: int = (1 + 2) * 3; b: bool, }"
    (record,) = items(text)
    assert isinstance(record, ast.RecordDecl)
    first, second = record.members
    assert text[first.span.start : first.span.end] == "a: int = (1 + 2) * 3"
    assert text[second.span.start : second.span.end] == "b: bool"
    assert isinstance(first, ast.FieldDecl)
    assert isinstance(first.default, ast.Binary)
    span = first.default.span
    assert text[span.start : span.end] == "(1 + 2) * 3"
    assert text[first.default.op_span.start : first.default.op_span.end] == "*"


def test_every_node_of_the_tree_can_be_read() -> None:
    """The random modules of `test_format` are read back whole: together they have every node."""
    declared = {
        name
        for name, value in vars(ast).items()
        if inspect.isclass(value) and value.__module__.startswith(ast.__name__)
    }
    modules = [Rolled(seed).module() for seed in range(400)]
    made = {type(node).__name__ for module in modules for node in nodes(module)}
    assert made >= declared


def test_every_rule_with_a_node_has_a_builder() -> None:
    rules = {name for _, _, how, name in tables.load().rules if how <= tables.NODE_BEFORE_SEPARATOR}
    assert rules == set(BUILDERS)


def test_a_builder_that_leaves_something_over_is_loud() -> None:
    class Nowhere:
        file = "m.kspec"

        def report(self, diagnostic: object) -> None: ...

        def hole(self, text: str, offset: int) -> None: ...

    children = Children(Nowhere(), "rule", ["something"], 0, 0)
    with pytest.raises(InternalError, match="left over"):
        children.done()
    with pytest.raises(InternalError, match="expected"):
        children.expr()


def test_an_invariant_is_a_property_that_is_always_so() -> None:
    (decl,) = items('invariant i "so": x')
    assert isinstance(decl, ast.PropertyDecl)
    assert decl.sentence == "so"
    assert isinstance(decl.claim, ast.TemporalClaim)
    assert isinstance(decl.claim.body, ast.Unary)
    assert decl.claim.body.op == "always"


def test_a_lemma_is_an_invariant_for_proofs() -> None:
    lemma, invariant, claim = items('lemma l "so": x invariant i: x property p: always x')
    assert isinstance(lemma, ast.PropertyDecl)
    assert isinstance(invariant, ast.PropertyDecl)
    assert isinstance(claim, ast.PropertyDecl)
    assert (lemma.lemma, invariant.lemma, claim.lemma) == (True, False, False)
    assert isinstance(lemma.claim, ast.TemporalClaim)


def test_holes_in_text_have_places_in_the_file() -> None:
    text = 'fn f = "db-{s.name}-{{{ {a}[b] }"'
    (fn,) = items(text)
    assert isinstance(fn, ast.FnDecl)
    assert isinstance(fn.body, ast.StringLit)
    first, field, second, index = fn.body.parts
    assert (first, second) == ("db-", "-{")
    assert isinstance(field, ast.FieldOf)
    assert text[field.span.start : field.span.end] == "s.name"
    assert isinstance(index, ast.IndexOf)
    assert text[index.span.start : index.span.end] == "{a}[b]"


def test_a_mistake_in_a_hole_is_found_where_it_is() -> None:
    text = 'fn f = "a {b +} c"'
    parsed = read(text)
    (diagnostic,) = parsed.diagnostics
    assert text[diagnostic.primary.span.start : diagnostic.primary.span.end] == "+"


def test_braces_in_other_texts_are_braces() -> None:
    (decl,) = items('property p "all {of} them }}": x')
    assert isinstance(decl, ast.PropertyDecl)
    assert decl.sentence == "all {of} them }}"


def test_escapes() -> None:
    (fn,) = items(r'fn f = "a\"\\\n\t\u00e9"')
    assert isinstance(fn, ast.FnDecl)
    assert isinstance(fn.body, ast.StringLit)
    assert fn.body.parts == ('a"\\\n\té',)


@pytest.mark.parametrize("text", [r'fn f = "\q"', r'fn f = "\ud800"', 'fn f = "{}"', 'fn f = "}"'])
def test_bad_literals(text: str) -> None:
    (diagnostic,) = read(text).diagnostics
    assert diagnostic.code is BAD_LITERAL


def test_whole_numbers_of_any_size() -> None:
    assert expr("9" * 4000) == ast.IntLit(int("9" * 4000), Span("m.kspec", 0, 4000))
    (diagnostic,) = read(f"fn f = {'9' * 4001}").diagnostics
    assert diagnostic.code is BAD_LITERAL


def test_words_are_reserved_only_where_they_mean_something() -> None:
    items("fn f(when: int, at: int) = when.all + at.not + x.in")
    items("record R { kind: int; name: name; local: int; const: bool; step: int }")


def test_tabs_and_carriage_returns_are_blanks() -> None:
    assert len(items("kind K {\r\n\ta: int\r\n}\r\n\tfn f = 1\r\n")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "1" + ")" * 100_000,
        "not " * 100_000 + "a",
        "1" + "+1" * 10_000,
        "-" * 100_000 + "1",
        "[" * 100_000,
        "a" + ".b" * 10_000,
    ],
)
def test_what_is_nested_too_deep_is_said_and_not_fatal(text: str) -> None:
    source = f"fn before = 1\nfn f = {text}\nfn after = 2\n"
    parsed = read(source)
    (diagnostic,) = parsed.diagnostics
    assert diagnostic.code is NESTED_TOO_DEEP
    assert source.find("fn f") < diagnostic.primary.span.start < source.find("fn after")
    assert parsed.module is not None
    assert [i.name.text for i in parsed.module.items if isinstance(i, ast.FnDecl)] == [
        "before",
        "after",
    ]


def test_what_is_wide_is_not_deep() -> None:
    (fn,) = items(f"fn f = [{', '.join('1' for _ in range(2000))}]")
    assert isinstance(fn, ast.FnDecl)
    assert isinstance(fn.body, ast.ListLit)
    assert len(fn.body.items) == 2000


_PIECES = ["kind", "K", "{", "}", "(", ")", '"', "'", "\\", "#", "\n", ":", ":=", "all", "in", " "]
_PIECES += ["when", "do", "500", "m", "&&", "é", "\x00", "..", "|", "property", "p", ";", '"""']


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30), st.integers(0, len(SAMPLE)))
def test_nothing_that_is_written_raises(pieces: list[str], at: int) -> None:
    text = SAMPLE[max(at - 200, 0) : at] + "".join(pieces) + SAMPLE[at : at + 200]
    parsed = read(text)
    assert parsed.module is not None
    for diagnostic in parsed.diagnostics:
        for label in (diagnostic.primary, *diagnostic.labels):
            assert 0 <= label.span.start <= label.span.end <= len(text)
