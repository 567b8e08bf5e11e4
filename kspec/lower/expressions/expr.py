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
    MapT,
    OptT,
    RecordT,
    TimerT,
    Type,
    UnitT,
)
from kspec.ir.expr import FALSE, TRUE, Expr, IllSorted, Lit, MakeMap, Some
from kspec.ir.sorts import Int, Sort, cardinality
from kspec.lower.context import (
    CannotLower,
    Frame,
    Lowering,
    Present,
    Viewed,
    located,
    shared,
)
from kspec.lower.expressions import comprehension, folding, matching, operations, worlds
from kspec.lower.expressions.displays import (
    as_partial,
    list_at,
    lower_display,
    lower_record,
    lower_with,
    map_at,
)
from kspec.lower.expressions.pure_expr import value_of
from kspec.lower.values.apart import as_flag, as_ident, as_maybe, as_parts
from kspec.lower.values.choice import choose
from kspec.lower.values.codec import encode, occurring
from kspec.lower.values.numbers import as_num
from kspec.lower.values.shapes import UNTIMED, CannotStore, FinerMeasure
from kspec.lower.values.smart import conj, disj, ite, lit, lt
from kspec.lower.values.stored import part_names
from kspec.lower.values.symbolic import (
    Clock,
    Flag,
    Known,
    Maybe,
    Sym,
    Whole,
)
from kspec.pure.evaluation.evaluate import literal
from kspec.pure.values.value import FrozenMap


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
            return comprehension.lower_comp(low, frame, expr)
        case TCall():
            return _call(low, frame, expr)
        case TIf():
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
            return map_at(low, frame, expr)
        case TAt():
            return list_at(low, frame, expr)
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
        case TTotal():
            return as_partial(low, frame, expr)
        case TOrElse():
            return _or_else(low, frame, expr)
        case TDecode():
            raise CannotLower("a document cannot be read in a state", expr.span)
        case TMatch():
            return matching.lower_match(low, frame, expr)
        case TFold():
            return folding.lower_fold(low, frame, expr)
        case TRecord():
            return lower_record(low, frame, expr)
        case TWith():
            return lower_with(low, frame, expr)
        case TSet() | TList() | TTuple() | TMap():
            return lower_display(low, frame, expr)
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


def _timer(low: Lowering, frame: Frame, duration: TExpr) -> Sym:
    sym = lower(low, frame, duration)
    if isinstance(sym, Known):
        return sym
    if low.shapes.timed:
        return Clock(Some(encode(low.shapes, UnitT("duration"), sym, Int(0, 0))))
    running, due = Lit(UNTIMED, "running"), Lit(UNTIMED, "due")
    return Clock(ite(lt(lit(0), as_num(low.shapes, sym).num), running, due))


def _elsewhere(low: Lowering, frame: Frame, expr: TBefore | TLive | TSeen | TAfter) -> Sym:
    from kspec.lower.expressions import altered

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
