"""Features one by one: the lowered system behaves as the interpreter of the typed module does."""

from __future__ import annotations

import pytest

from tests.unit.lower.reading import agree

MODULES = {
    "objects are born and die": """
kind Owner { replicas: 0..2 = 1 }
kind Pod { owner: Owner? = none  leaving: bool = false }
controller c {
  action create(o: Owner)
    when count(p: Pod where p.owner is o and not p.leaving) < o.replicas
    do new p: Pod { owner: o }
  action remove(o: Owner, p: Pod)
    when p.owner is o, not p.leaving
    when count(q: Pod where q.owner is o and not q.leaving) > o.replicas
    do p.leaving := true
  action end(p: Pod) when p.leaving do delete p
}
environment user { action scale(o: Owner, n: 0..2) when n != o.replicas do o.replicas := n }
property over: on c.create(o): count(p: Pod where p.owner is o and not p.leaving) <= o.replicas
invariant few: count(p: Pod) <= 1
cluster small { Owner a {} }
room { Pod: 2 }
run c, user
check over, few
""",
    "a view is behind, and a write asks for what it saw": """
kind K key name { name: name  n: 0..2 = 0 }
controller c {
  watches K
  action up(k: K) when k.n < 2 do k.n += 1 if unchanged
  refused nothing
  action drop(k: K) when k.n == 2 do delete k by uid
}
environment e { action reset(k: K) when k.n == 1 do k.n := 0 }
invariant low: all k: K | k.n < 2
cluster small { K a, b {} }
run c, e at most 2
faults { stale_cache c lag 2; restart c at most 1 }
check low
""",
    "an instance watches only what is its own": """
kind Node key name { name: name }
kind Pod key name { name: name  node: name of Node? = none  ready: bool = false }
controller kubelet for m: Node {
  watches Pod where node == m.name
  memory seen: 0..2 = 0
  action ready(p: Pod) when not p.ready do p.ready := true by uid
  action note when seen < 2 and count(p: Pod) > seen do seen := count(p: Pod)
}
controller scheduler { action bind(p: Pod, n: Node) when p.node missing do p.node := n }
environment user { action gone(n: Node) do delete n }
invariant bound: all p: Pod | p.ready implies p.node exists
cluster small { Node a, b {} Pod p {} }
run kubelet, scheduler, user at most 1
faults { stale_cache kubelet lag 1 }
check bound
""",
    "what is written at birth alone is one of the values that there are": """
record Ask { key: name = ""  parts: list of int = []  labels: map from name to name = {} }
kind Set { fixed ask: Ask = {}  n: 0..2 = 2 }
kind Pod { fixed ask: Ask = {}  fixed tags: set of name = {}  owner: Set? = none  on: bool = false }
controller c {
  watches Set, Pod
  action make(s: Set)
    when count(p: Pod where p.owner is s) < s.n
    do new Pod { owner: s, ask: s.ask, tags: those k in keys(s.ask.labels) | s.ask.labels[k] or else k }
  action plain when no p: Pod where p.owner missing do new Pod { }
  action start(p: Pod) when not p.on, sum(x in p.ask.parts | x) > 1 or "y" in p.tags do p.on := true by uid
}
environment user { action gone(p: Pod) when p.on do delete p }
fn sums: int = sum(p: Pod, x in p.ask.parts | x)
invariant small: sums < 6
invariant asked: all p: Pod | p.owner exists implies some s in p.owner | p.ask == s.ask
cluster small { Set a { ask: {key: k, parts: [1, 2], labels: {x: y}} } Set b { ask: {key: l} } }
room { Pod: 3 }
run c, user at most 1
check small, asked
""",
    "what is written at birth alone and is no value of a few": """
kind Pod { fixed friends: set of 0..4 = {}  n: 0..4 = 0 }
controller c {
  action make(k: 0..4) when count(p: Pod) < 2 do new Pod { friends: those i in 0..4 where i < k, n: k }
  action copy(p: Pod) when count(q: Pod) < 3 do new Pod { friends: p.friends union {p.n} }
}
invariant few: all p: Pod | size(p.friends) < 4
room { Pod: 3 }
run c
check few
""",
    "a reconcile of several steps": """
kind K { done: bool = false }
controller c {
  memory left: 0..3 = 0
  action work(k: K)
    when not k.done
    let twice = left + 1
    do left := min(3, twice)
    next each j in (those j: K where not j.done): j.done := true
    next when left > 0: left := 0
}
environment e { action undo(k: K) when k.done do k.done := false }
invariant some_left: left_of < 3
fn left_of: int = count(k: K where k.done)
cluster small { K a, b {} }
run c, e at most 1
check some_left
""",
    "timers on a clock": """
kind K key name { name: name  on: bool = true }
controller c {
  watches K
  memory due: map from name to timer = off
  action arm(k: K) when k.on, due[k.name] is off do due[k.name] := in 30s
  action fire(k: K) when due[k.name] is due do { due[k.name] := off; k.on := false by uid }
}
environment e { action flip(k: K) do k.on := not k.on }
invariant on: all k: K | k.on
cluster small { K a {} K b {} }
run c, e at most 1
time timed
check on
""",
    "timers without one": """
record Entry { n: 0..1 = 0  left: timer = off }
kind K { e: Entry = Entry(n: 0) }
controller c {
  memory m: map from 0..1 to Entry = {}
  action put(k: K) when k.e.n == 0 do { k.e := Entry(n: 1, left: in 5s); m[1] := Entry(left: in 3s) }
  action drop(k: K) when k.e.left is due, m[1] exists do { k.e := Entry(n: 0); m[1] := none }
}
invariant no_entry: all k: K | k.e.left is not due
cluster small { K a, b {} }
run c
time untimed
check no_entry
""",
    "the age of objects": """
kind K { n: 0..1 = 0 }
controller c {
  action oldest when (choose k: K least by age(k)) as k do delete k
  action make when count(k: K) < 3 do new k: K {}
  action youngest(k: K)
    when all j: K | j is k or older(j, k)
    do k.n := 1
}
invariant one: count(k: K where k.n == 1) <= 1
cluster small { K a, b {} }
room { K: 3 }
run c
check one
""",
    "what is held is not taken again": """
kind Thing { n: 0..1 = 0 }
kind Box { holds: Thing? = none  marks: map from Thing to bool = {} }
controller c {
  memory last: map from Thing to 0..1 = 0
  action put(b: Box, t: Thing) when b.holds missing do b.holds := t
  action mark(b: Box, t: Thing) do b.marks[t] := true
  action remember(t: Thing) do last[t] := 1
  action free(b: Box) when b.holds exists do { b.holds := none; b.marks := {} }
  action make do new t: Thing {}
  action drop(t: Thing) do delete t
}
invariant none: count(t: Thing) < 2
cluster small { Box b {} Thing t {} }
room { Thing: 2 }
run c
check none
""",
    "names made of names": """
kind Set key name { name: name }
kind Pod key name { name: name  set: Set? = none }
controller c for s: Set {
  watches Set, Pod
  fn pod(i: int): Pod? = Pod["{s.name}-{i}"]
  action make(i: 0..1)
    when all j in 0..1 | j >= i or pod(j) exists
    when pod(i) missing
    do new p: Pod { name: "{s.name}-{i}", set: s }
}
environment e { action drop(p: Pod) when p.name ends "-0" or p.name starts "b" do delete p }
invariant named: all p: Pod | match p.name { "{owner}-{_}" -> some s in p.set | s.name == owner; _ -> false }
invariant not_both: Pod["a-1"] missing or Pod["b-1"] missing
cluster small { Set a, b {} }
room { Pod: 3 }
run c, e
check named, not_both
""",
    "sets of records": """
record Rule { verbs: set of name  on: name = "" }
kind Role { rules: set of Rule }
universe writable: set of Rule = {Rule(verbs: {"get"}), Rule(verbs: {"get", "put"}, on: "pods")}
environment e {
  action add(r: Role, x in writable) do r.rules := r.rules union {x}
  action only(r: Role) do r.rules := those x in r.rules where "put" in x.verbs
}
invariant no_put: all r: Role | no x in r.rules | "put" in x.verbs and x.on == "pods"
invariant few: all r: Role | size(r.rules) < 2
cluster small { Role a { rules: [{verbs: ["list"]}] } }
run e
check no_put, few
""",
    "amounts, lists, sorting and folds": """
kind Node { cpu: cpu = 1 }
kind Pod { wants: cpu = 250m  node: Node? = none  rank: 0..2 = 0 }
fn used(n: Node): cpu = sum(p: Pod where p.node is n | p.wants)
fn order: list of Pod = sort p in (those p: Pod where p.node missing) by (-p.rank, age(p))
fn room(n: Node): int = fold p in order from 0 as k |
  if used(n) + p.wants * (k + 1) <= n.cpu then k + 1 else k
controller c {
  action bind(p: Pod, n: Node)
    when head(order) as h, h is p, used(n) + p.wants <= n.cpu
    do p.node := n
}
environment e { action grow(p: Pod) when p.node missing do p.wants := 750m }
invariant fits: all n: Node | used(n) <= n.cpu
invariant some_room: all n: Node | room(n) > 0 or order == []
cluster small { Node a {} Pod p { wants: 500m, rank: 1 } Pod q { wants: 250m } }
run c, e at most 2
check fits, some_room
""",
    "percent and division": """
kind D { replicas: 1..4 = 4  surge: percent = 25%  up: 0..8 = 4 }
fn most(d: D): int = d.replicas + ceil(d.replicas * d.surge)
fn share(d: D): rational = d.up / d.replicas
controller c { action up(d: D) when d.up < most(d) do d.up += 1 }
environment e { action scale(d: D, n: 1..4) do d.replicas := n }
invariant near: all d: D | share(d) <= 5 / 4
cluster small { D a {} }
run c, e at most 1
check near
""",
    "requests that are lost, faults that block": """
kind K { n: 0..2 = 0 }
controller c {
  memory tried: 0..2 = 0
  action up(k: K) when k.n < 2, tried < 2 do { k.n += 1; tried += 1 }
  refused tried += 1
}
fault stuck blocks c.up(k) when k.n == 1
invariant low: all k: K | k.n < 2
cluster small { K a, b {} }
run c
faults { lossy_api c; stuck }
check low
""",
    "in order": """
kind K { n: 0..3 = 0 }
controller c for k: K {
  ordered {
    action first when k.n == 0 do k.n := 1
    action second when k.n < 2 do { choose m: 2..3; k.n := m }
    action third do k.n := 0
  }
}
invariant never_three: all k: K | k.n != 3
cluster small { K a, b {} }
run c
check never_three
""",
    "what steps say": """
kind K { n: 0..2 = 0  other: K? = none }
controller c {
  action up(k: K)
    when k.n < 2
    let more = k.n + 1
    yields old = k.n
    do k.n := more
  action spawn(k: K) when k.n == 2, k.other missing do new j: K { other: k }
}
ghost ups: 0..9 = 0 { on c.up(_): ups := min(9, ups + 1) }
property one_more: on c.up(k): k.n == old + 1 and before(k.n) == old
property twice: on c.up(_): ups < 3
property points_back: on c.spawn(k): j.other is k
cluster small { K a {} }
room { K: 2 }
run c
check one_more, twice, points_back
""",
    "what would be after": """
kind Role { on: bool = true }
kind Binding { role: Role }
fn granted: bool = some b: Binding | b.role.on or else false
environment e {
  action drop(b: Binding) when (granted after delete b) do delete b
  action off(r: Role) when not (granted after r.on := false) do r.on := false
}
invariant still: granted
cluster small { Role a, b {} Binding x { role: a } Binding y { role: b } }
run e
check still
""",
    "free at the start": """
kind K { n: 0..2 = 0  on: bool = false }
controller c { action flip(k: K) when k.n > 0 do k.on := not k.on }
invariant off: all k: K | not k.on
cluster small { K a { n: any, on: any } K b { n: any of [1, 2] } }
run c
assume some_off: some k: K | not k.on
check off
""",
}


@pytest.mark.parametrize("name", MODULES)
def test_the_two_readings_agree(name: str) -> None:
    agree(MODULES[name])
