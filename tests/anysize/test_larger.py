"""What is not proved of every size is looked for in larger scopes, and only what is so is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kspec.cli.prove import command
from kspec.driver.every_size import larger
from kspec.driver.every_size.larger import Beyond, Clear, growing, look
from kspec.driver.preparing.lowering import Lowered, lowered
from kspec.verdict.replay import replay
from tests.anysize.compare import claims_of, names_of, proved, scope_of
from tests.anysize.modules import module

ROOT = Path(__file__).parents[2]
SEATS = """
kind Seat key name { name: name; taken: bool = false }
kind Guest { seat: Seat? = none }
environment e {
  action sit(g: Guest, s: Seat) when g.seat missing, not s.taken
    do { g.seat := s; s.taken := true }
  action rise(g: Guest, s: Seat) when g.seat == s
    do { g.seat := none; s.taken := false }
  action arrive() do new Guest {}
}
invariant few: count(g: Guest where g.seat exists) <= 4
invariant named: all s, t: Seat where s.name == t.name | s is t
invariant told: all g: Guest where g.seat exists | g.seat exists
cluster c { seat s1 {} seat s2 {} guest a {} guest b {} }
scenario x { in c; run e.sit, e.rise; prove few, named, told }
"""
BOTH = ("Guest", "Seat")
SCOPES = 3


@pytest.fixture(autouse=True)
def few_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long is to make them."""
    monkeypatch.setattr(larger, "SCOPES", SCOPES)


def test_both_kinds_grow_until_it_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(larger, "SCOPES", 5)
    scope = scope_of(SEATS.replace("<= 4", "<= 2"))
    of = look(scope, BOTH, ("few",))["few"]
    assert isinstance(of, Beyond)
    assert of.sizes == (("Seat", 3), ("Guest", 3))
    assert len(of.trace.steps) == 3
    (prop,) = (p for p in of.lowered.system.properties if p.name == "few")
    assert replay(of.trace, of.lowered.system, prop) is None


def test_what_does_not_break_is_said_up_to_where_it_was_looked_for() -> None:
    of = look(scope_of(SEATS), ("Guest",), ("few", "told"))
    assert of == {"few": Clear(f"{2 + SCOPES} Guest"), "told": Clear(f"{2 + SCOPES} Guest")}


def test_copies_have_names_of_their_own() -> None:
    of = look(scope_of(SEATS), ("Seat",), ("named",))
    assert of == {"named": Clear(f"{2 + SCOPES} Seat")}


def test_what_is_proved_is_looked_for_in_the_scope_alone() -> None:
    scope = scope_of(SEATS.replace("<= 4", "<= 2"))
    assert look(scope, BOTH, ("few",), proved={"few"}) == {"few": Clear("")}
    here = scope_of(SEATS.replace("<= 4", "<= 1"))
    of = look(here, BOTH, ("few",), proved={"few"})["few"]
    assert isinstance(of, Beyond)
    assert (of.sizes, len(of.trace.steps)) == ((), 2)


def test_room_grows_where_objects_are_created() -> None:
    text = SEATS.replace("run e.sit, e.rise;", "run e; room { Guest: 2 };").replace(
        "guest a {} guest b {}", ""
    )
    scope = scope_of(text)
    sizes = [dict(s)["Guest"] for _, s, _ in growing(scope, ("Guest",)) if s]
    assert sizes == list(range(3, 3 + SCOPES))
    for _, _, grown in growing(scope, ("Guest",)):
        (size,) = (p.size for p in grown.pools if p.kind == "Guest")
        made = lowered(grown)
        assert isinstance(made, Lowered)
        assert [p.size for p in made.system.pools if p.name == "Guest"] == [size]
        said = [s for s in grown.assumptions if "`Guest` at once" in s]
        assert [s.startswith(f"at most {size} of") for s in said] == [True]


def test_the_budget_is_one_of_states(monkeypatch: pytest.MonkeyPatch) -> None:
    scope, upto = scope_of(SEATS.replace("<= 4", "<= 2")), []
    for states in (2, 5, 100):
        monkeypatch.setattr(larger, "STATES", states)
        upto.append(look(scope, ("Guest",), ("few",))["few"])
    # With two guests there is nothing to search.
    assert upto == [Clear(""), Clear("3 Guest"), Clear("5 Guest")]


def test_the_command_shows_the_run_and_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(larger, "SCOPES", 5)
    file = tmp_path / "seats.kspec"
    file.write_text(SEATS.replace("<= 4", "<= 2"))
    args = [str(file), "-p", "few", "-p", "named", "--for-all", "Guest,Seat"]
    run = CliRunner().invoke(command, args, standalone_mode=False)
    assert "VIOLATED few" in run.stdout
    assert "at 3 Seat, 3 Guest after 3 steps, beyond the checked scope" in run.stdout
    assert "seat/s3" in run.stdout
    assert run.return_value == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 110))
def test_what_is_proved_breaks_in_no_larger_scope(seed: int) -> None:
    scope = scope_of(module(seed))
    good = names_of(proved(scope, ("A", "B")))
    found = look(scope, ("A", "B"), claims_of(scope))
    assert not good & {name for name, of in found.items() if isinstance(of, Beyond)}


@pytest.mark.slow
def test_nine_pods_on_two_and_two_nodes() -> None:
    file = "models/php_apache_wider.kspec"
    args = [file, "-s", "two_and_two", "-p", "never_stuck", "--for-all", "Pod"]
    run = CliRunner().invoke(command, args, standalone_mode=False)
    assert "at 9 Pod after 13 steps, beyond the checked scope" in run.stdout
    assert run.return_value == 1
