"""RBAC denies by default; what is believed of it; who can become whom."""

from __future__ import annotations

import pytest

from tests.models.verdicts import verdicts

FILE = "properties/rbac.kspec"
ESCALATION = "properties/rbac_escalation.kspec"
LAWS = "properties/rbac_laws.kspec"
AGGREGATION = "properties/rbac_aggregation.kspec"
NODES = "properties/node_authorizer.kspec"

EVERY_POLICY = """
every_policy denied_by_default HOLDS 43200 0
every_policy unbound_role_grants_nothing HOLDS 43200 0
every_policy unbound_cluster_role_grants_nothing HOLDS 43200 0
every_policy stays_in_its_namespace HOLDS 43200 0
every_policy only_adds HOLDS 43200 0
every_policy allowed_by_a_role REACHED 0
every_policy allowed_by_a_cluster_role REACHED 0
every_policy allowed_everywhere REACHED 0
every_policy unbound_role_would_match REACHED 0
every_policy all_is_denied REACHED 0
"""
CHANGES = """
policies_change nobody_without_a_binding HOLDS 441 5
policies_change unbinding_only_takes HOLDS 441 5
policies_change a_new_role_alone HOLDS 441 5
policies_change revoked_at_once HOLDS 441 5
policies_change roles_never_grant VIOLATED 2
revocation_is_late revoked_at_once VIOLATED 3
"""
RULE = """
one_rule names_never_allow_create HOLDS 25 1
one_rule slash_star_is_useless HOLDS 25 1
one_rule names_forbid_list VIOLATED 1
one_rule names_limit_create VIOLATED 1
one_rule pods_include_logs VIOLATED 1
"""
WHO_BECOMES_WHOM = """
edit_is_enough nobody_becomes_almighty VIOLATED 1
view_is_not nobody_becomes_almighty HOLDS 1 0
view_is_not ann_stays_ann HOLDS 1 0
namespace_admin nobody_becomes_almighty HOLDS 320 7
namespace_admin one_step HOLDS 320 7
namespace_admin becomes_the_account REACHED 1
namespace_admin some_role_is_written REACHED 1
no_escalation_check escalation_check = false one_step VIOLATED 1
no_escalation_check escalation_check = false binding_check = false \
ann_does_not_rule_the_namespace VIOLATED 2
no_escalation_check ann_does_not_rule_the_namespace HOLDS 16 4
binds_what_she_holds nobody_becomes_almighty HOLDS 26 4
binds_what_she_holds ann_keeps_to_her_rules VIOLATED 1
the_grantor_goes bob_holds_something REACHED 1
the_grantor_goes grants_end_with_the_grantor VIOLATED 2
the_role_grows grants_end_with_the_grantor VIOLATED 2
"""
AGGREGATED = """
parts_change follows HOLDS 700 14
parts_change grows_back REACHED 1
parts_change forgets HOLDS 700 14
parts_change ann_reads_no_secrets VIOLATED 2
two_that_choose_each_other forgets VIOLATED 1
"""
LAW = """
rules covers_is_sound HOLDS
rules covers_itself HOLDS
rules covers_in_a_chain HOLDS
rules two_checks_agree HOLDS
rules everything_covers HOLDS
rules covers_is_complete VIOLATED
rules a_star_is_below VIOLATED
policies denied_without_a_binding HOLDS
policies a_role_alone_grants_nothing HOLDS
policies bindings_only_add HOLDS
policies bindings_stay_in_their_namespace HOLDS
policies two_readings_agree HOLDS
policies a_role_is_needed VIOLATED
"""
NODE = """
nodes own_secrets_alone HOLDS 36 4
nodes nobody_reads_the_other HOLDS 36 4
nodes is_read REACHED 1
nodes unread_again HOLDS 36 4
nodes forgets_finished_pods VIOLATED 2
"""


def lines(text: str) -> list[str]:
    return text.split("\n")[1:-1]


def test_what_a_rule_says() -> None:
    assert verdicts(FILE, "one_rule") == lines(RULE)


def test_kubelets_read_the_secrets_of_their_pods() -> None:
    assert verdicts(NODES) == lines(NODE)


@pytest.mark.slow
def test_it_denies_by_default() -> None:
    assert verdicts(FILE, "every_policy") == lines(EVERY_POLICY)


@pytest.mark.slow
def test_policies_that_change() -> None:
    assert verdicts(FILE, "policies_change", "revocation_is_late") == lines(CHANGES)


@pytest.mark.slow
def test_who_becomes_whom() -> None:
    assert verdicts(ESCALATION) == lines(WHO_BECOMES_WHOM)


@pytest.mark.slow
def test_aggregated_roles() -> None:
    assert verdicts(AGGREGATION) == lines(AGGREGATED)


@pytest.mark.slow
def test_laws() -> None:
    assert verdicts(LAWS) == lines(LAW)
