"""What a block does: its writes, whether it is refused, whether it breaks an implicit property.

Dynamics: "Blocks", "Addressing", "Objects". All is read in the state before the step; `apply`
alone makes a new state. Independent of `kspec.lower`, with which it is compared. Next: `machine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import TypeAlias, assert_never, final

from attrs import evolve

from kspec.analysis.typed import (
    Address,
    TAssign,
    TBind,
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
from kspec.analysis.types import MapT, OptT, RecordT, Type
from kspec.base.record import frozen
from kspec.pure.evaluation.evaluate import evaluate, stored
from kspec.pure.evaluation.finite import in_range
from kspec.pure.interpreter.read import Now, choices, is_true
from kspec.pure.interpreter.state import MachineState, Queue, Slot, identities
from kspec.pure.interpreter.timers import as_kept
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Context, Fixed

Path: TypeAlias = "tuple[Value, ...]"
"""Keys and field names, outermost first."""


@final
@frozen
class PutField:
    """A place in a field of an object becomes a value of a type."""

    obj: Obj
    name: str
    path: Path
    value: Value
    type: Type

    @property
    def place(self) -> tuple[object, ...]:
        """What is written, outermost first."""
        return (self.obj, self.name, *self.path)


@final
@frozen
class PutState:
    """A place in a variable of a component's instance, or in a ghost."""

    name: str
    slot: Slot
    path: Path
    value: Value
    type: Type

    @property
    def place(self) -> tuple[object, ...]:
        """What is written, outermost first."""
        return (self.name, self.slot, *self.path)


@final
@frozen
class Birth:
    """An identity comes to life with these fields."""

    obj: Obj
    fields: tuple[tuple[str, Value], ...]

    @property
    def place(self) -> tuple[object, ...]:
        """What is written: all of the object."""
        return (self.obj,)


@final
@frozen
class Death:
    """An object is gone."""

    obj: Obj

    @property
    def place(self) -> tuple[object, ...]:
        """What is written: all of the object."""
        return (self.obj,)


Change: TypeAlias = PutField | PutState | Birth | Death


@final
@frozen(eq=False)
class Plan:
    """What a block would do, so far.

    `context` binds what statements named, `named` is that without arguments of effects: what a
    reconcile freezes. `choices` tell instances apart.
    """

    context: Context
    named: tuple[tuple[str, Value], ...] = ()
    choices: tuple[Value, ...] = ()
    changes: tuple[Change, ...] = ()
    refused: bool = False
    cut: bool = False
    strays: bool = False  # a direct write to an object that is not alive
    born: tuple[tuple[str, tuple[Value, ...]], ...] = ()  # kinds and keys, room or no room

    def naming(self, name: str, value: Value) -> Plan:
        """This plan with a name that later steps may use too."""
        return evolve(
            self,
            context=self.context.binding(name, value),
            named=(*self.named, (name, value)),
        )

    def changing(self, change: Change) -> Plan:
        """This plan with one change more."""
        return evolve(self, changes=(*self.changes, change))


def plans(now: Now, block: tuple[TStmt, ...], plan: Plan) -> Iterator[Plan]:
    """The block's plans: one for every way to make its free choices."""
    if not block:
        yield plan
        return
    for after in _plans_of(now, block[0], plan):
        yield from plans(now, block[1:], after)


def _plans_of(now: Now, stmt: TStmt, plan: Plan) -> Iterator[Plan]:
    context = plan.context
    match stmt:
        case TAssign():
            yield _assign(now, stmt, plan)
        case TNew():
            yield _birth(now, stmt, plan)
        case TDelete(target, kind, address):
            yield _on(now, plan, target, kind, address, Death)
        case TIfStmt(cond, then, other):
            branch = then if is_true(cond, context) else other
            for after in plans(now, branch, plan):
                yield evolve(after, context=context)
        case TForStmt(binders, where, body):
            rounds = tuple(choices(binders, where, context))
            yield from (evolve(p, context=context) for p in _each_round(now, rounds, body, plan))
        case TChoose(binders, where):
            for chosen in choices(binders, where, context):
                after = plan
                for binder in binders:
                    value = chosen.locals[binder.name]
                    after = evolve(
                        after.naming(binder.name, value), choices=(*after.choices, value)
                    )
                yield after
        case TRequire(cond):
            yield plan if is_true(cond, context) else evolve(plan, refused=True)
        case TBind(name, value):
            yield evolve(plan, context=context.binding(name, evaluate(value, context)))
        case _:
            assert_never(stmt)


