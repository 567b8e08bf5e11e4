"""Laws and beliefs in a scope: decided by enumeration, with the world that refutes one in words.

Nothing is searched and nothing lowered: a law speaks of worlds, not of runs.
Next: `kspec.pure.decide` decides, `judge.judge_law` finds the word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import final

from kspec.analysis.typed import TLaw
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.driver.explain import DEEP, Teller
from kspec.driver.judge import judge_law
from kspec.driver.outlook import Words, is_empty
from kspec.pure.decide import MOST_CASES, Everywhere, Somewhere, decide
from kspec.pure.scope import OneOf, Scope
from kspec.pure.value import Obj, Value
from kspec.pure.world import EvaluationError
from kspec.verdict.answer import Verdict


@final
@frozen
class Judged:
    """A verdict, the world that refutes the law and why, and whether it says nothing."""

    verdict: Verdict
    world: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    vacuous: tuple[str, ...] = ()


def judged(
    scope: Scope,
    law: TLaw,
    sources: tuple[SourceFile, ...],
    most: int | None,
    interrupted: Callable[[], bool],
) -> Judged:
    """The verdict on a law in a scope."""
    limit = MOST_CASES if most is None else most
    decision = decide(scope, law, limit, interrupted)
    verdict = judge_law(decision, limit)
    match decision:
        case Somewhere():
            why = _why(scope, law, decision, sources)
            return Judged(verdict, tuple(_world(scope, decision)), why)
        case Everywhere(seen):
            return Judged(verdict, vacuous=() if seen.cases else ("it speaks of nothing here",))
        case _:
            return Judged(verdict)


def _world(scope: Scope, found: Somewhere) -> Iterator[str]:
    """What the scope left open, as it is in this world; else that there is one world only."""
    context = found.world
    words = Words(scope, context.tables, context.world)
    told = False
    for obj in scope.objects:
        left_open = [name for name, initial in obj.fields if isinstance(initial, OneOf)]
        fields: Mapping[str, Value] = context.world.fields(Obj(obj.kind, obj.index)) or {}
        types = context.tables.fields[obj.kind]
        shown = [
            f"{name}: {words.say(fields[name], types[name].type)}"
            for name in left_open
            if not is_empty(fields[name])
        ]
        if left_open:
            told = True
            yield f"{words.object(Obj(obj.kind, obj.index))}  {', '.join(shown)}".rstrip()
    if not told:
        yield "as the cluster is written" if scope.objects else "without any objects"


def _why(
    scope: Scope, law: TLaw, found: Somewhere, sources: tuple[SourceFile, ...]
) -> tuple[str, ...]:
    context = found.world
    teller = Teller(scope, Words(scope, context.tables, context.world), sources)
    try:
        return tuple(teller.why(law.body, context, False, DEEP))
    except EvaluationError:
        return ()
