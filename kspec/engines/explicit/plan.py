"""What is asked of a system, laid out: the state, the marks, the frame.

A mark is one question that generated code answers by setting it (`frame`). Next: `program`.
"""

from __future__ import annotations

from typing import assert_never, final

from kspec.base.record import frozen
from kspec.engines.explicit.code.actions import Instance, instances
from kspec.engines.explicit.code.convert import MOST_PLACES, size_of
from kspec.engines.explicit.code.nodes import Nodes
from kspec.engines.explicit.frame import Frame
from kspec.engines.explicit.llvm.tuning import DEFAULT, Tuning
from kspec.engines.explicit.reductions.orbits import Orbits, kinds_of
from kspec.engines.explicit.reductions.stubborn import Stubborn
from kspec.engines.explicit.store.layout import Layout, Refusal, layout_of
from kspec.engines.explicit.store.lines import Rows
from kspec.ir.expr import Expr
from kspec.ir.passes.independence import Independence
from kspec.ir.passes.symmetry import Group
from kspec.ir.system import (
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    StepCase,
    System,
    Temporal,
    Values,
)

MOST_SUCCESSORS = 1 << 24


@final
@frozen
class StateMark:
    """Set where `body` is `wanted`."""

    name: str
    body: Expr
    wanted: bool


@final
@frozen
class DeadlockMark:
    """Set where no instance is enabled or cut."""

    name: str


@final
@frozen
class StepMark:
    """Set at the source of a taken transition that falsifies a case."""

    name: str
    cases: tuple[StepCase, ...]


@final
@frozen
class BrokenMark:
    """Set at the source of a transition that breaks an implicit property."""

    kind: Implicit
    name: str


Mark = StateMark | DeadlockMark | StepMark | BrokenMark


@final
@frozen
class Program:
    """A system and the questions asked of it, laid out. With `orbits`, one state stands for all
    that differ in which of interchangeable identities is which. With `stubborn`, steps that may
    wait are not taken."""

    system: System
    nodes: Nodes
    layout: Layout
    marks: tuple[Mark, ...]
    frame: Frame
    rows: Rows
    tuning: Tuning
    orbits: Orbits | None = None
    stubborn: Stubborn | None = None


def plan(
    system: System,
    asked: tuple[Property, ...],
    tuning: Tuning = DEFAULT,
    shared: bool = False,
    groups: tuple[Group, ...] = (),
    order: Independence | None = None,
    lossy: int = 0,
) -> Program:
    """Lay out a system. Raises `Refusal` where it is beyond this engine.

    `shared`: there will be several workers. `groups`: which identities are interchangeable.
    `order`: who has to do with whom, if steps may wait; then slots are indices, for levels are told
    apart by them. `lossy`: bits of hashes that stand for states, 0 for none.
    """
    if lossy and (shared or order is not None):
        raise ValueError("hashes stand for states only in a plain search by one worker")
    layout = layout_of(system.variables)
    marks = tuple(m for m in map(_mark, asked) if m is not None)
    marks += tuple(BrokenMark(kind, kind.value) for kind in Implicit)
    most = sum(instances(a) for a in system.actions)
    if most > MOST_SUCCESSORS:
        raise Refusal(f"one state may have {most} successors, more than {MOST_SUCCESSORS}")
    starts(system)
    frame = Frame(len(system.actions), len(marks), layout.words)
    indexed = tuning.indexed or order is not None
    rows = Rows(layout.words, layout.bits, most, shared, indexed, tuning.lines, tuning.block, lossy)
    kinds = kinds_of(system.pools, groups)
    orbits = Orbits(kinds, system.variables) if kinds else None
    stubborn = None if order is None else Stubborn(order, most)
    return Program(system, Nodes(), layout, marks, frame, rows, tuning, orbits, stubborn)


def _mark(prop: Property) -> Mark | None:
    match prop.claim:
        case Invariant(body):
            return StateMark(prop.name, body, wanted=False)
        case Reachable(body):
            return StateMark(prop.name, body, wanted=True)
        case NoDeadlock():
            return DeadlockMark(prop.name)
        case Occurrence(cases):
            return StepMark(prop.name, cases)
        case Settles() | Temporal() | Values():
            return None
        case _:
            assert_never(prop.claim)


def starts(system: System) -> int:
    """How many choices of the initial parameters there are."""
    total = 1
    for binder in system.init.params:
        total *= size_of(binder.sort)
    if total > MOST_PLACES:
        raise Refusal(f"{system.name} has {total} choices of initial parameters")
    return total


def mark_of(program: Program, kind: Implicit) -> int:
    """The mark of an implicit property."""
    marks = enumerate(program.marks)
    return next(k for k, m in marks if isinstance(m, BrokenMark) and m.kind is kind)


def cases_of(program: Program, instance: Instance) -> list[tuple[int, StepCase]]:
    """The cases of occurrence properties that look at an action, with their marks."""
    return [
        (k, case)
        for k, mark in enumerate(program.marks)
        if isinstance(mark, StepMark)
        for case in mark.cases
        if case.action == instance.action.name
    ]
