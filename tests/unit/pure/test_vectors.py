from __future__ import annotations

from fractions import Fraction

from kspec.pure.claims import laws
from kspec.pure.claims.vectors import VectorReport, run_vectors
from kspec.pure.values.value import Obj, Value
from kspec.pure.values.world import World
from tests.unit.pure.programs import program, world

MODEL = """
enum Class { Small, Large }
record Ask { cpu: cpu = 0  name: name = "" at metadata.name }
kind Node key name { name: name  cpu: 0..3 = 0 }
fn class(a: Ask): Class = if a.cpu < 1 then Small else Large
fn sizes: set of int = those n: Node | n.cpu
vectors "cases.json" (file) {
  world nodes (i) { for n in i.nodes { new k: Node { name: n.name, cpu: n.cpu } } }
  case class(i, o): class(i.ask) == o.class
  case nodes(i, o): o.nodes == sizes and true
  case half(i, o) where i.skipped missing: i.value * 2 == o.value
  case shared(i, o): file.limit == o.limit
  skip later because "not yet"
  skip half where i.skipped exists and i.skipped == "odd" because "odd"
}
"""


def run(*vectors: object) -> VectorReport:
    made = program(MODEL)
    return run_vectors(made, made.vectors[0], {"limit": 3, "vectors": list(vectors)})


def vector(kind: str, given: object, expected: object) -> dict[str, object]:
    return {"id": f"{kind}-1", "kind": kind, "input": given, "expected": expected}


def test_a_vector_passes() -> None:
    report = run(
        vector("class", {"ask": {"cpu": "500m"}}, {"class": "Small"}),
        vector("class", {"ask": {"cpu": 1}}, {"class": "Large"}),
        vector("shared", {}, {"limit": 3}),
    )
    assert (report.file, report.total) == ("cases.json", 3)
    assert len(report.passed) == 3
    assert report.failed == ()


def test_a_vector_that_differs_shows_both_sides() -> None:
    (only,) = run(vector("class", {"ask": {"cpu": "500m"}}, {"class": "Large"})).failed
    assert (only.id, only.got, only.expected) == ("class-1", "Small", "Large")
    assert only.span is not None


def test_the_expected_side_is_known_wherever_it_stands() -> None:
    nodes = {"nodes": [{"name": "a", "cpu": 1}, {"name": "b", "cpu": 2}]}
    assert run(vector("nodes", nodes, {"nodes": [2, 1]})).failed == ()
    (only,) = run(vector("nodes", nodes, {"nodes": [1]})).failed
    assert (only.got, only.expected) == ([1, 2], [1])


def test_worlds_of_vectors_need_not_be_well_formed() -> None:
    nodes = {"nodes": [{"name": "", "cpu": 9}, {"name": "", "cpu": 2}]}
    assert run(vector("nodes", nodes, {"nodes": [2, 9]})).failed == ()


def test_what_a_document_leaves_out_is_the_default_of_the_field_it_fills() -> None:
    assert run(vector("nodes", {"nodes": [{"name": "a"}]}, {"nodes": [0]})).failed == ()
    (only,) = run(vector("nodes", {"nodes": [{"cpu": 1}]}, {"nodes": [1]})).failed
    assert "missing" in only.why  # a name has no default


def test_every_vector_is_run_or_left_out_for_a_reason() -> None:
    report = run(
        vector("later", {}, {}),
        vector("half", {"value": 1, "skipped": "odd"}, {}),
        vector("half", {"value": 1, "skipped": "even"}, {}),
        vector("nobody", {}, {}),
        vector("half", {"value": 1}, {"value": 2}),
    )
    assert [(out.kind, out.why) for out in report.left_out] == [
        ("later", "not yet"),
        ("half", "odd"),
    ]
    assert [failed.kind for failed in report.failed] == ["half", "nobody"]
    assert len(report.passed) == 1
    assert report.total == len(report.passed) + len(report.left_out) + len(report.failed)


def test_a_document_that_does_not_fit_fails_its_vector_only() -> None:
    good = vector("class", {"ask": {}}, {"class": "Small"})
    report = run(vector("class", {"ask": {"cpu": "lots"}}, {"class": "Small"}), good)
    assert len(report.passed) == 1
    (only,) = report.failed
    assert "amount" in only.why


def test_layout_may_be_said() -> None:
    made = program(
        """
        vectors "x.json" {
          cases at suite.cases kind at what input at data.in expected at data.out
          case twice(i, o): i * 2 == o
        }
        """
    )
    data = {"suite": {"cases": [{"what": "twice", "data": {"in": 2, "out": 4}}]}}
    assert run_vectors(made, made.vectors[0], data).passed == ("0",)


def test_a_vector_of_a_function_is_of_its_kind_wherever_it_comes_from() -> None:
    made = program(
        """
        vectors "x.json" {
          case half, third(i, o): i == o
          case unit-test, unit-test-newer(i, o): i.n == o.n
          skip of-old because "nobody asks"
        }
        """
    )
    data = [
        {"id": "a", "kind": "unit-test", "function": "half", "input": 1, "expected": 1},
        {"id": "b", "kind": "unit-test", "inputs": {"n": 1}, "expected": {"n": 1}},
        {"id": "c", "kind": "of-old"},
    ]
    report = run_vectors(made, made.vectors[0], data)
    assert (report.passed, report.failed) == (("a", "b"), ())
    assert [left.id for left in report.left_out] == ["c"]


LAWS = """
kind Rule key name { name: name  allows: set of name  valid self.name != "" }
fn allowed(w: name): bool = some r: Rule | w in r.allows
law monotone: all r: Rule, w: name | (allowed(w) after delete r) implies allowed(w)
belief one_is_enough: all w: name | allowed(w) implies one r: Rule | w in r.allows
"""


def rules(*allowed: str) -> World:
    made: list[tuple[str, dict[str, Value]]] = [
        ("Rule", {"name": f"r{place}", "allows": frozenset(words.split())})
        for place, words in enumerate(allowed)
    ]
    return world(*made)


def test_laws_in_a_world() -> None:
    made = program(LAWS)
    monotone, enough = made.laws
    context = laws.in_world(made, rules("get list", "get"), names=("get", "list"))
    assert laws.holds(monotone, context)
    assert laws.refute(monotone, context) is None
    assert not laws.holds(enough, context)
    refuted = laws.refute(enough, context)
    assert refuted is not None
    assert refuted.bound == (("w", "get"),)
    apart = laws.in_world(made, rules("get", "list"), names=("get", "list"))
    assert laws.holds(enough, apart)


def test_well_formed_worlds() -> None:
    made = program(LAWS)
    assert laws.well_formed(laws.in_world(made, rules("get", "get")))
    nameless = world(("Rule", {"name": "", "allows": frozenset()}))
    assert not laws.well_formed(laws.in_world(made, nameless))
    twice = rules("get").with_fields(Obj("Rule", 5), rules("get").population("Rule").objects[0])
    assert not laws.well_formed(laws.in_world(made, twice))


def test_rationals_are_exact() -> None:
    made = program('vectors "p.json" { case share(i, o): 1 / i.n == o.p }')
    data = [
        {"id": "third", "kind": "share", "input": {"n": 3}, "expected": {"p": "1/3"}},
        {
            "id": "near",
            "kind": "share",
            "input": {"n": 3},
            "expected": {"p": Fraction(3333, 10000)},
        },
    ]
    report = run_vectors(made, made.vectors[0], data)
    assert report.passed == ("third",)
    assert report.failed[0].got == "1/3"
