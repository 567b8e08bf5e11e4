"""Partial order: small programs that get another verdict if a rule of what may wait is broken. Each
is checked with it and without; `said` is what the report says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import Row
from kspec.driver.searching.reduce import NONE, Reductions
from kspec.driver.searching.search import How
from kspec.verdict.answer import Unknown

PARTIAL: Final = Reductions(partial_order=True)
ON: Final = "partial order on"


def rows(
    tmp_path: Path, text: str, reductions: Reductions, workers: int = 1, most: int | None = None
) -> tuple[Row, ...]:
    path = tmp_path / "a.kspec"
    path.write_text(text, encoding="utf-8")
    how = How(workers=workers)
    options = Options(reductions=reductions, how=how, max_states=most, vacuity=False)
    result = check([Given(path, "a.kspec")], options)
    assert [d.message for file in result.files for d in file.diagnostics] == []
    return result.rows


def shown(row: Row) -> tuple[object, ...]:
    """Verdict, trace, what was cut."""
    return row.name, row.word.value, row.trace, tuple(cut.action for cut in row.cuts)


def assert_same(tmp_path: Path, text: str, said: str = ON) -> tuple[tuple[int, int], ...]:
    """The same verdicts and traces; the beginning of what is said. States with and without."""
    plain, fewer = rows(tmp_path, text, NONE), rows(tmp_path, text, PARTIAL)
    assert list(map(shown, fewer)) == list(map(shown, plain))
    lines = [line for row in fewer for line in row.reduced]
    assert any(line.startswith(said) for line in lines), lines
    counts = []
    for one, other in zip(fewer, plain, strict=True):
        assert one.reached is not None
        assert other.reached is not None
        counts.append((one.reached.states, other.reached.states))
    return tuple(counts)


JOBS = """
kind Job { step: 0..3 = 0  seen: bool = false }
environment world {
  action go(j: Job) when j.step < 3 do j.step := j.step + 1
  action see(j: Job) when j.step == 3 do j.seen := true
}
cluster c { job a, b, d, e {} }
"""


# ---- what waits --------------------------------------------------------------------------------


def test_jobs_that_do_not_meet_take_turns(tmp_path: Path) -> None:
    text = JOBS + "invariant in_order: all j: Job | j.seen implies j.step == 3\ncheck in_order\n"
    ((fewer, plain),) = assert_same(tmp_path, text, ON)
    # Each job has five states; one after the other they take four steps each.
    assert plain == 5**4
    assert fewer == 4 * 4 + 1


def test_what_nothing_can_tell_apart_says_how_much_was_left_out(tmp_path: Path) -> None:
    text = JOBS + "invariant in_order: all j: Job | j.seen implies j.step == 3\ncheck in_order\n"
    (row,) = rows(tmp_path, text, PARTIAL)
    # In the last state nothing is left to wait.
    assert f"{ON}: 16 of 17 states were gone on from with fewer steps" in row.reduced


def test_alike_and_apart(tmp_path: Path) -> None:
    # The claim sees all jobs together, so none may wait; those that are alike are one.
    text = (
        JOBS.replace("job a, b, d, e {}", "job a, b, d {} lamp l {}")
        + """
kind Lamp { on: bool = false }
environment light { action switch(l: Lamp) when not l.on do l.on := true }
invariant few: count(j: Job where j.step == 2) != 2 or count(j: Job where j.step == 1) <= 1
check few
"""
    )
    both = Reductions(symmetry=True, partial_order=True)
    (alike,), (apart,) = rows(tmp_path, text, both), rows(tmp_path, text, PARTIAL)
    (whole,) = rows(tmp_path, text, Reductions(symmetry=True))
    assert shown(alike) == shown(apart) == shown(whole)
    assert alike.reached is not None
    assert apart.reached is not None
    assert whole.reached is not None
    assert alike.reached.states < apart.reached.states
    assert alike.reached.states < whole.reached.states


def test_a_loop_does_not_keep_others_waiting_for_ever(tmp_path: Path) -> None:
    # The lamp has nothing to do with the door, and could be switched for ever.
    text = """
kind Door { open: bool = false }
kind Lamp { on: bool = false }
environment world {
  action switch_on(l: Lamp) when not l.on do l.on := true
  action switch_off(l: Lamp) when l.on do l.on := false
  action open(d: Door) when not d.open do d.open := true
}
invariant shut: all d: Door | not d.open
cluster c { lamp l {} door d {} }
expect violated shut
"""
    assert_same(tmp_path, text)


def test_a_step_that_changes_nothing_keeps_nobody_waiting(tmp_path: Path) -> None:
    text = """
