"""A trace in words: who did what, what changed, and what a stale view showed instead.

Data for the screen and for JSON: lines without layout or colour. All words about Kubernetes come
from the system (names, event reasons, templates); nothing here knows any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.driver.telling.shown import Each, Either, Parts, Shape, given, said
from kspec.ir.sorts import Id, Map, Record, Set, Sort, Value, contains, index_of, values
from kspec.ir.system import Action, Implicit, Origin, Role, System, Var, View
from kspec.report.values import Lens, is_of
from kspec.semantics.evaluate import Env, evaluate
from kspec.semantics.state import env_of
from kspec.semantics.step import Instance, instance_env, writes_of
from kspec.verdict.replay import instance_of
from kspec.verdict.trace import State, Step, Trace

LEADS_NOWHERE = ("this step leads to no state",)
LONG = 60
"""Values in braces or brackets longer than this are not written out with an object."""
HIDDEN = (Role.BUDGET, Role.TASK, Role.VIEW, Role.LIVE)
"""Variables whose changes a person need not follow step by step."""


@final
@frozen
class StepWords:
    """One step. `changes` are lines such as `pod/web-3.phase: Pending → Running`."""

    number: int
    who: str
    action: str
    given: tuple[str, ...]
    reason: str | None
    event: str | None
    changes: tuple[str, ...]
    saw: tuple[str, ...]


@final
@frozen
class Story:
    """A trace: the objects at the start, a line each, and where those of manifests were written;
    the steps; how it ends."""

    start: tuple[str, ...]
    written: tuple[Span | None, ...]
    steps: tuple[StepWords, ...]
    ending: tuple[str, ...]


def tell(lens: Lens, trace: Trace, broken: Implicit | None = None) -> Story:
    """The story of a trace; `broken` is the implicit property that its last step breaks."""
    steps, state = [], trace.start
    for number, step in enumerate(trace.steps, start=1):
        lens = lens.remembering(state)
        steps.append(_step(lens, number, state, step))
        state = step.state if step.state is not None else state
    lens = lens.remembering(state)
    ending: tuple[str, ...] = ()
    if broken is not None and trace.steps:
        ending = tuple(_broken(lens, trace, broken))
    return Story(*_start(lens, trace.start), tuple(steps), ending)


# ---- the start ---------------------------------------------------------------------------------


def _start(lens: Lens, state: State) -> tuple[tuple[str, ...], tuple[Span | None, ...]]:
    written = {(kind, place): span for kind, place, span in lens.shown.written}
    there = [(p.name, place) for p in lens.system.pools for place in lens.live(state, p.name)]
    lines = tuple(_described(lens, kind, place, state) for kind, place in there)
    return lines, tuple(written.get(one) for one in there)


def _short(text: str) -> str:
    """A long value is only hinted at: it stands in the program or in a manifest."""
    return text if len(text) <= LONG or text[0] not in "{[" else f"{text[0]}…{text[-1]}"


def _described(lens: Lens, kind: str, place: int, state: State) -> str:
    """An object with the fields that say something, as they were declared."""
    told = dict(lens.constants(kind, place))
    for label, variable, sort in lens.fields(kind):
        value = lens.field_value(state, variable, place)
        if not lens.is_empty(sort, value):
            told[label] = lens.show(sort, value, state, lens.shapes.get(variable))
    told.pop(lens.keys.get(kind, ""), None)
    order = [*lens.order(kind), *told]
    labels = [label for label in dict.fromkeys(order) if label in told]
    parts = [f"{label}: {_short(told[label])}" for label in labels]
    name = lens.object(kind, place, state)
    return f"{name}  {', '.join(parts)}" if parts else name


# ---- steps -------------------------------------------------------------------------------------


def _step(lens: Lens, number: int, before: State, step: Step) -> StepWords:
    system = lens.system
    instance = instance_of(system, step)
    assert not isinstance(instance, str)
    action = system.actions[instance.action]
    after = step.state if step.state is not None else before
    env = instance_env(system, before, instance)
    is_time = action.origin is Origin.CLOCK
    return StepWords(
        number=number,
        who="" if is_time else action.owner,
        action="time passes" if is_time else action.name.removeprefix(f"{action.owner}."),
        given=() if is_time else _given(lens, action, step, before),
        reason=action.reason,
        event=words(lens, action, env, before, after),
        changes=LEADS_NOWHERE
        if step.state is None
        else (*changes(lens, before, after), *_delivered(lens, action, step, before)),
        saw=tuple(_sights(lens, action, step, before)),
    )


def _given(lens: Lens, action: Action, step: Step, state: State) -> tuple[str, ...]:
    pairs = [
        *zip(action.params, step.params, strict=True),
        *zip(action.choices, step.choices, strict=True),
    ]
    shown = []
    for binder, value in pairs:
        shape = lens.shapes.get(given(step.action.partition("/")[0], binder.name.strip("$")))
        text = lens.show(binder.sort, value, state, shape)
        is_object = isinstance(binder.sort, Id)
        shown.append(text if is_object else f"{binder.name.strip('$')}={text}")
    return tuple(shown)


def words(
    lens: Lens,
    action: Action,
    env: Env,
    before: State,
    after: State,
    instead: Callable[[Sort, Value], str | None] = lambda _sort, _value: None,
) -> str | None:
    """The event's text with its values; an object born in the step is named as it is after it.
    `instead` may tell a value otherwise."""
    from kspec.ir.expr import sort_of

    if action.event is None:
        return None
    parts = []
    for place, part in enumerate(action.event.parts):
        if isinstance(part, str):
            parts.append(part)
            continue
        sort, value = sort_of(part), evaluate(part, env)
        if isinstance(sort, Id) and isinstance(value, int):
            state = before if value in lens.live(before, sort.kind) else after
            parts.append(lens.name(sort.kind, value, state))
        else:
            shape = lens.shapes.get(said(action.name, place))
            parts.append(instead(sort, value) or lens.show(sort, value, before, shape))
    return "".join(parts)


def changes(lens: Lens, before: State, after: State) -> Iterator[str]:
    """What differs between two states, births and deaths first."""
    gone: set[tuple[str, int]] = set()
    for pool in lens.system.pools:
        old, new = lens.live(before, pool.name), lens.live(after, pool.name)
        for place in old:
            if place not in new:
                gone.add((pool.name, place))
                yield f"- {lens.object(pool.name, place, before)}"
        for place in new:
            if place not in old:
                gone.add((pool.name, place))
                yield f"+ {_described(lens, pool.name, place, after)}"
    for variable, old_value, new_value in zip(lens.system.variables, before, after, strict=True):
        if variable.role not in HIDDEN and old_value != new_value:
            yield from _change(lens, variable, (old_value, new_value), (before, after), gone)


def _change(
    lens: Lens,
    variable: Var,
    pair: tuple[Value, Value],
    states: tuple[State, State],
    gone: set[tuple[str, int]],
) -> Iterator[str]:
    sort, kind = variable.sort, variable.owner
    if isinstance(sort, Map) and is_of(sort, kind):
        old, new = pair
        assert isinstance(old, tuple) and isinstance(new, tuple)
        for place, (a, b) in enumerate(zip(old, new, strict=True)):
            if a != b and (kind, place) not in gone:
                at = f"{lens.object(kind, place, states[0])}.{variable.label}"
                shape = lens.shapes.get(variable.name)
                yield from _inside(lens, at, (sort.value, shape), a, b, states)
        return
    owner = f"{kind}." if kind and not variable.label.startswith(f"{kind}.") else ""
    both = (sort, lens.shapes.get(variable.name))
    yield from _inside(lens, f"{owner}{variable.label}", both, *pair, states)


def _inside(
    lens: Lens,
    at: str,
    what: tuple[Sort, Shape],
    a: Value,
    b: Value,
    states: tuple[State, State],
) -> Iterator[str]:
    """The difference as deep as it goes."""
    sort, shape = what
    inner = shape.of if isinstance(shape, Each) else None
    match sort:
        case Map(key, of) if isinstance(a, tuple) and isinstance(b, tuple):
            for k, x, y in zip(values(key), a, b, strict=True):
                if x != y:
                    where = f"{at}[{lens.show(key, k, states[0])}]"
                    yield from _inside(lens, where, (of, inner), x, y, states)
        case Record(_, fields) if (
            isinstance(a, tuple) and isinstance(b, tuple) and not isinstance(shape, Either)
        ):
            shapes = shape.parts if isinstance(shape, Parts) else (None,) * len(fields)
            for (name, of), x, y, part in zip(fields, a, b, shapes, strict=True):
                if x != y:
                    yield from _inside(lens, f"{at}.{name}", (of, part), x, y, states)
        case Set(of) if isinstance(a, frozenset) and isinstance(b, frozenset):
            both = sorted(a ^ b, key=lambda element: index_of(of, element))
            signs = (
                ("-" if x in a else "+") + lens.show(of, x, states[x in b], inner) for x in both
            )
            yield f"{at}: {' '.join(signs)}"
        case _:
            old = lens.show(sort, a, states[0], shape)
            yield f"{at}: {old} → {lens.show(sort, b, states[1], shape)}"


# ---- stale views -------------------------------------------------------------------------------


def _sights(lens: Lens, action: Action, step: Step, state: State) -> Iterator[str]:
    """What the acting controller saw that was not so any more."""
    if action.origin is Origin.CONTROLLER:
        for view in lens.system.views:
            if view.controller == action.owner:
                yield from _sight(lens, view, step, state)


def _delivered(lens: Lens, action: Action, step: Step, before: State) -> Iterator[str]:
    """What a controller sees now that it did not see before the delivery, or before its restart."""
    is_restart = action.origin is Origin.FAULT and action.name == f"{action.owner}.restart"
    if step.state is None or not (is_restart or action.origin is Origin.DELIVERY):
        return
    for view in lens.system.views:
        if view.controller != action.owner:
            continue
        (old, was), (new, now) = (_image(lens, view, step, s) for s in (before, step.state))
        if was == now:
            continue
        of_kind = {variable for variable, _ in view.fields}
        pair = _only(lens, of_kind, before, old), _only(lens, of_kind, before, new)
        seen = [line.partition("  ")[0] for line in changes(lens, *pair)]
        how = "up to date" if now == 0 else _behind(now)
        told = "; ".join(seen) if seen else "nothing new"
        yield f"cache of {view.kind} {how}: {told}"


def _only(lens: Lens, names: set[str], fixed: State, image: State) -> State:
    """A state that differs from `fixed` in these variables alone."""
    triples = zip(lens.system.variables, fixed, image, strict=True)
    return tuple(i if v.name in names else f for v, f, i in triples)


def _image(lens: Lens, view: View, step: Step, state: State) -> tuple[State, int]:
    """The state as a controller sees it, and how many writes that is behind."""
    env = env_of(lens.system, state)
    for binder, value in zip(view.instance, step.params, strict=False):
        env = env.bind(binder.name, value)
    behind = evaluate(view.lag, env)
    assert isinstance(behind, int)
    seen = {name: evaluate(expr, env) for name, expr in view.fields}
    return _as_seen(lens, seen, state), behind


def _behind(writes: int) -> str:
    return "1 write behind" if writes == 1 else f"{writes} writes behind"


def _sight(lens: Lens, view: View, step: Step, state: State) -> Iterator[str]:
    shown, behind = _image(lens, view, step, state)
    if behind < 1:
        return
    count = len(lens.live(shown, view.kind))
    some = f"{count} {view.kind}" + ("" if count == 1 else "s")
    differences = list(_mistaken(lens, view.kind, shown, state))
    told = "; ".join(differences) if differences else "nothing that it reads was different"
    yield f"saw {some} ({_behind(behind)}): {told}"


def _as_seen(lens: Lens, seen: dict[str, Value], state: State) -> State:
    """The state with the view's image in the place of the live objects."""
    return tuple(
        seen.get(variable.name, value)
        for variable, value in zip(lens.system.variables, state, strict=True)
    )


