"""Every mistake that the checker knows: its slug, its words, and exactly what it underlines.

A case is a program with the underlined places between « and », and one line for each: the slug and
a part of the message. Several mistakes of one program are all found in one run.
"""

from __future__ import annotations

import pytest

from kspec.base.render import render
from tests.unit.analysis.marked import mistakes, unmarked

Said = tuple[str, str]

NAMES: list[tuple[str, list[Said]]] = [
    ("fn f: int = «nowhere»", [("unknown-name", "nothing is called `nowhere`")]),
    ("fn f: int = «twise»(1, 2)", [("unknown-name", "`twise`")]),
    ("fn f: bool = all p: «Podd» | true", [("unknown-name", "`Podd`")]),
    ("fn f(x: «Thing»): int = 1", [("unknown-name", "no type is called `Thing`")]),
    ("kind A { n: name of «Nod» }", [("unknown-name", "no kind is called `Nod`")]),
    ("kind A is «Base» { }", [("unknown-name", "no mixin is called `Base`")]),
    ("extend «Podd» { x: bool = false }", [("unknown-name", "`Podd`")]),
    ("fn f: Phase = Phase.«Paused»", [("unknown-name", "`Paused` is no case of `Phase`")]),
    ("fn f: int = c.«mm»", [("unknown-name", "`mm`")]),
    ("fn f(p: Pod): bool = p.«redy»", [("unknown-field", "`Pod` has no field `redy`")]),
    ("fn f: Point = Point(x: 1, «z»: 2)", [("unknown-field", "`Point` has no field `z`")]),
    ("fn f(n: int): int = n.«x»", [("unknown-field", "`x`")]),
    ("fn f: bool = «green» is red", [("ambiguous-name", "`Colour` and `Light`")]),
    ("kind A { n: int  «n»: name }", [("duplicate-name", "`n` is declared twice")]),
    ("record «Point» { }", [("duplicate-name", "`Point` is declared twice")]),
    ("fn f: Point = Point(x: 1, «x»: 2)", [("duplicate-name", "`x`")]),
    ("fn f: int = twice(n: 1, «n»: 2)", [("duplicate-name", "`n`")]),
    ("environment e { action a(p: Pod, «p»: Pod) do nothing }", [("duplicate-name", "`p`")]),
    ("property p: on «cc».a(x): true", [("unknown-name", "no component is called `cc`")]),
    ("property p: on c.«aa»(x): true", [("unknown-name", "no action is called `aa`")]),
    ("property p: settles «Pods»", [("unknown-name", "no kind is called `Pods`")]),
    ("controller d { watches «Pods» }", [("unknown-name", "no kind is called `Pods`")]),
    ("environment e { action a do new «Pood» {} }", [("unknown-name", "no kind is called `Pood`")]),
    ("environment e { action a do «shut»() }", [("unknown-name", "no effect is called `shut`")]),
    ("environment e { action a do «x».n := 1 }", [("unknown-name", "`x`")]),
    ("property p: always seen(«cc», true)", [("unknown-name", "no controller is called `cc`")]),
]

