"""The product of a graph and a monitor, and the fair parts of it. Arrays of numbers throughout.

A node is a state, a state of the monitor, and whether the run rests from here on. Nodes are
numbered as breadth-first search meets them, so that the least number of a fair part has a
shortest stem. Next: `liveness`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, final

from attrs import field, frozen, mutable

from kspec.engines.explicit.graph import Graph, Stopped
from kspec.engines.explicit.layout import Refusal
from kspec.engines.explicit.monitor import Letter, Move
from kspec.engines.lassos import Edge, tour
from kspec.verdict.trace import Step, Trace

MOST_NODES: Final = 1 << 31
ASK: Final = 1 << 14
"""Nodes between two looks whether to stop."""
REST: Final = (1 << 32) - 1
"""In the place of an edge of the graph: a moment of rest."""


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


@final
@mutable(eq=False)
class Product:
    """The product, built once; then `lasso`."""

    graph: Graph
    monitor: Automaton
    reads: tuple[int, int]
    rule: Rule
    is_stopped: Callable[[], bool]
    _states: array[int] = field(factory=lambda: array("I"))
    _kinds: array[int] = field(factory=lambda: array("I"))  # state of the monitor * 2 + rests
    _parents: array[int] = field(factory=lambda: array("I"))
    _came: array[int] = field(factory=lambda: array("I"))  # the edge of the product
    _starts: int = 0
    _first: array[int] = field(factory=lambda: array("Q", [0]))
    _targets: array[int] = field(factory=lambda: array("I"))
    _edges: array[int] = field(factory=lambda: array("I"))  # of the graph, or REST
    _puts: array[int] = field(factory=lambda: array("I"))  # numbers in `_masks`
    _masks: list[int] = field(factory=list)
    _known_masks: dict[int, int] = field(factory=dict)
    _places: dict[int, array[int]] = field(factory=dict)  # by kind: node + 1 of each state

    # ---- building -----------------------------------------------------------------------------

    def build(self) -> None:
        """All nodes that can be reached. Raises `Stopped`, `Refusal`."""
        reads = _Letters(self.graph, *self.reads, self.monitor.births())
        for state in range(self.graph.starts):
            for move in self.monitor.begin(reads.now(state)):
                self._enter(state, 2 * move.state, 0, REST)
        self._starts = len(self._states)
        node = 0
        while node < len(self._states):
            if not node % ASK and self.is_stopped():
                raise Stopped
            self._expand(node, reads)
            node += 1

    def _enter(self, state: int, kind: int, parent: int, came: int) -> int:
        """The number of a node; a new one for one not met before."""
        places = self._places.get(kind)
        if places is None:
            places = self._places[kind] = array("I", bytes(4 * self.graph.size))
        if not places[state]:
            if len(self._states) >= MOST_NODES:
                raise Refusal("the claim has too many cases for this engine")
            self._states.append(state)
            self._kinds.append(kind)
            self._parents.append(parent)
            self._came.append(came)
            places[state] = len(self._states)
        return places[state] - 1

    def _expand(self, node: int, reads: _Letters) -> None:
        graph, state, kind = self.graph, self._states[node], self._kinds[node]
        rests, monitor = kind & 1, kind >> 1
        if not rests:
            table = reads.table(monitor, state)
            steps = reads.steps
            for edge in range(graph.first[state], graph.first[state + 1]):
                target = graph.targets[edge]
                letter = reads.letters[graph.says[target]]
                if steps:
                    letter |= reads.step(edge) << 32
                moves = table.get(letter)
                if moves is None:
                    moves = self._moves(monitor, reads, state, target, reads.step(edge))
                    table[letter] = moves
                for after, put in moves:
                    self._add(node, target, after, edge, put)
        if rests or not graph.offers[graph.offered[state]]:
            for after, put in self._moves(monitor, reads, state, state, 0):
                self._add(node, state, after | 1, REST, put)
        self._first.append(len(self._targets))

    def _add(self, node: int, state: int, kind: int, edge: int, put: int) -> None:
        self._targets.append(self._enter(state, kind, node, len(self._targets)))
        self._edges.append(edge)
        self._puts.append(put)

    def _moves(
        self, monitor: int, reads: _Letters, before: int, after: int, step: int
    ) -> tuple[tuple[int, int], ...]:
        letter = Letter(reads.now(after), reads.now(before), step)
        moves = self.monitor.move(monitor, letter)
        return tuple((2 * move.state, self._mask(move.put_off)) for move in moves)

    def _mask(self, put_off: int) -> int:
        if put_off not in self._known_masks:
            self._known_masks[put_off] = len(self._masks)
            self._masks.append(put_off)
        return self._known_masks[put_off]

    # ---- fair parts ---------------------------------------------------------------------------

    def lasso(self) -> Trace | None:
        """A shortest stem into a fair part, and a tour of it."""
        best: list[int] | None = None
        for part in self._fair_parts():
            if best is None or min(part) < min(best):
                best = part
        return None if best is None else self._trace(best)

    def _fair_parts(self) -> Iterator[list[int]]:
        tags = array("I", bytes(4 * len(self._states)))
        waiting: list[Iterable[int]] = [range(len(self._states))]
        tag = 0
        while waiting:
            nodes = waiting.pop()
            tag += 1
            for node in nodes:
                tags[node] = tag
            if self.is_stopped():
                raise Stopped
            # The tags of a part change while the search goes on, but it is done with the part.
            for part in list(self._connected(nodes, tags, tag)):
                left = self._without_unfair(part, tags)
                if left is None:
                    yield part
                elif left:
                    waiting.append(left)

    def _connected(self, nodes: Iterable[int], tags: array[int], tag: int) -> Iterator[list[int]]:
        """The strongly connected parts of the nodes with a tag that have an edge inside."""
        first, targets, barred = self._first, self._targets, self.rule.barred
        count = len(self._states)
        order, low = array("I", bytes(4 * count)), array("I", bytes(4 * count))
        done = bytearray(count)
        stack: list[int] = []
        met = 0
        for root in nodes:
            if order[root]:
                continue
            met += 1
            order[root] = low[root] = met
            stack.append(root)
            path, cursors = [root], [first[root]]
            while path:
                node, edge = path[-1], cursors[-1]
                end, lowest = first[node + 1], low[node]
                while edge < end:
                    target = targets[edge]
                    edge += 1
                    if tags[target] != tag or done[target]:
                        continue
                    if barred and self._is_barred(edge - 1):
                        continue
                    if not order[target]:
                        met += 1
                        order[target] = low[target] = met
                        stack.append(target)
                        path.append(target)
                        cursors[-1] = edge
                        cursors.append(first[target])
                        break
                    if order[target] < lowest:
                        lowest = order[target]
                else:
                    path.pop()
                    cursors.pop()
                    low[node] = lowest
                    if path and lowest < low[path[-1]]:
                        low[path[-1]] = lowest
                    if lowest == order[node]:
                        part = []
                        while True:
                            member = stack.pop()
                            done[member] = 1
                            part.append(member)
                            if member == node:
                                break
                        if len(part) > 1 or self._is_loop(node):
                            yield part
                    continue
                low[node] = lowest

    def _is_barred(self, edge: int) -> bool:
        step = self._edges[edge]
        return step != REST and bool(self.graph.told(step) & self.rule.barred)

    def _is_loop(self, node: int) -> bool:
        return any(
            self._targets[edge] == node and not (self.rule.barred and self._is_barred(edge))
            for edge in range(self._first[node], self._first[node + 1])
        )

    def _without_unfair(self, part: list[int], tags: array[int]) -> list[int] | None:
        """None if the part is fair; else the nodes that may still be in a fair one."""
        seen = self._seen(part)
        graph = self.graph
        common = -1
        for put in seen.puts:
            common &= self._masks[put]
        if common or (self.rule.wanted and not seen.is_wanted):
            return []
        taken = 0
        for fair in seen.fairs:
            taken |= 1 << fair
        always, ever = -1, 0
        for number in seen.offered:
            always &= graph.offers[number]
            ever |= graph.offers[number]
        strong = graph.strong()
        if always & ~taken & ~strong:
            return []
        starved = ever & ~taken & strong
        if not starved:
            return None
        offers, offered = graph.offers, graph.offered
        return [n for n in part if not offers[offered[self._states[n]]] & starved]

    def _seen(self, part: list[int]) -> _Seen:
        graph, inside = self.graph, set(part)
        seen = _Seen(set(), set(), set(), False)
        for node in part:
            seen.offered.add(graph.offered[self._states[node]])
            for edge in self._within(node, inside):
                seen.puts.add(self._puts[edge])
                step = self._edges[edge]
                if step != REST:
                    if graph.fairs[step]:
                        seen.fairs.add(graph.fairs[step] - 1)
                    if self.rule.wanted and graph.told(step) & self.rule.wanted:
                        seen.is_wanted = True
        return seen

    def _within(self, node: int, inside: set[int]) -> Iterator[int]:
        barred = self.rule.barred
        for edge in range(self._first[node], self._first[node + 1]):
            if self._targets[edge] in inside and not (barred and self._is_barred(edge)):
                yield edge

    # ---- the trace ----------------------------------------------------------------------------

    def _trace(self, part: list[int]) -> Trace:
        entry, inside = min(part), set(part)
        stem: list[int] = []
        node = entry
        while node >= self._starts:
            stem.append(self._came[node])
            node = self._parents[node]
        start = self.graph.state(self._states[node])

        def edges(source: int) -> Iterator[Edge[int, int]]:
            for edge in self._within(source, inside):
                yield Edge(source, edge, self._targets[edge])

        loop = tour(entry, edges, self._wants(part))
        before = self._steps(reversed(stem))
        return Trace(start, (*before, *self._steps(e.label for e in loop)), len(before))

    def _steps(self, edges: Iterable[int]) -> list[Step]:
        graph = self.graph
        steps = (self._edges[edge] for edge in edges)
        return [graph.step(graph.labels[e], graph.targets[e]) for e in steps if e != REST]

    def _wants(self, part: list[int]) -> list[Callable[[Edge[int, int]], bool]]:
        """What a loop must have, an edge for each."""
        seen, graph = self._seen(part), self.graph
        promised = ever = 0
        for put in seen.puts:
            promised |= self._masks[put]
        for number in seen.offered:
            ever |= graph.offers[number]
        wants: list[Callable[[Edge[int, int]], bool]] = [
            _Kept(self, bit) for bit in _bits_in(promised)
        ]
        wants += [_Served(self, bit) for bit in _bits_in(ever)]
        if self.rule.wanted:
            wants.append(self.is_wanted)
        return wants

    def is_wanted(self, edge: Edge[int, int]) -> bool:
        """Is it a step that the rule wants?"""
        step = self._edges[edge.label]
        return step != REST and bool(self.graph.told(step) & self.rule.wanted)

    def keeps(self, promise: int, edge: Edge[int, int]) -> bool:
        """Is a promise not put off?"""
        return not self._masks[self._puts[edge.label]] >> promise & 1

    def serves(self, fair: int, edge: Edge[int, int]) -> bool:
        """Does an edge do all that fairness asks for an instance?"""
        graph, step = self.graph, self._edges[edge.label]
        if step != REST and graph.fairs[step] == fair + 1:
            return True
        offered = graph.offers[graph.offered[self._states[edge.source]]]
        return not (offered | graph.strong()) >> fair & 1


@final
@mutable
class _Seen:
    """What there is in a part."""

    puts: set[int]
    fairs: set[int]
    offered: set[int]
    is_wanted: bool


@final
@frozen(eq=False)
class _Kept:
    product: Product
    promise: int

    def __call__(self, edge: Edge[int, int]) -> bool:
        return self.product.keeps(self.promise, edge)


@final
@frozen(eq=False)
class _Served:
    product: Product
    fair: int

    def __call__(self, edge: Edge[int, int]) -> bool:
        return self.product.serves(self.fair, edge)


@final
class _Letters:
    """What a monitor reads, as few numbers as can be."""

    def __init__(self, graph: Graph, states: int, steps: int, births: int) -> None:
        self.graph, self.steps, self._births = graph, steps, births
        self._now = [saying & states for saying in graph.sayings]
        numbers: dict[int, int] = {}
        self.letters = [numbers.setdefault(now, len(numbers)) for now in self._now]
        self._tables: dict[tuple[int, int], dict[int, tuple[tuple[int, int], ...]]] = {}

    def now(self, state: int) -> int:
        """The bits about a state."""
        return self._now[self.graph.says[state]]

    def step(self, edge: int) -> int:
        """The bits about a step."""
        return self.graph.told(edge) & self.steps if self.steps else 0

    def table(self, monitor: int, state: int) -> dict[int, tuple[tuple[int, int], ...]]:
        """The moves that are known, from a state of the monitor and one of the graph."""
        return self._tables.setdefault((monitor, self.now(state) & self._births), {})


def _bits_in(number: int) -> Iterator[int]:
    place = 0
    while number:
        if number & 1:
            yield place
        number >>= 1
        place += 1
