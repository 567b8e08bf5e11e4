from __future__ import annotations

from fractions import Fraction

import pytest

from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    JsonT,
    ListT,
    MapT,
    NameT,
    OptT,
    RationalT,
    RecordT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.pure.documents.decode import Reader, by_value, decode
from kspec.pure.documents.encode import document_of, encode
from kspec.pure.documents.paths import Spot
from kspec.pure.documents.scalars import Misread
from kspec.pure.values.value import Doc, FrozenMap, Rec, Value
from kspec.pure.values.world import EvaluationError, Tables
from tests.unit.pure.programs import function, here, program

TEXT = """
enum Policy { Always, Never }
record Part {
  cpu: cpu = 0 at resources.requests.cpu
  name: name
  policy: Policy = Never at restartPolicy
  ports: set of int at ports[*].number
  ready: bool at conditions[type=Ready].status
  gone: bool at deletedAt exists
  local_only: bool at traffic is Local
  total: int = 0 at ports by how_many
  free: map from name to memory = 1Mi at free
}
fn how_many(ports: json): int = length(ports)
kind Thing from x/v1 key name { name: name at metadata.name  part: Part at spec.part  size: int = 3 }
"""
PART = RecordT("Part")


def read(tree: object, type_: Type) -> Value:
    made = program(TEXT)
    return decode(Spot(tree), type_, Reader(here(made), by_value))


@pytest.mark.parametrize(
    ("tree", "type_", "expected"),
    [
        (True, BoolT(), True),
        ("True", BoolT(), True),
        (None, BoolT(), False),
        (3, IntT(), 3),
        ("3", IntT(), 3),
        (Fraction(3), IntT(), 3),
        (0.3, RationalT(), Fraction(3, 10)),
        ("1/3", RationalT(), Fraction(1, 3)),
        ("0.30", RationalT(), Fraction(3, 10)),
        (1, RationalT(), Fraction(1)),
        ("500m", UnitT("cpu"), Fraction(1, 2)),
        (2, UnitT("cpu"), Fraction(2)),
        (0.5, UnitT("cpu"), Fraction(1, 2)),
        ("1Gi", UnitT("memory"), Fraction(2**30)),
        (30, UnitT("duration"), Fraction(30)),
        ("1m30s", UnitT("duration"), Fraction(90)),
        ("30", UnitT("duration"), Fraction(30)),
        ("25%", UnitT("percent"), Fraction(1, 4)),
        ("300s", TimerT(), Fraction(300)),
        (None, TimerT(), None),
        ("a", NameT(), "a"),
        (80, NameT(), "80"),
        ("Always", EnumT("Policy", ("Always", "Never")), "Always"),
        (None, OptT(IntT()), None),
        (4, OptT(IntT()), 4),
        ([1, 2, 1], SetT(IntT()), frozenset({1, 2})),
        (None, SetT(IntT()), frozenset()),
        ([1, 2, 1], ListT(IntT()), (1, 2, 1)),
        ([1, "a"], TupleT((IntT(), NameT())), (1, "a")),
        ({"a": 1, "b": None}, MapT(NameT(), IntT(), False), FrozenMap({"a": 1})),
        ({"a": [1, 0.5]}, JsonT(), Doc({"a": [1, Fraction(1, 2)]})),
    ],
)
def test_by_type(tree: object, type_: Type, expected: Value) -> None:
    found = read(tree, type_)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("tree", "type_"),
    [
        ("yes", BoolT()),
        (1, BoolT()),
        (True, IntT()),
        (1.5, IntT()),
        ("x", IntT()),
        (None, IntT()),
        ("1/0", RationalT()),
        ("1 Gi", UnitT("memory")),
        (True, UnitT("cpu")),
        (25, UnitT("percent")),
        ("5 minutes", UnitT("duration")),
        (None, NameT()),
        ({}, NameT()),
        ("always", EnumT("Policy", ("Always", "Never"))),
        (3, SetT(IntT())),
        ({"a": 1}, ListT(IntT())),
        ([1], MapT(NameT(), IntT(), False)),
        ([1, 2], TupleT((IntT(),))),
        ([], PART),
    ],
)
def test_what_does_not_fit_is_said(tree: object, type_: Type) -> None:
    with pytest.raises(Misread):
        read(tree, type_)


