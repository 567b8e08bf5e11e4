"""Where engines cannot all be right, about random systems of four families.

    python -m tests.engines.agreement seeded 100 2100

asks all engines about the systems of so many seeds, says where they contradict each other, and
prints how often each answered what: the same numbers on every machine. Next: `answers` for the
engines, `test_agreement`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import process_time
from typing import Final

from attrs import frozen

from kspec.engines.random_systems import seeded_system
from kspec.engines.random_systems.loose import loose_system
from kspec.ir.system import Implicit, System
from kspec.lower.lower import lower
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace
from tests.engines.answers import (
    IMPLICIT,
    NONE,
    REACHED,
    SHORTEST,
    Answers,
    Flaw,
    Open,
    Question,
    Said,
    said,
    word,
)
from tests.liveness.graphs import Size, drawn
from tests.random_modules.generate import seeded_module
from tests.random_modules.pipeline import scoped


def contradictions(asked: Question, answers: Mapping[str, Answers]) -> Iterator[str]:
    """Where two engines cannot both be right, or one cannot be."""
    props = {p.name: p for p in asked.system.properties}
    over_runs = {p.name for p in asked.runs}
    for name in (*props, *IMPLICIT):
        about = {engine: a[name] for engine, a in answers.items() if name in a}
        yield from (
            f"{asked.seed}: {e} of {name}: {a}" for e, a in about.items() if isinstance(a, Flaw)
        )
        traces = {engine: a for engine, a in about.items() if isinstance(a, Trace)}
        for engine, trace in traces.items():
            flaw = replay(trace, asked.system, props.get(name) or Implicit(name))
            if flaw is not None:
                yield f"{asked.seed}: {name} of {engine} does not replay: {flaw}"
        found = sorted({*traces, *(engine for engine, a in about.items() if a == REACHED)})
        denied = [engine for engine, a in about.items() if a == NONE]
        if found and denied:
            yield f"{asked.seed}: {name} is found by {found}, and there is none for {denied}"
        yield from _missed(f"{asked.seed}: {name}", about, traces)
        if name not in over_runs:
            yield from _lengths(f"{asked.seed}: {name}", traces)


def _missed(what: str, about: Mapping[str, Said], traces: Mapping[str, Trace]) -> Iterator[str]:
    """Who says that there is none of so many steps, where there is one."""
    for engine, answer in about.items():
        for finder, trace in traces.items():
            if isinstance(answer, Open) and len(trace.steps) <= answer.depth:
                shorter = f"{finder} has one of {len(trace.steps)} steps"
                yield f"{what}: {engine} says none of {answer.depth} steps, {shorter}"


def _lengths(what: str, traces: Mapping[str, Trace]) -> Iterator[str]:
    lengths = {engine: len(trace.steps) for engine, trace in traces.items()}
    shortest = {engine: n for engine, n in lengths.items() if engine in SHORTEST}
    if len(set(shortest.values())) > 1:
        yield f"{what}: the shortest run has {shortest} steps"
    if shortest and min(lengths.values()) < min(shortest.values()):
        yield f"{what} is met in fewer steps than {shortest}"


# ---- families of systems -----------------------------------------------------------------------

GRAPHS: Final = (Size(), Size(3, 3, 3), Size(5, 1, 3, 35), Size(3, 2, 2, 50, 25, 5))


def graph(seed: int) -> System:
    """Little but a graph with fairness, cuts and lives, and a claim over its runs."""
    return drawn(seed, GRAPHS[seed % len(GRAPHS)])


def module(seed: int) -> System | None:
    """A random module in the language, lowered, with what it judges; None beyond lowering."""
    return lower(scoped(seeded_module(seed))).system


FAMILIES: Final[Mapping[str, Callable[[int], System | None]]] = {
    "seeded": seeded_system,
    "loose": loose_system,
    "graph": graph,
    "module": module,
}


# ---- many of them ------------------------------------------------------------------------------


@frozen
class Tally:
    """How many systems were asked about, how often each engine said what, and all flaws."""

    systems: int
    words: Counter[tuple[str, str]]
    flaws: tuple[str, ...]

    def claims(self) -> int:
        """How many things were asked about that two engines or more decided."""
        return self.words["", "decided twice"]


def tallied(family: str, seeds: Iterable[int]) -> Tally:
    """All engines about all of these."""
    words: Counter[tuple[str, str]] = Counter()
    flaws: list[str] = []
    systems = 0
    for seed in seeds:
        system = FAMILIES[family](seed)
        if system is None:
            continue
        systems += 1
        asked = Question(system, seed)
        answers = said(asked)
        flaws += (f"{family} {flaw}" for flaw in contradictions(asked, answers))
        words.update(counted(asked, answers))
    return Tally(systems, words, tuple(flaws))


def counted(asked: Question, answers: Mapping[str, Answers]) -> Iterator[tuple[str, str]]:
    """Every answer by its engine and its word; and of every claim if two have decided it."""
    for engine, about in answers.items():
        yield from ((engine, word(answer)) for answer in about.values())
    for name in (*asked.names, *IMPLICIT):
        told = [a[name] for a in answers.values() if name in a]
        decided = sum(not isinstance(a, Open | Flaw) for a in told)
        yield "", "decided twice" if decided > 1 else "decided once" if decided else "left open"


def _main(family: str, first: int, last: int, step: int = 25) -> None:
    total = Tally(0, Counter(), ())
    for start in range(first, last, step):
        part = tallied(family, range(start, min(last, start + step)))
        total = Tally(
            total.systems + part.systems, total.words + part.words, (*total.flaws, *part.flaws)
        )
        for flaw in part.flaws:
            print(flaw)
        told = f"{total.systems} systems, {len(total.flaws)} flaws, {process_time():.0f} CPU s"
        print(f"{family} {first}..{min(last, start + step)}: {told}")
        numbers = (f"{e or 'claims'} {said_} {n}" for (e, said_), n in sorted(total.words.items()))
        print(", ".join(numbers), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))


__all__ = ["FAMILIES", "Tally", "contradictions", "counted", "tallied"]
