"""Caches that are behind: small programs that mean something else if one of their rules is broken."""

from __future__ import annotations

from tests.traps.meaning import assert_means


def test_an_image_is_from_before_the_write() -> None:
    # Down; up, the cache behind; up to date; seen. What was raised is not seen before it is shown.
    assert_means(
        """
kind Flag from v1 { up: bool = false }
controller looker {
  watches Flag
  memory saw: bool = false
  action look(f: Flag) when f.up, not saw do saw := true
}
environment hand { action raise(f: Flag) when not f.up do f.up := true }
cluster c { flag a {} }
faults { stale_cache looker lag 1 }
""",
        states=4,
        transitions=3,
    )


COUNTED = """
kind Count from v1 { n: 0..3 = 0 }
controller looker {
  watches Count
  local low: 0..3 = 3
  action look(x: Count) when x.n < low do low := x.n
}
environment hand { action up(x: Count) when x.n < 3 do x.n += 1 }
property one_behind: on looker.look(x): before(x.n) <= looker.low + 1
property two_behind: on looker.look(x): before(x.n) <= looker.low + 2
cluster c { count a {} }
faults { stale_cache looker lag LAG }
check one_behind, two_behind
"""


def test_a_cache_is_never_further_behind_than_its_lag() -> None:
    two = COUNTED.replace("LAG", "2")
    assert_means(two, states=27, transitions=43, found={"one_behind": 3})
    one = COUNTED.replace("LAG", "1")
    assert_means(one, states=22, transitions=29)


def test_a_cache_moves_on_by_one_write_or_more() -> None:
    assert_means(
        """
kind Count from v1 { n: 0..2 = 0 }
controller looker {
  watches Count
  memory said: 0..3 = 3
  action look(x: Count) when said == 3 do said := x.n
}
environment hand { action up(x: Count) when x.n < 2 do x.n += 1 }
property middle: reachable looker.said == 1 and some x: Count where x.n == 2
cluster c { count a {} }
faults { stale_cache looker lag 2 }
check middle
""",
        states=16,
        transitions=22,
        found={"middle": 4},
    )


def test_a_write_that_changes_nothing_is_none() -> None:
    # As in the first program; `press` leads back from each of the three states in which it is up.
    assert_means(
        """
kind Flag from v1 { up: bool = false }
controller looker {
  watches Flag
  memory saw: bool = false
  action look(f: Flag) when f.up, not saw do saw := true
}
environment hand { action press(f: Flag) do f.up := true }
cluster c { flag a {} }
faults { stale_cache looker lag 1 }
""",
        states=4,
        transitions=6,
    )


FILTERED = """
kind Flag from v1 { up: bool = false  hidden: bool = false }
controller looker {
  watches Flag where not hidden
  memory saw: bool = false
  action look(f: Flag) when not saw, f.up do saw := true
}
environment hand {
  action raise(f: Flag) when not f.up do f.up := true
  action hide(f: Flag) when not f.hidden do f.hidden := true
}
property unseen: on looker.look(f): not f.hidden
cluster c { flag a {} }
faults { FAULTS }
check unseen
"""


def test_a_filtered_cache_shows_what_was_in_it() -> None:
    stale = FILTERED.replace("FAULTS", "stale_cache looker lag 1")
    assert_means(stale, states=11, transitions=14, found={"unseen": 3})
    fresh = FILTERED.replace("faults { FAULTS }\n", "")
    assert_means(fresh, states=6, transitions=6)


def test_a_filtered_image_leaves_out_what_was_hidden() -> None:
    # The image from before `show` has no flag in it, up as it was.
    assert_means(
        """
kind Flag from v1 { up: bool = true  hidden: bool = true }
controller looker {
  watches Flag where not hidden
  memory saw: bool = false
  action look(f: Flag) when not saw, f.up do saw := true
}
environment hand { action show(f: Flag) when f.hidden do f.hidden := false }
cluster c { flag a {} }
faults { stale_cache looker lag 1 }
""",
        states=4,
        transitions=3,
    )


def test_a_refused_step_leaves_no_image() -> None:
    assert_means(
        """
kind Flag from v1 { up: bool = false }
controller setter {
  watches Flag
  action set_it(f: Flag) when not f.up do { require no g: Flag where live(g.up)  f.up := true by uid }
}
cluster c { flag a, b {} }
faults { stale_cache setter lag 1 }
""",
        states=5,  # none is up; either, behind or not
        transitions=2 + 2 * 3 + 2 * 1,
    )


def test_each_instance_has_a_cache_of_its_own() -> None:
    # Down; up, and each agent behind, up to date, or has seen it.
    assert_means(
        """
kind Node { }
kind Flag from v1 { up: bool = false }
controller agent for n: Node {
  watches Flag
  local saw: bool = false
  action look(f: Flag) when f.up, not saw do saw := true
}
environment hand { action raise(f: Flag) when not f.up do f.up := true }
cluster c { node a, b {}  flag f {} }
faults { stale_cache agent lag 1 }
""",
        states=1 + 3 * 3,
        transitions=1 + 6 * 2,
    )


SERVED = """
kind Machine { }
kind Pod from v1 { node: Machine? = none }
controller kubelet for m: Machine {
  watches Pod where node is m
  local started: bool = false
  action start(p: Pod) when not started do started := true
}
environment world {
  action bind(p: Pod, m: Machine) when p.node missing do p.node := m
  action kill(p: Pod) do delete p
}
property mine_alone "a kubelet starts what is bound to its machine, nothing else":
  on kubelet.start(m, p): not alive(p) or p.node is m
property bound_alone "a kubelet starts nothing that no one has bound":
  on kubelet.start(m, p): world_bound
ghost world_bound: bool = false { on world.bind: world_bound := true }
cluster c { machine a, b {}  pod p {} }
faults { stale_cache kubelet lag 1 servers 2; restart kubelet at most 1 }
check mine_alone, bound_alone
"""


def test_after_a_restart_a_filtered_cache_shows_only_what_it_asks_for() -> None:
    assert_means(SERVED, states=96, transitions=310)


def test_after_a_restart_a_cache_takes_no_more_than_its_lag() -> None:
    # The server remembers two writes for the other controller's sake.
    assert_means(
        """
kind Count from v1 { n: 0..2 = 0 }
controller near {
  watches Count
  local low: 0..3 = 3
  action look(x: Count) when x.n < low do low := x.n
}
controller far { watches Count  action rest when false do nothing }
environment hand { action up(x: Count) when x.n < 2 do x.n += 1 }
property one_behind: on near.look(x): before(x.n) <= near.low + 1
cluster c { count a {} }
faults { stale_cache near lag 1 servers 2; stale_cache far lag 2 servers 2; restart near at most 1 }
check one_behind
""",
        states=183,
        transitions=682,
    )


def test_what_a_servers_image_does_not_show_is_all_alike() -> None:
    # Taken from the server or not, an image of the first pod alone is one image.
    assert_means(
        """
kind Pod from v1 key name { name: name  wave: 0..1 = 1 }
controller first { watches Pod where wave == 1  action rest when false do nothing }
environment life {
  action comes do new Pod { name: "z", wave: 0 }
  action goes(p: Pod) do delete p
}
cluster c { pod a {} }
room { Pod: 2 }
run first, life.comes at most 1, life.goes at most 1
faults { stale_cache first lag 1 servers 2; restart first at most 1 }
""",
        states=42,
        transitions=98,
    )
