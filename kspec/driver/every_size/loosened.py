"""A scope in which actions may happen more often: what is so of all its runs is so of all of the
scope's own.

Where it is not known that lowering decides nothing by counts, conditions that count objects are
left out of the actions that have them. Nothing that a step writes changes, so that every run stays
one. Left alone are actions whose conditions keep others from happening: in `ordered` blocks, those
with a deadline, those that block, and everything in a scope on a clock. Next: `any_size`.
"""

from __future__ import annotations

from attrs import evolve

from kspec.analysis.typed import Program, TAction, TGuard, TLetGuard
from kspec.driver.every_size.largest import actions, called, counts
from kspec.pure.scopes.scope import Scope


def loosened(scope: Scope, names: tuple[str, ...]) -> tuple[Scope, tuple[str, ...]]:
    """The scope without the conditions of actions that count objects of the named kinds, and the
    names of those actions."""
    if scope.timed:
        return scope, ()
    running = actions(scope)
    ordered = {name for action in running for name in action.after}
    changed: dict[str, TAction] = {}
    for action in running:
        if action.name in ordered or action.after or action.within or action.blocks:
            continue
        looser = _loosened(scope.program, action, names)
        if len(looser.guards) < len(action.guards):
            changed[action.name] = looser
    components = tuple(
        evolve(c, actions=tuple(changed.get(a.name, a) for a in c.actions))
        for c in scope.program.components
    )
    faults = tuple(changed.get(a.name, a) for a in scope.program.faults)
    program = evolve(scope.program, components=components, faults=faults)
    return evolve(scope, program=program), tuple(changed)


def _loosened(program: Program, action: TAction, names: tuple[str, ...]) -> TAction:
    """Its conditions are fewer, and it is not told why they fail, nor what comes of it."""
    guards = tuple(
        evolve(guard, because=None) if isinstance(guard, TGuard) else guard
        for guard in action.guards
        if not _counts(program, guard, names)
    )
    return evolve(action, guards=guards, event=None)


def _counts(program: Program, guard: TGuard | TLetGuard, names: tuple[str, ...]) -> bool:
    """Is it a condition that binds no name, and does it or what it calls count?"""
    if isinstance(guard, TLetGuard) or guard.bind is not None:
        return False
    code = (guard.cond, *called(program, (guard.cond,)))
    return any(True for _ in counts(program, code, names))


__all__ = ["loosened"]
