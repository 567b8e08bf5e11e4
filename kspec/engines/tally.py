"""What runs drawn at random have met, counted as they go. What is drawn how is the hunters' own.

Next: `walks` and `stateful`, which keep one; `api.Walked`, which is told of it.
"""

from __future__ import annotations

from typing import final

from attrs import field

from kspec.base.record import define
from kspec.engines.api import Walked
from kspec.ir.system import System
from kspec.verdict.trace import State, Trace


@final
@define
class Tally:
    """All that was met so far; `found` is what was found about which property.

    The states seen are kept apart for even and for odd runs, since how many are in both tells how
    many there may be. `ended` are the runs that came to where nothing can happen.
    """

    system: System
    found: dict[str, Trace] = field(factory=dict)
    runs: int = 0
    steps: int = 0
    longest: int = 0
    ended: int = 0
    first: Trace | None = None
    interrupted: bool = False
    _fired: dict[int, int] = field(factory=dict)
    _seen: tuple[set[State], set[State]] = field(factory=lambda: (set(), set()))

    def fires(self, place: int) -> None:
        """The action at this place of the system happens."""
        self._fired[place] = self._fired.get(place, 0) + 1

    def over(self, trace: Trace) -> None:
        """A run is over, and this was all of it."""
        self._seen[self.runs % 2].update(trace.states())
        self.runs += 1
        self.steps += len(trace.steps)
        self.longest = max(self.longest, len(trace.steps))

    def walked(self) -> Walked:
        """The same, to be told."""
        even, odd = self._seen
        actions = enumerate(self.system.actions)
        return Walked(
            found=tuple(sorted(self.found.items())),
            walks=self.runs,
            steps=self.steps,
            states=len(even | odd),
            longest=self.longest,
            fired=tuple((action.name, self._fired.get(n, 0)) for n, action in actions),
            ended=self.ended,
            first=self.first,
            meetings=(len(even), len(odd), len(even & odd)),
            interrupted=self.interrupted,
        )


__all__ = ["Tally"]
