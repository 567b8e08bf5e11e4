"""Where randomness comes from: one function, `below(n)`, and small ways to use it.

Everything random in this package is a number below some n, asked for in a fixed order. A seeded
generator or Hypothesis can stand behind it; with Hypothesis smaller numbers are simpler, so every
choice here puts the simplest alternative first. Next: `universe`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar, final

T = TypeVar("T")

Below: TypeAlias = Callable[[int], int]
"""A number from 0 up to, but not including, the argument (which is at least 1)."""


@final
class Draw:
    """Choices made by a `Below`, and names that nobody else has."""

    def __init__(self, below: Below) -> None:
        self._below = below
        self._names = 0

    def below(self, n: int) -> int:
        """0 .. n-1; no choice is asked for where there is none."""
        return 0 if n == 1 else self._below(n)

    def between(self, lo: int, hi: int) -> int:
        """lo .. hi, both included; `lo` is the simplest."""
        return lo + self.below(hi - lo + 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """True so many times in a hundred; False is the simplest."""
        return self.below(100) >= 100 - percent

    def fresh(self, stem: str) -> str:
        """A name that was not given before."""
        self._names += 1
        return f"{stem}{self._names}"
