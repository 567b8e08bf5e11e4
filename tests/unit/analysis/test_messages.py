"""What the checker says of one wrong line, what it marks, and what its advice makes of it."""

from __future__ import annotations

import pytest

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse

PRELUDE = """\
kind Pod from v1 key name { name: name; ready: bool; n: 0..3 = 0; node: Node? }
kind Node key name { name: name; cpu: cpu = 2 }
enum Phase { Pending, Running }
enum Claim { Pending, Bound }
enum Empty { }
record R { a: int; b: int = 0 }
environment user { action touch(p: Pod) do nothing }
"""

# A line behind the prelude; slug and a part of the message; the marked texts, the primary one first.
MARKED = [
    ("fn f(p: Pod): bool = p.n", "type-mismatch", "a truth value is wanted", ["p.n", "bool"]),
    ("fn f(p: Pod): bool = p == 3", "type-mismatch", "cannot be compared", ["==", "p", "3"]),
    ("fn f(p: Pod, q: Pod): bool = p < q", "type-mismatch", "has no order", ["<", "p", "q"]),
    ("fn f(p: Pod): int = p.n + p.ready", "type-mismatch", "join", ["+", "p.n", "p.ready"]),
    ("fn f(p: Pod): cpu = p.node.cpu", "missing-else", "may be absent", ["p.node.cpu", "cpu"]),
    ("fn f(p: Pod): cpu = p.node.cpu + 1", "missing-else", "may be absent", ["p.node.cpu"]),
    ("fn f(n: Node): bool = n.cpu < 5min", "unit-mismatch", "a duration", ["5min"]),
    ("fn f(n: Node, m: memory): bool = n.cpu < m", "unit-mismatch", "", ["<", "n.cpu", "m"]),
    ("fn f(p: Pod): bool = p.n in 3", "type-mismatch", "`in` wants a set", ["3"]),
    ("fn f(p: Pod): bool = all q in p.n | true", "type-mismatch", "`q` cannot go through", ["p.n"]),
    ("fn f: int = count(p)", "not-allowed-here", "what it goes through", ["count"]),
    ("fn f: Pod? = first p: Pod", "ambiguous-choice", "`first` needs an order", ["p"]),
    ("fn f: Pod? = choose p: Pod least by p.n", "ambiguous-choice", "two objects", ["p.n"]),
    ("fn f: list of Pod = sort p: Pod by p.node", "type-mismatch", "has no order", ["p.node"]),
    ('fn f: Node? = Node[("a", "b")]', "wrong-arity", "is found by `name`", ['("a", "b")']),
    ("fn f(x: int): int = x\nfn g: int = f(1, 2)", "wrong-arity", "takes 1 argument", ["f(1, 2)"]),
    ("fn f: int = min(3)", "wrong-arity", "takes 2 arguments, and 1 is given", ["min(3)"]),
    ('fn f: int = floor("x")', "type-mismatch", "`floor` takes a fraction", ['"x"']),
    ("fn f(p: Pod): bool = p.n exists", "type-mismatch", "`exists` asks for", ["p.n"]),
    ("fn f(p: Pod): bool = p.n(3)", "not-allowed-here", "only a function", ["p.n"]),
    ("fn f: set of int = {1: 2}", "type-mismatch", "elements, not keys", ["1"]),
    ("fn f: R = { }", "missing-field", "`R` needs `a`", ["{ }", "a: int"]),
    ("fn f: R = {a: 1, a: 2}", "duplicate-name", "`a` is given twice", ["a", "a"]),
    ("fn f = f", "recursive-function", "`f` needs itself", ["f"]),
    ("fn f(x: Claim): int = match x { Bound -> 1 }", "match-not-total", "`Pending` would", ["x"]),
    ("fn f(x: Empty): bool = x is Empty.A", "unknown-name", "no case of `Empty`", ["A"]),
    ("property p: always 3", "type-mismatch", "a truth value is wanted", ["3"]),
    ("property p: on user.touch(p, q): true", "wrong-arity", "1 parameter", ["user.touch(p, q)"]),
    ("property p: on user.push: true", "unknown-name", "no action is called `push`", ["push"]),
    ("property p: reachable always true", "not-a-value", "`always` speaks of runs", ["always true"]),
    ("invariant i: eventually true", "not-a-value", "`eventually` speaks", ["eventually true"]),
    ("invariant i: before(true)", "not-allowed-here", "one state only", ["before(true)"]),
    ("param p: 0..3 = true", "type-mismatch", "a number is wanted", ["true", "0..3"]),
    ("scenario a extends b { }\n", "unknown-name", "no scenario is called `b`", ["b"]),
    ("scenario a extends a { }\n", "recursive-function", "`a` extends itself", ["a"]),
    ("cluster c { pod a { ready: 3 } }", "type-mismatch", "a truth value is wanted", ["3"]),
    ("cluster c { pod a { n: [1] } }", "type-mismatch", "this is a list", ["[1]"]),
    ("scenario s { faults { restart } }", "wrong-arity", "of which controller", ["restart"]),
    ("controller c { memory m: int }", "missing-field", "needs a first value", ["memory m: int"]),
    ("kind K { const a: int = 0 }\nenvironment e { action x(k: K) do k.a := 1 }",
     "const-written", "`a` is const", ["k.a := 1", "const a: int = 0"]),
    ("environment e { action x(p: Pod) do p := p }", "not-allowed-here", "cannot change", ["p"]),
    ("environment e { action x(n: int) do nothing }", "infinite-choice", "`n` would", ["n: int"]),
    ("environment e { action x next nothing }", "not-allowed-here", "before any", ["next nothing"]),
    ("controller c { action x do { new Pod { name: \"a\" }; new Pod { name: \"b\" } } }",
     "multi-write", "more than one API object", ['new Pod { name: "b" }', 'new Pod { name: "a" }']),
    ("kind K { a: int = 0 at x by nobody }", "unknown-name", "no function is called", ["nobody"]),
    ("fn f(x: json): int = 0\nkind K { a: int = 0 at x, y by f }", "wrong-arity", "1 argument", ["f"]),
]  # fmt: skip