SHAPES: list[tuple[str, list[Said]]] = [
    ("fn f: int = «true»", [("type-mismatch", "a number is wanted here")]),
    ("fn f: name = «1»", [("type-mismatch", "a name is wanted here")]),
    ("fn f(p: Pod): bool = p.wait == 1 and not «p»", [("type-mismatch", "a truth value")]),
    ("fn f(p: Pod): bool = p.phase «is» 1", [("type-mismatch", "cannot be compared")]),
    ("fn f(p: Pod, n: Node): bool = p «is» n", [("type-mismatch", "cannot be compared")]),
    ("fn f(p: Pod, q: Pod): bool = p «<» q", [("type-mismatch", "no order")]),
    ("fn f(p: Pod): int = p.phase «+» 1", [("type-mismatch", "`+` cannot join")]),
    ("fn f(n: Node): bool = n.memory < «5min»", [("unit-mismatch", "")]),
    ("fn f(n: Node): memory = «5min»", [("unit-mismatch", "`5min` is a duration")]),
    ("fn f(n: Node): bool = n.free is «none»", [("type-mismatch", "is never `none`")]),
    ("fn f(n: Node): bool = «n.free» exists", [("type-mismatch", "may be absent")]),
    ("fn f(n: Node): int = «n.free» or else 1", [("type-mismatch", "`or else` needs")]),
    ("fn f(n: Node): bool = 1 in «n.free»", [("type-mismatch", "a number")]),
    ("fn f(n: Node): bool = «n.free» subset of {1}", [("type-mismatch", "a number")]),
    ("fn f(n: Node): int = «n.free»[1]", [("type-mismatch", "can be asked with `[…]`")]),
    ("fn f: bool = «Plain[1]» exists", [("type-mismatch", "`Plain` has no key")]),
    ("fn f: bool = Node[«(1, 2)»] exists", [("wrong-arity", "`Node`")]),
    ("fn f(n: Node): Node = «n» with {free: 1}", [("type-mismatch", "`with`")]),
    ("fn f: set of int = {«a»: 1}", [("type-mismatch", "")]),
    ("fn f: map from name to int = {«1»}", [("type-mismatch", "a value behind each key")]),
    ("fn f: Point = {«1»: 2}", [("type-mismatch", "the name of a field")]),
    ("fn f: tuple of (int, int) = «(1, 2, 3)»", [("wrong-arity", "")]),
    ('fn f(p: Pod): name = "{«p.wait»}"', [("type-mismatch", "a name is wanted")]),
    ("fn f(p: Pod): int = -«p.ready»", [("type-mismatch", "a number")]),
    ("fn f: int = length(«true»)", [("type-mismatch", "`length` takes")]),
    ("fn f: int = «twice(1)»", [("wrong-arity", "`twice` takes 2 arguments")]),
    ("fn f: int = «abs(1, 2)»", [("wrong-arity", "`abs` takes 1 argument")]),
    ("fn f: int = «twice»", [("wrong-arity", "`twice` takes 2 arguments, and none are given")]),
    ("fn f: int = twice(1, «k»: 2)", [("unknown-name", "`k`")]),
    ("fn f: Point = «Point()»", [("missing-field", "`x`")]),
    ("fn f: Point = Point(«1»)", [("not-allowed-here", "by name")]),
    ("fn f(p: Pod): int = («p.phase»)(1)", [("not-allowed-here", "only a function")]),
    ("fn f: int = «twice»(1, 2 where true)", [("not-allowed-here", "`count`")]),
    ("kind A { x: «Node??» = none }", [("type-mismatch", "once more")]),
    (
        "param k: int = 1\nfn f(x: list at most «k» of int): int = 1",
        [("type-mismatch", "written out")],
    ),
    ("kind A { at_: int = 1 at spec.x by «nobody» }", [("unknown-name", "`nobody`")]),
    (
        "fn one(a: json): int = 1\nkind A from v1 { n: int = 1 at a, b by «one» }",
        [("wrong-arity", "`one`")],
    ),
]

ABSENT: list[tuple[str, list[Said]]] = [
    ("fn f(p: Pod): int = «p.wait» + 1", [("missing-else", "may be absent")]),
    ("fn f(p: Pod): bool = «p.wait» < 1", [("missing-else", "may be absent")]),
    ("fn f(p: Pod): int = abs(«p.wait»)", [("missing-else", "may be absent")]),
    ("fn f(p: Pod): int = «p.wait»", [("missing-else", "may be absent")]),
    ("fn f: int = sum(p: Pod | «p.wait»)", [("missing-else", "may be absent")]),
    ("fn f(n: int): int = «1 div n»", [("missing-else", "the divisor may be 0")]),
    ("fn f(n: Node): rational = «1 / n.free»", [("missing-else", "the divisor may be 0")]),
    ("fn f(n: int): int = 2 * («5 mod n»)", [("missing-else", "the divisor may be 0")]),
    ("fn f(n: 1..3): int = «1 div n»", [("missing-else", "the divisor may be 0")]),
    ("environment e { action a(p: Pod) do delete «p.node» }", [("missing-else", "may be absent")]),
]

