"""The native explorer against the reference on systems of thousands of states.

Random systems are kept small; these are large enough for tables to grow, for batches to be
flushed, for many initial states, and for rows of several words.
"""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import Question, compare
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, LOOPS, Tuning
from kspec.engines.reference import Reference
from kspec.ir.system import System
from kspec.ir.text import parse_system
from kspec.verdict.answer import Found

PADS = {
    "one word": "",
    "most of a word": f"(var pad (int 0 {2**48 - 1}) api K pad)",
    "a whole word": f"(var pad (int 0 {2**51 - 1}) api K pad)",
    "five words": "(var pad (map (int 0 18) (int 0 8191)) api K pad)",
}
VALUES = {
    "one word": "",
    "most of a word": "(pad 123456789012345)",
    "a whole word": f"(pad {2**51 - 1})",
    "five words": "(pad (map (k (int 0 18)) (* k 431)))",
}

GRID = """
(system grid
  PAD
  (var a (int 0 79) api K a)
  (var b (int 0 59) api K b)
  (init ((x (int 0 3)) (y (int 0 3))) (<= x y) VALUE (a x) (b (+ y 40)))
  (action right env environment unfair (when (< a 79)) (set (a) (+ a 1)))
  (action down env environment unfair (when (< 0 b)) (set (b) (- b 1)))
  (action jump env environment unfair
    (choices (k (int 0 8)))
    (when (= (mod (+ a k) 7) 0))
    (set (b) (mod (+ b (* k 11)) 60)))
  (action over env environment unfair (when (= b 59)) (set (a) (+ a (div b 7))))
  (property far (invariant (not (and (= a 71) (= b 17)))))
  (property corner (reachable (and (= a 79) (= b 0))))
  (property low (on-steps (on jump (or (<= (old b) 58) (< b 30) (< a 60)))))
  (property nowhere (reachable (and (= a 0) (= (mod b 60) 59) (< b 3))))
  (well-formed true))
"""

STARTS = """
(system starts
  PAD
  (var a (int 0 79) api K a)
  (var b (int 0 59) api K b)
  (init ((x (int 0 79)) (y (int 0 59))) (= (mod (+ x y) 3) 0) VALUE (a x) (b y))
  (action right env environment unfair (when (= (mod a 3) 0)) (set (a) (min 79 (+ a 1))))
  (property rest (no-deadlock))
  (property far (invariant (not (and (= a 79) (= (mod b 7) 3)))))
  (well-formed true))
"""


def grown(text: str, pad: str) -> System:
    return parse_system(text.replace("PAD", PADS[pad]).replace("VALUE", VALUES[pad]))


SLOW = pytest.mark.slow
PADDED = [pytest.param(pad, marks=() if pad == "a whole word" else SLOW) for pad in sorted(PADS)]
CREWS = [pytest.param(1, marks=SLOW), 3]

TUNINGS = [
    pytest.param(DEFAULT, id="default"),
    pytest.param(LOOPS, id="loops", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("tuning", TUNINGS)
@pytest.mark.parametrize("pad", PADDED)
@pytest.mark.parametrize("text", [GRID, STARTS], ids=["grid", "starts"])
def test_thousands_of_states(text: str, pad: str, tuning: Tuning) -> None:
    system = grown(text, pad)
    names = tuple(p.name for p in system.properties)
    assert compare(Explicit(0, tuning), Question(system, names, Budget())) == ()


@pytest.mark.parametrize("indexed", [False, pytest.param(True, marks=SLOW)])
@pytest.mark.parametrize("workers", CREWS)
@pytest.mark.parametrize("text", [GRID, STARTS], ids=["grid", "starts"])
def test_thousands_of_states_and_crowded_workers(text: str, workers: int, indexed: bool) -> None:
    engine = Explicit(0, evolve(CROWDED, indexed=indexed), workers)
    system = grown(text, "one word")
    asked = tuple(p.name for p in system.properties)
    run = engine.run(system, asked, Budget(), lambda _: None)
    assert run.exploration == Reference().explore(system, asked, Budget(), lambda _: None)
    count = run.exploration.reached.states
    rows = [run.search.row(place) for place in range(count)]
    assert len(set(rows)) == count
    for place, row in enumerate(rows):
        assert run.search.storage.find(row) == (place + 1 if indexed else 1)


@pytest.mark.parametrize("limit", [2561, pytest.param(4799, marks=SLOW)])
def test_a_limit_among_thousands_of_states(limit: int) -> None:
    question = Question(grown(GRID, "one word"), ("nowhere",), Budget(max_states=limit))
    assert compare(Explicit(0), question) == ()


def test_the_row_of_all_ones_is_a_state_like_any_other() -> None:
    top = 2**62 - 1
    text = f"""
    (system ones
      (var pad (int 0 {top}) api K pad)
      (var x (int 0 3) api K x)
      (init () true (pad {top}) (x 0))
      (action next env environment unfair (set (x) (mod (+ x 1) 4)))
      (action stay env environment unfair (when (= x 3)))
      (action less env environment unfair (when (= x 3)) (set (pad) (- pad 1)) (set (x) 2))
      (property low (reachable (< pad {top - 2})))
      (well-formed true))
    """
    question = Question(parse_system(text), ("low",), Budget(max_states=300))
    assert compare(Explicit(0), question) == ()


@pytest.mark.slow
def test_the_systems_are_what_they_are_meant_to_be() -> None:
    grid, starts = grown(GRID, "one word"), grown(STARTS, "one word")
    names = tuple(p.name for p in grid.properties)
    wide = Reference().explore(grid, names, Budget(), lambda _: None)
    assert wide.reached.states == 4800
    lengths = {n: len(a.trace.steps) for n, a in wide.answers if isinstance(a, Found)}
    assert set(lengths) == {"far", "corner", "low", "in-range"}
    assert min(lengths.values()) > 10
    many = Reference().explore(starts, (), Budget(max_depth=0), lambda _: None)
    assert many.reached.states == 1600
