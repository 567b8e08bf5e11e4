"""All engines about one system: whoever finds a run or proves that there is none, nobody else says
the opposite. Random systems of four families; that a wrong answer would be noticed; that what is
open is neither. The library's are in `test_agreement_library`, the counts in docs/trust.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import pytest
from attrs import evolve

from kspec.engines.api import Budget, Effort
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.smt.decode import Reading
from kspec.engines.smt.model import model
from kspec.engines.smt.provers import Bounded, Induction
from kspec.engines.smt.solver import Limits, Sat, Solver
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import lift
from kspec.ir.expr import TRUE
from kspec.ir.system import Action, Fairness, System
from kspec.verdict.answer import Inconclusive, Why
from kspec.verdict.trace import Trace
from tests.engines.agreement import FAMILIES, contradictions, tallied
from tests.engines.answers import ENGINES, IMPLICIT, NONE, REACHED, Answers, Question, Said, said

REASONS = ("sat.canceled", "canceled", "max. resource limit exceeded")


def test_no_engine_contradicts_another() -> None:
    for family, seeds in (("seeded", range(2)), ("graph", range(2)), ("loose", range(1))):
        assert tallied(family, seeds).flaws == ()


BLOCKS: Final = {"seeded": 80, "graph": 40, "loose": 20, "module": 10}
"""Of 25 systems each."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "block"), [(family, n) for family, many in BLOCKS.items() for n in range(many)]
)
def test_no_engine_contradicts_another_on_thousands(family: str, block: int) -> None:
    start = 25 * block + (100 if family == "seeded" else 0)
    assert tallied(family, range(start, start + 25)).flaws == ()


# ---- a wrong answer is noticed -----------------------------------------------------------------


@cache
def honest(family: str, seed: int) -> tuple[Question, dict[str, Answers]]:
    """A question and what the engines say."""
    system = FAMILIES[family](seed)
    assert system is not None
    asked = Question(system, seed)
    return asked, said(asked)


def opposite(asked: Question, answer: Said) -> Said | None:
    """The other answer; None if it is open."""
    if isinstance(answer, Trace) or answer == REACHED:
        return NONE
    start = Reference().visit(asked.system, (), Budget(max_states=1), lambda _: None)[1]
    return Trace(start[0], ()) if answer == NONE and start else None


def lies(asked: Question, answers: dict[str, Answers]) -> Iterator[tuple[str, str, bool]]:
    """Each answer of each engine turned into its opposite: is that noticed?"""
    for engine, about in answers.items():
        for name, answer in about.items():
            lie = opposite(asked, answer)
            if lie is not None:
                told = {**answers, engine: {**about, name: lie}}
                yield engine, name, any(contradictions(asked, told))


def test_the_opposite_of_any_answer_is_noticed() -> None:
    found = [lie for which in (("seeded", 0), ("graph", 1)) for lie in lies(*honest(*which))]
    assert {engine for engine, _, _ in found} == set(ENGINES)
    assert [(engine, name) for engine, name, is_noticed in found if not is_noticed] == []


def _each(system: System, change: Callable[[Action], Action]) -> System:
    return evolve(system, actions=tuple(map(change, system.actions)))


def _forgetful(system: System) -> System:
    """Without the last action, and what is said of it."""
    (*actions, last) = system.actions
    kept = tuple(p for p in system.properties if f"'{last.name}'" not in repr(p))
    return evolve(system, actions=tuple(actions), properties=kept)


MISREADINGS: Final[dict[str, Callable[[System], System]]] = {
    "the last action is forgotten": _forgetful,
    "guards are ignored": lambda s: _each(s, lambda a: evolve(a, guard=())),
    "what is written on a condition is always written": lambda s: _each(
        s, lambda a: evolve(a, updates=tuple(evolve(u, when=TRUE) for u in a.updates))
    ),
    "what is dead may be written": lambda s: _each(
        s, lambda a: evolve(a, updates=tuple(evolve(u, live=TRUE) for u in a.updates))
    ),
    "the last update is forgotten": lambda s: _each(s, lambda a: evolve(a, updates=a.updates[:-1])),
    "nothing is ever cut": lambda s: _each(s, lambda a: evolve(a, cut=None)),
    "nobody is fair": lambda s: _each(s, lambda a: evolve(a, fairness=Fairness.NONE)),
}
"""How an engine may read a system wrongly."""
OVER_RUNS: Final = frozenset(("explicit", "reference", "bounded"))
"""Who answers about whole runs; nobody else asks who is fair."""
LOOKED: Final = (*(("seeded", n) for n in range(100, 210)), *(("graph", n) for n in range(60)))


def noticed(engine: str, misreading: str, family: str, seed: int) -> bool:
    """Is it, if an engine reads the system of a seed so?"""
    system = FAMILIES[family](seed)
    if system is None or (wrong := MISREADINGS[misreading](system)) == system:
        return False
    asked, answers = honest(family, seed)
    told = ENGINES[engine](evolve(asked, system=wrong))
    return any(contradictions(asked, {**answers, engine: told}))


@pytest.mark.slow
@pytest.mark.parametrize("misreading", MISREADINGS)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_reads_another_system_is_noticed(engine: str, misreading: str) -> None:
    if misreading == "nobody is fair" and engine not in OVER_RUNS:
        return
    assert any(noticed(engine, misreading, *which) for which in LOOKED)


# ---- states and terms --------------------------------------------------------------------------


def round_trip(system: System, states: int) -> int:
    """States of a system as terms and back; how many."""
    _, visited = Reference().visit(system, (), Budget(max_states=states), lambda _: None)
    of = model(system)
    unrolling = Unrolling(of)
    solver = Solver(Limits(), unrolling.translator.context)
    solver.add(unrolling.state(0))
    for state in visited:
        pairs = zip(system.variables, of.state, state, strict=True)
        same = of.terms.and_(
            of.encoder.values.same(v.sort, sym, lift(v.sort, value)) for v, sym, value in pairs
        )
        outcome = solver.check([unrolling.at(0, same)])
        assert isinstance(outcome, Sat), (system.name, state)
        assert Reading(unrolling, outcome.model).state(0) == state
    return len(visited)


def test_states_are_terms_and_back() -> None:
    assert sum(round_trip(seeded_system(seed), 30) for seed in range(8)) > 50


@pytest.mark.slow
def test_many_states_are_terms_and_back() -> None:
    assert sum(round_trip(seeded_system(seed), 60) for seed in range(8, 300)) > 3000


def test_a_solver_that_gives_up_says_neither() -> None:
    poor = Effort(depth=4, rlimit=1)
    open_ = 0
    for seed in range(4):
        system = seeded_system(seed)
        names = (*(p.name for p in system.properties), *IMPLICIT)
        answers = [*Bounded().hunt(system, names, poor).answers]
        answers += Induction(questions=0).prove(system, names, poor).answers  # type: ignore[arg-type]
        for name, answer in answers:
            assert isinstance(answer, Inconclusive), (seed, name)
            open_ += answer.why is Why.SOLVER
            assert answer.why is not Why.SOLVER or answer.note in REASONS
    assert open_ > 10
