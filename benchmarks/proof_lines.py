"""What `prove` lines take, and whether what they prove is confirmed again: for `benchmarks.proofs`.

Each scenario with such lines is proved by one process, and its certificates are checked by another
for each solver: z3 and, where it is installed, cvc5. Each may use ten minutes of processor. A file
that says in its head how it is to be proved, `kspec prove FILE --for-all KINDS`, is proved so.
Next: `kspec.driver.proofs.proving`, `kspec.certify.recheck`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_CPU, setrlimit
from time import process_time
from typing import Final

from benchmarks.proof_cases import ROOT, files, told
from kspec.driver.check import Watching
from kspec.driver.preparing.load import load
from kspec.driver.proofs.proving import ProveOptions, prove
from kspec.sources.imports import Given

MOST: Final = 600
"""Seconds of processor for the lines of a scenario."""


def scenarios(only: str) -> Iterator[tuple[str, str]]:
    """Files of a pattern, and their scenarios with `prove` lines."""
    for file in (f for f in files("prove") if fnmatchcase(f, only)):
        loaded = load(ROOT / file, file).loaded
        if loaded is not None:
            for scenario in loaded.program.scenarios:
                if any(judge.prove for judge in scenario.judges):
                    yield file, scenario.name


def endless(file: str) -> tuple[str, ...]:
    """The kinds of which there may be any number, as the file says itself."""
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.search(rf"kspec prove {re.escape(file)} --for-all (\S+)", text)
    return tuple(found[1].split(",")) if found else ()


def proved(file: str, scenario: str, directory: Path) -> None:
    """Prove, write certificates, and tell of it."""
    from kspec.driver.proofs.certificates import files_of

    setrlimit(RLIMIT_CPU, (MOST, RLIM_INFINITY))
    every = endless(file)
    options = ProveOptions(scenarios=(scenario,), every=every)
    result = prove([Given(ROOT / file, file)], options, Watching())
    for name, text in files_of(result.proofs):
        (directory / name).write_text(text, encoding="utf-8")
    # What a proof has cost is what all proofs of its system have.
    spent = {id(proof.system): proof.evidence.spent for proof in result.proofs}
    told(
        {
            "every": list(every),
            "rows": [[r.name, r.word.value, r.expected or ""] for r in result.checked.rows],
            "engines": sorted({r.engine for r in result.checked.rows if r.verdict is not None}),
            "spent": sum(spent.values()),
            "certificates": len(result.proofs),
            "cpu": process_time(),
        }
    )


def rechecked(directory: Path, solver: str) -> None:
    """Check the certificates of a directory with one solver, and tell of each and of the whole."""
    from kspec.certify.recheck import Confirmed, Rejected, known_solvers
    from kspec.driver.proofs.certificates import Checker, check_text

    setrlimit(RLIMIT_CPU, (MOST, RLIM_INFINITY))
    known = tuple(found for found in known_solvers() if found[0].split()[0] == solver)
    told({"solver": known[0][0] if known else ""})
    checker = Checker((), known)
    for path in sorted(directory.glob("*.kproof")) if known else ():
        read = check_text(path.read_text(encoding="utf-8"))
        assert not isinstance(read, Rejected), path.name
        loaded = load(ROOT / read.file, read.file).loaded
        assert loaded is not None
        outcome = checker.check(path.name, read, loaded).outcome
        if isinstance(outcome, Confirmed):
            told({path.stem: ""})
        else:
            told({path.stem: f"{type(outcome).__name__.upper()}: {getattr(outcome, 'why', '')}"})
    told({"cpu": process_time()})


def main(what: str, *about: str) -> None:
    """What a process of its own does."""
    if what == "prove":
        file, scenario, directory = about
        proved(file, scenario, Path(directory))
    else:
        directory, solver = about
        rechecked(Path(directory), solver)


if __name__ == "__main__":
    main(*sys.argv[1:])
