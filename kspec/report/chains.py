"""How each of some values is reached, as a chain: what happened, step by step, and by which lines
of the manifests.

A step is told by its event, else by its name. A record in it that was read from a manifest is told
by where it stands there. Next: `story` for a run in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kspec.base.source import Span
from kspec.driver.result import Row
from kspec.ir.sorts import Enum, Set, Sort, Value, index_of
from kspec.ir.system import Action
from kspec.report.story import words
from kspec.report.values import Lens
from kspec.semantics.evaluate import Env
from kspec.semantics.step import instance_env
from kspec.verdict.replay import instance_of
from kspec.verdict.trace import State, Trace

Place = Callable[[Span], str]


def chains(row: Row, place: Place) -> Iterator[tuple[str, tuple[str, ...]]]:
    """For each value that a run leads to: it in words, and a text for each step. A first step that
    only says the value again is left out."""
    assert row.system is not None
    lens, origins = Lens(row.system, row.shown), dict(row.shown.origins)
    for said, trace in row.runs:
        steps = tuple(_steps(lens, trace, origins, place))
        yield said, steps[1:] if steps[:1] == (said,) else steps


def _steps(
    lens: Lens, trace: Trace, origins: Mapping[str, tuple[Span, ...]], place: Place
) -> Iterator[str]:
    state = trace.start
    for step in trace.steps:
        instance = instance_of(lens.system, step)
        assert not isinstance(instance, str)
        action = lens.system.actions[instance.action]
        env = instance_env(lens.system, state, instance)
        after = state if step.state is None else step.state
        yield _told(lens, action, env, (state, after), origins, place)
        state = after


def _told(
    lens: Lens,
    action: Action,
    env: Env,
    states: tuple[State, State],
    origins: Mapping[str, tuple[Span, ...]],
    place: Place,
) -> str:
    def placed(sort: Sort, value: Value) -> str | None:
        return " and ".join(map(place, _places(sort, value, origins))) or None

    return words(lens, action, env, *states, placed) or action.name


def _places(sort: Sort, value: Value, origins: Mapping[str, tuple[Span, ...]]) -> Iterator[Span]:
    """Where the records of a value stand; nothing if any of them stands nowhere."""
    match sort:
        case Enum() if isinstance(value, str):
            yield from origins.get(value, ())
        case Set(of) if isinstance(value, frozenset) and isinstance(of, Enum):
            members = sorted(value, key=lambda v: index_of(of, v))
            if all(isinstance(v, str) and v in origins for v in members):
                for member in members:
                    yield from _places(of, member, origins)
        case _:
            return


__all__ = ["chains"]
