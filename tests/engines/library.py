"""What every engine says about the library: all scenarios of `models`, `models/apps` and `properties`.

    python -m tests.engines.library [FILE…]

Each scenario is asked about at the first of its scopes. Engines have a processor's seconds beside
the budgets of `answers`, so what one of them leaves open may differ from machine to machine; what
it decides may not. Printed is what everybody said of everything. Next: `test_agreement_library`.
"""

from __future__ import annotations

import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from kspec.driver.check import Given, Options, check
from kspec.ir.system import System
from kspec.verdict.trace import Trace
from tests.engines.agreement import contradictions, counted
from tests.engines.answers import (
    ENGINES,
    IMPLICIT,
    Answers,
    Engine,
    Flaw,
    Open,
    Question,
    Said,
)

ROOT: Final = Path(__file__).parents[2]
FILES: Final = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for place in ("models", "models/apps", "properties")
        for path in (ROOT / place).glob("*.kspec")
    )
)
ASKED: Final = tuple(name for name in ENGINES if name not in ("reference", "lemmas"))
"""The reference would decide nothing here in its time; every `HOLDS` is audited by it elsewhere.
The search for lemmas is part of `pdr`."""
STATES: Final = 50_000
SECONDS: Final = 2.0
"""Of a solver's engine; what it does besides asking, it must do in twice as long."""


def scenarios(file: str) -> tuple[str, ...]:
    """The scenarios of a file by name; `""` is the one that lines of their own make."""
    text = (ROOT / file).read_text(encoding="utf-8")
    named = re.findall(r"^scenario (\w+)", text, re.MULTILINE)
    alone = re.search(r"^(check|expect|prove) ", text, re.MULTILINE)
    return (*([""] if alone else []), *named)


def system_of(file: str, scenario: str) -> System | None:
    """The system of a scenario's first scope; None where nothing is judged but laws."""
    options = Options(only_systems=True, scenarios=(scenario,))
    (found,) = check([Given(ROOT / file, file)], options).files
    return found.systems[0][1] if found.systems else None


class _TooLong(Exception):
    """An engine took its time."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLong


def timed(engine: Engine) -> Engine:
    """The engine, stopped when its time is over."""

    def asked_in_time(asked: Question) -> Answers:
        before = signal.signal(signal.SIGVTALRM, _stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, 4 * SECONDS)
        try:
            return engine(asked)
        except (_TooLong, KeyboardInterrupt):
            return dict.fromkeys((*asked.names, *IMPLICIT), Open("it takes too long"))
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)

    return asked_in_time


VOICES: Final[Mapping[str, Engine]] = {name: timed(ENGINES[name]) for name in ASKED}


def told(answer: Said | None) -> str:
    """An answer, short."""
    match answer:
        case None:
            return "-"
        case Trace():
            return f"found:{len(answer.steps)}"
        case Open():
            return f"open<={answer.depth}" if answer.depth >= 0 else "open"
        case Flaw(what):
            return f"FLAW {what}"
        case _:
            return answer


def asked_about(file: str, scenario: str) -> Question | None:
    """The question about a scenario."""
    system = system_of(file, scenario)
    return None if system is None else Question(system, 1, STATES, SECONDS)


def lines(asked: Question, answers: Mapping[str, Answers]) -> Iterator[str]:
    """What everybody said of everything."""
    for name in (*asked.names, *IMPLICIT):
        yield f"{name}: " + ", ".join(f"{e} {told(a.get(name))}" for e, a in answers.items())


def _main(files: tuple[str, ...]) -> None:
    words: Counter[tuple[str, str]] = Counter()
    flaws = scopes = 0
    for file in files:
        for scenario in scenarios(file):
            asked = asked_about(file, scenario)
            if asked is None:
                continue
            answers = {name: voice(asked) for name, voice in VOICES.items()}
            found = list(contradictions(asked, answers))
            words.update(counted(asked, answers))
            flaws, scopes = flaws + len(found), scopes + 1
            for line in (*lines(asked, answers), *(f"CONTRADICTION {flaw}" for flaw in found)):
                print(f"{file} {scenario or 'alone'} {line}")
            numbers = (f"{e or 'claims'} {said} {n}" for (e, said), n in sorted(words.items()))
            print(f"# {scopes} scopes, {flaws} flaws:", ", ".join(numbers), flush=True)


if __name__ == "__main__":
    _main(tuple(sys.argv[1:]) or FILES)


__all__ = ["FILES", "VOICES", "asked_about", "lines", "scenarios"]
