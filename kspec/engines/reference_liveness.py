"""The reference decision of claims over whole runs, over `kspec.semantics`. Obvious and slow.

A claim is false iff some fair run makes its negation true. The runs that do so are the infinite
paths of a *product*: of states with what is still owed there, as `reference_tableau` says it. An
`eventually` may be put off; a path on which one is put off for ever does not count. A path is fair
as rule 8 says, and where nothing fair is enabled a run may rest for ever.

A finite graph has such a path iff a strongly connected part of it has, for every promise, an edge
that does not put it off, and for every fair instance an edge that takes it, or (weak) a state
where it is not enabled, or (strong) no state where it is. A strongly fair instance that is not
taken takes its states out of the part, and what remains is looked at again.

It is never made faster, and no other engine may call it. The states are those of one complete
search. Next: `lassos` for the path that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, final

from attrs import field, mutable

from kspec.base.record import frozen
from kspec.engines.lassos import Edge, stem, tour
from kspec.engines.reference_tableau import Here, Owed, Tableau
from kspec.ir.system import (
    Fairness,
    Origin,
    Settles,
    System,
    Temporal,
)
from kspec.semantics.state import State
from kspec.semantics.step import (
    Fair,
    Instance,
    Taken,
    fair_enabled,
    fair_of,
    initial_states,
    outcomes,
)
from kspec.verdict.trace import Step, Trace


def counterexample(system: System, claim: Temporal | Settles) -> Trace | None:
    """A fair run on which the claim is false (on which `oscillates` is true), if there is one.

    The stem is a shortest one. All reachable states are visited; who cannot wait for that must
    not ask.
    """
    search = _Product(system, claim)
    search.build()
    fair = list(search.fair_parts(range(len(search.nodes))))
    inside = {node: part for part in fair for node in part}
    found = stem(search.starts, search.edges, lambda node: node in inside)
    if found is None:
        return None
    entry, before = found
    part = inside[entry]
    again = tour(entry, lambda node: search.within(node, part), list(search.wants(part)))
    return search.trace(before, again)


# ---- the product -------------------------------------------------------------------------------


@final
@frozen
class Node:
    """A state, what is owed at the next moment, and whether the run rests from here on."""

    state: State
    owed: frozenset[Owed]
    rests: bool


@final
@frozen
class Label:
    """An edge: the instance, None for a moment of rest, and what was put off at its end."""

    instance: Instance | None
    put_off: frozenset[Owed]


_Edge: TypeAlias = Edge[int, Label]


@mutable
class _Product:
    """The product of a system and a claim, all of it."""

    system: System
    claim: Temporal | Settles
    nodes: list[Node] = field(factory=list)
    starts: list[int] = field(factory=list)
    _places: dict[Node, int] = field(factory=dict)
    _edges: list[list[_Edge]] = field(factory=list)
    _steps: dict[State, list[tuple[Instance, State]]] = field(factory=dict)
    _fair: dict[State, frozenset[Fair]] = field(factory=dict)

    def build(self) -> None:
        """All nodes that can be reached, in the order in which they are."""
        first: tuple[Owed, ...] = ()
        if isinstance(self.claim, Temporal):
            first = (Owed(self.claim.formula, False, ()),)
        tableau = Tableau(self.system)
        for state in initial_states(self.system):
            for way in tableau.pay_all(first, Here(state, None, None)):
                self.starts.append(self._place(Node(state, way.following, False)))
        while len(self._edges) < len(self.nodes):
            self._edges.append(self._expand(tableau, len(self._edges)))

    def _place(self, node: Node) -> int:
        if node not in self._places:
            self._places[node] = len(self.nodes)
            self.nodes.append(node)
        return self._places[node]

    def _expand(self, tableau: Tableau, place: int) -> list[_Edge]:
        node = self.nodes[place]
        moves: list[tuple[Instance | None, State]] = []
        if not node.rests:
            moves += self.steps(node.state)
        if node.rests or not self.offered(node.state):
            moves.append((None, node.state))
        found: list[_Edge] = []
        for instance, after in moves:
            here = Here(after, node.state, instance)
            owed = [tableau.grown(one, after) for one in self._in_order(node.owed)]
            for way in tableau.pay_all(owed, here):
                target = self._place(Node(after, way.following, instance is None))
                found.append(Edge(place, Label(instance, way.put_off), target))
        return found

    def _in_order(self, owed: frozenset[Owed]) -> list[Owed]:
        # Sets have no order of their own, and the same question must give the same trace.
        return sorted(owed, key=repr)

    def steps(self, state: State) -> list[tuple[Instance, State]]:
        """What can be taken in a state, and where it leads."""
        if state not in self._steps:
            found = outcomes(self.system, state)
            self._steps[state] = [(i, o.state) for i, o in found if isinstance(o, Taken)]
        return self._steps[state]

    def offered(self, state: State) -> frozenset[Fair]:
        """The fair instances that are enabled in a state."""
        if state not in self._fair:
            self._fair[state] = fair_enabled(self.system, state)
        return self._fair[state]

    def edges(self, node: int) -> list[_Edge]:
        """The edges from a node."""
        return self._edges[node]

    # ---- fair parts ---------------------------------------------------------------------------

    def fair_parts(self, nodes: Iterable[int]) -> Iterator[frozenset[int]]:
        """The parts in which a fair run that is a counterexample can stay for ever."""
        waiting = [frozenset(nodes)]
        while waiting:
            for part in _connected(waiting.pop(), self.within):
                left = self._without_unfair(part)
                if left == part:
                    yield part
                elif left:
                    waiting.append(left)

    def within(self, node: int, part: frozenset[int]) -> list[_Edge]:
        """The edges that stay in a part and may be repeated for ever."""
        return [e for e in self.edges(node) if e.target in part and self._is_repeatable(e)]

    def _is_repeatable(self, edge: _Edge) -> bool:
        if isinstance(self.claim, Temporal) or edge.label.instance is None:
            return True
        origin = self.system.actions[edge.label.instance.action].origin
        return origin not in (Origin.ENVIRONMENT, Origin.FAULT)

    def _without_unfair(self, part: frozenset[int]) -> frozenset[int]:
        """The part itself if it is fair; else what may still be, perhaps nothing."""
        inner = [edge for node in part for edge in self.within(node, part)]
        if not inner or not all(any(map(want, inner)) for want in self._promises(inner)):
            return frozenset()
        offered = [self.offered(self.nodes[node].state) for node in part]
        taken = {self._taken(edge) for edge in inner}
        untaken = frozenset[Fair]().union(*offered) - taken
        if any(not self._is_strong(f) and all(f in here for here in offered) for f in untaken):
            return frozenset()
        starved = {f for f in untaken if self._is_strong(f)}
        return frozenset(n for n in part if not starved & self.offered(self.nodes[n].state))

    def _is_strong(self, fair: Fair) -> bool:
        return self.system.actions[fair.action].fairness is Fairness.STRONG

    def _taken(self, edge: _Edge) -> Fair | None:
        """The instance that an edge takes, if it changes the state."""
        instance = edge.label.instance
        if instance is None or self._states(edge)[0] == self._states(edge)[1]:
            return None
        return fair_of(instance)

    def _states(self, edge: _Edge) -> tuple[State, State]:
        return self.nodes[edge.source].state, self.nodes[edge.target].state

    def _promises(self, inner: list[_Edge]) -> Iterator[_Want]:
        """What the edges of a fair part must have besides fairness."""
        if isinstance(self.claim, Settles):
            yield self._disturbs
            return
        for promise in sorted(frozenset().union(*(e.label.put_off for e in inner)), key=repr):
            yield _Kept(promise)

    def _disturbs(self, edge: _Edge) -> bool:
        """Does a controller change what is observed?"""
        assert isinstance(self.claim, Settles)
        instance = edge.label.instance
        if instance is None:
            return False
        if self.system.actions[instance.action].origin is not Origin.CONTROLLER:
            return False
        names = [variable.name for variable in self.system.variables]
        before, after = self._states(edge)
        changed = [n for n, a, b in zip(names, before, after, strict=True) if a != b]
        return any(name in self.claim.observed for name in changed)

    def wants(self, part: frozenset[int]) -> Iterator[_Want]:
        """What a loop in a fair part must have, an edge for each."""
        inner = [edge for node in sorted(part) for edge in self.within(node, part)]
        yield from self._promises(inner)
        offered = (f for node in sorted(part) for f in self.offered(self.nodes[node].state))
        for fair in sorted(set(offered), key=repr):
            yield _Served(self, fair)

    def serves(self, fair: Fair, edge: _Edge) -> bool:
        """Does an edge do all that fairness asks for an instance?"""
        if self._taken(edge) == fair:
            return True
        return not self._is_strong(fair) and fair not in self.offered(self._states(edge)[0])

    # ---- the trace ----------------------------------------------------------------------------

    def trace(self, before: list[_Edge], again: list[_Edge]) -> Trace:
        """A stem and a loop as a trace."""
        start = self.nodes[(before or again)[0].source].state
        first, loop = self._as_steps(before), self._as_steps(again)
        return Trace(start, (*first, *loop), len(first))

    def _as_steps(self, edges: list[_Edge]) -> list[Step]:
        steps = []
        for edge in edges:
            instance = edge.label.instance
            if instance is not None:
                name, after = self.system.actions[instance.action].name, self._states(edge)[1]
                steps.append(Step(name, instance.params, instance.choices, after))
        return steps


@final
@frozen
class _Kept:
    """An edge on which a promise is not put off."""

    promise: Owed

    def __call__(self, edge: _Edge) -> bool:
        return self.promise not in edge.label.put_off


@final
@frozen(eq=False)
class _Served:
    """An edge that does what fairness asks for an instance."""

    search: _Product
    fair: Fair

    def __call__(self, edge: _Edge) -> bool:
        return self.search.serves(self.fair, edge)


_Want: TypeAlias = "Callable[[_Edge], bool]"


def _connected(
    nodes: frozenset[int], within: Callable[[int, frozenset[int]], list[_Edge]]
) -> Iterator[frozenset[int]]:
    """The strongly connected parts: each node with all that it reaches and that reach it."""
    back: dict[int, list[int]] = {node: [] for node in nodes}
    for node in sorted(nodes):
        for edge in within(node, nodes):
            back[edge.target].append(node)
    left = set(nodes)
    for node in _finished(nodes, within):
        if node in left:
            part = _reached(node, back, left)
            left -= part
            yield frozenset(part)


def _finished(
    nodes: frozenset[int], within: Callable[[int, frozenset[int]], list[_Edge]]
) -> list[int]:
    """The nodes, those first from which a depth-first search came back last."""
    done: list[int] = []
    seen: set[int] = set()
    for root in sorted(nodes):
        stack = [] if root in seen else [(root, iter(within(root, nodes)))]
        seen.add(root)
        while stack:
            node, rest = stack[-1]
            target = next((e.target for e in rest if e.target not in seen), None)
            if target is None:
                done.append(node)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(within(target, nodes))))
    return done[::-1]


def _reached(node: int, back: dict[int, list[int]], left: set[int]) -> set[int]:
    found, waiting = {node}, [node]
    while waiting:
        for source in back[waiting.pop()]:
            if source in left and source not in found:
                found.add(source)
                waiting.append(source)
    return found
