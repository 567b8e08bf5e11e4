"""What expressions mean: typed expression and context to value.

One reading of the typed tree; lowering is another, and the two are compared. Comprehensions are
in `bindings`, operations on values in `prims`, patterns in `patterns`, documents in `decode`,
effects in `effects`. Expressions over runs have no value and are refused.
"""

from __future__ import annotations

from typing import Final, assert_never

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
    TFieldDecl,
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
from kspec.analysis.types import KeyT, MapT, NameT, OptT, RecordT, TimerT, Type
from kspec.pure.documents import decode
from kspec.pure.evaluation import bindings, finite
from kspec.pure.values import prims
from kspec.pure.values.cast import as_bool, as_int, as_map, as_obj, as_text, as_tuple
from kspec.pure.values.order import in_order
from kspec.pure.values.patterns import fit
from kspec.pure.values.value import Doc, FrozenMap, Missing, Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError, World


def evaluate(expr: TExpr, context: Context) -> Value:  # noqa: C901
    """The value of an expression. Raises `EvaluationError` for what no well-typed expression
    over well-formed documents does."""
    match expr:
        case TVar():
            return _variable(expr, context)
        case TLit():
            return literal(expr)
        case TField():
            return _field(expr, context)
        case TPrim():
            return _prim(expr, context)
        case TComp():
            return bindings.comprehend(expr, context)
        case TCall():
            return _call(expr, context)
        case TIf(cond, then, other):
            return evaluate(then if as_bool(evaluate(cond, context)) else other, context)
        case TLet(name, value, body):
            return evaluate(body, context.binding(name, evaluate(value, context)))
        case TRefField():
            return _ref_field(expr, context)
        case TState(name):
            return state(name, context)
        case TParam(name):
            return context.parameters[name]
        case TUniverse(name):
            return evaluate(context.tables.universes[name].value, context)
        case TGet():
            return _get(expr, context)
        case TAt(arg, index):
            return _at(evaluate(arg, context), as_int(evaluate(index, context)))
        case TPart(arg, index):
            return as_tuple(evaluate(arg, context))[index]
        case TLookup(kind, keys):
            return find(kind, tuple(evaluate(key, context) for key in keys), context)
        case TSome(arg):
            return evaluate(arg, context)
        case TTotal(arg):
            return _everywhere(evaluate(arg, context), arg.type, context)
        case TOrElse(arg, default):
            content = evaluate(arg, context)
            return evaluate(default, context) if content is None else content
        case TDecode(arg, type_):
            return decode.decoded(evaluate(arg, context), type_, context, expr.span)
        case TMatch():
            return _match(expr, context)
        case TFold():
            return _fold(expr, context)
        case TRecord(fields, type_):
            assert isinstance(type_, RecordT)
            return _record(type_.name, fields, context)
        case TWith():
            return _with(expr, context)
        case TSet(items):
            return frozenset(evaluate(item, context) for item in items)
        case TList(items) | TTuple(items):
            return tuple(evaluate(item, context) for item in items)
        case TMap(entries):
            return FrozenMap({evaluate(k, context): evaluate(v, context) for k, v in entries})
        case TTimer(duration):
            return evaluate(duration, context)
        case TBefore() | TLive() | TSeen() | TAfter():
            return _elsewhere(expr, context)
        case TTemporal() | TLives():
            raise EvaluationError("a claim over time has no value", expr.span)
        case _:
            assert_never(expr)


def literal(expr: TLit) -> Value:
    """The value of a literal, in the representation of its type."""
    if isinstance(expr.type, TimerT):
        return None
    inner = expr.type.of if isinstance(expr.type, OptT) else expr.type
    return prims.exact(expr.value, inner)


def _variable(expr: TVar, context: Context) -> Value:
    found = context.locals.get(expr.name, _MISSING)
    if found is not _MISSING:
        return found
    component = context.tables.components.get(context.component or "")
    if component and component.instance and component.instance.name == expr.name:
        return context.instance
    raise EvaluationError(f"`{expr.name}` has no value here", expr.span)


_MISSING: Final = Doc(object)


def _field(expr: TField, context: Context) -> Value:
    owner = evaluate(expr.arg, context)
    if isinstance(owner, Rec):
        return context.tables.part(owner, expr.name)
    obj = as_obj(owner)
    fields = context.world.fields(obj)
    return _of_nobody(obj.kind, expr.name, context) if fields is None else fields[expr.name]


def _of_nobody(kind: str, name: str, context: Context) -> Value:
    """What a field is where its object is not alive: its default, or the least value (rule 3).

    A reconcile of several steps reads its parameters, and a property of a step what was deleted.
    """
    declared = context.tables.fields[kind][name]
    if declared.default is None:
        return finite.least(declared.type, context)
    return stored(declared.default, declared.type, context)


def _ref_field(expr: TRefField, context: Context) -> Value:
    target = evaluate(expr.arg, context)
    if isinstance(target, Rec):
        return context.tables.part(target, expr.name)
    type_ = expr.arg.type
    if isinstance(type_, KeyT):
        found = bearer(type_.kind, as_text(target), context)
    else:
        found = as_obj(target)
    fields = None if found is None else context.world.fields(found)
    return None if fields is None else fields[expr.name]


