"""What is proved for every size, against all states of small sizes."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.base.source import Span
from kspec.driver.every_size.any_size import Attempt, Outcome, attempt
from kspec.driver.every_size.every_scope import Refused, grown
from kspec.driver.preparing.load import load_text
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.proofs.proving import scopes
from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.ir.passes.sizes import Endless
from kspec.ir.system import Invariant, Occurrence, System
from kspec.pure.scopes.scope import Scope
from kspec.verdict.answer import Found


def scope_of(text: str) -> Scope:
    """The one scope of a module."""
    loading = load_text("module.kspec", text)
    assert loading.loaded is not None, loading.diagnostics
    preparation = Preparation(loading.loaded)
    (scenario,) = preparation.scenarios
    (plan,) = scopes(loading.loaded, preparation, scenario)
    found = preparation.elaborate(plan)
    assert found.scope is not None, found.diagnostics
    return found.scope


def claims_of(scope: Scope) -> tuple[str, ...]:
    """What is judged in a scope."""
    return tuple(judge.property for judge in scope.judges)


def proved(scope: Scope, kinds: tuple[str, ...], rlimit: int = 20_000_000) -> Outcome:
    """What is proved for every size."""
    return attempt(scope, kinds, claims_of(scope), rlimit, None)


def small_systems(scope: Scope, kinds: tuple[str, ...], most: int = 3) -> Iterator[System]:
    """The scope with up to so many further objects of each kind, and with as much room."""
    born = {pool.kind for pool in scope.pools if "none are created" not in pool.rule}
    for more in range(most):
        laid = {}
        for kind in kinds:
            written = sum(1 for obj in scope.objects if obj.kind == kind)
            copies = written * (more % 2)
            laid[kind] = Endless(kind, written, copies, more + 1 if kind in born else 0)
        made = lowered(grown(scope, laid))
        assert isinstance(made, Lowered)
        yield made.system


def violated(system: System, names: tuple[str, ...], states: int) -> set[str]:
    """The claims that a search of so many states refutes."""
    asked = tuple(
        p.name
        for p in system.properties
        if p.name in names and isinstance(p.claim, Invariant | Occurrence)
    )
    seen = Reference().explore(system, asked, Budget(max_states=states), lambda _: None)
    return {name for name, answer in seen.answers if isinstance(answer, Found)}


def names_of(outcome: Outcome) -> set[str]:
    """What was proved."""
    return {name for name, _ in outcome.proofs} if isinstance(outcome, Attempt) else set()


__all__ = ["Refused", "Span", "claims_of", "names_of", "proved", "scope_of", "small_systems"]
