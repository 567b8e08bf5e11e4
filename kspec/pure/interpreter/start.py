"""Where the interpreter starts, and what instances of components begin with.

Dynamics: "Start". Next: `steps` for what happens then.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import cast

from attrs import evolve

from kspec.analysis.typed import TComponent, TExpr
from kspec.pure.evaluation.evaluate import stored
from kspec.pure.interpreter.facts import Facts
from kspec.pure.interpreter.read import Now, component_context, is_true, live_context, slots
from kspec.pure.interpreter.state import MachineState, Row, Slot
from kspec.pure.interpreter.timers import as_kept
from kspec.pure.interpreter.views import SERVER
from kspec.pure.scopes.scope import OneOf
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Fixed


def starts(facts: Facts) -> tuple[MachineState, ...]:
    """Every initial state, each once."""
    found: dict[MachineState, None] = {}
    for objects in _objects(facts):
        state = _started(facts, objects)
        context = live_context(Now(facts, state))
        if all(is_true(cast(TExpr, e), context) for _, e in facts.scope.assumes):
            found[state] = None
    return tuple(found)


def _objects(facts: Facts) -> Iterator[Fixed[Obj, Row]]:
    cells = [
        (Obj(o.kind, o.index), name, initial.values if isinstance(initial, OneOf) else (initial,))
        for o in facts.scope.objects
        for name, initial in o.fields
    ]
    for values in product(*(options for _, _, options in cells)):
        rows: dict[Obj, dict[str, Value]] = {Obj(o.kind, o.index): {} for o in facts.scope.objects}
        for (obj, name, _), value in zip(cells, values, strict=True):
            rows[obj][name] = as_kept(facts, facts.tables.fields[obj.kind][name].type, value)
        yield Fixed({obj: Fixed(row) for obj, row in rows.items()})


def _started(facts: Facts, objects: Fixed[Obj, Row]) -> MachineState:
    ages: dict[Obj, int] = {}
    for kind in sorted(facts.aged):
        ages.update({o: n for n, o in enumerate(sorted(o for o in objects if o.kind == kind))})
    budgets = {b.action: b.most for b in facts.scope.budgets if b.most is not None}
    bare = MachineState(
        objects=objects,
        ages=Fixed(ages),
        store=Fixed(),
        tasks=Fixed(),
        behind=Fixed(),
        budgets=Fixed(budgets),
        ghosts=Fixed(),
    )
    context = live_context(Now(facts, bare))
    ghosts = {
        g.state.name: as_kept(facts, g.state.type, stored(g.state.init, g.state.type, context))
        for g in facts.program.ghosts
    }
    return remembering(Now(facts, evolve(bare, ghosts=Fixed(ghosts))))


def remembering(now: Now) -> MachineState:
    """The state with initial variables for instances that have none yet, and with nothing of
    those that are gone: neither variables nor tasks nor views."""
    kept: dict[tuple[str, Slot], Value] = {}
    there: set[tuple[str, Slot]] = set()
    for component in now.facts.program.components:
        for slot in slots(now, component):
            there.add((component.name, slot))
            kept.update(_variables(now, component, slot))
    components = now.facts.tables.components
    state = now.state
    return evolve(
        state,
        store=Fixed(kept),
        tasks=Fixed(
            {who: t for who, t in state.tasks.items() if who in there or who[0] not in components}
        ),
        behind=Fixed(
            {
                q: i
                for q, i in state.behind.items()
                if q.owner == SERVER or (q.owner, q.slot) in there
            }
        ),
    )


def _variables(now: Now, component: TComponent, slot: Slot) -> dict[tuple[str, Slot], Value]:
    fresh = component_context(now, component, slot)
    keys = {decl: (decl.name, slot) for decl in component.state}
    return {
        key: now.state.store[key]
        if key in now.state.store
        else as_kept(now.facts, decl.type, stored(decl.init, decl.type, fresh))
        for decl, key in keys.items()
    }
