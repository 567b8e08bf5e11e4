"""`kspec check`: files to rows, all stages in order.

All files are parsed and typed first; any mistake there and nothing is judged. Mistakes that only
show in a scope make the rows of that scope `error`, and the others are judged all the same.
Next: `plan` for which scopes, `search` for what is believed, `searched_rows` for the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from time import perf_counter
from typing import TYPE_CHECKING, final

from attrs import define, evolve, field

from kspec.analysis.typed import TJudge, TLaw, TScenario
from kspec.base.diagnostic import Diagnostic, Severity
from kspec.base.source import SourceFile
from kspec.driver.options import NOBODY, PORTFOLIO, Options, Watching
from kspec.driver.preparing import plan as planning
from kspec.driver.preparing.load import Loaded, Loading, load, load_text
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.prepare import Preparation, scope_info, title
from kspec.driver.preparing.stages import Made, Mistaken, ledger_rows
from kspec.driver.result import (
    CheckResult,
    Covered,
    FileResult,
    LedgerRow,
    Row,
    ScopeInfo,
    Timing,
    WalkedScope,
    Word,
)
from kspec.driver.searching.coverage import fired, questions
from kspec.driver.searching.judge import word_for
from kspec.driver.searching.search import NESTED, Refused, Searched, search
from kspec.driver.searching.searched_rows import Rows
from kspec.driver.searching.vacuity import never_fired, reasons
from kspec.driver.searching.walking import walked
from kspec.engines.api import Budget, Progress
from kspec.ir.system import System
from kspec.manifests.node import Document, Manifest
from kspec.sources.imports import Given
from kspec.verdict.answer import (
    Inconclusive,
    Reached,
    Unknown,
    Why,
)

if TYPE_CHECKING:
    from kspec.driver.portfolio.turns import Seen


def check(files: Iterable[Given], options: Options, watching: Watching = NOBODY) -> CheckResult:
    """Check files. Raises `InternalError` where kspec is at fault, nothing for a user's mistake."""
    clock = _Clock()
    loadings: list[Loading] = []
    for given in files:
        with clock.time(f"read {given.name}"):
            loadings.append(load(given.path, given.name, given.through))
    if any(loading.loaded is None for loading in loadings):
        unjudged = tuple(_unjudged(loading) for loading in loadings)
        return CheckResult(unjudged, judged=False, walked=options.walks is not None)
    results: list[FileResult] = []
    for loading in loadings:
        assert loading.loaded is not None
        preparation = Preparation(loading.loaded, options.strict, _documents(options.given))
        file = _File(loading.loaded, options, watching, clock, preparation)
        results.append(file.run(loading.diagnostics))
    stopped, timings = options.is_stopped(), tuple(clock.timings)
    return CheckResult(tuple(results), True, stopped, timings, options.walks is not None)


