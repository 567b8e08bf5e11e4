"""What must have no solution for a proof about every size to be one, as SMT-LIB scripts.

An encoder of its own: every value is a row of leaves, each a function of the identities that it is
looked up by; cases and known identities are numbers; an absent option has a payload all the same,
that of place 0. A kind without end is a sort of which nothing is known but that each identity
begins like a written object or like nobody. What cannot be said is a symbol of which nothing is
known, so that no proof rests on it. Next: `recheck`, which has the scripts decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations_with_replacement, product
from typing import Final, TypeAlias, final

from attrs import fields

import kspec.ir.expr as ir
from kspec.base.record import frozen
from kspec.certify.obligations import Obligation, Unfounded
from kspec.ir.expr import AggKind, ArithOp, Binder, Expr, Lit, Local, QuantKind, SetOpKind, sort_of
from kspec.ir.passes.sizes import Kinds, by_profile, choices_of, mentions, place_value, under
from kspec.ir.rewrite import bound_names, free_locals, parts
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
    join,
    ordinal,
    values,
)
from kspec.ir.system import Action, Implicit, Index, Invariant, Occurrence, System, Update
from kspec.verdict.answer import Induction

Leaf: TypeAlias = Callable[[tuple[str, ...]], str]
Flat: TypeAlias = "tuple[Leaf, ...]"
State: TypeAlias = "Mapping[str, Flat]"
Form: TypeAlias = "tuple[object, ...]"

LOGIC: Final = "(set-logic ALL)"
MOST: Final = 4096
IMPLICIT: Final = frozenset(i.value for i in Implicit)


class Unsaid(Unfounded):
    """There are no words for it."""

    def __init__(self) -> None:
        super().__init__("there are no words for a part of it")


def _both(parts: Iterable[str]) -> str:
    kept = [p for p in parts if p != "true"]
    if "false" in kept:
        return "false"
    return f"(and {' '.join(kept)})" if len(kept) > 1 else (kept[0] if kept else "true")


def _any(parts: Iterable[str]) -> str:
    kept = [p for p in parts if p != "false"]
    if "true" in kept:
        return "true"
    return f"(or {' '.join(kept)})" if len(kept) > 1 else (kept[0] if kept else "false")


def _no(part: str) -> str:
    return {"true": "false", "false": "true"}.get(part, f"(not {part})")


def _if(cond: str, a: str, b: str) -> str:
    if cond == "true" or a == b:
        return a
    return b if cond == "false" else f"(ite {cond} {a} {b})"


def _is(a: str, b: str) -> str:
    if a == b:
        return "true"
    both_are_numbers = a.lstrip("-").isdigit() and b.lstrip("-").isdigit()
    return "false" if both_are_numbers else f"(= {a} {b})"


def _sort(name: str) -> str:
    """The sort of a kind, or one of SMT-LIB's own."""
    return name if name in ("Int", "Bool") else f"|kind {name}|"


def _number(n: int) -> str:
    return str(n) if n >= 0 else f"(- {-n})"


def _plain(text: str) -> Leaf:
    return lambda _: text


@final
@frozen(eq=False)
class Seen:
    """A state by its tag, the one before, and what bound names stand for."""

    tag: str
    state: State
    old: State
    bound: Mapping[str, tuple[Flat, Sort]]

    def bind(self, name: str, flat: Flat, sort: Sort) -> Seen:
        """With one name more."""
        return Seen(self.tag, self.state, self.old, {**self.bound, name: (flat, sort)})


