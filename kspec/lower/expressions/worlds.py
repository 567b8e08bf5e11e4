"""Reading a world: who lives in it, with which fields, how old, and what components remember.

The same function of the language reads the live state, a view, the state before a step and the
state after an effect: the world alone decides (rule 18).
Next: `expr`; `steps.effects` for `Altered`.
"""

from __future__ import annotations

from kspec.analysis.typed import OverKind, TComponent, TWatch
from kspec.analysis.types import KindT, OptT
from kspec.ir.expr import FALSE, TRUE, Best, Binder, Expr, IsSome, Lit, Local, OrElse, Ref, sort_of
from kspec.ir.sorts import Bool, Id, Map, Sort
from kspec.ir.system import Const
from kspec.lower.context import (
    Altered,
    Frame,
    Imaged,
    Lowering,
    Present,
    Sink,
    Slot,
    Viewed,
    World,
)
from kspec.lower.expressions import altered
from kspec.lower.values.apart import as_flag, as_ident, as_maybe
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode, occurring
from kspec.lower.values.equality import equal
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import CannotStore, common_measure
from kspec.lower.values.smart import conj, get, is_some, ite, lit, lt, or_else, some_of
from kspec.lower.values.stored import literal
from kspec.lower.values.symbolic import Ident, Known, Maybe, Sym, Tabled
from kspec.lower.values.tables import tabled
from kspec.pure.scopes.scope import OneOf
from kspec.pure.values.value import Obj
from kspec.pure.values.value import Value as Pure

# ---- names of variables ------------------------------------------------------------------------


def live_name(kind: str) -> str:
    """Does the object exist?"""
    return f"{kind}.live"


def age_name(kind: str) -> str:
    """The object's place in the order of creation."""
    return f"{kind}.age"


def field_name(kind: str, name: str) -> str:
    """A field of a kind."""
    return f"{kind}.{name}"


def queue_name(owner: str, kind: str, what: str) -> str:
    """A part of a view: `n`, or `0.live`, `0.phase` of an image."""
    return f"{owner}.{kind}.{what}"


# ---- objects -----------------------------------------------------------------------------------


def initially_live(low: Lowering, kind: str) -> tuple[bool, ...]:
    """Which identities live at the start."""
    there = {o.index for o in low.static.scope.objects if o.kind == kind}
    return tuple(i in there for i in range(low.shapes.pools.get(kind, 0)))


def watch_of(low: Lowering, world: World, kind: str) -> tuple[Viewed, TComponent, TWatch] | None:
    """The view that a world has of a kind, if it is not the live state."""
    if not isinstance(world, Viewed):
        return None
    component = low.static.tables.components[world.controller]
    for watch in component.watches:
        if watch.kind == kind and (
            watch.where is not None or is_stale(low, world.controller, kind)
        ):
            return world, component, watch
    return None


def is_stale(low: Lowering, controller: str, kind: str) -> bool:
    """Does the controller have images of the kind that may be behind?"""
    return queue_name(controller, kind, "n") in low.slots


def lives(low: Lowering, world: World, kind: str, obj: Expr) -> Expr:
    """Does an identity live in a world?"""
    if low.shapes.pools.get(kind, 0) == 0:
        return FALSE
    if isinstance(world, Altered):
        return altered.lives(low, world, kind, obj)
    viewed = watch_of(low, world, kind)
    if viewed is not None:
        return _seen_to_live(low, viewed, kind, obj)
    if isinstance(world, Imaged) and (slot := _image_slot(low, world, kind, "live")):
        return get(low.ref(slot, world.base.is_past), obj)
    base = world.base if isinstance(world, Viewed | Imaged) else world
    if low.static.is_everlasting(kind):
        flags = initially_live(low, kind)
        if all(flags):
            return TRUE
        return get(_constant(low, live_name(kind), Map(low.shapes.id(kind), Bool()), flags), obj)
    return low.read(low.slots[live_name(kind)], obj, base.is_past)


def _seen_to_live(
    low: Lowering, viewed: tuple[Viewed, TComponent, TWatch], kind: str, obj: Expr
) -> Expr:
    world, component, watch = viewed
    now = conj((lives(low, world.base, kind, obj), shown(low, world, component, watch, obj)))
    if queue_name(world.controller, kind, "0.live") not in low.slots:
        return now
    return ite(is_behind(low, world, kind), _image(low, world, kind, "live", obj), now)


