"""What an effect in `after` writes is read there, also where no action ever writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kspec.cli.check import command as check
from kspec.cli.prove import command as prove

CLAIMS = (
    "(b.m[Red] == 1 after b.m[Red] := 1)",
    "(b.s == 3 after b.s := 3)",
    "(b.r.a == 3 after b.r.a := 3)",
    "(b.o == b after b.o := b)",
    "(Red in b.st after b.st := {Red})",
    '(b.nm == "zz" after b.nm := "zz")',
    "(count(d: Board) == 1 after delete b)",
    "((b.s == 3 and b.m[Green] == 2) after b.s := 3, b.m[Green] := 2)",
    "((all d: Board | d.s == 2) after for d: Board { d.s := 2 })",
)
KINDS = """
enum Colour { Red, Green }
record R { a: 0..3 b: bool }
kind Board {
  m: map from Colour to 0..2 = 0  n: 0..2 = 0  s: 0..3 = 1  r: R
  o: Board? = none  st: set of Colour = {}  nm: name = "a"
}
environment e { action go(b: Board) do b.n := 1 }
cluster c { board x {r: {a: 1, b: true}} board y {r: {a: 1, b: true}} }
"""


def text(word: str) -> str:
    said = [f"{word} yes{n}: all b: Board | {c}" for n, c in enumerate(CLAIMS)]
    said += [f"{word} no{n}: some b: Board | not {c}" for n, c in enumerate(CLAIMS)]
    yes = ", ".join(f"yes{n}" for n in range(len(CLAIMS)))
    no = "\n".join(f"  expect violated no{n}" for n in range(len(CLAIMS)))
    lines = "\n".join(said)
    return f"{KINDS}{lines}\nscenario s {{\n  in c\n  run e\n  check {yes}\n{no}\n}}\n"


@pytest.mark.parametrize("word", ["invariant", "law"])
def test_searched_and_gone_through(tmp_path: Path, word: str) -> None:
    file = tmp_path / "a.kspec"
    file.write_text(text(word), encoding="utf-8")
    run = CliRunner().invoke(check, [str(file), "--engine", "reference"], standalone_mode=False)
    assert (run.return_value, run.exception) == (0, None), run.output


@pytest.mark.parametrize("word", ["invariant", "law"])
def test_proved(tmp_path: Path, word: str) -> None:
    file = tmp_path / "a.kspec"
    file.write_text(text(word), encoding="utf-8")
    run = CliRunner().invoke(prove, [str(file), "-p", "yes*"], standalone_mode=False)
    assert (run.return_value, run.exception) == (0, None), run.output
