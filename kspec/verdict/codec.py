"""Traces as JSON-able data and back: readable, unambiguous, guided by sorts.

===========  ==========================================================================
sort         JSON
===========  ==========================================================================
`Bool`       `true`, `false`
`Int`        number
`Enum`       the case, a string
`Id`         its name in the pool, a string; the place, a number, where names do not tell
`Opt`        `null`, or `{"some": payload}`
`Record`     an object by field
`Set`        an array, in the order of the element sort
`Map`        an object by key where keys are scalar, else an array of `[key, value]`
`Seq`        an array
===========  ==========================================================================

Keys of objects are text: `true`, `-3`, a case, an identity as above. A trace is

    {"start": STATE, "steps": [{"action": NAME, "params": {NAME: VALUE}, "choices": {NAME: VALUE},
     "state": STATE or null}], "loop": number or null}

with STATE an object by variable, all variables in order. It reads and writes no file. Decoding
raises `CodecError`; what it returns has the right sorts, and `replay` decides if it is a run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, assert_never, final

from kspec.ir.expr import Binder
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    contains,
    index_of,
    is_scalar,
    values,
)
from kspec.ir.system import Action, Pool, System
from kspec.verdict.trace import State, Step, Trace

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"


@final
class CodecError(ValueError):
    """Data that is no trace of the system; the message says where."""


def encode_trace(trace: Trace, system: System) -> dict[str, Json]:
    """A trace whose values are of the system's sorts, as JSON-able data."""
    return {
        "start": encode_state(trace.start, system),
        "steps": [_encode_step(step, system) for step in trace.steps],
        "loop": trace.loop,
    }


def decode_trace(data: Json, system: System) -> Trace:
    """The inverse of `encode_trace`."""
    parts = _object(data, ("start", "steps", "loop"), "the trace")
    loop = parts["loop"]
    if loop is not None and (not isinstance(loop, int) or isinstance(loop, bool)):
        raise CodecError(f"loop: a number or null is wanted, not {loop!r}")
    start = decode_state(parts["start"], system, "start")
    steps = enumerate(_array(parts["steps"], "steps"), start=1)
    return Trace(start, tuple(_decode_step(s, system, f"step {n}") for n, s in steps), loop)


def encode_state(state: State, system: System) -> dict[str, Json]:
    """A state as an object by variable."""
    pairs = zip(system.variables, state, strict=True)
    return {v.name: encode_value(v.sort, value, system.pools) for v, value in pairs}


def decode_state(data: Json, system: System, where: str) -> State:
    """The inverse of `encode_state`; `where` begins the messages of errors."""
    parts = _object(data, (v.name for v in system.variables), where)
    return tuple(
        decode_value(v.sort, parts[v.name], system.pools, f"{where}.{v.name}")
        for v in system.variables
    )


def encode_value(sort: Sort, value: Value, pools: tuple[Pool, ...]) -> Json:
    """A value of a sort; `CodecError` if it is none."""
    if not contains(sort, value):
        raise CodecError(f"{value!r} is not of sort {sort}")
    return _encode(sort, value, pools)


def _encode(sort: Sort, value: Value, pools: tuple[Pool, ...]) -> Json:
    match sort:
        case Bool() | Int() | Enum():
            assert isinstance(value, bool | int | str)
            return value
        case Id():
            assert isinstance(value, int)
            names = identity_names(sort, pools)
            return value if names is None else names[value]
        case Opt(of):
            return None if value is None else {"some": _encode(of, _items(value)[0], pools)}
        case Record(_, fields):
            pairs = zip(fields, _items(value), strict=True)
            return {name: _encode(of, part, pools) for (name, of), part in pairs}
        case Set(of):
            assert isinstance(value, frozenset)
            inside = sorted(value, key=lambda element: index_of(of, element))
            return [_encode(of, element, pools) for element in inside]
        case Map(key, of):
            entries = zip(values(key), _items(value), strict=True)
            if not is_scalar(key):
                return [[_encode(key, k, pools), _encode(of, v, pools)] for k, v in entries]
            return {_key_text(key, k, pools): _encode(of, v, pools) for k, v in entries}
        case Seq(of, _):
            return [_encode(of, item, pools) for item in _items(value)]
        case _:
            assert_never(sort)


def decode_value(sort: Sort, data: Json, pools: tuple[Pool, ...], where: str) -> Value:
    """The inverse of `encode_value`; `where` begins the messages of errors."""
    value = _decode(sort, data, pools, where)
    if not contains(sort, value):
        raise CodecError(f"{where}: {data!r} is not of sort {sort}")
    return value


