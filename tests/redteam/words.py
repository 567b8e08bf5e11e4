"""What the commands say about one file, whoever is asked: each word of each, side by side.

`check` by the search, by the portfolio with a search that is cut short, with every reduction;
`prove` by each of its engines; `simulate` by both hunters. No two of them may contradict each other.
Next: `test_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from time import perf_counter
from typing import Any, Final

from attrs import evolve

from kspec.driver.check import Given, Options, Watching, check
from kspec.driver.proofs.proving import ProveOptions, prove
from kspec.driver.result import CheckResult, Row, Word
from kspec.driver.searching.reduce import ALL, Reductions
from kspec.engines.stateful import Runs
from kspec.engines.walks import Walks
from kspec.verdict.trace import Trace

STATES: Final = 20_000
FEW: Final = 40
"""After so many states a portfolio asks the others."""
RLIMIT: Final = 3_000_000
ORDER: Final = Reductions(partial_order=True)

CONCLUSIVE: Final = {
    Word.HOLDS: "so",
    Word.PROVED: "so",
    Word.REACHED: "so",
    Word.VIOLATED: "not so",
}
"""What a word says of the claim; others say nothing of all runs."""


def checked(given: Given, seconds: float, **how: Any) -> CheckResult:
    """`kspec check`."""
    options = Options(**{"max_states": STATES, "vacuity": False, **how})
    return check([given], evolve(options, until=perf_counter() + 4 * seconds))


def proved(given: Given, seconds: float, engine: str) -> CheckResult:
    """`kspec prove -p '*'`."""
    options = ProveOptions(("*",), rlimit=RLIMIT, seconds=seconds, depth=4, engine=engine)
    return prove([given], options, Watching()).checked


COMMANDS: Final[Mapping[str, Callable[[Given, float], CheckResult]]] = {
    "check": checked,
    "check reduced": partial(checked, reductions=ALL),
    "check in part": partial(checked, reductions=ORDER),
    "check few": partial(checked, max_states=FEW),
    "check shallow": partial(checked, max_depth=2),
    "portfolio": partial(checked, engine="portfolio", max_states=FEW),
    "walks": partial(checked, walks=Walks(walks=10, depth=20, seed=1)),
    "stateful": partial(checked, walks=Runs(runs=10, depth=10, seed=1)),
    "prove": partial(proved, engine="portfolio"),
    "prove by induction": partial(proved, engine="induction"),
    "prove by pdr": partial(proved, engine="pdr"),
    "prove by bmc": partial(proved, engine="bmc"),
}


def words(given: Given, seconds: float, which: Iterable[str] = COMMANDS) -> dict[str, list[Row]]:
    """The rows of each command."""
    return {name: list(COMMANDS[name](given, seconds).rows) for name in which}


def place(row: Row) -> tuple[object, ...]:
    """Which claim, of which scope, a row is about."""
    return (row.scope.scenario, row.scope.point, row.scope.extra, row.name)


def contradictions(found: Mapping[str, list[Row]]) -> Iterator[str]:
    """Where one command says that something is so and another that it is not; and where a bug is
    nearer than somebody says there is none."""
    by_place: dict[tuple[object, ...], dict[str, Row]] = {}
    for command, rows in found.items():
        for row in rows:
            by_place.setdefault(place(row), {})[command] = row
    for where, rows_ in by_place.items():
        said = {command: CONCLUSIVE.get(row.word) for command, row in rows_.items()}
        if {"so", "not so"} <= set(said.values()):
            yield f"{where}: {said}"
        traces = {c: row.trace for c, row in rows_.items() if isinstance(row.trace, Trace)}
        for command, row in rows_.items():
            deep = row.reached.depth if row.word is Word.BOUNDED and row.reached else -1
            for other, trace in traces.items():
                if trace is not None and len(trace.steps) <= deep:
                    near = f"{other} shows {len(trace.steps)}"
                    yield f"{where}: {command} says no bug to {deep}, {near}"


__all__ = ["COMMANDS", "contradictions", "words"]
