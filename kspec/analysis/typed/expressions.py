"""Expressions, but for what binds names (`binders`) and what leaves the world where it stands
(`worlds`); `TExpr` is all of them, and comes last.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias, final

from kspec.analysis.typed.binders import TComp, TFold
from kspec.analysis.typed.worlds import TAfter, TBefore, TLive, TLives, TSeen, TTemporal, TTimer
from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.patterns import Pattern


@final
@frozen(eq=False, repr=False)
class TLit(Node):
    """A literal. bool, int, Fraction (rationals and units, in the base unit), str (names and
    enum cases), or None for `none`. The literal of a timer is "off"."""

    value: bool | int | Fraction | str | None
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TVar(Node):
    """A bound name: parameter, binder, `let`, `fold` accumulator, controller instance."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TParam(Node):
    """A `param`, by its full name (`expectations`, or `eviction.threshold` in a component)."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TUniverse(Node):
    """A declared `universe`, by name: a set."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TField(Node):
    """A field of a *live* object or of a record."""

    arg: TExpr
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TRefField(Node):
    """A field through a stored reference (`KindT` not live, `KeyT`): nothing if it is dead.

    The type is an option of the field's type (a field that is itself an option is not nested).
    """

    arg: TExpr
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TState(Node):
    """A component's `memory` or `local` variable, or a ghost, by full name (`node_lifecycle.due`).

    In a component with instances it is the variable of the current instance.
    """

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TGet(Node):
    """A map at a key: the value for a total map, an option for a partial one (not nested)."""

    arg: TExpr
    key: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TAt(Node):
    """A list at a place from 0: an option."""

    arg: TExpr
    index: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TPart(Node):
    """A component of a tuple."""

    arg: TExpr
    index: int
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLookup(Node):
    """`K[n]`: the live object of the kind whose key is these values, as an option; nothing if
    several have it."""

    kind: str
    keys: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TCall(Node):
    """A user's function, by full name. It reads the world of its caller."""

    function: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TPrim(Node):
    """A built-in operation.

    Logic (bool): `not` `and` `or` `implies` (n-ary `and`/`or`).
    Comparison: `==` of two values of one type (identities by identity; sets, maps, records by
    value; an option equals an option), `<` `<=` of ints, rationals, units, tuples of these (bool
    as false < true), enums by declaration, names as text.
    Arithmetic on ints, rationals, units: `+` `-` `*` `neg` `abs` `min` `max`; `/` exact (rational);
    `div` `mod` on ints, rounding down, divisor positive; `floor` `ceil` to int; `frac` int to
    rational.
    Sets: `in` (element, set) `subset` `union` `inter` `minus` `size`; lists: `in-list` `++` `len`
    `head` (option) `reverse` `set-of-list`; maps: `keys` (set) `values` (list by key order)
    `has` (key, map).
    Names: `concat` (n-ary, names and ints in decimal) `starts` `ends` `has-text` `lower`
    `strip-end` `strip-start` `split` (list) `replace` `text` (any scalar to a name) `length`
    `decimal` (rational, places).
    Options: `exists` `to-list`. Timers: `off?` `due?` `on?`. Objects: `live?` (is the reference
    alive) `age` (place in the order of creation among live objects of its kind, oldest 0),
    `name-of` (key reference of an object), `kind-is` (object, kind given by `extra`).
    Json: `json-get` (document, key) `json-kind`…: position decides the decoder, see `TDecode`.
    """

    op: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span
    extra: str = ""


@final
@frozen(eq=False, repr=False)
class TSome(Node):
    """A value where an option is wanted."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TOrElse(Node):
    """The content of an option, or the default. With a default that is itself an option: the
    first of the two that exists."""

    arg: TExpr
    default: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTotal(Node):
    """A total map where a partial one is wanted."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TDecode(Node):
    """A document read as a type, field by field through `at` paths (absent: the default)."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TIf(Node):
    """`if cond then a else b`"""

    cond: TExpr
    then: TExpr
    other: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLet(Node):
    """`let x = e; body`"""

    name: str
    value: TExpr
    body: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TRecord(Node):
    """A record; every field is given, defaults written out, in declaration order."""

    fields: tuple[tuple[str, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TWith(Node):
    """A record with fields replaced, or a map with values put at keys (a key is an expression)."""

    arg: TExpr
    fields: tuple[tuple[str, TExpr], ...]
    entries: tuple[tuple[TExpr, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TSet(Node):
    """A set of these values."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TList(Node):
    """A list of these values."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TMap(Node):
    """A partial map of these entries; a later entry wins."""

    entries: tuple[tuple[TExpr, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTuple(Node):
    """A tuple."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TMatch(Node):
    """The body of the first case that matches; the last case matches everything."""

    arg: TExpr
    cases: tuple[tuple[Pattern, TExpr], ...]
    type: Type
    span: Span


TExpr: TypeAlias = (
    TLit
    | TVar
    | TParam
    | TUniverse
    | TField
    | TRefField
    | TState
    | TGet
    | TAt
    | TPart
    | TLookup
    | TCall
    | TPrim
    | TSome
    | TOrElse
    | TTotal
    | TDecode
    | TIf
    | TLet
    | TComp
    | TFold
    | TRecord
    | TWith
    | TSet
    | TList
    | TMap
    | TTuple
    | TMatch
    | TBefore
    | TLive
    | TSeen
    | TAfter
    | TTimer
    | TTemporal
    | TLives
)