BINDERS: list[tuple[str, list[Said]]] = [
    ("fn f(n: Node): bool = some x in «n.free» | true", [("type-mismatch", "cannot go through")]),
    ("fn f: bool = «all p: Pod where p.ready»", [("missing-operand", "`all` without a claim")]),
    ("fn f: Pod? = first «p»: Pod where p.ready", [("ambiguous-choice", "`first` needs an order")]),
    ("fn f: set of Pod = those p: Pod, «q»: Pod", [("wrong-arity", "one name is bound here")]),
    ("fn f: Node? = choose n: Node least by «n.free»", [("ambiguous-choice", "two objects")]),
    ("fn f: list of Pod = sort p in (those p: Pod) by «p.wait»", [("type-mismatch", "no order")]),
    (
        "fn f: list of Plain = sort p in (those p: Plain) by («(p.n, p.n)»)",
        [("ambiguous-choice", "two objects")],
    ),
    (
        "fn f: int = fold x in «{1}» from 0 as a | a + x",
        [("ambiguous-choice", "`fold` goes along a list")],
    ),
    ("fn f = max(p: Pod | «p»)", [("type-mismatch", "`max` cannot be taken of")]),
    ("fn f: int = count(«1» where true)", [("not-allowed-here", "needs a name")]),
    ("fn f: int = count(p: («1») where true)", [("not-allowed-here", "a type")]),
    ("fn f(p: Phase): int = match «p» { Pending -> 1; Running -> 2 }", [("match-not-total", "")]),
    ('fn f(p: name): int = match p { "{«a.b»}" -> 1; _ -> 2 }', [("not-allowed-here", "a hole")]),
    ("fn f(n: int): int = «f(n)»", [("recursive-function", "`f` needs itself")]),
    (
        "fn f(n: int): int = «g(n)»\nfn g(n: int): int = «f(n)»",
        [("recursive-function", "`g` needs itself"), ("recursive-function", "`f` needs itself")],
    ),
    ("type T = set of «T»\nfn f(x: T): int = 1", [("recursive-function", "stands for itself")]),
    ("mixin M is «M» { }\nkind A is M { }", [("recursive-function", "based on itself")]),
    (
        "effect e() { «e()» }\nenvironment v { action a do e() }",
        [("recursive-function", "needs itself")],
    ),
    ("fn f(«x in {1}»): int = 1", [("not-allowed-here", "")]),
    (
        "effect e(«x in {1}») { nothing }\nenvironment v { action a do e(1) }",
        [("not-allowed-here", "no type")],
    ),
]

