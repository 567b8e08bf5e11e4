"""What could have gone on at the end of a trace, and why it does not: the reasons (`because`) of
the guards that are false, one by one.

Told where controllers are at rest: no action of theirs is enabled. Then an action is spoken of if
its other guards are true of somebody and, whatever else is chosen, a guard with a reason is false.
Only words come of it; nothing here can change a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias, final

from attrs import evolve

from kspec.analysis.typed import (
    Comp,
    OverKind,
    TAction,
    TBinder,
    TComp,
    TComponent,
    TExpr,
    TGuard,
)
from kspec.base.record import frozen
from kspec.base.source import SourceFile, Span
from kspec.driver.preparing.lowering import Lowered
from kspec.driver.telling.outlook import Words
from kspec.driver.telling.snippets import line_of
from kspec.driver.telling.worlds import CannotTell
from kspec.ir.system import Origin, System
from kspec.pure.evaluation.bindings import bindings, pool
from kspec.pure.evaluation.evaluate import evaluate
from kspec.pure.scopes.scope import Scope
from kspec.pure.values.value import Obj, Rec, Value
from kspec.pure.values.world import Context, EvaluationError, Tables
from kspec.semantics.step import Disabled, outcomes
from kspec.verdict.trace import State, Trace

Told: TypeAlias = tuple[str, Span | None]
"""A reason, and where in the manifests the value stands that it is about."""


@final
@frozen
class _Case:
    """An instance that does not happen: who acts, on whom, with what else, and why not."""

    head: str
    rest: str
    reasons: tuple[Told, ...]


def refusals(
    scope: Scope, lowered: Lowered, trace: Trace, sources: tuple[SourceFile, ...]
) -> tuple[str, ...]:
    """Lines about the end of a trace; none where controllers could still act, or nothing has a
    reason."""
    system, last = lowered.system, trace.states()[-1]
    if trace.steps and trace.steps[-1].state is None:
        return ()
    moving = _enabled(system, last)
    if Origin.CONTROLLER in moving:
        return ()
    try:
        lines = tuple(_lines(scope, lowered, last, sources))
    except (CannotTell, EvaluationError):
        return ()
    if lines and not moving:
        return (*lines, "nothing can change any more")
    return lines


def _enabled(system: System, state: State) -> frozenset[Origin]:
    """Who could do something in this state."""
    return frozenset(
        system.actions[instance.action].origin
        for instance, outcome in outcomes(system, state)
        if not isinstance(outcome, Disabled)
    )


def _lines(
    scope: Scope, lowered: Lowered, state: State, sources: tuple[SourceFile, ...]
) -> Iterator[str]:
    world = lowered.reader.world(state)
    context = Context(Tables(scope.program), dict(scope.params), world, world)
    origins = {record: spans[0] for record, spans in scope.origins}
    teller = _Teller(scope, Words(scope, context.tables, world), origins)
    for component in scope.program.components:
        for action in component.actions:
            if action.name in scope.actions and component.controller:
                yield from _of_action(teller, component, action, context, sources)


def _of_action(
    teller: _Teller,
    component: TComponent,
    action: TAction,
    context: Context,
    sources: tuple[SourceFile, ...],
) -> Iterator[str]:
    cases = list(teller.cases(component, action, context))
    for head, group in groupby(cases, key=lambda case: case.head):
        members = [case for case in group]
        if not all(case.reasons for case in members):
            continue
        yield f"{action.name}  {head}".rstrip()
        width = max(len(case.rest) for case in members)
        for case in members:
            yield f"  {case.rest:<{width}}  {_reasons(case.reasons, sources)}".rstrip()


def _reasons(reasons: tuple[Told, ...], sources: tuple[SourceFile, ...]) -> str:
    """`zone skew would be 2 > 1  web.yaml:23  (also …, :29)`"""
    (text, span), *more = reasons
    first = line_of(span, sources)
    said = f"{text}  {first}" if first else text
    if not more:
        return said
    others = []
    for other, where in more:
        shown = line_of(where, sources)
        same_file = first.rpartition(":")[0] == shown.rpartition(":")[0]
        place = f":{shown.rpartition(':')[2]}" if same_file and shown else shown
        others.append(f"{other}, {place}" if place else other)
    return f"{said}  (also {'; '.join(others)})"


@final
@frozen(eq=False)
class _Teller:
    """Finds the instances of actions that only guards with reasons keep from happening."""

    scope: Scope
    words: Words
    origins: dict[Rec, Span]

    def cases(self, component: TComponent, action: TAction, context: Context) -> Iterator[_Case]:
        """Every instance of which all guards without a reason are true."""
        if not any(isinstance(g, TGuard) and g.because is not None for g in action.guards):
            return
        for owned, who in self._instances(component, context):
            for bound in bindings(action.parameters, None, owned):
                reasons = self._reasons(action, bound)
                if reasons is not None:
                    shown = [*who, *(self._shown(b, bound) for b in action.parameters)]
                    yield _Case(shown[0] if shown else "", " ".join(shown[1:]), reasons)

    def _instances(
        self, component: TComponent, context: Context
    ) -> Iterator[tuple[Context, tuple[str, ...]]]:
        owned = evolve(context, component=component.name)
        binder = component.instance
        if binder is None:
            yield owned, ()
            return
        for value in pool(binder, context):
            inner = evolve(owned, instance=value).binding(binder.name, value)
            yield inner, (self.words.say(value, binder.type),)

    def _shown(self, binder: TBinder, context: Context) -> str:
        text = self.words.say(context.locals[binder.name], binder.type)
        return text if isinstance(binder.over, OverKind) else f"{binder.name}={text}"

    def _reasons(self, action: TAction, context: Context) -> tuple[Told, ...] | None:
        """Why the guards with a reason are false; None where one without is."""
        found: list[Told] = []
        for guard in action.guards:
            if not isinstance(guard, TGuard):
                context = context.binding(guard.name, evaluate(guard.value, context))
                continue
            value = evaluate(guard.cond, context)
            is_met = value is not None if guard.bind is not None else bool(value)
            if is_met:
                if guard.bind is not None:
                    context = context.binding(guard.bind, value)
            elif guard.because is None:
                return None
            else:
                found.extend(self._told(guard.cond, guard.because, context, None))
                if guard.bind is not None:
                    # What comes after it speaks of what is not there.
                    break
        return tuple(dict.fromkeys(found))

    def _told(
        self,
        cond: TExpr,
        because: tuple[str | TExpr, ...],
        context: Context,
        about: Span | None,
    ) -> Iterator[Told]:
        """The reason; of an `all`, one for each that it is false of."""
        if isinstance(cond, TComp) and cond.kind is Comp.ALL:
            for inner in bindings(cond.binders, cond.where, context):
                if not evaluate(cond.body, inner):
                    values = (inner.locals[binder.name] for binder in cond.binders)
                    place = next(filter(None, map(self._origin, values)), about)
                    yield from self._told(cond.body, because, inner, place)
            return
        yield "".join(self._part(part, context) for part in because), about

    def _origin(self, value: Value) -> Span | None:
        return self.origins.get(value) if isinstance(value, Rec) else None

    def _part(self, part: str | TExpr, context: Context) -> str:
        if isinstance(part, str):
            return part
        value = evaluate(part, context)
        shown = self.words.say(value, part.type)
        return shown.partition("/")[2] if isinstance(value, Obj) else shown
