"""Which identities are free (rule 4): not live, and held by nothing that is stored.

Over the whole system, before any slicing: fields of live objects, memory, local variables, what
reconciles froze, every image of every view. Ghosts hold nothing. Next: `effects`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kspec.analysis.types import KindT, MapT
from kspec.ir.expr import FALSE, TRUE, Expr, First, Lit
from kspec.ir.sorts import Id, Map, Opt, Record, Seq, Set, Sort, cardinality
from kspec.ir.system import Role
from kspec.lower.context import Lowering, Present, Slot
from kspec.lower.expressions import worlds
from kspec.lower.expressions.pure_expr import initial_of, total_default
from kspec.lower.values.convert import elements
from kspec.lower.values.shapes import least
from kspec.lower.values.smart import (
    conj,
    contains,
    disj,
    eq,
    field,
    get,
    inner_binder,
    is_some,
    neg,
    or_else,
    some_of,
)
from kspec.lower.values.stored import literal
from kspec.lower.values.symbolic import Known

if TYPE_CHECKING:
    from kspec.lower.steps.effects import Birth


def free_identity(low: Lowering, kind: str, earlier: Iterable[Birth]) -> Expr:
    """The least free identity of a kind as an option, but for those that are born before it in
    the same step."""
    id_ = low.shapes.id(kind)
    if id_.size == 0:
        return Lit(Opt(id_), None)
    binder, local = low.binder("free", id_)
    parts = [neg(worlds.lives(low, Present(), kind, local))]
    parts += [neg(held_in(low, slot, kind, local)) for slot in low.slots.values()]
    for birth in earlier:
        there = conj((birth.when, is_some(birth.option)))
        parts.append(neg(conj((there, eq(birth.obj, local)))))
    constant = [
        neg(held_by_constant(low, owner, name, kind, local))
        for owner, name in sorted(low.static.constant)
    ]
    return First(binder, conj((*parts, *constant)))


def held_by_constant(low: Lowering, owner: str, name: str, kind: str, obj: Expr) -> Expr:
    """Does a field that never changes hold an identity, of an object that is alive?"""
    type_ = low.static.tables.fields[owner][name].type
    from kspec.lower.facts import points_to
    from kspec.lower.values.smart import lit
    from kspec.pure.interpreter.state import identities

    if kind not in points_to(low.static.tables, type_) or kind not in low.static.born:
        return lit(False)
    if low.static.tables.fields[owner][name].role == "ghost":
        return lit(False)
    held: list[Expr] = []
    id_ = low.shapes.id(owner)
    for index, value in enumerate(worlds.constant_values(low, owner, name)):
        alive = worlds.lives(low, Present(), owner, Lit(id_, index))
        mine = sorted({o.index for o in identities(value) if o.kind == kind})
        same = disj(eq(obj, Lit(low.shapes.id(kind), i)) for i in mine)
        held.append(conj((alive, same)))
    return disj(held)


def held_in(low: Lowering, slot: Slot, kind: str, obj: Expr) -> Expr:
    """Does a variable hold an identity?"""
    from kspec.lower.values.smart import lit

    if slot.role in (Role.GHOST, Role.BUDGET, Role.LIVE):
        return lit(False)
    if not mentions(slot.sort, kind) or slot.label.endswith("touched"):
        return lit(False)
    default = _default(low, slot)
    whole = low.ref(slot, False)
    if slot.index is None:
        return _held_by(low, slot, whole, None, kind, obj, default)
    binder, local = low.binder("in", slot.index)
    cond = _held_by(low, slot, get(whole, local), local, kind, obj, default)
    is_field = slot.name == worlds.field_name(slot.owner, slot.label)
    if is_field and isinstance(slot.index, Id) and not isinstance(slot.sort, Opt | Set | Seq):
        # What a dead object's field begins with may look like an identity.
        cond = conj((worlds.lives(low, Present(), slot.index.kind, local), cond))
    return some_of((binder,), cond)


def _held_by(
    low: Lowering,
    slot: Slot,
    value: Expr,
    instance: Expr | None,
    kind: str,
    obj: Expr,
    default: Expr | None,
) -> Expr:
    """Does a value of a variable hold an identity? A field of an image does by what it has of the
    objects that are in the image; by which objects, that is the business of the image's life."""
    if slot.role is not Role.VIEW or slot.label.endswith(".live"):
        return holds(slot.sort, value, kind, obj, default)
    if not isinstance(slot.sort, Map) or not isinstance(slot.sort.key, Id):
        return holds(slot.sort, value, kind, obj, default)
    binder, local = low.binder("seen", slot.sort.key)
    cond = holds(slot.sort.value, get(value, local), kind, obj)
    life = low.slots.get(f"{slot.name.rsplit('.', 1)[0]}.live")
    if cond != FALSE and life is not None:
        lives = low.ref(life, False)
        lives = lives if instance is None else get(lives, instance)
        cond = conj((get(lives, local), cond))
    return some_of((binder,), cond)


