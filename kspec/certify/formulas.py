"""Values as SMT-LIB text: half of the encoder of whoever checks proofs, and nobody else's.

To be trusted, so it is small and does nothing clever. It shares no line with the engines, and does
some things another way on purpose, so that one mistake is not made twice: a value is a flat tuple
of leaves in the order of `ir.sorts.leaves`; values are canonical (what is absent is zero or
false), so equal values have equal leaves; numbers are signed and all of one width, wide enough for
every interval of the system. Known leaves are Python's, unknown ones text. Next: `meaning`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, final

from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    cardinality,
    leaf_count,
    values,
)

Leaf: TypeAlias = "bool | int | str"
Flat: TypeAlias = tuple[Leaf, ...]
World: TypeAlias = Mapping[str, tuple[Flat, Sort]]
"""What names stand for: leaves, and the sort that they are of."""

LONG: Final = 60
"""Terms that are longer get a name, so that nothing is written twice."""


@final
class Number(str):
    """The text of a term that is a number; that of a truth is a plain `str`."""


def is_number(leaf: Leaf) -> bool:
    """Is it a number and no truth?"""
    return isinstance(leaf, Number) or (isinstance(leaf, int) and not isinstance(leaf, bool))


def same(x: Leaf, y: Leaf) -> bool:
    """Is it the same term? `True` is not 1."""
    return x == y and is_number(x) == is_number(y)


def lift(sort: Sort, value: Value) -> Flat:
    """The leaves of a known value."""
    match sort, value:
        case Bool(), bool():
            return (value,)
        case Int() | Id(), int():
            return (int(value),)
        case Enum(_, cases), str():
            return (cases.index(value),)
        case Opt(of), None:
            return (False, *zeros(of))
        case Opt(of), (inner,):
            return (True, *lift(of, inner))
        case Record(_, fields), tuple():
            pairs = zip(fields, value, strict=True)
            return tuple(x for (_, s), v in pairs for x in lift(s, v))
        case Set(of), frozenset():
            return tuple(v in value for v in values(of))
        case Map(_, of), tuple():
            return tuple(x for v in value for x in lift(of, v))
        case Seq(of, cap), tuple():
            items = [x for v in value for x in lift(of, v)]
            return (len(value), *items, *(zeros(of) * (cap - len(value))))
        case _:
            raise TypeError(f"{value!r} is not of sort {sort}")


def zeros(sort: Sort) -> Flat:
    """The leaves where nothing is."""
    match sort:
        case Bool():
            return (False,)
        case Int() | Enum() | Id():
            return (0,)
        case Opt(of):
            return (False, *zeros(of))
        case Record(_, fields):
            return tuple(x for _, s in fields for x in zeros(s))
        case Set(of):
            return (False,) * cardinality(of)
        case Map(key, of):
            return zeros(of) * cardinality(key)
        case Seq(of, cap):
            return (0, *(zeros(of) * cap))


def cut_up(flat: Flat, sort: Sort) -> Iterator[Flat]:
    """The parts of a record, the values of a map, the items of a sequence (without its length)."""
    match sort:
        case Record(_, fields):
            sizes = [leaf_count(s) for _, s in fields]
        case Map(key, of):
            sizes = [leaf_count(of)] * cardinality(key)
        case Seq(of, cap):
            flat, sizes = flat[1:], [leaf_count(of)] * cap
        case _:
            raise TypeError(f"{sort} has no parts")
    for size in sizes:
        yield flat[:size]
        flat = flat[size:]


@final
class Script:
    """SMT-LIB text under construction; `width` is the bits of every number."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[str] = []
        self._named: dict[str, str] = {}

    # ---- terms --------------------------------------------------------------------------------

    def text(self, leaf: Leaf) -> str:
        """A leaf as SMT-LIB has it."""
        if isinstance(leaf, bool):
            return "true" if leaf else "false"
        if isinstance(leaf, int):
            return f"(_ bv{leaf % (1 << self.width)} {self.width})"
        return leaf

    def term(self, op: str, *args: Leaf, number: bool = False) -> str:
        """A term over others, by its name if it is long."""
        kind = Number if number else str
        text = f"({op} {' '.join(map(self.text, args))})"
        if len(text) <= LONG:
            return kind(text)
        if text not in self._named:
            name = self._named[text] = f"t{len(self._named)}"
            sort = f"(_ BitVec {self.width})" if number else "Bool"
            self.lines.append(f"(define-fun {name} () {sort} {text})")
        return kind(self._named[text])

    def require(self, truth: Leaf) -> None:
        """It is so."""
        self.lines.append(f"(assert {self.text(truth)})")

    def variable(self, sort: Sort, name: str) -> Flat:
        """Any canonical value of a sort. `name` is a word that SMT-LIB takes between bars."""
        shape = zeros(sort)
        flat = tuple(
            (Number if is_number(zero) else str)(f"|{name} {n}|") for n, zero in enumerate(shape)
        )
        for leaf in flat:
            kind = f"(_ BitVec {self.width})" if is_number(leaf) else "Bool"
            self.lines.append(f"(declare-const {leaf} {kind})")
        self.require(self.is_of(sort, flat))
        return flat

    def is_of(self, sort: Sort, flat: Flat) -> Leaf:
        """Are these the leaves of a value of the sort?"""
        match sort:
            case Bool() | Set():
                return True
            case Int(lo, hi):
                return self.both((self.le(lo, flat[0]), self.le(flat[0], hi)))
            case Enum() | Id():
                last = cardinality(sort) - 1
                return self.both((self.le(0, flat[0]), self.le(flat[0], last)))
            case Opt(of):
                nothing = self.equal(flat[1:], zeros(of))
                return self.truth_if(flat[0], self.is_of(of, flat[1:]), nothing)
            case Record(_, fields):
                parts = zip(fields, cut_up(flat, sort), strict=True)
                return self.both(self.is_of(s, part) for (_, s), part in parts)
            case Map(_, of):
                return self.both(self.is_of(of, part) for part in cut_up(flat, sort))
            case Seq(of, cap):
                inside = (
                    self.truth_if(self.lt(n, flat[0]), self.is_of(of, x), self.equal(x, zeros(of)))
                    for n, x in enumerate(cut_up(flat, sort))
                )
                return self.both((self.le(0, flat[0]), self.le(flat[0], cap), *inside))

    def no(self, a: Leaf) -> Leaf:
        """Negation."""
        return not a if isinstance(a, bool) else self.term("not", a)

    def both(self, args: Iterable[Leaf]) -> Leaf:
        """Conjunction."""
        return self._all("and", True, args)

    def any(self, args: Iterable[Leaf]) -> Leaf:
        """Disjunction."""
        return self._all("or", False, args)

    def _all(self, op: str, neutral: bool, args: Iterable[Leaf]) -> Leaf:
        kept = []
        for arg in args:
            if isinstance(arg, bool):
                if arg is not neutral:
                    return arg
            else:
                kept.append(arg)
        return self.term(op, *kept) if len(kept) > 1 else kept[0] if kept else neutral

    def truth_if(self, c: Leaf, a: Leaf, b: Leaf) -> Leaf:
        """One truth or the other."""
        return self.any((self.both((c, a)), self.both((self.no(c), b))))

    def le(self, a: Leaf, b: Leaf) -> Leaf:
        """`a <= b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a <= b
        return self.term("bvsle", a, b)

    def lt(self, a: Leaf, b: Leaf) -> Leaf:
        """`a < b`."""
        return self.no(self.le(b, a))

    def equal(self, a: Flat, b: Flat) -> Leaf:
        """Equality of values of one sort."""
        return self.both(self._same(x, y) for x, y in zip(a, b, strict=True))

    def _same(self, x: Leaf, y: Leaf) -> Leaf:
        if same(x, y):
            return True
        known = not isinstance(x, str) and not isinstance(y, str)
        return False if known else self.term("=", x, y)

    def choose(self, c: Leaf, a: Flat, b: Flat) -> Flat:
        """`a` if `c`, else `b`."""
        if isinstance(c, bool):
            return a if c else b
        return tuple(x if same(x, y) else self._if(c, x, y) for x, y in zip(a, b, strict=True))

    def _if(self, c: Leaf, x: Leaf, y: Leaf) -> Leaf:
        return self.term("ite", c, x, y, number=is_number(x))

    def pick(self, places: Sequence[tuple[Leaf, Flat]], otherwise: Flat) -> Flat:
        """The value of the first place whose condition is true."""
        for condition, flat in reversed(places):
            otherwise = self.choose(condition, flat, otherwise)
        return otherwise

    def sum(self, terms: Iterable[Leaf]) -> Leaf:
        """The sum of some numbers."""
        total: Leaf = 0
        for term in terms:
            total = self.plus("bvadd", total, term)
        return total

    def plus(self, op: str, a: Leaf, b: Leaf) -> Leaf:
        """A sum, difference or product."""
        if isinstance(a, int) and isinstance(b, int):
            return {"bvadd": a + b, "bvsub": a - b, "bvmul": a * b}[op]
        return self.term(op, a, b, number=True)

    def count(self, truths: Iterable[Leaf]) -> Leaf:
        """How many are true."""
        return self.sum(self.choose(t, (1,), (0,))[0] for t in truths)

    def contained(self, sort: Sort, flat: Flat, within: Sort) -> Leaf:
        """Is a value of `sort` one of `within` too?"""
        match sort, within:
            case Int(), Int(lo, hi):
                return self.both((self.le(lo, flat[0]), self.le(flat[0], hi)))
            case Opt(of), Opt(inner):
                return self.any((self.no(flat[0]), self.contained(of, flat[1:], inner)))
            case Set(of), Set(inner):
                allowed = set(values(inner))
                pairs = zip(values(of), flat, strict=True)
                return self.both(self.no(x) for v, x in pairs if v not in allowed)
            case Record(_, fields), Record(_, others):
                triples = zip(fields, others, cut_up(flat, sort), strict=True)
                return self.both(self.contained(s, x, t) for (_, s), (_, t), x in triples)
            case Map(_, of), Map(_, inner):
                return self.both(self.contained(of, x, inner) for x in cut_up(flat, sort))
            case Seq(of, _), Seq(inner, cap):
                inside = (
                    self.any((self.le(flat[0], n), self.contained(of, x, inner)))
                    for n, x in enumerate(cut_up(flat, sort))
                )
                return self.both((self.le(flat[0], cap), *inside))
            case _:
                return True

    def convert(self, sort: Sort, flat: Flat, to: Sort) -> Flat:
        """The same value with the leaves of another sort that has it."""
        match sort, to:
            case _ if sort == to:
                return flat
            case Opt(of), Opt(inner):
                return (flat[0], *self.convert(of, flat[1:], inner))
            case Set(of), Set(inner):
                members = dict(zip(values(of), flat, strict=True))
                return tuple(members.get(v, False) for v in values(inner))
            case Record(_, fields), Record(_, others):
                triples = zip(fields, others, cut_up(flat, sort), strict=True)
                return tuple(y for (_, s), (_, t), x in triples for y in self.convert(s, x, t))
            case Map(_, of), Map(_, inner):
                return tuple(y for x in cut_up(flat, sort) for y in self.convert(of, x, inner))
            case Seq(of, _), Seq(inner, cap):
                items = [self.convert(of, x, inner) for x in cut_up(flat, sort)]
                items = [*items[:cap], *([zeros(inner)] * (cap - len(items)))]
                return (flat[0], *(y for x in items for y in x))
            case _:
                return flat


__all__ = ["Flat", "Leaf", "Script", "World", "cut_up", "lift", "zeros"]
