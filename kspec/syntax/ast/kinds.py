"""What declares data and how it is computed with: imports, enums, records, kinds, parameters,
functions, effects. Next: `behaviour`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.expressions import Expr
    from kspec.syntax.ast.statements import Stmt
    from kspec.syntax.ast.types import Ident, TypeNode


@final
@frozen(eq=False, repr=False)
class Import(Node):
    """`import a.b, c`: dotted paths."""

    paths: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class EnumDecl(Node):
    """`enum E { A, B }`"""

    name: Ident
    cases: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class AliasDecl(Node):
    """`type T = …`"""

    name: Ident
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class At(Node):
    """Where a field is read from in a manifest.

    `paths` as written; `read` is None, "exists", "is" or "by"; `word` the case or function.
    """

    paths: tuple[Ident, ...]
    read: str | None
    word: Ident | None
    span: Span


@final
@frozen(eq=False, repr=False)
class FieldDecl(Node):
    """`const f: T = e at path`; flags among const, local, fixed, ghost, heartbeat."""

    flags: tuple[str, ...]
    name: Ident
    type: TypeNode
    default: Expr | None
    at: At | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Valid(Node):
    """`valid e`"""

    cond: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Ledger(Node):
    """`approximates PATH "…"` or `ignores PATH "…"`."""

    word: str
    path: Ident
    why: str
    span: Span


Member: TypeAlias = FieldDecl | Valid | Ledger


@final
@frozen(eq=False, repr=False)
class RecordDecl(Node):
    """`record R { … }`"""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class MixinDecl(Node):
    """`mixin M is N { … }`"""

    name: Ident
    bases: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ApiVersion(Node):
    """`apps/v1`, `v1/PersistentVolumeClaim`, perhaps `named` after another kind."""

    text: str
    named: Ident | None
    span: Span


@final
@frozen(eq=False, repr=False)
class KindDecl(Node):
    """`kind K is M from apps/v1 key name { … }`"""

    const: bool
    name: Ident
    bases: tuple[Ident, ...]
    versions: tuple[ApiVersion, ...]
    key: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ExtendDecl(Node):
    """`extend K { … }`: more members for a kind, record or mixin of another module."""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ParamDecl(Node):
    """`param p: T = e`"""

    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class UniverseDecl(Node):
    """`universe U: set of T = e`"""

    name: Ident
    type: TypeNode
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class TypedParameter(Node):
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class DrawnParameter(Node):
    """`x in e`"""

    name: Ident
    source: Expr
    span: Span


Parameter: TypeAlias = TypedParameter | DrawnParameter


@final
@frozen(eq=False, repr=False)
class FnDecl(Node):
    """`fn f(x: T): U = e`; no parentheses for none."""

    name: Ident
    parameters: tuple[Parameter, ...]
    result: TypeNode | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class EffectDecl(Node):
    """`effect f(x: T) { … }`"""

    name: Ident
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    span: Span