def _each_round(
    now: Now, rounds: tuple[Context, ...], body: tuple[TStmt, ...], plan: Plan
) -> Iterator[Plan]:
    if not rounds:
        yield plan
        return
    for after in plans(now, body, evolve(plan, context=rounds[0])):
        yield from _each_round(now, rounds[1:], body, after)


def _assign(now: Now, stmt: TAssign, plan: Plan) -> Plan:
    place, context = stmt.place, plan.context
    value = evaluate(stmt.value, context)
    path = tuple(_step(step, context) for step in place.path)
    match place:
        case TStatePlace(name):
            owner = context.tables.state[name][1]
            slot = context.instance if owner is not None else None
            return plan.changing(PutState(name, slot, path, value, stmt.type))
        case TFieldPlace(target, kind, name):
            return _on(
                now,
                plan,
                target,
                kind,
                stmt.address,
                lambda obj: PutField(obj, name, path, value, stmt.type),
            )
        case _:
            assert_never(place)


def _step(step: TStep, context: Context) -> Value:
    return step.name if isinstance(step, TFieldStep) else evaluate(step.key, context)


def _birth(now: Now, stmt: TNew, plan: Plan) -> Plan:
    types = now.facts.tables.fields[stmt.kind]
    fields = tuple((n, stored(value, types[n].type, plan.context)) for n, value in stmt.fields)
    taken = held(now) | {c.obj for c in plan.changes if isinstance(c, Birth)}
    size = now.facts.size(stmt.kind)
    free = [i for i in range(size) if Obj(stmt.kind, i) not in taken]
    key = tuple(dict(fields)[name] for name in now.facts.tables.kinds[stmt.kind].key)
    is_named = key != () and None not in key
    is_taken = is_named and (_bearers(now, stmt.kind, key) != [] or (stmt.kind, key) in plan.born)
    plan = evolve(plan, refused=plan.refused or is_taken, born=(*plan.born, (stmt.kind, key)))
    if not free:
        return evolve(plan.naming(stmt.name, Obj(stmt.kind, size)), cut=True)
    obj = Obj(stmt.kind, free[0])
    return plan.naming(stmt.name, obj).changing(Birth(obj, fields))


def held(now: Now) -> set[Obj]:
    """Live identities, and those that anything stored points to; ghosts do not count (rule 4)."""
    state, fields = now.state, now.facts.tables.fields
    found = {*state.objects, *identities(state.store)}
    for obj, row in state.objects.items():
        found |= {
            to
            for name, value in row.items()
            if fields[obj.kind][name].role != "ghost"
            for to in identities(value)
        }
    for task in state.tasks.values():
        found |= {*identities(task.frozen), *identities(task.left or frozenset())}
    for images in state.behind.values():
        for image in images:
            found |= set(identities(image.objects))
    return found


def _bearers(now: Now, kind: str, key: tuple[Value, ...]) -> list[Obj]:
    names = now.facts.tables.kinds[kind].key
    return [
        obj
        for obj, row in now.state.objects.items()
        if obj.kind == kind and tuple(row[name] for name in names) == key
    ]


def _bearer(now: Now, kind: str, key: tuple[Value, ...]) -> Obj | None:
    """Whoever bears a key now; nobody if several do, since nothing decides between them."""
    found = _bearers(now, kind, key)
    return found[0] if len(found) == 1 else None


def _on(
    now: Now,
    plan: Plan,
    target: TExpr,
    kind: str,
    address: Address,
    change: Callable[[Obj], Change],
) -> Plan:
    """A change of the object that a write is addressed to."""
    context = plan.context
    aimed = evaluate(target, context)
    if isinstance(aimed, str):
        found = _bearer(now, kind, (aimed,))
        return evolve(plan, refused=True) if found is None else plan.changing(change(found))
    assert isinstance(aimed, Obj)
    is_live = aimed in now.state.objects
    match address:
        case Address.DIRECT:
            return evolve(plan.changing(change(aimed)), strays=plan.strays or not is_live)
        case Address.BY_UID:
            obj = aimed if is_live else None
        case Address.BY_NAME:
            row = context.world.fields(aimed)
            names = now.facts.tables.kinds[kind].key
            key = None if row is None else tuple(row[n] for n in names)
            if key is not None and None in key:
                obj = aimed if is_live else None
            else:
                obj = None if key is None else _bearer(now, kind, key)
        case Address.UNCHANGED:
            obj = aimed if is_live and not _was_touched(now, context, aimed) else None
        case _:
            assert_never(address)
    return evolve(plan, refused=True) if obj is None else plan.changing(change(obj))


