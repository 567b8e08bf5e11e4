"""Small systems on which a mistake in the encoding to a solver tells: a wrong proof, or a wrong run.

`TELLING` is for claims about states and steps, true ones and false ones; `RUNNING` for claims over
whole runs, on graphs. What is right about them is for others to say: the certifier by itself
(`tests/certify/test_engines.py`) and the reference (`tests/engines/smt/test_telling.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from kspec.ir.build import conj, disj, lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Arith,
    ArithOp,
    Best,
    Binder,
    Eq,
    Expr,
    First,
    Get,
    IsSome,
    Ite,
    Le,
    Lit,
    Local,
    Lt,
    MakeMap,
    Not,
    Old,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Ref,
)
from kspec.ir.sorts import Bool, Id, Int, Map, Opt, Sort
from kspec.ir.system import (
    Action,
    Always,
    Claim,
    Eventually,
    Fairness,
    Formula,
    Holds,
    Index,
    Init,
    Invariant,
    NoDeadlock,
    NotF,
    Occurrence,
    Origin,
    Property,
    Reachable,
    Settles,
    StepCase,
    System,
    Temporal,
    Update,
)
from tests.liveness.shapes import Shape, about, at, each_life, edge, leads, shaped
from tests.systems.bench import action, pool, write
from tests.systems.small import DIGIT, X, birth, counter, several_starts, system

THREE: Final = Int(0, 2)
POD: Final = Id("Pod", 3)
P: Final = Local("p", POD)


def _one_of(x: Expr, *numbers: int) -> Expr:
    return disj(Eq(x, lit(n)) for n in numbers)


def _set(name: str, value: Expr, *guard: Expr) -> Action:
    return action(f"set {name}", (), guard, (write(name, None, value),))


def _chosen(sort: Sort, **claims: Claim) -> System:
    """`x` becomes whatever is chosen."""
    x = Ref("x", sort)
    start = {THREE: lit(0)}.get(sort, Lit(sort, None))
    chooses = evolve(_set("x", Local("c", sort)), choices=(Binder("c", sort),))
    return system({"x": (sort, start)}, (chooses,), {**claims, "any": Invariant(Eq(x, x))})


def _numbers() -> Iterator[tuple[str, System]]:
    x = Ref("x", THREE)
    yield "what is chosen is any of the sort", _chosen(THREE, low=Invariant(_one_of(x, 0, 1)))
    yield "and no other", _chosen(THREE, all=Invariant(_one_of(x, 0, 1, 2)))
    # From -4 up to 4; the quotient is -2 at the start, -1 soon, and the rest is never negative.
    signed, n = Int(-4, 4), Ref("n", Int(-4, 4))
    up = _set("n", Arith(ArithOp.ADD, n, lit(1)), Lt(n, lit(4)))
    half, rest = Arith(ArithOp.DIV, n, lit(3)), Arith(ArithOp.MOD, n, lit(3))
    claims: dict[str, Claim] = {
        "halves": Invariant(Not(Eq(half, lit(-2)))),
        "rests": Invariant(_one_of(rest, 0, 1, 2)),
        "below": Invariant(Not(Lt(n, lit(-1)))),
        "above": Invariant(Lt(n, lit(3))),
        "doubled": Invariant(Lt(Arith(ArithOp.ADD, n, n), lit(7))),
        "mixed": Invariant(Not(Eq(Ite(Lt(n, lit(0)), lit(0), n), lit(4)))),
    }
    yield "numbers below zero", system({"n": (signed, lit(-4))}, (up,), claims)


def _options() -> Iterator[tuple[str, System]]:
    sort = Opt(THREE)
    x = Ref("x", sort)
    nothing = Lit(sort, None)
    same = Or((IsSome(x), Eq(x, nothing)))
    yield "nothing is equal to nothing", _chosen(sort, same=Invariant(same))
    yield "something may be nothing", _chosen(sort, some=Invariant(Not(Eq(x, nothing))))
    # Two that are marked, at 1 and 2; both have the same key.
    marks, p = Ref("marks", Map(POD, Bool())), Local("p", POD)
    first = OrElse(First(Binder("p", POD), Get(marks, p)), Lit(POD, 0))
    best = Best(Binder("p", POD), Get(marks, p), (lit(0),))
    yield (
        "the first, and the best of equals",
        system(
            {"marks": (Map(POD, Bool()), Lit(Map(POD, Bool()), (False, True, False)))},
            (action("mark", (), (), (write("marks", Lit(POD, 2), TRUE),)),),
            {
                "first": Invariant(Not(Eq(first, Lit(POD, 2)))),
                "second": Invariant(Eq(first, Lit(POD, 1))),
                "tie": Invariant(IsSome(best)),
                "all": Invariant(Not(Quant(QuantKind.ALL, Binder("p", POD), Get(marks, p)))),
                "some": Reachable(Not(Quant(QuantKind.SOME, Binder("p", POD), Get(marks, p)))),
            },
            (pool("Pod", 3, "pod"),),
        ),
    )


def _steps() -> Iterator[tuple[str, System]]:
    a, b = Ref("a", Bool()), Ref("b", Bool())
    both: dict[str, Claim] = {"never": Invariant(Not(conj((a, b))))}
    flags = {"a": (Bool(), FALSE), "b": (Bool(), FALSE)}
    yield "one after the other", system(flags, (_set("a", TRUE), _set("b", TRUE)), both)
    alone: dict[str, Claim] = {"never": Invariant(Not(b))}
    yield "nobody writes it", system(flags, (_set("a", TRUE),), alone)
    late = _set("b", TRUE, a, Not(b))
    yield "two conditions", system(flags, (_set("a", TRUE), late), both)
    early = _set("b", TRUE, a, b)
    yield "two conditions, one of them false", system(flags, (_set("a", TRUE), early), both)
    # `a` turns while `x` counts: three states in a row agree somewhere.
    turn = _set("a", Not(a))
    up = _set("x", Arith(ArithOp.ADD, X, lit(1)), Lt(X, lit(9)))
    far: dict[str, Claim] = {"near": Invariant(Lt(X, lit(3)))}
    yield "a long way", system({"a": (Bool(), FALSE), "x": (DIGIT, lit(0))}, (turn, up), far)
    yield "counting, and what is false of it", counter(9)
    positive = (Property("positive", Invariant(Lt(lit(0), X))),)
    yield "counting out of range", evolve(counter(10, lit(8)), properties=positive)
    yield "a bad start", evolve(counter(0, lit(5)), properties=counter(9).properties)
    yield "several starts", _starts()
    yield "a claim about steps", _about_steps()
    yield "to keep a promise that is never made", _promise()


def _starts() -> System:
    """7, 3 or 5; the choice that leads to 9 is excluded."""
    low = Property("not_nine", Invariant(Not(Eq(X, lit(9)))))
    return evolve(several_starts(), actions=counter(0).actions, properties=(low,))


def _about_steps() -> System:
    same = Occurrence((StepCase("up", Eq(X, Old("x", DIGIT))),))
    more = Occurrence((StepCase("up", Lt(Old("x", DIGIT), X)),))
    made = (Property("same", same), Property("more", more))
    return evolve(counter(5), properties=made)


def _promise() -> System:
    """`late` is false at last and not inductive: it is no help for `b`."""
    a, b = Ref("a", Bool()), Ref("b", Bool())
    up = _set("x", Arith(ArithOp.ADD, X, lit(1)), Lt(X, lit(6)))
    claims: dict[str, Claim] = {
        "late": Invariant(Lt(X, lit(5))),
        "later": Invariant(Not(a)),
        "last": Invariant(Not(b)),
    }
    sorts = {"x": (DIGIT, lit(0)), "a": (Bool(), FALSE), "b": (Bool(), FALSE)}
    actions = (up, _set("a", TRUE, Eq(X, lit(5))), _set("b", TRUE, Eq(X, lit(6))))
    return system(sorts, actions, claims)


def _writes() -> Iterator[tuple[str, System]]:
    marks, q = Ref("m", Map(POD, THREE)), Local("q", POD)
    some, other = Binder("p", POD), Binder("q", POD)
    zero = MakeMap(some, lit(0))
    start: dict[str, tuple[Sort, Expr]] = {"m": (Map(POD, THREE), zero)}
    pods = (pool("Pod", 3, "pod"),)
    both = action("both", (some, other), (), (write("m", P, lit(1)), write("m", q, lit(2))))
    yield "two writes of one place", system(start, (both,), None, pods)
    apart = evolve(both, guard=(*both.guard, *action("", (), (Not(Eq(P, q)),), ()).guard))
    low: dict[str, Claim] = {"low": Invariant(Lt(Get(marks, Lit(POD, 2)), lit(2)))}
    yield "two writes of two places", system(start, (apart,), low, pods)
    gone = Update("m", (Index(P),), lit(1), TRUE, Eq(Get(marks, P), lit(0)))
    yield "a write to what is gone", system(start, (action("w", (some,), (), (gone,)),), None, pods)
    more = Arith(ArithOp.ADD, Get(marks, P), lit(1))
    grows = action("grow", (some,), (), (write("m", P, more),))
    yield "one that grows too large", system(start, (grows,), None, pods)


def _cuts() -> Iterator[tuple[str, System]]:
    base = counter(9)
    (up,) = base.actions
    yield "a step that is cut", evolve(base, actions=(evolve(up, cut=Le(lit(2), X)),))
    yield "where all are born", birth(1)
    (born, _) = birth(2).actions
    stuck: dict[str, Claim] = {"lives": NoDeadlock(), "never": Reachable(FALSE)}
    named = tuple(Property(name, claim) for name, claim in stuck.items())
    yield "where nobody dies", evolve(birth(2), actions=(born,), properties=named)
    yield "a start that is none", evolve(base, init=Init((), FALSE, base.init.assign))


TELLING: Final[tuple[tuple[str, System], ...]] = tuple(
    pair for make in (_numbers, _options, _steps, _writes, _cuts) for pair in make()
)

GIVEN_UP: Final = tuple(pair for make in (_writes, _cuts) for pair in make())
"""Those that a solver is asked about with too little to spend."""


# ---- claims over whole runs ---------------------------------------------------------------------


def _running() -> Iterator[tuple[str, System, Formula | Settles]]:
    ends = shaped(3, edge("go", {0: 1, 1: 2}))
    yield "no rest where something fair is enabled", ends, Eventually(at(ends, 2))
    lazy = shaped(3, edge("go", {0: 1, 1: 2}, Fairness.NONE))
    yield "rest where nothing is fair", lazy, Eventually(at(lazy, 2))
    round_ = (edge("out", {0: 1}, Fairness.NONE), edge("back", {1: 0}))
    weak = shaped(3, *round_, edge("leave", {0: 2}))
    yield "weakly fair", weak, Eventually(at(weak, 2))
    strong = shaped(3, *round_, edge("leave", {0: 2}, Fairness.STRONG))
    yield "strongly fair", strong, Eventually(at(strong, 2))
    # `leave` is enabled all along the loop, and taken only on the way there.
    turn = edge("turn", {1: 2, 2: 1}, Fairness.NONE)
    once = shaped(4, edge("leave", {0: 1, 1: 3, 2: 3}), turn)
    yield "served on the way only", once, Eventually(at(once, 3))
    twice = shaped(3, edge("go", {0: 1, 1: 0}), edge("leave", {0: 2, 1: 2}))
    yield "two that are fair", twice, Eventually(at(twice, 2))
    cut = shaped(3, Shape("go", {0: 1}, cut=frozenset({1})))
    yield "no rest where one is cut", cut, Eventually(at(cut, 2))
    always = shaped(3, Shape("go", {}, cut=frozenset({0, 1})), edge("turn", {0: 1, 1: 0}))
    yield "one that is always cut", always, Eventually(at(always, 2))
    only = evolve(birth(1).actions[0], cut=TRUE, fairness=Fairness.WEAK)
    yield "one whose cut is known", evolve(birth(1), actions=(only,)), Eventually(Holds(FALSE))
    stays = shaped(2, edge("stay", {0: 0}))
    yield "a step that changes nothing", stays, Eventually(at(stays, 1))
    line = shaped(3, edge("go", {0: 1, 1: 2}, Fairness.NONE))
    yield "a walk that ends", line, _never(at(line, 2))
    user = Shape("user", {0: 1}, Fairness.NONE, Origin.ENVIRONMENT)
    yield "users who go on", shaped(2, user, edge("repair", {1: 0})), Settles(("x",), False)
    yield "who never settles", shaped(2, edge("turn", {0: 1, 1: 0})), Settles(("x",), False)
    chain = shaped(4, edge("a", {0: 1, 1: 2, 2: 1}))
    yield "what comes after all", chain, leads(at(chain, 1), at(chain, 2))
    yield "what does not come again", chain, leads(at(chain, 1), at(chain, 0))
    path = shaped(3, edge("a", {0: 1, 1: 2}))
    claim = Eventually(about(at(path, 2)))
    yield "a life of all states", path, each_life(path, {0: (), 1: (0, 1, 2)}, claim)
    yield "a life that is over", path, each_life(path, {0: (0, 1), 1: ()}, claim)
    gone = {0: (0, 1), 1: (0,)}
    yield "nothing is so of what is over", path, each_life(path, gone, NotF(claim))
    begins = Eventually(at(path, 0))
    yield "a life that begins late", path, each_life(path, {0: (1, 2), 1: ()}, begins)
    yield "a life that was there", path, each_life(path, {0: (0, 1, 2), 1: ()}, begins)


def _never(formula: Holds) -> Formula:
    """It never comes to be."""
    return Always(NotF(formula))


def _asked(system: System, claim: Formula | Settles) -> System:
    made = claim if isinstance(claim, Settles) else Temporal(claim)
    return evolve(system, properties=(Property("runs", made),))


RUNNING: Final = tuple((name, _asked(system, claim)) for name, system, claim in _running())

__all__ = ["GIVEN_UP", "RUNNING", "TELLING"]
