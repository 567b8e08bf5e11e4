"""The variables of a system: which there are, and with which sorts so far.

Fields that never change have none. The sorts of names, amounts, lists and keys are found out by
passes: what a pass sees written is added for the next. Next: `initial` for first values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kspec.analysis.typed import (
    OverKind,
    TAction,
    TChoose,
    TComponent,
    TGuard,
    TLetGuard,
    TNew,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KindT,
    ListT,
    MapT,
    OptT,
    RecordT,
    SetT,
    Type,
)
from kspec.base.node import nodes
from kspec.ir.sorts import Bool, Enum, Int, Map, Opt, Set, Sort
from kspec.ir.system import Role
from kspec.lower.context import Lowering, Slot
from kspec.lower.expressions import worlds
from kspec.lower.expressions.binding import full_sort
from kspec.lower.expressions.pure_expr import initial_of
from kspec.lower.facts import Static
from kspec.lower.values.shapes import meet, settled
from kspec.lower.values.stored import is_value_enum
from kspec.lower.values.symbolic import Known
from kspec.pure.scopes.scope import OneOf, ViewSetting

SERVER = "server"


def make_slots(low: Lowering, sorts: Mapping[str, Sort]) -> None:
    """Fill `low.slots`, in the order of the system's variables."""
    for slot in _all(low, sorts):
        low.slots[slot.name] = slot


def _all(low: Lowering, sorts: Mapping[str, Sort]) -> Iterator[Slot]:
    static = low.static
    for kind in static.scope.program.kinds:
        yield from _of_kind(low, kind.name, sorts)
    for kind_name in sorted(static.facts.aged):
        size = low.shapes.pools.get(kind_name, 0)
        if size:
            yield Slot(
                worlds.age_name(kind_name),
                IntT(),
                low.shapes.id(kind_name),
                Int(0, size - 1),
                Role.API,
                kind_name,
                "age",
            )
    for component in static.scope.program.components:
        yield from _of_component(low, component, sorts)
    for component in static.scope.program.components:
        yield from _tasks(low, component, sorts)
    yield from _views(low)
    for budget in static.scope.budgets:
        if budget.most is not None and f"budget.{budget.action}" not in low.slots:
            yield Slot(
                f"budget.{budget.action}",
                IntT(),
                None,
                Int(0, budget.most),
                Role.BUDGET,
                budget.action,
                "left",
            )
    for number in range(low.probe_count):
        yield Slot(f"range.{number}", IntT(), None, Int(0, 0), Role.MEMORY, "range", str(number))
    for ghost in static.scope.program.ghosts:
        name = ghost.state.name
        if name in static.assigned:
            yield _state(low, name, ghost.state.type, None, Role.GHOST, "ghost", name, sorts)


def _of_kind(low: Lowering, kind: str, sorts: Mapping[str, Sort]) -> Iterator[Slot]:
    id_ = low.shapes.id(kind)
    if id_.size == 0:
        return
    if not low.static.is_everlasting(kind):
        yield Slot(worlds.live_name(kind), BoolT(), id_, Bool(), Role.LIVE, kind, "live")
    roles = {"api": Role.API, "local": Role.LOCAL, "ghost": Role.GHOST}
    for decl in low.static.tables.kinds[kind].fields:
        if (kind, decl.name) in low.static.constant:
            continue
        name = worlds.field_name(kind, decl.name)
        known = sorts.get(name)
        interned = decl.fixed and isinstance(decl.type, RecordT | SetT | ListT | MapT)
        interned = interned and low.shapes.is_interned(decl.type)
        # A pass has seen a birth with a value that is no case of anything.
        interned = interned and (known is None or is_value_enum(known))
        if name not in low.seen:
            start = _fixed_start if interned else field_start
            low.seen[name] = start(low, kind, decl.name, decl.type)
        sort = sorts.get(name, low.seen[name])
        stored = settled(sort)
        if isinstance(decl.type, KindT):
            stored = Opt(stored)
        yield Slot(name, decl.type, id_, stored, roles[decl.role], kind, decl.name, interned)


def _fixed_start(low: Lowering, kind: str, name: str, type_: Type) -> Sort:
    """The same for a field that is an enumeration of whole values."""
    sort = low.shapes.element(type_, worlds.default_of(low, kind, name))
    for obj in low.static.scope.objects:
        if obj.kind == kind:
            initial = dict(obj.fields)[name]
            for value in initial.values if isinstance(initial, OneOf) else (initial,):
                sort = meet(sort, low.shapes.element(type_, value))
    return sort


