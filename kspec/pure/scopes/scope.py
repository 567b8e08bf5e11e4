"""A scope: one scenario at one point of its sweep, with everything finite and known.

Made by `elaborate`, read by lowering and by the interpreter of typed modules. A scope decides
what exists at the start, how many identities each kind has, what runs, and which faults may
happen how often.
"""

from __future__ import annotations

from typing import TypeAlias, final

from kspec.analysis.typed import Program, TJudge
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.values.value import Rec, Value


@final
@frozen
class OneOf:
    """Any of these values, each an initial one; in the order given. `everybody`: references to all
    objects of a kind, so that with more of them there are more."""

    values: tuple[Value, ...]
    everybody: bool = False


Initial: TypeAlias = "Value | OneOf"


@final
@frozen
class ScopeObject:
    """An object that is alive at the start: place `index` of its kind's pool.

    `fields` has every field of the kind, in declaration order; parts of a record that are free
    make the whole field a `OneOf`. `span` is where it was written, in `.kspec` or in YAML, and
    `field_spans` where each field was, for those that were.
    """

    kind: str
    index: int
    name: str
    fields: tuple[tuple[str, Initial], ...]
    span: Span
    field_spans: tuple[tuple[str, Span], ...] = ()


@final
@frozen
class ScopePool:
    """How many identities a kind has, and by which rule; `names` are the shown names in order:
    those of the objects at the start, then invented ones (`pod-2`)."""

    kind: str
    size: int
    rule: str
    names: tuple[str, ...]


@final
@frozen
class ViewSetting:
    """`stale_cache C lag L servers N [unordered]`."""

    controller: str
    lag: int
    servers: int
    unordered: bool


@final
@frozen
class Budgeted:
    """An action (full name) or a restart (`C.restart`) that may happen at most so often; None is
    any number of times."""

    action: str
    most: int | None


@final
@frozen
class Scope:
    """Everything that makes a program finite.

    `actions` are the full names of the actions that run, in order of declaration, budgeted faults
    included. `restarts` are the controllers that may restart. `timed` false: a timer may fire at
    any time after it was set. `assumptions` are sentences for the verdict. `origins` say where
    records stand in the manifests, all those of one value: only for showing.
    """

    program: Program
    name: str
    params: tuple[tuple[str, Value], ...]
    pools: tuple[ScopePool, ...]
    objects: tuple[ScopeObject, ...]
    actions: tuple[str, ...]
    budgets: tuple[Budgeted, ...]
    restarts: tuple[str, ...]
    views: tuple[ViewSetting, ...]
    lossy: tuple[str, ...]
    start: str
    timed: bool
    assumes: tuple[tuple[str, object], ...]  # name, TExpr
    judges: tuple[TJudge, ...]
    point: tuple[tuple[str, Value], ...]  # the sweep's values
    assumptions: tuple[str, ...]
    origins: tuple[tuple[Rec, tuple[Span, ...]], ...] = ()
