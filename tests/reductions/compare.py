"""A search with reductions beside one without: what must be the same."""

from __future__ import annotations

from typing import Final, final

from attrs import evolve, frozen

from kspec.driver.searching.judge import judge
from kspec.driver.searching.reduce import ALL, NONE, Reductions
from kspec.driver.searching.search import Refused, Searched, search
from kspec.engines.api import Budget
from kspec.ir.expr import TRUE, First
from kspec.ir.system import Invariant, Property, System
from kspec.verdict.answer import Answer, Found

EACH: Final = (Reductions(slicing=True), Reductions(symmetry=True), ALL)
MOST: Final = 2000
ENDLESS: Final = Property("to_the_end", Invariant(TRUE))


@final
@frozen
class Compared:
    """How many states there are without, and with each of `EACH`; what it said of itself."""

    states: int
    fewer: tuple[int, ...]
    said: tuple[tuple[str, ...], ...]


def complete(system: System) -> System:
    """The system with a property more, that keeps a search going until it has seen all."""
    return evolve(system, properties=(*system.properties, ENDLESS))


def searched(system: System, wanted: Reductions) -> Searched:
    """All its properties, in all states, or in so many that one search alone finds the end."""
    names = tuple(prop.name for prop in system.properties)
    most = MOST if not wanted else 50 * MOST
    return search("explicit", system, names, Budget(max_states=most), lambda _: None, wanted=wanted)


def told(system: System, found: Searched) -> dict[str, tuple[str, ...]]:
    """The verdict on every property, and how long the shortest trace is."""
    answers = dict(found.exploration.answers)
    claims = {prop.name: prop.claim for prop in system.properties}
    return {
        name: (
            type(judge(claims[name], answer, found.exploration)).__name__ if name in claims else "",
            *_length(answer),
        )
        for name, answer in answers.items()
    }


def _length(answer: Answer) -> tuple[str, ...]:
    is_found = isinstance(answer, Found)
    return (type(answer).__name__, str(len(answer.trace.steps)) if is_found else "")


def has_births(system: System) -> bool:
    """Does anything take the least of several identities?"""
    return any(isinstance(expr, First) for action in system.actions for _, expr in action.lets)


def compared(system: System) -> Compared | None:
    """Compare; None where the system is too large. `AssertionError` for a difference."""
    system = complete(system)
    try:
        plain = searched(system, NONE)
    except Refused:
        return None
    if not plain.exploration.complete:
        return None
    counts, said = list[int](), list[tuple[str, ...]]()
    for wanted in EACH:
        found = searched(system, wanted)
        assert told(system, found) == told(system, plain), found.reduced
        assert found.exploration.complete
        # Births of random systems may take what something still speaks of: then any will do.
        if not has_births(system):
            assert found.exploration.reached.states <= plain.exploration.reached.states
        counts.append(found.exploration.reached.states)
        said.append(found.reduced)
    return Compared(plain.exploration.reached.states, tuple(counts), tuple(said))