def _was_touched(now: Now, context: Context, obj: Obj) -> bool:
    queue = Queue(context.component or "", context.instance, obj.kind)
    return any(obj in image.touched for image in now.state.behind.get(queue, ()))


# ---- what writes break, and the state after them -----------------------------------------------


def overlaps(changes: tuple[Change, ...]) -> bool:
    """Does one of two changes write within what the other writes?"""
    for a, b in combinations(changes, 2):
        shorter = min(len(a.place), len(b.place))
        if a.place[:shorter] == b.place[:shorter]:
            return True
    return False


def all_in_range(changes: tuple[Change, ...], context: Context) -> bool:
    """Is every value written within the ranges of its type?"""
    return all(_fits(change, context) for change in changes)


def _fits(change: Change, context: Context) -> bool:
    match change:
        case PutField(value=value, type=kind) | PutState(value=value, type=kind):
            return in_range(value, kind, context)
        case Birth(obj, fields):
            types = context.tables.fields[obj.kind]
            return all(in_range(value, types[name].type, context) for name, value in fields)
        case Death():
            return True
        case _:
            assert_never(change)


def apply(now: Now, changes: tuple[Change, ...]) -> MachineState:
    """The state after changes that break nothing; views, tasks and budgets as they were."""
    state = now.state
    for change in changes:
        state = _applied(now, state, change)
    return evolve(state, ages=_ages(now, state))


def _applied(now: Now, state: MachineState, change: Change) -> MachineState:
    match change:
        case PutField(obj, name, path, value):
            row = state.objects[obj]
            kind = now.facts.tables.fields[obj.kind][name].type
            new = _put(now, kind, row[name], path, value)
            return evolve(state, objects=state.objects.put(obj, row.put(name, new)))
        case PutState(name, slot, path, value):
            decl, owner = now.facts.tables.state[name]
            if owner is None:
                new = _put(now, decl.type, state.ghosts[name], path, value)
                return evolve(state, ghosts=state.ghosts.put(name, new))
            new = _put(now, decl.type, state.store[name, slot], path, value)
            return state.with_store(name, slot, new)
        case Birth(obj, fields):
            types = now.facts.tables.fields[obj.kind]
            row = Fixed({n: as_kept(now.facts, types[n].type, v) for n, v in fields})
            return evolve(state, objects=state.objects.put(obj, row))
        case Death(obj):
            return evolve(state, objects=state.objects.drop(obj))
        case _:
            assert_never(change)


def _put(now: Now, kind: Type, whole: Value, path: Path, value: Value) -> Value:
    if not path:
        return as_kept(now.facts, kind, value)
    match kind, whole:
        case MapT(_, inner, total), FrozenMap():
            part = _put(now, inner, whole.get(path[0]), path[1:], value)
            if total or part is not None:
                return whole.put({path[0]: part})
            return FrozenMap({k: v for k, v in whole.items() if k != path[0]})
        case RecordT(name), Rec(_, values):
            fields = now.facts.tables.records[name].fields
            return Rec(
                name,
                tuple(
                    _put(now, f.type, v, path[1:], value) if f.name == path[0] else v
                    for f, v in zip(fields, values, strict=True)
                ),
            )
        case OptT(inner), _ if whole is not None:
            return _put(now, inner, whole, path, value)
        case _:
            raise AssertionError(f"a path into {whole!r}, which is a {kind}")


def _ages(now: Now, after: MachineState) -> Fixed[Obj, int]:
    """Survivors keep their order, the newborn follow in the order of their places."""
    ages: dict[Obj, int] = {}
    for kind in sorted(now.facts.aged):
        living = [obj for obj in after.objects if obj.kind == kind]
        living.sort(key=lambda obj: (now.state.ages.get(obj, len(now.state.ages)), obj.index))
        ages.update({obj: place for place, obj in enumerate(living)})
    return Fixed(ages)
