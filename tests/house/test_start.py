"""Starting is quick: a command loads no library that it does not need."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"hypothesis", "jinja2", "lark", "llvmlite", "matplotlib", "numpy", "rich", "yaml", "z3"}


def imported(code: str) -> set[str]:
    """The top-level names of everything that a program imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    names = re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", done.stderr, re.MULTILINE)
    assert "encodings" in names, "the list of imports was not understood"
    return {name.partition(".")[0] for name in names}


def command(*arguments: str) -> str:
    return (
        f"import sys; sys.argv = {['kspec', *arguments]!r}; from kspec.cli.main import main; main()"
    )


def test_the_measure_sees_what_is_imported() -> None:
    assert "yaml" in imported("import kspec.manifests.read")


@pytest.mark.xfail(
    importlib.util.find_spec("kspec.cli.main") is None, reason="there is no command yet"
)
def test_version_loads_nothing_heavy() -> None:
    found = imported(command("--version"))
    assert "kspec" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "unknown-name"),
        ("fmt", "--check", "kspec/cli/project/cluster.kspec"),
        ("init", "--help"),
        ("import", "--help"),
    ],
)
def test_light_commands_load_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert imported(command(*arguments)) & HEAVY == set()


@pytest.mark.parametrize("module", ["kspec", "kspec.base.render", "kspec.ir.system"])
def test_the_ground_loads_nothing_heavy(module: str) -> None:
    assert imported(f"import {module}") & (HEAVY | {"click"}) == set()


UNASKED = {
    "concurrent.futures.thread",
    "hypothesis",
    "kspec.engines.reference",
    "kspec.engines.reference_liveness",
    "kspec.engines.stateful",
    "kspec.engines.walks",
    "kspec.ir.text.sexpr",
    "kspec.syntax.mistakes.explain",
    "kspec.syntax.mistakes.recover",
    "lark",
    "rich",
    "tomllib",
    "yaml",
    "z3",
}
"""What a check of one file without mistakes, in which everything holds, has no use for."""

TWO_STATES = """
kind Bit { x: bool = false }
environment flips {
  action forth(b: Bit) when not b.x do b.x := true
  action back(b: Bit) when b.x do b.x := false
}
invariant i: all b: Bit | b.x or not b.x
cluster one { bit x {} }
check i
"""


def test_a_check_that_holds_loads_what_it_uses(tmp_path: Path) -> None:
    """And no more than it did: each module is a third of a millisecond of every run."""
    file = tmp_path / "two.kspec"
    file.write_text(TWO_STATES, encoding="utf-8")
    run = command("check", str(file))
    code = (
        f"import os, sys; os.environ['KSPEC_CACHE'] = {str(tmp_path / 'cache')!r}\n"
        "import atexit; atexit.register(lambda: print('\\n' + ' '.join(sys.modules)))\n" + run
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "HOLDS" in done.stdout
    modules = set(done.stdout.splitlines()[-1].split())
    assert "kspec.engines.explicit.engine" in modules, "the list of modules was not understood"
    assert modules & UNASKED == set()
    assert sum(name.startswith("kspec.") for name in modules) < 300


def test_what_was_written_is_not_lost(tmp_path: Path) -> None:
    """The process ends at once, but not before exit handlers have run and streams are empty."""
    mark = tmp_path / "mark"
    code = (
        "import atexit, pathlib, sys\n"
        "from kspec.cli import main\n"
        f"atexit.register(lambda: pathlib.Path({str(mark)!r}).write_text('here'))\n"
        "sys.stdout.write('x' * 70); sys.stderr.write('y')\n"
        "main._leave(7)"
    )
    # Some places ask for streams that keep nothing.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=kept, capture_output=True, encoding="utf-8"
    )
    assert (done.returncode, len(done.stdout), done.stderr) == (7, 70, "y")
    assert mark.read_text() == "here"
