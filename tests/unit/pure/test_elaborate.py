from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest

from kspec.base import codes
from kspec.base.codes import Code
from kspec.base.diagnostic import Severity
from kspec.manifests.node import Document
from kspec.pure.scopes.elaborate import Elaborated, elaborate, points
from kspec.pure.scopes.included import for_judge
from kspec.pure.scopes.scope import Budgeted, Initial, OneOf, Scope, ScopeObject, ViewSetting
from kspec.pure.values.value import FrozenMap, Obj, Rec
from tests.unit.pure.programs import documents, program

MODEL = """
param most: int = 8
param slow: bool = false
record Sizes { cpu: cpu = 0  memory: memory = 0  valid cpu <= 64 }
kind Node from v1 key name {
  name: name at metadata.name
  cpu: cpu = 0 at status.allocatable.cpu
  labels: map from name to name at metadata.labels
  up: bool = true
}
kind Workload from apps/v1 key name {
  name: name at metadata.name
  replicas: 0..most = 1 at spec.replicas
  ready: int = 0 at status.ready
  valid self.replicas != 7
  ignores metadata.annotations "nobody reads them"
}
kind Pod from v1 {
  name: name = "" at metadata.name
  owner: object? = none at metadata.ownerReferences[controller=true]
  node: Node? = none at spec.nodeName
  home: name of Node = "" at spec.home
  sizes: Sizes = {}
  ports: set of 0..3
  weight: map from name to int = 5
}
controller sets { watches Workload
  action create(s: Workload) do new p: Pod { owner: s }
  action note(s: Workload) do s.ready := 1 by uid
}
controller nodes { action look(n: Node) when n.up do nothing }
environment user {
  action scale(s: Workload) do s.replicas := 2
  action kill(p: Pod) do delete p
}
fault crash(n: Node) when n.up do n.up := false
recovery repair(n: Node) when not n.up do n.up := true
invariant fine: all n: Node | n.cpu >= 0
"""


def made(
    lines: str, found: Mapping[str, tuple[Document, ...]] | None = None, place: int = 0
) -> Elaborated:
    whole = program(f"{MODEL}\nscenario s {{ {lines} check fine }}")
    scenario = whole.scenarios[0]
    return elaborate(whole, scenario, points(whole, scenario)[place], found)


def scope(lines: str, found: Mapping[str, tuple[Document, ...]] | None = None) -> Scope:
    result = made(lines, found)
    assert result.scope is not None, [d.message for d in result.diagnostics]
    return result.scope


def fields(obj: ScopeObject) -> dict[str, Initial]:
    return dict(obj.fields)


def mistake(lines: str, found: Mapping[str, tuple[Document, ...]] | None = None) -> Code:
    result = made(lines, found)
    assert result.scope is None
    errors = [d for d in result.diagnostics if d.severity is Severity.ERROR]
    assert len(errors) == 1, [d.message for d in errors]
    return errors[0].code


def test_objects_have_all_fields_their_name_and_their_defaults() -> None:
    there = scope("cluster { node a, b-1 { cpu: 500m  labels: {zone: east} } }")
    first, second = there.objects
    assert (first.kind, first.index, first.name) == ("Node", 0, "a")
    assert (second.index, second.name) == (1, "b-1")
    assert list(fields(second)) == ["name", "cpu", "labels", "up"]
    assert fields(second) == {
        "name": "b-1",
        "cpu": Fraction(1, 2),
        "labels": FrozenMap({"zone": "east"}),
        "up": True,
    }


def test_references_find_objects_that_come_later() -> None:
    there = scope(
        """cluster {
          pod p { node: b  owner: web  home: b  sizes { cpu: 2 }  weight { x: 1 } }
          node a, b {}
          workload web {}
        }"""
    )
    pod = next(obj for obj in there.objects if obj.kind == "Pod")
    assert fields(pod)["node"] == Obj("Node", 1)
    assert fields(pod)["owner"] == Obj("Workload", 0)
    assert fields(pod)["home"] == "b"
    assert fields(pod)["sizes"] == Rec("Sizes", (Fraction(2), Fraction(0)))
    assert fields(pod)["weight"] == FrozenMap({"x": 1}, 5)


