"""What every engine takes and gives; engines import this and nothing of each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias, final

from attrs import frozen

from kspec.ir.system import System
from kspec.verdict.answer import Exploration


@final
@frozen
class Moment:
    """How far a search is in the middle of a level.

    `states` are those stored, `left` those of the level in work that are not expanded yet,
    `memory` is in bytes.
    """

    depth: int
    states: int
    left: int
    memory: int


@final
@frozen
class Budget:
    """Limits of one run; None is no limit. `max_states` and `max_depth` are deterministic.

    A search that would store more than `max_states` states ends before the level in which that
    happens and reports the completed levels. `interrupted` is asked, and `watch` told, between
    batches, some times a second.
    """

    max_states: int | None = None
    max_depth: int | None = None
    max_memory: int | None = None  # bytes of what is stored, and of tables and buffers
    interrupted: Callable[[], bool] | None = None
    spill: Path | None = None  # where states go when `max_memory` is reached, if anywhere
    seconds: float | None = None  # of this search; ends it between batches, too
    watch: Callable[[Moment], None] | None = None


@final
@frozen
class Progress:
    """A completed level."""

    depth: int
    states: int
    transitions: int
    frontier: int


Listener: TypeAlias = Callable[[Progress], None]


class Explorer(Protocol):
    """An exhaustive, level-by-level search that decides many properties in one pass.

    Properties it cannot decide are answered `Inconclusive(UNSUPPORTED)`.
    """

    @property
    def name(self) -> str:
        """The name in reports."""
        ...

    def explore(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> Exploration:
        """Search until every named property is decided or nothing is left to visit."""
        ...