def shown(
    low: Lowering,
    world: Viewed,
    component: TComponent,
    watch: TWatch,
    obj: Expr,
    base: World | None = None,
) -> Expr:
    """Does the watch's condition hold of an object in a live world?"""
    from kspec.lower.expressions.expr import lower

    if watch.where is None:
        return TRUE
    here = base or world.base
    frame = Frame(
        names={"self": Ident(watch.kind, obj)},
        world=here,
        live=world.base,
        sink=Sink(),
        component=component.name,
    )
    frame = of_instance(low, frame, component, world.instance)
    return frame.sink.close(as_flag(low.shapes, lower(low, frame, watch.where)))


def of_instance(low: Lowering, frame: Frame, component: TComponent, instance: Expr | None) -> Frame:
    """The frame inside an instance of a component."""
    from attrs import evolve

    if component.instance is None or instance is None:
        return frame
    binder = component.instance
    sym = (
        Ident(binder.over.kind, instance)
        if isinstance(binder.over, OverKind)
        else decode(low.shapes, binder.type, instance)
    )
    return evolve(frame.binding(binder.name, sym), instance=sym)


def is_behind(low: Lowering, world: Viewed, kind: str) -> Expr:
    """Is the view of the kind an image?"""
    slot = low.slots[queue_name(world.controller, kind, "n")]
    return lt(lit(0), low.read(slot, world.instance, world.base.is_past))


def _image_slot(low: Lowering, world: Imaged, kind: str, what: str) -> Slot | None:
    """Where the image of a world keeps a part of a kind; None if the live state has it."""
    if world.kind != kind:
        return None
    return low.slots.get(queue_name(world.owner, kind, f"{world.place}.{what}"))


def _image(low: Lowering, world: Viewed, kind: str, what: str, obj: Expr) -> Expr:
    slot = low.slots[queue_name(world.controller, kind, f"0.{what}")]
    return get(low.read(slot, world.instance, world.base.is_past), obj)


def read_field(low: Lowering, world: World, kind: str, name: str, obj: Sym) -> Sym:
    """A field of an object of a world; the default, of one that is not in it."""
    value = _read_field(low, world, kind, name, obj)
    if low.shapes.pools.get(kind, 0) == 0 or (isinstance(obj, Known) and obj.value is None):
        return value
    viewed = watch_of(low, world, kind)
    is_constant = (kind, name) in low.static.constant
    if viewed is None:
        may_be_gone = is_constant and kind in low.static.dying
    else:
        may_be_gone = is_constant or viewed[2].where is not None
    where = as_ident(low.shapes, kind, obj)
    if not may_be_gone or (world, where) in low.shown:
        return value
    there = lives(low, world, kind, where)
    if there == TRUE:
        return value
    type_ = low.static.tables.fields[kind][name].type
    return choose(low.shapes, type_, there, value, Known(default_of(low, kind, name)))


def _read_field(low: Lowering, world: World, kind: str, name: str, obj: Sym) -> Sym:
    is_altered = isinstance(world, Altered) and altered.writes(world, kind, name)
    if (kind, name) in low.static.constant and not is_altered:
        return constant_field(low, kind, name, obj)
    if low.shapes.pools.get(kind, 0) == 0:
        return Known(default_of(low, kind, name))
    if isinstance(world, Altered):
        return altered.read_field(low, world, kind, name, obj)
    where = as_ident(low.shapes, kind, obj)
    slot = low.slots[field_name(kind, name)]
    if isinstance(world, Imaged):
        kept = _image_slot(low, world, kind, name) or slot
        return decode(low.shapes, slot.type, get(low.ref(kept, world.base.is_past), where))
    if isinstance(world, Viewed):
        now = low.read(slot, where, world.base.is_past)
        is_kept = queue_name(world.controller, kind, f"0.{name}") in low.slots
        if is_stale(low, world.controller, kind) and not is_kept:
            raise CannotStore(f"`{world.controller}` keeps no `{name}` of {kind} in its view")
        if is_stale(low, world.controller, kind):
            image = _image(low, world, kind, name, where)
            now = ite(is_behind(low, world, kind), image, now)
        return decode(low.shapes, slot.type, now)
    return decode(low.shapes, slot.type, low.read(slot, where, world.is_past))