def test_free_fields_are_every_value() -> None:
    there = scope(
        """cluster { node a, b {}
          pod p { node: any  ports: any of [[0], [1, 2]]  sizes { cpu: any of [1, 2] } }
          workload web { replicas: any of 1..3 } }"""
    )
    pod = next(obj for obj in there.objects if obj.kind == "Pod")
    assert fields(pod)["node"] == OneOf((None, Obj("Node", 0), Obj("Node", 1)))
    sizes = fields(pod)["sizes"]
    assert isinstance(sizes, OneOf)
    assert [value.values[0] for value in sizes.values] == [1, 2]  # type: ignore[union-attr]
    web = next(obj for obj in there.objects if obj.kind == "Workload")
    assert fields(web)["replicas"] == OneOf((1, 2, 3))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("cluster { pod p { node: c } node a {} }", codes.UNKNOWN_NAME),
        ("cluster { workload w { replicas: 9 } }", codes.OUT_OF_RANGE),
        ("cluster { workload w { replicas: 3 } } with most = 2", codes.OUT_OF_RANGE),
        ("cluster { workload w { replicas: any of 7..9 } }", codes.OUT_OF_RANGE),
        ("cluster { pod p { ports: [4] } }", codes.OUT_OF_RANGE),
        ("cluster { node a {} node a {} }", codes.DUPLICATE_NAME),
        ("cluster { workload w { replicas: 7 } }", codes.NOT_VALID),
        ("cluster { pod p { sizes { cpu: 65 } } }", codes.NOT_VALID),
        ("cluster { node a {} workload a {} pod p { owner: a } }", codes.AMBIGUOUS_NAME),
        ("cluster { node a, b {} } room { Node: 1 }", codes.OUT_OF_RANGE),
        ("cluster { node a {} } start settled", codes.NOT_MODELLED),
        ('cluster { from "nowhere/" }', codes.UNREADABLE_FILE),
    ],
)
def test_mistakes_of_a_start_are_located(lines: str, expected: Code) -> None:
    assert mistake(lines) is expected


def test_pools() -> None:
    there = scope("cluster { node a {} pod p {} workload w {} } run sets.create")
    assert [(p.kind, p.size, p.names) for p in there.pools] == [
        ("Node", 1, ("a",)),
        ("Workload", 1, ("w",)),
        ("Pod", 3, ("p", "pod-1", "pod-2")),
    ]
    idle = scope("cluster { pod p {} } run sets.note")
    assert [(p.kind, p.size) for p in idle.pools] == [("Node", 0), ("Workload", 0), ("Pod", 1)]
    room = scope("cluster { pod p {} } room { Pod: most - 3, Workload: 0 }")
    assert [(p.kind, p.size) for p in room.pools] == [("Node", 0), ("Workload", 0), ("Pod", 5)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", ["sets.create", "sets.note", "nodes.look", "user.scale", "user.kill", "repair"]),
        ("run sets, user.kill", ["sets.create", "sets.note", "user.kill", "repair"]),
        ("run -user", ["sets.create", "sets.note", "nodes.look", "repair"]),
        ("run sets, -sets.note", ["sets.create", "repair"]),
        ("run nodes faults { crash at most 1 }", ["nodes.look", "crash", "repair"]),
        ("run nodes faults { kill at most 1 }", ["nodes.look", "user.kill", "repair"]),
        ("run nodes, crash", ["nodes.look", "crash", "repair"]),
        ("run nodes, -repair", ["nodes.look"]),
    ],
)
def test_what_runs(lines: str, expected: list[str]) -> None:
    assert list(scope(lines).actions) == expected


def test_budgets_views_and_restarts() -> None:
    there = scope(
        """run sets, user.scale at most most - 6
        faults { crash at most 1; restart sets at most 2; stale_cache sets lag 2 servers 2;
                 stale_cache nodes lag 0; lossy_api sets; kill at most 3 }
        time timed"""
    )
    assert set(there.budgets) == {
        Budgeted("user.scale", 2),
        Budgeted("crash", 1),
        Budgeted("sets.restart", 2),
        Budgeted("user.kill", 3),
    }
    assert there.views == (ViewSetting("sets", 2, 2, False),)
    assert there.restarts == ("sets",)
    assert there.lossy == ("sets",)
    assert there.timed


def test_a_line_may_add_a_setting_and_a_fault() -> None:
    whole = program(
        f"""{MODEL}
        scenario s {{ faults {{ crash at most 1 }}
          expect violated fine with crash, restart sets, slow = true }}"""
    )
    scenario = whole.scenarios[0]
    changed = for_judge(scenario, scenario.judges[0])
    there = elaborate(whole, changed).scope
    assert there is not None
    assert there.budgets == (Budgeted("crash", 2), Budgeted("sets.restart", 1))
    assert dict(there.params)["slow"] is True
    before = elaborate(whole, scenario).scope
    assert before is not None
    assert before.budgets == (Budgeted("crash", 1),)


def test_sweeps_go_through_all_points_in_order() -> None:
    lines = "cluster { node a { cpu: 1 } } for node in 0..2, slow in {false, true}"
    whole = program(f"{MODEL}\nscenario s {{ {lines} check fine }}")
    found = points(whole, whole.scenarios[0])
    assert found[:3] == (
        (("Node", 0), ("slow", False)),
        (("Node", 0), ("slow", True)),
        (("Node", 1), ("slow", False)),
    )
    assert len(found) == 6
    last = elaborate(whole, whole.scenarios[0], found[-1]).scope
    assert last is not None
    assert [obj.name for obj in last.objects] == ["a", "node-1"]
    assert fields(last.objects[1])["cpu"] == 1
    assert fields(last.objects[1])["name"] == "node-1"
    assert dict(last.params)["slow"] is True
    assert elaborate(whole, whole.scenarios[0], found[0]).scope.objects == ()  # type: ignore[union-attr]


