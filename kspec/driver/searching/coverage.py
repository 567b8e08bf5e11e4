"""What a search went through, action by action and level by level: `check --statistics`.

All of it is of the states that were searched and does not depend on who searched them, with how
many workers, or how fast. Of conditions it is asked in which states they make a difference.
Next: `vacuity`, which says what never happened; `report.statistics` for the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, final

from attrs import field

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.driver.result import Fired
from kspec.ir.expr import And, Expr, Let, Not, Quant, QuantKind
from kspec.ir.system import Action, System
from kspec.verdict.answer import Exploration

MOST_QUESTIONS: Final = 2_000
"""So many questions are asked about conditions; where there are more, none are."""


@final
@frozen
class Question:
    """Is the condition at `place` of an action's guard ever true where those before it are; or,
    with `negated`, ever false?"""

    action: int
    place: int
    negated: bool
    body: Expr = field(repr=False)


def questions(system: System) -> tuple[Question, ...]:
    """About every condition of every action; none if that is too many."""
    found = tuple(
        Question(number, place, negated, _some(action, place, negated))
        for number, action in enumerate(system.actions)
        for place in range(len(action.guard))
        for negated in (False, True)
    )
    return found if len(found) <= MOST_QUESTIONS else ()


def _some(action: Action, place: int, negated: bool) -> Expr:
    parts = [conjunct.expr for conjunct in action.guard[: place + 1]]
    body: Expr = And((*parts[:-1], Not(parts[-1]) if negated else parts[-1]))
    for name, value in reversed(action.lets):
        body = Let(name, value, body)
    for binder in reversed((*action.params, *action.choices)):
        body = Quant(QuantKind.SOME, binder, body)
    return body


def fired(
    system: System,
    explored: Exploration,
    asked: Sequence[Question] = (),
    ever: Sequence[bool] = (),
) -> tuple[Fired, ...]:
    """Every action of the system that was searched, in its order; `ever` answers questions."""
    times, cuts = dict(explored.fired), {cut.action: cut.states for cut in explored.cuts}
    never = {(q.action, q.place, q.negated) for q, yes in zip(asked, ever, strict=True) if not yes}
    told: list[Fired] = []
    for number, action in enumerate(system.actions):
        if action.name not in times:
            continue
        here = [p for p in range(len(action.guard)) if (number, p, False) in never]
        stops = action.guard[here[0]].span if here else None
        last = here[0] if here else len(action.guard)
        idle = (c.span for p, c in enumerate(action.guard[:last]) if (number, p, True) in never)
        told.append(
            Fired(
                action.name,
                times[action.name],
                cuts.get(action.name, 0),
                action.span,
                next(_written((stops,), action.span), None),
                tuple(dict.fromkeys(_written(idle, action.span))),
            )
        )
    return tuple(told)


def _written(spans: Iterable[Span | None], whole: Span | None) -> Iterator[Span]:
    """Those of conditions that somebody wrote in the action; what lowering adds is elsewhere, or
    stands for the whole of it."""
    for span in spans:
        if span is None or whole is None or span == whole or span.file != whole.file:
            continue
        if whole.start <= span.start and span.end <= whole.end:
            yield span


__all__ = ["Question", "fired", "questions"]
