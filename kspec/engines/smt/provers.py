"""The solver's engines as what the driver asks: a prover by induction, a hunter by bounded search.

Here names become goals and what cannot be written out becomes `Inconclusive`, so that whoever
schedules engines knows none of their terms. Next: `kinduction`, `bmc`, `lasso`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.api import Effort, Hunted, Proofs
from kspec.engines.smt import bmc, kinduction
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.lasso import Lassos
from kspec.engines.smt.model import Goal, Model, goal, implicit, model
from kspec.engines.smt.pdr import QUESTIONS
from kspec.engines.smt.solver import Limits
from kspec.ir.system import Implicit, Property, Settles, System, Temporal
from kspec.verdict.answer import HunterAnswer, Inconclusive, Reached, Why

NOWHERE: Final = Reached(0, 0, 0)
UNDECIDED: Final = Inconclusive(Why.UNSUPPORTED, NOWHERE)
TOO_DEEP: Final = "expressions are nested too deep for this engine"


@final
@frozen
class Induction:
    """k-induction, and the search for lemmas where `questions` may be asked for them; with
    `shallow` it assumes no more states than that search waits for."""

    questions: int = QUESTIONS
    shallow: bool = False

    @property
    def name(self) -> str:
        """The name in reports."""
        return "pdr" if self.shallow else "k-induction"

    def prove(self, system: System, asked: tuple[str, ...], effort: Effort) -> Proofs:
        """Try to prove what is asked."""
        depth = min(effort.depth, kinduction.PATIENCE) if self.shallow else effort.depth
        limits = Limits(effort.rlimit, effort.seconds_left)
        try:
            of = model(system)
            found = kinduction.prove(of, goals(of, asked), depth, limits, self.questions)
        except TooLarge as error:
            return Proofs(_all_open(asked, f"it is too large for a formula: {error}"))
        except RecursionError:
            return Proofs(_all_open(asked, TOO_DEEP))
        answers = dict(found.answers)
        return evolve(found, answers=tuple((name, answers.get(name, UNDECIDED)) for name in asked))


@final
@frozen
class Bounded:
    """Bounded search: for runs that end in something, and for runs that loop."""

    @property
    def name(self) -> str:
        """The name in reports."""
        return "bounded search"

    def hunt(self, system: System, asked: tuple[str, ...], effort: Effort) -> Hunted:
        """Look for traces to what is asked."""
        over_runs = {p.name for p in system.properties if isinstance(p.claim, Temporal | Settles)}
        loops = Lassos().hunt(system, tuple(n for n in asked if n in over_runs), effort)
        ends = _ends(system, tuple(n for n in asked if n not in over_runs), effort)
        found = {**dict(loops.answers), **dict(ends.answers)}
        return Hunted(tuple((name, found[name]) for name in asked), loops.spent + ends.spent)


def _ends(system: System, asked: tuple[str, ...], effort: Effort) -> Hunted:
    limits = Limits(effort.rlimit, effort.seconds_left)
    try:
        of = model(system)
        search = bmc.Bounded(of, goals(of, asked), limits)
    except TooLarge as error:
        return Hunted(_all_open(asked, f"it is too large for a formula: {error}"))
    except RecursionError:
        return Hunted(_all_open(asked, TOO_DEEP))
    known = {goal.name for goal in search.open}
    while search.open and search.depth < effort.depth and search.deepen():
        pass
    answers: tuple[tuple[str, HunterAnswer], ...] = tuple(
        (name, search.answer(name) if name in known else UNDECIDED) for name in asked
    )
    return Hunted(answers, search.solver.spent)


def goals(of: Model, asked: Iterable[str]) -> list[Goal]:
    """What of the things that are asked these engines decide, in order."""
    known: dict[str, Property] = {prop.name: prop for prop in of.system.properties}
    found: list[Goal | None] = []
    for name in asked:
        found.append(goal(of, known[name]) if name in known else implicit(of, Implicit(name)))
    return [g for g in found if g is not None]


def _all_open(asked: tuple[str, ...], note: str) -> tuple[tuple[str, Inconclusive], ...]:
    return tuple((name, Inconclusive(Why.UNSUPPORTED, NOWHERE, note)) for name in asked)


__all__ = ["Bounded", "Induction", "goals"]
