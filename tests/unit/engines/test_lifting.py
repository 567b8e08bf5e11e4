"""From a run of a reduced system to one of the system: the same start, the same states on the way."""

from __future__ import annotations

import pytest

from kspec.engines.lifting import Unliftable, lift
from kspec.ir.build import lit
from kspec.ir.expr import TRUE, Binder, Eq, Get, Lit, Local, Put, Ref
from kspec.ir.sorts import Id, Int, Map
from kspec.ir.system import (
    Action,
    Fairness,
    Index,
    Init,
    Invariant,
    Occurrence,
    Origin,
    Pool,
    Property,
    Role,
    StepCase,
    System,
    Update,
    Var,
)
from kspec.verdict.trace import State, Step, Trace

POD, MARK = Id("Pod", 2), Int(0, 2)
SORT = Map(POD, MARK)


def marks() -> System:
    """Two pods with a mark each: the second begins with 0 or 1; any pod is given 2."""
    p, first = Local("p", POD), Local("first", Int(0, 1))
    start = Lit(SORT, (0, 0))
    give = Action(
        name="give",
        owner="hand",
        origin=Origin.ENVIRONMENT,
        params=(Binder("p", POD),),
        choices=(),
        lets=(),
        guard=(),
        cut=None,
        updates=(Update("mark", (Index(p),), lit(2), TRUE, TRUE),),
        fairness=Fairness.NONE,
    )
    return System(
        name="marks",
        pools=(Pool("Pod", 2, ("x", "y")),),
        constants=(),
        variables=(Var("mark", SORT, Role.API, "Pod", "mark"),),
        init=Init((Binder("first", Int(0, 1)),), TRUE, (("mark", Put(start, Lit(POD, 1), first)),)),
        actions=(give,),
        properties=(),
        well_formed=TRUE,
    )


def same(state: State) -> State:
    return state


def alike(state: State) -> State:
    """Without saying which pod is which."""
    (mark,) = state
    assert isinstance(mark, tuple)
    return (tuple(sorted(mark, key=str)),)


WANTED = Property("p", Invariant(TRUE))


def test_it_begins_where_the_other_does() -> None:
    found = lift(marks(), Trace(((0, 1),), ()), WANTED, same)
    assert found.start == ((0, 1),)


def test_it_goes_where_the_other_goes() -> None:
    trace = Trace(((0, 0),), (Step("give", (0,), (), ((0, 2),)),))
    found = lift(marks(), trace, WANTED, same)
    assert found.steps == (Step("give", (1,), (), ((0, 2),)),)


def test_who_is_who_is_told_by_the_system() -> None:
    steps = (Step("give", (0,), (), ((0, 2),)), Step("give", (0,), (), ((2, 2),)))
    found = lift(marks(), Trace(((0, 0),), steps), WANTED, alike)
    assert [step.state for step in found.steps] == [((2, 0),), ((2, 2),)]


def test_the_last_step_shows_what_is_asked() -> None:
    mark = Get(Ref("mark", SORT), Lit(POD, 1))
    only_x = Property("p", Occurrence((StepCase("give", Eq(mark, lit(0))),)))
    trace = Trace(((0, 0),), (Step("give", (0,), (), ((0, 2),)),))
    found = lift(marks(), trace, only_x, alike)
    assert found.steps[-1].params == (1,)


def test_a_run_that_is_none_is_noticed() -> None:
    with pytest.raises(Unliftable):
        lift(marks(), Trace(((2, 2),), ()), WANTED, same)
    with pytest.raises(Unliftable):
        lift(marks(), Trace(((0, 0),), (Step("give", (0,), (), ((1, 1),)),)), WANTED, same)
