"""Expressions and actions as SMT-LIB text: what `docs/semantics.md` says, once more.

The second part of the encoder that proofs are checked with; see `formulas` for values and for what
is done differently here than in the engines. `NODES` is the language; `Meaning` knows what names
stand for. Next: `obligations`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Final, TypeAlias, final

from kspec.base.record import frozen
from kspec.certify.formulas import HEAD, Leaf, Script, Steps, Sym, inside, lift, zero
from kspec.ir import expr as ir
from kspec.ir.expr import AggKind, ArithOp, Binder, Expr, QuantKind, SetOpKind, sort_of
from kspec.ir.rewrite import bound_names, parts
from kspec.ir.sorts import Bool, Int, Map, Set, Sort, values
from kspec.ir.system import Action, Field, Implicit, Update

Names: TypeAlias = dict[Any, Sym]
"""What `Ref`s, `Old`s and `Local`s stand for, by that and the name."""


# ---- what a node makes of the values of its parts -----------------------------------------------


def _at(script: Script, sort: Sort, key: Sym) -> dict[Any, Leaf]:
    """For each part of a map or a set: is it that of the key?"""
    assert isinstance(sort, Map | Set)
    of = sort.key if isinstance(sort, Map) else sort.of
    return {value: script.equal(key, lift(of, value)) for value in values(of)}


def _get(s: Script, expr: ir.Get | ir.Contains, whole: Sym, key: Sym) -> Sym:
    return s.pick((c, whole.get(value)) for value, c in _at(s, sort_of(expr.arg), key).items())


def _make_set(s: Script, expr: ir.MakeSet, *args: Sym) -> Sym:
    each = {value: lift(expr.of, value) for value in values(expr.of)}
    return {value: s.any(s.equal(x, arg) for arg in args) for value, x in each.items()}


def _members(a: Sym, b: Sym, member: Callable[[Leaf, Leaf], Leaf]) -> Sym:
    return {value: member(a.get(value, False), b.get(value, False)) for value in {**a, **b}}


def _concat(s: Script, a: Sym, b: Sym) -> Sym:
    size = a.get(HEAD, 0)
    then = (s.item(b, s.term("bvsub", n, size)) for n in range(len(a) + len(b)))
    items = {n: s.item(a, n, other) for n, other in enumerate(then)}
    return {HEAD: s.sum((size, b.get(HEAD, 0))), **items}


def _ahead(s: Script, rows: Sequence[Sequence[Sym]], ties: bool) -> list[list[Leaf]]:
    """For each row of a condition and keys: which others are meant and come before it? Of those
    with equal keys the earlier, or with `ties` each before the other."""

    def before(n: int, m: int) -> Leaf:
        result: Leaf = ties or n < m
        for x, y in reversed(tuple(zip(rows[n][1:], rows[m][1:], strict=True))):
            result = s.any((s.lt(x, y), s.both((s.equal(x, y), result))))
        return s.both((rows[n][0], result))

    all_ = range(len(rows))
    return [[before(n, m) for n in all_ if n != m] for m in all_]


def _first(s: Script, rows: Sequence[Sequence[Sym]], shown: Iterable[Sym], ties: bool) -> Sym:
    ahead = zip(rows, _ahead(s, rows, ties), strict=True)
    first = [s.both((row[0], *map(s.no, others))) for row, others in ahead]
    return {HEAD: s.any(first), 0: s.pick(zip(first, shown, strict=True))}


def _sorted(s: Script, expr: ir.Sorted, *rows: Sequence[Sym]) -> Sym:
    ahead = zip(rows, _ahead(s, rows, ties=False), strict=True)
    place = [s.choose(row[0], s.count(others), -1) for row, others in ahead]
    shown = list(zip(place, _all(expr.binder.sort), strict=True))
    items = {n: s.pick((s.equal(p, n), x) for p, x in shown) for n in range(len(rows))}
    return {HEAD: s.count(row[0] for row in rows), **items}


def _all(sort: Sort) -> list[Sym]:
    return [lift(sort, value) for value in values(sort)]


NODES: Final[dict[Any, Callable[..., Sym]]] = {
    ir.Not: lambda s, e, a: s.no(a),
    ir.And: lambda s, e, *args: s.both(args),
    ir.Or: lambda s, e, *args: s.any(args),
    ir.Ite: lambda s, e, c, a, b: s.choose(c, a, b),
    ir.Eq: lambda s, e, a, b: s.equal(a, b),
    ir.Lt: lambda s, e, a, b: s.lt(a, b),
    ir.Le: lambda s, e, a, b: s.le(a, b),
    ArithOp.ADD: lambda s, e, a, b: s.term("bvadd", a, b),
    ArithOp.SUB: lambda s, e, a, b: s.term("bvsub", a, b),
    ArithOp.MUL: lambda s, e, a, b: s.term("bvmul", a, b),
    ArithOp.MOD: lambda s, e, a, b: s.term("bvsmod", a, b),
    ArithOp.DIV: lambda s, e, a, b: s.term("bvsdiv", s.term("bvsub", a, s.term("bvsmod", a, b)), b),
    ArithOp.MIN: lambda s, e, a, b: s.choose(s.le(a, b), a, b),
    ArithOp.MAX: lambda s, e, a, b: s.choose(s.le(a, b), b, a),
    ir.Some: lambda s, e, a: {HEAD: True, 0: a},
    ir.IsSome: lambda s, e, a: a.get(HEAD),
    ir.OrElse: lambda s, e, a, b: s.item(a, 0, b),
    ir.MakeRecord: lambda s, e, *args: dict(zip(inside(e.sort), args, strict=True)),
    ir.GetField: lambda s, e, a: a.get(e.name),
    ir.WithField: lambda s, e, a, b: {**a, e.name: b},
    ir.MakeSet: _make_set,
    ir.Contains: _get,
    SetOpKind.UNION: lambda s, e, a, b: _members(a, b, lambda x, y: s.any((x, y))),
    SetOpKind.INTER: lambda s, e, a, b: _members(a, b, lambda x, y: s.both((x, y))),
    SetOpKind.MINUS: lambda s, e, a, b: _members(a, b, lambda x, y: s.both((x, s.no(y)))),
    ir.Subset: lambda s, e, a, b: s.both(s.any((s.no(x), b.get(v, False))) for v, x in a.items()),
    ir.Get: _get,
    ir.Put: lambda s, e, a, key, b: s.written(a, (_at(s, sort_of(e), key),), b, True),
    ir.MakeSeq: lambda s, e, *args: {HEAD: len(args), **dict(enumerate(args))},
    ir.Len: lambda s, e, a: a.get(HEAD),
    ir.At: lambda s, e, a, n, b: s.item(a, n, b),
    ir.Concat: lambda s, e, a, b: _concat(s, a, b),
    QuantKind.ALL: lambda s, e, *rows: s.both(_only(rows)),
    QuantKind.SOME: lambda s, e, *rows: s.any(_only(rows)),
    ir.Count: lambda s, e, *rows: s.count(_only(rows)),
    ir.SetOf: lambda s, e, *rows: dict(zip(values(e.binder.sort), _only(rows), strict=True)),
    ir.MakeMap: lambda s, e, *rows: dict(zip(values(e.binder.sort), _only(rows), strict=True)),
    AggKind.SUM: lambda s, e, *rows: s.sum(s.choose(c, x, 0) for c, x in rows),
    AggKind.MIN: lambda s, e, *rows: _first(s, rows, [x for _, x in rows], ties=False),
    AggKind.MAX: lambda s, e, *rows: _first(
        s, [(c, s.term("bvsub", 0, x)) for c, x in rows], [x for _, x in rows], ties=False
    ),
    ir.First: lambda s, e, *rows: _first(s, rows, _all(e.binder.sort), ties=False),
    ir.Best: lambda s, e, *rows: _first(s, rows, _all(e.binder.sort), ties=True),
    ir.Sorted: _sorted,
}
"""By the kind of node, or of operation: what becomes of a script, the node and the values of its
parts. Of a node that binds a name, these are rows of values: one row for each value of the name."""


def _only(rows: Sequence[Sequence[Sym]]) -> list[Sym]:
    return [x for (x,) in rows]


# ---- what names stand for -----------------------------------------------------------------------


@final
@frozen(eq=False)
class Act:
    """What an action does: `tried` if it is this that is tried, and is enabled; then it `breaks`
    something, or is `taken` and leads to `after`; `names` are what its names stand for."""

    name: str
    tried: Leaf
    breaks: Mapping[Implicit, Leaf]
    taken: Leaf
    after: Names
    names: Names


@final
class Meaning:
    """The expressions and actions of one system in one script."""

    def __init__(self, script: Script, sorts: Mapping[str, Sort]) -> None:
        self.script, self.sorts = script, sorts
        self._done: dict[tuple[object, ...], tuple[Sym, Names]] = {}
        self._parts: dict[Expr, tuple[tuple[Expr, ...], frozenset[Any]]] = {}

    def of(self, expr: Expr, names: Names) -> Sym:
        """What an expression stands for."""
        key = (expr, *(id(names[name]) for name in self._known(expr)[1]))
        if key not in self._done:
            sym, sort = self._of(expr, names), sort_of(expr)
            self.script.numbers.update((sort.lo, sort.hi) if isinstance(sort, Int) else ())
            # Names are kept, so that nothing else gets the id of what one stands for.
            self._done[key] = (zero(sort) if sym is None else sym, names)
        return self._done[key][0]

    def _known(self, expr: Expr) -> tuple[tuple[Expr, ...], frozenset[Any]]:
        """The parts of an expression, and the names that it uses and does not bind."""
        if expr not in self._parts:
            own, found = {(ir.Local, name) for name in bound_names(expr)}, parts(expr)
            used = [self._known(p.expr)[1] - (own if p.is_inside else set()) for p in found]
            if isinstance(expr, ir.Ref | ir.Old | ir.Local):
                used.append(frozenset({(type(expr), expr.name)}))
            self._parts[expr] = tuple(p.expr for p in found), frozenset().union(*used)
        return self._parts[expr]

    def _of(self, expr: Expr, names: Names) -> Sym:
        s = self.script
        match expr:
            case ir.Lit(sort, value):
                return lift(sort, value)
            case ir.Ref(name) | ir.Old(name) | ir.Local(name):
                return names[type(expr), name]
            case ir.Let(name, value, body):
                return self.of(body, {**names, (ir.Local, name): self.of(value, names)})
            case ir.Fold(acc, init, elem, seq, body):
                whole, total = self.of(seq, names), self.of(init, names)
                for n in range(len(whole) - 1):
                    inner = {**names, (ir.Local, acc.name): total, (ir.Local, elem): whole.get(n)}
                    total = s.choose(s.there(whole, n), self.of(body, inner), total)
                return total
        kind = getattr(expr, "op", None) or getattr(expr, "kind", None) or type(expr)
        binder, parts = getattr(expr, "binder", None), self._known(expr)[0]
        if binder is None:
            return NODES[kind](s, expr, *(self.of(part, names) for part in parts))
        rows = ([self.of(part, inner) for part in parts] for inner in self.each(names, binder))
        return NODES[kind](s, expr, *rows)

    def each(self, names: Names, *binders: Binder) -> Iterator[Names]:
        """Every choice of values for some names."""
        for chosen in product(*(_all(binder.sort) for binder in binders)):
            bound = zip(binders, chosen, strict=True)
            yield {**names, **{(ir.Local, binder.name): sym for binder, sym in bound}}

    # ---- actions ------------------------------------------------------------------------------

    def act(self, action: Action, world: Names) -> Act:
        """What an action does in a world, with any values for its parameters and choices."""
        s, names, tried = self.script, world, [self.script.variable(Bool())]
        for binder in (*action.params, *action.choices):
            given = s.variable(binder.sort)
            names = {**names, (ir.Local, binder.name): given}
            tried.append(s.is_of(binder.sort, given))
        for name, expr in action.lets:
            names = {**names, (ir.Local, name): self.of(expr, names)}
        tried += [self.of(part.expr, names) for part in action.guard]
        tried += [] if action.cut is None else [s.no(self.of(action.cut, names))]
        broken: dict[Implicit, list[Leaf]] = {which: [] for which in Implicit}
        after, writes = world, list[tuple[Leaf, Steps]]()
        for update in action.updates:
            for inner in self.each(names, *update.binders):
                when, live = self.of(update.when, inner), self.of(update.live, inner)
                new, (steps, sort) = self.of(update.value, inner), self._path(update, inner)
                broken[Implicit.IN_RANGE].append(s.both((when, s.no(s.is_of(sort, new)))))
                broken[Implicit.LIVE_TARGET].append(s.both((when, s.no(live))))
                for other, place in writes:
                    both = s.both((when, other, self._meet(steps, place)))
                    broken[Implicit.SINGLE_WRITE].append(both)
                writes.append((when, steps))
                after = s.written(after, steps, new, when)
        breaks = {which: s.any(found) for which, found in broken.items()}
        taken = s.both((*tried, *map(s.no, breaks.values())))
        return Act(action.name, s.both(tried), breaks, taken, after, names)

    def _path(self, update: Update, names: Names) -> tuple[Steps, Sort]:
        """Where an update writes, from the whole state on; and the sort of what is there."""
        steps: list[dict[Any, Leaf]] = [{(ir.Ref, update.var): True}]
        sort: Any = self.sorts[update.var]
        for step in update.path:
            if isinstance(step, Field):
                steps.append({step.name: True})
                sort = sort.field(step.name)
            else:
                steps.append(_at(self.script, sort, self.of(step.key, names)))
                sort = sort.value
        return tuple(steps), sort

    def _meet(self, a: Steps, b: Steps) -> Leaf:
        """Do two paths lead to one place, or one into the other's?"""
        both, pairs = self.script.both, zip(a, b, strict=False)
        return both(self.script.any(both((x[n], y[n])) for n in x if n in y) for x, y in pairs)


def can(action: Action, *more: Expr) -> Expr:
    """Some instance of an action passes its guard, and more."""
    found: Expr = ir.And((*(part.expr for part in action.guard), *more))
    for name, expr in reversed(action.lets):
        found = ir.Let(name, expr, found)
    for binder in reversed((*action.params, *action.choices)):
        found = ir.Quant(QuantKind.SOME, binder, found)
    return found


__all__ = ["Act", "Meaning", "Names", "can"]
