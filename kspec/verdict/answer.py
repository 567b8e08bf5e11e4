"""Answers about traces, and the verdicts the driver makes of them.

Engines say `Found`, `Absent` or `Inconclusive` (docs/semantics.md, "What engines answer"); they do
not know good from bad. Only `kspec.driver` builds a `Verdict`, and a `Holds` cannot be built
without evidence.
"""

from __future__ import annotations

import enum
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.verdict.trace import Trace


@final
@frozen
class Cut:
    """How often an action was cut (rule 4): in how many reachable states."""

    action: str
    states: int


@final
@frozen
class Exhausted:
    """Every reachable state was visited.

    `depth` is the greatest distance from an initial state. `audited` is how many stored states
    the reference has expanded again.
    """

    states: int
    transitions: int
    depth: int
    cuts: tuple[Cut, ...]
    audited: int = 0


Evidence: TypeAlias = Exhausted


class Why(enum.Enum):
    """Why a question stayed open; the value is what a person reads."""

    DEPTH = "the depth limit was reached"
    STATES = "the limit on states was reached"
    TIME = "the time limit was reached"
    MEMORY = "the memory limit was reached"
    INTERRUPTED = "interrupted"
    STOPPED = "the search stopped when everything else was decided"
    UNSUPPORTED = "this engine does not decide properties of this kind"
    CUT = "the creation of an object was cut for want of a free identity"
    WALKS = "only some runs were looked at, drawn at random"
    LOSSY = "only hashes of states were kept, so some may have been left out"
    SOLVER = "the solver gave up"
    INDUCTION = "the induction step failed, which is not a bug"
    TOO_MANY = "there are too many cases to go through"
    IMPLICIT_FIRST = "a step that breaks an implicit property comes first"


@final
@frozen
class Reached:
    """How far a search got: completed levels only."""

    states: int
    transitions: int
    depth: int


@final
@frozen
class Found:
    """A trace to what was asked for: a bad state, a bad step, a witness."""

    trace: Trace


@final
@frozen
class Absent:
    """No such trace exists; here is the evidence. Only a prover can say this."""

    evidence: Evidence


@final
@frozen
class Inconclusive:
    """Neither; `note` may add a sentence to the reason. `omission`: with what probability a search
    that keeps hashes for states has left out one."""

    why: Why
    reached: Reached
    note: str = ""
    omission: float | None = None


Answer: TypeAlias = Found | Absent | Inconclusive


@final
@frozen
class Induction:
    """Claims that were proved together: true for the first `k` states of every run (and the steps
    from them), and after `k` states of which all are true. `names` are those of properties, of
    implicit ones, or of what engines add; what earlier groups say was assumed in every state. Where
    it `ends`, no run has `k` steps, and nothing else was needed."""

    names: tuple[str, ...]
    k: int
    ends: bool = False


@final
@frozen
class Inductive:
    """Proved by induction, group after group; the last proves what was asked.

    `k` is the greatest. `cuts` are actions of which it was not proved that they are never cut.
    `spent` is what the solver needed, in units of its own that do not depend on the machine.
    `lemmas` are formulas over states that an engine made up, by the names that groups call them;
    they are claims like all others, proved by the groups that name them. `endless` are the kinds
    of which there may be any number; then `bounded` says what stays as the scope has it.
    """

    k: int
    groups: tuple[Induction, ...]
    cuts: tuple[str, ...] = ()
    spent: int = 0
    lemmas: tuple[tuple[str, Expr], ...] = ()
    endless: tuple[str, ...] = ()
    bounded: tuple[str, ...] = ()


@final
@frozen
class Proved:
    """No such trace exists, of whatever length; here is the proof."""

    evidence: Inductive


HunterAnswer: TypeAlias = Found | Inconclusive
"""What may be said by whoever looks only so far."""

ProverAnswer: TypeAlias = Found | Proved | Inconclusive


@final
@frozen
class Exploration:
    """What one exhaustive search says about many questions at once.

    `answers` has one entry per property asked for, by name, then one per implicit property, by
    the value of `Implicit`. `reached` counts completed levels.
    """

    answers: tuple[tuple[str, Answer], ...]
    reached: Reached
    complete: bool
    cuts: tuple[Cut, ...]
    fired: tuple[tuple[str, int], ...]  # action name, transitions


@final
@frozen
class Enumerated:
    """Every world of a finite scope was looked at (laws; docs/language/laws.md).

    `left_out` of the `worlds` are none that the law is about. `cases` are those of its outer
    `all`, in all worlds together; `names` is how many names stood for all names, 0 for none.
    """

    worlds: int
    left_out: int
    cases: int
    names: int


@final
@frozen
class Solved:
    """A solver was asked about all worlds of a scope at once, and none of them was made (laws).

    `worlds` are what the scope leaves open, also those that the law is not about; `cases` are these
    times the values of what its outer `all` binds; `names` as in `Enumerated`. `proof` is there
    where the law holds: what can be asked again.
    """

    worlds: int
    cases: int
    names: int
    proof: Inductive | None


@final
@frozen
class Holds:
    """What was claimed is so."""

    evidence: Evidence | Enumerated | Solved | Inductive | Trace


@final
@frozen
class Violated:
    """What was claimed is not so: a trace, or the evidence that no witness exists."""

    evidence: Trace | Evidence | Enumerated | Solved | Inductive


@final
@frozen
class Unknown:
    """Undecided, with the reason."""

    because: Inconclusive


Verdict: TypeAlias = Holds | Violated | Unknown
