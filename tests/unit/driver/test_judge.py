"""Every polarity and every way to stay open: the verdict, its word, its exit code."""

from __future__ import annotations

import pytest

from kspec.driver.result import (
    CheckResult,
    ExitCode,
    FileResult,
    Require,
    Row,
    ScopeInfo,
    Vacuity,
    Word,
)
from kspec.driver.searching.judge import judge, judge_implicit, word_for
from kspec.ir.expr import TRUE
from kspec.ir.system import (
    Claim,
    Implicit,
    Invariant,
    NoDeadlock,
    Occurrence,
    Reachable,
    Settles,
    StepCase,
    Temporal,
)
from kspec.ir.system import Holds as StateFormula
from kspec.verdict.answer import (
    Absent,
    Answer,
    Cut,
    Exhausted,
    Exploration,
    Found,
    Holds,
    Inconclusive,
    Reached,
    Unknown,
    Verdict,
    Violated,
    Why,
)
from kspec.verdict.trace import Trace

TRACE = Trace((0,), ())
REACHED = Reached(10, 20, 3)
CUT = (Cut("make", 2),)
INVARIANT, REACHABLE = Invariant(TRUE), Reachable(TRUE)
OCCURRENCE = Occurrence((StepCase("a", TRUE),))
SAFETY: tuple[Claim, ...] = (INVARIANT, OCCURRENCE)
OVER_RUNS: tuple[Claim, ...] = (Settles((), False), Temporal(StateFormula(TRUE)))
OSCILLATES = Settles((), True)


def absent(cuts: tuple[Cut, ...] = ()) -> Answer:
    return Absent(Exhausted(10, 20, 3, cuts, 10))


def open_(why: Why, reached: Reached = REACHED) -> Answer:
    return Inconclusive(why, reached)


def verdict(claim: Claim, answer: Answer, broken: bool = False) -> Verdict:
    implicit: Answer = Found(TRACE) if broken else absent()
    answers = (("p", answer), *((i.value, implicit) for i in Implicit))
    cuts = answer.evidence.cuts if isinstance(answer, Absent) else ()
    return judge(claim, answer, Exploration(answers, REACHED, True, cuts, ()))


@pytest.mark.parametrize("claim", [*SAFETY, NoDeadlock(), *OVER_RUNS])
def test_a_bad_trace_violates(claim: Claim) -> None:
    for broken in (False, True):
        assert verdict(claim, Found(TRACE), broken) == Violated(TRACE)


@pytest.mark.parametrize("claim", [*SAFETY, NoDeadlock(), *OVER_RUNS])
def test_no_bad_trace_holds_with_evidence(claim: Claim) -> None:
    found = verdict(claim, absent())
    assert found == Holds(Exhausted(10, 20, 3, (), 10))
    assert word_for(found, claim) is Word.HOLDS


@pytest.mark.parametrize("claim", [REACHABLE, OSCILLATES])
def test_a_witness_is_reached(claim: Claim) -> None:
    found = verdict(claim, Found(TRACE))
    assert found == Holds(TRACE)
    assert word_for(found, claim) is Word.REACHED


@pytest.mark.parametrize("claim", [REACHABLE, OSCILLATES])
def test_no_witness_violates_with_evidence(claim: Claim) -> None:
    assert verdict(claim, absent()) == Violated(Exhausted(10, 20, 3, (), 10))


@pytest.mark.parametrize("claim", [*SAFETY, NoDeadlock(), REACHABLE, *OVER_RUNS, OSCILLATES])
def test_nothing_rests_on_all_states_where_a_step_leads_nowhere(claim: Claim) -> None:
    found = verdict(claim, absent(), broken=True)
    assert isinstance(found, Unknown)
    assert found.because.why is Why.IMPLICIT_FIRST
    assert "in-range" in found.because.note
    assert word_for(found, claim) is Word.UNKNOWN


def test_a_cut_leaves_safety_and_takes_the_rest() -> None:
    for claim in SAFETY:
        assert verdict(claim, absent(CUT)) == Holds(Exhausted(10, 20, 3, CUT, 10))
    for claim in (NoDeadlock(), REACHABLE, *OVER_RUNS, OSCILLATES):
        found = verdict(claim, absent(CUT))
        assert isinstance(found, Unknown) and found.because.why is Why.CUT


@pytest.mark.parametrize("claim", OVER_RUNS)
@pytest.mark.parametrize("why", [Why.UNSUPPORTED, Why.STATES, Why.STOPPED])
def test_a_claim_over_runs_needs_all_states(claim: Claim, why: Why) -> None:
    found = verdict(claim, open_(why))
    assert isinstance(found, Unknown)
    assert word_for(found, claim) is Word.UNKNOWN


