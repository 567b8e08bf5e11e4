"""Rows of what was proved: from answers and proofs to verdicts, words, and what a row shows.

What rests on a proof stands only if the implicit properties are proved too; a trace stands by
itself, and is replayed before anybody sees it. Next: `judge`, which does this for searches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from attrs import evolve

from kspec.analysis.typed import TJudge, TProperty
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.prepare import scope_info
from kspec.driver.preparing.stages import Made
from kspec.driver.proofs.attempts import ENGINES, answered_by
from kspec.driver.result import Row, Word
from kspec.driver.searching.judge import kind_of
from kspec.driver.searching.search import UntrustedEngine
from kspec.driver.telling.explain import explain
from kspec.driver.telling.outlook import shown
from kspec.driver.telling.refusals import refusals
from kspec.ir.system import (
    Claim,
    Implicit,
    NoDeadlock,
    Property,
    Reachable,
    Settles,
    System,
    Temporal,
    Values,
)
from kspec.verdict.answer import (
    Cut,
    Found,
    Holds,
    Inconclusive,
    Inductive,
    Proved,
    ProverAnswer,
    Reached,
    Unknown,
    Verdict,
    Violated,
    Why,
)
from kspec.verdict.replay import replay

if TYPE_CHECKING:
    from kspec.driver.every_size.larger import Beyond


def replay_all(system: System, answers: dict[str, ProverAnswer]) -> None:
    """Every trace must be a run that shows it. Raises `UntrustedEngine`."""
    asked = {prop.name: prop for prop in system.properties}
    for name, answer in answers.items():
        if isinstance(answer, Found):
            flaw = replay(answer.trace, system, asked.get(name) or Implicit(name))
            if flaw is not None:
                said = f"the trace of a solver to {name} does not replay: "
                raise UntrustedEngine(f"{said}step {flaw.step}: {flaw.reason}", system)


# ---- verdicts ----------------------------------------------------------------------------------


def judge_proof(claim: Claim, name: str, answers: dict[str, ProverAnswer]) -> Verdict:
    """The verdict on a property. What rests on a proof stands only if the implicit properties are
    proved; a trace stands by itself."""
    answer = answers[name]
    is_wanted = _is_wanted(claim)
    match answer:
        case Found(trace):
            return Holds(trace) if is_wanted else Violated(trace)
        case Inconclusive():
            return Unknown(answer)
        case Proved(evidence):
            weak = _weakness(claim, evidence, answers)
            if weak is not None:
                return Unknown(weak)
            evidence = _with_implicit(evidence, answers)
            return Violated(evidence) if is_wanted else Holds(evidence)
        case _:
            assert_never(answer)


def _is_wanted(claim: Claim) -> bool:
    """Is a trace what is wanted?"""
    return isinstance(claim, Reachable) or (isinstance(claim, Settles) and claim.negated)


def _weakness(
    claim: Claim, evidence: Inductive, answers: dict[str, ProverAnswer]
) -> Inconclusive | None:
    """What keeps a proof from being a verdict."""
    reached = Reached(0, 0, 0)
    found = [i.value for i in Implicit if isinstance(answers[i.value], Found)]
    if found:
        return Inconclusive(Why.IMPLICIT_FIRST, reached, f"{', '.join(found)} fails first")
    still = [i.value for i in Implicit if not isinstance(answers[i.value], Proved)]
    if still:
        return Inconclusive(Why.IMPLICIT_FIRST, reached, f"{', '.join(still)} is not proved")
    if evidence.cuts and isinstance(claim, Reachable | NoDeadlock):
        note = f"more room could change it: {', '.join(evidence.cuts)} may be cut"
        return Inconclusive(Why.CUT, reached, note)
    return None


def _with_implicit(evidence: Inductive, answers: dict[str, ProverAnswer]) -> Inductive:
    """The proof with what proves the implicit properties."""
    all_ = [evidence]
    for implicit in Implicit:
        answer = answers[implicit.value]
        if isinstance(answer, Proved):
            all_.append(answer.evidence)
    # INVARIANT: all are beginnings of one list of groups.
    longest = max(all_, key=lambda e: len(e.groups))
    k = max(e.k for e in all_)
    return evolve(evidence, groups=longest.groups, k=k, lemmas=longest.lemmas)


def _word(verdict: Verdict, claim: Claim) -> Word:
    match verdict:
        case Holds():
            return Word.REACHED if _is_wanted(claim) else Word.HOLDS
        case Violated():
            return Word.VIOLATED
        case Unknown(because):
            looks_for_bugs = not isinstance(claim, Values) and not _is_wanted(claim)
            so_far = because.why in _SO_FAR and because.reached.depth >= 0
            return Word.BOUNDED if looks_for_bugs and so_far else Word.UNKNOWN
        case _:
            assert_never(verdict)


_SO_FAR = (Why.INDUCTION, Why.SOLVER, Why.DEPTH)
"""Reasons that leave a number of steps behind, none of which is a bug."""


# ---- rows --------------------------------------------------------------------------------------


def ended(row: Row) -> Row:
    """A row of a run that somebody ended: what is open is so for that reason."""
    if not isinstance(row.verdict, Unknown) or row.verdict.because.why is not Why.SOLVER:
        return row
    because = Inconclusive(Why.INTERRUPTED, row.verdict.because.reached)
    return evolve(row, verdict=Unknown(because))


def _property(loaded: Loaded, name: str) -> TProperty | None:
    return next((p for p in loaded.program.properties if p.name == name), None)


def bare(loaded: Loaded, line: TJudge, plan: Plan, word: Word) -> Row:
    """The row of a line with nothing but its word."""
    declared = _property(loaded, line.property)
    return Row(
        file=loaded.name,
        name=line.property,
        kind="property",
        scope=scope_info(plan, None),
        word=word,
        verdict=None,
        expected=line.expected,
        sentence=declared.sentence if declared else None,
        span=line.span,
    )


def judged(
    loaded: Loaded,
    line: TJudge,
    plan: Plan,
    made: Made,
    prop: Property,
    answers: dict[str, ProverAnswer],
    engine: str,
) -> Row:
    """The row of a property from the answers about it and the implicit ones."""
    answer = answers[prop.name]
    verdict = judge_proof(prop.claim, prop.name, answers)
    declared = _property(loaded, prop.name)
    why: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    word = _word(verdict, prop.claim)
    if isinstance(answer, Found) and word is Word.VIOLATED and declared is not None:
        why = explain(made.scope, made.lowered, declared, answer.trace, loaded.sources)
        refused = refusals(made.scope, made.lowered, answer.trace, loaded.sources)
    return Row(
        file=loaded.name,
        name=prop.name,
        kind=kind_of(prop.claim),
        scope=scope_info(plan, made),
        word=word,
        verdict=verdict,
        expected=line.expected,
        sentence=prop.sentence,
        span=prop.span or (declared.span if declared is not None else None),
        engine=answered_by(engine, answer, isinstance(prop.claim, Temporal | Settles)),
        reached=_reached(answer),
        cuts=_cuts(verdict),
        system=made.system,
        asked=prop,
        why=why,
        shown=made.shown,
        refused=refused,
    )


def unjudged(loaded: Loaded, line: TJudge, plan: Plan, made: Made, prop: Property | None) -> Row:
    """The row of a line of which nothing is known yet."""
    because = Inconclusive(Why.UNSUPPORTED, Reached(0, 0, 0))
    if prop is None:
        return evolve(bare(loaded, line, plan, Word.UNKNOWN), verdict=Unknown(because))
    return judged(loaded, line, plan, made, prop, {prop.name: because}, ENGINES[0])


def beyond(loaded: Loaded, line: TJudge, plan: Plan, made: Made, prop: Property, of: Beyond) -> Row:
    """The row of a property that a run breaks in the file's scope or in a larger one."""
    there = evolve(made, scope=of.scope, lowered=of.lowered, shown=shown(of.scope, of.lowered))
    row = judged(loaded, line, plan, there, prop, {prop.name: Found(of.trace)}, "explicit")
    return evolve(row, engine="explicit", beyond=of.sizes)


