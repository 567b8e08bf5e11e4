"""What every engine takes and gives; engines import this and nothing of each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias, final

from attrs import frozen

from kspec.ir.expr import Expr
from kspec.ir.system import System
from kspec.verdict.answer import Exploration, HunterAnswer, ProverAnswer
from kspec.verdict.trace import Trace


@final
@frozen
class Moment:
    """How far a search is in the middle of a level.

    `states` are those stored, `left` those of the level in work that are not expanded yet,
    `memory` is in bytes; what lies in files is not part of it.
    """

    depth: int
    states: int
    left: int
    memory: int
    in_files: bool = False


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


# ---- who looks only so far, and who asks a solver ----------------------------------------------


@final
@frozen
class Effort:
    """How much a hunter or a prover may do: steps looked ahead or states assumed, and what one
    question to a solver may cost in the solver's own units. Both are deterministic; `seconds_left`
    can only leave something open."""

    depth: int
    rlimit: int
    seconds_left: Callable[[], float] | None = None


@final
@frozen
class Hunted:
    """What a hunter says, in the order in which it was asked. `spent` is in a solver's units.

    INVARIANT: by its type there is no way to say that there is no trace.
    """

    answers: tuple[tuple[str, HunterAnswer], ...]
    spent: int = 0


@final
@frozen
class Proofs:
    """What became of each goal; of what was not proved the end of a run on which the induction
    step failed: one that need not be reachable. `spent` is in the solver's own units. `hints` are,
    by goal, formulas that exclude the beginning of that run and were so in all runs of as many
    steps as `looked` says: after which none had got to it."""

    answers: tuple[tuple[str, ProverAnswer], ...]
    stuck: tuple[tuple[str, Trace], ...] = ()
    spent: int = 0
    hints: tuple[tuple[str, tuple[Expr, ...]], ...] = ()
    looked: tuple[tuple[str, int], ...] = ()


class Hunter(Protocol):
    """Finds traces and proves nothing: `Found`, or how far it looked.

    Asked by the names of properties and of implicit ones. What it does not decide, it answers
    `Inconclusive(UNSUPPORTED)`.
    """

    @property
    def name(self) -> str:
        """The name in reports."""
        ...

    def hunt(self, system: System, asked: tuple[str, ...], effort: Effort) -> Hunted:
        """Look for traces to what is asked."""
        ...


class Prover(Protocol):
    """Proves that there is no trace, of whatever length, or finds one, or gives up.

    Asked by the names of properties and of implicit ones; what rests on a proof stands only if
    the implicit properties are proved too, so whoever asks for one asks for those.
    """

    @property
    def name(self) -> str:
        """The name in reports."""
        ...

    def prove(self, system: System, asked: tuple[str, ...], effort: Effort) -> Proofs:
        """Try to prove what is asked."""
        ...


@final
@frozen
class Walked:
    """What runs drawn at random met: for each property that something was found about, and each
    implicit one that was broken, its trace.

    `states` counts different ones, `longest` is the number of steps of the longest run. `fired`
    has every action of the system. `first` is the first run, up to where it ended; `ended` how
    many runs ended early, where nothing could happen. `meetings` are the numbers of different
    states in the even runs, in the odd ones, and in both.

    INVARIANT: as for `Hunted`.
    """

    found: tuple[tuple[str, Trace], ...]
    walks: int
    steps: int
    states: int
    longest: int
    fired: tuple[tuple[str, int], ...]
    ended: int
    first: Trace | None
    meetings: tuple[int, int, int]
    interrupted: bool = False
