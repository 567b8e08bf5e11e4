"""From the trees of a file and its imports to a checked `Program`, or what is wrong.

Everything that can be found is found in one run: a mistake ends the declaration it is in, not the
check. A program is given back only if nothing is wrong. Next: `declarations`, and `demand` for what
is asked for before its turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from kspec.analysis.checker import Checker, each
from kspec.analysis.declarations import claims, scenario
from kspec.analysis.declarations.components import component
from kspec.analysis.declarations.data import all_params, extensions, kind, record, universe
from kspec.analysis.declarations.faults import fault
from kspec.analysis.declarations.functions import all_functions
from kspec.analysis.declarations.objects import cluster
from kspec.analysis.demand import Demand
from kspec.analysis.expressions import statements
from kspec.analysis.tables import Loaded, collect
from kspec.analysis.typed import EnumDecl, Program, TVectors
from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen


@final
@frozen
class Checked:
    """A program, or None with what is wrong; warnings may come with a program."""

    program: Program | None
    diagnostics: tuple[Diagnostic, ...]


def check(modules: Iterable[Loaded]) -> Checked:
    """Check files, imports before their importers; the last one is the file asked for."""
    files = tuple(modules)
    c = Checker(collect(files))
    c.diagnostics.extend(c.tables.diagnostics)
    c.demand = Demand(c)
    for enum in c.tables.enums.values():
        for case in enum.cases:
            c.cases.setdefault(case.text, []).append(enum.name.text)
    program = _program(c, tuple(f.path for f in files))
    if c.diagnostics:
        return Checked(None, tuple(_once(c.diagnostics)))
    return Checked(program, ())


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    kept: list[Diagnostic] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return sorted(kept, key=lambda d: (d.primary.span.file, d.primary.span.start))


def _program(c: Checker, paths: tuple[str, ...]) -> Program:
    tables = c.tables
    enums = tuple(
        EnumDecl(e.name.text, tuple(x.text for x in e.cases), e.span) for e in tables.enums.values()
    )
    records = tuple(each(c, tables.records.values(), lambda d: record(c, d)))
    kinds = tuple(each(c, tables.kinds.values(), lambda d: kind(c, d)))
    extensions(c)
    params = all_params(c)
    universes = tuple(each(c, tables.universes.values(), lambda d: universe(c, d)))
    functions = all_functions(c)
    each(c, tables.effects.values(), lambda d: statements.effect(c, d))
    components = tuple(each(c, tables.components.values(), lambda d: component(c, d)))
    faults = tuple(each(c, tables.faults.values(), lambda d: fault(c, d)))
    ghosts = tuple(each(c, tables.ghosts.values(), lambda d: claims.ghost(c, d)))
    properties = tuple(each(c, tables.properties.values(), lambda d: claims.property_(c, d)))
    laws = tuple(each(c, tables.laws.values(), lambda d: claims.law(c, d)))
    vectored = _vectors(c) if tables.vectors else ()
    each(c, tables.clusters.values(), lambda d: cluster(c, d))
    found = tuple(each(c, (None,), lambda _: scenario.scenarios(c)))
    return Program(
        paths,
        enums,
        records,
        kinds,
        params,
        universes,
        functions,
        components,
        faults,
        ghosts,
        properties,
        laws,
        vectored,
        found[0] if found else (),
    )


def _vectors(c: Checker) -> tuple[TVectors, ...]:
    # Few files have any, and the others load nothing for them.
    from kspec.analysis.declarations.vectors import vectors

    return tuple(each(c, c.tables.vectors, lambda d: vectors(c, d)))
