"""The screen of `kspec check`: verdicts first, then every counterexample, then one next command.

Deterministic: no clock, no width of a terminal, no path but those the user gave. What is said is
made in `phrases` and `story`; here it is laid out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import final

from kspec.base.record import frozen
from kspec.base.source import LineIndex, SourceFile, Span
from kspec.driver.result import (
    CheckResult,
    ExitCode,
    FileResult,
    Nothing,
    Require,
    Row,
    ScopeInfo,
    Vacuity,
    WalkedScope,
    Word,
)
from kspec.ir.system import Implicit
from kspec.report import phrases, walks
from kspec.report.advice import advice, explain
from kspec.report.chains import chains
from kspec.report.lassos import assumed, loop
from kspec.report.paint import Paint, sign
from kspec.report.story import StepWords, Story, tell
from kspec.report.values import Lens
from kspec.verdict.answer import Unknown

LABEL = 9
"""Columns of the words on the left of a counterexample: `start`, `why`, `assumes`."""
MOST_VALUES = 24
"""More values than this are in JSON only."""
MOST_NEVER = 8
"""More actions that never fired are in JSON only."""
REASON = 72
"""The column where event reasons stand, if there is room."""


@final
@frozen
class Asked:
    """How strong verdicts must be, what is thought of vacuous ones, how many steps of a random
    walk are shown."""

    require: Require = Require.DEFAULT
    vacuity: Vacuity = Vacuity.WARN
    steps: int = 0


def screen(result: CheckResult, code: int, paint: Paint, asked: Asked) -> str:
    """Everything that stdout gets."""
    lines: list[str] = []
    for file in result.files:
        if file.rows or file.walks:
            lines += _file(file, paint, asked)
    lines += _closing(result, code, asked)
    return paint.finish("".join(line.rstrip() + "\n" for line in lines))


# ---- verdicts ----------------------------------------------------------------------------------


def _file(file: FileResult, paint: Paint, asked: Asked) -> Iterator[str]:
    yield paint(file.name, "strong")
    columns = (
        max([LABEL, *(len(phrases.word(row)) for row in file.rows)]),
        min(max((len(row.name) for row in file.rows), default=0), 44),
    )
    for (scenario, point), rows in groupby(
        file.rows, key=lambda r: (r.scope.scenario, r.scope.point)
    ):
        group = tuple(rows)
        yield from _heading(scenario, point)
        for row in group:
            yield _row(row, columns, paint, asked)
            if row.values and len(row.values) <= MOST_VALUES:
                yield from (paint(f"    values  {line}", "dim") for line in row.values)
            if isinstance(row.verdict, Unknown):
                yield from (paint(f"    asked  {line}", "dim") for line in row.turns)
    yield from (paint(f"    assumes  {line}", "dim") for line in _assumptions(file.rows))
    yield from (paint(f"    reduced  {line}", "dim") for line in _reduced(file.rows))
    yield from (paint(f"    never fired  {line}", "open") for line in _never_fired(file))
    if file.ledger:
        yield paint(f"    manifests  {phrases.ledger(file.ledger)}", "dim")
    for of in file.walks:
        yield from (paint(f"    walks  {line}", "dim") for line in _walks(of, file))
    yield ""
    if file.covered:
        from kspec.report.statistics import tables
    for covered in file.covered:
        yield from tables(covered, _scope(covered.scope), file.sources)
        yield ""
    traced = [row for row in file.rows if row.word is Word.VIOLATED and row.trace is not None]
    for row in traced:
        yield from counterexample(row, file, paint)
    for row in file.rows:
        if row.word is Word.VIOLATED and row.world:
            yield from refutation(row, file, paint)
        if row.word is Word.VIOLATED and row.runs:
            yield from reached(row, file, paint)
    if not traced and asked.steps:
        yield from _first_walk(file, asked.steps, paint)


def _assumptions(rows: Sequence[Row]) -> Iterator[str]:
    """What the verdicts rest on; what not all of them do, with those that do. Who is fair is told
    where there are claims over runs, and compared among these."""
    judged = [row for row in rows if row.reached is not None]
    scopes = {_scope(row.scope): row.scope.assumptions for row in judged}
    fair = {_scope(row.scope): lines for row in judged if (lines := assumed(row))}
    for told in (scopes, fair):
        yield from _where(told)


def _reduced(rows: Sequence[Row]) -> Iterator[str]:
    """What was not searched, and why not less was."""
    return _where({_scope(row.scope): row.reduced for row in rows if row.reduced})


def _never_fired(file: FileResult) -> Iterator[str]:
    """Actions that fired in no scope, with their places."""
    width = max((len(never.action) for never in file.never[:MOST_NEVER]), default=0)
    for never in file.never[:MOST_NEVER]:
        yield f"{never.action:<{width}}  {place(never.span, file.sources)}"
    if len(file.never) > MOST_NEVER:
        yield f"and {len(file.never) - MOST_NEVER} more: -o json"


def _where(told: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Lines about scopes; what is not said of all of them, with those that it is said of."""
    for line in dict.fromkeys(line for lines in told.values() for line in lines):
        where = [scope for scope, lines in told.items() if line in lines]
        shown = "; ".join(scope or "as written" for scope in where)
        yield line if len(where) == len(told) else f"{line}  [{shown}]"


