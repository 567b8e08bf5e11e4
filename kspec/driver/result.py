"""What a run of kspec found out: data for reports, made by the driver alone.

A `Row` is one property in one scope. Words and exit codes follow `docs/semantics.md` ("Words",
"Expectations", "Exit codes and vacuity"); `judge` makes the verdicts in it.
"""

from __future__ import annotations

import enum
from typing import TypeAlias, final

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen
from kspec.base.source import SourceFile, Span
from kspec.driver.telling.shown import NOTHING, Shown
from kspec.engines.api import Progress, Walked
from kspec.ir.system import Implicit, Property, System
from kspec.verdict.answer import Cut, Reached, Verdict
from kspec.verdict.trace import Trace


class ExitCode(enum.IntEnum):
    """What the command answers to its caller."""

    OK = 0
    VIOLATED = 1
    WRONG_INPUT = 2
    UNDECIDED = 3
    NOTHING = 5
    INTERNAL = 101
    INTERRUPTED = 130


PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL,
    ExitCode.WRONG_INPUT,
    ExitCode.VIOLATED,
    ExitCode.UNDECIDED,
    ExitCode.NOTHING,
    ExitCode.OK,
)


class Word(enum.Enum):
    """The word on the screen; `answer` is the one for programs."""

    HOLDS = "HOLDS"
    PROVED = "PROVED"
    REACHED = "REACHED"
    VIOLATED = "VIOLATED"
    BOUNDED = "NO BUG TO"
    NO_BUG_FOUND = "NO BUG FOUND"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"

    @property
    def answer(self) -> str:
        """JSON's `verdict`."""
        return _ANSWERS[self]


_ANSWERS = {
    Word.HOLDS: "holds",
    Word.PROVED: "proved",
    Word.REACHED: "holds",
    Word.VIOLATED: "violated",
    Word.BOUNDED: "bounded",
    Word.NO_BUG_FOUND: "unknown",
    Word.UNKNOWN: "unknown",
    Word.ERROR: "error",
}


class Require(enum.Enum):
    """How strong a verdict must be for a green run. `DEFAULT` is exhaustive, but takes a verdict
    for at most so many objects as it is."""

    DEFAULT = "default"
    EXHAUSTIVE = "exhaustive"
    BOUNDED = "bounded"
    PROVED = "proved"


class Vacuity(enum.Enum):
    """What is done about properties that hold because what they speak of never happened."""

    WARN = "warn"
    ERROR = "error"
    OFF = "off"


@final
@frozen
class ScopeInfo:
    """Where a property was judged.

    `point` are the sweep's values, `extra` what an expectation's `with` adds, `sizes` the pools.
    """

    scenario: str
    point: tuple[tuple[str, str], ...] = ()
    extra: tuple[str, ...] = ()
    start: str = "empty"
    timed: bool = False
    sizes: tuple[tuple[str, int], ...] = ()
    assumptions: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()


Asked: TypeAlias = Property | Implicit


@final
@frozen
class Row:
    """A property in a scope, and what became of it.

    `verdict` is None only for `ERROR`. `kind` is invariant, occurrence, reachable, deadlock,
    settles, temporal, law, implicit, or property where it was not looked at. `system` is the one
    that was searched, for showing traces; `why` says what the end of a counterexample shows,
    `refused` what could have gone on there, and why it does not. `values` are those that were
    counted, `runs` lead to them where there are more than there should be; `world` is the one that
    a law is false in. `reduced` says what of the system was not searched, or why all was, if that
    was wanted. `beyond` are sizes of kinds that have grown beyond the file's scope. `turns`
    are who in a portfolio was asked, in order, and what each said.
    """

    file: str
    name: str
    kind: str
    scope: ScopeInfo
    word: Word
    verdict: Verdict | None
    expected: str | None
    sentence: str | None
    span: Span | None
    engine: str | None = None
    reached: Reached | None = None
    cuts: tuple[Cut, ...] = ()
    vacuous: tuple[str, ...] = ()
    system: System | None = None
    asked: Asked | None = None
    why: tuple[str, ...] = ()
    shown: Shown = NOTHING
    refused: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None
    runs: tuple[tuple[str, Trace], ...] = ()
    world: tuple[str, ...] = ()
    reduced: tuple[str, ...] = ()
    beyond: tuple[tuple[str, int], ...] = ()
    turns: tuple[str, ...] = ()

    @property
    def met(self) -> bool | None:
        """Did the expectation come true? None without one or while undecided."""
        if self.expected is None:
            return None
        if self.expected == "unknown":
            return self.word in (Word.UNKNOWN, Word.NO_BUG_FOUND)
        if self.word in (Word.UNKNOWN, Word.NO_BUG_FOUND, Word.BOUNDED, Word.ERROR):
            return None
        return self.word in _MEETING[self.expected]

    @property
    def trace(self) -> Trace | None:
        """The counterexample or the witness, if there is one."""
        evidence = getattr(self.verdict, "evidence", None)
        return evidence if isinstance(evidence, Trace) else None

    def code(self, require: Require, vacuity: Vacuity) -> ExitCode:
        """What this row alone makes of the exit code."""
        if self.word is Word.ERROR:
            return ExitCode.WRONG_INPUT
        if self.expected is not None and (self.met is not True or self.expected == "unknown"):
            return _CODES_OF_MET[self.met]
        if self.expected is not None and self.word is Word.VIOLATED:
            return ExitCode.OK
        if self.word is Word.VIOLATED:
            return ExitCode.VIOLATED
        if self.word in (Word.UNKNOWN, Word.NO_BUG_FOUND):
            return ExitCode.UNDECIDED
        if self.word is Word.BOUNDED:
            return ExitCode.OK if require is Require.BOUNDED else ExitCode.UNDECIDED
        if self.cuts and self.word is Word.HOLDS and require is Require.EXHAUSTIVE:
            return ExitCode.UNDECIDED
        if require is Require.PROVED and self.word is not Word.PROVED:
            return ExitCode.UNDECIDED
        if self.vacuous and vacuity is Vacuity.ERROR:
            return ExitCode.VIOLATED
        return ExitCode.OK


