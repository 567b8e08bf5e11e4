"""Statements to effects: what is written where and when, what is born, what refuses the block.

Everything is read in the state before the step; nothing is applied here. `updates` makes updates of
effects, `altered` a world. Next: `updates`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never, final

from attrs import evolve, field, mutable

from kspec.analysis.typed import (
    Address,
    TAssign,
    TBind,
    TBinder,
    TChoose,
    TDelete,
    TExpr,
    TFieldPlace,
    TFieldStep,
    TForStmt,
    TIfStmt,
    TNew,
    TRequire,
    TStatePlace,
    TStep,
    TStmt,
)
from kspec.analysis.types import KeyT, KindT, MapT, RecordT, Type
from kspec.base.node import nodes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import FALSE, TRUE, Binder, Expr, Lit, Local, OrElse, sort_of
from kspec.ir.sorts import Opt
from kspec.lower.context import CannotLower, Frame, Lowering, Sink, Viewed, World, shared
from kspec.lower.expressions import worlds
from kspec.lower.expressions.binding import Option, options
from kspec.lower.values.apart import as_ident
from kspec.lower.values.equality import equal
from kspec.lower.values.shapes import least
from kspec.lower.values.smart import conj, disj, eq, ite, neg, some_of
from kspec.lower.values.symbolic import Flag, Ident, Sym


@final
@frozen(eq=False)
class Key:
    """A step of a path into a map."""

    sym: Sym
    type: Type


@final
@frozen(eq=False)
class Part:
    """A step of a path into a record."""

    name: str


@final
@frozen(eq=False)
class PutField:
    """A place in a field of an object becomes a value, for all values of the binders.

    `live`: what must be true of the target for the write to be allowed (rule 5).
    """

    kind: str
    name: str
    target: Expr
    path: tuple[Key | Part, ...]
    value: Sym
    type: Type
    when: Expr
    live: Expr
    binders: tuple[Binder, ...]
    sink: Sink
    span: Span


@final
@frozen(eq=False)
class PutState:
    """A place in a variable of the component's instance, or in a ghost."""

    name: str
    path: tuple[Key | Part, ...]
    value: Sym
    type: Type
    when: Expr
    binders: tuple[Binder, ...]
    sink: Sink
    span: Span


@final
@frozen(eq=False)
class Birth:
    """An identity comes to life; `option` is the identity as an option, nothing if none is free."""

    kind: str
    name: str
    option: Expr
    obj: Expr
    fields: tuple[tuple[str, Sym], ...]
    when: Expr
    sink: Sink
    span: Span


@final
@frozen(eq=False)
class Death:
    """An object is gone."""

    kind: str
    target: Expr
    when: Expr
    live: Expr
    binders: tuple[Binder, ...]
    sink: Sink
    span: Span


Effect: TypeAlias = PutField | PutState | Birth | Death


@final
@mutable(eq=False)
class Block:
    """What statements do, as far as they have been read.

    `refusals` are conditions that refuse the whole block; `guards` constrain the free choices;
    `named` are names that later steps may use, with the condition under which they are bound.
    """

    effects: list[Effect] = field(factory=list)
    refusals: list[Expr] = field(factory=list)
    guards: list[Expr] = field(factory=list)
    choices: list[Binder] = field(factory=list)
    births: list[tuple[str, Expr]] = field(factory=list)
    named: list[tuple[str, Type, Sym, Expr]] = field(factory=list)

    @property
    def refused(self) -> Expr:
        """Is the block refused?"""
        return disj(self.refusals)


@final
@frozen(eq=False)
class Here:
    """Where a statement stands: under which condition, for which values."""

    when: Expr = TRUE
    binders: tuple[Binder, ...] = ()
    sure: frozenset[Expr] = frozenset()  # identities known to live


def run(low: Lowering, frame: Frame, stmts: tuple[TStmt, ...], block: Block, here: Here) -> Frame:
    """Add what the statements do to the block; the frame with the names they bind."""
    for stmt in stmts:
        frame = _run_one(low, frame, stmt, block, here)
    return frame


