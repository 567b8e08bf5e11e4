"""Typed expressions to symbolic values: one case a node, in the world of the frame.

User functions are written out at each call, with names for arguments that are used more than
once; a call that was lowered before in the same block is taken from there. Next: `operations` for
built-in operations, `binding` for quantifiers and comprehensions, `matching` for `match`.
"""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from kspec.analysis.typed import (
    TAfter,
    TAt,
    TBefore,
    TCall,
    TComp,
    TDecode,
    TExpr,
    TField,
    TFold,
    TGet,
    TIf,
    TLet,
    TList,
    TLit,
    TLive,
    TLives,
    TLookup,
    TMap,
    TMatch,
    TOrElse,
    TParam,
    TPart,
    TPrim,
    TRecord,
    TRefField,
    TSeen,
    TSet,
    TSome,
    TState,
    TTemporal,
    TTimer,
    TTotal,
    TTuple,
    TUniverse,
    TVar,
    TWith,
)
from kspec.analysis.types import (
    KeyT,
    KindT,
    ListT,
    MapT,
    OptT,
    RecordT,
    SetT,
    TimerT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, At, Expr, IllSorted, Len, Lit, MakeMap, Put, Some, sort_of
from kspec.ir.sorts import Int, Map, Seq, Sort, cardinality
from kspec.lower import binding, folding, matching, operations, worlds
from kspec.lower.codec import (
    as_flag,
    as_ident,
    as_maybe,
    as_num,
    as_parts,
    as_whole,
    choose,
    decode,
    element_sort,
    encode,
    equal,
    listed,
    narrowed,
    occurring,
    part_names,
)
from kspec.lower.context import (
    CannotLower,
    Frame,
    Lowering,
    Present,
    Slot,
    Viewed,
    located,
    shared,
)
from kspec.lower.pure_expr import value_of
from kspec.lower.shapes import UNTIMED, CannotStore, FinerMeasure, least, meet
from kspec.lower.smart import conj, disj, get, ite, le, lit, lt
from kspec.lower.symbolic import (
    Bunch,
    Clock,
    Flag,
    Known,
    Maybe,
    Parts,
    Sym,
    Tabled,
    Whole,
)
from kspec.lower.tables import by_cases, folded
from kspec.pure.evaluate import literal
from kspec.pure.value import FrozenMap, Rec, Value


def lower(low: Lowering, frame: Frame, expr: TExpr) -> Sym:
    """The symbolic value of an expression. Raises `CannotLower` at what has none."""
    try:
        return _lower(low, frame, expr)
    except FinerMeasure:
        raise
    except CannotStore as error:
        raise located(error, expr) from error
    except IllSorted as error:
        raise CannotLower(f"this cannot be computed in a state: {error}", expr.span) from error


def lower_into(low: Lowering, frame: Frame, expr: TExpr, type_: Type) -> Sym:
    """The value in a place of a type: a total map may be given by what all its keys have."""
    if not isinstance(type_, MapT) or not type_.total or isinstance(expr.type, MapT):
        return lower(low, frame, expr)
    value = lower_into(low, frame, expr, type_.value)
    if isinstance(value, Known):
        return Known(FrozenMap({}, value.value))
    keys = low.shapes.floor(type_.key)
    if cardinality(keys) == 0:
        raise CannotLower("one value for every name has to be a constant", expr.span)
    binder, _ = low.binder("k", keys)
    sort = occurring(low.shapes, type_.value, value)
    return Whole(MakeMap(binder, encode(low.shapes, type_.value, value, sort)))


def flag(low: Lowering, frame: Frame, expr: TExpr) -> Expr:
    """A truth value."""
    return as_flag(low.shapes, lower(low, frame, expr))


def closed_flag(low: Lowering, frame: Frame, expr: TExpr) -> Expr:
    """A truth value as a block of its own, with the lets it needs."""
    inner = frame.inner()
    return inner.sink.close(flag(low, inner, expr))


def whole(low: Lowering, frame: Frame, expr: TExpr, sort: Sort | None = None) -> Expr:
    """A value as an expression: of a sort, or of the least that has it."""
    sym = lower(low, frame, expr)
    return encode(low.shapes, expr.type, sym, sort or occurring(low.shapes, expr.type, sym))


def _lower(low: Lowering, frame: Frame, expr: TExpr) -> Sym:  # noqa: C901
    match expr:
        case TVar(name):
            return _variable(low, frame, expr)
        case TLit():
            return Known(literal(expr))
        case TField():
            return _field(low, frame, expr)
        case TPrim():
            return operations.lower_prim(low, frame, expr)
        case TComp():
            return binding.lower_comp(low, frame, expr)
        case TCall():
            return _call(low, frame, expr)
        case TIf(cond, then, other):
            return _if(low, frame, expr)
        case TLet(name, value, body):
            sym = lower(low, frame, value)
            if low.uses(name, body) > 1:
                sym = shared(low, frame, name, sym)
            return lower(low, frame.binding(name, sym), body)
        case TRefField():
            return _ref_field(low, frame, expr)
        case TState(name):
            return worlds.read_state(low, frame, name)
        case TParam(name):
            return Known(low.params[name])
        case TUniverse(name):
            universe = low.static.tables.universes[name]
            return Known(value_of(low, universe.value, universe.type))
        case TGet():
            return _get(low, frame, expr)
        case TAt():
            return _at(low, frame, expr)
        case TPart(arg, index):
            return as_parts(low.shapes, arg.type, lower(low, frame, arg))[index]
        case TLookup(kind, keys):
            found = worlds.find(low, frame.world, kind, tuple(lower(low, frame, k) for k in keys))
            return worlds.found_object(low, frame, found, kind.lower())
        case TSome(arg):
            return (
                Maybe(TRUE, lower(low, frame, arg))
                if _may_be_absent(arg)
                else lower(low, frame, arg)
            )
        case TTotal(arg):
            return _total(low, frame, expr)
        case TOrElse(arg, default):
            return _or_else(low, frame, expr)
        case TDecode():
            raise CannotLower("a document cannot be read in a state", expr.span)
        case TMatch():
            return matching.lower_match(low, frame, expr)
        case TFold():
            return folding.lower_fold(low, frame, expr)
        case TRecord(fields):
            return _record(low, frame, expr)
        case TWith():
            return _with(low, frame, expr)
        case TSet() | TList() | TTuple() | TMap():
            return _display(low, frame, expr)
        case TTimer(duration):
            return _timer(low, frame, duration)
        case TBefore() | TLive() | TSeen() | TAfter():
            return _elsewhere(low, frame, expr)
        case TTemporal() | TLives():
            raise CannotLower("a claim over time is no value", expr.span)
        case _:
            assert_never(expr)


def _may_be_absent(arg: TExpr) -> bool:
    return isinstance(arg.type, OptT | TimerT)


def _variable(low: Lowering, frame: Frame, expr: TVar) -> Sym:
    if expr.name not in frame.names:
        raise CannotLower(f"`{expr.name}` has no value here", expr.span)
    return frame.names[expr.name]


def _field(low: Lowering, frame: Frame, expr: TField) -> Sym:
    arg = lower(low, frame, expr.arg)
    match expr.arg.type:
        case KindT(kind):
            return worlds.read_field(low, frame.world, kind, expr.name, arg)
        case RecordT():
            place = part_names(low.shapes, expr.arg.type).index(expr.name)
            return as_parts(low.shapes, expr.arg.type, arg)[place]
        case _:
            raise CannotLower("a field of something that has none", expr.span)


def _ref_field(low: Lowering, frame: Frame, expr: TRefField) -> Sym:
    """A field through a reference: nothing if the object is not alive in the world."""
    arg = lower(low, frame, expr.arg)
    match expr.arg.type:
        case KindT(kind):
            obj: Sym = arg
            alive = worlds.lives(low, frame.world, kind, as_ident(low.shapes, kind, arg))
        case KeyT(kind):
            found = worlds.found_object(
                low, frame, worlds.bearer(low, frame.world, kind, arg), kind.lower()
            )
            obj, alive = found.content, found.present
        case _:
            raise CannotLower("a field of something that has none", expr.span)
    if alive == FALSE:
        return Known(None)
    value = worlds.read_field(low, frame.world, kind, expr.name, obj)
    declared = low.static.tables.fields[kind][expr.name].type
    if isinstance(declared, OptT):
        inner = as_maybe(low.shapes, value)
        return Maybe(conj((alive, inner.present)), inner.content)
    return Maybe(alive, value)


def _call(low: Lowering, frame: Frame, expr: TCall) -> Sym:
    function = low.static.tables.functions[expr.function]
    args = tuple(lower(low, frame, arg) for arg in expr.args)
    names: dict[str, Sym] = {}
    for (name, _), arg in zip(function.parameters, args, strict=True):
        uses = low.uses(name, function.body)
        names[name] = shared(low, frame, name, arg) if uses > 1 else arg
    owner = low.static.tables.components.get(function.owner or "")
    if owner is not None and owner.instance is not None and frame.instance is not None:
        names = {owner.instance.name: frame.instance, **names}
    key = (expr.function, tuple(names.items()), frame.world, frame.live, frame.component)
    found = frame.sink.found(key)
    if found is None:
        found = lower(low, evolve(frame, names=names), function.body)
        frame.sink.calls[key] = found
    return found


def _if(low: Lowering, frame: Frame, expr: TIf) -> Sym:
    cond = flag(low, frame, expr.cond)
    if cond == TRUE:
        return lower(low, frame, expr.then)
    if cond == FALSE:
        return lower(low, frame, expr.other)
    then, other = lower(low, frame, expr.then), lower(low, frame, expr.other)
    if not isinstance(then, Flag | Known) or not isinstance(other, Flag | Known):
        named = shared(low, frame, "c", Flag(cond))
        assert isinstance(named, Flag)
        cond = named.expr
    return choose(low.shapes, expr.type, cond, then, other)


def _or_else(low: Lowering, frame: Frame, expr: TOrElse) -> Sym:
    arg = as_maybe(low.shapes, lower(low, frame, expr.arg))
    if arg.present == TRUE:
        return arg if isinstance(expr.type, OptT) else arg.content
    default = lower(low, frame, expr.default)
    if arg.present == FALSE:
        return default
    named = shared(low, frame, "there", Flag(arg.present))
    assert isinstance(named, Flag)
    if isinstance(expr.type, OptT):
        other = as_maybe(low.shapes, default)
        content = (
            arg.content
            if other.present == FALSE
            else choose(low.shapes, expr.type.of, named.expr, arg.content, other.content)
        )
        return Maybe(disj((named.expr, other.present)), content)
    return choose(low.shapes, expr.type, named.expr, arg.content, default)


# ---- maps and lists -----------------------------------------------------------------------------------


def get_from(low: Lowering, type_: MapT, arg: Sym, key: Sym) -> Sym:
    """A map at a key: the value, or an option of it for a partial map."""
    known = by_cases(low.shapes, key)
    if isinstance(arg, Known | Tabled) and known is not None and not isinstance(type_.key, KindT):
        result = type_.value if type_.total or isinstance(type_.value, OptT) else OptT(type_.value)
        return folded(low.shapes, _entry, (arg, known), result)
    if isinstance(arg, Known | Tabled):
        return _get_cases(low, type_, arg, key)
    expr = as_whole(low.shapes, type_, arg)
    sort = sort_of(expr)
    assert isinstance(sort, Map)
    value = type_.value if type_.total or isinstance(type_.value, OptT) else OptT(type_.value)
    if cardinality(sort.key) == 0:
        return Known(None) if not type_.total else Known(_least(low, type_.value))
    seen = element_sort(low.shapes, type_.key, key)
    inside, narrow = narrowed(encode(low.shapes, type_.key, key, seen), sort.key)
    there = decode(low.shapes, value, get(expr, narrow))
    if inside == TRUE:
        return there
    if type_.total:
        # Keys that are never written hold what the map began with; see `places`.
        raise CannotStore("this map has no value at some of these keys")
    return choose(low.shapes, value, inside, there, Known(None))


def _least(low: Lowering, type_: Type) -> Value:
    from kspec.lower.pure_expr import least_value

    return least_value(low, type_)


def _entry(entries: Value, key: Value) -> Value:
    assert isinstance(entries, FrozenMap)
    return entries.get(key)


def _get_cases(low: Lowering, type_: MapT, arg: Known | Tabled, key: Sym) -> Sym:
    """A map that is known, at a key that is not: case by case over the keys that occur."""
    maps = (arg.value,) if isinstance(arg, Known) else arg.cases
    keys = sorted({k for m in maps if isinstance(m, FrozenMap) for k in m}, key=lambda k: repr(k))
    value = type_.value if type_.total or isinstance(type_.value, OptT) else OptT(type_.value)
    result = folded(low.shapes, _default, (arg,), value)
    for k in reversed(keys):
        here = folded(low.shapes, lambda m, k=k: m.get(k), (arg,), value)
        cond = equal(low.shapes, type_.key, key, Known(k))
        result = choose(low.shapes, value, cond, here, result)
    return result


def _default(entries: Value) -> Value:
    from kspec.pure.value import Missing

    assert isinstance(entries, FrozenMap)
    return None if isinstance(entries.default, Missing) else entries.default


def _get(low: Lowering, frame: Frame, expr: TGet) -> Sym:
    assert isinstance(expr.arg.type, MapT)
    arg, key = lower(low, frame, expr.arg), lower(low, frame, expr.key)
    name = _variable_of(low, expr.arg)
    if name is not None and isinstance(arg, Whole):
        # A read makes room for its keys, so that a total map answers at each of them.
        slot = low.slots[name]
        floor = low.shapes.floor(slot.type)
        seen = element_sort(low.shapes, expr.arg.type.key, key)
        assert isinstance(floor, Map)
        if expr.arg.type.total:
            low.saw(slot, Map(seen, floor.value))
            sort = sort_of(arg.expr)
            assert isinstance(sort, Map)
            if meet(sort.key, seen) != sort.key:
                return initial_entry(low, slot)
    return get_from(low, expr.arg.type, arg, key)


def _variable_of(low: Lowering, expr: TExpr) -> str | None:
    """The variable that a map stands in, if it does."""
    match expr:
        case TState(name) if name in low.slots:
            return name
        case TField(arg, name) if isinstance(arg.type, KindT):
            found = worlds.field_name(arg.type.name, name)
            return found if found in low.slots else None
        case _:
            return None


def initial_entry(low: Lowering, slot: Slot) -> Sym:
    """What a total map holds at keys that nobody wrote; stands in until the next pass."""
    from kspec.lower.pure_expr import initial_of

    if slot.owner in low.static.tables.kinds:
        return Known(_default(worlds.default_of(low, slot.owner, slot.label)))
    sym = initial_of(low, slot.name)
    assert isinstance(sym, Known)
    return Known(_default(sym.value))


def _at(low: Lowering, frame: Frame, expr: TAt) -> Sym:
    arg, index = lower(low, frame, expr.arg), lower(low, frame, expr.index)
    assert isinstance(expr.arg.type, ListT)
    known = by_cases(low.shapes, index)
    if isinstance(arg, Known | Tabled) and known is not None:
        return folded(low.shapes, _element, (arg, known), expr.type)
    stored = as_whole(low.shapes, expr.arg.type, arg)
    shape = sort_of(stored)
    assert isinstance(shape, Seq)
    if cardinality(shape.of) == 0 or shape.cap == 0:
        return Known(None)
    place = as_num(low.shapes, index).num
    there = conj((le(lit(0), place), _before_end(place, stored)))
    content = At(stored, place, Lit(shape.of, least(shape.of)))
    value = decode(low.shapes, expr.arg.type.of, content)
    return _as_option(low, there, value, expr.arg.type.of)


def _as_option(low: Lowering, there: Expr, value: Sym, type_: Type) -> Sym:
    if isinstance(type_, OptT):
        inner = as_maybe(low.shapes, value)
        return Maybe(conj((there, inner.present)), inner.content)
    return Maybe(there, value)


def _before_end(place: Expr, stored: Expr) -> Expr:
    return lt(place, Len(stored))


def _element(items: Value, index: Value) -> Value:
    assert isinstance(items, tuple) and isinstance(index, int)
    return items[index] if 0 <= index < len(items) else None


def _total(low: Lowering, frame: Frame, expr: TTotal) -> Sym:
    """A total map where a partial one is wanted: every entry is there."""
    arg = lower(low, frame, expr.arg)
    type_ = expr.arg.type
    assert isinstance(type_, MapT)
    if isinstance(arg, Known) and isinstance(arg.value, FrozenMap):
        from kspec.pure.value import Missing

        if isinstance(arg.value.default, Missing):
            return arg
    if isinstance(type_.value, OptT):
        return arg
    stored = as_whole(low.shapes, type_, arg)
    sort = sort_of(stored)
    assert isinstance(sort, Map)
    binder, local = low.binder("k", sort.key)
    return Whole(MakeMap(binder, Some(get(stored, local))))


# ---- records, sets, lists, maps as they are written -----------------------------------------------------


def _record(low: Lowering, frame: Frame, expr: TRecord) -> Sym:
    assert isinstance(expr.type, RecordT)
    parts = tuple(lower(low, frame, value) for _, value in expr.fields)
    if all(isinstance(p, Known) for p in parts):
        return Known(Rec(expr.type.name, tuple(p.value for p in parts if isinstance(p, Known))))
    return Parts(expr.type.name, parts)


def _display(low: Lowering, frame: Frame, expr: TSet | TList | TTuple | TMap) -> Sym:
    match expr:
        case TTuple(items):
            parts = tuple(lower(low, frame, item) for item in items)
            if all(isinstance(p, Known) for p in parts):
                return Known(tuple(p.value for p in parts if isinstance(p, Known)))
            return Parts("", parts)
        case TSet(items, SetT(of)):
            syms = tuple(lower(low, frame, item) for item in items)
            if all(isinstance(s, Known) for s in syms):
                return Known(frozenset(s.value for s in syms if isinstance(s, Known)))
            return Bunch(tuple((TRUE, s) for s in syms))
        case TList(items, ListT(of)):
            syms = tuple(lower(low, frame, item) for item in items)
            return list_of(low, of, [(TRUE, s) for s in syms])
        case TMap(entries, MapT() as type_):
            pairs = [(lower(low, frame, k), lower(low, frame, v)) for k, v in entries]
            if all(isinstance(k, Known) and isinstance(v, Known) for k, v in pairs):
                return Known(
                    FrozenMap(
                        {
                            k.value: v.value
                            for k, v in pairs
                            if isinstance(k, Known) and isinstance(v, Known)
                        }
                    )
                )
            return map_with(low, type_, Known(FrozenMap({})), pairs)
        case _:
            raise CannotLower("this cannot be stored", expr.span)


def list_of(low: Lowering, of: Type, items: list[tuple[Expr, Sym]]) -> Sym:
    """The list of the items whose condition is true."""
    if all(isinstance(s, Known) and c in (TRUE, FALSE) for c, s in items):
        return Known(tuple(s.value for c, s in items if c == TRUE and isinstance(s, Known)))
    sort = low.shapes.floor(of) if not isinstance(of, UnitT) else Int(0, -1)
    for _, item in items:
        sort = meet(sort, occurring(low.shapes, of, item))
    coded = [(c, encode(low.shapes, of, item, sort)) for c, item in items]
    wide = sort
    for _, item_expr in coded:
        wide = meet(wide, sort_of(item_expr))
    return Whole(listed(wide, coded))


def map_with(low: Lowering, type_: MapT, old: Sym, entries: list[tuple[Sym, Sym]]) -> Sym:
    """A map with values put at keys; a later entry wins."""
    value = type_.value if type_.total or isinstance(type_.value, OptT) else OptT(type_.value)
    sort = occurring(low.shapes, type_, old)
    assert isinstance(sort, Map)
    key_sort, value_sort = sort.key, sort.value
    for key, item in entries:
        key_sort = meet(key_sort, element_sort(low.shapes, type_.key, key))
        value_sort = meet(value_sort, occurring(low.shapes, value, item))
    if cardinality(key_sort) == 0:
        return old
    target = Map(key_sort, value_sort)
    result = encode(low.shapes, type_, old, target)
    have = sort_of(result)
    if have != target:
        # The values become wider numbers than the old map has: written out key by key.
        binder, local = low.binder("k", key_sort)
        there = ite(TRUE, get(result, local), Lit(value_sort, least(value_sort)))
        body: Expr = there
        for key, item in entries:
            k = encode(low.shapes, type_.key, key, key_sort)
            from kspec.lower.smart import eq

            body = ite(eq(local, k), encode(low.shapes, value, item, value_sort), body)
        return Whole(MakeMap(binder, body))
    for key, item in entries:
        k = encode(low.shapes, type_.key, key, key_sort)
        result = Put(result, k, encode(low.shapes, value, item, value_sort))
    return Whole(result)


def _with(low: Lowering, frame: Frame, expr: TWith) -> Sym:
    arg = lower(low, frame, expr.arg)
    if isinstance(expr.type, RecordT):
        names = part_names(low.shapes, expr.type)
        changed = {name: lower(low, frame, value) for name, value in expr.fields}
        old = as_parts(low.shapes, expr.type, arg)
        parts = tuple(changed.get(n, p) for n, p in zip(names, old, strict=True))
        return Parts(expr.type.name, parts)
    assert isinstance(expr.type, MapT)
    entries = [(lower(low, frame, k), lower(low, frame, v)) for k, v in expr.entries]
    return map_with(low, expr.type, arg, entries)


def _timer(low: Lowering, frame: Frame, duration: TExpr) -> Sym:
    sym = lower(low, frame, duration)
    if isinstance(sym, Known):
        return sym
    if low.shapes.timed:
        return Clock(Some(encode(low.shapes, UnitT("duration"), sym, Int(0, 0))))
    running, due = Lit(UNTIMED, "running"), Lit(UNTIMED, "due")
    return Clock(ite(lt(lit(0), as_num(low.shapes, sym).num), running, due))


# ---- other worlds ---------------------------------------------------------------------------------------


def _elsewhere(low: Lowering, frame: Frame, expr: TBefore | TLive | TSeen | TAfter) -> Sym:
    from kspec.lower import altered

    match expr:
        case TBefore(arg):
            if frame.before is None:
                raise CannotLower("there is no step before this", expr.span)
            return lower(low, evolve(frame.before, names=frame.names, sink=frame.sink), arg)
        case TLive(arg):
            return lower(low, evolve(frame, world=frame.live), arg)
        case TSeen(controller, instance, arg):
            there = frame if frame.before is None else frame.before
            component = low.static.tables.components[controller]
            who = None if instance is None else lower(low, frame, instance)
            key = None
            if who is not None:
                assert component.instance is not None
                sort = occurring(low.shapes, component.instance.type, who)
                key = encode(low.shapes, component.instance.type, who, sort)
            base = there.world if isinstance(there.world, Present) else there.live
            inner = evolve(
                frame,
                world=Viewed(controller, key, base),
                live=base,
                component=controller,
                instance=who,
                before=None,
            )
            return lower(low, inner, arg)
        case TAfter(arg, changes):
            return lower(low, altered.after(low, frame, changes, expr.span), arg)
        case _:
            assert_never(expr)