@final
class Script:
    """One script: declarations and what is required. `deep` counts the quantifiers around."""

    def __init__(self, system: System, kinds: Kinds) -> None:
        if {"Int", "Bool"} & set(kinds):
            raise Unfounded("kinds called Int or Bool are not proved of every number")
        self.system = system
        self.kinds = kinds
        self.lines = [f"(declare-sort {_sort(kind)} 0)" for kind in sorted(kinds)]
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
        return tuple(_plain(self.zero(s)) for _, s in self.leaves(sort))

    def zero(self, sort: Sort) -> str:
        """The first value of a scalar sort."""
        match sort:
            case Bool():
                return "false"
            case Int(lo, _):
                return _number(lo)
            case _:
                kind = self.endless(sort)
                return "0" if kind is None else self.identity(kind, 0)

    def declare(self, name: str, args: tuple[str, ...], sort: Sort) -> bool:
        """Declare a function; false if it is known."""
        if name in self.known:
            return False
        self.known.add(name)
        base = "Bool" if isinstance(sort, Bool) else "Int"
        base = _sort(kind) if (kind := self.endless(sort)) else base
        domain = " ".join(map(_sort, args))
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
                f"(forall ((x {_sort(kind)})) (and (<= 0 ({name} x)) (<= ({name} x) {last})))"
            )
        return _is(f"({name} {who})", str(place))

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
                return _number(value)
            case _:
                return str(ordinal(sort, value))

    def lift(self, sort: Sort, value: Value) -> Flat:
        """A literal."""
        match sort, value:
            case Opt(of), None:
                return (_plain("false"), *self.zeros(of))
            case Opt(of), (inner,):
                return (_plain("true"), *self.lift(of, inner))
            case Record(_, fields), tuple():
                pairs = zip(fields, value, strict=True)
                return tuple(x for (_, s), v in pairs for x in self.lift(s, v))
            case Set(of), frozenset():
                if self.endless(of) is None:
                    self.leaves(sort)
                    return tuple(_plain("true" if v in value else "false") for v in values(of))
                inside = [self.scalar(of, v) for v in sorted(value, key=repr)]
                return (lambda args: _any(_is(args[0], x) for x in inside),)
            case Map(key, of), tuple():
                kind = self.endless(key)
                self.leaves(sort)
                if kind is None:
                    return tuple(x for v in value for x in self.lift(of, v))
                return self._by_profile(kind, of, by_profile(self.kinds[kind], value))
            case _:
                if not is_scalar(sort):
                    raise Unsaid
                return (_plain(self.scalar(sort, value)),)

    def _by_profile(self, kind: str, of: Sort, said: tuple[Value, ...]) -> Flat:
        rows = [self.lift(of, v) for v in said]

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                result = rows[-1][n](args[1:])
                for place in range(len(rows) - 2, -1, -1):
                    like = self.like(kind, args[0], place)
                    result = _if(like, rows[place][n](args[1:]), result)
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
        said = f"(and (<= {_number(lo)} {term}) (<= {term} {_number(hi)}))"
        self.require(f"(forall ({binders}) {said})" if binders else said)

    def _bound(self, name: str, args: tuple[str, ...]) -> tuple[str, str]:
        names = [f"x{n}" for n in range(len(args))]
        binders = " ".join(f"({x} {_sort(a)})" for x, a in zip(names, args, strict=True))
        return (f"({name} {' '.join(names)})" if names else name), binders

    def canonical(self, sort: Sort, flat: Flat, args: tuple[str, ...] = ()) -> Iterator[str]:
        """What is so of a value in canonical form: nothing has the payload of nothing."""
        match sort:
            case Opt(of):
                zeros = zip(self.leaves(of), flat[1:], self.zeros(of), strict=True)
                for (more, _), x, z in zeros:
                    said = self.each_of(more, _agree(_behind(x, args), z))
                    yield _any((flat[0](args), said))
                yield from self.canonical(of, flat[1:], args)
            case Record(_, fields):
                for (_, s), part in zip(fields, self.cut(sort, flat), strict=True):
                    yield from self.canonical(s, part, args)
            case Map(key, of):
                kind = self.endless(key)
                if kind is None:
                    for part in self.cut(sort, flat):
                        yield from self.canonical(of, part, args)
                elif any(isinstance(s, Opt) for s in _inside(of)):
                    yield self.each_of(
                        (kind,), lambda a: _both(self.canonical(of, flat, (*args, *a)))
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
        binders = " ".join(f"({x} {_sort(k)})" for x, k in pairs)
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
        return _both(self.each_of(k, _agree(p, q)) for (k, _), p, q in parts)

    def choose(self, cond: str, a: Flat, b: Flat) -> Flat:
        """One or the other."""
        if cond == "true":
            return a
        if cond == "false":
            return b
        return tuple(
            (lambda args, x=x, y=y: _if(cond, x(args), y(args))) for x, y in zip(a, b, strict=True)
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
                return tuple(there.get(v, _plain("false")) for v in values(b))
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
                inner = tuple(_behind(x, args[:1]) for x in flat)
                return self.convert(have.value, inner, want)[n](args[1:])

            return at

        return tuple(leaf(n) for n in range(len(self.leaves(want))))

    def outside(self, have: Sort, flat: Flat, want: Sort) -> str:
        """Is a value outside a sort? Only numbers can be."""
        match have, want:
            case Opt(a), Opt(b):
                return _both((flat[0](()), self.outside(a, flat[1:], b)))
            case Record(_, xs), Record(_, ys):
                parts = zip(xs, ys, self.cut(have, flat), strict=True)
                return _any(self.outside(x, p, y) for (_, x), (_, y), p in parts)
            case Map(key, a), Map(_, b) if not _free_of_numbers(b):
                kind = self.endless(key)
                if kind is None:
                    return _any(self.outside(a, part, b) for part in self.cut(have, flat))
                fits = self.each_of(
                    (kind,),
                    lambda who: _no(self.outside(a, tuple(_behind(x, who) for x in flat), b)),
                )
                return _no(fits)
            case Int(), Int(lo, hi):
                term = flat[0](())
                return _no(f"(and (<= {_number(lo)} {term}) (<= {term} {_number(hi)}))")
            case _:
                return "false" if _free_of_numbers(want) or have == want else "true"

    # ---- expressions --------------------------------------------------------------------------

    def truth(self, expr: Expr, seen: Seen) -> str:
        """A formula."""
        return self.flat(expr, seen)[0](())

    def into(self, expr: Expr, seen: Seen, sort: Sort) -> Flat:
        """A value in the shape of a sort."""
        return self.convert(sort_of(expr), self.flat(expr, seen), sort)

    def flat(self, expr: Expr, seen: Seen) -> Flat:
        """A value; what cannot be said is any value that depends on the state and on names."""
        try:
            return self._flat(expr, seen)
        except Unsaid:
            name, more = self.symbol(expr, seen)
            return self.fresh(sort_of(expr), name, more, ranged=False)

    def symbol(self, expr: Expr, seen: Seen) -> tuple[str, tuple[tuple[Sort, str], ...]]:
        """A name for what an expression is in a state, and what it depends on besides."""
        more: list[tuple[Sort, str]] = []
        free = list[str]()
        form = _form(expr, (), free)
        for name in free:
            flat, sort = seen.bound[name]
            for (args, scalar), leaf in zip(self.leaves(sort), flat, strict=True):
                if args:
                    raise Unsaid
                more.append((scalar, leaf(())))
        key = (form, tuple(seen.bound[name][1] for name in free), seen.tag)
        self.names.setdefault(key, f"some {len(self.names)}")
        return self.names[key], tuple(more)

    def each(self, sort: Sort) -> Iterator[tuple[tuple[str, ...], Flat]]:
        """The values of a sort: identities to be bound, and the value made of them."""
        kind = self.endless(sort)
        if kind is not None:
            self.count += 1
            name = f"z{self.count}"
            yield (f"({name} {_sort(kind)})",), (_plain(name),)
        elif not mentions(sort, self.kinds):
            if cardinality(sort) > MOST:
                raise Unsaid
            yield from (((), self.lift(sort, v)) for v in values(sort))
        else:
            match sort:
                case Opt(of):
                    yield (), (_plain("false"), *self.zeros(of))
                    yield from ((b, (_plain("true"), *x)) for b, x in self.each(of))
                case Record(_, fields):
                    for parts in product(*(tuple(self.each(s)) for _, s in fields)):
                        binders = tuple(b for bs, _ in parts for b in bs)
                        yield binders, tuple(x for _, flat in parts for x in flat)
                case _:
                    raise Unsaid

    def quantified(self, is_all: bool, binder: Binder, body: Expr, seen: Seen) -> str:
        """For all values, or for some."""
        found: list[str] = []
        for binders, flat in self.each(binder.sort):
            self.deep += len(binders)
            said = self.truth(body, seen.bind(binder.name, flat, binder.sort))
            self.deep -= len(binders)
            if binders and said not in ("true", "false"):
                said = f"({'forall' if is_all else 'exists'} ({' '.join(binders)}) {said})"
            found.append(said)
        return _both(found) if is_all else _any(found)

    def _flat(self, expr: Expr, seen: Seen) -> Flat:
        match expr:
            case ir.Lit(sort, value):
                return self.lift(sort, value)
            case ir.Ref(name, _) | ir.Old(name, _):
                state = seen.state if isinstance(expr, ir.Ref) else seen.old
                if name not in state:
                    raise Unsaid
                return state[name]
            case ir.Local(name, _):
                return seen.bound[name][0]
            case ir.Let(name, value, body):
                return self.flat(body, seen.bind(name, self.flat(value, seen), sort_of(value)))
            case ir.Not(arg):
                return (_plain(_no(self.truth(arg, seen))),)
            case ir.And(args):
                return (_plain(_both([self.truth(a, seen) for a in args])),)
            case ir.Or(args):
                return (_plain(_any([self.truth(a, seen) for a in args])),)
            case ir.Ite(cond, then, other):
                sort = sort_of(expr)
                pair = (self.into(then, seen, sort), self.into(other, seen, sort))
                return self.choose(self.truth(cond, seen), *pair)
            case ir.Eq(left, right):
                sort = ir.joined(sort_of(left), sort_of(right), expr)
                pair = (self.into(left, seen, sort), self.into(right, seen, sort))
                return (_plain(self.equal(sort, *pair)),)
            case ir.Lt(left, right) | ir.Le(left, right):
                sign = "<" if isinstance(expr, ir.Lt) else "<="
                terms = (self.truth(left, seen), self.truth(right, seen))
                return (_plain(f"({sign} {' '.join(terms)})"),)
            case ir.Arith(op, left, right):
                return (_plain(_arith(op, self.truth(left, seen), self.truth(right, seen))),)
            case ir.Quant(kind, binder, body):
                return (_plain(self.quantified(kind is QuantKind.ALL, binder, body, seen)),)
            case _:
                return self._parts(expr, seen)

    def _parts(self, expr: Expr, seen: Seen) -> Flat:
        match expr:
            case ir.Some(arg):
                return (_plain("true"), *self.flat(arg, seen))
            case ir.IsSome(arg):
                return self.flat(arg, seen)[:1]
            case ir.OrElse(arg, default):
                sort, option = sort_of(expr), self.flat(arg, seen)
                inner = self.convert(ir.payload(sort_of(arg), expr), option[1:], sort)
                return self.choose(option[0](()), inner, self.into(default, seen, sort))
            case ir.MakeRecord(record, args):
                pairs = zip(args, record.fields, strict=True)
                return tuple(x for a, (_, s) in pairs for x in self.into(a, seen, s))
            case ir.GetField(arg, name):
                record = ir.record(sort_of(arg), expr)
                return list(self.cut(record, self.flat(arg, seen)))[record.position(name)]
            case ir.WithField(arg, name, value):
                record = ir.record(sort_of(arg), expr)
                fields = list(self.cut(record, self.flat(arg, seen)))
                fields[record.position(name)] = self.into(value, seen, record.field(name))
                return tuple(x for part in fields for x in part)
            case ir.MakeMap(binder, body):
                return self._made(binder, body, seen)
            case ir.SetOf(binder, cond):
                return self._made(binder, cond, seen)
            case ir.Get(arg, key):
                of = ir.mapping(sort_of(arg), expr)
                return self.looked_up(of, self.flat(arg, seen), self.into(key, seen, of.key))
            case ir.Put(arg, key, value):
                of = ir.mapping(sort_of(arg), expr)
                new, at = self.into(value, seen, of.value), self.into(key, seen, of.key)
                return self.written(of, self.flat(arg, seen), at, lambda _, __: new)
            case _:
                return self._sets(expr, seen)

    def _made(self, binder: Binder, body: Expr, seen: Seen) -> Flat:
        if self.endless(binder.sort) is None:
            if mentions(binder.sort, self.kinds):
                raise Unsaid
            bound = (self.lift(binder.sort, v) for v in values(binder.sort))
            return tuple(
                x for v in bound for x in self.flat(body, seen.bind(binder.name, v, binder.sort))
            )

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                here = seen.bind(binder.name, (_plain(args[0]),), binder.sort)
                self.deep += 1
                found = self.flat(body, here)[n](args[1:])
                self.deep -= 1
                return found

            return at

        return tuple(leaf(n) for n in range(len(self.leaves(sort_of(body)))))

    def looked_up(self, of: Map, whole: Flat, key: Flat) -> Flat:
        """What a map has at a key."""
        if self.endless(of.key) is not None:
            who = key[0](())
            return tuple((lambda args, x=x: x((who, *args))) for x in whole)
        if mentions(of.key, self.kinds):
            raise Unsaid
        result = self.zeros(of.value)
        for v, part in zip(values(of.key), self.cut(of, whole), strict=True):
            result = self.choose(self.equal(of.key, key, self.lift(of.key, v)), part, result)
        return result

    def written(
        self, of: Map, whole: Flat, key: Flat, new: Callable[[Flat, tuple[str, ...]], Flat]
    ) -> Flat:
        """A map with something else at a key; `new` makes it of what was there."""
        if self.endless(of.key) is not None:
            who = key[0](())

            def leaf(n: int) -> Leaf:
                def at(args: tuple[str, ...]) -> str:
                    old = tuple((lambda more, x=x: x((args[0], *more))) for x in whole)
                    here = new(old, (args[0],))[n](args[1:])
                    return _if(_is(args[0], who), here, whole[n](args))

                return at

            return tuple(leaf(n) for n in range(len(whole)))
        if mentions(of.key, self.kinds):
            raise Unsaid
        parts: list[Leaf] = []
        for v, part in zip(values(of.key), self.cut(of, whole), strict=True):
            here = self.equal(of.key, key, self.lift(of.key, v))
            parts += self.choose(here, new(part, ()), part)
        return tuple(parts)

    def _sets(self, expr: Expr, seen: Seen) -> Flat:
        match expr:
            case ir.MakeSet(of, args):
                inside = [self.flat(a, seen) for a in args]
                kind = self.endless(of)
                if kind is not None:
                    who = [x[0](()) for x in inside]
                    return (lambda given: _any(_is(given[0], w) for w in who),)
                self.leaves(Set(of))
                literals = [self.lift(of, v) for v in values(of)]
                return tuple(_plain(_any(self.equal(of, x, v) for x in inside)) for v in literals)
            case ir.Contains(arg, elem):
                sort = sort_of(arg)
                assert isinstance(sort, Set)
                both = ir.joined(sort.of, sort_of(elem), expr)
                if self.endless(sort.of) is not None:
                    return (_plain(self.flat(arg, seen)[0]((self.truth(elem, seen),))),)
                self.leaves(sort)
                item = self.into(elem, seen, both)
                pairs = zip(values(sort.of), self.flat(arg, seen), strict=True)
                found = (
                    _both((x(()), self.equal(both, item, self.lift(both, v)))) for v, x in pairs
                )
                return (_plain(_any(found)),)
            case ir.SetOp(op, left, right):
                sort = sort_of(expr)
                pairs2 = zip(self.into(left, seen, sort), self.into(right, seen, sort), strict=True)
                return tuple((lambda a, x=x, y=y: _joined(op, x(a), y(a))) for x, y in pairs2)
            case ir.Subset(left, right):
                sort = ir.joined(sort_of(left), sort_of(right), expr)
                a, b = self.into(left, seen, sort), self.into(right, seen, sort)
                parts = zip(self.leaves(sort), a, b, strict=True)
                return (_plain(_both(self.each_of(k, _within(x, y)) for (k, _), x, y in parts)),)
            case ir.First(binder, cond) | ir.Best(binder, cond, _):
                return self._one(expr, binder, cond, seen)
            case ir.Count(binder, cond):
                return (_plain(self._count(expr, binder, cond, seen)),)
            case ir.Agg(AggKind.SUM, binder, cond, term) if not mentions(binder.sort, self.kinds):
                rows = self._rows(binder, seen)
                terms = [_if(self.truth(cond, s), self.truth(term, s), "0") for s in rows]
                return (_plain(f"(+ 0 0 {' '.join(terms)})"),)
            case _:
                raise Unsaid

    def _rows(self, binder: Binder, seen: Seen) -> list[Seen]:
        return [seen.bind(binder.name, x, binder.sort) for _, x in self.each(binder.sort)]

    def _one(self, expr: Expr, binder: Binder, cond: Expr, seen: Seen) -> Flat:
        """Somebody who satisfies a condition, if anybody; more is not known."""
        name, more = self.symbol(expr, seen)
        is_new = f"|{name} 0|" not in self.known
        found = self.fresh(Opt(binder.sort), name, more, ranged=False)
        if is_new and not self.deep:
            meant = self.truth(cond, seen.bind(binder.name, found[1:], binder.sort))
            self.require(_any((_no(found[0](())), meant)))
        return found

    def _count(self, expr: Expr, binder: Binder, cond: Expr, seen: Seen) -> str:
        if not mentions(binder.sort, self.kinds):
            ones = [_if(self.truth(cond, s), "1", "0") for s in self._rows(binder, seen)]
            return f"(+ 0 0 {' '.join(ones)})"
        kind = self.endless(binder.sort)
        name, more = self.symbol(expr, seen)
        is_new = f"|{name} 0|" not in self.known
        number = self.fresh(Int(0, 0), name, more, ranged=False)[0](())
        if is_new and kind is not None:
            self._known_of(name, kind, expr, binder, cond, seen)
        return number

    def _known_of(
        self, name: str, kind: str, expr: Expr, binder: Binder, cond: Expr, seen: Seen
    ) -> None:
        """A count is 0 where there is nobody, and more than 1 where there are two."""
        self.deep += 1
        inner, binders, more = seen, list[str](), list[tuple[Sort, str]]()
        names = list[str]()
        _form(expr, (), names)
        for free in names:
            sort = seen.bound[free][1]
            row = []
            for _, scalar in self.leaves(sort):
                self.count += 1
                base = self.endless(scalar) or ("Bool" if scalar == Bool() else "Int")
                binders.append(f"(w{self.count} {_sort(base)})")
                row.append(_plain(f"w{self.count}"))
                more.append((scalar, f"w{self.count}"))
            inner = inner.bind(free, tuple(row), sort)
        number = self.fresh(Int(0, 0), name, tuple(more), ranged=False)[0](())
        first = self.fresh(binder.sort, f"{name} first", tuple(more), ranged=False)
        second = self.fresh(binder.sort, f"{name} second", tuple(more), ranged=False)

        def meant(flat: Flat) -> str:
            return self.truth(cond, inner.bind(binder.name, flat, binder.sort))

        one, two = (_plain("u1"),), (_plain("u2"),)
        of = _sort(kind)
        both = _both((meant(one), meant(two), "(not (= u1 u2))"))
        differ = _no(_is(first[0](()), second[0](())))
        known = (
            f"(<= 0 {number})",
            _any((f"(< {number} 1)", meant(first))),
            f"(forall ((u1 {of})) {_any((_no(meant(one)), f'(<= 1 {number})'))})",
            _any((f"(< {number} 2)", _both((meant(first), meant(second), differ)))),
            f"(forall ((u1 {of}) (u2 {of})) {_any((_no(both), f'(<= 2 {number})'))})",
        )
        self.deep -= 1
        for said in known:
            self.require(f"(forall ({' '.join(binders)}) {said})" if binders else said)
        self._some_least(name, tuple(more), " ".join(binders))

    def _some_least(self, name: str, more: tuple[tuple[Sort, str], ...], binders: str) -> None:
        """There is an end to identities, so that one of them has the least of these counts."""
        number = self.fresh(Int(0, 0), name, more, ranged=False)[0](())
        for at, (sort, _) in enumerate(more):
            if self.endless(sort) is None:
                continue
            rest = more[:at] + more[at + 1 :]
            who = self.fresh(sort, f"{name} least {at}", rest, ranged=False)[0](())
            of_it = (*more[:at], (sort, who), *more[at + 1 :])
            least = self.fresh(Int(0, 0), name, of_it, ranged=False)[0](())
            self.require(f"(forall ({binders}) (<= {least} {number}))")
            if not rest:
                self.require(f"(<= 0 {least})")  # so that somebody speaks of it

    # ---- states -------------------------------------------------------------------------------

    def start(self) -> Seen:
        """A state that a run may start in."""
        init = self.system.init
        seen = Seen("init", self.fixed, {}, {})
        for binder in init.params:
            seen = seen.bind(binder.name, self.given(binder, f"init {binder.name}"), binder.sort)
        self.require(self.truth(init.where, seen))
        state = dict(self.fixed)
        for name, value in init.assign:
            try:
                state[name] = self._first(self.sorts[name], value, seen)
            except Unsaid:
                continue
        return Seen("start", state, {}, {})

    def given(self, binder: Binder, name: str) -> Flat:
        """Some value for a parameter."""
        if not mentions(binder.sort, self.kinds) and cardinality(binder.sort) == 0:
            self.require("false")
        flat = self.fresh(binder.sort, name)
        for said in self.canonical(binder.sort, flat):
            self.require(said)
        return flat

    def _first(self, sort: Sort, value: Expr, seen: Seen) -> Flat:
        kind = self.endless(sort.key) if isinstance(sort, Map) else None
        if kind is None:
            return self.into(value, seen, sort)
        assert isinstance(sort, Map)
        base = under(value)
        assert isinstance(base, Lit)
        plain = self.lift(base.sort, base.value)
        params = {b.name: b.sort for b in self.system.init.params}
        chosen = [(n, place_value(value, n)) for n in range(self.kinds[kind].written)]

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                result = plain[n](args)
                for place, expr in chosen:
                    if expr is None:
                        continue
                    here = seen
                    for name in sorted(choices_of(expr) & set(params)):
                        own = self.fresh(params[name], f"each {name}", ((sort.key, args[0]),))
                        here = here.bind(name, own, params[name])
                    said = self.into(expr, here, sort.value)[n](args[1:])
                    result = _if(self.like(kind, args[0], place), said, result)
                return result

            return at

        return tuple(leaf(n) for n in range(len(plain)))

    def state(self) -> Seen:
        """Any state."""
        state = dict(self.fixed)
        for number, variable in enumerate(self.system.variables):
            try:
                flat = self.fresh(variable.sort, f"s {number}")
            except Unsaid:
                continue
            state[variable.name] = flat
            for said in self.canonical(variable.sort, flat):
                self.require(said)
        return Seen("s", state, {}, {})

    # ---- steps --------------------------------------------------------------------------------

    def can(self, action: Action, seen: Seen) -> tuple[str, Seen]:
        """When an action may be done, and what its names stand for then."""
        for number, binder in enumerate((*action.params, *action.choices)):
            seen = seen.bind(binder.name, self.given(binder, f"given {number}"), binder.sort)
        for name, expr in action.lets:
            seen = seen.bind(name, self.flat(expr, seen), sort_of(expr))
        parts = [self.truth(part.expr, seen) for part in action.guard]
        if action.cut is not None:
            parts.append(_no(self.truth(action.cut, seen)))
        return _both(parts), seen

    def after(self, action: Action, seen: Seen) -> Seen:
        """The state that an action leads to."""
        state = dict(seen.state)
        for update in action.updates:
            if update.var not in state:
                continue
            sort = self.sorts[update.var]
            try:
                state[update.var] = self._place(sort, state[update.var], 0, update, seen)
            except Unsaid:
                self.count += 1
                state[update.var] = self.fresh(sort, f"after {self.count}")
        return Seen("t", state, seen.state, seen.bound)

    def _place(self, sort: Sort, old: Flat, depth: int, update: Update, seen: Seen) -> Flat:
        open_ = {b.name: b for b in update.binders if b.name not in seen.bound}
        if depth == len(update.path):
            if open_:
                raise Unsaid
            new = self.into(update.value, seen, sort) if self._fits(update, sort) else None
            if new is None:
                raise Unsaid
            return self.choose(self.truth(update.when, seen), new, old)
        step = update.path[depth]
        if not isinstance(step, Index):
            assert isinstance(sort, Record)
            parts = list(self.cut(sort, old))
            n = sort.position(step.name)
            parts[n] = self._place(sort.field(step.name), parts[n], depth + 1, update, seen)
            return tuple(x for part in parts for x in part)
        assert isinstance(sort, Map)
        if isinstance(step.key, Local) and step.key.name in open_:
            return self._everywhere(sort, old, depth, update, seen, open_[step.key.name])
        if set(open_) & free_locals(step.key):
            raise Unsaid
        key = self.into(step.key, seen, sort.key)
        inner = sort.value
        return self.written(
            sort, old, key, lambda was, _: self._place(inner, was, depth + 1, update, seen)
        )

    def _fits(self, update: Update, sort: Sort) -> bool:
        return join(sort_of(update.value), sort) is not None

    def _everywhere(
        self, sort: Map, old: Flat, depth: int, update: Update, seen: Seen, binder: Binder
    ) -> Flat:
        """Written at each key that the update binds."""
        if binder.sort != sort.key:
            raise Unsaid
        if self.endless(sort.key) is None:
            parts: list[Leaf] = []
            for v, was in zip(values(sort.key), self.cut(sort, old), strict=True):
                here = seen.bind(binder.name, self.lift(sort.key, v), binder.sort)
                parts += self._place(sort.value, was, depth + 1, update, here)
            return tuple(parts)

        def leaf(n: int) -> Leaf:
            def at(args: tuple[str, ...]) -> str:
                was = tuple((lambda more, x=x: x((args[0], *more))) for x in old)
                here = seen.bind(binder.name, (_plain(args[0]),), binder.sort)
                self.deep += 1
                found = self._place(sort.value, was, depth + 1, update, here)[n](args[1:])
                self.deep -= 1
                return found

            return at

        return tuple(leaf(n) for n in range(len(old)))

    # ---- what a step breaks -------------------------------------------------------------------

    def breaks(self, which: Implicit, action: Action, seen: Seen) -> str:
        """Does a step break an implicit property?"""
        opened = [self._opened(u, seen, f"u{n}") for n, u in enumerate(action.updates)]
        pairs = list(zip(action.updates, opened, strict=True))
        if which is Implicit.LIVE_TARGET:
            return _any(
                _both((self.truth(u.when, s), _no(self.truth(u.live, s)))) for u, s in pairs
            )
        if which is Implicit.IN_RANGE:
            return _any(_both((self.truth(u.when, s), self._misfit(u, s))) for u, s in pairs)
        found: list[str] = []
        for n, m in combinations_with_replacement(range(len(pairs)), 2):
            (a, here), (b, there) = pairs[n], pairs[m]
            if a.var != b.var or (n == m and not a.binders):
                continue
            parts: list[str] = []
            if n == m:
                there = self._opened(b, seen, f"v{n}")
                parts.append(_any(_no(self._same(x, here, there)) for x in b.binders))
            found.append(_both((*parts, *self._meet(a, here, b, there))))
        return _any(found)

    def _same(self, binder: Binder, here: Seen, there: Seen) -> str:
        return self.equal(binder.sort, here.bound[binder.name][0], there.bound[binder.name][0])

    def _opened(self, update: Update, seen: Seen, tag: str) -> Seen:
        for number, binder in enumerate(update.binders):
            flat = self.given(binder, f"{tag} {number}")
            seen = seen.bind(binder.name, flat, binder.sort)
        return seen

    def _misfit(self, update: Update, seen: Seen) -> str:
        sort = self.sorts[update.var]
        for step in update.path:
            if isinstance(step, Index):
                assert isinstance(sort, Map)
                sort = sort.value
            else:
                assert isinstance(sort, Record)
                sort = sort.field(step.name)
        try:
            return self.outside(sort_of(update.value), self.flat(update.value, seen), sort)
        except Unsaid:
            return "true"

    def _meet(self, a: Update, here: Seen, b: Update, there: Seen) -> Iterator[str]:
        yield from (self.truth(a.when, here), self.truth(b.when, there))
        sort = self.sorts[a.var]
        for x, y in zip(a.path, b.path, strict=False):
            if isinstance(x, Index) and isinstance(y, Index):
                assert isinstance(sort, Map)
                keys = (self.into(x.key, here, sort.key), self.into(y.key, there, sort.key))
                yield self.equal(sort.key, *keys)
                sort = sort.value
            else:
                assert not isinstance(x, Index) and not isinstance(y, Index)
                assert isinstance(sort, Record)
                if x.name != y.name:
                    yield "false"
                    return
                sort = sort.field(x.name)


def _form(expr: Expr, bound: tuple[str, ...], free: list[str]) -> Form:
    """What an expression says, whatever its names are: bound ones by how far away they are bound,
    free ones, which are collected, by when they come first."""
    if isinstance(expr, Local):
        if expr.name in bound:
            return ("bound", bound[::-1].index(expr.name), expr.sort)
        if expr.name not in free:
            free.append(expr.name)
        return ("free", free.index(expr.name), expr.sort)
    own = bound_names(expr)
    inside = tuple(part.expr for part in parts(expr))
    said: list[object] = [type(expr), len(inside)]
    for member in fields(type(expr)):
        value = getattr(expr, member.name)
        row = value if isinstance(value, tuple) else (value,)
        if isinstance(value, Binder):
            said.append(value.sort)
        elif value not in own and not all(any(x is part for part in inside) for x in row):
            said.append(value)
    for part in parts(expr):
        said.append(_form(part.expr, (*bound, *own) if part.is_inside else bound, free))
    return tuple(said)


def _agree(a: Leaf, b: Leaf) -> Leaf:
    return lambda args: _is(a(args), b(args))


def _within(a: Leaf, b: Leaf) -> Leaf:
    return lambda args: _any((_no(a(args)), b(args)))


def _behind(leaf: Leaf, first: tuple[str, ...]) -> Leaf:
    """A leaf with some of what it is looked up by already given."""
    return lambda args: leaf((*first, *args))


def _joined(op: SetOpKind, a: str, b: str) -> str:
    if op is SetOpKind.UNION:
        return _any((a, b))
    return _both((a, b if op is SetOpKind.INTER else _no(b)))


def _arith(op: ArithOp, a: str, b: str) -> str:
    match op:
        case ArithOp.MIN:
            return f"(ite (< {b} {a}) {b} {a})"
        case ArithOp.MAX:
            return f"(ite (< {a} {b}) {b} {a})"
        case _:
            return f"({op.value} {a} {b})"  # div and mod of a positive divisor are SMT-LIB's


def _inside(sort: Sort) -> Iterator[Sort]:
    yield sort
    match sort:
        case Opt(of) | Set(of):
            yield from _inside(of)
        case Record(_, fields):
            for _, s in fields:
                yield from _inside(s)
        case Map(_, of):
            yield from _inside(of)
        case _:
            return


def _free_of_numbers(sort: Sort) -> bool:
    return not any(isinstance(s, Int) for s in _inside(sort))


# ---- obligations -------------------------------------------------------------------------------


def obligations(system: System, kinds: Kinds, group: Induction) -> Iterator[Obligation]:
    """Everything that a proof about every size rests on. Raises `Unfounded`."""
    if group.k != 1 or group.ends or not group.names or len(set(group.names)) != len(group.names):
        raise Unfounded("a proof about every size is one step of one group")
    if not IMPLICIT <= set(group.names):
        raise Unfounded("nothing is proved of steps that break something")
    claims = {p.name: p.claim for p in system.properties}
    known = {n for n, c in claims.items() if isinstance(c, Invariant | Occurrence)} | IMPLICIT
    for name in group.names:
        if name not in known:
            raise Unfounded(f"`{name}` is nothing that can be proved for every size")
    bodies = {n: c.body for n in group.names if isinstance(c := claims.get(n), Invariant)}
    for name, body in bodies.items():
        script = Script(system, kinds)
        script.require(_no(script.truth(body, script.start())))
        yield Obligation(f"`{name}` is true at every start", script.text())
    for action, name in product(system.actions, group.names):
        script = Script(system, kinds)
        before = script.state()
        for body in bodies.values():
            script.require(script.truth(body, before))
        may, seen = script.can(action, before)
        script.require(may)
        script.require(_bad(script, system, action, name, seen))
        yield Obligation(f"`{name}` after `{action.name}`", script.text())


def _bad(script: Script, system: System, action: Action, name: str, seen: Seen) -> str:
    if name in IMPLICIT:
        return script.breaks(Implicit(name), action, seen)
    (claim,) = (p.claim for p in system.properties if p.name == name)
    after = script.after(action, seen)
    if isinstance(claim, Invariant):
        return _no(script.truth(claim.body, after))
    assert isinstance(claim, Occurrence)
    cases = (case.body for case in claim.cases if case.action == action.name)
    return _any(_no(script.truth(body, after)) for body in cases)


__all__ = ["LOGIC", "Script", "Unsaid", "obligations"]