kind Door { open: bool = false }
kind Lamp { on: bool = false }
environment world {
  action look(l: Lamp) do l.on := l.on
  action open(d: Door) when not d.open do d.open := true
}
invariant shut: all d: Door | not d.open
cluster c { lamp l {} door d {} }
expect violated shut
"""
    assert_same(tmp_path, text)


# ---- what is visible ---------------------------------------------------------------------------


def test_steps_that_a_claim_sees_do_not_wait_for_each_other(tmp_path: Path) -> None:
    # Neither has to do with the other, but the claims see in which order they happen.
    text = """
kind Door { open: bool = false }
environment world { action open(d: Door) when not d.open do d.open := true }
scenario one {
  cluster { door a {} door b {} door d {} }
  check a_first, b_first, d_first
}
property a_first: reachable count(d: Door where d.open) == 1 and some d: Door | d.name == "a" and d.open
property b_first: reachable count(d: Door where d.open) == 1 and some d: Door | d.name == "b" and d.open
property d_first: reachable count(d: Door where d.open) == 1 and some d: Door | d.name == "d" and d.open
"""
    text = text.replace("kind Door { open", "kind Door key name { name: name  open")
    assert_same(tmp_path, text, "partial order")


def test_a_claim_that_needs_two_waits_for_neither(tmp_path: Path) -> None:
    text = """
kind Left { here: bool = false }
kind Right { here: bool = false }
environment world {
  action come(l: Left) when not l.here do l.here := true
  action go(l: Left) when l.here do l.here := false
  action arrive(r: Right) when not r.here do r.here := true
  action leave(r: Right) when r.here do r.here := false
}
invariant apart: all l: Left, r: Right | not (l.here and r.here)
property together: reachable some l: Left, r: Right | l.here and r.here
cluster c { left l {} right r {} }
check together
expect violated apart
"""
    assert_same(tmp_path, text, "partial order")


def test_an_occurrence_sees_what_others_do_first(tmp_path: Path) -> None:
    # `ring` neither reads nor writes the door; the claim about it reads the door.
    text = """
kind Door { open: bool = false }
kind Bell { rung: bool = false }
environment world {
  action ring(b: Bell) when not b.rung do b.rung := true
  action open(d: Door) when not d.open do d.open := true
}
property rung_at_shut_doors: on world.ring: all d: Door | not d.open
property rung_at_open_doors: on world.ring: all d: Door | before(d.open)
cluster c { bell b {} door d {} lamp l {} }
kind Lamp { on: bool = false }
environment others { action switch(l: Lamp) when not l.on do l.on := true }
expect violated rung_at_shut_doors, rung_at_open_doors
"""
    assert_same(tmp_path, text)


# ---- implicit properties and cuts --------------------------------------------------------------


def test_a_step_that_can_leave_its_range_is_visible(tmp_path: Path) -> None:
    # Nothing that is asked for reads the counter; only from some orders is it left.
    text = """
kind Counter { n: 0..2 = 0 }
kind Lamp { on: bool = false }
environment world {
  action more(c: Counter) do c.n := c.n + 1
  action clear(c: Counter) when c.n > 0 do c.n := 0
  action switch(l: Lamp) when not l.on do l.on := true
}
invariant few: all l: Lamp | l.on or not l.on
property dark: reachable all l: Lamp | not l.on
cluster c { counter k {} lamp l, m {} }
check few
"""
    assert_same(tmp_path, text)


def test_a_target_that_another_step_removes_is_read(tmp_path: Path) -> None:
    # What `fill` chose may be gone when it comes to write it; nothing that is asked for reads it.
    text = """
kind Cell { value: 0..1 = 0 }
kind Lamp { on: bool = false }
controller slow { action fill(c: Cell) when c.value == 0 do nothing next c.value := 1 }
environment life {
  action kill(c: Cell) do delete c
  action switch(l: Lamp) when not l.on do l.on := true
}
invariant fine: all l: Lamp | l.on or not l.on
cluster c { cell a {} lamp l, m {} }
check fine
"""
    assert_same(tmp_path, text)
    names = [row.name for row in rows(tmp_path, text, PARTIAL)]
    assert names == ["fine", "live-target"]


def test_a_birth_that_is_cut_only_in_one_order_is_cut(tmp_path: Path) -> None:
    text = """
