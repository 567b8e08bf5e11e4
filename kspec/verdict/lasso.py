"""A counterexample over a whole run, cut until no single cut shortens it.

A cut takes out what lies between two visits of one state. What is left is kept only if it is
still fair and still shows what was found, as `kspec.semantics.runs` says. Next: `replay`.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from kspec.ir.system import Settles, System, Temporal
from kspec.semantics.runs import is_violated_on, neglected
from kspec.verdict.replay import run_of
from kspec.verdict.trace import Trace

MOST_STEPS = 400
"""Longer ones are shown as they are: a person reads neither, and cutting takes the cube."""


def shortened(trace: Trace, system: System, claim: Temporal | Settles) -> Trace:
    """A trace with a loop that replays, without what can be cut out of it."""
    trace = _rolled(trace)
    if len(trace.steps) > MOST_STEPS:
        return trace
    while (shorter := _cut_once(trace, system, claim)) is not None:
        trace = shorter
    return _rolled(trace)


def _cut_once(trace: Trace, system: System, claim: Temporal | Settles) -> Trace | None:
    for candidate in cuts(trace):
        run = run_of(candidate, system)
        if is_violated_on(system, claim, run) and neglected(system, run) is None:
            return candidate
    return None


def cuts(trace: Trace) -> Iterator[Trace]:
    """The traces with one piece less, those with the longest pieces left out first. Without its
    whole loop a run rests."""
    assert trace.loop is not None
    states, loop, end = trace.states(), trace.loop, len(trace.steps)
    pieces = [
        (i, j)
        for low, high in ((0, loop), (loop, end))
        for i in range(low, high)
        for j in range(i + 1, high + 1)
        if states[i] == states[j]
    ]
    for i, j in sorted(pieces, key=lambda piece: (piece[0] - piece[1], piece)):
        begins = loop - (j - i) if j <= loop else loop
        yield evolve(trace, steps=(*trace.steps[:i], *trace.steps[j:]), loop=begins)


def _rolled(trace: Trace) -> Trace:
    """The same run, its loop begun as early as possible."""
    assert trace.loop is not None
    states, steps, loop = trace.states(), trace.steps, trace.loop
    while 0 < loop < len(steps) and steps[loop - 1] == steps[-1] and states[loop - 1] == states[-2]:
        steps, states, loop = steps[:-1], states[:-1], loop - 1
    return evolve(trace, steps=steps, loop=loop)
