"""Random systems obey every rule, survive a trip through text, and move."""

from __future__ import annotations

from collections import Counter

import pytest

from kspec.engines.api import Budget
from kspec.engines.conformance import MAX_STATES, seeded_question
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.ir.text import parse_system, print_system
from kspec.ir.validate import validate
from kspec.verdict.answer import Absent, Answer, Found, Inconclusive


def test_systems_obey_every_rule() -> None:
    problems = {seed: validate(seeded_system(seed)) for seed in range(400)}
    assert {seed: found for seed, found in problems.items() if found} == {}


def test_systems_come_back_from_text() -> None:
    for seed in range(150):
        system = seeded_system(seed)
        assert parse_system(print_system(system)) == system, seed


def outcome(name: str, kind: str, answer: Answer) -> str:
    match answer:
        case Found(trace):
            return f"{kind} found after {min(2, len(trace.steps))}"
        case Absent():
            return f"{kind} absent"
        case Inconclusive(why, _, _):
            return f"{kind} open: {why.name}"


@pytest.mark.slow
def test_systems_move_and_their_questions_get_every_answer() -> None:
    counts: Counter[str] = Counter()
    runs = 500
    for seed in range(runs):
        question = seeded_question(seed)
        system, asked, budget = question.system, question.properties, question.budget
        result = Reference().explore(system, asked, budget, lambda _: None)
        kinds = {p.name: type(p.claim).__name__ for p in system.properties}
        counts.update({outcome(n, kinds.get(n, n), a) for n, a in result.answers})
        counts["cuts"] += bool(result.cuts)
        counts["no initial state"] += not result.reached.states and result.complete
        counts["three levels"] += result.reached.depth >= 3
        counts["ten states"] += result.reached.states >= 10
        counts["forty states"] += result.reached.states >= 40
        counts["an action never fires"] += any(not n for _, n in result.fired)
    wanted = {
        *(f"Invariant found after {n}" for n in (0, 1, 2)),
        *(f"Reachable found after {n}" for n in (0, 1)),
        *(f"Occurrence found after {n}" for n in (1, 2)),
        *(f"NoDeadlock found after {n}" for n in (0, 1)),
        *(f"{k} found after {n}" for k in ("in-range", "live-target") for n in (1, 2)),
        "single-write found after 1",
        *(f"{k} absent" for k in ("Invariant", "Reachable", "Occurrence", "NoDeadlock")),
        *(f"{k} absent" for k in ("in-range", "live-target", "single-write")),
        *(f"{k} open: UNSUPPORTED" for k in ("Temporal", "Settles")),
        *(f"in-range open: {why}" for why in ("STATES", "DEPTH", "STOPPED")),
        *("cuts", "no initial state", "an action never fires"),
        *("three levels", "ten states", "forty states"),
    }
    rare = {name: counts[name] for name in sorted(wanted) if counts[name] < runs // 250}
    assert rare == {}


def test_the_limit_on_states_keeps_every_system_small() -> None:
    assert Budget(max_states=MAX_STATES) == Budget(max_states=300)
