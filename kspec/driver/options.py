"""How a check is asked for, and whom it tells how far it is.

Nothing here decides anything. Next: `check`, which is told all this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final, final

from kspec.base.record import frozen
from kspec.driver.searching.reduce import NONE, Reductions
from kspec.driver.searching.search import ALONE, How
from kspec.driver.searching.walking import Drawn
from kspec.engines.api import Budget, Moment, Progress
from kspec.manifests.node import Manifest

PORTFOLIO: Final = "portfolio"
"""What asks for a schedule instead of one engine."""
FEW: Final = 2_000_000
"""How many states a portfolio's first search stores at most before somebody else is asked."""


@final
@frozen
class Options:
    """How to check. `patterns` choose properties by name; none is all. With `only_systems`
    everything is prepared and nothing searched. `strict`: what is said in a manifest and not
    modelled exactly is a mistake. `scenarios` choose by name, as `patterns` do; every one
    of them starts with what is `given` too. With `walks`
    there are random walks instead of a search, also where nothing is judged. `max_memory` is in
    bytes; `spill` is where states go then; `until` a time of `perf_counter`; `how` changes
    no answer; `reductions` change how many states are looked at; `statistics` says more
    about what was searched."""

    engine: str = "explicit"
    patterns: tuple[str, ...] = ()
    max_states: int | None = None
    max_depth: int | None = None
    only_systems: bool = False
    vacuity: bool = True
    interrupted: Callable[[], bool] | None = None
    strict: bool = False
    scenarios: tuple[str, ...] = ()
    walks: Drawn | None = None
    given: tuple[Manifest, ...] = ()
    max_memory: int | None = None
    spill: Path | None = None
    until: float | None = None
    how: How = ALONE
    reductions: Reductions = NONE
    statistics: bool = False

    @property
    def budget(self) -> Budget:
        """The limits of one search that begins now."""
        return Budget(
            max_states=FEW
            if self.engine == PORTFOLIO and self.max_states is None
            else self.max_states,
            max_depth=self.max_depth,
            max_memory=self.max_memory,
            spill=self.spill,
            interrupted=self.interrupted,
            seconds=None if self.until is None else max(0.0, self.until - perf_counter()),
        )

    def is_stopped(self) -> bool:
        """Has somebody asked to stop?"""
        return self.interrupted is not None and self.interrupted()


@final
@frozen
class Watching:
    """Whom to tell what is going on: of a scope that is begun, of a completed level."""

    scope: Callable[[str], None] = lambda _: None
    level: Callable[[Progress], None] = lambda _: None
    moment: Callable[[Moment], None] = lambda _: None


NOBODY: Final = Watching()

__all__ = ["NOBODY", "Options", "Watching"]
