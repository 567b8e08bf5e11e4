"""Documents to typed values, and back.

What a field means is said by the program: its type, its `at` paths and its default; nothing here
knows an API. Reading is lenient where Kubernetes is (absent and null are the default, amounts may
be numbers or texts) and strict otherwise: what does not fit is a `Misread` with its place.

A document read as a kind is an object by value, a `Rec` with the kind's name, unless the reader
of references says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never, final

from kspec.analysis.typed import AtPath, TFieldDecl
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    NothingT,
    ObjectT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TemporalT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base import codes
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.documents import paths, scalars
from kspec.pure.documents.paths import Every, Path, Spot
from kspec.pure.documents.scalars import Dangling, Misread
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.values.cast import as_map
from kspec.pure.values.value import Doc, FrozenMap, Missing, Rec, Value
from kspec.pure.values.world import Context, EvaluationError


@final
@frozen
class Reader:
    """How documents are read: defaults and functions are evaluated in `context`; `reference`
    reads what stands for an object of a kind (None: of any kind); `dangled` is told of references
    that were read as nothing; `read` of every record, with where it stands."""

    context: Context
    reference: Callable[[Spot, str | None, Reader], Value]
    dangled: Callable[[Dangling], None] = lambda gone: None
    read: Callable[[Rec, Spot], None] = lambda record, spot: None


# ---- from expressions --------------------------------------------------------------------------


def decoded(value: Value, type_: Type, context: Context, span: Span) -> Value:
    """What `TDecode` means: a document as a value of a type. Raises `EvaluationError`."""
    if not isinstance(value, Doc):
        return value
    try:
        return decode(Spot(value.data), type_, Reader(context, by_value))
    except Misread as wrong:
        raise EvaluationError(str(wrong), span) from wrong


def by_value(spot: Spot, kind: str | None, reader: Reader) -> Value:
    """A text is the name of a live object; an object of the document is one by itself."""
    name = paths.scalar(spot.tree)
    if isinstance(name, str) and kind is not None:
        found = pure.bearer(kind, name, reader.context)
        if found is None:
            raise Misread(spot, f"no `{kind}` is called `{name}`", code=codes.UNKNOWN_NAME)
        return found
    if kind is None or paths.members(spot) is None:
        raise Misread(spot, f"this is no {kind or 'object'}")
    declared = reader.context.tables.kinds[kind].fields
    return Rec(kind, tuple(read_field(spot, field, reader, own=True) for field in declared))


def member(value: Value, key: Value) -> Value:
    """A document's member, or item; an empty document if it has none."""
    if not isinstance(value, Doc):
        return Doc(None)
    spot = Spot(value.data)
    if isinstance(key, int):
        listed = paths.items(spot) or ()
        return Doc(listed[key].tree if 0 <= key < len(listed) else None)
    name = paths.word(key.data) if isinstance(key, Doc) else str(key)
    found = (paths.members(spot) or {}).get(name or "")
    return Doc(None if found is None else found.tree)


def given(value: Value) -> bool:
    """Is there a document, and is it not null?"""
    return isinstance(value, Doc) and not paths.is_null(value.data)


def items(value: Doc) -> tuple[Value, ...]:
    """The items of a document that is a list."""
    return tuple(Doc(item.tree) for item in paths.items(Spot(value.data)) or ())


# ---- by type -----------------------------------------------------------------------------------


def decode(spot: Spot, type_: Type, reader: Reader) -> Value:
    """The tree as a value of the type; raises `Misread`."""
    if paths.is_null(spot.tree) and not isinstance(type_, JsonT | RecordT):
        return _nothing(spot, type_)
    match type_:
        case OptT(of):
            return _optional(spot, of, reader)
        case BoolT():
            return scalars.read_bool(spot)
        case IntT():
            return scalars.read_int(spot)
        case RationalT():
            return scalars.read_rational(spot)
        case UnitT(unit):
            return scalars.read_amount(spot, unit)
        case TimerT():
            return scalars.read_amount(spot, "duration")
        case NameT() | KeyT():
            return scalars.read_name(spot)
        case EnumT():
            return scalars.read_case(spot, type_)
        case KindT(kind, _):
            return reader.reference(spot, kind, reader)
        case ObjectT():
            return reader.reference(spot, None, reader)
        case RecordT(name):
            return _record(spot, name, reader)
        case SetT(of):
            return frozenset(decode(item, of, reader) for item in _items(spot))
        case ListT(of, _):
            return tuple(decode(item, of, reader) for item in _items(spot))
        case TupleT(parts):
            return _tuple(spot, parts, reader)
        case MapT():
            return _map(spot, type_, reader)
        case JsonT():
            return Doc(paths.plain(spot.tree))
        case NothingT() | TemporalT():
            raise Misread(spot, "nothing can be read here")
        case _:
            assert_never(type_)


def _optional(spot: Spot, of: Type, reader: Reader) -> Value:
    try:
        return decode(spot, of, reader)
    except Dangling as gone:
        reader.dangled(gone)
        return None


def _nothing(spot: Spot, type_: Type) -> Value:
    found = absent(type_)
    if isinstance(found, Missing):
        raise Misread(spot, f"{_wanted(type_)} is missing", code=codes.MISSING_FIELD)
    return found


def absent(type_: Type) -> Value | Missing:
    """What an absent value of the type is, where its type alone says so."""
    match type_:
        case OptT() | TimerT():
            return None
        case BoolT():
            return False
        case SetT():
            return frozenset()
        case ListT():
            return ()
        case MapT(_, _, False):
            return FrozenMap({})
        case _:
            return Missing.MISSING


