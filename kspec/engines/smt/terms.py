"""Formulas as data: interned terms of two kinds, truths and numbers, that fold as they are made.

A truth is a Python `bool` or a `Node`, a number an `int` or a `Node` that knows the interval it
lies in. Interned: equal terms are the same object, so `is` compares and sharing costs nothing.
Folding must be exact; it is what makes quantifiers over known objects disappear. No solver is
known here. Next: `values` for terms of compound sorts, `solver` for what becomes of terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias, final


@final
class Node:
    """A term that is no constant. `op` is one of `TRUTHS` or `NUMBERS`; `lo` and `hi` bound a
    number. `name` is a variable's."""

    __slots__ = ("args", "hi", "lo", "name", "op", "place")

    def __init__(
        self, op: str, args: tuple[Node | int, ...], lo: int, hi: int, name: str, place: int
    ) -> None:
        self.op = op
        self.args = args
        self.lo = lo
        self.hi = hi
        self.name = name
        self.place = place

    def __repr__(self) -> str:
        return self.name or f"({self.op} {' '.join(map(repr, self.args))})"


Truth: TypeAlias = "bool | Node"
Number: TypeAlias = "int | Node"

TRUTHS: Final = ("flag", "not", "and", "or", "if-truth", "<=", "=")
NUMBERS: Final = ("number", "+", "-", "*", "div", "mod", "if")


def low(x: Number) -> int:
    """The least value that a number can have."""
    return x.lo if isinstance(x, Node) else x


def high(x: Number) -> int:
    """The greatest value that a number can have."""
    return x.hi if isinstance(x, Node) else x


