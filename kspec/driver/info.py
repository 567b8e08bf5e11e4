"""`kspec info`: what there is to search in each scope of a file, before anything is searched.

Sizes are bounds or samples and say which; what symmetry and slicing see of each kind and property
is an analysis, and beside it stands what `check --reduction all` makes of it for all that is judged
together.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from math import factorial, prod
from typing import Final, final

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.laws import not_decidable
from kspec.driver.preparing.load import Loaded, load
from kspec.driver.preparing.prepare import Preparation, Prepared
from kspec.driver.preparing.stages import Made, Mistaken
from kspec.driver.result import ScopeInfo
from kspec.driver.searching.reduce import ALL, reduced
from kspec.engines.walks import Walks, walk
from kspec.ir.passes.births import interchangeable
from kspec.ir.passes.slice import cone, dropped
from kspec.ir.rewrite import subexpressions
from kspec.ir.sorts import cardinality, leaf_ranges
from kspec.ir.system import Action, Role, System
from kspec.manifests.node import Manifest
from kspec.pure.scopes.scope import Scope
from kspec.sources.imports import Given

SAMPLED: Final = 30
"""Steps of one sampled walk."""
EFFORT: Final = 2_000_000
"""So many parts of expressions may be evaluated for a sample, about: a bound that does not depend
on the machine."""


@final
@frozen
class VariableFacts:
    """A variable, and the bits that one value of it takes."""

    name: str
    owner: str
    label: str
    role: Role
    bits: int


@final
@frozen
class ActionFacts:
    """An action, who takes it, how many instances it has, and how fair it is."""

    name: str
    origin: str
    instances: int
    fairness: str


@final
@frozen
class SymmetryFacts:
    """The groups of interchangeable objects of a kind, by their shown names; what tells others
    apart."""

    kind: str
    groups: tuple[tuple[str, ...], ...]
    apart: str


@final
@frozen
class SliceFacts:
    """What a property cannot see: variables, and bits of a state; why nothing is dropped."""

    property: str
    unseen: tuple[str, ...]
    bits: int
    whole: str


@final
@frozen
class Sample:
    """What a few random walks met; `guess` is what the meetings of the walks make likely, None
    where they hardly met."""

    walks: int
    steps: int
    states: int
    guess: int | None


@final
@frozen
class ScopeFacts:
    """A scope. `most` is the product of the variables' ranges; `fewer` how many times fewer states
    symmetry could leave at best; `rooms` are kind, size, and the rule that gave it; `reduced` is
    what a search with all reductions would say of them; `laws` what keeps each judged law from
    being decided for any number of objects, nothing if it is decided."""

    info: ScopeInfo
    rooms: tuple[tuple[str, int, str], ...]
    variables: tuple[VariableFacts, ...]
    actions: tuple[ActionFacts, ...]
    judged: tuple[str, ...]
    most: int
    sample: Sample | None
    symmetry: tuple[SymmetryFacts, ...]
    fewer: int
    slices: tuple[SliceFacts, ...]
    faults: tuple[str, ...]
    reduced: tuple[str, ...]
    laws: tuple[tuple[str, str], ...] = ()

    @property
    def bits(self) -> int:
        """Bits of a state."""
        return sum(variable.bits for variable in self.variables)


@final
@frozen
class FileFacts:
    """The scopes of a file, and everything that was wrong; `others` judge nothing."""

    name: str
    scopes: tuple[ScopeFacts, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: tuple[SourceFile, ...]


def info(
    files: Iterable[Given],
    scenarios: tuple[str, ...],
    sampled: bool,
    given: tuple[Manifest, ...] = (),
) -> tuple[FileFacts, ...]:
    """The facts about files; `scenarios` choose by name, none is all, and each starts with what is
    `given` too."""
    return tuple(_file(file, scenarios, sampled, given) for file in files)


def _file(
    file: Given, scenarios: tuple[str, ...], sampled: bool, given: tuple[Manifest, ...]
) -> FileFacts:
    loading = load(file.path, file.name, file.through)
    if loading.loaded is None:
        return FileFacts(loading.name, (), loading.diagnostics, loading.sources)
    documents = tuple(document for manifest in given for document in manifest.documents)
    preparation = Preparation(loading.loaded, given=documents)
    diagnostics = list(loading.diagnostics)
    found: list[ScopeFacts] = []
    for scenario in preparation.scenarios:
        if not is_chosen(scenario.name, scenarios):
            continue
        for scope in preparation.scopes(scenario):
            match scope:
                case Diagnostic():
                    diagnostics.append(scope)
                case Prepared(_, Mistaken(wrong)):
                    diagnostics.extend(wrong)
                case Prepared(_, Made() as made):
                    diagnostics.extend(made.diagnostics)
                    found.append(_scope(loading.loaded, scope, made, sampled))
    sources = (*loading.loaded.sources, *preparation.sources, *(m.source for m in given))
    return FileFacts(loading.name, tuple(found), tuple(dict.fromkeys(diagnostics)), sources)


def _laws(loaded: Loaded, prepared: Prepared) -> Iterator[tuple[str, str]]:
    judged = {line.property for line in prepared.plan.scenario.judges}
    for law in loaded.program.laws:
        if law.name in judged:
            yield law.name, not_decidable(loaded.program, law, loaded.sources)


def _scope(loaded: Loaded, prepared: Prepared, made: Made, sampled: bool) -> ScopeFacts:
    system = made.system
    symmetry = _symmetry(system)
    return ScopeFacts(
        info=prepared.info,
        rooms=tuple((p.kind, p.size, p.rule) for p in made.scope.pools),
        variables=_variables(system),
        actions=_actions(system),
        judged=tuple(dict.fromkeys(line.property for _, line in prepared.plan.lines)),
        most=prod(cardinality(v.sort) for v in system.variables),
        sample=_sample(system) if sampled else None,
        symmetry=symmetry,
        fewer=prod(factorial(len(group)) for s in symmetry for group in s.groups),
        slices=_slices(system),
        faults=tuple(_faults(made.scope)),
        reduced=_reduced(system, {line.property for _, line in prepared.plan.lines}),
        laws=tuple(_laws(loaded, prepared)),
    )


def _variables(system: System) -> tuple[VariableFacts, ...]:
    return tuple(
        VariableFacts(v.name, v.owner, v.label, v.role, sum(map(_width, leaf_ranges(v.sort))))
        for v in system.variables
    )


def _width(count: int) -> int:
    return max(0, count - 1).bit_length()


def _actions(system: System) -> tuple[ActionFacts, ...]:
    return tuple(
        ActionFacts(
            a.name,
            a.origin.value,
            prod(cardinality(binder.sort) for binder in (*a.params, *a.choices)),
            a.fairness.value,
        )
        for a in system.actions
    )


# ---- how many ----------------------------------------------------------------------------------


def _sample(system: System) -> Sample:
    """A few walks, as many as a fixed number of looks at instances allows."""
    facts = _actions(system)
    step = sum(f.instances * _size(a) for f, a in zip(facts, system.actions, strict=True))
    walks = max(2, min(40, EFFORT // (SAMPLED * max(1, step))))
    met = walk(system, (), Walks(walks, SAMPLED))
    even, odd, both = met.meetings
    # Two samples of the same states: the fewer of the second were in the first, the more there are.
    is_met = both >= _ENOUGH or 2 * both > max(even, odd)
    guess = (even + 1) * (odd + 1) // (both + 1) - 1 if is_met else None
    return Sample(met.walks, met.steps, met.states, guess)


_ENOUGH: Final = 10


def _size(action: Action) -> int:
    """How many parts are evaluated to see whether an instance is enabled, at most."""
    exprs = (*(expr for _, expr in action.lets), *(c.expr for c in action.guard))
    return sum(1 for expr in exprs for _ in subexpressions(expr))


# ---- what could be left out --------------------------------------------------------------------


def _symmetry(system: System) -> tuple[SymmetryFacts, ...]:
    names = {pool.name: pool.names for pool in system.pools}
    return tuple(
        SymmetryFacts(
            of.kind,
            tuple(tuple(names[of.kind][at] for at in group.places) for group in of.groups),
            of.apart,
        )
        for of in interchangeable(system, system.properties)[1]
    )


def _reduced(system: System, judged: Container[str]) -> tuple[str, ...]:
    asked = [prop for prop in system.properties if prop.name in judged]
    return reduced(system, asked, ALL).said if asked else ()


def _slices(system: System) -> tuple[SliceFacts, ...]:
    bits = {variable.name: variable.bits for variable in _variables(system)}
    found: list[SliceFacts] = []
    for prop in system.properties:
        seen = cone(system, prop)
        unseen = dropped(system, seen)
        found.append(SliceFacts(prop.name, unseen, sum(bits[name] for name in unseen), seen.whole))
    return tuple(found)


def _faults(scope: Scope) -> Iterable[str]:
    """The faults of a scope, as a scenario says them."""
    for view in scope.views:
        servers = f" servers {view.servers}" if view.servers > 1 else ""
        order = " unordered" if view.unordered else ""
        yield f"stale_cache {view.controller} lag {view.lag}{servers}{order}"
    for controller in scope.lossy:
        yield f"lossy_api {controller}"
    restarts = {f"{controller}.restart" for controller in scope.restarts}
    budgets = {budget.action: budget.most for budget in scope.budgets}
    declared = {fault.name for fault in scope.program.faults if fault.origin != "recovery"}
    for name in (*sorted(restarts), *(a for a in scope.actions if a in declared)):
        most = budgets.get(name)
        shown = f"restart {name.removesuffix('.restart')}" if name in restarts else name
        yield shown + ("" if most is None else f" at most {most}")


def is_chosen(name: str, patterns: tuple[str, ...]) -> bool:
    """Is a scenario asked for? Without a pattern all are."""
    from fnmatch import fnmatchcase

    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
