"""Who is asked for a proof, in which order, and whose answer counts.

The order depends on what is asked and on nothing else, and the earliest turn that answers wins. A
hunter's turn cannot end a question with a proof: its type has no word for that. Why there is one
prover: docs/adr/021. Next: `proving`, which makes verdicts of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.driver.options import PORTFOLIO
from kspec.engines.api import Effort, Hunter, Proofs, Prover
from kspec.ir.system import Implicit, Settles, System, Temporal
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


__all__ = ["ENGINES", "Hunting", "Proving", "answered_by", "attempt", "schedule", "take"]
