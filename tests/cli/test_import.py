"""`kspec import`: what is written means what `cluster … from` means, and never less."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kspec.cli import main
from kspec.driver.preparing.load import load, load_text
from kspec.driver.preparing.prepare import Preparation, Prepared
from kspec.driver.preparing.stages import Made
from kspec.pure.scopes.scope import ScopeObject
from tests.cli.programs import MAIN, ROOT

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-1, labels: {app: web}}
spec:
  replicas: 2
  template: {spec: {containers: [{name: web, resources: {requests: {cpu: 0.1, memory: 1e3}}}]}}
"""
RBAC = (ROOT / "properties" / "rbac" / "default-roles.yaml").read_text(encoding="utf-8")
KINDS = """\
record Part { name: name = ""; size: memory = 0; share: percent = 50% }
kind Owner from example.org/v1 key name { name: name at metadata.name }
kind Thing from example.org/v1 key namespace, name {
  namespace: name = ""              at metadata.namespace
  name: name                        at metadata.name
  count: -3..9 = 0                  at spec.count
  phase: enum { A, B } = A          at spec.phase
  wait: duration = 30s              at spec.wait
  labels: map from name to name = {} at metadata.labels
  parts: list of Part = []          at spec.parts
  words: set of name = {}           at spec.words
  maybe: name? = none               at spec.maybe
  owner: Owner? = none              at spec.owner
  either: object? = none            at spec.either
  ready: bool = true                at spec.ready
  seen: 0..5 = 0                    at status.seen
}
environment people { action see(t: Thing) when t.seen < 5 do t.seen := t.seen + 1 }
"""
THINGS = """\
apiVersion: example.org/v1
kind: Owner
metadata: {name: the owner}
---
apiVersion: example.org/v1
kind: Thing
metadata: {name: none, namespace: "a b", labels: {"x.org/y": 'a "q" {b}', "true": ""}}
spec:
  count: -3
  phase: B
  wait: 1500ms
  parts: [{name: one, size: 64Mi}, {name: two, size: 7, share: 12.5%}]
  words: [z, a, "1"]
  maybe: none
  owner: the owner
  either: {kind: Owner, name: the owner}
  ready: false
status: {seen: 3}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def objects(path: Path, text: str) -> list[tuple[str, int, object]]:
    """The objects that the only scenario of a program starts with."""
    path.write_text(text, encoding="utf-8")
    loaded = load(path, path.name).loaded
    assert loaded is not None, load(path, path.name).diagnostics
    (prepared,) = Preparation(loaded).scopes(loaded.program.scenarios[0])
    assert isinstance(prepared, Prepared) and isinstance(prepared.stage, Made), prepared
    found: tuple[ScopeObject, ...] = prepared.stage.scope.objects
    return [(o.kind, o.index, o.fields) for o in found]


def imports(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("import "))


@pytest.mark.parametrize("manifest", [DEPLOYMENT, RBAC], ids=["deployment", "rbac"])
def test_the_same_objects(manifest: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "in.yaml").write_text(manifest, encoding="utf-8")
    assert main._run(["import", "-f", "in.yaml"]) == 0
    text = capsys.readouterr().out
    scenario = "scenario s { in c }\n"
    direct = f'{imports(text)}\ncluster c from "in.yaml"\n{scenario}'
    written = text + scenario.replace("in c", "in imported")
    found = objects(here / "b.kspec", written)
    assert found == objects(here / "a.kspec", direct)
    assert found


def test_every_type_of_field(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through kinds of all sorts, which no module of the library has."""
    from kspec.driver import importing
    from kspec.manifests.read import read

    def with_kinds(name: str, text: str) -> object:
        return load_text(name, text.replace("import things\n", KINDS))

    monkeypatch.setattr(importing, "load_text", with_kinds)
    found = importing.written([read("t.yaml", THINGS.encode())], "t.yaml", ("things",))
    assert found.text is not None, found.diagnostics
    assert found.objects == 2
    for part in (
        'owner "the owner" {}',
        "thing none {",
        "count: -3",
        "wait: 1500ms",
        "size: 64Mi",
        "share: 12.5%",
        'maybe: "none"',
        "ready: false",
        'either: "the owner"',
    ):
        assert part in found.text, found.text
    # What something running writes is not there at the start.
    assert "seen" not in found.text


def test_what_is_written_falsely_is_never_given(monkeypatch: pytest.MonkeyPatch) -> None:
    from kspec.driver import importing
    from kspec.manifests.read import read
    from kspec.pure.scopes import cluster_text

    monkeypatch.setattr(cluster_text, "amount", lambda *_: "1")
    with pytest.raises(importing.Unfaithful):
        importing.written([read("a.yaml", DEPLOYMENT.encode())], "a.yaml", ())


def test_an_object_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from kspec.driver import importing
    from kspec.manifests.read import read
    from kspec.pure.scopes import cluster_text

    monkeypatch.setattr(cluster_text, "amount", lambda *_: None)
    found = importing.written([read("a.yaml", DEPLOYMENT.encode())], "a.yaml", ())
    assert found.text is None
    assert [d.code.slug for d in found.diagnostics] == ["not-modelled"]
    assert found.diagnostics[0].primary.span.file == "a.yaml"


def test_streams(here: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "import", "-f", "-"],
        cwd=here,
        input=DEPLOYMENT,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith('"""A cluster, written by `kspec import` from -."""\n')
    assert done.stderr.startswith("1 object, read with ")
    assert "ignored      Deployment metadata.labels" in done.stderr


def test_no_file_is_replaced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "in.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    assert main._run(["import", "-f", "in.yaml", "-o", "new/a.kspec"]) == 0
    before = (here / "new" / "a.kspec").read_text(encoding="utf-8")
    assert main._run(["import", "-f", "in.yaml", "-o", "new/a.kspec"]) == 2
    assert "cannot write `new/a.kspec`: it is there already" in capsys.readouterr().err
    assert (here / "new" / "a.kspec").read_text(encoding="utf-8") == before
    assert main._run(["simulate", "new/a.kspec"]) == 5


@pytest.mark.parametrize(
    ("arguments", "manifest", "code", "said"),
    [
        (["-f", "in.yaml"], "a: [\n", 2, "error[yaml-syntax]"),
        (["-f", "in.yaml"], "kind: Unheard\napiVersion: v9\n", 5, "`Unheard` of v9 is left out"),
        (["-f", "in.yaml"], DEPLOYMENT.replace("replicas: 2", "replicas: x"), 2, " --> in.yaml:5:"),
        (["-f", "in.yaml", "--models", "nobody"], DEPLOYMENT, 2, "no file for `import nobody`"),
        (["-f", "in.yaml", "--models", "a b; {"], DEPLOYMENT, 2, "is no name of a module"),
        (["-f", "none.yaml"], "", 2, "there is no such file"),
        (["-f", "."], "", 5, "nothing was written"),
        ([], "", 2, "missing option"),
    ],
)
def test_input_that_is_not_right(
    arguments: list[str],
    manifest: str,
    code: int,
    said: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (here / "in.yaml").write_text(manifest, encoding="utf-8")
    assert main._run(["import", *arguments]) == code
    shown = capsys.readouterr()
    assert said in shown.err, shown.err
    assert shown.out == ""
