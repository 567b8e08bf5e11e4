"""All engines about one system: whoever finds a run or proves that there is none, nobody else says
the opposite. Random systems of every sort, and those of the library."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import pytest

from kspec.driver.check import Given, Options, check
from kspec.engines.api import Budget, Effort
from kspec.engines.explicit.engine import Explicit, Refusal
from kspec.engines.explicit.runs.liveness import Undecided, decide
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.smt.decode import Reading
from kspec.engines.smt.model import model
from kspec.engines.smt.provers import Bounded, Induction
from kspec.engines.smt.solver import Limits, Sat, Solver
from kspec.engines.smt.unroll import Unrolling
from kspec.engines.smt.values import lift
from kspec.engines.stateful import Runs, run
from kspec.ir.system import Implicit, Settles, System, Temporal
from kspec.verdict.answer import Absent, Answer, Found, Inconclusive, Proved, ProverAnswer, Why
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace
from tests.reductions.test_library import CASES, ROOT

SMALL = 2_000
"""Of the library only systems of so many states are asked about."""
SECONDS = 4.0
"""What an engine may take for a system; it can only leave something open."""
SCOPES = 2
"""Of a scenario, the first of so many scopes that are small enough."""
REASONS = ("sat.canceled", "canceled", "max. resource limit exceeded")
IMPLICIT = tuple(i.value for i in Implicit)


def effort() -> Effort:
    """For one engine, from now on."""
    until = process_time() + SECONDS
    return Effort(depth=4, rlimit=20_000_000, seconds_left=lambda: until - process_time())


def said(system: System, seed: int, states: int = 400) -> dict[str, dict[str, Trace | str]]:
    """What each engine says about each question: a run, "none", or "open" and why."""
    over_runs = [p for p in system.properties if isinstance(p.claim, Temporal | Settles)]
    names = tuple(p.name for p in system.properties)
    ends = tuple(name for name in names if name not in {p.name for p in over_runs})
    found: dict[str, dict[str, Trace | str]] = {}
    try:
        native = Explicit(level=0).run(system, ends, Budget(max_states=states), lambda _: None)
        found["explicit"] = {name: _short(a) for name, a in native.exploration.answers}
        if over_runs and native.exploration.complete:
            whole = Explicit(level=0).run(system, names, Budget(max_states=states), lambda _: None)
            decided = decide(whole.search, over_runs, lambda: False).answers
            found["explicit"] |= {n: _run(a) for n, a in decided.items()}
    except Refusal:
        seen = Reference().explore(system, ends, Budget(max_states=states), lambda _: None)
        found["reference"] = {name: _short(a) for name, a in seen.answers}
    for prover in (Induction(questions=0), Induction(questions=2_000, shallow=True)):
        proofs = prover.prove(system, (*ends, *IMPLICIT), effort())
        found[prover.name] = {name: _short(a) for name, a in proofs.answers}
    hunted = Bounded().hunt(system, (*names, *IMPLICIT), effort())
    found["bounded"] = {name: _short(a) for name, a in hunted.answers}
    met = run(system, ends, Runs(runs=6, depth=8, seed=seed))
    found["stateful"] = dict(met.found)
    return found


def _short(answer: Answer | ProverAnswer) -> Trace | str:
    match answer:
        case Found(trace):
            return trace
        case Absent() | Proved():
            return "none"
        case Inconclusive(why, _, note):
            assert why is not Why.SOLVER or note, "a solver that gives up says why"
            return f"open: {why.value}"


def _run(answer: Trace | Undecided | None) -> Trace | str:
    if isinstance(answer, Undecided):
        return "open"
    return "none" if answer is None else answer


def contradictions(system: System, seed: int, states: int = 400) -> Iterator[str]:
    """Where two engines cannot both be right."""
    answers = said(system, seed, states)
    asked = {p.name: p for p in system.properties}
    for name in (*asked, *IMPLICIT):
        about = {engine: a[name] for engine, a in answers.items() if name in a}
        runs = {engine: a for engine, a in about.items() if isinstance(a, Trace)}
        for engine, trace in runs.items():
            flaw = replay(trace, system, asked.get(name) or Implicit(name))
            if flaw is not None:
                yield f"{seed}: {name} of {engine} does not replay: {flaw}"
        denied = [engine for engine, a in about.items() if a == "none"]
        if runs and denied:
            yield f"{seed}: {name} is found by {sorted(runs)}, and there is none for {denied}"
        lengths = {e: len(t.steps) for e, t in runs.items() if e != "stateful"}
        over_runs = name in asked and isinstance(asked[name].claim, Temporal | Settles)
        if not over_runs and len(set(lengths.values())) > 1:
            yield f"{seed}: the shortest run to {name} has {lengths} steps"
        if runs and lengths and not over_runs:
            least = min(lengths.values())
            if any(len(t.steps) < least for t in runs.values()):
                yield f"{seed}: {name} is met in fewer steps than {least}"


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


def test_no_engine_contradicts_another() -> None:
    assert [c for seed in range(2) for c in contradictions(seeded_system(seed), seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize("block", range(80))
def test_no_engine_contradicts_another_on_thousands(block: int) -> None:
    seeds = range(25 * block + 100, 25 * block + 125)
    assert [c for seed in seeds for c in contradictions(seeded_system(seed), seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize(("file", "scenario"), CASES, ids=lambda value: value or "alone")
def test_no_engine_contradicts_another_about_the_library(file: str, scenario: str) -> None:
    options = Options(only_systems=True, scenarios=(scenario,))
    (found,) = check([Given(ROOT / file, file)], options).files
    compared = 0
    for _, system in found.systems:
        if compared < SCOPES and is_small(system):
            assert list(contradictions(system, 1, SMALL)) == []
            assert round_trip(system, 20) > 0
            compared += 1


def is_small(system: System) -> bool:
    """Are all its states so few?"""
    try:
        seen = Explicit(level=0).run(system, (), Budget(max_states=SMALL), lambda _: None)
    except Refusal:
        return False
    return seen.exploration.complete


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