@pytest.mark.parametrize("why", [Why.STATES, Why.DEPTH, Why.INTERRUPTED, Why.MEMORY])
def test_completed_levels_bound_the_search_for_bugs(why: Why) -> None:
    assert word_for(verdict(INVARIANT, open_(why)), INVARIANT) is Word.BOUNDED
    assert word_for(verdict(REACHABLE, open_(why)), REACHABLE) is Word.UNKNOWN
    nothing = open_(why, Reached(0, 0, 0))
    assert word_for(verdict(INVARIANT, nothing), INVARIANT) is Word.UNKNOWN


def test_an_implicit_property_is_judged_like_an_invariant() -> None:
    assert judge_implicit(Found(TRACE)) == Violated(TRACE)
    assert isinstance(judge_implicit(absent()), Holds)
    assert isinstance(judge_implicit(open_(Why.STOPPED)), Unknown)


# ---- exit codes --------------------------------------------------------------------------------


def row(
    word: Word,
    expected: str | None = None,
    cuts: tuple[Cut, ...] = (),
    vacuous: tuple[str, ...] = (),
) -> Row:
    return Row(
        file="a.kspec",
        name="p",
        kind="invariant",
        scope=ScopeInfo(""),
        word=word,
        verdict=None,
        expected=expected,
        sentence=None,
        span=None,
        cuts=cuts,
        vacuous=vacuous,
    )


def code(*rows: Row, require: str = "default", vacuity: str = "warn", **more: bool) -> int:
    file = FileResult("a.kspec", rows, (), ())
    result = CheckResult((file,), more.get("judged", True), more.get("interrupted", False))
    return int(result.code(Require(require), Vacuity(vacuity)))


TABLE = [
    (Word.HOLDS, None, 0),
    (Word.REACHED, None, 0),
    (Word.VIOLATED, None, 1),
    (Word.UNKNOWN, None, 3),
    (Word.BOUNDED, None, 3),
    (Word.ERROR, None, 2),
    (Word.VIOLATED, "violated", 0),
    (Word.HOLDS, "violated", 1),
    (Word.REACHED, "violated", 1),
    (Word.UNKNOWN, "violated", 3),
    (Word.BOUNDED, "violated", 3),
    (Word.ERROR, "violated", 2),
    (Word.HOLDS, "holds", 0),
    (Word.REACHED, "holds", 0),
    (Word.VIOLATED, "holds", 1),
    (Word.REACHED, "reached", 0),
    (Word.VIOLATED, "reached", 1),
    (Word.VIOLATED, "refuted", 0),
    (Word.HOLDS, "refuted", 1),
    (Word.UNKNOWN, "unknown", 0),
    (Word.HOLDS, "unknown", 1),
    (Word.VIOLATED, "unknown", 1),
]


@pytest.mark.parametrize(("word", "expected", "wanted"), TABLE)
def test_the_exit_code_of_one_row(word: Word, expected: str | None, wanted: int) -> None:
    assert code(row(word, expected)) == wanted


def test_what_is_required_decides_about_weaker_words() -> None:
    assert code(row(Word.BOUNDED), require="bounded") == 0
    assert code(row(Word.BOUNDED), require="exhaustive") == 3
    assert code(row(Word.HOLDS, cuts=CUT)) == 0
    assert code(row(Word.HOLDS, cuts=CUT), require="exhaustive") == 3
    assert code(row(Word.HOLDS, cuts=CUT), require="bounded") == 0
    assert code(row(Word.HOLDS, "holds", cuts=CUT)) == 0
    assert code(row(Word.HOLDS, "holds", cuts=CUT), require="exhaustive") == 3
    assert code(row(Word.UNKNOWN), require="bounded") == 3


def test_vacuity_is_an_error_only_where_asked() -> None:
    empty = row(Word.HOLDS, vacuous=("a never happens",))
    assert code(empty) == 0
    assert code(empty, vacuity="off") == 0
    assert code(empty, vacuity="error") == 1
    met = row(Word.HOLDS, "holds", vacuous=("a never happens",))
    assert code(met) == 0
    assert code(met, vacuity="error") == 1


def test_the_gravest_decides() -> None:
    good, bad, open_row, error = (
        row(w) for w in (Word.HOLDS, Word.VIOLATED, Word.UNKNOWN, Word.ERROR)
    )
    assert code(good, open_row) == 3
    assert code(open_row, bad, good) == 1
    assert code(bad, error, open_row) == 2
    assert code(good, interrupted=True) == 130
    assert code(bad, interrupted=True) == 130
    assert code(judged=False) == 2
    assert code() == 5


def test_every_code_has_its_place() -> None:
    from kspec.driver.result import PRECEDENCE

    assert sorted(PRECEDENCE) == sorted(ExitCode)
