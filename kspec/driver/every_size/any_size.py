"""`kspec prove --for-all KINDS`: a property for every number of objects of some kinds.

What a system says that is no matter of size is proved, and what proves it is checked again before
anybody is told. Next: `every_scope` for the system, `kspec.engines.anysize` proves,
`kspec.certify.anysize` checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.certify.recheck import unconfirmed
from kspec.driver.every_size.every_scope import Refused, Sizes, bounded, sizes
from kspec.driver.result import Row, Word
from kspec.driver.telling.snippets import line_of
from kspec.ir.expr import Expr
from kspec.ir.passes.sizes import Kinds
from kspec.ir.system import Invariant, Occurrence, Property, System
from kspec.pure.scopes.scope import Scope
from kspec.verdict.answer import (
    Holds,
    Inconclusive,
    Induction,
    Inductive,
    Reached,
    Unknown,
    Why,
)

if TYPE_CHECKING:
    from kspec.engines.anysize.prover import Lemma

LEMMA: Final = "every size "
"""Before the number of a lemma in its name."""

FORM: Final = "no-induction"


@final
@frozen
class Failing:
    """A step on which a proof failed: what may be false after it, or is broken by it, of an action;
    `assumed` are the names of what is so before it. `sizes` are those of the solver's example."""

    claim: str
    action: str
    assumed: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]


@final
@frozen
class Attempt:
    """What became of properties: proofs, and for the rest why there is none, and on which step a
    proof failed, if it was one."""

    made: Sizes
    proofs: tuple[tuple[str, Inductive], ...]
    unproved: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, Failing], ...] = ()

    @property
    def system(self) -> System:
        """The system that proofs are about."""
        return self.made.system


Outcome: TypeAlias = Attempt | Refused


# ---- proofs ------------------------------------------------------------------------------------


