"""Effects to updates: fields, births and deaths, ages, variables, and what a death takes along.

Everything is computed in the state before the step. Next: `views` for the images that a write
leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from kspec.analysis.types import KindT, MapT, OptT, RecordT, Type
from kspec.base.source import Span
from kspec.ir.expr import FALSE, TRUE, ArithOp, Binder, Expr, Lit, Local
from kspec.ir.rewrite import substitute
from kspec.ir.sorts import Id, Int, Map, Opt, Record, Seq, Set, Sort
from kspec.ir.system import Field, Index, PathStep, Update
from kspec.lower.context import CannotLower, Frame, Lowering, Present, Slot
from kspec.lower.expressions import worlds
from kspec.lower.expressions.pure_expr import initial_of
from kspec.lower.steps.effects import Birth, Death, Effect, Key, Part, PutField, PutState, closed
from kspec.lower.values.codec import element_sort, encode, occurring
from kspec.lower.values.convert import converted, narrowed
from kspec.lower.values.shapes import CannotStore, meet
from kspec.lower.values.smart import arith, conj, disj, eq, get, ite, lit, lt, neg, some_of, total
from kspec.lower.values.stored import literal
from kspec.lower.values.symbolic import Known, Sym


def updates_of(
    low: Lowering, frame: Frame, effects: tuple[Effect, ...], happens: Expr
) -> Iterator[Update]:
    """The updates that effects make, where `happens`."""
    for effect in effects:
        if not isinstance(effect, PutState) and not low.shapes.id(effect.kind).size:
            continue
        match effect:
            case PutField():
                slot = low.slots[worlds.field_name(effect.kind, effect.name)]
                yield from _ranged(low, slot, _put_field(low, effect, happens), effect)
            case PutState():
                slot = low.slots[effect.name]
                update = _put_state(low, frame, effect, happens, effects)
                yield from _ranged(low, slot, update, effect)
            case Birth():
                yield from _birth(low, effect, happens)
            case Death():
                yield from _death(low, frame, effect, happens, effects)
    yield from _ages(low, effects, happens)


def _put_field(low: Lowering, effect: PutField, happens: Expr) -> Update:
    slot = low.slots[worlds.field_name(effect.kind, effect.name)]
    path, value, inside = place(low, slot, effect.path, effect.value, effect.type, effect.span)
    return Update(
        slot.name,
        (Index(closed(effect.sink, effect.target)), *_closed_path(effect, path)),
        closed(effect.sink, value),
        closed(effect.sink, conj((happens, effect.when, inside))),
        closed(effect.sink, effect.live),
        effect.binders,
        effect.span,
    )


def _whole(low: Lowering, slot: Slot, value: Sym) -> None:
    """Take down the values that a field of an enumeration of values is given. Where those are not
    known, the next pass knows that it cannot be one."""
    from kspec.lower.places import field_start

    try:
        low.saw(slot, element_sort(low.shapes, slot.type, value))
    except CannotStore:
        start = field_start(low, slot.owner, slot.label, slot.type)
        seen = occurring(low.shapes, slot.type, value)
        low.seen[slot.name] = low.shapes.widened(slot.type, start, seen)
        raise


def _closed_path(effect: PutField | PutState, path: tuple[PathStep, ...]) -> tuple[PathStep, ...]:
    return tuple(Index(closed(effect.sink, s.key)) if isinstance(s, Index) else s for s in path)


def place(
    low: Lowering,
    slot: Slot,
    path: tuple[Key | Part, ...],
    value: Sym,
    type_: Type,
    span: Span | None,
) -> tuple[tuple[PathStep, ...], Expr, Expr]:
    """Where in a variable's element a value goes, and the value in the sort it has there.

    Also takes down the sorts of keys and value. The last part is true if all keys are keys of the
    variable; they are once its sort is found.
    """
    if slot.interned:
        _whole(low, slot, value)
    else:
        low.saw(slot, _seen(low, slot.type, path, value, type_))
    is_stable = low.is_stable(slot)
    sort: Sort = slot.sort
    steps: list[PathStep] = []
    inside: list[Expr] = []
    here: Type = slot.type
    for step in path:
        if isinstance(here, OptT):
            raise CannotLower("a place inside something that may be absent", span)
        match step, sort, here:
            case Key(sym, key_type), Map(keys, inner), MapT(_, of):
                seen = encode(low.shapes, key_type, sym, element_sort(low.shapes, key_type, sym))
                there, key = narrowed(seen, keys)
                if there != TRUE and is_stable:
                    raise CannotLower("this key may be none of the map's keys", span)
                inside.append(there)
                steps.append(Index(key))
                sort, here = inner, of
            case Part(name), Record(), RecordT(record):
                steps.append(Field(name))
                sort = sort.field(name)
                here = {f.name: f.type for f in low.static.tables.records[record].fields}[name]
            case _:
                raise CannotLower("a place inside something that has none", span)
    return tuple(steps), encode(low.shapes, type_, value, sort), conj(inside)


def stray_keys(
    low: Lowering, slot: Slot, path: tuple[PathStep, ...], value: Sym, type_: Type
) -> tuple[Expr, Expr] | None:
    """For a map that may have keys outside their range: does it, and the map without them.

    The IR has no map with other keys than its sort says, so that `probe` is written to instead.
    """
    sort = _at(slot.sort, path)
    seen = occurring(low.shapes, type_, value)
    if not _is_beyond(seen, sort):
        return None
    natural = encode(low.shapes, type_, value, meet(sort, seen))
    inside, _ = narrowed(natural, sort)
    return neg(inside), converted(natural, sort)


def _is_beyond(have: Sort, to: Sort) -> bool:
    """Has a map inside more numbers among its keys?"""
    match have, to:
        case Map(Int() as k, v), Map(Int() as m, w):
            return meet(k, m) != m or _is_beyond(v, w)
        case Map(_, v), Map(_, w):
            return _is_beyond(v, w)
        case (Opt(v), Opt(w)) | (Set(v), Set(w)) | (Seq(v, _), Seq(w, _)):
            return _is_beyond(v, w)
        case Record(name, xs), Record(other, ys) if name == other and len(xs) == len(ys):
            return any(_is_beyond(x, y) for (_, x), (_, y) in zip(xs, ys, strict=True))
        case _:
            return False


def probe(low: Lowering, cond: Expr, binders: tuple[Binder, ...], span: Span | None) -> Update:
    """A write that breaks in-range where the condition is true: the variable has one value."""
    name = f"range.{len(low.probes)}"
    low.probes.append(name)
    return Update(name, (), lit(1), cond, TRUE, binders, span)


def _ranged(
    low: Lowering, slot: Slot, update: Update, effect: PutField | PutState
) -> Iterator[Update]:
    """The update, with a probe where a map has keys that it cannot have."""
    path = update.path if slot.index is None else update.path[1:]
    stray = stray_keys(low, slot, path, effect.value, effect.type)
    if stray is None:
        yield update
        return
    cond, kept = (closed(effect.sink, e) for e in stray)
    yield evolve(update, value=kept)
    yield probe(low, conj((update.when, cond)), update.binders, update.span)


def _seen(low: Lowering, type_: Type, path: tuple[Key | Part, ...], value: Sym, of: Type) -> Sort:
    """A sort that has the value at the place, and nothing elsewhere."""
    if not path:
        return occurring(low.shapes, of, value)
    step, rest = path[0], path[1:]
    match step, type_:
        case Key(sym, key_type), MapT(_, inner, total_):
            floor = low.shapes.floor(type_)
            assert isinstance(floor, Map)
            keys = element_sort(low.shapes, key_type, sym)
            inner_type = inner if total_ or isinstance(inner, OptT) else OptT(inner)
            return Map(keys, _seen(low, inner_type, rest, value, of))
        case Part(name), RecordT(record):
            fields = low.static.tables.records[record].fields
            return Record(
                record,
                tuple(
                    (
                        f.name,
                        _seen(low, f.type, rest, value, of)
                        if f.name == name
                        else low.shapes.floor(f.type),
                    )
                    for f in fields
                ),
            )
        case _:
            return low.shapes.floor(type_)


def _put_state(
    low: Lowering, frame: Frame, effect: PutState, happens: Expr, effects: tuple[Effect, ...]
) -> Update:
    slot = low.slots[effect.name]
    path, value, inside = place(low, slot, effect.path, effect.value, effect.type, effect.span)
    steps = _closed_path(effect, path)
    when = conj((happens, effect.when, inside))
    if slot.index is not None:
        assert frame.instance is not None
        who = worlds.instance_expr(low, slot, frame.instance)
        steps = (Index(who), *steps)
        gone = dies(low, slot.index, who, effects)
        when = conj((when, disj((neg(gone), spoilt(low, frame, slot, effects)))))
    return Update(
        slot.name,
        steps,
        closed(effect.sink, value),
        closed(effect.sink, when),
        TRUE,
        effect.binders,
        effect.span,
    )


def spoilt(low: Lowering, frame: Frame, slot: Slot, effects: tuple[Effect, ...]) -> Expr:
    """Do writes to a variable break an implicit property?

    What belongs to an instance that dies in the step is put back to its beginning instead of
    written to; writes that are wrong are wrong all the same.
    """
    mine = [e for e in effects if isinstance(e, PutState) and e.name == slot.name]
    found: list[Expr] = []
    rows = []
    for effect in mine:
        path, value, inside = place(low, slot, effect.path, effect.value, effect.type, effect.span)
        when = closed(effect.sink, conj((effect.when, inside)))
        steps = _closed_path(effect, path)
        fits, _ = narrowed(closed(effect.sink, value), _at(slot.sort, steps))
        found.append(some_of(effect.binders, conj((when, neg(fits)))))
        rows.append((effect.binders, when, steps))
    for i, (binders, when, steps) in enumerate(rows):
        for j, (others, other_when, other_steps) in enumerate(rows[i:], start=i):
            if i == j and not binders:
                continue
            names = {b.name: Local(low.fresh(b.name), b.sort) for b in others}
            renamed = tuple(Binder(names[b.name].name, b.sort) for b in others)
            same = conj((substitute(other_when, names), _overlap(steps, other_steps, names)))
            if i == j:
                differ = disj(neg(eq(Local(b.name, b.sort), names[b.name])) for b in others)
                same = conj((same, differ))
            found.append(some_of((*binders, *renamed), conj((when, same))))
    return disj(found)


def _at(sort: Sort, steps: tuple[PathStep, ...]) -> Sort:
    for step in steps:
        if isinstance(step, Field):
            assert isinstance(sort, Record)
            sort = sort.field(step.name)
        else:
            assert isinstance(sort, Map)
            sort = sort.value
    return sort


def _overlap(a: tuple[PathStep, ...], b: tuple[PathStep, ...], names: Mapping[str, Expr]) -> Expr:
    """Is one place within the other?"""
    same: list[Expr] = []
    for x, y in zip(a, b, strict=False):
        if isinstance(x, Index) and isinstance(y, Index):
            same.append(eq(x.key, substitute(y.key, names)))
        elif x != y:
            return FALSE
    return conj(same)


def dies(low: Lowering, index: Sort, who: Expr, effects: tuple[Effect, ...]) -> Expr:
    """Is the object of an instance gone after the step?"""
    if not isinstance(index, Id):
        return FALSE
    return disj(
        some_of(e.binders, closed(e.sink, conj((e.when, eq(e.target, who)))))
        for e in effects
        if isinstance(e, Death) and e.kind == index.kind
    )


# ---- births and deaths -------------------------------------------------------------------------


def _birth(low: Lowering, effect: Birth, happens: Expr) -> Iterator[Update]:
    when = closed(effect.sink, conj((happens, effect.when)))
    at = Index(effect.obj)
    yield Update(worlds.live_name(effect.kind), (at,), TRUE, when, TRUE, (), effect.span)
    types = low.static.tables.fields[effect.kind]
    for name, value in effect.fields:
        slot = low.slots[worlds.field_name(effect.kind, name)]
        type_ = types[name].type
        _, expr, _ = place(low, slot, (), value, type_, effect.span)
        stray = stray_keys(low, slot, (), value, type_)
        if stray is not None:
            expr = stray[1]
            cond = closed(effect.sink, conj((when, stray[0])))
            yield probe(low, cond, (), effect.span)
        yield Update(slot.name, (at,), closed(effect.sink, expr), when, TRUE, (), effect.span)


def default_literal(low: Lowering, slot: Slot) -> Expr:
    """What a dead object's field is."""
    if isinstance(slot.type, KindT) and isinstance(slot.sort, Opt):
        return Lit(slot.sort, None)
    value = worlds.default_of(low, slot.owner, slot.label)
    return literal(low.shapes, slot.type, value, slot.sort)