def state(name: str, context: Context) -> Value:
    """A `memory`, `local` or ghost variable of the current instance."""
    declared, component = context.tables.state[name]
    instance = context.instance if component is not None and component.instance else None
    found = context.world.state.get((name, instance), _MISSING)
    return stored(declared.init, declared.type, context) if found is _MISSING else found


def stored(expr: TExpr, type_: Type, context: Context) -> Value:
    """The value of an expression in a place of this type: a total map may be given by what all
    its keys have."""
    if isinstance(type_, MapT) and type_.total and not isinstance(expr.type, MapT):
        return FrozenMap({}, stored(expr, type_.value, context))
    return evaluate(expr, context)


def _get(expr: TGet, context: Context) -> Value:
    entries = as_map(evaluate(expr.arg, context))
    key = evaluate(expr.key, context)
    if key in entries:
        return entries[key]
    type_ = expr.arg.type
    # A total map over a kind has entries for those that lived when it was made.
    is_total = isinstance(type_, MapT) and type_.total
    return finite.least(expr.type, context) if is_total else None


def _at(items: Value, index: int) -> Value:
    elements = as_tuple(items)
    return elements[index] if 0 <= index < len(elements) else None


# ---- objects -----------------------------------------------------------------------------------


def find(kind: str, keys: tuple[Value, ...], context: Context) -> Obj | None:
    """The live object whose key is these values; nothing if none or several have it.

    Several can, where a key is written. Pool order must not decide between them (rule 7). An
    object whose key is absent is found by nobody.
    """
    if None in keys:
        return None
    names = context.tables.kinds[kind].key
    found = [
        Obj(kind, index)
        for index, fields in context.world.population(kind).objects.items()
        if all(fields[name] == key for name, key in zip(names, keys, strict=True))
    ]
    return found[0] if len(found) == 1 else None


def bearer(kind: str, name: str, context: Context) -> Obj | None:
    """The only live object of a kind with this name as its key reference."""
    everyone = (Obj(kind, index) for index in context.world.population(kind).objects)
    found = [obj for obj in everyone if name_of(obj, context.world, context) == name]
    return found[0] if len(found) == 1 else None


def name_of(obj: Obj, world: World, context: Context) -> str | None:
    """The name that refers to an object: its key (the parts joined by `/`), or its kind and place
    if it has none or its key is absent. None if it is not alive and so has no name."""
    fields = world.fields(obj)
    names = context.tables.kinds[obj.kind].key
    if names and fields is None:
        return None
    key = () if fields is None else tuple(fields[name] for name in names)
    if not names or None in key:
        return f"{obj.kind.lower()}-{obj.index}"
    return "/".join(str(part) for part in key)


# ---- operations --------------------------------------------------------------------------------


def _prim(expr: TPrim, context: Context) -> Value:
    match expr.op:
        # The two that need not look at all their arguments.
        case "and":
            return all(as_bool(evaluate(arg, context)) for arg in expr.args)
        case "or":
            return any(as_bool(evaluate(arg, context)) for arg in expr.args)
        case "implies":
            left, right = expr.args
            return not as_bool(evaluate(left, context)) or as_bool(evaluate(right, context))
    args = tuple(evaluate(arg, context) for arg in expr.args)
    operation = prims.TABLE.get(expr.op)
    if operation is None:
        return _typed_prim(expr, args, context)
    result = prims.exact(operation(*args), expr.type)
    if result is None and not isinstance(expr.type, OptT):
        raise EvaluationError("division by zero", expr.span)
    return result


def _typed_prim(expr: TPrim, args: tuple[Value, ...], context: Context) -> Value:
    """Operations that depend on the types of their arguments, on objects, or on documents."""
    tables = context.tables
    types = tuple(arg.type for arg in expr.args)
    match expr.op, args:
        case "<", (left, right):
            return prims.less(left, right, types[0], tables)
        case "<=", (left, right):
            return not prims.less(right, left, types[0], tables)
        case (("min" | "max"), _):
            ordered = in_order(args, types[0], tables)
            return ordered[0 if expr.op == "min" else -1]
        case "==", (left, right):
            return _equal(left, right, types[0], context)
        case "keys", (entries,):
            return frozenset(_everywhere(entries, types[0], context))
        case "values", (entries,):
            return tuple(_everywhere(entries, types[0], context).values())
        case "text", (value,):
            return _text(expr, value, context)
        case "json-get", (value, key):
            return decode.member(value, key)
        case "json-given", (value,):
            return decode.given(value)
        case _:
            return _about_objects(expr, args, context)


