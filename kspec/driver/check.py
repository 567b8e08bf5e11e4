"""`kspec check`: files to rows, all stages in order.

All files are parsed and typed first; any mistake there and nothing is judged. Mistakes that only
show in a scope make the rows of that scope `error`, and the others are judged all the same.
Next: `plan` for which scopes, `search` for what is believed, `judge` for the words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final, final

from attrs import define, evolve, field, frozen

from kspec.analysis.typed import TJudge, TManifests, TProperty, TScenario
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.source import SourceFile
from kspec.driver import plan as planning
from kspec.driver.explain import explain
from kspec.driver.judge import judge, judge_implicit, kind_of, word_for
from kspec.driver.load import Loaded, Loading, load, load_text
from kspec.driver.plan import Plan
from kspec.driver.probes import Probe
from kspec.driver.result import CheckResult, FileResult, LedgerRow, Row, ScopeInfo, Timing, Word
from kspec.driver.search import Refused, Searched, search
from kspec.driver.stages import Made, Mistaken, make
from kspec.engines.api import Budget, Progress
from kspec.ir.system import Implicit, Occurrence, System
from kspec.manifests.node import Document
from kspec.pure.elaborate import Point, points
from kspec.pure.start import Wrong
from kspec.pure.world import EvaluationError
from kspec.sources.imports import Home
from kspec.sources.manifests import manifests
from kspec.verdict.answer import Absent, Exploration, Found, Inconclusive, Reached, Unknown, Why

TOO_DEEP: Final = "functions call each other too deep"


@final
@frozen
class Given:
    """A file to check: where it is, what to call it, the directory it was found through."""

    path: Path
    name: str
    through: Home | None = None


@final
@frozen
class Options:
    """How to check. `patterns` choose properties by name; none is all. With `only_systems`
    everything is prepared and nothing searched."""

    engine: str = "explicit"
    patterns: tuple[str, ...] = ()
    max_states: int | None = None
    only_systems: bool = False
    vacuity: bool = True
    interrupted: Callable[[], bool] | None = None

    @property
    def budget(self) -> Budget:
        """The limits of one search."""
        return Budget(max_states=self.max_states, interrupted=self.interrupted)

    def is_stopped(self) -> bool:
        """Has somebody asked to stop?"""
        return self.interrupted is not None and self.interrupted()


@final
@frozen
class Watching:
    """Whom to tell what is going on: of a scope that is begun, of a completed level."""

    scope: Callable[[str], None] = lambda _: None
    level: Callable[[Progress], None] = lambda _: None


def check(files: Iterable[Given], options: Options, watching: Watching = Watching()) -> CheckResult:
    """Check files. Raises `InternalError` where kspec is at fault, nothing for a user's mistake."""
    clock = _Clock()
    loadings: list[Loading] = []
    for given in files:
        with clock.time(f"read {given.name}"):
            loadings.append(load(given.path, given.name, given.through))
    if any(loading.loaded is None for loading in loadings):
        return CheckResult(tuple(_unjudged(loading) for loading in loadings), judged=False)
    results: list[FileResult] = []
    for loading in loadings:
        assert loading.loaded is not None
        results.append(_File(loading.loaded, options, watching, clock).run(loading.diagnostics))
    return CheckResult(tuple(results), True, options.is_stopped(), tuple(clock.timings))


