"""What runs in a scenario: actions, how often, what may restart, whose caches lag.

`run` names components or actions; without it everything that is imported runs. Faults run only if
the scenario uses them, the ends of faults always. Nothing here knows objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import evolve

from kspec.analysis.typed import (
    TAction,
    TAssign,
    TExpr,
    TFaultUse,
    TFieldPlace,
    TForStmt,
    TIfStmt,
    TJudge,
    TLit,
    TNew,
    TPrim,
    TRun,
    TScenario,
    TStmt,
)
from kspec.analysis.types import IntT
from kspec.base import codes
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.scopes.scope import Budgeted, ViewSetting
from kspec.pure.scopes.start import wrong
from kspec.pure.values.cast import as_int
from kspec.pure.values.world import Context, Tables

MOST_TIMES: Final = 1_000_000
"""No budget is larger: it would never be used up."""

MOST_WRITES: Final = 64
"""A cache is at most so many writes behind: each is an image of its own in the state."""

STALE, RESTART, LOSSY = "stale_cache", "restart", "lossy_api"
_OWN = (STALE, RESTART, LOSSY)


def for_judge(scenario: TScenario, judge: TJudge) -> TScenario:
    """The scenario with what one line adds (`expect … with`): its settings, and its faults once
    more than the scenario has them."""
    faults = list(scenario.faults)
    for use in judge.faults:
        same = [i for i, f in enumerate(faults) if (f.fault, f.subject) == (use.fault, use.subject)]
        if not same:
            faults.append(_once(use))
            continue
        old = faults[same[-1]]
        faults[same[-1]] = evolve(
            old,
            most=_one_more(old.most),
            lag=use.lag or old.lag,
            servers=use.servers or old.servers,
        )
    settings = (*scenario.settings, *judge.settings)
    return evolve(scenario, settings=settings, faults=tuple(faults), judges=(judge,))


def _once(use: TFaultUse) -> TFaultUse:
    return evolve(use, most=use.most or TLit(1, IntT(), use.span))


def _one_more(most: TExpr | None) -> TExpr | None:
    if most is None:
        return None
    return TPrim("+", (most, TLit(1, IntT(), most.span)), IntT(), most.span)


# ---- actions -----------------------------------------------------------------------------------


def actions(scenario: TScenario, tables: Tables) -> tuple[TAction, ...]:
    """The actions that run, in order of declaration: components first, then faults."""
    used = {_action_of(use) for use in scenario.faults if use.fault not in _OWN}
    running = [
        action
        for component in tables.components.values()
        for action in component.actions
        if _runs(action, scenario.run) or action.name in used
    ]
    for fault in tables.program.faults:
        named = any(run.component == fault.name and not run.remove for run in scenario.run)
        if fault.origin == "recovery" or fault.name in used or named:
            running.append(fault)
    removed = {run.component for run in scenario.run if run.remove}
    return tuple(action for action in running if action.name not in removed)


def _action_of(use: TFaultUse) -> str:
    """A declared fault, or an environment's action used as one."""
    return use.fault if use.subject is None else f"{use.subject}.{use.fault}"


def _runs(action: TAction, run: tuple[TRun, ...]) -> bool:
    """Is the action named, or is none? The last line that speaks of it decides."""
    decided = all(line.remove for line in run)
    for line in run:
        if _speaks_of(line, action):
            decided = not line.remove
    return decided


def _speaks_of(line: TRun, action: TAction) -> bool:
    if line.action is not None:
        return action.name == f"{line.component}.{line.action}"
    return action.owner == line.component


def budgets(
    scenario: TScenario, running: tuple[TAction, ...], context: Context
) -> tuple[Budgeted, ...]:
    """How often budgeted actions and restarts may happen; the last line about one decides."""
    found: dict[str, int | None] = {}
    for line in scenario.run:
        if line.remove or line.most is None:
            continue
        for action in running:
            if _speaks_of(line, action) or action.name == line.component:
                found[action.name] = number(line.most, context)
    for use in scenario.faults:
        name = f"{use.subject}.restart" if use.fault == RESTART else _action_of(use)
        if use.fault not in (STALE, LOSSY):
            found[name] = None if use.most is None else number(use.most, context)
    return tuple(Budgeted(name, most) for name, most in found.items())


def number(expr: TExpr, context: Context, least: int = 0, most: int = MOST_TIMES) -> int:
    """A whole number of a scenario line. Raises `Wrong` if it is less or more than makes sense."""
    found = as_int(pure.evaluate(expr, context))
    if not least <= found <= most:
        message = f"{found} is too {'few' if found < least else 'many'}"
        raise wrong(codes.OUT_OF_RANGE, message, expr.span, f"not in {least}..{most}")
    return found


def restarts(scenario: TScenario) -> tuple[str, ...]:
    """The controllers that may restart."""
    return subjects(scenario, RESTART)


def subjects(scenario: TScenario, fault: str) -> tuple[str, ...]:
    """The controllers that one of the language's own faults is used on, each once."""
    found = (use.subject for use in scenario.faults if use.fault == fault)
    return tuple(dict.fromkeys(subject for subject in found if subject))


def views(scenario: TScenario, context: Context) -> tuple[ViewSetting, ...]:
    """The caches that lag; a lag of 0 is none. The last line about a controller decides."""
    found: dict[str, ViewSetting] = {}
    for use in scenario.faults:
        if use.fault == STALE and use.subject is not None:
            lag = 1 if use.lag is None else number(use.lag, context, 0, MOST_WRITES)
            servers = 1 if use.servers is None else number(use.servers, context, 1, MOST_WRITES)
            found[use.subject] = ViewSetting(use.subject, lag, servers, use.unordered)
    return tuple(view for view in found.values() if view.lag > 0)


# ---- what is written ---------------------------------------------------------------------------


def created(running: Iterable[TAction]) -> tuple[str, ...]:
    """The kinds that some of these actions make objects of, each once."""
    made = (stmt.kind for stmt in _statements(running) if isinstance(stmt, TNew))
    return tuple(dict.fromkeys(made))


def written(running: Iterable[TAction]) -> frozenset[tuple[str, str]]:
    """The fields that some of these actions assign to, with their kinds."""
    places = (stmt.place for stmt in _statements(running) if isinstance(stmt, TAssign))
    return frozenset((p.kind, p.name) for p in places if isinstance(p, TFieldPlace))


def _statements(running: Iterable[TAction]) -> Iterator[TStmt]:
    for action in running:
        for step in action.steps:
            yield from _inside((*step.body, *(step.refused or ())))


def _inside(stmts: tuple[TStmt, ...]) -> Iterator[TStmt]:
    """These statements and those inside them."""
    for stmt in stmts:
        yield stmt
        match stmt:
            case TIfStmt(_, then, other):
                yield from _inside((*then, *other))
            case TForStmt(_, _, body):
                yield from _inside(body)
            case _:
                pass
