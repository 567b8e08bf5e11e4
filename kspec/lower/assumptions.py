"""Sentences that belong to every verdict: what the model takes for granted (`System.assumptions`),
and what is finite only because the scope says so (`System.bounds`)."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.lower.context import Lowering


def assumptions(low: Lowering) -> tuple[str, ...]:
    """What is taken for granted."""
    return tuple(dict.fromkeys((*low.static.scope.assumptions, *_of_actions(low))))


def _of_actions(low: Lowering) -> Iterator[str]:
    for action in low.static.actions:
        if action.atomically is not None:
            yield f"`{action.name}` writes several objects at once: {action.atomically}"


def bounds(low: Lowering) -> tuple[str, ...]:
    """What stays bounded."""
    found = [
        f"{pool.kind} ≤ {pool.size}"
        for pool in low.static.scope.pools
        if pool.kind in low.static.born
    ]
    for budget in low.static.scope.budgets:
        if budget.most is not None:
            times = "once" if budget.most == 1 else f"{budget.most} times"
            found.append(f"{budget.action} at most {times}")
    return tuple(found)
