"""A system as a rule-based state machine of Hypothesis: a hunter, which finds traces and shrinks
them, and proves nothing.

Each action is a rule that draws one of its enabled instances, and the rule that begins draws an
initial state. Each property that one state can show is an invariant of the machine; what a step or
a rest can show is looked at by the rules. What was found is left out and the machine runs again, so
that what is easy to meet hides nothing. Same seed, same runs; only a database can change them: what
is remembered there is tried first. Hypothesis is loaded only here, and only by who asks.
Next: `walks`, which draws differently and needs less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, final

from attrs import field

from kspec.base.record import define, frozen
from kspec.engines.api import Walked
from kspec.engines.tally import Tally
from kspec.ir.system import Implicit, Invariant, NoDeadlock, Occurrence, Property, Reachable, System
from kspec.ir.text import print_system
from kspec.semantics.claims import is_true_in, respects
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Taken,
    initial_states,
    outcomes,
)
from kspec.verdict.trace import State, Step, Trace

if TYPE_CHECKING:
    from hypothesis.stateful import RuleBasedStateMachine

T = TypeVar("T")

REMEMBERED: Final = 20_000
"""Of so many states at most it is remembered what can happen there."""
WIDE: Final = 64
"""Among so many things one is drawn at once; among more, first a part of them."""


@final
@frozen
class Runs:
    """How many runs for each thing that is found, of how many steps at most, from which seed.

    `database` is the directory in which Hypothesis keeps the runs that showed something.
    """

    runs: int = 100
    depth: int = 50
    seed: int = 0
    database: Path | None = None
    interrupted: Callable[[], bool] | None = None


def run(system: System, properties: tuple[str, ...], plan: Runs) -> Walked:
    """Run the machine until it shows nothing new. Properties that need an infinite run or a proof
    are not looked at."""
    starts = initial_states(system)
    asked = [p for p in system.properties if p.name in properties]
    hunt = _Hunt(system, starts, _Possible(system), plan.interrupted, Tally(system))
    hunt.open.update(prop.name for prop in asked if isinstance(prop.claim, SHOWN))
    hunt.open.update(implicit.value for implicit in Implicit)
    try:
        while starts and (shown := _shown(hunt, asked, plan)) is not None:
            hunt.tally.found[shown.name] = shown.trace
            hunt.open.discard(shown.name)
    except _Stop:
        hunt.tally.interrupted = True
    return hunt.tally.walked()


SHOWN: Final = (Invariant, Reachable, NoDeadlock, Occurrence)


class _Shown(Exception):
    """The run shows something. Hypothesis takes exceptions of one class for one mistake, so every
    property has a class of its own."""

    def __init__(self, name: str, trace: Trace) -> None:
        super().__init__(name)
        self.name = name
        self.trace = trace


class _Stop(KeyboardInterrupt):
    """Somebody asked to stop; Hypothesis lets this one through."""


# ---- what was met ------------------------------------------------------------------------------


@final
@define
class _Possible:
    """What can be done in a state, by action: instances and where they lead, None if nowhere."""

    system: System
    _known: dict[State, tuple[Sequence[tuple[Instance, Any]], ...]] = field(factory=dict)
    _cut: dict[State, bool] = field(factory=dict)

    def of(self, state: State) -> tuple[Sequence[tuple[Instance, Taken | Broken]], ...]:
        """For each action its enabled instances, in order."""
        if state not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
                self._cut.clear()
            self._look(state)
        return self._known[state]

    def is_cut(self, state: State) -> bool:
        """Is an instance cut?"""
        self.of(state)
        return self._cut[state]

    def _look(self, state: State) -> None:
        found: tuple[list[tuple[Instance, Taken | Broken]], ...]
        found = tuple([] for _ in self.system.actions)
        self._cut[state] = False
        for instance, outcome in outcomes(self.system, state):
            match outcome:
                case Taken() | Broken():
                    found[instance.action].append((instance, outcome))
                case CutInstance():
                    self._cut[state] = True
                case Disabled():
                    pass
        self._known[state] = found


@final
@define
class _Hunt:
    """What is hunted in, and what was met in all runs, those for shrinking included; `open` are the
    names of what nothing is known about yet."""

    system: System
    starts: tuple[State, ...]
    possible: _Possible
    asked_to_stop: Callable[[], bool] | None
    tally: Tally
    open: set[str] = field(factory=set)

    def over(self, trace: Trace, rests: bool) -> None:
        """A run is over."""
        self.tally.over(trace)
        self.tally.ended += rests
        if self.tally.first is None or (not self.tally.first.steps and trace.steps):
            self.tally.first = trace

    def stop_if_asked(self) -> None:
        """Raises `_Stop`."""
        if self.asked_to_stop is not None and self.asked_to_stop():
            raise _Stop


# ---- the machine -------------------------------------------------------------------------------


def _shown(hunt: _Hunt, asked: list[Property], plan: Runs) -> _Shown | None:
    """Something that the machine shows, shrunk; None if it shows nothing in so many runs."""
    from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
    from hypothesis.database import DirectoryBasedExampleDatabase
    from hypothesis.reporting import with_reporter
    from hypothesis.stateful import run_state_machine_as_test

    if not hunt.open:
        return None
    machine = seed(plan.seed)(_machine(hunt, asked))
    kept = None if plan.database is None else DirectoryBasedExampleDatabase(plan.database)
    how = settings(
        max_examples=plan.runs,
        stateful_step_count=plan.depth + 1,  # the rule that begins is counted
        database=kept,
        deadline=None,
        derandomize=False,
        phases=(Phase.reuse, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=tuple(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    try:
        with _no_constants(), with_reporter(lambda _: None):
            run_state_machine_as_test(machine, settings=how)
    except _Shown as shown:
        return shown
    return None


@contextmanager
def _no_constants() -> Iterator[None]:
    """Hypothesis reads numbers to try in the source of whatever is loaded, so that its runs would
    depend on that, and writes them to a directory beside the user's files."""
    from hypothesis.internal.conjecture import providers

    name = "_get_local_constants"
    before, nothing = getattr(providers, name, None), getattr(providers, "Constants", None)
    if before is None or nothing is None:  # a version that does not do so
        yield
        return
    setattr(providers, name, lambda: nothing())
    try:
        yield
    finally:
        setattr(providers, name, before)


