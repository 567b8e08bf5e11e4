"""Manifests beside a program (`-f`), and those that a cluster names."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kspec.cli import main
from tests.cli.programs import MAIN, ROOT

PROGRAM = """\
kind Set from apps/v1 named StatefulSet key name {
  name: name            at metadata.name
  replicas: 0..4 = 1    at spec.replicas
}
invariant one: count(s: Set) == 1
property three: reachable some s: Set | s.replicas == 3
"""
BESIDE = "scenario s { cluster { } check one, three }\n"
THREE = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec: {replicas: 3}
"""
BROKEN = THREE + "---\na: [\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.kspec").write_text(PROGRAM + BESIDE, encoding="utf-8")
    (tmp_path / "db.yaml").write_text(THREE, encoding="utf-8")
    return tmp_path


def words(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    rows = json.loads(capsys.readouterr().out)["results"]
    return {f"{row['scope']['scenario']}.{row['name']}": row["word"] for row in rows}


def test_beside_a_program(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main._run(["check", "a.kspec", "-o", "json"]) == 1
    assert words(capsys) == {"s.one": "VIOLATED", "s.three": "VIOLATED"}
    assert main._run(["check", "a.kspec", "-f", "db.yaml", "-o", "json"]) == 0
    assert words(capsys) == {"s.one": "HOLDS", "s.three": "REACHED"}
    assert main._run(["check", "a.kspec", "-f", ".", "--strict"]) == 0
    assert main._run(["simulate", "a.kspec", "-f", "db.yaml", "-p", "three"]) == 0
    assert main._run(["info", "a.kspec", "-f", "db.yaml"]) == 0


def test_from_stdin(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "check", "a.kspec", "-f", "-"],
        cwd=here,
        input=THREE,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["check", "simulate", "info"])
def test_what_is_advised_names_them_too(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main._run([command, "a.kspec", "-f", "db.yaml"])
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith("next  kspec check a.kspec -f db.yaml")
    assert main._run(shlex.split(line, comments=True)[2:]) == 0


@pytest.mark.parametrize("command", ["check", "simulate", "info"])
def test_a_mistake_in_them_keeps_all_from_being_judged(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "db.yaml").write_text(BROKEN, encoding="utf-8")
    assert main._run([command, "a.kspec", "-f", "db.yaml"]) == 2
    shown = capsys.readouterr()
    assert "error[yaml-syntax]" in shown.err and "HOLDS" not in shown.out


def test_a_mistake_keeps_every_scenario_that_names_the_file_from_being_judged(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "db.yaml").write_text(BROKEN, encoding="utf-8")
    two = 'cluster c from "db.yaml"\nscenario s { in c check one }\nscenario t { in c check one }\n'
    (here / "a.kspec").write_text(PROGRAM + two, encoding="utf-8")
    assert main._run(["check", "a.kspec", "-o", "json"]) == 2
    assert words(capsys) == {"s.one": "ERROR", "t.one": "ERROR"}


def test_strictness(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "db.yaml").write_text(THREE.replace("3}", "3, paused: true}"), encoding="utf-8")
    assert main._run(["check", "a.kspec", "-f", "db.yaml"]) == 0
    assert main._run(["check", "a.kspec", "-f", "db.yaml", "--strict"]) == 2
    shown = capsys.readouterr().err
    assert "error[not-exact]: no model reads `spec.paused` of `Set`" in shown
    assert " --> db.yaml:4:29" in shown
    (here / "db.yaml").write_text(THREE + "---\napiVersion: v9\nkind: X\n", encoding="utf-8")
    assert main._run(["check", "a.kspec", "-f", "db.yaml", "--strict"]) == 2
    assert "no model describes `X`" in capsys.readouterr().err


def test_one_name_for_two_files_is_a_mistake(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "db.yaml").write_text(THREE.replace("db", "other"), encoding="utf-8")
    (here / "sub" / "more.kspec").write_text('cluster c from "db.yaml"\n', encoding="utf-8")
    clusters = 'cluster d from "db.yaml"\nscenario s { in c; in d; check one }\n'
    text = f"import sub.more\n{PROGRAM}{clusters}"
    (here / "a.kspec").write_text(text, encoding="utf-8")
    assert main._run(["check", "a.kspec"]) == 2
    assert "is another file in each" in capsys.readouterr().err
    (here / "a.kspec").write_text(text.replace("in c; in d;", "in c;"), encoding="utf-8")
    assert main._run(["check", "a.kspec"]) == 0
