"""How long proofs take, by induction, with lemmas, and by looking at all states: `make bench`, or

    python -m benchmarks.proofs                          # every scenario of the library, an hour
    python -m benchmarks.proofs --only 'models/[a-k]*' --seconds 5 --add      # in pieces

Of each scenario the largest scope is taken, and of that every claim that no infinite run is needed
for and that nobody expects to be violated. Each scenario has a process of its own. CPU seconds are
those of that process; z3's own count of what it did is the same on every machine, and so is the
number of states. What an engine has not ended in its seconds is left open and says so. At the end
`benchmarks/PROOFS.md` is written. Next: `kspec.engines.smt.provers`, which is what is measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from resource import RLIMIT_CPU, setrlimit
from time import process_time
from typing import Any, Final

from kspec.driver.load import load
from kspec.driver.prepare import Preparation
from kspec.driver.proving import scopes
from kspec.driver.stages import Made
from kspec.engines.api import Budget, Effort, Proofs
from kspec.ir.system import Implicit, Invariant, NoDeadlock, Occurrence, System
from kspec.verdict.answer import Absent, Found, Proved

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = Path(__file__).parent / "PROOFS.md"
LINES: Final = Path(__file__).parent / "proofs.json"
STATES: Final = 2_000_000
DEPTH: Final = 4
RLIMIT: Final = 100_000_000
QUESTIONS: Final = 10_000
IMPLICIT: Final = tuple(i.value for i in Implicit)


def files() -> Iterator[str]:
    """The programs of the library and of the benchmarks."""
    for place in ("models", "properties", "benchmarks/models"):
        for path in sorted((ROOT / place).glob("*.kspec")):
            yield path.relative_to(ROOT).as_posix()


def scenarios(file: str) -> list[str]:
    """The scenarios of a file that judge something; `""` is that of lines of their own."""
    loaded = load(ROOT / file, file).loaded
    if loaded is None:
        return []
    return [s.name for s in loaded.program.scenarios if s.judges]


# ---- one scenario ------------------------------------------------------------------------------


def system(file: str, scenario: str) -> tuple[System, tuple[str, ...]] | None:
    """The largest scope of a scenario, and what is to be proved of it."""
    loaded = load(ROOT / file, file).loaded
    assert loaded is not None
    preparation = Preparation(loaded)
    (asked,) = (s for s in preparation.scenarios if s.name == scenario)
    preparation.documents(asked)
    plans = list(scopes(loaded, preparation, asked))
    if not plans:
        return None
    made = preparation.make(plans[-1], None)
    if not isinstance(made, Made):
        return None
    wanted = [line.property for _, line in plans[-1].lines if line.expected != "violated"]
    provable = [
        p.name
        for p in made.system.properties
        if p.name in wanted and isinstance(p.claim, Invariant | NoDeadlock | Occurrence)
    ]
    return (made.system, tuple(provable)) if provable else None


def one(file: str, scenario: str, seconds: float) -> dict[str, Any] | None:
    """What each engine makes of a scenario."""
    found = system(file, scenario)
    if found is None:
        return None
    of, names = found
    return {
        "file": file,
        "scenario": scenario,
        "claims": list(names),
        "induction": proofs(of, names, 0, seconds),
        "pdr": proofs(of, names, QUESTIONS, seconds),
        "explicit": searched(of, names, seconds),
    }


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
    try:
        budget = Budget(max_states=STATES, seconds=seconds)
        run = Explicit(level=1).run(of, names, budget, lambda _: None)
    except Refusal as refusal:
        return {
            "decided": 0,
            "found": 0,
            "cpu": 0.0,
            "states": 0,
            "over": False,
            "why": str(refusal),
        }
    answers = dict(run.exploration.answers)
    return {
        "decided": sum(isinstance(answers[n], Absent) for n in names),
        "found": sum(isinstance(answers[n], Found) for n in names),
        "cpu": process_time() - began,
        "states": run.exploration.reached.states,
        "over": not run.exploration.complete,
    }


# ---- all of them -------------------------------------------------------------------------------


def measured(only: str, seconds: float) -> Iterator[dict[str, Any]]:
    """All scenarios, each in a process of its own, with some CPU for what comes before."""
    most = int(seconds * 4) + 30
    for file in (f for f in files() if fnmatchcase(f, only)):
        for scenario in scenarios(file):
            command = [sys.executable, "-m", "benchmarks.proofs", "--one", file, scenario]
            try:
                done = subprocess.run(
                    [*command, "--seconds", str(seconds)],
                    capture_output=True,
                    check=False,
                    encoding="utf-8",
                    preexec_fn=lambda: setrlimit(RLIMIT_CPU, (most, most)),
                    cwd=ROOT,
                )
            except OSError as error:
                yield {"file": file, "scenario": scenario, "failed": str(error)}
                continue
            if done.returncode < 0:
                yield {"file": file, "scenario": scenario, "failed": f"over {most} s of CPU"}
            elif done.returncode:
                said = done.stderr.strip().splitlines()
                yield {"file": file, "scenario": scenario, "failed": said[-1] if said else "?"}
            elif (line := json.loads(done.stdout)) is not None:
                yield line


def cell(of: dict[str, Any], claims: int) -> str:
    """How many claims, and what it took."""
    took = f"{of['cpu']:.1f} s"
    if "spent" in of:
        took += f", {of['spent'] / 1e6:.1f} M"
    else:
        took += f", {of['states']:_} states".replace("_", " ")
    if of["decided"] == claims:
        return f"**{took}**"
    some = f"{of['decided']} of {claims}"
    return f"{some}, {took}" + (", over" if of["over"] else "")


def page(lines: list[dict[str, Any]], seconds: float) -> str:
    """The table."""
    rows = [
        "| scenario | claims | k-induction | with lemmas | all states |",
        "|---|--:|---|---|---|",
    ]
    for line in lines:
        name = line["file"] + (f" {line['scenario']}" if line["scenario"] else "")
        if "failed" in line:
            rows.append(f"| {name} | | {line['failed']} | | |")
            continue
        count = len(line["claims"])
        cells = (cell(line[engine], count) for engine in ("induction", "pdr", "explicit"))
        rows.append(f"| {name} | {count} | {' | '.join(cells)} |")
    whole = [line for line in lines if "failed" not in line]
    ended = {
        engine: sum(line[engine]["decided"] == len(line["claims"]) for line in whole)
        for engine in ("induction", "pdr", "explicit")
    }
    text = HEAD.format(seconds=seconds, count=len(whole), **ended)
    return text + "\n".join(rows) + "\n"


HEAD: Final = f"""# Time to proof

