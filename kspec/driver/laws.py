"""Laws and beliefs in a scope, with the world that refutes one in words: gone through by a check,
asked of a solver by a proof.

Nothing is searched: a law speaks of worlds, not of runs. What a solver finds is a world, in which
the pure layer evaluates the law before anybody sees it.
Next: `kspec.pure.claims`, where `decide` goes through and `posed` asks; `judge.judge_law`, which
finds the word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, assert_never, final

from attrs import evolve, frozen

from kspec.analysis.typed import Program, TLaw
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic, Label, Severity
from kspec.base.source import LineIndex, SourceFile
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.driver.searching.judge import judge_law
from kspec.driver.searching.search import UntrustedEngine
from kspec.driver.telling.explain import DEEP, Teller
from kspec.driver.telling.outlook import Words, is_empty
from kspec.ir.system import System
from kspec.pure.claims.decide import MOST_CASES, Everywhere, Somewhere, decide
from kspec.pure.claims.fragment import outside
from kspec.pure.claims.posed import ANYTHING, Posed, Refuted, smaller
from kspec.pure.claims.posing import Outside, pose
from kspec.pure.scopes.scope import OneOf, Scope
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import Context, EvaluationError
from kspec.verdict.answer import (
    Holds,
    Inconclusive,
    Inductive,
    Reached,
    Solved,
    Unknown,
    Verdict,
    Violated,
    Why,
)
from kspec.verdict.trace import State

if TYPE_CHECKING:
    from kspec.engines.smt.solver import Limits

NOTHING = ("it speaks of nothing here",)


@final
@frozen
class Judged:
    """A verdict, the world that refutes the law and why, and whether it says nothing."""

    verdict: Verdict
    world: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    vacuous: tuple[str, ...] = ()


def judged(
    scope: Scope,
    law: TLaw,
    sources: tuple[SourceFile, ...],
    most: int | None,
    interrupted: Callable[[], bool],
) -> Judged:
    """The verdict on a law in a scope."""
    limit = MOST_CASES if most is None else most
    decision = decide(scope, law, limit, interrupted)
    verdict = judge_law(decision, limit)
    match decision:
        case Somewhere(_, context, _):
            why = _why(scope, law, context, sources)
            return Judged(verdict, tuple(_world(scope, context)), why)
        case Everywhere(seen):
            return Judged(verdict, vacuous=() if seen.cases else NOTHING)
        case _:
            return Judged(verdict)


# ---- asked of a solver -------------------------------------------------------------------------


@final
@frozen
class Proof:
    """What a law's system is, and what proves the property of its name there."""

    system: System
    evidence: Inductive


@final
@frozen
class Asked:
    """What a solver made of a law: `proof` where it holds, `diagnostics` where it is none that can
    be asked."""

    judged: Judged
    proof: Proof | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


@final
@frozen(eq=False)
class Question:
    """A law as a system whose starts are the worlds that it is about."""

    posed: Posed
    lowered: Lowered


def question(scope: Scope, law: TLaw, every: tuple[str, ...] = ()) -> Question | Diagnostic:
    """The system of a law in a scope, or what in it cannot be asked of a solver; for `every`
    number of objects of some kinds, as `pose` says."""
    posed = pose(scope, law, every)
    if isinstance(posed, Outside):
        return _outside(law, Diagnostic(codes.CANNOT_LOWER, posed.message, Label(posed.span)))
    try:
        made = lowered(posed.scope)
    except RecursionError:
        message = "functions call each other too deep"
        return _outside(law, Diagnostic(codes.CANNOT_LOWER, message, Label(law.span)))
    return Question(posed, made) if isinstance(made, Lowered) else _outside(law, made[0])


def _outside(law: TLaw, why: Diagnostic) -> Diagnostic:
    """What stands in the way of asking, as a warning: the law has its meaning all the same."""
    message = f"`{law.name}` cannot be asked of a solver: {why.message}"
    help_ = ("`kspec check` goes through all of a scope, where that is finite",)
    return evolve(why, message=message, severity=Severity.WARNING, notes=(), help=help_)


