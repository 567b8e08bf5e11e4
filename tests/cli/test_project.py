"""`kspec init` and `kspec.toml`: what is written does what it promises, and is never written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kspec.cli import main

FILES = [".github/workflows/kspec.yml", "cluster.kspec", "kspec.toml", "php-apache.yaml"]
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template: {spec: {containers: [{name: web, image: nginx}]}}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(directory: Path) -> list[str]:
    return sorted(p.relative_to(directory).as_posix() for p in directory.rglob("*") if p.is_file())


def test_a_new_project_has_one_that_holds_and_one_that_does_not(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main._run(["init", "demo"]) == 0
    assert capsys.readouterr().out.endswith("next  cd demo && kspec check\n")
    assert tree(here / "demo") == FILES
    monkeypatch.chdir(here / "demo")
    assert main._run(["check", "--strict", "-o", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    verdicts = {row["name"]: row["verdict"] for row in found["results"]}
    assert verdicts == {"never_overcommitted": "holds", "always_a_place": "violated"}
    assert found["summary"]["violated"] == 1
    assert main._run(["fmt", "--check"]) == 0


def test_the_violation_is_there_for_a_reason(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a third node all six replicas have a place."""
    assert main._run(["init"]) == 0
    assert capsys.readouterr().out.endswith("next  kspec check\n")
    program = here / "cluster.kspec"
    text = program.read_text(encoding="utf-8").replace("node a, b {", "node a, b, c {")
    program.write_text(text, encoding="utf-8")
    assert main._run(["check"]) == 0


def test_nothing_is_replaced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "kspec.toml").write_text("files = []\n", encoding="utf-8")
    assert main._run(["init", "."]) == 2
    assert "cannot write `kspec.toml`: it is there already" in capsys.readouterr().err
    assert tree(here) == ["kspec.toml"]
    assert main._run(["init", "kspec.toml"]) == 2


def test_a_project_of_manifests(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "deploy").mkdir()
    (here / "deploy" / "web.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    assert main._run(["init", "--from", "deploy"]) == 0
    assert main._run(["check"]) == 0
    assert "✔ REACHED   begins" in capsys.readouterr().out
    assert main._run(["fmt", "--check"]) == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("../outside", "it is not in `.`"),
        ("nothing.yaml", "there is no such file"),
        ("bad.yaml", "see the mistakes above"),
    ],
)
def test_manifests_that_are_no_beginning(
    given: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bad.yaml").write_text("a: [\n", encoding="utf-8")
    assert main._run(["init", "--from", given]) == 2
    assert said in capsys.readouterr().err
    assert tree(here) == ["bad.yaml"]


# ---- kspec.toml --------------------------------------------------------------------------------


def test_the_nearest_project_counts(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "kind P { }\ninvariant yes: true\ncluster c { p a { } }\ncheck yes\n"
    for name in ("a.kspec", "specs/b.kspec", "in/c.kspec", "other.kspec"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(text, encoding="utf-8")
    (here / "kspec.toml").write_text('files = ["a.kspec", "specs"]\n', encoding="utf-8")
    (here / "in" / "kspec.toml").write_text('files = ["c.kspec"]\n', encoding="utf-8")

    def checked() -> list[str]:
        assert main._run(["check", "-o", "json"]) == 0
        return [row["file"] for row in json.loads(capsys.readouterr().out)["results"]]

    assert checked() == ["a.kspec", "specs/b.kspec"]
    monkeypatch.chdir(here / "specs")
    assert checked() == ["../a.kspec", "../specs/b.kspec"]
    monkeypatch.chdir(here / "in")
    assert checked() == ["c.kspec"]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ('files = ["a.kspec"', "kspec.toml:1:19", "unclosed array"),
        ("[tool]\nfiles = []\n", "kspec.toml:1:2", "`tool` is not known"),
        ('files = "a.kspec"\n', "kspec.toml:1:1", "a list of texts"),
        ("\nfiles = [1]\n", "kspec.toml:2:1", "a list of texts"),
        ('files = ["../a.kspec"]\n', "kspec.toml:1:1", "is not in the directory"),
        ('files = ["/etc"]\n', "kspec.toml:1:1", "is not in the directory"),
        ('files = ["nowhere.kspec"]\n', "nowhere.kspec", "there is no such file"),
    ],
)
@pytest.mark.parametrize("command", ["check", "info", "simulate", "fmt"])
def test_a_project_with_a_mistake(
    command: str,
    text: str,
    place: str,
    said: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (here / "kspec.toml").write_text(text, encoding="utf-8")
    assert main._run([command]) == 2
    shown = capsys.readouterr().err
    assert f"--> {place}" in shown
    assert said in shown.lower()


def test_a_project_without_files_is_nothing_to_do(here: Path) -> None:
    (here / "kspec.toml").write_text("files = []\n", encoding="utf-8")
    assert [main._run([c]) for c in ("check", "info", "simulate", "fmt")] == [5, 5, 5, 5]
