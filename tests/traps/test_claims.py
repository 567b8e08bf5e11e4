"""Claims, ghosts, names, amounts and starts: programs whose verdicts tell a rule that is broken."""

from __future__ import annotations

from tests.traps.meaning import assert_means

TAP = """
kind Tap { n: 0..2 = 0 }
environment hand { action turn(t: Tap) when t.n < 2 do t.n += 1 }
cluster sink { tap t {} }
"""


def test_a_claim_about_a_step_reads_what_is_after_it() -> None:
    assert_means(
        TAP
        + """
property at_least_one: on hand.turn(t): t.n >= 1
property one_more: on hand.turn(t): t.n == before(t.n) + 1
property at_most_one: on hand.turn(t): t.n <= 1
check at_least_one, one_more, at_most_one
""",
        states=3,
        transitions=2,
        found={"at_most_one": 2},
    )


def test_before_reads_what_was_before_the_step() -> None:
    assert_means(
        TAP
        + """
property was_less: on hand.turn(t): before(t.n) <= 1
property was_none: on hand.turn(t): before(t.n) == 0
check was_less, was_none
""",
        states=3,
        transitions=2,
        found={"was_none": 2},
    )


def test_where_narrows_a_claim_about_a_step() -> None:
    assert_means(
        TAP
        + """
property first: on hand.turn(t) where before(t.n) == 0: t.n == 1
property second: on hand.turn(t) where before(t.n) == 1: t.n == 1
check first, second
""",
        states=3,
        transitions=2,
        found={"second": 2},
    )


def test_a_ghost_writes_down_what_was_before_the_step() -> None:
    assert_means(
        TAP
        + """
ghost last: 0..2 = 0 { on hand.turn(t): last := t.n }
invariant one_behind: all t: Tap | t.n == 0 or last + 1 == t.n
check one_behind
""",
        states=3,
        transitions=2,
    )


def test_names_are_made_of_names() -> None:
    # The pods of two sets, each set's in order: 1 + 2 + 4 + 6 + 6 ways to have begun.
    assert_means(
        """
kind Set key name { name: name  made: 0..2 = 0 }
kind Pod key name { name: name }
environment e {
  action make(s: Set)
    when s.made < 2, Pod["{s.name}-{s.made}"] missing
    do { new Pod { name: "{s.name}-{s.made}" }  s.made += 1 }
}
property both: reachable Pod["db-0"] exists and Pod["db-1"] exists and Pod["ab-0"] missing
invariant in_order: Pod["db-1"] exists implies Pod["db-0"] exists
cluster c { set db {}  set ab {} }
room { Pod: 4 }
check both, in_order
""",
        states=19,
        transitions=18,
        found={"both": 2},
    )


def test_amounts_keep_their_proportion() -> None:
    # In units of 100m: 3 and 5; twice 3 is 6, 3 and 5 is 8, twice 5 is too much for 9.
    assert_means(
        """
kind Node { cpu: cpu = 0 }
kind Pod { asks: cpu = 0  node: Node? = none }
fn used(n: Node): cpu = sum(p: Pod where p.node is n | p.asks)
environment e {
  action resize(p: Pod) when p.asks == 300m, p.node missing do p.asks := 500m
  action bind(p: Pod, n: Node) when p.node missing, used(n) + p.asks <= n.cpu do p.node := n
}
property small: reachable some n: Node where used(n) == 600m
property mixed: reachable some n: Node where used(n) == 800m
invariant fits: all n: Node | used(n) <= n.cpu
cluster c { node a { cpu: 900m }  pod x, y { asks: 300m } }
check small, mixed, fits
""",
        states=15,
        transitions=22,
        found={"small": 2, "mixed": 3},
    )


def test_what_is_free_at_the_start_is_every_value() -> None:
    # Two by two starts, less the one that is assumed away; the greater moves on to the other.
    assert_means(
        """
kind Pod { v: 0..3 = 0 }
environment e { action swap(p: Pod, q: Pod) when p.v > q.v do { p.v := q.v  q.v := p.v } }
cluster c { pod a { v: any of [1, 3] }  pod b { v: any of [0, 3] } }
assume different: all p, q: Pod | p is q or p.v != q.v
""",
        states=6,
        transitions=6,
    )


def test_a_choice_is_made_among_those_that_are_asked_for() -> None:
    # Either of the two light ones first; the heavy one never.
    assert_means(
        """
kind Pod { load: 0..1 = 0  picked: bool = false }
environment w {
  action pick do { choose p: Pod where p.load == 0 and not p.picked  p.picked := true }
}
cluster two { pod a, b {}  pod heavy { load: 1 } }
""",
        states=4,
        transitions=4,
    )