def mistakes(name: str, text: str) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a program that is no file, down to its systems; nothing is
    searched."""
    loading = load_text(name, text)
    if loading.loaded is None:
        return loading.diagnostics
    options, preparation = Options(only_systems=True), Preparation(loading.loaded)
    file = _File(loading.loaded, options, NOBODY, _Clock(), preparation)
    return file.run(loading.diagnostics).diagnostics


def _documents(given: Iterable[Manifest]) -> tuple[Document, ...]:
    return tuple(document for manifest in given for document in manifest.documents)


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
    preparation: Preparation
    diagnostics: list[Diagnostic] = field(factory=list)
    systems: list[tuple[str, System]] = field(factory=list)
    ledger: dict[LedgerRow, None] = field(factory=dict)
    walks: list[WalkedScope] = field(factory=list)
    covered: list[Covered] = field(factory=list)
    levels: list[Progress] = field(factory=list)

    def run(self, warnings: tuple[Diagnostic, ...]) -> FileResult:
        """All scenarios, in order."""
        self.diagnostics.extend(warnings)
        rows = [row for s in self.preparation.scenarios for row in self._scenario(s)]
        return FileResult(
            name=self.loaded.name,
            rows=tuple(rows),
            diagnostics=tuple(dict.fromkeys(self.diagnostics)),
            sources=(*self.loaded.sources, *self.preparation.sources, *self._given),
            systems=tuple(self.systems),
            ledger=tuple(self.ledger),
            walks=tuple(self.walks),
            covered=tuple(self.covered) if self.options.statistics else (),
            never=never_fired(self.covered) if self.options.vacuity else (),
        )

    def _scenario(self, scenario: TScenario) -> list[Row]:
        patterns, sources = self.options.patterns, self.loaded.sources
        if not self._is_asked(scenario):
            return []
        found = self.preparation.points(scenario)
        if isinstance(found, Diagnostic):
            return self._errors(scenario, found)
        read = self.preparation.documents(scenario)
        rows: list[Row] = []
        for point in found:
            here: list[tuple[int, Row]] = []
            plans = tuple(planning.plans(scenario, (point,), patterns, sources))
            for plan in plans or (Plan(scenario, point, (), ()),):
                here += self._plan(plan, read)
            rows += [row for _, row in sorted(here, key=lambda pair: pair[0])]
        return rows

    def _is_asked(self, scenario: TScenario) -> bool:
        chosen = self.options.scenarios
        if chosen and not any(fnmatchcase(scenario.name, pattern) for pattern in chosen):
            return False
        patterns = self.options.patterns
        judged = any(planning.is_asked(j, patterns) for j in scenario.judges)
        return judged or (self.options.walks is not None and not patterns)

    # ---- one scope ----------------------------------------------------------------------------

    def _plan(self, plan: Plan, read: tuple[Diagnostic, ...]) -> list[tuple[int, Row]]:
        info = scope_info(plan, None)
        if self.options.is_stopped():
            stopped = Unknown(Inconclusive(Why.INTERRUPTED, Reached(0, 0, 0)))
            return [(n, self.rows.bare(j, info, Word.UNKNOWN, stopped)) for n, j in plan.lines]
        if any(d.severity is Severity.ERROR for d in read):
            return self._mistaken(plan, info, read)
        laws = {law.name: law for law in self.loaded.program.laws}
        rows: list[tuple[int, Row]] = []
        if any(line.property in laws for _, line in plan.lines):
            rows += self._laws(plan, laws, read)
            plan = planning.without(plan, laws)
            if not plan.lines and self.options.walks is None:
                return rows
        return [*rows, *self._systems(plan, info, read)]

    def _laws(
        self, plan: Plan, laws: Mapping[str, TLaw], read: tuple[Diagnostic, ...]
    ) -> list[tuple[int, Row]]:
        """The laws that a scope judges: nothing is searched for them."""
        info, options = scope_info(plan, None), self.options
        asked = [(n, line) for n, line in plan.lines if line.property in laws]
        found = self.preparation.elaborate(plan)
        if found.scope is None:
            self.diagnostics.extend(found.diagnostics)
            return [(n, self.rows.bare(line, info, Word.ERROR, None)) for n, line in asked]
        self.diagnostics.extend((*read, *found.diagnostics))
        self.ledger.update(dict.fromkeys(ledger_rows(found)))
        if options.only_systems:
            return []
        # Only here: a file without laws loads nothing that decides them.
        from kspec.driver.laws import judged

        sources = self.loaded.sources
        rows = []
        for n, line in asked:
            law = laws[line.property]
            with self.clock.time(f"decide {law.name}"):
                made = judged(found.scope, law, sources, options.max_states, options.is_stopped)
            word = word_for(made.verdict, None)
            row = self.rows.bare(line, info, word, made.verdict)
            expected = line.expected or ("refuted" if law.belief else None)
            row = evolve(row, expected=expected, span=law.span, vacuous=made.vacuous)
            rows.append((n, evolve(row, world=made.world, why=made.why)))
        return rows

    def _systems(
        self, plan: Plan, info: ScopeInfo, read: tuple[Diagnostic, ...]
    ) -> list[tuple[int, Row]]:
        with self.clock.time(f"prepare {title(self.loaded.name, info)}"):
            probed = self.loaded.sources if self.options.vacuity else None
            stage = self.preparation.make(plan, probed)
        match stage:
            case Mistaken(diagnostics):
                return self._mistaken(plan, info, diagnostics)
            case Made():
                self.diagnostics.extend((*read, *stage.diagnostics))
                self.ledger.update(dict.fromkeys(stage.ledger))
                return self._search(plan, stage)

    def _search(self, plan: Plan, made: Made) -> list[tuple[int, Row]]:
        info, system, options = scope_info(plan, made), made.system, self.options
        name = title(self.loaded.name, info)
        self.systems.append((name, system))
        if options.only_systems:
            return []
        known = {prop.name for prop in system.properties}
        wanted = tuple(dict.fromkeys(j.property for _, j in plan.lines if j.property in known))
        self.watching.scope(name)
        if options.engine == PORTFOLIO and options.walks is None and wanted:
            return self._by_turns(plan, made, wanted)
        searched: Searched | None = None
        note = ""
        if wanted or options.walks is not None:
            try:
                with self.clock.time(f"search {name}"):
                    searched = self._explore(info, made, wanted)
            except Refused as refused:
                note = f"{refused}; try --engine reference"
            except RecursionError:
                note = NESTED
        if searched is not None:
            return self._seen(plan, made, searched, options.budget)
        unknown = Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0), note))
        return [(n, self.rows.bare(line, info, Word.UNKNOWN, unknown)) for n, line in plan.lines]

    def _seen(
        self, plan: Plan, made: Made, searched: Searched, budget: Budget
    ) -> list[tuple[int, Row]]:
        """The rows of a scope that was searched, or walked in."""
        info = scope_info(plan, made)
        known = {prop.name for prop in made.system.properties}
        unknown = Unknown(Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0)))
        rows: list[tuple[int, Row]] = []
        for number, line in plan.lines:
            if line.property not in known:
                rows.append((number, self.rows.bare(line, info, Word.UNKNOWN, unknown)))
            else:
                rows.append((number, self.rows.judged(line, info, made, searched)))
        rows = self._vacuous(rows, made, searched, budget)
        if self.options.walks is None:
            before = [covered for covered in self.covered if covered.scope != info]
            self.covered = [*before, self._cover(info, made, searched)]
        last = max((number for number, _ in plan.lines), default=0)
        implicit = ((last, row) for row in self.rows.implicit(info, made, searched.exploration))
        return [*rows, *implicit]

    def _by_turns(self, plan: Plan, made: Made, wanted: tuple[str, ...]) -> list[tuple[int, Row]]:
        """The rows of a scope that a portfolio is asked about."""
        from kspec.driver.portfolio.taking import Question, take_turns

        info = scope_info(plan, made)
        name = title(self.loaded.name, info)

        def seen(found: Seen, states: int) -> list[tuple[int, Row]]:
            self.levels = list(found.levels)
            budget = evolve(self.options.budget, max_states=states)
            asked = {name for name, _ in found.searched.exploration.answers}
            lines = tuple(x for x in plan.lines if x[1].property in asked)
            return self._seen(evolve(plan, lines=lines), made, found.searched, budget)

        def bare(line: TJudge, verdict: Unknown) -> Row:
            return self.rows.bare(line, info, Word.UNKNOWN, verdict)

        with self.clock.time(f"search {name}"):
            of = Question(self.loaded, plan, made, name, wanted)
            return take_turns(of, self.options, self.watching, bare, seen)

    def _explore(self, info: ScopeInfo, made: Made, wanted: tuple[str, ...]) -> Searched:
        options = self.options
        if options.walks is not None:
            searched, met = walked(made.system, wanted, options.walks)
            self.walks.append(WalkedScope(info, made.system, made.shown, met))
            return searched
        probes = tuple(p.name for p in made.probes)
        self.levels.clear()
        return search(
            options.engine,
            made.system,
            wanted,
            evolve(options.budget, watch=self.watching.moment),
            self._level,
            probes,
            options.how.named(title(self.loaded.name, info)),
            options.reductions,
            tuple(q.body for q in questions(made.system)) if options.statistics else (),
        )

    def _level(self, progress: Progress) -> None:
        """A completed level of the search under way."""
        if self.levels and progress.depth <= self.levels[-1].depth:
            self.levels.clear()  # it was begun again, without a reduction
        self.levels.append(progress)
        self.watching.level(progress)

    def _vacuous(
        self, rows: list[tuple[int, Row]], made: Made, searched: Searched, budget: Budget
    ) -> list[tuple[int, Row]]:
        """The rows, with reasons where what they speak of never happens."""
        if not self.options.vacuity:
            return rows
        held = {row.name for _, row in rows if row.word is Word.HOLDS}
        why = reasons(held, made, searched, lambda names: self._again(names, made, budget))
        return [(n, evolve(row, vacuous=why.get(row.name, ()))) for n, row in rows]

    def _again(self, names: tuple[str, ...], made: Made, budget: Budget) -> Searched:
        """A search for probes alone; never with steps left for later."""
        options = self.options
        how = evolve(options.how, checkpoints=None)
        with self.clock.time("search for what is spoken of"):
            return search(
                options.engine,
                made.system,
                names,
                budget,
                lambda _: None,
                how=how,
                wanted=evolve(options.reductions, partial_order=False),
            )

    def _cover(self, info: ScopeInfo, made: Made, searched: Searched) -> Covered:
        """What the search of a scope went through."""
        explored, ever = searched.exploration, searched.ever
        asked = questions(made.system) if self.options.statistics and ever else ()
        bits, size = searched.sizes or (None, None)
        return Covered(
            info,
            complete=explored.complete,
            plain=searched.plain,
            reached=explored.reached,
            actions=fired(made.system, explored, asked, ever or ()),
            levels=tuple(self.levels),
            bits=bits,
            bytes=size,
            asked=bool(asked),
            reduced=searched.reduced,
        )

    @property
    def rows(self) -> Rows:
        """Who makes the rows."""
        return Rows(self.loaded, self.options, self.preparation)

    @property
    def _given(self) -> tuple[SourceFile, ...]:
        return tuple(manifest.source for manifest in self.options.given)

    # ---- rows without a search ----------------------------------------------------------------

    def _errors(self, scenario: TScenario, wrong: Diagnostic) -> list[Row]:
        self.diagnostics.append(wrong)
        info = ScopeInfo(scenario.name, start=scenario.start, timed=scenario.time == "timed")
        asked = (j for j in scenario.judges if planning.is_asked(j, self.options.patterns))
        return [self.rows.bare(line, info, Word.ERROR, None) for line in asked]

    def _mistaken(
        self, plan: Plan, info: ScopeInfo, wrong: tuple[Diagnostic, ...]
    ) -> list[tuple[int, Row]]:
        self.diagnostics.extend(wrong)
        return [(n, self.rows.bare(line, info, Word.ERROR, None)) for n, line in plan.lines]


__all__ = ["Given", "Options", "Watching", "check", "mistakes"]
