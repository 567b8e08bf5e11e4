"""`kspec prove --for-all KINDS` of a law: in the worlds of every scope, however many objects of
some kinds it has.

A law of a scope is a system without actions (ADR 017), so that what is done for invariants does
for laws: two sizes are compared, a proof is of starts alone, and what checks proofs confirms it.
What is not proved is asked of larger scopes, one object more at a time; what is proved is asked of
a few, and must be true there. Next: `any_size`, which proves; `kspec.pure.claims.many_objects` for
what is none of every size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, final

from attrs import evolve

from kspec.analysis.typed import TLaw
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.every_size.any_size import Attempt, Outcome, attempt
from kspec.driver.every_size.every_scope import Refused, Sizes, pointing_on, sizes
from kspec.driver.every_size.larger import growing
from kspec.driver.laws import Asked, Question, asked, question
from kspec.driver.searching.search import UntrustedEngine
from kspec.pure.claims.many_objects import barred, pointing
from kspec.pure.scopes.scope import Scope
from kspec.pure.scopes.validity import unique
from kspec.pure.values.world import Tables
from kspec.verdict.answer import Holds, Inductive, Violated

if TYPE_CHECKING:
    from kspec.engines.smt.solver import Limits

CROSS_CHECKED: Final = 2
"""So many scopes larger than the file's are asked of a law that is proved."""
CANNOT: Final = "cannot-be-asked"


@final
@frozen
class EveryLaw:
    """What became of a law: in the scope of the file (`here`); for every size; in a larger scope of
    these `sizes` where it is false (`there`); it is true up to `upto`."""

    here: Asked
    outcome: Outcome
    there: tuple[tuple[tuple[str, int], ...], Asked] | None = None
    upto: str = ""

    @property
    def proof(self) -> Inductive | None:
        """What proves it, if anything does."""
        found = self.outcome.proofs if isinstance(self.outcome, Attempt) else ()
        return found[0][1] if found else None


def every_law(
    scope: Scope,
    law: TLaw,
    kinds: tuple[str, ...],
    sources: tuple[SourceFile, ...],
    limits: Limits,
) -> EveryLaw:
    """A law for every number of objects of some kinds. Raises `UntrustedEngine` where two answers
    do not agree."""
    here = asked(scope, law, sources, limits)
    outcome = _attempted(scope, law, kinds, limits)
    found = EveryLaw(here, outcome)
    if isinstance(here.judged.verdict, Violated):
        if found.proof is not None:
            raise _disagreeing(law, outcome)
        return found
    for done, size, there in _larger(scope, law, kinds, sources, limits, found.proof is not None):
        if isinstance(there.judged.verdict, Violated):
            if found.proof is not None:
                raise _disagreeing(law, outcome)
            return evolve(found, there=(size, there))
        found = evolve(found, upto=done or found.upto)
    return found


def _disagreeing(law: TLaw, outcome: Outcome) -> UntrustedEngine:
    assert isinstance(outcome, Attempt)
    said = f"`{law.name}` is proved for every size, but is false in a world of a scope"
    return UntrustedEngine(said, outcome.system)


def _attempted(scope: Scope, law: TLaw, kinds: tuple[str, ...], limits: Limits) -> Outcome:
    posed = _posed(scope, law, kinds)
    if isinstance(posed, Refused):
        return posed
    return attempt(posed, kinds, (law.name,), limits.rlimit, limits.seconds_left)


def _posed(scope: Scope, law: TLaw, kinds: tuple[str, ...]) -> Scope | Refused:
    """The scope of the question, or what is in the way of asking it of every size."""
    wide = pointing(scope, kinds)
    bar = barred(wide, law, kinds)
    if bar is not None:
        return Refused(bar.slug, bar.why, bar.span)
    made = question(wide, law, kinds)
    if isinstance(made, Question):
        return made.posed.scope
    return Refused(CANNOT, made.message, made.primary.span)


def law_sizes(scope: Scope, law: TLaw, kinds: tuple[str, ...]) -> Sizes | Refused:
    """The system of a law for every number of objects of some kinds, or why there is none."""
    posed = _posed(scope, law, kinds)
    return posed if isinstance(posed, Refused) else sizes(posed, kinds)


def _larger(
    scope: Scope,
    law: TLaw,
    kinds: tuple[str, ...],
    sources: tuple[SourceFile, ...],
    limits: Limits,
    proved: bool,
) -> Iterator[tuple[str, tuple[tuple[str, int], ...], Asked]]:
    """Larger scopes, as far as a solver decides the law in them: up to which size all are done
    once it does, what has grown, and its answer."""
    if any(kind not in {pool.kind for pool in scope.pools} for kind in kinds):
        return
    done = 0
    for upto, size, grown in growing(pointing(scope, kinds), kinds):
        if not size:
            continue
        left = limits.seconds_left
        if (left is not None and left() <= 0) or (proved and done == CROSS_CHECKED):
            return
        if unique(grown.objects, Tables(grown.program)):
            return  # copies that bear one key are in no cluster
        there = asked(pointing_on(grown), law, sources, limits)
        if not isinstance(there.judged.verdict, Holds | Violated):
            return
        yield upto, size, there
        done += 1


__all__ = ["EveryLaw", "every_law", "law_sizes"]