def field_start(low: Lowering, kind: str, name: str, type_: Type) -> Sort:
    """The sort of what a field begins with, in the objects there are and in dead ones."""
    from kspec.lower.expressions.pure_expr import least_value

    sort = low.shapes.floor(type_)
    for obj in low.static.scope.objects:
        if obj.kind == kind:
            initial = dict(obj.fields)[name]
            for value in initial.values if isinstance(initial, OneOf) else (initial,):
                sort = low.shapes.widened(type_, sort, low.shapes.occurring(type_, value))
    if isinstance(type_, KindT):
        return sort
    _ = least_value
    default = worlds.default_of(low, kind, name)
    return low.shapes.widened(type_, sort, low.shapes.occurring(type_, default))


def index_of(low: Lowering, component: TComponent) -> Sort | None:
    """What a component's variables are maps from: its instances."""
    binder = component.instance
    if binder is None:
        return None
    if isinstance(binder.over, OverKind):
        return low.shapes.id(binder.over.kind)
    return instance_sort(low, component)


def instance_sort(low: Lowering, component: TComponent) -> Sort:
    """The sort of an instance that is no object."""
    from kspec.lower.context import Frame, Present, Sink, together
    from kspec.lower.expressions.binding import options
    from kspec.lower.values.codec import occurring

    assert component.instance is not None
    frame = Frame({}, Present(), Present(), Sink())
    found = options(low, frame, component.instance)
    sorts = [occurring(low.shapes, component.instance.type, o.value) for o in found]
    return together(sorts) if sorts else full_sort(low, component.instance.type)


def _of_component(
    low: Lowering, component: TComponent, sorts: Mapping[str, Sort]
) -> Iterator[Slot]:
    index = index_of(low, component)
    for decl in component.state:
        if decl.name not in low.static.assigned:
            continue
        role = Role.MEMORY if decl.role == "memory" else Role.LOCAL
        label = decl.name.removeprefix(f"{component.name}.")
        yield _state(low, decl.name, decl.type, index, role, component.name, label, sorts)


def _state(
    low: Lowering,
    name: str,
    type_: Type,
    index: Sort | None,
    role: Role,
    owner: str,
    label: str,
    sorts: Mapping[str, Sort],
) -> Slot:
    if name not in low.seen:
        initial = initial_of(low, name)
        assert isinstance(initial, Known)
        low.seen[name] = low.shapes.of_value(type_, initial.value)
    return Slot(name, type_, index, settled(sorts.get(name, low.seen[name])), role, owner, label)


# ---- reconciles of several steps ---------------------------------------------------------------


def task_name(owner: str) -> str:
    """Where a component's worker stands."""
    return f"{owner}.task"


def frozen_name(action: TAction, name: str) -> str:
    """What a worker froze for later steps."""
    return f"{action.name}.{name}"


def rest_name(action: TAction, place: int) -> str:
    """The members that an `each` has still to do."""
    return f"{step_name(action, place)}.rest"


def step_name(action: TAction, place: int) -> str:
    """The name of a step as an action of its own."""
    return action.name if place == 0 else f"{action.name}/{place + 1}"


def task_sort(static: Static, owner: str) -> Enum:
    """Idle, or the step that comes next."""
    cases = ["idle"]
    for action in static.actions:
        if action.owner == owner:
            cases += [step_name(action, i) for i in range(1, len(action.steps))]
    return Enum(task_name(owner), tuple(cases))


def frozen_types(action: TAction) -> dict[str, Type]:
    """What later steps may use, in the order it is bound."""
    found: dict[str, Type] = {b.name: b.type for b in action.parameters}
    for guard in action.guards:
        match guard:
            case TGuard(cond, str() as name):
                type_ = cond.type
                found[name] = type_.of if isinstance(type_, OptT) else type_
            case TLetGuard(name, value):
                found[name] = value.type
            case _:
                pass
    for step in action.steps[:-1]:
        if step.each is None:
            for choice in nodes(step.body, TChoose):
                found.update({b.name: b.type for b in choice.binders})
            found.update({n.name: KindT(n.kind) for n in nodes(step.body, TNew) if n.name})
    return found


