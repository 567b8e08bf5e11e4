"""Certificates that somebody has been at: whatever is done to one, what is confirmed is so.

Three claims of one module are proved, with lemmas and without; a fourth is false, and no text made
out of the others may confirm it. A model that changes in words alone keeps its certificates; one
that changes in meaning does not.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kspec.certify.proof import Certificate, _digest
from kspec.certify.recheck import Confirmed, Rejected, Stale, _with_z3
from kspec.driver.check import Given, Watching
from kspec.driver.preparing.load import Loaded, load_text
from kspec.driver.proofs.certificates import Checker, check_text, files_of
from kspec.driver.proofs.proving import ProveOptions, prove

MODEL = """
kind Set {}
kind Pod { owner: Set? = none; on: bool = false; n: 0..6 = 0 }
environment e {
  action create(s: Set) when no p: Pod | p.owner == s do new Pod { owner: s }
  action start(p: Pod) when no q: Pod | q.on do p.on := true
  action stop(p: Pod) when p.on do p.on := false
  action count(p: Pod) when p.n < 5 do p.n := p.n + 2
  action gone(p: Pod) when not p.on do delete p
}
invariant alone: all p, q: Pod where p.on and q.on | p is q
invariant one: all p, q: Pod where p.owner exists and p.owner == q.owner | p is q
invariant even: all p: Pod | p.n != 5
invariant idle: no p: Pod | p.on
cluster c { set s {} set t {} }
scenario x { in c; run e; room { Pod: 3 }; prove alone, one, even }
"""
TRUE = {"alone", "one", "even"}
Z3 = (("z3", _with_z3),)


@cache
def made(tmp: Path) -> dict[str, str]:
    """The texts of the certificates of a file, by what they prove."""
    path = tmp / "model.kspec"
    path.write_text(MODEL, encoding="utf-8")
    options = ProveOptions(rlimit=20_000_000)
    result = prove([Given(path, "model.kspec")], options, Watching())
    return {json.loads(text)["property"]: text for _, text in files_of(result.proofs)}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = made(tmp_path_factory.mktemp("proofs"))
    assert set(found) == TRUE
    assert any(json.loads(text)["lemmas"] for text in found.values())
    return found


def loaded(model: str = MODEL) -> Loaded:
    """The program of a text."""
    found = load_text("model.kspec", model).loaded
    assert found is not None
    return found


LOADED = loaded()
CHECKER = Checker(deciders=Z3)


def is_confirmed(text: str, of: Loaded = LOADED, checker: Checker = CHECKER) -> str | None:
    """What a text is confirmed to prove, if anything."""
    found = check_text(text)
    if not isinstance(found, Certificate):
        return None
    outcome = checker.check("model.kproof", found, of).outcome
    return found.prop if isinstance(outcome, Confirmed) else None


def redone(body: dict[str, Any]) -> str:
    """The text of what was changed by somebody who knows how a digest is made."""
    plain = {key: value for key, value in body.items() if key != "digest"}
    return json.dumps({**plain, "digest": _digest(plain)})


def test_what_was_written_is_confirmed(texts: dict[str, str]) -> None:
    assert {is_confirmed(text) for text in texts.values()} == TRUE


def altered(text: str, others: list[str]) -> Iterator[str]:
    """The text without a line, with a line twice, with one of another, with a character changed."""
    lines = text.splitlines(keepends=True)
    for n, line in enumerate(lines):
        yield "".join((*lines[:n], *lines[n + 1 :]))
        yield "".join((*lines[:n], line, line, *lines[n + 1 :]))
        for other in others:
            theirs = other.splitlines(keepends=True)
            if n < len(theirs) and theirs[n] != line:
                yield "".join((*lines[:n], theirs[n], *lines[n + 1 :]))
        start = sum(map(len, lines[:n]))
        for at in random.Random(n).sample(range(len(line)), min(4, len(line))):
            flipped = chr(ord(line[at]) ^ 1)
            yield text[: start + at] + flipped + text[start + at + 1 :]


def test_a_text_that_was_changed_is_no_certificate(texts: dict[str, str]) -> None:
    """Unless it says the same: blanks are nothing."""
    tried = 0
    for name, text in texts.items():
        others = [other for key, other in texts.items() if key != name]
        for changed in altered(text, others):
            tried += 1
            found = check_text(changed)
            if not isinstance(found, Rejected):
                assert json.loads(changed) == json.loads(text)
    assert tried > 300


def exchanged(bodies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Parts of one in another, for every claim of the module."""
    for body in bodies:
        for other in bodies:
            for key in body:
                yield {**body, key: other[key]}
                for name in (*sorted(TRUE), "idle"):
                    yield {**body, key: other[key], "property": name}
        for name in (*sorted(TRUE), "idle"):
            text = json.dumps(body)
            for old in sorted(TRUE):
                yield json.loads(text.replace(f'"{old}"', f'"{name}"'))