def _run_one(low: Lowering, frame: Frame, stmt: TStmt, block: Block, here: Here) -> Frame:
    from kspec.lower.expressions.expr import flag, lower

    match stmt:
        case TAssign():
            _assign(low, frame, stmt, block, here)
            return frame
        case TNew():
            return _new(low, frame, stmt, block, here)
        case TDelete(target, kind, address, span):
            where, live = _target(low, frame, target, kind, address, block, here)
            block.effects.append(
                Death(kind, where, here.when, live, here.binders, frame.sink, span)
            )
            return frame
        case TIfStmt(cond, then, other):
            test = shared(low, frame, "c", Flag(flag(low, frame, cond)))
            assert isinstance(test, Flag)
            for branch, body in ((test.expr, then), (neg(test.expr), other)):
                if body and branch != FALSE:
                    run(low, frame, body, block, evolve(here, when=conj((here.when, branch))))
            return frame
        case TForStmt():
            _for(low, frame, stmt, block, here)
            return frame
        case TChoose():
            return _choose(low, frame, stmt, block, here)
        case TRequire(cond):
            refuse(frame, block, here, neg(flag(low, frame, cond)))
            return frame
        case TBind(name, value):
            sym = lower(low, frame, value)
            return frame.binding(name, shared(low, frame, name, sym))
        case _:
            assert_never(stmt)


def closed(sink: Sink, expr: Expr) -> Expr:
    """The expression with the lets of the block, and of the blocks around it, that it needs."""
    here: Sink | None = sink
    while here is not None:
        expr = here.close(expr)
        here = here.parent
    return expr


def refuse(frame: Frame, block: Block, here: Here, cond: Expr) -> None:
    """The block is refused if the condition is true where the statement stands."""
    if cond != FALSE:
        whole = closed(frame.sink, conj((here.when, cond)))
        block.refusals.append(some_of(here.binders, whole))


def _assign(low: Lowering, frame: Frame, stmt: TAssign, block: Block, here: Here) -> None:
    from kspec.lower.expressions.expr import lower_into

    path = tuple(_step(low, frame, s) for s in _path_types(low, stmt))
    value = lower_into(low, frame, stmt.value, stmt.type)
    match stmt.place:
        case TStatePlace(name):
            block.effects.append(
                PutState(
                    name, path, value, stmt.type, here.when, here.binders, frame.sink, stmt.span
                )
            )
        case TFieldPlace(target, kind, name):
            where, live = _target(low, frame, target, kind, stmt.address, block, here)
            block.effects.append(
                PutField(
                    kind,
                    name,
                    where,
                    path,
                    value,
                    stmt.type,
                    here.when,
                    live,
                    here.binders,
                    frame.sink,
                    stmt.span,
                )
            )
        case _:
            assert_never(stmt.place)


def _path_types(low: Lowering, stmt: TAssign) -> list[tuple[TStep, Type]]:
    """The steps of the path, with the type of what each steps into."""
    match stmt.place:
        case TStatePlace(name, path):
            type_: Type = low.static.tables.state[name][0].type
        case TFieldPlace(_, kind, name, path):
            type_ = low.static.tables.fields[kind][name].type
    found: list[tuple[TStep, Type]] = []
    for step in path:
        found.append((step, type_))
        match type_:
            case MapT(_, value):
                type_ = value
            case RecordT(name) if isinstance(step, TFieldStep):
                fields = {f.name: f.type for f in low.static.tables.records[name].fields}
                type_ = fields[step.name]
            case _:
                raise CannotLower("a place inside something that has none", stmt.span)
    return found


def _step(low: Lowering, frame: Frame, step: tuple[TStep, Type]) -> Key | Part:
    from kspec.lower.expressions.expr import lower

    place, type_ = step
    if isinstance(place, TFieldStep):
        return Part(place.name)
    assert isinstance(type_, MapT)
    return Key(lower(low, frame, place.key), type_.key)


# ---- who is written to -------------------------------------------------------------------------


