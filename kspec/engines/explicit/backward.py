"""Traces, by one backward pass over the stored levels (docs/engine-contract.md, "What is found").

From the reported state back: the least state of the level before that has a step there, then the
least instance from it. The steps are found again by generated code, compiled for the first
trace only; nothing is kept per state for this. See `program.trace_module`.
"""

from __future__ import annotations

import ctypes
from itertools import islice
from typing import Any, final

from kspec.engines.explicit import frame as f
from kspec.engines.explicit.llvm.jit import Compiled
from kspec.engines.explicit.plan import BrokenMark, StepMark
from kspec.engines.explicit.probing import TO_TARGET
from kspec.engines.explicit.program import trace_module
from kspec.engines.explicit.search import Search, Sighting
from kspec.ir.sorts import Value, cardinality, values
from kspec.verdict.trace import Step, Trace

MANY = 1 << 19
"""States from which on it pays to optimise the code that finds steps."""


@final
class Backward:
    """Builds the traces of one search."""

    def __init__(self, search: Search) -> None:
        self.search, self.program = search, search.program
        self._code: Compiled | None = None
        self._function: Any = None

    def trace(self, mark: Sighting) -> Trace:
        """The reported trace to where a mark was set."""
        kind = self.program.marks[mark.which]
        steps: list[Step] = []
        if isinstance(kind, StepMark | BrokenMark):
            source = self._find(mark.level, mark.which + 1, mark.row)
            if source != mark.row:
                raise AssertionError("the step is not where it was seen")
            steps.append(self._step(leads=not isinstance(kind, BrokenMark)))
        row = mark.row
        for level in range(mark.level - 1, -1, -1):
            row = self._find(level, TO_TARGET, row)
            steps.append(self._step(leads=True))
        return Trace(self.program.layout.decode(row), tuple(reversed(steps)))

    def _find(self, level: int, mode: int, row: int) -> int:
        """The least row of a level with a wanted step; `_step` gives the step."""
        search, frame = self.search, self.program.frame
        target = ctypes.create_string_buffer(self.program.layout.row(row))
        search.set_word(f.HIT, 0)
        low, high = search.bounds[level], search.bounds[level + 1]
        scan = self._scan()
        for first, last in search.storage.parts(low, high):
            scan(search.context, first, last, mode, ctypes.addressof(target))
        if not search.word(f.HIT):
            raise AssertionError(f"no step of level {level} leads to a state of the next")
        return search.row_in_frame(frame.hit_row())

    def _scan(self) -> Any:
        if self._function is None:
            self._code = Compiled(
                trace_module(self.program), 2 if self.search.stored >= MANY else 0
            )
            self._function = self._code.function("scan", 5)
        return self._function

    def _step(self, leads: bool) -> Step:
        """The step that `scan` has found; a broken one leads to no state."""
        search, layout = self.search, self.program.layout
        action = self.program.system.actions[search.word(f.HIT_ACTION)]
        rank, found = search.word(f.HIT_RANK), list[Value]()
        for binder in reversed((*action.params, *action.choices)):
            rank, place = divmod(rank, cardinality(binder.sort))
            found.append(next(islice(values(binder.sort), place, None)))
        found.reverse()
        count = len(action.params)
        # INVARIANT: after a broken step the row may hold bits that are no value of their sort.
        row = self.program.frame.hit_after()
        after = layout.decode(search.row_in_frame(row)) if leads else None
        return Step(action.name, tuple(found[:count]), tuple(found[count:]), after)
