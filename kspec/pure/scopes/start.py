"""The fields of objects that a cluster names: data to values, or to several where it says `any`.

All names are known from the roster, so a reference may point to any object of the start. Mistakes
are raised as `Wrong`, one a field; `elaborate` collects them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, product
from typing import Final, assert_never, final

from kspec.analysis.typed import (
    DAny,
    DataValue,
    DItems,
    DParts,
    DValue,
    TFieldDecl,
    TKindDecl,
    TObject,
    TObjectDecl,
)
from kspec.analysis.types import (
    BoolT,
    IntT,
    KindT,
    ListT,
    MapT,
    NameT,
    OptT,
    RecordT,
    SetT,
    Type,
)
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, did_you_mean
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.base.suggest import suggest
from kspec.pure.documents import decode
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.scopes.roster import Roster
from kspec.pure.scopes.scope import Initial, OneOf
from kspec.pure.values.cast import as_set
from kspec.pure.values.order import in_order
from kspec.pure.values.value import FrozenMap, Missing, Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError, Fixed, World

MAX_VALUES: Final = 4096
"""How many initial values one field may have."""


class Wrong(Exception):
    """A mistake in what starts; carries the diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def wrong(code: codes.Code, message: str, span: Span, label: str = "", *more: Label) -> Wrong:
    """A mistake with one main place."""
    return Wrong(Diagnostic(code, message, Label(span, label), more))


@final
@frozen
class Book:
    """What field values are read with: who there is, and the context of defaults."""

    roster: Roster
    context: Context


def skeleton(roster: Roster) -> World:
    """The world of everyone in the roster, without fields: enough for who there is."""
    world = World()
    for entry in roster.everyone():
        world = world.with_fields(entry.obj, Fixed())
    return world


# ---- fields ------------------------------------------------------------------------------------


def declared_field(decl: TObjectDecl, name: str, field: TFieldDecl, book: Book) -> Initial:
    """A field of the object called `name`: as given, else its name for a key, else the default."""
    given = dict(decl.fields).get(field.name)
    if given is not None:
        found = alternatives(given, field.type, _base(field, book), book)
        for value in found:
            check_range(value, field, span_of(given), book.context)
        return found[0] if len(found) == 1 else OneOf(found)
    if is_name(book.context.tables.kinds[decl.kind], field):
        return name
    return default(field, decl.span, book)


def is_name(kind: TKindDecl, field: TFieldDecl) -> bool:
    """Is this the field that an object's name goes to: the last of a key, if it holds names?"""
    return kind.key[-1:] == (field.name,) and field.type in (NameT(), OptT(NameT()))


def default(field: TFieldDecl, span: Span, book: Book) -> Value:
    """A field's default; a mistake where it must be given."""
    if field.default is not None:
        return pure.stored(field.default, field.type, book.context)
    found = decode.absent(field.type)
    if isinstance(found, Missing):
        where = Label(field.span, "declared without a default")
        help_ = f"write `{field.name}: …` here, or give a default where it is declared"
        message, label = f"`{field.name}` is not given", Label(span, "missing here")
        raise Wrong(Diagnostic(codes.MISSING_FIELD, message, label, (where,), help=(help_,)))
    return found


def check_range(value: Value, field: TFieldDecl, span: Span, context: Context) -> None:
    """A stored value must be in the range of its place."""
    if not finite.in_range(value, field.type, context):
        where = Label(field.span, f"`{field.name}` is declared here")
        shown = show_value(value, field.type)
        message, label = f"`{field.name}` cannot be {shown}", out_of(field.type, context)
        raise wrong(codes.OUT_OF_RANGE, message, span, label, where)


def out_of(type_: Type, context: Context) -> str:
    """What is said of a value that is not in the range of its type."""
    inner = type_.of if isinstance(type_, OptT) else type_
    found = finite.bounds(inner, context) if isinstance(inner, IntT) else None
    return "out of range" if found is None else f"not in {found[0]}..{found[1]}"


