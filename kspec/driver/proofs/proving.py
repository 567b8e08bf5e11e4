"""`kspec prove`: the properties of a file's scopes, for runs of every length.

Traces are replayed as those of a search are; a proof becomes a certificate, which `kspec.certify`
can check without what made it. A property holds only where the implicit properties are proved too.
Next: `proof_rows` for the verdicts, `kspec.engines.smt.kinduction` for the proofs, `certificates`
for their files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from time import monotonic
from typing import assert_never, final

from attrs import evolve, field

from kspec.analysis.typed import TJudge, TScenario
from kspec.base.diagnostic import Diagnostic, Severity
from kspec.base.record import define, frozen
from kspec.base.source import SourceFile
from kspec.driver.options import Watching
from kspec.driver.preparing import plan as planning
from kspec.driver.preparing.load import Loaded, Loading, load
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.prepare import Preparation, scope_info, title
from kspec.driver.preparing.stages import Made, Mistaken
from kspec.driver.proofs.attempts import attempt
from kspec.driver.proofs.proof_rows import bare, ended, implicit_rows, judged, replay_all
from kspec.driver.proofs.proving_laws import is_law, law_rows
from kspec.driver.result import CheckResult, FileResult, Row, ScopeInfo, Word
from kspec.engines.api import Effort, Proofs
from kspec.ir.expr import Expr
from kspec.ir.system import Property, System
from kspec.manifests.node import Document, Manifest
from kspec.sources.imports import Given
from kspec.verdict.answer import (
    Inconclusive,
    Inductive,
    Proved,
    ProverAnswer,
    Reached,
    Unknown,
    Why,
)
from kspec.verdict.trace import Trace


@final
@frozen
class ProveOptions:
    """How to prove. `depth`: with how many states assumed, and how far bugs are looked for.
    `rlimit` is in z3's units, for one question; after `seconds` what is open stays so. `engine` is
    one of `portfolio.ENGINES`."""

    patterns: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    depth: int = 8
    rlimit: int = 200_000_000
    seconds: float | None = None
    interrupted: Callable[[], bool] = lambda: False
    given: tuple[Manifest, ...] = ()
    every: tuple[str, ...] = ()  # the kinds of which there may be any number
    engine: str = "portfolio"


@final
@frozen
class Stuck:
    """Two states, or a state and a step from it, where the induction step failed. No bug: nobody
    says that a run gets there; none did within `looked` steps (-1: nobody looked). `lemmas` exclude
    its beginning, and no run of as many steps makes them false. Of a proof about every size: with
    how many objects (`sizes`), and in how many steps a run got there if one did (`reached`)."""

    row: Row
    trace: Trace
    looked: int = -1
    lemmas: tuple[Expr, ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
    reached: int | None = None


@final
@frozen
class Proof:
    """A proof of a property of a system, with where the system comes from."""

    file: str
    info: ScopeInfo
    system: System
    prop: Property
    evidence: Inductive


@final
@frozen
class Helped:
    """What became of an author's lemma in a scope: `False` where a run was found to where it is not
    so, None where it was not decided."""

    file: str
    info: ScopeInfo
    name: str
    proved: bool | None


@final
@frozen
class ProveResult:
    """What came of it: rows as those of a check, what stayed stuck, the proofs, and lemmas."""

    checked: CheckResult
    stuck: tuple[Stuck, ...] = ()
    proofs: tuple[Proof, ...] = ()
    helped: tuple[Helped, ...] = ()


def prove(files: Iterable[Given], options: ProveOptions, watching: Watching) -> ProveResult:
    """Prove what files ask for. Raises `InternalError` where kspec is at fault."""
    loadings = [load(given.path, given.name, given.through) for given in files]
    if any(loading.loaded is None for loading in loadings):
        unjudged = (FileResult(x.name, (), x.diagnostics, x.sources) for x in loadings)
        return ProveResult(CheckResult(tuple(unjudged), judged=False))
    results: list[FileResult] = []
    stuck: list[Stuck] = []
    proofs: list[Proof] = []
    helped: list[Helped] = []
    until = None if options.seconds is None else monotonic() + options.seconds
    for loading in loadings:
        file = _File(loading, options, watching, until)
        why = _run(file, options)
        results.append(file.so_far(why or Why.INTERRUPTED))
        stuck += file.stuck
        proofs += file.proofs
        helped += file.helped
        if why is not None or options.interrupted():
            break
    checked = CheckResult(tuple(results), True, options.interrupted())
    return ProveResult(checked, tuple(stuck), tuple(proofs), tuple(helped))


def _run(file: _File, options: ProveOptions) -> Why | None:
    """Run a file; what ended that early, if something did that is nobody's mistake."""
    from kspec.engines.smt.solver import is_out_of_memory

    try:
        file.run()
    except KeyboardInterrupt:
        if not options.interrupted():
            raise
        return Why.INTERRUPTED
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return Why.MEMORY
    return None


