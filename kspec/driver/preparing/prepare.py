"""A checked file's scopes, one after another: manifests are read, points of sweeps found, systems
made. What every command does that looks at systems: `check`, `info`, `simulate`.

With `strict`, what a manifest says and no model reads exactly is a mistake.
Next: `plan` for which scopes, `stages` for one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, final

from attrs import evolve, field

from kspec.analysis.typed import TCluster, TManifests, TScenario
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.record import define, frozen
from kspec.base.source import SourceFile
from kspec.driver.preparing import plan as planning
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.stages import Made, Mistaken, Stage, make
from kspec.driver.result import LedgerRow, ScopeInfo
from kspec.manifests.node import Document
from kspec.pure.scopes.elaborate import Elaborated, Point, elaborate, points
from kspec.pure.scopes.start import Wrong
from kspec.pure.values.world import EvaluationError
from kspec.sources.manifests import manifests

TOO_DEEP: Final = "functions call each other too deep"
GIVEN: Final = ""
"""The path of what a command is given with `-f`; no program can name it."""


@final
@frozen(eq=False)
class Prepared:
    """A scope of a file: its plan, and its system or why there is none."""

    plan: Plan
    stage: Stage

    @property
    def info(self) -> ScopeInfo:
        """What is said about it."""
        return scope_info(self.plan, self.stage if isinstance(self.stage, Made) else None)


@final
@frozen
class _Read:
    """What one path brought, and everything that was wrong with it."""

    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]


@final
@define
class Preparation:
    """Prepares the scopes of one file; manifests are read once each. `given` are objects that
    every scenario starts with beside those of its cluster."""

    loaded: Loaded
    strict: bool = False
    given: tuple[Document, ...] = ()
    sources: list[SourceFile] = field(factory=list)
    _read: dict[tuple[Path | None, str], _Read] = field(factory=dict)

    @property
    def scenarios(self) -> tuple[TScenario, ...]:
        """The scenarios of the file, with what is given."""
        return tuple(map(self._extended, self.loaded.program.scenarios))

    def _extended(self, scenario: TScenario) -> TScenario:
        if not self.given:
            return scenario
        more = TManifests(GIVEN, scenario.span)
        return evolve(scenario, cluster=TCluster((*scenario.cluster.objects, more)))

    def points(self, scenario: TScenario) -> tuple[Point, ...] | Diagnostic:
        """The points of its sweep, or what is wrong with it."""
        try:
            return points(self.loaded.program, scenario)
        except Wrong as mistake:
            return mistake.diagnostic
        except EvaluationError as error:
            place = Label(error.span or scenario.span, "here")
            return Diagnostic(codes.NOT_MODELLED, error.message, place)

    def documents(self, scenario: TScenario) -> tuple[Diagnostic, ...]:
        """Read the manifests that a scenario names, each path once; what is wrong with them."""
        wrong: list[Diagnostic] = []
        homes: dict[str, Path | None] = {}
        for named in _named(scenario):
            home = self.loaded.home(named.span.file)
            if homes.setdefault(named.path, home) != home:
                wrong.append(_two_places(named))
            if (home, named.path) not in self._read:
                self._read[home, named.path] = self._manifests(named, home)
            wrong += self._read[home, named.path].diagnostics
        return tuple(dict.fromkeys(wrong))

    def _manifests(self, named: TManifests, home: Path | None) -> _Read:
        if named.path == GIVEN:
            return _Read(self.given, ())
        if home is None:
            message = "a program that is no file can name no manifests"
            return _Read((), (Diagnostic(codes.UNREADABLE_FILE, message, Label(named.span)),))
        found, wrong = manifests(named.path, named.span, home)
        self.sources.extend(m.source for m in found)
        wrong += [d for m in found for d in m.diagnostics]
        return _Read(tuple(d for m in found for d in m.documents), tuple(wrong))

    def _documents_of(self, scenario: TScenario) -> Mapping[str, tuple[Document, ...]]:
        """The documents of each path that a scenario names, of those that have been read."""
        keys = {n.path: (self.loaded.home(n.span.file), n.path) for n in _named(scenario)}
        return {path: self._read[key].documents for path, key in keys.items() if key in self._read}

    def make(self, plan: Plan, probed: tuple[SourceFile, ...] | None) -> Stage:
        """The system of a plan; with the program's sources, with probes for vacuity in it."""
        try:
            documents = self._documents_of(plan.scenario)
            made = make(self.loaded.program, plan, documents, probed)
        except RecursionError:
            place = Label(plan.scenario.span, "in this scenario")
            return Mistaken((Diagnostic(codes.NESTED_TOO_DEEP, TOO_DEEP, place),))
        if self.strict and isinstance(made, Made):
            inexact = tuple(_inexact(row, plan) for row in made.ledger if _is_inexact(row))
            return Mistaken(inexact) if inexact else made
        return made

    def elaborate(self, plan: Plan) -> Elaborated:
        """The scope of a plan, without a system."""
        documents = self._documents_of(plan.scenario)
        return elaborate(self.loaded.program, plan.scenario, plan.point, documents)

    def scopes(self, scenario: TScenario) -> Iterator[Prepared | Diagnostic]:
        """Every scope of a scenario, also where it judges nothing; what is wrong instead."""
        wrong = self.documents(scenario)
        yield from wrong
        found = self.points(scenario)
        if isinstance(found, Diagnostic):
            yield found
        elif not any(d.severity is Severity.ERROR for d in wrong):
            for point in found:
                plans = tuple(planning.plans(scenario, (point,), (), self.loaded.sources))
                for plan in plans or (Plan(scenario, point, (), ()),):
                    yield Prepared(plan, self.make(plan, None))


def _named(scenario: TScenario) -> Iterator[TManifests]:
    return (named for named in scenario.cluster.objects if isinstance(named, TManifests))


def _two_places(named: TManifests) -> Diagnostic:
    message = f"`{named.path}` is named from two directories, and is another file in each"
    help_ = "give one of them another name"
    return Diagnostic(codes.AMBIGUOUS_NAME, message, Label(named.span, "here too"), help=(help_,))


def scope_info(plan: Plan, made: Made | None) -> ScopeInfo:
    """What is said about a scope."""
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


def title(file: str, info: ScopeInfo) -> str:
    """A scope on one line."""
    parts = [file, *([info.scenario] if info.scenario else [])]
    parts += [f"{name}={value}" for name, value in info.point]
    return " ".join((*parts, *(f"with {extra}" for extra in info.extra)))


# ---- strictness --------------------------------------------------------------------------------


def _is_inexact(row: LedgerRow) -> bool:
    """Is something in a manifest not read as it is there? A kind may ignore it for a reason."""
    return row.status in ("approximated", "unknown") or (row.status == "ignored" and not row.why)


def _inexact(row: LedgerRow, plan: Plan) -> Diagnostic:
    what = f"`{row.path}` of `{row.kind}`" if row.path else f"`{row.kind or 'a document'}`"
    match row.status:
        case "approximated":
            said, label = f"{what} is only approximated", row.why or "read as something simpler"
        case "unknown":
            said, label = f"no model describes {what}", "left out"
        case _:
            said, label = f"no model reads {what}", "left out"
    place = Label(row.span, label) if row.span else Label(plan.scenario.span, label)
    help_ = "take it out of the manifest, or check without --strict"
    if row.status == "ignored":
        help_ += '; or say in the kind why it is of no account: `ignores PATH "why"`'
    return Diagnostic(codes.NOT_EXACT, said, place, help=(help_,))
