"""The checker's scripts by themselves: shapes that are converted, numbers that leave their range."""

from __future__ import annotations

import pytest

from kspec.certify.anysize.steps import Script
from kspec.certify.recheck import unconfirmed
from kspec.driver.every_size.every_scope import Sizes, sizes
from kspec.ir.sorts import Id, Int, Map, Opt, Record, Sort, Value, values
from kspec.verdict.answer import Induction, Inductive
from tests.anysize.compare import scope_of

BOARD = """
enum Color { red, blue }
kind Pod { color: Color = red }
kind Board { n: map from Color to 0..4 = 0 }
environment e {
  action create do new Pod {}
  action post(b: Board) do b.n := map c: Color | count(p: Pod where p.color is c)
}
invariant few: all b: Board, c: Color | b.n[c] <= 4
cluster c { pod a {} board b {} }
scenario x { in c; room { Pod: 3 }; prove few }
"""
IMPLICIT = ("in-range", "single-write", "live-target")


def made() -> Sizes:
    found = sizes(scope_of(BOARD), ("Pod",))
    assert isinstance(found, Sizes)
    return found


def test_a_map_of_counts_is_in_range_at_one_size_only() -> None:
    found = made()
    assert found.kinds["Pod"].size == 4  # so that the map's own sort is that of its place
    evidence = Inductive(1, (Induction(("few", *IMPLICIT), 1),), endless=("Pod",))
    wrong = unconfirmed(found.system, found.compared, evidence)
    assert wrong is not None
    assert "e.post" in wrong


@pytest.mark.parametrize("left_out", IMPLICIT)
def test_a_proof_is_of_what_steps_break_as_well(left_out: str) -> None:
    found = made()
    names = tuple(n for n in IMPLICIT if n != left_out)
    evidence = Inductive(1, (Induction(names, 1),), endless=("Pod",))
    wrong = unconfirmed(found.system, found.compared, evidence)
    assert wrong is not None
    assert "break" in wrong


NARROW, WIDE = Int(1, 3), Int(0, 5)
ONE_POD = Id("Pod", 4)


@pytest.mark.parametrize(
    ("have", "want", "value"),
    [
        (Opt(NARROW), Opt(WIDE), None),
        (Opt(NARROW), Opt(WIDE), (2,)),
        (Opt(Opt(NARROW)), Opt(Opt(WIDE)), (None,)),
        (Record("R", (("f", Opt(NARROW)),)), Record("R", (("f", Opt(WIDE)),)), (None,)),
        (Map(Int(0, 1), Opt(NARROW)), Map(Int(0, 1), Opt(WIDE)), (None, (3,))),
        (Map(ONE_POD, Opt(NARROW)), Map(ONE_POD, Opt(WIDE)), (None, None, None, None)),
    ],
)
def test_a_value_stays_itself_in_a_wider_sort(have: Sort, want: Sort, value: Value) -> None:
    found = made()
    script = Script(found.system, found.kinds)
    wider = script.convert(have, script.lift(have, value), want)
    assert _decided(script, script.equal(want, wider, script.lift(want, value))) == "unsat"


def test_no_other_value_becomes_it() -> None:
    found = made()
    all_ = tuple(values(Opt(NARROW)))
    for one in all_:
        for other in all_:
            script = Script(found.system, found.kinds)
            wider = script.convert(Opt(NARROW), script.lift(Opt(NARROW), one), Opt(WIDE))
            same = script.equal(Opt(WIDE), wider, script.lift(Opt(WIDE), other))
            assert (_decided(script, same) == "unsat") == (one == other)


def _decided(script: Script, formula: str) -> str:
    """Can the formula be false?"""
    from kspec.certify.recheck import _with_z3

    script.require(f"(not {formula})")
    return _with_z3(script.text())
