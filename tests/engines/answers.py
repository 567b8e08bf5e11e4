"""What every engine says about one system.

Each is asked about all that it can be asked about, under budgets that are the same for all, small,
and in units that are the same on every machine. Answers are a `Trace`, `NONE`, `REACHED` (it is, by
a run that is not shown), `Open`, or a `Flaw`. Nothing here knows which engine is right.
Next: `agreement`, which compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import process_time
from typing import Final, Literal, TypeAlias

from attrs import evolve, frozen

from kspec.certify.obligations import obligations
from kspec.certify.proof import extended, lemma_texts
from kspec.certify.recheck import _with_z3
from kspec.engines.api import Budget, Effort
from kspec.engines.explicit.engine import Explicit, Refusal
from kspec.engines.explicit.runs.liveness import Undecided, decide
from kspec.engines.reference import Reference
from kspec.engines.reference_liveness import counterexample
from kspec.engines.smt.encode import TooLarge
from kspec.engines.smt.kinduction import PATIENCE
from kspec.engines.smt.provers import Bounded, Induction
from kspec.engines.smt.solver import Limits
from kspec.engines.smt.suggest import Bad, Nothing, Suggested, Suggestions
from kspec.engines.stateful import Runs, run
from kspec.ir.expr import TRUE, Expr
from kspec.ir.passes.births import interchangeable
from kspec.ir.system import Implicit, Invariant, Property, Settles, System, Temporal
from kspec.semantics.claims import is_true_in
from kspec.verdict.answer import Absent, Answer, Found, Inconclusive, Proved, ProverAnswer, Why
from kspec.verdict.trace import State, Trace

NONE: Final[Literal["none"]] = "none"
REACHED: Final[Literal["reached"]] = "reached"
IMPLICIT: Final = tuple(i.value for i in Implicit)
RLIMIT: Final = 3_000_000
"""What one question to a solver may cost."""
DEPTH: Final = 4
"""States assumed, and steps looked ahead."""
QUESTIONS: Final = 600
"""A search for lemmas asks no more."""
STATES: Final = 400
"""A search stores no more."""
FEW: Final = 25
"""Of so many states the reference decides claims over whole runs."""


@frozen
class Open:
    """Undecided; but that no run of up to `depth` steps shows it is claimed."""

    why: str
    depth: int = -1


@frozen
class Flaw:
    """What an engine rests on is not so, whatever the others say."""

    what: str


Said: TypeAlias = Trace | Open | Flaw | Literal["none", "reached"]
Answers: TypeAlias = dict[str, Said]


@frozen
class Question:
    """A system with all that can be asked of it. `ends` are the properties that a finite run can
    show, `runs` those that need a whole one."""

    system: System
    seed: int = 1
    states: int = STATES
    seconds: float | None = None
    effort_depth: int = DEPTH

    @property
    def runs(self) -> tuple[Property, ...]:
        """Claims over whole runs."""
        return tuple(p for p in self.system.properties if isinstance(p.claim, Temporal | Settles))

    @property
    def ends(self) -> tuple[str, ...]:
        """The names of all others."""
        over = {p.name for p in self.runs}
        return tuple(p.name for p in self.system.properties if p.name not in over)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(p.name for p in self.system.properties)

    def effort(self) -> Effort:
        """For one engine, from now on; without `seconds` no clock is asked."""
        if self.seconds is None:
            return Effort(self.effort_depth, RLIMIT)
        until = process_time() + self.seconds
        return Effort(self.effort_depth, RLIMIT, lambda: until - process_time())


Engine: TypeAlias = Callable[[Question], Answers]

THE_END: Final = "to the end"


def endless(system: System) -> System:
    """The same with a claim that no search decides before its end, so that none stops early."""
    return evolve(system, properties=(*system.properties, Property(THE_END, Invariant(TRUE))))


# ---- engines -----------------------------------------------------------------------------------


def explicit(asked: Question) -> Answers:
    """The native search and, where it is complete, what it decides about runs."""
    budget = Budget(max_states=asked.states)
    system = endless(asked.system)
    try:
        made = Explicit(level=0).run(system, (*asked.names, THE_END), budget, lambda _: None)
        found = {n: _said(a) for n, a in made.exploration.answers if n != THE_END}
        if asked.runs and made.exploration.complete:
            decided = decide(made.search, asked.runs, lambda: False).answers
            found |= {n: _of_run(a) for n, a in decided.items()}
    except Refusal as refusal:
        return dict.fromkeys((*asked.names, *IMPLICIT), Open(f"refused: {refusal}"))
    return found


def reference(asked: Question) -> Answers:
    """The slow search; claims over runs only where there are few states."""
    budget = Budget(max_states=asked.states)
    system = endless(asked.system)
    seen = Reference().explore(system, (*asked.ends, THE_END), budget, lambda _: None)
    found = {n: _said(a) for n, a in seen.answers if n != THE_END}
    if asked.runs:
        few = Reference().explore(asked.system, (), Budget(max_states=FEW), lambda _: None)
        for prop in asked.runs if few.complete else ():
            assert isinstance(prop.claim, Temporal | Settles)
            found[prop.name] = _of_run(counterexample(asked.system, prop.claim))
    return found


def induction(asked: Question) -> Answers:
    """k-induction alone. Who needs no more than two states is `pdr`, too, and checked there."""
    proofs = Induction(questions=0).prove(asked.system, (*asked.ends, *IMPLICIT), asked.effort())
    far = [(n, a) for n, a in proofs.answers if isinstance(a, Proved) and a.evidence.k > PATIENCE]
    return {n: _said(a) for n, a in proofs.answers} | _unconfirmed(asked, far)


def pdr(asked: Question) -> Answers:
    """Two states assumed, then lemmas."""
    prover = Induction(questions=QUESTIONS, shallow=True)
    proofs = prover.prove(asked.system, (*asked.ends, *IMPLICIT), asked.effort())
    return {n: _said(a) for n, a in proofs.answers} | _unconfirmed(asked, proofs.answers)


def lemmas(asked: Question) -> Answers:
    """The search for lemmas, asked about one thing after the other with nothing known: what it says
    would have to be proved before anybody believed it, and is right all the same."""
    effort = asked.effort()
    props = [p for p in asked.system.properties if p.name in asked.ends]
    names = (*asked.ends, *IMPLICIT)
    found: Answers = {}
    try:
        is_itself = interchangeable(asked.system, props)[0] == asked.system
        search = Suggestions(asked.system, asked.ends, Limits(RLIMIT, effort.seconds_left))
    except (TooLarge, RecursionError) as error:
        return dict.fromkeys(names, Open(type(error).__name__))
    for name in names:
        outcome = search.about([name], [], QUESTIONS)
        match outcome:
            case Suggested(clauses):
                exprs = [e for lemma in clauses for e in lemma.instances]
                found[name] = _untrue(asked, exprs) or NONE
            case Bad():
                found[name] = REACHED if is_itself else Open("with births opened it is reached")
            case Nothing(why):
                found[name] = Open(why)
    return found


def bounded(asked: Question) -> Answers:
    """Bounded search, for loops too."""
    hunted = Bounded().hunt(asked.system, (*asked.names, *IMPLICIT), asked.effort())
    return {n: _said(a) for n, a in hunted.answers}


def stateful(asked: Question) -> Answers:
    """Hypothesis."""
    found: Answers = dict.fromkeys((*asked.ends, *IMPLICIT), Open("it proves nothing"))
    left = asked.effort().seconds_left
    is_over = None if left is None else lambda: left() <= 0
    plan = Runs(runs=5, depth=6, seed=asked.seed, interrupted=is_over)
    return found | dict(run(asked.system, asked.ends, plan).found)


ENGINES: Final[Mapping[str, Engine]] = {
    "explicit": explicit,
    "reference": reference,
    "k-induction": induction,
    "pdr": pdr,
    "lemmas": lemmas,
    "bounded": bounded,
    "stateful": stateful,
}
SHORTEST: Final = frozenset(("explicit", "reference", "bounded"))
"""Their finite runs are as short as can be; who proves may come upon another on the way."""


def _said(answer: Answer | ProverAnswer) -> Said:
    match answer:
        case Found(trace):
            return trace
        case Absent() | Proved():
            return NONE
        case Inconclusive(why, reached, note):
            assert why is not Why.SOLVER or note, "a solver that gives up says why"
            is_told = why not in (Why.UNSUPPORTED, Why.IMPLICIT_FIRST)
            said_ = f"{why.value}: {note}" if note else why.value
            return Open(said_, reached.depth if is_told else -1)


def _of_run(answer: Trace | Undecided | None) -> Said:
    if isinstance(answer, Undecided):
        return Open(answer.note)
    return NONE if answer is None else answer


def _unconfirmed(asked: Question, answers: Iterable[tuple[str, ProverAnswer]]) -> Answers:
    """A proof that the other encoder does not confirm."""
    proofs = {n: a.evidence for n, a in answers if isinstance(a, Proved)}
    if not proofs or asked.seconds is not None:
        return {}  # who has a clock is not asked for more
    # All are beginnings of one list of groups, so the longest has the obligations of all.
    name, longest = max(proofs.items(), key=lambda item: len(item[1].groups))
    system = asked.system
    told = extended(system, lemma_texts(longest.lemmas, system))
    for made in obligations(told, longest.groups):
        if _with_z3(made.script) == "sat":
            return {name: Flaw(f"not confirmed: {made.what}")}
    return {}


def _untrue(asked: Question, exprs: list[Expr]) -> Flaw | None:
    """The state of a run in which a lemma is false that was said to be inductive."""
    return next(
        (
            Flaw(f"{expr} is false in {state}")
            for state in states(asked.system)
            for expr in exprs
            if not is_true_in(asked.system, expr, state)
        ),
        None,
    )


def states(system: System, most: int = 60) -> tuple[State, ...]:
    """The first states that runs reach."""
    return tuple(Reference().visit(system, (), Budget(max_states=most), lambda _: None)[1])


def said(asked: Question, engines: Mapping[str, Engine] = ENGINES) -> dict[str, Answers]:
    """What each engine says about each thing."""
    return {name: engine(asked) for name, engine in engines.items()}


def word(answer: Said) -> str:
    """An answer in a word."""
    if isinstance(answer, Trace):
        return "found"
    match answer:
        case Open() | Flaw():
            return type(answer).__name__.lower()
        case _:
            return answer


__all__ = [
    "ENGINES",
    "IMPLICIT",
    "NONE",
    "REACHED",
    "SHORTEST",
    "Answers",
    "Engine",
    "Flaw",
    "Open",
    "Question",
    "Said",
    "said",
    "states",
    "word",
]
