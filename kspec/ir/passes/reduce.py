"""A system without the variables that a group of properties cannot see.

`passes.slice` says what they see. Kept as well, whatever the properties:

- variables that an update might be unable to write without breaking an implicit property, so that
  these are decided in the slice as in the whole system;
- all that decides whether a birth is cut.

What an action no longer writes it no longer does; an action that does nothing, is not spoken of and
is never cut is left out: it only went round in circles. Runs of the slice are runs of the system
with what was dropped taken away, so they are as short, and whoever finds one lifts and replays it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import final

from attrs import evolve

from kspec.base.record import frozen
from kspec.ir.expr import TRUE, And, Expr, Lit, Local, sort_of
from kspec.ir.passes.slice import Cone, closed, cone, enabling
from kspec.ir.rewrite import free_locals
from kspec.ir.sorts import Map, Record, Sort, fits
from kspec.ir.system import Action, Field, Index, Property, System, Update


@final
@frozen
class Sliced:
    """A slice; `dropped` are variables in order, `why` says why there are none."""

    system: System
    dropped: tuple[str, ...]
    why: str = ""


def sliced(system: System, asked: Iterable[Property]) -> Sliced:
    """The system as far as these properties, and implicit ones, are concerned."""
    asked = tuple(asked)
    cones = [cone(system, prop) for prop in asked]
    for prop, of in zip(asked, cones, strict=True):
        if of.whole:
            return Sliced(system, (), f"{prop.name} sees everything, for {of.whole}")
    kept = _together(system, cones)
    dropped = tuple(v.name for v in system.variables if v.name not in kept.variables)
    if not dropped:
        return Sliced(system, (), "every variable makes a difference")
    return Sliced(_without(system, asked, kept), dropped)


def _together(system: System, cones: list[Cone]) -> Cone:
    seen = {name for of in cones for name in of.variables}
    spoken = {name for of in cones for name in of.actions}
    for action in system.actions:
        if action.cut is not None:
            spoken.add(action.name)
            seen |= enabling(action)
        seen |= _unsafe(system, action)
    return closed(system, seen, spoken)


def _without(system: System, asked: tuple[Property, ...], kept: Cone) -> System:
    actions = (_part(a, kept) for a in system.actions)
    return evolve(
        system,
        variables=tuple(v for v in system.variables if v.name in kept.variables),
        init=evolve(
            system.init,
            assign=tuple(pair for pair in system.init.assign if pair[0] in kept.variables),
        ),
        actions=tuple(a for a in actions if a.updates or a.name in kept.actions),
        properties=asked,
        well_formed=TRUE,
        views=(),
    )


def _part(action: Action, kept: Cone) -> Action:
    """The action without what it writes elsewhere, and without words for people."""
    return evolve(
        action,
        updates=tuple(u for u in action.updates if u.var in kept.variables),
        guard=tuple(evolve(conjunct, because=None) for conjunct in action.guard),
        event=None,
    )


# ---- what might break an implicit property -----------------------------------------------------


def _unsafe(system: System, action: Action) -> set[str]:
    """The variables that the action is not plainly able to write in peace."""
    sorts = {variable.name: variable.sort for variable in system.variables}
    by_var: dict[str, list[Update]] = {}
    for update in action.updates:
        by_var.setdefault(update.var, []).append(update)
    known = {part for conjunct in action.guard for part in _parts(conjunct.expr)}
    return {
        name
        for name, updates in by_var.items()
        if not all(_is_in_range(u, sorts[name]) and _is_live(u, known) for u in updates)
        or not all(map(_writes_apart, updates))
        or not all(_are_apart(a, b) for a, b in combinations(updates, 2))
    }


def _is_in_range(update: Update, sort: Sort) -> bool:
    for step in update.path:
        match step:
            case Index() if isinstance(sort, Map):
                sort = sort.value
            case Field(name) if isinstance(sort, Record):
                sort = sort.field(name)
            case _:
                return False
    return fits(sort_of(update.value), sort)


def _is_live(update: Update, known: set[Expr]) -> bool:
    """Is the target alive wherever the guard, or the update's own condition, is true?"""
    own = {binder.name for binder in update.binders}
    of_guard = set() if free_locals(update.live) & own else known
    wanted = {*_parts(update.live)}
    return wanted <= of_guard | {*_parts(update.when)}


def _parts(expr: Expr) -> tuple[Expr, ...]:
    if isinstance(expr, And):
        return tuple(part for arg in expr.args for part in _parts(arg))
    return () if expr == TRUE else (expr,)


def _writes_apart(update: Update) -> bool:
    """Do different values of the binders write different places?"""
    keys = {step.key for step in update.path if isinstance(step, Index)}
    return all(Local(binder.name, binder.sort) in keys for binder in update.binders)


def _are_apart(one: Update, other: Update) -> bool:
    """Do their places differ at a step that is written down in both?"""
    for a, b in zip(one.path, other.path, strict=False):
        match a, b:
            case Field(x), Field(y) if x != y:
                return True
            case Index(Lit(s, x)), Index(Lit(t, y)) if s == t and x != y:
                return True
            case _:
                pass
    return False
