"""The standalone checker of runs that loop agrees with replay, on good and on tampered runs."""

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

from attrs import evolve

from kspec.certify import check_lasso, check_trace
from kspec.engines.reference_liveness import counterexample
from kspec.ir.system import Property, Settles, System, Temporal
from kspec.ir.text import print_system
from kspec.verdict.codec import CodecError, decode_trace, encode_trace
from kspec.verdict.lasso import shortened
from kspec.verdict.replay import replay
from tests.liveness.graphs import Size, drawn

SOURCE = Path(check_lasso.__file__)
SIZE = Size(states=3, actions=2, depth=3, dense=40, cut=3, broken=1)
SEEDS = range(24)


def published(seeds: range) -> Iterator[tuple[int, System, Property, Any]]:
    """Systems with a claim that is false, and the run that shows it, as JSON."""
    for seed in seeds:
        system = drawn(seed, SIZE)
        (prop,) = system.properties
        assert isinstance(prop.claim, Temporal | Settles)
        trace = counterexample(system, prop.claim)
        if trace is not None:
            for shown in (trace, shortened(trace, system, prop.claim)):
                yield seed, system, prop, json.loads(json.dumps(encode_trace(shown, system)))


def is_accepted(system: System, data: Any, prop: Property) -> bool:
    (node,) = check_trace.read_nodes(print_system(system))
    try:
        check_lasso.check(node, data, prop.name)
    except check_trace.Wrong:
        return False
    return True


def is_replayed(system: System, data: Any, prop: Property) -> bool:
    try:
        trace = decode_trace(data, system)
    except CodecError:
        return False
    return replay(trace, system, prop) is None


def tampered(system: System, data: Any, seed: int) -> Iterator[tuple[str, Any]]:
    """What was done to the run, and the run."""
    choose = random.Random(seed)
    steps = data["steps"]
    for name, loop in (("earlier", data["loop"] - 1), ("later", data["loop"] + 1)):
        yield f"a loop that begins {name}", {**data, "loop": loop}
    yield "no loop but rest", {**data, "steps": steps[: data["loop"]]}
    yield "a loop from anywhere", {**data, "loop": choose.randrange(len(steps) + 1)}
    for at in range(len(steps)):
        yield "a step dropped", {**data, "steps": [*steps[:at], *steps[at + 1 :]]}
        other = copy.deepcopy(data)
        other["steps"][at]["choices"]["c"] = not steps[at]["choices"]["c"]
        yield "another choice", other
        other = copy.deepcopy(data)
        other["steps"][at]["state"]["x"] = choose.randrange(SIZE.states)
        yield "another state", other
    yield "once more", {**data, "steps": [*steps, *steps[data["loop"] :]]}


def test_every_run_that_is_found_is_accepted() -> None:
    found = [is_accepted(system, data, prop) for _, system, prop, data in published(SEEDS)]
    assert all(found) and len(found) >= 12


def test_tampered_runs_are_rejected_exactly_where_replay_rejects_them() -> None:
    outcomes: Counter[bool] = Counter()
    for seed, system, prop, data in published(SEEDS):
        for what, other in tampered(system, data, seed):
            accepted = is_accepted(system, other, prop)
            assert accepted is is_replayed(system, other, prop), (seed, what, other)
            outcomes[accepted] += 1
    assert min(outcomes.values()) > 30


def test_another_claim_needs_another_run() -> None:
    """A run is shown for the claim that it refutes; for one drawn at random it may be or not."""
    outcomes: Counter[bool] = Counter()
    others = [drawn(seed, SIZE).properties[0].claim for seed in range(200, 210)]
    for _, system, _, data in published(range(8)):
        for claim in others:
            prop = Property("runs", claim)
            asked = evolve(system, properties=(prop,))
            accepted = is_accepted(asked, data, prop)
            assert accepted is is_replayed(asked, data, prop)
            outcomes[accepted] += 1
    assert min(outcomes.values()) > 10


def test_it_stands_with_its_neighbour_on_the_standard_library_alone() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            known = name in ("kspec.certify.check_trace", "check_trace")
            assert known or name.split(".")[0] in sys.stdlib_module_names


def test_as_a_program(tmp_path: Path) -> None:
    _, system, prop, data = next(published(SEEDS))
    text, trace = tmp_path / "system.txt", tmp_path / "trace.json"
    text.write_text(print_system(system), encoding="utf-8")
    finite = {**data, "loop": None}
    for shown, code in ((data, 0), ({**data, "loop": 99}, 1), (finite, 1), ({}, 2)):
        trace.write_text(json.dumps(shown), encoding="utf-8")
        command = [sys.executable, "-I", "-S", str(SOURCE), str(text), str(trace), prop.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == code, done
