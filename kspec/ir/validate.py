"""The rules that every well-formed `System` obeys, whoever made it.

A problem is a mistake in kspec, not in a model: it is reported as text with its place, and run
after every pass in tests. Rule numbers are those of `docs/semantics.md`. What depends on values
(in-range, single-write, live-target) is not decided here. `validate_expr` looks into expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from attrs import evolve

from kspec.ir.expr import Binder, Expr, sort_of
from kspec.ir.rewrite import free_locals, olds, refs
from kspec.ir.sorts import Bool, Int, Map, Record, Sort, cardinality, contains, join
from kspec.ir.system import (
    Action,
    Always,
    AndF,
    Claim,
    EachLife,
    EachValue,
    Eventually,
    Field,
    Formula,
    Holds,
    Implicit,
    Index,
    Invariant,
    NoDeadlock,
    NotF,
    Occurrence,
    OrF,
    PathStep,
    Reachable,
    Role,
    Settles,
    StepCase,
    Steps,
    System,
    Template,
    Temporal,
    Unchanged,
    Until,
    Update,
    Values,
)
from kspec.ir.validate_expr import (
    Place,
    Problems,
    expr_problems,
    holds_identity,
    sorted_problems,
    valued_problems,
)


def validate(system: System) -> list[str]:
    """Every problem of a system; an empty list if it is well-formed."""
    of_actions = [(a.name, list(_action_problems(a, system))) for a in system.actions]
    unsound = {name for name, problems in of_actions if problems}
    sound = frozenset(name for name, _ in of_actions if name not in unsound)
    return [
        *_name_problems(system),
        *_declaration_problems(system),
        *_init_problems(system),
        *(problem for _, problems in of_actions for problem in problems),
        *_property_problems(system, sound),
        *_view_problems(system),
        *sorted_problems(system.well_formed, Bool(), _place("well-formed", system)),
    ]


def _place(called: str, system: System) -> Place:
    shared: dict[str, Sort] = {const.name: const.sort for const in system.constants}
    shared.update({var.name: var.sort for var in system.variables})
    return Place(called, shared, {}, {}, {pool.name: pool.size for pool in system.pools})


def _name_problems(system: System) -> Problems:
    yield from _twice("pool", (pool.name for pool in system.pools))
    declared = [*(c.name for c in system.constants), *(v.name for v in system.variables)]
    yield from _twice("variable or constant", declared)
    yield from _twice("action", (action.name for action in system.actions))
    implicit = [i.value for i in Implicit]
    yield from _twice("property", [*implicit, *(prop.name for prop in system.properties)])


def _twice(what: str, names: Iterable[str]) -> Problems:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"{what} {name}: there are two"
        seen.add(name)


def _declaration_problems(system: System) -> Problems:
    for pool in system.pools:
        if len(pool.names) != pool.size or len(set(pool.names)) != pool.size:
            yield f"pool {pool.name}: {pool.size} different names are wanted, not {pool.names}"
    for const in system.constants:
        yield from valued_problems(const.sort, _place(f"constant {const.name}", system))
        if not contains(const.sort, const.value):
            yield f"constant {const.name}: {const.value!r} is not of sort {const.sort}"
    for var in system.variables:
        yield from valued_problems(var.sort, _place(f"variable {var.name}", system))
        if cardinality(var.sort) == 0:
            yield f"variable {var.name}: its sort has no value"
        if var.role is Role.GHOST and holds_identity(var.sort):
            yield f"variable {var.name}: a ghost holds identities (rule 20)"


def _init_problems(system: System) -> Problems:
    place = _place("init", system)
    constants = {const.name: const.sort for const in system.constants}
    inner = evolve(place, shared=constants).bind(*system.init.params)
    yield from _binder_problems(system.init.params, place)
    yield from sorted_problems(system.init.where, Bool(), inner.at("where"))
    wanted = [var.name for var in system.variables]
    given = [name for name, _ in system.init.assign]
    if given != wanted:
        yield f"init: values are given to {given}, not to {wanted} in this order"
        return
    for var, (name, expr) in zip(system.variables, system.init.assign, strict=True):
        yield from sorted_problems(expr, var.sort, inner.at(name))


def _binder_problems(binders: tuple[Binder, ...], place: Place) -> Problems:
    yield from _twice(f"{place.called}: bound name", (binder.name for binder in binders))
    for binder in binders:
        yield from valued_problems(binder.sort, place.at(f"bound name {binder.name}"))


# ---- actions -----------------------------------------------------------------------------------


def _action_problems(action: Action, system: System) -> Problems:
    place = _place(f"action {action.name}", system)
    binders = (*action.params, *action.choices)
    yield from _binder_problems(binders, place)
    names = [*(binder.name for binder in binders), *(name for name, _ in action.lets)]
    yield from _twice(f"{place.called}: bound name", names)
    inner = place.bind(*binders)
    for name, expr in action.lets:
        problems = list(expr_problems(expr, evolve(inner.at(f"let {name}"), may_pick=True)))
        yield from problems
        if problems:
            return  # its sort is not known, so nothing that uses it can be judged
        inner = inner.bind(Binder(name, sort_of(expr)))
    for number, part in enumerate(action.guard, start=1):
        here = inner.at(f"guard {number}")
        yield from sorted_problems(part.expr, Bool(), here)
        yield from _template_problems(part.because, here.at("because"))
    if action.cut is not None:
        cut = evolve(inner.at("cut"), may_pick=True)
        yield from sorted_problems(action.cut, Bool(), cut)
    yield from _template_problems(action.event, inner.at("event"))
    for number, update in enumerate(action.updates, start=1):
        here = inner.at(f"update {number} of {update.var}")
        yield from _update_problems(update, system, here)
    yield from _ghost_problems(action, system)


def _template_problems(template: Template | None, place: Place) -> Problems:
    if template is not None:
        for part in template.parts:
            if not isinstance(part, str):
                yield from expr_problems(part, place)


def _update_problems(update: Update, system: System, place: Place) -> Problems:
    yield from _binder_problems(update.binders, place)
    inner = place.bind(*update.binders)
    yield from sorted_problems(update.when, Bool(), inner.at("when"))
    yield from sorted_problems(update.live, Bool(), inner.at("live"))
    problems = list(expr_problems(update.value, inner.at("value")))
    yield from problems
    sorts = {var.name: var.sort for var in system.variables}
    if update.var not in sorts:
        yield f"{place.called}: there is no variable {update.var}"
        return
    yield from _path_problems(update.path, sorts[update.var], inner)
    target = path_sort(update.path, sorts[update.var])
    if target is not None and not problems and join(sort_of(update.value), target) is None:
        yield f"{place.called}: {sort_of(update.value)} is written to {target}"


def _path_problems(path: tuple[PathStep, ...], sort: Sort, place: Place) -> Problems:
    for step in path:
        inner = path_sort((step,), sort)
        if isinstance(step, Index) and isinstance(sort, Map):
            yield from sorted_problems(step.key, sort.key, place.at("index"))
        if inner is None:
            yield f"{place.called}: {sort} has no part {step}"
            return
        sort = inner


def path_sort(path: tuple[PathStep, ...], sort: Sort) -> Sort | None:
    """The sort of the place at a path in a value of a sort, or None if there is none."""
    for step in path:
        match step:
            case Index():
                if not isinstance(sort, Map):
                    return None
                sort = sort.value
            case Field(name):
                if not isinstance(sort, Record) or name not in dict(sort.fields):
                    return None
                sort = sort.field(name)
            case _:
                assert_never(step)
    return sort


def _ghost_problems(action: Action, system: System) -> Problems:
    """Ghosts are read by properties, other ghosts and texts only (rule 20)."""
    ghosts = frozenset(var.name for var in system.variables if var.role is Role.GHOST)
    if not ghosts:
        return
    tainted: set[str] = set()
    for name, expr in action.lets:
        if _reads(expr, ghosts, tainted):
            tainted.add(name)
        else:
            tainted.discard(name)
    deciding = [*(part.expr for part in action.guard), *([action.cut] if action.cut else [])]
    if any(_reads(expr, ghosts, tainted) for expr in deciding):
        yield f"action {action.name}: a guard or cut reads a ghost (rule 20)"
    for number, update in enumerate(action.updates, start=1):
        hidden = tainted - {binder.name for binder in update.binders}
        if update.var not in ghosts and any(_reads(e, ghosts, hidden) for e in _reading(update)):
            yield f"action {action.name}: update {number} of {update.var} reads a ghost (rule 20)"


def _reading(update: Update) -> Iterator[Expr]:
    yield from (update.value, update.when, update.live)
    yield from (step.key for step in update.path if isinstance(step, Index))


def _reads(expr: Expr, ghosts: frozenset[str], tainted: set[str]) -> bool:
    return bool((refs(expr) | olds(expr)) & ghosts or free_locals(expr) & tainted)


# ---- properties and views ----------------------------------------------------------------------


def _property_problems(system: System, sound: frozenset[str]) -> Problems:
    """`sound` are the actions that nothing is wrong with."""
    for prop in system.properties:
        place = _place(f"property {prop.name}", system)
        yield from _claim_problems(prop.claim, system, sound, place)


def _claim_problems(claim: Claim, system: System, sound: frozenset[str], place: Place) -> Problems:
    match claim:
        case Invariant(body) | Reachable(body):
            yield from sorted_problems(body, Bool(), place)
        case Occurrence(cases):
            yield from _case_problems(cases, system, sound, place)
        case NoDeadlock():
            pass
        case Settles(observed, _):
            known = {var.name for var in system.variables}
            for name in observed:
                if name not in known:
                    yield f"{place.called}: there is no variable {name}"
            yield from _twice(f"{place.called}: variable", observed)
        case Temporal(formula):
            yield from _formula_problems(formula, system, sound, place)
        case Values(body, where, count):
            yield from expr_problems(body, place)
            yield from sorted_problems(where, Bool(), place)
            if count < 0:
                yield f"{place.called}: less than no values"
        case _:
            assert_never(claim)


def _case_problems(
    cases: tuple[StepCase, ...], system: System, sound: frozenset[str], place: Place
) -> Problems:
    actions: Mapping[str, Action] = {action.name: action for action in system.actions}
    old = {var.name: var.sort for var in system.variables}
    for case in cases:
        here = place.at(f"on {case.action}")
        action = actions.get(case.action)
        if action is None:
            yield f"{here.called}: there is no such action"
        elif action.name in sound:
            lets = (Binder(name, sort_of(expr)) for name, expr in action.lets)
            inner = here.bind(*action.params, *action.choices, *lets)
            yield from sorted_problems(case.body, Bool(), evolve(inner, old=old))


def _formula_problems(
    formula: Formula, system: System, sound: frozenset[str], place: Place
) -> Problems:
    match formula:
        case Holds(body):
            yield from sorted_problems(body, Bool(), place)
        case Unchanged(body):
            yield from expr_problems(body, place.at("unchanged"))
        case Steps(cases):
            yield from _case_problems(cases, system, sound, place)
        case NotF(arg) | Always(arg) | Eventually(arg):
            yield from _formula_problems(arg, system, sound, place)
        case AndF(args) | OrF(args):
            for arg in args:
                yield from _formula_problems(arg, system, sound, place)
        case Until(left, right):
            yield from _formula_problems(left, system, sound, place)
            yield from _formula_problems(right, system, sound, place)
        case EachLife(binder, live, arg):
            yield from _binder_problems((binder,), place)
            inner = place.bind(binder)
            yield from sorted_problems(live, Bool(), inner.at("live"))
            yield from _formula_problems(arg, system, sound, inner)
        case EachValue(binder, arg):
            yield from _binder_problems((binder,), place)
            yield from _formula_problems(arg, system, sound, place.bind(binder))
        case _:
            assert_never(formula)


def _view_problems(system: System) -> Problems:
    sorts = {var.name: var.sort for var in system.variables}
    kinds = {pool.name for pool in system.pools}
    for view in system.views:
        place = _place(f"view of {view.kind} by {view.controller}", system)
        if view.kind not in kinds:
            yield f"{place.called}: there is no such kind"
        yield from _binder_problems(view.instance, place)
        inner = place.bind(*view.instance)
        problems = list(expr_problems(view.lag, inner.at("lag")))
        yield from problems
        if not problems and not isinstance(sort_of(view.lag), Int):
            yield f"{place.called}: the lag is of sort {sort_of(view.lag)}"
        for name, expr in view.fields:
            here = inner.at(name)
            wrong = list(expr_problems(expr, here))
            yield from wrong
            if name not in sorts:
                yield f"{here.called}: there is no such variable"
            elif not wrong and join(sort_of(expr), sorts[name]) is None:
                yield f"{here.called}: of sort {sort_of(expr)}, not {sorts[name]}"
