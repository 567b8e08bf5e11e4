"""The standalone trace checker agrees with replay on good and on tampered traces."""

from __future__ import annotations

import ast
import copy
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kspec.certify import check_trace
from kspec.engines.api import Budget
from kspec.engines.random_systems import seeded_system
from kspec.engines.reference import Reference
from kspec.ir.sorts import cardinality, values
from kspec.ir.system import Implicit, Settles, System, Temporal, Values
from kspec.ir.text import print_system
from kspec.verdict.answer import Found
from kspec.verdict.codec import CodecError, decode_trace, encode_trace, encode_value
from kspec.verdict.replay import replay
from kspec.verdict.trace import Trace

SOURCE = Path(check_trace.__file__)
SEEDS = range(150)

UNDECIDED = Temporal | Settles | Values
"""No trace that ends is about these."""


def found(system: System) -> Iterator[tuple[str, Trace]]:
    names = tuple(p.name for p in system.properties)
    answers = Reference().explore(system, names, Budget(max_states=200), lambda _: None).answers
    for name, answer in answers:
        if isinstance(answer, Found):
            yield name, answer.trace


def reader(system: System) -> check_trace.Checker:
    (node,) = check_trace.read_nodes(print_system(system))
    return check_trace.Checker(check_trace.System(node))


def is_accepted(checker: check_trace.Checker, data: Any, prop: str) -> bool:
    try:
        checker.check(data, prop)
    except check_trace.Wrong:
        return False
    return True


def is_replayed(system: System, data: Any, prop: str) -> bool:
    known = {p.name: p for p in system.properties}
    try:
        trace = decode_trace(data, system)
    except CodecError:
        return False
    return replay(trace, system, known[prop] if prop in known else Implicit(prop)) is None


def as_json(system: System, trace: Trace) -> Any:
    return json.loads(json.dumps(encode_trace(trace, system)))


def test_every_trace_of_the_reference_is_accepted() -> None:
    accepted = 0
    for seed in SEEDS:
        system = seeded_system(seed)
        checker = reader(system)
        for name, trace in found(system):
            checker.check(as_json(system, trace), name)
            accepted += 1
    assert accepted > len(SEEDS) // 2


# ---- tampering ---------------------------------------------------------------------------------


def tampered(system: System, data: Any, prop: str, seed: int) -> Iterator[tuple[str, Any, str]]:
    """What was done to the trace, the trace, and the property it is said to be for."""
    choose = random.Random(seed)
    yield from _other_states(system, data, prop, choose)
    steps = data["steps"]
    if steps:
        dropped = copy.deepcopy(data)
        del dropped["steps"][choose.randrange(len(steps))]
        yield "a step dropped", dropped, prop
        doubled = copy.deepcopy(data)
        doubled["steps"].append(copy.deepcopy(steps[-1]))
        yield "a step doubled", doubled, prop
        yield from _other_instances(system, data, prop, choose)
        lost = copy.deepcopy(data)
        lost["steps"][-1]["state"] = None if steps[-1]["state"] is not None else data["start"]
        yield "the last state taken away or made up", lost, prop
    decided = [p.name for p in system.properties if not isinstance(p.claim, UNDECIDED)]
    for other in (*decided, *(i.value for i in Implicit)):
        if other != prop:
            yield "another property", data, other


def _other_states(
    system: System, data: Any, prop: str, choose: random.Random
) -> Iterator[tuple[str, Any, str]]:
    changed = copy.deepcopy(data)
    places = [changed["start"], *(s["state"] for s in changed["steps"] if s["state"])]
    at = choose.randrange(len(places))
    small = [v for v in system.variables if 2 <= cardinality(v.sort) <= 64]
    if small:
        var = choose.choice(small)
        others = [encode_value(var.sort, v, system.pools) for v in values(var.sort)]
        places[at][var.name] = choose.choice([o for o in others if o != places[at][var.name]])
        yield "the start changed" if at == 0 else "a state changed", changed, prop
    broken = copy.deepcopy(data)
    name = choose.choice(sorted(broken["start"]))
    broken["start"][name] = choose.choice(["nonsense", {"nonsense": 1}, 10**12, 1.5])
    yield "a value of another sort", broken, prop
    del broken["start"][name]
    yield "a variable missing", broken, prop