def _about_objects(expr: TPrim, args: tuple[Value, ...], context: Context) -> Value:
    """An object by value, read from a document, is alive and of its kind."""
    match expr.op, args:
        case "live?", (Rec(),):
            return True
        case "kind-is", (Rec(name),):
            return name == expr.extra
        case "name-of", (Rec(name) as record,):
            keys = context.tables.kinds[name].key
            return "/".join(str(context.tables.part(record, key)) for key in keys)
        case "live?", (Obj() as obj,):
            return context.world.lives(obj)
        case "live?", (str() as name,):
            type_ = expr.args[0].type
            return isinstance(type_, KeyT) and bearer(type_.kind, name, context) is not None
        case "age", (Obj() as obj,):
            return context.world.age(obj)
        case "name-of", (Obj() as obj,):
            return name_of(obj, context.world, context)
        case "kind-is", (Obj() as obj,):
            return obj.kind == expr.extra
        case (("live?" | "kind-is"), (None,)):
            return False
        case _:
            raise EvaluationError(f"no operation `{expr.op}` on {args!r}", expr.span)


def _everywhere(value: Value, type_: Type, context: Context) -> FrozenMap:
    """A map with an entry for every key that it answers, in the order of the keys."""
    entries = as_map(value)
    assert isinstance(type_, MapT)
    keys = set(entries)
    if not isinstance(entries.default, Missing):
        keys |= set(finite.values(type_.key, context))
    return FrozenMap({key: entries[key] for key in in_order(keys, type_.key, context.tables)})


def _equal(left: Value, right: Value, type_: Type, context: Context) -> bool:
    if isinstance(type_, MapT) and type_.total and left != right:
        if isinstance(type_.key, NameT) and not context.names:
            return False  # the names are not known: two defaults may differ somewhere
        return _everywhere(left, type_, context) == _everywhere(right, type_, context)
    return left == right


def _text(expr: TPrim, value: Value, context: Context) -> Value:
    if isinstance(value, Obj):
        return name_of(value, context.world, context) or f"{value.kind.lower()}-{value.index}"
    return prims.text(value, expr.args[0].type)


# ---- compound values ---------------------------------------------------------------------------


def _record(name: str, fields: tuple[tuple[str, TExpr], ...], context: Context) -> Value:
    declared = context.tables.records[name].fields
    pairs = zip(declared, fields, strict=True)
    return Rec(name, tuple(in_field(value, field, context) for field, (_, value) in pairs))


def in_field(expr: TExpr, field: TFieldDecl, context: Context) -> Value:
    """The value of a field of something new; a part of a document that is not there is the
    field's default."""
    is_absent = isinstance(expr, TDecode) and not decode.given(evaluate(expr.arg, context))
    if is_absent and field.default is not None:
        return stored(field.default, field.type, context)
    return stored(expr, field.type, context)


def _with(expr: TWith, context: Context) -> Value:
    old = evaluate(expr.arg, context)
    if isinstance(old, Rec):
        types = {field.name: field.type for field in context.tables.records[old.name].fields}
        changed = {name: stored(value, types[name], context) for name, value in expr.fields}
        names = context.tables.places[old.name]
        return Rec(old.name, tuple(changed.get(n, old.values[i]) for n, i in names.items()))
    put = {evaluate(k, context): evaluate(v, context) for k, v in expr.entries}
    return as_map(old).put(put)


def _match(expr: TMatch, context: Context) -> Value:
    value = evaluate(expr.arg, context)
    for pattern, body in expr.cases:
        bound = fit(pattern, value, lambda literal: evaluate(literal, context))
        if bound is not None:
            return evaluate(body, context.binding_all(bound))
    raise EvaluationError("no case matches", expr.span)


def _fold(expr: TFold, context: Context) -> Value:
    result = evaluate(expr.init, context)
    for element in bindings.elements(evaluate(expr.source, context), expr.source.type, context):
        inner = context.binding_all({expr.acc: result, expr.elem: element})
        result = evaluate(expr.body, inner)
    return result


def _call(expr: TCall, context: Context) -> Value:
    function = context.tables.functions[expr.function]
    names = [name for name, _ in function.parameters]
    values = [evaluate(arg, context) for arg in expr.args]
    return evaluate(function.body, context.with_locals(dict(zip(names, values, strict=True))))


# ---- worlds ------------------------------------------------------------------------------------


def _elsewhere(expr: TBefore | TLive | TSeen | TAfter, context: Context) -> Value:
    match expr:
        case TBefore(arg):
            if context.before is None:
                raise EvaluationError("there is no step before this", expr.span)
            return evaluate(arg, context.before.with_locals(context.locals))
        case TLive(arg):
            return evaluate(arg, evolve(context, world=context.live))
        case TSeen():
            return evaluate(expr.arg, _seen(expr, context))
        case TAfter(arg, changes):
            from kspec.pure.evaluation import effects  # effects evaluate, too

            return evaluate(arg, effects.after(changes, context))
        case _:
            assert_never(expr)


def _seen(expr: TSeen, context: Context) -> Context:
    """The controller's own context, as it was before the step if there is one."""
    instance = None if expr.instance is None else evaluate(expr.instance, context)
    there = context if context.before is None else context.before
    if there.views is None:
        raise EvaluationError("nobody sees anything here", expr.span)
    world = there.views(expr.controller, instance)
    return evolve(
        there,
        world=world,
        locals=context.locals,
        component=expr.controller,
        instance=instance,
    )
