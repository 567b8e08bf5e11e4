"""One turn of a portfolio, taken in whichever process: from a job to what came of it.

A job is data, so that it can be given to another process, and the same job comes to the same
wherever it is done. What goes wrong in a turn ends that turn alone, with the reason; what kspec
itself is at fault for is `InternalError`, as everywhere. Next: `portfolio` for which turns there
are, `side_by_side` for the processes.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import TypeAlias, assert_never, final

from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.driver.portfolio.schedule import AllStates, Planned, Solving
from kspec.driver.proofs.attempts import attempt
from kspec.driver.searching.coverage import questions
from kspec.driver.searching.reduce import NONE, Reductions
from kspec.driver.searching.search import NESTED, How, Refused, Searched, search
from kspec.engines.api import Budget, Effort, Moment, Progress, Proofs
from kspec.ir.system import System


@final
@frozen
class Searching:
    """How a job's search is done; none of this changes an answer. `memory` is in bytes."""

    workers: int = 1
    codes: Path | None = None
    memory: int | None = None
    spill: Path | None = None


@final
@frozen
class Job:
    """A turn, what it is about, and its limits. `names` are those of properties, `probes` are
    watched for on the way. `seconds` are those that are left when the job begins."""

    turn: Planned
    system: System
    names: tuple[str, ...]
    probes: tuple[str, ...] = ()
    depth: int | None = None
    seconds: float | None = None
    reductions: Reductions = NONE
    statistics: bool = False
    searching: Searching = Searching()


@final
@frozen
class Seen:
    """What came of a search, and its levels."""

    searched: Searched
    levels: tuple[Progress, ...]


@final
@frozen
class Solved:
    """What came of asking a solver. `spent`: it was asked as often as it may be, and who asked it
    had more to ask."""

    proofs: Proofs
    spent: bool = False


@final
@frozen
class Failed:
    """A turn that came to nothing, and why."""

    why: str


Outcome: TypeAlias = Seen | Solved | Failed
Tell: TypeAlias = Callable[[Progress | Moment], None]


def perform(job: Job, is_stopped: Callable[[], bool], tell: Tell) -> Outcome:
    """Take a turn. Raises `InternalError`."""
    try:
        match job.turn:
            case AllStates(states):
                return _searched(job, states, is_stopped, tell)
            case Solving():
                return _solved(job, job.turn, is_stopped)
            case _:
                assert_never(job.turn)
    except Refused as refused:
        return Failed(str(refused))
    except RecursionError:
        return Failed(NESTED)
    except MemoryError:
        return Failed("no memory was left")
    except InternalError:
        raise
    except Exception as error:
        # A turn is one of several: nobody who comes after it is to be kept from answering.
        said = str(error).partition("\n")[0]
        return Failed(f"it failed, {type(error).__name__}" + (f": {said}" if said else ""))


def _solved(job: Job, turn: Solving, is_stopped: Callable[[], bool]) -> Solved:
    began, asked = perf_counter(), count(1)
    most = turn.questions
    spent = False

    def left() -> float:
        # Who asks a solver asks this before each question.
        nonlocal spent
        spent = spent or (most is not None and next(asked) > most)
        if spent or is_stopped():
            return 0.0
        return 1e6 if job.seconds is None else job.seconds + began - perf_counter()

    effort = Effort(turn.depth, turn.rlimit, left)
    proofs = attempt(turn.engine, job.system, job.names, effort)
    return Solved(proofs, spent)


def _searched(job: Job, states: int, is_stopped: Callable[[], bool], tell: Tell) -> Seen:
    levels: list[Progress] = []

    def listen(progress: Progress) -> None:
        if levels and progress.depth <= levels[-1].depth:
            levels.clear()  # it was begun again, without a reduction
        levels.append(progress)
        tell(progress)

    how = job.searching
    budget = Budget(
        max_states=states,
        max_depth=job.depth,
        max_memory=how.memory,
        spill=how.spill,
        interrupted=is_stopped,
        seconds=job.seconds,
        watch=tell,
    )
    asked = tuple(q.body for q in questions(job.system)) if job.statistics else ()
    native = How(how.workers, how.codes)
    searched = search(
        "explicit",
        job.system,
        job.names,
        budget,
        listen,
        job.probes,
        native,
        job.reductions,
        asked,
    )
    return Seen(searched, tuple(levels))


__all__ = ["Failed", "Job", "Outcome", "Searching", "Seen", "Solved", "Tell", "perform"]
