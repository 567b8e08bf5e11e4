"""What is claimed: properties, laws, and the vectors that a model is held against.

Next: `data`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.syntax.ast.behaviour import Pattern
    from kspec.syntax.ast.expressions import Expr
    from kspec.syntax.ast.statements import Stmt
    from kspec.syntax.ast.types import Ident


@final
@frozen(eq=False, repr=False)
class TemporalClaim(Node):
    """A formula; `always` in front of a state formula makes an invariant."""

    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class OnStep(Node):
    """`on c.a(x) where g: e`"""

    pattern: Pattern
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class ReachableClaim(Node):
    """`reachable e`"""

    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class DeadlockClaim(Node):
    """`no deadlock`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class SettlesClaim(Node):
    """`settles K.f, …` or `oscillates …`; dotted names, all API fields if none."""

    negated: bool
    paths: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ValuesClaim(Node):
    """`10 values of e where c`"""

    count: int
    body: Expr
    where: Expr | None
    span: Span


Claim: TypeAlias = (
    TemporalClaim | OnStep | ReachableClaim | DeadlockClaim | SettlesClaim | ValuesClaim
)


@final
@frozen(eq=False, repr=False)
class PropertyDecl(Node):
    """`property p "sentence": claim`; `invariant p: e` is `property p: always e`, and `lemma p: e`
    is that, for proofs."""

    name: Ident
    sentence: str | None
    claim: Claim
    span: Span
    lemma: bool = False


@final
@frozen(eq=False, repr=False)
class LawDecl(Node):
    """`law l: e`, or `belief l: e` where a refutation is expected."""

    name: Ident
    belief: bool
    sentence: str | None
    body: Expr
    induction: Ident | None
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorLayout(Node):
    """`cases at P kind at P input at P expected at P`"""

    cases: Ident
    kind: Ident
    input: Ident
    expected: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorWorld(Node):
    """`world K(i) { … }`"""

    kinds: tuple[Ident, ...]
    input: Ident
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorCase(Node):
    """`case K(i, o) where g: e`"""

    kinds: tuple[Ident, ...]
    input: Ident
    expected: Ident
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorSkip(Node):
    """`skip K where g because "…"`"""

    kind: Ident
    where: Expr | None
    why: str
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorsDecl(Node):
    """`vectors "file.json" (file) { … }`"""

    path: str
    file: Ident | None
    items: tuple[VectorLayout | VectorWorld | VectorCase | VectorSkip, ...]
    span: Span
