"""Every mutant is noticed by the test that is said to notice it, and by that test for its reason.

A mutant whose snippet is gone must be written anew: the fast test says which.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.harness import ROOT, Mutant, copied, mutated, occurrences, outcome
from tests.mutants.page import page
from tests.mutants.table import MUTANTS
from tests.mutants.unsound import UNSOUND

IDS = [m.name.replace(" ", "-") for m in MUTANTS]
KILLERS = sorted({killer for m in MUTANTS for killer in m.killers})
PAIRS = [
    pytest.param(m, killer, id=f"{name}-{n}" if n else name)
    for m, name in zip(MUTANTS, IDS, strict=True)
    for n, killer in enumerate(m.killers)
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=IDS)
def test_the_snippet_occurs_once(mutant: Mutant) -> None:
    assert occurrences(mutant) == 1
    assert mutant.old != mutant.new


def test_names_are_unique() -> None:
    assert len(set(IDS)) == len(IDS)


def test_what_could_be_unsound_is_noticed_twice() -> None:
    """By the certifier, which compares with nothing, and by a comparison with the reference."""
    assert len(UNSOUND) >= 20
    for mutant in UNSOUND:
        assert mutant.file.startswith("kspec/engines/smt/")
        assert mutant.killer.startswith("tests/certify/")
        assert mutant.second.startswith("tests/engines/")


@pytest.mark.parametrize("path", ["tests/certify/test_engines.py", "tests/systems/telling.py"])
def test_the_certifier_is_asked_alone(path: str) -> None:
    """Nothing of the reference is imported, nor of what replays traces."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not re.search(r"(import|from) .*(reference|replay|semantics|walks|explicit)", text)


@pytest.mark.parametrize("killer", KILLERS)
def test_the_killer_is_an_ordinary_fast_test(killer: str) -> None:
    file, _, name = killer.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    found = re.search(rf"((?:^@.*\n(?:^[ )\]].*\n)*)*)^def {name}\(", text, re.MULTILINE)
    assert found is not None
    assert "mark.slow\n" not in found.group(1)


def test_the_page_is_the_table() -> None:
    path = ROOT / "docs" / "mutants.md"
    if os.environ.get("KSPEC_GOLDEN") == "write":
        path.write_text(page(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == page()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield copied(tmp_path_factory.mktemp("mutants"))


@pytest.mark.slow
@pytest.mark.parametrize("killer", KILLERS)
def test_the_killer_passes_without_a_mutant(copy: Path, killer: str) -> None:
    code, text = outcome(copy, killer)
    assert code == 0, text


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "killer"), PAIRS)
def test_the_mutant_is_noticed(copy: Path, mutant: Mutant, killer: str) -> None:
    with mutated(copy, mutant):
        code, text = outcome(copy, killer)
    assert code in (1, -1), text
