"""The product of a graph and a monitor, and the fair parts of it.

A node is a state, a state of the monitor, and whether the run rests from here on. Nodes are
numbered as breadth-first search meets them, so that the least number of a fair part has a
shortest stem. The walking is done by compiled code (`product_code`), which stops where it needs a
move of the monitor that it has not met, or more room. Next: `liveness`.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, final

from kspec.base.record import frozen
from kspec.engines.explicit.runs.graph import Stopped
from kspec.engines.explicit.runs.monitor import Letter
from kspec.engines.explicit.runs.product_frame import (
    BARRED,
    DONE,
    NO_EDGES,
    NO_NODES,
    REST,
    UNKNOWN,
    WANTED,
    Word,
)
from kspec.engines.explicit.runs.terrain import Automaton, Letters, Rule, Terrain
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.explicit.store.memory import Area
from kspec.engines.lassos import Edge, tour
from kspec.verdict.trace import Step, Trace

MOST_NODES: Final = 1 << 31
MOST_CASES: Final = 1 << 27
MOST_PROMISES: Final = 64


@final
@frozen(eq=False)
class Part:
    """A fair part: its nodes, its number, what was put off in it and what is ever enabled."""

    nodes: list[int]
    number: int
    promised: int
    ever: int


@final
class Product:
    """The product, built once; then `lasso`."""

    def __init__(
        self,
        terrain: Terrain,
        monitor: Automaton,
        reads: tuple[int, int],
        rule: Rule,
        is_stopped: Callable[[], bool],
    ) -> None:
        """`reads` are the bits about states and steps that the monitor reads, as masks."""
        graph = terrain.graph
        self.terrain, self.graph, self.monitor, self.rule = terrain, graph, monitor, rule
        self.is_stopped = is_stopped
        self._frame = (ctypes.c_uint64 * Word.SIZE)()
        self._context = ctypes.addressof(self._frame)
        self._code = terrain.code
        self._look = self._code.function("look", 3, True)
        self._kept: list[object] = []  # what generated code has addresses of
        self._areas: dict[Word, Area] = {}
        self._reads = Letters(graph, *reads, monitor.births())
        self._places: list[Area] = []
        self._masks, self._known_masks = array("Q"), dict[int, int]()
        self._delta, self._moves = array("I"), array("I", [0])
        self._set_graph()

    # ---- memory -------------------------------------------------------------------------------

    def _array(self, word: Word, values: array[int]) -> None:
        self._kept.append(values)
        self._frame[word] = values.buffer_info()[0]

    def _bytes(self, word: Word, values: bytearray) -> None:
        self._kept.append(values)
        if values:
            self._frame[word] = ctypes.addressof(ctypes.c_char.from_buffer(values))

    def _area(self, word: Word, size: int) -> None:
        """Memory for an array; what is there stays."""
        if word not in self._areas:
            self._areas[word] = Area(size)
        elif self._areas[word].size < size:
            self._areas[word].grow(size)
        self._frame[word] = self._areas[word].address

    def _view(self, word: Word, code: Literal["I", "Q"] = "I") -> memoryview[int]:
        return self._areas[word].view(code)

    def _set_graph(self) -> None:
        graph, reads = self.graph, self._reads
        for word, values in (
            (Word.FIRST, graph.first),
            (Word.TARGETS, graph.targets),
            (Word.SAYS, graph.says),
            (Word.FAIRS, graph.fairs),
            (Word.OFFERED, graph.offered),
            (Word.LETTERS, reads.letters),
            (Word.BEFORES, reads.befores),
        ):
            self._array(word, values)
        words = graph.numbers.words
        self._array(Word.OFFERS, self.terrain.offers)
        self._bytes(Word.STILL, self.terrain.still)
        if self.rule.barred or self.rule.wanted:
            self._bytes(Word.FLAGS, bytearray(map(self._flags, range(len(graph.targets)))))
        if reads.steps is not None:
            self._array(Word.STEPS, reads.steps)
        frame = self._frame
        frame[Word.N_LETTERS], frame[Word.N_BEFORES] = reads.n_letters, reads.n_befores
        frame[Word.N_STEPS], frame[Word.WORDS] = reads.n_steps, words
        self._array(Word.SUMS, array("Q", bytes(24 * words)))
        frame[Word.MOST_MOVES] = 1

    def _flags(self, edge: int) -> int:
        told, rule = self.graph.told(edge), self.rule
        return BARRED * bool(told & rule.barred) | WANTED * bool(told & rule.wanted)

    def _room(self, nodes: int, edges: int) -> None:
        """Room for so many nodes and edges at least."""
        if max(nodes, edges) > MOST_NODES:
            raise Refusal("the claim has too many cases for this engine")
        for word in (Word.STATES, Word.KINDS, Word.PARENTS, Word.CAME):
            self._area(word, 4 * nodes + 64)
        self._area(Word.BEGINS, 8 * nodes + 128)
        for word in (Word.LEADS, Word.EDGES, Word.PUTS):
            self._area(word, 4 * edges + 64)
        self._frame[Word.NODE_ROOM], self._frame[Word.EDGE_ROOM] = nodes, edges

    # ---- building -----------------------------------------------------------------------------

    def build(self) -> None:
        """All nodes that can be reached. Raises `Stopped`, `Refusal`."""
        graph = self.graph
        self._room(graph.size + 1024, len(graph.targets) + 2 * graph.size + 1024)
        states, kinds = self._view(Word.STATES), self._view(Word.KINDS)
        for state in range(graph.starts):
            for move in self.monitor.begin(self._reads.now(state)):
                self._begin(states, kinds, state, 2 * move.state)
        del states, kinds
        self._starts = self._frame[Word.NODES]
        grow = self._code.function("grow", 1, True)
        while (status := grow(self._context)) != DONE:
            self._mend(status)

    def _begin(
        self, states: memoryview[int], kinds: memoryview[int], state: int, kind: int
    ) -> None:
        self._places_of(kind >> 1)
        places = self._places[kind].view("I")
        if not places[state]:
            node = self._frame[Word.NODES]
            if node >= self._frame[Word.NODE_ROOM]:
                raise Refusal("the claim has too many cases for this engine")
            states[node], kinds[node] = state, kind
            self._frame[Word.NODES] = node + 1
            places[state] = node + 1

    def _mend(self, status: int) -> None:
        """Give the code what it stopped for."""
        frame = self._frame
        if self.is_stopped():
            raise Stopped
        if status == UNKNOWN:
            self._learn(frame[Word.NODE], frame[Word.MISSED])
        elif status in (NO_EDGES, NO_NODES):
            nodes, edges = frame[Word.NODE_ROOM], frame[Word.EDGE_ROOM]
            self._room(nodes * (1 + (status == NO_NODES)), edges * (1 + (status == NO_EDGES)))
        else:
            raise AssertionError(f"the code of products gave {status}")

    def _places_of(self, monitor: int) -> None:
        """Memory for the nodes of a state of the monitor, in motion and at rest, by state."""
        if 2 * monitor < len(self._places):
            return
        # Memory that nobody touches costs nothing.
        while len(self._places) < 2 * monitor + 2:
            self._places.append(Area(4 * self.graph.size + 64))
        self._array(Word.PLACES, array("Q", [area.address for area in self._places]))
        self._extend()

    def _extend(self) -> None:
        """Room for the moves of all states of the monitor."""
        cases = self._reads.n_befores * self._reads.n_letters * self._reads.n_steps
        wanted = len(self._places) // 2 * cases
        if wanted > MOST_CASES:
            raise Refusal("the claim has too many cases for this engine")
        if wanted > len(self._delta):
            self._delta.extend(array("I", bytes(4 * (wanted - len(self._delta)))))
        self._frame[Word.DELTA] = self._delta.buffer_info()[0]
        self._frame[Word.MOVES] = self._moves.buffer_info()[0]

    def _learn(self, node: int, edge: int) -> None:
        """The moves of the monitor for an edge of the graph, or for rest, from a node."""
        graph, reads = self.graph, self._reads
        state = self._view(Word.STATES)[node]
        monitor = self._view(Word.KINDS)[node] >> 1
        target = state if edge == REST else graph.targets[edge]
        told = 0 if edge == REST or reads.steps is None else reads.steps[edge]
        letter = Letter(reads.now(target), reads.now(state), reads.step_bits[told])
        moves = self.monitor.move(monitor, letter)
        index = monitor * reads.n_befores + reads.befores[graph.says[state]]
        index = (index * reads.n_letters + reads.letters[graph.says[target]]) * reads.n_steps + told
        self._delta[index] = len(self._moves)
        self._moves.append(len(moves))
        for move in moves:
            self._moves.extend((2 * move.state, self._mask(move.put_off)))
            self._places_of(move.state)
        self._frame[Word.MOST_MOVES] = max(self._frame[Word.MOST_MOVES], len(moves))
        self._extend()

    def _mask(self, put_off: int) -> int:
        if put_off.bit_length() > MOST_PROMISES:
            raise Refusal("the claim promises too many things at once for this engine")
        if put_off not in self._known_masks:
            self._known_masks[put_off] = len(self._masks)
            self._masks.append(put_off)
        return self._known_masks[put_off]

    # ---- fair parts ---------------------------------------------------------------------------

    def lasso(self) -> Trace | None:
        """A shortest stem into a fair part, and a tour of it. Raises `Stopped`."""
        best: Part | None = None
        for part in self._fair_parts():
            if best is None or part.nodes[0] < best.nodes[0]:
                best = part
        return None if best is None else self._trace(best)

    def _fair_parts(self) -> Iterator[Part]:
        count = self._frame[Word.NODES]
        self._array(Word.MASKS, self._masks)
        for word in (Word.TAGS, Word.ORDER, Word.LOW, Word.PARTS, Word.STACK, Word.PATH):
            self._area(word, 4 * count + 64)
        for word in (Word.OUT, Word.ENDS):
            self._area(word, 4 * count + 64)
        self._area(Word.CURSORS, 8 * count + 64)
        parts, out = self._code.function("parts", 1, True), self._view(Word.OUT)
        waiting = [array("I", range(count))]
        while waiting:
            nodes = waiting.pop()
            if self.is_stopped():
                raise Stopped
            self._frame[Word.LIST], self._frame[Word.LISTED] = nodes.buffer_info()[0], len(nodes)
            self._frame[Word.TAG] += 1
            parts(self._context)
            ends = list(self._view(Word.ENDS)[: self._frame[Word.ENDED]])
            for low, high in zip([0, *ends], ends, strict=False):
                found = self._judged(out, low, high)
                if isinstance(found, Part):
                    yield found
                elif found:
                    waiting.append(array("I", found))

    def _judged(self, out: memoryview[int], low: int, high: int) -> Part | list[int]:
        """The part, if it is fair; else its nodes that may still be in a fair one."""
        frame, graph = self._frame, self.graph
        self._look(self._context, low, high)
        if frame[Word.COMMON] or (self.rule.wanted and not frame[Word.WANTED]):
            return []
        always, ever, taken = self._sums()
        strong = self.terrain.strong
        if always & ~taken & ~strong:
            return []
        starved = ever & ~taken & strong
        nodes = sorted(out[low:high])
        if not starved:
            number = self._view(Word.PARTS)[nodes[0]]
            return Part(nodes, number, frame[Word.PROMISED], ever)
        states, offers, offered = self._view(Word.STATES), graph.offers, graph.offered
        return [node for node in nodes if not offers[offered[states[node]]] & starved]

    def _sums(self) -> tuple[int, int, int]:
        """What fair instances are always enabled in a part, what ever, and what is taken."""
        words, at = self.graph.numbers.words, self._frame[Word.SUMS]
        sums = (ctypes.c_uint64 * (3 * words)).from_address(at)
        sets = [sum(sums[k * words + i] << (64 * i) for i in range(words)) for k in range(3)]
        return sets[0], sets[1], sets[2]

    # ---- the trace ----------------------------------------------------------------------------

    def _trace(self, part: Part) -> Trace:
        parents, came = self._view(Word.PARENTS), self._view(Word.CAME)
        parts, begins = self._view(Word.PARTS), self._view(Word.BEGINS, "Q")
        leads, states = self._view(Word.LEADS), self._view(Word.STATES)
        node = part.nodes[0]
        stem: list[int] = []
        while node >= self._starts:
            stem.append(came[node])
            node = parents[node]
        start = self.graph.state(states[node])

        def edges(source: int) -> Iterator[Edge[int, int]]:
            for edge in range(begins[source], begins[source + 1]):
                if parts[leads[edge]] == part.number and not self._has(edge, self.rule.barred):
                    yield Edge(source, edge, leads[edge])

        loop = tour(part.nodes[0], edges, self._wants(part))
        before = self._steps(reversed(stem))
        return Trace(start, (*before, *self._steps(e.label for e in loop)), len(before))

    def _has(self, edge: int, flags: int) -> bool:
        step = self._view(Word.EDGES)[edge] if flags else REST
        return step != REST and bool(self.graph.told(step) & flags)

    def _steps(self, edges: Iterable[int]) -> list[Step]:
        graph, of = self.graph, self._view(Word.EDGES)
        steps = (of[edge] for edge in edges)
        return [graph.step(graph.labels[e], graph.targets[e]) for e in steps if e != REST]

    def _wants(self, part: Part) -> list[Callable[[Edge[int, int]], bool]]:
        """What a loop must have, an edge for each."""
        wants: list[Callable[[Edge[int, int]], bool]] = [
            _Kept(self, bit) for bit in _bits_in(part.promised)
        ]
        wants += [_Served(self, bit) for bit in _bits_in(part.ever)]
        if self.rule.wanted:
            wants.append(self.is_wanted)
        return wants

    def is_wanted(self, edge: Edge[int, int]) -> bool:
        """Is it a step that the rule wants?"""
        return self._has(edge.label, self.rule.wanted)

    def keeps(self, promise: int, edge: Edge[int, int]) -> bool:
        """Is a promise not put off?"""
        return not self._masks[self._view(Word.PUTS)[edge.label]] >> promise & 1

    def serves(self, fair: int, edge: Edge[int, int]) -> bool:
        """Does an edge do all that fairness asks for an instance?"""
        graph, step = self.graph, self._view(Word.EDGES)[edge.label]
        if step != REST and graph.fairs[step] == fair + 1:
            return True
        offered = graph.offers[graph.offered[self._view(Word.STATES)[edge.source]]]
        return not (offered | self.terrain.strong) >> fair & 1


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


def _bits_in(number: int) -> Iterator[int]:
    place = 0
    while number:
        if number & 1:
            yield place
        number >>= 1
        place += 1