def asked(scope: Scope, law: TLaw, sources: tuple[SourceFile, ...], limits: Limits) -> Asked:
    """Ask a solver for a world and values of which the law is false. Raises `UntrustedEngine` if
    the law is true of what it finds."""
    # z3 is loaded by whoever needs it, and only then.
    from kspec.engines.smt.encode import TooLarge
    from kspec.engines.smt.laws import Nowhere, decide
    from kspec.engines.smt.laws import Somewhere as Found

    made = question(scope, law)
    if isinstance(made, Diagnostic):
        return Asked(_open(Why.UNSUPPORTED, made.message), None, (made,))
    try:
        answer = decide(made.lowered.system, law.name, law.name + ANYTHING, limits)
    except TooLarge as error:
        return Asked(_open(Why.UNSUPPORTED, f"it is too large for a formula: {error}"))
    except RecursionError:
        return Asked(_open(Why.UNSUPPORTED, "expressions are nested too deep for this engine"))
    match answer:
        case Found(state):
            return Asked(_refuted(made, state, sources))
        case Nowhere(proof, speaks):
            verdict = Holds(_solved(made.posed, proof))
            found = Judged(verdict, vacuous=() if speaks else NOTHING)
            return Asked(found, Proof(made.lowered.system, proof))
        case Inconclusive():
            return Asked(Judged(Unknown(answer)))
        case _:
            assert_never(answer)


def _open(why: Why, note: str) -> Judged:
    return Judged(Unknown(Inconclusive(why, Reached(0, 0, 0), note)))


def _solved(posed: Posed, proof: Inductive | None) -> Solved:
    names = len(posed.names) if posed.goes_through_names else 0
    return Solved(posed.worlds, posed.cases, names, proof)


def _refuted(made: Question, state: State, sources: tuple[SourceFile, ...]) -> Judged:
    """The world that was found, evaluated."""
    posed = made.posed
    found = posed.refuted(made.lowered.reader.world(state))
    if not isinstance(found, Refuted):
        said = f"a solver says that `{posed.law.name}` is false in a world, where {found}"
        raise UntrustedEngine(said, made.lowered.system)
    found = smaller(posed, found)
    why = _why(posed.of, found.law, found.world, sources)
    world = tuple(_world(posed.of, found.world))
    return Judged(Violated(_solved(posed, None)), world, why)


# ---- the decidable fragment --------------------------------------------------------------------


def not_decidable(
    program: Program,
    law: TLaw,
    sources: tuple[SourceFile, ...],
    kinds: tuple[str, ...] | None = None,
) -> str:
    """What keeps a law from being decided for any number of objects of the kinds, or of all, and
    on which line; nothing if it is decided."""
    found = outside(program, law, kinds)
    if found is None:
        return ""
    texts = (f.text for f in sources if f.name == found.span.file)
    lines = (LineIndex(text).position(found.span.start)[0] for text in texts)
    line = next(lines, None)
    return found.why + ("" if line is None else f" at line {line}")


# ---- in words ----------------------------------------------------------------------------------


def _world(scope: Scope, context: Context) -> Iterator[str]:
    """What the scope left open, as it is in this world; else that there is one world only."""
    words = Words(scope, context.tables, context.world)
    told = False
    for obj in scope.objects:
        left_open = [name for name, initial in obj.fields if isinstance(initial, OneOf)]
        fields: Mapping[str, Value] = context.world.fields(Obj(obj.kind, obj.index)) or {}
        types = context.tables.fields[obj.kind]
        shown = [
            f"{name}: {words.say(fields[name], types[name].type)}"
            for name in left_open
            if not is_empty(fields[name])
        ]
        if left_open:
            told = True
            yield f"{words.object(Obj(obj.kind, obj.index))}  {', '.join(shown)}".rstrip()
    if not told:
        yield "as the cluster is written" if scope.objects else "without any objects"


def _why(
    scope: Scope, law: TLaw, context: Context, sources: tuple[SourceFile, ...]
) -> tuple[str, ...]:
    teller = Teller(scope, Words(scope, context.tables, context.world), sources)
    try:
        return tuple(teller.why(law.body, context, False, DEEP))
    except EvaluationError:
        return ()


__all__ = ["Asked", "Judged", "Proof", "Question", "asked", "judged", "not_decidable", "question"]
