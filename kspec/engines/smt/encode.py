"""The value of an expression as terms: one closed union, one encoding a node.

A reading of `docs/semantics.md` of its own; it shares nothing with `kspec.semantics`. Binders are
written out over all values of their sort. A subexpression that is met again with the same bound
values is encoded once. Next: `model`, which makes steps of values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never, final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.engines.smt.terms import Number, Terms, Truth
from kspec.engines.smt.values import (
    Sym,
    Values,
    blank,
    lift,
    number,
    option,
    parts,
    row,
    truth,
)
from kspec.ir.expr import (
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
    At,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Fold,
    Get,
    GetField,
    IsSome,
    Ite,
    Le,
    Len,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Old,
    Or,
    OrElse,
    Put,
    Quant,
    QuantKind,
    Ref,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    Subset,
    WithField,
    joined,
    mapping,
    payload,
    record,
    sequence,
    sort_of,
)
from kspec.ir.rewrite import bound_names
from kspec.ir.rewrite import parts as subexpressions
from kspec.ir.sorts import Seq, Set, Sort, Value, cardinality, values

Typed: TypeAlias = tuple[Sym, Sort]
"""What stands for a value, and the sort whose shape it has."""

MOST_CASES = 20_000
"""A binder over more values than this is not written out."""


class TooLarge(Exception):
    """What would have to be written out is too large; the message says what."""


@final
@frozen(eq=False)
class Env:
    """What names stand for; `present` and `before` are states with constants, by name."""

    present: Mapping[str, Typed]
    before: Mapping[str, Typed] | None = None
    bound: Mapping[str, Typed] = field(factory=dict)

    def bind(self, name: str, sym: Sym, sort: Sort) -> Env:
        """This environment with one name more."""
        return evolve(self, bound={**self.bound, name: (sym, sort)})


_Name: TypeAlias = "Lit | Ref | Old | Local | Let"
_Logic: TypeAlias = "Not | And | Or | Ite | Eq | Quant"
_Number: TypeAlias = "Lt | Le | Arith | Count | Agg"
_Choice: TypeAlias = "Some | IsSome | OrElse | First | Best"
_Product: TypeAlias = "MakeRecord | GetField | WithField | MakeMap | Get | Put"
_SetExpr: TypeAlias = "MakeSet | Contains | SetOp | Subset | SetOf"
_SeqExpr: TypeAlias = "MakeSeq | Len | At | Concat | Sorted | Fold"


@final
class Encoder:
    """Encodes expressions over the terms of one maker."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.values = Values(terms)
        self._free: dict[Expr, tuple[str, ...]] = {}
        self._done: dict[tuple[object, ...], Sym] = {}
        self._kept: dict[int, object] = {}  # keeps states alive, so that their ids stay theirs

    # ---- what callers use ---------------------------------------------------------------------

    def truth(self, expr: Expr, env: Env) -> Truth:
        """An expression of sort `Bool`."""
        return truth(self.sym(expr, env))

    def sym(self, expr: Expr, env: Env) -> Sym:
        """What stands for the value of an expression, in the shape of `sort_of(expr)`."""
        key = (
            expr,
            id(env.present),
            id(env.before),
            *(env.bound[name] for name in self.free(expr)),
        )
        found = self._done.get(key)
        if found is None:
            self._kept[id(env.present)] = env.present
            self._kept[id(env.before)] = env.before
            found = self._done[key] = self._encoded(expr, env)
        return found

    def free(self, expr: Expr) -> tuple[str, ...]:
        """The bound names that an expression uses, in order."""
        found = self._free.get(expr)
        if found is None:
            own = set(bound_names(expr))
            names = {expr.name} if isinstance(expr, Local) else set[str]()
            for part in subexpressions(expr):
                names |= set(self.free(part.expr)) - (own if part.is_inside else set())
            found = self._free[expr] = tuple(sorted(names))
        return found

    def each(self, binder: Binder, env: Env) -> Iterator[tuple[Value, Sym, Env]]:
        """Every value of a binder's sort, with the environment in which the name is it."""
        if cardinality(binder.sort) > MOST_CASES:
            raise TooLarge(f"{binder.name} ranges over {cardinality(binder.sort)} values")
        for value in values(binder.sort):
            sym = lift(binder.sort, value)
            yield value, sym, env.bind(binder.name, sym, binder.sort)

    def into(self, expr: Expr, env: Env, sort: Sort) -> Sym:
        """The value of an expression in the shape of another sort that holds it."""
        return self.values.convert(sort_of(expr), self.sym(expr, env), sort)

    # ---- nodes --------------------------------------------------------------------------------

    def _encoded(self, expr: Expr, env: Env) -> Sym:
        match expr:
            case Lit() | Ref() | Old() | Local() | Let():
                return self._name(expr, env)
            case Not() | And() | Or() | Ite() | Eq() | Quant():
                return self._logic(expr, env)
            case Lt() | Le() | Arith() | Count() | Agg():
                return self._arithmetic(expr, env)
            case Some() | IsSome() | OrElse() | First() | Best():
                return self._choice(expr, env)
            case MakeRecord() | GetField() | WithField() | MakeMap() | Get() | Put():
                return self._product(expr, env)
            case MakeSet() | Contains() | SetOp() | Subset() | SetOf():
                return self._set(expr, env)
            case MakeSeq() | Len() | At() | Concat() | Sorted() | Fold():
                return self._sequence(expr, env)
            case _:
                assert_never(expr)

    def _name(self, expr: _Name, env: Env) -> Sym:
        match expr:
            case Lit(sort, value):
                return lift(sort, value)
            case Ref(name, sort):
                return self._shaped(env.present[name], sort)
            case Old(name, sort):
                assert env.before is not None
                return self._shaped(env.before[name], sort)
            case Local(name, sort):
                return self._shaped(env.bound[name], sort)
            case Let(name, value, body):
                return self.sym(body, env.bind(name, self.sym(value, env), sort_of(value)))
            case _:
                assert_never(expr)

    def _shaped(self, typed: Typed, sort: Sort) -> Sym:
        return self.values.convert(typed[1], typed[0], sort)

    def _logic(self, expr: _Logic, env: Env) -> Sym:
        terms = self.terms
        match expr:
            case Not(arg):
                return terms.not_(self.truth(arg, env))
            case And(args):
                return terms.and_(self._until(args, env, False))
            case Or(args):
                return terms.or_(self._until(args, env, True))
            case Ite(cond, then, other):
                return self._if(cond, then, other, env)
            case Eq(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                a, b = self.into(left, env, sort), self.into(right, env, sort)
                return self.values.same(sort, a, b)
            case Quant(kind, binder, body):
                found = (self.truth(body, inner) for _, _, inner in self.each(binder, env))
                return terms.and_(found) if kind is QuantKind.ALL else terms.or_(found)
            case _:
                assert_never(expr)

    def _until(self, args: tuple[Expr, ...], env: Env, enough: bool) -> Iterator[Truth]:
        """The arguments up to the first that decides; the rest need not be written out."""
        for arg in args:
            found = self.truth(arg, env)
            yield found
            if found is enough:
                return

    def _if(self, cond: Expr, then: Expr, other: Expr, env: Env) -> Sym:
        sort = joined(sort_of(then), sort_of(other), cond)
        c = self.truth(cond, env)
        if isinstance(c, bool):
            return self.into(then if c else other, env, sort)
        return self.values.choose(c, self.into(then, env, sort), self.into(other, env, sort))

    def _arithmetic(self, expr: _Number, env: Env) -> Sym:
        terms = self.terms
        match expr:
            case Lt(left, right):
                return terms.less(self._number(left, env), self._number(right, env))
            case Le(left, right):
                return terms.at_most(self._number(left, env), self._number(right, env))
            case Arith(op, left, right):
                return self._operation(op, self._number(left, env), self._number(right, env))
            case Count(binder, cond):
                return terms.how_many(self.truth(cond, e) for _, _, e in self.each(binder, env))
            case Agg(kind, binder, cond, term):
                inner = [(self.truth(cond, e), e) for _, _, e in self.each(binder, env)]
                chosen = [(c, self._number(term, e)) for c, e in inner if not _is_false(c)]
                return self._aggregate(kind, chosen, blank(sort_of(expr)))
            case _:
                assert_never(expr)

    def _number(self, expr: Expr, env: Env) -> Number:
        return number(self.sym(expr, env))

    def _operation(self, op: ArithOp, a: Number, b: Number) -> Number:
        terms = self.terms
        match op:
            case ArithOp.ADD:
                return terms.plus(a, b)
            case ArithOp.SUB:
                return terms.minus(a, b)
            case ArithOp.MUL:
                return terms.times(a, b)
            case ArithOp.DIV:
                return terms.div(a, b)
            case ArithOp.MOD:
                return terms.mod(a, b)
            case ArithOp.MIN:
                return terms.least(a, b)
            case ArithOp.MAX:
                return terms.greatest(a, b)
            case _:
                assert_never(op)

    def _aggregate(
        self, kind: AggKind, chosen: Sequence[tuple[Truth, Number]], nothing: Sym
    ) -> Sym:
        terms = self.terms
        if kind is AggKind.SUM:
            return terms.sum([terms.if_number(c, x, 0) for c, x in chosen])
        given: Truth = False
        best: Number = number(option(nothing)[1])
        for c, x in chosen:
            better = terms.less(x, best) if kind is AggKind.MIN else terms.less(best, x)
            takes = terms.and_((c, terms.or_((terms.not_(given), better))))
            best = terms.if_number(takes, x, best)
            given = terms.or_((given, c))
        return (given, best)

    def _choice(self, expr: _Choice, env: Env) -> Sym:
        terms = self.terms
        match expr:
            case Some(arg):
                return (True, self.sym(arg, env))
            case IsSome(arg):
                return option(self.sym(arg, env))[0]
            case OrElse(arg, default):
                return self._else(expr, arg, default, env)
            case First(binder, cond):
                places = [(self.truth(cond, e), s) for _, s, e in self.each(binder, env)]
                given = terms.or_(c for c, _ in places)
                return (given, self.values.pick(places, blank(binder.sort)))
            case Best(binder, cond, keys):
                return self._best(binder, self._ranked(binder, cond, keys, env))
            case _:
                assert_never(expr)

    def _else(self, expr: OrElse, arg: Expr, default: Expr, env: Env) -> Sym:
        of = payload(sort_of(arg), expr)
        sort = joined(of, sort_of(default), expr)
        given, inner = option(self.sym(arg, env))
        if given is True:
            return self.values.convert(of, inner, sort)
        other = self.into(default, env, sort)
        if given is False:
            return other
        return self.values.choose(given, self.values.convert(of, inner, sort), other)

    def _ranked(
        self, binder: Binder, cond: Expr, keys: tuple[Expr, ...], env: Env
    ) -> list[tuple[Truth, tuple[Number, ...], Sym]]:
        inner = [(self.truth(cond, e), s, e) for _, s, e in self.each(binder, env)]
        return [
            (c, tuple(self._number(key, e) for key in keys), s)
            for c, s, e in inner
            if not _is_false(c)
        ]

    def _before(self, a: tuple[Number, ...], b: tuple[Number, ...], ties: bool) -> Truth:
        """Is `a` less than `b`, or, with `ties`, equal?"""
        terms = self.terms
        found: Truth = ties
        for x, y in zip(reversed(a), reversed(b), strict=True):
            tied = terms.and_((terms.equal(x, y), found))
            found = terms.or_((terms.less(x, y), tied))
        return found

    def _best(self, binder: Binder, ranked: list[tuple[Truth, tuple[Number, ...], Sym]]) -> Sym:
        terms = self.terms
        places: list[tuple[Truth, Sym]] = []
        for n, (c, keys, sym) in enumerate(ranked):
            wins = (
                terms.implies(d, self._before(keys, others, False))
                for m, (d, others, _) in enumerate(ranked)
                if m != n
            )
            places.append((terms.and_((c, *wins)), sym))
        given = terms.or_(c for c, _ in places)
        return (given, self.values.pick(places, blank(binder.sort)))

    def _product(self, expr: _Product, env: Env) -> Sym:
        match expr:
            case MakeRecord(sort, args):
                pairs = zip(args, sort.fields, strict=True)
                return tuple(self.into(arg, env, s) for arg, (_, s) in pairs)
            case GetField(arg, name):
                place = record(sort_of(arg), expr).position(name)
                return parts(self.sym(arg, env))[place]
            case WithField(arg, name, value):
                shape = record(sort_of(arg), expr)
                place, whole = shape.position(name), parts(self.sym(arg, env))
                new = self.into(value, env, shape.field(name))
                return (*whole[:place], new, *whole[place + 1 :])
            case MakeMap(binder, body):
                return tuple(self.sym(body, inner) for _, _, inner in self.each(binder, env))
            case Get(arg, key):
                of = mapping(sort_of(arg), expr)
                at = self.keys(of.key, key, env)
                whole = parts(self.sym(arg, env))
                places = [(c, x) for c, x in zip(at, whole, strict=True) if not _is_false(c)]
                return self.values.pick(places, places[-1][1] if places else blank(of.value))
            case Put(arg, key, value):
                of = mapping(sort_of(arg), expr)
                at = self.keys(of.key, key, env)
                new = self.into(value, env, of.value)
                whole = parts(self.sym(arg, env))
                return tuple(self.values.choose(c, new, x) for c, x in zip(at, whole, strict=True))
            case _:
                assert_never(expr)

    def keys(self, sort: Sort, key: Expr, env: Env) -> list[Truth]:
        """For each value of a key sort, in order: is it the value of `key`?"""
        own = sort_of(key)
        shape = joined(own, sort, key)
        sym = self.values.convert(own, self.sym(key, env), shape)
        if cardinality(sort) > MOST_CASES:
            raise TooLarge(f"a map has {cardinality(sort)} keys")
        return [self.values.same(shape, sym, lift(shape, v)) for v in values(sort)]

    def _set(self, expr: _SetExpr, env: Env) -> Sym:
        terms = self.terms
        match expr:
            case MakeSet(of, args):
                found = [self.keys(of, arg, env) for arg in args]
                return tuple(terms.or_(at[n] for at in found) for n in range(cardinality(of)))
            case Contains(arg, elem):
                sort = sort_of(arg)
                assert isinstance(sort, Set)
                at = self.keys(sort.of, elem, env)
                members = parts(self.sym(arg, env))
                found2 = zip(at, map(truth, members), strict=True)
                return terms.or_(terms.and_(pair) for pair in found2)
            case SetOp(op, left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                pairs = self._memberships(left, right, env, sort)
                return tuple(self._member(op, x, y) for x, y in pairs)
            case Subset(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                pairs = self._memberships(left, right, env, sort)
                return terms.and_(terms.implies(x, y) for x, y in pairs)
            case SetOf(binder, cond):
                return tuple(self.truth(cond, inner) for _, _, inner in self.each(binder, env))
            case _:
                assert_never(expr)

    def _memberships(
        self, left: Expr, right: Expr, env: Env, sort: Sort
    ) -> Iterator[tuple[Truth, Truth]]:
        """For each element that there might be: is it in the one, in the other?"""
        a, b = parts(self.into(left, env, sort)), parts(self.into(right, env, sort))
        return zip(map(truth, a), map(truth, b), strict=True)

    def _member(self, op: SetOpKind, a: Truth, b: Truth) -> Truth:
        match op:
            case SetOpKind.UNION:
                return self.terms.or_((a, b))
            case SetOpKind.INTER:
                return self.terms.and_((a, b))
            case SetOpKind.MINUS:
                return self.terms.and_((a, self.terms.not_(b)))
            case _:
                assert_never(op)

    def _sequence(self, expr: _SeqExpr, env: Env) -> Sym:
        match expr:
            case MakeSeq(of, args):
                return (len(args), tuple(self.into(arg, env, of) for arg in args))
            case Len(arg):
                return row(self.sym(arg, env))[0]
            case At(arg, index, default):
                return self._at(expr, arg, index, default, env)
            case Concat(left, right):
                return self._concat(expr, left, right, env)
            case Sorted(binder, cond, keys):
                return self._sorted(binder, self._ranked(binder, cond, keys, env))
            case Fold(acc, init, elem, seq, body):
                return self._fold(acc, init, elem, seq, body, env)
            case _:
                assert_never(expr)

    def _at(self, expr: At, arg: Expr, index: Expr, default: Expr, env: Env) -> Sym:
        terms = self.terms
        of = sequence(sort_of(arg), expr).of
        sort = joined(of, sort_of(default), expr)
        length, items = row(self.sym(arg, env))
        place = self._number(index, env)
        places = [
            (
                terms.and_((terms.equal(place, n), terms.less(n, length))),
                self.values.convert(of, item, sort),
            )
            for n, item in enumerate(items)
        ]
        return self.values.pick(places, self.into(default, env, sort))

    def _concat(self, expr: Concat, left: Expr, right: Expr, env: Env) -> Sym:
        terms = self.terms
        sort = sort_of(expr)
        assert isinstance(sort, Seq)
        first = sequence(sort_of(left), expr)
        second = sequence(sort_of(right), expr)
        n, a = row(self.into(left, env, Seq(sort.of, first.cap)))
        m, b = row(self.into(right, env, Seq(sort.of, second.cap)))
        items = []
        for place in range(sort.cap):
            own = [(terms.less(place, n), a[place])] if place < len(a) else []
            theirs = [
                (terms.equal(n, place - k), b[k]) for k in range(len(b)) if 0 <= place - k <= len(a)
            ]
            items.append(self.values.pick([*own, *theirs], blank(sort.of)))
        return (terms.plus(n, m), tuple(items))

    def _sorted(self, binder: Binder, ranked: list[tuple[Truth, tuple[Number, ...], Sym]]) -> Sym:
        terms = self.terms
        places: list[Number] = []
        for n, (_, keys, _) in enumerate(ranked):
            places.append(
                terms.how_many(
                    terms.and_((d, self._before(others, keys, m < n)))
                    for m, (d, others, _) in enumerate(ranked)
                    if m != n
                )
            )
        items = [
            self.values.pick(
                [
                    (terms.and_((c, terms.equal(at, place))), sym)
                    for (c, _, sym), at in zip(ranked, places, strict=True)
                ],
                blank(binder.sort),
            )
            for place in range(cardinality(binder.sort))
        ]
        return (terms.how_many(c for c, _, _ in ranked), tuple(items))

    def _fold(self, acc: Binder, init: Expr, elem: str, seq: Expr, body: Expr, env: Env) -> Sym:
        of = sequence(sort_of(seq), seq).of
        length, items = row(self.sym(seq, env))
        total = self.into(init, env, acc.sort)
        for n, item in enumerate(items):
            goes_on = self.terms.less(n, length)
            if goes_on is False:
                break
            inner = env.bind(acc.name, total, acc.sort).bind(elem, item, of)
            total = self.values.choose(goes_on, self.into(body, inner, acc.sort), total)
        return total


def _is_false(condition: Truth) -> bool:
    return condition is False


__all__ = ["Encoder", "Env", "TooLarge", "Typed"]
