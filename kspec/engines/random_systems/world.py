"""The constants, variables and initial states of a random system.

Kinds have a variable that says which identities live and one for each field; views are copies of
live variables; budgets count down. Next: `actions`.
"""

from __future__ import annotations

from typing import assert_never, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.engines.random_systems.expressions import Expressions
from kspec.engines.random_systems.scope import Scope
from kspec.engines.random_systems.universe import Universe, default, has_identities
from kspec.ir.build import conj, disj, lit
from kspec.ir.expr import (
    TRUE,
    And,
    At,
    Binder,
    Contains,
    Eq,
    Expr,
    Get,
    GetField,
    IsSome,
    Ite,
    Len,
    Lit,
    Local,
    Lt,
    MakeMap,
    Old,
    Or,
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
    sort_of,
)
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
)
from kspec.ir.system import Const, Init, Pool, Role, Var, View


@final
@frozen
class Kind:
    """A pool with its liveness variable and the variables of its fields."""

    pool: Pool
    live: Var
    fields: tuple[Var, ...]

    @property
    def id(self) -> Id:
        """The sort of its identities."""
        return Id(self.pool.name, self.pool.size)

    def is_live(self, identity: Expr) -> Expr:
        """`identity` exists in the state the expression is read in."""
        return Get(ref(self.live), identity)


@final
@frozen
class World:
    """What the actions and claims of one system speak about."""

    constants: tuple[Const, ...]
    kinds: tuple[Kind, ...]
    plain: tuple[Var, ...]
    budgets: tuple[Var, ...]
    images: tuple[tuple[Var, Var], ...]  # a view's variable, what it is an image of
    canonical: bool  # every write to a field targets a live object

    def variables(self) -> tuple[Var, ...]:
        """All of them, in the order of the system."""
        kinds = tuple(v for k in self.kinds for v in (k.live, *k.fields))
        return (*kinds, *self.plain, *self.budgets, *(v for v, _ in self.images))

    def scope(self, *locals_: Local) -> Scope:
        """Constants and the current state, with some locals."""
        return Scope((*map(ref, self.variables()), *map(ref, self.constants)), locals_)

    def acting_scope(self, *locals_: Local) -> Scope:
        """The same without what only properties and ghosts may read (rule 20)."""
        ghosts = {v.name for v in self.variables() if v.role is Role.GHOST}
        scope = self.scope(*locals_)
        return evolve(scope, globals=tuple(r for r in scope.globals if r.name not in ghosts))

    def step_scope(self, *locals_: Local) -> Scope:
        """The states around a step."""
        olds = tuple(Old(v.name, v.sort) for v in self.variables())
        return Scope((*self.scope().globals, *olds), locals_)


def ref(named: Var | Const) -> Ref:
    """The whole variable or constant."""
    return Ref(named.name, named.sort)


def draw_world(universe: Universe, expressions: Expressions) -> World:
    """Constants and variables."""
    d = universe.draw
    constants = tuple(_constant(universe, n) for n in range(d.pick((1, 0, 2))))
    kinds = tuple(_kind(universe, p) for p in universe.pools)
    plain = tuple(_plain(universe, n) for n in range(d.pick((2, 1, 3))))
    budgets = (
        (Var("crashes", Int(0, d.between(1, 2)), Role.BUDGET, "crash", "left"),)
        if d.chance(20)
        else ()
    )
    images = _images(universe, kinds)
    return World(constants, kinds, plain, budgets, images, d.chance(60))


def _constant(universe: Universe, n: int) -> Const:
    sort = universe.stored(1)
    return Const(f"c{n}", sort, universe.value(sort))


def _kind(universe: Universe, pool: Pool) -> Kind:
    d, key = universe.draw, Id(pool.name, pool.size)
    stem = pool.name.lower()
    live = Var(f"{stem}.live", Map(key, Bool()), Role.LIVE, pool.name, "live")
    fields = []
    for label in ("phase", "owner")[: d.between(0, 2)]:
        sort = _field_sort(universe)
        fields.append(Var(f"{stem}.{label}", Map(key, sort), Role.API, pool.name, label))
    return Kind(pool, live, tuple(fields))


def _field_sort(universe: Universe) -> Sort:
    d, ids = universe.draw, universe.ids()
    if ids and d.chance(40):
        of = d.pick(ids)
        owner = Record("Owner", (("uid", of), ("on", Bool())))
        shapes: tuple[Sort, ...] = (Opt(of), Set(of), of, Opt(owner))
        return d.pick(shapes)
    return universe.stored(d.pick((0, 0, 1)))


def _plain(universe: Universe, n: int) -> Var:
    d = universe.draw
    ids = universe.ids()
    if d.chance(8):
        sort = universe.wide()
    elif ids and d.chance(15):
        shapes: tuple[Sort, ...] = (Opt(d.pick(ids)), Seq(d.pick(ids), 2), Set(d.pick(ids)))
        sort = d.pick(shapes)
    else:
        sort = universe.stored(d.pick((0, 1, 2, 2)))
    roles = (Role.API, Role.LOCAL, Role.MEMORY, Role.TASK)
    role = d.pick(roles if has_identities(sort) else (*roles, Role.GHOST))
    return Var(f"v{n}", sort, role, "controller", f"v{n}")


def _images(universe: Universe, kinds: tuple[Kind, ...]) -> tuple[tuple[Var, Var], ...]:
    if not kinds or not universe.draw.chance(25):
        return ()
    kind = universe.draw.pick(kinds)
    seen = (kind.live, *kind.fields[:1])
    return tuple(
        (Var(f"view.{v.name}", v.sort, Role.VIEW, "controller", f"seen {v.label}"), v) for v in seen
    )