def constant_values(low: Lowering, kind: str, name: str) -> tuple[Pure, ...]:
    """The values of a constant field, by identity."""
    size = low.shapes.pools.get(kind, 0)
    given = {o.index: dict(o.fields)[name] for o in low.static.scope.objects if o.kind == kind}
    default = default_of(low, kind, name) if len(given) < size else None
    found: list[Pure] = []
    for index in range(size):
        value = given.get(index, default)
        assert not isinstance(value, OneOf)
        found.append(value)
    return tuple(found)


def constant_field(low: Lowering, kind: str, name: str, obj: Sym) -> Sym:
    """A field that is the same in every state."""
    cases = constant_values(low, kind, name)
    match obj:
        case Known(Obj(_, index)):
            return Known(cases[index])
        case Tabled(index, objects) if all(isinstance(o, Obj) for o in objects):
            return tabled(index, tuple(cases[o.index] for o in objects if isinstance(o, Obj)))
        case _:
            where = as_ident(low.shapes, kind, obj)
            if not cases:
                return Known(default_of(low, kind, name))
            sym = tabled(where, cases)
            return _native(low, kind, name, sym) if isinstance(sym, Tabled) else sym


def _native(low: Lowering, kind: str, name: str, sym: Tabled) -> Sym:
    """The value with the named constant it is read from, where its sort is a scalar."""
    from kspec.analysis.types import BoolT, EnumT, IntT, KeyT, NameT, UnitT

    type_ = low.static.tables.fields[kind][name].type
    id_ = low.shapes.id(kind)
    match type_:
        case IntT() | UnitT():
            numbers = as_num(low.shapes, sym).num
            table = numbers.arg if hasattr(numbers, "arg") else None
            if not isinstance(table, Lit) or not isinstance(table.value, tuple):
                return sym
            measure = common_measure(_fractions(sym.cases)) or common_measure([])
            ref = _constant(low, field_name(kind, name), table.sort, table.value)
            return Tabled(sym.index, sym.cases, get(ref, sym.index), measure)
        case BoolT() | EnumT() | NameT() | KeyT() | KindT():
            try:
                sort = occurring(low.shapes, type_, sym)
            except CannotStore:
                return sym
            values = tuple(literal(low.shapes, type_, c, sort).value for c in sym.cases)
            ref = _constant(low, field_name(kind, name), Map(id_, sort), values)
            return Tabled(sym.index, sym.cases, get(ref, sym.index))
        case _:
            return sym


def _fractions(cases: tuple[Pure, ...]) -> list:  # type: ignore[type-arg]
    from fractions import Fraction

    return [Fraction(c) for c in cases if isinstance(c, int | Fraction)]


def settle_who_lives(low: Lowering) -> frozenset[str]:
    """Makes the constants that say which places of a pool have an object, where the same ones have
    in every state and not all do; their names."""
    found = set[str]()
    for pool in low.static.scope.pools:
        flags = initially_live(low, pool.kind)
        if low.static.is_everlasting(pool.kind) and not all(flags):
            name = live_name(pool.kind)
            _constant(low, name, Map(low.shapes.id(pool.kind), Bool()), flags)
            found.add(name)
    return frozenset(found)


def _constant(low: Lowering, name: str, sort: Sort, value: object) -> Expr:
    low.constants[name] = Const(name, sort, value)  # type: ignore[arg-type]  # a table of scalars
    return Ref(name, sort)


def default_of(low: Lowering, kind: str, name: str) -> Pure:
    """What a field of a dead object is."""
    from kspec.lower.expressions.pure_expr import least_value, value_of

    decl = low.static.tables.fields[kind][name]
    if decl.default is None:
        return least_value(low, decl.type)
    return value_of(low, decl.default, decl.type)


def age(low: Lowering, world: World, kind: str, obj: Expr) -> Expr:
    """An object's place in the order of creation."""
    if isinstance(world, Altered):
        raise CannotStore("`age` after effects is not supported yet")
    slot = low.slots[age_name(kind)]
    if isinstance(world, Imaged):
        kept = _image_slot(low, world, kind, "age") or slot
        return get(low.ref(kept, world.base.is_past), obj)
    if isinstance(world, Viewed):
        now = low.read(slot, obj, world.base.is_past)
        if is_stale(low, world.controller, kind):
            return ite(is_behind(low, world, kind), _image(low, world, kind, "age", obj), now)
        return now
    return low.read(slot, obj, world.is_past)


# ---- by key ------------------------------------------------------------------------------------


