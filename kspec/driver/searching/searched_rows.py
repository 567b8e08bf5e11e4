"""Rows of what was searched: from a search to verdicts, words, and what a row shows of it.

Next: `judge` for the verdicts, `proof_rows` for those of proofs.
"""

from __future__ import annotations

from typing import Final, final

from kspec.analysis.typed import CValues, TJudge, TProperty
from kspec.base.record import frozen
from kspec.driver.options import PORTFOLIO, Options
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.preparing.stages import Made
from kspec.driver.result import Row, ScopeInfo, Word
from kspec.driver.searching.counting import Counted, shown_values
from kspec.driver.searching.judge import judge, judge_count, judge_implicit, kind_of, word_for
from kspec.driver.searching.reaching import runs_to
from kspec.driver.searching.search import Searched
from kspec.driver.searching.walking import named
from kspec.driver.telling.explain import explain
from kspec.driver.telling.refusals import refusals
from kspec.ir.system import Claim, Implicit, Values
from kspec.verdict.answer import Exploration, Found, Verdict
from kspec.verdict.trace import Trace


@final
@frozen(eq=False)
class Rows:
    """The rows of one file, of whichever of its scopes."""

    loaded: Loaded
    options: Options
    preparation: Preparation

    def judged(self, line: TJudge, info: ScopeInfo, made: Made, searched: Searched) -> Row:
        """The row of a property that a search was asked about."""
        system, explored = made.system, searched.exploration
        prop = next(p for p in system.properties if p.name == line.property)
        answer = dict(explored.answers)[prop.name]
        found = dict(searched.counts).get(prop.name)
        if isinstance(prop.claim, Values) and explored.complete:
            number = None if found is None else len(found.values)
            verdict = judge_count(prop.claim, number, explored, searched.audited)
        else:
            verdict = judge(prop.claim, answer, explored)
        word = word_for(verdict, prop.claim)
        declared = self._property(prop.name)
        values: tuple[str, ...] | None = None
        if found is not None and declared is not None and isinstance(declared.claim, CValues):
            values = shown_values(made.scope, made.lowered, declared.claim.body.type, found)
        runs = self._runs(made, prop.claim, found, values)
        why: tuple[str, ...] = ()
        refused: tuple[str, ...] = ()
        if isinstance(answer, Found) and word is Word.VIOLATED and declared is not None:
            why = explain(made.scope, made.lowered, declared, answer.trace, self.loaded.sources)
            everything = (*self.loaded.sources, *self.preparation.sources)
            refused = refusals(made.scope, made.lowered, answer.trace, everything)
        return Row(
            file=self.loaded.name,
            name=prop.name,
            kind=kind_of(prop.claim),
            scope=info,
            word=word,
            verdict=verdict,
            expected=line.expected,
            sentence=prop.sentence,
            span=prop.span or (declared.span if declared is not None else None),
            engine=self._engine,
            reached=explored.reached,
            cuts=explored.cuts,
            system=system,
            asked=prop,
            why=why,
            shown=made.shown,
            refused=refused,
            values=values,
            runs=runs,
            reduced=self._said_of_reductions(searched),
        )

    def _runs(
        self, made: Made, claim: Claim, found: Counted | None, values: tuple[str, ...] | None
    ) -> tuple[tuple[str, Trace], ...]:
        """The shortest run to each value, where there are more than there should be."""
        if found is None or values is None or not isinstance(claim, Values):
            return ()
        runs = runs_to(self._engine, made.system, claim, found, self.options.budget)
        return tuple((v, run) for v, run in zip(values, runs, strict=False) if run is not None)

    def _said_of_reductions(self, searched: Searched) -> tuple[str, ...]:
        off = not searched.plain and self.options.vacuity
        return (*searched.reduced, *((NOT_COVERED,) if off else ()))

    def implicit(self, info: ScopeInfo, made: Made, explored: Exploration) -> list[Row]:
        """Rows for implicit properties that are broken."""
        rows: list[Row] = []
        for implicit in Implicit:
            answer = dict(explored.answers)[implicit.value]
            if not isinstance(answer, Found):
                continue
            last = answer.trace.steps[-1].action
            action = next(a for a in made.system.actions if a.name == last)
            rows.append(
                Row(
                    file=self.loaded.name,
                    name=implicit.value,
                    kind="implicit",
                    scope=info,
                    word=Word.VIOLATED,
                    verdict=judge_implicit(answer),
                    expected=None,
                    sentence=_SENTENCES[implicit],
                    span=action.span,
                    engine=self._engine,
                    reached=explored.reached,
                    cuts=explored.cuts,
                    system=made.system,
                    asked=implicit,
                    shown=made.shown,
                )
            )
        return rows

    @property
    def _engine(self) -> str:
        if self.options.walks is not None:
            return named(self.options.walks)
        return "explicit" if self.options.engine == PORTFOLIO else self.options.engine

    def bare(self, line: TJudge, info: ScopeInfo, word: Word, verdict: Verdict | None) -> Row:
        """The row of a line of which nothing else is known."""
        laws = [law for law in self.loaded.program.laws if law.name == line.property]
        declared = self._property(line.property)
        sentence = laws[0].sentence if laws else declared.sentence if declared else None
        return Row(
            file=self.loaded.name,
            name=line.property,
            kind="law" if laws else "property",
            scope=info,
            word=word,
            verdict=verdict,
            expected=line.expected,
            sentence=sentence,
            span=line.span,
        )

    def _property(self, name: str) -> TProperty | None:
        return next((p for p in self.loaded.program.properties if p.name == name), None)


NOT_COVERED: Final = "coverage off: which actions fire is counted in the system as it is"

_SENTENCES = {
    Implicit.IN_RANGE: "every value stays in the range of its type",
    Implicit.SINGLE_WRITE: "no step writes one place twice",
    Implicit.LIVE_TARGET: "no step writes to an object that is gone",
}


__all__ = ["Rows"]
