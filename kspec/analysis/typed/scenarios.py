"""What is asked: clusters as typed data, and scenarios. Next: `program`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

if TYPE_CHECKING:
    from kspec.analysis.typed.expressions import TExpr


@final
@frozen(eq=False, repr=False)
class TObject(Node):
    """An object that the cluster names; only inside cluster data. `kind` is None for `object`."""

    kind: str | None
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DValue(Node):
    """A field's initial value."""

    value: TExpr | TObject


@final
@frozen(eq=False, repr=False)
class DParts(Node):
    """A record or map whose parts may be objects or free."""

    parts: tuple[tuple[str, DataValue], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DItems(Node):
    """A set or list whose parts may be objects or free."""

    items: tuple[DataValue, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DAny(Node):
    """Every value of the type, or of `of` (a set), is an initial one."""

    of: TExpr | None
    type: Type
    span: Span


DataValue: TypeAlias = DValue | DParts | DItems | DAny


@final
@frozen(eq=False, repr=False)
class TObjectDecl(Node):
    """Objects of one kind that start alive, all with these fields (others: the default)."""

    kind: str
    names: tuple[str, ...]
    fields: tuple[tuple[str, DataValue], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TManifests(Node):
    """A path that objects are read from, relative to the file it is written in."""

    path: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TCluster(Node):
    """What exists at the start."""

    objects: tuple[TObjectDecl | TManifests, ...]


@final
@frozen(eq=False, repr=False)
class TSetting(Node):
    """A parameter, by full name, and its value in a scenario."""

    param: str
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TFaultUse(Node):
    """A fault that may happen: `most` times (None: any number).

    `fault` is a declared fault's name, or one of the language's own with a `subject` component:
    `stale_cache` (with `lag`, `servers`, `unordered`), `restart`, `lossy_api`.
    """

    fault: str
    subject: str | None
    most: TExpr | None
    lag: TExpr | None
    servers: TExpr | None
    unordered: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class TRun(Node):
    """Components or actions that run (or, with `remove`, do not); `most` bounds how often."""

    remove: bool
    component: str
    action: str | None
    most: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TJudge(Node):
    """A line to judge: `check` (expected None), `expect W` or `prove`. One that `helps` is no line
    of anybody's: a lemma that is there if it means something in the scope."""

    property: str
    expected: str | None
    prove: bool
    settings: tuple[TSetting, ...]
    faults: tuple[TFaultUse, ...]
    span: Span
    helps: bool = False


@final
@frozen(eq=False, repr=False)
class TSweep(Node):
    """One dimension of a sweep: a kind's number of objects or a parameter, over these values."""

    name: str
    values: TExpr | tuple[TExpr, TExpr]
    span: Span


@final
@frozen(eq=False, repr=False)
class TScenario(Node):
    """A scenario with everything it extends merged in. `name` is "" for a file without the word.

    `start` is empty, settled or given; `time` timed or untimed. `run` empty: every controller and
    environment of the modules imported.
    """

    name: str
    cluster: TCluster
    settings: tuple[TSetting, ...]
    faults: tuple[TFaultUse, ...]
    run: tuple[TRun, ...]
    room: tuple[tuple[str, TExpr], ...]
    start: str
    time: str
    assumes: tuple[tuple[str, TExpr], ...]
    judges: tuple[TJudge, ...]
    sweep: tuple[TSweep, ...]
    span: Span
