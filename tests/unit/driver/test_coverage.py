"""What a search went through: counted alike by every engine, and said only where it is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from kspec.driver.check import Given, Options, check
from kspec.driver.result import ExitCode, FileResult, Require, Vacuity, Word
from kspec.driver.searching.coverage import questions
from kspec.driver.searching.reduce import ALL, Reductions
from kspec.driver.searching.search import ENGINES, How, search
from kspec.engines.api import Budget
from kspec.engines.explicit import asking
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.semantics.claims import is_true_in

POD = "kind Pod { n: 0..5 = 0 }\n"
UP = "controller c { action up(p: Pod) when p.n < 2 do p.n += 1 }\n"
NEVER = "environment e { action burn(p: Pod) when p.n < 3, p.n > 4 do p.n := 0 }\n"
ONE = "invariant small: all p: Pod | p.n < 3\ncluster one { pod a {} }\n"
TWICE = """
kind Node { }
kind Pod { node: Node? = none  n: 0..5 = 0 }
controller c {
  action bind(p: Pod, n: Node) when p.node missing, p.n > 1, p.n < 3 do p.node := n
  action new_one when no p: Pod | p.n == 0 do new Pod { n: 1 }
}
environment e {
  action up(p: Pod) when p.n < 2 do p.n += 1
  action burn(p: Pod, n: Node) when p.node is n, p.n < 2 do p.n := 0
}
invariant small: all p: Pod | p.n < 3
cluster one { node k, l {}  pod a, b {} }
check small
"""


def checked(text: str, tmp_path: Path, **options: object) -> FileResult:
    path = tmp_path / "a.kspec"
    path.write_text(text, encoding="utf-8")
    given = evolve(Options(statistics=True), **options)
    (file,) = check([Given(path, "a.kspec")], given).files
    assert not file.diagnostics
    return file


def never(text: str, tmp_path: Path, **options: object) -> list[str]:
    return [of.action for of in checked(text, tmp_path, **options).never]


# ---- counts ------------------------------------------------------------------------------------


def test_every_engine_counts_the_same(tmp_path: Path) -> None:
    (slow,) = checked(TWICE, tmp_path, engine="reference").covered
    for workers in (1, 2):
        (fast,) = checked(TWICE, tmp_path, how=How(workers)).covered
        assert evolve(fast, bits=None, bytes=None) == slow
        assert (fast.bits, fast.bytes) == (24, 8)
    assert slow.asked and slow.complete
    assert [level.depth for level in slow.levels] == list(range(slow.reached.depth + 1))
    assert slow.levels[-1].states == slow.reached.states
    assert sum(action.times for action in slow.actions) == slow.reached.transitions


def test_what_is_said_of_conditions(tmp_path: Path) -> None:
    file = checked(TWICE, tmp_path)
    (covered,) = file.covered
    text = file.sources[0].text
    told = {
        a.name: (
            "" if a.stops is None else text[a.stops.start : a.stops.end],
            [text[s.start : s.end] for s in a.idle],
        )
        for a in covered.actions
    }
    assert told["c.bind"] == ("", ["p.n < 3"])
    assert told["e.burn"] == ("p.n < 2", [])
    assert told["e.up"] == ("", [])
    assert covered.actions[1].cut > 0


def test_questions_about_random_systems_are_answered_alike() -> None:
    """`asking` and the reference."""
    said = dict.fromkeys((True, False), 0)
    for seed in range(30):
        system = seeded_system(seed)
        bodies = tuple(q.body for q in questions(system))
        explored, states = Reference().visit(system, (), Budget(max_states=300), lambda _: None)
        if not explored.complete:
            continue
        try:
            run = Explicit(level=0).run(system, (), Budget(), lambda _: None)
        except Refusal:
            continue
        found = run.ever(bodies, lambda: False)
        assert found == tuple(any(is_true_in(system, b, s) for s in states) for b in bodies), seed
        for yes in found:
            said[yes] += 1
    assert said[True] > 40
    assert said[False] > 40


def test_questions_are_about_all_states(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = checked(TWICE, tmp_path).covered
    monkeypatch.setattr(asking, "FIRST", 1)
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    assert checked(TWICE, tmp_path).covered == whole


def test_who_stops_gets_no_answer() -> None:
    system = seeded_system(1)
    run = Explicit(level=0).run(system, (), Budget(), lambda _: None)
    assert run.ever(tuple(q.body for q in questions(system)), lambda: True) is None


def test_a_reduced_search_counts_nothing(tmp_path: Path) -> None:
    file = checked(TWICE.replace("new_one when no", "new_one when false, no"), tmp_path)
    assert file.covered[0].plain
    text = TWICE.replace("new_one when no", "new_one when false, no")
    file = checked(text, tmp_path, reductions=ALL)
    assert not file.covered[0].plain and not file.never
    assert any(line.startswith("coverage off") for line in file.rows[0].reduced)


def test_steps_that_are_left_for_later_are_not_called_vacuous(tmp_path: Path) -> None:
    """Other searches are: the claim is never put to the test."""
    text = POD + UP + NEVER + "environment f { action other(p: Pod) when p.n == 5 do p.n := 5 }\n"
    text += ONE.replace("pod a {}", "pod a, b {}")
    text += "property burnt: on e.burn(p): p.n == 0\ncheck burnt\n"
    (row,) = checked(text, tmp_path, reductions=Reductions(partial_order=True)).rows
    on = [line for line in row.reduced if line.startswith("partial order on")]
    assert row.word is Word.HOLDS and on
    assert row.vacuous == ()
    (row,) = checked(text, tmp_path, reductions=ALL).rows
    assert row.vacuous == ("e.burn never happens",)


def test_how_a_search_is_asked() -> None:
    """The reference answers the same questions as the native engine, through `search`."""
    system = seeded_system(3)
    bodies = tuple(q.body for q in questions(system))
    told = {
        search(engine, system, (), Budget(), lambda _: None, questions=bodies).ever
        for engine in ENGINES
    }
    assert len(told) == 1


# ---- what never fired --------------------------------------------------------------------------


def test_an_action_that_never_fires_is_told_with_its_place(tmp_path: Path) -> None:
    file = checked(POD + UP + NEVER + ONE + "check small\n", tmp_path)
    (told,) = file.never
    assert told.action == "e.burn"
    text = file.sources[0].text
    assert text[told.span.start : told.span.end].startswith("action burn")


@pytest.mark.parametrize("engine", ENGINES)
def test_where_it_is_not_told(engine: str, tmp_path: Path) -> None:
    text = POD + UP + NEVER + ONE
    judged = text + "check small\n"
    assert never(judged, tmp_path, engine=engine) == ["e.burn"]
    assert never(judged, tmp_path, engine=engine, vacuity=False) == []
    assert never(judged, tmp_path, engine=engine, max_states=2) == []
    violated = judged.replace("p.n < 3\ncluster", "p.n < 1\ncluster")
    assert never(violated, tmp_path, engine=engine) == []
    cut = "environment f { action more do new Pod { n: 0 } }\n"
    assert never(cut + judged, tmp_path, engine=engine) == []


def test_nothing_is_called_vacuous_where_creation_was_cut(tmp_path: Path) -> None:
    text = POD + UP + NEVER + ONE + "property burnt: on e.burn(p): p.n == 0\ncheck burnt\n"
    (row,) = checked(text, tmp_path).rows
    assert row.vacuous == ("e.burn never happens",)
    (row,) = checked("environment f { action more do new Pod { } }\n" + text, tmp_path).rows
    assert row.word is Word.HOLDS and row.cuts
    assert row.vacuous == ()


def test_one_scenario_in_which_it_fires_is_enough(tmp_path: Path) -> None:
    text = POD + UP + NEVER + ONE + "cluster hot { pod a { n: 5 } }\n"
    text = text.replace("when p.n < 3, p.n > 4", "when p.n > 4")
    small = text + "scenario small { in one  check small }\n"
    assert never(small, tmp_path) == ["e.burn"]
    both = small + "invariant any: all p: Pod | p.n < 9\nscenario large { in hot  check any }\n"
    assert never(both, tmp_path) == []


def test_never_fired_is_an_error_only_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.kspec"
    path.write_text(POD + UP + NEVER + ONE + "check small\n", encoding="utf-8")
    result = check([Given(path, "a.kspec")], Options())
    assert result.code(Require.DEFAULT, Vacuity.WARN) is ExitCode.OK
    assert result.code(Require.DEFAULT, Vacuity.ERROR) is ExitCode.VIOLATED


# ---- what holds because nothing happens --------------------------------------------------------

STILL = "kind Pod { n: 0..5 = 0 }\ncontroller c { action up(p: Pod) when p.n > 3 do p.n := 0 }\n"


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (STILL + ONE + "check small\n", ("nothing ever happens",)),
        (POD + UP + ONE + "check small\n", ()),
        (POD + ONE + "check small\n", ()),
        (STILL + ONE + "property still: settles\ncheck still\n", ("nothing ever happens",)),
        (
            STILL
            + "environment e { action b(p: Pod) when p.n < 2 do p.n += 1 }\n"
            + ONE
            + "property still: settles\ncheck still\n",
            ("no controller ever does anything",),
        ),
        (POD + UP + ONE + "property still: settles\ncheck still\n", ()),
    ],
)
def test_what_holds_because_nothing_happens(
    text: str, reasons: tuple[str, ...], tmp_path: Path
) -> None:
    (row,) = checked(text, tmp_path).rows
    assert row.word is Word.HOLDS
    assert row.vacuous == reasons