Written by `python -m benchmarks.proofs`. Of each scenario of the library its largest scope, and
of that all claims about states and steps that nobody expects to be violated, together with the
implicit properties. CPU seconds, on whatever machine that was; `M` are millions of z3's own units,
which are the same on every machine. Bold: all claims were proved. Where its {{seconds:g}} seconds
(of CPU; for the search of the clock, or {STATES:_} states) ended an engine, the row says `over`.
k-induction assumes up to {DEPTH} states and makes up no lemmas; `with lemmas` assumes 2 and asks up
to {QUESTIONS:_} questions a claim; the search makes its code first, and is of the system as it is,
without reductions.

All claims of a scenario: k-induction {{induction}}, with lemmas {{pdr}}, all states {{explicit}},
of {{count}} scenarios.

""".replace("_000", " 000")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--one", nargs=2, metavar=("FILE", "SCENARIO"), help=argparse.SUPPRESS)
    parser.add_argument("--only", default="*", help="files that match this")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU seconds for each engine")
    parser.add_argument("--add", action="store_true", help="keep the other rows of the page")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(*asked.one, asked.seconds)))
        return
    lines = []
    for line in measured(asked.only, asked.seconds):
        print(json.dumps(line), flush=True)
        lines.append(line)
    before = json.loads(LINES.read_text(encoding="utf-8")) if asked.add and LINES.exists() else []
    mine = {(line["file"], line["scenario"]) for line in lines}
    lines += [line for line in before if (line["file"], line["scenario"]) not in mine]
    lines.sort(key=lambda line: (line["file"], line["scenario"]))
    LINES.write_text(json.dumps(lines, indent=0) + "\n", encoding="utf-8")
    PAGE.write_text(page(lines, asked.seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