def _scope(scope: ScopeInfo) -> str:
    """`small, pod=3, with force_delete`; `""` for the only scope of a file."""
    name = f"scenario {scope.scenario}" if scope.scenario else ""
    parts = [name, *(f"{n}={v}" for n, v in scope.point), _with(scope, "")]
    return ", ".join(part for part in parts if part)


def _with(scope: ScopeInfo, before: str) -> str:
    return f"{before}with {', '.join(scope.extra)}" if scope.extra else ""


def _heading(scenario: str, point: tuple[tuple[str, str], ...]) -> Iterator[str]:
    where = _scope(ScopeInfo(scenario, point))
    if where:
        yield f"  {where}"


def _row(row: Row, columns: tuple[int, int], paint: Paint, asked: Asked) -> str:
    mark, how = sign(row)
    word = paint(f"{mark} {phrases.word(row):<{columns[0]}}", how)
    said = [phrases.expectation(row), phrases.evidence(row) + _with(row.scope, ", ")]
    if row.vacuous:
        said.append(f"(vacuous: {'; '.join(row.vacuous)})")
    weaker = row.code(asked.require, asked.vacuity) is ExitCode.UNDECIDED
    if weaker and row.word is Word.HOLDS and row.expected is None:
        said.append(f"(weaker than {asked.require.value})")
    return f"  {word} {row.name:<{columns[1]}}  {' '.join(part for part in said if part)}"


def _walks(of: WalkedScope, file: FileResult) -> Iterator[str]:
    where = _scope(of.scope) if len(file.walks) > 1 else ""
    for place, line in enumerate(walks.walked(of)):
        yield f"{where}: {line}" if where and not place else line


# ---- counterexamples ---------------------------------------------------------------------------


def refutation(row: Row, file: FileResult, paint: Paint) -> Iterator[str]:
    """A law that is false, with the world that it is false in."""
    yield from _title(row, file, paint)
    yield from _labelled("world", row.world)
    yield from _labelled("why", row.why)
    yield ""


def reached(row: Row, file: FileResult, paint: Paint) -> Iterator[str]:
    """Values that should not be there, each with the shortest chain that leads to it."""
    yield from _title(row, file, paint)
    for value, steps in chains(row, lambda span: place(span, file.sources)):
        yield f"  {value}  in {phrases.counted(len(steps), 'step')}"
        yield from (f"    → {step}" for step in steps)
    yield ""


def _title(row: Row, file: FileResult, paint: Paint) -> Iterator[str]:
    where = place(row.span, file.sources)
    expected = phrases.expectation(row)
    title = "  ".join(part for part in (row.name, where, expected) if part)
    yield paint(f"✘ {title}", "good" if row.met else "bad")
    if row.sentence:
        yield f'  "{row.sentence}"'
    where = _scope(row.scope)
    if where:
        yield f"  {where}"
    yield ""


