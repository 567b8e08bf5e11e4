"""One scenario for `benchmarks.proofs`: its system, then what each engine makes of it.

The program of a case prints a line of JSON for each thing that it has done, so that what is known
is known even if it is ended. Each engine works in a process of its own, forked when the system is
there, with a limit of its own on processor time: an engine that does not keep its time takes
nothing from the others. Next: `kspec.engines.smt.provers`, which is what is measured.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_CPU, setrlimit
from time import process_time
from typing import Any, Final

from kspec.analysis.typed import TScenario
from kspec.base.diagnostic import Severity
from kspec.driver.preparing.load import load
from kspec.driver.preparing.plan import Plan
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.preparing.stages import Made
from kspec.driver.proofs.proving import scopes
from kspec.driver.proofs.proving_laws import is_law
from kspec.engines.api import Budget, Effort, Proofs
from kspec.ir.system import Implicit, Invariant, NoDeadlock, Occurrence, System
from kspec.ir.text import print_system
from kspec.verdict.answer import Absent, Found, Proved

ROOT: Final = Path(__file__).parents[1]
ENGINES: Final = ("induction", "pdr", "explicit")
STATES: Final = 2_000_000
DEPTH: Final = 4
RLIMIT: Final = 100_000_000
QUESTIONS: Final = 10_000
IMPLICIT: Final = tuple(i.value for i in Implicit)
GRACE: Final = 3
"""An engine is ended when it has used this many times its seconds, and then some."""


def told(line: dict[str, Any]) -> None:
    """To whoever started this."""
    print(json.dumps(line), flush=True)


def case(file: str, scenario: str, seconds: float, preparing: int) -> None:
    """Tell of the system, and then of each engine. Preparing has a limit of its own, at which
    this process ends."""
    setrlimit(RLIMIT_CPU, (preparing, RLIM_INFINITY))
    found = system(file, scenario)
    setrlimit(RLIMIT_CPU, (RLIM_INFINITY, RLIM_INFINITY))
    if isinstance(found, str):
        told({"nothing": found})
        return
    of, names = found
    mark = sha256(print_system(of).encode()).hexdigest()[:16]
    told({"claims": list(names), "system": mark, "prepared": process_time()})
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "induction": lambda: proofs(of, names, 0, seconds),
        "pdr": lambda: proofs(of, names, QUESTIONS, seconds),
        "explicit": lambda: searched(of, names, seconds),
    }
    for engine in ENGINES:
        told({engine: apart(work[engine], int(seconds * GRACE) + 5) | {"seconds": seconds}})


def apart(work: Callable[[], dict[str, Any]], most: int) -> dict[str, Any]:
    """What some work comes to in a process of its own that may use `most` seconds of processor."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, most, reading, writing)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        over = os.WTERMSIG(status) == signal.SIGXCPU
        why = f"ended after {most} s" if over else f"signal {os.WTERMSIG(status)}"
        return {"decided": 0, "found": 0, "cpu": float(most), "over": over, "why": why}
    done: dict[str, Any] = json.loads(said)
    return done


def _work(work: Callable[[], dict[str, Any]], most: int, reading: int, writing: int) -> None:
    """What a forked process does; it does not return."""
    try:
        os.close(reading)
        setrlimit(RLIMIT_CPU, (most, RLIM_INFINITY))
        try:
            made = work()
        except Exception as error:
            traceback.print_exc()
            why = f"{type(error).__name__}: {error}"
            made = {"decided": 0, "found": 0, "cpu": process_time(), "over": False, "why": why}
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(made))
    finally:
        sys.stderr.flush()
        os._exit(0)


# ---- the system --------------------------------------------------------------------------------


def system(file: str, scenario: str) -> tuple[System, tuple[str, ...]] | str:
    """The largest scope of a scenario, and what is to be proved of it; or why there is nothing."""
    loaded = load(ROOT / file, file).loaded
    assert loaded is not None, file
    preparation = Preparation(loaded)
    (asked,) = (s for s in preparation.scenarios if s.name == scenario)
    if any(d.severity is Severity.ERROR for d in preparation.documents(asked)):
        return "its manifests cannot be read"
    if all(is_law(loaded, judge.property) for judge in asked.judges):
        return "judges laws alone"
    plans = list(scopes(loaded, preparation, asked))
    if not plans:
        return "judges nothing"
    return _best(preparation, asked, [p for p in plans if p.point == plans[-1].point])


