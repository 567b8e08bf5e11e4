"""What is outside of a property's cone makes no difference to it: random systems, searched with and
without the writes to what is outside."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.ir.passes.slice import Cone, cone, dropped
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    System,
)
from kspec.verdict.answer import Absent, Answer, Exploration, Found
from tests.systems.small import counter

BUDGET = Budget(max_states=300)


def explored(system: System, prop: Property) -> Exploration:
    return Reference().explore(system, (prop.name,), BUDGET, lambda _: None)


def without(system: System, of: Cone) -> System:
    """The system in which nothing outside of the cone ever changes."""
    actions = tuple(
        evolve(a, updates=tuple(u for u in a.updates if u.var in of.variables))
        for a in system.actions
    )
    return evolve(system, actions=actions)


def outcome(answer: Answer) -> object:
    """What must be the same: the kind of the answer, and how far the least trace goes."""
    return type(answer), len(answer.trace.steps) if isinstance(answer, Found) else None


def compared(seed: int) -> tuple[int, int]:
    """How many properties were compared, and for how many something was left out."""
    system, some, cut = seeded_system(seed), 0, 0
    for prop in system.properties:
        if not isinstance(prop.claim, Invariant | Reachable | Occurrence):
            continue
        of = cone(system, prop)
        full = explored(system, prop)
        answers = dict(full.answers)
        # A step that breaks an implicit property has no successor, whatever a slice can see.
        broken = any(not isinstance(answers[i.value], Absent) for i in Implicit)
        if broken or not (full.complete or isinstance(answers[prop.name], Found)):
            continue
        sliced = dict(explored(without(system, of), prop).answers)
        assert outcome(sliced[prop.name]) == outcome(answers[prop.name]), (seed, prop.name)
        some, cut = some + 1, cut + bool(dropped(system, of))
    return some, cut


def test_random_systems() -> None:
    pairs = [compared(seed) for seed in range(70)]
    assert sum(some for some, _ in pairs) >= 25
    assert sum(cut for _, cut in pairs) >= 5


@pytest.mark.slow
def test_more_random_systems() -> None:
    pairs = [compared(seed) for seed in range(1000, 3000)]
    assert sum(cut for _, cut in pairs) >= 150


def test_a_cone_that_forgets_guards_is_noticed() -> None:
    """The comparison can fail: with the guards' reads left out it does."""

    def blind(system: System, prop: Property) -> Cone:
        of = cone(system, prop)
        read = cone(evolve(system, actions=()), prop)
        return evolve(of, variables=read.variables)

    differences = 0
    for seed in range(400):
        system = seeded_system(seed)
        for prop in system.properties:
            if isinstance(prop.claim, Invariant | Reachable):
                full = dict(explored(system, prop).answers)[prop.name]
                cut = dict(explored(without(system, blind(system, prop)), prop).answers)[prop.name]
                differences += outcome(full) != outcome(cut)
        if differences:
            return
    raise AssertionError("nothing differed")


def test_what_is_never_sliced() -> None:
    system = counter(3)
    for claim in (NoDeadlock(), Settles((), False)):
        of = cone(system, Property("p", claim))
        assert of.whole
        assert dropped(system, of) == ()
