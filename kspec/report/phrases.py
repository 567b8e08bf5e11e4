"""Short sentences about rows: what the screen says after a verdict's word, and the summary.

One place for the words, so that screen and JSON say the same. No layout, no colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from kspec.driver.result import LedgerRow, Row, Word
from kspec.verdict.answer import (
    Cut,
    Enumerated,
    Exhausted,
    Holds,
    Inconclusive,
    Inductive,
    Reached,
    Solved,
    Unknown,
    Violated,
    Why,
)
from kspec.verdict.trace import Trace


def number(n: int) -> str:
    """12345 as `12 345`."""
    return format(n, ",").replace(",", " ")


def counted(n: int, what: str, plural: str = "") -> str:
    """`1 step`, `2 steps`."""
    return f"{number(n)} {what if n == 1 else plural or what + 's'}"


def evidence(row: Row) -> str:
    """What a verdict rests on, in one line; and who said so, where several were asked."""
    said = _evidence(row)
    if not row.turns or row.engine is None or not isinstance(row.verdict, Holds | Violated):
        return said
    match row.verdict.evidence:
        case Exhausted() if row.values is None:
            return said.replace("never reached: ", "never reached, ").replace("all ", "by all ", 1)
        case Inductive():
            by = f"by {row.engine}"
            return said.replace("by induction", by) if "by induction" in said else f"{said}, {by}"
        case _:
            return f"{said}, by {'search' if row.engine == 'explicit' else row.engine}"


def _evidence(row: Row) -> str:
    match row.verdict:
        case None:
            return "not judged: see the error"
        case Holds(rest):
            return (
                _steps(rest)
                if isinstance(rest, Trace)
                else _cut_first(row, rest) + _values(row) + _exhausted(rest)
            )
        case Violated(Enumerated() as seen):
            return _refuted(seen)
        case Violated(Solved() as seen):
            world = f"in {_solved(seen, 'one of')}"
            return f"{_beyond(row, world)}; found by a solver, then evaluated"
        case Violated(rest):
            if isinstance(rest, Trace):
                return _beyond(row, _steps(rest))
            return (_values(row) or "never reached: ") + _exhausted(rest)
        case Unknown(because):
            return _because(row, because)
        case _:
            assert_never(row.verdict)


def _beyond(row: Row, steps: str) -> str:
    """With the size that it takes, if that is not the one of the file."""
    if not row.beyond:
        return steps
    sizes = ", ".join(f"{number(n)} {kind}" for kind, n in row.beyond)
    return f"at {sizes} {steps}, beyond the checked scope"


def _values(row: Row) -> str:
    return "" if row.values is None else f"{counted(len(row.values), 'value')} in "


def _enumerated(seen: Enumerated) -> str:
    """What was gone through: never more than the scope."""
    meant = seen.worlds - seen.left_out
    worlds = "the one world" if seen.worlds == 1 else f"all {counted(meant, 'world')}"
    left_out = f" ({number(seen.left_out)} left out)" if seen.left_out else ""
    names = f", {counted(seen.names, 'name')}" if seen.names else ""
    return f"in {worlds} of this scope{left_out}: {counted(seen.cases, 'case')}{names}"


def _solved(seen: Solved, what: str) -> str:
    """What a solver was asked about."""
    names = f", {counted(seen.names, 'name')}" if seen.names else ""
    worlds = "the one world" if seen.worlds == 1 else f"{what} {counted(seen.worlds, 'world')}"
    return f"{worlds} of this scope: {counted(seen.cases, 'case')}{names}"


def _refuted(seen: Enumerated) -> str:
    where = "" if seen.worlds == 1 else f" of world {number(seen.worlds)}"
    return f"in case {number(seen.cases)}{where} of this scope"


def _steps(trace: Trace) -> str:
    if trace.loop is not None:
        return _for_ever(trace, trace.loop)
    return f"after {counted(len(trace.steps), 'step')}" if trace.steps else "at the start"


def _for_ever(trace: Trace, loop: int) -> str:
    """What a run with a loop is made of."""
    again = len(trace.steps) - loop
    first = f"after {counted(loop, 'step')}" if loop else "from the start"
    return f"{first}, {counted(again, 'step') if again else 'nothing'} for ever"


def _inductive(proof: Inductive) -> str:
    """How it was proved: for runs of every length, in this scope or in every one of its kind."""
    if proof.endless:
        least = "; ".join((f"for every number of {', '.join(proof.endless)}", *proof.bounded))
        helped = f", with {counted(len(proof.lemmas), 'lemma')}" if proof.lemmas else ""
        return f"{least}: by induction{helped}"
    if proof.groups and proof.groups[-1].ends:
        return f"no run has {counted(proof.k, 'step')}"
    others = sorted({name for group in proof.groups for name in group.names if name[:1] != "$"})
    return f"by induction, k = {proof.k}, with {counted(len(others), 'claim')} in all"


def _exhausted(seen: Exhausted | Enumerated | Solved | Inductive) -> str:
    if isinstance(seen, Enumerated):
        return _enumerated(seen)
    if isinstance(seen, Solved):
        return f"in {_solved(seen, 'all')}; by a solver, none gone through"
    if isinstance(seen, Inductive):
        return _inductive(seen)
    text = (
        f"all {counted(seen.states, 'state')}, {counted(seen.transitions, 'transition')}, "
        f"depth {seen.depth}"
    )
    return text + (
        f", audited {number(seen.audited)} of {number(seen.states)}" if seen.audited else ""
    )


def _cut_first(row: Row, seen: Exhausted | Enumerated | Solved | Inductive) -> str:
    """What a verdict is limited to where creation was cut."""
    if isinstance(seen, Inductive) and seen.cuts:
        return f"for {_at_most(row)} ({', '.join(seen.cuts)} may be cut): "
    return (
        f"for {_at_most(row)} ({_cuts(seen.cuts)}): "
        if isinstance(seen, Exhausted) and seen.cuts
        else ""
    )


def _at_most(row: Row) -> str:
    cut = {c.action for c in row.cuts}
    rooms = {kind: room for action, kind, room in row.shown.births if action in cut}
    most = " and ".join(counted(room, kind) for kind, room in sorted(rooms.items()))
    return f"at most {most or 'so many objects'} at once"


def _cuts(cuts: Sequence[Cut]) -> str:
    return ", ".join(f"{c.action} cut in {counted(c.states, 'state')}" for c in cuts)


def _because(row: Row, because: Inconclusive) -> str:
    why: str = because.why.value
    how_far = _reached(because.reached) if because.reached.states else ""
    if because.why is Why.SOLVER:
        return why + _gave_up(because.note)
    if row.word is Word.BOUNDED and not because.reached.states:
        return why + (f": {because.note}" if because.note else "")
    if row.word is Word.BOUNDED:
        return f"{why}; looked at {how_far}"
    if because.why is Why.CUT:
        return f"more room could change it: only {_at_most(row)} ({_cuts(row.cuts)})"
    if because.why is Why.WALKS:
        found = "none" if row.word is Word.NO_BUG_FOUND else "not met"
        return f"{found} in {because.note}, which proves nothing"
    if because.why is Why.LOSSY and because.omission is not None:
        left = f"a state was left out with a probability of about {because.omission:.1g}"
        note = f" ({because.note})" if because.note else ""
        return f"none among {how_far or '0 states'}{note}; {left}, which proves nothing"
    if because.why in (Why.IMPLICIT_FIRST, Why.UNSUPPORTED, Why.TOO_MANY) and because.note:
        return because.note
    note = f": {because.note}" if because.note else ""
    shown = f"; looked at {how_far}" if how_far and because.why is not Why.UNSUPPORTED else ""
    return why + note + shown


def _gave_up(note: str) -> str:
    """On what a solver did: z3's own reason, after what it means where that is one's own doing."""
    if note == OUT_OF_TIME:
        return ": the time limit was reached"
    if at_rlimit(note):
        return f" at the limit that --rlimit sets: z3 says {note}"
    return f": z3 says {note}" if note else ""


def at_rlimit(note: str) -> bool:
    """Is a solver's reason that the question had cost what it may?"""
    return "cancel" in note or "resource limit" in note


