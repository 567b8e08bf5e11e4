"""The systems that a model's scenarios become: sizes, and states and answers where they are few.

Next: `test_hardest`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kspec.driver.preparing.load import Loaded
from kspec.driver.searching.search import search
from kspec.engines.api import Budget, Progress
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.reference import Reference
from kspec.ir.sorts import leaf_ranges
from kspec.ir.system import System
from kspec.ir.text import parse_system, print_system
from kspec.ir.validate import validate
from kspec.lower.lower import lower
from kspec.pure.scopes.elaborate import elaborate, points
from kspec.verdict.answer import Absent, Answer, Found

MOST_STATES: Final = 100_000
"""Larger systems are lowered and measured; how far a search gets within this is not kept."""
COUNTED_TWICE: Final = 300
"""Systems with no more states than this are searched by the reference, too."""
MOST_TEXT: Final = 200_000
"""Longer systems are not read back from their text."""


def sizes(loaded: Loaded) -> str:
    """One paragraph for each scenario, at the first point of its sweep."""
    return "\n".join(_paragraphs(loaded)) + "\n"


def _paragraphs(loaded: Loaded) -> Iterator[str]:
    program = loaded.program
    for scenario in program.scenarios:
        yield f"scenario {scenario.name}"
        found = elaborate(program, scenario, points(program, scenario)[0], {})
        if found.scope is None:
            yield from (f"  no scope: [{d.code.slug}] {d.message}" for d in found.diagnostics)
            continue
        lowered = lower(found.scope)
        if lowered.system is None:
            yield from (f"  no system: [{d.code.slug}] {d.message}" for d in lowered.diagnostics)
            continue
        yield from _measured(lowered.system)
        yield from _searched(lowered.system)


def _measured(system: System) -> Iterator[str]:
    assert not validate(system)
    text = print_system(system)
    if len(text) <= MOST_TEXT:
        assert parse_system(text) == system
    leaves = [count for v in system.variables for count in leaf_ranges(v.sort)]
    width = sum((count - 1).bit_length() for count in leaves)
    yield f"  {len(system.variables)} variables of {width} bits, {len(system.actions)} actions"


def _searched(system: System) -> Iterator[str]:
    names = tuple(p.name for p in system.properties)
    budget = Budget(max_states=MOST_STATES)
    try:
        whole = Explicit().explore(system, (), budget, _quiet)
    except Refusal as refusal:
        yield f"  not searched: {str(refusal).split(' Record(')[0]} …"
        return
    if not whole.complete:
        yield f"  more than {MOST_STATES} states"
        return
    reached = whole.reached
    yield f"  {reached.states} states, {reached.transitions} transitions, depth {reached.depth}"
    found = search("explicit", system, names, budget, _quiet).exploration
    answers = {**dict(found.answers), **dict(whole.answers)}
    if reached.states <= COUNTED_TWICE:
        again = search("reference", system, names, budget, _quiet).exploration
        for (name, one), (_, other) in zip(again.answers, found.answers, strict=True):
            assert _answer(one) == _answer(other), name
        assert Reference().explore(system, (), budget, _quiet).reached == reached
    cuts = ", ".join(f"{c.action} in {c.states}" for c in whole.cuts)
    if cuts:
        yield f"  cut: {cuts}"
    yield from (f"  {name}: {_answer(answer)}" for name, answer in answers.items())


def _answer(answer: Answer) -> str:
    match answer:
        case Found(trace) if trace.loop is not None:
            return f"a run: after {trace.loop} steps {len(trace.steps) - trace.loop} for ever"
        case Found(trace):
            return f"a trace of {len(trace.steps)} steps"
        case Absent():
            return "none"
        case _:
            return "not decided"


def _quiet(progress: Progress) -> None:
    pass
