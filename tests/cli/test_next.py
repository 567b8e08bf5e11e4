"""Every command that is advised works when it is typed as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from kspec.cli import main
from tests.cli.programs import PODS

DEEP = """\
kind P { n: 0..30 = 0 }
environment e { action up(p: P) when p.n < 30 do p.n := p.n + 1 }
invariant small: all p: P | p.n < 31
cluster c { p a, b { } }
check small
"""
OVER = DEEP.replace("n: 0..30", "n: 0..3").replace("when p.n < 30 ", "")
YAML = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {}}\n"

CASES: list[tuple[str, str, tuple[str, ...], str]] = [
    # what it is, the program, the command, how the advice begins
    ("violated", PODS + "check few", ("check", "a b.kspec"), "check 'a b.kspec' -p few -o json"),
    ("holds", PODS + "check true_of_all", ("check", "a b.kspec"), "check 'a b.kspec' -o json"),
    ("cut", PODS + "check idle", ("check", "a b.kspec"), "check 'a b.kspec' -p idle -o json"),
    (
        "limit",
        DEEP,
        ("check", "a b.kspec", "--max-states", "9"),
        "check 'a b.kspec' -p small --max",
    ),
    ("limit of 1", DEEP, ("check", "a b.kspec", "--max-states", "1"), "check 'a b.kspec' -p small"),
    (
        "limit on time",
        DEEP,
        ("check", "a b.kspec", "--timeout", "0"),
        "check 'a b.kspec' -p small --reduction all",
    ),
    (
        "limit on time, reduced",
        DEEP,
        ("check", "a b.kspec", "--timeout", "0", "--reduction", "all"),
        "check 'a b.kspec' -p small -o json",
    ),
    ("implicit", OVER, ("check", "a b.kspec"), "check 'a b.kspec' -o json"),
    ("nothing", PODS, ("check", "a b.kspec"), "info 'a b.kspec'"),
    ("no file", PODS, ("check",), "check --help"),
    ("mistake", "kind {", ("check", "a b.kspec"), "explain unexpected-text"),
    ("mistake later", DEEP.replace("0..30 = 0", "0..30 = 31"), ("check", "a b.kspec"), "explain "),
    ("walks met", PODS + "check few", ("simulate", "a b.kspec"), "check 'a b.kspec' -p few"),
    ("walks met not", PODS + "check true_of_all", ("simulate", "a b.kspec"), "check 'a b.kspec'"),
    ("walks alone", PODS + "scenario s { in one }", ("simulate", "a b.kspec"), "info 'a b.kspec'"),
    ("walks nowhere", PODS, ("simulate", "a b.kspec"), "info 'a b.kspec'"),
    ("info", PODS + "check few", ("info", "a b.kspec"), "check 'a b.kspec'"),
    ("info alone", PODS + "scenario s { in one }", ("info", "a b.kspec"), "simulate 'a b.kspec'"),
    ("info nowhere", "", ("info", "a b.kspec"), "info --help"),
    ("info mistake", "kind {", ("info", "a b.kspec"), "explain unexpected-text"),
    ("fmt", "kind  P { }", ("fmt", "--check", "a b.kspec"), "fmt 'a b.kspec'"),
    ("import", "", ("import", "-f", "a.yaml", "-o", "new.kspec"), "simulate new.kspec"),
    ("init", "", ("init", "new"), "check"),
]


def advised(output: str) -> str:
    found = re.findall(r"^next  (.*)$", output, re.MULTILINE)
    assert len(found) == 1, output
    return str(found[0])


@pytest.mark.parametrize(
    ("program", "command", "begins"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_is_advised_can_be_typed(
    program: str,
    command: tuple[str, ...],
    begins: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a b.kspec").write_text(program, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(YAML, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    main._run(list(command))
    shown = capsys.readouterr()
    line = advised(shown.out + shown.err)
    if line.startswith("cd "):
        before, line = line.split(" && ")
        monkeypatch.chdir(tmp_path / before.removeprefix("cd "))
    assert line.startswith(f"kspec {begins}"), line
    words = shlex.split(line, comments=True)
    assert words[0] == "kspec"
    code = main._run(words[1:])
    shown = capsys.readouterr()
    assert code not in (2, 101), shown.err
    assert shown.out


def test_where_all_is_well_there_is_a_next_command_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.kspec").write_text(PODS + "check true_of_all", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main._run(["check", "a.kspec"]) == 0
    assert (
        advised(capsys.readouterr().out) == "kspec check a.kspec -o json   # the evidence as data"
    )
