"""Why a verdict that holds says less than it seems, and which actions never fired.

Nothing is said where creation was cut or a search is not complete, nor about actions where a
reduction was on: then what fires is not counted in the system itself. Next: `probes` for what a
property speaks of, `coverage` for the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from kspec.driver.preparing.probes import Probe
from kspec.driver.preparing.stages import Made
from kspec.driver.result import Covered, Fired, NeverFired
from kspec.driver.searching.search import Searched
from kspec.ir.system import Occurrence, Origin, Settles, System
from kspec.verdict.answer import Absent

NO_START = "nothing can begin like this"
NO_STEP = "nothing ever happens"
NO_CONTROLLER = "no controller ever does anything"


def reasons(
    held: Container[str],
    made: Made,
    searched: Searched,
    again: Callable[[tuple[str, ...]], Searched],
) -> dict[str, tuple[str, ...]]:
    """Of properties that hold, by name, why they say nothing. `again` is a search for probes."""
    explored = searched.exploration
    if not explored.complete or explored.cuts:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    # What fires is not told by a search that leaves steps for later.
    counted = not any(line.startswith("partial order on") for line in searched.reduced)
    for prop in made.system.properties:
        if prop.name not in held:
            continue
        said = _still(made.system, searched)
        if not said and counted and isinstance(prop.claim, Occurrence):
            said = _no_occurrence(prop.claim, dict(explored.fired))
        if not said and isinstance(prop.claim, Settles):
            said = _no_controller(made.system, dict(explored.fired))
        if said:
            found[prop.name] = said
    open_ = [p for p in made.probes if p.of in held and p.of not in found]
    for probe in _never(tuple(p for p in open_ if p.name not in searched.witnessed), again):
        found[probe.of] = (*found.get(probe.of, ()), probe.reason)
    return found


def _still(system: System, searched: Searched) -> tuple[str, ...]:
    """Where there are no steps, or no start, everything that is asked of them is so."""
    reached = searched.exploration.reached
    if not reached.states:
        return (NO_START,)
    is_still = not reached.transitions and bool(system.actions) and searched.plain
    return (NO_STEP,) if is_still else ()


def _no_occurrence(claim: Occurrence, fired: dict[str, int]) -> tuple[str, ...]:
    actions = dict.fromkeys(case.action for case in claim.cases)
    never = not any(fired.get(action, 0) for action in actions)
    return tuple(f"{a} never happens" for a in actions) if never else ()


def _no_controller(system: System, fired: dict[str, int]) -> tuple[str, ...]:
    theirs = [a.name for a in system.actions if a.origin is Origin.CONTROLLER]
    return () if any(fired.get(name, 0) for name in theirs) else (NO_CONTROLLER,)


def _never(
    probes: tuple[Probe, ...], again: Callable[[tuple[str, ...]], Searched]
) -> tuple[Probe, ...]:
    """The probes that a search of their own does not find."""
    if not probes:
        return ()
    answers = dict(again(tuple(probe.name for probe in probes)).exploration.answers)
    return tuple(probe for probe in probes if isinstance(answers[probe.name], Absent))


def never_fired(scopes: Iterable[Covered]) -> tuple[NeverFired, ...]:
    """The actions that their authors wrote and that fired in none of the scopes."""
    somewhere, open_ = set[str](), set[str]()
    actions: dict[str, Fired] = {}
    for scope in scopes:
        is_told = scope.complete and scope.plain and not any(a.cut for a in scope.actions)
        for action in scope.actions:
            actions.setdefault(action.name, action)
            if action.times:
                somewhere.add(action.name)
            elif not is_told:
                open_.add(action.name)
    never = {n: a.span for n, a in actions.items() if n not in somewhere and n not in open_}
    return tuple(
        NeverFired(name, span)
        for name, span in never.items()
        # A later step of a reconcile that never begins is not told by itself.
        if span is not None and not _is_later_step(name, never)
    )


def _is_later_step(name: str, never: Container[str]) -> bool:
    first, slash, _ = name.rpartition("/")
    return bool(slash) and first in never


__all__ = ["never_fired", "reasons"]
