"""One module, read twice: the interpreter's summary and the reference search of what is lowered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve, frozen

from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.ir.expr import TRUE
from kspec.ir.system import Invariant, Property, System
from kspec.lower.lower import lower
from kspec.pure.interpreter.machine import explore
from kspec.pure.scopes.scope import Scope
from kspec.verdict.answer import Found

MOST_STATES = 400
"""Larger modules are left out: both readings are slow."""

LIMITS = (
    "an ordered action that both makes and chooses objects",
    "this loop writes to objects it does not go through",
)
"""Parts of what lowering says where it refuses, with a place, and the interpreter does not."""


@final
@frozen
class Reading:
    """What one reading says; `found` has the lengths of shortest traces, by property."""

    states: int
    transitions: int
    depth: int
    cuts: Mapping[str, int]
    fired: Mapping[str, int]
    found: Mapping[str, int]


def interpreted(scope: Scope) -> Reading | None:
    """What the interpreter finds; None if that is too much."""
    summary = explore(scope, MOST_STATES)
    if summary is None:
        return None
    return Reading(
        summary.states,
        summary.transitions,
        summary.depth,
        dict(summary.cuts),
        {name: n for name, n in summary.fired.items() if n},
        {**summary.violated, **summary.reached, **summary.broken},
    )


def lowered(scope: Scope) -> Reading | None:
    """What the reference search finds in the lowered system; None beyond lowering's limits."""
    found = lower(scope)
    if found.system is None:
        texts = [diagnostic.message for diagnostic in found.diagnostics]
        assert all(any(limit in text for limit in LIMITS) for text in texts), texts
        return None
    return searched(found.system)


def searched(system: System) -> Reading:
    """What the reference search finds in all of a system."""
    # A search ends when all that it was asked is decided; this never is before the end.
    endless = Property("to the end", Invariant(TRUE))
    whole = evolve(system, properties=(*system.properties, endless))
    names = tuple(prop.name for prop in whole.properties)
    budget = Budget(max_states=2 * MOST_STATES)
    done = Reference().explore(whole, names, budget, lambda progress: None)
    found = {n: len(a.trace.steps) for n, a in done.answers if isinstance(a, Found)}
    return Reading(
        done.reached.states,
        done.reached.transitions,
        done.reached.depth,
        {cut.action: cut.states for cut in done.cuts},
        {name: n for name, n in done.fired if n},
        found,
    )


def disagreement(text: str, scope: Scope) -> str | None:
    """What the two readings of a module differ in, with its text; None if in nothing."""
    here = interpreted(scope)
    there = None if here is None else lowered(scope)
    if there is None:
        return None
    lines = [
        f"{name}: interpreted {getattr(here, name)}, lowered {getattr(there, name)}"
        for name in ("states", "transitions", "depth", "cuts", "fired", "found")
        if getattr(here, name) != getattr(there, name)
    ]
    return "\n".join([text, *lines]) if lines else None
