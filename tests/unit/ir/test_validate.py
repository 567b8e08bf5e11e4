"""Every rule of `validate` is broken once, and the systems we trust break none."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.random_systems import seeded_system
from kspec.ir.build import fold, lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
    At,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Fold,
    Get,
    GetField,
    IllSorted,
    IsSome,
    Ite,
    Le,
    Len,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Old,
    Or,
    OrElse,
    Put,
    Quant,
    QuantKind,
    Ref,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    Subset,
    WithField,
    interval,
    sort_of,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, Value
from kspec.ir.system import (
    Action,
    Claim,
    Conjunct,
    Const,
    EachLife,
    EachValue,
    Field,
    Holds,
    Index,
    Init,
    Invariant,
    NotF,
    Occurrence,
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
    Update,
    Var,
    View,
)
from kspec.ir.validate import validate
from tests.systems.bench import action, m0, m1, m2, write
from tests.systems.small import DIGIT, X, birth, counter, several_starts
from tests.unit.semantics.cases import CASES

POD = Id("Pod", 2)
LIVE, P = Ref("live", Map(POD, Bool())), Binder("p", POD)
p = Local("p", POD)
PAIR = Record("Pair", (("x", DIGIT), ("ok", Bool())))
PAIR_VALUE = Lit(PAIR, (0, False))


EMPTY_SEQ, ONE = MakeSeq(DIGIT, ()), lit(1)
THREE = MakeSeq(DIGIT, (ONE, ONE, ONE))


def base() -> System:
    """A well-formed system with a pool, a constant and a variable of each shape."""
    model = birth(2)
    more: tuple[tuple[str, Sort, Expr], ...] = (
        ("x", DIGIT, lit(0)),
        ("pair", PAIR, PAIR_VALUE),
        ("table", Map(DIGIT, PAIR), MakeMap(Binder("i", DIGIT), PAIR_VALUE)),
    )
    extra = tuple(Var(name, sort, Role.API, "", name) for name, sort, _ in more)
    assign = (*model.init.assign, *((name, first) for name, _, first in more))
    ghost = Var("ghost", Bool(), Role.GHOST, "", "ghost")
    return evolve(
        model,
        constants=(Const("limit", DIGIT, 3),),
        variables=(*model.variables, *extra, ghost),
        init=evolve(model.init, assign=(*assign, ("ghost", FALSE))),
    )


GHOST, LIMIT = Ref("ghost", Bool()), Ref("limit", DIGIT)


def claiming(claim: Claim, name: str = "q") -> System:
    """The base system with one property."""
    return evolve(base(), properties=(Property(name, claim),))


NOTHING = Int(0, -1)
NOBODY, NOWHERE = Const("k", NOTHING, 0), Const("k", Map(Bool(), NOTHING), (0, 0))


def with_sort(name: str, sort: Sort) -> System:
    """The base system with a variable of another sort."""
    model = base()
    changed = tuple(evolve(v, sort=sort) if v.name == name else v for v in model.variables)
    return evolve(model, variables=changed)


def with_constant(sort: Sort, value: Value) -> System:
    """The base system with a constant more."""
    return evolve(base(), constants=(*base().constants, Const("k", sort, value)))


def acting(changed: Action) -> System:
    """The base system with one action more."""
    return evolve(base(), actions=(*base().actions, changed))


def guarded(*guard: Expr) -> System:
    """The base system with an action that has a guard."""
    return acting(action("go", (P,), guard, ()))


def writing(update: Update) -> System:
    """The base system with an action that has an update."""
    return acting(action("go", (P,), (), (update,)))


def letting(*lets: tuple[str, Expr]) -> Action:
    """An action with lets."""
    return evolve(action("go", (P,), (), ()), lets=lets)


@pytest.mark.parametrize(
    "model",
    [base(), m0(), m1(3), m2(2, 2, 1, 1, 1), birth(2), counter(9), several_starts()],
    ids=lambda m: str(m.name),
)
def test_well_formed_systems(model: System) -> None:
    assert validate(model) == []


def test_every_pinned_expression() -> None:
    for name, expr, _ in CASES:
        pools = (Pool("Pod", 3, ("a", "b", "c")),)
        plain = action("a", (), (), ())
        # where `First` over identities is allowed
        model = evolve(m0(), pools=pools, actions=(evolve(plain, lets=(("l", expr),)),))
        assert validate(model) == [], name


@pytest.mark.parametrize("seed", range(40))
def test_random_systems(seed: int) -> None:
    assert validate(seeded_system(seed)) == []


def plus(acc: Expr, elem: Expr) -> Expr:
    """The body of a sum."""
    return Arith(ArithOp.ADD, acc, elem)


def by_let(acc: Expr, elem: Expr) -> Expr:
    """The same by way of a name."""
    more = plus(acc, elem)
    return Let("more", more, Local("more", sort_of(more)))


@pytest.mark.parametrize(
    "model",
    [
        guarded(Get(LIVE, p), Lt(X, LIMIT)),
        acting(letting(("a", First(P, Get(LIVE, p))), ("b", Local("a", Opt(POD))))),
        acting(evolve(action("go", (), (), ()), cut=IsSome(First(P, Get(LIVE, p))))),
        writing(write("x", None, Arith(ArithOp.ADD, X, lit(100)))),  # in-range is for engines
        writing(Update("table", (Index(lit(3)), Field("x")), lit(9), TRUE, TRUE)),
        writing(write("ghost", None, GHOST)),
        acting(evolve(letting(("g", GHOST)), event=Template((Local("g", Bool()),)))),
        claiming(Invariant(Not(GHOST))),
        claiming(Occurrence((StepCase("dies", Lt(Old("x", DIGIT), Ite(Get(LIVE, p), X, X))),))),
        claiming(Temporal(EachLife(P, Get(LIVE, p), Holds(Get(LIVE, p))))),
        claiming(Temporal(Steps((StepCase("dies", Eq(Old("x", DIGIT), X)),)))),
        claiming(Settles(("x", "pair"), False)),
        evolve(base(), views=(View("c", "Pod", (P,), lit(0), (("live", LIVE),)),)),
        guarded(Quant(QuantKind.ALL, Binder("p", Bool()), Local("p", Bool()))),  # hides p
        # an accumulator that grows as long as the sequence lets it, also by way of a let
        guarded(Lt(fold("a", lit(0), "e", MakeSeq(DIGIT, (X,) * 3), plus), lit(9))),
        guarded(Lt(fold("a", lit(0), "e", MakeSeq(DIGIT, (X,) * 3), by_let), lit(9))),
        guarded(Lt(fold("a", lit(0), "e", EMPTY_SEQ, plus), lit(9))),
        guarded(IsSome(First(Binder("b", Bool()), Local("b", Bool())))),  # no identities
        # where nothing can be, a range without integers says so
        with_constant(Opt(NOTHING), None),
        with_constant(Set(NOTHING), frozenset()),
        with_constant(Seq(NOTHING, 2), ()),
        with_constant(Map(NOTHING, NOTHING), ()),
        guarded(Quant(QuantKind.ALL, Binder("n", NOTHING), Lt(Local("n", NOTHING), X))),
        guarded(Eq(OrElse(Lit(Opt(NOTHING), None), lit(3)), X)),
    ],
)
def test_what_is_allowed(model: System) -> None:
    assert validate(model) == []


BAD: tuple[tuple[str, System], ...] = (
    # declarations
    ("pool Pod: there are two", evolve(base(), pools=base().pools * 2)),
    ("pool Pod: 2 different names", evolve(base(), pools=(Pool("Pod", 2, ("a", "a")),))),
    ("pool Pod: 2 different names", evolve(base(), pools=(Pool("Pod", 2, ("a",)),))),
    ("there is no pool Pod of 2", evolve(base(), pools=())),
    ("there is no pool Pod of 2", evolve(base(), pools=(Pool("Pod", 1, ("a",)),))),
    ("constant x: there are two", evolve(base(), constants=(Const("x", DIGIT, 1),))),
    ("constant limit: 10 is not of sort", evolve(base(), constants=(Const("limit", DIGIT, 10),))),
    ("constant limit: True is not", evolve(base(), constants=(Const("limit", DIGIT, True),))),
    ("action born: there are two", evolve(base(), actions=(*base().actions, base().actions[0]))),
    ("property in-range: there are two", claiming(Invariant(TRUE), "in-range")),
    ("property lives: there are two", evolve(base(), properties=base().properties * 2)),
    ("has a case twice", claiming(Invariant(Eq(*(Lit(Enum("E", ("a", "a")), "a"),) * 2)))),
    (
        "has a field twice",
        evolve(
            base(),
            constants=(Const("limit", Record("R", (("f", Bool()), ("f", Bool()))), (True, True)),),
        ),
    ),
    (
        "a sequence of capacity -1",
        evolve(base(), constants=(*base().constants, Const("k", Opt(Seq(Bool(), -1)), None))),
    ),
    (
        "ghost holds identities",
        evolve(
            base(),
            variables=tuple(
                evolve(v, role=Role.GHOST, sort=Opt(POD)) if v.name == "ghost" else v
                for v in base().variables
            ),
        ),
    ),
    (
        "its sort has no value",
        with_sort("x", Enum("E", ())),
    ),
    # ranges without integers
    ("no integer lies in", evolve(base(), constants=(*base().constants, NOBODY))),
    ("no integer lies in", evolve(base(), constants=(*base().constants, NOWHERE))),
    ("no integer lies in", with_sort("x", NOTHING)),
    ("no integer lies in", with_sort("x", Int(5, 2))),
    ("no integer lies in", with_sort("x", Record("R", (("a", Bool()), ("b", NOTHING))))),
    ("no integer lies in", with_sort("x", Map(Bool(), NOTHING))),
    ("no integer lies in", acting(action("go", (Binder("n", NOTHING),), (), ()))),
    (
        "no integer lies in",
        acting(evolve(action("go", (), (), ()), choices=(Binder("n", NOTHING),))),
    ),
    (
        "no integer lies in",
        writing(Update("x", (), lit(1), TRUE, TRUE, (Binder("n", NOTHING),))),
    ),
    (
        "no integer lies in",
        evolve(base(), init=evolve(base().init, params=(Binder("n", NOTHING),))),
    ),
    ("no integer lies in", claiming(Temporal(EachValue(Binder("n", NOTHING), Holds(TRUE))))),
    # init
    ("init: values are given to", evolve(base(), init=Init((), TRUE, base().init.assign[1:]))),
    ("init: values are given to", evolve(base(), init=Init((), TRUE, base().init.assign[::-1]))),
    ("init: where: of sort", evolve(base(), init=evolve(base().init, where=lit(1)))),
    (
        "no variable or constant x may be read",
        evolve(base(), init=evolve(base().init, where=Eq(X, X))),
    ),
    ("init: bound name p: there are two", evolve(base(), init=evolve(base().init, params=(P, P)))),
    (
        "init: x: of sort",
        evolve(
            base(),
            init=evolve(
                base().init,
                assign=tuple((n, lit(10) if n == "x" else e) for n, e in base().init.assign),
            ),
        ),
    ),
    # names in expressions
    ("no variable or constant y may be read", guarded(Ref("y", Bool()))),
    ("x is read as", guarded(Lt(Ref("x", Int(0, 3)), lit(1)))),
    ("no bound name q may be read", guarded(Eq(Local("q", POD), p))),
    ("p is read as", guarded(Eq(Local("p", Bool()), TRUE))),
    ("no variable with an old value x", guarded(Lt(Old("x", DIGIT), lit(1)))),
    ("no variable with an old value x", claiming(Invariant(Lt(Old("x", DIGIT), lit(1))))),
    (
        "no variable with an old value limit",
        claiming(Occurrence((StepCase("dies", Lt(Old("limit", DIGIT), lit(1))),))),
    ),
    ("no bound name a may be read", acting(letting(("b", Local("a", DIGIT)), ("a", X)))),
    ("no bound name v may be read", guarded(Eq(Let("v", Local("v", DIGIT), X), X))),
    ("v is read as", guarded(Eq(Let("v", lit(3), Local("v", DIGIT)), X))),
    # actions
    ("action go: guard 2: of sort", guarded(TRUE, X)),
    ("action go: cut: of sort", acting(evolve(action("go", (), (), ()), cut=X))),
    ("action go: bound name p: there are two", acting(action("go", (P, P), (), ()))),
    (
        "action go: bound name p: there are two",
        acting(evolve(action("go", (P,), (), ()), choices=(Binder("p", Bool()),))),
    ),
    ("action go: bound name p: there are two", acting(letting(("p", X)))),
    (
        "action go: guard 1: because: no bound",
        acting(evolve(action("go", (), (), ()), guard=(Conjunct(TRUE, Template(("x", p))),))),
    ),
    ("action go: event: no bound", acting(evolve(action("go", (), (), ()), event=Template((p,))))),
    ("picked outside a let or a cut", guarded(IsSome(First(P, Get(LIVE, p))))),
    (
        "picked outside a let or a cut",
        guarded(IsSome(First(Binder("s", Set(POD)), Contains(Local("s", Set(POD)), p)))),
    ),
    (
        "picked outside a let or a cut",
        writing(write("live", OrElse(First(P, TRUE), Lit(POD, 0)), TRUE)),
    ),
    # updates
    ("there is no variable y", writing(write("y", None, lit(1)))),
    ("there is no variable limit", writing(write("limit", None, lit(1)))),
    ("is written to", writing(write("x", None, TRUE))),
    ("is written to", writing(write("live", None, TRUE))),
    ("index: of sort", writing(write("live", TRUE, TRUE))),
    ("index: of sort", writing(Update("table", (Index(lit(10)),), PAIR_VALUE, TRUE, TRUE))),
    ("has no part Index", writing(write("x", lit(0), lit(1)))),
    ("has no part Field", writing(Update("pair", (Field("z"),), lit(1), TRUE, TRUE))),
    ("has no part Field", writing(Update("live", (Field("x"),), TRUE, TRUE, TRUE))),
    ("update 1 of x: when: of sort", writing(Update("x", (), lit(1), X, TRUE))),
    ("update 1 of x: live: of sort", writing(Update("x", (), lit(1), TRUE, X))),
    ("update 1 of x: value: no bound name k", writing(write("x", None, Local("k", DIGIT)))),
    (
        "update 1 of x: bound name k: there are two",
        writing(Update("x", (), lit(1), TRUE, TRUE, (Binder("k", DIGIT),) * 2)),
    ),
    # ghosts
    ("a guard or cut reads a ghost", guarded(GHOST)),
    ("a guard or cut reads a ghost", acting(evolve(action("go", (), (), ()), cut=GHOST))),
    ("update 1 of x reads a ghost", writing(write("x", None, Ite(GHOST, X, X)))),
    ("update 1 of x reads a ghost", writing(Update("x", (), X, GHOST, TRUE))),
    ("update 1 of x reads a ghost", writing(Update("x", (), X, TRUE, GHOST))),
    ("update 1 of live reads a ghost", writing(write("live", Ite(GHOST, p, p), TRUE))),
    (
        "a guard or cut reads a ghost",
        acting(
            evolve(
                letting(("a", GHOST), ("b", Not(Local("a", Bool())))),
                guard=(Conjunct(Local("b", Bool())),),
            )
        ),
    ),
    # properties and views
    ("property q: of sort", claiming(Invariant(X))),
    ("property q: on fly: there is no such action", claiming(Occurrence((StepCase("fly", TRUE),)))),
    ("property q: on dies: of sort", claiming(Occurrence((StepCase("dies", X),)))),
    (
        "property q: on born: no bound name p",
        claiming(Occurrence((StepCase("born", Get(LIVE, p)),))),
    ),
    ("property q: there is no variable y", claiming(Settles(("y",), False))),
    ("property q: variable x: there are two", claiming(Settles(("x", "x"), False))),
    ("property q: of sort", claiming(Temporal(NotF(Holds(X))))),
    ("property q: live: of sort", claiming(Temporal(EachLife(P, X, Holds(TRUE))))),
    (
        "property q: bound name v: there is no pool",
        claiming(Temporal(EachValue(Binder("v", Id("Node", 1)), Holds(TRUE)))),
    ),
    ("property q: unchanged: no bound name p", claiming(Temporal(Unchanged(p)))),
    ("well-formed: of sort", evolve(base(), well_formed=X)),
    (
        "view of Node by c: there is no such kind",
        evolve(base(), views=(View("c", "Node", (), lit(0), ()),)),
    ),
    ("the lag is of sort", evolve(base(), views=(View("c", "Pod", (), TRUE, ()),))),
    (
        "there is no such variable",
        evolve(base(), views=(View("c", "Pod", (), lit(0), (("y", X),)),)),
    ),
    (
        "view of Pod by c: x: of sort",
        evolve(base(), views=(View("c", "Pod", (), lit(0), (("x", LIVE),)),)),
    ),
)

ILL_SORTED: tuple[Expr, ...] = (
    Lit(DIGIT, 10),
    Lit(DIGIT, True),
    Lit(Id("Node", 1), 0),
    Not(X),
    And((TRUE, X)),
    Or((X, TRUE)),
    Ite(X, TRUE, TRUE),
    Ite(TRUE, X, TRUE),
    Eq(X, TRUE),
    Eq(Lit(POD, 0), Lit(Int(0, 1), 0)),
    Lt(TRUE, FALSE),
    Le(X, p),
    Arith(ArithOp.ADD, X, TRUE),
    Arith(ArithOp.DIV, lit(1), X),
    Arith(ArithOp.MOD, lit(1), Arith(ArithOp.SUB, X, lit(1))),
    IsSome(X),
    OrElse(X, X),
    OrElse(Some(X), TRUE),
    MakeRecord(PAIR, (X,)),
    MakeRecord(PAIR, (lit(10), TRUE)),
    GetField(PAIR_VALUE, "z"),
    GetField(X, "x"),
    WithField(PAIR_VALUE, "z", X),
    WithField(PAIR_VALUE, "x", TRUE),
    WithField(PAIR_VALUE, "x", lit(10)),
    MakeSet(DIGIT, (lit(10),)),
    MakeSet(Id("Node", 1), ()),
    Contains(X, X),
    Contains(MakeSet(DIGIT, ()), TRUE),
    SetOp(SetOpKind.UNION, X, X),
    SetOp(SetOpKind.MINUS, MakeSet(DIGIT, ()), MakeSet(Bool(), ())),
    Subset(MakeSet(DIGIT, ()), X),
    Subset(MakeSet(DIGIT, ()), MakeSet(Bool(), ())),
    SetOf(P, X),
    SetOf(Binder("n", Id("Node", 1)), TRUE),
    Get(X, X),
    Get(LIVE, X),
    Get(Lit(Map(Int(0, 1), Bool()), (True, True)), X),
    Put(LIVE, p, X),
    Put(LIVE, X, TRUE),
    MakeSeq(DIGIT, (lit(10),)),
    Len(X),
    At(X, X, X),
    At(EMPTY_SEQ, TRUE, X),
    At(EMPTY_SEQ, X, TRUE),
    Concat(EMPTY_SEQ, X),
    Concat(EMPTY_SEQ, MakeSeq(Bool(), ())),
    Quant(QuantKind.ALL, P, X),
    Count(P, X),
    Agg(AggKind.SUM, P, X, X),
    Agg(AggKind.MIN, P, TRUE, TRUE),
    First(Binder("n", DIGIT), X),
    Best(P, X, (X,)),
    Best(P, TRUE, (X, p)),
    Sorted(P, X, (X,)),
    Sorted(P, TRUE, (TRUE,)),
    Fold(Binder("a", DIGIT), lit(10), "e", EMPTY_SEQ, lit(0)),
    Fold(
        Binder("a", Int(0, 2)), lit(0), "e", THREE, Arith(ArithOp.ADD, Local("a", Int(0, 2)), ONE)
    ),
    Fold(Binder("a", DIGIT), lit(0), "e", THREE, TRUE),
    Fold(Binder("a", DIGIT), lit(0), "a", THREE, lit(0)),
    Fold(Binder("a", DIGIT), lit(0), "e", THREE, Local("e", Bool())),
    Fold(Binder("a", DIGIT), lit(0), "e", X, lit(0)),
)


@pytest.mark.parametrize(("problem", "model"), BAD)
def test_each_rule(problem: str, model: System) -> None:
    problems = validate(model)
    assert any(problem in text for text in problems), problems


@pytest.mark.parametrize("expr", ILL_SORTED, ids=str)
def test_ill_sorted_expressions(expr: Expr) -> None:
    """One problem each, and it is found under every kind of parent."""
    inside = Quant(QuantKind.SOME, Binder("n", Bool()), Eq(Some(expr), Some(expr)))
    for wrapped in (Eq(expr, expr), inside, Let("v", expr, TRUE)):
        problems = validate(guarded(wrapped))
        assert problems and all(text.startswith("action go: guard 1: ") for text in problems)


def test_problems_name_the_innermost_place_only() -> None:
    problems = validate(guarded(Not(And((TRUE, Eq(Some(Not(X)), Some(TRUE)))))))
    assert len(problems) == 1 and "in Not" in problems[0]


# ---- intervals -----------------------------------------------------------------------------------

RANGES = [Int(lo, hi) for lo in range(-3, 5) for hi in range(lo, 5)]


def of(op: ArithOp, x: int, y: int) -> int:
    match op:
        case ArithOp.ADD:
            return x + y
        case ArithOp.SUB:
            return x - y
        case ArithOp.MUL:
            return x * y
        case ArithOp.DIV:
            return x // y
        case ArithOp.MOD:
            return x % y
        case ArithOp.MIN:
            return min(x, y)
        case ArithOp.MAX:
            return max(x, y)


@pytest.mark.parametrize("op", ArithOp)
def test_an_interval_holds_every_result(op: ArithOp) -> None:
    for a in RANGES:
        for b in RANGES:
            if op in (ArithOp.DIV, ArithOp.MOD) and b.lo < 1:
                with pytest.raises(IllSorted):
                    interval(op, a, b)
                continue
            found = {of(op, x, y) for x in range(a.lo, a.hi + 1) for y in range(b.lo, b.hi + 1)}
            made = interval(op, a, b)
            assert made.lo <= min(found) and max(found) <= made.hi
            if op is not ArithOp.MOD:
                assert made == Int(min(found), max(found))


@pytest.mark.parametrize("op", ArithOp)
@pytest.mark.parametrize("empty", [NOTHING, Int(1, 0), Int(5, 2)], ids=str)
def test_of_no_values_come_no_values(op: ArithOp, empty: Int) -> None:
    assert interval(op, empty, Int(1, 3)) == NOTHING
    if op in (ArithOp.DIV, ArithOp.MOD) and empty.lo < 1:
        with pytest.raises(IllSorted):
            interval(op, Int(1, 3), empty)
    else:
        assert interval(op, Int(1, 3), empty) == NOTHING
