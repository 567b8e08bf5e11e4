"""`--statistics`: what a search went through, in tables and in JSON.

Everything is the same for any number of workers. Next: `driver.searching.coverage`, where it is
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kspec.base.source import SourceFile, Span
from kspec.driver.result import Covered, Fired
from kspec.engines.api import Progress
from kspec.report.phrases import counted, number
from kspec.verdict.codec import Json

MOST_LEVELS = 24
"""Of more levels the middle is in JSON only."""
FIRST_LEVELS = 12


def tables(of: Covered, where: str, sources: Sequence[SourceFile]) -> Iterator[str]:
    """The statistics of one scope, which is called `where`."""
    reached = of.reached
    said = f"{counted(reached.states, 'state')}, {counted(reached.transitions, 'transition')}"
    yield f"statistics{'  ' if where else ''}{where}"
    yield f"  searched   {said}, depth {reached.depth}" + _ended(of)
    if of.bits is not None and of.bytes is not None:
        yield f"  states     {counted(of.bits, 'bit')}, {counted(of.bytes, 'byte')} in memory each"
    yield ""
    yield from _levels(of)
    yield ""
    yield from _actions(of, sources)


def _ended(of: Covered) -> str:
    return "" if of.complete else "; not complete, of completed levels"


def _levels(of: Covered) -> Iterator[str]:
    yield f"  {'level':>5}  {'states':>13}  {'transitions':>13}  {'states so far':>13}"
    lines = [_level(level, of.levels, k) for k, level in enumerate(of.levels)]
    if len(lines) > MOST_LEVELS:
        left = f"  {'…':>5}  {counted(len(lines) - MOST_LEVELS, 'level')} more: -o json"
        lines = [*lines[:FIRST_LEVELS], left, *lines[FIRST_LEVELS - MOST_LEVELS :]]
    yield from lines


def _level(level: Progress, levels: Sequence[Progress], place: int) -> str:
    """A level by itself; of the first that a resumed search completes, only what is so far."""
    states, transitions = number(level.states), number(level.transitions)
    here = [states, transitions]
    if place:
        before = levels[place - 1]
        here = [
            number(level.states - before.states),
            number(level.transitions - before.transitions),
        ]
    elif level.depth:
        here = ["…", "…"]
    return f"  {level.depth:>5}  {here[0]:>13}  {here[1]:>13}  {states:>13}"


def _actions(of: Covered, sources: Sequence[SourceFile]) -> Iterator[str]:
    if not of.plain:
        yield "  actions are not counted: the system was searched reduced"
        return
    width = max([len("action"), *(len(a.name) for a in of.actions)])
    yield f"  {'action':<{width}}  {'fired':>13}  {'states cut in':>13}"
    for action in of.actions:
        cut = number(action.cut) if action.cut else "–"
        yield f"  {action.name:<{width}}  {number(action.times):>13}  {cut:>13}"
        if action.stops is not None:
            yield f"      never so   {_text(action.stops, sources)}"
        for idle in action.idle:
            yield f"      always so  {_text(idle, sources)}"
    if not of.asked:
        yield "  conditions were not asked about: not all states are at hand"


def _text(span: Span, sources: Sequence[SourceFile]) -> str:
    for source in sources:
        if source.name == span.file:
            return " ".join(source.text[span.start : span.end].split())
    return "…"


def data(
    of: Covered, sources: Sequence[SourceFile], at: Callable[[Span | None], Json]
) -> dict[str, Json]:
    """The same as JSON; levels as they were reported, sums so far."""
    return {
        "complete": of.complete,
        "reduced": list(of.reduced),
        "states": of.reached.states,
        "transitions": of.reached.transitions,
        "depth": of.reached.depth,
        "bits": of.bits,
        "bytes": of.bytes,
        "levels": [
            {
                "depth": level.depth,
                "states": level.states,
                "transitions": level.transitions,
                "frontier": level.frontier,
            }
            for level in of.levels
        ],
        "conditions_asked": of.asked,
        "actions": [_action(a, sources, at) for a in of.actions] if of.plain else None,
    }


def _action(
    action: Fired, sources: Sequence[SourceFile], at: Callable[[Span | None], Json]
) -> dict[str, Json]:
    def condition(span: Span) -> Json:
        return {"text": _text(span, sources), "at": at(span)}

    return {
        "name": action.name,
        "at": at(action.span),
        "fired": action.times,
        "cut": action.cut,
        "never_so": None if action.stops is None else condition(action.stops),
        "always_so": [condition(span) for span in action.idle],
    }


__all__ = ["data", "tables"]