def is_borne(low: Lowering, world: World, kind: str, keys: tuple[Sym, ...]) -> Expr:
    """Does an object of a world have this key?"""
    binder, cond = _bearing(low, world, kind, keys)
    return some_of((binder,), cond)


def _bearing(low: Lowering, world: World, kind: str, keys: tuple[Sym, ...]) -> tuple[Binder, Expr]:
    """An identity, and whether it lives and has this key."""
    names = low.static.tables.kinds[kind].key
    binder, local = low.binder(kind.lower(), low.shapes.id(kind))
    low.shown.add((world, local))
    types = low.static.tables.fields[kind]
    parts = [lives(low, world, kind, local)]
    for name, key in zip(names, keys, strict=True):
        value = read_field(low, world, kind, name, Ident(kind, local))
        parts.append(equal(low.shapes, types[name].type, value, key))
    return binder, conj((*parts, has_key(low, kind, keys)))


def has_key(low: Lowering, kind: str, keys: tuple[Sym, ...]) -> Expr:
    """Is every part of a key there? Where one is absent nobody bears it."""
    types = low.static.tables.fields[kind]
    names = low.static.tables.kinds[kind].key
    optional = (k for n, k in zip(names, keys, strict=True) if isinstance(types[n].type, OptT))
    return conj(as_maybe(low.shapes, key).present for key in optional)


def find(low: Lowering, world: World, kind: str, keys: tuple[Sym, ...]) -> Maybe:
    """The object of a world whose key is these values."""
    id_ = low.shapes.id(kind)
    if id_.size == 0:
        return Maybe(FALSE, Known(None))
    binder, cond = _bearing(low, world, kind, keys)
    if cond == FALSE:
        return Maybe(FALSE, Known(None))
    best = Best(binder, cond, ())
    return Maybe(IsSome(best), Ident(kind, OrElse(best, Lit(id_, 0))))


def found_object(low: Lowering, frame: Frame, maybe: Maybe, name: str) -> Maybe:
    """The result of `find` with a name, so that it is looked for once."""
    content = maybe.content
    if not isinstance(content, Ident) or not isinstance(content.expr, OrElse):
        return maybe
    best = content.expr.arg
    called = low.fresh(name)
    frame.sink.lets.append((called, best))
    local = Local(called, sort_of(best))
    sort = sort_of(content.expr)
    assert isinstance(sort, Id)
    return Maybe(is_some(local), Ident(content.kind, or_else(local, Lit(sort, 0))))


def bearer(low: Lowering, world: World, kind: str, name: Sym) -> Maybe:
    """The object of a world that bears this name as its key reference."""
    names = low.static.tables.kinds[kind].key
    if len(names) != 1:
        raise CannotStore(f"a reference by name to {kind}, whose key has {len(names)} parts")
    return find(low, world, kind, (name,))


# ---- memory ------------------------------------------------------------------------------------


def read_state(low: Lowering, frame: Frame, name: str) -> Sym:
    """A `memory`, `local` or ghost variable, of the frame's instance."""
    from kspec.lower.expressions.pure_expr import initial_of

    if isinstance(frame.world, Altered):
        found = altered.read_state(low, frame.world, frame, name)
        if found is not None:
            return found
    slot = low.slots.get(name)
    if slot is None:
        return initial_of(low, name)
    index: Expr | None = None
    if slot.index is not None:
        assert frame.instance is not None, name
        index = instance_expr(low, slot, frame.instance)
    return decode(low.shapes, slot.type, low.read(slot, index, is_past(frame.world)))


def instance_expr(low: Lowering, slot: Slot, instance: Sym) -> Expr:
    """The instance as a key of a variable."""
    if isinstance(slot.index, Id):
        return as_ident(low.shapes, slot.index.kind, instance)
    from kspec.analysis.types import NameT
    from kspec.lower.values.codec import encode
    from kspec.lower.values.convert import converted

    assert slot.index is not None
    return converted(encode(low.shapes, NameT(), instance, slot.index), slot.index)


def is_past(world: World) -> bool:
    """Does the world read the state before the step?"""
    match world:
        case Present(is_past):
            return is_past
        case Viewed(base=base) | Imaged(base=base):
            return base.is_past
        case Altered(base):
            return is_past_of(base)


def is_past_of(world: World) -> bool:
    """`is_past`, for a world inside another."""
    return is_past(world)
