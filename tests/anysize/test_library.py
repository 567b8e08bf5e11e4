"""Files of the library that are proved for every size: what is proved of them, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.certify.recheck import unconfirmed
from kspec.driver.every_size.any_size import Attempt, attempt
from kspec.driver.every_size.every_scope import Refused, Sizes, sizes
from kspec.driver.preparing.load import load
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.proofs.proving import scopes
from kspec.pure.scopes.scope import Scope
from kspec.verdict.answer import Induction, Inductive
from tests.anysize.compare import names_of, proved, scope_of

ROOT = Path(__file__).parents[2]
RBAC = ("User", "Group", "Permission", "Role", "Binding")
SETS = ("Identity", "Machine", "Pod", "Process")


def one_scenario(file: str, name: str) -> str:
    """The text of a file with one of its scenarios alone."""
    head, *scenarios = (ROOT / file).read_text(encoding="utf-8").split("\nscenario ")
    (chosen,) = (text for text in scenarios if text.startswith(f"{name} "))
    return f"{head}\nscenario {chosen}\n"


@pytest.mark.slow
def test_denied_by_default_whoever_there_is() -> None:
    scope = scope_of(one_scenario("properties/rbac_relations.kspec", "every"))
    outcome = proved(scope, RBAC)
    assert names_of(outcome) == {
        "denied_by_default",
        "a_role_alone_grants_nothing",
        "only_adds",
        "a_new_role_changes_nothing",
    }


SPREAD = ("Node", "Pod")


@pytest.mark.parametrize("kinds", [SPREAD, ("Pod",)])
def test_a_node_with_the_fewest_pods_takes_one_more(kinds: tuple[str, ...]) -> None:
    text = one_scenario("properties/spread_relations.kspec", "every_number")
    scope = scope_of(text.replace("expect violated even", "prove even"))
    assert names_of(proved(scope, kinds, 4_000_000)) == {"fewest", "never_stuck"}


def test_the_checker_knows_of_the_fewest_by_itself() -> None:
    text = one_scenario("properties/spread_relations.kspec", "every_number")
    found = sizes(scope_of(text.replace("expect violated even", "prove even")), SPREAD)
    assert isinstance(found, Sizes)
    implicit = ("in-range", "single-write", "live-target")
    for name, is_so in (("never_stuck", True), ("even", False)):
        proof = Inductive(1, (Induction((name, *implicit), 1),), endless=SPREAD)
        wrong = unconfirmed(found.system, found.compared, proof)
        assert (wrong is None) == is_so


@pytest.mark.slow
def test_one_process_for_each_identity_however_many_there_are() -> None:
    text = one_scenario("properties/statefulset_relations.kspec", "every_number")
    outcome = proved(scope_of(text), SETS)
    assert isinstance(outcome, Attempt)
    proofs = dict(outcome.proofs)
    assert set(proofs) == {"one_pod", "one_running", "let_go"}
    assert proofs["one_running"].lemmas  # nobody wrote them


@pytest.mark.slow
def test_not_if_somebody_forces() -> None:
    text = one_scenario("properties/statefulset_relations.kspec", "force_is_another_matter")
    scope = scope_of(text.replace("expect violated one_running", "prove one_pod, one_running"))
    assert names_of(proved(scope, SETS)) == {"one_pod"}


@pytest.mark.parametrize("name", ["rbac_relations", "statefulset_relations", "spread_relations"])
def test_what_is_believed_of_them_is_refuted_in_a_scope(name: str) -> None:
    from click.testing import CliRunner

    from kspec.cli.check import command

    run = CliRunner().invoke(
        command, [f"{ROOT}/properties/{name}.kspec", "--engine", "reference"], standalone_mode=False
    )
    assert run.return_value == 0, run.stdout
    assert "as expected" in run.stdout


def scope_in(file: str, name: str) -> Scope:
    loaded = load(ROOT / file, file).loaded
    assert loaded is not None
    preparation = Preparation(loaded)
    (scenario,) = (s for s in preparation.scenarios if s.name == name)
    preparation.documents(scenario)
    scope = preparation.elaborate(next(scopes(loaded, preparation, scenario))).scope
    assert scope is not None
    return scope


def test_rules_in_lists_beside_gathered_roles_are_refused() -> None:
    """Labels are folded over, and what a subject has is gathered from roles: one may be the other's
    number, as far as is known."""
    kinds = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")
    scope = scope_in("properties/rbac.kspec", "every_policy")
    outcome = attempt(scope, kinds, ("denied_by_default",), 200_000_000, None)
    assert isinstance(outcome, Refused)
    assert outcome.slug == "counts-many"
    assert outcome.span is not None


@pytest.mark.slow
def test_the_librarys_own_statefulset_has_one_process_for_an_identity() -> None:
    scope = scope_in("properties/statefulset_any.kspec", "any_number")
    found = sizes(scope, ("Pod", "Process"))
    assert isinstance(found, Sizes)
    assert found.loose == ("scheduler.bind", "scheduler.fail", "scheduler.retry")
    wanted = ("one_object", "one_process", "one_machine", "confirmed")
    # Without guesses: what it takes besides is written in the file.
    outcome = attempt(scope, ("Pod", "Process"), wanted, 20_000_000, None)
    assert names_of(outcome) == set(wanted)


def test_what_counts_among_folds_is_refused() -> None:
    scope = scope_in("models/php_apache_wider.kspec", "two_and_two")
    outcome = proved(scope, ("Pod",))
    assert isinstance(outcome, Refused)
    assert outcome.slug == "counts-many"
    assert outcome.span is not None
    assert outcome.span.file.startswith("models/")
