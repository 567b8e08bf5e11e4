"""What declares data and how it is computed with: enums, records, kinds, parameters, functions.

Next: `behaviour`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.expressions import TExpr


@final
@frozen(eq=False, repr=False)
class AtPath(Node):
    """Where a field stands in a document: path texts as written, and how it is read there.

    `read` is "value", "exists", "is" (equal to `word`) or "by" (the function `word`).
    """

    paths: tuple[str, ...]
    read: str
    word: str


@final
@frozen(eq=False, repr=False)
class TFieldDecl(Node):
    """A field. `default` is None where it must be given.

    `role` is api (an `at` path, or written by nobody else's business), local, ghost; `const`:
    never written; `fixed`: written at birth only; `heartbeat`: not observed by `settles`.
    """

    name: str
    type: Type
    default: TExpr | None
    at: AtPath | None
    role: str
    const: bool
    fixed: bool
    heartbeat: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class TRecordDecl(Node):
    """A record's fields, in order, and what makes it valid (the field names are in scope)."""

    name: str
    fields: tuple[TFieldDecl, ...]
    valid: tuple[TExpr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class LedgerLine(Node):
    """A path of a document that the kind approximates or ignores, and why."""

    approximates: bool
    path: str
    why: str


@final
@frozen(eq=False, repr=False)
class TKindDecl(Node):
    """A kind with the members of its mixins and extensions.

    `versions` are pairs of apiVersion and the API's name of the kind. In `valid`, `self` is the
    object. `key` are field names, empty if the kind has none.
    """

    name: str
    const: bool
    versions: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    fields: tuple[TFieldDecl, ...]
    valid: tuple[TExpr, ...]
    ledger: tuple[LedgerLine, ...]
    module: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TParamDecl(Node):
    """A parameter of the model, by full name."""

    name: str
    type: Type
    default: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TUniverseDecl(Node):
    """A named finite set."""

    name: str
    type: Type
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TFn(Node):
    """A total function, by full name; `owner` is the controller or environment it lives in."""

    name: str
    owner: str | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class EnumDecl(Node):
    """An enumeration."""

    name: str
    cases: tuple[str, ...]
    span: Span
