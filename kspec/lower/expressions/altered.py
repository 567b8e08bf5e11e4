"""The world after effects: reads of it are reads of the world before, with what was written put in.

Used by `(e after …)` and to ask whether an object is still watched after a step.
Next: `steps.effects`, which finds the effects, and `worlds`, which sends reads here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod

from attrs import evolve

from kspec.analysis.typed import TStmt
from kspec.analysis.types import MapT, OptT, RecordT, Type
from kspec.base.source import Span
from kspec.ir.expr import Expr, Lit, Local
from kspec.ir.rewrite import substitute
from kspec.ir.sorts import cardinality, values
from kspec.lower.context import Altered, CannotLower, Frame, Lowering, Present, World, mapped
from kspec.lower.values.apart import as_ident, as_parts
from kspec.lower.values.choice import choose
from kspec.lower.values.smart import conj, disj, eq, free, neg, some_of
from kspec.lower.values.stored import part_names
from kspec.lower.values.symbolic import Parts, Sym


def after(low: Lowering, frame: Frame, stmts: tuple[TStmt, ...], span: Span) -> Frame:
    """The frame in the world with these effects applied; refused ones change nothing."""
    from kspec.lower.steps import effects

    block = effects.Block()
    here = evolve(frame, live=_base_of(frame.world))
    effects.run(low, here, stmts, block, effects.Here())
    if block.births or block.choices:
        raise CannotLower("objects made, or chosen, inside `after`", span)
    return evolve(frame, world=altered_by(frame.world, block))


def altered_by(base: World, block: object) -> Altered:
    """A world with the effects of a block that is not refused."""
    from kspec.lower.steps.effects import Block

    assert isinstance(block, Block)
    happens = neg(block.refused)
    found = tuple(evolve(e, when=conj((happens, e.when))) for e in block.effects)
    return Altered(base, found)


def _base_of(world: World) -> Present:
    match world:
        case Present():
            return world
        case Altered(base):
            return _base_of(base)
        case _:
            return world.base


def lives(low: Lowering, world: Altered, kind: str, obj: Expr) -> Expr:
    """Does an identity live after the effects?"""
    from kspec.lower.expressions import worlds
    from kspec.lower.steps import effects

    result = worlds.lives(low, world.base, kind, obj)
    for effect in _effects(world):
        match effect:
            case effects.Birth() if effect.kind == kind:
                result = disj((result, conj((effect.when, eq(effect.obj, obj)))))
            case effects.Death() if effect.kind == kind:
                cond = conj((effect.when, eq(effect.target, obj)))
                gone = some_of(effect.binders, effects.closed(effect.sink, cond))
                result = conj((result, neg(gone)))
            case _:
                pass
    return result


def writes(world: World, kind: str, name: str) -> bool:
    """Does an effect write a field? One that no action writes is a constant of other worlds."""
    from kspec.lower.steps import effects

    if not isinstance(world, Altered):
        return False
    found = (e for e in _effects(world) if isinstance(e, effects.PutField))
    return any((e.kind, e.name) == (kind, name) for e in found) or writes(world.base, kind, name)


def read_field(low: Lowering, world: Altered, kind: str, name: str, obj: Sym) -> Sym:
    """A field of an object after the effects."""
    from kspec.lower.expressions import worlds
    from kspec.lower.steps import effects

    result = worlds.read_field(low, world.base, kind, name, obj)
    type_ = low.static.tables.fields[kind][name].type
    where = as_ident(low.shapes, kind, obj)
    for effect in _effects(world):
        match effect:
            case effects.PutField() if (effect.kind, effect.name) == (kind, name):
                for cond, path, put in _puts(effect, where):
                    new = put_at(low, type_, result, path, put)
                    result = choose(low.shapes, type_, cond, new, result)
            case effects.Birth() if effect.kind == kind:
                cond = conj((effect.when, eq(effect.obj, where)))
                result = choose(low.shapes, type_, cond, dict(effect.fields)[name], result)
            case _:
                pass
    return result


def read_state(low: Lowering, world: Altered, frame: Frame, name: str) -> Sym | None:
    """A variable after the effects; None if none of them writes it."""
    from kspec.lower.expressions import worlds
    from kspec.lower.steps import effects

    writes = [e for e in _effects(world) if isinstance(e, effects.PutState) and e.name == name]
    if not writes:
        return worlds.read_state(low, evolve(frame, world=world.base), name)
    type_ = low.static.tables.state[name][0].type
    result = worlds.read_state(low, evolve(frame, world=world.base), name)
    for effect in writes:
        if effect.binders:
            raise CannotLower("a variable written in a loop inside `after`", effect.span)
        new = put_at(low, type_, result, effect.path, effect.value)
        result = choose(low.shapes, type_, effect.when, new, result)
    return result


def _effects(world: Altered) -> tuple[object, ...]:
    assert isinstance(world.effects, tuple)
    return world.effects


def _puts(effect: object, where: Expr) -> Iterator[tuple[Expr, tuple[object, ...], Sym]]:
    """Is the object written to, where in it, and what is put there?"""
    simple = _put(effect, where)
    if simple is None:
        yield from _rounds(effect, where)
    else:
        yield simple


def _put(effect: object, where: Expr) -> tuple[Expr, tuple[object, ...], Sym] | None:
    """A write of one object, or one to the object that a loop goes through; None for others."""
    from kspec.lower.steps import effects

    assert isinstance(effect, effects.PutField)

    def close(expr: Expr) -> Expr:
        return effects.closed(effect.sink, expr)

    if not effect.binders:
        cond = close(conj((effect.when, eq(effect.target, where))))
        return cond, effect.path, mapped(effect.value, close)
    (binder, *more) = effect.binders
    target = effect.target
    if more or not isinstance(target, Local) or target.name != binder.name:
        return None
    if any(binder.name in free(p) for p in _path_exprs(effect.path)):
        return None
    replaced = {binder.name: where}

    def there(expr: Expr) -> Expr:
        return substitute(close(expr), replaced)

    return there(effect.when), effect.path, mapped(effect.value, there)


MOST_ROUNDS = 256


def _rounds(effect: object, where: Expr) -> Iterator[tuple[Expr, tuple[object, ...], Sym]]:
    """A loop written out: for each round whether it writes to the object, where in it and what."""
    from kspec.lower.steps import effects

    assert isinstance(effect, effects.PutField)
    size = prod(cardinality(b.sort) for b in effect.binders)
    if size > MOST_ROUNDS:
        raise CannotLower(f"a loop of {size} rounds, too many to be written out", effect.span)
    for chosen in product(*(tuple(values(b.sort)) for b in effect.binders)):
        binders = zip(effect.binders, chosen, strict=True)
        replaced: dict[str, Expr] = {b.name: Lit(b.sort, v) for b, v in binders}

        def there(expr: Expr, replaced: dict[str, Expr] = replaced) -> Expr:
            return substitute(effects.closed(effect.sink, expr), replaced)

        path = tuple(
            effects.Key(mapped(s.sym, there), s.type) if isinstance(s, effects.Key) else s
            for s in effect.path
        )
        cond = there(conj((effect.when, eq(effect.target, where))))
        yield cond, path, mapped(effect.value, there)


def _path_exprs(path: tuple[object, ...]) -> list[Expr]:
    from kspec.lower.steps import effects

    found: list[Expr] = []

    def note(expr: Expr) -> Expr:
        found.append(expr)
        return expr

    for step in path:
        if isinstance(step, effects.Key):
            mapped(step.sym, note)
    return found


def put_at(low: Lowering, type_: Type, old: Sym, path: tuple[object, ...], value: Sym) -> Sym:
    """A value with the part at a path replaced."""
    from kspec.lower.expressions.displays import get_from, map_with
    from kspec.lower.steps import effects

    if not path:
        return value
    step, rest = path[0], path[1:]
    match step, type_:
        case effects.Key(sym), MapT(_, of, total):
            inner: Type = of if total or isinstance(of, OptT) else OptT(of)
            if rest:
                value = put_at(low, inner, get_from(low, type_, old, sym), rest, value)
            return map_with(low, type_, old, [(sym, value)])
        case effects.Part(name), RecordT(record):
            parts = list(as_parts(low.shapes, type_, old))
            place = part_names(low.shapes, type_).index(name)
            of_part = low.static.tables.records[record].fields[place].type
            parts[place] = put_at(low, of_part, parts[place], rest, value)
            return Parts(record, tuple(parts))
        case _:
            raise AssertionError(f"{step} into {type_}")
