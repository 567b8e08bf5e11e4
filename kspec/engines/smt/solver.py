"""The only module that knows z3: terms become z3's, questions are asked under limits.

Numbers become bit-vectors just wide enough for their interval, so nothing wraps. Limits that
decide anything are z3's own resource count, which is the same on every machine; a limit of time
can only turn an answer into `GaveUp`. z3 is loaded when the first solver is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeAlias, assert_never, final

from kspec.base.blocking import blocking
from kspec.base.record import frozen
from kspec.engines.smt.terms import Node, Number, Truth, high, low

if TYPE_CHECKING:
    import z3

LOGIC: Final = "QF_FD"

RESOURCES: Final = "rlimit count"
RLIMIT: Final = 200_000_000
"""What one question may cost, in z3's units; some minutes."""


@final
@frozen
class Limits:
    """What a question may cost. `deadline` tells how many seconds are left, None for any."""

    rlimit: int = RLIMIT
    seconds_left: Callable[[], float] | None = None


@final
@frozen(eq=False)
class Sat:
    """There is a solution."""

    model: Any


@final
@frozen
class Unsat:
    """There is none."""


@final
@frozen
class GaveUp:
    """The solver does not know, in its own words."""

    reason: str


Outcome: TypeAlias = Sat | Unsat | GaveUp


def width(lo: int, hi: int) -> int:
    """How many bits hold every number from `lo` to `hi`: with a sign where `lo` is negative."""
    if lo >= 0:
        return max(1, hi.bit_length())
    return max((-lo - 1).bit_length(), hi.bit_length()) + 1


@final
class Translator:
    """Terms to z3, each once. `ranges` holds for every variable what its interval says that its
    bits do not."""

    def __init__(self) -> None:
        import z3

        self.z3 = z3
        # z3 would hear Ctrl-C in the place of whoever is to hear it: see `blocking`.
        z3.set_param("ctrl_c", False)
        # One of its own, so that no answer depends on what was asked before.
        self.context = z3.Context()
        self.ranges: dict[Node, Any] = {}
        self._done: dict[Node, Any] = {}

    def truth(self, term: Truth) -> Any:
        """A z3 truth."""
        return self.z3.BoolVal(term, self.context) if isinstance(term, bool) else self._made(term)

    def number(self, term: Number, lo: int, hi: int) -> Any:
        """A z3 bit-vector in the width that `lo` to `hi` needs; they hold the term's interval."""
        wide = width(lo, hi)
        if not isinstance(term, Node):
            return self.z3.BitVecVal(term, wide, self.context)
        made, own = self._made(term), width(term.lo, term.hi)
        if own == wide:
            return made
        extend = self.z3.SignExt if term.lo < 0 else self.z3.ZeroExt
        return extend(wide - own, made)

    def _made(self, term: Node) -> Any:
        stack = [term]
        while stack:
            node = stack[-1]
            if node in self._done:
                stack.pop()
                continue
            missing = [a for a in node.args if isinstance(a, Node) and a not in self._done]
            if missing:
                stack.extend(missing)
            else:
                self._done[node] = self._translated(node)
                stack.pop()
        return self._done[term]

    def _translated(self, node: Node) -> Any:
        z3 = self.z3
        match node.op:
            case "flag":
                return z3.Bool(node.name, self.context)
            case "not":
                return z3.Not(self._done[_node(node.args[0])])
            case "and":
                return z3.And([self._done[_node(a)] for a in node.args])
            case "or":
                return z3.Or([self._done[_node(a)] for a in node.args])
            case "if-truth":
                return z3.If(*(self.truth(_node(a)) for a in node.args))
            case "<=" | "=":
                return self._compared(node)
            case "number":
                return self._variable(node)
            case "if":
                c, a, b = node.args
                inner = (self.number(x, node.lo, node.hi) for x in (a, b))
                return z3.If(self._done[_node(c)], *inner)
            case _:
                return self._operation(node)

    def _variable(self, node: Node) -> Any:
        z3, wide = self.z3, width(node.lo, node.hi)
        made = z3.BitVec(node.name, wide, self.context)
        below = made <= node.hi if node.lo < 0 else z3.ULE(made, node.hi)
        above = made >= node.lo if node.lo < 0 else z3.UGE(made, node.lo)
        self.ranges[node] = z3.And(below, above)
        return made

    def _compared(self, node: Node) -> Any:
        a, b = node.args
        lo, hi = min(low(a), low(b)), max(high(a), high(b))
        x, y = self.number(a, lo, hi), self.number(b, lo, hi)
        if node.op == "=":
            return x == y
        return x <= y if lo < 0 else self.z3.ULE(x, y)

    def _operation(self, node: Node) -> Any:
        z3 = self.z3
        a, b = node.args
        lo, hi = min(low(a), low(b), node.lo), max(high(a), high(b), node.hi)
        if node.op == "div" and lo < 0:
            lo = lo * 2 - hi  # room for the dividend less its remainder
        x, y = self.number(a, lo, hi), self.number(b, lo, hi)
        match node.op:
            case "+":
                found = x + y
            case "-":
                found = x - y
            case "*":
                found = x * y
            case "mod":
                found = x % y if lo < 0 else z3.URem(x, y)
            case "div":
                found = (x - x % y) / y if lo < 0 else z3.UDiv(x, y)
            case _:
                raise AssertionError(node.op)
        wide = width(node.lo, node.hi)
        return found if wide == found.size() else z3.Extract(wide - 1, 0, found)