def views_of(world: World) -> tuple[View, ...]:
    """The description of the view variables, if there are any."""
    if not world.images:
        return ()
    behind = disj(_differs(ref(view), ref(live)) for view, live in world.images)
    kind = next(k for k in world.kinds if k.live == world.images[0][1])
    fields = tuple((live.name, ref(view)) for view, live in world.images)
    return (View("controller", kind.pool.name, (), Ite(behind, lit(1), lit(0)), fields),)


def _differs(left: Expr, right: Expr) -> Expr:
    return Ite(Eq(left, right), lit(False), lit(True))


# ---- initial states ----------------------------------------------------------------------------


def draw_init(universe: Universe, expressions: Expressions, world: World) -> Init:
    """Several initial states at times, none at all rarely."""
    d = universe.draw
    params = []
    size = 1
    for n in range(d.pick((0, 0, 1, 1, 2))):
        binder = Binder(f"i{n}", universe.enumerated(4))
        if size * cardinality(binder.sort) <= 12:
            params.append(binder)
            size *= cardinality(binder.sort)
    scope = Scope(
        tuple(map(ref, world.constants)), tuple(Local(b.name, b.sort) for b in params), 12
    )
    where = expressions.mostly(scope) if params and d.chance(25) else TRUE
    lives = {k.live: _initial_life(universe, k) for k in world.kinds}
    assign = tuple(
        (v.name, _initial(v, universe, expressions, world, scope, lives)) for v in world.variables()
    )
    return Init(tuple(params), where, assign)


def _initial_life(universe: Universe, kind: Kind) -> Lit:
    d, size = universe.draw, kind.pool.size
    alive = d.between(0, size)
    pattern = tuple(i < alive for i in range(size))
    if d.chance(20):
        pattern = tuple(d.chance(50) for _ in range(size))
    return Lit(kind.live.sort, pattern)


def _initial(
    var: Var,
    universe: Universe,
    expressions: Expressions,
    world: World,
    scope: Scope,
    lives: dict[Var, Lit],
) -> Expr:
    d = universe.draw
    if var in lives:
        return lives[var]
    if var in world.budgets:
        assert isinstance(var.sort, Int)
        return lit(var.sort.hi)
    images = dict(world.images)
    if var in images:
        var = images[var]
        return lives[var] if var in lives else Lit(var.sort, default(var.sort))
    for kind in world.kinds:
        if var in kind.fields:
            return _initial_field(var, kind, expressions, scope, lives[kind.live])
    return expressions.of(var.sort, scope, d.pick((0, 0, 1, 2)))


def _initial_field(var: Var, kind: Kind, expressions: Expressions, scope: Scope, life: Lit) -> Expr:
    assert isinstance(var.sort, Map)
    each = Binder(expressions.draw.fresh("k"), kind.id)
    inner = scope.within(each)
    value = expressions.of(var.sort.value, inner, expressions.draw.below(2))
    nothing = Lit(var.sort.value, default(var.sort.value))
    return MakeMap(each, Ite(Get(life, Local(each.name, each.sort)), value, nothing))


# ---- canonical form and references -------------------------------------------------------------


def well_formed(world: World) -> Expr:
    """Dead objects hold defaults, in the systems all of whose writes keep it so (rule 3)."""
    if not world.canonical:
        return TRUE
    return conj(_dead_is_default(kind, var) for kind in world.kinds for var in kind.fields)


def _dead_is_default(kind: Kind, var: Var) -> Expr:
    assert isinstance(var.sort, Map)
    each = Local("wf", kind.id)
    nothing = Lit(var.sort.value, default(var.sort.value))
    body = Or((kind.is_live(each), Eq(Get(ref(var), each), nothing)))
    return Quant(QuantKind.ALL, Binder(each.name, each.sort), body)


def mentioned(expr: Expr, identity: Local, names: tuple[str, ...] = ("m0", "m1", "m2")) -> Expr:
    """Does the value of `expr` hold the identity? A disjunction without trivial parts."""
    sort = sort_of(expr)
    match sort:
        case Bool() | Int() | Enum():
            return lit(False)
        case Id():
            return Eq(expr, identity) if sort == identity.sort else lit(False)
        case Opt(of):
            return _mentioned_option(expr, of, identity, names)
        case Record(_, fields):
            return disj(mentioned(GetField(expr, n), identity, names) for n, _ in fields)
        case Set(of):
            if of == identity.sort:
                return Contains(expr, identity)
            each = Local(names[0], of)
            inner = mentioned(each, identity, names[1:])
            return _some(each, Contains(expr, each), inner)
        case Map(key, _):
            each = Local(names[0], key)
            return _some(each, TRUE, mentioned(Get(expr, each), identity, names[1:]))
        case Seq(of, cap):
            place = Local(names[0], Int(0, max(0, cap - 1)))
            if cap == 0 or cardinality(of) == 0:
                return lit(False)
            item = At(expr, place, Lit(of, default(of)))
            return _some(place, Lt(place, Len(expr)), mentioned(item, identity, names[1:]))
        case _:
            assert_never(sort)


def _mentioned_option(expr: Expr, of: Sort, identity: Local, names: tuple[str, ...]) -> Expr:
    if of == identity.sort:
        return Eq(expr, Some(identity))
    if cardinality(of) == 0:
        return lit(False)
    held = mentioned(OrElse(expr, Lit(of, default(of))), identity, names)
    return held if held == lit(False) else And((IsSome(expr), held))


def _some(each: Local, where: Expr, body: Expr) -> Expr:
    if body == lit(False):
        return body
    return Quant(QuantKind.SOME, Binder(each.name, each.sort), conj((where, body)))
