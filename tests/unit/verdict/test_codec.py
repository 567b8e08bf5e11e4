"""Traces to JSON and back."""

from __future__ import annotations

import json
import re

import pytest
from attrs import evolve

from kspec.ir.expr import Binder
from kspec.ir.sorts import (
    Bool,
    Enum,
    Id,
    Int,
    Map,
    Opt,
    Record,
    Seq,
    Set,
    Sort,
    Value,
    cardinality,
    values,
)
from kspec.ir.system import Pool, System
from kspec.verdict.codec import (
    CodecError,
    Json,
    decode_trace,
    decode_value,
    encode_trace,
    encode_value,
)
from kspec.verdict.trace import Step, Trace
from tests.systems.bench import action, pool, var
from tests.systems.small import system

POOLS = (Pool("Pod", 2, ("a", "b")), Pool("Twin", 2, ("same", "same")))
POD, TWIN = Id("Pod", 2), Id("Twin", 2)
HUE = Enum("Hue", ("true", "null", "3"))
PAIR = Record("Pair", (("who", POD), ("hue", HUE)))
SORTS: tuple[Sort, ...] = (
    Bool(),
    Int(-2, 2),
    HUE,
    POD,
    TWIN,
    Opt(Opt(Bool())),
    PAIR,
    Set(POD),
    Set(Set(Bool())),
    Map(POD, Int(0, 1)),
    Map(Bool(), Bool()),
    Map(Int(-1, 1), Bool()),
    Map(HUE, Opt(POD)),
    Map(TWIN, Bool()),
    Map(Opt(Bool()), Bool()),
    Seq(PAIR, 2),
)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_every_value_comes_back_and_no_two_look_alike(sort: Sort) -> None:
    texts = set()
    for value in values(sort):
        text = json.dumps(encode_value(sort, value, POOLS))
        back = decode_value(sort, json.loads(text), POOLS, "here")
        assert back == value
        assert isinstance(value, frozenset) or repr(back) == repr(value), "True is not 1"
        texts.add(text)
    assert len(texts) == cardinality(sort)


@pytest.mark.parametrize(
    ("sort", "value", "data"),
    [
        (POD, 1, "b"),
        (TWIN, 1, 1),
        (Opt(Bool()), (False,), {"some": False}),
        (PAIR, (0, "3"), {"who": "a", "hue": "3"}),
        (Set(POD), frozenset({1, 0}), ["a", "b"]),
        (Map(POD, Bool()), (True, False), {"a": True, "b": False}),
        (Map(Bool(), Int(0, 3)), (1, 2), {"false": 1, "true": 2}),
        (
            Map(Opt(Bool()), Int(0, 3)),
            (1, 2, 3),
            [[None, 1], [{"some": False}, 2], [{"some": True}, 3]],
        ),
        (Seq(POD, 3), (1, 1), ["b", "b"]),
    ],
)
def test_how_values_look(sort: Sort, value: Value, data: Json) -> None:
    assert encode_value(sort, value, POOLS) == data


@pytest.mark.parametrize(
    ("sort", "data"),
    [
        (Bool(), 1),
        (Bool(), [True]),
        (Int(0, 3), True),
        (Int(0, 3), 4),
        (Int(0, 3), 1.0),
        (HUE, "green"),
        (POD, 0),
        (POD, "c"),
        (TWIN, "same"),
        (TWIN, True),
        (Opt(Bool()), True),
        (Opt(Bool()), {"some": True, "more": True}),
        (PAIR, {"who": "a"}),
        (PAIR, ["a", "3"]),
        (Set(POD), ["a", "a"]),
        (Set(POD), "a"),
        (Map(POD, Bool()), {"a": True}),
        (Map(Opt(Bool()), Bool()), [[None, True]]),
        (Map(Opt(Bool()), Bool()), [[None, True, 1]]),
        (Seq(POD, 1), ["a", "a"]),
    ],
)
def test_what_is_no_value_is_refused(sort: Sort, data: Json) -> None:
    with pytest.raises(CodecError, match="here"):
        decode_value(sort, data, POOLS, "here")


def test_a_value_of_another_sort_is_not_written() -> None:
    with pytest.raises(CodecError):
        encode_value(Bool(), 1, ())


def model() -> System:
    """A system with params, choices and an identity."""
    free = Binder("free", Bool())
    bind = evolve(action("bind", (Binder("p", POD),), (), ()), choices=(free,))
    plain = system({}, (bind,), pools=(pool("Pod", 2, "p"),))
    return evolve(plain, variables=(var("at", POD), var("on", Bool())))


TRACE = Trace(
    (0, False), (Step("bind", (1,), (True,), (1, True)), Step("bind", (0,), (False,), None)), None
)
DATA: dict[str, Json] = {
    "start": {"at": "p1", "on": False},
    "steps": [
        {
            "action": "bind",
            "params": {"p": "p2"},
            "choices": {"free": True},
            "state": {"at": "p2", "on": True},
        },
        {"action": "bind", "params": {"p": "p1"}, "choices": {"free": False}, "state": None},
    ],
    "loop": None,
}


def test_a_trace() -> None:
    assert encode_trace(TRACE, model()) == DATA
    assert decode_trace(DATA, model()) == TRACE
    loop = Trace(TRACE.start, TRACE.steps[:1], 1)
    assert decode_trace(encode_trace(loop, model()), model()) == loop


@pytest.mark.parametrize(
    ("part", "wrong", "where"),
    [
        ("loop", True, "loop"),
        ("loop", "0", "loop"),
        ("start", {"at": "p1"}, "start"),
        ("start", {"at": "p9", "on": False}, "start.at"),
        ("steps", {}, "steps"),
        ("steps", [{"action": "fly", "params": {}, "choices": {}, "state": None}], "step 1"),
        ("steps", [{"action": "bind", "params": {}, "choices": {}, "state": None}], "step 1"),
        ("steps", [{"action": "bind"}], "step 1"),
    ],
)
def test_errors_say_where(part: str, wrong: Json, where: str) -> None:
    with pytest.raises(CodecError, match="^" + re.escape(where)):
        decode_trace({**DATA, part: wrong}, model())
    with pytest.raises(CodecError, match=r"^the trace: "):
        decode_trace({k: v for k, v in DATA.items() if k != part}, model())