def _reached(answer: ProverAnswer) -> Reached:
    match answer:
        case Found(trace):
            return Reached(0, 0, len(trace.steps))
        case Proved(evidence):
            return Reached(0, 0, evidence.k)
        case Inconclusive(_, reached, _):
            return reached
        case _:
            assert_never(answer)


def _cuts(verdict: Verdict) -> tuple[Cut, ...]:
    """Actions that may be cut; in how many states nobody counts."""
    evidence = getattr(verdict, "evidence", None)
    return tuple(Cut(a, 0) for a in evidence.cuts) if isinstance(evidence, Inductive) else ()


def implicit_rows(
    loaded: Loaded, plan: Plan, made: Made, answers: dict[str, ProverAnswer]
) -> Iterator[Row]:
    """Rows for implicit properties that are broken."""
    for implicit in Implicit:
        answer = answers.get(implicit.value)
        if isinstance(answer, Found):
            last = answer.trace.steps[-1].action
            yield Row(
                file=loaded.name,
                name=implicit.value,
                kind="implicit",
                scope=scope_info(plan, made),
                word=Word.VIOLATED,
                verdict=Violated(answer.trace),
                expected=None,
                sentence=None,
                span=next(a for a in made.system.actions if a.name == last).span,
                engine=answered_by("", answer),
                reached=_reached(answer),
                system=made.system,
                asked=implicit,
                shown=made.shown,
            )


__all__ = [
    "bare",
    "beyond",
    "ended",
    "implicit_rows",
    "judge_proof",
    "judged",
    "replay_all",
    "unjudged",
]
