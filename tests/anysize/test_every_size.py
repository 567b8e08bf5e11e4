"""Proofs for every size: what is proved is so at small sizes, mutants are caught by the checker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from kspec.certify.recheck import EverySize, unconfirmed
from kspec.cli.prove import command
from kspec.driver.every_size.any_size import Attempt, attempt
from kspec.driver.every_size.every_scope import Refused, Sizes, sizes
from kspec.engines.anysize import encode, model, prover, templates, values
from kspec.ir.passes.sizes import Endless, difference
from kspec.verdict.answer import Induction, Inductive
from tests.anysize.compare import (
    claims_of,
    names_of,
    proved,
    scope_of,
    small_systems,
    violated,
)
from tests.anysize.modules import module

OWNERS = """
kind Set {}
kind Pod { owner: Set? = none; deleting: bool = false }
environment e {
  action create(s: Set) when no p: Pod | p.owner == s do new Pod { owner: s }
  action mark(p: Pod) do p.deleting := true
  action gone(p: Pod) when p.deleting do delete p
  action lose(p: Pod) when p.deleting do p.owner := none
}
invariant one: all p, q: Pod where p.owner exists and p.owner == q.owner | p is q
invariant few: all s: Set | count(p: Pod where p.owner == s) <= 1
invariant orphans_go: all p: Pod where p.owner missing | p.deleting
invariant three: all x, y, z: Set | x is y or y is z or x is z
cluster c { set s {} set t {} }
scenario x { in c; run e; room { Pod: 2 }; prove one, few, orphans_go, three }
"""
BOTH = ("Pod", "Set")


def every(text: str, kinds: tuple[str, ...]) -> Attempt:
    outcome = proved(scope_of(text), kinds)
    assert isinstance(outcome, Attempt), outcome
    return outcome


def test_what_is_so_of_every_number_is_proved_and_what_is_so_of_two_alone_is_not() -> None:
    assert names_of(every(OWNERS, BOTH)) == {"one", "few", "orphans_go"}


def test_kinds_that_are_not_named_stay_as_they_are() -> None:
    assert "three" in names_of(every(OWNERS, ("Pod",)))


@pytest.mark.parametrize(
    ("claim", "slug"),
    [
        ("count(p: Pod) <= 40000", "counts-many"),
        ("count(p: Pod) * 7 <= 40 * 40 * 40", "counts-many"),
    ],
)
def test_a_count_that_a_size_could_decide_is_refused(claim: str, slug: str) -> None:
    text = OWNERS.replace("x is y or y is z or x is z", f"{claim} or x is y or y is z")
    outcome = proved(scope_of(text), BOTH)
    assert isinstance(outcome, Attempt)
    apart = dict(outcome.made.apart)
    assert set(apart) == {"few", "three"}  # they count
    assert {(of.slug, of.span is not None) for of in apart.values()} == {(slug, True)}
    # What does not count is proved as it would be without them.
    assert names_of(outcome) == {"one", "orphans_go"}
    alone = proved(scope_of(text.replace("prove one, few, orphans_go, three", "prove three")), BOTH)
    assert isinstance(alone, Refused)
    assert (alone.slug, alone.claims) == (slug, ("three",))


def test_what_is_made_for_a_size_is_left_out() -> None:
    text = OWNERS.replace("x is y or y is z or x is z", "count(p: Pod) <= 9")
    outcome = proved(scope_of(text), BOTH)
    assert isinstance(outcome, Attempt)
    assert [(name, of.slug) for name, of in outcome.made.apart] == [("three", "made-for-a-size")]
    assert "three" not in [p.name for p in outcome.system.properties]
    assert names_of(outcome) == {"one", "few", "orphans_go"}


def test_a_kind_of_which_there_is_nobody_is_refused() -> None:
    text = OWNERS.replace("set s {} set t {}", "")
    outcome = proved(scope_of(text), BOTH)
    assert isinstance(outcome, Refused)
    assert outcome.slug == "nobody-there"


LOCKS = """
kind Lock { owner: Job? = none }
kind Job { busy: bool = false }
environment e {
  action take(l: Lock, j: Job)
    when l.owner missing, not j.busy
    do    { l.owner := j; j.busy := true }
  action free(l: Lock, j: Job)
    when l.owner == j
    do    { l.owner := none; j.busy := false }
}
invariant apart: all x, y: Lock, j: Job where x.owner == j and y.owner == j | x is y
cluster c { lock a {} job b {} }
scenario x { in c; run e; prove apart }
"""


def test_a_lemma_is_found() -> None:
    (proof,) = every(LOCKS, ("Lock", "Job")).proofs or [("", evidence())]
    assert proof[0] == "apart"
    assert proof[1].lemmas


@pytest.mark.parametrize(
    ("lemma", "helps"),
    [("", False), ("x.owner == j | j.busy", True), ("x.owner == j | not j.busy", False)],
)
def test_a_lemma_of_the_author_is_used(
    lemma: str, helps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "candidates", lambda *_: iter(()))
    said = f"lemma said: all x: Lock, j: Job where {lemma}\ninvariant apart"
    text = LOCKS.replace("invariant apart", said) if lemma else LOCKS
    outcome = attempt(scope_of(text), ("Lock", "Job"), ("apart",), 20_000_000, None)
    assert names_of(outcome) == ({"apart"} if helps else set())


@pytest.mark.parametrize("seed", range(1))
def test_what_is_proved_is_so_at_small_sizes(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 60))
def test_what_is_proved_is_so_at_small_sizes_of_many(seed: int) -> None:
    compare(seed)


def compare(seed: int) -> None:
    scope = scope_of(module(seed))
    good = names_of(proved(scope, ("A", "B")))
    for system in small_systems(scope, ("A", "B")):
        assert not good & violated(system, claims_of(scope), 800)


# ---- the same at every size --------------------------------------------------------------------


def made(text: str = OWNERS) -> Sizes:
    found = sizes(scope_of(text), BOTH)
    assert isinstance(found, Sizes)
    return found


def test_a_system_that_was_made_for_a_size_is_told_from_one_that_was_not() -> None:
    found = made()
    every_size = found.compared
    assert difference(found.system, found.kinds, every_size.larger, every_size.larger_kinds) is None
    other = made(OWNERS.replace("when p.deleting do delete p", "do delete p")).compared
    told = difference(found.system, found.kinds, other.larger, other.larger_kinds)
    assert told is not None
    assert "e.gone" in told.what


def test_a_table_that_tells_copies_apart_is_refused() -> None:
    found = made()
    first = found.system.init.assign
    wrong = evolve(found.kinds["Pod"], written=1, copies=0, spare=1)
    with_wrong = {**found.kinds, "Pod": wrong}
    assert first
    every_size = found.compared
    told = difference(found.system, with_wrong, every_size.larger, every_size.larger_kinds)
    assert told is not None


def test_profiles_go_round() -> None:
    of = Endless("K", 2, 3, 1)
    assert [of.profile(n) for n in range(of.size)] == [0, 1, 0, 1, 0, 2]


# ---- the checker by itself ---------------------------------------------------------------------


def evidence(*names: str) -> Inductive:
    implicit = ("in-range", "single-write", "live-target")
    return Inductive(1, (Induction((*names, *implicit), 1),), endless=BOTH)


def test_the_checker_confirms_what_is_inductive_and_nothing_else() -> None:
    found = made()
    assert unconfirmed(found.system, found.compared, evidence("one", "few")) is None
    assert unconfirmed(found.system, found.compared, evidence("three")) is not None
    assert unconfirmed(found.system, found.compared, evidence("nothing")) is not None


def test_the_checker_does_not_take_a_longer_induction() -> None:
    found = made()
    longer = Inductive(2, (Induction(("one",), 2),), endless=BOTH)
    assert unconfirmed(found.system, found.compared, longer) is not None


WRONG = OWNERS.replace("when no p: Pod | p.owner == s do", "do").replace(
    "x is y or y is z or x is z", "no p: Pod | p.deleting"
)
WRONG = WRONG.replace("kind Set {}", "kind Set { lit: bool = false }").replace(
    "invariant three", "invariant dark: no s: Set | s.lit\ninvariant three"
)
WRONG = WRONG.replace("set s {}", "set s { lit: true }").replace("three }", "three, dark }")


def nothing_happens(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(model.Model, "_after", lambda self, v, action, world: world.state[v.name])


def nothing_can_happen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(model.Model, "step", lambda self, action, before: None)


def everybody_is_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(values.Universe, "profile", lambda self, of, term, place: self.false)


def all_is_true(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(values.Universe, "for_all", lambda self, sort, body: self.true)


def no_negation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(values.Universe, "no", lambda self, term: self.false)


def always_bound(patch: pytest.MonkeyPatch) -> None:
    """Counts are 0."""
    zero: Callable[..., Any] = lambda self, *_: values.Leaf(  # noqa: E731
        self.universe.z3.IntVal(0, self.universe.context)
    )
    patch.setattr(encode.Encoder, "_count", zero)


def one_object(patch: pytest.MonkeyPatch) -> None:
    """Identities are all the same."""
    plain = values.Universe.equal

    def equal(self: Any, sort: Any, a: Any, b: Any) -> Any:
        return self.true if self.is_endless(sort) else plain(self, sort, a, b)

    patch.setattr(values.Universe, "equal", equal)


def counts_are_all_the_least(patch: pytest.MonkeyPatch) -> None:
    """What is so of one identity's count is so of all."""
    plain = encode.Encoder._least_of_counts

    def equal(self: Any, name: str, args: Any) -> None:
        before = len(self.universe.axioms)
        plain(self, name, args)
        z3 = self.universe.z3
        for axiom in self.universe.axioms[before:]:
            if z3.is_quantifier(axiom):
                names = [z3.Const(f"v{n}", axiom.var_sort(n)) for n in range(axiom.num_vars())]
                body = z3.substitute_vars(axiom.body(), *reversed(names))
                self.universe.axioms.append(z3.ForAll(names, body.arg(0) == body.arg(1)))

    patch.setattr(encode.Encoder, "_least_of_counts", equal)