FULL = {
    "resources": {"requests": {"cpu": "250m"}},
    "name": "web",
    "restartPolicy": "Always",
    "ports": [{"number": 80}, {"number": 81}, {}],
    "conditions": [{"type": "Other", "status": "False"}, {"type": "Ready", "status": "True"}],
    "deletedAt": "2024-01-01",
    "traffic": "Local",
    "free": {"x": "2Mi"},
}


def test_records_are_read_field_by_field() -> None:
    free = FrozenMap({"x": Fraction(2**21)}, Fraction(2**20))
    assert read(FULL, PART) == Rec(
        "Part",
        (Fraction(1, 4), "web", "Always", frozenset({80, 81}), True, True, True, 3, free),
    )


def test_what_is_absent_is_the_default() -> None:
    free = FrozenMap({}, Fraction(2**20))
    blank = (Fraction(0), "web", "Never", frozenset(), False, False, False, 0, free)
    assert read({"name": "web"}, PART) == Rec("Part", blank)
    assert read({"name": "web", "restartPolicy": "", "free": None}, PART) == Rec("Part", blank)


def test_what_must_be_given_is_asked_for() -> None:
    with pytest.raises(Misread, match="`name`"):
        read({}, PART)


def test_two_values_for_one_place_are_a_mistake() -> None:
    twice = {"name": "web", "conditions": [{"type": "Ready", "status": "True"}] * 2}
    with pytest.raises(Misread, match="second"):
        read(twice, PART)


@pytest.mark.parametrize(
    ("expr", "data", "expected"),
    [
        ("i.a.b", {"a": {"b": 3}}, 3),
        ("i.a[1]", {"a": [1, 2]}, 2),
        ("i.missing or else 7", {}, 7),
        ("if i.a exists then 1 else 2", {"a": None}, 2),
        ("sum(k in i.list | k.n)", {"list": [{"n": 1}, {"n": 2}]}, 3),
        ("the_size(i.thing)", {"thing": {"name": "x", "metadata": {"name": "x"}, "size": 5}}, 5),
        ("length(keys(i))", {"a": 1, "b": 2}, 2),
    ],
)
def test_documents_in_expressions(expr: str, data: object, expected: Value) -> None:
    text = f"""{TEXT}
    fn the_size(t: Thing): int = t.size
    fn typed(i: json): int = {expr}
    """.replace("part: Part at spec.part", "")
    assert function(text, "typed", i=Doc(data)) == expected


def test_a_document_of_the_wrong_shape_is_located() -> None:
    text = "fn typed(i: json): int = i.a"
    with pytest.raises(EvaluationError) as caught:
        function(text, "typed", i=Doc({"a": "x"}))
    assert caught.value.span is not None
    assert text[caught.value.span.start : caught.value.span.end] == "i.a"


def test_records_go_back_to_where_they_came_from() -> None:
    tables = Tables(program(TEXT))
    again = encode(read(FULL, PART), PART, tables)
    assert again == {
        "resources": {"requests": {"cpu": "250m"}},
        "name": "web",
        "restartPolicy": "Always",
        "ports": [80, 81],
        "conditions": [{"type": "Ready", "status": True}],
        "gone": True,
        "traffic": "Local",
        "total": 3,
        "free": {"x": "2Mi"},
    }


def test_objects_become_documents() -> None:
    tables = Tables(program(TEXT))
    made = document_of("Thing", {"name": "t", "size": 4}, tables)
    assert made == {"apiVersion": "x/v1", "kind": "Thing", "metadata": {"name": "t"}}
