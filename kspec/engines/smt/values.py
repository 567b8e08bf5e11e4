"""Values that are not known yet: terms in the shape of a sort.

=====================  ====================================================================
sort                   what stands for a value
=====================  ====================================================================
`Bool`                 a truth
`Int`                  a number
`Enum`, `Id`           a number: the place of the case, of the identity
`Opt`                  (is there anything, the payload); without anything the payload is any
`Record`               one a field
`Set`                  a truth for each value of the element sort, in order: is it in?
`Map`                  one a value of the key sort, in order
`Seq`                  (the length, one for each of `cap` places); past the length, any
=====================  ====================================================================

Everything here is directed by sorts, since a tuple does not know what it is. Equality is that of
values: what stands where nothing is does not count. Next: `encode`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias, assert_never, final

from kspec.engines.smt.terms import Node, Number, Terms, Truth, high, low
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
    values,
)

Sym: TypeAlias = "bool | int | Node | tuple[Sym, ...]"


def truth(sym: Sym) -> Truth:
    """What stands for a truth value."""
    assert isinstance(sym, bool | Node), sym
    return sym


def number(sym: Sym) -> Number:
    """What stands for a number."""
    assert isinstance(sym, int | Node) and not isinstance(sym, bool), sym
    return sym


def parts(sym: Sym) -> tuple[Sym, ...]:
    """What stands for a compound value."""
    assert isinstance(sym, tuple), sym
    return sym


def option(sym: Sym) -> tuple[Truth, Sym]:
    """Whether there is anything, and what."""
    given, payload = parts(sym)
    return truth(given), payload


def row(sym: Sym) -> tuple[Number, tuple[Sym, ...]]:
    """The length of a sequence, and its places."""
    length, items = parts(sym)
    return number(length), parts(items)


def lift(sort: Sort, value: Value) -> Sym:
    """What stands for a known value."""
    match sort:
        case Bool():
            return bool(value)
        case Int() | Id():
            assert isinstance(value, int)
            return int(value)
        case Enum(_, cases):
            assert isinstance(value, str)
            return cases.index(value)
        case Opt(of):
            if value is None:
                return (False, blank(of))
            assert isinstance(value, tuple)
            return (True, lift(of, value[0]))
        case Record(_, fields):
            assert isinstance(value, tuple)
            return tuple(lift(s, v) for (_, s), v in zip(fields, value, strict=True))
        case Set(of):
            assert isinstance(value, frozenset)
            return tuple(element in value for element in values(of))
        case Map(_, of):
            assert isinstance(value, tuple)
            return tuple(lift(of, v) for v in value)
        case Seq(of, cap):
            assert isinstance(value, tuple)
            rest = (blank(of),) * (cap - len(value))
            return (len(value), (*(lift(of, v) for v in value), *rest))
        case _:
            assert_never(sort)


def blank(sort: Sort) -> Sym:
    """Something in the shape of a sort, for where no value is; also of sorts that have none."""
    match sort:
        case Bool():
            return False
        case Int(lo, _):
            return lo
        case Enum() | Id():
            return 0
        case Opt(of):
            return (False, blank(of))
        case Record(_, fields):
            return tuple(blank(s) for _, s in fields)
        case Set(of):
            return (False,) * cardinality(of)
        case Map(key, of):
            return (blank(of),) * cardinality(key)
        case Seq(of, cap):
            return (0, (blank(of),) * cap)
        case _:
            assert_never(sort)


def leaves(sym: Sym) -> Iterator[Truth | Number]:
    """The terms in a value, in order."""
    if isinstance(sym, tuple):
        for part in sym:
            yield from leaves(part)
    else:
        yield sym


@final
class Values:
    """Makes and compares what stands for values."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms

    def fresh(self, sort: Sort, name: str) -> Sym:
        """Variables that together can be every value of a sort, and nothing else. A sort without
        values gives its blank."""
        terms = self.terms
        match sort:
            case Bool():
                return terms.flag(name)
            case Int(lo, hi):
                return terms.number(name, lo, max(lo, hi))
            case Enum(_, cases):
                return terms.number(name, 0, max(0, len(cases) - 1))
            case Id(_, size):
                return terms.number(name, 0, max(0, size - 1))
            case Opt(of):
                if cardinality(of) == 0:
                    return (False, blank(of))
                return (terms.flag(f"{name}?"), self.fresh(of, f"{name}!"))
            case Record(_, fields):
                return tuple(self.fresh(s, f"{name}.{n}") for n, s in fields)
            case Set(of):
                return tuple(terms.flag(f"{name}{{{n}}}") for n in range(cardinality(of)))
            case Map(key, of):
                return tuple(self.fresh(of, f"{name}[{n}]") for n in range(cardinality(key)))
            case Seq(of, cap):
                room = cap if cardinality(of) else 0
                items = tuple(self.fresh(of, f"{name}<{n}>") for n in range(cap))
                return (terms.number(f"{name}#", 0, room), items)
            case _:
                assert_never(sort)

    def same(self, sort: Sort, a: Sym, b: Sym) -> Truth:
        """Are these equal values of one sort?"""
        if a is b:
            return True
        terms = self.terms
        match sort:
            case Bool():
                return terms.iff(truth(a), truth(b))
            case Int() | Enum() | Id():
                return terms.equal(number(a), number(b))
            case Opt(of):
                (given, inner), (other, payload) = option(a), option(b)
                both = terms.implies(given, self.same(of, inner, payload))
                return terms.and_((terms.iff(given, other), both))
            case Record(_, fields):
                pairs = zip(fields, parts(a), parts(b), strict=True)
                return terms.and_(self.same(s, x, y) for (_, s), x, y in pairs)
            case Set():
                pairs2 = zip(parts(a), parts(b), strict=True)
                return terms.and_(terms.iff(truth(x), truth(y)) for x, y in pairs2)
            case Map(_, of):
                pairs2 = zip(parts(a), parts(b), strict=True)
                return terms.and_(self.same(of, x, y) for x, y in pairs2)
            case Seq(of, _):
                (length, items), (other_length, others) = row(a), row(b)
                inside = (
                    terms.implies(terms.less(n, length), self.same(of, x, y))
                    for n, (x, y) in enumerate(zip(items, others, strict=True))
                )
                return terms.and_((terms.equal(length, other_length), *inside))
            case _:
                assert_never(sort)

    def choose(self, c: Truth, a: Sym, b: Sym) -> Sym:
        """`a` if `c`, else `b`; both in one shape."""
        if isinstance(c, bool):
            return a if c else b
        if a is b:
            return a
        if isinstance(a, tuple):
            assert isinstance(b, tuple)
            return tuple(self.choose(c, x, y) for x, y in zip(a, b, strict=True))
        if isinstance(a, bool) or isinstance(b, bool) or _is_truth(a):
            return self.terms.if_truth(c, truth(a), truth(b))
        return self.terms.if_number(c, number(a), number(b))

    def contained(self, sort: Sort, a: Sym, within: Sort) -> Truth:
        """Is this value of `sort` also one of `within`? The sorts are joinable."""
        terms = self.terms
        match sort, within:
            case Int(), Int(lo, hi):
                x = number(a)
                return terms.and_((terms.at_most(lo, x), terms.at_most(x, hi)))
            case Opt(of), Opt(inner):
                given, payload = option(a)
                return terms.implies(given, self.contained(of, payload, inner))
            case Record(_, fields), Record(_, others):
                triples = zip(fields, parts(a), others, strict=True)
                return terms.and_(self.contained(s, x, t) for (_, s), x, (_, t) in triples)
            case Set(of), Set(inner):
                allowed = frozenset(values(inner))
                members = zip(values(of), parts(a), strict=True)
                return terms.and_(terms.not_(truth(x)) for v, x in members if v not in allowed)
            case Map(_, of), Map(_, inner):
                return terms.and_(self.contained(of, x, inner) for x in parts(a))
            case Seq(of, _), Seq(inner, cap):
                length, items = row(a)
                inside = (
                    terms.implies(terms.less(n, length), self.contained(of, x, inner))
                    for n, x in enumerate(items)
                )
                return terms.and_((terms.at_most(length, cap), *inside))
            case _:
                return True

    def convert(self, sort: Sort, a: Sym, to: Sort) -> Sym:
        """A value of `sort` in the shape of `to`; the same value wherever it is contained."""
        if sort == to:
            return a
        match sort, to:
            case Int(), Int(lo, hi):
                return self._clipped(number(a), lo, hi)
            case Opt(of), Opt(inner):
                given, payload = option(a)
                return (given, self.convert(of, payload, inner))
            case Record(_, fields), Record(_, others):
                triples = zip(fields, parts(a), others, strict=True)
                return tuple(self.convert(s, x, t) for (_, s), x, (_, t) in triples)
            case Set(of), Set(inner):
                members = dict(zip(values(of), parts(a), strict=True))
                return tuple(members.get(v, False) for v in values(inner))
            case Map(_, of), Map(_, inner):
                return tuple(self.convert(of, x, inner) for x in parts(a))
            case Seq(of, _), Seq(inner, cap):
                length, items = row(a)
                kept = [self.convert(of, x, inner) for x in items[:cap]]
                kept += [blank(inner)] * (cap - len(kept))
                return (self._clipped(length, 0, cap), tuple(kept))
            case _:
                return a

    def _clipped(self, x: Number, lo: int, hi: int) -> Number:
        """The same number where it lies in between. Elsewhere it does not matter what: nobody
        reads it, but it must not leave the room that it is stored in."""
        terms = self.terms
        if lo > hi or (lo <= low(x) and high(x) <= hi):
            return x
        return terms.if_number(terms.and_((terms.at_most(lo, x), terms.at_most(x, hi))), x, lo)

    def pick(self, places: Sequence[tuple[Truth, Sym]], otherwise: Sym) -> Sym:
        """The value of the first place whose condition is true."""
        found = otherwise
        for condition, sym in reversed(places):
            found = self.choose(condition, sym, found)
        return found


def _is_truth(sym: Sym) -> bool:
    return isinstance(sym, Node) and sym.op in ("flag", "not", "and", "or", "if-truth", "<=", "=")


__all__ = ["Sym", "Values", "blank", "leaves", "lift", "number", "option", "parts", "row", "truth"]
