"""`Exhausted` is audited: a sample of what an engine stored, expanded again by the reference.

All states up to depth 3 and seeded random stored ones are expanded; every successor must be
stored, every property that was not found must be respected, every action that is cut or breaks an
implicit property must have been reported. A difference is a mistake in kspec, never a verdict.
The amount of work is fixed by the system alone, so that the evidence is the same on any machine.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Final, Protocol, TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.system import (
    Invariant,
    NoDeadlock,
    Occurrence,
    Property,
    Reachable,
    Settles,
    System,
    Temporal,
    Values,
)
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.evaluate import evaluate
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Taken,
    initial_states,
    outcomes,
)
from kspec.verdict.answer import Exploration, Found
from kspec.verdict.trace import State

DEPTH: Final = 3
SAMPLE: Final = 1000
WORK: Final = 400_000
"""How many expressions may be evaluated, about: a second or two."""
TRIED: Final = 8
"""So many drawn states tell what a state costs."""
LEAST: Final = 20
"""So many states at the start, and so many drawn ones, are audited whatever they cost."""
FEWER: Final = 5
"""The same where one state stands for many; then a quarter of the work is allowed, too."""
TRIED_OF_FEWER: Final = 2
SEED: Final = 1


Waits: TypeAlias = Callable[[State, Sequence[int]], bool]


class Stored(Protocol):
    """What an engine must show of a finished search."""

    def sample(self, count: int, seed: int) -> Sequence[State]:
        """Distinct stored states, drawn with a seed; all if there are not more."""
        ...

    def contains(self, state: State) -> bool:
        """Is this state stored?"""
        ...


class Difference(Exception):
    """What the reference sees otherwise; the message says what."""


@final
@frozen
class Audited:
    """How many stored states were expanded again, and which of the properties that were to be
    watched for showed in them."""

    states: int
    witnessed: frozenset[str]


def audit(
    system: System,
    stored: Stored,
    exploration: Exploration,
    watched: tuple[str, ...] = (),
    seen: Callable[[State], State] | None = None,
    may_wait: Waits | None = None,
) -> Audited:
    """Expand a sample again. `watched` are properties that the search was not asked about; `seen`
    is the state that stands for one, where one stands for many: then fewer of them are enough.
    `may_wait`: may steps with these numbers be left out? Raises `Difference`."""
    least = LEAST if seen is None else FEWER
    check = _Check(system, stored, exploration, watched, may_wait)
    drawn = list(stored.sample(SAMPLE, SEED))
    # They come in the order of levels; what the work allows must not be the first ones alone.
    random.Random(SEED).shuffle(drawn)
    tried = drawn[: TRIED if seen is None else TRIED_OF_FEWER]
    work = counted(lambda: check.expand_all(tried))
    most = WORK if seen is None else WORK // 4
    allowed = max(least, most * len(tried) // max(1, work))
    done = {*tried, *_shallow(check, max(least, allowed // 4), seen or (lambda s: s))}
    for state in drawn[len(tried) : allowed]:
        if state not in done:
            done.add(state)
            check.expand_all([state])
    return Audited(len(done), frozenset(check.witnessed))


def counted(do: Callable[[], object]) -> int:
    """How many expressions the reference evaluates while something is done: the same number on
    every machine, unlike the time that it takes."""
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is evaluate.__code__

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
    return count


def _shallow(check: _Check, limit: int, seen: Callable[[State], State]) -> set[State]:
    """Expand the states of the first levels, at most so many and none that stand for the same."""
    level = initial_states(check.system)
    for state in level:
        check.is_stored(state, "an initial state")
    level = tuple(dict.fromkeys(map(seen, level)))
    done: set[State] = set()
    for _ in range(DEPTH + 1):
        following: dict[State, None] = {}
        for state in level:
            if len(done) >= min(SAMPLE, limit):
                return done
            done.add(state)
            following.update((seen(after), None) for after in check.expand(state))
        level = tuple(state for state in following if state not in done)
    return done


@final
class _Check:
    """The comparison of one state at a time."""

    def __init__(
        self,
        system: System,
        stored: Stored,
        exploration: Exploration,
        watched: tuple[str, ...],
        may_wait: Waits | None = None,
    ) -> None:
        self.system = system
        self.stored, self.may_wait = stored, may_wait
        self.found = {name for name, a in exploration.answers if isinstance(a, Found)}
        self.cut = {cut.action for cut in exploration.cuts}
        self.fired = {name for name, count in exploration.fired if count}
        asked = {name for name, _ in exploration.answers}
        # What was found was replayed; what was not must be so in every state.
        self.unfound = [p for p in system.properties if p.name in asked - self.found]
        self.watched = [p for p in system.properties if p.name in watched]
        self.witnessed: set[str] = set()

    def is_stored(self, state: State, what: str) -> None:
        """Raise `Difference` for a state that the engine does not know."""
        if not self.stored.contains(state):
            raise Difference(f"{what} is not stored: {state}")

    def expand_all(self, states: Sequence[State]) -> None:
        """Compare everything about these states."""
        for state in states:
            for _ in self.expand(state):
                pass

    def expand(self, state: State) -> Iterator[State]:
        """Compare everything about a state; its successors."""
        self._look(state)
        is_dead, left_out = True, list[int]()
        for number, (instance, outcome) in enumerate(outcomes(self.system, state)):
            action = self.system.actions[instance.action].name
            is_dead = is_dead and isinstance(outcome, Disabled)
            match outcome:
                case Disabled():
                    continue
                case CutInstance():
                    self._expect(action in self.cut, f"{action} is cut", state)
                    continue
                case Broken(properties):
                    for implicit in properties:
                        self._expect(
                            implicit.value in self.found, f"{action} breaks {implicit.value}", state
                        )
                case Taken(after):
                    self._step(state, instance, after)
                    if self.may_wait is not None and not self.stored.contains(after):
                        left_out.append(number)
                    else:
                        self.is_stored(after, f"a successor by {action} of {state}")
                        yield after
            self._expect(action in self.fired, f"{action} is taken", state)
        if is_dead:
            dead = [p.name for p in self.unfound if isinstance(p.claim, NoDeadlock)]
            self._expect(not dead, "nothing is enabled", state)
        if left_out and self.may_wait is not None:
            good = self.may_wait(state, left_out)
            self._expect(good, "steps are left out that may not wait", state)

    def _expect(self, is_so: bool, what: str, state: State) -> None:
        if not is_so:
            raise Difference(f"{what} in {state}, which the engine does not report")

    def _look(self, state: State) -> None:
        for prop in self.unfound:
            wanted = _shows(self.system, prop, state)
            self._expect(not wanted, f"{prop.name} is decided otherwise", state)
        for prop in self.watched:
            if prop.name not in self.witnessed and _shows(self.system, prop, state):
                self.witnessed.add(prop.name)

    def _step(self, state: State, instance: Instance, after: State) -> None:
        for prop in self.unfound:
            good = _respects(self.system, prop, state, instance, after)
            self._expect(good, f"a step violates {prop.name}", state)
        for prop in self.watched:
            is_new = prop.name not in self.witnessed and isinstance(prop.claim, Occurrence)
            if is_new and not _respects(self.system, prop, state, instance, after):
                self.witnessed.add(prop.name)


def _respects(
    system: System, prop: Property, before: State, instance: Instance, after: State
) -> bool:
    claim = prop.claim
    return not isinstance(claim, Occurrence) or respects(system, claim, before, instance, after)


def _shows(system: System, prop: Property, state: State) -> bool:
    """Would an engine have had to report this state?"""
    match prop.claim:
        case Invariant(body):
            return not is_true_in(system, body, state)
        case Reachable(body):
            return is_true_in(system, body, state)
        case NoDeadlock() | Occurrence() | Settles() | Temporal() | Values():
            return False
