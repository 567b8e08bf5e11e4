"""Who is asked, in which order, with which budget, and whose answer counts.

A schedule is fixed before anything runs: it depends on what is asked, of a system of what shape,
and on nothing else. Each turn is bounded by steps, states or the solver's own units; a clock can
only leave something open. The earliest turn that answers a question wins, so that what is said does
not depend on how fast anybody was. A hunter's turn cannot end a question with a proof: its type has
no word for that. `planned` is the schedule of a check, whose turns are taken side by side;
`schedule` is that of a proof, which has one prover. Why: docs/adr/021. Next: `taking`, which takes
the turns of a check, and `proving`.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.options import FEW, PORTFOLIO
from kspec.engines.api import Effort, Hunter, Proofs, Prover
from kspec.ir.sorts import cardinality
from kspec.ir.system import Claim, Implicit, Settles, System, Temporal
from kspec.verdict.answer import (
    Found,
    Inconclusive,
    Inductive,
    Proved,
    ProverAnswer,
    Reached,
    Why,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

ENGINES: Final = (PORTFOLIO, "induction", "pdr", "bmc")
"""How `kspec prove` may be asked to go about it; the first is the default."""

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


# ---- the schedule of a proof -------------------------------------------------------------------


@final
@frozen
class Proving:
    """A prover's turn."""

    prover: Prover
    effort: Effort


@final
@frozen
class Hunting:
    """A hunter's turn."""

    hunter: Hunter
    effort: Effort


Turn: TypeAlias = Proving | Hunting


def schedule(engine: str, effort: Effort, over_runs: bool) -> tuple[Turn, ...]:
    """The turns for one kind of claims: those over whole runs can only be hunted."""
    # z3 is loaded by whoever needs it, and only then.
    from kspec.engines.smt.provers import Bounded, Induction

    if over_runs or engine == "bmc":
        return (Hunting(Bounded(), effort),)
    match engine:
        case "induction":
            return (Proving(Induction(questions=0), effort),)
        case "pdr":
            return (Proving(Induction(shallow=True), effort),)
        case _:
            # One prover, that looks for bugs, assumes more states and seeks lemmas in turns of
            # its own: what it has learnt is used by all of them.
            return (Proving(Induction(), effort),)


def attempt(engine: str, system: System, names: Iterable[str], effort: Effort) -> Proofs:
    """The answers about properties, and about implicit ones, which every proof rests on."""
    names = tuple(names)
    claims = {p.name: p.claim for p in system.properties}
    over_runs = tuple(n for n in names if isinstance(claims[n], Temporal | Settles))
    others = tuple(n for n in names if n not in over_runs)
    implicit = tuple(i.value for i in Implicit)
    found = Proofs(())
    if others or not over_runs:
        found = take(schedule(engine, effort, False), system, (*others, *implicit))
    if over_runs:
        found = _joined(found, take(schedule(engine, effort, True), system, over_runs))
    known = dict(found.answers)
    unasked = Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0))
    order = (*names, *implicit)
    return evolve(found, answers=tuple((n, known.get(n, unasked)) for n in order))


def take(turns: tuple[Turn, ...], system: System, asked: tuple[str, ...]) -> Proofs:
    """Take turns; each is asked about what no earlier one has answered."""
    found = Proofs(tuple((name, Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0))) for name in asked))
    for turn in turns:
        open_ = tuple(n for n, a in found.answers if isinstance(a, Inconclusive))
        if any(name not in _IMPLICIT for name in open_) or open_ == asked:
            found = _joined(found, _taken(turn, system, open_))
    return found


_IMPLICIT: Final = frozenset(i.value for i in Implicit)


def _taken(turn: Turn, system: System, asked: tuple[str, ...]) -> Proofs:
    match turn:
        case Proving(prover, effort):
            return prover.prove(system, asked, effort)
        case Hunting(hunter, effort):
            hunted = hunter.hunt(system, asked, effort)
            return Proofs(hunted.answers, spent=hunted.spent)
        case _:
            assert_never(turn)


def _joined(first: Proofs, later: Proofs) -> Proofs:
    """The earlier answers where there are any; of what stays open, what was said last."""
    answers: dict[str, ProverAnswer] = dict(first.answers)
    for name, answer in later.answers:
        if isinstance(answers.get(name), Inconclusive | None):
            answers[name] = answer
    return Proofs(
        tuple(answers.items()),
        (*first.stuck, *later.stuck),
        first.spent + later.spent,
        (*first.hints, *later.hints),
        (*first.looked, *later.looked),
    )


def answered_by(engine: str, answer: ProverAnswer, over_runs: bool = False) -> str:
    """Whose answer it is, as reports call them."""
    match answer:
        case Found():
            return "bounded search"
        case Proved(evidence):
            return "pdr" if _needs_lemmas(evidence) else "k-induction"
        case Inconclusive():
            if over_runs or engine == "bmc":
                return "bounded search"
            return "pdr" if engine == "pdr" else "k-induction"
        case _:
            assert_never(answer)


def _needs_lemmas(evidence: Inductive) -> bool:
    used = {name for group in evidence.groups for name in group.names}
    return any(name in used for name, _ in evidence.lemmas)


__all__ = [
    "AllStates",
    "ENGINES",
    "Hunting",
    "Planned",
    "Proving",
    "Shape",
    "Solving",
    "answered_by",
    "attempt",
    "planned",
    "schedule",
    "shape",
    "take",
]
