"""What is proved of the library by induction, and that the proofs are confirmed by their checker."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.certify.proof import Certificate
from kspec.certify.recheck import Confirmed
from kspec.driver.check import Watching
from kspec.driver.preparing.load import load
from kspec.driver.proofs.certificates import Checker, check_text, files_of
from kspec.driver.proofs.proving import ProveOptions, ProveResult, prove
from kspec.driver.result import Word
from kspec.sources.imports import Given

ROOT = Path(__file__).parents[2]


def proved(file: str, *patterns: str, depth: int = 3) -> ProveResult:
    given = Given(ROOT / file, file, None)
    return prove((given,), ProveOptions(patterns=patterns, depth=depth), Watching())


def words(result: ProveResult) -> set[tuple[str, Word]]:
    return {(row.name, row.word) for row in result.checked.rows}


def confirmed(result: ProveResult) -> int:
    """How many certificates are confirmed: all, or the test fails."""
    checker, count = Checker(), 0
    (file,) = {proof.file for proof in result.proofs}
    loaded = load(ROOT / file, file).loaded
    assert loaded is not None
    for name, text in files_of(result.proofs):
        read = check_text(text)
        assert isinstance(read, Certificate)
        outcome = checker.check(name, read, loaded).outcome
        assert isinstance(outcome, Confirmed), (name, outcome)
        count += 1
    return count


@pytest.mark.slow
def test_births_deaths_and_a_stale_cache() -> None:
    result = proved("models/demo.kspec", "capacity", "bound_for_life", depth=1)
    assert words(result) == {("capacity", Word.HOLDS), ("bound_for_life", Word.HOLDS)}
    assert confirmed(result) == 2


@pytest.mark.slow
def test_everything_of_the_yardstick() -> None:
    result = proved("benchmarks/models/m2.kspec", "*")
    assert words(result) == {("capacity", Word.HOLDS), ("replicas_bound", Word.HOLDS)}
    assert confirmed(result) == 16


@pytest.mark.slow
def test_every_policy_of_a_large_vocabulary() -> None:
    result = proved("properties/rbac_every.kspec")
    assert {row.scope.scenario for row in result.checked.rows} == {
        "every_large_policy",
        "laws_of_every_large_policy",
    }
    assert words(result) == {
        ("denied_without_a_binding", Word.HOLDS),
        ("a_role_alone_grants_nothing", Word.HOLDS),
        ("bindings_only_add", Word.HOLDS),
        ("bindings_stay_in_their_namespace", Word.HOLDS),
        ("two_readings_agree", Word.HOLDS),
        ("a_role_is_needed", Word.VIOLATED),
        ("denied_by_default", Word.HOLDS),
        ("unbound_role_grants_nothing", Word.HOLDS),
        ("unbound_cluster_role_grants_nothing", Word.HOLDS),
        ("stays_in_its_namespace", Word.HOLDS),
        ("only_adds", Word.HOLDS),
        ("allowed_by_a_role", Word.REACHED),
        ("all_is_denied", Word.REACHED),
    }
    assert confirmed(result) == 10


LARGE = {
    "properties/eviction_every.kspec": (
        "order_of_four",
        "eviction_order, excess_last, within_requests_last, guaranteed_behind_excess, one_a_round",
    ),
    "properties/leases_every.kspec": ("three_cut_off", "heard_out"),
    "properties/replicas_every.kspec": ("in_the_wide", "capacity, bound_for_life"),
    "properties/statefulset_every.kspec": (
        "larger_identity",
        "one_object, one_process, confirmed",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("file", LARGE)
def test_what_no_search_gets_to_the_end_of(file: str) -> None:
    scenario, names = LARGE[file]
    result = proved(file)
    assert {row.scope.scenario for row in result.checked.rows} == {scenario}
    assert words(result) == {(name, Word.HOLDS) for name in names.split(", ")}
    assert confirmed(result) == len(names.split(", "))
