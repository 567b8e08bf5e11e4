"""Did you mean: the nearest of some names, when one is near enough.

The distance counts insertions, deletions, replacements and swaps of neighbours (optimal string
alignment); up to a third of the name's length is near, one edit at least, but never so many that
no letter of the name is left. Pure; nothing here knows what names mean.
"""

from __future__ import annotations

from collections.abc import Iterable


def suggest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate nearest to `name`, or None where none is near; ties go to the first by name.

    Letter case costs nothing, so `pod` finds `Pod`; `name` itself is never suggested.
    """
    threshold = min(max(1, len(name) // 3), len(name) - 1)
    ranked = sorted(
        (distance(name.lower(), candidate.lower(), threshold), candidate)
        for candidate in set(candidates)
        if candidate != name
    )
    return ranked[0][1] if ranked and ranked[0][0] <= threshold else None


def distance(a: str, b: str, limit: int) -> int:
    """How many edits turn `a` into `b`; anything above `limit` may be given as `limit + 1`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        two_before, before = before, row
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1]
