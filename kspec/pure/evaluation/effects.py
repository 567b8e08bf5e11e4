"""What statements do to a world, all at once.

`after` is what `(e after …)` needs, `build` what the worlds of test vectors do: the new world.
Who takes steps uses `plans`, each one way of making the free choices with every write found but
nothing changed, and `writes.commit`.

Statements read the world of their context and write to its live world. How a write through a view
finds its object is asked of `Rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias, assert_never, final

from attrs import evolve

from kspec.analysis.typed import (
    Address,
    TAssign,
    TBind,
    TChoose,
    TDelete,
    TExpr,
    TFieldDecl,
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
from kspec.analysis.types import MapT
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.evaluation import bindings
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation.writes import (
    Birth,
    Broken,
    Committed,
    Death,
    FieldWrite,
    StateWrite,
    Write,
    commit,
    like,
)
from kspec.pure.values.cast import as_bool
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Context, EvaluationError, Fixed, World


@final
@frozen
class Plan:
    """One way of making the choices: the writes in the order of the statements, the names bound
    on the way (choices, births, binds), and the values chosen."""

    writes: tuple[Write, ...] = ()
    names: Mapping[str, Value] = Fixed()  # immutable
    chosen: tuple[Value, ...] = ()


@final
@frozen
class Refused:
    """The write is refused; `why` is "require", "key", "gone" or "changed"."""

    why: str
    span: Span


Found: TypeAlias = "Plan | Refused"


@final
@frozen
class Cut:
    """No identity is free for a birth."""

    kind: str
    span: Span


@final
@frozen
class Rules:
    """What statements need to know besides their context.

    `free` gives the least free identity of a kind, given those taken already; None cuts.
    `unchanged` says whether an object is as the view shows it (`if unchanged`). `born` are the
    births of the same step so far. `keys` and `ranges` are false where a world need not be
    well-formed: test vectors.
    """

    free: Callable[[str, frozenset[Obj]], Obj | None]
    unchanged: Callable[[Obj], bool] = lambda obj: True
    keys: bool = True
    ranges: bool = True
    born: tuple[Birth, ...] = ()


def unbounded(world: World, ranges: bool = True, keys: bool = True) -> Rules:
    """Rules of a world with identities without end: the least place that nobody lives in."""

    def free(kind: str, taken: frozenset[Obj]) -> Obj | None:
        index = 0
        while world.lives(Obj(kind, index)) or Obj(kind, index) in taken:
            index += 1
        return Obj(kind, index)

    return Rules(free, ranges=ranges, keys=keys)


def after(stmts: tuple[TStmt, ...], context: Context) -> Context:
    """The context in the world after these effects.

    The effects write to the world that is read. Refused ones change nothing; a write to an object
    that is not there is none. Ranges do not matter: nothing is stored.
    """
    here = evolve(context, live=context.world)
    plan = next(plans(stmts, here, unbounded(here.world)), Plan())
    if not isinstance(plan, Plan):
        return context
    done = commit(tuple(w for w in plan.writes if _lands(w, here.world)), here, ranges=False)
    if isinstance(done, Broken):
        raise EvaluationError("these effects write one place twice", done.span)
    live = done.world if context.live is context.world else context.live
    return evolve(context, world=done.world, live=live)


def _lands(write: Write, world: World) -> bool:
    return not isinstance(write, FieldWrite | Death) or world.lives(write.obj)


def build(stmts: tuple[TStmt, ...], context: Context, rules: Rules) -> World | Refused | Broken:
    """The world after effects without free choices."""
    plan = next(plans(stmts, context, rules), Plan())
    match plan:
        case Refused():
            return plan
        case Cut(kind, span):
            raise EvaluationError(f"no room for another `{kind}`", span)
        case Plan(writes):
            done = commit(writes, context, rules.ranges)
            return done.world if isinstance(done, Committed) else done
        case _:
            assert_never(plan)


# ---- planning ----------------------------------------------------------------------------------

NOWHERE: Final = -1
"""The place of an object that there is no room for, while the rest of its step is found out."""


def plans(
    stmts: tuple[TStmt, ...], context: Context, rules: Rules
) -> Iterator[Plan | Refused | Cut]:
    """Every way of making the free choices of these statements, in order; none if nothing can
    be chosen. A step that is refused is not cut: nothing would be born."""
    for found in _plans(stmts, context, rules):
        writes = found.writes if isinstance(found, Plan) else ()
        births = (write for write in writes if isinstance(write, Birth))
        homeless = next((birth for birth in births if birth.obj.index == NOWHERE), None)
        yield found if homeless is None else Cut(homeless.obj.kind, homeless.span)


def _plans(stmts: tuple[TStmt, ...], context: Context, rules: Rules) -> Iterator[Found]:
    if not stmts:
        yield Plan()
        return
    for found in _one(stmts[0], context, rules):
        if isinstance(found, Refused):
            yield found
            continue
        inner = context.binding_all(found.names)
        for other in _plans(stmts[1:], inner, _without(rules, found)):
            yield _joined(found, other) if isinstance(other, Plan) else other


def _without(rules: Rules, plan: Plan) -> Rules:
    """The rules once the plan's births have taken their places."""
    births = tuple(w for w in plan.writes if isinstance(w, Birth))
    return evolve(rules, born=(*rules.born, *births)) if births else rules


def _joined(first: Plan, second: Plan) -> Plan:
    names = Fixed({**first.names, **second.names})
    return Plan(first.writes + second.writes, names, first.chosen + second.chosen)


