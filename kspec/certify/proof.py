"""`.kproof` files: what was proved of which system, in which order; no proof is believed for it.

A certificate names claims and numbers of states; whoever checks it proves everything again with
`obligations`. The hash is that of the system's normal form, so that a certificate of another
system is known to be stale. Words about places, texts for people and properties that the proof
does not speak of are no part of that form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, final

from attrs import evolve, field

from kspec.base.record import frozen
from kspec.ir.expr import Expr
from kspec.ir.system import Action, Implicit, Invariant, Property, System
from kspec.ir.text import Expressions, TextError, print_system
from kspec.ir.validate import validate
from kspec.verdict.answer import Induction

FORMAT: Final = 2
MOST: Final = 120
"""Characters of what Python says of a text that is no certificate."""
HOLDS: Final = "holds"
UNREACHABLE: Final = "unreachable"


class Malformed(Exception):
    """It is no certificate; the message says what is wrong."""


@final
@frozen
class Certificate:
    """`file`, `scenario`, `point` and `extra` say where the system comes from; `claim` is `holds`
    or `unreachable`. The last of `groups` that is needed proves `prop`. `lemmas` are invariants
    that no property of the system states: what groups call them, and their texts (`ir.text`).
    `endless` are the kinds for every number of whose objects it was proved."""

    file: str
    scenario: str
    point: tuple[tuple[str, str], ...]
    extra: tuple[str, ...]
    system: str
    prop: str
    claim: str
    groups: tuple[Induction, ...]
    assumptions: tuple[str, ...]
    bounds: tuple[str, ...]
    versions: tuple[tuple[str, str], ...] = field(factory=tuple)
    spent: int = 0
    lemmas: tuple[tuple[str, str], ...] = ()
    endless: tuple[str, ...] = ()


def lemma_texts(
    lemmas: tuple[tuple[str, Expr], ...], system: System
) -> tuple[tuple[str, str], ...]:
    """Lemmas as certificates hold them."""
    if not lemmas:
        return ()
    texts = Expressions(system)
    return tuple((name, texts.text(body)) for name, body in lemmas)


def extended(system: System, lemmas: tuple[tuple[str, str], ...]) -> System:
    """The system with the lemmas of a certificate as properties that are to be proved. Raises
    `Malformed` for a lemma that is no formula about its states, or is called like a claim."""
    taken = {p.name for p in system.properties} | {i.value for i in Implicit}
    found: list[Property] = []
    if not lemmas:
        return system
    texts = Expressions(system)
    for name, text in lemmas:
        if name in taken or name.startswith("$"):
            raise Malformed(f"a lemma cannot be called `{name}`")
        taken.add(name)
        try:
            found.append(Property(name, Invariant(texts.expr(text))))
        except (TextError, RecursionError) as error:
            raise Malformed(f"the lemma `{name}` is no formula: {error}") from error
    # Nothing that translates formulas looks for what is wrong with one.
    wrong = validate(evolve(system, properties=tuple(found)))
    if wrong:
        raise Malformed(f"a lemma is no formula about states: {wrong[0]}")
    return evolve(system, properties=(*system.properties, *found))


def fingerprint(system: System, groups: tuple[Induction, ...]) -> str:
    """The hash of the normal form of a system, with the properties that some groups name."""
    return hashlib.sha256(print_system(normal(system, groups)).encode()).hexdigest()


def normal(system: System, groups: tuple[Induction, ...]) -> System:
    """A system without what a proof does not depend on."""
    named = {name for group in groups for name in group.names}
    props = (evolve(p, sentence=None, span=None) for p in system.properties if p.name in named)
    return evolve(
        system,
        actions=tuple(map(_bare, system.actions)),
        properties=tuple(sorted(props, key=lambda p: p.name)),
        views=(),
    )


def _bare(action: Action) -> Action:
    return evolve(
        action,
        guard=tuple(evolve(part, because=None, span=None) for part in action.guard),
        updates=tuple(evolve(update, span=None) for update in action.updates),
        event=None,
        reason=None,
        span=None,
    )


def write(of: Certificate) -> str:
    """The text of a certificate."""
    body = _body(of)
    return json.dumps({**body, "digest": _digest(body)}, indent=2, ensure_ascii=False) + "\n"


def _body(of: Certificate) -> dict[str, Any]:
    return {
        "kproof": FORMAT,
        "file": of.file,
        "scenario": of.scenario,
        "point": dict(of.point),
        "with": list(of.extra),
        "system": of.system,
        "property": of.prop,
        "claim": of.claim,
        "groups": [{"names": list(g.names), "k": g.k, "ends": g.ends} for g in of.groups],
        "assumptions": list(of.assumptions),
        "bounds": list(of.bounds),
        "versions": dict(of.versions),
        "spent": of.spent,
        "lemmas": [{"name": name, "formula": text} for name, text in of.lemmas],
        **({"everyNumberOf": list(of.endless)} if of.endless else {}),
    }


def _digest(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Certificate:
    """The certificate of a text. Raises `Malformed`, also where somebody changed a word of it."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise Malformed("it is no certificate: it is no JSON object")
        digest = found.pop("digest")
        if found["kproof"] != FORMAT:
            raise Malformed(f"certificates of format {found['kproof']!r} are not known")
        if digest != _digest(found):
            raise Malformed("it is not as it was written: its digest is another")
        return _read(found)
    except json.JSONDecodeError as error:
        raise Malformed(f"it is no certificate: no JSON from line {error.lineno} on") from error
    except KeyError as error:
        raise Malformed(f"it is no certificate: it has no {error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"it is no certificate: {str(error)[:MOST]}") from error


def _read(found: Mapping[str, Any]) -> Certificate:
    groups = tuple(
        Induction(tuple(map(_word, g["names"])), _count(g["k"]), g["ends"] is True)
        for g in found["groups"]
    )
    return Certificate(
        file=_word(found["file"]),
        scenario=_word(found["scenario"]),
        point=tuple((_word(k), _word(v)) for k, v in found["point"].items()),
        extra=tuple(map(_word, found["with"])),
        system=_word(found["system"]),
        prop=_word(found["property"]),
        claim=_word(found["claim"]),
        groups=groups,
        assumptions=tuple(map(_word, found["assumptions"])),
        bounds=tuple(map(_word, found["bounds"])),
        versions=tuple((_word(k), _word(v)) for k, v in found["versions"].items()),
        spent=_count(found["spent"]),
        lemmas=tuple((_word(x["name"]), _word(x["formula"])) for x in found["lemmas"]),
        endless=tuple(map(_word, found.get("everyNumberOf", ()))),
    )


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed(f"text is wanted, not {value!r}")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"a number is wanted, not {value!r}")
    return value


__all__ = [
    "Certificate",
    "HOLDS",
    "Malformed",
    "UNREACHABLE",
    "extended",
    "fingerprint",
    "lemma_texts",
    "normal",
    "read",
    "write",
]
