"""Vacuity: does what a property speaks of ever happen?

For `all p: Pod | a implies b` the probe asks whether `some p: Pod | a` is reachable, likewise for
`all p: Pod | a leads to b`; for `on A(p) where a: b` whether A ever steps with `a`. Where a claim
over runs speaks of one thing after another, each has a probe. A probe is a property of its own,
lowered with the others; that it is never found, in a search that saw everything, makes a verdict
vacuous.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, final

from attrs import evolve

from kspec.analysis.typed import (
    CAlways,
    Comp,
    COn,
    CReachable,
    CTemporal,
    Program,
    TClaim,
    TComp,
    TExpr,
    TJudge,
    TLit,
    TLives,
    TPrim,
    TProperty,
    TScenario,
    TTemporal,
)
from kspec.analysis.types import BoolT
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.telling.snippets import snippet

MARK: Final = "?"
"""Ends the names of probes; no name that a person writes can have it."""


@final
@frozen
class Probe:
    """The probe of a property, and what is said if it is never found."""

    of: str
    name: str
    reason: str


def with_probes(
    program: Program, scenario: TScenario, sources: tuple[SourceFile, ...]
) -> tuple[Program, TScenario, tuple[Probe, ...]]:
    """The program and the scenario with a probe for each property that is judged and has one."""
    judged = {judge.property for judge in scenario.judges}
    probes: list[Probe] = []
    made: list[TProperty] = []
    for prop in program.properties:
        for number, asked in enumerate(_asked(prop, sources) if prop.name in judged else ()):
            name = prop.name + MARK * (number + 1)
            made.append(TProperty(name, None, asked.claim, prop.span))
            probes.append(Probe(prop.name, name, asked.reason))
    lines = tuple(TJudge(p.name, None, False, (), (), p.span) for p in made)
    return (
        evolve(program, properties=(*program.properties, *made)),
        evolve(scenario, judges=(*scenario.judges, *lines)),
        tuple(probes),
    )


@final
@frozen(eq=False)
class _Asked:
    """What must be found for a property to say anything, and what is said if it is not."""

    claim: TClaim
    reason: str


def _asked(prop: TProperty, sources: tuple[SourceFile, ...]) -> tuple[_Asked, ...]:
    """What must be found, each, for the property to say anything."""
    match prop.claim:
        case CAlways(body):
            asked = _antecedent(body)
            claim: TClaim = CReachable(asked)
        case COn(actions, where, body):
            asked = _antecedent(body) if where is None else _both(where, _antecedent(body))
            claim = COn(actions, None, _not(asked))
        case CTemporal(body):
            found = _spoken_of(body)
            return tuple(_Asked(CReachable(s.asked), s.reason(sources)) for s in found)
        case _:
            return ()
    return () if _is_true(asked) else (_Asked(claim, _reason(prop, sources)),)


def _antecedent(expr: TExpr) -> TExpr:
    """What must be so for the expression to say anything."""
    match expr:
        case TComp(Comp.ALL, binders, where, body, None, type_, span):
            return TComp(Comp.SOME, binders, where, _antecedent(body), None, type_, span)
        case TPrim("implies", (left, right)):
            return _both(left, _antecedent(right))
        case _:
            return TLit(True, BoolT(), expr.span)


@final
@frozen(eq=False)
class _Spoken:
    """What must be so at some moment; the names and the conditions that it is told by."""

    asked: TExpr
    names: tuple[str, ...]
    conditions: tuple[TExpr, ...]

    def reason(self, sources: tuple[SourceFile, ...]) -> str:
        """What is said where it never is."""
        return _never(", ".join(self.names), self.conditions, sources)


def _spoken_of(expr: TExpr) -> tuple[_Spoken, ...]:
    """What must be so, each at some moment, for a claim over runs to say anything."""
    match expr:
        case TLives("all", binders, where, body, _, span):
            names = tuple(binder.name for binder in binders)
            wheres = () if where is None else (where,)
            anything = _Spoken(TLit(True, BoolT(), span), (), ())
            return tuple(
                _Spoken(
                    TComp(Comp.SOME, binders, where, inner.asked, None, BoolT(), span),
                    (*names, *inner.names),
                    (*wheres, *inner.conditions),
                )
                for inner in _spoken_of(body) or (anything,)
            )
        case TTemporal("always", (arg,)):
            return _spoken_of(arg)
        case TTemporal("leads", (left, _)) if isinstance(left.type, BoolT):
            return (_Spoken(left, (), (left,)),)
        case TTemporal("implies", (left, right)) if isinstance(left.type, BoolT):
            return (_Spoken(left, (), (left,)), *_spoken_of(right))
        case _:
            return ()


def _both(left: TExpr, right: TExpr) -> TExpr:
    if _is_true(right):
        return left
    return TPrim("and", (left, right), BoolT(), left.span)


def _not(expr: TExpr) -> TExpr:
    return TPrim("not", (expr,), BoolT(), expr.span)


def _is_true(expr: TExpr) -> bool:
    return isinstance(expr, TLit) and expr.value is True


def _reason(prop: TProperty, sources: tuple[SourceFile, ...]) -> str:
    match prop.claim:
        case COn(actions, where, body):
            what = ", ".join(name for name, _ in actions)
            conditions = [*([where] if where is not None else []), *_conditions(body)]
        case CAlways(body):
            what, conditions = ", ".join(_binders(body)), _conditions(body)
        case _:
            return ""
    return _never(what, conditions, sources)


def _never(what: str, conditions: Iterable[TExpr], sources: tuple[SourceFile, ...]) -> str:
    said = " and ".join(snippet(condition, sources) for condition in conditions)
    if not what:
        return f"never {said}"
    return f"never {what}" + (f" with {said}" if said else "")


def _binders(expr: TExpr) -> list[str]:
    match expr:
        case TComp(Comp.ALL, binders, _, body):
            return [*(b.name for b in binders), *_binders(body)]
        case TPrim("implies", (_, right)):
            return _binders(right)
        case _:
            return []


def _conditions(expr: TExpr) -> list[TExpr]:
    match expr:
        case TComp(Comp.ALL, _, where, body):
            return [*([where] if where is not None else []), *_conditions(body)]
        case TPrim("implies", (left, right)):
            return [left, *_conditions(right)]
        case _:
            return []