def _target(
    low: Lowering,
    frame: Frame,
    target: TExpr,
    kind: str,
    address: Address,
    block: Block,
    here: Here,
) -> tuple[Expr, Expr]:
    """The identity that a write reaches, and what must be true of it for a direct write."""
    from kspec.lower.expressions.expr import lower

    aimed = lower(low, frame, target)
    if isinstance(target.type, KeyT):
        return _by_key(low, frame, kind, (aimed,), block, here), TRUE
    where = as_ident(low.shapes, kind, aimed)
    alive = worlds.lives(low, frame.live, kind, where)
    match address:
        case Address.DIRECT:
            return where, TRUE if where in here.sure else alive
        case Address.BY_UID:
            refuse(frame, block, here, neg(alive))
            return where, TRUE
        case Address.BY_NAME:
            seen = worlds.lives(low, frame.world, kind, where)
            refuse(frame, block, here, neg(seen))
            names = low.static.tables.kinds[kind].key
            if not names:
                refuse(frame, block, here, neg(alive))
                return where, TRUE
            keys = tuple(worlds.read_field(low, frame.world, kind, n, aimed) for n in names)
            named = worlds.has_key(low, kind, keys)
            if named == TRUE:
                return _by_key(low, frame, kind, keys, block, here), TRUE
            found = worlds.find(low, frame.live, kind, keys)
            found = worlds.found_object(low, frame, found, kind.lower())
            refuse(frame, block, here, neg(ite(named, found.present, alive)))
            if found.present == FALSE:
                return where, TRUE
            return ite(named, as_ident(low.shapes, kind, found.content), where), TRUE
        case Address.UNCHANGED:
            touched = was_touched(low, frame.world, kind, where)
            refuse(frame, block, here, disj((neg(alive), touched)))
            return where, TRUE
        case _:
            assert_never(address)


def _by_key(
    low: Lowering, frame: Frame, kind: str, keys: tuple[Sym, ...], block: Block, here: Here
) -> Expr:
    found = worlds.find(low, frame.live, kind, keys)
    found = worlds.found_object(low, frame, found, kind.lower())
    refuse(frame, block, here, neg(found.present))
    return as_ident(low.shapes, kind, found.content)


def was_touched(low: Lowering, world: World, kind: str, obj: Expr) -> Expr:
    """Was the object written to since the image that the view shows?"""
    from kspec.lower.values.smart import contains, lit, lt

    if not isinstance(world, Viewed):
        return FALSE
    count = low.slots.get(worlds.queue_name(world.controller, kind, "n"))
    if count is None:
        return FALSE
    behind = low.read(count, world.instance, world.base.is_past)
    found: list[Expr] = []
    index = 0
    while slot := low.slots.get(worlds.queue_name(world.controller, kind, f"{index}.touched")):
        touched = low.read(slot, world.instance, world.base.is_past)
        found.append(conj((lt(lit(index), behind), contains(touched, obj))))
        index += 1
    return disj(found)


# ---- births, loops, choices --------------------------------------------------------------------


def _new(low: Lowering, frame: Frame, stmt: TNew, block: Block, here: Here) -> Frame:
    from kspec.lower.expressions.expr import lower_into
    from kspec.lower.steps.births import free_identity

    if here.binders:
        raise CannotLower("objects made in a loop that does not end with the scope", stmt.span)
    types = low.static.tables.fields[stmt.kind]
    fields = tuple((n, lower_into(low, frame, v, types[n].type)) for n, v in stmt.fields)
    key = low.static.tables.kinds[stmt.kind].key
    if key:
        given = dict(fields)
        wanted = tuple(given[n] for n in key)
        refuse(frame, block, here, worlds.is_borne(low, frame.live, stmt.kind, wanted))
    id_ = low.shapes.id(stmt.kind)
    earlier = [b for b in block.effects if isinstance(b, Birth) and b.kind == stmt.kind]
    for birth in earlier if key else ():
        refuse(frame, block, here, _same_key(low, birth, dict(fields)))
    first = closed(frame.sink, free_identity(low, stmt.kind, earlier))
    name = low.fresh(stmt.name or stmt.kind.lower())
    block.births.append((f"{name}?", first))
    option = Local(f"{name}?", Opt(id_))
    block.births.append((name, OrElse(option, Lit(id_, 0))))
    obj = Local(name, id_)
    block.effects.append(
        Birth(stmt.kind, name, option, obj, fields, here.when, frame.sink, stmt.span)
    )
    sym = Ident(stmt.kind, obj)
    if stmt.name:
        block.named.append((stmt.name, KindT(stmt.kind), sym, here.when))
        return frame.binding(stmt.name, sym)
    return frame


