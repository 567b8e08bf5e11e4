"""What expressions say, as rows: of a state, of the one before it, of names that are bound.

What cannot be said is a symbol of which nothing is known, the same wherever the same is asked, so
that no proof rests on it. Counts are such symbols, with what is known of them. Next: `steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import TypeAlias, final

import kspec.ir.expr as ir
from kspec.base.record import frozen
from kspec.certify.anysize.rows import Rows
from kspec.certify.anysize.words import (
    MOST,
    Flat,
    Leaf,
    Unsaid,
    all_of,
    always,
    any_of,
    arithmetic,
    implied,
    negated,
    one_of,
    same,
    set_joined,
    shape_of,
    sort_name,
)
from kspec.ir.expr import AggKind, Binder, Expr, QuantKind, sort_of
from kspec.ir.passes.sizes import mentions
from kspec.ir.sorts import (
    Bool,
    Int,
    Map,
    Opt,
    Record,
    Set,
    Sort,
    cardinality,
    values,
)

State: TypeAlias = "Mapping[str, Flat]"


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


class Expressions(Rows):
    """Says expressions."""

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
        form = shape_of(expr, (), free)
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
            yield (f"({name} {sort_name(kind)})",), (always(name),)
        elif not mentions(sort, self.kinds):
            if cardinality(sort) > MOST:
                raise Unsaid
            yield from (((), self.lift(sort, v)) for v in values(sort))
        else:
            match sort:
                case Opt(of):
                    yield (), (always("false"), *self.zeros(of))
                    yield from ((b, (always("true"), *x)) for b, x in self.each(of))
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
        return all_of(found) if is_all else any_of(found)

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
                return (always(negated(self.truth(arg, seen))),)
            case ir.And(args):
                return (always(all_of([self.truth(a, seen) for a in args])),)
            case ir.Or(args):
                return (always(any_of([self.truth(a, seen) for a in args])),)
            case ir.Ite(cond, then, other):
                sort = sort_of(expr)
                pair = (self.into(then, seen, sort), self.into(other, seen, sort))
                return self.choose(self.truth(cond, seen), *pair)
            case ir.Eq(left, right):
                sort = ir.joined(sort_of(left), sort_of(right), expr)
                pair = (self.into(left, seen, sort), self.into(right, seen, sort))
                return (always(self.equal(sort, *pair)),)
            case ir.Lt(left, right) | ir.Le(left, right):
                sign = "<" if isinstance(expr, ir.Lt) else "<="
                terms = (self.truth(left, seen), self.truth(right, seen))
                return (always(f"({sign} {' '.join(terms)})"),)
            case ir.Arith(op, left, right):
                return (always(arithmetic(op, self.truth(left, seen), self.truth(right, seen))),)
            case ir.Quant(kind, binder, body):
                return (always(self.quantified(kind is QuantKind.ALL, binder, body, seen)),)
            case _:
                return self._parts(expr, seen)

    def _parts(self, expr: Expr, seen: Seen) -> Flat:
        match expr:
            case ir.Some(arg):
                return (always("true"), *self.flat(arg, seen))
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
                here = seen.bind(binder.name, (always(args[0]),), binder.sort)
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
                    return one_of(same(args[0], who), here, whole[n](args))

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
                    return (lambda given: any_of(same(given[0], w) for w in who),)
                self.leaves(Set(of))
                literals = [self.lift(of, v) for v in values(of)]
                return tuple(always(any_of(self.equal(of, x, v) for x in inside)) for v in literals)
            case ir.Contains(arg, elem):
                sort = sort_of(arg)
                assert isinstance(sort, Set)
                both = ir.joined(sort.of, sort_of(elem), expr)
                if self.endless(sort.of) is not None:
                    return (always(self.flat(arg, seen)[0]((self.truth(elem, seen),))),)
                self.leaves(sort)
                item = self.into(elem, seen, both)
                pairs = zip(values(sort.of), self.flat(arg, seen), strict=True)
                found = (
                    all_of((x(()), self.equal(both, item, self.lift(both, v)))) for v, x in pairs
                )
                return (always(any_of(found)),)
            case ir.SetOp(op, left, right):
                sort = sort_of(expr)
                pairs2 = zip(self.into(left, seen, sort), self.into(right, seen, sort), strict=True)
                return tuple((lambda a, x=x, y=y: set_joined(op, x(a), y(a))) for x, y in pairs2)
            case ir.Subset(left, right):
                sort = ir.joined(sort_of(left), sort_of(right), expr)
                a, b = self.into(left, seen, sort), self.into(right, seen, sort)
                parts = zip(self.leaves(sort), a, b, strict=True)
                return (always(all_of(self.each_of(k, implied(x, y)) for (k, _), x, y in parts)),)
            case ir.First(binder, cond) | ir.Best(binder, cond, _):
                return self._one(expr, binder, cond, seen)
            case ir.Count(binder, cond):
                return (always(self._count(expr, binder, cond, seen)),)
            case ir.Agg(AggKind.SUM, binder, cond, term) if not mentions(binder.sort, self.kinds):
                rows = self._rows(binder, seen)
                terms = [one_of(self.truth(cond, s), self.truth(term, s), "0") for s in rows]
                return (always(f"(+ 0 0 {' '.join(terms)})"),)
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
            self.require(any_of((negated(found[0](())), meant)))
        return found

    def _count(self, expr: Expr, binder: Binder, cond: Expr, seen: Seen) -> str:
        if not mentions(binder.sort, self.kinds):
            ones = [one_of(self.truth(cond, s), "1", "0") for s in self._rows(binder, seen)]
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
        shape_of(expr, (), names)
        for free in names:
            sort = seen.bound[free][1]
            row = []
            for _, scalar in self.leaves(sort):
                self.count += 1
                base = self.endless(scalar) or ("Bool" if scalar == Bool() else "Int")
                binders.append(f"(w{self.count} {sort_name(base)})")
                row.append(always(f"w{self.count}"))
                more.append((scalar, f"w{self.count}"))
            inner = inner.bind(free, tuple(row), sort)
        number = self.fresh(Int(0, 0), name, tuple(more), ranged=False)[0](())
        first = self.fresh(binder.sort, f"{name} first", tuple(more), ranged=False)
        second = self.fresh(binder.sort, f"{name} second", tuple(more), ranged=False)

        def meant(flat: Flat) -> str:
            return self.truth(cond, inner.bind(binder.name, flat, binder.sort))

        one, two = (always("u1"),), (always("u2"),)
        of = sort_name(kind)
        both = all_of((meant(one), meant(two), "(not (= u1 u2))"))
        differ = negated(same(first[0](()), second[0](())))
        known = (
            f"(<= 0 {number})",
            any_of((f"(< {number} 1)", meant(first))),
            f"(forall ((u1 {of})) {any_of((negated(meant(one)), f'(<= 1 {number})'))})",
            any_of((f"(< {number} 2)", all_of((meant(first), meant(second), differ)))),
            f"(forall ((u1 {of}) (u2 {of})) {any_of((negated(both), f'(<= 2 {number})'))})",
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


__all__ = ["Expressions", "Seen", "State"]
