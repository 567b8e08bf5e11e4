"""`kspec prove --for-all KINDS`: a property for every number of objects of some kinds.

The scope is made at two sizes, each with copies of its objects and with room for more. Where the
two systems say the same but for sizes, what they say is said of every size, and that is proved.
Where they do not, or where numbers may decide what is left of a formula, the construct is named and
nothing is claimed. Next: `kspec.engines.anysize` proves, `kspec.certify.anysize` checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias, final

from attrs import evolve

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.certify.recheck import EverySize, unconfirmed
from kspec.driver.largest import TooMany, actions, margin
from kspec.driver.lowering import Lowered, lowered
from kspec.driver.result import Row, Word
from kspec.ir.expr import Expr
from kspec.ir.passes.sizes import Endless, Kinds, difference
from kspec.ir.sorts import Int, Map, Opt, Record, Set, Sort, enums
from kspec.ir.system import Invariant, Occurrence, Property, Role, System
from kspec.pure.scopes.included import created
from kspec.pure.scopes.scope import Scope, ScopeObject, ScopePool
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

COUNTS: Final = "counts-many"
SIZES: Final = "made-for-a-size"
NOBODY: Final = "nobody-there"
FORM: Final = "no-induction"


@final
@frozen
class Refused:
    """Nothing is proved of every size: the construct that stands in the way, in a word that does
    not change, and where it is."""

    slug: str
    why: str
    span: Span | None = None


@final
@frozen(eq=False)
class Sizes:
    """A system at a small size, laid out so, which says the same at every other one; what it was
    `compared` with."""

    system: System
    kinds: Kinds
    compared: EverySize


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


# ---- sizes -------------------------------------------------------------------------------------


def sizes(scope: Scope, names: tuple[str, ...]) -> Sizes | Refused:
    """The system of a scope for every number of objects of the named kinds."""
    kinds = {pool.kind for pool in scope.pools}
    for name in names:
        if name not in kinds:
            return Refused("unknown-kind", f"there is no kind `{name}`")
    born = created(actions(scope))
    small = _layouts(scope, names, born, 1)
    for of in small.values():
        if of.size == 0:
            return Refused(NOBODY, f"no {of.kind} is written, and none is created")
    wide = margin(scope, names)
    if isinstance(wide, TooMany):
        return Refused(COUNTS, wide.why, wide.where)
    more = max(2, wide)
    large = _layouts(scope, names, born, more)
    one, other = lowered(grown(scope, small)), lowered(grown(scope, large))
    if not isinstance(one, Lowered) or not isinstance(other, Lowered):
        return Refused(SIZES, "a larger scope has no system")
    made = difference(one.system, small, other.system, large)
    if made is not None:
        return Refused(SIZES, made.what, made.span)
    return Sizes(one.system, small, EverySize(small, other.system, large))


def _layouts(
    scope: Scope, names: tuple[str, ...], born: tuple[str, ...], more: int
) -> dict[str, Endless]:
    found: dict[str, Endless] = {}
    for pool in scope.pools:
        if pool.kind in names:
            written = sum(1 for obj in scope.objects if obj.kind == pool.kind)
            spare = 1 + more if pool.kind in born else 0
            found[pool.kind] = Endless(pool.kind, written, written * more, spare)
    return found


def grown(scope: Scope, kinds: Kinds) -> Scope:
    """A scope with copies of what is written, and with room."""
    objects: list[ScopeObject] = list(scope.objects)
    pools: list[ScopePool] = []
    for pool in scope.pools:
        if pool.kind not in kinds:
            pools.append(pool)
            continue
        of = kinds[pool.kind]
        own = [obj for obj in scope.objects if obj.kind == pool.kind]
        copies = [
            evolve(
                own[n % of.written], index=of.written + n, name=f"{own[n % of.written].name}~{n}"
            )
            for n in range(of.copies)
        ]
        objects += copies
        free = (f"{pool.kind.lower()}~{n}" for n in range(of.spare))
        shown = (*(obj.name for obj in own), *(obj.name for obj in copies), *free)
        pools.append(evolve(pool, size=of.size, names=shown))
    return evolve(scope, pools=tuple(pools), objects=tuple(objects))


# ---- what stays bounded ------------------------------------------------------------------------


def bounded(system: System, kinds: Kinds) -> tuple[str, ...]:
    """What stays as the scope has it: other kinds, numbers, words."""
    found = [f"{p.size} {p.name}" for p in system.pools if p.name not in kinds and p.size]
    words: dict[str, int] = {}
    sorts = (*(v.sort for v in system.variables), *(c.sort for c in system.constants))
    for sort in sorts:
        for enum in enums(sort):
            name = "names" if enum.name.split("~")[0] == "name" else ""
            name = name or (enum.name.split("~")[0] if enum.name.startswith("value of") else "")
            if name:
                words[name] = max(words.get(name, 0), len(enum.cases))
    found += [f"{n} {name.replace('value of', 'values of')}" for name, n in sorted(words.items())]
    for v in system.variables:
        if v.role is not Role.VIEW:
            found += [f"{v.label} ≤ {hi}" for hi in _numbers(v.sort)]
    return tuple(dict.fromkeys(found))


def _numbers(sort: Sort) -> Iterator[int]:
    match sort:
        case Int(_, hi):
            yield hi
        case Opt(of) | Set(of) | Map(_, of):
            yield from _numbers(of)
        case Record(_, fields):
            for _, s in fields:
                yield from _numbers(s)
        case _:
            return


# ---- proofs ------------------------------------------------------------------------------------


def attempt(
    scope: Scope,
    names: tuple[str, ...],
    wanted: tuple[str, ...],
    rlimit: int,
    seconds_left: Callable[[], float] | None,
) -> Outcome:
    """Try to prove properties for every number of objects of some kinds: first each by itself and
    the others, which is cheap, then with guesses. `rlimit` is what a question of `kspec prove` may
    cost; there are many here, and each may cost a part of it."""
    made = sizes(scope, names)
    if isinstance(made, Refused):
        return made
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
    kept = _guesses(made, asked) if guessed else ()
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
            why = _why(open_, found.left_open)
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


def _guesses(made: Sizes, asked: tuple[Property, ...]) -> tuple[Lemma, ...]:
    """What might be an invariant and is not false in a state of a small scope."""
    from kspec.engines.anysize.prover import Lemma
    from kspec.engines.anysize.sample import not_false, sample

    guesses = suggested(made.system, made.kinds, tuple(p.name for p in asked))
    lemmas = tuple(Lemma(name, body) for name, body in guesses)
    return tuple(not_false(made.system, lemmas, sample(made.system)))


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


def _why(answer: object, left_open: tuple[str, ...]) -> str:
    from kspec.engines.anysize.prover import Open

    assert isinstance(answer, Open)
    if answer.at_start:
        said = "it is not known to be true at every start"
    else:
        after = ", ".join(answer.actions)
        said = f"it does not follow from itself and what was found: after {after}"
    if answer.gave_up:
        said += f" (the solver gave up: {', '.join(answer.gave_up)})"
    if left_open:
        said += f"; not said exactly: {left_open[0]}"
        said += f" and {len(left_open) - 1} more" if len(left_open) > 1 else ""
    return said


def judged(row: Row, outcome: Outcome, upto: str = "") -> Row:
    """The row of a property for every number of objects, made of that for its scope. A violation
    stays one; what is not proved is open, whatever is so in the scope and in those `upto` a
    size."""
    if row.word in (Word.VIOLATED, Word.ERROR):
        return row
    here = "; it holds in the scope of the file" if row.word is Word.HOLDS else ""
    here += f"; not reached up to {upto}" if upto else ""
    if isinstance(outcome, Refused):
        place = "" if outcome.span is None else _place(outcome.span)
        note = f"{outcome.slug}: {outcome.why}{place}{here}"
        return _open(row, Inconclusive(Why.UNSUPPORTED, _NOWHERE, note))
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
        scope=evolve(row.scope, assumptions=_assumed(row.scope.assumptions, evidence.endless)),
    )


_NOWHERE: Final = Reached(0, 0, 0)
ENGINE: Final = "every-size"


def _open(row: Row, because: Inconclusive) -> Row:
    return evolve(row, word=Word.UNKNOWN, verdict=Unknown(because), engine=ENGINE, cuts=())


def _place(span: Span) -> str:
    return f" ({span.file}, at {span.start})"


def _assumed(said: tuple[str, ...], endless: tuple[str, ...]) -> tuple[str, ...]:
    """The assumptions, without those on how many objects there may be at once."""
    kept = (s for s in said if not any(f" of `{k}` at once" in s for k in endless))
    written = f"at the start: any number of objects like those written ({', '.join(endless)})"
    return (*kept, written)


__all__ = [
    "Attempt",
    "Failing",
    "Refused",
    "Sizes",
    "attempt",
    "bounded",
    "grown",
    "judged",
    "sizes",
    "suggested",
]
