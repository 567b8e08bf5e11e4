"""The reachable graph of a finished search, as arrays, with answers to questions about it.

The states are expanded a second time: nothing is kept for this while searching. Next:
`graph_code` for what is compiled, `liveness` for what is done with it.
"""

from __future__ import annotations

import ctypes
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, islice
from typing import Final, final

from kspec.base.record import frozen
from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.runs import graph_code as g
from kspec.engines.explicit.runs.graph_code import Asked, Numbering, graph_module, numbering
from kspec.engines.explicit.search import Search
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.explicit.store.memory import Area
from kspec.ir.sorts import Value, cardinality, values
from kspec.ir.system import Fairness
from kspec.verdict.trace import State, Step

MANY: Final = 1 << 14
"""States from which on it pays to optimise the code."""
QUANTUM: Final = 1 << 15
MOST: Final = (1 << 32) - 2
MOST_EDGES: Final = 1 << 29


class Stopped(Exception):
    """Somebody has asked to stop."""


@final
@frozen(eq=False)
class Graph:
    """States are numbers, in the order in which they were stored.

    The edges of state s are `first[s]` .. `first[s + 1]` - 1. `targets`, `labels` (instances) and
    `fairs` (1 + the fair instance if the step changes the state, else 0) have one entry an edge.
    `offered[s]` is a number in `offers`, sets of fair instances as bits; `says[s]` one in
    `sayings`, answers about states as bits; `tells[e]` are answers about a step.
    """

    search: Search
    numbers: Numbering
    starts: int
    first: array[int]
    targets: array[int]
    labels: array[int]
    fairs: array[int]
    tells: tuple[array[int], ...]
    offered: array[int]
    offers: tuple[int, ...]
    says: array[int]
    sayings: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many states there are."""
        return len(self.first) - 1

    def state(self, place: int) -> State:
        """A state."""
        return self.search.program.layout.decode(self.search.row(place))

    def strong(self) -> int:
        """The strongly fair instances, as bits."""
        actions, bits = self.search.program.system.actions, 0
        ends = (*self.numbers.fair, self.numbers.fairs)[1:]
        for action, low, high in zip(actions, self.numbers.fair, ends, strict=True):
            if action.fairness is Fairness.STRONG:
                bits |= (1 << high) - (1 << low)
        return bits

    def action(self, label: int) -> int:
        """The action of an instance."""
        return bisect_right(self.numbers.first, label) - 1

    def steps(self, place: int) -> Iterator[tuple[Step, int]]:
        """The steps that are taken in a state, each with the answers about it, as bits."""
        for edge in range(self.first[place], self.first[place + 1]):
            yield self.step(self.labels[edge], self.targets[edge]), self.told(edge)

    def told(self, edge: int) -> int:
        """All answers about a step, as bits."""
        total = 0
        for part, column in enumerate(self.tells):
            total |= column[edge] << (32 * part)
        return total

    def is_so(self, place: int, bit: int) -> bool:
        """The answer to a question about a state."""
        return bool(self.sayings[self.says[place]] >> bit & 1)

    def enabled(self, place: int) -> Iterator[tuple[str, tuple[Value, ...]]]:
        """The fair instances that count as enabled in a state: action and parameters."""
        offered = self.offers[self.offered[place]]
        for fair in range(self.numbers.fairs):
            if offered >> fair & 1:
                index = self._fair_action(fair)
                at = (fair - self.numbers.fair[index]) * self.numbers.choices[index]
                yield self._instance(index, at)[:2]

    def _fair_action(self, fair: int) -> int:
        actions = self.search.program.system.actions
        owners = (i for i, a in enumerate(actions) if a.fairness is not Fairness.NONE)
        return max(i for i in owners if self.numbers.fair[i] <= fair)

    def step(self, label: int, target: int) -> Step:
        """An instance and the state it leads to."""
        index = self.action(label)
        name, params, choices = self._instance(index, label - self.numbers.first[index])
        return Step(name, params, choices, self.state(target))

    def _instance(self, index: int, rank: int) -> tuple[str, tuple[Value, ...], tuple[Value, ...]]:
        """An action's instance by its rank: the name, params and choices."""
        action, found = self.search.program.system.actions[index], list[Value]()
        for binder in reversed((*action.params, *action.choices)):
            rank, at = divmod(rank, cardinality(binder.sort))
            found.append(next(islice(values(binder.sort), at, None)))
        found.reverse()
        count = len(action.params)
        return action.name, tuple(found[:count]), tuple(found[count:])


