"""What goes through objects, values and collections: binders, comprehensions, folds.

Next: `patterns`.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.expressions import TExpr


@final
@frozen(eq=False, repr=False)
class OverKind(Node):
    """The live objects of a kind in the current world."""

    kind: str


@final
@frozen(eq=False, repr=False)
class OverType(Node):
    """Every value of a finite type: bool, enum, range, option or tuple of these, `name` (the
    scope's names), a dead-or-alive identity never."""

    type: Type


@final
@frozen(eq=False, repr=False)
class OverRange(Node):
    """`lo..hi`, both included; empty if lo > hi."""

    lo: TExpr
    hi: TExpr


@final
@frozen(eq=False, repr=False)
class OverSet(Node):
    """The elements of a set."""

    arg: TExpr


@final
@frozen(eq=False, repr=False)
class OverList(Node):
    """The elements of a list, in order."""

    arg: TExpr


@final
@frozen(eq=False, repr=False)
class OverOption(Node):
    """The content of an option, if any."""

    arg: TExpr


Over: TypeAlias = OverKind | OverType | OverRange | OverSet | OverList | OverOption


@final
@frozen(eq=False, repr=False)
class TBinder(Node):
    """A name and what it ranges over; later binders see earlier ones."""

    name: str
    type: Type
    over: Over
    span: Span


class Comp(enum.Enum):
    """What a comprehension does with the bindings that satisfy its condition."""

    ALL = "all"  # body true of every one
    SOME = "some"
    NO = "no"
    ONE = "one"  # body true of exactly one
    COUNT = "count"
    SUM = "sum"  # of body; 0 of the body's unit if none
    PRODUCT = "product"
    MIN = "min"  # of body: an option
    MAX = "max"
    UNION = "union"  # of bodies that are sets
    THE = "the"  # the only binding, as an option; nothing if none or several
    FIRST = "first"  # of a list, as an option
    SET = "set"  # of bodies
    LIST = "list"  # of bodies, in the order of the list ranged over
    MAP = "map"  # from each value of a finite type or kind to body: total over a type or kind
    SORT = "sort"  # the elements, least key first, as a list
    LEAST = "least"  # the element with the least key, as an option


@final
@frozen(eq=False, repr=False)
class TComp(Node):
    """A comprehension over bindings. `body` is the binder's variable where none was written;
    `key` only for SORT and LEAST (a tuple or a scalar)."""

    kind: Comp
    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: TExpr
    key: TExpr | None
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TFold(Node):
    """`fold elem in list from init as acc | body`"""

    elem: str
    source: TExpr
    init: TExpr
    acc: str
    body: TExpr
    type: Type
    span: Span