def _one(stmt: TStmt, context: Context, rules: Rules) -> Iterator[Found]:
    match stmt:
        case TAssign():
            yield _assign(stmt, context, rules)
        case TNew():
            yield _new(stmt, context, rules)
        case TDelete(target, _, address, span):
            obj = pure.evaluate(target, context)
            there = _addressed(obj, address, span, context, rules)
            yield there if isinstance(there, Refused) else Plan((Death(there, span),))
        case TIfStmt(cond, then, other):
            branch = then if as_bool(pure.evaluate(cond, context)) else other
            yield from _inside(branch, context, rules)
        case TForStmt(binders, where, body):
            bound = tuple(bindings.bindings(binders, where, context))
            yield from _each(bound, body, rules)
        case TChoose(binders, where):
            for chosen in bindings.bindings(binders, where, context):
                names = Fixed({b.name: chosen.locals[b.name] for b in binders})
                yield Plan((), names, tuple(names.values()))
        case TRequire(cond, span):
            holds = as_bool(pure.evaluate(cond, context))
            yield Plan() if holds else Refused("require", span)
        case TBind(name, value):
            yield Plan((), Fixed({name: pure.evaluate(value, context)}))
        case _:
            assert_never(stmt)


def _inside(stmts: tuple[TStmt, ...], context: Context, rules: Rules) -> Iterator[Found]:
    """A nested block: what it binds ends with it."""
    for found in _plans(stmts, context, rules):
        yield evolve(found, names=Fixed()) if isinstance(found, Plan) else found


def _each(bound: tuple[Context, ...], body: tuple[TStmt, ...], rules: Rules) -> Iterator[Found]:
    """The body for every binding, all together."""
    if not bound:
        yield Plan()
        return
    for found in _inside(body, bound[0], rules):
        if isinstance(found, Refused):
            yield found
            continue
        for other in _each(bound[1:], body, _without(rules, found)):
            yield _joined(found, other) if isinstance(other, Plan) else other


def _assign(stmt: TAssign, context: Context, rules: Rules) -> Plan | Refused:
    value = pure.evaluate(stmt.value, context)
    path = tuple(_step(step, context) for step in stmt.place.path)
    match stmt.place:
        case TFieldPlace(target, _, name):
            obj = pure.evaluate(target, context)
            there = _addressed(obj, stmt.address, stmt.span, context, rules)
            if isinstance(there, Refused):
                return there
            return Plan((FieldWrite(there, name, path, value, stmt.type, stmt.span),))
        case TStatePlace(name):
            component = context.tables.state[name][1]
            instance = context.instance if component and component.instance else None
            return Plan((StateWrite(name, instance, path, value, stmt.type, stmt.span),))
        case _:
            assert_never(stmt.place)


def _step(step: TStep, context: Context) -> Value:
    return step.name if isinstance(step, TFieldStep) else pure.evaluate(step.key, context)


def _new(stmt: TNew, context: Context, rules: Rules) -> Found:
    declared = context.tables.fields[stmt.kind]
    fields = tuple((n, _initial(value, declared[n], context)) for n, value in stmt.fields)
    if rules.keys and _is_taken(stmt.kind, dict(fields), context, rules.born):
        return Refused("key", stmt.span)
    taken = frozenset(birth.obj for birth in rules.born)
    obj = rules.free(stmt.kind, taken) or Obj(stmt.kind, NOWHERE)
    names: Fixed[str, Value] = Fixed({stmt.name: obj})
    return Plan((Birth(obj, fields, stmt.span),), names)


def _initial(value: TExpr, field: TFieldDecl, context: Context) -> Value:
    """A field at birth; a total map is kept by what differs from its declared default."""
    made = pure.in_field(value, field, context)
    if isinstance(field.type, MapT) and field.type.total and field.default is not None:
        return like(made, pure.stored(field.default, field.type, context))
    return made


def _is_taken(
    kind: str, fields: Mapping[str, Value], context: Context, born: tuple[Birth, ...]
) -> bool:
    """Does an object that lives, or one that is born before in the same step, have this key?"""
    key = context.tables.kinds[kind].key
    if not key or any(fields[name] is None for name in key):
        return False
    rows: list[Mapping[str, Value]] = [*context.live.population(kind).objects.values()]
    rows += [dict(birth.fields) for birth in born if birth.obj.kind == kind]
    return any(all(row[name] == fields[name] for name in key) for row in rows)


def _namesake(obj: Obj, context: Context) -> Obj | None:
    """Whoever bears now the key that an object is seen with; itself if it is seen without one."""
    fields = context.world.fields(obj)
    if fields is None:
        return None
    key = tuple(fields[name] for name in context.tables.kinds[obj.kind].key)
    if not key or None in key:
        return obj if context.live.lives(obj) else None
    return pure.find(obj.kind, key, evolve(context, world=context.live))


def _addressed(
    target: Value, address: Address, span: Span, context: Context, rules: Rules
) -> Obj | Refused:
    """The live object that a write reaches (rule 19)."""
    obj = target
    if isinstance(obj, str):  # a reference by name reaches whoever bears it now
        raise EvaluationError("a write needs an object", span)
    if not isinstance(obj, Obj):
        return Refused("gone", span)
    match address:
        case Address.DIRECT:
            return obj
        case Address.BY_NAME:
            return _namesake(obj, context) or Refused("gone", span)
        case Address.BY_UID:
            return obj if context.live.lives(obj) else Refused("gone", span)
        case Address.UNCHANGED:
            if not context.live.lives(obj):
                return Refused("gone", span)
            return obj if rules.unchanged(obj) else Refused("changed", span)
        case _:
            assert_never(address)