def graph_of(search: Search, asked: Asked, is_stopped: Callable[[], bool]) -> Graph:
    """The graph of a complete search. Raises `Refusal` where it is too large, `Stopped`."""
    count = search.stored
    if numbering(search.program.system.actions).total > MOST or count > MOST:
        raise Refusal("the graph has too many states or instances for claims over whole runs")
    return _Reading(search, asked, is_stopped).read()


@final
class _Reading:
    """One reading of a graph."""

    def __init__(self, search: Search, asked: Asked, is_stopped: Callable[[], bool]) -> None:
        self.search, self.asked, self.is_stopped = search, asked, is_stopped
        self.count, self.numbers = search.stored, numbering(search.program.system.actions)
        level = 2 if self.count >= MANY else 0
        self.code = Compiled(graph_module(search.program, asked), level)
        self.frame = (ctypes.c_uint64 * g.SIZE)()
        self.context = ctypes.addressof(self.frame)
        self.areas: list[Area] = []

    def read(self) -> Graph:
        """All of it."""
        self.frame[g.ROWS], self.frame[g.COUNT] = self.search.word(f.STORE), self.count
        slots = 1 << max(6, (2 * self.count).bit_length())
        self.frame[g.SHIFT], self.frame[g.MASK] = 64 - (slots.bit_length() - 1), slots - 1
        self._area(g.TABLE, 4 * slots)
        self.code.function("place", 1)(self.context)
        counts = self._area(g.COUNTS, 4 * self.count)
        offered = self._area(g.OFFERED, 8 * self.numbers.words * self.count)
        bits = self._area(g.BITS, 8 * self.asked.words * self.count)
        parts = self._edges()
        if self.frame[g.LOST]:
            raise AssertionError("a successor of a stored state is not stored")
        self._say()
        first = _sums(_ints("I", counts.read(0, 4 * self.count)))
        sets, offers = _numbered(offered, self.numbers.words, self.count)
        says, sayings = _numbered(bits, self.asked.words, self.count)
        for area in self.areas:
            area.close()
        return Graph(
            search=self.search,
            numbers=self.numbers,
            starts=self.search.bounds[1],
            first=first,
            targets=parts[g.TARGET],
            labels=parts[g.LABEL],
            fairs=parts[g.FAIR],
            tells=tuple(parts[g.ANSWERS :]),
            offered=sets,
            offers=offers,
            says=says,
            sayings=sayings,
        )

    def _area(self, word: int, size: int) -> Area:
        area = Area(size + 64)
        self.areas.append(area)
        self.frame[word] = area.address
        return area

    def _edges(self) -> list[array[int]]:
        parts, room = self.asked.parts, max(1 << 18, 2 * self.search.program.rows.most)
        buffer, expand = self._area(g.OUT, 4 * parts * room), self.code.function("edges", 3, True)
        self.frame[g.ROOM] = room
        found = [array("I") for _ in range(parts)]
        here = 0
        while here < self.count:
            if self.is_stopped():
                raise Stopped
            here = expand(self.context, here, min(self.count, here + QUANTUM))
            wrote = _ints("I", buffer.read(0, 4 * parts * self.frame[g.WROTE]))
            for part, column in enumerate(found):
                column.extend(wrote[part::parts])
            if len(found[0]) > MOST_EDGES:
                raise Refusal("the graph has too many steps for claims over whole runs")
        return found

    def _say(self) -> None:
        answer = self.code.function("bits", 3)
        for low in range(0, self.count, QUANTUM):
            answer(self.context, low, min(self.count, low + QUANTUM))


def _ints(code: str, data: bytes) -> array[int]:
    found: array[int] = array(code)
    found.frombytes(data)
    return found


def _sums(counts: array[int]) -> array[int]:
    return array("Q", accumulate(counts, initial=0))


def _numbered(area: Area, words: int, count: int) -> tuple[array[int], tuple[int, ...]]:
    """Rows of words as numbers of distinct ones, and these as integers."""
    known: dict[int, int] = {}
    if words == 1:
        rows = _ints("Q", area.read(0, 8 * count))
        places = array("I", [known.setdefault(row, len(known)) for row in rows])
    else:
        data = (area.read(8 * words * k, 8 * words) for k in range(count))
        numbers = (int.from_bytes(row, "little") for row in data)
        places = array("I", [known.setdefault(row, len(known)) for row in numbers])
    return places, tuple(known)