kind Pod { done: bool = false }
kind Lamp { on: bool = false }
environment world {
  action make when count(p: Pod) <= 2 do new Pod { }
  action kill(p: Pod) do delete p
  action switch(l: Lamp) when not l.on do l.on := true
}
invariant few: count(p: Pod) <= 3
cluster c { lamp l, m {} }
room { Pod: 2 }
check few
"""
    assert_same(tmp_path, text)
    (row,) = rows(tmp_path, text, PARTIAL)
    assert [cut.action for cut in row.cuts] == ["world.make"]


# ---- levels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_what_is_new_is_decided_by_levels(tmp_path: Path, workers: int) -> None:
    # Two states of one level lead to the same state, which is new to both.
    text = JOBS.replace("0..3", "0..2").replace("== 3", "== 2").replace("< 3", "< 2")
    text += """
kind Lamp { on: bool = false }
environment light {
  action switch(l: Lamp) do l.on := not l.on
}
invariant few: count(j: Job where j.seen) <= 4
check few
"""
    text = text.replace("job a, b, d, e {}", "job a, b, d {} lamp l {}")
    (one,), (more,) = rows(tmp_path, text, PARTIAL), rows(tmp_path, text, PARTIAL, workers)
    assert shown(one) == shown(more)
    assert one.reached == more.reached
    assert one.reduced == more.reduced
    assert_same(tmp_path, text)


# ---- shortest runs and limits ------------------------------------------------------------------


def test_a_longer_run_is_not_called_shortest(tmp_path: Path) -> None:
    # With partial order, the jobs that nobody asks about may be done first.
    text = (
        JOBS.replace("job a, b, d, e {}", "job a, b, d {} lamp l {}")
        + """
kind Lamp { on: bool = false }
environment light { action switch(l: Lamp) when not l.on do l.on := true }
invariant dark: all l: Lamp | not l.on
invariant unseen: no j: Job | j.seen
expect violated dark, unseen
"""
    )
    assert_same(tmp_path, text)
    lines = rows(tmp_path, text, PARTIAL)[0].reduced
    assert "partial order off for the search for the shortest of what was found" in lines


def test_nothing_is_said_of_depths_that_were_not_seen(tmp_path: Path) -> None:
    text = JOBS + "invariant in_order: all j: Job | j.seen implies j.step == 3\ncheck in_order\n"
    (row,) = rows(tmp_path, text, PARTIAL, most=8)
    assert row.reached is not None
    assert row.reached.depth > 0
    assert isinstance(row.verdict, Unknown)
    assert row.verdict.because.reached.depth == 0


# ---- where it is off ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (
            "property goes: no deadlock\ncheck goes",
            "partial order off: whatever may happen keeps the system",
        ),
        ("property ends: all j: Job | eventually j.seen\ncheck ends", "partial order off: claims"),
        (
            "property n: 5 values of count(j: Job where j.seen)\ncheck n",
            "partial order off: values",
        ),
    ],
)
def test_off_where_orders_matter(tmp_path: Path, claims: str, said: str) -> None:
    text = JOBS.replace("job a, b, d, e {}", "job a, b {}").replace("0..3", "0..1")
    text = text.replace("== 3", "== 1").replace("< 3", "< 1")
    ((fewer, plain),) = assert_same(tmp_path, f"{text}{claims}\n", said)
    assert fewer == plain


def test_off_for_whether_anything_happens(tmp_path: Path) -> None:
    # The claim is about nobody: whether there ever was anybody is asked of the system as it is.
    text = (
        JOBS + "invariant none: all j: Job where j.step == 3 and j.seen | j.step > 2\ncheck none\n"
    )
    path = tmp_path / "a.kspec"
    path.write_text(
        text.replace("action see(j: Job) when j.step == 3", "action see(j: Job) when j.step > 3")
    )
    result = check([Given(path, "a.kspec")], Options(reductions=PARTIAL))
    (row,) = result.rows
    assert row.vacuous
    assert any(line.startswith(ON) for line in row.reduced)


def test_off_where_everything_meets(tmp_path: Path) -> None:
    text = """
kind Job { done: bool = false }
environment world {
  action finish(j: Job) when all k: Job | not k.done do j.done := true
}
invariant one: count(j: Job where j.done) <= 1
cluster c { job a, b {} }
check one
"""
    assert_same(tmp_path, text, "partial order off: every action has to do with every other")
