"""Random walks in words: how many, how far, what never happened, and the first of them."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.driver.result import WalkedScope
from kspec.report.phrases import counted, number
from kspec.report.story import Story, tell
from kspec.report.values import Lens
from kspec.verdict.trace import Trace


def walked(of: WalkedScope) -> Iterator[str]:
    """Lines about the walks of one scope."""
    met = of.walked
    said = f"{counted(met.walks, 'walk')}, the longest of {counted(met.longest, 'step')}"
    said += f": {counted(met.steps, 'step')} together, {counted(met.states, 'different state')}"
    yield said + ("; interrupted" if met.interrupted else "")
    if met.ended:
        yield f"{number(met.ended)} ended where nothing more could happen"
    never = never_fired(of)
    if never:
        yield "never fired: " + ", ".join(never)


def never_fired(of: WalkedScope) -> tuple[str, ...]:
    """The actions that no walk took a step of."""
    return tuple(name for name, times in of.walked.fired if not times)


def first_walk(of: WalkedScope, steps: int) -> tuple[Story, int]:
    """The story of the first walk, up to so many steps, and how many are left."""
    trace = of.walked.first
    assert trace is not None
    shown = Trace(trace.start, trace.steps[:steps])
    return tell(Lens(of.system, of.shown), shown), len(trace.steps) - len(shown.steps)
