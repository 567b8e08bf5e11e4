"""From answers about traces to verdicts, by the polarity of each property.

The only place where a `Verdict` is built. Rules: `docs/semantics.md`, "What engines answer",
"Cuts", "Implicit properties", "Words". A witness stands by itself: its trace is a run, whatever
else the system may do. Everything that rests on having seen all states does not stand where a
step that breaks an implicit property was reached, since nothing is known beyond it.
"""

from __future__ import annotations

from typing import assert_never

from kspec.driver.result import Word
from kspec.ir.system import (
    Claim,
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Reachable,
    Settles,
    Temporal,
    Values,
)
from kspec.pure.claims.decide import (
    Decision,
    Endless,
    Everywhere,
    Seen,
    Somewhere,
    Stopped,
    TooMany,
)
from kspec.verdict.answer import (
    Absent,
    Answer,
    Enumerated,
    Exhausted,
    Exploration,
    Found,
    Holds,
    Inconclusive,
    Reached,
    Unknown,
    Verdict,
    Violated,
    Why,
)

BOUNDED = (Why.DEPTH, Why.STATES, Why.TIME, Why.MEMORY, Why.INTERRUPTED)
"""Reasons that leave a number of completed levels behind."""


NOT_COUNTED = "this engine does not show the states that it saw"


def judge_count(
    claim: Values, found: int | None, exploration: Exploration, audited: int
) -> Verdict:
    """The verdict on how many values there are; `found` is None where nobody counted. All states
    were seen."""
    first, reached = broken_first(exploration), exploration.reached
    evidence = Exhausted(
        reached.states, reached.transitions, reached.depth, exploration.cuts, audited
    )
    if first:
        return Unknown(_implicit(first, exploration.reached))
    if evidence.cuts:
        return Unknown(_cut(evidence))
    if found is None:
        return Unknown(Inconclusive(Why.UNSUPPORTED, exploration.reached, NOT_COUNTED))
    return Holds(evidence) if found == claim.count else Violated(evidence)


def judge(claim: Claim, answer: Answer, exploration: Exploration) -> Verdict:
    """The verdict on one property of an explored system."""
    first = broken_first(exploration)
    match claim:
        case Invariant() | Occurrence():
            return _of_bad(answer, first, exploration, safe_from_cuts=True)
        case NoDeadlock():
            return _of_bad(answer, first, exploration, safe_from_cuts=False)
        case Reachable():
            return _of_wanted(answer, first, exploration)
        case Temporal() | Settles(_, False):
            return _of_bad(answer, first, exploration, safe_from_cuts=False)
        case Settles():
            return _of_wanted(answer, first, exploration)
        case Values():
            return Unknown(Inconclusive(Why.UNSUPPORTED, exploration.reached, NOT_COUNTED))
        case _:
            assert_never(claim)


def judge_law(decision: Decision, most: int) -> Verdict:
    """The verdict on a law of a finite scope: about this scope, never about all there could be."""
    match decision:
        case Everywhere(seen):
            return Holds(_enumerated(seen))
        case Somewhere(seen):
            return Violated(_enumerated(seen))
        case TooMany(worlds, cases):
            note = f"{cases} cases in {worlds} worlds, and at most {most} are gone through"
            note += ": `kspec prove` asks a solver instead"
            return Unknown(Inconclusive(Why.TOO_MANY, Reached(0, 0, 0), note))
        case Endless(why):
            return Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0), why))
        case Stopped():
            return Unknown(Inconclusive(Why.INTERRUPTED, Reached(0, 0, 0)))
        case _:
            assert_never(decision)


def _enumerated(seen: Seen) -> Enumerated:
    return Enumerated(seen.worlds, seen.left_out, seen.cases, seen.names)


def judge_implicit(answer: Answer) -> Verdict:
    """The verdict on an implicit property."""
    match answer:
        case Found(trace):
            return Violated(trace)
        case Absent(evidence):
            return Holds(evidence)
        case Inconclusive():
            return Unknown(answer)
        case _:
            assert_never(answer)


def broken_first(exploration: Exploration) -> tuple[Implicit, ...]:
    """The implicit properties that some reachable step breaks."""
    answers = dict(exploration.answers)
    return tuple(i for i in Implicit if isinstance(answers.get(i.value), Found))


def _of_bad(
    answer: Answer, first: tuple[Implicit, ...], exploration: Exploration, *, safe_from_cuts: bool
) -> Verdict:
    """A trace is what must not be."""
    match answer:
        case Found(trace):
            return Violated(trace)
        case Absent(evidence):
            if first:
                return Unknown(_implicit(first, exploration.reached))
            if evidence.cuts and not safe_from_cuts:
                return Unknown(_cut(evidence))
            return Holds(evidence)
        case Inconclusive():
            return Unknown(_implicit(first, exploration.reached) if first else answer)
        case _:
            assert_never(answer)


def _of_wanted(answer: Answer, first: tuple[Implicit, ...], exploration: Exploration) -> Verdict:
    """A trace is what is wanted."""
    match answer:
        case Found(trace):
            return Holds(trace)
        case Absent(evidence):
            if first:
                return Unknown(_implicit(first, exploration.reached))
            return Unknown(_cut(evidence)) if evidence.cuts else Violated(evidence)
        case Inconclusive():
            return Unknown(_implicit(first, exploration.reached) if first else answer)
        case _:
            assert_never(answer)


def _implicit(first: tuple[Implicit, ...], reached: Reached) -> Inconclusive:
    names = ", ".join(i.value for i in first)
    return Inconclusive(Why.IMPLICIT_FIRST, reached, f"{names} fails first")


def _cut(evidence: Exhausted) -> Inconclusive:
    actions = ", ".join(cut.action for cut in evidence.cuts)
    reached = Reached(evidence.states, evidence.transitions, evidence.depth)
    return Inconclusive(Why.CUT, reached, f"cut: {actions}")


def word_for(verdict: Verdict, claim: Claim | None) -> Word:
    """The word of the table; `claim` is None for implicit properties and laws."""
    match verdict:
        case Holds():
            wanted = isinstance(claim, Reachable) or (isinstance(claim, Settles) and claim.negated)
            return Word.REACHED if wanted else Word.HOLDS
        case Violated():
            return Word.VIOLATED
        case Unknown(because):
            # Nothing found to depth k is no bug only where what is looked for is one.
            looks_for_bugs = isinstance(claim, Invariant | Occurrence | NoDeadlock)
            if because.why in (Why.WALKS, Why.LOSSY) and looks_for_bugs:
                return Word.NO_BUG_FOUND
            some_level = because.reached.states > 0
            bounded = because.why in BOUNDED and looks_for_bugs and some_level
            return Word.BOUNDED if bounded else Word.UNKNOWN
        case _:
            assert_never(verdict)


def kind_of(claim: Claim) -> str:
    """What a row calls this kind of property."""
    match claim:
        case Invariant():
            return "invariant"
        case Occurrence():
            return "occurrence"
        case Reachable():
            return "reachable"
        case NoDeadlock():
            return "deadlock"
        case Settles():
            return "settles"
        case Values():
            return "values"
        case Temporal():
            return "temporal"
        case _:
            assert_never(claim)
