"""Why a counterexample is one: the clause that fails at its end, with its witnesses.

The property is read again by the pure layer in the last state of the trace (for an occurrence
property in the step before it), and followed down to what is false. Only words come of it: a trace
has been replayed before it gets here, and nothing here can change a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, final

from attrs import evolve

from kspec.analysis.typed import (
    OTHERS,
    CAlways,
    Comp,
    COn,
    CTemporal,
    TCall,
    TComp,
    TExpr,
    TIf,
    TLet,
    TLit,
    TPrim,
    TProperty,
)
from kspec.analysis.types import BoolT, Type
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.preparing.lowering import Lowered
from kspec.driver.telling.outlook import Words
from kspec.driver.telling.snippets import snippet
from kspec.driver.telling.worlds import CannotTell
from kspec.ir.expr import Binder
from kspec.ir.sorts import Value as Stored
from kspec.pure.evaluation.bindings import bindings
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.scopes.scope import Scope
from kspec.pure.values.value import Value
from kspec.pure.values.world import Context, EvaluationError, Tables, World
from kspec.verdict.trace import Step, Trace

DEEP: Final = 6
COMPARED: Final = frozenset(("==", "<", "<=", "in", "subset"))
"""How many calls of functions are followed."""


def explain(
    scope: Scope, lowered: Lowered, prop: TProperty, trace: Trace, sources: tuple[SourceFile, ...]
) -> tuple[str, ...]:
    """Lines about the end of a counterexample; none where nothing can be told."""
    try:
        context = _context(scope, lowered, trace)
        words = Words(scope, context.tables, context.world)
        told = Teller(scope, words, sources)
        match prop.claim:
            case CAlways(body):
                return tuple(told.why(body, context, False, DEEP))
            case COn() as claim if trace.steps:
                return tuple(_of_step(told, claim, lowered, context, trace))
            case CTemporal(body) if trace.loop is not None:
                from kspec.driver.telling.explain_runs import Reading

                states = trace.states()
                at = tuple(_at(scope, lowered.reader.world(state)) for state in states)
                return tuple(Reading(at, trace.loop, told).told(body))
            case _:
                return ()
    except (CannotTell, EvaluationError):
        return ()


def _context(scope: Scope, lowered: Lowered, trace: Trace) -> Context:
    last = trace.states()[-1]
    return _at(scope, lowered.reader.world(last))


def _at(scope: Scope, world: World) -> Context:
    names = tuple(dict.fromkeys(name for pool in scope.pools for name in pool.names))
    return Context(Tables(scope.program), dict(scope.params), world, world, names=names)


def _of_step(
    told: Teller, claim: COn, lowered: Lowered, after: Context, trace: Trace
) -> Iterator[str]:
    step = trace.steps[-1]
    before = _at(told.scope, lowered.reader.world(trace.states()[-2]))
    spoken_of = (step.action, OTHERS)
    names = next((names for action, names in claim.actions if action in spoken_of), None)
    if names is None:
        return
    found = tuple(_bound(told.scope, lowered, step, names))
    if found:
        said = (f"{name} = {told.words.say(value, type_)}" for name, type_, value in found)
        yield f"for {', '.join(said)}:"
    bound = {name: value for name, _, value in found}
    context = evolve(after.binding_all(bound), before=before.binding_all(bound))
    yield from told.why(claim.body, context, False, DEEP)


def _bound(
    scope: Scope, lowered: Lowered, step: Step, names: tuple[str, ...]
) -> Iterator[tuple[str, Type, Value]]:
    """The names that the property gives to the action's instance and parameters."""
    action = next(a for a in lowered.system.actions if a.name == step.action)
    for name, binder, value in zip(names, action.params, step.params, strict=False):
        if name != "_":
            yield name, *_read(scope, lowered, step.action, binder, value)


def _read(
    scope: Scope, lowered: Lowered, action: str, binder: Binder, value: Stored
) -> tuple[Type, Value]:
    typed = [a for c in scope.program.components for a in c.actions if a.name == action]
    owner = [c for c in scope.program.components if typed and c.name == typed[0].owner]
    binders = [b for c in owner if c.instance is not None for b in (c.instance,)]
    for known in (*binders, *(b for a in typed for b in a.parameters)):
        if known.name == binder.name:
            return known.type, lowered.reader.value(known.type, binder.sort, value)
    raise CannotTell(binder.name)


