"""Many runs at once: what a term is in thousands of states, as the bits of Python's numbers.

Bit `n` of a truth is whether it is so for walker `n`; a number is a truth for each value that some
walker has. So one pass over the terms of a step moves everybody who drew what can be done. For
guessing: a walk that is wrong would cost time, nothing else. Next: `alone`, which leaves what
walkers see broken.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from random import Random
from typing import Final, TypeAlias, final

from kspec.engines.smt.model import Model
from kspec.engines.smt.terms import Node, Number, Truth
from kspec.engines.smt.values import leaves

WALKERS: Final = 2_000
MOST_VALUES: Final = 300
"""A number with more values among walkers is too much."""
TRIES: Final = 20
"""So often a start is drawn for those who have none."""

LIKES: Final = 40
"""For so many steps walkers avoid the same moves, so that not all do what can be done at once."""

Bits: TypeAlias = int
Spread: TypeAlias = "dict[int, Bits]"
"""Who has which value; everybody has one."""
Known: TypeAlias = "dict[Node, Bits | Spread]"


class TooSpread(Exception):
    """Numbers are too many for this."""


@final
class Flock:
    """Walkers of a model. `there` are those that have begun."""

    def __init__(self, model: Model, seed: int = 0, walkers: int = WALKERS) -> None:
        self.model = model
        self.everybody: Bits = (1 << walkers) - 1
        self.walkers = walkers
        self.there: Bits = 0
        self.state: Known = {}
        self.evaluated = 0  # terms, of all walkers at once
        self._steps = 0
        self._dislikes: list[Bits] = []
        self._random = Random(seed)
        self._after = [leaf for sym in model.after for leaf in leaves(sym)]
        self._now = [leaf for sym in model.state for leaf in leaves(sym)]
        self._start = [leaf for sym in model.start for leaf in leaves(sym)]

    def begin(self) -> None:
        """Everybody who can be given a start is given one."""
        model = self.model
        self.there = 0
        for _ in range(TRIES):
            known: Known = {}
            may = self.truth(model.initial, known) & ~self.there
            self._move(may, self._start, known)
            self.there |= may
            if self.there == self.everybody:
                return

    def begin_in(self, state: dict[Node, int], done: dict[Node, int]) -> None:
        """Everybody begins where one step leads to from a state; `done` is what was drawn for it.
        Both are the values of variables."""
        self.there = self.everybody
        self.state = {leaf: self._of_all(leaf, value) for leaf, value in state.items()}
        known = dict(self.state)
        known.update((leaf, self._of_all(leaf, value)) for leaf, value in done.items())
        self._move(self.everybody, self._after, known)

    def _of_all(self, leaf: Node, value: int) -> Bits | Spread:
        if leaf.op == "flag":
            return self.everybody if value else 0
        return {value: self.everybody}

    def step(self) -> Bits:
        """Everybody draws what to do, and does it if it can be done and they like it: who did."""
        if not self.model.moves:
            return 0
        known = dict(self.state)
        may = self.truth(self.model.step, known) & self.there
        if self._steps % LIKES == 0:
            self._dislikes = [
                self._random.getrandbits(self.walkers) & self._random.getrandbits(self.walkers)
                for _ in self.model.moves
            ]
        self._steps += 1
        for move, who in self.number(self.model.chosen, known).items():
            may &= ~(who & self._dislikes[move])
        if may:
            self._move(may, self._after, known)
        self.evaluated += len(known) - len(self.state)
        return may

    def _move(self, who: Bits, into: list[Number | Truth], known: Known) -> None:
        moved: Known = {}
        for own, new in zip(self._now, into, strict=True):
            if isinstance(own, Node) and own is not new:
                if own.op == "flag":
                    old = self.state.get(own, 0)
                    assert isinstance(old, int)
                    moved[own] = self.truth(new, known) & who | old & ~who  # type: ignore[arg-type]
                else:
                    before = self.state.get(own, {})
                    assert isinstance(before, dict)
                    moved[own] = _merged(who, self.number(new, known), before)
        self.state.update(moved)

    # ---- terms --------------------------------------------------------------------------------

    def truth(self, term: Truth, known: Known) -> Bits:
        """Of whom it is so."""
        if isinstance(term, bool):
            return self.everybody if term else 0
        found = self._made(term, known)
        assert isinstance(found, int)
        return found

    def number(self, term: Number, known: Known) -> Spread:
        """Who has which value."""
        if not isinstance(term, Node):
            return {int(term): self.everybody}
        found = self._made(term, known)
        assert isinstance(found, dict)
        return found

    def _made(self, term: Node, known: Known) -> Bits | Spread:
        stack = [term]
        while stack:
            node = stack[-1]
            if node in known:
                stack.pop()
                continue
            missing = [a for a in node.args if isinstance(a, Node) and a not in known]
            if missing:
                stack.extend(missing)
            else:
                known[node] = self._evaluated(node, known)
                stack.pop()
        return known[term]

    def _evaluated(self, node: Node, known: Known) -> Bits | Spread:
        match node.op:
            case "flag":
                return self._random.getrandbits(self.walkers)
            case "number":
                return self._drawn(node.lo, node.hi)
            case "not" | "and" | "or" | "if-truth":
                return self._joined(node.op, [self._bits(arg, known) for arg in node.args])
            case "=" | "<=":
                return self._compared(node, known)
            case "if":
                c, a, b = node.args
                return _merged(self._bits(c, known), self.number(a, known), self.number(b, known))
            case op:
                a, b = node.args
                return _calculated(op, self.number(a, known), self.number(b, known))

    def _bits(self, arg: Node | int, known: Known) -> Bits:
        found = known[arg] if isinstance(arg, Node) else self.everybody if arg else 0
        assert isinstance(found, int)
        return found

    def _joined(self, op: str, args: list[Bits]) -> Bits:
        match op:
            case "not":
                return self.everybody & ~args[0]
            case "and":
                return reduce(and_, args)
            case "or":
                return reduce(or_, args)
            case _:
                c, a, b = args
                return c & a | b & ~c

    def _compared(self, node: Node, known: Known) -> Bits:
        one, other = (self.number(arg, known) for arg in node.args)
        found = 0
        for value, who in one.items():
            for than, whose in other.items():
                if value == than or (node.op == "<=" and value < than):
                    found |= who & whose
        return found

    def _drawn(self, lo: int, hi: int) -> Spread:
        """A value for everybody, by halving."""
        if hi - lo >= MOST_VALUES:
            raise TooSpread
        found: Spread = {}
        waiting = [(lo, hi, self.everybody)]
        while waiting:
            a, b, who = waiting.pop()
            if not who:
                continue
            if a == b:
                found[a] = who
                continue
            middle = (a + b) // 2
            left = who & self._random.getrandbits(self.walkers)
            waiting += [(a, middle, left), (middle + 1, b, who & ~left)]
        return found


def _merged(who: Bits, one: Spread, other: Spread) -> Spread:
    """The first for some, the other for the rest."""
    found = {value: mine for value, whose in one.items() if (mine := whose & who)}
    for value, whose in other.items():
        rest = whose & ~who
        if rest:
            found[value] = found.get(value, 0) | rest
    return found


def _calculated(op: str, one: Spread, other: Spread) -> Spread:
    found: Spread = {}
    for a, who in one.items():
        for b, whose in other.items():
            both = who & whose
            if both:
                value = _applied(op, a, b)
                found[value] = found.get(value, 0) | both
    if len(found) > MOST_VALUES:
        raise TooSpread
    return found


def _applied(op: str, a: int, b: int) -> int:
    match op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "div":
            return a // b if b > 0 else 0
        case "mod":
            return a % b if b > 0 else 0
        case _:
            raise AssertionError(op)


__all__ = ["Flock", "TooSpread"]