def _other_instances(
    system: System, data: Any, prop: str, choose: random.Random
) -> Iterator[tuple[str, Any, str]]:
    at = choose.randrange(len(data["steps"]))
    step = data["steps"][at]
    (action,) = [a for a in system.actions if a.name == step["action"]]
    for part, binders in (("params", action.params), ("choices", action.choices)):
        for binder in binders:
            others = [encode_value(binder.sort, v, system.pools) for v in values(binder.sort)]
            others = [o for o in others if o != step[part][binder.name]]
            if others:
                changed = copy.deepcopy(data)
                changed["steps"][at][part][binder.name] = choose.choice(others)
                yield f"one of the {part} changed", changed, prop
    renamed = copy.deepcopy(data)
    renamed["steps"][at]["action"] = choose.choice([*(a.name for a in system.actions), "nobody"])
    yield "another action", renamed, prop


def test_tampered_traces_are_rejected_exactly_where_replay_rejects_them() -> None:
    rejected: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for seed in SEEDS:
        system = seeded_system(seed)
        checker = reader(system)
        for name, trace in found(system):
            data = as_json(system, trace)
            for kind, other, prop in tampered(system, data, name, seed):
                is_good = is_replayed(system, other, prop)
                assert is_accepted(checker, other, prop) == is_good, (seed, kind, name)
                (accepted if is_good else rejected)[kind] += 1
    never = {"a value of another sort", "a variable missing"}
    assert all(accepted[kind] == 0 for kind in never)
    assert {kind for kind, count in rejected.items() if count >= 5} == {
        "a state changed",
        "a step doubled",
        "a step dropped",
        "a value of another sort",
        "a variable missing",
        "another action",
        "another property",
        "one of the choices changed",
        "one of the params changed",
        "the last state taken away or made up",
        "the start changed",
    }


@pytest.mark.slow
def test_a_thousand_systems_and_their_tampered_traces() -> None:
    for seed in range(1000, 2000):
        system = seeded_system(seed)
        checker = reader(system)
        for name, trace in found(system):
            data = as_json(system, trace)
            assert is_accepted(checker, data, name), (seed, name)
            for kind, other, prop in tampered(system, data, name, seed):
                is_good = is_replayed(system, other, prop)
                assert is_accepted(checker, other, prop) == is_good, (seed, kind, name)


# ---- the program -------------------------------------------------------------------------------


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Isolated: neither this directory nor any installed package of ours can be imported."""
    command = [sys.executable, "-I", "-S", str(SOURCE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, str]:
    seed = next(s for s in range(100) if any(t.steps for _, t in found(seeded_system(s))))
    system = seeded_system(seed)
    name, trace = next((n, t) for n, t in found(system) if t.steps)
    text, data = tmp_path / "system.txt", tmp_path / "trace.json"
    text.write_text(print_system(system), encoding="utf-8")
    data.write_text(json.dumps(as_json(system, trace)), encoding="utf-8")
    return text, data, name


def test_the_program_says_ok(files: tuple[Path, Path, str]) -> None:
    text, data, name = files
    done = run(str(text), str(data), name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")


def test_the_program_says_what_is_wrong(files: tuple[Path, Path, str]) -> None:
    text, data, name = files
    trace = json.loads(data.read_text(encoding="utf-8"))
    trace["steps"][0]["action"] = "nobody"
    data.write_text(json.dumps(trace), encoding="utf-8")
    done = run(str(text), str(data), name)
    assert done.returncode == 1
    assert done.stdout == "wrong: step 1, nobody: there is no such action\n"


@pytest.mark.parametrize("damage", ["system", "trace", "property", "loop", "usage", "missing"])
def test_the_program_says_when_it_cannot_tell(files: tuple[Path, Path, str], damage: str) -> None:
    text, data, name = files
    arguments = [str(text), str(data), name]
    if damage == "system":
        text.write_text("(system x (", encoding="utf-8")
    elif damage == "trace":
        data.write_text("{", encoding="utf-8")
    elif damage == "property":
        arguments[2] = "nothing-of-the-kind"
    elif damage == "loop":
        trace = json.loads(data.read_text(encoding="utf-8"))
        data.write_text(json.dumps({**trace, "loop": 0}), encoding="utf-8")
    elif damage == "usage":
        arguments.pop()
    else:
        arguments[0] += ".no"
    assert run(*arguments).returncode == 2


def test_it_imports_the_standard_library_alone() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    calls = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not calls & {"__import__", "eval", "exec", "compile"}


def test_it_is_short_enough_to_be_read() -> None:
    assert len(SOURCE.read_text(encoding="utf-8").splitlines()) < 500
