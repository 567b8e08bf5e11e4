"""The small parts: tables, expressions in other sorts, smart constructors."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kspec.analysis.types import IntT, NameT
from kspec.ir.expr import FALSE, TRUE, ArithOp, Binder, Expr, Lit, Local, QuantKind, sort_of
from kspec.ir.sorts import Bool, Enum, Int, Map, Opt, Record, Seq, Set, Sort, Value, values
from kspec.lower.values.convert import converted, narrowed
from kspec.lower.values.shapes import meet, settled
from kspec.lower.values.smart import arith, eq, inner_binder, ite, le, lt, quantified
from kspec.lower.values.symbolic import Known, Num, Sym, Tabled
from kspec.lower.values.tables import by_cases, folded
from kspec.semantics.evaluate import Env, evaluate
from tests.unit.lower.reading import agree

AB, ABC = Enum("name", ("a", "b")), Enum("name", ("a", "b", "c"))
NUMBERS = Int(-1, 2)


def value(expr: Expr, **bound: Value) -> Value:
    return evaluate(expr, Env({}, None, bound))


def test_meet_has_the_values_of_both() -> None:
    assert meet(AB, Enum("name", ("b", "c"))) == ABC
    assert meet(Opt(Int(0, 1)), Opt(Int(3, 4))) == Opt(Int(0, 4))
    assert settled(meet(Int(0, -1), Int(0, -1))) == Int(0, 0)


SORTS: tuple[tuple[Sort, Sort], ...] = (
    (AB, ABC),
    (Opt(AB), Opt(ABC)),
    (Set(AB), Set(ABC)),
    (Map(Bool(), AB), Map(Bool(), ABC)),
    (Map(AB, Opt(Int(0, 1))), Map(ABC, Opt(Int(0, 1)))),
    (Seq(AB, 2), Seq(ABC, 2)),
    (Record("r", (("x", AB), ("y", Bool()))), Record("r", (("x", ABC), ("y", Bool())))),
)


def test_there_and_back_is_the_same() -> None:
    for small, large in SORTS:
        local = Local("x", small)
        there = converted(local, large)
        back_inside, back = narrowed(there, small)
        for v in values(small):
            assert value(back_inside, x=v) is True
            assert value(back, x=v) == v


def test_what_has_no_place_is_outside() -> None:
    for small, large in SORTS:
        local = Local("x", large)
        inside, _ = narrowed(local, small)
        mine = {value(converted(Local("x", small), large), x=v) for v in values(small)}
        for v in values(large):
            assert value(inside, x=v) is (v in mine)


def test_a_binder_hides_nothing() -> None:
    outer = Local("e", Set(AB))
    binder, _ = inner_binder("e", ABC, (outer,))
    assert binder.name != "e"
    assert value(converted(outer, Set(ABC)), e=frozenset("a")) == frozenset("a")


def test_operations_on_names_are_tables() -> None:
    name = Tabled(Local("n", AB), ("a", "b"), Local("n", AB))
    number = by_cases_of(Num(Local("i", NUMBERS), 1))  # type: ignore[arg-type]
    both = folded(None, lambda x, i: f"{x}-{i}", (name, number), NameT())  # type: ignore[arg-type]
    assert isinstance(both, Tabled)
    for n in values(AB):
        for i in values(NUMBERS):
            place = value(both.index, n=n, i=i)
            assert both.cases[list(values(sort_of(both.index))).index(place)] == f"{n}-{i}"


def by_cases_of(sym: Sym) -> Known | Tabled:
    found = by_cases(None, sym)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_table_with_one_result_is_that_result() -> None:
    name = Tabled(Local("n", AB), ("a", "b"))
    assert folded(None, lambda x: len(x), (name,), IntT()) == Known(1)  # type: ignore[arg-type]


small_ints = st.integers(-3, 3)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([ArithOp.ADD, ArithOp.SUB, ArithOp.MUL, ArithOp.MIN, ArithOp.MAX]),
    small_ints,
    small_ints,
    small_ints,
    small_ints,
)
def test_smart_nodes_mean_what_plain_ones_mean(
    op: ArithOp, lo: int, more: int, x: int, y: int
) -> None:
    sort = Int(min(lo, x), max(lo, x, more))
    a, b = Local("a", sort), Lit(Int(y, y), y)
    plain = {
        ArithOp.ADD: x + y,
        ArithOp.SUB: x - y,
        ArithOp.MUL: x * y,
        ArithOp.MIN: min(x, y),
        ArithOp.MAX: max(x, y),
    }[op]
    assert value(arith(op, a, b), a=x) == plain
    assert value(lt(a, b), a=x) is (x < y)
    assert value(le(a, b), a=x) is (x <= y)
    assert value(eq(a, b), a=x) is (x == y)
    assert value(ite(lt(a, b), TRUE, eq(a, b)), a=x) is (x <= y)


def test_a_quantifier_over_nothing_is_what_it_is_of_nothing() -> None:
    nobody = Binder("x", Int(0, -1))
    some_body = eq(Local("x", Int(0, 3)), Lit(Int(1, 1), 1))
    assert quantified(QuantKind.ALL, nobody, some_body) == TRUE
    assert quantified(QuantKind.SOME, nobody, some_body) == FALSE


def test_maps_in_maps() -> None:
    inner = Map(AB, Opt(Bool()))
    outer = Local("m", Map(AB, Opt(inner)))
    wide = Map(ABC, Opt(Map(ABC, Opt(Bool()))))
    moved = converted(outer, wide)
    within: Value = ((True,), None)
    assert value(moved, m=((within,), None)) == ((((True,), None, None),), None, None)


def test_a_name_that_a_module_never_writes_is_still_compared() -> None:
    agree(
        """
kind K key name { name: name  on: bool = false }
environment e { action a(k: K) when k.name < "b" or k.name == "zz" do k.on := not k.on }
invariant off: all k: K | not k.on
cluster small { K a, c {} }
run e
check off
"""
    )
