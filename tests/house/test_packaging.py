"""What an installation holds."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kspec.base.codes import CODES

ROOT = Path(__file__).parents[2]


def tracked() -> list[str]:
    """The files that belong to the project; a checkout may hold others."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as pip builds it, from a copy of the files that belong to the project."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(target)]
    subprocess.run([*command, str(source)], check=True)
    (built,) = target.glob("kspec-*.whl")
    return zipfile.ZipFile(built)


@pytest.mark.slow
def test_the_wheel_holds_the_package(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    sources = {n for n in tracked() if n.startswith("kspec/") and n.endswith(".py")}
    sources |= {n for n in tracked() if n.startswith("kspec/cli/project/")}
    assert {"kspec/py.typed", "kspec/syntax/kspec.lark", *sources} <= names
    assert not [n for n in names if n.startswith(("tests/", "docs/", "models/"))]


@pytest.mark.slow
def test_the_wheel_holds_the_parse_tables(wheel: zipfile.ZipFile) -> None:
    assert json.loads(wheel.read("kspec/syntax/tables.json"))


@pytest.mark.slow
@pytest.mark.parametrize("part", ["models", "properties"])
def test_the_wheel_holds_the_library(wheel: zipfile.ZipFile, part: str) -> None:
    ours = {
        Path(name).relative_to(part)
        for name in tracked()
        if name.startswith(f"{part}/") and name.endswith(".kspec")
    }
    theirs = {
        Path(name).relative_to(f"kspec/library/{part}")
        for name in wheel.namelist()
        if name.startswith(f"kspec/library/{part}/") and name.endswith(".kspec")
    }
    assert theirs == ours


@pytest.mark.slow
def test_the_wheel_holds_the_pages_of_diagnostics(wheel: zipfile.ZipFile) -> None:
    inside = "kspec/library/errors/"
    pages = {name.removeprefix(inside) for name in wheel.namelist() if name.startswith(inside)}
    assert pages == {f"{slug}.md" for slug in CODES}


@pytest.mark.slow
def test_the_tables_are_the_same_every_time(wheel: zipfile.ZipFile) -> None:
    code = (
        "import importlib.util, json, sys\n"
        "spec = importlib.util.spec_from_file_location('tables', 'kspec/syntax/tables.py')\n"
        "module = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(module)\n"
        "print(json.dumps(module.build(), sort_keys=True, separators=(',', ':')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout == wheel.read("kspec/syntax/tables.json").decode()