@pytest.mark.slow
def test_what_is_confirmed_of_parts_put_together_is_so(texts: dict[str, str]) -> None:
    bodies = [json.loads(text) for text in texts.values()]
    found = [is_confirmed(redone(body)) for body in exchanged(bodies)]
    assert "idle" not in found
    assert len(found) > 500 and set(found) == {None, *TRUE}


@pytest.mark.parametrize("key", ["assumptions", "bounds"])
def test_what_a_proof_rests_on_is_not_for_its_text_to_say(texts: dict[str, str], key: str) -> None:
    body = json.loads(texts["alone"])
    for said in ([], [*body[key], "nothing else"]):
        if said != body[key]:
            assert is_confirmed(redone({**body, key: said})) is None


def forgeries(bodies: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Proofs of what is false, with groups and lemmas of every make."""
    implicit = ["in-range", "single-write", "live-target"]
    lies = ("false", "true", "(not true)", "(all (p Pod) (not (get pod.on p)))")
    for body in bodies:
        for k in (1, 2, 3):
            for ends in (False, True):
                alone = {"names": ["idle", *implicit], "k": k, "ends": ends}
                yield {**body, "groups": [alone], "lemmas": []}
                yield {**body, "groups": [*body["groups"], alone]}
                yield {**body, "groups": [alone, *body["groups"]]}
                for lie in lies:
                    lemma = {"name": "lie", "formula": lie}
                    both = {"names": ["lie", "idle", *implicit], "k": k, "ends": ends}
                    first = {"names": ["lie"], "k": k, "ends": ends}
                    yield {**body, "groups": [both], "lemmas": [lemma]}
                    yield {**body, "groups": [first, alone], "lemmas": [lemma]}


def with_fingerprint(body: dict[str, Any]) -> dict[str, Any]:
    """With the hash of the system that it would be of, so that it is not stale."""
    from kspec.certify.proof import _read, fingerprint
    from kspec.driver.proofs.certificates import _system

    of = _read(body)
    system, _ = _system(of, LOADED, ())
    assert not isinstance(system, str)
    return {**body, "system": fingerprint(system, of.groups)}  # type: ignore[arg-type]


@pytest.mark.slow
def test_no_forgery_confirms_what_is_false(texts: dict[str, str]) -> None:
    bodies = [{**json.loads(text), "property": "idle"} for text in texts.values()]
    outcomes = []
    for body in forgeries(bodies):
        found = check_text(redone(with_fingerprint(body)))
        assert isinstance(found, Certificate)
        outcomes.append(CHECKER.check("model.kproof", found, LOADED).outcome)
    assert len(outcomes) > 100
    assert all(isinstance(outcome, Rejected) for outcome in outcomes)


# ---- a model that was changed ------------------------------------------------------------------

WORDS = (
    ("kind Set {}", "# a set\nkind Set {}"),
    ("kind Set {}\n", "kind Set {}\n\n\n"),
    ("invariant alone:", 'invariant alone "never two":'),
    ("invariant idle: no p: Pod | p.on", "invariant idle: no p: Pod | p.n == 3"),
    ("prove alone, one, even", "prove one, even, alone"),
)
MEANING = (
    ("when no p: Pod | p.owner == s do", "do"),
    ("when no q: Pod | q.on do", "do"),
    ("p.n < 5", "p.n < 4"),
    ("p.n + 2", "p.n + 1"),
    ("0..6 = 0", "0..7 = 0"),
    ("0..6 = 0", "0..6 = 1"),
    ("delete p", "p.on := false"),
    ("Pod: 3", "Pod: 2"),
    ("set t {}", ""),
    ("on: bool = false", "on: bool = true"),
    ("| p.n != 5", "| p.n != 4"),
    ("action stop(p: Pod) when p.on do p.on := false\n", "\n"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), WORDS)
def test_words_make_no_certificate_stale(texts: dict[str, str], old: str, new: str) -> None:
    assert old in MODEL
    of, checker = loaded(MODEL.replace(old, new)), Checker(deciders=Z3)
    assert {is_confirmed(text, of, checker) for text in texts.values()} == TRUE


@pytest.mark.parametrize(("old", "new"), MEANING)
def test_meaning_makes_certificates_stale(texts: dict[str, str], old: str, new: str) -> None:
    assert old in MODEL
    of, checker = loaded(MODEL.replace(old, new)), Checker(deciders=Z3)
    for name, text in texts.items():
        found = check_text(text)
        assert isinstance(found, Certificate)
        outcome = checker.check("model.kproof", found, of).outcome
        is_another_claim = old.startswith("| p.n") and "even" not in _named(found)
        assert isinstance(outcome, Confirmed if is_another_claim else Stale), name


def _named(of: Certificate) -> set[str]:
    return {name for group in of.groups for name in group.names}
