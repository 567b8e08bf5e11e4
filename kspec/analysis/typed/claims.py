"""What is claimed: properties, laws, and the vectors that a model is held against.

Next: `scenarios`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.expressions import TExpr
    from kspec.analysis.typed.statements import TStmt


@final
@frozen(eq=False, repr=False)
class CAlways(Node):
    """An invariant: a state formula."""

    body: TExpr


OTHERS: Final = "*"
"""In the place of an action's name: every step that nobody declares."""


@final
@frozen(eq=False, repr=False)
class COn(Node):
    """An occurrence property: for each action matched, the names its parameters (and instance,
    first) are bound to, `_` binding nothing; the condition and the claim. `OTHERS` stands for the
    steps that nobody declares: restarts, deliveries, the clock."""

    actions: tuple[tuple[str, tuple[str, ...]], ...]
    where: TExpr | None
    body: TExpr


@final
@frozen(eq=False, repr=False)
class CReachable(Node):
    """A witness is wanted."""

    body: TExpr


@final
@frozen(eq=False, repr=False)
class CTemporal(Node):
    """A formula over runs."""

    body: TExpr


@final
@frozen(eq=False, repr=False)
class CNoDeadlock(Node):
    """Something is always enabled."""


@final
@frozen(eq=False, repr=False)
class CSettles(Node):
    """Kinds and fields observed: pairs, or all API fields if empty."""

    negated: bool
    observed: tuple[tuple[str, str], ...]


@final
@frozen(eq=False, repr=False)
class CValues(Node):
    """In the reachable states in which `where` is true, `body` has so many different values."""

    count: int
    body: TExpr
    where: TExpr | None


TClaim: TypeAlias = CAlways | COn | CReachable | CTemporal | CNoDeadlock | CSettles | CValues


@final
@frozen(eq=False, repr=False)
class TProperty(Node):
    """A property; a `lemma` is one that helps proofs, and is judged only where it is named."""

    name: str
    sentence: str | None
    claim: TClaim
    span: Span
    lemma: bool = False


@final
@frozen(eq=False, repr=False)
class TLaw(Node):
    """A law or belief: a closed formula about every well-formed world."""

    name: str
    belief: bool
    sentence: str | None
    body: TExpr
    induction: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorCase(Node):
    """A case: names of the input and the expected value, both documents."""

    kinds: tuple[str, ...]
    input: str
    expected: str
    where: TExpr | None
    body: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorWorld(Node):
    """Statements that build the world of these kinds of case, from an empty one."""

    kinds: tuple[str, ...]
    input: str
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorSkip(Node):
    """Vectors that the model leaves out, and why."""

    kind: str
    input: str
    where: TExpr | None
    why: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectors(Node):
    """A file of test vectors. Layout paths default to vectors, kind, input(s), expected."""

    path: str
    file: str | None
    layout: tuple[str, str, str, str] | None
    worlds: tuple[TVectorWorld, ...]
    cases: tuple[TVectorCase, ...]
    skips: tuple[TVectorSkip, ...]
    span: Span
