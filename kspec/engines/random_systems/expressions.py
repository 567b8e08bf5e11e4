"""Random well-sorted expressions of a wanted sort.

`Expressions.of(sort, scope, depth)` gives an expression all of whose values are values of `sort`:
what it reads is chosen from `scope`, what it computes is moved into the range where its own
interval does not fit. `room` bounds how many times nested binders go round, so that no expression
takes long to evaluate. Identities are ordered by no expression made here (`First` and `Sorted`
range over other sorts). Next: `actions`, `claims`.
"""

from __future__ import annotations

from typing import assert_never, final

from attrs import evolve

from kspec.engines.random_systems.compound import mapping, option, record, sequence, subset
from kspec.engines.random_systems.draw import Draw
from kspec.engines.random_systems.scope import Scope, components, paths
from kspec.engines.random_systems.universe import Universe, is_inhabited
from kspec.ir.build import clamp, lit
from kspec.ir.expr import (
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
    At,
    Binder,
    Contains,
    Count,
    Eq,
    Expr,
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
    Not,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Subset,
    sort_of,
)
from kspec.ir.rewrite import subexpressions
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
    cardinality,
    fits,
    leaf_count,
)

SMALL = 6  # leaves of a sort that may be wrapped in another
FAR = 2**40  # intervals beyond this are made on purpose only


ANY_INT = Int(-FAR, FAR)