_MEETING = {
    "holds": (Word.HOLDS, Word.PROVED, Word.REACHED),
    "reached": (Word.REACHED,),
    "violated": (Word.VIOLATED,),
    "refuted": (Word.VIOLATED,),
}

_CODES_OF_MET = {True: ExitCode.OK, False: ExitCode.VIOLATED, None: ExitCode.UNDECIDED}


@final
@frozen
class LedgerRow:
    """What became of a path of the manifests: `status` is modelled, approximated, ignored or, for
    a whole kind that nobody models (then `path` is empty), unknown."""

    kind: str
    path: str
    status: str
    why: str
    count: int
    span: Span | None


@final
@frozen(eq=False)
class WalkedScope:
    """The random walks of one scope, with what it takes to show the first of them."""

    scope: ScopeInfo
    system: System
    shown: Shown
    walked: Walked


@final
@frozen
class Fired:
    """An action: how often it fired, in how many states it was cut.

    Where it never fired, `stops` is the first of its conditions that is never true where all
    before it are. `idle` are conditions that are true wherever all before them are. Both are
    empty where nobody asked, or where the condition is none that somebody wrote.
    """

    name: str
    times: int
    cut: int
    span: Span | None
    stops: Span | None = None
    idle: tuple[Span, ...] = ()


@final
@frozen
class Covered:
    """One scope. `plain`: the system itself was searched, without reductions. `levels` are those
    that this run completed. `bits` of a packed state, and `bytes` that one takes in memory beside
    the table; None where the engine packs nothing. `asked`: were conditions asked about?"""

    scope: ScopeInfo
    complete: bool
    plain: bool
    reached: Reached
    actions: tuple[Fired, ...]
    levels: tuple[Progress, ...] = ()
    bits: int | None = None
    bytes: int | None = None
    asked: bool = False
    reduced: tuple[str, ...] = ()


@final
@frozen
class NeverFired:
    """An action of some scopes, all searched to their ends, that fired in none; where it is
    written."""

    action: str
    span: Span


@final
@frozen
class FileResult:
    """One file: its rows in the order in which they were asked, or why there are none.

    `covered` is there only where it was asked for, `never` only where vacuity was.
    """

    name: str
    rows: tuple[Row, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[SourceFile, ...]
    systems: tuple[tuple[str, System], ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    walks: tuple[WalkedScope, ...] = ()
    covered: tuple[Covered, ...] = ()
    never: tuple[NeverFired, ...] = ()


@final
@frozen
class Timing:
    """How long something took, in seconds of the clock on the wall."""

    what: str
    seconds: float


@final
@frozen
class Nothing:
    """Why there was nothing to judge, and the command to run instead, if there is one."""

    said: str
    instead: str | None = None


@final
@frozen
class CheckResult:
    """A whole run. `judged` is false where mistakes in any file kept all from being judged;
    `walked` is true of one that walks at random instead of searching; `manifests` are the names
    of what it was given beside its files; `nothing` says why there are no rows."""

    files: tuple[FileResult, ...]
    judged: bool
    interrupted: bool = False
    timings: tuple[Timing, ...] = ()
    walked: bool = False
    manifests: tuple[str, ...] = ()
    nothing: Nothing | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, file by file."""
        return tuple(row for file in self.files for row in file.rows)

    def code(self, require: Require, vacuity: Vacuity) -> ExitCode:
        """The exit code; of several the gravest."""
        codes = {row.code(require, vacuity) for row in self.rows}
        if not self.judged or any(_is_error(d) for f in self.files for d in f.diagnostics):
            codes.add(ExitCode.WRONG_INPUT)
        if vacuity is Vacuity.ERROR and any(file.never for file in self.files):
            codes.add(ExitCode.VIOLATED)
        if self.interrupted:
            codes.add(ExitCode.INTERRUPTED)
        if not codes:
            codes.add(ExitCode.NOTHING)
        return min(codes, key=PRECEDENCE.index)


def _is_error(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity.value == "error"