YAML = """
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {zone: west}}
status: {allocatable: {cpu: 1500m}, images: [x]}
---
apiVersion: apps/v1
kind: Workload
metadata: {name: web, namespace: shop, annotations: {note: hello}}
spec: {replicas: 3, template: {a: 1}}
status: {ready: 3}
---
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  ownerReferences:
  - {kind: Workload, name: web, controller: true, uid: u}
spec: {nodeName: n1, home: n1}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
"""


def test_manifests_become_objects() -> None:
    result = made('cluster { from "m/"  node own {} } run sets, user', {"m/": documents(YAML)})
    there = result.scope
    assert there is not None, [d.message for d in result.diagnostics]
    by_name = {obj.name: fields(obj) for obj in there.objects}
    assert by_name["n1"]["cpu"] == Fraction(3, 2)
    assert by_name["n1"]["labels"] == FrozenMap({"zone": "west"})
    assert by_name["web"]["replicas"] == 3
    assert by_name["web-0"]["owner"] == Obj("Workload", 0)
    assert by_name["web-0"]["node"] == Obj("Node", 0)
    assert [(obj.name, obj.index) for obj in there.objects if obj.kind == "Node"] == [
        ("n1", 0),
        ("own", 1),
    ]
    assert [(u.api_version, u.kind, u.count) for u in result.unknown] == [("v1", "Secret", 1)]


def test_status_that_something_writes_is_unset_unless_given() -> None:
    found = {"m/": documents(YAML)}
    unset = scope('cluster { from "m/" } run sets', found)
    assert [fields(o)["ready"] for o in unset.objects if o.kind == "Workload"] == [0]
    given = scope('cluster { from "m/" } run sets start as given', found)
    assert [fields(o)["ready"] for o in given.objects if o.kind == "Workload"] == [3]
    nobody = scope('cluster { from "m/" } run nodes', found)
    assert [fields(o)["ready"] for o in nobody.objects if o.kind == "Workload"] == [3]


def test_the_ledger_says_what_became_of_every_path() -> None:
    result = made('cluster { from "m/" }', {"m/": documents(YAML)})
    lines = {(line.kind, line.path): (line.status, line.why) for line in result.ledger}
    assert lines["Node", "status.allocatable.cpu"] == ("modelled", "")
    assert lines["Node", "metadata.labels.zone"] == ("modelled", "")
    assert lines["Node", "status.images"] == ("ignored", "")
    assert lines["Workload", "metadata.annotations"] == ("ignored", "nobody reads them")
    assert lines["Workload", "spec.template"] == ("ignored", "")
    assert lines["Workload", "spec.replicas"] == ("modelled", "")
    assert lines["Pod", "metadata.ownerReferences[*]"] == ("modelled", "")


def test_mistakes_in_manifests_stand_in_the_manifest() -> None:
    text = "apiVersion: apps/v1\nkind: Workload\nmetadata: {name: w}\nspec: {replicas: many}\n"
    result = made('cluster { from "m/" }', {"m/": documents(text)})
    assert result.scope is None
    (only,) = result.diagnostics
    place = only.primary.span
    assert place.file == "test.yaml"
    assert text[place.start : place.end] == "many"
    text = text.replace("many", "9")
    (only,) = made('cluster { from "m/" }', {"m/": documents(text)}).diagnostics
    assert only.code is codes.OUT_OF_RANGE
    assert text[only.primary.span.start : only.primary.span.end] == "9"


def test_a_reference_to_nobody_is_nothing_with_a_warning() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeName: gone}\n"
    result = made('cluster { from "m/" }', {"m/": documents(text)})
    assert result.scope is not None
    assert fields(result.scope.objects[0])["node"] is None
    (only,) = result.diagnostics
    assert only.severity is Severity.WARNING


def test_one_name_in_two_namespaces() -> None:
    one = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: %s}\n"
    both = documents(one % "a" + "---\n" + one % "b")
    there = scope('cluster { from "m/" }', {"m/": both})
    assert [obj.name for obj in there.objects] == ["a/p", "b/p"]


def test_parameters_may_be_missing() -> None:
    whole = program("param needed: int\ninvariant fine: needed > 0\nscenario s { check fine }")
    result = elaborate(whole, whole.scenarios[0])
    assert [d.code for d in result.diagnostics] == [codes.MISSING_FIELD]


def test_the_same_input_gives_the_same_scope() -> None:
    lines = "cluster { node a, b { labels: {x: any of [u, v]} } }"
    assert made(lines) == made(lines)
