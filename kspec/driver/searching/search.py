"""One search of one system: the engine, then the replay of every trace and the audit.

What comes out may be believed. A trace that does not replay, or an audit that differs, is an
`UntrustedEngine`, with the system as text: a mistake in kspec that no verdict may hide.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final, assert_never, final

from attrs import evolve

from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.driver.searching.audit import SAMPLE, SEED, Difference, Stored, Waits, audit
from kspec.driver.searching.counting import Counted, counts
from kspec.driver.searching.reduce import (
    NONE,
    Reduced,
    Reductions,
    audit_symmetry,
    may_wait,
    reduced,
    without_order,
)
from kspec.driver.searching.reduce import without_symmetry as without
from kspec.driver.searching.runs import Unproven, decide, over_runs
from kspec.driver.searching.waiting import (
    TO_DEPTH,
    Contradiction,
    bounded,
    deepest,
    said_of,
    settled,
)
from kspec.engines.api import Budget, Listener
from kspec.engines.lifting import Unliftable, lift
from kspec.ir.expr import TRUE, Expr
from kspec.ir.system import Implicit, Invariant, Property, System
from kspec.semantics.claims import is_true_in
from kspec.verdict.answer import Absent, Answer, Exploration, Found, Inconclusive, Why
from kspec.verdict.replay import replay

if TYPE_CHECKING:
    from kspec.engines.explicit.engine import ExplicitRun
    from kspec.ir.passes.independence import Independence
    from kspec.ir.passes.symmetry import Group
    from kspec.verdict.trace import State

ENDLESS: Final = Property("$endless", Invariant(TRUE))
ENGINES: Final = ("explicit", "reference")
NESTED: Final = "expressions are nested too deep for this engine"
CUT_SHORT: Final = frozenset({Why.STATES, Why.MEMORY, Why.TIME, Why.INTERRUPTED})
SHORTEST: Final = "partial order off for the search for the shortest of what was found"
BIRTHS: Final = "newborn objects can be told apart by where they are born"


class UntrustedEngine(InternalError):
    """An engine said what the reference does not confirm; `text` is the system."""

    def __init__(self, message: str, system: System) -> None:
        from kspec.ir.text import print_system

        super().__init__(message)
        self.text = print_system(system)


class Refused(Exception):
    """The engine does not take this system; the message says why."""


@final
@frozen
class How:
    """How the native engine works; nothing here changes an answer. `codes` is where machine code
    is remembered, if it is; `checkpoints` where searches are, every so many seconds, and with
    `resume` they go on from there; `tell` is told which do. `name` is that of a search. But if
    `lossy`, the engine is a hunter that keeps hashes of states, and never says that it saw all."""

    workers: int = 1
    codes: Path | None = None
    checkpoints: Path | None = None
    resume: bool = False
    every: float = 30.0
    name: str = ""
    tell: Callable[[str], None] = lambda _: None
    lossy: bool = False

    def named(self, name: str) -> How:
        """The same for one search, by a name that no other has."""
        if self.checkpoints is None:
            return self
        safe = re.sub(r"[^A-Za-z0-9=.-]+", "_", name)[:80]
        key = hashlib.sha256(name.encode()).hexdigest()[:12]
        return evolve(self, checkpoints=self.checkpoints / f"{safe}-{key}", name=name)


class WrongCheckpoint(Exception):
    """A checkpoint is of another search, damaged, or cannot be written."""


ALONE: Final = How()


@final
@frozen
class Searched:
    """What may be believed; `witnessed` are watched properties that the audit happened to see,
    `counts` the values of expressions that were to be counted, `audited` how many states the
    reference has expanded again, `reduced` what is said of reductions that were asked for.

    `plain`: the system itself was searched. `ever` answers questions about its states, if they
    were asked and could be. `sizes`: bits and bytes of a stored state, if it is packed.
    """

    exploration: Exploration
    witnessed: frozenset[str] = frozenset()
    counts: tuple[tuple[str, Counted], ...] = ()
    audited: int = 0
    reduced: tuple[str, ...] = ()
    plain: bool = True
    ever: tuple[bool, ...] | None = None
    sizes: tuple[int, int] | None = None


def search(
    engine: str,
    system: System,
    properties: tuple[str, ...],
    budget: Budget,
    listen: Listener,
    watched: tuple[str, ...] = (),
    how: How = ALONE,
    wanted: Reductions = NONE,
    questions: tuple[Expr, ...] = (),
) -> Searched:
    """Search, replay, audit. Raises `Refused`, `UntrustedEngine`, `WrongCheckpoint`.

    The reference always searches the system as it is. `questions` are about its states; nothing
    answers them where it is searched reduced.
    """
    if not wanted or engine == "reference":
        return _whole(engine, system, properties, budget, listen, watched, how, questions)
    names = {*properties, *watched}
    asked = tuple(p for p in system.properties if p.name in names)
    judged = tuple(p for p in asked if p.name in properties)
    limited = TO_DEPTH if budget.max_depth is not None else ""
    of = reduced(system, asked, wanted, judged, limited)
    if of.order is not None:
        try:
            return _ordered(engine, system, of, properties, budget, listen, watched, how)
        except Unliftable:
            of = without_order(of, BIRTHS)
    if of.searched is system:
        found = _whole(engine, system, properties, budget, listen, watched, how, questions)
        return evolve(found, reduced=of.said)
    try:
        return _reduced(engine, system, of, properties, budget, listen, watched, how)
    except Unliftable as unliftable:
        if not of.groups:
            said = f"a run of {engine} in the slice is none of the whole: {unliftable}"
            raise UntrustedEngine(said, system) from unliftable
    plain, once = without(of, BIRTHS), evolve(how, checkpoints=None)
    try:
        return _reduced(engine, system, plain, properties, budget, listen, watched, once)
    except Unliftable as unliftable:
        said = f"a run of {engine} in the slice is none of the whole: {unliftable}"
        raise UntrustedEngine(said, system) from unliftable


def _ordered(
    engine: str,
    system: System,
    of: Reduced,
    properties: tuple[str, ...],
    budget: Budget,
    listen: Listener,
    watched: tuple[str, ...],
    how: How,
) -> Searched:
    """Search with steps left for later; look again without for the shortest of what is found.
    Raises `Unliftable`."""
    began = perf_counter()
    first = _reduced(engine, system, of, properties, budget, listen, watched, how)
    depth = deepest(first.exploration)
    if depth < 0:
        return evolve(first, exploration=bounded(first.exploration))
    left = None if budget.seconds is None else max(0.0, budget.seconds + began - perf_counter())
    rest, once = evolve(budget, max_depth=depth, seconds=left), evolve(how, checkpoints=None)
    plain = evolve(of, order=None)
    again = _reduced(engine, system, plain, properties, rest, lambda _: None, watched, once)
    reasons = {a.why for _, a in again.exploration.answers if isinstance(a, Inconclusive)}
    try:
        ended = bool(reasons & {*CUT_SHORT, Why.STOPPED})
        found, said = settled(first.exploration, again.exploration, ended)
    except Contradiction as wrong:
        raise UntrustedEngine(f"{engine} with partial order: {wrong}", system) from wrong
    if reasons == {Why.STOPPED}:
        # All that was asked for is found: this is the search without the reduction, to its end.
        return evolve(again, reduced=(*first.reduced, SHORTEST))
    return evolve(first, exploration=found, reduced=(*first.reduced, said or SHORTEST))


def _reduced(
    engine: str,
    system: System,
    of: Reduced,
    properties: tuple[str, ...],
    budget: Budget,
    listen: Listener,
    watched: tuple[str, ...],
    how: How,
) -> Searched:
    """Search what a system is reduced to; lift and replay what is found. Raises `Unliftable`."""
    native = _native(of.searched, properties, budget, listen, how, of.groups, of.order)
    exploration = lifted(system, of, native)
    replay_all(engine, system, exploration)
    if of.order is not None:
        uncounted = how.resume or not exploration.complete
        waited = -1 if uncounted else native.search.waited()[0]
        of = evolve(of, said=(*of.said, said_of(waited, exploration.reached.states)))
    searched = Searched(exploration, reduced=of.said, plain=False, sizes=native.sizes)
    if not exploration.complete:
        return searched
    seen = native.canonical if of.groups else None
    whole, waits = of.system, None
    if of.order is not None:
        whole, waits = of.searched, partial(may_wait, of)
    found = audited(engine, whole, native, native.exploration, watched, seen, waits)
    count = found.audited
    try:
        audit_symmetry(of, native.sample(SAMPLE, SEED) if of.groups else (), native.canonical)
    except Difference as difference:
        raise UntrustedEngine(f"the audit of {engine} failed: {difference}", system) from difference
    answers = tuple((name, _with(answer, count)) for name, answer in exploration.answers)
    return evolve(
        found,
        exploration=evolve(exploration, answers=answers),
        reduced=of.said,
        audited=count,
        plain=False,
        sizes=native.sizes,
    )


def lifted(system: System, of: Reduced, run: ExplicitRun) -> Exploration:
    """The same with runs of the whole system. Raises `Unliftable`."""
    asked = {prop.name: prop for prop in system.properties}
    answers: list[tuple[str, Answer]] = []
    for name, answer in run.exploration.answers:
        if isinstance(answer, Found):
            wanted = asked.get(name) or Implicit(name)
            answer = Found(
                lift(system, answer.trace, wanted, lambda s: run.canonical(of.projected(s)))
            )
        answers.append((name, answer))
    return evolve(run.exploration, answers=tuple(answers))


def _native(
    system: System,
    properties: tuple[str, ...],
    budget: Budget,
    listen: Listener,
    how: How,
    groups: tuple[Group, ...] = (),
    order: Independence | None = None,
) -> ExplicitRun:
    # llvmlite is loaded by whoever needs it, and only then.
    from kspec.engines.explicit.engine import LOSSY_BITS, BadCheckpoint, Explicit, Refusal
    from kspec.engines.explicit.llvm.codes import Codes
    from kspec.engines.explicit.llvm.tuning import DEFAULT
    from kspec.engines.explicit.store.journal import Journal

    journal = None
    if how.checkpoints is not None:
        journal = Journal(how.checkpoints, how.resume, how.every, f"{how.name} ", how.tell)
    codes, lossy = Codes(how.codes), LOSSY_BITS if how.lossy else 0
    engine = Explicit(None, DEFAULT, how.workers, codes, journal, groups, order, lossy)
    try:
        return engine.run(system, properties, budget, listen)
    except Refusal as refusal:
        raise Refused(str(refusal)) from refusal
    except BadCheckpoint as bad:
        raise WrongCheckpoint(str(bad)) from bad


def _whole(
    engine: str,
    system: System,
    properties: tuple[str, ...],
    budget: Budget,
    listen: Listener,
    watched: tuple[str, ...],
    how: How,
    questions: tuple[Expr, ...] = (),
) -> Searched:
    """Search a system as it is."""
    asked, runs = system, over_runs(p for p in system.properties if p.name in properties)
    if runs:
        # All states must be seen, also where everything else is found before.
        system = evolve(system, properties=(*system.properties, ENDLESS))
        properties = (*properties, ENDLESS.name)
    stored: Stored | None = None
    counted: tuple[tuple[str, Counted], ...] = ()
    native: ExplicitRun | None = None
    stopped = budget.interrupted or (lambda: False)
    ever: tuple[bool, ...] | None = None
    if engine == "reference":
        from kspec.engines.reference import Reference

        exploration, visited = Reference().visit(system, properties, budget, listen)
        counted = counts(system, properties, exploration, lambda: visited)
        if exploration.complete:
            ever = tuple(any(is_true_in(system, q, s) for s in visited) for q in questions)
    else:
        native = _native(system, properties, budget, listen, how)
        exploration, stored = native.exploration, native
        if questions and exploration.complete:
            ever = native.ever(questions, stopped)
    replay_all(engine, system, exploration)
    searched = Searched(exploration, counts=counted)
    if stored is not None and exploration.complete:
        searched = audited(engine, system, stored, exploration, watched)
    searched = evolve(searched, ever=ever, sizes=None if native is None else native.sizes)
    if not runs:
        return searched
    return _with_runs(engine, asked, searched, runs, native, budget)


def _with_runs(
    engine: str,
    system: System,
    searched: Searched,
    claims: tuple[Property, ...],
    native: ExplicitRun | None,
    budget: Budget,
) -> Searched:
    """The same with the answers to claims over whole runs."""
    explored = searched.exploration
    try:
        decided = decide(system, claims, explored, native, budget.interrupted or (lambda: False))
    except (Unproven, Difference) as wrong:
        raise UntrustedEngine(f"{engine}, over whole runs: {wrong}", system) from wrong
    count = max((_audited(answer) for _, answer in explored.answers), default=0)
    answers = tuple(
        (name, _with(decided.get(name, answer), count) if name in decided else answer)
        for name, answer in explored.answers
        if name != ENDLESS.name
    )
    return evolve(searched, exploration=evolve(explored, answers=answers))


def _audited(answer: Answer) -> int:
    return answer.evidence.audited if isinstance(answer, Absent) else 0


def replay_all(engine: str, system: System, exploration: Exploration) -> None:
    """Every trace, whatever it shows, must be a run that shows it."""
    asked = {prop.name: prop for prop in system.properties}
    for name, answer in exploration.answers:
        if isinstance(answer, Found):
            flaw = replay(answer.trace, system, asked.get(name) or Implicit(name))
            if flaw is not None:
                said = f"the trace of {engine} to {name} does not replay: "
                raise UntrustedEngine(f"{said}step {flaw.step}: {flaw.reason}", system)


def audited(
    engine: str,
    system: System,
    stored: Stored,
    exploration: Exploration,
    watched: tuple[str, ...] = (),
    seen: Callable[[State], State] | None = None,
    may_wait: Waits | None = None,
) -> Searched:
    """The same with what was audited in the evidence; `seen` and `may_wait` as for `audit`."""
    try:
        found = audit(system, stored, exploration, watched, seen, may_wait)
    except Difference as difference:
        said = f"the audit of {engine} failed: {difference}"
        raise UntrustedEngine(said, system) from difference
    answers = tuple((name, _with(answer, found.states)) for name, answer in exploration.answers)
    asked, states = {name for name, _ in answers}, exploration.reached.states
    counted = counts(system, asked, exploration, lambda: stored.sample(states, 0))
    return Searched(evolve(exploration, answers=answers), found.witnessed, counted, found.states)


def _with(answer: Answer, count: int) -> Answer:
    match answer:
        case Absent(evidence):
            return Absent(evolve(evidence, audited=count))
        case Found() | Inconclusive():
            return answer
        case _:
            assert_never(answer)


__all__ = ["ENGINES", "How", "NESTED", "Refused", "UntrustedEngine", "WrongCheckpoint", "search"]
