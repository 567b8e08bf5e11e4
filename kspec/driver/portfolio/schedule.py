"""Who is asked in a check by a portfolio, in which order, with which budget.

A schedule is fixed before anything runs: it depends on what is asked, of a system of what shape,
and on nothing else. Each turn is bounded by steps, states or the solver's own units; a clock can
only leave something open. The earliest turn that answers a question wins, so that what is said does
not depend on how fast anybody was. Why: docs/adr/021. Next: `taking`, which takes the turns; a
proof, which has one prover, has its own in `driver.proofs.attempts`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.options import FEW, PORTFOLIO
from kspec.ir.sorts import cardinality
from kspec.ir.system import Claim, Settles, System, Temporal

if TYPE_CHECKING:
    from collections.abc import Iterable

MANY: Final = 10_000_000
"""How many its second one does."""
BRIEF: Final = 200
"""So many questions a solver may be asked before others are begun beside it: what needs no lemmas
is proved with fewer, nearly always."""
DEPTH: Final = 8
"""How many states a portfolio's proofs assume at most, and how far they look for bugs."""
DEEP: Final = 20
"""How far bugs are looked for that nobody else has found."""
RLIMIT: Final = 200_000_000
"""What one question to a solver may cost, in z3's units."""
RLIMIT_DEEP: Final = 20_000_000
"""The same of a question about runs of more than `DEPTH` steps."""


# ---- the schedule of a check -------------------------------------------------------------------


@final
@frozen
class Shape:
    """What a schedule depends on. `states`: there are no more than that, by the ranges of the
    variables; `starts`: so many states it would begin in if none of the choices of the start were
    left out. `of_states`, `over_runs`: are there claims about states and steps, and over whole
    runs? `most` is how many states anybody may store, None if nobody said."""

    states: int
    starts: int
    of_states: bool
    over_runs: bool
    most: int | None = None


@final
@frozen
class AllStates:
    """A search of all states that stores no more than so many."""

    states: int

    @property
    def name(self) -> str:
        """Who takes this turn, for people."""
        return f"search of {self.states:,} states".replace(",", " ")


@final
@frozen
class Solving:
    """Whoever `schedule` sends for, with claims about states and steps or, `over_runs`, others.
    A solver is asked no more than so many `questions`, if any number is given."""

    engine: str
    over_runs: bool = False
    depth: int = DEPTH
    rlimit: int = RLIMIT
    questions: int | None = None

    @property
    def name(self) -> str:
        """Who takes this turn, for people."""
        if self.over_runs:
            return "search for loops"
        if self.engine == "bmc":
            return f"bounded search to depth {self.depth}"
        return "induction" if self.questions is not None else "induction and lemmas"


Planned: TypeAlias = AllStates | Solving


def shape(system: System, claims: Iterable[Claim], most: int | None = None) -> Shape:
    """The shape of a question about a system."""
    kinds = [isinstance(claim, Temporal | Settles) for claim in claims]
    return Shape(
        prod(cardinality(v.sort) for v in system.variables),
        prod(cardinality(binder.sort) for binder in system.init.params),
        not all(kinds),
        any(kinds),
        most,
    )


def planned(of: Shape) -> tuple[tuple[Planned, ...], ...]:
    """The turns of a check, in order, group by group: those of one group are taken side by side,
    about what the groups before it have left open."""
    few = FEW if of.most is None else min(FEW, of.most)
    many = AllStates(MANY if of.most is None else of.most)
    more = (many,) if of.states > few and many.states > few else ()
    proofs = (Solving(PORTFOLIO),) if of.of_states else ()
    hunts = (Solving("bmc", depth=DEEP, rlimit=RLIMIT_DEEP),) if of.of_states else ()
    loops = (Solving("bmc", over_runs=True),) if of.over_runs else ()
    brief = tuple(evolve(turn, questions=BRIEF) for turn in proofs)
    if of.starts > few:
        # A search would be at its limit before the first step.
        return _some(brief, (*proofs, *loops, *(more or (AllStates(few),)), *hunts))
    return _some((AllStates(few),), brief, (*more, *proofs, *loops, *hunts))


def _some(*groups: tuple[Planned, ...]) -> tuple[tuple[Planned, ...], ...]:
    return tuple(group for group in groups if group)


__all__ = ["AllStates", "Planned", "Shape", "Solving", "planned", "shape"]