def counterexample(row: Row, file: FileResult, paint: Paint) -> Iterator[str]:
    """A violated row with its trace, step by step."""
    assert row.trace is not None and row.system is not None
    yield from _title(row, file, paint)
    broken = row.asked if isinstance(row.asked, Implicit) else None
    story = tell(Lens(row.system, row.shown), row.trace, broken)
    yield from _labelled("start", _start(story, file.sources) or ("nothing exists",))
    again = loop(Lens(row.system, row.shown), row.trace, row.asked)
    for step in story.steps:
        if again is not None and step.number == again.begins + 1:
            yield from _labelled("⟲", ("from here on, for ever:",))
        yield from _step(step, paint)
    if again is not None:
        yield from _labelled("⟲", (again.back,))
    unsettled = again.why if again is not None else ()
    yield from _labelled("why", (*row.why, *story.ending, *unsettled))
    yield from _labelled("fair", again.fair if again is not None else ())
    yield from _labelled("refused", row.refused)
    yield ""


def _first_walk(file: FileResult, steps: int, paint: Paint) -> Iterator[str]:
    """The first walk of the first scope: what a run looks like where nothing is violated."""
    for of in file.walks[:1]:
        if of.walked.first is None:
            return
        where = _scope(of.scope)
        yield paint("a walk" + (f"  {where}" if where else ""), "strong")
        yield ""
        story, left = walks.first_walk(of, steps)
        yield from _labelled("start", _start(story, file.sources) or ("nothing exists",))
        for step in story.steps:
            yield from _step(step, paint)
        if left:
            yield f"     {phrases.counted(left, 'step')} more: --show {len(story.steps) + left}"
        yield ""


def _start(story: Story, sources: Sequence[SourceFile]) -> tuple[str, ...]:
    """The objects at the start; those of manifests with where they stand there."""
    return tuple(
        line if span is None else f"{line}   ({place(span, sources)})"
        for line, span in zip(story.start, story.written, strict=True)
    )


def _labelled(label: str, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"  {label if number == 0 else '':<{LABEL}}{line}"


def _step(step: StepWords, paint: Paint) -> Iterator[str]:
    # A fault is its own component: its name once is enough.
    is_own = step.who in ("", step.action)
    who = step.action if is_own else f"{step.who}.{step.action}"
    head = f"  {step.number:>2} {who}  {' '.join(step.given)}".rstrip()
    yield f"{head:<{REASON}}  {step.reason}" if step.reason else head
    for line in step.saw:
        yield paint(f"       {line}", "open")
    for line in step.changes or ("nothing changes",):
        yield f"       {line}"
    if step.event:
        yield f'       "{step.event}"'


def place(span: Span | None, sources: Sequence[SourceFile]) -> str:
    """`file:line:column`, or `""`."""
    if span is None:
        return ""
    for source in sources:
        if source.name == span.file:
            line, column = LineIndex(source.text).position(span.start)
            return f"{span.file}:{line}:{column}"
    return span.file


# ---- the end -----------------------------------------------------------------------------------


def _closing(result: CheckResult, code: int, asked: Asked) -> Iterator[str]:
    errors = sum(1 for f in result.files for d in f.diagnostics if d.severity.value == "error")
    if not result.judged:
        yield f"{phrases.counted(errors, 'error')}, nothing was checked (exit {code})"
        yield from _next(explain(result))
        return
    if result.nothing is not None:
        yield from nothing(result.nothing, "check", code)
        return
    rows = result.rows
    searched = {(r.file, r.scope): r.reached.states for r in rows if r.reached is not None}
    states = sum(searched.values())
    number = phrases.counted(len(rows), "property", "properties")
    stopped = "interrupted: " if result.interrupted else ""
    seen = f"   {number}, {phrases.counted(states, 'state')}" if rows else ""
    never = sum(len(file.never) for file in result.files)
    idle = f", {phrases.counted(never, 'action')} never fired" if never else ""
    said = phrases.summary(rows) + (idle if asked.vacuity is Vacuity.ERROR else "")
    yield f"{stopped}{said}{seen}   (exit {code})"
    yield from _next(advice(result))


def nothing(of: Nothing, to: str, code: int) -> Iterator[str]:
    """Why nothing was judged."""
    yield f"nothing to {to}: {of.said}   (exit {code})"
    yield from _next(of.instead)


def _next(command: str | None) -> Iterator[str]:
    if command is not None:
        yield f"next  {command}"


__all__ = ["Asked", "ScopeInfo", "Story", "counterexample", "nothing", "place", "screen"]
