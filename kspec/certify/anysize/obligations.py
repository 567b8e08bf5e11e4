"""What must have no solution for a proof about every size to be one, as SMT-LIB scripts.

One for each claim at the start, and for each claim after each action. Next: `recheck`, which has
them decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from kspec.certify.anysize.expressions import Seen
from kspec.certify.anysize.steps import Script
from kspec.certify.anysize.words import any_of, negated
from kspec.certify.obligations import Obligation, Unfounded
from kspec.ir.passes.sizes import Kinds
from kspec.ir.system import Action, Implicit, Invariant, Occurrence, System
from kspec.verdict.answer import Induction

IMPLICIT: Final = frozenset(i.value for i in Implicit)


def obligations(system: System, kinds: Kinds, group: Induction) -> Iterator[Obligation]:
    """Everything that a proof about every size rests on. Raises `Unfounded`."""
    if group.k != 1 or group.ends or not group.names or len(set(group.names)) != len(group.names):
        raise Unfounded("a proof about every size is one step of one group")
    if not IMPLICIT <= set(group.names):
        raise Unfounded("nothing is proved of steps that break something")
    claims = {p.name: p.claim for p in system.properties}
    known = {n for n, c in claims.items() if isinstance(c, Invariant | Occurrence)} | IMPLICIT
    for name in group.names:
        if name not in known:
            raise Unfounded(f"`{name}` is nothing that can be proved for every size")
    bodies = {n: c.body for n in group.names if isinstance(c := claims.get(n), Invariant)}
    for name, body in bodies.items():
        script = Script(system, kinds)
        script.require(negated(script.truth(body, script.start())))
        yield Obligation(f"`{name}` is true at every start", script.text())
    for action, name in product(system.actions, group.names):
        script = Script(system, kinds)
        before = script.state()
        for body in bodies.values():
            script.require(script.truth(body, before))
        may, seen = script.can(action, before)
        script.require(may)
        script.require(_bad(script, system, action, name, seen))
        yield Obligation(f"`{name}` after `{action.name}`", script.text())


def _bad(script: Script, system: System, action: Action, name: str, seen: Seen) -> str:
    if name in IMPLICIT:
        return script.breaks(Implicit(name), action, seen)
    (claim,) = (p.claim for p in system.properties if p.name == name)
    after = script.after(action, seen)
    if isinstance(claim, Invariant):
        return negated(script.truth(claim.body, after))
    assert isinstance(claim, Occurrence)
    cases = (case.body for case in claim.cases if case.action == action.name)
    return any_of(negated(script.truth(body, after)) for body in cases)


__all__ = ["obligations"]
