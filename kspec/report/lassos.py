"""A run with a loop in words: where it comes back to, and what fairness has to do with it.

Next: `story`, for the steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import final

from kspec.base.record import frozen
from kspec.driver.result import Row
from kspec.ir.sorts import Id
from kspec.ir.system import Claim, Fairness, Implicit, Origin, Property, Settles, System
from kspec.report.values import Lens
from kspec.semantics.runs import Run, fair_steps
from kspec.semantics.step import Fair, fair_enabled
from kspec.verdict.replay import run_of
from kspec.verdict.trace import State, Trace

MOST = 6
"""More names are counted, not told."""


@final
@frozen
class Loop:
    """`back` says where the run goes on, `why` what does not settle, `fair` what fair steps there
    are in the loop, what else could have happened at times, and what could not at all."""

    begins: int
    back: str
    why: tuple[str, ...]
    fair: tuple[str, ...]


def assumed(row: Row) -> tuple[str, ...]:
    """What a verdict about runs assumes of those who act; nothing for other verdicts."""
    if row.kind not in ("temporal", "settles") or row.system is None or row.reached is None:
        return ()
    lines = [
        f"{words}: {', '.join(names)}"
        for fairness, words in ((Fairness.WEAK, "weakly fair"), (Fairness.STRONG, "strongly fair"))
        if (names := tuple(_of_fairness(row.system, fairness)))
    ]
    return tuple(lines) or ("nobody is fair: whatever could happen may never happen",)


def _of_fairness(system: System, fairness: Fairness) -> Iterator[str]:
    """Those who are fair in this way: components where all of their actions are, else actions."""
    told: dict[str, None] = {}
    for action in system.actions:
        if action.fairness is fairness:
            same = (a.fairness is fairness for a in system.actions if a.owner == action.owner)
            told[action.owner if action.owner and all(same) else action.name] = None
    yield from told


def loop(lens: Lens, trace: Trace, asked: Property | Implicit | None) -> Loop | None:
    """The loop of a trace; None if it has none."""
    if trace.loop is None:
        return None
    run, claim = run_of(trace, lens.system), getattr(asked, "claim", None)
    why = tuple(_settling(lens, run, claim))
    return Loop(trace.loop, _back(trace), why, tuple(_fair(lens, run)))


def _back(trace: Trace) -> str:
    if trace.loop == len(trace.steps):
        return "and so it stays: nothing that is fair can happen any more"
    where = f"where it was after step {trace.loop}" if trace.loop else "the start"
    return f"back to {where}, and so on for ever"


def _settling(lens: Lens, run: Run, claim: Claim | None) -> Iterator[str]:
    if not isinstance(claim, Settles):
        return
    changed: dict[str, None] = {}
    for at in range(run.loop, len(run.instances)):
        origin = lens.system.actions[run.instances[at].action].origin
        if origin is not Origin.CONTROLLER:
            continue
        states = zip(lens.system.variables, run.states[at], run.states[at + 1], strict=True)
        for variable, before, after in states:
            if variable.name in claim.observed and before != after:
                owner = f"{variable.owner}." if variable.owner else ""
                changed[f"{owner}{variable.label}"] = None
    yield f"changed again and again: {', '.join(changed)}"


def _fair(lens: Lens, run: Run) -> Iterator[str]:
    system = lens.system
    here = run.states[run.loop]
    taken = list(dict.fromkeys(fair for fair, _, _ in fair_steps(run)))
    fair = [f for f in taken if system.actions[f.action].fairness is not Fairness.NONE]
    offered = [fair_enabled(system, state) for state in run.states[run.loop :]]
    ever = frozenset[Fair]().union(*offered)
    at_times = sorted(ever - set(taken), key=lambda f: (f.action, repr(f.params)))
    if fair:
        yield f"in the loop: {_listed(_name(lens, f, here) for f in fair)}"
    if at_times:
        names = _listed(_name(lens, f, here) for f in at_times)
        yield f"again and again not possible: {names}"
    some = {f.action for f in ever}
    never = [
        action.name
        for place, action in enumerate(system.actions)
        if action.fairness is not Fairness.NONE and place not in some
    ]
    if never:
        yield f"never possible there: {_listed(never)}"


def _listed(names: Iterable[str]) -> str:
    told = list(names)
    more = len(told) - MOST
    return ", ".join(told[:MOST]) + (f" and {more} more" if more > 0 else "")


def _name(lens: Lens, fair: Fair, state: State) -> str:
    action = lens.system.actions[fair.action]
    given = [
        lens.show(binder.sort, value, state)
        if isinstance(binder.sort, Id)
        else f"{binder.name.strip('$')}={lens.show(binder.sort, value, state)}"
        for binder, value in zip(action.params, fair.params, strict=True)
    ]
    return " ".join((action.name, *given))
