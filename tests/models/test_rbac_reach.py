"""Who can reach cluster-admin: a policy that is safe, one step from it, three steps from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from kspec.cli.check import command

ROOT: Final = Path(__file__).parents[2]
MODEL: Final = "models/rbac_reach.kspec"
PAGE: Final = ROOT / "docs" / "rbac-who-can.md"
SKIPPED: Final = "…"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def run(manifests: str, *more: str) -> str:
    found = CliRunner().invoke(command, [MODEL, "-f", manifests, *more], standalone_mode=False)
    return found.stdout


def chains(manifests: str) -> dict[str, list[str]]:
    """Who gets there, and how: the steps without the places of their rules."""
    found: dict[str, list[str]] = {}
    for line in run(manifests).splitlines():
        if head := re.fullmatch(r"  (\S.*)  in \d+ steps?", line):
            here = found.setdefault(head[1], [])
        elif line.startswith("    → "):
            here.append(re.sub(r": .*", "", line.removeprefix("    → ")))
    return found


@pytest.mark.slow
def test_one_step() -> None:
    assert chains("models/rbac-reach/one-step.yaml") == {
        "alice": ["can create clusterrolebindings and bind cluster-admin"]
    }


@pytest.mark.slow
def test_a_safe_policy_is_safe() -> None:
    (row,) = json.loads(run("models/rbac-reach/safe.yaml", "-o", "json"))["results"]
    assert (row["scope"]["scenario"], row["word"], row["values"]) == ("who_can", "HOLDS", [])


POLICY: Final = """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: some}
rules: [RULES]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: some}
roleRef: {kind: ClusterRole, name: some}
subjects: [{kind: User, name: ann}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: strong}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: strong, namespace: ops}, {kind: Group, name: chiefs}]
"""
RBAC: Final = 'apiGroups: ["rbac.authorization.k8s.io"]'
WAYS: Final = [
    ('{apiGroups: [apps], resources: [daemonsets], verbs: ["*"]}', "create daemonsets in ops"),
    ('{apiGroups: [""], resources: ["*/exec"], verbs: [create]}', "exec into pods in ops"),
    ('{apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}', "create tokens"),
    ('{apiGroups: [""], resources: [secrets], verbs: [create, list]}', "create and read secrets"),
    ('{apiGroups: [""], resources: [users, groups], verbs: [impersonate]}', "impersonate users"),
    (
        '{apiGroups: [""], resources: [serviceaccounts], verbs: [impersonate]}',
        "impersonate service",
    ),
    (f"{{{RBAC}, resources: [clusterroles], verbs: [patch, escalate]}}", "edit and escalate"),
    (
        f"{{{RBAC}, resources: [clusterrolebindings, clusterroles], verbs: [patch, bind]}}",
        "edit clusterrolebinding strong",
    ),
]
SAFE: Final = [
    '{apiGroups: [""], resources: [secrets], verbs: [create]}',
    '{apiGroups: [""], resources: [secrets], verbs: [list]}',
    '{apiGroups: [""], resources: [users], verbs: [impersonate]}',
    f"{{{RBAC}, resources: [clusterroles], verbs: [patch]}}",
    f"{{{RBAC}, resources: [clusterroles], verbs: [create, escalate]}}",
    f"{{{RBAC}, resources: [clusterrolebindings, rolebindings], verbs: ['*']}}",
    f"{{{RBAC}, resources: [clusterroles], verbs: [bind]}}",
    '{apiGroups: [""], resources: [serviceaccounts/token], resourceNames: [weak], verbs: [create]}',
]


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "step"), WAYS)
def test_each_step_is_enough(tmp_path: Path, rule: str, step: str) -> None:
    policy = tmp_path / "rbac.yaml"
    policy.write_text(POLICY.replace("RULES", rule), encoding="utf-8")
    found = chains(str(policy))
    assert list(found) == ["ann"]
    assert len(found["ann"]) == 1
    assert step in found["ann"][0]


@pytest.mark.slow
def test_less_is_not_enough(tmp_path: Path) -> None:
    """Each of these rules alone leads nowhere."""
    for rule in SAFE:
        policy = tmp_path / "rbac.yaml"
        policy.write_text(POLICY.replace("RULES", rule), encoding="utf-8")
        assert chains(str(policy)) == {}, rule


@pytest.mark.slow
def test_the_page_says_what_happens() -> None:
    shown = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(shown) == 2
    for transcript in shown:
        line, _, expected = transcript.partition("\n")
        seen = run(line.split()[-1])
        pattern = "".join(
            r"(?:.*\n)*?" if wanted == SKIPPED else re.escape(wanted).replace(SKIPPED, ".*") + r"\n"
            for wanted in expected.splitlines()
        )
        assert re.fullmatch(pattern, seen), seen
