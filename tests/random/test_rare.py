"""The native explorer against the reference on what random systems meet too rarely."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import Question, compare
from kspec.engines.explicit import loop
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.emit import Emitter
from kspec.engines.explicit.llvm.operand import Op, number
from kspec.engines.explicit.llvm.tuning import DEFAULT, LOOPS, Tuning
from kspec.engines.explicit.store import table
from kspec.engines.explicit.store.lines import Rows, claim
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

    for module in (table, loop):
        monkeypatch.setattr(module, "hash_row", same)
    system, indexed = parse_system(branches(cells, last)), evolve(DEFAULT, indexed=True)
    for asked in ((), ("far",)):
        assert compare(Explicit(0, indexed), Question(system, asked, Budget())) == ()


GRID = """
(system grid
  (var x (int 0 60) api K x)
  (var y (int 0 60) api K y)
  (init () true (x 0) (y 0))
  (action right env environment unfair (set (x) (mod (+ x 1) 61)))
  (action up env environment unfair (set (y) (mod (+ y 1) 61)))
  (action jump env environment unfair (set (x) (mod (+ x 7) 61)) (set (y) (mod (+ y 3) 61)))
  (action back env environment unfair (set (x) y) (set (y) x))
  (well-formed true))
"""
TREE = """
(system tree
  (var x (int 0 3279) api K x)
  (init () true (x 0))
  (action on env environment unfair (params (n (int 1 3)))
    (when (<= (+ (* x 3) n) 3279)) (set (x) (+ (* x 3) n)))
  (well-formed true))
"""


@pytest.mark.parametrize(("text", "states"), [(GRID, 61 * 61), (TREE, 3280)], ids=["grid", "tree"])
def test_workers_that_meet_in_one_line(
    monkeypatch: pytest.MonkeyPatch, text: str, states: int
) -> None:
    """All want the same slot all the time. In a tree nobody finds again what one has lost."""

    def same(em: Emitter, rows: Rows, row: Op) -> Op:
        return number(64, 12345)

    def slowly(em: Emitter, rows: Rows, slot: Op, key: Op) -> Op:
        """With time for another worker between the look and the claim."""
        cell = em.cell("wait")
        em.loop(number(64, 5000), [], lambda i, _: [em.store(i, cell)][1:], hint="wait")  # type: ignore[func-returns-value]
        return claim(em, rows, slot, key)

    monkeypatch.setattr(table, "claim", slowly)
    for module in (table, loop):
        monkeypatch.setattr(module, "hash_row", same)
    system = parse_system(text)
    tuning = evolve(DEFAULT, indexed=True, together=1)
    alone, crowd = Explicit(0, tuning), Explicit(0, tuning, workers=4)
    expected = alone.explore(system, (), Budget(), lambda _: None)
    assert expected.reached.states == states
    for _ in range(3):
        assert crowd.explore(system, (), Budget(), lambda _: None) == expected