# A line; the slug; the line after the first edit.
MENDED = [
    ("fn f(p: Pdo): bool = true", "unknown-name", "fn f(p: Pod): bool = true"),
    ("fn f(x: string): bool = true", "unknown-name", "fn f(x: name): bool = true"),
    ("fn f(p: Pod): bool = p.reday", "unknown-field", "fn f(p: Pod): bool = p.ready"),
    ("fn f(x: Phase): bool = Phase.Runing is x", "unknown-name", "fn f(x: Phase): bool = Phase.Running is x"),
    ("fn f: int = lenght({1})", "unknown-name", "fn f: int = length({1})"),
    ("fn f: set of Phase = those x in {Pending}", "ambiguous-name", "fn f: set of Phase = those x in {Phase.Pending}"),
    ("property p: some x: Pod where x.ready", "no-temporal-word", "invariant p: some x: Pod where x.ready"),
    ("invariant fine: true\ncheck fien", "unknown-property", "invariant fine: true\ncheck fine"),
    ("cluster c { podd a { } }", "unknown-name", "cluster c { Pod a { } }"),
    ("controller c { watches Pod; action x(p: Pod) do p.ready := true }", "missing-addressing",
     "controller c { watches Pod; action x(p: Pod) do p.ready := true by uid }"),
]  # fmt: skip


def mistakes(line: str) -> tuple[str, tuple[Diagnostic, ...]]:
    text = PRELUDE + line + "\n"
    parsed = parse(SourceFile("m.kspec", text))
    assert parsed.diagnostics == ()
    assert parsed.module is not None
    return text, check([Loaded("m", parsed.module)]).diagnostics


@pytest.mark.parametrize(("line", "slug", "part", "marked"), MARKED, ids=[m[0] for m in MARKED])
def test_what_is_said_and_marked(line: str, slug: str, part: str, marked: list[str]) -> None:
    text, (found,) = mistakes(line)
    assert found.code.slug == slug
    assert part in found.message
    labels = (found.primary, *found.labels)
    assert [text[label.span.start : label.span.end] for label in labels] == marked


@pytest.mark.parametrize(("line", "slug", "mended"), MENDED, ids=[m[0] for m in MENDED])
def test_the_first_edit_mends_it(line: str, slug: str, mended: str) -> None:
    text, (found,) = mistakes(line)
    assert found.code.slug == slug
    edit = next(help_.edit for help_ in found.help if help_.edit is not None)
    after = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    assert after == PRELUDE + mended + "\n"
    assert mistakes(mended)[1] == ()


def test_all_mistakes_of_a_controller_and_a_scenario_are_told_at_once() -> None:
    _, found = mistakes(
        "controller c {\n"
        "  watches Pood\n"
        "  memory m: int = true\n"
        "  action a(p: Pod) when p.n do nothing\n"
        "  action b(p: Pod) when p.zz do nothing\n"
        "}\n"
        "cluster unused { pod a { zz: 1 } }\n"
        "scenario s { with zz = 3; room { Podd: 1 }; check nothing_at_all }"
    )
    assert [d.code.slug for d in found] == [
        "unknown-name",
        "type-mismatch",
        "type-mismatch",
        "unknown-field",
        "unknown-field",
        "unknown-name",
        "unknown-name",
        "unknown-property",
    ]


def test_a_cluster_that_is_named_with_in_is_used_once() -> None:
    line = "cluster c { pod a { } }\nin c\ninvariant i: true\ncheck i"
    parsed = parse(SourceFile("m.kspec", PRELUDE + line))
    assert parsed.module is not None
    program = check([Loaded("m", parsed.module)]).program
    assert program is not None
    assert len(program.scenarios[0].cluster.objects) == 1