def attempt(
    scope: Scope,
    names: tuple[str, ...],
    wanted: tuple[str, ...],
    rlimit: int,
    seconds_left: Callable[[], float] | None,
) -> Outcome:
    """Try to prove properties for every number of objects of some kinds: first with what the
    program says besides, which is cheap, then with guesses. `rlimit` is what a question of
    `kspec prove` may cost; there are many here, and each may cost a part of it."""
    made = sizes(scope, names)
    if isinstance(made, Refused):
        return made
    apart = dict(made.apart)
    if wanted and all(name in apart for name in wanted):
        return apart[wanted[0]]
    known = {prop.name: prop for prop in made.system.properties}
    asked = tuple(p for n in wanted if (p := known.get(n)) is not None and _is_fit(p))
    proofs: dict[str, Inductive] = {}
    unproved: dict[str, str] = {}
    failed: dict[str, Failing] = {}
    try:
        for guessed, part in ((False, rlimit // 100), (True, rlimit // 10)):
            if all(prop.name in proofs for prop in asked):
                break
            _turn(made, asked, guessed, max(1, part), seconds_left, proofs, unproved, failed)
    except RecursionError:
        return Refused(FORM, "expressions are nested too deep")
    fit = {p.name for p in asked}
    no_form = "only invariants and what is said of steps are proved for every size"
    unproved |= {name: no_form for name in wanted if name not in fit}
    found = tuple((p.name, proofs[p.name]) for p in asked if p.name in proofs)
    return Attempt(made, found, tuple(unproved.items()), tuple(failed.items()))


def _turn(
    made: Sizes,
    asked: tuple[Property, ...],
    guessed: bool,
    rlimit: int,
    seconds_left: Callable[[], float] | None,
    proofs: dict[str, Inductive],
    unproved: dict[str, str],
    failed: dict[str, Failing],
) -> None:
    """One try at all properties; those that no earlier one has proved get a proof, or a reason."""
    # z3 is loaded by whoever needs it, and only then.
    from kspec.engines.anysize.prover import Open, Proven, prove

    system = made.system
    kept = _guesses(made, asked, guessed)
    found = prove(system, made.kinds, asked, kept, rlimit, seconds_left)
    answers = dict(found.answers)
    weak = [n for n in _IMPLICIT if not isinstance(answers[n], Proven)]
    lemmas = {lemma.name: lemma.body for lemma in found.lemmas}
    base = [n for name in _IMPLICIT if isinstance(a := answers[name], Proven) for n in a.needed]
    for prop in asked:
        answer = answers[prop.name]
        if prop.name in proofs:
            continue
        failed.pop(prop.name, None)
        of = prop.name if isinstance(answer, Open) else weak[0] if weak else ""
        if of:
            open_ = answers[of]
            assert isinstance(open_, Open)
            why = _why(open_, found.left_open, "start" if system.actions else "world")
            unproved[prop.name] = why if of == prop.name else f"{of}: {why}"
            if open_.actions:
                is_own = of == prop.name and isinstance(prop.claim, Invariant)
                assumed = tuple(dict.fromkeys((*found.kept, *((of,) if is_own else ()))))
                failed[prop.name] = Failing(of, open_.actions[0], assumed, open_.sizes)
            continue
        assert isinstance(answer, Proven)
        used = tuple(dict.fromkeys((*answer.needed, *base)))
        evidence = Inductive(
            1,
            (Induction(used, 1),),
            spent=found.spent,
            lemmas=tuple((n, lemmas[n]) for n in used if n in lemmas),
            endless=tuple(made.kinds),
            bounded=bounded(system, made.kinds),
        )
        wrong = unconfirmed(system, made.compared, evidence)
        if wrong is None:
            proofs[prop.name] = evidence
            unproved.pop(prop.name, None)
        else:
            unproved[prop.name] = f"what checks proofs does not confirm it: {wrong}"


def _guesses(made: Sizes, asked: tuple[Property, ...], made_up: bool) -> tuple[Lemma, ...]:
    """What might be an invariant: what the program says, and what is `made_up` and not false in a
    state of a small scope."""
    from kspec.engines.anysize.prover import Lemma
    from kspec.engines.anysize.sample import not_false, sample

    if not made.system.actions:
        return ()  # nothing happens, so nothing has to stay as it is
    names = tuple(p.name for p in asked)
    said = {p.name for p in made.system.properties}
    lemmas = tuple(Lemma(*guess) for guess in suggested(made.system, made.kinds, names))
    if made_up:
        return tuple(not_false(made.system, lemmas, sample(made.system)))
    return tuple(lemma for lemma in lemmas if lemma.name.removeprefix(LEMMA) in said)


def suggested(system: System, kinds: Kinds, asked: tuple[str, ...]) -> Iterator[tuple[str, Expr]]:
    """What might be an invariant beside what is asked: the same names mean the same at every
    size."""
    from kspec.engines.anysize.templates import candidates

    for p in system.properties:
        if isinstance(p.claim, Invariant) and p.name not in asked:
            yield f"{LEMMA}{p.name}", p.claim.body
    yield from ((f"{LEMMA}{n}", e) for n, e in enumerate(candidates(system, kinds)))


_IMPLICIT: Final = ("in-range", "single-write", "live-target")


def _is_fit(prop: Property) -> bool:
    return isinstance(prop.claim, Invariant | Occurrence)


def _why(answer: object, left_open: tuple[str, ...], where: str) -> str:
    from kspec.engines.anysize.prover import Open

    assert isinstance(answer, Open)
    if answer.at_start:
        said = f"it is not known to be true at every {where}"
    else:
        after = ", ".join(answer.actions)
        said = f"it does not follow from itself and what was found: after {after}"
    if answer.gave_up:
        said += f" (the solver gave up: {', '.join(answer.gave_up)})"
    if left_open:
        said += f"; not said exactly: {left_open[0]}"
        said += f" and {len(left_open) - 1} more" if len(left_open) > 1 else ""
    return said


def judged(row: Row, outcome: Outcome, sources: tuple[SourceFile, ...], upto: str = "") -> Row:
    """The row of a property for every number of objects, made of that for its scope. A violation
    stays one; what is not proved is open, whatever is so in the scope and in those `upto` a
    size."""
    if row.word in (Word.VIOLATED, Word.ERROR):
        return row
    here = "; it holds in the scope of the file" if row.word is Word.HOLDS else ""
    so_far = "true" if row.kind == "law" else "not reached"
    here += f"; {so_far} up to {upto}" if upto else ""
    apart = dict(outcome.made.apart) if isinstance(outcome, Attempt) else {}
    refused = outcome if isinstance(outcome, Refused) else apart.get(row.name)
    if refused is not None:
        place = line_of(refused.span, sources)
        note = f"{refused.slug}: {refused.why}{place and f' ({place})'}{here}"
        return _open(row, Inconclusive(Why.UNSUPPORTED, _NOWHERE, note))
    assert isinstance(outcome, Attempt)
    evidence = dict(outcome.proofs).get(row.name)
    if evidence is None:
        note = f"not for every size: {dict(outcome.unproved).get(row.name, FORM)}{here}"
        return _open(row, Inconclusive(Why.UNSUPPORTED, _NOWHERE, note))
    return evolve(
        row,
        word=Word.PROVED,
        verdict=Holds(evidence),
        engine=ENGINE,
        reached=Reached(0, 0, 1),
        cuts=(),
        system=outcome.system,
        asked=next(p for p in outcome.system.properties if p.name == row.name),
        scope=evolve(row.scope, assumptions=_assumed(row.scope.assumptions, outcome.made)),
    )


_NOWHERE: Final = Reached(0, 0, 0)
ENGINE: Final = "every-size"


def _open(row: Row, because: Inconclusive) -> Row:
    return evolve(row, word=Word.UNKNOWN, verdict=Unknown(because), engine=ENGINE, cuts=())


def _assumed(said: tuple[str, ...], made: Sizes) -> tuple[str, ...]:
    """The assumptions, without those on how many objects there may be at once."""
    kept = (s for s in said if not any(f" of `{k}` at once" in s for k in made.kinds))
    written = f"at the start: any number of objects like those written ({', '.join(made.kinds)})"
    counting = f"no use is made of the conditions that count, of {', '.join(made.loose)}"
    return (*kept, written, *((counting,) if made.loose else ()))


__all__ = ["Attempt", "Failing", "Outcome", "Sizes", "attempt", "judged", "sizes", "suggested"]
