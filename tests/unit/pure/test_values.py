from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kspec.analysis.typed import TLit
from kspec.analysis.types import (
    BoolT,
    Bounds,
    EnumT,
    IntT,
    ListT,
    MapT,
    NameT,
    OptT,
    SetT,
    TupleT,
    Type,
)
from kspec.base.source import Span
from kspec.pure.evaluation.finite import in_range, least, values
from kspec.pure.values.order import any_order, in_order
from kspec.pure.values.prims import decimal
from kspec.pure.values.value import MISSING, FrozenMap, Obj, Rec, Value
from kspec.pure.values.world import EvaluationError, Fixed
from tests.unit.pure.programs import here, program

NOWHERE = Span("test", 0, 0)
CONTEXT = here(program(""))


def upto(lo: int, hi: int) -> IntT:
    return IntT(Bounds(TLit(lo, IntT(), NOWHERE), TLit(hi, IntT(), NOWHERE)))


SIZE = EnumT("Size", ("Small", "Large", "Huge"))


@pytest.mark.parametrize(
    ("type_", "count"),
    [
        (BoolT(), 2),
        (upto(2, 5), 4),
        (upto(5, 2), 0),
        (SIZE, 3),
        (OptT(SIZE), 4),
        (TupleT((BoolT(), SIZE)), 6),
        (SetT(SIZE), 8),
    ],
)
def test_all_values_of_a_type(type_: Type, count: int) -> None:
    found = list(values(type_, CONTEXT))
    assert len(found) == len(set(found)) == count
    assert all(in_range(value, type_, CONTEXT) for value in found)
    if found:
        assert found[0] == least(type_, CONTEXT)


@pytest.mark.parametrize("type_", [IntT(), ListT(BoolT()), SetT(upto(0, 40))])
def test_endless_types_are_refused(type_: Type) -> None:
    with pytest.raises(EvaluationError):
        list(values(type_, CONTEXT))


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (4, upto(0, 3)),
        (4, OptT(upto(0, 3))),
        (frozenset({1, 4}), SetT(upto(0, 3))),
        ((1, 2, 3), ListT(IntT(), 2)),
        ((1, 4), ListT(upto(0, 3))),
        (FrozenMap({"a": 4}), MapT(NameT(), upto(0, 3), False)),
        (FrozenMap({4: "a"}), MapT(upto(0, 3), NameT(), False)),
        (FrozenMap({}, 4), MapT(NameT(), upto(0, 3), True)),
        ((True, 4), TupleT((BoolT(), upto(0, 3)))),
    ],
)
def test_what_is_out_of_range_anywhere_inside(value: Value, type_: Type) -> None:
    assert not in_range(value, type_, CONTEXT)


def test_total_maps_are_equal_if_they_agree_everywhere() -> None:
    assert FrozenMap({"a": 0, "b": 1}, 0) == FrozenMap({"b": 1}, 0)
    assert hash(FrozenMap({"a": 0}, 0)) == hash(FrozenMap({}, 0))
    assert FrozenMap({}, 0) != FrozenMap({}, 1)
    assert FrozenMap({}, None) != FrozenMap({})
    assert FrozenMap({}, 7)["anything"] == 7
    assert FrozenMap({}).default is MISSING
    with pytest.raises(KeyError):
        FrozenMap({})["anything"]


def test_mappings_do_not_remember_the_order_of_their_making() -> None:
    one, other = Fixed({"a": 1, "b": 2}), Fixed({"b": 2}).put("a", 1)
    assert one == other
    assert hash(one) == hash(other)
    assert one.drop("a").drop("c") == Fixed({"b": 2})


SCALARS: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.fractions(-2, 2, max_denominator=4),
    st.text("ab", max_size=2),
    st.builds(Obj, st.sampled_from(["K", "L"]), st.integers(0, 2)),
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.frozensets(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.builds(FrozenMap, st.dictionaries(SCALARS, inner, max_size=2)),
        st.builds(lambda v: Rec("R", (v,)), inner),
    ),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=5))
def test_anything_can_be_put_in_order(found: list[Value]) -> None:
    once = sorted(found, key=any_order)
    assert once == sorted(reversed(found), key=any_order) or len(set(found)) < len(found)


@given(st.permutations(["Huge", "Small", "Large"]))
def test_enumerations_keep_the_order_of_their_declaration(cases: list[str]) -> None:
    assert in_order(cases, SIZE, CONTEXT.tables) == ["Small", "Large", "Huge"]


@given(st.fractions(max_denominator=1000), st.integers(0, 6))
def test_decimals_are_as_near_as_can_be(number: Fraction, places: int) -> None:
    assert abs(Fraction(decimal(number, places)) - number) * 2 <= Fraction(1, 10**places)
