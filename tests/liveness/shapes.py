"""Small graphs as systems, and three opinions about a claim over their runs.

    shaped(3, edge("go", {0: 1, 1: 2}), edge("back", {2: 0}, fairness=Fairness.NONE))

`opinion` asks the reference and the native procedure, and looks at all short walks; it fails where
they differ, so that a test that calls it says what all three say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve, field, frozen

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.runs.liveness import Undecided, decide
from kspec.engines.reference_liveness import counterexample
from kspec.ir.build import disj
from kspec.ir.expr import TRUE, Binder, Eq, Expr, Get, Lit, Local, Ref
from kspec.ir.sorts import Bool, Id, Int, Map, Value
from kspec.ir.system import (
    Action,
    Always,
    Conjunct,
    EachLife,
    Eventually,
    Fairness,
    Formula,
    Holds,
    Init,
    NotF,
    OrF,
    Origin,
    Pool,
    Property,
    Role,
    Settles,
    System,
    Temporal,
    Update,
    Var,
)
from kspec.ir.validate import validate
from kspec.verdict.lasso import cuts, shortened
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace
from tests.liveness.walks import is_violated_within

POD: Final = Id("Pod", 2)
WALKS: Final = 4000


@frozen
class Shape:
    """An action: where it leads, for each source; with `each`, for each pod a map of its own.

    `cut` are the sources where it is cut, `broken` those where it leaves its range.
    """

    name: str
    edges: Mapping[int, int]
    fairness: Fairness = Fairness.WEAK
    origin: Origin = Origin.CONTROLLER
    each: tuple[Mapping[int, int], ...] = ()
    chosen: Mapping[int, int] = field(factory=dict)
    cut: frozenset[int] = frozenset()
    broken: frozenset[int] = frozenset()


def edge(name: str, edges: Mapping[int, int], fairness: Fairness = Fairness.WEAK) -> Shape:
    """An action of a controller."""
    return Shape(name, edges, fairness)


def shaped(states: int, *shapes: Shape, start: int = 0) -> System:
    """A system whose state is a number below `states`."""
    places = Int(0, states - 1)
    return System(
        name="shape",
        pools=(Pool("Pod", 2, ("pod-0", "pod-1")),),
        constants=(),
        variables=(Var("x", places, Role.API, "", "x"),),
        init=Init((), TRUE, (("x", Lit(places, start)),)),
        actions=tuple(_action(states, shape) for shape in shapes),
        properties=(),
        well_formed=TRUE,
    )


def _action(states: int, shape: Shape) -> Action:
    """Tables by pod, by whether the other choice is made, by source."""
    places, x = Int(0, states - 1), Ref("x", Int(0, states - 1))
    wide = Int(0, states)
    own = shape.each or (shape.edges, shape.edges)
    both = [(edges, shape.chosen) for edges in own]
    stuck = shape.cut | shape.broken

    def table(of: Int | Bool, row: list[list[list[Value]]]) -> Expr:
        sort = Map(POD, Map(Bool(), Map(places, of)))
        whole = Lit(sort, tuple(tuple(tuple(r) for r in pair) for pair in row))
        who: Expr = Local("p", POD) if shape.each else Lit(POD, 0)
        what: Expr = Local("c", Bool()) if shape.chosen else Lit(Bool(), False)
        return Get(Get(Get(whole, who), what), x)

    can = [[[s in e or s in stuck for s in range(states)] for e in pair] for pair in both]
    to = [
        [[states if s in shape.broken else e.get(s, 0) for s in range(states)] for e in pair]
        for pair in both
    ]
    cut = disj(Eq(x, Lit(places, s)) for s in sorted(shape.cut))
    return Action(
        name=shape.name,
        owner="",
        origin=shape.origin,
        params=(Binder("p", POD),) if shape.each else (),
        choices=(Binder("c", Bool()),) if shape.chosen else (),
        lets=(),
        guard=(Conjunct(table(Bool(), [[list(r) for r in pair] for pair in can])),),
        cut=cut if shape.cut else None,
        updates=(Update("x", (), table(wide, [[list(r) for r in p] for p in to]), TRUE, TRUE),),
        fairness=shape.fairness,
    )


def at(system: System, *places: int) -> Formula:
    """Is the state one of these?"""
    x = Ref("x", system.variables[0].sort)
    return Holds(disj(Eq(x, Lit(x.sort, place)) for place in places))


def leads(left: Formula, right: Formula) -> Formula:
    """`left leads to right`."""
    return Always(OrF((NotF(left), Eventually(right))))


def each_life(system: System, there: Mapping[int, tuple[int, ...]], claim: Formula) -> Formula:
    """The claim for each pod; `there` are the states in which each is alive."""
    x, q = Ref("x", system.variables[0].sort), Local("q", POD)
    live = disj(
        Eq(q, Lit(POD, pod)) if not places else _both(q, pod, x, places)
        for pod, places in there.items()
    )
    return EachLife(Binder("q", POD), live, claim)


def _both(q: Expr, pod: int, x: Ref, places: tuple[int, ...]) -> Expr:
    from kspec.ir.build import conj

    here = disj(Eq(x, Lit(x.sort, place)) for place in places)
    return conj((Eq(q, Lit(POD, pod)), here))


def about(formula: Holds) -> Formula:
    """The same said of the pod `q`: false once its life is over."""
    from kspec.ir.build import conj

    q = Local("q", POD)
    return Holds(conj((Eq(q, q), formula.body)))


def opinion(system: System, claim: Formula | Settles, steps: int = 5) -> Trace | None:
    """A counterexample, cut, or None: what all three say."""
    made = claim if isinstance(claim, Settles) else Temporal(claim)
    prop = Property("runs", made)
    system = evolve(system, properties=(prop,))
    assert not validate(system)
    first = counterexample(system, made)
    run = Explicit(level=0).run(system, ("runs",), Budget(), lambda _: None)
    second = decide(run.search, [prop], lambda: False).answers["runs"]
    assert not isinstance(second, Undecided)
    assert (first is None) == (second is None), (first, second)
    for found in (first, second):
        assert found is None or replay(found, system, prop) is None, replay(found, system, prop)
    if first is None:
        assert not is_violated_within(system, made, steps, WALKS)
        return None
    short = shortened(first, system, made)
    assert replay(short, system, prop) is None
    assert all(replay(less, system, prop) is not None for less in cuts(short))
    return short
