"""Values as z3's terms, in the shape of their sorts: leaves, options, records, functions.

A map, and a set, is a function from keys to values; over a kind without end nothing lists its
keys. What stands where nothing is (an absent payload) is never looked at. Next: `encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.passes.sizes import Endless, Kinds, by_profile, mentions
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
    is_scalar,
    ordinal,
    values,
)

MOST_WRITTEN_OUT = 64
"""Finite quantifiers over more values than these are left to the solver."""


class NotSaid(Exception):
    """The encoding has no words for it; `why` is for people."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@final
@frozen(eq=False)
class Leaf:
    """A truth, a number, a case, an identity."""

    term: Any


@final
@frozen(eq=False)
class Maybe:
    """An option; `inner` counts only where `present` is true."""

    present: Any
    inner: Sym


@final
@frozen(eq=False)
class Tuple:
    """A record."""

    parts: tuple[Sym, ...]


@final
@frozen(eq=False)
class Function:
    """A map, or a set as a function to truths."""

    at: Callable[[Sym], Sym]


Sym: TypeAlias = "Leaf | Maybe | Tuple | Function"


@final
class Universe:
    """Sorts and symbols in one z3 context; what is made of a name is made once. `axioms` are true
    of the symbols, and belong to every question."""

    def __init__(self, kinds: Kinds) -> None:
        import z3

        self.z3 = z3
        z3.set_param("ctrl_c", False)  # see `kspec.base.blocking`
        self.context = z3.Context()
        self.kinds = kinds
        self.axioms: list[Any] = []
        self.depth = 0  # quantifiers of the solver around what is being said
        self._sorts: dict[object, Any] = {}
        self._cases: dict[object, list[Any]] = {}
        self._symbols: dict[str, Any] = {}
        self._count = 0
        self.true = z3.BoolVal(True, self.context)
        self.false = z3.BoolVal(False, self.context)

    # ---- sorts --------------------------------------------------------------------------------

    def sort(self, sort: Sort) -> Any:
        """z3's sort of a scalar one."""
        match sort:
            case Bool():
                return self.z3.BoolSort(self.context)
            case Int():
                return self.z3.IntSort(self.context)
            case Id(kind, _) if kind in self.kinds:
                key: object = ("kind", kind)
                if key not in self._sorts:
                    self._sorts[key] = self.z3.DeclareSort(kind, self.context)
                return self._sorts[key]
            case Id(kind, size):
                return self._finite(("kind", kind), kind, size)
            case Enum(name, cases):
                return self._finite(sort, name, len(cases))
            case _:
                raise NotSaid(f"a {type(sort).__name__.lower()} where one value is wanted")

    def _finite(self, key: object, name: str, size: int) -> Any:
        if key not in self._sorts:
            self._count += 1
            names = [f"{name}.{n}!{self._count}" for n in range(max(size, 1))]
            made, cases = self.z3.EnumSort(f"{name}!{self._count}", names, ctx=self.context)
            self._sorts[key], self._cases[key] = made, cases
        return self._sorts[key]

    def is_endless(self, sort: Sort) -> bool:
        """Are there values of the sort without end?"""
        return mentions(sort, self.kinds)

    # ---- literals -----------------------------------------------------------------------------

    def scalar(self, sort: Sort, value: Value) -> Any:
        """A literal of a scalar sort."""
        match sort:
            case Bool():
                return self.true if value else self.false
            case Int():
                return self.z3.IntVal(value, self.context)
            case Id(kind, _) if kind in self.kinds:
                assert isinstance(value, int)
                return self.identity(self.kinds[kind], value)
            case Id(kind, _):
                self.sort(sort)
                return self._cases["kind", kind][ordinal(sort, value)]
            case Enum():
                self.sort(sort)
                return self._cases[sort][ordinal(sort, value)]
            case _:
                raise NotSaid("a literal of many parts")

    def identity(self, of: Endless, place: int) -> Any:
        """The identity of a place: those that are written differ, and begin as they are written."""
        name = f"{of.kind}#{place}"
        if name not in self._symbols:
            made = self.z3.Const(name, self.sort(Id(of.kind, 0)))
            self._symbols[name] = made
            if place < of.written:
                self.axioms.append(self.profile(of, made, place))
        return self._symbols[name]

    def nobody(self, of: Endless) -> Any:
        """What stands where no identity is."""
        return self.constant(f"{of.kind}#", self.sort(Id(of.kind, 0)))

    def profile(self, of: Endless, term: Any, place: int) -> Any:
        """Does an identity begin like this written object? `written` stands for nobody."""
        cases = of.written + (1 if of.spare else 0)
        if cases <= 1:
            return self.true
        sort = self._finite(("profile", of.kind), f"like {of.kind}", cases)
        function = self.function(f"like {of.kind}", [self.sort(Id(of.kind, 0))], sort)
        return function(term) == self._cases["profile", of.kind][place]

    def lift(self, sort: Sort, value: Value) -> Sym:
        """A literal."""
        match sort, value:
            case Opt(of), None:
                return Maybe(self.false, self.zero(of))
            case Opt(of), (inner,):
                return Maybe(self.true, self.lift(of, inner))
            case Record(_, fields), tuple():
                pairs = zip(fields, value, strict=True)
                return Tuple(tuple(self.lift(s, v) for (_, s), v in pairs))
            case Set(of), frozenset():
                inside = [self.lift(of, v) for v in sorted(value, key=repr)]
                return Function(lambda key: Leaf(self.any(self.equal(of, key, v) for v in inside)))
            case Map(Id(kind, _) as key, of), tuple() if kind in self.kinds:
                return self._by_profile(self.kinds[kind], of, value)
            case Map(key, of), tuple():
                return self._table(key, [self.lift(of, v) for v in value])
            case _:
                if not is_scalar(sort):
                    raise NotSaid("sequences are not said of every number")
                return Leaf(self.scalar(sort, value))

    def _by_profile(self, of: Endless, sort: Sort, value: tuple[Value, ...]) -> Function:
        inside = [self.lift(sort, v) for v in by_profile(of, value)]

        def at(key: Sym) -> Sym:
            term, result = leaf(key), inside[-1]
            for place in reversed(range(len(inside) - 1)):
                result = self.choose(self.profile(of, term, place), inside[place], result)
            return result

        return Function(at)

    def _table(self, key: Sort, inside: list[Sym]) -> Function:
        if self.is_endless(key):
            raise NotSaid("a table of identities in options or records")
        lifted = list(zip((self.lift(key, v) for v in values(key)), inside, strict=True))

        def at(given: Sym) -> Sym:
            if not lifted:
                raise NotSaid("a table of nothing")
            result = lifted[-1][1]
            for k, v in reversed(lifted[:-1]):
                result = self.choose(self.equal(key, given, k), v, result)
            return result

        return Function(at)

    def zero(self, sort: Sort) -> Sym:
        """What stands where nothing is."""
        match sort:
            case Bool() | Enum() | Int():
                first = next(iter(values(sort)), None)
                return Leaf(self.scalar(sort, first)) if first is not None else Leaf(self.false)
            case Id(kind, _):
                if kind in self.kinds:
                    return Leaf(self.nobody(self.kinds[kind]))
                self.sort(sort)
                return Leaf(self._cases["kind", kind][0])
            case Opt(of):
                return Maybe(self.false, self.zero(of))
            case Record(_, fields):
                return Tuple(tuple(self.zero(s) for _, s in fields))
            case Set():
                return Function(lambda _: Leaf(self.false))
            case Map(_, of):
                return Function(lambda _: self.zero(of))
            case _:
                raise NotSaid("sequences are not said of every number")

    # ---- symbols ------------------------------------------------------------------------------

    def constant(self, name: str, sort: Any) -> Any:
        """A constant of a z3 sort."""
        if name not in self._symbols:
            self._symbols[name] = self.z3.Const(name, sort)
        return self._symbols[name]

    def function(self, name: str, keys: Sequence[Any], sort: Any) -> Any:
        """A function, or a constant where there are no keys, ready to be applied."""
        if not keys:
            made = self.constant(name, sort)
            return lambda *_: made
        if name not in self._symbols:
            self._symbols[name] = self.z3.Function(name, *keys, sort)
        return self._symbols[name]

    def knows(self, name: str) -> bool:
        """Is there a symbol of the name?"""
        return name in self._symbols

    def unique(self, name: str) -> str:
        """A name that nothing has."""
        self._count += 1
        return f"{name}!{self._count}"

    def fresh(
        self, sort: Sort, name: str, args: tuple[tuple[Sort, Any], ...] = (), ranged: bool = True
    ) -> Sym:
        """Any value of a sort, for each value of the arguments: scalar sorts with terms."""
        match sort:
            case Opt(of):
                present = self.fresh(Bool(), f"{name}?", args)
                return Maybe(leaf(present), self.fresh(of, f"{name}!", args, ranged))
            case Record(_, fields):
                parts = (self.fresh(s, f"{name}.{n}", args, ranged) for n, s in fields)
                return Tuple(tuple(parts))
            case Set(of):
                return self._fresh_function(of, Bool(), name, args, ranged)
            case Map(key, of):
                return self._fresh_function(key, of, name, args, ranged)
            case Seq():
                raise NotSaid("sequences are not said of every number")
            case _:
                return Leaf(self._fresh_scalar(sort, name, args, ranged))

    def _fresh_scalar(
        self, sort: Sort, name: str, args: tuple[tuple[Sort, Any], ...], ranged: bool
    ) -> Any:
        keys = [self.sort(s) for s, _ in args]
        is_new = name not in self._symbols
        function = self.function(name, keys, self.sort(sort))
        if is_new and ranged and isinstance(sort, Int) and sort.lo <= sort.hi:
            bound = [self.z3.Const(f"{name}:{n}", k) for n, k in enumerate(keys)]
            inside = function(*bound)
            within = self.z3.And(sort.lo <= inside, inside <= sort.hi)
            self.axioms.append(self.z3.ForAll(bound, within) if bound else within)
        return function(*(term for _, term in args))

    def _fresh_function(
        self,
        key: Sort,
        of: Sort,
        name: str,
        args: tuple[tuple[Sort, Any], ...],
        ranged: bool,
    ) -> Function:
        leaf_sorts = tuple(scalars(key))  # raises where a key is no key here

        def at(given: Sym) -> Sym:
            terms = self.flat(key, given)
            more = tuple(zip(leaf_sorts, terms, strict=True))
            return self.fresh(of, name, (*args, *more), ranged)

        return Function(at)

    def flat(self, sort: Sort, sym: Sym) -> list[Any]:
        """The leaves of a value in one form, so that equal values have equal ones."""
        match sort, sym:
            case Opt(of), Maybe(present, inner):
                shown = self.choose(present, inner, self.zero(of))
                return [present, *self.flat(of, shown)]
            case Record(_, fields), Tuple(parts):
                pairs = zip(fields, parts, strict=True)
                return [x for (_, s), p in pairs for x in self.flat(s, p)]
            case _, Leaf(term):
                return [term]
            case _:
                raise NotSaid("a set or a map as a key")

    def unflat(self, sort: Sort, terms: Iterator[Any]) -> Sym:
        """The inverse of `flat`."""
        match sort:
            case Opt(of):
                present = next(terms)
                return Maybe(present, self.unflat(of, terms))
            case Record(_, fields):
                return Tuple(tuple(self.unflat(s, terms) for _, s in fields))
            case _:
                return Leaf(next(terms))

    # ---- logic --------------------------------------------------------------------------------

    def all(self, terms: Any) -> Any:
        """Conjunction."""
        kept = [t for t in terms if not self.z3.is_true(t)]
        if any(self.z3.is_false(t) for t in kept):
            return self.false
        return kept[0] if len(kept) == 1 else (self.z3.And(kept) if kept else self.true)

    def any(self, terms: Any) -> Any:
        """Disjunction."""
        kept = [t for t in terms if not self.z3.is_false(t)]
        if any(self.z3.is_true(t) for t in kept):
            return self.true
        return kept[0] if len(kept) == 1 else (self.z3.Or(kept) if kept else self.false)

    def no(self, term: Any) -> Any:
        """Negation."""
        if self.z3.is_true(term):
            return self.false
        return self.true if self.z3.is_false(term) else self.z3.Not(term)

    def choose(self, cond: Any, a: Sym, b: Sym) -> Sym:
        """One or the other."""
        if a is b or self.z3.is_true(cond):
            return a
        if self.z3.is_false(cond):
            return b
        match a, b:
            case Leaf(x), Leaf(y):
                return a if x.eq(y) else Leaf(self.z3.If(cond, x, y))
            case Maybe(p, x), Maybe(q, y):
                present = self.choose(cond, Leaf(p), Leaf(q))
                # The payload of nothing does not matter.
                if self.z3.is_false(p):
                    return Maybe(leaf(present), y)
                if self.z3.is_false(q):
                    return Maybe(leaf(present), x)
                return Maybe(leaf(present), self.choose(cond, x, y))
            case Tuple(xs), Tuple(ys):
                pairs = zip(xs, ys, strict=True)
                return Tuple(tuple(self.choose(cond, x, y) for x, y in pairs))
            case Function(f), Function(g):
                return Function(lambda key: self.choose(cond, f(key), g(key)))
            case _:
                raise AssertionError("two shapes for one value")

    def equal(self, sort: Sort, a: Sym, b: Sym) -> Any:
        """Equality of two values in the shape of a sort."""
        match sort, a, b:
            case Opt(of), Maybe(p, x), Maybe(q, y):
                both = self.all((p, q, self.equal(of, x, y)))
                return self.any((both, self.all((self.no(p), self.no(q)))))
            case Record(_, fields), Tuple(xs), Tuple(ys):
                parts = zip(fields, xs, ys, strict=True)
                return self.all(self.equal(s, x, y) for (_, s), x, y in parts)
            case Set(of), Function(f), Function(g):
                return self.for_all(of, lambda k: leaf(f(k)) == leaf(g(k)))
            case Map(key, of), Function(f), Function(g):
                return self.for_all(key, lambda k: self.equal(of, f(k), g(k)))
            case _, Leaf(x), Leaf(y):
                return self.true if x.eq(y) else x == y
            case _:
                raise AssertionError("two shapes for one value")

    def within(self, sort: Sort, sym: Sym) -> Any:
        """Is a value of its shape one of the sort? Only numbers can be outside."""
        match sort, sym:
            case Int(lo, hi), Leaf(term):
                return self.all((self._compare(lo, term), self._compare(term, hi)))
            case Opt(of), Maybe(present, inner):
                return self.any((self.no(present), self.within(of, inner)))
            case Record(_, fields), Tuple(parts):
                pairs = zip(fields, parts, strict=True)
                return self.all(self.within(s, p) for (_, s), p in pairs)
            case Map(key, of), Function(at) if any(isinstance(s, Int) for s in insides(of)):
                return self.for_all(key, lambda k: self.within(of, at(k)))
            case _:
                return self.true

    def _compare(self, a: Any, b: Any) -> Any:
        term = self.z3.simplify(a <= b)
        return term if self.z3.is_true(term) or self.z3.is_false(term) else a <= b

    def for_all(self, sort: Sort, body: Callable[[Sym], Any]) -> Any:
        """Is it so of every value of a sort?"""
        return self._quantified(sort, body, True)

    def exists(self, sort: Sort, body: Callable[[Sym], Any]) -> Any:
        """Is it so of some value of a sort?"""
        return self._quantified(sort, body, False)

    def _quantified(self, sort: Sort, body: Callable[[Sym], Any], is_all: bool) -> Any:
        join = self.all if is_all else self.any
        if not self.is_endless(sort) and cardinality(sort) <= MOST_WRITTEN_OUT:
            return join(body(self.lift(sort, v)) for v in values(sort))
        own = [self.z3.Const(self.unique("x"), self.sort(s)) for s in scalars(sort)]
        sym = self.unflat(sort, iter(own))
        self.depth += 1
        try:
            said = body(sym)
        finally:
            self.depth -= 1
        ranged = self.within(sort, sym)
        said = self.any((self.no(ranged), said)) if is_all else self.all((ranged, said))
        if self.z3.is_true(said) or self.z3.is_false(said):
            return said
        return self.z3.ForAll(own, said) if is_all else self.z3.Exists(own, said)


def leaf(sym: Sym) -> Any:
    """The term of a scalar value."""
    assert isinstance(sym, Leaf)
    return sym.term


def scalars(sort: Sort) -> Iterator[Sort]:
    """The scalar sorts of the leaves of a key."""
    match sort:
        case Opt(of):
            yield Bool()
            yield from scalars(of)
        case Record(_, fields):
            for _, s in fields:
                yield from scalars(s)
        case Set() | Map() | Seq():
            raise NotSaid("a set, a map or a sequence as a key")
        case _:
            yield sort


def insides(sort: Sort) -> Iterator[Sort]:
    """A sort and those in it that are stored."""
    yield sort
    match sort:
        case Opt(of) | Set(of) | Seq(of, _):
            yield from insides(of)
        case Record(_, fields):
            for _, s in fields:
                yield from insides(s)
        case Map(_, of):
            yield from insides(of)
        case _:
            return


__all__ = [
    "Function",
    "Leaf",
    "Maybe",
    "NotSaid",
    "Sym",
    "Tuple",
    "Universe",
    "insides",
    "leaf",
    "scalars",
]
