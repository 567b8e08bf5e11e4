"""Partial order reduction of a search: when it is on, what is said, and what its answers are worth.

Rules: `docs/semantics.md`, "Partial order"; proof: `docs/adr/016`. It is for what is true of states
and steps, in searches that see everything. What it finds need not be the shortest: the driver looks
again without it, no deeper than that, and `settled` makes one answer of the two. What it does not
find is not said to be absent "to depth k", since depths are other ones.
Next: `reduce`, `search`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from attrs import evolve

from kspec.driver.preparing.probes import MARK
from kspec.ir.passes.independence import MOST, Independence, independence, instances
from kspec.ir.system import NoDeadlock, Property, Settles, System, Temporal, Values
from kspec.verdict.answer import Absent, Answer, Exploration, Found, Inconclusive, Reached

OVER_RUNS: Final = "claims over whole runs need every order of steps"
COUNTING: Final = "values are counted in states as they are"
STUCK: Final = "whatever may happen keeps the system from being stuck"
PROBED: Final = "whether anything ever happens is asked of the system as it is"
TO_DEPTH: Final = "with a limit, depths must be those of the system itself"
STILL: Final = "nothing can happen"
ALL_MET: Final = "every action has to do with every other"


class Contradiction(Exception):
    """A search without the reduction says otherwise; the message says what."""


def order_of(
    system: System, judged: Iterable[Property], refused: str = ""
) -> tuple[Independence | None, str]:
    """Who has to do with whom if that is of use; else why not."""
    judged = tuple(judged)
    why = refused or _refused(judged)
    total = instances(system)
    if not total:
        why = why or STILL
    if not why and total > MOST:
        why = f"{total} instances of actions are more than are compared, {MOST}"
    if why:
        return None, why
    found = independence(system, judged)
    return (None, ALL_MET) if found.is_useless else (found, "")


def _refused(judged: tuple[Property, ...]) -> str:
    claims = [prop.claim for prop in judged]
    if any(isinstance(claim, Temporal | Settles) for claim in claims):
        return OVER_RUNS
    if any(isinstance(claim, Values) for claim in claims):
        return COUNTING
    if any(isinstance(claim, NoDeadlock) for claim in claims):
        return STUCK
    return PROBED if any(prop.name.endswith(MARK) for prop in judged) else ""


def said_of(reduced: int, states: int) -> str:
    """What the report says where it was on; -1: a search that was resumed, or that ended early, has
    not counted."""
    if reduced < 0:
        return "partial order on"
    if not reduced:
        return "partial order on: no state was gone on from with fewer steps"
    some = f"{reduced:,} of {states:,}".replace(",", " ")
    return f"partial order on: {some} states were gone on from with fewer steps"


# ---- what answers are worth --------------------------------------------------------------------


def deepest(exploration: Exploration) -> int:
    """The longest run that was found; -1 if none was."""
    found = (a.trace for _, a in exploration.answers if isinstance(a, Found))
    return max((len(trace.steps) for trace in found), default=-1)


def bounded(exploration: Exploration) -> Exploration:
    """The same, with nothing said of depths that were not seen as a whole: of the first level all
    steps were looked at, of others not."""
    answers = tuple((name, _shallow(answer)) for name, answer in exploration.answers)
    return evolve(exploration, answers=answers)


def _shallow(answer: Answer) -> Answer:
    match answer:
        case Inconclusive(_, reached):
            return evolve(answer, reached=Reached(reached.states, reached.transitions, 0))
        case Found() | Absent():
            return answer
        case _:
            assert_never(answer)


def settled(fewer: Exploration, plain: Exploration, stopped: bool) -> tuple[Exploration, str]:
    """One answer of two: `plain` is without the reduction, as deep as what was found with it, and
    `stopped` if it ended before. What is to be said, if anything. Raises `Contradiction`."""
    again = dict(plain.answers)
    answers: list[tuple[str, Answer]] = []
    open_: list[str] = []
    for name, answer in bounded(fewer).answers:
        other = again[name]
        if isinstance(answer, Absent) and isinstance(other, Found):
            raise Contradiction(f"{name} is found, though absent with partial order")
        if isinstance(other, Found):
            _no_longer(name, answer, other)
            answer = other
        elif isinstance(answer, Found):
            if not stopped:
                raise Contradiction(f"{name} is not found, though it is with partial order")
            open_.append(name)
        answers.append((name, answer))
    found = evolve(fewer, answers=tuple(answers))
    names = ", ".join(open_)
    return found, f"partial order: there may be shorter runs to {names}" if open_ else ""


def _no_longer(name: str, answer: Answer, other: Found) -> None:
    if isinstance(answer, Found) and len(other.trace.steps) > len(answer.trace.steps):
        raise Contradiction(f"{name} takes more steps than with partial order")


__all__ = [
    "Contradiction",
    "PROBED",
    "TO_DEPTH",
    "bounded",
    "deepest",
    "order_of",
    "said_of",
    "settled",
]