STEPS: list[tuple[str, list[Said]]] = [
    ("environment e { action a(«n: int») do nothing }", [("infinite-choice", "infinitely many")]),
    ("controller d { action a «next nothing» }", [("not-allowed-here", "`next` before any `do`")]),
    (
        "controller d { action a «refused nothing» }",
        [("not-allowed-here", "`refused` before any `do`")],
    ),
    ("controller d { action a do nothing next each n in «1»: nothing }", [("type-mismatch", "")]),
    (
        "controller d { action a(n: Node) when «n.free» as k do nothing }",
        [("type-mismatch", "`as` binds")],
    ),
    (
        'controller d { action a do { new Pod {} «new Node { name: "b" }» } }',
        [("multi-write", "`d.a` writes more than one")],
    ),
    ("controller d { action a do «for p: Pod { p.ready := true }» }", [("multi-write", "`d.a`")]),
    (
        "controller d { watches Pod action a(p: Pod) do «p.ready := true» }",
        [("missing-addressing", "through its cache")],
    ),
    (
        "controller d { watches Pod action a(p: Pod) do «delete p» }",
        [("missing-addressing", "through its cache")],
    ),
    (
        "effect e() { «choose p: Pod» }\nenvironment v { action a do for q: Pod { e() } }",
        [("not-a-choice-place", "")],
    ),
    ("effect never_used() { «x».n := 1 }", [("unknown-name", "`x`")]),
    ("effect never_used(p: Pod) { p.ready := «1» }", [("type-mismatch", "a truth value")]),
    ("environment e { action a do for p: Pod { «choose q: Pod» } }", [("not-a-choice-place", "")]),
    ('environment e { action a(p: Pod) do «p.first := "x"» }', [("const-written", "`first`")]),
    ('environment e { action a(p: Pod) do «p.second := "x"» }', [("const-written", "`second`")]),
    ("environment e { action a do «new Fixed {}» }", [("const-written", "`Fixed` is const")]),
    ("environment e { action a(x: Fixed) do «x.n := 1» }", [("const-written", "const")]),
    ("environment e { action a(p: Pod) do p.ready := «1» }", [("type-mismatch", "a truth value")]),
    ("environment e { action a(p: Pod) do p.ready += «1» }", [("type-mismatch", "a number")]),
    ("environment e { action a(p: Pod) do «p» := p }", [("not-allowed-here", "")]),
    (
        "environment e { action a(n: 0..3) do «n» := 1 }",
        [("not-allowed-here", "cannot change a number")],
    ),
    (
        "environment e { action a(p: Pod) do «p[1]» := 1 }",
        [("not-allowed-here", "fields of a `Pod`")],
    ),
    ("environment e { action a(n: Node) do «n.free[1]» := 1 }", [("not-allowed-here", "no parts")]),
    ("environment e { action a do delete «1» }", [("type-mismatch", "an object")]),
    (
        "effect e(p: Pod) { nothing }\nenvironment v { action a do «e()» }",
        [("wrong-arity", "`e` takes 1 argument")],
    ),
    ("controller d { «memory q: int» }", [("missing-field", "`d.q` needs a first value")]),
]

CLAIMS: list[tuple[str, list[Said]]] = [
    ("property p: «all q: Pod | q.ready»", [("no-temporal-word", "not when")]),
    ("property p: «1»", [("type-mismatch", "a claim over time")]),
    ("invariant i: «eventually true»", [("not-a-value", "`eventually`")]),
    ("fn f: bool = true «until» false", [("not-a-value", "`until`")]),
    ("invariant i: «before(true)»", [("not-allowed-here", "`before` looks back")]),
    ("property p: on «c.a()»: true", [("wrong-arity", "`c.a` has 1 parameter")]),
    ("property p: on «each.b(x)»: true", [("wrong-arity", "`each.b` has 2 parameters")]),
    ("property p: one q: Pod | «eventually q.ready»", [("not-allowed-here", "`one`")]),
    ("property p: eventually gone(«1»)", [("type-mismatch", "an object")]),
    ("property p: always seen(«1», true)", [("not-allowed-here", "`seen`")]),
    ("property p: always seen(«each», true)", [("wrong-arity", "`each`")]),
    ("property p: always seen(«c»(1), true)", [("wrong-arity", "`c`")]),
    ("property p: settles «Pod.redy»", [("unknown-field", "`redy`")]),
    ("law l: «always true»", [("not-a-value", "")]),
    ("«ghost g: timer = off { }»", [("not-allowed-here", "a ghost cannot hold a timer")]),
    (
        "«ghost g: map from name to timer = off { }»",
        [("not-allowed-here", "a ghost cannot hold a timer")],
    ),
    ("«ghost g: Pod? = none { }»", [("not-allowed-here", "a ghost cannot hold an object")]),
    ("«ghost g: set of Pod = {} { }»", [("not-allowed-here", "a ghost cannot hold an object")]),
    (
        "kind K { «ghost g: Pod? = none» }",
        [("not-allowed-here", "a ghost cannot hold an object")],
    ),
]

