"""Is a certificate one of this system? Every obligation is decided again, by z3 and, where it is
installed, by cvc5.

An answer other than `Confirmed` never means that the claim is false. z3 is loaded when something
is to be decided. Next: `obligations` for what is decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Final, TypeAlias, final

from attrs import evolve

from kspec.base.blocking import blocking
from kspec.base.record import frozen
from kspec.certify.anysize.obligations import obligations as of_every_size
from kspec.certify.anysize.words import LOGIC as QUANTIFIED
from kspec.certify.obligations import Obligation, Unfounded, obligations
from kspec.certify.proof import (
    HOLDS,
    UNREACHABLE,
    Certificate,
    Malformed,
    extended,
    fingerprint,
)
from kspec.certify.second_solver import SecondSolver
from kspec.ir.passes.sizes import Kinds, difference
from kspec.ir.system import Implicit, Invariant, Property, Reachable, System
from kspec.verdict.answer import Induction, Inductive

RLIMIT: Final = 1_000_000_000
EVERY_RLIMIT: Final = 50_000_000
"""What one question may cost, in z3's units."""


@final
@frozen
class Confirmed:
    """All obligations were proved again, by these solvers; and what they say of states was so of
    `states` that runs reach, as whoever looked at them says: of all there are, or of some. `open`
    says which further solver gave up, and on what."""

    obligations: int
    solvers: tuple[str, ...]
    states: int = 0
    all_states: bool = False
    open: tuple[str, ...] = ()


@final
@frozen(eq=False)
class EverySize:
    """How the kinds without end are laid out in a system, and the same at a larger size."""

    kinds: Kinds
    larger: System
    larger_kinds: Kinds


@final
@frozen
class Stale:
    """It is about another system: the model was changed since."""


@final
@frozen
class Rejected:
    """It is no proof of what it says; `why` says where."""

    why: str


@final
@frozen
class Undecided:
    """A solver gave up."""

    why: str


Outcome: TypeAlias = Confirmed | Stale | Rejected | Undecided
Decider: TypeAlias = Callable[[str], str]
"""From a script to `unsat`, `sat`, or why neither."""


def recheck(
    of: Certificate,
    system: System,
    deciders: tuple[tuple[str, Decider], ...] | None = None,
    every: EverySize | None = None,
) -> Outcome:
    """Check a certificate against the system that it is said to be about. The first solver has to
    confirm everything; a further one that gives up is not named, one that differs is believed."""
    wrong = unfit(of, system)
    if wrong is not None:
        return Rejected(wrong)
    made = _made_for_size(of, system, every)
    if made is not None:
        return Rejected(made)
    if fingerprint(system, of.groups) != of.system:
        return Stale()
    try:
        system = extended(system, of.lemmas)
    except Malformed as error:
        return Rejected(str(error))
    known = tuple(known_solvers()) if deciders is None else deciders
    try:
        return _again(_asked(system, of.groups, every), known)
    except Unfounded as error:
        return Rejected(str(error))
    finally:
        for _, decider in known:
            if isinstance(decider, SecondSolver):
                decider.close()


def _again(asked: Iterable[Obligation], known: tuple[tuple[str, Decider], ...]) -> Outcome:
    """What solvers say of obligations."""
    (first, *others) = known
    count, more, given_up = 0, list(others), list[str]()
    for obligation in asked:
        outcome = _decided(obligation, first)
        for other in tuple(more):
            second = _decided(obligation, other)
            if isinstance(second, Undecided):
                more.remove(other)  # it confirms nothing, and takes nothing back
                given_up.append(second.why)
            outcome = outcome or (second if isinstance(second, Rejected) else None)
        if outcome is not None:
            return outcome
        count += 1
    solvers = tuple(name for name, _ in (first, *more))
    return Confirmed(count, solvers, open=tuple(given_up))


def _asked(
    system: System, groups: tuple[Induction, ...], every: EverySize | None
) -> Iterator[Obligation]:
    if every is None:
        yield from obligations(system, groups)
    elif len(groups) != 1:
        raise Unfounded("a proof about every size has one group")
    else:
        yield from of_every_size(system, every.kinds, groups[0])


def unconfirmed(system: System, every: EverySize, evidence: Inductive) -> str | None:
    """Why a proof about every size that has just been made is not confirmed, None if it is."""
    lemmas = (Property(name, Invariant(body)) for name, body in evidence.lemmas)
    whole = evolve(system, properties=(*system.properties, *lemmas))
    (decider, *_) = tuple(known_solvers())
    try:
        outcomes = (_decided(o, decider) for o in _asked(whole, evidence.groups, every))
        return next((outcome.why for outcome in outcomes if outcome is not None), None)
    except Unfounded as error:
        return str(error)


def _made_for_size(of: Certificate, system: System, every: EverySize | None) -> str | None:
    """What keeps a proof about every size from being one, before anything is proved."""
    if every is None:
        return "it says nothing of this scope alone" if of.endless else None
    if set(of.endless) != set(every.kinds):
        return "it is about every number of other objects"
    made = difference(system, every.kinds, every.larger, every.larger_kinds)
    return None if made is None else made.what


def unfit(of: Certificate, system: System) -> str | None:
    """What keeps a certificate from being a proof of its claim, whatever its groups are."""
    claims = [p.claim for p in system.properties if p.name == of.prop]
    if len(claims) != 1:
        return f"the system has no property `{of.prop}`"
    wanted = UNREACHABLE if isinstance(claims[0], Reachable) else HOLDS
    if of.claim != wanted:
        return f"`{of.claim}` is not what can be proved of `{of.prop}`"
    proved = {name for group in of.groups for name in group.names}
    for name in (of.prop, *(implicit.value for implicit in Implicit)):
        if name not in proved:
            return f"nothing proves `{name}`"
    return None


def _decided(obligation: Obligation, by: tuple[str, Decider]) -> Rejected | Undecided | None:
    """None if a solver says that there is no solution."""
    name, decide = by
    said = decide(obligation.script)
    if said == "sat":
        return Rejected(f"{obligation.what}: {name} finds one where it fails")
    return None if said == "unsat" else Undecided(f"{obligation.what}: {name} says {said}")


def known_solvers() -> Iterator[tuple[str, Decider]]:
    """z3, and cvc5 where it is installed, by name and version."""
    import z3

    yield f"z3 {z3.get_version_string()}", _with_z3
    try:
        # Not by importing it: a directory of that name would do, too.
        known = version("cvc5")
    except PackageNotFoundError:
        return
    yield f"cvc5 {known}", SecondSolver(blocking)


def _with_z3(script: str) -> str:
    import z3

    z3.set_param("ctrl_c", False)  # see `kspec.base.blocking`
    context = z3.Context()
    every = QUANTIFIED in script
    solver = z3.Solver(ctx=context) if every else z3.SolverFor("QF_BV", ctx=context)
    solver.set("rlimit", EVERY_RLIMIT if every else RLIMIT)
    solver.from_string(script.replace("(check-sat)", ""))
    with blocking(context.interrupt):
        result = solver.check()
    return str(result) if result != z3.unknown else str(solver.reason_unknown())


__all__ = [
    "Confirmed",
    "Decider",
    "EverySize",
    "Outcome",
    "Rejected",
    "Stale",
    "Undecided",
    "known_solvers",
    "recheck",
    "unconfirmed",
    "unfit",
]
