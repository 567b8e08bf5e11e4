"""Records, sets, lists and maps as they are written, and reading maps and lists at a place.

Next: `expr` for the other expressions.
"""

from __future__ import annotations

from kspec.analysis.typed import (
    TAt,
    TExpr,
    TField,
    TGet,
    TList,
    TMap,
    TRecord,
    TSet,
    TState,
    TTotal,
    TTuple,
    TWith,
)
from kspec.analysis.types import (
    KindT,
    ListT,
    MapT,
    OptT,
    RecordT,
    SetT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, At, Expr, Len, Lit, MakeMap, Put, Some, sort_of
from kspec.ir.sorts import Int, Map, Seq, cardinality
from kspec.lower.context import (
    CannotLower,
    Frame,
    Lowering,
    Slot,
)
from kspec.lower.expressions import worlds
from kspec.lower.values.apart import as_maybe, as_parts, as_whole
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import decode, element_sort, encode, occurring
from kspec.lower.values.convert import listed, narrowed
from kspec.lower.values.equality import equal
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import CannotStore, least, meet
from kspec.lower.values.smart import conj, get, ite, le, lit, lt
from kspec.lower.values.stored import part_names
from kspec.lower.values.symbolic import (
    Bunch,
    Known,
    Maybe,
    Parts,
    Sym,
    Tabled,
    Whole,
)
from kspec.lower.values.tables import by_cases, folded
from kspec.pure.values.value import FrozenMap, Rec, Value


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
    from kspec.lower.expressions.pure_expr import least_value

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
    from kspec.pure.values.value import Missing

    assert isinstance(entries, FrozenMap)
    return None if isinstance(entries.default, Missing) else entries.default


def map_at(low: Lowering, frame: Frame, expr: TGet) -> Sym:
    """A map at a key."""
    from kspec.lower.expressions.expr import lower

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
    from kspec.lower.expressions.pure_expr import initial_of

    if slot.owner in low.static.tables.kinds:
        return Known(_default(worlds.default_of(low, slot.owner, slot.label)))
    sym = initial_of(low, slot.name)
    assert isinstance(sym, Known)
    return Known(_default(sym.value))


def list_at(low: Lowering, frame: Frame, expr: TAt) -> Sym:
    """A list at a place, as an option."""
    from kspec.lower.expressions.expr import lower

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


def as_partial(low: Lowering, frame: Frame, expr: TTotal) -> Sym:
    """A total map where a partial one is wanted: every entry is there."""
    from kspec.lower.expressions.expr import lower

    arg = lower(low, frame, expr.arg)
    type_ = expr.arg.type
    assert isinstance(type_, MapT)
    if isinstance(arg, Known) and isinstance(arg.value, FrozenMap):
        from kspec.pure.values.value import Missing

        if isinstance(arg.value.default, Missing):
            return arg
    if isinstance(type_.value, OptT):
        return arg
    stored = as_whole(low.shapes, type_, arg)
    sort = sort_of(stored)
    assert isinstance(sort, Map)
    binder, local = low.binder("k", sort.key)
    return Whole(MakeMap(binder, Some(get(stored, local))))


def lower_record(low: Lowering, frame: Frame, expr: TRecord) -> Sym:
    """A record as it is written."""
    from kspec.lower.expressions.expr import lower

    assert isinstance(expr.type, RecordT)
    parts = tuple(lower(low, frame, value) for _, value in expr.fields)
    if all(isinstance(p, Known) for p in parts):
        return Known(Rec(expr.type.name, tuple(p.value for p in parts if isinstance(p, Known))))
    return Parts(expr.type.name, parts)


def lower_display(low: Lowering, frame: Frame, expr: TSet | TList | TTuple | TMap) -> Sym:
    """A tuple, set, list or map as it is written."""
    from kspec.lower.expressions.expr import lower

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
            from kspec.lower.values.smart import eq

            body = ite(eq(local, k), encode(low.shapes, value, item, value_sort), body)
        return Whole(MakeMap(binder, body))
    for key, item in entries:
        k = encode(low.shapes, type_.key, key, key_sort)
        result = Put(result, k, encode(low.shapes, value, item, value_sort))
    return Whole(result)


def lower_with(low: Lowering, frame: Frame, expr: TWith) -> Sym:
    """A record with fields replaced, or a map with values put at keys."""
    from kspec.lower.expressions.expr import lower

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
