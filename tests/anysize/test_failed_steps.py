"""The step that a proof about every size failed on: it is a step, and what is said of it is so."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kspec.cli.prove import command
from kspec.driver.every_size import larger
from kspec.driver.every_size.any_size import Attempt, attempt
from kspec.driver.every_size.failed_steps import FailedStep, NoStep, failed_step
from kspec.ir.system import Invariant
from kspec.semantics.evaluate import truth
from kspec.semantics.state import env_of
from kspec.semantics.step import Taken, outcomes
from tests.anysize.compare import claims_of, scope_of

JUMPS = """
kind Pod { lit: bool = false; phase: 0..6 = 0 }
environment e {
  action create do new Pod {}
  action jump(p: Pod) when p.phase <= 3, p.lit do p.phase := p.phase + 2
  action light(p: Pod) do p.lit := true
}
invariant no_five: all p: Pod | p.phase != 5
invariant lit_ones: all p: Pod | p.phase > 0 implies p.lit
cluster c { pod a {} }
scenario x { in c; run e; room { Pod: 2 }; prove no_five, lit_ones }
"""
RLIMIT = 20_000_000


def steps(text: str, kinds: tuple[str, ...] = ("Pod",)) -> dict[str, FailedStep | NoStep]:
    scope = scope_of(text)
    found = attempt(scope, kinds, claims_of(scope), RLIMIT, None)
    assert isinstance(found, Attempt)
    asked = claims_of(scope)
    return {
        name: failed_step(found.made, failing, asked, RLIMIT, None)
        for name, failing in found.failed
    }


def is_a_failing_step(of: FailedStep) -> None:
    """All is so before it, it is a step, and the claim is false after it."""
    (step,) = of.trace.steps
    assert step.state is not None
    before, after = env_of(of.system, of.trace.start), env_of(of.system, step.state)
    (claim,) = (p.claim for p in of.system.properties if p.name == of.claim)
    assert isinstance(claim, Invariant)
    assert truth(of.system.well_formed, before)
    assert truth(claim.body, before)
    assert not truth(claim.body, after)
    taken = [o.state for _, o in outcomes(of.system, of.trace.start) if isinstance(o, Taken)]
    assert step.state in taken


def test_the_step_is_one_that_fails() -> None:
    found = steps(JUMPS)
    assert set(found) == {"no_five"}
    of = found["no_five"]
    assert isinstance(of, FailedStep)
    is_a_failing_step(of)
    assert (of.reached, of.looked, len(of.trace.steps)) == (None, 10, 1)
    # As little is in it as can be.
    (live,) = (
        n for n, v in enumerate(of.system.variables) if (v.owner, v.label) == ("Pod", "live")
    )
    alive = of.trace.start[live]
    assert isinstance(alive, tuple)
    assert sum(map(bool, alive)) == 1


FIVE = """
kind Pod { on: bool = false; marked: bool = false }
environment e {
  action create do new Pod {}
  action off(p: Pod) do p.on := false
  action mark when some a, b, c, d, x: Pod | a.on and b.on and c.on and d.on and x.on
      and not (a is b or a is c or a is d or b is c or b is d or c is d)
      and not (x is a or x is b or x is c or x is d)
    do for p: Pod { p.marked := true }
}
invariant none_marked: no p: Pod | p.marked
cluster c { pod a {} }
scenario x { in c; run e; room { Pod: 2 }; prove none_marked }
"""


@pytest.mark.slow
def test_what_fails_in_larger_scopes_alone_is_found_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from kspec.engines.anysize import templates

    monkeypatch.setattr(templates, "candidates", lambda *_: iter(()))
    of = steps(FIVE, ("Pod",))["none_marked"]
    assert isinstance(of, FailedStep)
    assert dict(of.sizes)["Pod"] > 4  # small: one that is written, a copy and two more
    is_a_failing_step(of)


SEATS = """
kind Seat { taken: bool = false }
environment e {
  action first(s: Seat) when no t: Seat | t.taken do s.taken := true
  action swap(s: Seat, t: Seat) when s.taken, not t.taken do { s.taken := false; t.taken := true }
}
invariant as_many: count(s: Seat where s.taken) != 3
cluster c { seat s {} seat t {} }
scenario x { in c; run e; prove as_many }
"""


def test_where_no_step_fails_it_is_said_where_it_was_looked_for() -> None:
    # That a count stays what it is has no words in a proof about every size.
    of = steps(SEATS, ("Seat",))
    tried = of["as_many"]
    assert isinstance(tried, NoStep)
    (small,), (large,) = (dict(sizes).values() for sizes in tried.sizes)
    assert 4 == small < large


def test_the_command_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(larger, "SCOPES", 1)
    file = tmp_path / "jumps.kspec"
    file.write_text(JUMPS)
    run = CliRunner().invoke(command, [str(file), "--for-all", "Pod"], standalone_mode=False)
    assert "? no_five" in run.stdout
    assert "not a bug: the induction step failed" in run.stdout
    assert "phase: 3 → 5" in run.stdout
    assert "after which no_five is false" in run.stdout
    assert "PROVED  lit_ones" in run.stdout
    assert run.return_value == 3


# ---- implicit properties in larger scopes ------------------------------------------------------

COUNTED = """
kind Board { n: 0..2 = 0 }
kind Pod { up: bool = true }
environment e {
  action post(b: Board) do b.n := count(p: Pod where p.up)
}
invariant fine: all b: Board | b.n >= 0 and b.n <= 2
cluster c { board b {} pod p {} }
scenario x { in c; run e; prove fine }
"""


def test_what_a_step_breaks_in_a_larger_scope_has_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(larger, "SCOPES", 4)
    file = tmp_path / "counted.kspec"
    file.write_text(COUNTED)
    run = CliRunner().invoke(command, [str(file), "--for-all", "Pod"], standalone_mode=False)
    assert "VIOLATED in-range" in run.stdout
    assert "at 3 Pod after 1 step, beyond the checked scope" in run.stdout
    assert "PROVED" not in run.stdout
    assert run.return_value == 1