SCENARIOS: list[tuple[str, list[Said]]] = [
    ("cluster k { «podd» a {} }", [("unknown-name", "no kind is called `podd`")]),
    ("cluster k { pod a { «redy»: true } }", [("unknown-field", "`redy`")]),
    (
        "cluster k { pod a { phase: «Runing» } }",
        [("unknown-name", "`Runing` is no case of `Phase`")],
    ),
    ("cluster k { pod a { ready: «1» } }", [("type-mismatch", "a truth value")]),
    ("cluster k { pod a { ready: «[true]» } }", [("type-mismatch", "a list")]),
    ("cluster k { pod a { ready: «{x: 1}» } }", [("type-mismatch", "a block")]),
    ("cluster k { node a { free: «5m» } }", [("type-mismatch", "")]),
    ("cluster k { pod a { friends: «any of [[b]]» } }", [("not-allowed-here", "`any of`")]),
    ("scenario s { in «nowhere» }", [("unknown-name", "no cluster is called `nowhere`")]),
    ("scenario s extends «nobody» { }", [("unknown-name", "no scenario is called `nobody`")]),
    (
        "scenario s extends «t» { }\nscenario t extends «s» { }",
        [("recursive-function", "extends itself"), ("recursive-function", "extends itself")],
    ),
    ("scenario s { run «cc» }", [("unknown-name", "no component is called `cc`")]),
    ("scenario s { run c.«b» }", [("unknown-name", "no action is called `b`")]),
    (
        "scenario s { faults { «meteor» at most 1 } }",
        [("unknown-name", "no fault is called `meteor`")],
    ),
    ("scenario s { faults { «restart at most 1» } }", [("wrong-arity", "of which controller")]),
    ("scenario s { faults { restart «user» at most 1 } }", [("unknown-name", "no controller")]),
    ("scenario s { with «size» = 1 }", [("unknown-name", "no parameter is called `size`")]),
    ("param size: int = 1\nscenario s { with size = «true» }", [("type-mismatch", "a number")]),
    ("scenario s { room { «Podd»: 1 } }", [("unknown-name", "no kind is called `Podd`")]),
    ("scenario s { check «nothing_» }", [("unknown-property", "`nothing_`")]),
    (
        "invariant i: true\nscenario s { check «j», i, «k_» }",
        [("unknown-property", "`j`"), ("unknown-property", "`k_`")],
    ),
    ("scenario s { assume a: «1» }", [("type-mismatch", "a truth value")]),
    ("scenario s { for «Podd» in 1..2 }", [("unknown-name", "no kind is called `Podd`")]),
]

SEVERAL: list[tuple[str, list[Said]]] = [
    (
        "fn f: int = «true»\nfn g: bool = «1»\nkind A { b: «Bee» }\nproperty p: on c.«x»: true",
        [
            ("type-mismatch", "a number"),
            ("type-mismatch", "a truth value"),
            ("unknown-name", "`Bee`"),
            ("unknown-name", "`x`"),
        ],
    ),
    # What depends on something wrong is not reported again.
    ("fn f: int = «nowhere»\nfn g: int = f + 1\nfn h: int = g", [("unknown-name", "`nowhere`")]),
    (
        "controller d {\n  action a do «x».n := 1\n  action b(p: Pod) do p.«z» := 1\n}",
        [("unknown-name", "`x`"), ("unknown-field", "`z`")],
    ),
    ("fn f: int = «aa»\nfn g: int = «bb»", [("unknown-name", "`aa`"), ("unknown-name", "`bb`")]),
]

ALL = [*NAMES, *SHAPES, *ABSENT, *BINDERS, *STEPS, *CLAIMS, *SCENARIOS, *SEVERAL]


@pytest.mark.parametrize(("marked", "said"), ALL, ids=[text for text, _ in ALL])
def test_mistakes(marked: str, said: list[Said]) -> None:
    text, marks = unmarked(marked)
    source, found = mistakes(text)
    picture = render(found, [source])
    underlined = [
        (text[d.primary.span.start : d.primary.span.end], d.primary.span.start) for d in found
    ]
    assert underlined == [(m.text, m.start) for m in marks], picture
    assert [d.code.slug for d in found] == [slug for slug, _ in said], picture
    for diagnostic, (_, part) in zip(found, said, strict=True):
        assert part in diagnostic.message, picture