def _mistaken(lens: Lens, kind: str, seen: State, live: State) -> Iterator[str]:
    there, really = lens.live(seen, kind), lens.live(live, kind)
    for place in really:
        if place not in there:
            yield f"{lens.object(kind, place, live)} was not seen yet"
    for place in there:
        if place not in really:
            yield f"{lens.object(kind, place, seen)} was gone already"
    for label, variable, sort in lens.fields(kind):
        for place in there:
            a, b = lens.field_value(seen, variable, place), lens.field_value(live, variable, place)
            if place in really and a != b:
                name = f"{lens.object(kind, place, live)}.{label}"
                shape = lens.shapes.get(variable)
                was, really_is = lens.show(sort, a, seen, shape), lens.show(sort, b, live, shape)
                yield f"{name} was {was}, really {really_is}"


# ---- a broken step -----------------------------------------------------------------------------


def _broken(lens: Lens, trace: Trace, broken: Implicit) -> Iterator[str]:
    """Which write of the last step it was."""
    system, before = lens.system, trace.states()[-1]
    instance = instance_of(system, trace.steps[-1])
    assert isinstance(instance, Instance)
    action = system.actions[instance.action]
    env = instance_env(system, before, instance)
    writes = writes_of(system, action, env)
    for number, write in enumerate(writes):
        where, sort = _written(lens, system, write.var, write.place, before)
        match broken:
            case Implicit.IN_RANGE if not write.in_range or not contains(sort, write.value):
                shown = lens.show(sort, write.value, before) if write.in_range else None
                value = _beyond(write.value) if shown is None else shown
                yield f"{where} would become {value}, which is not in {_range(sort)}"
            case Implicit.LIVE_TARGET if not write.live:
                yield f"{where} is written, but the object is gone"
            case Implicit.SINGLE_WRITE:
                for other in writes[:number]:
                    short = min(len(other.place), len(write.place))
                    if other.var == write.var and other.place[:short] == write.place[:short]:
                        yield f"{where} is written twice in one step"


