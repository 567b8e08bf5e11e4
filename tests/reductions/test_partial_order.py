"""Partial order: random systems, with steps left for later and without; independence by trying."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from kspec.driver.preparing.load import load_text
from kspec.driver.preparing.prepare import Preparation, Prepared
from kspec.driver.preparing.stages import Made
from kspec.driver.searching.audit import Difference, audit
from kspec.driver.searching.reduce import NONE, Reduced, Reductions, may_wait
from kspec.driver.searching.search import Refused
from kspec.driver.searching.waiting import PROBED, TO_DEPTH, Contradiction, order_of, settled
from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, LOOPS
from kspec.engines.explicit.store.journal import BadCheckpoint, Journal
from kspec.engines.explicit.store.layout import Refusal
from kspec.engines.random_systems import seeded_system
from kspec.engines.random_systems.loose import loose_system
from kspec.engines.reference import Reference
from kspec.engines.stubborn import Fewer, Situation, fewer
from kspec.ir.expr import Get, Local, Ref
from kspec.ir.passes.independence import Independence, independence, instances, numbers
from kspec.ir.passes.places import Known, Reader, overlap
from kspec.ir.sorts import Bool, Id, Map
from kspec.ir.system import Invariant, Occurrence, Reachable, System
from kspec.semantics.claims import is_true_in
from kspec.semantics.evaluate import truth
from kspec.semantics.state import env_of
from kspec.semantics.step import Broken, Disabled, Taken, instance_env
from kspec.verdict.answer import (
    Absent,
    Exhausted,
    Exploration,
    Found,
    Inconclusive,
    Reached,
    Why,
)
from kspec.verdict.trace import Step, Trace
from tests.reductions.compare import complete, searched, told

SMALL: Final = 300
MANY: Final = 400
"""Instances; the reference tries each of them in each state."""
PARTIAL: Final = Reductions(partial_order=True)
WITH_ALL: Final = Reductions(slicing=True, symmetry=True, partial_order=True)
WITH_SYMMETRY: Final = Reductions(symmetry=True, partial_order=True)
WORKERS: Final = ((DEFAULT, 1), (LOOPS, 1), (CROWDED, 2))


def eligible(system: System) -> System | None:
    """The system with those of its properties that are searched for with partial order."""
    kept = [p for p in system.properties if isinstance(p.claim, Invariant | Reachable | Occurrence)]
    found = complete(evolve(system, properties=tuple(kept)))
    return found if instances(found) <= MANY else None


def drawn(
    seeds: range, make: Callable[[int], System]
) -> Iterator[tuple[int, System, Independence]]:
    """Systems in which not everything has to do with everything."""
    for seed in seeds:
        system = eligible(make(seed))
        if system is not None:
            order = independence(system, system.properties)
            if not order.is_useless:
                yield seed, system, order


def lengths(exploration: Exploration) -> dict[str, int]:
    return {n: len(a.trace.steps) for n, a in exploration.answers if isinstance(a, Found)}


# ---- against the search without ----------------------------------------------------------------


def assert_as_without(seed: int, system: System, order: Independence) -> Fewer | None:
    """The plain reduction beside the reference: what is found, cut, fired; nothing is nearer."""
    names = tuple(prop.name for prop in system.properties)
    whole = Reference().explore(system, names, Budget(max_states=SMALL), lambda _: None)
    if not whole.complete:
        return None
    found, wanted = fewer(system, system.properties, order, SMALL), lengths(whole)
    assert found is not None, seed
    assert set(found.found) == set(wanted), seed
    assert all(found.found[name] >= steps for name, steps in wanted.items()), seed
    assert set(found.cut) == {cut.action for cut in whole.cuts}, seed
    assert set(found.fired) == {name for name, times in whole.fired if times}, seed
    assert found.states <= whole.reached.states, seed
    return found if found.states < whole.reached.states else None


def compared(seeds: range, make: Callable[[int], System]) -> int:
    """How many were searched with fewer states."""
    return sum(assert_as_without(*one) is not None for one in drawn(seeds, make))


def test_all_that_happens_happens_with_fewer_states_too() -> None:
    assert compared(range(40), loose_system) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("block", range(5))
def test_more_systems(block: int) -> None:
    assert compared(range(1000 + 500 * block, 1500 + 500 * block), loose_system) >= 50
    assert compared(range(5000 + 120 * block, 5120 + 120 * block), seeded_system) >= 2


# ---- the native engine beside the plain reduction ----------------------------------------------


def native(seeds: range, make: Callable[[int], System]) -> int:
    """The same states, steps, levels and findings for all workers; how many systems were reduced."""
    happened = 0
    for seed, system, order in drawn(seeds, make):
        plain = fewer(system, system.properties, order, SMALL)
        if plain is None:
            continue
        names = tuple(prop.name for prop in system.properties)
        for tuning, workers in WORKERS:
            engine = Explicit(0, tuning, workers, order=order)
            try:
                run = engine.run(system, names, Budget(), lambda _: None)
            except Refusal:
                continue
            explored = run.exploration
            assert explored.reached.states == plain.states, (seed, workers)
            assert explored.reached.transitions == plain.transitions, (seed, workers)
            assert explored.reached.depth == plain.depth, (seed, workers)
            assert run.search.waited() == (plain.reduced, plain.left_out), (seed, workers)
            assert lengths(explored) == plain.found, (seed, workers)
            assert {cut.action for cut in explored.cuts} == plain.cut, (seed, workers)
            assert {name for name, times in explored.fired if times} == plain.fired
        happened += plain.reduced > 0
    return happened


def test_native_code_chooses_as_the_plain_reduction() -> None:
    assert native(range(8), loose_system) >= 2
    assert native(range(404, 406), seeded_system) >= 0


TWO_PHASES: Final = """
enum Stage { working, prepared, committed, aborted }
enum Decision { init, commit, abort }
kind RM { state: Stage = working; prepared: bool = false; sent: bool = false }
kind TM { decision: Decision = init; commit_sent: bool = false; abort_sent: bool = false }
environment managers {
  action receive_prepared(t: TM, r: RM) when t.decision is init, r.sent do r.prepared := true
  action prepare(r: RM) when r.state is working do { r.state := prepared; r.sent := true }
  action choose_abort(r: RM) when r.state is working do r.state := aborted
  action receive_commit(t: TM, r: RM) when t.commit_sent do r.state := committed
  action receive_abort(t: TM, r: RM) when t.abort_sent do r.state := aborted
}
environment coordinator {
  action commit(t: TM)
    when  t.decision is init, all r: RM | r.prepared
    do    { t.decision := commit; t.commit_sent := true }
  action abort(t: TM)
    when  t.decision is init
    do    { t.decision := abort; t.abort_sent := true }
}
invariant consistent: not ((some r: RM where r.state is aborted) and some r: RM where r.state is committed)
cluster c { tm t {}; rm a, b, d, e, f {} }
check consistent
"""


def two_phases() -> tuple[System, Independence]:
    """Five resource managers commit in two phases."""
    loaded = load_text("m.kspec", TWO_PHASES).loaded
    assert loaded is not None
    preparation = Preparation(loaded)
    scope = next(iter(preparation.scopes(preparation.scenarios[0])))
    assert isinstance(scope, Prepared)
    assert isinstance(scope.stage, Made)
    system = scope.stage.system
    found = evolve(system, properties=tuple(p for p in system.properties if p.name == "consistent"))
    return found, independence(found, found.properties)


def test_what_is_new_does_not_depend_on_what_is_stored_first() -> None:
    # A few states at a time, or hundreds; another worker stores what this one asks about.
    system, order = two_phases()
    seen = set()
    for tuning, workers in ((DEFAULT, 1), (CROWDED, 1), (CROWDED, 2)):
        engine = Explicit(0, tuning, workers, order=order)
        run = engine.run(system, ("consistent",), Budget(), lambda _: None)
        seen.add((run.exploration.reached, run.search.waited()))
    ((reached, (reduced, _)),) = seen
    assert reached.states < 8832
    assert reduced > 1000


@pytest.mark.slow
def test_two_phases_have_the_states_of_the_plain_reduction() -> None:
    system, order = two_phases()
    plain = fewer(system, system.properties, order, 8832)
    run = Explicit(order=order).run(system, ("consistent",), Budget(), lambda _: None)
    assert plain is not None
    assert run.exploration.reached == Reached(plain.states, plain.transitions, plain.depth)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_native_code_on_more_systems(block: int) -> None:
    assert native(range(2000 + 250 * block, 2250 + 250 * block), loose_system) >= 50
    assert native(range(7000 + 60 * block, 7060 + 60 * block), seeded_system) >= 5


# ---- verdicts and traces -----------------------------------------------------------------------


def judged(seeds: range, make: Callable[[int], System]) -> Counter[str]:
    """Verdicts and lengths as without; with partial order alone, the same traces."""
    happened: Counter[str] = Counter()
    for seed in seeds:
        system = eligible(make(seed))
        if system is None:
            continue
        try:
            plain = searched(system, NONE)
        except Refused:
            continue
        if not plain.exploration.complete:
            continue
        for wanted in (PARTIAL, WITH_SYMMETRY, WITH_ALL):
            found = searched(system, wanted)
            assert told(system, found) == told(system, plain), (seed, found.reduced)
            happened["fewer"] += found.exploration.reached.states < plain.exploration.reached.states
            for line in found.reduced:
                happened[line.partition(":")[0]] += 1
            if wanted == PARTIAL:
                traces = [a for _, a in found.exploration.answers if isinstance(a, Found)]
                assert traces == [a for _, a in plain.exploration.answers if isinstance(a, Found)]
                happened["found"] += bool(traces)
    return happened


def test_verdicts_lengths_and_traces_are_the_same() -> None:
    happened = judged(range(300, 304), loose_system)
    assert happened["fewer"] >= 1
    assert happened["found"] >= 1
    assert happened["partial order on"] >= 3


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_two_thousand_systems(block: int) -> None:
    happened = judged(range(10_000 + 200 * block, 10_200 + 200 * block), loose_system)
    assert happened["fewer"] >= 50
    judged(range(20_000 + 60 * block, 20_060 + 60 * block), seeded_system)


# ---- what the driver owes ----------------------------------------------------------------------


def test_an_audit_notices_steps_that_may_not_wait() -> None:
    noticed = 0
    for seed, system, order in drawn(range(12), loose_system):
        names = tuple(prop.name for prop in system.properties)
        blind = evolve(order, enabling=tuple((0,) * len(parts) for parts in order.enabling))
        run = Explicit(0, order=blind).run(system, names, Budget(), lambda _: None)
        of = Reduced(system, system, (), (), order=order)
        try:
            audit(system, run, run.exploration, may_wait=partial(may_wait, of))
        except Difference as difference:
            noticed += "may not wait" in str(difference)
        assert seed >= 0
    assert noticed >= 2


def test_probes_are_searched_for_without() -> None:
    system = loose_system(300)
    asked = (evolve(system.properties[0], name="anything?"),)
    assert order_of(system, asked) == (None, PROBED)
    assert order_of(system, asked, TO_DEPTH) == (None, TO_DEPTH)


def test_a_contradiction_is_no_answer() -> None:
    trace = Trace((0,), ())
    reached, evidence = Reached(1, 1, 0), Exhausted(1, 1, 0, ())
    found = Exploration((("p", Found(trace)),), reached, True, (), ())
    absent = Exploration((("p", Absent(evidence)),), reached, True, (), ())
    for first, again in ((found, absent), (absent, found)):
        with pytest.raises(Contradiction):
            settled(first, again, stopped=False)
    assert settled(found, found, stopped=False) == (found, "")
    early = evolve(absent, answers=(("p", Inconclusive(Why.STATES, reached)),))
    kept, said = settled(found, early, stopped=True)
    assert kept == found
    assert said == "partial order: there may be shorter runs to p"
    longer = Exploration(
        (("p", Found(Trace((0,), (Step("a", (), (), (0,)),)))),), reached, True, (), ()
    )
    with pytest.raises(Contradiction):
        settled(found, longer, stopped=False)


# ---- independence, by trying -------------------------------------------------------------------


def reachable(system: System, order: Independence, most: int) -> Iterator[Situation]:
    """Situations of the first states."""
    from kspec.semantics.step import initial_states

    seen = dict.fromkeys(initial_states(system))
    waiting = list(seen)
    while waiting and most:
        situation = Situation(system, order, waiting.pop(0))
        most -= 1
        for after in situation.taken.values():
            if after not in seen:
                seen[after] = None
                waiting.append(after)
        yield situation


def try_out(seed: int, system: System, order: Independence, most: int) -> None:
    """What is said to be independent commutes and leaves the other as it is; what is said not to
    make a guard or a claim true does not."""
    for situation in reachable(system, order, most):
        after = {n: Situation(system, order, s) for n, s in situation.taken.items()}
        for n, then in after.items():
            for m, (_, outcome) in enumerate(situation.outcomes):
                if m == n:
                    continue
                later = then.outcomes[m][1]
                if not order.depends[n] >> m & 1:
                    same = isinstance(outcome, Taken) and isinstance(later, Taken)
                    assert same or type(later) is type(outcome), (seed, n, m)
                    assert not isinstance(later, Broken) or later == outcome, (seed, n, m)
                if isinstance(outcome, Disabled):
                    assert_not_enabled(seed, situation, then, n, m)
            assert_not_shown(seed, situation, then, n)
        for n, m in combinations(after, 2):
            if not order.depends[n] >> m & 1:
                assert after[n].taken[m] == after[m].taken[n], (seed, n, m)


def assert_not_enabled(seed: int, one: Situation, then: Situation, n: int, m: int) -> None:
    order, instance = one.order, one.outcomes[m][0]
    for part, conjunct in enumerate(one.system.actions[instance.action].guard):
        env = instance_env(one.system, one.state, instance)
        later = instance_env(one.system, then.state, instance)
        if not truth(conjunct.expr, env) and truth(conjunct.expr, later):
            assert order.enabling[m][part] >> n & 1, (seed, n, m)


def assert_not_shown(seed: int, one: Situation, then: Situation, n: int) -> None:
    order, before, later = one.order, env_of(one.system, one.state), env_of(one.system, then.state)
    for k, observer in enumerate(order.observers, start=order.instances):
        pairs = list(zip(observer.parts, observer.enabling, strict=True))
        for part, mask in pairs:
            if not truth(part, before) and truth(part, later):
                assert mask >> n & 1, (seed, n, k)
        if not order.depends[n] >> k & 1:
            assert [truth(p, before) for p, _ in pairs] == [truth(p, later) for p, _ in pairs]


def assert_observed(seed: int, system: System, order: Independence, most: int) -> None:
    """A claim about states is decided in a state exactly if one of its observers is there."""
    for situation in reachable(system, order, most):
        env = env_of(system, situation.state)
        shows = any(all(truth(p, env) for p in of.parts) for of in order.observers)
        wanted = False
        for prop in system.properties:
            match prop.claim:
                case Invariant(body):
                    wanted = wanted or not is_true_in(system, body, situation.state)
                case Reachable(body):
                    wanted = wanted or is_true_in(system, body, situation.state)
                case _:
                    pass
        assert shows == wanted, seed


def test_what_is_called_independent_is() -> None:
    for make in (loose_system, seeded_system):
        for seed, system, order in drawn(range(15), make):
            try_out(seed, system, order, 6)
            assert_observed(seed, system, order, 20)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_what_is_called_independent_is_in_more_systems(block: int) -> None:
    for make in (loose_system, seeded_system):
        for seed, system, order in drawn(range(3000 + 150 * block, 3150 + 150 * block), make):
            try_out(seed, system, order, 25)
            assert_observed(seed, system, order, 60)


def test_a_part_that_only_a_state_knows_may_be_any() -> None:
    node, pod = Id("Node", 2), Id("Pod", 2)
    up, on = Ref("up", Map(node, Bool())), Ref("on", Map(pod, node))
    reader, env = Reader(frozenset({"up", "on"})), {"p": Known(1)}
    read = reader.reads(Get(up, Get(on, Local("p", pod))), env)
    assert read == {("up", (None,)), ("on", (Known(1),))}
    assert overlap(("up", (None,)), ("up", (Known(0),)))
    assert overlap(("up", ()), ("up", (Known(0),)))
    assert not overlap(("on", (Known(0),)), ("on", (Known(1),)))


def test_numbers_of_a_set() -> None:
    assert list(numbers(0b101001)) == [0, 3, 5]


# ---- where it works ----------------------------------------------------------------------------


def test_a_checkpoint_is_of_a_search_with_or_without(tmp_path: Path) -> None:
    seed, system, order = next(iter(drawn(range(50), loose_system)))
    names = tuple(prop.name for prop in system.properties)

    def run(order: Independence | None, resume: bool) -> Exploration:
        journal = Journal(tmp_path / "here", resume, 0.0)
        engine = Explicit(0, order=order, journal=journal)
        return engine.run(system, names, Budget(), lambda _: None).exploration

    first = run(order, False)
    assert run(order, True) == first, seed
    with pytest.raises(BadCheckpoint, match="partial order"):
        run(None, True)
