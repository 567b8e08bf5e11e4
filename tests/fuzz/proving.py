"""Inputs for `prove`, `prove --recheck` and `simulate`: broken programs, altered certificates, and
options that go together or do not.

An altered certificate has the right digest as often as not, so that what reads further is read.
A seed is an input. Next: `run`, which gives them to the command line.

    python -m tests.fuzz.proving 2000 [FIRST]
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from kspec.certify.proof import _digest
from tests.fuzz.inputs import Input, _broken, _programs
from tests.fuzz.run import Outcome, called, preload, run

MODEL: Final = b"""\
kind Pod { n: 0..9 = 0  ready: bool = false }
record Rule { verbs: set of name }
kind Binding { rules: set of Rule = {} }
environment people {
  action up(p: Pod)   when p.n < 4  do p.n := p.n + 1
  action wake(p: Pod) when p.n > 2  do p.ready := true
  action make         when true     do new p: Pod { }
}
invariant small: all p: Pod | p.n <= 8
invariant woken: all p: Pod | p.ready implies p.n > 2
lemma least: all p: Pod | p.n <= 4
lemma wrong: all p: Pod | p.n <= 3
property goes: reachable some p: Pod | p.ready
property later: always eventually all p: Pod | p.ready
law none_empty: all b: Binding | b.rules != {} or size(b.rules) == 0
cluster one { pod a {}  binding b { rules: any of [[], [{verbs: [get]}]] } }
scenario s {
  in one
  room { Pod: 2 }
  prove small, woken, none_empty
  check goes, later
}
"""
NAMES: Final = (
    "small",
    "woken",
    "goes",
    "later",
    "none_empty",
    "least",
    "*",
    "none*",
    "[",
    "",
    "é",
)
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, 0, -1, 1, 2, 10**12, 0.5, "", "x", "small", "s", "holds", "\x00", "..", "/"),
    *([], [[]], {}, {"x": 1}, "(" * 3000, "(not " * 2000, "[" * 100, "(all (p Pod) true)", "$x"),
    *("/dev/null", "-", "other.kspec", "x" * 5000),
)
PROVE: Final = (
    *(("--depth", d) for d in ("1", "2", "0", "3", "x", "99999")),
    *(("--rlimit", r) for r in ("1", "1000", "300000", "-1", "1e3")),
    *(("--engine", e) for e in ("portfolio", "induction", "pdr", "bmc", "z3")),
    *(("--timeout", t) for t in ("0", "1", "5m", "nan", "-1", "1e9")),
    *(("--require", r) for r in ("proved", "bounded", "exhaustive", "all")),
    *(("--for-all", k) for k in ("Pod", "Pod,Pod", "Binding", "Pod,Binding", "Nobody", "", ",")),
    *(("--certificates", d) for d in ("out", "model.kspec", "model.kspec/x", "/proc/x", "")),
    *(("-p", name) for name in NAMES),
    *(("-s", name) for name in ("s", "t", "*", "")),
    *(("-o", o) for o in ("json", "text", "xml")),
    *(("-f", f) for f in ("nowhere.yaml", "model.kspec", ".")),
    *(("--show-invariant",), ("--timings",), ("--recheck",), ("--color", "always")),
)
SIMULATE: Final = (
    *(("--engine", e) for e in ("walks", "stateful", "bmc")),
    *(("--walks", n) for n in ("1", "5", "0", "x")),
    *(("--depth", n) for n in ("1", "7", "0")),
    *(("--seed", n) for n in ("0", "-5", "99999999999999999999", "x")),
    *(("--show", n) for n in ("0", "3", "-1")),
    *(("--database", d) for d in ("db", "model.kspec", "")),
    *(("-p", name) for name in NAMES),
    *(("-o", "json"), ("-s", "s"), ("-s", "t"), ("--timings",)),
)
CHEAP: Final = ("--rlimit", "300000", "--depth", "2")


def seeded(seed: int) -> Input:
    """The input of a seed."""
    draw = random.Random(seed)
    match seed % 4:
        case 0:
            text = _broken(draw.choice((MODEL, *_programs())), (MODEL,), draw)
            arguments = ("prove", "broken.kspec", "-p", "*", *CHEAP, *_options(PROVE, draw))
            return Input((("broken.kspec", text),), arguments)
        case 1:
            return _altered(draw)
        case 2:
            text = MODEL if draw.random() < 0.7 else _broken(MODEL, (MODEL,), draw)
            walks = ("simulate", "model.kspec", "--walks", "4", "--depth", "6")
            return Input((("model.kspec", text),), (*walks, *_options(SIMULATE, draw)))
        case _:
            arguments = ("prove", "model.kspec", *CHEAP, *_options(PROVE, draw))
            return Input((("model.kspec", MODEL),), arguments)


def _options(all_: tuple[tuple[str, ...], ...], draw: random.Random) -> tuple[str, ...]:
    chosen = (draw.choice(all_) for _ in range(draw.choice((0, 1, 1, 2, 3))))
    return tuple(word for option in chosen for word in option)


def _altered(draw: random.Random) -> Input:
    """A certificate of the model, altered; or the model is."""
    text = draw.choice(_certificates())
    model = MODEL
    how = draw.random()
    if how < 0.3:
        text = _broken(text, _certificates(), draw)
    elif how < 0.85:
        body = json.loads(text)
        for _ in range(draw.choice((1, 1, 2))):
            _alter(body, draw)
        if isinstance(body, dict) and draw.random() < 0.9:
            body.pop("digest", None)
            body["digest"] = _digest(body)
        text = json.dumps(body).encode()
    else:
        model = _broken(MODEL, (MODEL,), draw)
    more = draw.choice(((), (), ("-o", "json"), ("--color", "always"), ("-f", "nowhere.yaml")))
    files = (("model.kspec", model), ("d/a.kproof", text))
    return Input(files, ("prove", "--recheck", draw.choice(("d", "d/a.kproof")), *more))


def _alter(body: Any, draw: random.Random) -> None:
    """Replace, leave out or repeat something anywhere below."""
    at = body
    while True:
        keys = sorted(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return
        key = draw.choice(keys)
        if isinstance(at[key], (dict, list)) and at[key] and draw.random() < 0.75:
            at = at[key]
            continue
        what = draw.random()
        if what < 0.7:
            at[key] = draw.choice(VALUES)
        elif what < 0.85 or isinstance(at, dict):
            del at[key]
        else:
            at.append(at[key])
        return


@cache
def _certificates() -> tuple[bytes, ...]:
    """Those of the model: of its scope, of a law, and of every size."""
    found: list[bytes] = []
    for more in ((), ("--for-all", "Pod", "-p", "small")):
        with tempfile.TemporaryDirectory() as name:
            (Path(name) / "model.kspec").write_bytes(MODEL)
            called(("prove", "model.kspec", "--certificates", "out", *more), Path(name))
            found += [p.read_bytes() for p in sorted((Path(name) / "out").glob("*.kproof"))]
    assert len(found) >= 3
    return tuple(found)


def ready() -> None:
    """Load what a run may need, once."""
    preload()
    for name in ("z3", "kspec.cli.prove", "kspec.cli.simulate", "kspec.driver.proofs.certificates"):
        import_module(name)


def flaw_of(seed: int) -> tuple[str | None, Outcome]:
    """What goes wrong with the input of a seed."""
    with tempfile.TemporaryDirectory() as name:
        outcome = run(seeded(seed), Path(name))
        return outcome.flaw, outcome


def _main() -> int:
    count, first = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    ready()
    flawed, codes, slowest = 0, dict[int, int](), (0.0, -1)
    for seed in range(first, first + count):
        flaw, outcome = flaw_of(seed)
        codes[outcome.code] = codes.get(outcome.code, 0) + 1
        slowest = max(slowest, (outcome.seconds, seed))
        if flaw is not None:
            flawed += 1
            words = " ".join(seeded(seed).arguments)
            print(f"seed {seed}: {flaw}; {words!r}; {outcome.stderr[-200:]!r}", flush=True)
    print(f"{count} inputs, {flawed} flawed, {sorted(codes.items())}, slowest {slowest}")
    return 1 if flawed else 0


if __name__ == "__main__":
    raise SystemExit(_main())
