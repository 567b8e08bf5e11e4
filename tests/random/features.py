"""What occurs in a system, by name, so that a test can say how often.

Everything reachable from the `System` counts: every class of node, every member of every
enumeration, and the forms listed in `_forms`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from types import ModuleType
from typing import cast

import attrs

from kspec.ir import expr, sorts, system
from kspec.ir.expr import Arith, Binder, First, Let, Local, Old, Ref
from kspec.ir.rewrite import bound_names, subexpressions
from kspec.ir.sorts import Id, Int, Map, Opt, Record, Seq, Set, cardinality, leaf_ranges
from kspec.ir.system import (
    Action,
    Field,
    Index,
    Occurrence,
    Property,
    System,
    Update,
)

ENUMS = (
    expr.ArithOp,
    expr.SetOpKind,
    expr.QuantKind,
    expr.AggKind,
    system.Role,
    system.Fairness,
    system.Origin,
)


def _records(module: ModuleType) -> Iterator[str]:
    """The names of a module's records, of which attrs may know nothing yet (`kspec.base.record`)."""
    for name, node in vars(module).items():
        own = isinstance(node, type) and node.__module__ == module.__name__
        if own and (attrs.has(node) or "__later__" in vars(node)):
            yield name


NODES = tuple(sorted(name for module in (expr, sorts, system) for name in _records(module)))
"""Every class of the IR: expressions, sorts, and the parts of systems."""

EXPRESSIONS = frozenset(_records(expr)) - {"Binder"}

MEMBERS = tuple(f"{kind.__name__}.{member.name}" for kind in ENUMS for member in kind)


def features(of: System) -> frozenset[str]:
    """The names of everything that occurs in a system."""
    things = list(walk(of))
    names = {type(thing).__name__ for thing in things if attrs.has(type(thing))}
    names |= {f"{type(t).__name__}.{t.name}" for t in things if isinstance(t, enum.Enum)}
    return frozenset(names | set(_forms(of, things)))


def walk(thing: object) -> Iterator[object]:
    """Every attrs object and enumeration member within, the thing itself included."""
    kind = type(thing)
    if attrs.has(kind):
        yield thing
        for part in attrs.fields(kind):
            yield from walk(getattr(thing, part.name))
    elif isinstance(thing, enum.Enum):
        yield thing
    elif isinstance(thing, tuple | frozenset):
        for part in thing:
            yield from walk(part)


def _forms(of: System, things: list[object]) -> Iterator[str]:
    for action in of.actions:
        yield from _action_forms(action)
    for thing in things:
        match thing:
            case Update():
                yield from _update_forms(thing)
            case Arith():
                yield from _arith_forms(thing)
            case Let() if thing.name in {
                x.name for x in subexpressions(thing.value) if isinstance(x, Local)
            }:
                yield "a let that hides the name it reads"
            case (
                sorts.Bool()
                | sorts.Enum()
                | Id()
                | Int()
                | Opt()
                | Record()
                | Set()
                | Map()
                | Seq()
            ):
                yield from _sort_forms(thing)
            case Binder() if cardinality(thing.sort) == 0:
                yield "binder over nothing"
            case Binder() if not sorts.is_scalar(thing.sort):
                yield "binder over a compound sort"
    yield from _system_forms(of)


def _action_forms(action: Action) -> Iterator[str]:
    if action.cut is not None:
        yield "cut"
        if any(isinstance(e, First) for _, e in action.lets):
            yield "birth"
        if sum(isinstance(e, First) for _, e in action.lets) > 1:
            yield "two births in one step"
    if action.choices:
        yield "choices"
    if action.lets:
        yield "lets"
    if not action.updates:
        yield "no update"
    if len(action.guard) > 1:
        yield "several conjuncts"
    if action.event:
        yield "event"
    if any(c.because for c in action.guard):
        yield "because"
    written = [u.var for u in action.updates]
    if len(set(written)) < len(written):
        yield "one variable written twice"


def _update_forms(update: Update) -> Iterator[str]:
    kinds = {type(step) for step in update.path}
    if not update.path:
        yield "whole variable"
    if len(update.path) > 1:
        yield "path of several steps"
    if kinds == {Index, Field}:
        yield "path through maps and records"
    if update.binders:
        yield "update binders"
    if len(update.binders) > 1:
        yield "two update binders"
    if update.when != expr.TRUE:
        yield "conditional update"
    if update.live != expr.TRUE:
        yield "live target"


def _arith_forms(arith: Arith) -> Iterator[str]:
    sort = expr.sort_of(arith)
    assert isinstance(sort, Int)
    if sort.lo < 0:
        yield "negative numbers"
    if max(-sort.lo, sort.hi) >= 2**63:
        yield "beyond 64 bits"


def _sort_forms(sort: sorts.Sort) -> Iterator[str]:
    match sort:
        case Opt(Opt()):
            yield "option of option"
        case Map(key, _) if not sorts.is_scalar(key):
            yield "map from a compound sort"
        case Map(_, Map() | Record() | Seq() | Set() | Opt()):
            yield "map to a compound sort"
        case Set(of) if not sorts.is_scalar(of):
            yield "set of a compound sort"
        case Seq(of, _) if not sorts.is_scalar(of):
            yield "sequence of a compound sort"
        case Record(_, fields) if any(not sorts.is_scalar(s) for _, s in fields):
            yield "record of compound sorts"
        case Id(_, 0):
            yield "empty pool"


def _system_forms(of: System) -> Iterator[str]:
    if len(of.init.params) > 0:
        yield "init params"
    if of.init.where != expr.TRUE:
        yield "init where"
    if of.well_formed != expr.TRUE:
        yield "well formed"
    if of.views:
        yield "views"
    if not of.properties:
        yield "no property"
    if any(
        isinstance(p.claim, Occurrence) and _reads(p, Old) and _reads(p, Ref) for p in of.properties
    ):
        yield "before and after"
    widths = [size for v in of.variables for size in leaf_ranges(v.sort)]
    if sum((size - 1).bit_length() for size in widths) > 64:
        yield "state beyond 64 bits"
    if sum((size - 1).bit_length() for size in widths) > 128:
        yield "state beyond 128 bits"
    names = [name for e in _expressions(of) for name in bound_names(e)]
    if len(set(names)) < len(names):
        yield "a name bound twice"


def _reads(prop: Property, kind: type[Old] | type[Ref]) -> bool:
    return any(isinstance(thing, kind) for thing in walk(prop))


def _expressions(of: System) -> Iterator[expr.Expr]:
    for thing in walk(of):
        if type(thing).__name__ in EXPRESSIONS:
            yield cast(expr.Expr, thing)


FORMS = (
    "a let that hides the name it reads",
    "a name bound twice",
    "because",
    "before and after",
    "beyond 64 bits",
    "binder over a compound sort",
    "binder over nothing",
    "birth",
    "choices",
    "conditional update",
    "cut",
    "empty pool",
    "event",
    "init params",
    "init where",
    "lets",
    "live target",
    "map from a compound sort",
    "map to a compound sort",
    "negative numbers",
    "no property",
    "no update",
    "one variable written twice",
    "option of option",
    "path of several steps",
    "path through maps and records",
    "record of compound sorts",
    "sequence of a compound sort",
    "set of a compound sort",
    "several conjuncts",
    "state beyond 128 bits",
    "state beyond 64 bits",
    "two births in one step",
    "two update binders",
    "update binders",
    "views",
    "well formed",
    "whole variable",
)

__all__ = ["FORMS", "MEMBERS", "NODES", "features", "walk"]