def _default(low: Lowering, slot: Slot) -> Expr | None:
    """What a total map over identities has where nothing was written; of an image's life, that
    an object is not in it."""
    if slot.role is Role.VIEW and slot.label.endswith(".live"):
        return FALSE
    if slot.name not in low.static.tables.state or not isinstance(slot.type, MapT):
        return None
    sym = initial_of(low, slot.name)
    assert isinstance(sym, Known)
    value = total_default(slot.type, sym.value)
    assert isinstance(slot.sort, Map)
    if not slot.type.total or not isinstance(slot.type.key, KindT):
        return None
    return literal(low.shapes, slot.type.value, value, slot.sort.value)


def mentions(sort: Sort, kind: str) -> bool:
    """Can a value of the sort hold an identity of the kind, keys included?"""
    match sort:
        case Id(name, _):
            return name == kind
        case Opt(of) | Set(of) | Seq(of, _):
            return mentions(of, kind)
        case Record(_, fields):
            return any(mentions(s, kind) for _, s in fields)
        case Map(key, value):
            return mentions(key, kind) or mentions(value, kind)
        case _:
            return False


def holds(sort: Sort, expr: Expr, kind: str, obj: Expr, default: Expr | None = None) -> Expr:
    """Does a value hold an identity? Keys of entries count: those that are there, in a partial
    map, and those that differ from `default`, in a total one."""
    from kspec.lower.values.smart import lit

    if not mentions(sort, kind):
        return lit(False)
    match sort:
        case Id():
            return eq(expr, obj)
        case Opt(of):
            if cardinality(of) == 0:
                return lit(False)
            inner = or_else(expr, Lit(of, least(of)))
            return conj((is_some(expr), holds(of, inner, kind, obj)))
        case Record(_, fields):
            return disj(holds(s, field(expr, n), kind, obj) for n, s in fields)
        case Set(of):
            if isinstance(of, Id):
                return contains(expr, obj)
            binder, local = inner_binder("held", of, (expr, obj))
            return some_of((binder,), conj((contains(expr, local), holds(of, local, kind, obj))))
        case Seq(of, _):
            return disj(conj((there, holds(of, item, kind, obj))) for there, item in elements(expr))
        case Map(key, value):
            return _in_map(key, value, expr, kind, obj, default)
        case _:
            return lit(False)


def _in_map(key: Sort, value: Sort, expr: Expr, kind: str, obj: Expr, default: Expr | None) -> Expr:
    parts: list[Expr] = []
    binder, local = inner_binder("at", key, (expr, obj))
    if mentions(value, kind):
        parts.append(some_of((binder,), holds(value, get(expr, local), kind, obj)))
    if mentions(key, kind):
        if isinstance(value, Opt):
            entry = is_some(get(expr, local))
        elif default is not None:
            entry = neg(eq(get(expr, local), default))
        else:
            entry = TRUE if not isinstance(key, Id) else disj(())
        if isinstance(key, Id):
            from kspec.lower.values.smart import eq as same

            mine = is_some(get(expr, obj)) if isinstance(value, Opt) else None
            if mine is None:
                mine = neg(same(get(expr, obj), default)) if default is not None else disj(())
            parts.append(mine)
        else:
            parts.append(some_of((binder,), conj((entry, holds(key, local, kind, obj)))))
    return disj(parts)