def _tasks(low: Lowering, component: TComponent, sorts: Mapping[str, Sort]) -> Iterator[Slot]:
    """The task of every instance, what it froze, what its loops have left."""
    long = [a for a in low.static.actions if a.owner == component.name and len(a.steps) > 1]
    if not long:
        return
    index = index_of(low, component)
    sort = task_sort(low.static, component.name)
    name = task_name(component.name)
    yield Slot(name, EnumT(name, sort.cases), index, sort, Role.TASK, component.name, "task")
    for action in long:
        short = action.name.removeprefix(f"{component.name}.")
        for bound, type_ in frozen_types(action).items():
            kept: Type = type_ if isinstance(type_, OptT) else OptT(type_)
            called = frozen_name(action, bound)
            seen = sorts.get(called, low.seen.setdefault(called, low.shapes.floor(kept)))
            yield Slot(
                called, kept, index, settled(seen), Role.TASK, component.name, f"{short}.{bound}"
            )
        for place, step in enumerate(action.steps):
            if step.each is not None and place:
                members: Type = SetT(step.each[2])
                called = rest_name(action, place)
                seen = sorts.get(called, low.seen.setdefault(called, low.shapes.floor(members)))
                yield Slot(called, members, index, settled(seen), Role.TASK, component.name, called)


# ---- views -------------------------------------------------------------------------------------


def stale_kinds(low: Lowering) -> Iterator[tuple[TComponent, str, ViewSetting]]:
    """Controllers with kinds that they see late, and that anything changes."""
    for component in low.static.scope.program.components:
        setting = low.static.facts.stale(component.name)
        if setting is None:
            continue
        for watch in component.watches:
            if low.static.changes(watch.kind) and low.shapes.pools.get(watch.kind, 0):
                yield component, watch.kind, setting


def served_kinds(low: Lowering) -> dict[str, tuple[int, frozenset[str], bool]]:
    """Kinds that API servers of their own show late: by how much, which fields, whether writes
    are asked for."""
    found: dict[str, tuple[int, frozenset[str], bool]] = {}
    facts = low.static.facts
    for component, kind, setting in stale_kinds(low):
        if setting.servers > 1:
            lag, fields, asks = found.get(kind, (0, frozenset[str](), False))
            mine = facts.visible[component.name, kind]
            asked = (component.name, kind) in facts.asks_unchanged
            found[kind] = (max(lag, setting.lag), fields | mine, asks or asked)
    return found


def _views(low: Lowering) -> Iterator[Slot]:
    facts = low.static.facts
    for component, kind, setting in stale_kinds(low):
        index = index_of(low, component)
        fields = facts.visible[component.name, kind]
        asks = (component.name, kind) in facts.asks_unchanged
        yield from _queue(low, component.name, kind, index, setting.lag, fields, asks)
    for kind, (lag, fields, asks) in served_kinds(low).items():
        yield from _queue(low, SERVER, kind, None, lag, fields, asks)


def _queue(
    low: Lowering,
    owner: str,
    kind: str,
    index: Sort | None,
    lag: int,
    fields: frozenset[str],
    asks: bool,
) -> Iterator[Slot]:
    id_ = low.shapes.id(kind)

    def slot(what: str, sort: Sort) -> Slot:
        name = worlds.queue_name(owner, kind, what)
        return Slot(name, BoolT(), index, sort, Role.VIEW, owner, f"{kind}.{what}")

    yield slot("n", Int(0, lag))
    for i in range(lag):
        if worlds.live_name(kind) in low.slots or _is_filtered(low, owner, kind):
            yield slot(f"{i}.live", Map(id_, Bool()))
        for decl in low.static.tables.kinds[kind].fields:
            if decl.name in fields and worlds.field_name(kind, decl.name) in low.slots:
                field = low.slots[worlds.field_name(kind, decl.name)]
                yield slot(f"{i}.{decl.name}", Map(id_, field.sort))
        if worlds.age_name(kind) in low.slots:
            yield slot(f"{i}.age", Map(id_, low.slots[worlds.age_name(kind)].sort))
        if asks:
            yield slot(f"{i}.touched", Set(id_))


def _is_filtered(low: Lowering, owner: str, kind: str) -> bool:
    if owner == SERVER:
        return False
    watches = low.static.tables.components[owner].watches
    return any(w.kind == kind and w.where is not None for w in watches)