def _machine(hunt: _Hunt, asked: list[Property]) -> type[RuleBasedStateMachine]:
    """The class of the machine of a system; its name is that of what is asked of what, so that
    nothing else is looked up in a database."""
    from hypothesis import strategies as st
    from hypothesis.stateful import (
        RuleBasedStateMachine,
        initialize,
        invariant,
        precondition,
        rule,
    )

    members: dict[str, Any] = {
        "begin": initialize(data=st.data())(_begin),
        "rest": precondition(lambda self: self.run.is_over)(rule()(_rest)),
        "__init__": _init(hunt, asked, RuleBasedStateMachine),
        "teardown": lambda self: self.run.end(),
    }
    for place, _ in enumerate(hunt.system.actions):
        fires = rule(data=st.data())(_fires(place))
        members[f"action_{place}"] = precondition(_can(place))(fires)
    for prop in asked:
        if isinstance(prop.claim, Invariant | Reachable) and prop.name in hunt.open:
            members[f"claim_{len(members)}"] = invariant()(_checks(prop))
    said = "\n".join((print_system(hunt.system), *sorted(hunt.open)))
    name = "Machine" + hashlib.sha256(said.encode()).hexdigest()[:16]
    return type(name, (RuleBasedStateMachine,), members)


def _init(hunt: _Hunt, asked: list[Property], base: type[Any]) -> Callable[[Any], None]:
    kinds = {name: type("Shown", (_Shown,), {}) for name in sorted(hunt.open)}

    def init(self: Any) -> None:
        base.__init__(self)
        self.run = _Run(hunt, asked, kinds)

    return init


