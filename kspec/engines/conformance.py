"""The suite that an `Explorer` passes before it is believed: random systems against the reference.

    from kspec.engines.conformance import check
    check(MyEngine(), seed=1, examples=500)

`check` raises `Mismatch` with the smallest system it can find on which the engine and
`docs/engine-contract.md` (through `engines.reference`) differ. `compare` asks one question and
lists the differences. With `exact_traces=False` a trace need only be as short as the reference's
and pass replay. Nothing here may know any engine but the reference. Hypothesis is loaded only by
`check` and `questions`. Next: `engines.random_systems`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, assert_never, final

from kspec.base.record import frozen
from kspec.engines.api import Budget, Explorer, Progress
from kspec.engines.random_systems import draw_system
from kspec.engines.random_systems.draw import Below, Draw
from kspec.engines.reference import Reference
from kspec.ir.sorts import contains
from kspec.ir.system import Implicit, System
from kspec.ir.text import print_system
from kspec.verdict.answer import Absent, Answer, Exploration, Found, Inconclusive
from kspec.verdict.replay import Asked, replay
from kspec.verdict.trace import Trace

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

MAX_STATES = 300


@final
@frozen
class Question:
    """One call of `Explorer.explore`; the budget's limits are deterministic ones."""

    system: System
    properties: tuple[str, ...]
    budget: Budget


@final
class Mismatch(AssertionError):
    """An engine and the reference differ; the message has the question and the differences."""


def draw_question(below: Below) -> Question:
    """A random system, some of its properties, and limits that most systems do not reach."""
    system = draw_system(below)
    draw = Draw(below)
    names = tuple(p.name for p in system.properties)
    asked = draw.pick((names, (), names, names[::-1][: draw.between(1, 3)]))
    deep = draw.between(0, 2) if draw.chance(10) else None
    states = draw.between(1, 40) if draw.chance(10) else MAX_STATES
    return Question(system, asked, Budget(max_states=states, max_depth=deep))


def seeded_question(seed: int) -> Question:
    """The question of a seed: the same on every machine."""
    return draw_question(random.Random(seed).randrange)


def questions() -> SearchStrategy[Question]:
    """A Hypothesis strategy for questions."""
    from hypothesis import strategies as st

    @st.composite
    def drawn(draw: DrawFn) -> Question:
        return draw_question(lambda n: draw(st.integers(0, n - 1)))

    return drawn()


def check(explorer: Explorer, seed: int, examples: int, exact_traces: bool = True) -> None:
    """Ask so many random questions; raise `Mismatch` with the simplest that is answered wrongly.

    An exception in the engine is passed on, on the simplest question that raises it.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=tuple(HealthCheck),
    )
    @given(questions())
    def agree(question: Question) -> None:
        require(explorer, question, exact_traces)

    agree()


def require(explorer: Explorer, question: Question, exact_traces: bool = True) -> None:
    """Raise `Mismatch` unless the engine answers as the reference does."""
    differences = compare(explorer, question, exact_traces)
    if differences:
        raise Mismatch(described(explorer, question, differences))


def described(explorer: Explorer, question: Question, differences: tuple[str, ...]) -> str:
    """The differences, the question, and the system in its text form."""
    lines = [f"{explorer.name} differs from the reference:", *(f"- {d}" for d in differences)]
    budget = question.budget
    asked = f"max_states={budget.max_states} max_depth={budget.max_depth}"
    lines.append(f"asked: {question.properties} {asked}")
    return "\n".join([*lines, print_system(question.system)])


def compare(explorer: Explorer, question: Question, exact_traces: bool = True) -> tuple[str, ...]:
    """Every difference between the engine's answers and the reference's, none if they agree."""
    mine: list[Progress] = []
    theirs: list[Progress] = []
    system, asked, budget = question.system, question.properties, question.budget
    expected = Reference().explore(system, asked, budget, mine.append)
    given = explorer.explore(system, asked, budget, theirs.append)
    found = [*_counts(expected, given), *_answers(question, expected, given, exact_traces)]
    if mine != theirs:
        found.append(f"progress: {theirs}, not {mine}")
    return tuple(found)


def _counts(expected: Exploration, given: Exploration) -> list[str]:
    pairs = (
        ("reached", expected.reached, given.reached),
        ("complete", expected.complete, given.complete),
        ("cuts", expected.cuts, given.cuts),
        ("fired", expected.fired, given.fired),
    )
    return [f"{name}: {got}, not {want}" for name, want, got in pairs if want != got]


def _answers(
    question: Question, expected: Exploration, given: Exploration, exact_traces: bool
) -> list[str]:
    names = [name for name, _ in given.answers]
    wanted = [name for name, _ in expected.answers]
    if names != wanted:
        return [f"answers are for {names}, not {wanted}"]
    found: list[str] = []
    for (name, want), (_, got) in zip(expected.answers, given.answers, strict=True):
        reason = _answer(want, got, exact_traces) or _flaw(question.system, name, got)
        if reason is not None:
            found.append(f"{name}: {reason}")
    return found


def _answer(want: Answer, got: Answer, exact_traces: bool) -> str | None:
    match want, got:
        case Found(trace), Found(other):
            return _trace_difference(trace, other, exact_traces)
        case Absent(evidence), Absent(claimed):
            same = (evidence.states, evidence.transitions, evidence.depth, evidence.cuts) == (
                claimed.states,
                claimed.transitions,
                claimed.depth,
                claimed.cuts,
            )
            return None if same else f"{claimed}, not {evidence}"
        case Inconclusive(why, reached, _), Inconclusive(other_why, other_reached, _):
            same = (why, reached) == (other_why, other_reached)
            return None if same else f"{got}, not {want}"
        case _:
            return f"{got}, not {want}"


def _trace_difference(want: Trace, got: Trace, exact: bool) -> str | None:
    if exact and want != got:
        return f"the trace is {got}, not {want}"
    if len(want.steps) != len(got.steps):
        return f"the trace has {len(got.steps)} steps, not {len(want.steps)}"
    return None


def _flaw(system: System, name: str, answer: Answer) -> str | None:
    match answer:
        case Found(trace):
            if not _is_sorted(system, trace):
                return f"a value of the trace is of another sort: {trace}"
            flaw = replay(trace, system, _asked(system, name))
            return None if flaw is None else f"replay of the trace: {flaw}"
        case Absent() | Inconclusive():
            return None
        case _:
            assert_never(answer)


def _is_sorted(system: System, trace: Trace) -> bool:
    # INVARIANT: equality is not enough, because Python's True is 1.
    sorts = [v.sort for v in system.variables]
    return all(
        contains(sort, value)
        for state in trace.states()
        for sort, value in zip(sorts, state, strict=True)
    )


def _asked(system: System, name: str) -> Asked:
    for prop in system.properties:
        if prop.name == name:
            return prop
    return Implicit(name)


__all__ = [
    "Mismatch",
    "Question",
    "check",
    "compare",
    "described",
    "draw_question",
    "questions",
    "require",
    "seeded_question",
]
