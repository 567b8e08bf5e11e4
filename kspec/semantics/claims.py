"""Trusted: what the claims that need no infinite run say of a state or of a step.

Rules 13 and 14. Temporal claims are not decided here.
"""

from __future__ import annotations

from kspec.ir.expr import Expr
from kspec.ir.system import Occurrence, System
from kspec.semantics.evaluate import Env, truth
from kspec.semantics.state import State, env_of, named
from kspec.semantics.step import Instance, instance_env


def is_true_in(system: System, body: Expr, state: State) -> bool:
    """The truth of a state formula."""
    return truth(body, env_of(system, state))


def respects(
    system: System, claim: Occurrence, before: State, instance: Instance, after: State
) -> bool:
    """Is every case of the claim that names this step's action true of the step?"""
    name = system.actions[instance.action].name
    env = Env(
        present=named(system, after),
        before=named(system, before),
        bound=instance_env(system, before, instance).bound,
    )
    return all(truth(case.body, env) for case in claim.cases if case.action == name)
