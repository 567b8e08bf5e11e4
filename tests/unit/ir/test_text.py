"""The text form: identity both ways, how it looks, and errors with their place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from attrs import evolve

from kspec.base.source import Span
from kspec.engines.random_systems import seeded_system
from kspec.ir.build import lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Binder,
    Eq,
    Expr,
    Fold,
    Get,
    Let,
    Lit,
    Local,
    MakeSeq,
    Old,
    Quant,
    QuantKind,
    Ref,
    Some,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, Value
from kspec.ir.system import (
    Always,
    AndF,
    Claim,
    Conjunct,
    Const,
    EachLife,
    EachValue,
    Eventually,
    Fairness,
    Field,
    Holds,
    Index,
    Init,
    Invariant,
    NotF,
    Occurrence,
    OrF,
    Origin,
    Pool,
    Property,
    Role,
    Settles,
    StepCase,
    Steps,
    System,
    Template,
    Temporal,
    Unchanged,
    Until,
    Update,
    Var,
    View,
)
from kspec.ir.text import TextError, parse_system, print_system
from kspec.ir.text.sexpr import Group, Quoted, Word, group, read, write
from tests.systems.bench import action as plain_action
from tests.systems.bench import m0, m1, m2
from tests.systems.small import X, birth, counter, several_starts, system
from tests.unit.semantics.cases import CASES


def assert_identity(model: System) -> None:
    """Printing and parsing give the same system, and printing again the same text."""
    text = print_system(model)
    assert parse_system(text) == model
    assert print_system(parse_system(text)) == text
    if "frozenset" not in repr(model):  # shown in any order
        assert repr(parse_system(text)) == repr(model), "True is not 1"


@pytest.mark.parametrize(
    "model", [m0(), m1(3), m2(2, 2, 1, 1, 1), birth(2), counter(9), several_starts()]
)
def test_hand_written_systems(model: System) -> None:
    assert_identity(model)


@pytest.mark.parametrize("seed", range(60))
def test_random_systems(seed: int) -> None:
    model = seeded_system(seed)
    assert parse_system(print_system(model)) == model


def test_every_node() -> None:
    cases = {f"c{n}": (Bool(), Eq(expr, expr)) for n, (_, expr, _) in enumerate(CASES)}
    assert_identity(system({}, (), {name: Invariant(e) for name, (_, e) in cases.items()}))


def test_everything_a_system_can_say() -> None:
    assert_identity(everything())


def everything() -> System:
    """One of each part, with awkward names and spans in two files."""
    pod = Id("Pod", 2)
    hue = Enum("Hue", ("true", "two words", 'quo"te', "", "ünï"))
    pair = Record("Pair", (("a b", Int(-3, 9)), ("hue", hue)))
    wide = Record("Pair", (("a b", Int(-9, 9)), ("hue", hue)))
    p, q = Binder("p", pod), Binder("let", Set(hue))
    tall = Ref("true", Map(pod, Opt(pair)))
    span, other = Span("a file.kspec", 3, 14), Span('b"\n.kspec', 0, 0)
    action = evolve(
        plain_action("go!", (p,), (), ()),
        owner="",
        origin=Origin.FAULT,
        fairness=Fairness.STRONG,
        choices=(q,),
        lets=(("l", Local("p", pod)), ("p2", Local("l", pod))),
        guard=(
            Conjunct(TRUE, Template(("no ", Local("p2", pod), "!")), span),
            Conjunct(FALSE, Template(()), None),
        ),
        cut=FALSE,
        updates=(
            Update(
                "true",
                (Index(Local("k", pod)),),
                Some(Lit(pair, (-3, ""))),
                FALSE,
                FALSE,
                (Binder("k", pod),),
                other,
            ),
            Update("r", (Field("a b"),), lit(4), TRUE, TRUE),
            Update("r", (), Lit(wide, (9, "two words")), TRUE, FALSE, (), span),
        ),
        reason="Because",
        event=Template((lit(1), "", lit(-1))),
        span=other,
    )
    case = StepCase("go!", Eq(Old("x", Int(0, 9)), Local("p2", pod)))
    holds = Holds(TRUE)
    formula = AndF(
        (
            OrF(()),
            NotF(Always(Eventually(Until(holds, Unchanged(X))))),
            EachLife(p, Eq(Local("p", pod), Lit(pod, 1)), Steps((case, StepCase("?", FALSE)))),
            EachValue(Binder("x", hue), Holds(Eq(Local("x", hue), Lit(hue, "")))),
        )
    )
    claims: tuple[Claim, ...] = (
        Occurrence((case,)),
        Settles(("x", "r"), True),
        Settles((), False),
        Temporal(formula),
    )
    return System(
        name="every thing",
        pools=(Pool("Pod", 2, ("p-0", "1")), Pool("Pair", 2, ("same", "same"))),
        constants=(Const("x", Int(0, 9), 3), Const("none", Opt(Opt(hue)), (None,))),
        variables=(
            Var("true", Map(pod, Opt(pair)), Role.VIEW, "a\tb", "la bel"),
            Var("r", pair, Role.GHOST, "", ""),
            Var("twin", Map(Id("Pair", 2), Seq(Id("Pair", 2), 3)), Role.TASK, "o", "l"),
        ),
        init=Init(
            (p,),
            Eq(Local("p", pod), Lit(pod, 0)),
            (
                ("true", Lit(Map(pod, Opt(pair)), (None, (((1, "ünï")),)))),
                ("r", Lit(pair, (0, 'quo"te'))),
                ("twin", Lit(Map(Id("Pair", 2), Seq(Id("Pair", 2), 3)), ((0, 1), ()))),
            ),
        ),
        actions=(action,),
        properties=tuple(
            Property(f"p{n}", claim, "said; (so)\\" if n else None, span if n % 2 else None)
            for n, claim in enumerate(claims)
        ),
        well_formed=Eq(Get(tall, Lit(pod, 1)), Lit(Opt(pair), None)),
        views=(View("c", "Pod", (p,), lit(0), (("true", tall),)), View("c", "Pod", (), lit(1), ())),
        assumptions=("one", 'two "quoted"\nlines'),
        bounds=("at most 2",),
    )


def test_names_are_told_apart_where_scope_does_not() -> None:
    """Hidden, undeclared and differently sorted names still come back as they were."""
    digit = Int(0, 9)
    odd: tuple[Expr, ...] = (
        Quant(QuantKind.ALL, Binder("x", digit), Eq(Local("x", digit), X)),
        Quant(QuantKind.ALL, Binder("x", digit), Local("x", Bool())),
        Eq(Ref("x", Int(0, 3)), Local("x", digit)),
        Old("x", Int(1, 1)),
        Old("nowhere", digit),
        Ref("nowhere", Id("Nobody", 7)),
        Let("y", Get(X, X), Local("y", digit)),  # ill-sorted: the name has no known sort
        Fold(Binder("x", digit), X, "x", MakeSeq(digit, (X,)), Local("x", digit)),
    )
    for expr in odd:
        assert_identity(evolve(counter(9), well_formed=expr))


def test_same_names_of_different_sorts() -> None:
    shapes: tuple[tuple[Sort, Value], ...] = (
        (Enum("Pod", ("a",)), "a"),
        (Enum("Pod", ("b",)), "b"),
        (Record("Pod", (("f", Enum("Pod", ("b",))),)), ("b",)),
        (Enum("Pod~2", ("c",)), "c"),
        (Id("Pod", 3), 2),
    )
    claims: dict[str, Claim] = {
        f"p{n}": Invariant(Eq(Lit(s, v), Lit(s, v))) for n, (s, v) in enumerate(shapes)
    }
    assert_identity(evolve(birth(2), properties=system({}, (), claims).properties))


def test_a_literal_outside_its_sort_is_refused() -> None:
    with pytest.raises(ValueError, match="not of sort"):
        print_system(evolve(counter(9), well_formed=Lit(Int(0, 3), 4)))


def test_how_it_looks() -> None:
    text = print_system(birth(2))
    assert text == LOOKS


LOOKS = """\
(system small
  (pool Pod 2 pod1 pod2)
  (var live (map Pod (bool)) api "" live)
  (init () true (live (map (p Pod) false)))
  (action born model controller weakly-fair
    (let new (first (p Pod) (not (get live p))))
    (cut (not (is-just new)))
    (set (live (else new (the Pod pod1))) true))
  (action dies model controller weakly-fair
    (params (p Pod))
    (when (get live p))
    (set (live p) false (live (get live p))))
  (property lives (no-deadlock))
  (well-formed true))
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message"),
    [
        ("(well-formed true))", "(well-formed true)", 1, 1, "a parenthesis without an end"),
        ("(well-formed true))", "(well-formed true)))", 14, 22, "a closing parenthesis too many"),
        ("(well-formed true))", '(assume "x))', 14, 11, "a string without an end"),
        ("(well-formed true)", "", 1, 1, "(well-formed ...) is missing"),
        ("(well-formed true)", "(well-formed truth)", 14, 16, "nothing is called truth here"),
        ("(well-formed true)", "(wellformed true)", 14, 3, "one of files"),
        ("(get live p)", "(got live p)", 6, 34, "not an expression: (got ...) of 2 parts"),
        ("(get live p)", "(get live)", 6, 34, "not an expression: (get ...) of 1 parts"),
        ("(the Pod pod1)", "(the Pod pod9)", 8, 35, "no Pod is called pod9"),
        ("(the Pod pod1)", "(the Pud pod1)", 8, 31, "no pool, enum or record is called Pud"),
        ("(the Pod pod1)", "(the (int 0 3) 4)", 8, 41, "not a value of sort"),
        ("weakly-fair\n    (let", "fair\n    (let", 5, 33, "one of unfair, weakly-fair"),
        ("(no-deadlock)", "(no-deadlock true)", 13, 19, "not a claim: (no-deadlock ...)"),
        ("(no-deadlock)", "(temporal true)", 13, 29, "a list is wanted"),
        ("(no-deadlock)", "(no-deadlock) @0:1-2", 13, 33, "there is no file 0"),
        ("(system small", "(sistem small", 1, 1, "(system NAME ...) is wanted"),
    ],
)
def test_errors_have_a_place(old: str, new: str, line: int, column: int, message: str) -> None:
    assert old in LOOKS
    with pytest.raises(TextError) as raised:
        parse_system(LOOKS.replace(old, new, 1))
    assert (raised.value.line, raised.value.column) == (line, column), raised.value
    assert raised.value.message.startswith(message)


def test_no_prefix_of_a_text_is_a_system_or_another_error() -> None:
    text = print_system(everything())
    for end in range(0, len(text) - 2, 7):
        with pytest.raises(TextError):
            parse_system(text[:end])


def test_every_damaged_text_is_a_text_error_or_a_system() -> None:
    """Dropping any one part raises nothing but `TextError`."""
    (whole,) = read(LOOKS)
    assert isinstance(whole, Group)
    for damaged in damages(whole):
        with suppress(TextError):
            parse_system(write(damaged))


def damages(node: Group) -> list[Group]:
    """The node with one item, at any depth, dropped or replaced by a word."""
    found = []
    for n, item in enumerate(node.items):
        before, after = node.items[:n], node.items[n + 1 :]
        found.append(Group((*before, *after)))
        found.append(Group((*before, Word("7"), *after)))
        found.append(Group((*before, group(), *after)))
        if isinstance(item, Group):
            found.extend(Group((*before, inner, *after)) for inner in damages(item))
    return found


def test_comments_and_white_space() -> None:
    assert read('; all\n(a "b;c" ;)\n d)') == (group("a", Quoted("b;c"), "d"),)
