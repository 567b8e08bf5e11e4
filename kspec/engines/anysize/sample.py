"""States of a small scope, and which guesses are false in one: those need not be tried.

Here the meaning is that of `kspec.semantics`. What is true in all of these states may still be
false in another. Next: `prover`, which tries the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Final

from kspec.engines.anysize.prover import Lemma
from kspec.ir.sorts import cardinality
from kspec.ir.system import System
from kspec.semantics.evaluate import truth
from kspec.semantics.state import State, env_of, state_key
from kspec.semantics.step import Taken, initial_states, outcomes

MOST_SEEN: Final = 300
MOST_KEPT: Final = 60


def sample(system: System, most: int = MOST_SEEN, kept: int = MOST_KEPT) -> tuple[State, ...]:
    """Some reachable states: of the first `most` in breadth-first order every so manieth; none
    where a system may start in very many ways."""
    if prod(cardinality(binder.sort) for binder in system.init.params) > most:
        return ()
    found: dict[object, State] = {}
    level = list(initial_states(system))[:most]
    found.update((state_key(system, state), state) for state in level)
    while level and len(found) < most:
        after: list[State] = []
        for state in level:
            for _, outcome in outcomes(system, state):
                if isinstance(outcome, Taken) and len(found) < most:
                    key = state_key(system, outcome.state)
                    if key not in found:
                        found[key] = outcome.state
                        after.append(outcome.state)
        level = after
    states = tuple(found.values())
    step = max(1, len(states) // kept)
    return states[::step]


def not_false(system: System, lemmas: Iterable[Lemma], states: tuple[State, ...]) -> list[Lemma]:
    """Those that are true in all of the states."""
    envs = [env_of(system, state) for state in states]
    return [lemma for lemma in lemmas if all(truth(lemma.body, env) for env in envs)]


__all__ = ["not_false", "sample"]
