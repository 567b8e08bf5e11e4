"""What a small program must mean: numbers that a test pins, and the two roads to them.

The numbers are counted by hand or read off the interpreter of typed modules; never are they those
of the lowered system, which is what they judge. Next: the tests beside this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from kspec.driver.check import Given, Options, check
from kspec.pure.interpreter.machine import explore
from tests.random_modules.pipeline import scoped

MOST_STATES = 2000
# A search ends when all that is asked is decided; this never is before the end.
ENDLESS = "\ninvariant to_the_end: 1 == 1\ncheck to_the_end\n"


@frozen
class Meaning:
    """All that is reachable; `found` has the lengths of the shortest traces to what is violated,
    broken or reached, `cuts` in how many states an action is cut."""

    states: int
    transitions: int
    found: Mapping[str, int]
    cuts: Mapping[str, int]


def interpreted(text: str) -> Meaning:
    """What the interpreter of typed modules says, which knows no lowered system."""
    found = explore(scoped(text + ENDLESS), MOST_STATES)
    assert found is not None
    lengths = {**found.violated, **found.reached, **found.broken}
    return Meaning(found.states, found.transitions, lengths, found.cuts)


def checked(text: str, engine: str) -> Meaning:
    """What `kspec check` says."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "trap.kspec"
        path.write_text(text + ENDLESS, encoding="utf-8")
        result = check([Given(path, path.name)], Options(engine=engine, vacuity=False))
    assert result.judged, [d.message for f in result.files for d in f.diagnostics]
    rows = result.rows
    (reached,) = {row.reached for row in rows if row.reached is not None}
    (cuts,) = {row.cuts for row in rows}
    lengths = {row.name: len(row.trace.steps) for row in rows if row.trace is not None}
    return Meaning(
        reached.states, reached.transitions, lengths, {cut.action: cut.states for cut in cuts}
    )


def assert_means(
    text: str,
    states: int,
    transitions: int,
    found: Mapping[str, int] | None = None,
    cuts: Mapping[str, int] | None = None,
) -> None:
    """The program means this to whoever reads it."""
    wanted = Meaning(states, transitions, found or {}, cuts or {})
    assert interpreted(text) == wanted
    assert checked(text, "reference") == wanted