def _same_key(low: Lowering, birth: Birth, fields: dict[str, Sym]) -> Expr:
    """Is an object with the same key born before in the same step?"""
    types = low.static.tables.fields[birth.kind]
    born = dict(birth.fields)
    parts = (
        equal(low.shapes, types[name].type, born[name], fields[name])
        for name in low.static.tables.kinds[birth.kind].key
    )
    key = tuple(born[name] for name in low.static.tables.kinds[birth.kind].key)
    named = worlds.has_key(low, birth.kind, key)
    return closed(birth.sink, conj((birth.when, named, *parts)))


def _for(low: Lowering, frame: Frame, stmt: TForStmt, block: Block, here: Here) -> None:
    from kspec.lower.expressions.expr import flag

    if next(iter(nodes(stmt.body, TChoose)), None) is not None:
        raise CannotLower("a free choice in a loop", stmt.span)
    makes = next(iter(nodes(stmt.body, TNew)), None) is not None

    def walk(at: Frame, rest: int, inside: Here) -> None:
        if rest == len(stmt.binders):
            cond = TRUE if stmt.where is None else flag(low, at, stmt.where)
            if cond != FALSE:
                run(low, at, stmt.body, block, evolve(inside, when=conj((inside.when, cond))))
            return
        for option in options(low, at, stmt.binders[rest], unrolled=makes, once=True):
            when = conj((inside.when, option.cond))
            if when == FALSE:
                continue
            binders = inside.binders + ((option.binder,) if option.binder else ())
            walk(option.frame, rest + 1, evolve(inside, when=when, binders=binders))

    walk(frame, 0, here)


def _choose(low: Lowering, frame: Frame, stmt: TChoose, block: Block, here: Here) -> Frame:
    """A free choice: a binder of the action. Where the statement is not reached, the choice is
    the first value, so that it makes no difference."""
    from kspec.lower.expressions.expr import flag

    if here.binders:
        raise CannotLower("a free choice in a loop", stmt.span)
    inner, conds = frame, list[Expr]()
    bound: list[Binder] = []
    for binder in stmt.binders:
        found = options(low, inner, binder)
        if len(found) == 1 and found[0].binder is not None:
            option = found[0]
        else:
            option = listed_choice(low, inner, binder)
        assert option.binder is not None
        bound.append(option.binder)
        conds.append(option.cond)
        inner = evolve(inner, names={**inner.names, binder.name: option.value})
        block.named.append((binder.name, binder.type, option.value, here.when))
    if stmt.where is not None:
        conds.append(flag(low, inner, stmt.where))
    cond = conj(conds)
    if here.when != TRUE:
        first = conj(eq(Local(b.name, b.sort), Lit(b.sort, least(b.sort))) for b in bound)
        cond = disj((conj((here.when, cond)), conj((neg(here.when), first))))
    block.choices.extend(bound)
    block.guards.append(closed(inner.sink, cond))
    return inner


def listed_choice(low: Lowering, frame: Frame, binder: TBinder) -> Option:
    """A binder over listed values, as one over their sort."""
    from kspec.lower.context import together
    from kspec.lower.values.codec import decode, element_sort, encode

    found = options(low, frame, binder, unrolled=True, once=True)
    if not found:
        raise CannotLower("there is nothing to choose from", binder.span)
    sorts = [element_sort(low.shapes, binder.type, o.value) for o in found]
    sort = together(sorts)
    coded = [encode(low.shapes, binder.type, o.value, sort) for o in found]
    sort = together([sort, *(sort_of(c) for c in coded)])
    bound, local = low.binder(binder.name, sort)
    value = decode(low.shapes, binder.type, local)
    cond = disj(conj((o.cond, equal(low.shapes, binder.type, value, o.value))) for o in found)
    return Option(bound, cond, frame.binding(binder.name, value), value)