OUT_OF_TIME: Final = "timeout"


def _reached(reached: Reached) -> str:
    return f"{counted(reached.states, 'state')} to depth {reached.depth}"


def word(row: Row) -> str:
    """The word of a row, with its depth where that is part of it."""
    if row.word is Word.BOUNDED and isinstance(row.verdict, Unknown):
        return f"{row.word.value} {row.verdict.because.reached.depth}"
    return str(row.word.value)


def expectation(row: Row) -> str:
    """How a row compares with what was expected; `""` where nothing was."""
    if row.expected is None:
        return ""
    if row.met is None:
        return f"({row.expected} was expected)"
    return "(as expected)" if row.met else f"(expected: {row.expected})"


def summary(rows: Sequence[Row]) -> str:
    """`2 hold, 1 violated as expected, 1 unknown`."""
    met = [row for row in rows if row.met is True]
    other = [row for row in rows if row.met is not True]
    parts = []
    for kind, verb in (
        (Word.VIOLATED, "violated"),
        (Word.ERROR, "not judged"),
        (Word.UNKNOWN, "unknown"),
        (Word.NO_BUG_FOUND, "without a bug found"),
        (Word.BOUNDED, "without a bug so far"),
    ):
        n = sum(1 for row in other if row.word is kind)
        if n:
            parts.append(f"{number(n)} {verb}")
    for kind, verb, plural in (
        (Word.PROVED, "proved", "proved"),
        (Word.HOLDS, "holds", "hold"),
        (Word.REACHED, "reached", "reached"),
    ):
        n = sum(1 for row in other if row.word is kind)
        if n:
            vacuous = sum(1 for row in other if row.word is kind and row.vacuous)
            more = f" ({number(vacuous)} vacuous)" if vacuous else ""
            parts.append(f"{number(n)} {verb if n == 1 else plural}{more}")
    if met:
        parts.append(f"{number(len(met))} as expected")
    return ", ".join(parts) or "nothing to check"


def ledger(rows: Sequence[LedgerRow]) -> str:
    """What was made of the manifests; `""` where there are none."""
    if not rows:
        return ""
    return "paths: " + ", ".join(
        f"{sum(1 for r in rows if r.status == status)} {status}" for status in _STATUSES
    )


_STATUSES = ("modelled", "approximated", "ignored")
