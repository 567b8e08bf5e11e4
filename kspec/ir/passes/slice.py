"""The cone of influence of a property: the variables that can make a difference to it.

Everything outside the cone can be dropped without changing the answer about the property, but for
what `docs/semantics.md` ("Slicing") says: an implicit property that only a dropped variable can
break is looked at elsewhere, on the unsliced system. What the cone holds:

- what the property reads, and for a property of steps all that decides whether such a step is
  taken and what its names mean;
- for every action that may write a variable of the cone: what its guard, its cut (the births that
  find no free identity) and the writes themselves read;
- for a claim over whole runs: the same of every fair action, with what it writes, since a fair
  instance counts only while it is enabled and only if its step changes the state.

Not sliced, and `whole` says why: deadlock, settles, implicit properties. This is an analysis only;
whoever drops variables by it owes the lifting of traces.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import assert_never, final

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.ir.rewrite import olds, refs
from kspec.ir.system import (
    Action,
    Always,
    AndF,
    Claim,
    EachLife,
    EachValue,
    Eventually,
    Fairness,
    Formula,
    Holds,
    Index,
    Invariant,
    NoDeadlock,
    NotF,
    Occurrence,
    OrF,
    Property,
    Reachable,
    Settles,
    StepCase,
    Steps,
    System,
    Temporal,
    Unchanged,
    Until,
    Update,
    Values,
)


@final
@frozen
class Cone:
    """`variables` matter, `actions` may change one of them or are spoken of; `whole` says why
    nothing can be dropped, `""` if something might."""

    variables: frozenset[str]
    actions: frozenset[str]
    whole: str = ""


def cone(system: System, prop: Property) -> Cone:
    """What a property can see."""
    whole = _whole(prop.claim)
    if whole:
        every = frozenset(v.name for v in system.variables)
        return Cone(every, frozenset(a.name for a in system.actions), whole)
    spoken = _spoken_of(prop.claim)
    seen = set(_read_by_claim(prop.claim))
    for action in system.actions:
        is_fair = isinstance(prop.claim, Temporal) and action.fairness is not Fairness.NONE
        if is_fair or action.name in spoken:
            spoken.add(action.name)
            seen |= enabling(action)
        if is_fair:
            seen |= _all_of_updates(action)
    return closed(system, seen, spoken)


def dropped(system: System, of: Cone) -> tuple[str, ...]:
    """The variables that the cone leaves out, in order."""
    return tuple(v.name for v in system.variables if v.name not in of.variables)


def closed(system: System, seen: set[str], spoken: set[str]) -> Cone:
    """With everything that what is seen depends on."""
    variables = {v.name for v in system.variables}
    reached = seen & variables
    actions = set(spoken)
    changed = True
    while changed:
        before = len(reached), len(actions)
        for action in system.actions:
            writes = [u for u in action.updates if u.var in reached]
            if writes:
                actions.add(action.name)
                reached |= enabling(action) & variables
                reached |= {name for u in writes for name in _of_update(u)} & variables
        changed = (len(reached), len(actions)) != before
    return Cone(frozenset(reached), frozenset(actions))


# ---- reads of actions --------------------------------------------------------------------------


def _names(exprs: Iterable[Expr]) -> set[str]:
    return {name for expr in exprs for name in _read(expr)}


@lru_cache(maxsize=1 << 14)
def _read(expr: Expr) -> frozenset[str]:
    return refs(expr) | olds(expr)


def enabling(action: Action) -> set[str]:
    """What decides whether an instance is enabled or cut; lets count as read, used or not."""
    lets = (expr for _, expr in action.lets)
    cut = () if action.cut is None else (action.cut,)
    return _names((*(c.expr for c in action.guard), *lets, *cut))


def _of_update(update: Update) -> set[str]:
    keys = (step.key for step in update.path if isinstance(step, Index))
    return _names((update.value, update.when, update.live, *keys))


def _all_of_updates(action: Action) -> set[str]:
    """What an action writes and everything that this depends on: all that decides whether its
    step changes the state."""
    read = {name for update in action.updates for name in _of_update(update)}
    return read | {update.var for update in action.updates}


# ---- claims ------------------------------------------------------------------------------------


def _whole(claim: Claim) -> str:
    match claim:
        case NoDeadlock():
            return "anything that may happen keeps the system from being stuck"
        case Settles():
            return "it speaks of every field that controllers write"
        case Invariant() | Occurrence() | Reachable() | Temporal() | Values():
            return ""
        case _:
            assert_never(claim)


def _spoken_of(claim: Claim) -> set[str]:
    match claim:
        case Occurrence(cases):
            return {case.action for case in cases}
        case Temporal(formula):
            return {case.action for case in _step_cases(formula)}
        case Invariant() | Reachable() | NoDeadlock() | Settles() | Values():
            return set()
        case _:
            assert_never(claim)


def _read_by_claim(claim: Claim) -> set[str]:
    return _names(expressions(claim))


def expressions(claim: Claim) -> tuple[Expr, ...]:
    """Every expression in a claim."""
    match claim:
        case Invariant(body) | Reachable(body):
            return (body,)
        case Values(body, where, _):
            return (body, where)
        case Occurrence(cases):
            return tuple(case.body for case in cases)
        case Temporal(formula):
            return (*_bodies(formula), *(case.body for case in _step_cases(formula)))
        case NoDeadlock() | Settles():
            return ()
        case _:
            assert_never(claim)


def _parts(formula: Formula) -> tuple[Formula, ...]:
    match formula:
        case Holds() | Steps() | Unchanged():
            return ()
        case NotF(arg) | Always(arg) | Eventually(arg) | EachLife(_, _, arg) | EachValue(_, arg):
            return (arg,)
        case AndF(args) | OrF(args):
            return args
        case Until(left, right):
            return (left, right)
        case _:
            assert_never(formula)


def _step_cases(formula: Formula) -> tuple[StepCase, ...]:
    own = formula.cases if isinstance(formula, Steps) else ()
    return (*own, *(case for part in _parts(formula) for case in _step_cases(part)))


def _bodies(formula: Formula) -> tuple[Expr, ...]:
    """The expressions of states in a formula."""
    match formula:
        case Holds(body) | Unchanged(body):
            own: tuple[Expr, ...] = (body,)
        case EachLife(_, live, _):
            own = (live,)
        case _:
            own = ()
    return (*own, *(body for part in _parts(formula) for body in _bodies(part)))