def is_asked(line: TJudge, patterns: tuple[str, ...]) -> bool:
    """Is a line to be proved: a `prove` line, or with patterns one that they name? What is expected
    to be violated is not for proofs."""
    if line.expected in ("violated", "refuted"):
        return False
    return any(fnmatchcase(line.property, p) for p in patterns) if patterns else line.prove


def scopes(loaded: Loaded, preparation: Preparation, scenario: TScenario) -> Iterator[Plan]:
    """The scopes of all lines of a scenario, so that a system does not depend on which of them are
    asked for. Raises `WrongSweep`."""
    found = preparation.points(scenario)
    if isinstance(found, Diagnostic):
        raise WrongSweep(found)
    # What a line is called is no matter here: each is one of a check.
    lines = tuple(evolve(line, prove=False) for line in scenario.judges)
    for plan in planning.plans(evolve(scenario, judges=lines), found, (), loaded.sources):
        judges = (*plan.scenario.judges, *_helping(loaded, plan.scenario))
        yield evolve(plan, scenario=evolve(plan.scenario, judges=judges))


def _helping(loaded: Loaded, scenario: TScenario) -> Iterator[TJudge]:
    """A line for each lemma that no line of a scenario names."""
    named = {line.property for line in scenario.judges}
    for prop in loaded.program.properties:
        if prop.lemma and prop.name not in named:
            yield TJudge(prop.name, None, False, (), (), prop.span, helps=True)


