"""The solver's engines against the reference, on systems that are made to tell mistakes.

`docs/mutants.md` says which mistakes in the engines each of these notices.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.engines.reference_liveness import counterexample
from kspec.engines.smt import bmc, lasso
from kspec.engines.smt.kinduction import prove
from kspec.engines.smt.model import model
from kspec.engines.smt.solver import Limits
from kspec.ir.system import Settles, System, Temporal
from kspec.verdict.answer import Absent, Answer, Found, Proved
from kspec.verdict.lasso import shortened
from tests.engines.smt.compare import LIMITS, goals
from tests.systems.telling import GIVEN_UP, RUNNING, TELLING

DEPTH = 3


@cache
def by_reference(name: str) -> dict[str, Answer]:
    """What a search of all states says."""
    system = dict(TELLING)[name]
    asked = ((), *((prop.name,) for prop in system.properties))
    found: dict[str, Answer] = {}
    for names in asked:  # each by itself, else a search may end before all is decided
        found = {**dict(Reference().explore(system, names, Budget(400), _nobody).answers), **found}
    return found


def _nobody(_: object) -> None:
    """Hears how far a search is."""


def false_proofs(name: str, system: System, limits: Limits = LIMITS) -> Iterator[str]:
    """What is proved never to happen, and happens."""
    of, seen = model(system), by_reference(name)
    for prop, answer in prove(of, goals(of), 2, limits, questions=0).answers:
        if isinstance(answer, Proved) and isinstance(seen[prop], Found):
            yield f"{name}: {prop} is proved"


def differences(name: str, system: System) -> Iterator[str]:
    """Where bounded search finds other runs than a search of all states."""
    of, seen = model(system), by_reference(name)
    for prop, answer in bmc.hunt(of, goals(of), DEPTH, LIMITS):
        wanted = seen[prop]
        assert isinstance(wanted, Found | Absent), f"{name} is too large"
        least = len(wanted.trace.steps) if isinstance(wanted, Found) else DEPTH + 1
        found = len(answer.trace.steps) if isinstance(answer, Found) else DEPTH + 1
        if min(least, DEPTH + 1) != found:
            yield f"{name}: {prop} in {found} steps, not {least}"


def other_loops(name: str, system: System) -> Iterator[str]:
    """Where bounded search finds other runs that loop than the reference."""
    (prop,) = system.properties
    assert isinstance(prop.claim, Settles | Temporal)
    answer, _ = lasso.hunt(lasso.spelled(system), prop, 4, LIMITS)
    wanted = counterexample(system, prop.claim)
    if (wanted is None) is isinstance(answer, Found):
        yield f"{name}: the reference has {wanted}, the search {answer}"
    elif wanted is not None and isinstance(answer, Found):
        least = len(shortened(wanted, system, prop.claim).steps)
        if len(answer.trace.steps) != least:
            yield f"{name}: in {len(answer.trace.steps)} steps, not {least}"


def test_nothing_false_is_proved() -> None:
    assert [said for name, system in TELLING for said in false_proofs(name, system)] == []


def test_who_gives_up_proves_nothing() -> None:
    few = Limits(200)
    assert [said for name, system in GIVEN_UP for said in false_proofs(name, system, few)] == []


def test_runs_are_those_of_the_reference() -> None:
    assert [said for name, system in TELLING for said in differences(name, system)] == []


def test_loops_are_those_of_the_reference() -> None:
    assert [said for name, system in RUNNING for said in other_loops(name, system)] == []
