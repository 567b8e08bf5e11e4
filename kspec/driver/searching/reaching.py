"""How values are reached that should not be there: the shortest run to each, of a property that
counts values and found more than it says.

Each is asked for as something reachable of its own, all in one search; so each run is replayed.
Next: `counting` for which values there are.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve

from kspec.driver.searching.counting import Counted
from kspec.driver.searching.reduce import NONE
from kspec.driver.searching.search import ALONE, Refused, search
from kspec.engines.api import Budget
from kspec.ir.build import conj
from kspec.ir.expr import Eq, Lit
from kspec.ir.system import Property, Reachable, System, Values
from kspec.verdict.answer import Found
from kspec.verdict.trace import Trace

MOST: Final = 32
"""Runs are shown to so many values."""


def runs_to(
    engine: str, system: System, claim: Values, found: Counted, budget: Budget
) -> tuple[Trace | None, ...]:
    """The shortest run to each of the values, in their order; None where the search did not get
    there within its budget. Nothing where there are too many, or no more than the claim says."""
    if not claim.count < len(found.values) <= MOST:
        return ()
    asked = tuple(
        Property(f"value {n}", Reachable(conj((claim.where, Eq(claim.body, Lit(found.sort, v))))))
        for n, (v, _) in enumerate(found.values)
    )
    names = tuple(prop.name for prop in asked)
    there = evolve(system, properties=asked)
    try:
        searched = search(engine, there, names, budget, lambda _: None, (), ALONE, NONE)
    except Refused:
        return ()
    answers = dict(searched.exploration.answers)
    return tuple(a.trace if isinstance(a := answers[n], Found) else None for n in names)


__all__ = ["MOST", "runs_to"]
