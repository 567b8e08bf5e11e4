"""What permutations of identities do to a state, as expressions; what of a state they leave alone.

Two things are written here for `canonical`, both without a literal that a permutation moves, but in
`Shift.image`, whose job is to move. *Images*: the value of a variable after a permutation that is
given as two maps, `to` and `from`. *Features*: numbers about an identity that stay the same when
others, or all, change places, so that identities with other features need not be tried in each
other's place.

A kind is *flat* if its identities are nowhere but as the outermost keys of variables: then sorting
what belongs to each is all there is to do. All others are *hubs*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, assert_never, final

from kspec.base.record import frozen
from kspec.ir.build import lit
from kspec.ir.expr import (
    Agg,
    AggKind,
    Arith,
    ArithOp,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    Fold,
    Get,
    GetField,
    IsSome,
    Ite,
    Len,
    Lit,
    Local,
    MakeMap,
    MakeRecord,
    MakeSeq,
    OrElse,
    Ref,
    SetOf,
    Some,
    sort_of,
)
from kspec.ir.passes.symmetry import Group
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
from kspec.ir.system import Pool, Var

MANY: Final = 64
"""Of compound values with more parts, features say less."""


@final
@frozen
class Kind:
    """A kind with interchangeable identities. `places` are its groups, all its places in them;
    `names` are what the places of the groups with names are called, in enumerations that have
    them."""

    pool: Pool
    places: tuple[tuple[int, ...], ...]
    names: tuple[tuple[int, str], ...]

    @property
    def id(self) -> Id:
        """The sort of its identities."""
        return Id(self.pool.name, self.pool.size)

    @property
    def to(self) -> Local:
        """Where each place goes."""
        return Local(f"to.{self.pool.name}", Map(self.id, self.id))

    @property
    def back(self) -> Local:
        """What comes to each place."""
        return Local(f"from.{self.pool.name}", Map(self.id, self.id))

    @property
    def rank(self) -> Local:
        """How many have lesser features."""
        size = self.pool.size
        return Local(f"rank.{self.pool.name}", Map(self.id, Int(0, size - 1)))

    def named_in(self, sort: Enum) -> bool:
        """Do names of this kind change places in an enumeration?"""
        return bool(self.names) and self.names[0][1] in sort.cases


def kinds_of(pools: tuple[Pool, ...], groups: tuple[Group, ...]) -> tuple[Kind, ...]:
    """The kinds that have groups, in the order of pools."""
    found: list[Kind] = []
    for pool in pools:
        mine = [group for group in groups if group.kind == pool.name]
        if mine:
            within = {place for group in mine for place in group.places}
            alone = [(p,) for p in range(pool.size) if p not in within]
            named = [group for group in mine if group.names]
            names = [pair for g in named for pair in zip(g.places, g.names, strict=True)]
            places = sorted([*(group.places for group in mine), *alone])
            found.append(Kind(pool, tuple(places), tuple(names)))
    return tuple(found)


@final
@frozen
class Orbits:
    """The kinds of a system that permutations move."""

    kinds: tuple[Kind, ...]
    variables: tuple[Var, ...]

    def is_flat(self, kind: Kind) -> bool:
        """Does it stand nowhere but as the outermost key?"""
        return not kind.names and not any(
            mentions(_below(v.sort, kind) or v.sort, kind) for v in self.variables
        )

    @property
    def flat(self) -> tuple[Kind, ...]:
        """Kinds that are sorted."""
        return tuple(kind for kind in self.kinds if self.is_flat(kind))

    @property
    def hubs(self) -> tuple[Kind, ...]:
        """Kinds of which permutations are tried."""
        return tuple(kind for kind in self.kinds if not self.is_flat(kind))

    def column(self, kind: Kind, who: Expr) -> tuple[Expr, ...]:
        """Everything that belongs to an identity of a flat kind."""
        return tuple(Get(Ref(v.name, v.sort), who) for v in self.variables if _below(v.sort, kind))

    def features(self, kind: Kind, who: Expr, *, ranked: bool) -> tuple[Expr, ...]:
        """Numbers and values that tell identities apart; finer once there are ranks."""
        maker = _Features(self, kind, who, ranked)
        own: list[Expr] = [Get(kind.rank, who)] if ranked else []
        for variable in self.variables:
            ref = Ref(variable.name, variable.sort)
            below = _below(variable.sort, kind)
            if below is not None:
                own += maker.plain(below, Get(ref, who))
            own += maker.seen(variable.sort, ref)
        return tuple(own)


def _below(sort: Sort, kind: Kind) -> Sort | None:
    """The sort of what a variable has of each identity of a kind; None if it is not by them."""
    return sort.value if isinstance(sort, Map) and sort.key == kind.id else None


def mentions(sort: Sort, kind: Kind) -> bool:
    """Does a permutation of the kind move values of the sort?"""
    match sort:
        case Bool() | Int():
            return False
        case Id():
            return sort == kind.id
        case Enum():
            return kind.named_in(sort)
        case Opt(of) | Seq(of, _) | Set(of):
            return mentions(of, kind)
        case Record(_, fields):
            return any(mentions(of, kind) for _, of in fields)
        case Map(key, of):
            return mentions(key, kind) or mentions(of, kind)
        case _:
            assert_never(sort)


# ---- images ------------------------------------------------------------------------------------


@final
class Shift:
    """Writes images under permutations of some kinds."""

    def __init__(self, kinds: tuple[Kind, ...]) -> None:
        self.kinds = kinds
        self._next = 0

    def moves(self, sort: Sort) -> bool:
        """Does it change values of the sort?"""
        return any(mentions(sort, kind) for kind in self.kinds)

    def image(self, sort: Sort, expr: Expr, *, back: bool = False) -> Expr:
        """The image of a value, or with `back` what it is the image of."""
        if not self.moves(sort):
            return expr
        match sort:
            case Bool() | Int():
                return expr
            case Id():
                (kind,) = (kind for kind in self.kinds if kind.id == sort)
                return Get(kind.back if back else kind.to, expr)
            case Enum():
                return self._case(sort, expr, back)
            case Opt(of):
                inner = self.image(of, OrElse(expr, _least(of)), back=back)
                return Ite(IsSome(expr), Some(inner), Lit(sort, None))
            case Record(_, fields):
                return MakeRecord(
                    sort, tuple(self.image(of, GetField(expr, n), back=back) for n, of in fields)
                )
            case Set(of):
                binder, local = self._binder(of)
                return SetOf(binder, Contains(expr, self.image(of, local, back=not back)))
            case Map(key, of):
                binder, local = self._binder(key)
                there = Get(expr, self.image(key, local, back=not back))
                return MakeMap(binder, self.image(of, there, back=back))
            case Seq(of, _):
                (acc, _), (elem, item) = self._binder(sort), self._binder(of)
                more = Concat(
                    Local(acc.name, sort), MakeSeq(of, (self.image(of, item, back=back),))
                )
                return Fold(acc, Lit(Seq(of, 0), ()), elem.name, expr, more)
            case _:
                assert_never(sort)

    def _case(self, sort: Enum, expr: Expr, back: bool) -> Expr:
        image = expr
        for kind in self.kinds:
            if kind.named_in(sort):
                called = dict(kind.names)
                table: Value = tuple(called.get(p, sort.cases[0]) for p in range(kind.pool.size))
                names = Lit(Map(kind.id, sort), table)
                for place, name in kind.names:
                    goes = Get(kind.back if back else kind.to, Lit(kind.id, place))
                    image = Ite(Eq(expr, Lit(sort, name)), Get(names, goes), image)
        return image

    def _binder(self, sort: Sort) -> tuple[Binder, Local]:
        self._next += 1
        return Binder(f"m.{self._next}", sort), Local(f"m.{self._next}", sort)


def _least(sort: Sort) -> Lit:
    return Lit(sort, next(values(sort)))


# ---- features ----------------------------------------------------------------------------------


@final
class _Features:
    """Features of one identity. Fallbacks of `else` are only written where there is something."""

    def __init__(self, orbits: Orbits, kind: Kind, who: Expr, ranked: bool) -> None:
        self.orbits, self.kind, self.who, self.ranked = orbits, kind, who, ranked
        self._next = 0

    def _moves(self, sort: Sort) -> bool:
        return any(mentions(sort, kind) for kind in self.orbits.kinds)

    def _binder(self, sort: Sort) -> tuple[Binder, Local]:
        self._next += 1
        return Binder(f"f.{self._next}", sort), Local(f"f.{self._next}", sort)

    def plain(self, sort: Sort, expr: Expr) -> list[Expr]:
        """What does not change when identities in a value do."""
        if not self._moves(sort):
            return [expr]
        match sort:
            case Id():
                return [Get(self._kind(sort).rank, expr)] if self.ranked else []
            case Opt(of):
                inner = self.plain(of, OrElse(expr, _least(of)))
                found = IsSome(expr)
                return [found, *(Ite(found, e, _least(sort_of(e))) for e in inner)]
            case Record(_, fields):
                return [e for n, of in fields for e in self.plain(of, GetField(expr, n))]
            case Set(of):
                return self._counted(of, lambda local: Contains(expr, local))
            case Map(key, of):
                return self._entries(key, of, expr)
            case Seq():
                return [Len(expr)]
            case Bool() | Int() | Enum():
                return []
            case _:
                assert_never(sort)

    def _entries(self, key: Sort, of: Sort, expr: Expr) -> list[Expr]:
        if cardinality(key) > MANY:
            return []
        if not self._moves(key):
            return [e for k in values(key) for e in self.plain(of, Get(expr, Lit(key, k)))]
        mine = self.plain(of, Get(expr, self.who)) if key == self.kind.id else []
        match of:
            case Bool():
                return mine + self._counted(key, lambda local: Get(expr, local))
            case Opt():
                return mine + self._counted(key, lambda local: IsSome(Get(expr, local)))
            case Int():
                binder, local = self._binder(key)
                return [*mine, Agg(AggKind.SUM, binder, lit(True), Get(expr, local))]
            case _:
                return mine

    def _counted(self, sort: Sort, cond: Callable[[Local], Expr]) -> list[Expr]:
        if cardinality(sort) > MANY:
            return []
        binder, local = self._binder(sort)
        return [Count(binder, cond(local))]

    def seen(self, sort: Sort, expr: Expr) -> list[Expr]:
        """How often the identity, or its name, stands in a value: in each part of it that is
        written down apart."""
        if not mentions(sort, self.kind):
            return []
        match sort:
            case Id():
                return [Ite(Eq(expr, self.who), lit(1), lit(0))]
            case Enum():
                return [Ite(Eq(expr, self._name(sort)), lit(1), lit(0))]
            case Opt(of):
                inner = self.seen(of, OrElse(expr, _least(of)))
                return [Ite(IsSome(expr), e, lit(0)) for e in inner]
            case Record(_, fields):
                return [e for n, of in fields for e in self.seen(of, GetField(expr, n))]
            case Set(of) if of == self.kind.id:
                return [Ite(Contains(expr, self.who), lit(1), lit(0))]
            case Set(of) if cardinality(of) <= MANY:
                binder, local = self._binder(of)
                return [self._sum(binder, Contains(expr, local), e) for e in self.seen(of, local)]
            case Map(key, of) if cardinality(key) <= MANY:
                binder, local = self._binder(key)
                inner = self.seen(of, Get(expr, local))
                found: list[Expr] = [self._sum(binder, lit(True), e) for e in inner]
                if self.ranked and isinstance(key, Id) and self._moves(key):
                    weight = self._weight(Get(self._kind(key).rank, local))
                    weighed = (Arith(ArithOp.MUL, weight, e) for e in inner)
                    found += [self._sum(binder, lit(True), e) for e in weighed]
                return found
            case _:
                return []

    def _sum(self, binder: Binder, cond: Expr, term: Expr) -> Expr:
        return Agg(AggKind.SUM, binder, cond, term)

    def _weight(self, rank: Expr) -> Expr:
        """Apart for different ranks, and for most sums of them."""
        more = Arith(ArithOp.ADD, rank, lit(1))
        return Arith(ArithOp.MUL, more, Arith(ArithOp.MUL, more, more))

    def _name(self, sort: Enum) -> Expr:
        called = dict(self.kind.names)
        first = self.kind.names[0][1]
        table: Value = tuple(called.get(p, first) for p in range(self.kind.pool.size))
        return Get(Lit(Map(self.kind.id, sort), table), self.who)

    def _kind(self, sort: Sort) -> Kind:
        (kind,) = (kind for kind in self.orbits.kinds if kind.id == sort)
        return kind


def of_whom(kind: Kind) -> Local:
    """The identity that features are about."""
    return Local("who", kind.id)


__all__ = ["Kind", "Orbits", "Shift", "kinds_of", "mentions", "of_whom"]
