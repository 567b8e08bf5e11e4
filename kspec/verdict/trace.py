"""Traces: a start, steps, and for infinite runs the step the loop goes back to."""

from __future__ import annotations

from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.sorts import Value

State: TypeAlias = tuple[Value, ...]
"""One value per variable, in the order of `System.variables`."""


@final
@frozen
class Step:
    """One action instance and the state it leads to.

    `params` and `choices` are values in the order of the action's binders. `state` is None only
    in the last step of a trace that breaks an implicit property: such a step has no successor.
    """

    action: str
    params: tuple[Value, ...]
    choices: tuple[Value, ...]
    state: State | None


@final
@frozen
class Trace:
    """A run of a system from an initial state.

    `loop` is None for a finite trace, else how many steps are taken before the loop begins: the
    steps after that are taken again and again, and the last of them leads back to the state after
    `loop` steps. Where no step is left for the loop, the run stays in the last state for ever.
    """

    start: State
    steps: tuple[Step, ...]
    loop: int | None = None

    def states(self) -> tuple[State, ...]:
        """The states in order, the start first; a last step without successor adds none."""
        return (self.start, *(s.state for s in self.steps if s.state is not None))
