"""Programs for tests, from text."""

from __future__ import annotations

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.analysis.typed import Program, TExpr
from kspec.base.render import render
from kspec.base.source import SourceFile
from kspec.pure.value import Value
from kspec.pure.world import EMPTY, World, context
from kspec.pure.evaluate import evaluate
from kspec.syntax.parse import parse


def program(text: str) -> Program:
    """The program of one file; a mistake in it fails the test with its picture."""
    source = SourceFile("test.kspec", text)
    parsed = parse(source)
    assert not parsed.diagnostics, render(parsed.diagnostics, [source])
    checked = check([Loaded("test", parsed.module)])
    assert checked.program is not None, render(checked.diagnostics, [source])
    return checked.program


def body(text: str, name: str = "x") -> tuple[Program, TExpr]:
    """The program and the body of its function `name`."""
    made = program(text)
    return made, next(f.body for f in made.functions if f.name == name)


def value(text: str, world: World = EMPTY, name: str = "x") -> Value:
    """The value of a function without parameters."""
    made, expr = body(text, name)
    return evaluate(expr, context(made, {}, world))


def of(expr: str, declarations: str = "") -> Value:
    """The value of an expression."""
    return value(f"{declarations}\nfn x = {expr}\n")
