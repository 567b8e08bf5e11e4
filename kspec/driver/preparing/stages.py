"""One plan to one system: the scope, then the lowering, then the validator.

What a user could still have done wrong comes back as diagnostics; a system that does not obey its
own rules is a mistake in kspec and raises `InternalError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, final

from kspec.analysis.typed import Program
from kspec.base.diagnostic import Diagnostic, Severity
from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.probes import Probe, with_probes
from kspec.driver.result import LedgerRow
from kspec.driver.telling.outlook import shown
from kspec.driver.telling.shown import Shown
from kspec.ir.system import System
from kspec.ir.validate import validate
from kspec.manifests.node import Document
from kspec.pure.scopes.elaborate import Elaborated, elaborate
from kspec.pure.scopes.scope import Scope


@final
@frozen(eq=False)
class Made:
    """A scope and its system; warnings; what was made of the manifests."""

    scope: Scope
    lowered: Lowered
    diagnostics: tuple[Diagnostic, ...]
    ledger: tuple[LedgerRow, ...]
    shown: Shown
    probes: tuple[Probe, ...]

    @property
    def system(self) -> System:
        """What is searched."""
        return self.lowered.system


@final
@frozen
class Mistaken:
    """Why there is no system."""

    diagnostics: tuple[Diagnostic, ...]


Stage: TypeAlias = Made | Mistaken


class BrokenSystem(InternalError):
    """Lowering made a system that breaks the rules of systems; `text` is the system."""

    def __init__(self, problems: list[str], system: System) -> None:
        from kspec.ir.text import print_system

        super().__init__("the lowered system is not well-formed: " + "; ".join(problems[:5]))
        self.text = print_system(system)


def make(
    program: Program,
    plan: Plan,
    documents: Mapping[str, tuple[Document, ...]],
    probed: tuple[SourceFile, ...] | None = None,
) -> Stage:
    """The system of a plan. `documents` are those of each path that the cluster names. With the
    sources of the program, there are probes for vacuity in it."""
    scenario, probes = plan.scenario, tuple[Probe, ...]()
    if probed is not None:
        program, scenario, probes = with_probes(program, scenario, probed)
    found = elaborate(program, scenario, plan.point, documents)
    if found.scope is None:
        return Mistaken(found.diagnostics)
    made = lowered(found.scope)
    if not isinstance(made, Lowered):
        return Mistaken((*found.diagnostics, *made))
    problems = validate(made.system)
    if problems:
        raise BrokenSystem(problems, made.system)
    warnings = tuple(d for d in found.diagnostics if d.severity is Severity.WARNING)
    return Made(found.scope, made, warnings, ledger_rows(found), shown(found.scope, made), probes)


def ledger_rows(found: Elaborated) -> tuple[LedgerRow, ...]:
    """What became of every path, and of kinds that nobody models."""
    known = (LedgerRow(e.kind, e.path, e.status, e.why, e.count, e.span) for e in found.ledger)
    unknown = (LedgerRow(u.kind, "", "unknown", "", u.count, u.span) for u in found.unknown)
    return (*known, *unknown)