def _begin(self: Any, data: Any) -> None:
    self.run.begin(_one_of(data, self.run.hunt.starts))


def _rest(self: Any) -> None:
    """Nothing can happen any more."""


def _can(place: int) -> Callable[[Any], bool]:
    return lambda self: bool(self.run.offered(place))


def _fires(place: int) -> Callable[[Any, Any], None]:
    def fire(self: Any, data: Any) -> None:
        self.run.step(*_one_of(data, self.run.offered(place)))

    fire.__name__ = f"action_{place}"
    return fire


def _checks(prop: Property) -> Callable[[Any], None]:
    return lambda self: self.run.look_at_state(prop)


def _one_of(data: Any, among: Sequence[T]) -> T:
    """One of them, drawn as few small numbers; the first is the simplest."""
    from hypothesis import strategies as st

    while len(among) > WIDE:
        part = -(-len(among) // WIDE)
        at = data.draw(st.integers(0, -(-len(among) // part) - 1))
        among = among[at * part : (at + 1) * part]
    if len(among) == 1:
        return among[0]
    place: int = data.draw(st.integers(0, len(among) - 1))
    return among[place]


@final
@define
class _Run:
    """One run of the machine. `state` is None before it begins, and after a step that leads
    nowhere."""

    hunt: _Hunt
    asked: list[Property]
    kinds: dict[str, type[_Shown]]
    start: State | None = None
    state: State | None = None
    steps: list[Step] = field(factory=list)

    @property
    def is_over(self) -> bool:
        """Is there nothing that the machine could do?"""
        actions = range(len(self.hunt.system.actions))
        return not any(self.offered(place) for place in actions)

    def offered(self, place: int) -> Sequence[tuple[Instance, Taken | Broken]]:
        """The instances of an action that may be drawn now."""
        if self.state is None:
            return ()
        return self.hunt.possible.of(self.state)[place]

    def trace(self) -> Trace:
        """The run so far."""
        assert self.start is not None
        return Trace(self.start, tuple(self.steps))

    def begin(self, state: State) -> None:
        """The run begins."""
        self.hunt.stop_if_asked()
        self.start = self.state = state
        self._look_at_rest()

    def step(self, instance: Instance, outcome: Taken | Broken) -> None:
        """The run goes on. Raises `_Shown`."""
        self.hunt.stop_if_asked()
        before, system = self.state, self.hunt.system
        assert before is not None
        self.hunt.tally.fires(instance.action)
        self.state = outcome.state if isinstance(outcome, Taken) else None
        name = system.actions[instance.action].name
        self.steps.append(Step(name, instance.params, instance.choices, self.state))
        if isinstance(outcome, Broken):
            for implicit in outcome.properties:
                self._show(implicit.value)
            return
        for prop in self.asked:
            claim = prop.claim
            if isinstance(claim, Occurrence) and not respects(
                system, claim, before, instance, outcome.state
            ):
                self._show(prop.name)
        self._look_at_rest()

    def look_at_state(self, prop: Property) -> None:
        """Does the state show it? Raises `_Shown`."""
        claim = prop.claim
        assert isinstance(claim, Invariant | Reachable)
        if self.state is None or prop.name not in self.hunt.open:
            return
        if is_true_in(self.hunt.system, claim.body, self.state) is isinstance(claim, Reachable):
            self._show(prop.name)

    def _look_at_rest(self) -> None:
        assert self.state is not None
        wanted = [p.name for p in self.asked if isinstance(p.claim, NoDeadlock)]
        if wanted and self.is_over and not self.hunt.possible.is_cut(self.state):
            for name in wanted:
                self._show(name)

    def _show(self, name: str) -> None:
        if name in self.hunt.open:
            raise self.kinds[name](name, self.trace())

    def end(self) -> None:
        """The run is over."""
        if self.start is not None:
            self.hunt.over(self.trace(), self.state is not None and self.is_over)


__all__ = ["Runs", "run"]