def _wanted(type_: Type) -> str:
    match type_:
        case IntT():
            return "a whole number"
        case UnitT(unit):
            return f"an amount ({unit})"
        case EnumT(name, _):
            return f"one of the cases of `{name}`"
        case KindT(name, _):
            return f"a reference to a `{name}`"
        case NameT() | KeyT():
            return "a text"
        case _:
            return "a value"


def _items(spot: Spot) -> tuple[Spot, ...]:
    listed = paths.items(spot)
    if listed is None:
        raise scalars.unfit(spot, "a list")
    return listed


def _tuple(spot: Spot, parts: tuple[Type, ...], reader: Reader) -> Value:
    listed = _items(spot)
    if len(listed) != len(parts):
        raise Misread(spot, f"{len(parts)} items are wanted, and here are {len(listed)}")
    return tuple(decode(item, part, reader) for item, part in zip(listed, parts, strict=True))


def _map(spot: Spot, type_: MapT, reader: Reader) -> FrozenMap:
    found = paths.members(spot)
    if found is None:
        raise scalars.unfit(spot, "an object of keys and values")
    entries = {
        decode(Spot(key, value.where), type_.key, reader): decode(value, type_.value, reader)
        for key, value in found.items()
        if not paths.is_null(value.tree)
    }
    if not type_.total:
        return FrozenMap(entries)
    return FrozenMap(entries, finite.least(type_.value, reader.context))


def _record(spot: Spot, name: str, reader: Reader) -> Rec:
    if paths.members(spot) is None and not paths.is_null(spot.tree):
        raise scalars.unfit(spot, f"an object (`{name}`)")
    declared = reader.context.tables.records[name].fields
    record = Rec(name, tuple(read_field(spot, field, reader, own=True) for field in declared))
    reader.read(record, spot)
    return record


# ---- by field ----------------------------------------------------------------------------------


def read_field(document: Spot, field: TFieldDecl, reader: Reader, own: bool) -> Value:
    """A field of a record or kind. Without an `at` path it is read by its own name if `own`, else
    it is not in documents and has its default."""
    at = field.at or (AtPath((f'"{field.name}"',), "value", "") if own else None)
    if at is None:
        return default(document, field, reader)
    match at.read:
        case "exists":
            return any(_found(document, at))
        case "is":
            found = tuple(_found(document, at))
            if not found and field.default is not None:
                return default(document, field, reader)
            return any(paths.word(spot.tree) == at.word for spot in found)
        case "by":
            return _by(document, field, at, reader)
        case _:
            return _value(document, field, at, reader)


def steps(text: str, document: Spot) -> Path:
    """A path's steps; a text that is no path is a `Misread` of the whole document."""
    path = paths.parse_path(text)
    if path is None:
        raise Misread(document, f"`{text}` is no path")
    return path


def _found(document: Spot, at: AtPath) -> tuple[Spot, ...]:
    """What stands at the paths, of all of them together."""
    every = (paths.follow(document, steps(text, document)) for text in at.paths)
    return tuple(spot for found in every for spot in found)


def default(document: Spot, field: TFieldDecl, reader: Reader) -> Value:
    """What a field is where the document says nothing."""
    if field.default is not None:
        return pure.stored(field.default, field.type, reader.context)
    found = absent(field.type)
    if not isinstance(found, Missing):
        return found
    if isinstance(field.type, RecordT):
        return decode(Spot(None, document.where), field.type, reader)
    where = f" (at `{field.at.paths[0]}`)" if field.at else ""
    message = f"`{field.name}`{where} is missing and has no default"
    raise Misread(document, message, code=codes.MISSING_FIELD)


def _value(document: Spot, field: TFieldDecl, at: AtPath, reader: Reader) -> Value:
    of = field.type.of if isinstance(field.type, OptT) else field.type
    for text in at.paths:
        path = steps(text, document)
        found = tuple(paths.follow(document, path))
        if isinstance(of, EnumT):
            # Kubernetes writes an unset word as "".
            found = tuple(spot for spot in found if paths.scalar(spot.tree) != "")
        if found:
            return _one_or_all(found, path, field, of, reader)
    return default(document, field, reader)


def _one_or_all(
    found: tuple[Spot, ...], path: Path, field: TFieldDecl, of: Type, reader: Reader
) -> Value:
    if Every() in path and isinstance(of, SetT | ListT):
        values = tuple(decode(spot, of.of, reader) for spot in found)
        return frozenset(values) if isinstance(of, SetT) else values
    if len(found) > 1:
        raise Misread(found[1], f"`{field.name}` is one value, and here is a second one")
    value = decode(found[0], field.type, reader)
    if isinstance(of, MapT) and of.total and field.default is not None:
        base = as_map(pure.stored(field.default, of, reader.context))
        return base.put(as_map(value))
    return value


def _by(document: Spot, field: TFieldDecl, at: AtPath, reader: Reader) -> Value:
    """The function of what stands at the paths, one argument each: all of it as a list where the
    path says `[*]`, else the first there is, or null."""
    function = reader.context.tables.functions[at.word]
    if len(function.parameters) != len(at.paths):
        raise Misread(document, f"`{at.word}` takes other than {len(at.paths)} values")
    names: dict[str, Value] = {}
    for text, (name, type_) in zip(at.paths, function.parameters, strict=True):
        path = steps(text, document)
        found = [paths.plain(spot.tree) for spot in paths.follow(document, path)]
        tree = found if Every() in path else (found[0] if found else None)
        names[name] = decode(Spot(tree, document.where), type_, reader)
    result = pure.evaluate(function.body, reader.context.with_locals(names))
    if isinstance(result, Doc):
        return decode(Spot(result.data, document.where), field.type, reader)
    return result
