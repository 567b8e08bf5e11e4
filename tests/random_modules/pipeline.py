"""From the text of a random module to its program and scope."""

from __future__ import annotations

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.analysis.typed import Program
from kspec.base.source import SourceFile
from kspec.pure.scopes.elaborate import elaborate
from kspec.pure.scopes.scope import Scope
from kspec.syntax.parse import parse


def checked(text: str) -> Program:
    """The program of a text that must be right."""
    parsed = parse(SourceFile("module.kspec", text))
    assert parsed.module is not None and parsed.diagnostics == (), (text, parsed.diagnostics)
    found = check([Loaded("module", parsed.module)])
    assert found.program is not None, (text, found.diagnostics)
    return found.program


def scoped(text: str) -> Scope:
    """The scope of the only scenario of a text that must be right."""
    program = checked(text)
    (scenario,) = program.scenarios
    found = elaborate(program, scenario)
    assert found.scope is not None, (text, found.diagnostics)
    return found.scope
