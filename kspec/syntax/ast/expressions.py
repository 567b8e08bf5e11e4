"""Expressions as written, and what binds names in them; `Expr` is all of them.

Next: `statements`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.statements import Stmt
    from kspec.syntax.ast.types import Ident, TypeNode


@final
@frozen(eq=False, repr=False)
class Name(Node):
    """A name used as an expression."""

    name: str
    span: Span


@final
@frozen(eq=False, repr=False)
class IntLit(Node):
    """`12`"""

    value: int
    span: Span


@final
@frozen(eq=False, repr=False)
class QuantityLit(Node):
    """`500m`, `2Gi`, `300s`, `25%`, `0.5`: number and suffix as written."""

    text: str
    span: Span


@final
@frozen(eq=False, repr=False)
class StringLit(Node):
    """`"db-{i}"`: text alternating with expressions; escapes are resolved."""

    parts: tuple[str | Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class NoneLit(Node):
    """`none`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class TimerIn(Node):
    """`in d`: a timer set to a duration."""

    duration: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class BraceEntry(Node):
    """`value`, or `key: value`."""

    key: Expr | None
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Braces(Node):
    """`{…}`: a set, a map or a record's fields; which one is decided by types."""

    entries: tuple[BraceEntry, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ListLit(Node):
    """`[a, b]`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TupleLit(Node):
    """`(a, b)`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class FieldOf(Node):
    """`e.f`"""

    arg: Expr
    name: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class IndexOf(Node):
    """`e[i]`"""

    arg: Expr
    index: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Arg(Node):
    """An argument: `e`, or `n: e`; `optional` where the value is a type with `?` behind it."""

    name: Ident | None
    value: Expr
    span: Span
    optional: bool = False


@final
@frozen(eq=False, repr=False)
class Call(Node):
    """`f(…)`, a record `R(f: e)`, or an aggregate `count(p: Pod where g | e)`.

    Only aggregates may have `where` and `body`. An aggregate's binder is an `Arg` with a name and
    a value that is a `Name` (a type) or an `InRange`-like `Range`, or an unnamed `Compare` with
    operator `in` whose left side is a `Name`.
    """

    function: Expr
    args: tuple[Arg, ...]
    where: Expr | None
    body: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Unary(Node):
    """`not`, `-`, `always`, `eventually`, `exists`, `missing`."""

    op: str
    arg: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Binary(Node):
    """Operators by their own spelling.

    `and or implies until "leads to" == != < <= > >= is "is not" in "not in" starts ends contains
    "subset of" "or else" + - * / div mod ++ union minus inter`
    """

    op: str
    left: Expr
    right: Expr
    op_span: Span
    span: Span


@final
@frozen(eq=False, repr=False)
class InRange(Node):
    """`e in lo..hi`"""

    arg: Expr
    lo: Expr
    hi: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WithExpr(Node):
    """`e with {…}`"""

    arg: Expr
    changes: Braces
    span: Span


@final
@frozen(eq=False, repr=False)
class Binders(Node):
    """What a quantifier ranges over: each binder, then the condition."""

    binders: tuple[Binder, ...]
    where: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TypedBinder(Node):
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class DrawnBinder(Node):
    """`x in e`, or `x in lo..hi` where `hi` is not None."""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


Binder: TypeAlias = TypedBinder | DrawnBinder


@final
@frozen(eq=False, repr=False)
class Quantifier(Node):
    """`all some no one the first those map`, with what follows the bar, if anything."""

    kind: str
    binders: Binders
    body: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class SortBy(Node):
    """`sort q in xs by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class ChooseLeast(Node):
    """`choose q in xs least by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class FoldExpr(Node):
    """`fold q in xs from a0 as a | e`"""

    elem: Ident
    source: Expr
    init: Expr
    acc: Ident
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class LetExpr(Node):
    """`let x = e; body`"""

    name: Ident
    value: Expr
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class IfExpr(Node):
    """`if c then a else b`"""

    cond: Expr
    then: Expr
    other: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WhileStays(Node):
    """`while e stays, f`"""

    body: Expr
    then: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class After(Node):
    """`(e after s, …)`"""

    arg: Expr
    changes: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class MatchCase(Node):
    """`pattern -> e`; the pattern is an expression read as a pattern: a literal, an enum case,
    a template, a list of patterns, a name that binds, or `_`."""

    pattern: Expr
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Match(Node):
    """`match e { … }`"""

    arg: Expr
    cases: tuple[MatchCase, ...]
    span: Span


Expr: TypeAlias = (
    Name
    | IntLit
    | QuantityLit
    | StringLit
    | NoneLit
    | TimerIn
    | Braces
    | ListLit
    | TupleLit
    | FieldOf
    | IndexOf
    | Call
    | Unary
    | Binary
    | InRange
    | WithExpr
    | Quantifier
    | SortBy
    | ChooseLeast
    | FoldExpr
    | LetExpr
    | IfExpr
    | WhileStays
    | After
    | Match
)
