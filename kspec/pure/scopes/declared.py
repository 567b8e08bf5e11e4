"""Are declared types inhabited, and declared initial values in their ranges?

Bounds may be parameters, so this is known only where a scope gives them values. Next: `start` for
the values that a cluster gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from kspec.analysis.typed import TExpr
from kspec.analysis.types import IntT, ListT, MapT, OptT, SetT, TupleT, Type
from kspec.base import codes
from kspec.base.source import Span
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.scopes.start import out_of, show_value, wrong
from kspec.pure.values.world import Context, EvaluationError


def check_declared(context: Context) -> None:
    """Raise `Wrong` for the first place whose type has no value, or whose initial value is none
    of its type."""
    for name, type_, init, span in _places(context):
        for lo, hi in _empty(type_, context):
            message = f"`{name}` cannot have a value: no number is in {lo}..{hi}"
            raise wrong(codes.OUT_OF_RANGE, message, span, "its range is empty here")
        if init is None:
            continue
        try:
            value = pure.stored(init, type_, context)
        except EvaluationError:
            continue  # it depends on an instance
        if not finite.in_range(value, type_, context):
            message = f"`{name}` cannot begin with {show_value(value, type_)}"
            raise wrong(codes.OUT_OF_RANGE, message, span, out_of(type_, context))


def _places(context: Context) -> Iterator[tuple[str, Type, TExpr | None, Span]]:
    tables = context.tables
    for kind in tables.kinds.values():
        for field in kind.fields:
            yield field.name, field.type, field.default, field.span
    for record in tables.records.values():
        for field in record.fields:
            yield field.name, field.type, field.default, field.span
    for decl, _ in tables.state.values():
        yield decl.name, decl.type, decl.init, decl.span


def _empty(type_: Type, context: Context) -> Iterator[tuple[int, int]]:
    """The ranges within a type that no number is in."""
    match type_:
        case IntT():
            found = finite.bounds(type_, context)
            if found is not None and found[0] > found[1]:
                yield found
        case OptT(of) | SetT(of) | ListT(of):
            yield from _empty(of, context)
        case MapT(key, of):
            yield from _empty(key, context)
            yield from _empty(of, context)
        case TupleT(parts):
            for part in parts:
                yield from _empty(part, context)
        case _:
            return
