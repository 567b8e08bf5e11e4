"""Formulas in words: a golden line for every kind of variable that lowering makes, and what must be
so of all: nothing but words, and others for what means something else."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import pytest
from attrs import evolve

from kspec.driver.telling.shown import Amount, Each, Shown
from kspec.engines.random_systems.draw import Draw
from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.universe import Universe
from kspec.engines.random_systems.world import draw_world
from kspec.ir.build import conj, disj, lit, neg
from kspec.ir.expr import (
    At,
    Binder,
    Contains,
    Eq,
    Expr,
    Get,
    IsSome,
    Le,
    Len,
    Lit,
    Local,
    Lt,
    Not,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
)
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Seq,
    Set,
    Sort,
    Value,
    from_leaves,
    leaf_ranges,
)
from kspec.ir.system import Const, Pool, Role, System, Var
from kspec.report.plain import plain
from kspec.report.shorter import shorter
from kspec.report.values import Lens
from kspec.semantics.evaluate import Env, evaluate
from tests.systems.small import system

POD, NODE = Id("Pod", 2), Id("Node", 2)
PHASE = Enum("Phase", ("Pending", "Running", "Failed"))
TASK = Enum("sts.task", ("idle", "sts.replace/2", "sts.replace/3"))
TAINT = Enum("Taint", ("out", "slow"))
NAMES = Enum("name", ("a", "b"))
SMALL = Int(0, 2)
VARIABLES = (
    Var("Pod.live", Map(POD, Bool()), Role.LIVE, "Pod", "live"),
    Var("Pod.phase", Map(POD, PHASE), Role.API, "Pod", "phase"),
    Var("Pod.node", Map(POD, Opt(NODE)), Role.API, "Pod", "node"),
    Var("Pod.age", Map(POD, SMALL), Role.API, "Pod", "age"),
    Var("Node.taints", Map(NODE, Seq(TAINT, 2)), Role.API, "Node", "taints"),
    Var("Node.full", Map(NODE, Bool()), Role.LOCAL, "Node", "full"),
    Var("Node.phase", Map(NODE, PHASE), Role.GHOST, "Node", "phase"),
    Var("lease.next", Map(NODE, Opt(SMALL)), Role.MEMORY, "lease", "next"),
    Var("lease.tries", Map(NODE, SMALL), Role.LOCAL, "lease", "tries"),
    Var("monitor.heard", Map(NODE, SMALL), Role.MEMORY, "monitor", "heard"),
    Var("monitor.silence", Map(NODE, Opt(SMALL)), Role.MEMORY, "monitor", "silence"),
    Var("sts.task", Map(NODE, TASK), Role.TASK, "sts", "task"),
    Var("sts.replace.p", Map(NODE, Opt(POD)), Role.TASK, "sts", "replace.p"),
    Var("gc.task", Enum("gc.task", ("idle", "gc.evict/2")), Role.TASK, "gc", "task"),
    Var("gc.evict/2.rest", Set(POD), Role.TASK, "gc", "gc.evict/2.rest"),
    Var("monitor.hear.deadline", Map(NODE, SMALL), Role.TASK, "monitor", "hear.deadline"),
    Var("gc.sweep.deadline", SMALL, Role.TASK, "gc", "sweep.deadline"),
    Var("gc.Pod.n", Int(0, 1), Role.VIEW, "gc", "Pod.n"),
    Var("gc.Pod.0.live", Map(POD, Bool()), Role.VIEW, "gc", "Pod.0.live"),
    Var("gc.Pod.0.phase", Map(POD, PHASE), Role.VIEW, "gc", "Pod.0.phase"),
    Var("gc.Pod.0.touched", Set(POD), Role.VIEW, "gc", "Pod.0.touched"),
    Var("sts.Pod.0.phase", Map(NODE, Map(POD, PHASE)), Role.VIEW, "sts", "Pod.0.phase"),
    Var("budget.crash", SMALL, Role.BUDGET, "crash", "left"),
    Var("victims", SMALL, Role.GHOST, "ghost", "victims"),
    Var("Failed", Bool(), Role.GHOST, "ghost", "Failed"),
)
CONSTANTS = tuple(Const(f"{of.kind}.name", Map(of, NAMES), ("a", "b")) for of in (POD, NODE))
TICK = Fraction(5)
SHOWN = Shown(
    keys=(("Pod", "name"), ("Node", "name")),
    shapes=(
        ("lease.next", Each(Each(Amount("timer", TICK)))),
        ("monitor.silence", Each(Each(Amount("timer", TICK)))),
        ("monitor.hear.deadline", Each(Amount("duration", TICK))),
        ("gc.sweep.deadline", Amount("duration", TICK)),
    ),
    instances=("lease", "sts"),
)


def made() -> System:
    pools = (Pool("Pod", 2, ("pod-0", "pod-1")), Pool("Node", 2, ("a", "b")))
    return evolve(system({}, ()), pools=pools, variables=VARIABLES, constants=CONSTANTS)


LENS = Lens(made(), SHOWN)
SORTS: dict[str, Sort] = {v.name: v.sort for v in (*VARIABLES, *CONSTANTS)}
P, Q, N, M = Local("p", POD), Local("q", POD), Local("n", NODE), Local("m", NODE)


def at(name: str, *keys: Expr) -> Expr:
    found: Expr = Ref(name, SORTS[name])
    for key in keys:
        found = Get(found, key)
    return found


def most(option: Expr, value: Expr) -> Expr:
    return conj((IsSome(option), Le(OrElse(option, lit(0)), value)))


def every(body: Expr, *names: Local) -> Expr:
    for name in reversed(names):
        body = Quant(QuantKind.ALL, Binder(name.name, name.sort), body)
    return body


LIVES, NEXT, SILENT = at("Pod.live", P), at("lease.next", N), at("monitor.silence", N)
TAINTS = at("Node.taints", N)
TASKS, HELD = at("sts.task", N), at("sts.replace.p", N)
IMAGE = at("gc.Pod.0.phase", P)
WORDS: tuple[tuple[Expr, str], ...] = (
    (LIVES, "p is there"),
    (Not(LIVES), "p is not there"),
    (Eq(at("Pod.phase", P), Lit(PHASE, "Running")), "p.phase is Running"),
    (Eq(at("Pod.node", P), Some(N)), "p.node is n"),
    (Not(IsSome(at("Pod.node", P))), "p.node is missing"),
    (Le(at("Pod.age", P), at("Pod.age", Q)), "p.age <= q.age"),
    (Not(at("Node.full", N)), "not n.full"),
    (Eq(at("Node.phase", N), Lit(PHASE, "Pending")), "n.phase is Pending"),
    (Eq(at("Pod.name", P), at("Node.name", N)), "p.name is n.name"),
    (IsSome(NEXT), "lease(n).next is on"),
    (Not(IsSome(NEXT)), "lease(n).next is off"),
    (most(NEXT, lit(0)), "lease(n).next is due"),
    (Eq(NEXT, Some(lit(0))), "lease(n).next is due"),
    (most(NEXT, lit(1)), "left(lease(n).next) <= 5s"),
    (Not(most(NEXT, lit(1))), "not (left(lease(n).next) <= 5s)"),
    (Le(at("lease.tries", N), lit(1)), "lease(n).tries <= 1"),
    (Le(at("monitor.heard", N), lit(0)), "monitor.heard[n] is 0"),
    (
        conj((IsSome(SILENT), IsSome(NEXT), Le(OrElse(SILENT, lit(0)), OrElse(NEXT, lit(0))))),
        "left(monitor.silence[n]) <= left(lease(n).next)",
    ),
    (
        conj((IsSome(SILENT), IsSome(NEXT), Eq(OrElse(SILENT, lit(0)), OrElse(NEXT, lit(0))))),
        "monitor.silence[n] is on and left(monitor.silence[n]) is left(lease(n).next)",
    ),
    (Eq(SILENT, NEXT), "monitor.silence[n] is lease(n).next"),
    (
        conj((Lt(lit(0), Len(TAINTS)), Eq(At(TAINTS, lit(0), Lit(TAINT, "out")), Lit(TAINT, "out")))),
        "n.taints[0] is out",
    ),
    (Le(Len(TAINTS), lit(1)), "length(n.taints) <= 1"),
    (Eq(TASKS, Lit(TASK, "idle")), "sts(n) is idle"),
    (Not(Eq(TASKS, Lit(TASK, "sts.replace/2"))), "sts(n) does not stand at replace/2"),
    (Eq(at("gc.task"), Lit(SORTS["gc.task"], "gc.evict/2")), "gc stands at evict/2"),
    (Eq(HELD, Some(P)), "sts(n).replace.p is p"),
    (Contains(at("gc.evict/2.rest"), P), "p in gc.evict/2.rest"),
    (Le(at("monitor.hear.deadline", N), lit(1)), "left(deadline of monitor.hear(n)) <= 5s"),
    (Le(at("gc.sweep.deadline"), lit(0)), "left(deadline of gc.sweep) is 0s"),
    (Eq(at("gc.Pod.n"), lit(1)), "lag(gc, Pod) is 1"),
    (Not(at("gc.Pod.0.live", P)), "not image(gc, 0, p is there)"),
    (Eq(IMAGE, Lit(PHASE, "Running")), "image(gc, 0, p.phase) is Running"),
    (Contains(at("gc.Pod.0.touched"), P), "p in touched(gc, 0, Pod)"),
    (
        Eq(at("sts.Pod.0.phase", N, P), Lit(PHASE, "Running")),
        "image(sts(n), 0, p.phase) is Running",
    ),
    (Le(at("budget.crash"), lit(1)), "budget(crash) <= 1"),
    (Not(Le(at("victims"), lit(0))), "victims > 0"),
    # a value that is called like something else
    (Eq(at("Pod.phase", P), Lit(PHASE, "Failed")), 'p.phase is "Failed"'),
    # what is said at once
    (Or((Not(Le(at("victims"), lit(1))), Le(at("victims"), lit(0)), LIVES)), "victims is 1 implies p is there"),
    (
        Or(tuple(Eq(at("Pod.phase", P), Lit(PHASE, x)) for x in ("Running", "Pending"))),
        "p.phase in {Pending, Running}",
    ),
    (Or((Not(LIVES), Not(Eq(at("Pod.node", P), Some(N))))), "p is there implies p.node is not n"),
    (
        every(Or((Eq(P, Q), Not(LIVES), Not(at("Pod.live", Q)))), P, Q),
        "all different p, q: Pod | not (p is there and q is there)",
    ),
    (
        every(Or((Not(Eq(at("Node.name", N), at("Pod.name", P))), LIVES)), P, N),
        "all p: Pod, n: Node of one name | p is there",
    ),
    # what is not known to be there
    (Le(OrElse(NEXT, lit(1)), lit(1)), "left((lease(n).next or else 1)) <= 5s"),
)  # fmt: skip


@pytest.mark.parametrize(("expr", "text"), WORDS, ids=[text for _, text in WORDS])
def test_every_kind_of_place_has_words(expr: Expr, text: str) -> None:
    assert plain(LENS, expr) == text


# ---- what is so of all -------------------------------------------------------------------------


def states(of: System, number: int) -> Iterator[dict[str, Value]]:
    """Any values of all variables."""
    source = random.Random(7)
    constants = {constant.name: constant.value for constant in of.constants}
    for _ in range(number):
        yield constants | {
            v.name: from_leaves(v.sort, iter([source.randrange(n) for n in leaf_ranges(v.sort)]))
            for v in of.variables
        }


def meaning(expr: Expr, worlds: list[dict[str, Value]]) -> tuple[Value, ...]:
    """What a formula is in some states, for some choices of what is free in it."""
    bound = ({"p": a, "q": b, "n": c, "m": 1 - c} for a in (0, 1) for b in (0, 1) for c in (0, 1))
    return tuple(
        evaluate(expr, Env(present=world, before=None, bound=dict(names)))
        for names in bound
        for world in worlds
    )


def atoms() -> Iterator[Expr]:
    """What lemmas are made of, with what is easily mistaken for something else."""
    yield from (expr for expr, _ in WORDS if not isinstance(expr, Quant))
    yield from (Le(at("monitor.heard", N), lit(n)) for n in (0, 1))
    yield from (most(SILENT, lit(n)) for n in (0, 1))
    yield from (IsSome(SILENT), Eq(P, Q), Eq(SILENT, Some(lit(1))))
    yield from (Eq(at("Pod.phase", x), Lit(PHASE, c)) for x in (P, Q) for c in PHASE.cases)
    yield from (Eq(at("Pod.phase", P), at("Pod.phase", Q)), Eq(IMAGE, at("Pod.phase", P)))


def test_what_means_something_else_has_other_words() -> None:
    signed = [sign for atom in dict.fromkeys(atoms()) for sign in (atom, neg(atom))]
    worlds = list(states(LENS.system, 40))
    called: dict[str, list[Expr]] = defaultdict(list)
    pairs = list(combinations(signed, 2))
    for pair in random.Random(5).sample(pairs, 900):
        for form in (disj, conj):
            called[plain(LENS, form(pair))].append(form(pair))
    for atom in signed:
        called[plain(LENS, atom)].append(atom)
    assert len(called) > 1_000
    for text, alike in called.items():
        if len(alike) > 1:
            assert len({meaning(one, worlds) for one in alike}) == 1, text


def test_what_is_shorter_means_the_same() -> None:
    signed = [sign for atom in dict.fromkeys(atoms()) for sign in (atom, neg(atom))]
    source, worlds, changed = random.Random(3), list(states(LENS.system, 20)), 0
    for _ in range(200):
        clause = disj(source.sample(signed, 4))
        changed += shorter(clause) != clause
        assert meaning(shorter(clause), worlds) == meaning(clause, worlds), clause
    assert changed > 30


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))]
)
def test_every_formula_has_words_of_its_own(seed: int) -> None:
    source = random.Random(seed)
    draw = Draw(source.randrange)
    universe = Universe(draw)
    expressions = Expressions(universe)
    world = draw_world(universe, expressions)
    pools = universe.pools
    of = evolve(system({}, ()), pools=pools, constants=world.constants, variables=world.variables())
    lens, worlds = Lens(of), list(states(of, 10))
    called: dict[str, list[Expr]] = defaultdict(list)
    for _ in range(150):
        formula = expressions.truth(world.scope(), 3)
        text = plain(lens, formula)
        assert text and not re.search(r"\(get|\(all \(|\(else |\(is-just|\n", text)
        if formula not in called[text]:
            called[text].append(formula)
        assert meaning(shorter(formula), worlds) == meaning(formula, worlds)
    for text, alike in called.items():
        assert len(alike) == 1 or len({meaning(one, worlds) for one in alike}) == 1, text