def show_value(value: Value, type_: Type) -> str:
    """A value in a message; compound values by their type."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return f"this: a part of it is out of range ({show_type(type_)})"


def span_of(given: DataValue) -> Span:
    """Where data is written."""
    return given.value.span if isinstance(given, DValue) else given.span


def _base(field: TFieldDecl, book: Book) -> Value:
    """What a total map is where it is not given."""
    if isinstance(field.type, MapT) and field.default is not None:
        return pure.stored(field.default, field.type, book.context)
    return None


# ---- data --------------------------------------------------------------------------------------


def alternatives(given: DataValue, type_: Type, base: Value, book: Book) -> tuple[Value, ...]:
    """Every value that the data may stand for, the first written first, each once."""
    match given:
        case DValue(TObject() as reference):
            return (refer(reference, book),)
        case DValue(value):
            assert not isinstance(value, TObject)
            return (pure.stored(value, type_, book.context),)
        case DAny():
            return _any(given, book)
        case DItems(items, inner, span):
            return _items(items, inner, span, book)
        case DParts(parts, inner, span):
            if isinstance(inner, MapT):
                return _map(parts, inner, base, span, book)
            return _record(parts, inner, span, book)
        case _:
            assert_never(given)


def _any(given: DAny, book: Book) -> tuple[Value, ...]:
    of = given.type.of if isinstance(given.type, OptT) else given.type
    try:
        if given.of is None:
            values = list(islice(finite.values(given.type, book.context), MAX_VALUES + 1))
        else:
            chosen = as_set(pure.evaluate(given.of, book.context))
            values = in_order(chosen, of, book.context.tables)
    except EvaluationError as error:
        raise _endless(error.message, given.span) from error
    if not values:
        raise wrong(codes.INFINITE_CHOICE, "there is nothing to choose from", given.span, "none")
    return _few(values, given.span)


def _endless(message: str, span: Span) -> Wrong:
    help_ = "say among which: `any of [a, b]`, `any of 0..3`"
    label = Label(span, "any of what?")
    return Wrong(Diagnostic(codes.INFINITE_CHOICE, message, label, help=(help_,)))


def _few(values: list[Value], span: Span) -> tuple[Value, ...]:
    if len(values) > MAX_VALUES:
        message = f"more than {MAX_VALUES} initial values for one field"
        help_ = "choose among fewer: `any of [a, b]`; or let a step make the choice"
        label = Label(span, "too many")
        raise Wrong(Diagnostic(codes.TOO_MANY_STARTS, message, label, help=(help_,)))
    return tuple(dict.fromkeys(values))


def _combined(
    columns: list[tuple[Value, ...]], make: Callable[[tuple[Value, ...]], Value], span: Span
) -> tuple[Value, ...]:
    rows = islice(product(*columns), MAX_VALUES + 1)
    return _few([make(row) for row in rows], span)


def _items(items: tuple[DataValue, ...], type_: Type, span: Span, book: Book) -> tuple[Value, ...]:
    assert isinstance(type_, SetT | ListT)
    columns = [alternatives(item, type_.of, None, book) for item in items]
    return _combined(columns, frozenset if isinstance(type_, SetT) else tuple, span)


def _record(
    parts: tuple[tuple[str, DataValue], ...], type_: Type, span: Span, book: Book
) -> tuple[Value, ...]:
    assert isinstance(type_, RecordT)
    name = type_.name
    given = dict(parts)
    columns: list[tuple[Value, ...]] = []
    for field in book.context.tables.records[name].fields:
        base = _base(field, book)
        part = given.get(field.name)
        found = alternatives(part, field.type, base, book) if part else None
        columns.append(found or (default(field, span, book),))
    return _combined(columns, lambda row: Rec(name, row), span)


def _map(
    parts: tuple[tuple[str, DataValue], ...], type_: MapT, base: Value, span: Span, book: Book
) -> tuple[Value, ...]:
    keys = [_key(text, type_.key, span, book) for text, _ in parts]
    columns = [alternatives(part, type_.value, None, book) for _, part in parts]
    under = base if isinstance(base, FrozenMap) else _empty(type_, book)
    return _combined(columns, lambda row: under.put(dict(zip(keys, row, strict=True))), span)


def _empty(type_: MapT, book: Book) -> FrozenMap:
    found = finite.least(type_, book.context)
    assert isinstance(found, FrozenMap)
    return found


def _key(text: str, type_: Type, span: Span, book: Book) -> Value:
    match type_:
        case IntT() if text.removeprefix("-").isdigit():
            return int(text)
        case BoolT() if text in ("true", "false"):
            return text == "true"
        case KindT(kind, _):
            return refer(TObject(kind, text, type_, span), book)
        case IntT() | BoolT():
            message = f"`{text}` is no key of this map: {show_type(type_)} is wanted"
            raise wrong(codes.TYPE_MISMATCH, message, span, "in this")
        case _:
            return text


def refer(reference: TObject, book: Book) -> Obj:
    """The object that a name means."""
    kinds = (reference.kind,) if reference.kind else tuple(book.context.tables.kinds)
    found = [e for kind in kinds for e in book.roster.named(kind, reference.name)]
    what = reference.kind or "object"
    if not found:
        known = {entry.name for kind in kinds for entry in book.roster.of(kind)}
        near = suggest(reference.name, known)
        raise Wrong(
            Diagnostic(
                codes.UNKNOWN_NAME,
                f"no {what} is called `{reference.name}` at the start",
                Label(reference.span, "nobody is called so"),
                help=did_you_mean(near, reference.span),
            )
        )
    if len(found) > 1:
        others = (Label(entry.span, f"a `{entry.obj.kind}`") for entry in found)
        raise wrong(
            codes.AMBIGUOUS_NAME,
            f"several objects are called `{reference.name}`",
            reference.span,
            "which one?",
            *others,
        )
    return found[0].obj