class WrongSweep(Exception):
    """A sweep has no points; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@final
@define
class _File:
    """The proofs of one file."""

    loading: Loading
    options: ProveOptions
    watching: Watching
    until: float | None
    diagnostics: list[Diagnostic] = field(factory=list)
    stuck: list[Stuck] = field(factory=list)
    proofs: list[Proof] = field(factory=list)
    helped: list[Helped] = field(factory=list)
    rows: list[Row] = field(factory=list)
    manifests: list[SourceFile] = field(factory=list)
    begun: tuple[Loaded, Plan, int] | None = None  # with how many rows there were before

    def run(self) -> None:
        """All scenarios, in order."""
        assert self.loading.loaded is not None
        loaded = self.loading.loaded
        preparation = Preparation(loaded, False, _documents(self.options.given))
        self.manifests = preparation.sources
        self.diagnostics.extend(self.loading.diagnostics)
        for scenario in preparation.scenarios:
            for row in self._scenario(loaded, preparation, scenario):
                self.rows.append(ended(row) if self.options.interrupted() else row)
            if self.options.interrupted():
                break

    def so_far(self, why: Why) -> FileResult:
        """What is known, whether or not everything was run; if not, then for this reason."""
        return FileResult(
            name=self.loading.name,
            rows=(*self.rows, *self._broken_off(why)),
            diagnostics=tuple(dict.fromkeys(self.diagnostics)),
            sources=(*self.loading.sources, *self.manifests),
        )

    def _broken_off(self, why: Why) -> Iterator[Row]:
        """Rows for the lines of what was begun last and has none."""
        because = Inconclusive(why, Reached(0, 0, 0))
        if self.begun is None:
            return
        loaded, plan, before = self.begun
        done = {row.name for row in self.rows[before:]}
        for _, line in plan.lines:
            if line.property not in done:
                row = bare(loaded, line, plan, Word.UNKNOWN)
                yield evolve(row, verdict=Unknown(because))

    def _scenario(
        self, loaded: Loaded, preparation: Preparation, scenario: TScenario
    ) -> Iterator[Row]:
        chosen = self.options.scenarios
        if chosen and not any(fnmatchcase(scenario.name, pattern) for pattern in chosen):
            return
        asked = {n for n, j in enumerate(scenario.judges) if is_asked(j, self.options.patterns)}
        if not asked:
            return
        read = preparation.documents(scenario)
        self.diagnostics.extend(read)
        try:
            for plan in scopes(loaded, preparation, scenario):
                plan = evolve(plan, lines=tuple((n, j) for n, j in plan.lines if n in asked))
                if any(d.severity is Severity.ERROR for d in read):
                    yield from (bare(loaded, line, plan, Word.ERROR) for _, line in plan.lines)
                elif plan.lines:
                    self.begun = (loaded, plan, len(self.rows))
                    yield from self._plan(loaded, preparation, plan)
                    self.begun = None
        except WrongSweep as wrong:
            self.diagnostics.append(wrong.diagnostic)
            plan = Plan(scenario, (), (), ())
            lines = (scenario.judges[n] for n in sorted(asked))
            yield from (bare(loaded, line, plan, Word.ERROR) for line in lines)

    def _plan(self, loaded: Loaded, preparation: Preparation, plan: Plan) -> Iterator[Row]:
        laws = [line.property for _, line in plan.lines if is_law(loaded, line.property)]
        if laws:
            yield from self._laws(loaded, preparation, plan)
            plan = planning.without(plan, laws)
            if not plan.lines:
                return
        stage = preparation.make(plan, None)
        match stage:
            case Mistaken(diagnostics):
                self.diagnostics.extend(diagnostics)
                yield from (bare(loaded, line, plan, Word.ERROR) for _, line in plan.lines)
            case Made():
                self.diagnostics.extend(stage.diagnostics)
                self.watching.scope(title(loaded.name, scope_info(plan, stage)))
                if self.options.every:
                    yield from self._of_every_size(loaded, plan, stage)
                else:
                    yield from self._proved(loaded, plan, stage)
            case _:
                assert_never(stage)

    def _laws(self, loaded: Loaded, preparation: Preparation, plan: Plan) -> Iterator[Row]:
        from kspec.engines.smt.solver import Limits

        limits = Limits(self.options.rlimit, self._seconds_left)
        self.watching.scope(title(loaded.name, scope_info(plan, None)))
        for made in law_rows(loaded, preparation, plan, limits, self.options.every):
            self.diagnostics.extend(made.diagnostics)
            yield made.row
            if made.proof is not None:
                prop, proof = made.proof
                info = scope_info(plan, None)  # what a scope assumes is no part of a law
                found = Proof(made.row.file, info, proof.system, prop, proof.evidence)
                self.proofs.append(found)

    # ---- one system ---------------------------------------------------------------------------

    def _proved(self, loaded: Loaded, plan: Plan, made: Made) -> Iterator[Row]:
        known = {prop.name: prop for prop in made.system.properties}
        lines = tuple(dict.fromkeys(line.property for _, line in plan.lines))
        wanted = tuple(known[name] for name in lines if name in known)
        options = self.options
        effort = Effort(options.depth, options.rlimit, self._seconds_left)
        lemmas = [p.name for p in loaded.program.properties if p.lemma and p.name in known]
        names = dict.fromkeys((*lemmas, *(prop.name for prop in wanted)))
        attempted = attempt(options.engine, made.system, names, effort)
        answers = dict(attempted.answers)
        replay_all(made.system, answers)
        self.helped += (_helped(loaded, plan, made, name, answers) for name in lemmas)
        for _, line in plan.lines:
            prop = known.get(line.property)
            if prop is None or prop.name not in answers:
                because = Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0))
                yield evolve(bare(loaded, line, plan, Word.UNKNOWN), verdict=Unknown(because))
                continue
            row = judged(loaded, line, plan, made, prop, answers, options.engine)
            yield row
            self._keep(row, prop, made.system, attempted)
        yield from implicit_rows(loaded, plan, made, answers)

    def _of_every_size(self, loaded: Loaded, plan: Plan, made: Made) -> Iterator[Row]:
        """What is so of every number of objects; what is not, is looked for in larger scopes."""
        from kspec.driver.every_size.proving_sizes import rows_of_every_size

        options, info = self.options, scope_info(plan, made)

        def prove_here(rest: Plan) -> tuple[Row, ...]:
            kept = len(self.proofs)
            found = tuple(self._proved(loaded, rest, made))
            del self.proofs[kept:]  # a proof for this scope alone is not what was asked for
            return found

        every, rlimit = options.every, options.rlimit
        of = rows_of_every_size(loaded, plan, made, every, rlimit, self._seconds_left, prove_here)
        for one in of:
            row, step = one.row, one.failed
            yield row
            if one.proof is not None and row.system is not None:
                assert isinstance(row.asked, Property)
                self.proofs.append(Proof(row.file, info, row.system, row.asked, one.proof))
            if step is not None:
                self.stuck = [
                    s for s in self.stuck if (s.row.name, s.row.scope) != (row.name, info)
                ]
                there = evolve(row, name=step.claim, system=step.system, shown=step.shown)
                looked = -1 if step.reached is not None else step.looked
                self.stuck.append(
                    Stuck(there, step.trace, looked, step.lemmas, step.sizes, step.reached)
                )

    def _seconds_left(self) -> float:
        if self.options.interrupted():
            return 0.0
        return 1e6 if self.until is None else self.until - monotonic()

    def _keep(self, row: Row, prop: Property, system: System, attempted: Proofs) -> None:
        """What is to be shown or written besides the row."""
        evidence = getattr(row.verdict, "evidence", None)
        if isinstance(evidence, Inductive):
            self.proofs.append(Proof(row.file, row.scope, system, prop, evidence))
        trace = dict(attempted.stuck).get(prop.name)
        if trace is not None and isinstance(row.verdict, Unknown):
            looked = dict(attempted.looked).get(prop.name, -1)
            hints = dict(attempted.hints).get(prop.name, ())
            self.stuck.append(Stuck(row, trace, looked, hints))


def _helped(
    loaded: Loaded, plan: Plan, made: Made, name: str, answers: dict[str, ProverAnswer]
) -> Helped:
    answer = answers[name]
    proved = None if isinstance(answer, Inconclusive) else isinstance(answer, Proved)
    return Helped(loaded.name, scope_info(plan, made), name, proved)


def _documents(given: Iterable[Manifest]) -> tuple[Document, ...]:
    return tuple(document for manifest in given for document in manifest.documents)


__all__ = [
    "Helped",
    "Proof",
    "ProveOptions",
    "ProveResult",
    "Stuck",
    "WrongSweep",
    "is_asked",
    "prove",
    "scopes",
]
