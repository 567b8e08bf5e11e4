"""Manifests of public applications: what is made of every path, and what is found out about them."""

from __future__ import annotations

from collections import Counter

import pytest

from kspec.driver.check import Given, Options, check
from kspec.driver.result import LedgerRow
from tests.models.verdicts import ROOT, verdicts

VERDICTS = {
    "guestbook": """
manifests services_lead_somewhere HOLDS
manifests leader_apart HOLDS
manifests chooses_its_own HOLDS
manifests chooses_nobody_elses VIOLATED
web_tier capacity HOLDS 296 13
web_tier never_overshoots HOLDS 296 13
web_tier all_are_up REACHED 12
web_tier comes_up HOLDS 296 13
web_tier spread_over_nodes VIOLATED 9
stale_controller never_overshoots HOLDS 162 12
stale_controller expectations = false never_overshoots VIOLATED 6
""",
    "cassandra": """
manifests seed_is_the_first HOLDS
manifests service_is_there HOLDS
manifests chooses_its_own HOLDS
starts one_at_a_time HOLDS 99 12
starts seed_comes_first HOLDS 99 12
starts capacity HOLDS 99 12
starts bound_for_life HOLDS 99 12
starts all_are_up REACHED 12
starts comes_up HOLDS 99 12
starts each_on_its_own_node VIOLATED 7
starts_apart each_on_its_own_node HOLDS 51 12
starts_apart all_are_up REACHED 12
seed_fails seed_comes_first VIOLATED 9
""",
    "ingress_nginx": """
rights creates_no_pods HOLDS
rights changes_no_ingress HOLDS
rights elects_with_one_lease HOLDS
rights gets_no_secret_elsewhere HOLDS
rights sees_no_secret_elsewhere VIOLATED
taken_over stays_the_controller VIOLATED 1
taken_over nobody_becomes_almighty VIOLATED 1
""",
    "online_boutique": """
manifests services_lead_somewhere HOLDS
manifests addresses_are_services HOLDS
manifests deployments_choose_their_own HOLDS
manifests accounts_may_nothing HOLDS
manifests fits_together HOLDS
manifests everybody_is_called VIOLATED
cart_comes_up never_overshoots HOLDS 337 10
cart_comes_up capacity HOLDS 337 10
cart_comes_up bound_for_life HOLDS 337 10
cart_comes_up cart_serves REACHED 8
cart_comes_up reconciles HOLDS 337 10
cart_comes_up never_together HOLDS 337 10
cart_comes_up_together capacity HOLDS 465 10
cart_comes_up_together never_together VIOLATED 6
""",
    "kube_prometheus": """
rights reads_no_secrets HOLDS
rights changes_nothing HOLDS
rights scrapes_nodes HOLDS
rights scrapes_the_server HOLDS
rights discovers_everywhere VIOLATED
prometheus_is_taken keeps_to_itself HOLDS 1 0
prometheus_is_taken nobody_becomes_almighty HOLDS 1 0
operator_is_taken nobody_becomes_almighty VIOLATED 1
""",
    "postgresql": """
manifests services_lead_there HOLDS
manifests secrets_are_there HOLDS
manifests policy_opens_the_port HOLDS
manifests account_is_a_name HOLDS
drained one_database HOLDS 255 24
drained capacity HOLDS 255 24
drained comes_up REACHED 4
drained comes_back HOLDS 255 24
drained budget_protects VIOLATED 7
""",
}

# Of each application: a scenario about all of its manifests; paths modelled, approximated, ignored.
LEDGERS = {
    "guestbook": ("manifests", 19, 1, 5),
    "cassandra": ("manifests", 22, 2, 12),
    "ingress_nginx": ("rights", 69, 4, 25),
    "online_boutique": ("manifests", 17, 1, 6),
    "kube_prometheus": ("rights", 41, 0, 2),
    "postgresql": ("manifests", 56, 7, 23),
}


def ledger(app: str, scenario: str) -> tuple[LedgerRow, ...]:
    """What became of every path of the manifests."""
    file = f"models/apps/{app}.kspec"
    (found,) = check([Given(ROOT / file, file)], Options(scenarios=(scenario,))).files
    assert not found.diagnostics
    return found.ledger


@pytest.mark.parametrize("app", LEDGERS)
def test_every_path_is_modelled_or_left_out_for_a_reason(app: str) -> None:
    scenario, *counts = LEDGERS[app]
    rows = ledger(app, str(scenario))
    assert [r for r in rows if r.status != "modelled" and not r.why] == []
    found = Counter(r.status for r in rows)
    assert [found[s] for s in ("modelled", "approximated", "ignored")] == counts
    assert sum(found.values()) == sum(int(c) for c in counts)


@pytest.mark.slow
@pytest.mark.parametrize("app", VERDICTS)
def test_what_is_found_out(app: str) -> None:
    assert verdicts(f"models/apps/{app}.kspec") == VERDICTS[app].split("\n")[1:-1]
