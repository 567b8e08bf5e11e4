"""A proof's invariants, evaluated by the reference on states that runs do reach.

A second opinion on a certificate that no solver and no encoder gives. It confirms nothing by itself
and can only reject. States are those of the plain system, level by level from the start; where a
level has too many, seeded ones of it, so that late states are looked at too. How many is decided
by how much there is to evaluate, which is the same on every machine. Next: `certificates`, which
asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import prod
from random import Random
from typing import Final, final

from kspec.base.record import frozen
from kspec.certify.obligations import WELL_FORMED
from kspec.driver.searching.audit import counted
from kspec.ir.expr import Expr
from kspec.ir.sorts import cardinality, values
from kspec.ir.system import Invariant, System
from kspec.semantics.claims import is_true_in
from kspec.semantics.step import Taken, initial_state, initial_states, outcomes
from kspec.verdict.answer import Induction
from kspec.verdict.trace import State

STATES: Final = 100_000
"""More states are never looked at."""
WORK: Final = 4_000_000
"""How many expressions may be evaluated to make states, about, and how many in them."""
TRIED: Final = 4
"""So many states tell what others cost."""
LEAST: Final = 16
"""So many states of a level are expanded whatever they cost."""
SHARE: Final = 3
"""Of the work that is left, a level gets one part in so many; the choices at the start, too."""
KNOWN: Final = 4096
"""Of a choice among more values the first ones are drawn from."""
SEED: Final = 1


@final
@frozen(eq=False)
class Reached:
    """States that runs reach, those that take the fewest steps first; are they all?"""

    states: tuple[State, ...]
    all_of_them: bool


@final
@frozen
class Seen:
    """How many states were looked at, and whether they are all; what is `false` in one of them."""

    states: int
    all_of_them: bool
    false: str | None = None


def seen(system: System, groups: tuple[Induction, ...], of: Reached) -> Seen:
    """Evaluate what groups say of states in those that were reached, or in as many of them as there
    is work for, evenly spread. `system` has lemmas as properties."""
    claims = tuple(_claims(system, groups))

    def false_in(state: State) -> str | None:
        return next((n for n, body in claims if not is_true_in(system, body, state)), None)

    cost = _cost(false_in, of.states[:TRIED])
    stride = -(-len(of.states) * cost // WORK) or 1
    looked = of.states[::stride]
    for number, state in enumerate(looked, start=1):
        false = false_in(state)
        if false is not None:
            return Seen(number, False, false)
    return Seen(len(looked), of.all_of_them and stride == 1)


def reached(system: System, most: int = STATES, work: int = WORK) -> Reached:
    """At most so many states, for about so many evaluations."""
    found: dict[State, None] = {}
    level, whole = _starts(system, work // SHARE)
    while level:
        cost = _cost(lambda state: sum(1 for _ in _next(system, state)), level[:TRIED])
        width = min(max(LEAST, work // (SHARE * cost)), most - len(found))
        if len(level) > width:
            level, whole = Random(SEED).sample(level, width), False
        work -= cost * len(level)
        found.update((state, None) for state in level)
        if work <= 0 or len(found) >= most:
            return Reached(tuple(found), False)
        later = dict.fromkeys(after for state in level for after in _next(system, state))
        level = [state for state in later if state not in found]
    return Reached(tuple(found), whole)


def _cost(do: Callable[[State], object], states: Sequence[State]) -> int:
    """What one state costs, on average of those that are tried."""
    return max(1, counted(lambda: [do(state) for state in states]) // max(1, len(states)))


def _starts(system: System, work: int) -> tuple[list[State], bool]:
    """Initial states, and whether they are all."""
    sorts = [binder.sort for binder in system.init.params]
    known = [tuple(islice(values(sort), KNOWN)) for sort in sorts]
    if not all(known):
        return [], True
    random = Random(SEED)

    def drawn(count: int) -> list[State]:
        chosen = (tuple(map(random.choice, known)) for _ in range(count))
        made = (initial_state(system, choice) for choice in chosen)
        return list(dict.fromkeys(state for state in made if state is not None))

    cost = max(1, counted(lambda: drawn(TRIED)) // TRIED)
    if prod(map(cardinality, sorts)) * cost <= work:
        return list(initial_states(system)), True
    return drawn(max(LEAST, work // cost)), False


def _claims(system: System, groups: tuple[Induction, ...]) -> Iterator[tuple[str, Expr]]:
    named = {name for group in groups for name in group.names}
    yield WELL_FORMED, system.well_formed
    for prop in system.properties:
        if prop.name in named and isinstance(prop.claim, Invariant):
            yield prop.name, prop.claim.body


def _next(system: System, state: State) -> Iterator[State]:
    """Where steps lead that break nothing; those that break something are no part of any run."""
    for _, outcome in outcomes(system, state):
        if isinstance(outcome, Taken):
            yield outcome.state


__all__ = ["Reached", "STATES", "Seen", "reached", "seen"]