@final
class Terms:
    """Where terms are made; terms of different makers must not be mixed."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Node] = {}
        self._equal: dict[tuple[Number, Number], Truth] = {}

    def _node(
        self, op: str, args: tuple[Node | int, ...], lo: int = 0, hi: int = 1, name: str = ""
    ) -> Node:
        # `True` and `1` are one dict key, so truths among arguments are always nodes.
        key = (op, args, name, lo, hi) if not args else (op, args)
        found = self._made.get(key)
        if found is None:
            found = Node(op, args, lo, hi, name, len(self._made))
            self._made[key] = found
        return found

    # ---- truths -------------------------------------------------------------------------------

    def flag(self, name: str) -> Truth:
        """A variable that is true or false."""
        return self._node("flag", (), name=name)

    def not_(self, a: Truth) -> Truth:
        """Negation."""
        if isinstance(a, bool):
            return not a
        if a.op == "not":
            inner = a.args[0]
            assert isinstance(inner, Node)
            return inner
        return self._node("not", (a,))

    def and_(self, args: Iterable[Truth]) -> Truth:
        """True of no arguments."""
        return self._joined("and", args, neutral=True)

    def or_(self, args: Iterable[Truth]) -> Truth:
        """False of no arguments."""
        return self._joined("or", args, neutral=False)

    def _joined(self, op: str, args: Iterable[Truth], neutral: bool) -> Truth:
        kept: dict[Node, None] = {}
        for arg in args:
            if isinstance(arg, bool):
                if arg is not neutral:
                    return arg
            elif arg.op == op:
                kept.update((inner, None) for inner in arg.args if isinstance(inner, Node))
            else:
                kept[arg] = None
        for arg in kept:
            if arg.op == "not" and arg.args[0] in kept:
                return not neutral
        if len(kept) < 2:
            return next(iter(kept), neutral)
        return self._node(op, tuple(kept))

    def implies(self, a: Truth, b: Truth) -> Truth:
        """`b` if `a`."""
        return self.or_((self.not_(a), b))

    def iff(self, a: Truth, b: Truth) -> Truth:
        """Are both the same?"""
        return self.if_truth(a, b, self.not_(b))

    def if_truth(self, c: Truth, a: Truth, b: Truth) -> Truth:
        """`a` if `c`, else `b`."""
        if isinstance(c, bool):
            return a if c else b
        if a is b:
            return a
        if c.op == "not":
            inner = c.args[0]
            assert isinstance(inner, Node)
            return self.if_truth(inner, b, a)
        if isinstance(a, bool) or a is c:
            rest = self.and_((self.not_(c), b))
            return self.or_((c, b)) if a is True or a is c else rest
        if isinstance(b, bool) or b is c:
            return self.or_((self.not_(c), a)) if b is True else self.and_((c, a))
        return self._node("if-truth", (c, a, b))

    def at_most(self, a: Number, b: Number) -> Truth:
        """`a <= b`."""
        if high(a) <= low(b) or a is b:
            return True
        if low(a) > high(b):
            return False
        return self._node("<=", (a, b))

    def less(self, a: Number, b: Number) -> Truth:
        """`a < b`."""
        return self.not_(self.at_most(b, a))

    def equal(self, a: Number, b: Number) -> Truth:
        """`a = b`."""
        if isinstance(a, int):
            if isinstance(b, int):
                return a == b
            a, b = b, a
        if a is b:
            return True
        if low(a) > high(b) or high(a) < low(b):
            return False
        found = self._equal.get((a, b))
        if found is None:
            found = self._equal[a, b] = self._equality(a, b)
        return found

    def _equality(self, a: Node, b: Number) -> Truth:
        if isinstance(b, int) and a.op == "if":
            c, then, other = a.args
            assert isinstance(c, Node)
            if isinstance(then, int) or isinstance(other, int):
                return self.if_truth(c, self.equal(then, b), self.equal(other, b))
        if isinstance(b, Node) and b.place < a.place:
            a, b = b, a
        return self._node("=", (a, b))

    # ---- numbers ------------------------------------------------------------------------------

    def number(self, name: str, lo: int, hi: int) -> Number:
        """A variable from `lo` to `hi`, both included; a constant if there is no choice."""
        return lo if lo == hi else self._node("number", (), lo, hi, name)

    def if_number(self, c: Truth, a: Number, b: Number) -> Number:
        """`a` if `c`, else `b`."""
        if isinstance(c, bool):
            return a if c else b
        if a is b or (isinstance(a, int) and isinstance(b, int) and a == b):
            return a
        if c.op == "not":
            inner = c.args[0]
            assert isinstance(inner, Node)
            return self.if_number(inner, b, a)
        return self._node("if", (c, a, b), min(low(a), low(b)), max(high(a), high(b)))

    def plus(self, a: Number, b: Number) -> Number:
        """The sum."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0:
            return b
        if b == 0:
            return a
        return self._node("+", (a, b), low(a) + low(b), high(a) + high(b))

    def minus(self, a: Number, b: Number) -> Number:
        """The difference."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        if b == 0:
            return a
        return self._node("-", (a, b), low(a) - high(b), high(a) - low(b))

    def times(self, a: Number, b: Number) -> Number:
        """The product."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if 0 in (a, b):
            return 0
        if a == 1:
            return b
        if b == 1:
            return a
        corners = [x * y for x in (low(a), high(a)) for y in (low(b), high(b))]
        return self._node("*", (a, b), min(corners), max(corners))

    def div(self, a: Number, b: Number) -> Number:
        """The quotient rounded down, by a positive number."""
        if isinstance(a, int) and isinstance(b, int):
            return a // b
        least = max(1, low(b))
        corners = [x // y for x in (low(a), high(a)) for y in (least, max(least, high(b)))]
        return self._node("div", (a, b), min(corners), max(corners))

    def mod(self, a: Number, b: Number) -> Number:
        """What `div` leaves: from 0 to the divisor less one."""
        if isinstance(a, int) and isinstance(b, int):
            return a % b
        return self._node("mod", (a, b), 0, max(0, high(b) - 1))

    def least(self, a: Number, b: Number) -> Number:
        """The lesser one."""
        return self.if_number(self.at_most(a, b), a, b)

    def greatest(self, a: Number, b: Number) -> Number:
        """The greater one."""
        return self.if_number(self.at_most(a, b), b, a)

    def sum(self, terms: Sequence[Number]) -> Number:
        """The sum of all, added in pairs so that intermediate numbers stay small."""
        level = list(terms)
        while len(level) > 1:
            pairs = [self.plus(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
            level = [*pairs, *level[len(pairs) * 2 :]]
        return level[0] if level else 0

    def how_many(self, truths: Iterable[Truth]) -> Number:
        """How many are true."""
        return self.sum([self.if_number(t, 1, 0) for t in truths if t is not False])


__all__ = ["NUMBERS", "Node", "Number", "TRUTHS", "Terms", "Truth", "high", "low"]
