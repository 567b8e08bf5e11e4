"""Clauses made short: literals of a cube are left out as long as no step enters what is left.

A cube that is blocked may hold an initial state no more than before. Literals that were useful in
earlier clauses are tried last. Next: `pdr`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias, final

from kspec.engines.smt.space import Cube, Literal, Seen, Space

Blocked: TypeAlias = "Callable[[Cube, int], Cube | None | Seen]"
TRIES: Final = 60
"""After so many literals that could not be left out the rest stays."""


@final
class Generaliser:
    """`is_blocked` asks whether no step from the frame before a level enters a cube."""

    def __init__(self, space: Space, is_blocked: Blocked) -> None:
        self.space = space
        self.is_blocked = is_blocked
        self._uses: Counter[Literal] = Counter()

    def liked(self, cube: Cube) -> None:
        """Its literals were of use."""
        self._uses.update(cube)

    def shortened(self, cube: Cube, enough: Cube, level: int) -> Cube:
        """A part of a cube that is blocked at a level; `enough` is what no step enters."""
        kept = self._without_start(cube, enough)
        failed = 0
        for literal in sorted(kept, key=self._worth):
            if literal not in kept or failed >= TRIES or len(kept) == 1:
                continue
            shorter = self._smaller(kept, literal, level)
            if shorter is None:
                failed += 1
            else:
                kept, failed = shorter, 0
        return kept

    def _worth(self, literal: Literal) -> tuple[bool, int, int]:
        """The least is left out first: what says a value before what compares places, since a
        clause of the latter stands for many of the former."""
        compares = self.space.atoms[abs(literal) - 1].beside is not None
        return compares, self._uses[literal], -abs(literal)

    def _smaller(self, cube: Cube, literal: Literal, level: int) -> Cube | None:
        """The cube without a literal, or a part of that, if it is blocked and no start."""
        rest = tuple(x for x in cube if x != literal)
        if self._begins_in(rest):
            return None
        outcome = self.is_blocked(rest, level)
        if isinstance(outcome, Seen) or outcome is None:
            return None
        return self._without_start(rest, outcome)

    def _begins_in(self, cube: Cube) -> bool:
        space = self.space
        return space.ask([space.start, *(space.now(x) for x in cube)]) is not None

    def _without_start(self, cube: Cube, part: Cube) -> Cube:
        """A part of a cube with as few literals more as keep initial states out."""
        space = self.space
        chosen = frozenset(part)
        if part and not self._begins_in(part):
            return part
        # Those of the part come first, so that few of the others are needed.
        asked: Iterable[Literal] = (*part, *(x for x in cube if x not in chosen))
        found = space.ask([space.start, *(space.now(x) for x in asked)])
        assert found is None, "a blocked cube holds an initial state"
        more = frozenset(space.enough(cube, after=False))
        return tuple(x for x in cube if x in chosen or x in more)


__all__ = ["Generaliser"]
