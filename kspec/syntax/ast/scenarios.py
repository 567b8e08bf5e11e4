"""What is asked: scenarios and what stands in them; and the whole file, `Module`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax.ast.behaviour import (
    ControllerDecl,
    EnvironmentDecl,
    FaultDecl,
    GhostDecl,
    RecoveryDecl,
)
from kspec.syntax.ast.claims import LawDecl, PropertyDecl, VectorsDecl
from kspec.syntax.ast.data import ClusterDecl
from kspec.syntax.ast.kinds import (
    AliasDecl,
    EffectDecl,
    EnumDecl,
    ExtendDecl,
    FnDecl,
    Import,
    KindDecl,
    MixinDecl,
    ParamDecl,
    RecordDecl,
    UniverseDecl,
)

if TYPE_CHECKING:
    from kspec.syntax.ast.data import Data
    from kspec.syntax.ast.expressions import Expr
    from kspec.syntax.ast.types import Ident


@final
@frozen(eq=False, repr=False)
class OnCluster(Node):
    """`in c`"""

    name: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class RunItem(Node):
    """`c`, `c.a`, `-c.a`, `c.a at most 2`"""

    remove: bool
    path: tuple[Ident, ...]
    most: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Run(Node):
    """`run …`"""

    items: tuple[RunItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class FaultItem(Node):
    """`crash at most 1`, `stale_cache c lag 2 servers 2 unordered`, `restart c at most 1`.

    `subject` is the component where the fault is one of the language's own.
    """

    name: Ident
    subject: Ident | None
    args: tuple[Data, ...]
    most: Expr | None
    lag: Expr | None
    servers: Expr | None
    unordered: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class Faults(Node):
    """`faults { … }`"""

    items: tuple[FaultItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Setting(Node):
    """`p = e`, `c.p = e`"""

    path: tuple[Ident, ...]
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WithSettings(Node):
    """`with p = e, …`"""

    settings: tuple[Setting, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Start(Node):
    """`start empty`, `start settled`, `start as given`: word is empty, settled or given."""

    word: str
    span: Span


@final
@frozen(eq=False, repr=False)
class Time(Node):
    """`time timed` or `time untimed`"""

    word: str
    span: Span


@final
@frozen(eq=False, repr=False)
class Room(Node):
    """`room { Pod: 3 }`"""

    sizes: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Assume(Node):
    """`assume a: e`: only initial states where it is true."""

    name: Ident
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Check(Node):
    """`check p, q`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Expect(Node):
    """`expect violated p with f`; word is holds, violated, unknown, refuted or reached."""

    word: str
    names: tuple[Ident, ...]
    settings: tuple[Setting | FaultItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Prove(Node):
    """`prove p`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class SweepItem(Node):
    """`n in lo..hi`, or `n in {…}` where `hi` is None"""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Sweep(Node):
    """`for n in 1..4, m in 1..6`"""

    items: tuple[SweepItem, ...]
    span: Span


ScenarioItem: TypeAlias = (
    OnCluster
    | Run
    | Faults
    | WithSettings
    | Start
    | Time
    | Room
    | Assume
    | Check
    | Expect
    | Prove
    | Sweep
    | ClusterDecl
)


@final
@frozen(eq=False, repr=False)
class ScenarioDecl(Node):
    """`scenario s extends t { … }`"""

    name: Ident
    extends: Ident | None
    items: tuple[ScenarioItem, ...]
    span: Span


Item: TypeAlias = (
    Import
    | EnumDecl
    | AliasDecl
    | RecordDecl
    | MixinDecl
    | KindDecl
    | ExtendDecl
    | ParamDecl
    | UniverseDecl
    | FnDecl
    | EffectDecl
    | ControllerDecl
    | EnvironmentDecl
    | FaultDecl
    | RecoveryDecl
    | GhostDecl
    | PropertyDecl
    | LawDecl
    | VectorsDecl
    | ClusterDecl
    | ScenarioDecl
    | ScenarioItem
)


@final
@frozen(eq=False, repr=False)
class Module(Node):
    """One file."""

    doc: str | None
    items: tuple[Item, ...]
    span: Span