def _decode(sort: Sort, data: Json, pools: tuple[Pool, ...], where: str) -> Value:
    match sort:
        case Bool() | Int() | Enum():
            return None if isinstance(data, list | dict) else data
        case Id():
            return _decode_identity(sort, data, pools, where)
        case Opt(of):
            if data is None:
                return None
            inner = _object(data, ("some",), where)["some"]
            return (_decode(of, inner, pools, f"{where}.some"),)
        case Record(_, fields):
            parts = _object(data, (name for name, _ in fields), where)
            return tuple(_decode(s, parts[n], pools, f"{where}.{n}") for n, s in fields)
        case Set(of):
            inside = [_decode(of, d, pools, where) for d in _array(data, where)]
            if len(set(inside)) != len(inside):
                raise CodecError(f"{where}: an element is there twice")
            return frozenset(inside)
        case Map():
            return _decode_map(sort, data, pools, where)
        case Seq(of, _):
            items = enumerate(_array(data, where))
            return tuple(_decode(of, d, pools, f"{where}[{n}]") for n, d in items)
        case _:
            assert_never(sort)


def _decode_map(sort: Map, data: Json, pools: tuple[Pool, ...], where: str) -> Value:
    keys = tuple(values(sort.key))
    if is_scalar(sort.key):
        texts = [_key_text(sort.key, key, pools) for key in keys]
        parts = _object(data, texts, where)
        return tuple(_decode(sort.value, parts[t], pools, f"{where}[{t}]") for t in texts)
    pairs = [_array(entry, where) for entry in _array(data, where)]
    if any(len(pair) != 2 for pair in pairs):
        raise CodecError(f"{where}: entries of key and value are wanted")
    if tuple(_decode(sort.key, pair[0], pools, where) for pair in pairs) != keys:
        raise CodecError(f"{where}: every key once, in order, is wanted")
    return tuple(_decode(sort.value, pair[1], pools, where) for pair in pairs)


def _decode_identity(sort: Id, data: Json, pools: tuple[Pool, ...], where: str) -> Value:
    names = identity_names(sort, pools)
    if names is None:
        return data if isinstance(data, int) else None
    if not isinstance(data, str) or data not in names:
        raise CodecError(f"{where}: {data!r} is no {sort.kind}")
    return names.index(data)


def identity_names(sort: Id, pools: tuple[Pool, ...]) -> tuple[str, ...] | None:
    """What the identities of a sort are called, if its pool tells them all apart."""
    for pool in pools:
        if pool.name == sort.kind and len(pool.names) == sort.size == len(set(pool.names)):
            return pool.names
    return None


def _key_text(sort: Sort, key: Value, pools: tuple[Pool, ...]) -> str:
    data = _encode(sort, key, pools)
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data)


def _encode_step(step: Step, system: System) -> Json:
    action = _action(system, step.action, "the trace")
    return {
        "action": step.action,
        "params": _encode_bound(action.params, step.params, system),
        "choices": _encode_bound(action.choices, step.choices, system),
        "state": None if step.state is None else encode_state(step.state, system),
    }


def _decode_step(data: Json, system: System, where: str) -> Step:
    parts = _object(data, ("action", "params", "choices", "state"), where)
    action = _action(system, parts["action"], where)
    state = parts["state"]
    return Step(
        action=action.name,
        params=_decode_bound(action.params, parts["params"], system, where),
        choices=_decode_bound(action.choices, parts["choices"], system, where),
        state=None if state is None else decode_state(state, system, where),
    )


def _action(system: System, name: Json, where: str) -> Action:
    for action in system.actions:
        if action.name == name:
            return action
    raise CodecError(f"{where}: there is no action {name!r}")


def _encode_bound(
    binders: tuple[Binder, ...], given: tuple[Value, ...], system: System
) -> dict[str, Json]:
    pairs = zip(binders, given, strict=True)
    return {b.name: encode_value(b.sort, value, system.pools) for b, value in pairs}


def _decode_bound(
    binders: tuple[Binder, ...], data: Json, system: System, where: str
) -> tuple[Value, ...]:
    parts = _object(data, (b.name for b in binders), where)
    return tuple(
        decode_value(b.sort, parts[b.name], system.pools, f"{where}.{b.name}") for b in binders
    )


def _object(data: Json, names: Iterable[str], where: str) -> dict[str, Json]:
    wanted = set(names)
    if not isinstance(data, dict) or set(data) != wanted:
        raise CodecError(f"{where}: an object with {sorted(wanted)} is wanted")
    return data


def _array(data: Json, where: str) -> list[Json]:
    if not isinstance(data, list):
        raise CodecError(f"{where}: an array is wanted, not {data!r}")
    return data


def _items(value: Value) -> tuple[Value, ...]:
    assert isinstance(value, tuple)
    return value
