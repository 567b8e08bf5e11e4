"""`kspec prove` and laws: words, worlds, certificates, what cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kspec.cli.check import command as check
from kspec.cli.prove import command

PROGRAM = """
record Rule { verbs: set of name }
kind Binding { rules: set of Rule = {} }
fn allows(verb: name): bool = some b: Binding, r in b.rules | verb in r.verbs or "*" in r.verbs
law denied: all v: name | (no b: Binding | b.rules != {}) implies not allows(v)
law only_adds: all b: Binding, v: name | (allows(v) after delete b) implies allows(v)
law never: all v: name | not allows(v)
law endless: all i: int | i == i
belief nobody_may: all v: name | not allows(v)
invariant some_rules: all b: Binding | size(b.rules) < 2
cluster many {
OBJECTS}
environment idle { action wait when false do nothing }
scenario s {
  in many
  run idle
  prove denied, only_adds, nobody_may, some_rules
  check never, endless
}
"""
ONE = (
    '  binding b%d { rules: any of [[], [{verbs: [get]}], [{verbs: [list]}], [{verbs: ["*"]}]] }\n'
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    objects = "".join(ONE % n for n in range(24))
    (tmp_path / "a.kspec").write_text(PROGRAM.replace("OBJECTS", objects), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def test_laws_of_scopes_that_nobody_goes_through() -> None:
    """4^24 worlds; the words and counts, and the world that refutes."""
    found = run("a.kspec", "-o", "json")
    rows = {row["name"]: row for row in json.loads(found.stdout)["results"]}
    assert {n: r["word"] for n, r in rows.items()} == {
        "denied": "HOLDS",
        "only_adds": "HOLDS",
        "nobody_may": "VIOLATED",
        "some_rules": "HOLDS",
    }
    assert rows["denied"]["evidence"]["kind"] == "solved"
    assert rows["denied"]["evidence"]["worlds"] == 4**24
    assert found.return_value == 0
    said = CliRunner().invoke(check, ["a.kspec", "-p", "never"], standalone_mode=False).stdout
    assert "`kspec prove` asks a solver instead" in said


def test_the_world_that_refutes_is_small() -> None:
    """One binding with a rule is enough, and no other has one."""
    found = run("a.kspec", "-p", "never")
    assert found.return_value == 1
    world = [line for line in found.stdout.splitlines() if "rules: {" in line]
    assert len(world) == 1


def test_what_cannot_be_asked_is_said(home: Path) -> None:
    found = run("a.kspec", "-p", "endless")
    assert found.return_value == 3
    assert "? UNKNOWN" in found.stdout
    assert "`endless` cannot be asked of a solver: a quantifier over all numbers" in found.output


@pytest.mark.slow
def test_certificates_of_laws_are_confirmed(home: Path) -> None:
    run("a.kspec", "-p", "denied", "--certificates", "proofs")
    assert "CONFIRMED" in run("--recheck", "proofs").stdout


def test_certificates_of_laws(home: Path) -> None:
    """Stale when the cluster is another, or the law."""
    run("a.kspec", "-p", "denied", "--certificates", "proofs")
    (file,) = (home / "proofs").glob("*.kproof")
    text = (home / "a.kspec").read_text(encoding="utf-8")
    (home / "a.kspec").write_text(text.replace("[list]", "[watch]"), encoding="utf-8")
    found = run("--recheck", "proofs")
    assert "STALE" in found.stdout
    assert found.return_value == 3
    (home / "a.kspec").write_text(text.replace("not allows(v)\nlaw only", "allows(v)\nlaw only"))
    assert "STALE" in run("--recheck", "proofs").stdout
    assert file.exists()
