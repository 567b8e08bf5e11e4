"""Statements: what is written where, and how its object is found. Next: `data`."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.binders import TBinder
    from kspec.analysis.typed.expressions import TExpr


class Address(enum.Enum):
    """How a write finds its object (rule 19). `DIRECT`: the object itself, known to be live (a
    parameter read live, or an object of a kind the component does not watch)."""

    DIRECT = "direct"
    BY_NAME = "by name"
    BY_UID = "by uid"
    UNCHANGED = "if unchanged"


@final
@frozen(eq=False, repr=False)
class TIndexStep(Node):
    """`[e]` of a map."""

    key: TExpr


@final
@frozen(eq=False, repr=False)
class TFieldStep(Node):
    """`.f` of a record."""

    name: str


TStep: TypeAlias = TIndexStep | TFieldStep


@final
@frozen(eq=False, repr=False)
class TFieldPlace(Node):
    """A field of an object, and perhaps a place inside its value."""

    target: TExpr
    kind: str
    name: str
    path: tuple[TStep, ...]


@final
@frozen(eq=False, repr=False)
class TStatePlace(Node):
    """A `memory`, `local` or ghost variable (of the current instance), and a place inside."""

    name: str
    path: tuple[TStep, ...]


@final
@frozen(eq=False, repr=False)
class TAssign(Node):
    """The place becomes the value (`+=`, `-=` are written out). `type` is the place's."""

    place: TFieldPlace | TStatePlace
    value: TExpr
    type: Type
    address: Address
    span: Span


@final
@frozen(eq=False, repr=False)
class TNew(Node):
    """An object with the least free identity; every field is given, defaults written out.

    Refused if the kind has a key and a live object bears it. `name` binds the identity for the
    statements after it and for the action's occurrence properties.
    """

    name: str
    kind: str
    fields: tuple[tuple[str, TExpr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TDelete(Node):
    """The object is gone."""

    target: TExpr
    kind: str
    address: Address
    span: Span


@final
@frozen(eq=False, repr=False)
class TIfStmt(Node):
    """One branch or the other."""

    cond: TExpr
    then: tuple[TStmt, ...]
    other: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TForStmt(Node):
    """The body for every binding, all at once, read in the state before."""

    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TChoose(Node):
    """A free choice; the action has no instance where nothing can be chosen."""

    binders: tuple[TBinder, ...]
    where: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TRequire(Node):
    """The write of this block is refused unless."""

    cond: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TBind(Node):
    """A name for a value read in the state before: an effect's argument."""

    name: str
    value: TExpr
    span: Span


TStmt: TypeAlias = TAssign | TNew | TDelete | TIfStmt | TForStmt | TChoose | TRequire | TBind
