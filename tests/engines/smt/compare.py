"""Random systems through the solver's engines and through the reference: what differs, if anything."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.engines.api import Budget
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.engines.smt.bmc import hunt
from kspec.engines.smt.model import Goal, Model, goal, implicit, model
from kspec.engines.smt.solver import Limits
from kspec.ir.system import Implicit, System
from kspec.verdict.answer import Absent, Answer, Exploration, Found, HunterAnswer
from kspec.verdict.replay import replay

LIMITS = Limits(rlimit=20_000_000)
STATES = 120
DEPTH = 4


def explored(system: System) -> Exploration:
    """What the reference says, as far as it is asked to look."""
    names = tuple(p.name for p in system.properties)
    return Reference().explore(system, names, Budget(STATES, 6), lambda _: None)


def goals(of: Model) -> tuple[Goal, ...]:
    """Everything that can be asked about a system."""
    found = (goal(of, prop) for prop in of.system.properties)
    return (*(g for g in found if g is not None), *(implicit(of, i) for i in Implicit))


def flaw(system: System, name: str, answer: Found) -> str | None:
    """What is wrong with a trace."""
    props = {p.name: p for p in system.properties}
    found = replay(answer.trace, system, props.get(name) or Implicit(name))
    return None if found is None else f"{name} does not replay: {found}"


def hunted(seed: int, spelled_out: int) -> Iterator[str]:
    """Where bounded search and reference contradict each other, on the system of a seed."""
    system = seeded_system(seed)
    seen = explored(system)
    of = model(system, spelled_out)
    depth = min(seen.reached.depth, DEPTH) if seen.reached.states else 0
    for name, answer in hunt(of, goals(of), depth, LIMITS):
        found = _difference(system, name, dict(seen.answers)[name], answer)
        if found is not None:
            yield f"seed {seed}: {found}"


def _difference(system: System, name: str, wanted: Answer, got: HunterAnswer) -> str | None:
    if isinstance(got, Found):
        wrong = flaw(system, name, got)
        if wrong is not None or isinstance(wanted, Absent):
            return wrong or f"{name} is found, and there is none"
        if isinstance(wanted, Found) and len(wanted.trace.steps) != len(got.trace.steps):
            return f"{name} after {len(got.trace.steps)} steps, not {len(wanted.trace.steps)}"
        return None
    if isinstance(wanted, Found) and len(wanted.trace.steps) <= got.reached.depth:
        return f"{name} is not found in {len(wanted.trace.steps)} steps"
    return None


__all__ = ["explored", "flaw", "goals", "hunted"]
