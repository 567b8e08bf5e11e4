"""Broken and hostile input is answered with a located message and an exit code, always.

`python -m tests.fuzz.run 20000` runs more of the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fuzz.inputs import ARGUMENTS, PROGRAM
from tests.fuzz.run import Outcome, called, flaw_of, preload

BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
)


def _manifest(text: str, name: str = "a.yaml") -> Callable[[Path], None]:
    def make(at: Path) -> None:
        (at / "broken.kspec").write_bytes(PROGRAM)
        (at / "manifests").mkdir()
        (at / "manifests" / name).write_text(text)

    return make


def _program(text: str) -> Callable[[Path], None]:
    def make(at: Path) -> None:
        (at / "broken.kspec").write_text(text)

    return make


def _reading(where: str) -> Callable[[Path], None]:
    return _program(f'kind K {{ n: 0..1 = 0 }}\ncluster c from "{where}" {{ }}\n')


def _linked(target: str) -> Callable[[Path], None]:
    def make(at: Path) -> None:
        _manifest("{}")(at)
        (at / "manifests" / "a.yaml").unlink()
        (at / "manifests" / "a.yaml").symlink_to(target)

    return make


def _loop(at: Path) -> None:
    _manifest("{}")(at)
    (at / "manifests" / "again").symlink_to(at / "manifests")


def _pipe(at: Path) -> None:
    _manifest("{}")(at)
    os.mkfifo(at / "manifests" / "pipe.yaml")


def _directory(at: Path) -> None:
    (at / "broken.kspec").mkdir()


def _bytes(content: bytes) -> Callable[[Path], None]:
    def make(at: Path) -> None:
        (at / "broken.kspec").write_bytes(content)

    return make


def _deep(depth: int) -> dict[str, Callable[[Path], None]]:
    return {
        "deep flow sequence": _manifest("[" * depth),
        "deep flow mapping": _manifest("{a: " * depth),
        "deep block sequence": _manifest("- " * depth),
        "deep json": _manifest("[" * depth + "]" * depth, "a.json"),
        "deep parentheses": _program("fn f: int = " + "(" * depth),
        "deep parentheses, closed": _program("fn f: int = " + "(" * depth + "1" + ")" * depth),
        "deep negation": _program("fn f: bool = " + "not " * depth + "true"),
        "deep types": _program("kind K { a: " + "set of " * depth + "bool }"),
        "deep braces": _program("{" * depth),
        "long name": _program("kind " + "K" * depth + " { }"),
        "long number": _program("fn f: int = " + "9" * depth),
        "unclosed text": _program('fn f: name = "' + "x" * depth),
    }


HOSTILE: dict[str, Callable[[Path], None]] = {
    "alias bomb": _manifest(BOMB),
    "alias to itself": _manifest("a: &a [*a]\n"),
    "long sum": _program("fn f: int = " + "1 + " * 100_000 + "1"),
    "deep if": _program("fn f: int = " + "if true then 1 else " * 20_000 + "1"),
    "many mistakes": _program("kind ? {\n" * 10_000),
    "from above": _reading("../../etc"),
    "from the root": _reading("/etc"),
    "from a device": _reading("/dev/zero"),
    "from nowhere": _reading("nowhere/"),
    "from nul": _reading("a\\0b"),
    "link to a file outside": _linked("/etc/passwd"),
    "link to a device": _linked("/dev/zero"),
    "link to nothing": _linked("nowhere"),
    "link to itself": _linked("a.yaml"),
    "directory within itself": _loop,
    "pipe": _pipe,
    "directory that looks like a file": _directory,
    "not text": _bytes(b"\xff\xfe\x00k\x00"),
    "nul": _bytes(b"kind K { }\0"),
    "only a mark of order": _bytes(b"\xef\xbb\xbf"),
    "nothing": _bytes(b""),
    "huge range": _program("kind K { n: 0..99999999999 = 0 }\ncluster c { k x {} }\n"
                           "invariant i: all k: K | k.n == 0\nscenario s { in c  check i }\n"),
    "huge pool": _program("kind K { n: 0..1 = 0 }\nenvironment e { action a do new K { } }\n"
                          "invariant i: all k: K | k.n == 0\n"
                          "scenario s { run e  room { K: 999999999 }  check i }\n"),
    "huge list": _program("kind K { n: list at most 999999999 of 0..9 = [] }\n"
                          "cluster c { k x {} }\ninvariant i: all k: K | k.n == []\n"
                          "scenario s { in c  check i }\n"),
    "huge sweep": _program("param n: 0..99999999999 = 0\ninvariant i: n >= 0\n"
                           "scenario s { for n in 0..99999999999  check i }\n"),
    "endless function": _program("fn f(n: int): int = f(n + 1)\ninvariant i: f(0) == 0\n"
                                 "scenario s { check i }\n"),
    "imports itself": _program("import broken\n"),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    preload()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_answered(name: str, tmp_path: Path) -> None:
    _require_answer(HOSTILE[name], tmp_path)


@pytest.mark.parametrize("name", _deep(0))
@pytest.mark.parametrize("depth", [1_000, 20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_deep_and_long_input_is_answered(name: str, depth: int, tmp_path: Path) -> None:
    _require_answer(_deep(depth)[name], tmp_path)


def _require_answer(make: Callable[[Path], None], at: Path) -> None:
    make(at)
    outcome = called(ARGUMENTS, at)
    assert outcome.flaw is None, _shown(outcome)
    assert outcome.code in (0, 2, 3, 5), _shown(outcome)
    assert b"root:" not in outcome.stdout + outcome.stderr


def _shown(outcome: Outcome) -> str:
    return f"{outcome.flaw} {outcome.code} {outcome.stderr[-2000:].decode(errors='replace')}"


@pytest.mark.parametrize("start", [0, pytest.param(30, marks=pytest.mark.slow)])
def test_broken_input_is_answered(start: int) -> None:
    found = {seed: flaw_of(seed)[0] for seed in range(start, start + 30)}
    assert {seed: flaw for seed, flaw in found.items() if flaw is not None} == {}


@pytest.mark.slow
@pytest.mark.parametrize("start", range(60, 4060, 200))
def test_more_broken_input_is_answered(start: int) -> None:
    found = {seed: flaw_of(seed)[0] for seed in range(start, start + 200)}
    assert {seed: flaw for seed, flaw in found.items() if flaw is not None} == {}


@pytest.mark.slow
def test_proofs_certificates_and_walks() -> None:
    """`python -m tests.fuzz.proving 2000` runs more of the same."""
    from tests.fuzz import proving

    proving.ready()
    flaws = {seed: flaw for seed in range(60) if (flaw := proving.flaw_of(seed)[0]) is not None}
    assert flaws == {}
