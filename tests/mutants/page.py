"""The table of mutants as a page of `docs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.mutants.harness import Mutant
from tests.mutants.table import MUTANTS, TOPICS

REST: Final = Path(__file__).parent / "by_hand.md"
"""Mutants that tests of their own make: the end of the page."""

HEAD = """# Mutants

A test that cannot fail shows nothing. So {count} mistakes that somebody could make are put into
kspec, one at a time, and for each an ordinary, fast test is named that must then fail, or two:
`tests/mutants` does this, `make ci` runs it. Topics overlap: a mutant stands where its mistake
would be looked for, and the file says in which part of kspec it is made.

This page is written from `tests/mutants/table.py`, and a test compares the two; to write it anew,
run `KSPEC_GOLDEN=write pytest tests/mutants`.
"""


def page() -> str:
    """The page."""
    sections = ("\n".join(_section(title, mutants)) for title, mutants in TOPICS)
    return "\n".join((HEAD.format(count=len(MUTANTS)), *sections, REST.read_text(encoding="utf-8")))


ALONE = """Each makes a proof or a run that is none. The certifier notices it by itself, with no reference, no
replay and nothing else to go by; and so does a comparison of the engines with the reference.
"""


def _section(title: str, mutants: tuple[Mutant, ...]) -> Iterator[str]:
    yield f"## {title}\n"
    if any(mutant.second for mutant in mutants):
        yield ALONE
        yield "| mistake | in | noticed by the certifier alone | noticed against the reference |"
        yield "| --- | --- | --- | --- |"
    else:
        yield "| mistake | in | noticed by, below `tests` |"
        yield "| --- | --- | --- |"
    for mutant in mutants:
        killers = " | ".join(f"`{killer.removeprefix('tests/')}`" for killer in mutant.killers)
        yield f"| {mutant.name} | `{mutant.file}` | {killers} |"
    yield ""
