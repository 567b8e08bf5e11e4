"""The schedule of a check: a function of a question's shape, and of nothing else."""

from __future__ import annotations

from attrs import evolve

from kspec.driver.options import FEW
from kspec.driver.portfolio import schedule as portfolio
from kspec.driver.portfolio.schedule import AllStates, Planned, Shape, Solving, planned, shape
from kspec.engines.random_systems import seeded_system

SMALL = Shape(states=1_000, starts=1, of_states=True, over_runs=False)
LARGE = evolve(SMALL, states=10**9)


def names(of: Shape) -> list[list[str]]:
    return [[turn.name for turn in group] for group in planned(of)]


def test_all_states_first_then_a_solver_briefly_then_everybody() -> None:
    assert names(LARGE) == [
        ["search of 2 000 000 states"],
        ["induction"],
        ["search of 10 000 000 states", "induction and lemmas", "bounded search to depth 20"],
    ]


def test_a_second_search_only_where_there_may_be_more_states() -> None:
    assert names(SMALL)[2] == ["induction and lemmas", "bounded search to depth 20"]
    assert names(evolve(LARGE, most=500)) == [
        ["search of 500 states"],
        ["induction"],
        ["induction and lemmas", "bounded search to depth 20"],
    ]
    assert names(evolve(LARGE, most=3_000_000))[2][0] == "search of 3 000 000 states"


def test_claims_over_whole_runs_are_searched_and_hunted_and_never_proved() -> None:
    only = evolve(LARGE, of_states=False, over_runs=True)
    assert names(only) == [
        ["search of 2 000 000 states"],
        ["search of 10 000 000 states", "search for loops"],
    ]
    both = evolve(LARGE, over_runs=True)
    assert "search for loops" in names(both)[-1] and "induction" in names(both)[1]


def test_where_the_start_alone_is_too_much_a_solver_comes_first() -> None:
    wide = evolve(LARGE, starts=10**7)
    assert names(wide) == [
        ["induction"],
        ["induction and lemmas", "search of 10 000 000 states", "bounded search to depth 20"],
    ]
    assert any(isinstance(t, AllStates) for t in turns(evolve(wide, most=5)))


def turns(of: Shape) -> list[Planned]:
    return [turn for group in planned(of) for turn in group]


def test_budgets_are_of_states_questions_and_units_only() -> None:
    for turn in turns(evolve(LARGE, over_runs=True)):
        match turn:
            case AllStates(states):
                assert states in (FEW, portfolio.MANY)
            case Solving():
                assert turn.depth > 0 and turn.rlimit > 0


def test_the_shape_of_a_system() -> None:
    system = seeded_system(3)
    claims = [prop.claim for prop in system.properties]
    of = shape(system, claims, 7)
    assert of.states > 1 and of.most == 7 and of == shape(system, reversed(claims), 7)
    assert not shape(system, []).of_states
