"""What the solver's engines say, judged by the certifier alone: no reference, no replay.

Proofs are asked again by the checker's own encoding; runs are walked by the two programs that
stand on their own. `docs/mutants.md` says which mistakes in the engines each of these notices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kspec.certify import check_lasso, check_trace
from kspec.certify.obligations import obligations
from kspec.certify.recheck import _with_z3
from kspec.engines.random_systems import seeded_system
from kspec.engines.smt import bmc, lasso
from kspec.engines.smt.kinduction import prove
from kspec.engines.smt.model import goal, implicit, model
from kspec.engines.smt.solver import Limits
from kspec.ir.system import Implicit, System
from kspec.ir.text import print_system
from kspec.verdict.answer import Found, Induction, Proved
from kspec.verdict.codec import encode_trace
from kspec.verdict.trace import Trace
from tests.systems.telling import GIVEN_UP, RUNNING, TELLING

LIMITS = Limits(20_000_000)
DEPTH = 2


def proofs(system: System, limits: Limits = LIMITS) -> set[tuple[Induction, ...]]:
    """The proofs that the engine shows of everything that can be asked about a system."""
    of = model(system)
    asked = [goal(of, prop) for prop in system.properties]
    goals = [g for g in (*asked, *(implicit(of, i) for i in Implicit)) if g is not None]
    answers = prove(of, goals, DEPTH, limits, questions=0).answers
    return {answer.evidence.groups for _, answer in answers if isinstance(answer, Proved)}


def unconfirmed(name: str, system: System, limits: Limits = LIMITS) -> Iterator[str]:
    """What the proofs rest on, and is not so."""
    groups = max(proofs(system, limits), key=len, default=())
    for asked in obligations(system, groups):
        if _with_z3(asked.script) != "unsat":
            yield f"{name}: {asked.what}"


def denied(name: str, system: System, prop: str, trace: Trace) -> Iterator[str]:
    """Why a run is not what it is said to be."""
    (node,) = check_trace.read_nodes(print_system(system))
    data = json.loads(json.dumps(encode_trace(trace, system)))
    try:
        if trace.loop is None:
            check_trace.Checker(check_trace.System(node)).check(data, prop)
        else:
            check_lasso.check(node, data, prop)
    except check_trace.Wrong as wrong:
        yield f"{name}: {prop}: {wrong}"


def wrong_runs(name: str, system: System) -> Iterator[str]:
    of = model(system)
    asked = [goal(of, prop) for prop in system.properties]
    goals = [g for g in (*asked, *(implicit(of, i) for i in Implicit)) if g is not None]
    for prop, answer in bmc.hunt(of, goals, 3, LIMITS):
        if isinstance(answer, Found):
            yield from denied(name, system, prop, answer.trace)


def wrong_loops(name: str, system: System) -> Iterator[str]:
    answer, _ = lasso.hunt(lasso.spelled(system), system.properties[0], 4, LIMITS)
    if isinstance(answer, Found):
        yield from denied(name, system, "runs", answer.trace)


def test_every_proof_of_telling_systems_is_confirmed() -> None:
    assert [said for name, system in TELLING for said in unconfirmed(name, system)] == []


def test_every_run_of_telling_systems_is_accepted() -> None:
    assert [said for name, system in TELLING for said in wrong_runs(name, system)] == []


@pytest.mark.slow
def test_every_run_of_random_systems_is_accepted() -> None:
    seeds = ((f"seed {n}", seeded_system(n)) for n in range(100))
    assert [said for name, system in seeds for said in wrong_runs(name, system)] == []


def test_every_loop_is_accepted() -> None:
    assert [said for name, system in RUNNING for said in wrong_loops(name, system)] == []


def test_who_gives_up_proves_nothing() -> None:
    few = Limits(200)
    assert [said for name, system in GIVEN_UP for said in unconfirmed(name, system, few)] == []
