"""What is told about a trace: states read back as worlds, refusals, probes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.preparing.load import load_text
from kspec.driver.preparing.plan import plans
from kspec.driver.preparing.stages import Made, make
from kspec.driver.result import Row, Word
from kspec.driver.searching import search as searching
from kspec.pure.scopes.validity import start_world
from kspec.semantics.step import initial_states
from kspec.verdict.answer import Unknown, Why

RICH = """
enum Phase { Pending, Running }
record Ask { cpu: cpu = 0  memory: memory = 0  tags: set of Phase = {} }
kind Node key name { name: name  cpu: cpu = 0  local: bool = true }
kind Pod { ask: Ask = {}  node: Node? = none  phase: Phase = Pending  count: 0..4 = 1
           owner: object? = none  due: timer = off  seen: map from Phase to 0..3 = {} }
controller scheduler {
  watches Pod, Node
  memory last: Pod? = none
  action bind(p: Pod, n: Node)
    when p.node missing and p.ask.cpu <= n.cpu
    do { p.node := n by uid  p.count := 2 by uid  last := p
         p.owner := n by uid  p.due := in 30s by uid
         p.ask := p.ask with { tags: {Running} } by uid
         p.seen[Running] := 1 by uid  p.phase := Running by uid }
  action make do new p: Pod { ask: Ask(cpu: 500m) }
}
invariant unbound: all p: Pod | p.node missing
cluster c { node a { cpu: 1500m }  pod x { ask { cpu: 500m, memory: 1Gi }, count: 3 } }
check unbound
"""


def made(text: str) -> Made:
    loaded = load_text("a.kspec", text).loaded
    assert loaded is not None
    (scenario,) = loaded.program.scenarios
    (plan,) = plans(scenario, ((),), (), loaded.sources)
    found = make(loaded.program, plan, {}, loaded.sources)
    assert isinstance(found, Made), found
    return found


def test_the_first_state_reads_back_as_the_world_of_the_start() -> None:
    found = made(RICH)
    (state,) = initial_states(found.system)
    world = found.lowered.reader.world(state)
    assert world.kinds == start_world(found.scope.objects).kinds


def rows(tmp_path: Path, text: str, **options: object) -> dict[str, Row]:
    (tmp_path / "a.kspec").write_text(text, encoding="utf-8")
    given = Given(tmp_path / "a.kspec", "a.kspec")
    result = check([given], Options(**options))  # type: ignore[arg-type]
    assert result.judged, [d for f in result.files for d in f.diagnostics]
    return {row.name: row for row in result.rows}


def test_a_refusal_is_unknown_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kspec.engines.explicit.engine import Explicit, Refusal

    def refuse(*_: object) -> None:
        raise Refusal("too wide")

    monkeypatch.setattr(Explicit, "run", refuse)
    row = rows(tmp_path, RICH)["unbound"]
    assert row.word is Word.UNKNOWN
    assert isinstance(row.verdict, Unknown)
    assert row.verdict.because.why is Why.UNSUPPORTED
    assert "too wide" in row.verdict.because.note


def test_the_end_is_explained_with_units_and_names(tmp_path: Path) -> None:
    text = RICH.replace("p.node missing\n", "p.ask.cpu < 500m\n")
    row = rows(tmp_path, text)["unbound"]
    assert row.why == ("for p = pod/x:", "p.ask.cpu < 500m is false", "  p.ask.cpu is 500m")


COUNTS = """
kind P {{ n: 0..9 = 0 }}
environment e {{ action up(p: P) when p.n < 9 do p.n := p.n + 1 }}
invariant x: all p: P | {} implies p.n >= 0
cluster c {{ p a {{ }} }}
check x
"""


@pytest.mark.parametrize("engine", searching.ENGINES)
@pytest.mark.parametrize(("when", "is_vacuous"), [("p.n == 9", False), ("p.n > 9", True)])
def test_vacuity_is_found_however_late(
    engine: str, when: str, is_vacuous: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the audit's luck the probe has to be searched for.
    monkeypatch.setattr("kspec.driver.searching.audit.SAMPLE", 3)
    row = rows(tmp_path, COUNTS.format(when), engine=engine)["x"]
    assert row.word is Word.HOLDS
    assert bool(row.vacuous) is is_vacuous


def test_nothing_is_called_vacuous_where_the_search_ended_early(tmp_path: Path) -> None:
    row = rows(tmp_path, COUNTS.format("p.n > 9"), max_states=3)["x"]
    assert row.word is Word.BOUNDED
    assert row.vacuous == ()
