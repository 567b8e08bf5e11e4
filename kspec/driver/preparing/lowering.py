"""A scope to a system by `kspec.lower`, and what it takes to read the system's states again."""

from __future__ import annotations

from typing import final

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen
from kspec.driver.telling.worlds import Reader
from kspec.ir.system import System
from kspec.lower.lower import lower
from kspec.pure.scopes.scope import Scope
from kspec.pure.values.world import Tables


@final
@frozen(eq=False)
class Lowered:
    """A system, and the reader of its states."""

    system: System
    reader: Reader


def lowered(scope: Scope) -> Lowered | tuple[Diagnostic, ...]:
    """The system of a scope, or what it cannot hold."""
    made = lower(scope)
    if made.system is None:
        return made.diagnostics
    reader = Reader(made.system, scope, Tables(scope.program), made.units, made.tick, made.codes)
    return Lowered(made.system, reader)
