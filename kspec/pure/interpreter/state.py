"""What the interpreter of typed modules remembers: the literal history, as plain values.

Two states are equal exactly if they are one state: objects that are not alive have no entry, a
view that is up to date holds no image, a component that is idle has no task. Nothing here moves;
`effects` makes the next state of one, `machine` walks over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias, final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.pure.values.value import FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import Fixed

Row: TypeAlias = Fixed[str, Value]
"""The fields of a live object, by name."""

Slot: TypeAlias = "Value"
"""Which instance of a component: the value of its binder, None if it has no instances."""


@final
@frozen
class Image:
    """A kind as it was before a write: its objects, with the fields that the viewer reads.

    `touched` are the objects that the write changed, where the viewer asks `if unchanged`.
    """

    objects: Fixed[Obj, Row]
    ages: Fixed[Obj, int]
    touched: frozenset[Obj]


@final
@frozen
class Task:
    """A reconcile under way: the step to come, counted from 1, and what was frozen for it.

    `left` are the members that its `each` has still to do.
    """

    action: str
    step: int
    frozen: Fixed[str, Value]
    left: frozenset[Value] | None


@final
@frozen
class Queue:
    """Whose images: a controller (`server` for the API server's own), its instance, the kind."""

    owner: str
    slot: Slot
    kind: str


@final
@frozen
class MachineState:
    """One state.

    `objects` are the live ones. `ages` has the live objects of the kinds whose age is read, oldest
    0. `store` has every `memory` and `local` variable of every instance that exists. `tasks` has
    no idle ones, `behind` no empty queues (oldest image first). `budgets` count down.
    `deadlines` have what is left to each instance (action, arguments) that is enabled and has one.
    `lapsed` is what the last step ended, begun and not used: lowering stores it for one step, so
    that states can be counted alike; nothing reads it.
    """

    objects: Fixed[Obj, Row]
    ages: Fixed[Obj, int]
    store: Fixed[tuple[str, Slot], Value]
    tasks: Fixed[tuple[str, Slot], Task]
    behind: Fixed[Queue, tuple[Image, ...]]
    budgets: Fixed[str, int]
    ghosts: Fixed[str, Value]
    deadlines: Fixed[tuple[str, tuple[Value, ...]], Fraction] = field(factory=Fixed)
    lapsed: Fixed[tuple[str, tuple[Value, ...]], Fraction] = field(factory=Fixed)

    def with_store(self, name: str, slot: Slot, value: Value) -> MachineState:
        """This state with one variable of a component changed."""
        return evolve(self, store=self.store.put((name, slot), value))


def identities(value: object) -> Iterator[Obj]:
    """Every identity that a value points to."""
    match value:
        case Obj():
            yield value
        case Rec(_, values):
            for part in values:
                yield from identities(part)
        case FrozenMap() | Fixed():
            for key, part in value.items():
                yield from identities(key)
                yield from identities(part)
        case tuple() | frozenset():
            for part in value:
                yield from identities(part)
        case _:
            return