@final
class Expressions:
    """Draws expressions over one universe."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.draw: Draw = universe.draw

    # ---- any sort ------------------------------------------------------------------------------

    def of(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        """An expression whose sort fits `sort`, which must not be empty."""
        if depth <= 0 or self.draw.chance(15):
            return self.leaf(sort, scope)
        own = self.draw.chance(60)
        made = self._own(sort, scope, depth - 1) if own else self._general(sort, scope, depth - 1)
        return made if made is not None else self.leaf(sort, scope, depth - 1)

    def truth(self, scope: Scope, depth: int) -> Expr:
        """A condition."""
        return self.of(Bool(), scope, depth)

    def mostly(self, scope: Scope, anything: int = 30) -> Expr:
        """A condition that is often true: something readable is not one certain value.

        So many times in a hundred it is any condition.
        """
        small = [c for r in scope.reads() for c in components(r.sort) if 2 <= cardinality(c) <= 8]
        if not small or self.draw.chance(anything):
            return self.truth(scope, 3)
        sort = self.draw.pick(small)
        place = self.place(sort, scope, 1)
        assert place is not None
        never = Not(Eq(place, self.literal(sort)))
        return Or((never, self.mostly(scope, anything))) if self.draw.chance(35) else never

    def leaf(self, sort: Sort, scope: Scope, depth: int = 0) -> Expr:
        """A literal or a part of something readable."""
        if self.draw.chance(75):
            place = self.place(sort, scope, depth)
            if place is not None:
                return place
        return self.literal(sort)

    def literal(self, sort: Sort) -> Lit:
        """A constant; integers sometimes with the sort of one value, as `lit` makes them."""
        value = self.universe.value(sort)
        if isinstance(sort, Int) and isinstance(value, int) and self.draw.chance(60):
            return lit(value)
        return Lit(sort, value)

    def place(self, sort: Sort, scope: Scope, depth: int) -> Expr | None:
        """A part of something readable, or None where nothing readable has such a part."""
        ways = [(base, way) for base in scope.reads() for way in paths(base.sort, sort, 3)]
        if not ways:
            return None
        base, way = self.draw.pick(ways)
        return self._walk(base, way, scope, depth - 1)

    def key(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        """What selects a part or stands in for a missing one: often a bound name."""
        bound = [x for x in scope.locals if fits(x.sort, sort)]
        if bound and self.draw.chance(70):
            return self.draw.pick(bound)
        return self.of(sort, scope, depth) if depth > 0 else self.literal(sort)

    def _walk(self, base: Expr, way: tuple[str, ...], scope: Scope, depth: int) -> Expr:
        for step in way:
            sort = sort_of(base)
            match sort:
                case Record():
                    base = GetField(base, step)
                case Opt(of):
                    base = OrElse(base, self.key(of, scope, depth))
                case Map(key, _):
                    base = Get(base, self.key(key, scope, depth))
                case Seq():
                    base = self._at(base, sort, scope, depth)
                case _:
                    raise AssertionError(f"no step {step} into {sort}")
        return base

    def _at(self, base: Expr, sort: Seq, scope: Scope, depth: int) -> Expr:
        near = Int(-1, sort.cap) if self.draw.chance(50) else Int(0, max(0, sort.cap - 1))
        return At(base, self.key(near, scope, depth), self.key(sort.of, scope, depth))

    def _general(self, sort: Sort, scope: Scope, depth: int) -> Expr | None:
        small = leaf_count(sort) <= SMALL
        match self.draw.below(8 if small else 3):
            case 0:
                return self.place(sort, scope, depth)
            case 1:
                then, other = self.of(sort, scope, depth), self.of(sort, scope, depth)
                return Ite(self.truth(scope, depth), then, other)
            case 2:
                return self._let(sort, scope, depth)
            case 3:
                return OrElse(self.of(Opt(sort), scope, depth), self.of(sort, scope, depth))
            case 4:
                key = self.universe.tiny(3)
                return Get(self.of(Map(key, sort), scope, depth), self.of(key, scope, depth))
            case 5:
                shape = Seq(sort, self.draw.between(1, 2))
                return self._at(self.of(shape, scope, depth), shape, scope, depth)
            case 6:
                return self._field(sort, scope, depth)
            case _:
                return self._fold(sort, scope, depth)

    def _let(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        bound = self.some_sort(scope)
        value = self.of(bound, scope, depth)
        read = [x for x in subexpressions(value) if isinstance(x, Local)]
        hidden = [x.name for x in read if x in scope.locals]
        name = hidden[0] if hidden and self.draw.chance(25) else self.name(scope)
        binder = Binder(name, sort_of(value))
        return Let(binder.name, value, self.of(sort, scope.bind(binder), depth))

    def _field(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        shape = Record("Pair", (("left", Bool()), ("right", sort)))
        if isinstance(sort, Record | Int):
            shape = self.universe.record(0)
            options = [n for n, s in shape.fields if fits(s, sort)]
            if not options:
                return self.leaf(sort, scope, depth)
            return GetField(self.of(shape, scope, depth), self.draw.pick(options))
        shape = Record(f"Pair{abs(hash_of(sort))}", shape.fields)
        return GetField(self.of(shape, scope, depth), "right")

    def _fold(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        shape = self._known(scope, Seq) or Seq(self.universe.tiny(4), self.draw.between(1, 3))
        assert isinstance(shape, Seq)
        if shape.cap > scope.room:
            return self.leaf(sort, scope, depth)
        acc, elem = Binder(self.name(scope), sort), Binder(self.draw.fresh("e"), shape.of)
        seq = self.of(shape, scope, depth)
        found = sort_of(seq)
        assert isinstance(found, Seq)
        inner = scope.bind(acc, Binder(elem.name, found.of))
        inner = evolve(inner, room=scope.room // max(1, shape.cap))
        body = self.of(sort, inner, depth)
        return Fold(acc, self.of(sort, scope, depth), elem.name, seq, body)

    def some_sort(self, scope: Scope) -> Sort:
        """A sort that something readable has, or a new one."""
        known = [c for r in scope.reads() for c in components(r.sort) if is_inhabited(c)]
        if known and self.draw.chance(70):
            return self.draw.pick(known)
        return self.universe.stored(1)

    def _known(self, scope: Scope, shape: type[Sort]) -> Sort | None:
        known = [c for r in scope.reads() for c in components(r.sort) if isinstance(c, shape)]
        known = [c for c in known if leaf_count(c) <= 2 * SMALL]
        return self.draw.pick(known) if known and self.draw.chance(75) else None

    def name(self, scope: Scope) -> str:
        """A name to bind: a new one, or rarely one that is hidden by it."""
        if scope.locals and self.draw.chance(5):
            return self.draw.pick(scope.locals).name
        return self.draw.fresh("x")

    def binder(self, scope: Scope, most: int = 6) -> Binder | None:
        """A binder that there is room for, or None."""
        sort = self.universe.enumerated(min(most, scope.room))
        if cardinality(sort) > scope.room:
            return None
        return Binder(self.name(scope), sort)

    # ---- by sort -------------------------------------------------------------------------------

    def _own(self, sort: Sort, scope: Scope, depth: int) -> Expr | None:
        match sort:
            case Bool():
                return self._truth(scope, depth)
            case Int():
                return self.fitted(self.integer(scope, depth), sort)
            case Enum() | Id():
                return self._scalar(sort, scope, depth)
            case Opt():
                return option(self, sort, scope, depth)
            case Record():
                return record(self, sort, scope, depth)
            case Set():
                return subset(self, sort, scope, depth)
            case Map():
                return mapping(self, sort, scope, depth)
            case Seq():
                return sequence(self, sort, scope, depth)
            case _:
                assert_never(sort)

    def _scalar(self, sort: Sort, scope: Scope, depth: int) -> Expr:
        return OrElse(option(self, Opt(sort), scope, depth), self.of(sort, scope, depth))

    def _truth(self, scope: Scope, depth: int) -> Expr | None:
        d = self.draw
        match d.below(12):
            case 0:
                return Not(self.truth(scope, depth))
            case 1:
                return And(self.many(Bool(), scope, depth))
            case 2:
                return Or(self.many(Bool(), scope, depth))
            case 3 | 4 | 5:
                return self._equal(scope, depth)
            case 6 | 7:
                left, right = self.integer(scope, depth), self.integer(scope, depth)
                return Lt(left, right) if d.chance(50) else Le(left, right)
            case 8:
                shape = self._known(scope, Opt) or Opt(self.universe.scalar())
                return IsSome(self.of(shape, scope, depth))
            case 9:
                return self._membership(scope, depth)
            case _:
                return self._quantified(scope, depth)

    def many(self, sort: Sort, scope: Scope, depth: int) -> tuple[Expr, ...]:
        """None to three expressions."""
        most = self.draw.pick((2, 1, 3, 2, 0))
        return tuple(self.of(sort, scope, depth) for _ in range(most))

    def _equal(self, scope: Scope, depth: int) -> Expr:
        sort = self.some_sort(scope)
        other = self.universe.widened(sort) if self.draw.chance(40) else sort
        left, right = self.of(sort, scope, depth), self.of(other, scope, depth)
        return Eq(left, right) if self.draw.chance(70) else Eq(right, left)

    def _membership(self, scope: Scope, depth: int) -> Expr:
        shape = self._known(scope, Set) or Set(self.universe.tiny(4))
        assert isinstance(shape, Set)
        wider = self.universe.widened(shape)
        assert isinstance(wider, Set)
        if self.draw.chance(30):
            return Subset(self.of(shape, scope, depth), self.of(wider, scope, depth))
        return Contains(self.of(shape, scope, depth), self.of(wider.of, scope, depth))

    def _quantified(self, scope: Scope, depth: int) -> Expr | None:
        binder = self.binder(scope)
        if binder is None:
            return None
        kind = self.draw.pick((QuantKind.SOME, QuantKind.ALL))
        return Quant(kind, binder, self.truth(scope.within(binder), depth))

    def integer(self, scope: Scope, depth: int) -> Expr:
        """An integer expression; its interval may be anything up to `FAR`, rarely beyond."""
        if depth <= 0:
            return self._integer_leaf(scope, 0)
        made = self._integer(scope, depth - 1)
        return made if made is not None else self._integer_leaf(scope, depth - 1)

    def _integer_leaf(self, scope: Scope, depth: int) -> Expr:
        if self.draw.chance(75):
            place = self.place(ANY_INT, scope, depth)
            if place is not None:
                return place
        return lit(self.draw.between(-1, 4))

    def _integer(self, scope: Scope, depth: int) -> Expr | None:
        d = self.draw
        match d.below(9):
            case 0:
                return self._integer_leaf(scope, depth)
            case 1 | 2:
                op = d.pick((ArithOp.ADD, ArithOp.SUB, ArithOp.MUL, ArithOp.MIN, ArithOp.MAX))
                left, right = self.integer(scope, depth), self.integer(scope, depth)
                return near(Arith(op, left, right))
            case 3:
                op = d.pick((ArithOp.DIV, ArithOp.MOD))
                divisor = self.of(Int(1, d.between(1, 4)), scope, depth)
                return Arith(op, self.integer(scope, depth), divisor)
            case 4:
                shape = self._known(scope, Seq) or Seq(self.universe.scalar(), 2)
                return Len(self.of(shape, scope, depth))
            case 5:
                return self._count(scope, depth)
            case 6:
                return self._aggregate(AggKind.SUM, scope, depth)
            case 7:
                some = self._aggregate(d.pick((AggKind.MIN, AggKind.MAX)), scope, depth)
                return some and OrElse(some, self.integer(scope, depth))
            case _:
                return self._huge(scope, depth) if d.chance(90) else None

    def _huge(self, scope: Scope, depth: int) -> Expr:
        """A detour through numbers that do not fit 64 bits, sometimes."""
        factor = 2 ** self.draw.pick((61, 33, 64, 90)) + self.draw.below(3)
        big = Arith(ArithOp.MUL, self.integer(scope, depth), lit(factor))
        return Arith(self.draw.pick((ArithOp.DIV, ArithOp.MOD)), big, lit(factor // 3 or 1))

    def _count(self, scope: Scope, depth: int) -> Expr | None:
        binder = self.binder(scope)
        if binder is None:
            return None
        return Count(binder, self.truth(scope.within(binder), depth))

    def _aggregate(self, kind: AggKind, scope: Scope, depth: int) -> Expr | None:
        binder = self.binder(scope)
        if binder is None:
            return None
        inner = scope.within(binder)
        return Agg(kind, binder, self.truth(inner, depth), self.integer(inner, depth))

    def fitted(self, expr: Expr, sort: Int) -> Expr:
        """The integer expression, moved into the range where its interval is not within it."""
        if fits(sort_of(expr), sort):
            return expr
        if sort.lo >= 0 and self.draw.chance(20):
            size = lit(sort.hi - sort.lo + 1)
            return Arith(ArithOp.ADD, lit(sort.lo), Arith(ArithOp.MOD, expr, size))
        return clamp(expr, sort.lo, sort.hi)


def near(expr: Arith) -> Expr:
    """The expression, cut down where its interval has run away."""
    sort = sort_of(expr)
    assert isinstance(sort, Int)
    return expr if -FAR <= sort.lo and sort.hi <= FAR else clamp(expr, -FAR, FAR)


def hash_of(sort: Sort) -> int:
    """A small number for a sort, the same in every process."""
    text = repr(sort)
    total = 0
    for c in text:
        total = (total * 31 + ord(c)) % 99991
    return total
