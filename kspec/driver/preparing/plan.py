"""What is to be searched: scenario by scenario, point by point of a sweep, expectation by
expectation that needs a scope of its own.

`expect … with F` adds fault F with budget 1, or a parameter's value, for its line alone; lines
that add the same share one scope, and a scope is searched once for all its properties.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import final

from attrs import evolve

from kspec.analysis.typed import (
    TFaultUse,
    TJudge,
    TLit,
    TScenario,
    TSetting,
)
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.telling.snippets import snippet
from kspec.pure.scopes.elaborate import Point
from kspec.pure.scopes.included import for_judge
from kspec.pure.values.value import Value

VIEWS = "stale_cache"


@final
@frozen
class Plan:
    """One scope to search: `scenario` has what `extra` says added; `lines` are its judges, each
    with its place among the lines of the scenario."""

    scenario: TScenario
    point: Point
    lines: tuple[tuple[int, TJudge], ...]
    extra: tuple[str, ...]


def plans(
    scenario: TScenario,
    points: Iterable[Point],
    patterns: tuple[str, ...],
    sources: tuple[SourceFile, ...],
) -> Iterator[Plan]:
    """The scopes of a scenario, those of one point together."""
    chosen = [(n, j) for n, j in enumerate(scenario.judges) if is_asked(j, patterns)]
    for point in points:
        groups: dict[tuple[str, ...], list[tuple[int, TJudge]]] = {}
        for number, judge in chosen:
            groups.setdefault(extras(judge, sources), []).append((number, judge))
        for extra, lines in groups.items():
            yield Plan(_varied(scenario, lines), point, tuple(lines), extra)


def is_asked(judge: TJudge, patterns: tuple[str, ...]) -> bool:
    """Lines of `prove` are another command's; without a pattern every other line is asked."""
    if judge.prove:
        return False
    return not patterns or any(fnmatchcase(judge.property, pattern) for pattern in patterns)


def without(plan: Plan, names: Container[str]) -> Plan:
    """The plan without the lines that judge what is called so."""
    lines = tuple((n, judge) for n, judge in plan.lines if judge.property not in names)
    kept = tuple(judge for judge in plan.scenario.judges if judge.property not in names)
    return evolve(plan, lines=lines, scenario=evolve(plan.scenario, judges=kept))


def _varied(scenario: TScenario, lines: list[tuple[int, TJudge]]) -> TScenario:
    """The scenario for lines that all add the same."""
    varied = for_judge(scenario, lines[0][1])
    return evolve(varied, judges=tuple(judge for _, judge in lines))


def extras(judge: TJudge, sources: tuple[SourceFile, ...]) -> tuple[str, ...]:
    """What a line's `with` adds, as it is written there."""
    faults = (_fault(fault) for fault in judge.faults)
    return (*(_setting(s, sources) for s in judge.settings), *faults)


def _setting(setting: TSetting, sources: tuple[SourceFile, ...]) -> str:
    return f"{setting.param} = {snippet(setting.value, sources)}"


def _fault(fault: TFaultUse) -> str:
    built_in = fault.subject is not None and fault.fault in (VIEWS, "restart", "lossy_api")
    name = f"{fault.fault} {fault.subject}" if built_in else fault.fault
    lag = f" lag {fault.lag.value}" if isinstance(fault.lag, TLit) else ""
    return name + lag


def show(value: Value) -> str:
    """A value of a sweep."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Fraction() | str():
            return str(value)
        case _:
            return repr(value)
