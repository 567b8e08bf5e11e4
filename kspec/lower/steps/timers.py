"""The clock: one `tick` for all running timers or, without time, one `elapse` for each.

Timers may stand inside options, records and maps. Next: `lower`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from kspec.analysis.types import MapT, OptT, RecordT, TimerT, Type
from kspec.base.record import frozen
from kspec.ir.expr import (
    FALSE,
    TRUE,
    ArithOp,
    Binder,
    Expr,
    Lit,
    MakeMap,
    MakeRecord,
    Some,
)
from kspec.ir.sorts import Int, Map, Opt, Record, Sort, cardinality
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Field,
    Index,
    Origin,
    PathStep,
    Role,
    Update,
)
from kspec.lower.context import Lowering, Present, Slot
from kspec.lower.expressions import worlds
from kspec.lower.facts import has_timer
from kspec.lower.steps import deadlines
from kspec.lower.steps.deadlines import Deadline
from kspec.lower.values.shapes import UNTIMED, least
from kspec.lower.values.smart import (
    arith,
    conj,
    disj,
    eq,
    field,
    get,
    is_some,
    ite,
    lit,
    lt,
    or_else,
    some_of,
)


def clock(low: Lowering, due: tuple[Deadline, ...]) -> Iterator[Action]:
    """The actions of the clock, if anything is timed; `due` are the deadlines of actions."""
    slots = [s for s in low.slots.values() if _is_timed(low, s)]
    if low.shapes.timed and (slots or due):
        low.begin()
        yield _tick(low, slots, due)
    elif not low.shapes.timed:
        for slot in slots:
            yield from _elapses(low, slot)


def _is_timed(low: Lowering, slot: Slot) -> bool:
    if slot.role in (Role.VIEW, Role.TASK, Role.BUDGET):
        return False
    return has_timer(low.static.tables, slot.type)


# ---- with time ---------------------------------------------------------------------------------


def _tick(low: Lowering, slots: list[Slot], due: tuple[Deadline, ...]) -> Action:
    running = list(deadlines.running(due))
    updates: list[Update] = []
    for slot in slots:
        binders: tuple[Binder, ...] = ()
        path: tuple[PathStep, ...] = ()
        value = low.ref(slot, False)
        if slot.index is not None:
            binder, at = low.binder("x", slot.index)
            binders, path, value = (binder,), (Index(at),), get(value, at)
        runs = is_running(low, slot.type, slot.sort, value)
        # No guard reads a ghost (rule 20): with a timer in one, time may always pass.
        running.append(TRUE if slot.role is Role.GHOST else some_of(binders, runs))
        updates.append(
            Update(slot.name, path, older(low, slot.type, slot.sort, value), runs, TRUE, binders)
        )
    return Action(
        name="tick",
        owner="clock",
        origin=Origin.CLOCK,
        params=(),
        choices=(),
        lets=(),
        guard=(*_guard(disj(running)), *deadlines.in_time(due)),
        cut=None,
        updates=tuple(u for u in updates if u.when != FALSE),
        fairness=Fairness.WEAK,
    )


def _guard(cond: Expr) -> tuple[Conjunct, ...]:
    return () if cond == TRUE else (Conjunct(cond),)


def is_running(low: Lowering, type_: Type, sort: Sort, value: Expr) -> Expr:
    """Is a timer in the value running?"""
    match type_, sort:
        case TimerT(), Opt(of):
            return conj((is_some(value), lt(lit(0), or_else(value, lit(0)))))
        case OptT(inner), Opt(of):
            if cardinality(of) == 0:
                return FALSE
            there = or_else(value, Lit(of, least(of)))
            return conj((is_some(value), is_running(low, inner, of, there)))
        case RecordT(name), Record():
            return disj(
                is_running(low, f.type, sort.field(f.name), field(value, f.name))
                for f in low.static.tables.records[name].fields
                if has_timer(low.static.tables, f.type)
            )
        case MapT(_, inner, total), Map(key, of):
            binder, at = low.binder("k", key)
            item = inner if total or isinstance(inner, OptT) else OptT(inner)
            return some_of((binder,), is_running(low, item, of, get(value, at)))
        case _:
            return FALSE


def older(low: Lowering, type_: Type, sort: Sort, value: Expr) -> Expr:
    """The value one tick later."""
    match type_, sort:
        case TimerT(), Opt(of):
            assert isinstance(of, Int)
            left = or_else(value, lit(0))
            less = _within(arith(ArithOp.SUB, left, lit(1)), of)
            return ite(is_running(low, type_, sort, value), Some(less), value)
        case OptT(inner), Opt(of):
            there = or_else(value, Lit(of, least(of)))
            return ite(is_some(value), Some(older(low, inner, of, there)), Lit(sort, None))
        case RecordT(name), Record(_, fields):
            types = {f.name: f.type for f in low.static.tables.records[name].fields}
            parts = tuple(older(low, types[n], s, field(value, n)) for n, s in fields)
            return MakeRecord(sort, parts)
        case MapT(_, inner, total), Map(key, of) if has_timer(low.static.tables, inner):
            binder, at = low.binder("k", key)
            item = inner if total or isinstance(inner, OptT) else OptT(inner)
            return MakeMap(binder, older(low, item, of, get(value, at)))
        case _:
            return value


def _within(expr: Expr, sort: Int) -> Expr:
    from kspec.ir.build import clamp

    return clamp(expr, sort.lo, sort.hi)


# ---- without time ------------------------------------------------------------------------------


@final
@frozen(eq=False)
class _Timer:
    """A timer inside a value: the keys on the way to it, and how to make it due."""

    binders: tuple[Binder, ...]
    name: tuple[str, ...]
    path: tuple[PathStep, ...]
    runs: Expr
    due: Expr


def _elapses(low: Lowering, slot: Slot) -> Iterator[Action]:
    low.begin()
    params: tuple[Binder, ...] = ()
    path: tuple[PathStep, ...] = ()
    value = low.ref(slot, False)
    alive: Expr = TRUE
    if slot.index is not None:
        binder, at = low.binder(_index_name(low, slot), slot.index)
        params, path, value = (binder,), (Index(at),), get(value, at)
        if slot.owner in low.static.tables.kinds:
            alive = worlds.lives(low, Present(), slot.owner, at)
    timers = tuple(_timers(low, slot.type, slot.sort, value))
    is_only = len(timers) == 1
    for timer in timers:
        name = f"{slot.name}.elapse" if is_only else ".".join((slot.name, *timer.name, "elapse"))
        guard = conj((alive, timer.runs))
        when: Expr = TRUE
        if slot.role is Role.GHOST:
            guard, when = alive, timer.runs
        yield Action(
            name=name,
            owner="clock",
            origin=Origin.CLOCK,
            params=(*params, *timer.binders),
            choices=(),
            lets=(),
            guard=_guard(guard),
            cut=None,
            updates=(Update(slot.name, (*path, *timer.path), timer.due, when, TRUE),),
            fairness=Fairness.WEAK,
        )


def _index_name(low: Lowering, slot: Slot) -> str:
    component = low.static.tables.components.get(slot.owner)
    if component is not None and component.instance is not None:
        return component.instance.name
    return slot.owner.lower()


def _timers(low: Lowering, type_: Type, sort: Sort, value: Expr) -> Iterator[_Timer]:
    match type_, sort:
        case TimerT(), _:
            runs = eq(value, Lit(UNTIMED, "running"))
            yield _Timer((), (), (), runs, Lit(UNTIMED, "due"))
        case OptT(inner), Opt(of):
            there = or_else(value, Lit(of, least(of)))
            for timer in _timers(low, inner, of, there):
                if timer.path:
                    due = _rebuilt(there, timer.path, timer.due)
                else:
                    due = timer.due
                runs = conj((is_some(value), timer.runs))
                yield _Timer(timer.binders, timer.name, (), runs, Some(due))
        case RecordT(name), Record():
            for decl in low.static.tables.records[name].fields:
                inner_sort = sort.field(decl.name)
                part = field(value, decl.name)
                for timer in _timers(low, decl.type, inner_sort, part):
                    yield _Timer(
                        timer.binders,
                        (decl.name, *timer.name),
                        (Field(decl.name), *timer.path),
                        timer.runs,
                        timer.due,
                    )
        case MapT(_, inner, total), Map(key, of) if has_timer(low.static.tables, inner):
            binder, at = low.binder("key", key)
            item = inner if total or isinstance(inner, OptT) else OptT(inner)
            for timer in _timers(low, item, of, get(value, at)):
                yield _Timer(
                    (binder, *timer.binders),
                    timer.name,
                    (Index(at), *timer.path),
                    timer.runs,
                    timer.due,
                )
        case _:
            return


def _rebuilt(whole: Expr, path: tuple[PathStep, ...], value: Expr) -> Expr:
    """A value with the part at a path replaced."""
    from kspec.ir.expr import Put, WithField

    if not path:
        return value
    step, rest = path[0], path[1:]
    match step:
        case Field(name):
            return WithField(whole, name, _rebuilt(field(whole, name), rest, value))
        case Index(key):
            return Put(whole, key, _rebuilt(get(whole, key), rest, value))
