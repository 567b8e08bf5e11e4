"""Programs, values and worlds for tests, from text."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.analysis.typed import Program
from kspec.base.render import render
from kspec.base.source import SourceFile
from kspec.manifests.node import Document
from kspec.manifests.read import read
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import EMPTY, Context, Fixed, World, context
from kspec.syntax.parse import parse


def program(text: str) -> Program:
    """The program of one file; a mistake in it fails the test with its picture."""
    source = SourceFile("test.kspec", text)
    parsed = parse(source)
    assert not parsed.diagnostics, render(parsed.diagnostics, [source])
    checked = check([Loaded("test", parsed.module)])
    assert checked.program is not None, render(checked.diagnostics, [source])
    return checked.program


def function(
    text: str,
    name: str = "x",
    world: World = EMPTY,
    parameters: Mapping[str, Value] | None = None,
    **args: Value,
) -> Value:
    """The value of a function of the program with these arguments."""
    made = program(text)
    here = evolve(context(made, parameters or {}, world), locals=args)
    return evaluate(here.tables.functions[name].body, here)


def of(expr: str, declarations: str = "", world: World = EMPTY) -> Value:
    """The value of an expression."""
    return function(f"{declarations}\nfn x = {expr}\n", world=world)


def world(*objects: tuple[str, Mapping[str, Value]]) -> World:
    """The world of these objects, each in the next place of its kind; the first is the oldest."""
    made = World()
    for kind, fields in objects:
        place = len(made.population(kind).objects)
        made = made.with_fields(Obj(kind, place), Fixed(fields))
    return made


def here(made: Program, there: World = EMPTY) -> Context:
    """The context of closed formulas about a world."""
    return context(made, {}, there)


def documents(text: str) -> tuple[Document, ...]:
    """The documents of a manifest."""
    manifest = read("test.yaml", text.encode())
    assert not manifest.diagnostics, render(manifest.diagnostics, [manifest.source])
    return manifest.documents
