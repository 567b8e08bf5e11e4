"""Properties of the language to claims of the IR.

Next: `expressions.temporal` for claims over runs.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from kspec.analysis.typed import (
    OTHERS,
    CAlways,
    CNoDeadlock,
    COn,
    CReachable,
    CSettles,
    CTemporal,
    CValues,
    TProperty,
)
from kspec.ir.expr import TRUE, Expr, Old, Ref
from kspec.ir.rewrite import map_expr
from kspec.ir.system import (
    Action,
    Claim,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Role,
    Settles,
    StepCase,
    Temporal,
    Values,
)
from kspec.lower.context import Frame, Lowering, Present, Sink, mapped
from kspec.lower.expressions import worlds
from kspec.lower.expressions.temporal import formula, value_of
from kspec.lower.steps.actions import Made
from kspec.lower.values.smart import free, implies
from kspec.lower.values.symbolic import Sym


def lower_property(
    low: Lowering, source: TProperty, made: list[Made]
) -> tuple[Property, list[Made]]:
    """The claim of a property, and the actions with the lets that it needs."""
    low.begin()
    claim, made = _claim(low, source, made)
    return Property(source.name, claim, source.sentence, source.span), made


def _claim(low: Lowering, source: TProperty, made: list[Made]) -> tuple[Claim, list[Made]]:
    claim = source.claim
    frame = Frame({}, Present(), Present(), Sink())
    match claim:
        case CAlways(body):
            return Invariant(_flag(low, frame, body)), made
        case CReachable(body):
            return Reachable(_flag(low, frame, body)), made
        case CTemporal(body):
            return Temporal(formula(low, frame, body)), made
        case CNoDeadlock():
            return NoDeadlock(), made
        case CSettles(negated, observed):
            return Settles(_observed(low, observed), negated), made
        case CValues(count, body, where):
            cond = TRUE if where is None else _flag(low, frame, where)
            return Values(value_of(low, frame, body), cond, count), made
        case COn():
            return _occurrence(low, claim, made)


def _flag(low: Lowering, frame: Frame, body) -> Expr:  # type: ignore[no-untyped-def]
    from kspec.lower.expressions.expr import flag

    return frame.sink.close(flag(low, frame, body))


def _observed(low: Lowering, observed: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The variables meant: by default all fields of API objects but heartbeats, and their lives."""
    found: list[str] = []
    for slot in low.slots.values():
        kind = low.static.tables.kinds.get(slot.owner)
        if kind is None or slot.role not in (Role.LIVE, Role.API):
            continue
        if slot.name == worlds.age_name(slot.owner):
            continue
        fields = {f.name: f for f in kind.fields}
        if not observed:
            if (slot.role is Role.LIVE and kind.versions) or (
                slot.role is Role.API and not fields[slot.label].heartbeat and kind.versions
            ):
                found.append(slot.name)
        elif (slot.owner, slot.label) in observed or (slot.owner, "") in observed:
            found.append(slot.name)
    return tuple(found)


def _occurrence(low: Lowering, claim: COn, made: list[Made]) -> tuple[Claim, list[Made]]:
    """A case for every action that matches; each sees the step's names."""
    cases: list[StepCase] = []
    result = list(made)
    for name, names in claim.actions:
        for place, step in enumerate(result):
            if step.action.name != name or step.is_dead:
                continue
            low.shown.clear()
            low.taken = {b.name for b in (*step.action.params, *step.action.choices)}
            low.taken |= {n for n, _ in (*step.action.lets, *step.lets)}
            frozen_names = {
                n: mapped(sym, lambda e: before_step(low, e)) for n, sym in step.names.items()
            }
            bound = dict(frozen_names)
            for shown, (argument, _) in zip(names, step.arguments, strict=False):
                if shown != "_":
                    bound[shown] = frozen_names[argument]
            step, body = _with_lets(step, _of_step(low, claim, bound))
            result[place] = step
            cases.append(StepCase(name, body))
    if any(name == OTHERS for name, _ in claim.actions):
        low.begin()
        cases.append(StepCase(OTHERS, _of_step(low, claim, {})))
    return Occurrence(tuple(cases)), result


def _of_step(low: Lowering, claim: COn, bound: Mapping[str, Sym]) -> Expr:
    """What is claimed of a step, given the names that it gives."""
    from kspec.lower.expressions.expr import flag

    past = Present(is_past=True)
    before = Frame(bound, past, past, Sink())
    frame = Frame(bound, Present(), Present(), Sink(), before=before)
    body = flag(low, frame, claim.body)
    if claim.where is not None:
        body = implies(flag(low, frame, claim.where), body)
    return frame.sink.close(body)


def of_others(prop: Property, others: tuple[Action, ...]) -> Property:
    """The property with a case for each action that nobody declares, where it speaks of them."""
    if not isinstance(prop.claim, Occurrence):
        return prop
    cases = tuple(
        evolve(case, action=name)
        for case in prop.claim.cases
        for name in ([a.name for a in others] if case.action == OTHERS else [case.action])
    )
    return evolve(prop, claim=Occurrence(cases))


def before_step(low: Lowering, expr: Expr) -> Expr:
    """What an expression of the action means after its step: it was read before."""

    def past(node: Expr) -> Expr:
        if isinstance(node, Ref) and node.name in low.slots:
            return Old(node.name, node.sort)
        return node

    return map_expr(past, expr)


def _with_lets(step: Made, body: Expr) -> tuple[Made, Expr]:
    """The step with the lets that a claim about it reads among those of its action."""
    known = {n for n, _ in step.action.lets}
    wanted = free(body)
    needed: list[tuple[str, Expr]] = []
    for name, value in reversed(step.lets):
        if name in wanted and name not in known:
            needed.append((name, value))
            wanted = wanted | free(value)
    if not needed:
        return step, body
    lets = (*reversed(needed), *step.action.lets)
    # A let may use another one that is already there.
    order = {n: i for i, (n, _) in enumerate(step.lets)}
    ordered = tuple(sorted(lets, key=lambda pair: order.get(pair[0], len(order))))
    return evolve(step, action=evolve(step.action, lets=ordered)), body
