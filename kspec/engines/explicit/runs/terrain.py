"""What all products of a graph share: what a monitor is to them, what it reads, which loops count.

Next: `product`.
"""

from __future__ import annotations

from array import array
from functools import cache
from typing import Final, Protocol, final

from kspec.base.record import frozen
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.runs.graph import Graph
from kspec.engines.explicit.runs.monitor import Letter, Move
from kspec.engines.explicit.runs.product_code import product_module

MANY: Final = 1 << 16
"""Edges of a graph from which on it pays to optimise the code."""


class Automaton(Protocol):
    """What a product needs of a monitor."""

    def births(self) -> int:
        """The bits about states that matter one moment later, too."""

    def begin(self, now: int) -> tuple[Move, ...]:
        """Into the states after the first moment."""

    def move(self, state: int, letter: Letter) -> tuple[Move, ...]:
        """From a state, by a letter, in all possible ways."""


@final
class Anything:
    """The monitor that takes every run."""

    def births(self) -> int:
        """None."""
        return 0

    def begin(self, now: int) -> tuple[Move, ...]:
        """Into its only state."""
        return (Move(0, 0),)

    def move(self, state: int, letter: Letter) -> tuple[Move, ...]:
        """Into its only state."""
        return (Move(0, 0),)


@final
@frozen
class Rule:
    """Answers about steps: a loop has no step with one that is `barred`, and some step with one
    that is `wanted`, if any is."""

    barred: int = 0
    wanted: int = 0


@cache
def _compiled(level: int) -> Compiled:
    """The code, which is the same for all graphs and keeps nothing."""
    return Compiled(product_module(), level)


@final
class Terrain:
    """What all products of a graph share: the code that walks them, and what it reads."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.code = _compiled(2 if len(graph.targets) >= MANY else 0)
        words, word = graph.numbers.words, (1 << 64) - 1
        sets = (offer >> (64 * k) & word for offer in graph.offers for k in range(words))
        self.offers = array("Q", sets)
        still = bytes(not offer for offer in graph.offers)
        self.still = bytearray(map(still.__getitem__, graph.offered))
        self.strong = graph.strong()


@final
class Letters:
    """What a monitor reads, as few numbers as can be, by what is said of a state.

    `letters` and `befores` are numbers for the bits that matter, now and one moment later;
    `steps` for those about each edge, None if none matter. Number 0 of `step_bits` is 0.
    """

    def __init__(self, graph: Graph, states: int, steps: int, births: int) -> None:
        self.graph = graph
        self._now = [saying & states for saying in graph.sayings]
        self.letters, self.n_letters = _compact(self._now)
        self.befores, self.n_befores = _compact([now & births for now in self._now])
        self.steps: array[int] | None = None
        self.step_bits = [0]
        if steps:
            known = {0: 0}
            told = (graph.told(edge) & steps for edge in range(len(graph.targets)))
            self.steps = array("I", [known.setdefault(bits, len(known)) for bits in told])
            self.step_bits = list(known)
        self.n_steps = len(self.step_bits)

    def now(self, state: int) -> int:
        """The bits about a state."""
        return self._now[self.graph.says[state]]


def _compact(values: list[int]) -> tuple[array[int], int]:
    known: dict[int, int] = {}
    numbers = array("I", [known.setdefault(value, len(known)) for value in values])
    return numbers, max(1, len(known))