def mistakes(name: str, text: str) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a program that is no file, down to its systems; nothing is
    searched."""
    loading = load_text(name, text)
    if loading.loaded is None:
        return loading.diagnostics
    file = _File(loading.loaded, Options(only_systems=True), Watching(), _Clock())
    return file.run(loading.diagnostics).diagnostics


def _unjudged(loading: Loading) -> FileResult:
    return FileResult(loading.name, (), loading.diagnostics, loading.sources)


@final
@define
class _Clock:
    """Takes down how long things take; nothing but `timings` depends on it."""

    timings: list[Timing] = field(factory=list)

    @contextmanager
    def time(self, what: str) -> Iterator[None]:
        began = perf_counter()
        try:
            yield
        finally:
            self.timings.append(Timing(what, perf_counter() - began))


@final
@define
class _File:
    """The check of one file."""

    loaded: Loaded
    options: Options
    watching: Watching
    clock: _Clock
    diagnostics: list[Diagnostic] = field(factory=list)
    systems: list[tuple[str, System]] = field(factory=list)
    ledger: dict[LedgerRow, None] = field(factory=dict)
    _read: dict[str, tuple[Document, ...]] = field(factory=dict)
    _sources: list[SourceFile] = field(factory=list)

    def run(self, warnings: tuple[Diagnostic, ...]) -> FileResult:
        """All scenarios, in order."""
        self.diagnostics.extend(warnings)
        rows = [row for s in self.loaded.program.scenarios for row in self._scenario(s)]
        return FileResult(
            name=self.loaded.name,
            rows=tuple(rows),
            diagnostics=tuple(dict.fromkeys(self.diagnostics)),
            sources=(*self.loaded.sources, *self._sources),
            systems=tuple(self.systems),
            ledger=tuple(self.ledger),
        )

    def _scenario(self, scenario: TScenario) -> list[Row]:
        patterns, sources = self.options.patterns, self.loaded.sources
        if not any(planning.is_asked(j, patterns) for j in scenario.judges):
            return []
        try:
            found: tuple[Point, ...] = points(self.loaded.program, scenario)
        except Wrong as mistake:
            return self._errors(scenario, mistake.diagnostic)
        except EvaluationError as error:
            place = Label(error.span or scenario.span, "here")
            return self._errors(scenario, Diagnostic(codes.NOT_MODELLED, error.message, place))
        read = self._documents(scenario)
        rows: list[Row] = []
        for point in found:
            here: list[tuple[int, Row]] = []
            for plan in planning.plans(scenario, (point,), patterns, sources):
                here += self._plan(plan, read)
            rows += [row for _, row in sorted(here, key=lambda pair: pair[0])]
        return rows

    # ---- manifests ----------------------------------------------------------------------------

    def _documents(self, scenario: TScenario) -> tuple[Diagnostic, ...]:
        """Read the manifests that a scenario names, each path once; what is wrong with them."""
        wrong: list[Diagnostic] = []
        for named in scenario.cluster.objects:
            if isinstance(named, TManifests) and named.path not in self._read:
                wrong += self._manifests(named)
        return tuple(wrong)

    def _manifests(self, named: TManifests) -> list[Diagnostic]:
        home = self.loaded.home(named.span.file)
        if home is None:
            message = "a program that is no file can name no manifests"
            return [Diagnostic(codes.UNREADABLE_FILE, message, Label(named.span))]
        found, wrong = manifests(named.path, named.span, home)
        self._sources.extend(m.source for m in found)
        wrong += [d for m in found for d in m.diagnostics]
        self._read[named.path] = tuple(d for m in found for d in m.documents)
        return wrong

    # ---- one scope ----------------------------------------------------------------------------

    def _plan(self, plan: Plan, read: tuple[Diagnostic, ...]) -> list[tuple[int, Row]]:
        info = _info(plan, None)
        if self.options.is_stopped():
            stopped = Unknown(Inconclusive(Why.INTERRUPTED, Reached(0, 0, 0)))
            return [(n, self._row(j, info, Word.UNKNOWN, stopped)) for n, j in plan.lines]
        if any(d.severity is Severity.ERROR for d in read):
            return self._mistaken(plan, info, read)
        with self.clock.time(f"prepare {_title(self.loaded.name, info)}"):
            probed = self.loaded.sources if self.options.vacuity else None
            made = self._make(plan, probed)
        match made:
            case Mistaken(diagnostics):
                return self._mistaken(plan, info, diagnostics)
            case Made():
                self.diagnostics.extend((*read, *made.diagnostics))
                self.ledger.update(dict.fromkeys(made.ledger))
                return self._search(plan, made)

    def _make(self, plan: Plan, probed: tuple[SourceFile, ...] | None) -> Made | Mistaken:
        try:
            return make(self.loaded.program, plan, self._read, probed)
        except RecursionError:
            place = Label(plan.scenario.span, "in this scenario")
            return Mistaken((Diagnostic(codes.NESTED_TOO_DEEP, TOO_DEEP, place),))

    def _search(self, plan: Plan, made: Made) -> list[tuple[int, Row]]:
        info, system = _info(plan, made), made.system
        title = _title(self.loaded.name, info)
        self.systems.append((title, system))
        if self.options.only_systems:
            return []
        known = {prop.name for prop in system.properties}
        wanted = tuple(dict.fromkeys(j.property for _, j in plan.lines if j.property in known))
        self.watching.scope(title)
        searched: Searched | None = None
        note = "laws are not decided yet"
        probes = tuple(p.name for p in made.probes)
        if wanted:
            try:
                with self.clock.time(f"search {title}"):
                    searched = search(
                        self.options.engine,
                        system,
                        wanted,
                        self.options.budget,
                        self.watching.level,
                        probes,
                    )
            except Refused as refused:
                note = f"{refused}; try --engine reference"
            except RecursionError:
                note = "expressions are nested too deep for this engine"
        unknown = Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0), note))
        rows: list[tuple[int, Row]] = []
        for number, line in plan.lines:
            if searched is None or line.property not in known:
                rows.append((number, self._row(line, info, Word.UNKNOWN, unknown)))
            else:
                rows.append((number, self._judged(line, info, made, searched.exploration)))
        if searched is None:
            return rows
        rows = self._vacuous(rows, made, searched)
        last = max(number for number, _ in plan.lines)
        return [*rows, *((last, row) for row in self._implicit(info, made, searched.exploration))]

    def _vacuous(
        self, rows: list[tuple[int, Row]], made: Made, searched: Searched
    ) -> list[tuple[int, Row]]:
        """The rows, with reasons where what they speak of never happens. Never said where
        creation was cut or anything stayed open."""
        explored = searched.exploration
        if not self.options.vacuity or not explored.complete or explored.cuts:
            return rows
        held = {row.name for _, row in rows if row.word is Word.HOLDS}
        fired = dict(explored.fired)
        reasons: dict[str, tuple[str, ...]] = {}
        for prop in made.system.properties:
            if prop.name in held and isinstance(prop.claim, Occurrence):
                actions = dict.fromkeys(case.action for case in prop.claim.cases)
                if not any(fired.get(action, 0) for action in actions):
                    reasons[prop.name] = tuple(f"{a} never happens" for a in actions)
        asked = [
            p
            for p in made.probes
            if p.of in held and p.of not in reasons and p.name not in searched.witnessed
        ]
        for probe in self._never(asked, made):
            reasons[probe.of] = (probe.reason,)
        return [(n, evolve(row, vacuous=reasons.get(row.name, ()))) for n, row in rows]

    def _never(self, asked: list[Probe], made: Made) -> list[Probe]:
        """The probes that a search of their own does not find."""
        if not asked:
            return []
        names = tuple(probe.name for probe in asked)
        with self.clock.time("search for what is spoken of"):
            found = search(
                self.options.engine, made.system, names, self.options.budget, lambda _: None
            )
        answers = dict(found.exploration.answers)
        return [probe for probe in asked if isinstance(answers[probe.name], Absent)]

    def _judged(self, line: TJudge, info: ScopeInfo, made: Made, explored: Exploration) -> Row:
        system = made.system
        prop = next(p for p in system.properties if p.name == line.property)
        answer = dict(explored.answers)[prop.name]
        verdict = judge(prop.claim, answer, explored)
        word = word_for(verdict, prop.claim)
        declared = self._property(prop.name)
        why: tuple[str, ...] = ()
        if isinstance(answer, Found) and word is Word.VIOLATED and declared is not None:
            why = explain(made.scope, made.lowered, declared, answer.trace, self.loaded.sources)
        return Row(
            file=self.loaded.name,
            name=prop.name,
            kind=kind_of(prop.claim),
            scope=info,
            word=word,
            verdict=verdict,
            expected=line.expected,
            sentence=prop.sentence,
            span=prop.span or (declared.span if declared is not None else None),
            engine=self.options.engine,
            reached=explored.reached,
            cuts=explored.cuts,
            system=system,
            asked=prop,
            why=why,
            shown=made.shown,
        )

    def _implicit(self, info: ScopeInfo, made: Made, explored: Exploration) -> list[Row]:
        rows: list[Row] = []
        for implicit in Implicit:
            answer = dict(explored.answers)[implicit.value]
            if not isinstance(answer, Found):
                continue
            last = answer.trace.steps[-1].action
            action = next(a for a in made.system.actions if a.name == last)
            rows.append(
                Row(
                    file=self.loaded.name,
                    name=implicit.value,
                    kind="implicit",
                    scope=info,
                    word=Word.VIOLATED,
                    verdict=judge_implicit(answer),
                    expected=None,
                    sentence=_SENTENCES[implicit],
                    span=action.span,
                    engine=self.options.engine,
                    reached=explored.reached,
                    cuts=explored.cuts,
                    system=made.system,
                    asked=implicit,
                    shown=made.shown,
                )
            )
        return rows

    # ---- rows without a search ----------------------------------------------------------------

    def _errors(self, scenario: TScenario, wrong: Diagnostic) -> list[Row]:
        self.diagnostics.append(wrong)
        info = ScopeInfo(scenario.name, start=scenario.start, timed=scenario.time == "timed")
        asked = (j for j in scenario.judges if planning.is_asked(j, self.options.patterns))
        return [self._row(line, info, Word.ERROR, None) for line in asked]

    def _mistaken(
        self, plan: Plan, info: ScopeInfo, wrong: tuple[Diagnostic, ...]
    ) -> list[tuple[int, Row]]:
        self.diagnostics.extend(wrong)
        return [(n, self._row(line, info, Word.ERROR, None)) for n, line in plan.lines]

    def _row(self, line: TJudge, info: ScopeInfo, word: Word, verdict: Unknown | None) -> Row:
        laws = [law for law in self.loaded.program.laws if law.name == line.property]
        declared = self._property(line.property)
        sentence = laws[0].sentence if laws else declared.sentence if declared else None
        return Row(
            file=self.loaded.name,
            name=line.property,
            kind="law" if laws else "property",
            scope=info,
            word=word,
            verdict=verdict,
            expected=line.expected,
            sentence=sentence,
            span=line.span,
        )

    def _property(self, name: str) -> TProperty | None:
        return next((p for p in self.loaded.program.properties if p.name == name), None)


_SENTENCES = {
    Implicit.IN_RANGE: "every value stays in the range of its type",
    Implicit.SINGLE_WRITE: "no step writes one place twice",
    Implicit.LIVE_TARGET: "no step writes to an object that is gone",
}


def _info(plan: Plan, made: Made | None) -> ScopeInfo:
    scenario = plan.scenario
    pools = made.scope.pools if made is not None else ()
    return ScopeInfo(
        scenario=scenario.name,
        point=tuple((name, planning.show(value)) for name, value in plan.point),
        extra=plan.extra,
        start=scenario.start,
        timed=scenario.time == "timed",
        sizes=tuple((pool.kind, pool.size) for pool in pools),
        assumptions=made.system.assumptions if made is not None else (),
        bounds=made.system.bounds if made is not None else (),
    )


def _title(file: str, info: ScopeInfo) -> str:
    parts = [file, *([info.scenario] if info.scenario else [])]
    parts += [f"{name}={value}" for name, value in info.point]
    return " ".join((*parts, *(f"with {extra}" for extra in info.extra)))
