"""Conditions that count are left out of actions: every run stays one, and nothing else is left out."""

from __future__ import annotations

import pytest

from kspec.driver.every_size.every_scope import Sizes, sizes
from kspec.driver.every_size.loosened import loosened
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.pure.scopes.scope import Scope
from kspec.semantics.state import state_key
from kspec.semantics.step import Taken, initial_states, outcomes
from tests.anysize.compare import names_of, proved, scope_of

SHELVES = """
kind Shelf { full: bool = false }
kind Box { on: Shelf? = none }
environment e {
  action put(b: Box, s: Shelf)
    when b.on missing, count(c: Box where c.on == s) <= size(keys({1: true})) because "no room"
    do b.on := s
  action fill(s: Shelf) when count(c: Box where c.on == s) >= 2 do s.full := true
  action make when count(c: Box) <= 2 do new Box {}
}
invariant fine: all b: Box | b.on missing or b.on exists
invariant never_full: no s: Shelf | s.full
cluster c { shelf s {} box b {} }
scenario x { in c; run e; room { Box: 2 }; prove fine, never_full }
"""
COUNTED = ("e.put", "e.fill", "e.make")


def reached(scope: Scope) -> tuple[set[object], set[tuple[object, int, object]]]:
    """All states, and all steps between them."""
    made = lowered(scope)
    assert isinstance(made, Lowered)
    system = made.system
    level = list(initial_states(system))
    states, steps = {state_key(system, s) for s in level}, set()
    while level:
        later = []
        for state in level:
            for instance, outcome in outcomes(system, state):
                if isinstance(outcome, Taken):
                    key = state_key(system, outcome.state)
                    steps.add((state_key(system, state), instance.action, key))
                    if key not in states:
                        states.add(key)
                        later.append(outcome.state)
        level = later
    return states, steps


def text(when: str = "") -> str:
    return SHELVES.replace(" <= size(keys({1: true}))", " <= 1") + when


def test_every_run_stays_one() -> None:
    scope = scope_of(text())
    looser, names = loosened(scope, ("Box",))
    assert names == COUNTED
    few, many = reached(scope), reached(looser)
    assert few[0] < many[0]
    assert few[1] < many[1]


def test_what_does_not_count_stays() -> None:
    scope = scope_of(text())
    looser, _ = loosened(scope, ("Box",))
    (put,) = (a for c in looser.program.components for a in c.actions if a.name == "e.put")
    assert len(put.guards) == 1
    assert loosened(scope, ("Shelf",))[1] == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("run e;", "run e; time timed;"),
        ("  action put(b: Box, s: Shelf)\n", "  action put(b: Box, s: Shelf) within 3s\n"),
    ],
)
def test_what_keeps_others_from_happening_stays(old: str, new: str) -> None:
    scope = scope_of(text().replace(old, new))
    assert "e.put" not in loosened(scope, ("Box",))[1]


BLOCK = """
kind Shelf { full: bool = false }
kind Box { on: Shelf? = none }
controller c for s: Shelf {
  watches Box
  ordered {
    action one when count(b: Box) <= 1, not s.full do s.full := true
    action two when count(b: Box) <= 2, s.full do s.full := false
  }
}
invariant fine: all b: Box | b.on missing
cluster c { shelf s {} box b {} }
scenario x { in c; run c; prove fine }
"""


def test_what_keeps_the_next_of_a_block_from_happening_stays() -> None:
    assert loosened(scope_of(BLOCK), ("Box",))[1] == ()
    apart = BLOCK.replace("  ordered {\n", "").replace("false\n  }\n", "false\n")
    assert loosened(scope_of(apart), ("Box",))[1] == ("c.one", "c.two")


FOLDED = SHELVES.replace("size(keys({1: true}))", "(fold x in [1, 2] from 0 as k | k + x)")


def test_where_counts_could_decide_something_nothing_is_claimed_of_what_they_decide() -> None:
    scope = scope_of(FOLDED)
    found = sizes(scope, ("Box",))
    assert isinstance(found, Sizes)
    assert found.loose == COUNTED
    assert names_of(proved(scope, ("Box",))) == {"fine"}


def test_a_count_that_is_written_is_not_left_out() -> None:
    number = "count(c: Box where c.on == s) + (fold x in [1, 2] from 1 as k | k + 1)"
    wrong = FOLDED.replace("do b.on := s", f"do {{ b.on := s; s.n := {number} }}")
    found = sizes(scope_of(wrong.replace("kind Shelf {", "kind Shelf { n: 0..9 = 0;")), ("Box",))
    assert not isinstance(found, Sizes)
    assert found.slug == "counts-many"
