"""The meaning of expressions as z3's terms with quantifiers.

What there are no words for becomes a symbol of its own: some function of the state and of the
bound names, the same wherever the same is asked of the same state. That leaves more systems than
there are, so what is proved stands, and what is not proved may be so for want of words: `left_open`
says where. Counts are such symbols, with what is known of them. Next: `model`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias, final

from attrs import field

from kspec.base.record import frozen
from kspec.engines.anysize.values import (
    Function,
    Leaf,
    Maybe,
    NotSaid,
    Sym,
    Tuple,
    Universe,
    leaf,
    scalars,
)
from kspec.ir.expr import (
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
    Best,
    Binder,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Get,
    GetField,
    IsSome,
    Ite,
    Le,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
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
    Subset,
    WithField,
    joined,
    mapping,
    payload,
    record,
    sort_of,
)
from kspec.ir.rewrite import bound_names, parts, rebuild, rename
from kspec.ir.sorts import Id, Int, Opt, Set, Sort, cardinality, values

State: TypeAlias = "Mapping[str, Sym]"
Env: TypeAlias = "Mapping[str, tuple[Sym, Sort]]"


@final
@frozen(eq=False)
class World:
    """What names stand for: a state by its number, the one before it in a step, bound names."""

    number: int
    state: State
    old: State | None = None
    env: Env = field(factory=dict)

    def bind(self, name: str, sym: Sym, sort: Sort) -> World:
        """With one name more."""
        return World(self.number, self.state, self.old, {**self.env, name: (sym, sort)})


@final
class Encoder:
    """Says expressions in a universe; `left_open` collects what became a symbol."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.left_open: dict[str, None] = {}
        self.where = ""  # what is being said, for `left_open`
        self._free: dict[Expr, tuple[Expr, tuple[str, ...]]] = {}
        self._named: dict[tuple[Expr, tuple[Sort, ...], int], str] = {}

    def truth(self, expr: Expr, world: World) -> Any:
        """A formula."""
        return leaf(self.sym(expr, world))

    def sym(self, expr: Expr, world: World) -> Sym:
        """A value. Raises `NotSaid` only where not even its sort has a shape."""
        try:
            return self._sym(expr, world)
        except NotSaid as unsaid:
            return self._open(expr, world, unsaid)

    # ---- what there are no words for ----------------------------------------------------------

    def _open(self, expr: Expr, world: World, why: NotSaid) -> Sym:
        name, args = self._key(expr, world, why)
        found = self.universe.fresh(sort_of(expr), name, args, ranged=False)
        self.left_open.setdefault(f"{self.where}: {why.why}")
        return found

    def _key(
        self, expr: Expr, world: World, why: NotSaid
    ) -> tuple[str, tuple[tuple[Sort, Any], ...]]:
        """A symbol for an expression in a state, and what it is a function of."""
        args: list[tuple[Sort, Any]] = []
        said, names = self._nameless(expr)
        for name in names:
            sym, sort = world.env[name]
            try:
                terms = self.universe.flat(sort, sym)
                args += zip(scalars(sort), terms, strict=True)
            except NotSaid:
                raise why from None
        key = (said, tuple(world.env[name][1] for name in names), world.number)
        if key not in self._named:
            self._named[key] = self.universe.unique("some")
        return self._named[key], tuple(args)

    def _nameless(self, expr: Expr) -> tuple[Expr, tuple[str, ...]]:
        """An expression that does not depend on what its names are, and those that are free."""
        if expr not in self._free:
            free: list[str] = []
            said = _numbered(expr, {}, 0, free)
            self._free[expr] = said, tuple(free)
        return self._free[expr]

    def _free_names(self, expr: Expr) -> tuple[str, ...]:
        return self._nameless(expr)[1]

    # ---- nodes --------------------------------------------------------------------------------

    def _sym(self, expr: Expr, world: World) -> Sym:
        u = self.universe
        match expr:
            case Lit(sort, value):
                return u.lift(sort, value)
            case Ref(name, _):
                return self._variable(world.state, name)
            case Old(name, _):
                assert world.old is not None
                return self._variable(world.old, name)
            case Local(name, _):
                return world.env[name][0]
            case Let(name, value, body):
                bound = world.bind(name, self.sym(value, world), sort_of(value))
                return self.sym(body, bound)
            case Not(arg):
                return Leaf(u.no(self.truth(arg, world)))
            case And(args):
                return Leaf(u.all([self.truth(a, world) for a in args]))
            case Or(args):
                return Leaf(u.any([self.truth(a, world) for a in args]))
            case Ite(cond, then, other):
                test = self.truth(cond, world)
                return u.choose(test, self.sym(then, world), self.sym(other, world))
            case Eq(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                return Leaf(u.equal(sort, self.sym(left, world), self.sym(right, world)))
            case Lt(left, right):
                return Leaf(self._number(left, world) < self._number(right, world))
            case Le(left, right):
                return Leaf(self._number(left, world) <= self._number(right, world))
            case Arith(op, left, right):
                return Leaf(self._arith(op, self._number(left, world), self._number(right, world)))
            case Quant(kind, binder, body):
                quantify = u.for_all if kind is QuantKind.ALL else u.exists
                return Leaf(
                    quantify(binder.sort, lambda x: self.truth(body, self._bound(world, binder, x)))
                )
            case _:
                return self._compound(expr, world)

    def _compound(self, expr: Expr, world: World) -> Sym:
        u = self.universe
        match expr:
            case Some(arg):
                return Maybe(u.true, self.sym(arg, world))
            case IsSome(arg):
                return Leaf(self._maybe(arg, world).present)
            case OrElse(arg, default):
                option = self._maybe(arg, world)
                return u.choose(option.present, option.inner, self._default(default, world))
            case MakeRecord(_, args):
                return Tuple(tuple(self.sym(a, world) for a in args))
            case GetField(arg, name):
                whole = self.sym(arg, world)
                assert isinstance(whole, Tuple)
                return whole.parts[record(sort_of(arg), expr).position(name)]
            case WithField(arg, name, value):
                whole = self.sym(arg, world)
                assert isinstance(whole, Tuple)
                parts = list(whole.parts)
                place = record(sort_of(arg), expr).position(name)
                parts[place] = self.sym(value, world)
                return Tuple(tuple(parts))
            case MakeMap(binder, body):
                return Function(lambda key: self.sym(body, self._bound(world, binder, key)))
            case SetOf(binder, cond):
                return Function(lambda key: self.sym(cond, self._bound(world, binder, key)))
            case Get(arg, key):
                return self._function(arg, world).at(self.sym(key, world))
            case Put(arg, key, value):
                old, new = self._function(arg, world), self.sym(value, world)
                at, sort = self.sym(key, world), mapping(sort_of(arg), expr).key
                return Function(lambda k: u.choose(u.equal(sort, k, at), new, old.at(k)))
            case _:
                return self._sets(expr, world)

    def _sets(self, expr: Expr, world: World) -> Sym:
        u = self.universe
        match expr:
            case MakeSet(of, args):
                inside = [self.sym(a, world) for a in args]
                return Function(lambda key: Leaf(u.any(u.equal(of, key, x) for x in inside)))
            case Contains(arg, elem):
                sort = sort_of(arg)
                assert isinstance(sort, Set)
                sym = self.sym(elem, world)
                there = leaf(self._function(arg, world).at(sym))
                return Leaf(u.all((u.within(sort.of, sym), there)))
            case SetOp(op, left, right):
                a, b = self._function(left, world), self._function(right, world)
                return Function(
                    lambda key: Leaf(self._joined(op, leaf(a.at(key)), leaf(b.at(key))))
                )
            case Subset(left, right):
                sort = joined(sort_of(left), sort_of(right), expr)
                assert isinstance(sort, Set)
                a, b = self._function(left, world), self._function(right, world)
                return Leaf(
                    u.for_all(sort.of, lambda k: u.any((u.no(leaf(a.at(k))), leaf(b.at(k)))))
                )
            case First(binder, cond):
                return self._first(expr, binder, cond, world)
            case Best(binder, cond, keys):
                return self._best(expr, binder, cond, keys, world)
            case Count(binder, cond):
                if not u.is_endless(binder.sort):
                    return Leaf(self._sum([(c, 1) for c, _ in self._each(binder, cond, world)]))
                return self._count(expr, binder, cond, world)
            case Agg(kind, binder, cond, term) if not u.is_endless(binder.sort):
                each = [(c, self._number(term, w)) for c, w in self._each(binder, cond, world)]
                if kind is AggKind.SUM:
                    return Leaf(self._sum(each))
                raise NotSaid("the least or greatest of some values")
            case Agg():
                raise NotSaid("a sum over a kind without end")
            case _:
                raise NotSaid(f"{type(expr).__name__.lower()} is not said of every number")

    def _variable(self, state: State, name: str) -> Sym:
        if name not in state:
            raise NotSaid(f"`{name}` holds sequences")
        return state[name]

    def _default(self, default: Expr, world: World) -> Sym:
        """What stands where nothing is: of identities anybody, so that nobody is spoken of."""
        u = self.universe
        sort = sort_of(default)
        if isinstance(default, Lit) and isinstance(sort, Id) and sort.kind in u.kinds:
            return Leaf(u.nobody(u.kinds[sort.kind]))
        return self.sym(default, world)

    def _bound(self, world: World, binder: Binder, sym: Sym) -> World:
        return world.bind(binder.name, sym, binder.sort)

    def _each(self, binder: Binder, cond: Expr, world: World) -> list[tuple[Any, World]]:
        if cardinality(binder.sort) > 1000:
            raise NotSaid("a count of very many values")
        bound = (
            self._bound(world, binder, self.universe.lift(binder.sort, v))
            for v in values(binder.sort)
        )
        return [(self.truth(cond, w), w) for w in bound]

    def _sum(self, terms: list[tuple[Any, Any]]) -> Any:
        z3 = self.universe.z3
        zero = z3.IntVal(0, self.universe.context)
        parts = [z3.If(c, zero + n, zero) for c, n in terms]
        return z3.Sum(parts) if parts else zero

    def _number(self, expr: Expr, world: World) -> Any:
        return leaf(self.sym(expr, world))

    def _maybe(self, expr: Expr, world: World) -> Maybe:
        found = self.sym(expr, world)
        assert isinstance(found, Maybe), payload(sort_of(expr), expr)
        return found

    def _function(self, expr: Expr, world: World) -> Function:
        found = self.sym(expr, world)
        assert isinstance(found, Function)
        return found

    def _joined(self, op: SetOpKind, a: Any, b: Any) -> Any:
        u = self.universe
        if op is SetOpKind.UNION:
            return u.any((a, b))
        return u.all((a, b if op is SetOpKind.INTER else u.no(b)))

    def _arith(self, op: ArithOp, a: Any, b: Any) -> Any:
        z3 = self.universe.z3
        match op:
            case ArithOp.ADD:
                return a + b
            case ArithOp.SUB:
                return a - b
            case ArithOp.MUL:
                return a * b
            case ArithOp.MIN:
                return z3.If(a <= b, a, b)
            case ArithOp.MAX:
                return z3.If(a <= b, b, a)
            case ArithOp.DIV:
                return a / b  # the divisor is positive: z3's quotient is rounded down
            case ArithOp.MOD:
                return a % b

    # ---- choices and counts over kinds without end --------------------------------------------

    def _first(self, expr: Expr, binder: Binder, cond: Expr, world: World) -> Sym:
        """Any value that satisfies the condition: the order of identities is not known here."""
        return self._chosen(expr, binder, world, lambda x: self._holds(cond, world, binder, x))

    def _best(
        self, expr: Expr, binder: Binder, cond: Expr, keys: tuple[Expr, ...], world: World
    ) -> Sym:
        """A value that satisfies the condition; that it is the only least one is not said."""
        return self._chosen(expr, binder, world, lambda x: self._holds(cond, world, binder, x))

    def _holds(self, cond: Expr, world: World, binder: Binder, x: Sym) -> Any:
        return self.truth(cond, self._bound(world, binder, x))

    def _chosen(self, expr: Expr, binder: Binder, world: World, holds: Any) -> Sym:
        u = self.universe
        name, args = self._key(expr, world, NotSaid("a choice that depends on a set"))
        is_new = not u.knows(f"{name}?")
        found = u.fresh(Opt(binder.sort), name, args, ranged=False)
        assert isinstance(found, Maybe)
        if is_new and u.depth == 0:
            u.axioms.append(u.any((u.no(found.present), holds(found.inner))))
        elif u.depth:
            self.left_open.setdefault(f"{self.where}: a choice for each of many")
        return found

    def _count(self, expr: Expr, binder: Binder, cond: Expr, world: World) -> Sym:
        """A number of which it is known when it is 0, and when it is more than 1."""
        u = self.universe
        name, args = self._key(expr, world, NotSaid("a count that depends on a set"))
        is_new = not u.knows(name)
        found = u.fresh(Int(0, 0), name, args, ranged=False)
        if is_new:
            self._known_of_counts(expr, name, binder, cond, world)
        return found

    def _known_of_counts(
        self, expr: Expr, name: str, binder: Binder, cond: Expr, world: World
    ) -> None:
        u, z3 = self.universe, self.universe.z3
        own: list[Any] = []
        free_sorts: list[Sort] = []
        inner = world
        for free in self._free_names(expr):
            _, sort = world.env[free]
            here = [z3.Const(u.unique("c"), u.sort(s)) for s in scalars(sort)]
            inner = inner.bind(free, u.unflat(sort, iter(here)), sort)
            own += here
            free_sorts += scalars(sort)
        args = tuple(zip(free_sorts, own, strict=True))
        number = leaf(u.fresh(Int(0, 0), name, args, ranged=False))

        def holds(x: Sym) -> Any:
            return self.truth(cond, self._bound(inner, binder, x))

        u.depth += 1
        one = u.fresh(binder.sort, f"{name}:one", args, ranged=False)
        two = u.fresh(binder.sort, f"{name}:two", args, ranged=False)
        differ = u.no(u.equal(binder.sort, one, two))
        known = [
            number >= 0,
            u.any((number <= 0, u.all((holds(one), u.within(binder.sort, one))))),
            u.for_all(binder.sort, lambda x: u.any((u.no(holds(x)), number >= 1))),
            u.any((number <= 1, u.all((holds(one), holds(two), differ)))),
            u.for_all(
                binder.sort,
                lambda x: u.for_all(
                    binder.sort,
                    lambda y: u.any(
                        (u.no(holds(x)), u.no(holds(y)), u.equal(binder.sort, x, y), number >= 2)
                    ),
                ),
            ),
        ]
        u.depth -= 1
        u.axioms += [z3.ForAll(own, k) if own else k for k in known]
        self._least_of_counts(name, args)

    def _least_of_counts(self, name: str, args: tuple[tuple[Sort, Any], ...]) -> None:
        """Of finitely many identities one has the least count: every scope has an end, whichever
        it is. Of all identities, not of those that live."""
        u, z3 = self.universe, self.universe.z3
        number = leaf(u.fresh(Int(0, 0), name, args, ranged=False))
        for place, (sort, _) in enumerate(args):
            if not isinstance(sort, Id) or not u.is_endless(sort):
                continue
            others = (*args[:place], *args[place + 1 :])
            who = leaf(u.fresh(sort, f"{name}:least{place}", others, ranged=False))
            there = (*args[:place], (sort, who), *args[place + 1 :])
            least = leaf(u.fresh(Int(0, 0), name, there, ranged=False))
            u.axioms.append(z3.ForAll([term for _, term in args], least <= number))
            if not others:
                u.axioms.append(least >= 0)  # so that somebody speaks of it


def _numbered(expr: Expr, names: Mapping[str, str], depth: int, free: list[str]) -> Expr:
    """The same with numbers for names: those that it binds by depth, others as they come."""
    if isinstance(expr, Local):
        if expr.name in names:
            return Local(names[expr.name], expr.sort)
        if expr.name not in free:
            free.append(expr.name)
        return Local(f"free {free.index(expr.name)}", expr.sort)
    own = bound_names(expr)
    new = tuple(f"bound {depth + n}" for n in range(len(own)))
    inside = {**names, **dict(zip(own, new, strict=True))}
    kids = tuple(
        _numbered(p.expr, inside if p.is_inside else names, depth + len(own), free)
        for p in parts(expr)
    )
    made = rebuild(expr, kids)
    return rename(made, new) if own else made


__all__ = ["Encoder", "Env", "State", "World"]
