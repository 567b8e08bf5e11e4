"""Certificates: proofs to texts, and texts back to systems that they are checked against.

Whoever checks one makes the system anew from the file that it names; nothing of the proof is taken
over. What checks is `kspec.certify`; here the system is found for it.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias, final

from attrs import evolve, field

from kspec import __version__
from kspec.base.record import define, frozen
from kspec.certify.proof import (
    HOLDS,
    UNREACHABLE,
    Certificate,
    Malformed,
    extended,
    fingerprint,
    lemma_texts,
    read,
    write,
)
from kspec.certify.recheck import Confirmed, Decider, Outcome, Rejected, recheck, unfit
from kspec.driver.every_size.any_size import Sizes, sizes
from kspec.driver.preparing.load import Loaded
from kspec.driver.preparing.plan import show
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.preparing.stages import Made
from kspec.driver.proofs.proof_audit import Reached, reached, seen
from kspec.driver.proofs.proving import Proof, WrongSweep, scopes
from kspec.driver.proofs.proving_laws import is_law, law_system
from kspec.ir.system import Reachable, System
from kspec.manifests.node import Document

Found: TypeAlias = "System | Sizes | str"
Told: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""What a scope assumes, and what stays bounded in it."""
NOTHING_TOLD: Final[Told] = ((), ())


@final
@frozen
class Rechecked:
    """A certificate by the name of its file, and what became of it."""

    name: str
    certificate: Certificate | None
    outcome: Outcome


def certificate(proof: Proof) -> Certificate:
    """The certificate of a proof."""
    evidence, info = proof.evidence, proof.info
    return Certificate(
        file=proof.file,
        scenario=info.scenario,
        point=info.point,
        extra=info.extra,
        system=fingerprint(proof.system, evidence.groups),
        prop=proof.prop.name,
        claim=UNREACHABLE if isinstance(proof.prop.claim, Reachable) else HOLDS,
        groups=evidence.groups,
        assumptions=info.assumptions,
        bounds=info.bounds,
        versions=(("kspec", __version__), ("z3", _z3_version())),
        spent=evidence.spent,
        lemmas=lemma_texts(evidence.lemmas, proof.system),
        endless=evidence.endless,
    )


def _z3_version() -> str:
    import z3

    return str(z3.get_version_string())


def files_of(proofs: tuple[Proof, ...]) -> tuple[tuple[str, str], ...]:
    """The names and texts of the certificates of some proofs."""
    return tuple((_name(proof), write(certificate(proof))) for proof in proofs)


def _name(proof: Proof) -> str:
    info = proof.info
    point = (f"{name}={value}" for name, value in info.point)
    parts = (proof.prop.name, info.scenario, *point, *info.extra)
    stem = re.sub(r"\.kspec$", "", proof.file.rsplit("/", 1)[-1])
    words = "-".join(part for part in (stem, *parts) if part)
    return re.sub(r"[^A-Za-z0-9_.=-]+", "_", words) + ".kproof"


def check_text(text: str) -> Certificate | Rejected:
    """The certificate of a text, or why it is none."""
    try:
        return read(text)
    except Malformed as error:
        return Rejected(str(error))


@final
@define
class Checker:
    """Checks certificates; a system that several are about is made once, and what two of them rest
    on is decided once. `given` are objects that every scenario starts with; `deciders` are the
    solvers that are asked, None for all that there are."""

    given: tuple[Document, ...] = ()
    deciders: tuple[tuple[str, Decider], ...] | None = None
    _systems: dict[tuple[object, ...], tuple[Found, Told]] = field(factory=dict)
    _reached: dict[tuple[object, ...], Reached] = field(factory=dict)
    _done: dict[tuple[object, ...], Outcome] = field(factory=dict)

    def check(self, name: str, of: Certificate, loaded: Loaded) -> Rechecked:
        """Check a certificate against the program that it is about."""
        law = of.prop if is_law(loaded, of.prop) else ""
        place = (of.file, of.scenario, of.point, of.extra, law, of.endless)
        if place not in self._systems:
            self._systems[place] = _system(of, loaded, self.given)
        found, told = self._systems[place]
        if isinstance(found, str):
            return Rechecked(name, of, Rejected(found))
        every = found.compared if isinstance(found, Sizes) else None
        system = found.system if isinstance(found, Sizes) else found
        wrong = unfit(of, system)
        if wrong is not None:
            return Rechecked(name, of, Rejected(wrong))
        key = (*place, of.system, of.groups, of.lemmas)
        if key not in self._done:
            outcome = recheck(of, system, self.deciders, every)
            if isinstance(outcome, Confirmed) and every is None:
                if place not in self._reached:
                    self._reached[place] = reached(system)
                outcome = _looked_at(of, system, outcome, self._reached[place])
            self._done[key] = outcome
        outcome = self._done[key]
        if isinstance(outcome, Confirmed) and (of.assumptions, of.bounds) != told:
            outcome = Rejected("it names other assumptions than its system does")
        return Rechecked(name, of, outcome)


def _looked_at(of: Certificate, system: System, outcome: Confirmed, states: Reached) -> Outcome:
    """What a proof says of states is so of those that the reference reaches."""
    found = seen(extended(system, of.lemmas), of.groups, states)
    if found.false is not None:
        return Rejected(f"`{found.false}` is false in a state that a run reaches")
    return evolve(outcome, states=found.states, all_states=found.all_of_them)


def _system(of: Certificate, loaded: Loaded, given: tuple[Document, ...]) -> tuple[Found, Told]:
    """The system that a certificate names, or why there is none; and what its scope assumes."""
    preparation = Preparation(loaded, False, given)
    for scenario in preparation.scenarios:
        if scenario.name != of.scenario:
            continue
        preparation.documents(scenario)
        try:
            for plan in scopes(loaded, preparation, scenario):
                point = tuple((name, show(value)) for name, value in plan.point)
                if (point, plan.extra) == (of.point, of.extra):
                    if is_law(loaded, of.prop):
                        found = law_system(loaded, preparation, plan, of.prop, of.endless)
                        return found or "the law is none that can be asked any more", NOTHING_TOLD
                    stage = preparation.make(plan, None)
                    if not isinstance(stage, Made):
                        return "its system is not made", NOTHING_TOLD
                    told = (stage.system.assumptions, stage.system.bounds)
                    return (_of_sizes(of, stage) if of.endless else stage.system), told
        except WrongSweep as wrong:
            return str(wrong), NOTHING_TOLD
    return "there is no such scope any more", NOTHING_TOLD


def _of_sizes(of: Certificate, made: Made) -> Found:
    found = sizes(made.scope, of.endless)
    return found if isinstance(found, Sizes) else f"{found.slug}: {found.why}"


__all__ = ["Checker", "Rechecked", "certificate", "check_text", "files_of"]
