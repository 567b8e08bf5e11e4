"""A proof's invariants, evaluated by the reference on states that runs do reach.

A second opinion on a certificate that no solver and no encoder gives: level by level from the
start, as many states as one allows. It confirms nothing by itself and can only reject. States are
those of the plain system. Next: `certificates`, which asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Final, final

from kspec.base.record import frozen
from kspec.certify.obligations import WELL_FORMED
from kspec.ir.expr import Expr
from kspec.ir.sorts import cardinality
from kspec.ir.system import Invariant, System
from kspec.semantics.claims import is_true_in
from kspec.semantics.step import Broken, Taken, initial_states, outcomes
from kspec.verdict.answer import Induction
from kspec.verdict.trace import State

STATES: Final = 1_000
"""So many states are looked at where nobody says otherwise."""
STARTS: Final = 100_000
"""With more choices at the start than this no state is made."""


@final
@frozen
class Seen:
    """How many states were looked at, and whether they are all; what is `false` in one of them."""

    states: int
    all_of_them: bool
    false: str | None = None


def seen(system: System, groups: tuple[Induction, ...], most: int = STATES) -> Seen:
    """Evaluate what groups say of states, on at most so many. `system` has lemmas as properties."""
    if prod(cardinality(b.sort) for b in system.init.params) > STARTS:
        return Seen(0, False)
    claims = tuple(_claims(system, groups))
    found: dict[State, None] = {}
    level = list(initial_states(system))
    while level:
        later: dict[State, None] = {}
        for state in level:
            if len(found) >= most:
                return Seen(len(found), False)
            found[state] = None
            for name, body in claims:
                if not is_true_in(system, body, state):
                    return Seen(len(found), False, name)
            later.update((after, None) for after in _next(system, state))
        level = [state for state in later if state not in found]
    return Seen(len(found), True)


def _claims(system: System, groups: tuple[Induction, ...]) -> Iterator[tuple[str, Expr]]:
    named = {name for group in groups for name in group.names}
    yield WELL_FORMED, system.well_formed
    for prop in system.properties:
        if prop.name in named and isinstance(prop.claim, Invariant):
            yield prop.name, prop.claim.body


def _next(system: System, state: State) -> Iterator[State]:
    """Where steps lead that break nothing; those that break something are no part of any run."""
    for _, outcome in outcomes(system, state):
        match outcome:
            case Taken(after):
                yield after
            case Broken():
                pass
            case _:
                pass


__all__ = ["STATES", "Seen", "seen"]