def _best(
    preparation: Preparation, asked: TScenario, plans: list[Plan]
) -> tuple[System, tuple[str, ...]] | str:
    """Of the systems of one point, that with the most claims; of the last such."""
    best: tuple[System, tuple[str, ...]] | None = None
    wanted = [_wanted(plan) for plan in plans]
    order = sorted(range(len(plans)), key=lambda p: (len(wanted[p]), p), reverse=True)
    for place in order:
        if best is not None and len(best[1]) >= len(wanted[place]):
            break
        made = preparation.make(plans[place], None)
        if not isinstance(made, Made):
            return f"no system is made of it: {made.diagnostics[0].message}"
        provable = tuple(
            p.name
            for p in made.system.properties
            if p.name in wanted[place] and isinstance(p.claim, Invariant | NoDeadlock | Occurrence)
        )
        if provable and (best is None or len(provable) > len(best[1])):
            best = made.system, provable
    if best is None:
        return "claims nothing about states or steps that is expected to hold"
    return best


def _wanted(plan: Plan) -> tuple[str, ...]:
    names = (line.property for _, line in plan.lines if line.expected != "violated")
    return tuple(dict.fromkeys(names))


# ---- the engines -------------------------------------------------------------------------------


def proofs(of: System, names: tuple[str, ...], questions: int, seconds: float) -> dict[str, Any]:
    """By induction: lemmas are sought soon if there are questions to ask for them."""
    from kspec.engines.smt.provers import Induction

    began = process_time()
    left: Callable[[], float] = lambda: seconds - (process_time() - began)  # noqa: E731
    prover = Induction(questions=questions, shallow=questions > 0)
    made: Proofs = prover.prove(of, (*names, *IMPLICIT), Effort(DEPTH, RLIMIT, left))
    answers = dict(made.answers)
    rest = all(isinstance(answers[i], Proved) for i in IMPLICIT)
    proved = [n for n in names if rest and isinstance(answers[n], Proved)]
    return {
        "decided": len(proved),
        "found": sum(isinstance(answers[n], Found) for n in names),
        "cpu": process_time() - began,
        "spent": made.spent,
        "over": left() <= 0,
    }


def searched(of: System, names: tuple[str, ...], seconds: float) -> dict[str, Any]:
    """By looking at all states, code generation included."""
    from kspec.engines.explicit.engine import Explicit, Refusal

    began = process_time()
    late: Callable[[], bool] = lambda: process_time() - began >= seconds  # noqa: E731
    try:
        budget = Budget(max_states=STATES, interrupted=late)
        run = Explicit().run(of, names, budget, lambda _: None)
    except Refusal as refusal:
        why = f"refused: {refusal}"
        return {"decided": 0, "found": 0, "cpu": process_time() - began, "over": False, "why": why}
    answers = dict(run.exploration.answers)
    return {
        "decided": sum(isinstance(answers[n], Absent) for n in names),
        "found": sum(isinstance(answers[n], Found) for n in names),
        "cpu": process_time() - began,
        "states": run.exploration.reached.states,
        "over": not run.exploration.complete,
    }


# ---- all of them -------------------------------------------------------------------------------


def files(words: str = "check|expect|prove") -> Iterator[str]:
    """The programs of the library and of the benchmarks with items that begin so."""
    judges = re.compile(rf"(?:^|[;{{])\s*({words})\b", re.MULTILINE)
    for place in ("properties", "models", "benchmarks/models"):
        for path in sorted((ROOT / place).rglob("*.kspec")):
            if judges.search(path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix()


@cache
def scenarios(file: str) -> list[str]:
    """The scenarios of a file that judge something; `""` is that of lines of their own."""
    loaded = load(ROOT / file, file).loaded
    if loaded is None:
        return []
    return [s.name for s in loaded.program.scenarios if s.judges]
