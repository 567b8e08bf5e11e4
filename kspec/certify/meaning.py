"""Expressions and actions as SMT-LIB text: what `docs/semantics.md` says, once more.

The second half of the encoder that proofs are checked with; see `formulas` for the first and for
what is done differently here than in the engines. Next: `obligations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.certify.formulas import Flat, Leaf, Script, cut_up, lift, zeros
from kspec.ir import expr as ir
from kspec.ir.expr import AggKind, ArithOp, Binder, Expr, QuantKind, SetOpKind, joined, sort_of
from kspec.ir.rewrite import bound_names, parts
from kspec.ir.sorts import Map, Record, Seq, Set, Sort, cardinality, values
from kspec.ir.system import Action, Implicit, Index, PathStep, System, Update

World: TypeAlias = Mapping[str, Flat]
"""The leaves of every constant and variable, in the sort that it is declared with."""


@final
@frozen(eq=False)
class Seen:
    """What names stand for: a world, the one before the step, bound names with their sorts."""

    world: World
    before: World | None = None
    bound: Mapping[str, tuple[Flat, Sort]] = {}

    def bind(self, name: str, flat: Flat, sort: Sort) -> Seen:
        """With one bound name more."""
        return Seen(self.world, self.before, {**self.bound, name: (flat, sort)})


@final
class Meaning:
    """The expressions of one system in one script."""

    def __init__(self, system: System, script: Script) -> None:
        self.system = system
        self.script = script
        self.sorts: dict[str, Sort] = {v.name: v.sort for v in system.variables}
        self.sorts.update({c.name: c.sort for c in system.constants})
        self._done: dict[tuple[object, ...], tuple[Flat, Seen]] = {}
        self._names: dict[Expr, tuple[str, ...]] = {}

    def truth(self, expr: Expr, seen: Seen) -> Leaf:
        """An expression of sort `Bool`."""
        return self.flat(expr, seen)[0]

    def into(self, expr: Expr, seen: Seen, sort: Sort) -> Flat:
        """An expression, as a value of a sort that has it."""
        return self.script.convert(sort_of(expr), self.flat(expr, seen), sort)

    def flat(self, expr: Expr, seen: Seen) -> Flat:
        """The leaves of the value of an expression, in `sort_of(expr)`."""
        # `True` and 1 are one key: a bound name goes with its sort.
        bound = tuple(seen.bound[n] for n in self._free(expr))
        key = (expr, id(seen.world), id(seen.before), bound)
        if key not in self._done:
            # What was seen is kept, so that no other world gets its id.
            self._done[key] = (self._of(expr, seen), seen)
        return self._done[key][0]

    def _free(self, expr: Expr) -> tuple[str, ...]:
        """The bound names that an expression uses."""
        if expr not in self._names:
            own = set(bound_names(expr))
            names = {expr.name} if isinstance(expr, ir.Local) else set[str]()
            for part in parts(expr):
                names |= set(self._free(part.expr)) - (own if part.is_inside else set())
            self._names[expr] = tuple(sorted(names))
        return self._names[expr]

    def each(self, binder: Binder, seen: Seen) -> Iterator[tuple[Flat, Seen]]:
        """Every value of a binder's sort."""
        for value in values(binder.sort):
            flat = lift(binder.sort, value)
            yield flat, seen.bind(binder.name, flat, binder.sort)

    def _of(self, expr: Expr, seen: Seen) -> Flat:
        t, script = self.truth, self.script
        match expr:
            case ir.Lit(sort, value):
                return lift(sort, value)
            case ir.Ref(name, sort):
                return script.convert(self.sorts[name], seen.world[name], sort)
            case ir.Old(name, sort):
                assert seen.before is not None
                return script.convert(self.sorts[name], seen.before[name], sort)
            case ir.Local(name, sort):
                flat, own = seen.bound[name]
                return script.convert(own, flat, sort)
            case ir.Let(name, value, body):
                return self.flat(body, seen.bind(name, self.flat(value, seen), sort_of(value)))
            case ir.Not(arg):
                return (script.no(t(arg, seen)),)
            case ir.And(args):
                return (script.both(t(a, seen) for a in args),)
            case ir.Or(args):
                return (script.any(t(a, seen) for a in args),)
            case ir.Ite(cond, then, other):
                sort = sort_of(expr)
                a, b = self.into(then, seen, sort), self.into(other, seen, sort)
                return script.choose(t(cond, seen), a, b)
            case ir.Eq(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                return (script.equal(self.into(left, seen, sort), self.into(right, seen, sort)),)
            case ir.Lt(left, right):
                return (script.lt(self.flat(left, seen)[0], self.flat(right, seen)[0]),)
            case ir.Le(left, right):
                return (script.le(self.flat(left, seen)[0], self.flat(right, seen)[0]),)
            case ir.Arith(op, left, right):
                return (self._arith(op, self.flat(left, seen)[0], self.flat(right, seen)[0]),)
            case ir.Some(arg):
                return (True, *self.flat(arg, seen))
            case ir.IsSome(arg):
                return self.flat(arg, seen)[:1]
            case ir.OrElse(arg, default):
                sort, opt = sort_of(expr), self.flat(arg, seen)
                inner = script.convert(ir.payload(sort_of(arg), expr), opt[1:], sort)
                return script.choose(opt[0], inner, self.into(default, seen, sort))
            case ir.Quant(kind, binder, body):
                found = (t(body, s) for _, s in self.each(binder, seen))
                return (script.both(found) if kind is QuantKind.ALL else script.any(found),)
            case ir.Count(binder, cond):
                return (script.count(t(cond, s) for _, s in self.each(binder, seen)),)
            case _:
                return self._compound(expr, seen)

    def _compound(self, expr: Expr, seen: Seen) -> Flat:
        script = self.script
        match expr:
            case ir.MakeRecord(record, args):
                pairs = zip(args, record.fields, strict=True)
                return tuple(x for a, (_, s) in pairs for x in self.into(a, seen, s))
            case ir.GetField(arg, name):
                record = ir.record(sort_of(arg), expr)
                return list(cut_up(self.flat(arg, seen), record))[record.position(name)]
            case ir.WithField(arg, name, value):
                record = ir.record(sort_of(arg), expr)
                fields = list(cut_up(self.flat(arg, seen), record))
                fields[record.position(name)] = self.into(value, seen, record.field(name))
                return tuple(x for part in fields for x in part)
            case ir.MakeMap(binder, body):
                return tuple(x for _, s in self.each(binder, seen) for x in self.flat(body, s))
            case ir.Get(arg, key):
                of = ir.mapping(sort_of(arg), expr)
                inside = cut_up(self.flat(arg, seen), of)
                at = self.places(of.key, key, seen)
                return script.pick(list(zip(at, inside, strict=True)), zeros(of.value))
            case ir.Put(arg, key, value):
                of = ir.mapping(sort_of(arg), expr)
                new = self.into(value, seen, of.value)
                inside = cut_up(self.flat(arg, seen), of)
                pairs2 = zip(self.places(of.key, key, seen), inside, strict=True)
                return tuple(x for c, part in pairs2 for x in script.choose(c, new, part))
            case ir.MakeSet(of_, args):
                found = [self.places(of_, a, seen) for a in args]
                return tuple(script.any(at[n] for at in found) for n in range(cardinality(of_)))
            case ir.Contains(arg, elem):
                sort = sort_of(arg)
                assert isinstance(sort, Set)
                pairs3 = zip(self.places(sort.of, elem, seen), self.flat(arg, seen), strict=True)
                return (script.any(script.both(pair) for pair in pairs3),)
            case ir.SetOp(op, left, right):
                sort = sort_of(expr)
                pairs4 = zip(self.into(left, seen, sort), self.into(right, seen, sort), strict=True)
                return tuple(self._set(op, x, y) for x, y in pairs4)
            case ir.Subset(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                pairs4 = zip(self.into(left, seen, sort), self.into(right, seen, sort), strict=True)
                return (script.both(script.any((script.no(x), y)) for x, y in pairs4),)
            case ir.SetOf(binder, cond):
                return tuple(self.truth(cond, s) for _, s in self.each(binder, seen))
            case _:
                return self._ordered(expr, seen)

    def _set(self, op: SetOpKind, x: Leaf, y: Leaf) -> Leaf:
        if op is SetOpKind.UNION:
            return self.script.any((x, y))
        return self.script.both((x, y if op is SetOpKind.INTER else self.script.no(y)))

    def _ordered(self, expr: Expr, seen: Seen) -> Flat:
        script = self.script
        match expr:
            case ir.MakeSeq(of, args):
                return (len(args), *(x for a in args for x in self.into(a, seen, of)))
            case ir.Len(arg):
                return self.flat(arg, seen)[:1]
            case ir.At(arg, index, default):
                sort, own = sort_of(expr), ir.sequence(sort_of(arg), expr)
                whole, at = self.flat(arg, seen), self.flat(index, seen)[0]
                items = (script.convert(own.of, x, sort) for x in cut_up(whole, own))
                places = [
                    (script.both((script.equal((at,), (n,)), script.lt(n, whole[0]))), x)
                    for n, x in enumerate(items)
                ]
                return script.pick(places, self.into(default, seen, sort))
            case ir.Concat(left, right):
                return self._concat(expr, left, right, seen)
            case ir.Fold(acc, init, elem, seq, body):
                own = ir.sequence(sort_of(seq), seq)
                whole, total = self.flat(seq, seen), self.into(init, seen, acc.sort)
                for n, item in enumerate(cut_up(whole, own)):
                    inner = seen.bind(acc.name, total, acc.sort).bind(elem, item, own.of)
                    new = self.into(body, inner, acc.sort)
                    total = script.choose(script.lt(n, whole[0]), new, total)
                return total
            case ir.Agg(kind, binder, cond, term):
                chosen = [
                    (self.truth(cond, s), self.flat(term, s)[0]) for _, s in self.each(binder, seen)
                ]
                return self._aggregate(kind, chosen)
            case ir.First(binder, cond):
                found = [(self.truth(cond, s), x) for x, s in self.each(binder, seen)]
                return (script.any(c for c, _ in found), *script.pick(found, zeros(binder.sort)))
            case ir.Best(binder, cond, keys):
                ranked = self._ranked(binder, cond, keys, seen)
                found = [(script.both((c, script.equal((n,), (0,)))), x) for c, n, x in ranked]
                # With a tie for the first place nobody has it: all of them are behind another.
                return (script.any(c for c, _ in found), *script.pick(found, zeros(binder.sort)))
            case ir.Sorted(binder, cond, keys):
                ranked = self._ranked(binder, cond, keys, seen, by_order=True)
                items = (
                    script.pick(
                        [(script.both((c, script.equal((n,), (place,)))), x) for c, n, x in ranked],
                        zeros(binder.sort),
                    )
                    for place in range(cardinality(binder.sort))
                )
                return (script.count(c for c, _, _ in ranked), *(x for item in items for x in item))
            case _:
                raise TypeError(f"no such expression: {expr}")

    def _ranked(
        self, binder: Binder, cond: Expr, keys: tuple[Expr, ...], seen: Seen, by_order: bool = False
    ) -> list[tuple[Leaf, Leaf, Flat]]:
        """Each value: is it meant, how many come before it, its leaves. Of values with equal keys
        the earlier comes first if it goes `by_order`, else each comes before the other."""
        script = self.script
        all_ = [
            (self.truth(cond, s), [self.flat(k, s)[0] for k in keys], x)
            for x, s in self.each(binder, seen)
        ]
        return [
            (
                c,
                script.count(
                    script.both((d, self._before(other, own, m < n or not by_order)))
                    for m, (d, other, _) in enumerate(all_)
                    if m != n
                ),
                x,
            )
            for n, (c, own, x) in enumerate(all_)
        ]

    def _before(self, a: list[Leaf], b: list[Leaf], ties: bool) -> Leaf:
        script, result = self.script, _leaf(ties)
        for x, y in zip(reversed(a), reversed(b), strict=True):
            tied = script.both((script.equal((x,), (y,)), result))
            result = script.any((script.lt(x, y), tied))
        return result

    def _aggregate(self, kind: AggKind, chosen: list[tuple[Leaf, Leaf]]) -> Flat:
        script = self.script
        if kind is AggKind.SUM:
            return (script.sum(script.choose(c, (x,), (0,))[0] for c, x in chosen),)
        given: Leaf = False
        best: Leaf = 0
        for c, x in chosen:
            better = script.lt(x, best) if kind is AggKind.MIN else script.lt(best, x)
            takes = script.both((c, script.any((script.no(given), better))))
            (best,) = script.choose(takes, (x,), (best,))
            given = script.any((given, c))
        return (given, best)

    def _arith(self, op: ArithOp, a: Leaf, b: Leaf) -> Leaf:
        script = self.script
        match op:
            case ArithOp.ADD | ArithOp.SUB | ArithOp.MUL:
                names = {ArithOp.ADD: "bvadd", ArithOp.SUB: "bvsub", ArithOp.MUL: "bvmul"}
                return script.plus(names[op], a, b)
            case ArithOp.MIN:
                return script.choose(script.le(a, b), (a,), (b,))[0]
            case ArithOp.MAX:
                return script.choose(script.le(a, b), (b,), (a,))[0]
            case ArithOp.MOD | ArithOp.DIV:
                rest = script.term("bvsmod", a, b, number=True)  # has the sign of the divisor
                if op is ArithOp.MOD:
                    return rest
                whole = script.term("bvsub", a, rest, number=True)
                return script.term("bvsdiv", whole, b, number=True)

    def _concat(self, expr: Expr, left: Expr, right: Expr, seen: Seen) -> Flat:
        script, sort = self.script, sort_of(expr)
        assert isinstance(sort, Seq)
        caps = [ir.sequence(sort_of(e), expr).cap for e in (left, right)]
        shapes = [Seq(sort.of, cap) for cap in caps]
        a, b = self.into(left, seen, shapes[0]), self.into(right, seen, shapes[1])
        firsts, seconds = list(cut_up(a, shapes[0])), list(cut_up(b, shapes[1]))
        items = []
        for place in range(sort.cap):
            item = firsts[place] if place < caps[0] else zeros(sort.of)
            for length in range(min(caps[0], place) + 1):
                if place - length < caps[1]:
                    # Past the end of the second there are zeros, as there must be.
                    is_it = script.equal((a[0],), (length,))
                    item = script.choose(is_it, seconds[place - length], item)
            items.append(item)
        return (script.plus("bvadd", a[0], b[0]), *(x for item in items for x in item))

    def places(self, sort: Sort, key: Expr, seen: Seen) -> list[Leaf]:
        """For each value of a sort: is it that of `key`?"""
        own = sort_of(key)
        both = joined(own, sort, key)
        flat = self.script.convert(own, self.flat(key, seen), both)
        return [self.script.equal(flat, lift(both, v)) for v in values(sort)]


def _leaf(truth: bool) -> Leaf:
    return truth


# ---- actions -----------------------------------------------------------------------------------


@final
@frozen(eq=False)
class Doing:
    """What an action does in a state with what is given to it: may it, is it cut, what would it
    break, and the leaves of all variables after it."""

    guard: Leaf
    cut: Leaf
    breaks: Mapping[Implicit, Leaf]
    after: Mapping[str, Flat]
    seen: Seen


@final
@frozen(eq=False)
class _Write:
    var: str
    places: tuple[list[Leaf], ...]
    when: Leaf
    value: Flat
    fits: Leaf
    live: Leaf


def doing(of: Meaning, action: Action, world: World, given: tuple[Flat, ...]) -> Doing:
    """An action in a world, with values for its parameters and choices."""
    script, seen = of.script, Seen(world)
    for binder, flat in zip((*action.params, *action.choices), given, strict=True):
        seen = seen.bind(binder.name, flat, binder.sort)
    for name, expr in action.lets:
        seen = seen.bind(name, of.flat(expr, seen), sort_of(expr))
    writes = [write for update in action.updates for write in _writes(of, update, seen)]
    after = dict(world)
    for w in writes:
        after[w.var] = _written(of, of.sorts[w.var], after[w.var], w.places, w.value, w.when)
    breaks = {
        Implicit.IN_RANGE: script.any(script.both((w.when, script.no(w.fits))) for w in writes),
        Implicit.SINGLE_WRITE: script.any(_meet(script, a, b) for a, b in combinations(writes, 2)),
        Implicit.LIVE_TARGET: script.any(script.both((w.when, script.no(w.live))) for w in writes),
    }
    guard = script.both(of.truth(part.expr, seen) for part in action.guard)
    cut = False if action.cut is None else of.truth(action.cut, seen)
    return Doing(guard, cut, breaks, after, seen)


def _writes(of: Meaning, update: Update, seen: Seen) -> Iterator[_Write]:
    for chosen in product(*(tuple(values(b.sort)) for b in update.binders)):
        inner = seen
        for binder, value in zip(update.binders, chosen, strict=True):
            inner = inner.bind(binder.name, lift(binder.sort, value), binder.sort)
        places, sort = _path(of, update.path, of.sorts[update.var], inner)
        own, flat = sort_of(update.value), of.flat(update.value, inner)
        yield _Write(
            update.var,
            places,
            of.truth(update.when, inner),
            of.script.convert(own, flat, sort),
            of.script.contained(own, flat, sort),
            of.truth(update.live, inner),
        )


def _path(
    of: Meaning, path: tuple[PathStep, ...], sort: Sort, seen: Seen
) -> tuple[tuple[list[Leaf], ...], Sort]:
    places: list[list[Leaf]] = []
    for step in path:
        if isinstance(step, Index):
            assert isinstance(sort, Map)
            places.append(of.places(sort.key, step.key, seen))
            sort = sort.value
        else:
            assert isinstance(sort, Record)
            places.append([name == step.name for name, _ in sort.fields])
            sort = sort.field(step.name)
    return tuple(places), sort


def _meet(script: Script, a: _Write, b: _Write) -> Leaf:
    """Do two writes go to one place, or one into the other's?"""
    if a.var != b.var:
        return False
    steps = zip(a.places, b.places, strict=False)
    shared = (script.any(script.both(p) for p in zip(x, y, strict=True)) for x, y in steps)
    return script.both((a.when, b.when, *shared))


def _written(
    of: Meaning, sort: Sort, old: Flat, places: tuple[list[Leaf], ...], new: Flat, when: Leaf
) -> Flat:
    if when is False:
        return old  # a part that the path does not lead to, of whatever sort
    if not places:
        return of.script.choose(when, new, old)
    old_parts = list(cut_up(old, sort))
    inner = [s for _, s in sort.fields] if isinstance(sort, Record) else []
    if isinstance(sort, Map):
        inner = [sort.value] * len(old_parts)
    found = (
        _written(of, s, part, places[1:], new, of.script.both((when, here)))
        for s, part, here in zip(inner, old_parts, places[0], strict=True)
    )
    return tuple(x for part in found for x in part)


__all__ = ["Doing", "Meaning", "Seen", "World", "doing"]
