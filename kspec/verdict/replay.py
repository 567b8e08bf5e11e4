"""Trusted: is a trace a run of the system, and does it show what it is said to show?

Every trace that an engine finds passes here before anyone sees it, whatever its polarity. It walks
the plain system with `kspec.semantics` and knows nothing of any search. `codec` writes traces down.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.ir.expr import Binder
from kspec.ir.sorts import Value, contains
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    System,
    Temporal,
    Values,
)
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.initial import is_initial
from kspec.semantics.runs import Run, is_violated_on, neglected
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Taken,
    classify,
    is_deadlocked,
)
from kspec.verdict.trace import State, Step, Trace

Asked: TypeAlias = Property | Implicit


@final
@frozen
class Flaw:
    """The first thing wrong with a trace: at the start (`step` 0) or in a step, counted from 1."""

    step: int
    reason: str


def replay(trace: Trace, system: System, asked: Asked) -> Flaw | None:
    """None if the trace is a run that shows what a `Found` for `asked` must show.

    That is: for an invariant a last state where it is false, for `reachable` one where it is true,
    for `no deadlock` one with no instance enabled or cut, for an occurrence property a last step
    that violates it, for an implicit property a last step that breaks it; for a claim over whole
    runs a fair run, with a loop, of which the claim is false (of which `oscillates` is true).
    """
    return _start_flaw(trace, system) or _run_flaw(trace, system) or _end_flaw(trace, system, asked)


def _start_flaw(trace: Trace, system: System) -> Flaw | None:
    if not is_initial(system, trace.start):
        return Flaw(0, "the start is not an initial state")
    if trace.loop is not None and not 0 <= trace.loop <= len(trace.steps):
        return Flaw(0, f"the loop begins after step {trace.loop} of {len(trace.steps)}")
    return None


def _run_flaw(trace: Trace, system: System) -> Flaw | None:
    state = trace.start
    for number, step in enumerate(trace.steps, start=1):
        reason = _step_reason(system, state, step, number == len(trace.steps))
        if reason is not None:
            return Flaw(number, reason)
        if step.state is not None:
            state = step.state
    return None


def _step_reason(system: System, state: State, step: Step, is_last: bool) -> str | None:
    instance = instance_of(system, step)
    if isinstance(instance, str):
        return instance
    outcome = classify(system, state, instance)
    match outcome:
        case Disabled(conjunct):
            return f"{step.action} is not enabled: part {conjunct} of its guard is false"
        case CutInstance():
            return f"{step.action} is cut: no identity is free"
        case Broken(properties):
            names = ", ".join(p.value for p in properties)
            if step.state is not None:
                return f"{step.action} breaks {names} and leads to no state"
            return None if is_last else f"{step.action} breaks {names}, but more steps follow"
        case Taken(after):
            if step.state is None:
                return f"{step.action} breaks no implicit property, but no state follows"
            return None if after == step.state else f"{step.action} leads to another state"
        case _:
            assert_never(outcome)


def instance_of(system: System, step: Step) -> Instance | str:
    """The instance that a step names, or what is wrong with its name."""
    places = [place for place, a in enumerate(system.actions) if a.name == step.action]
    if len(places) != 1:
        return f"there is no action {step.action}"
    action = system.actions[places[0]]
    if not _fit(action.params, step.params):
        return f"{step.params} are no parameters of {step.action}"
    if not _fit(action.choices, step.choices):
        return f"{step.choices} are no choices of {step.action}"
    return Instance(places[0], step.params, step.choices)


def _fit(binders: tuple[Binder, ...], given: tuple[Value, ...]) -> bool:
    return len(binders) == len(given) and all(
        contains(binder.sort, value) for binder, value in zip(binders, given, strict=True)
    )


def _end_flaw(trace: Trace, system: System, asked: Asked) -> Flaw | None:
    if isinstance(asked, Implicit):
        reason = _finite_reason(trace) or _breaks_reason(trace, system, asked)
    else:
        reason = _claim_reason(trace, system, asked)
    return None if reason is None else Flaw(len(trace.steps), reason)


def _breaks_reason(trace: Trace, system: System, implicit: Implicit) -> str | None:
    if not trace.steps or trace.steps[-1].state is not None:
        return f"the last step does not break {implicit.value}"
    before, instance = _last(trace, system)
    outcome = classify(system, before, instance)
    if isinstance(outcome, Broken) and implicit in outcome.properties:
        return None
    return f"the last step does not break {implicit.value}"


def _claim_reason(trace: Trace, system: System, prop: Property) -> str | None:
    match prop.claim:
        case Invariant() | Reachable() | NoDeadlock() | Occurrence():
            return _finite_reason(trace) or _finite_claim_reason(trace, system, prop)
        case Temporal() | Settles():
            return _loop_reason(trace) or _whole_reason(trace, system, prop)
        case Values():
            return "no trace can show how many values there are"
        case _:
            assert_never(prop.claim)


def _finite_reason(trace: Trace) -> str | None:
    return None if trace.loop is None else "a finite trace is wanted, not a loop"


def _finite_claim_reason(trace: Trace, system: System, prop: Property) -> str | None:
    if trace.steps and trace.steps[-1].state is None:
        return f"the last step leads to no state, so it shows nothing about {prop.name}"
    last = trace.states()[-1]
    match prop.claim:
        case Invariant(body):
            shown = not is_true_in(system, body, last)
        case Reachable(body):
            shown = is_true_in(system, body, last)
        case NoDeadlock():
            shown = is_deadlocked(system, last)
        case Occurrence() as claim:
            shown = _is_violated_at_end(trace, system, claim)
        case Temporal() | Settles() | Values():
            shown = False
        case _:
            assert_never(prop.claim)
    return None if shown else f"the end does not show what was found about {prop.name}"


def _is_violated_at_end(trace: Trace, system: System, claim: Occurrence) -> bool:
    if not trace.steps:
        return False
    before, instance = _last(trace, system)
    return not respects(system, claim, before, instance, trace.states()[-1])


def _last(trace: Trace, system: System) -> tuple[State, Instance]:
    # Only called once every step has been walked, so the last one names an instance.
    instance = instance_of(system, trace.steps[-1])
    assert not isinstance(instance, str)
    return trace.states()[len(trace.steps) - 1], instance


def _loop_reason(trace: Trace) -> str | None:
    if trace.loop is None:
        return "a loop is wanted, not a finite trace"
    states = trace.states()
    if len(states) != len(trace.steps) + 1:
        return "the last step of a loop leads to no state"
    if states[trace.loop] != states[-1]:
        return "the last step does not lead back to the beginning of the loop"
    return None


def _whole_reason(trace: Trace, system: System, prop: Property) -> str | None:
    assert isinstance(prop.claim, Temporal | Settles)
    run = run_of(trace, system)
    left_out = neglected(system, run)
    if left_out is not None:
        action = system.actions[left_out.action]
        return f"the loop is not fair to {action.name} of {left_out.params}"
    if is_violated_on(system, prop.claim, run):
        return None
    return f"the run does not show what was found about {prop.name}"


def run_of(trace: Trace, system: System) -> Run:
    """The infinite run that a trace with a loop stands for; every step must be an instance."""
    assert trace.loop is not None
    found = (instance_of(system, step) for step in trace.steps)
    instances = tuple(i for i in found if not isinstance(i, str))
    return Run(trace.states(), instances, trace.loop)