def _node(term: Node | int) -> Node:
    assert isinstance(term, Node)
    return term


@final
class Solver:
    """One z3 solver with its limits; `spent` is what all questions have cost so far."""

    def __init__(self, limits: Limits, context: Any) -> None:
        import z3

        self.z3 = z3
        self.limits = limits
        self.context = context
        self.spent = 0
        self._asked = 0
        self._solver: z3.Solver = z3.SolverFor(LOGIC, ctx=context)
        self._solver.set("rlimit", limits.rlimit)
        self._solver.set("random_seed", 0)

    def add(self, formulas: Iterable[Any]) -> None:
        """Something that is so from now on."""
        for formula in formulas:
            self._solver.add(formula)

    def check(self, assumed: Sequence[Any]) -> Outcome:
        """Is there a solution in which all of this is so too?"""
        left = self.limits.seconds_left
        if left is not None:
            if left() <= 0:
                return GaveUp("timeout")
            self._solver.set("timeout", max(1, int(left() * 1000)))
        asked = []
        for formula in assumed:
            literal = self.z3.Bool(f"ask!{self._asked}", self.context)
            self._asked += 1
            self._solver.add(self.z3.Implies(literal, formula))
            asked.append(literal)
        before = self._count()
        outcome = self._outcome(asked)
        self.spent += max(0, self._count() - before)
        return outcome

    def ask(self, literals: Sequence[Any]) -> Outcome:
        """As `check`, of literals alone; what it costs is for `settle` to find out."""
        left = self.limits.seconds_left
        if left is not None and left() <= 0:
            return GaveUp("timeout")
        return self._outcome(literals)

    def core(self) -> frozenset[int]:
        """Which literals were enough, if there was no solution: their z3 numbers."""
        return frozenset(literal.get_id() for literal in self._solver.unsat_core())

    def settle(self) -> None:
        """Find out what the questions of a context that nobody else uses have cost."""
        self.spent = self._count()

    def _outcome(self, asked: Sequence[Any]) -> Outcome:
        with blocking(self.context.interrupt):
            result = self._solver.check(*asked)
        if result == self.z3.sat:
            return Sat(self._solver.model())
        if result == self.z3.unsat:
            return Unsat()
        left = self.limits.seconds_left
        if left is not None and left() <= 0:
            return GaveUp("timeout")
        return GaveUp(str(self._solver.reason_unknown()))

    def _count(self) -> int:
        """What everything in this context has cost: only a solver that has been asked knows."""
        probe = self.z3.Solver(ctx=self.context)
        probe.check()
        statistics = probe.statistics()
        keys = statistics.keys()
        return int(statistics.get_key_value(RESOURCES)) if RESOURCES in keys else 0


def limit_memory(size: int) -> None:
    """What z3 may take in all, in bytes, from here on; what needs more ends with an exception that
    `is_out_of_memory` knows."""
    import z3

    z3.set_param("memory_max_size", max(1, size >> 20))


def is_out_of_memory(error: BaseException) -> bool:
    """Was there no memory left, for Python or for z3?"""
    is_z3s = type(error).__name__ == "Z3Exception" and "out of memory" in str(error)
    return isinstance(error, MemoryError) or is_z3s


def described(outcome: Outcome) -> str:
    """For people."""
    match outcome:
        case Sat():
            return "sat"
        case Unsat():
            return "unsat"
        case GaveUp(reason):
            return f"unknown ({reason})"
        case _:
            assert_never(outcome)


__all__ = [
    "GaveUp",
    "Limits",
    "Outcome",
    "Sat",
    "Solver",
    "Translator",
    "Unsat",
    "is_out_of_memory",
    "limit_memory",
    "width",
]
