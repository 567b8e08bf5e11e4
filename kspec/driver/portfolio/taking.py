"""`kspec check --engine portfolio`: turn after turn in the order of the schedule, or side by side.

A search of all states comes first, alone; it is all that most scopes need. Who is in one group is
asked about all that the groups before it have left open, as if nobody else in it had answered: so a
turn comes to the same whether others are under way or not. The earliest turn that answers a row has
the word, and what can no longer matter is stopped.
Next: `portfolio` for the schedule, `turns` for one turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Final, TypeAlias, assert_never, final

from attrs import evolve, field

from kspec.analysis.typed import TJudge
from kspec.base.record import define, frozen
from kspec.driver.options import Options, Watching
from kspec.driver.portfolio.schedule import AllStates, Planned, Solving, planned, shape
from kspec.driver.portfolio.side_by_side import SideBySide
from kspec.driver.portfolio.turns import Failed, Job, Outcome, Searching, Seen, Solved
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.stages import Made
from kspec.driver.proofs.proof_rows import implicit_rows, judged, replay_all
from kspec.driver.result import Row, Word
from kspec.engines.api import Moment, Progress
from kspec.ir.system import Settles, Temporal
from kspec.verdict.answer import Inconclusive, Reached, Unknown, Why

Numbered: TypeAlias = list[tuple[int, Row]]
CLOSED: Final = (Why.IMPLICIT_FIRST, Why.CUT, Why.STOPPED, Why.TIME, Why.INTERRUPTED)
"""Why a search left something open that nobody else is asked about: it is known, or time is up."""
ANSWERED: Final = "answered"
SPENT: Final = "it takes more questions than were allowed"


@final
@frozen(eq=False)
class Question:
    """A scope, its title, and what of it is asked."""

    loaded: Loaded
    plan: Plan
    made: Made
    title: str
    wanted: tuple[str, ...]


def take_turns(
    of: Question,
    options: Options,
    watching: Watching,
    bare: Callable[[TJudge, Unknown], Row],
    seen: Callable[[Seen, int], Numbered],
) -> Numbered:
    """The rows of a scope. `bare` makes one of which nothing is known, `seen` those of a search of
    at most so many states. Raises `InternalError`."""
    open_ = Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0)))
    rows = [(n, bare(line, open_)) for n, line in of.plan.lines]
    return _Taking(of, options, watching, seen, rows).run()


@final
@define(eq=False)
class _Taking:
    """The turns of one scope."""

    of: Question
    options: Options
    watching: Watching
    seen: Callable[[Seen, int], Numbered]
    rows: Numbered
    said: dict[int, list[str]] = field(factory=dict)

    def run(self) -> Numbered:
        claims = {p.name: p.claim for p in self.of.made.system.properties}
        asked = [claims[name] for name in self.of.wanted]
        for group in planned(shape(self.of.made.system, asked, self.options.max_states)):
            jobs = tuple(self._jobs(group))
            if self.said and self._is_over():
                self._unfinished(jobs)
            else:
                self._together(jobs)
        return [(n, evolve(row, turns=self._turns(n, row))) for n, row in self.rows]

    def _turns(self, number: int, row: Row) -> tuple[str, ...]:
        """What was said of a row; what is broken on the way was asked of nobody."""
        return tuple(self.said.get(number, ())) if _is_line(row) else ()

    def _together(self, jobs: tuple[Job, ...]) -> None:
        """Jobs side by side: each is asked about all that is open now."""

        def busy(places: Iterable[int]) -> None:
            who = ", ".join(jobs[place].turn.name for place in places)
            self.watching.scope(f"{self.of.title}: {who}")

        most = self.options.how.workers
        stops = (self.options.is_stopped, self._is_over)
        with SideBySide(jobs, most, *stops, busy, self._tell) as beside:
            for place, job in enumerate(jobs):
                if not self._is_open(job):
                    continue
                outcome = beside.outcome(place)
                if outcome is None:
                    self._unfinished(jobs[place:])
                    return
                self._merge(job, outcome)
                for later, other in enumerate(jobs[place + 1 :], place + 1):
                    if not self._is_open(other):
                        beside.drop(later)

    def _unfinished(self, jobs: tuple[Job, ...]) -> None:
        """It is too late for these."""
        why = Why.INTERRUPTED if self.options.is_stopped() else Why.TIME
        for job in jobs:
            for n, row in self.rows:
                if _may_be_answered(row) and row.name in job.names:
                    self.said.setdefault(n, []).append(f"{job.turn.name}: {why.value}")

    def _tell(self, far: Progress | Moment) -> None:
        match far:
            case Progress():
                self.watching.level(far)
            case Moment():
                self.watching.moment(far)
            case _:
                assert_never(far)

    # ---- jobs ---------------------------------------------------------------------------------

    def _jobs(self, turns: tuple[Planned, ...]) -> Iterable[Job]:
        system, options = self.of.made.system, self.options
        over = {p.name for p in system.properties if isinstance(p.claim, Temporal | Settles)}
        open_ = self._open()
        how = options.how
        # Others are at it, too: each is one of as many as may be.
        workers = max(1, how.workers - len(turns) + 1)
        for turn in turns:
            names = tuple(name for name in self.of.wanted if name in open_)
            if isinstance(turn, Solving):
                names = tuple(name for name in names if (name in over) == turn.over_runs)
            if not names:
                continue
            yield Job(
                turn=turn,
                system=system,
                names=names,
                probes=tuple(p.name for p in self.of.made.probes),
                depth=options.max_depth,
                seconds=None if options.until is None else options.until - perf_counter(),
                reductions=options.reductions,
                statistics=options.statistics,
                searching=Searching(workers, how.codes, options.max_memory, options.spill),
            )

    def _is_over(self) -> bool:
        late = self.options.until is not None and perf_counter() >= self.options.until
        return late or self.options.is_stopped()

    def _is_open(self, job: Job) -> bool:
        return not self._open().isdisjoint(job.names)

    def _open(self) -> frozenset[str]:
        """The properties of which some row may still get an answer."""
        return frozenset(row.name for _, row in self.rows if _may_be_answered(row))

    # ---- rows ---------------------------------------------------------------------------------

    def _merge(self, job: Job, outcome: Outcome) -> None:
        """What a turn came to, where there was no answer; what is broken on the way comes last."""
        came_to = self._came_to(job, outcome)
        fresh = {n: row for n, row in came_to if _is_line(row)}
        spent = isinstance(outcome, Solved) and outcome.spent
        for place, (n, row) in enumerate(self.rows):
            if not _may_be_answered(row) or row.name not in job.names or n not in fresh:
                continue
            new = fresh[n]
            is_open = isinstance(new.verdict, Unknown)
            said = SPENT if spent and is_open else _in_short(new)
            self.said.setdefault(n, []).append(f"{job.turn.name}: {said}")
            # Who may not go on asking says nothing of how far it got.
            if _is_better(new, row) and not (spent and is_open):
                self.rows[place] = (n, new)
        had = {row.name for _, row in self.rows if not _is_line(row)}
        broken = (row for _, row in came_to if not _is_line(row))
        last = max(n for n, _ in self.rows)
        self.rows += [(last, row) for row in broken if row.name not in had]

    def _came_to(self, job: Job, outcome: Outcome) -> Numbered:
        """The rows as this turn alone would have them."""
        of = self.of
        match outcome, job.turn:
            case Seen(), AllStates(states):
                return self.seen(outcome, states)
            case Solved(proofs, _), Solving(engine, _, _, _, _):
                answers = dict(proofs.answers)
                replay_all(of.made.system, answers)
                known = {p.name: p for p in of.made.system.properties}
                rows = [
                    (n, judged(of.loaded, x, of.plan, of.made, known[x.property], answers, engine))
                    for n, x in of.plan.lines
                    if x.property in job.names
                ]
                broken = implicit_rows(of.loaded, of.plan, of.made, answers)
                return [*rows, *((-1, row) for row in broken)]
            case Failed(why), _:
                because = Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0), why))
                return [(n, evolve(r, verdict=because)) for n, r in self.rows if _is_line(r)]
            case _:
                raise AssertionError((job.turn, outcome))


def _is_line(row: Row) -> bool:
    return row.kind != "implicit"


def _may_be_answered(row: Row) -> bool:
    return isinstance(row.verdict, Unknown) and row.verdict.because.why not in CLOSED


def _is_better(new: Row, old: Row) -> bool:
    """Does a row say more than what stood there?"""
    assert isinstance(old.verdict, Unknown)
    if not isinstance(new.verdict, Unknown):
        return True
    before, now = old.verdict.because, new.verdict.because
    if now.why in CLOSED:
        # Only who looks at states knows that what it says will not change.
        return new.engine == "explicit"
    if new.word is Word.BOUNDED:
        return old.word is not Word.BOUNDED or now.reached.depth > before.reached.depth
    return old.engine is None and new.word is old.word


def _in_short(row: Row) -> str:
    if not isinstance(row.verdict, Unknown):
        return ANSWERED
    because = row.verdict.because
    # What no engine of this kind decides has its reason in the note.
    if because.why is Why.UNSUPPORTED and because.note:
        return because.note
    return because.why.value + (f": {because.note}" if because.note else "")


__all__ = ["Question", "take_turns"]