def all_counts_are_one(patch: pytest.MonkeyPatch) -> None:
    """What is counted makes no difference."""
    plain = encode._numbered
    seen: dict[Any, Any] = {}

    def one(expr: Any, names: Any, depth: int, free: list[str]) -> Any:
        said = plain(expr, names, depth, free)
        return seen.setdefault((type(expr), tuple(free)), said)

    patch.setattr(encode, "_numbered", one)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mutant", "claim"),
    [
        (counts_are_all_the_least, "q.owner == y"),
        (all_counts_are_one, "q.owner == x and q.deleting"),
    ],
)
def test_what_is_wrongly_known_of_counts_is_not_confirmed(
    mutant: Callable[[pytest.MonkeyPatch], None], claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = f"count(p: Pod where p.owner == x) <= count(q: Pod where {claim})"
    text = OWNERS.replace("x is y or y is z or x is z", more)
    assert "three" not in names_of(proved(scope_of(text), BOTH, 2_000_000))
    mutant(monkeypatch)
    outcome = proved(scope_of(text), BOTH, 2_000_000)
    assert isinstance(outcome, Attempt)
    assert "three" not in names_of(outcome)
    wrongly = [name for name, why in outcome.unproved if "does not confirm" in why]
    assert wrongly, "the mutant proves nothing"


def gave_up_is_proved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(prover._Attempt, "_ask", lambda self, assumed, kept, who: set())


def test_the_engine_as_it_is_proves_nothing_of_that() -> None:
    assert names_of(every(WRONG, BOTH)) == {"orphans_go"}


@pytest.mark.parametrize(
    "mutant",
    [
        nothing_happens,
        nothing_can_happen,
        everybody_is_nobody,
        all_is_true,
        no_negation,
        always_bound,
        one_object,
        gave_up_is_proved,
    ],
)
def test_what_a_wrong_engine_proves_is_not_confirmed(
    mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = {"orphans_go"}
    mutant(monkeypatch)
    outcome = every(WRONG, BOTH)
    assert names_of(outcome) <= truth
    wrongly = [name for name, why in outcome.unproved if "does not confirm" in why]
    assert wrongly, "the mutant proves nothing"


# ---- the command -------------------------------------------------------------------------------


def test_the_command_writes_certificates_and_checks_them_again(tmp_path: Path) -> None:
    file = tmp_path / "owners.kspec"
    file.write_text(OWNERS)
    args = [str(file), "-p", "one", "-p", "three", "--for-all", "Pod,Set"]
    run = CliRunner().invoke(
        command, [*args, "--certificates", str(tmp_path / "proofs")], standalone_mode=False
    )
    assert "PROVED   one" in run.stdout
    assert "for every number of" in run.stdout
    assert "VIOLATED three  at 3 Set at the start, beyond the checked scope" in run.stdout
    assert run.return_value == 1
    (proof,) = (tmp_path / "proofs").glob("*.kproof")
    again = CliRunner().invoke(command, ["--recheck", str(proof)], standalone_mode=False)
    assert (again.return_value, "CONFIRMED" in again.stdout) == (0, True)
    file.write_text(OWNERS.replace("when p.deleting do delete p", "do delete p"))
    stale = CliRunner().invoke(command, ["--recheck", str(proof)], standalone_mode=False)
    assert (stale.return_value, "STALE" in stale.stdout) == (3, True)


__all__ = ["EverySize"]
