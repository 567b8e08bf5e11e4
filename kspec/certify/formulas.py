"""Values as SMT-LIB text: a third of the encoder of whoever checks proofs, and nobody else's.

To be trusted, so it is small and does nothing clever. It shares no line with the engines, and does
some things another way on purpose, so that one mistake is not made twice. A value is a leaf, or its
parts by name: fields, keys, members, places. What has no part of a name has nothing there: false,
zero, no member; and so looks all that is absent. Then nothing is ever converted from sort to sort:
a value is what it is, equality is that of all parts, and a sort is a question (`is_of`). Leaves
that are known are Python's, the others text. Next: `meaning`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache, partial, reduce
from typing import Any, Final, TypeAlias, final

from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, values

Leaf: TypeAlias = "bool | int | str"
Sym: TypeAlias = Any
"""A `Leaf`; a dictionary of parts by name; None where nothing is, whatever the sort."""

Steps: TypeAlias = "tuple[dict[Any, Leaf], ...]"
"""A path: for each step, by name: is this part meant?"""

HEAD: Final = object()
"""The part of an option that says if there is anything; of a sequence, how much. No case, field or
key is called so."""
LONG: Final = 60
"""Terms that are longer get a name, so that nothing is written twice."""

TRUTHS: Final[dict[str, Callable[..., Leaf]]] = {
    "not": operator.not_,
    "=": operator.eq,
    "bvsle": operator.le,
}
NUMBERS: Final[dict[str, Callable[..., Leaf]]] = {
    "bvadd": operator.add,
    "bvsub": operator.sub,
    "bvmul": operator.mul,
    "bvsmod": operator.mod,  # has the sign of the divisor
    "bvsdiv": operator.floordiv,  # of multiples of the divisor only
}


@final
class Number(str):
    """The text of a term that is a number; that of a truth is a plain `str`."""


def is_number(sym: Sym) -> bool:
    """Is it a number and no truth?"""
    return isinstance(sym, Number) or (isinstance(sym, int) and not isinstance(sym, bool))


def zero(sort: Sort) -> Sym:
    """Where nothing is."""
    return False if isinstance(sort, Bool) else 0 if isinstance(sort, Int | Enum | Id) else {}


@lru_cache(maxsize=1 << 12)
def inside(sort: Sort) -> dict[Any, Sort]:
    """The sorts of the parts."""
    match sort:
        case Record(_, fields):
            return dict(fields)
        case Map(key, of):
            return dict.fromkeys(values(key), of)
        case Set(of):
            return dict.fromkeys(values(of), Bool())
        case Opt(of):
            return {HEAD: Bool(), 0: of}
        case Seq(of, cap):
            return {HEAD: Int(0, cap), **dict.fromkeys(range(cap), of)}
        case _:
            raise TypeError(f"{sort} has no parts")


@lru_cache(maxsize=1 << 14)
def lift(sort: Sort, value: Any) -> Sym:
    """A known value."""
    match sort:
        case Bool() | Int() | Id():
            return value
        case Enum(_, cases):
            return cases.index(value)
        case Set(of):
            return {v: True for v in values(of) if v in value}
        case Opt(of):
            return {} if value is None else {HEAD: True, 0: lift(of, value[0])}
        case Seq(of, _):
            return {HEAD: len(value), **{n: lift(of, v) for n, v in enumerate(value)}}
        case _:
            pairs = zip(inside(sort).items(), value, strict=True)
            return {name: lift(s, v) for (name, s), v in pairs}


@final
class Script:
    """SMT-LIB text under construction. `numbers` bound every number in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.numbers: set[int] = {1}
        self._names: dict[str, str] = {}

    def text(self) -> str:
        """All of it. Numbers are signed and all of one width: bits for the greatest, one for its
        sign, and room for what is on the way to a quotient."""
        width = max(map(abs, self.numbers)).bit_length() + 3
        first = ["(set-logic QF_BV)", f"(define-sort Number () (_ BitVec {width}))"]
        for n in sorted(self.numbers):
            first.append(f"(define-fun n{n} () Number (_ bv{n % (1 << width)} {width}))")
        return "\n".join((*first, *self.lines, "(check-sat)", ""))

    def term(self, op: str, *args: Leaf) -> Leaf:
        """What is known is computed; the rest is text, by a name of its own where that is long."""
        if not any(isinstance(arg, str) for arg in args):
            return NUMBERS[op](*args) if op in NUMBERS else TRUTHS[op](*args)
        is_truth = op not in NUMBERS and not (op == "ite" and is_number(args[1]))
        kind, sort = (str, "Bool") if is_truth else (Number, "Number")
        text = f"({op} {' '.join(map(self._text, args))})"
        if len(text) > LONG and text not in self._names:
            self._names[text] = f"t{len(self._names)}"
            self.lines.append(f"(define-fun {self._names[text]} () {sort} {text})")
        return kind(self._names.get(text, text))

    def _text(self, leaf: Leaf) -> str:
        if not isinstance(leaf, str) and is_number(leaf):
            self.numbers.add(leaf)
            return f"n{leaf}"
        return leaf if isinstance(leaf, str) else str(leaf).lower()

    def require(self, truth: Leaf) -> None:
        """It is so."""
        self.lines.append(f"(assert {self._text(truth)})")

    def variable(self, sort: Sort) -> Sym:
        """Anything in the shape of a sort."""
        if not isinstance(sort, Bool | Int | Enum | Id):
            return {name: self.variable(s) for name, s in inside(sort).items()}
        kind, of = (str, "Bool") if isinstance(sort, Bool) else (Number, "Number")
        self.lines.append(f"(declare-const v{len(self.lines)} {of})")
        return kind(f"v{len(self.lines) - 1}")

    # ---- truths -------------------------------------------------------------------------------

    def no(self, a: Leaf) -> Leaf:
        """Negation."""
        return self.term("not", a)

    def both(self, args: Iterable[Leaf]) -> Leaf:
        """Conjunction."""
        return self._joined("and", True, args)

    def any(self, args: Iterable[Leaf]) -> Leaf:
        """Disjunction."""
        return self._joined("or", False, args)

    def _joined(self, op: str, neutral: bool, args: Iterable[Leaf]) -> Leaf:
        kept = [arg for arg in args if arg is not neutral]
        if (not neutral) in kept:
            return not neutral
        return self.term(op, *kept) if len(kept) > 1 else kept[0] if kept else neutral

    def le(self, a: Leaf, b: Leaf) -> Leaf:
        """`a <= b`."""
        return self.term("bvsle", a, b)

    def lt(self, a: Leaf, b: Leaf) -> Leaf:
        """`a < b`."""
        return self.no(self.le(b, a))

    def equal(self, a: Sym, b: Sym) -> Leaf:
        """Are all parts equal?"""
        if isinstance(a, dict) or isinstance(b, dict):
            return self.both(self.equal(x, y) for _, x, y in _beside(a, b))
        a, b = _alike(a, b)
        return a == b or self.term("=", a, b)

    def there(self, sym: Sym, place: int) -> Leaf:
        """Has an option or a sequence anything at a place?"""
        head = sym.get(HEAD, False)
        return self.lt(place, head) if is_number(head) else head

    def is_of(self, sort: Sort, sym: Sym) -> Leaf:
        """Is it a value of the sort, and nothing where such a value has nothing?"""
        sym = zero(sort) if sym is None else sym
        match sort:
            case Bool():
                return True
            case Int(lo, hi):
                return self.both((self.le(lo, sym), self.le(sym, hi)))
            case Enum(_, cases):
                return self.is_of(Int(0, len(cases) - 1), sym)
            case Id(_, size):
                return self.is_of(Int(0, size - 1), sym)
        own = inside(sort)
        found = {name: self.is_of(s, sym.get(name)) for name, s in own.items()}
        for n in range(len(own) - 1) if HEAD in own else ():
            found[n] = self.choose(self.there(sym, n), found[n], self.equal(sym.get(n), None))
        found.update((n, self.equal(part, None)) for n, part in sym.items() if n not in own)
        return self.both(found.values())

    # ---- choices and numbers ------------------------------------------------------------------

    def choose(self, c: Leaf, a: Sym, b: Sym) -> Sym:
        """`a` if `c`, else `b`."""
        if not isinstance(c, str) or a is b:
            return a if c else b
        if isinstance(a, dict) or isinstance(b, dict):
            return {name: self.choose(c, x, y) for name, x, y in _beside(a, b)}
        a, b = _alike(a, b)
        return a if a == b else self.term("ite", c, a, b)

    def pick(self, places: Iterable[tuple[Leaf, Sym]], otherwise: Sym = None) -> Sym:
        """The first whose condition is true."""
        for condition, sym in reversed(tuple(places)):
            otherwise = self.choose(condition, sym, otherwise)
        return otherwise

    def item(self, sym: Sym, place: Leaf, otherwise: Sym = None) -> Sym:
        """What an option or a sequence has at a place."""
        items = ((n, part) for n, part in sym.items() if n != HEAD)
        at = ((self.both((self.equal(place, n), self.there(sym, n))), part) for n, part in items)
        return self.pick(at, otherwise)

    def sum(self, terms: Iterable[Leaf]) -> Leaf:
        """The sum of some numbers."""
        return reduce(partial(self.term, "bvadd"), terms, self.term("bvadd", 0, 0))

    def count(self, truths: Iterable[Leaf]) -> Leaf:
        """How many are true."""
        ones = [self.choose(truth, 1, 0) for truth in truths]
        self.numbers.add(len(ones))
        return self.sum(ones)

    def written(self, old: Sym, steps: Steps, new: Sym, when: Leaf) -> Sym:
        """A value with the part at the end of a path replaced, if it is."""
        if not steps or when is False:
            return self.choose(when, new, old)
        own, here = old or {}, {n: self.both((when, meant)) for n, meant in steps[0].items()}
        return {**own, **{n: self.written(own.get(n), steps[1:], new, c) for n, c in here.items()}}


def _beside(a: Sym, b: Sym) -> list[tuple[Any, Sym, Sym]]:
    """Parts of one name of two values."""
    a, b = a or {}, b or {}
    return [(name, a.get(name), b.get(name)) for name in {**a, **b}]


def _alike(a: Sym, b: Sym) -> tuple[Leaf, Leaf]:
    """Two leaves, with zero for a number that is not there."""
    nothing = 0 if is_number(a) or is_number(b) else False
    return (nothing if a is None else a), (nothing if b is None else b)


__all__ = ["HEAD", "Leaf", "Script", "Steps", "Sym", "inside", "lift", "zero"]
