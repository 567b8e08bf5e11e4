"""The native explorer: `engines.api.Explorer` over generated code.

What it answers is fixed by docs/engine-contract.md, to the byte. It raises `Refusal` for a system
that it cannot take; it never answers where it is not sure. `run` also gives what an audit needs.
Next: `program` (what is generated), `search` (how it is run).
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from typing import final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.engines.api import Budget, Listener, Progress
from kspec.engines.explicit.backward import Backward
from kspec.engines.explicit.llvm.codes import Codes
from kspec.engines.explicit.llvm.tuning import DEFAULT, Tuning
from kspec.engines.explicit.plan import BrokenMark, plan
from kspec.engines.explicit.program import search_module
from kspec.engines.explicit.search import Search, Switch
from kspec.engines.explicit.store.journal import BadCheckpoint, Journal
from kspec.engines.explicit.store.layout import Refusal
from kspec.ir.expr import Expr
from kspec.ir.passes.independence import Independence
from kspec.ir.passes.symmetry import Group
from kspec.ir.system import Property, Settles, System, Temporal, Values
from kspec.verdict.answer import (
    Absent,
    Answer,
    Cut,
    Exhausted,
    Exploration,
    Found,
    HunterAnswer,
    Inconclusive,
    Reached,
    Why,
)
from kspec.verdict.trace import State

QUICK, FAST = 0, 2
LOSSY_BITS = 64
"""Of a hash that stands for a state: slots of 64 bits, and of every state nothing else."""
CUT_SHORT = frozenset({Why.STATES, Why.TIME, Why.MEMORY, Why.INTERRUPTED, Why.DEPTH})
"""What a search may go on after, with a higher limit."""
SWITCH = 1 << 17
"""States after which it pays to compile again, with optimisations."""
MOST_FAST_WORDS = 16
"""Numbers of a thousand bits take LLVM half a minute to optimise."""


@final
@frozen
class ExplicitRun:
    """A finished search, its states still in memory for an audit.

    `preparing`: seconds of making code, for measurements alone; `preparing_cpu`: of processors.
    """

    exploration: Exploration
    search: Search
    preparing: float = 0.0
    preparing_cpu: float = 0.0

    def sample(self, count: int, seed: int) -> tuple[State, ...]:
        """Distinct states of completed levels, drawn with a seed; all if there are not more."""
        rows = self.search.draw(self.exploration.reached.states, count, seed)
        return tuple(map(self.search.program.layout.decode, rows))

    def stored(self, index: int) -> State:
        """A stored state; those of completed levels are 0 .. `reached.states` - 1."""
        return self.search.program.layout.decode(self.search.row(index))

    def contains(self, state: State) -> bool:
        """Is this state stored, or with orbits, the one that stands for it?"""
        row = self.search.program.layout.encode(state)
        return self.search.has(self.search.canonical(row))

    @property
    def sizes(self) -> tuple[int, int]:
        """Bits of a packed state, and bytes that one takes beside the table."""
        layout = self.search.program.layout
        return layout.bits, 8 * layout.words

    def ever(
        self, bodies: tuple[Expr, ...], is_stopped: Callable[[], bool]
    ) -> tuple[bool, ...] | None:
        """Of each formula, is it true in a state of a completed level? None if nobody can tell."""
        from kspec.engines.explicit.asking import ever

        return ever(self.search, self.exploration.reached.states, bodies, is_stopped)

    def canonical(self, state: State) -> State:
        """The state that is stored for this one."""
        layout = self.search.program.layout
        return layout.decode(self.search.canonical(layout.encode(state)))


@final
@frozen
class Explicit:
    """The explorer called `explicit`.

    `level`: how much LLVM optimises, 0 .. 3; None is little at first, and more once a search
    turns out to be long. `workers`: threads. `codes`: who makes machine code, and may remember
    it. None of them and not `tuning` changes an answer. `journal`: where checkpoints are written,
    of one search; then `run` raises `BadCheckpoint`, too. `groups`: identities of which it does
    not matter which is which (`ir.passes.symmetry`); then states, steps and traces are those of
    representatives, and to be lifted (`engines.lifting`). `order`: who has to do with whom
    (`ir.passes.independence`); then steps may wait that none of these properties can tell from
    others, as long as the search is complete: docs/adr/016. States are then in memory.
    """

    level: int | None = None
    tuning: Tuning = DEFAULT
    workers: int = 1
    codes: Codes = field(factory=Codes)
    journal: Journal | None = None
    groups: tuple[Group, ...] = ()
    order: Independence | None = None
    lossy: int = 0

    @property
    def name(self) -> str:
        """The name in reports."""
        return "explicit"

    def explore(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> Exploration:
        """Search until every named property is decided or nothing is left to visit."""
        return self.run(system, properties, budget, listen).exploration

    def run(
        self, system: System, properties: tuple[str, ...], budget: Budget, listen: Listener
    ) -> ExplicitRun:
        """`explore`, and the states it visited. Raises `Refusal`."""
        began, used = perf_counter(), process_time()
        asked = requested(system, properties)
        # What decides claims over whole runs numbers states in the order in which they are stored.
        alone = any(isinstance(p.claim, Settles | Temporal | Values) for p in asked)
        workers = 1 if alone or self.lossy else self.workers
        shared = workers > 1
        program = plan(system, asked, self.tuning, shared, self.groups, self.order, self.lossy)
        if self.order is not None:
            budget = evolve(budget, spill=None)
        text = search_module(program)
        known = None if self.level is not None else self.codes.find(text, FAST)
        code = known or self.codes.make(text, QUICK if self.level is None else self.level)
        preparing, used = perf_counter() - began, process_time() - used
        search = Search(program, code, budget, workers)
        lasting = self.level is None and known is None
        if lasting and program.layout.words <= MOST_FAST_WORDS:
            search.switch = Switch(SWITCH, lambda: self.codes.make(text, FAST))
        try:
            run = _Run(search, asked, listen, self.journal).run()
        finally:
            search.close()
        return evolve(run, preparing=preparing, preparing_cpu=used)


def assembly(system: System, properties: tuple[str, ...]) -> str:
    """The LLVM code of a search, as text, for people. Raises `Refusal`."""
    return search_module(plan(system, requested(system, properties)))


def requested(system: System, names: tuple[str, ...]) -> tuple[Property, ...]:
    """The properties of those names. `ValueError` for an unknown name or one given twice."""
    known = {p.name: p for p in system.properties}
    if len(set(names)) != len(names) or not known.keys() >= set(names):
        raise ValueError(f"not properties of {system.name}, once each: {', '.join(names)}")
    return tuple(known[name] for name in names)


@final
class _Run:
    """One search from start to answers."""

    def __init__(
        self,
        search: Search,
        asked: tuple[Property, ...],
        listen: Listener,
        journal: Journal | None = None,
    ) -> None:
        self.search, self.asked, self.listen, self.journal = search, asked, listen, journal
        self.goes_on = journal is not None and journal.begin(search)
        self.fired, self.cut = search.counters()
        self.open = {
            which
            for which, mark in enumerate(search.program.marks)
            if not isinstance(mark, BrokenMark)
        }
        self.needs_all = any(isinstance(p.claim, Values) for p in asked)

    def run(self) -> ExplicitRun:
        """Level by level until the contract says stop."""
        why = self._limit() if self.goes_on else self.search.initial()
        while why is None:
            if self.search.bounds[-1] == self.search.bounds[-2]:
                return self._result(None)
            self.search.look()
            why = self.search.expand()
            if why is None:
                why = self._completed()
                if why is None:
                    self._write_down()
        # What was stored behind the last level does not count, and is not written.
        if why in CUT_SHORT and len(self.search.bounds) > 1:
            self._write_down(now=True)
        return self._result(why)

    def _write_down(self, now: bool = False) -> None:
        if self.journal is not None:
            self.journal.level(self.search, (self.fired, self.cut), now)

    def _completed(self) -> Why | None:
        """Tell of a completed level; a reason to stop after it."""
        search, bounds = self.search, self.search.bounds
        self.fired, self.cut = search.counters()
        depth = len(bounds) - 3
        frontier = bounds[-1] - bounds[-2]
        self.listen(Progress(depth, bounds[-2], sum(self.fired), frontier))
        if not frontier:
            return None
        if self.open and self.open <= search.marks.keys() and not self.needs_all:
            return Why.STOPPED
        return self._limit()

    def _limit(self) -> Why | None:
        """Is this as far as the search may go? A checkpoint may already be there."""
        search, depth = self.search, len(self.search.bounds) - 3
        if search.budget.max_depth is not None and depth >= search.budget.max_depth:
            return Why.DEPTH
        return None

    # ---- answers ------------------------------------------------------------------------------

    def _result(self, why: Why | None) -> ExplicitRun:
        search, system = self.search, self.search.program.system
        reached = self._reached()
        pairs = zip(system.actions, self.cut, strict=True)
        cuts = tuple(Cut(action.name, states) for action, states in pairs if states)
        lossy = search.program.rows.lossy
        rest = _lossy(why, reached, search.stored, lossy) if lossy else _rest(why, reached, cuts)
        backward = Backward(search)
        answers = [(p.name, self._answer(p, backward, rest, reached)) for p in self.asked]
        for which, mark in enumerate(search.program.marks):
            if isinstance(mark, BrokenMark):
                answers.append((mark.name, self._marked(which, backward, rest)))
        names = (action.name for action in system.actions)
        fired = tuple(zip(names, self.fired, strict=True))
        # INVARIANT: a hunter never says that it saw everything.
        complete = why is None and not lossy
        found = Exploration(tuple(answers), reached, complete, cuts, fired)
        return ExplicitRun(found, search)

    def _reached(self) -> Reached:
        bounds = self.search.bounds
        states = bounds[-2] if len(bounds) > 1 else 0
        return Reached(states, sum(self.fired), max(0, len(bounds) - 3))

    def _answer(self, prop: Property, backward: Backward, rest: Answer, reached: Reached) -> Answer:
        if isinstance(prop.claim, Settles | Temporal | Values):
            return Inconclusive(Why.UNSUPPORTED, reached)
        marks = enumerate(self.search.program.marks)
        which = next(k for k, m in marks if not isinstance(m, BrokenMark) and m.name == prop.name)
        return self._marked(which, backward, rest)

    def _marked(self, which: int, backward: Backward, rest: Answer) -> Answer:
        mark = self.search.marks.get(which)
        return rest if mark is None else Found(backward.trace(mark))


def _lossy(why: Why | None, reached: Reached, stored: int, bits: int) -> HunterAnswer:
    """The same where a hash of so many bits stood for each state: two of `stored` states have the
    same one with at most this probability, if hashes are as good as drawn."""
    omission = min(1.0, stored * max(0, stored - 1) / 2.0 ** (bits + 1))
    return Inconclusive(Why.LOSSY, reached, "" if why is None else why.value, omission)


def _rest(why: Why | None, reached: Reached, cuts: tuple[Cut, ...]) -> Answer:
    """What is said of a question for which nothing was found."""
    if why is not None:
        return Inconclusive(why, reached)
    return Absent(Exhausted(reached.states, reached.transitions, reached.depth, cuts))


__all__ = ["BadCheckpoint", "Explicit", "ExplicitRun", "Refusal", "assembly"]
