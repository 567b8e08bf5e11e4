"""`kspec prove --show-invariant`: what is shown can be copied, and is enough for induction alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kspec.cli.prove import command
from kspec.driver.proofs.pasted import understood
from kspec.sources.imports import Given

STEPS = """
kind Node { full: bool = false }
kind Pod { node: Node? = none  n: 0..9 = 0  size: 0..2 = 0 }
environment people {
  action up(p: Pod)
    when  p.n < 8
    do    p.n := p.n + 2
  action put(p: Pod, x: Node)
    when  p.node missing, p.n == 4
    do    { p.node := x  x.full := true }
}
controller seer {
  memory last: 0..9? = none
  action look(p: Pod)
    when p.n > 1
    do last := p.n
}
invariant never_odd: all p: Pod | p.n != 7
invariant filled: all p: Pod | p.node exists implies (some x: Node | x.full)
ghost odd: bool = false {
  on seer.look(p): odd := odd or p.n == 7
}
invariant unseen: not odd
cluster one { pod a, b {}  node x {} }
prove never_odd, filled, unseen
"""
LIBRARY = Path(__file__).parents[2] / "properties" / "eviction_every.kspec"


def prove(file: Path, *options: str) -> Result:
    return CliRunner().invoke(command, [str(file), "--depth", "2", *options], standalone_mode=False)


def lemmas(result: Result) -> list[str]:
    return [line.strip() for line in result.stdout.splitlines() if line.startswith("  lemma ")]


def test_what_is_copied_is_enough_for_induction(tmp_path: Path) -> None:
    file = tmp_path / "steps.kspec"
    file.write_text(STEPS)
    alone = prove(file, "--engine", "induction", "--show-invariant")
    assert alone.return_value == 3 and not lemmas(alone)
    found = prove(file, "--show-invariant")
    assert found.return_value == 0 and lemmas(found)
    file.write_text(STEPS + "\n".join(lemmas(found)) + "\n")
    again = prove(file, "--engine", "induction", "--show-invariant")
    assert again.return_value == 0, again.stdout
    assert "invariant  the claims alone" in again.stdout


def test_only_what_a_file_understands_is_shown_as_a_line(tmp_path: Path) -> None:
    file = tmp_path / "steps.kspec"
    file.write_text(STEPS)
    good = "lemma one: all p: Pod | p.n < 9"
    bad = ("lemma two: all p: Pod | p.none", "lemma three: all p: Pod | p.n is is")
    given = Given(file, "steps.kspec")
    assert understood(given, (bad[0], good)) == {good}
    assert understood(given, (bad[1], good, bad[0])) == {good}
    assert understood(given, bad) == frozenset()


def nothing_understood(file: Given, lines: tuple[str, ...]) -> frozenset[str]:
    return frozenset()


def test_what_no_line_says_is_shown_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "steps.kspec"
    file.write_text(STEPS)
    assert "#" not in prove(file, "--show-invariant", "-p", "filled").stdout.split("next")[0]
    monkeypatch.setattr("kspec.driver.proofs.pasted.understood", nothing_understood)
    found = prove(file, "--show-invariant")
    behind = [line for line in found.stdout.splitlines() if line.startswith("  # ")]
    assert found.return_value == 0 and not lemmas(found)
    assert "not to be copied" in behind[0] and len(behind) > 3
    assert any("p.n is not 7" in line for line in behind[2:]), behind
    assert not any("(get" in line or "(all" in line for line in behind)


def test_a_failed_step_that_no_line_excludes_has_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "steps.kspec"
    file.write_text(STEPS)
    options = ("-p", "never_odd", "--engine", "induction")
    assert "in words only" not in prove(file, *options).stdout
    monkeypatch.setattr("kspec.driver.proofs.pasted.understood", nothing_understood)
    told = prove(file, *options).stdout.partition("in words only, no line of the language says it:")
    shown = [line for line in told[2].splitlines() if line.startswith("    # all p: Pod | ")]
    assert 1 <= len(shown) <= 2, told


@pytest.mark.slow
def test_the_lemmas_of_the_library_are_enough_for_induction(tmp_path: Path) -> None:
    found = prove(LIBRARY, "--show-invariant")
    assert found.return_value == 0 and len(lemmas(found)) > 5
    file = tmp_path / "again.kspec"
    file.write_text(LIBRARY.read_text() + "\n".join(lemmas(found)) + "\n")
    again = prove(file, "--engine", "induction")
    assert again.return_value == 0, again.stdout