def _death(
    low: Lowering, frame: Frame, effect: Death, happens: Expr, effects: tuple[Effect, ...]
) -> Iterator[Update]:
    when = closed(effect.sink, conj((happens, effect.when)))
    target, live = closed(effect.sink, effect.target), closed(effect.sink, effect.live)
    at = Index(target)

    def update(name: str, value: Expr) -> Update:
        return Update(name, (at,), value, when, live, effect.binders, effect.span)

    yield update(worlds.live_name(effect.kind), FALSE)
    for decl in low.static.tables.kinds[effect.kind].fields:
        slot = low.slots.get(worlds.field_name(effect.kind, decl.name))
        if slot is not None:
            yield update(slot.name, default_literal(low, slot))
    for slot in low.slots.values():
        if slot.index == low.shapes.id(effect.kind) and belongs_to_instance(low, slot):
            kept = spoilt(low, frame, slot, effects)
            yield evolve(
                update(slot.name, initial_literal(low, slot)), when=conj((when, neg(kept)))
            )


def belongs_to_instance(low: Lowering, slot: Slot) -> bool:
    """Is the variable a map from a component's instances?"""
    return slot.owner in low.static.tables.components and slot.index is not None


def initial_literal(low: Lowering, slot: Slot) -> Expr:
    """What a component's variable begins with: memory by its declaration, the rest empty."""
    from kspec.lower.values.shapes import least

    if slot.name in low.static.tables.state:
        initial = initial_of(low, slot.name)
        assert isinstance(initial, Known)
        return literal(low.shapes, slot.type, initial.value, slot.sort)
    return Lit(slot.sort, least(slot.sort))


