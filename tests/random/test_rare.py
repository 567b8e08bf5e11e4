"""The native explorer against the reference on what random systems meet too rarely."""

from __future__ import annotations

import pytest

from kspec.engines.api import Budget
from kspec.engines.conformance import Question, compare
from kspec.engines.explicit import table
from kspec.engines.explicit.emit import Emitter
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.operand import Op, number
from kspec.engines.explicit.table import Rows
from kspec.engines.explicit.tuning import DEFAULT, LOOPS, Tuning
from kspec.ir.text import parse_system

WIDENED = {
    "option": ("(opt (int 1 3))", "(opt (int 0 3))", ("()", "(1)", "(3)")),
    "sequence": ("(seq (int 1 3) 2)", "(seq (int 0 3) 3)", ("()", "(1)", "(3 2)")),
    "sequence of equal width": ("(seq (int 1 3) 2)", "(seq (int 0 3) 2)", ("()", "(2)", "(3 2)")),
    "map": ("(map (bool) (int 1 3))", "(map (bool) (int 0 3))", ("(1 1)", "(1 3)", "(2 1)")),
    "set": ("(set (int 1 3))", "(set (int -1 3))", ("()", "(1)", "(2 3)")),
    "option of sequence": (
        "(opt (seq (int 1 2) 1))",
        "(opt (seq (int -1 2) 2))",
        ("()", "(())", "((2))"),
    ),
}


@pytest.mark.parametrize("tuning", [DEFAULT, LOOPS], ids=["default", "loops"])
@pytest.mark.parametrize("shape", sorted(WIDENED))
def test_a_value_moves_to_a_wider_sort(shape: str, tuning: Tuning) -> None:
    narrow, wide, values = WIDENED[shape]
    steps = "\n".join(
        f"""(action take{n} env environment unfair (set (a) (the {narrow} {value})))
            (property is{n} (reachable (= b (the {wide} {value}))))"""
        for n, value in enumerate(values)
    )
    text = f"""
    (system widened
      (var a {narrow} api K a)
      (var b {wide} api K b)
      (init () true (a (the {narrow} {values[0]})) (b (the {wide} {values[0]})))
      {steps}
      (action move env environment unfair (set (b) a))
      (action back env environment unfair (set (a) b))
      (property differ (reachable (not (= a b))))
      (property together (invariant (= a b)))
      (well-formed true))
    """
    system = parse_system(text)
    names = tuple(p.name for p in system.properties)
    assert compare(Explicit(0, tuning), Question(system, names, Budget())) == ()
    assert compare(Explicit(0, tuning), Question(system, (), Budget())) == ()


OVERLAPS = {
    "a field and its record": "(set (m false) (the Pair (1 1))) (set (m false (field left)) 2)",
    "a record and its field": "(set (m false (field left)) 2) (set (m false) (the Pair (1 1)))",
    "a map and a record in it": "(set (m) m) (set (m k) (the Pair (0 0)))",
    "two fields": "(set (m k (field left)) 2) (set (m k (field right)) 2)",
    "one field, two keys": "(set (m k (field left)) 2) (set (m (not k) (field left)) 1)",
    "perhaps one field": "(set (m k (field left)) 2) (set (m n (field left)) 2)",
    "perhaps a field of a record": "(set (m k) (the Pair (0 1))) (set (m n (field left)) 1)",
    "both at most once": "(set (m k) (the Pair (0 1)) (if n)) (set (m) m (if (not n)))",
    "one update, twice": "(set (m k) (the Pair (0 1)) (for (i (int 0 1))))",
    "one update, once": "(set (m k) (the Pair (0 1)) (for (i (int 0 1))) (if (= i 1)))",
}


@pytest.mark.parametrize("tuning", [DEFAULT, LOOPS], ids=["default", "loops"])
@pytest.mark.parametrize("overlap", sorted(OVERLAPS))
def test_places_that_may_meet(overlap: str, tuning: Tuning) -> None:
    text = f"""
    (system meeting
      (record Pair ((left (int 0 2)) (right (int 0 2))))
      (var m (map (bool) Pair) api K m)
      (init () true (m (the (map (bool) Pair) ((0 0) (0 0)))))
      (action step env environment unfair (params (k (bool)) (n (bool))) {OVERLAPS[overlap]})
      (well-formed true))
    """
    assert compare(Explicit(0, tuning), Question(parse_system(text), (), Budget())) == ()


BRANCHES = """
(system branches
  {variables}
  (init () true {values})
  (action double env environment unfair (set (x) (mod (* x 2) 401)))
  (action more env environment unfair (set (x) (mod (+ x 7) 401)))
  (property far (invariant (not (= x 350))))
  (well-formed true))
"""


def branches(cells: int, last: bool) -> str:
    """401 states, in rows with a pad of 13 bits a cell before or after what changes."""
    variables = [f"(var pad (map (int 1 {cells}) (int 0 8191)) api K pad)"] if cells else []
    values = [f"(pad (map (k (int 1 {cells})) (* k 431)))"] if cells else []
    place = 0 if last else len(variables)
    variables.insert(place, "(var x (int 0 400) api K x)")
    values.insert(place, "(x 1)")
    return BRANCHES.format(variables=" ".join(variables), values=" ".join(values))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("cells", [0, 5, 17])
def test_rows_that_all_have_one_hash(
    monkeypatch: pytest.MonkeyPatch, cells: int, last: bool
) -> None:
    """Then the table is one chain, and only comparing whole rows tells them apart."""

    def same(em: Emitter, rows: Rows, row: Op) -> Op:
        return number(64, 12345)

    monkeypatch.setattr(table, "_hash", same)
    system = parse_system(branches(cells, last))
    for asked in ((), ("far",)):
        assert compare(Explicit(0), Question(system, asked, Budget())) == ()