@final
@frozen(eq=False)
class Teller:
    """Follows an expression down to what makes it have a truth value that it should not have."""

    scope: Scope
    words: Words
    sources: tuple[SourceFile, ...]

    def text(self, expr: TExpr) -> str:
        """The expression as it was written."""
        return snippet(expr, self.sources)

    def why(self, expr: TExpr, context: Context, is_so: bool, depth: int) -> Iterator[str]:
        """Why `expr` is `is_so`."""
        match expr:
            case TPrim("not", (arg,)) if (
                arg.span == expr.span
            ):  # `missing`, `!=`, `not in`, `is not`
                yield f"{self.text(expr)} is {'true' if is_so else 'false'}"
                if isinstance(arg, TPrim) and arg.op in COMPARED:
                    yield from self._sides(arg, context)
            case TPrim("not", (arg,)):
                yield from self.why(arg, context, not is_so, depth)
            case TPrim("and" | "or" | "implies"):
                yield from self._junction(expr, context, is_so, depth)
            case TComp(Comp.ALL | Comp.NO | Comp.SOME):
                yield from self._quantified(expr, context, is_so, depth)
            case TPrim() if expr.op in COMPARED:
                yield f"{self.text(expr)} is {'true' if is_so else 'false'}"
                yield from self._sides(expr, context)
            case TLet(name, value, body):
                found = evaluate(value, context)
                yield f"{name} is {self.words.say(found, value.type)}"
                yield from self.why(body, context.binding(name, found), is_so, depth)
            case TIf(cond, then, other):
                chosen = then if evaluate(cond, context) else other
                yield from self.why(chosen, context, is_so, depth)
            case TCall() if depth:
                yield from self._call(expr, context, is_so, depth)
            case _:
                yield f"{self.text(expr)} is {'true' if is_so else 'false'}"

    def _junction(self, expr: TPrim, context: Context, is_so: bool, depth: int) -> Iterator[str]:
        """`a implies b` is a disjunction whose first part is negated."""
        is_or = expr.op != "and"
        signs = [expr.op != "implies", *(True for _ in expr.args[1:])]
        one_decides = is_so is is_or
        for arg, sign in zip(expr.args, signs, strict=True):
            truth = bool(evaluate(arg, context))
            if not one_decides:
                yield from self.why(arg, context, truth, depth)
            elif (truth is sign) is is_or:
                yield from self.why(arg, context, truth, depth)
                return

    def _quantified(self, expr: TComp, context: Context, is_so: bool, depth: int) -> Iterator[str]:
        wanted = expr.kind is not Comp.ALL
        has_witness = is_so is (expr.kind is Comp.SOME)
        if not has_witness:
            yield f"{self.text(expr)} is {'true' if is_so else 'false'}"
            return
        for inner in bindings(expr.binders, expr.where, context):
            if bool(evaluate(expr.body, inner)) is wanted:
                bound = (
                    f"{b.name} = {self.words.say(inner.locals[b.name], b.type)}"
                    for b in expr.binders
                )
                yield f"for {', '.join(bound)}:"
                if not isinstance(expr.body, TLit):
                    yield from self.why(expr.body, inner, wanted, depth)
                return

    def _sides(self, expr: TPrim, context: Context) -> Iterator[str]:
        for side in expr.args:
            text = self.text(side)
            value = self.words.say(evaluate(side, context), side.type)
            if text != value and not isinstance(side, TLit):
                yield f"  {text} is {value}"

    def _call(self, expr: TCall, context: Context, is_so: bool, depth: int) -> Iterator[str]:
        function = context.tables.functions[expr.function]
        yield f"{self.text(expr)} is {'true' if is_so else 'false'}"
        if isinstance(function.result, BoolT) and not isinstance(function.body, TLit):
            names = [name for name, _ in function.parameters]
            given = [evaluate(arg, context) for arg in expr.args]
            inner = context.with_locals(dict(zip(names, given, strict=True)))
            yield from self.why(function.body, inner, is_so, depth - 1)
