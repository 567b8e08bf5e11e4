"""Values as rows of leaves, each a function of the identities that it is looked up by.

Cases and known identities are numbers; an absent option has a payload all the same, that of place
0. A kind without end is a sort of which nothing is known but that each identity begins like a
written object or like nobody. Next: `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kspec.certify.anysize.words import (
    LOGIC,
    MOST,
    Flat,
    Form,
    Leaf,
    Unsaid,
    agree,
    all_of,
    always,
    any_of,
    behind,
    free_of_numbers,
    negated,
    numeral,
    one_of,
    same,
    sort_name,
    stored_in,
)
from kspec.certify.obligations import Unfounded
from kspec.ir.passes.sizes import Kinds, by_profile, mentions
from kspec.ir.sorts import (
    Bool,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Set,
    Sort,
    Value,
    cardinality,
    is_scalar,
    ordinal,
    values,
)
from kspec.ir.system import System


class Rows:
    """Declarations and what is required. `deep` counts the quantifiers around."""

    def __init__(self, system: System, kinds: Kinds) -> None:
        if {"Int", "Bool"} & set(kinds):
            raise Unfounded("kinds called Int or Bool are not proved of every number")
        self.system = system
        self.kinds = kinds
        self.lines = [f"(declare-sort {sort_name(kind)} 0)" for kind in sorted(kinds)]
        self.known: set[str] = set()
        self.deep = 0
        self.count = 0
        self.names: dict[tuple[Form, tuple[Sort, ...], str], str] = {}
        self.sorts = {v.name: v.sort for v in system.variables}
        self.sorts |= {c.name: c.sort for c in system.constants}
        self.fixed: dict[str, Flat] = {}
        for constant in system.constants:
            try:
                self.fixed[constant.name] = self.lift(constant.sort, constant.value)
            except Unsaid:
                continue

    def require(self, formula: str) -> None:
        """Something that is so."""
        self.lines.append(f"(assert {formula})")

    def text(self) -> str:
        """The whole script."""
        return "\n".join((LOGIC, *self.lines, "(check-sat)", ""))

    # ---- shapes -------------------------------------------------------------------------------

    def endless(self, sort: Sort) -> str | None:
        """The kind without end that a sort is of."""
        return sort.kind if isinstance(sort, Id) and sort.kind in self.kinds else None

    def leaves(self, sort: Sort) -> list[tuple[tuple[str, ...], Sort]]:
        """For each leaf the kinds that it is looked up by, and its scalar sort."""
        match sort:
            case Opt(of):
                return [((), Bool()), *self.leaves(of)]
            case Record(_, fields):
                return [x for _, s in fields for x in self.leaves(s)]
            case Set(of):
                return self.leaves(Map(of, Bool()))
            case Map(key, of):
                kind = self.endless(key)
                if kind is not None:
                    return [((kind, *args), s) for args, s in self.leaves(of)]
                if mentions(key, self.kinds) or cardinality(key) > MOST:
                    raise Unsaid
                return self.leaves(of) * cardinality(key)
            case _:
                if not is_scalar(sort):
                    raise Unsaid
                return [((), sort)]

    def zeros(self, sort: Sort) -> Flat:
        """What stands where nothing is."""
        return tuple(always(self.zero(s)) for _, s in self.leaves(sort))

    def zero(self, sort: Sort) -> str:
        """The first value of a scalar sort."""
        match sort:
            case Bool():
                return "false"
            case Int(lo, _):
                return numeral(lo)
            case _:
                kind = self.endless(sort)
                return "0" if kind is None else self.identity(kind, 0)

    def declare(self, name: str, args: tuple[str, ...], sort: Sort) -> bool:
        """Declare a function; false if it is known."""
        if name in self.known:
            return False
        self.known.add(name)
        base = "Bool" if isinstance(sort, Bool) else "Int"
        base = sort_name(kind) if (kind := self.endless(sort)) else base
        domain = " ".join(map(sort_name, args))
        self.lines.append(f"(declare-fun {name} ({domain}) {base})")
        return True

    def identity(self, kind: str, place: int) -> str:
        """The identity of a place."""
        name = f"|{kind} {place}|"
        if self.declare(name, (), Id(kind, 0)) and place < self.kinds[kind].written:
            self.require(self.like(kind, name, place))
        return name

    def like(self, kind: str, who: str, place: int) -> str:
        """Does an identity begin as a written object does?"""
        of, name = self.kinds[kind], f"|like {kind}|"
        last = of.written if of.spare else of.written - 1
        if self.declare(name, (kind,), Int(0, last)):
            self.require(
                f"(forall ((x {sort_name(kind)})) (and (<= 0 ({name} x)) (<= ({name} x) {last})))"
            )
        return same(f"({name} {who})", str(place))

    def scalar(self, sort: Sort, value: Value) -> str:
        """A literal of a scalar sort."""
        kind = self.endless(sort)
        if kind is not None:
            assert isinstance(value, int)
            return self.identity(kind, value)
        match sort:
            case Bool():
                return "true" if value else "false"
            case Int():
                assert isinstance(value, int)
                return numeral(value)
            case _:
                return str(ordinal(sort, value))

    def lift(self, sort: Sort, value: Value) -> Flat:
        """A literal."""
        match sort, value:
            case Opt(of), None:
                return (always("false"), *self.zeros(of))
            case Opt(of), (inner,):
                return (always("true"), *self.lift(of, inner))
            case Record(_, fields), tuple():
                pairs = zip(fields, value, strict=True)
                return tuple(x for (_, s), v in pairs for x in self.lift(s, v))
            case Set(of), frozenset():
                if self.endless(of) is None:
                    self.leaves(sort)
                    return tuple(always("true" if v in value else "false") for v in values(of))
                inside = [self.scalar(of, v) for v in sorted(value, key=repr)]
                return (lambda args: any_of(same(args[0], x) for x in inside),)
            case Map(key, of), tuple():
                kind = self.endless(key)
                self.leaves(sort)
                if kind is None:
                    return tuple(x for v in value for x in self.lift(of, v))
                return self._by_profile(kind, of, by_profile(self.kinds[kind], value))
            case _:
                if not is_scalar(sort):
                    raise Unsaid
                return (always(self.scalar(sort, value)),)

    def _by_profile(self, kind: str, of: Sort, said: tuple[Value, ...]) -> Flat:
        rows = [self.lift(of, v) for v in said]

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                result = rows[-1][n](args[1:])
                for place in range(len(rows) - 2, -1, -1):
                    like = self.like(kind, args[0], place)
                    result = one_of(like, rows[place][n](args[1:]), result)
                return result

            return at

        return tuple(leaf(n) for n in range(len(rows[0]))) if rows else self.zeros(of)

    def fresh(
        self, sort: Sort, name: str, more: tuple[tuple[Sort, str], ...] = (), ranged: bool = True
    ) -> Flat:
        """Any value, for each value of some scalars; in canonical form if it is in range."""
        found: list[Leaf] = []
        given = tuple(self.endless(s) or ("Bool" if s == Bool() else "Int") for s, _ in more)
        texts = tuple(t for _, t in more)
        for n, (args, scalar) in enumerate(self.leaves(sort)):
            own = f"|{name} {n}|"
            if self.declare(own, (*given, *args), scalar) and ranged:
                self._ranged(own, (*given, *args), scalar)
            found.append(self._applied(own, texts))
        return tuple(found)

    def _applied(self, name: str, texts: tuple[str, ...]) -> Leaf:
        def at(args: tuple[str, ...]) -> str:
            every = (*texts, *args)
            return f"({name} {' '.join(every)})" if every else name

        return at

    def _ranged(self, name: str, args: tuple[str, ...], scalar: Sort) -> None:
        if isinstance(scalar, Bool) or self.endless(scalar) or cardinality(scalar) == 0:
            return
        lo = scalar.lo if isinstance(scalar, Int) else 0
        hi = lo + cardinality(scalar) - 1
        term, binders = self._bound(name, args)
        said = f"(and (<= {numeral(lo)} {term}) (<= {term} {numeral(hi)}))"
        self.require(f"(forall ({binders}) {said})" if binders else said)

    def _bound(self, name: str, args: tuple[str, ...]) -> tuple[str, str]:
        names = [f"x{n}" for n in range(len(args))]
        binders = " ".join(f"({x} {sort_name(a)})" for x, a in zip(names, args, strict=True))
        return (f"({name} {' '.join(names)})" if names else name), binders

    def canonical(self, sort: Sort, flat: Flat, args: tuple[str, ...] = ()) -> Iterator[str]:
        """What is so of a value in canonical form: nothing has the payload of nothing."""
        match sort:
            case Opt(of):
                zeros = zip(self.leaves(of), flat[1:], self.zeros(of), strict=True)
                for (more, _), x, z in zeros:
                    said = self.each_of(more, agree(behind(x, args), z))
                    yield any_of((flat[0](args), said))
                yield from self.canonical(of, flat[1:], args)
            case Record(_, fields):
                for (_, s), part in zip(fields, self.cut(sort, flat), strict=True):
                    yield from self.canonical(s, part, args)
            case Map(key, of):
                kind = self.endless(key)
                if kind is None:
                    for part in self.cut(sort, flat):
                        yield from self.canonical(of, part, args)
                elif any(isinstance(s, Opt) for s in stored_in(of)):
                    yield self.each_of(
                        (kind,), lambda a: all_of(self.canonical(of, flat, (*args, *a)))
                    )
            case _:
                return

    def each_of(self, kinds: tuple[str, ...], body: Callable[[tuple[str, ...]], str]) -> str:
        """For all identities of some kinds."""
        if not kinds:
            return body(())
        self.count += 1
        names = tuple(f"y{self.count}_{n}" for n in range(len(kinds)))
        self.deep += 1
        said = body(names)
        self.deep -= 1
        pairs = zip(names, kinds, strict=True)
        binders = " ".join(f"({x} {sort_name(k)})" for x, k in pairs)
        return said if said in ("true", "false") else f"(forall ({binders}) {said})"

    def cut(self, sort: Sort, flat: Flat) -> Iterator[Flat]:
        """The parts of a record, or of a map over what has an end."""
        inner: list[Sort] = []
        if isinstance(sort, Record):
            inner = [s for _, s in sort.fields]
        elif isinstance(sort, Map):
            inner = [sort.value] * cardinality(sort.key)
        start = 0
        for s in inner:
            size = len(self.leaves(s))
            yield flat[start : start + size]
            start += size

    # ---- values -------------------------------------------------------------------------------

    def equal(self, sort: Sort, a: Flat, b: Flat) -> str:
        """Are all leaves equal?"""
        parts = zip(self.leaves(sort), a, b, strict=True)
        return all_of(self.each_of(k, agree(p, q)) for (k, _), p, q in parts)

    def choose(self, cond: str, a: Flat, b: Flat) -> Flat:
        """One or the other."""
        if cond == "true":
            return a
        if cond == "false":
            return b
        return tuple(
            (lambda args, x=x, y=y: one_of(cond, x(args), y(args)))
            for x, y in zip(a, b, strict=True)
        )

    def convert(self, have: Sort, flat: Flat, want: Sort) -> Flat:
        """A value in the shape of a wider sort."""
        match have, want:
            case Opt(a), Opt(b) if a != b:
                inner = self.choose(flat[0](()), self.convert(a, flat[1:], b), self.zeros(b))
                return (flat[0], *inner)  # nothing has another payload where more is possible
            case Record(_, xs), Record(_, ys):
                parts = zip(xs, ys, self.cut(have, flat), strict=True)
                return tuple(leaf for (_, x), (_, y), p in parts for leaf in self.convert(x, p, y))
            case Set(a), Set(b) if a != b and not mentions(b, self.kinds):
                there = dict(zip(values(a), flat, strict=True))
                return tuple(there.get(v, always("false")) for v in values(b))
            case Map(key, a), Map(other, b) if key == other and a != b:
                return self._convert_each(have, flat, b)
            case _:
                self.leaves(have)
                if have != want and not (isinstance(have, Int) and isinstance(want, Int)):
                    raise Unsaid
                return flat

    def _convert_each(self, have: Map, flat: Flat, want: Sort) -> Flat:
        if self.endless(have.key) is None:
            parts = self.cut(have, flat)
            return tuple(leaf for p in parts for leaf in self.convert(have.value, p, want))

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                inner = tuple(behind(x, args[:1]) for x in flat)
                return self.convert(have.value, inner, want)[n](args[1:])

            return at

        return tuple(leaf(n) for n in range(len(self.leaves(want))))

    def outside(self, have: Sort, flat: Flat, want: Sort) -> str:
        """Is a value outside a sort? Only numbers can be."""
        match have, want:
            case Opt(a), Opt(b):
                return all_of((flat[0](()), self.outside(a, flat[1:], b)))
            case Record(_, xs), Record(_, ys):
                parts = zip(xs, ys, self.cut(have, flat), strict=True)
                return any_of(self.outside(x, p, y) for (_, x), (_, y), p in parts)
            case Map(key, a), Map(_, b) if not free_of_numbers(b):
                kind = self.endless(key)
                if kind is None:
                    return any_of(self.outside(a, part, b) for part in self.cut(have, flat))
                fits = self.each_of(
                    (kind,),
                    lambda who: negated(self.outside(a, tuple(behind(x, who) for x in flat), b)),
                )
                return negated(fits)
            case Int(), Int(lo, hi):
                term = flat[0](())
                return negated(f"(and (<= {numeral(lo)} {term}) (<= {term} {numeral(hi)}))")
            case _:
                return "false" if free_of_numbers(want) or have == want else "true"


__all__ = ["Rows"]