def _beyond(value: Value) -> str:
    """A value that its sort does not have, as well as it can be shown."""
    match value:
        case frozenset():
            return f"{{{', '.join(sorted(map(_beyond, value)))}}}"
        case tuple():
            return f"[{', '.join(map(_beyond, value))}]"
        case _:
            return str(value)


def _written(
    lens: Lens, system: System, var: str, place: tuple[int, ...], state: State
) -> tuple[str, Sort]:
    variable = next(v for v in system.variables if v.name == var)
    at = f"{variable.owner}.{variable.label}" if variable.owner else variable.label
    sort, rest = variable.sort, place
    if isinstance(sort, Map) and is_of(sort, variable.owner) and rest:
        at = f"{lens.object(variable.owner, rest[0], state)}.{variable.label}"
        sort, rest = sort.value, rest[1:]
    for position in rest:
        if isinstance(sort, Map):
            key = tuple(values(sort.key))[position]
            at, sort = f"{at}[{lens.show(sort.key, key, state)}]", sort.value
        elif isinstance(sort, Record):
            name, inner = sort.fields[position]
            at, sort = f"{at}.{name}", inner
    return at, sort


def _range(sort: Sort) -> str:
    lo, hi = getattr(sort, "lo", None), getattr(sort, "hi", None)
    return f"{lo}..{hi}" if lo is not None else "its range"
