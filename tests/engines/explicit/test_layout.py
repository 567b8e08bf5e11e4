"""Packed values keep the order of their sort, and come back as they were."""

from __future__ import annotations

import pytest

from kspec.engines.explicit.store.layout import Refusal, bits_of, layout_of, pack, unpack
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
    leaves,
    values,
)
from tests.systems.bench import m2, var

PAIR = Record("Pair", (("a", Int(-2, 1)), ("b", Opt(Bool()))))
SORTS: tuple[Sort, ...] = (
    Bool(),
    Int(-3, 4),
    Int(7, 7),
    Enum("One", ("only",)),
    Enum("Three", ("a", "b", "c")),
    Id("Pod", 1),
    Opt(Opt(Int(0, 2))),
    PAIR,
    Set(Int(-1, 2)),
    Set(Id("Pod", 0)),
    Map(Bool(), Int(0, 2)),
    Map(Id("Pod", 0), Bool()),
    Map(Opt(Bool()), Opt(Bool())),
    Seq(Int(1, 3), 2),
    Seq(Enum("One", ("only",)), 3),
    Seq(Bool(), 0),
    Set(Opt(Bool())),
)


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_packing_keeps_order_and_values(sort: Sort) -> None:
    every = list(values(sort))
    numbers = [pack(sort, v) for v in every]
    assert [unpack(sort, n) for n in numbers] == every
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= n < 1 << bits_of(sort) or n == 0 for n in numbers)
    in_order = sorted(every, key=lambda v: leaves(sort, v))
    assert [unpack(sort, n) for n in sorted(numbers)] == in_order


def test_a_state_is_its_variables_from_the_top() -> None:
    layout = layout_of((var("x", Int(0, 4)), var("y", Bool()), var("z", Seq(Bool(), 2))))
    assert (layout.bits, layout.words) == (3 + 1 + 4, 1)
    number = layout.encode((4, True, (True,)))
    assert number == 0b100_1_01_10
    assert layout.decode(number) == (4, True, (True,))


def test_rows_are_least_word_first() -> None:
    layout = layout_of((var("x", Int(0, 2**64 - 1)), var("y", Bool())))
    assert layout.words == 2
    assert layout.row(layout.encode((2**63, True))) == bytes([1, *[0] * 7, 1, *[0] * 7])


def test_the_sizes_of_the_benchmark() -> None:
    assert layout_of(m2(4, 4, 2, 3, 1).variables).bits == 29


def test_a_state_beyond_all_measure_is_refused() -> None:
    with pytest.raises(Refusal, match="bits"):
        layout_of((var("x", Set(Int(0, 2**17))),))