def _ages(low: Lowering, effects: tuple[Effect, ...], happens: Expr) -> Iterator[Update]:
    """Survivors move down by the number of elder ones gone, newborns follow in the order of
    their statements."""
    for kind in sorted(low.static.facts.aged):
        births = [e for e in effects if isinstance(e, Birth) and e.kind == kind]
        deaths = [e for e in effects if isinstance(e, Death) and e.kind == kind]
        slot = low.slots.get(worlds.age_name(kind))
        if slot is not None and (births or deaths):
            yield _renumbered(low, slot, kind, births, deaths, happens)


def _renumbered(
    low: Lowering,
    slot: Slot,
    kind: str,
    births: list[Birth],
    deaths: list[Death],
    happens: Expr,
) -> Update:
    id_ = low.shapes.id(kind)
    me, mine = low.binder("x", id_)
    other_binder, other = low.binder("y", id_)
    place_of = low.ref(slot, False)

    def is_dying(obj: Expr) -> Expr:
        return disj(
            some_of(d.binders, closed(d.sink, conj((d.when, eq(d.target, obj))))) for d in deaths
        )

    def is_born(obj: Expr) -> Expr:
        return disj(closed(b.sink, conj((b.when, eq(b.obj, obj)))) for b in births)

    def lives(obj: Expr) -> Expr:
        return worlds.lives(low, Present(), kind, obj)

    elder = conj((lives(other), is_dying(other), lt(get(place_of, other), get(place_of, mine))))
    moved = arith(ArithOp.SUB, get(place_of, mine), total(other_binder, elder, lit(1)))
    survivors = total(other_binder, conj((lives(other), neg(is_dying(other)))), lit(1))
    rank: Expr = lit(0)
    for place, birth in enumerate(births):
        # Those of one step stand in the order of the statements, never in that of identities.
        is_this = closed(birth.sink, conj((birth.when, eq(birth.obj, mine))))
        for earlier in births[:place]:
            both = conj((is_this, closed(earlier.sink, earlier.when)))
            rank = arith(ArithOp.ADD, rank, ite(both, lit(1), lit(0)))
    value = ite(
        is_born(mine),
        arith(ArithOp.ADD, survivors, rank),
        ite(conj((lives(mine), neg(is_dying(mine)))), moved, lit(0)),
    )
    changes = disj((is_born(mine), lives(mine)))
    when = conj((happens, disj(_any(effects_when(births, deaths))), changes))
    return Update(slot.name, (Index(mine),), value, when, TRUE, (me,))


def effects_when(births: list[Birth], deaths: list[Death]) -> Iterator[Expr]:
    """When anything is born or dies."""
    for birth in births:
        yield closed(birth.sink, birth.when)
    for death in deaths:
        yield some_of(death.binders, closed(death.sink, death.when))


def _any(conds: Iterator[Expr]) -> list[Expr]:
    return list(conds)
