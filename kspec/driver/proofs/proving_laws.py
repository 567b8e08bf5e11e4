"""The laws of a scope as `kspec prove` judges them: all of its worlds at once, none of them made.

Next: `laws`, which asks; `proving`, which judges all other lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, final

from attrs import evolve, frozen

from kspec.analysis.typed import TJudge, TLaw
from kspec.base.diagnostic import Diagnostic
from kspec.base.source import SourceFile
from kspec.driver.every_size import any_size
from kspec.driver.every_size.any_size import Attempt
from kspec.driver.every_size.every_law import EveryLaw, every_law, law_sizes
from kspec.driver.every_size.every_scope import Sizes
from kspec.driver.laws import Asked, Proof, Question, asked, not_decidable, question
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.prepare import Preparation, scope_info
from kspec.driver.result import Row, Word
from kspec.driver.searching.judge import word_for
from kspec.ir.system import Property, System
from kspec.verdict.answer import Unknown, Verdict

if TYPE_CHECKING:
    from kspec.engines.smt.solver import Limits

ENGINE = "z3"


@final
@frozen
class LawRow:
    """A line's row; the proof behind it; what is to be said besides."""

    row: Row
    proof: tuple[Property, Proof] | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def law_rows(
    loaded: Loaded,
    preparation: Preparation,
    plan: Plan,
    limits: Limits,
    every: tuple[str, ...] = (),
) -> Iterator[LawRow]:
    """A row for each line of the plan that names a law: in its scope, or for `every` number of
    objects of some kinds. Raises `UntrustedEngine`."""
    laws = _laws(loaded)
    found = preparation.elaborate(plan)
    for _, line in plan.lines:
        law = laws.get(line.property)
        if law is None:
            continue
        if found.scope is None:
            yield LawRow(_row(loaded, line, law, plan, Word.ERROR, None), None, found.diagnostics)
            continue
        if every:
            of = every_law(found.scope, law, every, loaded.sources, limits)
            row = _found(loaded, line, law, plan, of.here)
            outside = not_decidable(loaded.program, law, loaded.sources, every)
            yield _of_every_size(row, of, outside, found.diagnostics, loaded.sources)
            continue
        made = asked(found.scope, law, loaded.sources, limits)
        row = _found(loaded, line, law, plan, made)
        proof = None if made.proof is None else (_property(made.proof.system, law), made.proof)
        yield LawRow(row, proof, (*found.diagnostics, *made.diagnostics))


def _found(loaded: Loaded, line: TJudge, law: TLaw, plan: Plan, made: Asked) -> Row:
    verdict = made.judged.verdict
    row = _row(loaded, line, law, plan, word_for(verdict, None), verdict)
    return evolve(row, vacuous=made.judged.vacuous, world=made.judged.world, why=made.judged.why)


def _of_every_size(
    row: Row,
    of: EveryLaw,
    outside: str,
    said: tuple[Diagnostic, ...],
    sources: tuple[SourceFile, ...],
) -> LawRow:
    """The row for every size, made of that for the scope; `outside` the decidable fragment is a law
    for what it says."""
    said = (*said, *of.here.diagnostics)
    if of.there is not None:
        size, there = of.there
        judged = there.judged
        row = evolve(row, word=Word.VIOLATED, verdict=judged.verdict, world=judged.world)
        return LawRow(evolve(row, why=judged.why, vacuous=(), beyond=size), None, said)
    better = any_size.judged(row, of.outcome, sources, of.upto)
    verdict = better.verdict
    if outside and isinstance(verdict, Unknown) and isinstance(of.outcome, Attempt):
        note = f"{verdict.because.note}; not in the decidable fragment: {outside}"
        better = evolve(better, verdict=Unknown(evolve(verdict.because, note=note)))
    if of.proof is None or better.system is None:
        return LawRow(better, None, said)
    assert isinstance(better.asked, Property)
    return LawRow(better, (better.asked, Proof(better.system, of.proof)), said)


def law_system(
    loaded: Loaded, preparation: Preparation, plan: Plan, name: str, every: tuple[str, ...] = ()
) -> System | Sizes | str | None:
    """The system of a law of this name, or for `every` number of objects of some kinds; None if it
    is none, or none that can be asked, or why so."""
    law = _laws(loaded).get(name)
    scope = preparation.elaborate(plan).scope
    if law is None or scope is None:
        return None
    if every:
        found = law_sizes(scope, law, every)
        return found if isinstance(found, Sizes) else f"{found.slug}: {found.why}"
    made = question(scope, law)
    return made.lowered.system if isinstance(made, Question) else None


def is_law(loaded: Loaded, name: str) -> bool:
    """Is this the name of a law or a belief?"""
    return name in _laws(loaded)


def _laws(loaded: Loaded) -> dict[str, TLaw]:
    return {law.name: law for law in loaded.program.laws}


def _property(system: System, law: TLaw) -> Property:
    return next(prop for prop in system.properties if prop.name == law.name)


def _row(
    loaded: Loaded, line: TJudge, law: TLaw, plan: Plan, word: Word, verdict: Verdict | None
) -> Row:
    return Row(
        file=loaded.name,
        name=law.name,
        kind="law",
        scope=scope_info(plan, None),
        word=word,
        verdict=verdict,
        expected=line.expected or ("refuted" if law.belief else None),
        sentence=law.sentence,
        span=law.span,
        engine=ENGINE,
    )


__all__ = ["LawRow", "is_law", "law_rows", "law_system"]
