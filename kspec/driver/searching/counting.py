"""How many values an expression has in the reachable states: counted in what an engine stored.

The reference evaluates, state by state; so it takes a search that saw everything, and not too many
states. Which values they are is told too. Nothing here decides: `judge.judge_count` does.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Final, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.record import frozen
from kspec.driver.preparing.lowering import Lowered
from kspec.driver.telling.outlook import Words
from kspec.driver.telling.worlds import CannotTell
from kspec.ir.expr import sort_of
from kspec.ir.sorts import Sort, Value, index_of
from kspec.ir.system import System, Values
from kspec.pure.scopes.scope import Scope
from kspec.semantics.evaluate import evaluate, truth
from kspec.semantics.state import env_of
from kspec.verdict.answer import Exploration
from kspec.verdict.trace import State

States: TypeAlias = Sequence[State]

MOST: Final = 200_000
"""So many states are looked at one by one."""


@final
@frozen
class Counted:
    """The values, least first, each with a state that shows it; their sort."""

    sort: Sort
    values: tuple[tuple[Value, State], ...]


def counts(
    system: System, names: Container[str], exploration: Exploration, states: Callable[[], States]
) -> tuple[tuple[str, Counted], ...]:
    """The values of the claims of these names; nothing where not all states were seen, or too
    many. `states` gives all of them."""
    claims = [
        (p.name, p.claim)
        for p in system.properties
        if p.name in names and isinstance(p.claim, Values)
    ]
    if not claims or not exploration.complete or exploration.reached.states > MOST:
        return ()
    every = states()
    return tuple((name, _counted(system, claim, every)) for name, claim in claims)


def _counted(system: System, claim: Values, states: States) -> Counted:
    found: dict[Value, State] = {}
    for state in states:
        env = env_of(system, state)
        if truth(claim.where, env):
            value = evaluate(claim.body, env)
            found.setdefault(value, state)
    sort = sort_of(claim.body)
    return Counted(sort, tuple(sorted(found.items(), key=lambda pair: index_of(sort, pair[0]))))


def shown_values(scope: Scope, lowered: Lowered, type_: Type, found: Counted) -> tuple[str, ...]:
    """The values in words; what cannot be told as `…`."""
    reader = lowered.reader
    shown: list[str] = []
    for value, state in found.values:
        try:
            words = Words(scope, reader.tables, reader.world(state))
            shown.append(words.say(reader.value(type_, found.sort, value), type_))
        except CannotTell:
            shown.append("…")
    return tuple(shown)
