"""What is so of every object alone: what walkers see is reachable, and what is left is so."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from attrs import evolve

from kspec.engines.random_systems import seeded_system
from kspec.engines.smt.alone import Believed, Spelled, alone, shapes
from kspec.engines.smt.atoms import Atom, meant, places
from kspec.engines.smt.beside import compared, pairs
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.flock import Flock, TooSpread
from kspec.engines.smt.images import images
from kspec.engines.smt.lemmas import lemmas
from kspec.engines.smt.model import Model, OfState, model
from kspec.engines.smt.space import Space
from kspec.ir.expr import Eq, Expr, Get, Le, Lit, Quant, Ref
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.namesakes import joint, names
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt
from kspec.ir.system import Const, Pool, Role, System, Var
from kspec.verdict.answer import Absent, Found
from tests.engines.smt.compare import LIMITS, explored, goals
from tests.engines.smt.test_kinduction import BELOW_SIX, counter

WALKERS = 60


def seen_by_walkers(of: Model, steps: int) -> set[str]:
    """Which bad states some walker is in, on its way."""
    flock, found = Flock(of, walkers=WALKERS), set[str]()
    flock.begin()
    for _ in range(steps):
        known = dict(flock.state)
        for goal in goals(of):
            if isinstance(goal, OfState) and flock.truth(goal.bad, known) & flock.there:
                found.add(goal.name)
        flock.step()
    return found


def walked(seeds: range) -> tuple[list[str], int]:
    """What walkers see that is not reachable, and how much they see that is."""
    wrong: list[str] = []
    reached = 0
    for seed in seeds:
        system = seeded_system(seed)
        answers = dict(explored(system).answers)
        try:
            seen = seen_by_walkers(model(system), 40)
        except (TooSpread, TooLarge):
            continue
        wrong += (f"seed {seed}: {n}" for n in seen if isinstance(answers[n], Absent))
        reached += sum(isinstance(answers[n], Found) for n in seen)
    return wrong, reached


def test_walkers_are_nowhere_but_where_runs_get_to() -> None:
    wrong, reached = walked(range(10))
    assert wrong == []
    assert reached > 3


def test_where_nothing_can_be_done_nobody_moves() -> None:
    flock = Flock(model(evolve(counter(0, 8, BELOW_SIX), actions=())))
    flock.begin()
    assert flock.there == flock.everybody
    assert flock.step() == 0


def test_walkers_do_what_can_be_done_and_no_more() -> None:
    flock = Flock(model(counter(0, 5, BELOW_SIX, step=2)), walkers=WALKERS)
    flock.begin()
    for _ in range(30):
        flock.step()
    (spread,) = flock.state.values()
    assert isinstance(spread, dict)
    assert {value for value, who in spread.items() if who} <= {0, 6}
    assert spread[6]


@pytest.mark.slow
def test_walkers_of_many_systems_are_nowhere_but_where_runs_get_to() -> None:
    assert walked(range(10, 300))[0] == []


# ---- clauses -----------------------------------------------------------------------------------


def all_that_is_so(views: list[int], literals: int) -> set[frozenset[int]]:
    """Clauses of at most three literals that all views satisfy, by trying."""
    found = set()
    for size in (1, 2, 3):
        for chosen in combinations(range(literals), size):
            tautology = any(n ^ 1 in chosen for n in chosen)
            if not tautology and all(any(view >> n & 1 for n in chosen) for view in views):
                found.add(frozenset(chosen))
    return found


VIEWS = [0b01010101, 0b01011001, 0b01100101, 0b10010110, 0b01101010]


def planes_of(views: list[int], literals: int) -> tuple[list[int], int]:
    there = (1 << len(views)) - 1
    planes = [sum((view >> n & 1) << k for k, view in enumerate(views)) for n in range(literals)]
    return planes, there


def least_of(views: list[int], literals: int) -> set[frozenset[int]]:
    found = all_that_is_so(views, literals)
    return {clause for clause in found if not any(clause - {n} in found for n in clause)}


def as_sets(clauses: object) -> set[frozenset[int]]:
    assert isinstance(clauses, dict)
    return {frozenset(n for n in range(8) if clause >> n & 1) for clause in clauses}


def test_what_nobody_breaks_is_left() -> None:
    believed = Believed(8, 3)
    believed.leave(*planes_of(VIEWS, 8))
    believed.settle(())
    assert as_sets(believed.all) == all_that_is_so(VIEWS, 8)
    assert as_sets(believed.least) == least_of(VIEWS, 8)


def test_one_view_after_the_other_leaves_the_same() -> None:
    believed = Believed(8, 3)
    believed.leave(*planes_of(VIEWS[:1], 8))
    believed.settle(())
    for view in VIEWS[1:]:
        seen = planes_of([view], 8)
        broken = believed.broken(*seen)
        believed.leave(*seen)
        believed.weaken(broken)
    assert as_sets(believed.least) == least_of(VIEWS, 8)


def test_what_something_implies_by_itself_is_not_among_the_least() -> None:
    believed = Believed(4, 2)
    believed.leave(*planes_of([0b0101], 4))
    believed.settle([(0, 2)])
    assert as_sets(believed.least) == {frozenset({0})}


# ---- of systems --------------------------------------------------------------------------------

NODE, LEASE, NAME = Id("Node", 2), Id("Lease", 2), Enum("name", ("a", "b"))
POOLS = (Pool("Node", 2, ("a", "b")), Pool("Lease", 2, ("a", "b")))
NAMED = (
    Const("Node.name", Map(NODE, NAME), ("a", "b")),
    Const("Lease.name", Map(LEASE, NAME), ("b", "a")),
)
VARIABLES = (
    Var("ready", Map(NODE, Bool()), Role.API, "Node", "ready"),
    Var("left", Map(NODE, Opt(Int(0, 3))), Role.LOCAL, "Node", "left"),
    Var("next", Map(LEASE, Opt(Int(0, 5))), Role.LOCAL, "Lease", "next"),
)


def named_system() -> System:
    """Two nodes and two leases; the lease of the first node is the second one."""
    some = counter(0, 8, BELOW_SIX)
    starts: list[tuple[str, Expr]] = [
        ("ready", Lit(VARIABLES[0].sort, (True, True))),
        ("left", Lit(VARIABLES[1].sort, (None, None))),
        ("next", Lit(VARIABLES[2].sort, (None, None))),
    ]
    return evolve(
        some,
        pools=POOLS,
        constants=NAMED,
        variables=(*some.variables, *VARIABLES),
        init=evolve(some.init, assign=(*some.init.assign, *starts)),
    )


def test_namesakes_change_places_together() -> None:
    (swaps,) = joint(named_system())
    assert [(swap.kind, swap.places, swap.names) for swap in swaps] == [
        ("Node", (0, 1), ("a", "b")),
        ("Lease", (1, 0), None),
    ]


def test_an_image_moves_all_that_bears_a_name() -> None:
    system = named_system()
    space = Space(model(system), [], LIMITS)
    at = {repr(place.expr): n for n, place in enumerate(space.places)}
    first, second = (n for text, n in at.items() if "ready" in text)
    one, other = (n for text, n in at.items() if "next" in text and text.startswith("IsSome"))
    cube = tuple(space.literal(Atom(n, False, 1), True) for n in (first, one))
    wanted = tuple(space.literal(Atom(n, False, 1), True) for n in (second, other))
    assert [set(image) for image in images([], space, joint(system))(cube)] == [set(wanted)]


def test_timers_of_namesakes_are_compared_and_those_of_others_are_not() -> None:
    system = named_system()
    found = places(model(system))
    linked = pairs(found, names(system))
    assert len(linked) == 2
    whose = {
        tuple(
            re.findall(r"Id\(kind='(\w+)', size=2\), value=(\d)", repr(found[n].expr))[0]
            for n in pair
        )
        for pair in linked
    }
    assert whose == {(("Node", "0"), ("Lease", "1")), (("Node", "1"), ("Lease", "0"))}
    one, other = linked[0]
    said = dict(compared(found, (one, other), 1, 2))
    assert said == {Atom(one, True, 0, other): True, Atom(other, True, 0, one): False}
    assert isinstance(meant(found, Atom(one, True, 0, other)).args[-1], Le)  # type: ignore[attr-defined]


def test_owners_of_one_shape_have_the_same_said_of_them() -> None:
    system = named_system()
    of = model(system)
    found = places(of)
    (shape,) = shapes(found, pairs(found, names(system)), names(system))
    assert len(shape.atoms) == 2
    assert len({len(mine) for mine in shape.atoms}) == 1
    first, second = ({atom.place for atom in mine} for mine in shape.atoms)
    assert not first & second


def test_a_clause_about_namesakes_is_said_of_namesakes() -> None:
    system = named_system()
    ready = Get(Ref("ready", VARIABLES[0].sort), lit_of(NODE, 0))
    after = Get(Ref("next", VARIABLES[2].sort), lit_of(LEASE, 1))
    apart = Get(Ref("next", VARIABLES[2].sort), lit_of(LEASE, 0))
    none = lit_of(VARIABLES[2].sort.value, None)
    (same,) = lemmas([((ready, True), (Eq(after, none), True))], names(system))
    (other,) = lemmas([((ready, True), (Eq(apart, none), True))], names(system))
    assert isinstance(same.body, Quant)
    assert same.body != other.body
    links = [text.count("Lease.name") for text in (repr(same.body), repr(other.body))]
    assert links == [1, 1]
    assert repr(same.body).count("Not(") == repr(other.body).count("Not(") + 1


def lit_of(sort: object, value: object) -> Expr:
    return Lit(sort, value)  # type: ignore[arg-type]


def left_of(system: System) -> tuple[Space, list[Spelled]]:
    opened, _ = interchangeable(system, system.properties)
    of = model(opened)
    return Space(of, [], LIMITS), list(alone(of, names(opened), LIMITS).cubes)


def broken(seed: int) -> list[str]:
    """What is left of a random system, and is no invariant of it together."""
    space, cubes = left_of(seeded_system(seed))
    literals = [tuple(space.literal(a, is_so) for a, is_so in cube) for cube in cubes]
    wrong: list[str] = []
    for cube in literals:
        if space.ask([space.start, *(space.now(x) for x in cube)]) is not None:
            wrong.append(f"seed {seed}: a start is excluded")
    space.add(space.outside(cube) for cube in literals)
    for cube in literals:
        if space.ask([space.taken, *(space.then(x) for x in cube)]) is not None:
            wrong.append(f"seed {seed}: a step breaks what is left")
    return wrong


def test_what_is_left_is_an_invariant() -> None:
    assert [line for seed in (2, 9) for line in broken(seed)] == []


def test_what_is_left_without_walks_is_an_invariant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is for questions alone to find what is broken."""
    monkeypatch.setattr("kspec.engines.smt.alone._walk", lambda *_: None)
    assert [line for seed in range(12) for line in broken(seed)] == []
    assert len(left_of(seeded_system(9))[1]) > 5


@pytest.mark.slow
def test_what_is_left_of_many_systems_is_an_invariant() -> None:
    assert [line for seed in range(12, 80) for line in broken(seed)] == []
