"""Laws in finite scopes: all of it is gone through, and nothing is said of more."""

from __future__ import annotations

from kspec.pure.claims.decide import (
    Decision,
    Endless,
    Everywhere,
    Somewhere,
    Stopped,
    TooMany,
    decide,
)
from tests.unit.lower.reading import scoped

POLICIES = """
record Rule { verbs: set of name }
kind Binding key name { name: name  rules: set of Rule = {}  valid name != "nobody" }
fn allows(verb: name): bool = some b: Binding, r in b.rules | verb in r.verbs or "*" in r.verbs
fn listed: bool = all b: Binding | size(b.rules) < 2
law only_adds: all b: Binding, v: name | (allows(v) after delete b) implies allows(v)
law denied: all v: name | (no b: Binding | b.rules != {}) implies not allows(v)
belief nobody_may: all v: name | not allows(v)
belief star_only: all v: name where v != "*" | allows(v) implies allows("*")
law numbers: all a in 0..9, b in 0..9 | a + b == b + a
law many: all a in 0..999, b in 0..999 | a >= 0
law endless: all i: int | i == i
law inside: some s: set of name | s == {}
law nothing: all b: Binding where b.name == "z" | false
cluster c {
  binding a { rules: any of [[], [{verbs: [get]}], [{verbs: ["*"]}]] }
  binding b { rules: any of [[], [{verbs: [list]}]] }
}
"""


def decided(law: str, lines: str = "in c", most: int = 100_000) -> Decision:
    """The decision on one of the laws, in a scenario with these lines."""
    scope = scoped(f"{POLICIES}\nscenario s {{ {lines}\n check {law} }}")
    found = next(found for found in scope.program.laws if found.name == law)
    return decide(scope, found, most)


def test_every_world_and_every_name_is_gone_through() -> None:
    found = decided("only_adds")
    assert isinstance(found, Everywhere)
    # "", *, a, b, get, list, nobody-or-not: what is written and one name more.
    assert (found.seen.worlds, found.seen.left_out) == (6, 0)
    assert found.seen.cases == 6 * 2 * found.seen.names
    assert found.seen.names >= 5


def test_a_belief_falls_in_the_first_world_that_refutes_it() -> None:
    found = decided("nobody_may")
    assert isinstance(found, Somewhere)
    assert found.seen.worlds == 2
    assert [value for _, value in found.bound] == ["list"]


def test_a_name_that_nobody_writes_is_among_the_names() -> None:
    found = decided("star_only")
    assert isinstance(found, Somewhere)
    holds = decided("denied")
    assert isinstance(holds, Everywhere)


def test_worlds_that_are_not_meant_are_left_out() -> None:
    found = decided("only_adds", "in c  assume few: no b: Binding | b.rules != {}")
    assert isinstance(found, Everywhere)
    assert (found.seen.worlds, found.seen.left_out) == (6, 5)


def test_ranges_count_as_cases_and_too_many_are_not_gone_through() -> None:
    few = decided("numbers")
    assert isinstance(few, Everywhere)
    assert (few.seen.cases, few.seen.names) == (600, 0)
    assert decided("many") == TooMany(6, 6_000_000)
    assert decided("numbers", most=599) == TooMany(6, 600)


def test_a_quantifier_inside_counts_too() -> None:
    found = decided("inside")
    assert isinstance(found, Everywhere)
    names = 8
    assert decided("inside", most=6 * 2**4) in (TooMany(6, 6 * 2**n) for n in range(names))


def test_no_end_is_said_to_be_none() -> None:
    found = decided("endless")
    assert isinstance(found, Endless)
    assert "too many values" in found.why


def test_a_law_about_nobody_has_no_cases() -> None:
    found = decided("nothing")
    assert isinstance(found, Everywhere)
    assert found.seen.cases == 0


def test_somebody_may_ask_to_stop() -> None:
    scope = scoped(f"{POLICIES}\nscenario s {{ in c check numbers }}")
    law = next(found for found in scope.program.laws if found.name == "numbers")
    assert isinstance(decide(scope, law, interrupted=lambda: True), Stopped)
