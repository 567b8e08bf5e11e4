"""Laws and beliefs in one world: true or not, and of whom not.

A law is about every well-formed world; here a single one is looked at, for tests and for showing
a counterexample. Names and unbounded types range over what the world's context lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import evolve

from kspec.analysis.typed import Comp, Program, TComp, TExpr, TLaw
from kspec.base.record import frozen
from kspec.pure.evaluation import bindings
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.values.cast import as_bool
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Context, Tables, World


@final
@frozen
class Refutation:
    """Who a law is false of: the values of its outer `all`, in order."""

    bound: tuple[tuple[str, Value], ...]


def in_world(
    program: Program,
    world: World,
    parameters: Mapping[str, Value] | None = None,
    names: tuple[str, ...] = (),
) -> Context:
    """The context of a law about one world; `names` is what binders over names go through."""
    context = Context(Tables(program), parameters or {}, world, world)
    return evolve(context, names=names)


def holds(law: TLaw, context: Context) -> bool:
    """Is the law's formula true in the context's world?"""
    return as_bool(pure.evaluate(law.body, context))


def refute(law: TLaw, context: Context) -> Refutation | None:
    """Whom the law is false of in this world; None if it is true."""
    found = _refute(law.body, context)
    return None if found is None else Refutation(tuple(found.items()))


def _refute(expr: TExpr, context: Context) -> dict[str, Value] | None:
    if isinstance(expr, TComp) and expr.kind is Comp.ALL:
        for inner in bindings.bindings(expr.binders, expr.where, context):
            deeper = _refute(expr.body, inner)
            if deeper is not None:
                own = {binder.name: inner.locals[binder.name] for binder in expr.binders}
                return {**own, **deeper}
        return None
    return None if as_bool(pure.evaluate(expr, context)) else {}


def well_formed(context: Context) -> bool:
    """Is every object of the world such as the API server admits, and every key borne once?"""
    for kind, declared in context.tables.kinds.items():
        objects = context.world.population(kind).objects
        for index in objects:
            me = context.binding("self", Obj(kind, index))
            if not all(as_bool(pure.evaluate(clause, me)) for clause in declared.valid):
                return False
        keys = [tuple(fields[name] for name in declared.key) for fields in objects.values()]
        borne = [key for key in keys if None not in key]
        if declared.key and len(set(borne)) < len(borne):
            return False
    return True
