"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kspec.base.codes import CODES
from tests.markdown import expectations, sections

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "errors"
SOURCES = sorted((ROOT / "kspec").rglob("*.py"))


def tracked() -> list[Path]:
    """The files that git knows; every file but the usual leftovers where there is no git."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
        )
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    skipped = {".venv", "__pycache__", "build", "dist"}
    return [p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.parts)]


def test_the_import_contract_is_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_says_what_it_is_for(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert text, "every module opens with a docstring"
    assert "TODO" not in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_public_names_are_sorted_and_there(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names = ast.literal_eval(node.value)
            assert list(names) == sorted(set(names))
            module = importlib.import_module(
                ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            )
            assert all(hasattr(module, name) for name in names)


def test_no_shelf_for_everything() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert not [p for p in SOURCES if forbidden & set(p.with_suffix("").parts[len(ROOT.parts) :])]


# Written in pieces, so that this file does not contain what it looks for.
MACHINE_PATHS = re.compile(
    "|".join(("/" + "work/", "/" + "root/", "/" + "home/[a-z]", "/" + "Users/"))
)
OUTSIDE = re.compile(r"\.\./" + "shared")


def test_no_file_speaks_of_a_machine() -> None:
    wrong = []
    for path in tracked():
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATHS.search(line) or OUTSIDE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert wrong == []


def test_the_trace_checker_stands_alone() -> None:
    """One file and the standard library: anybody can audit it and run it anywhere."""
    path = ROOT / "kspec" / "certify" / "check_trace.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names <= sys.stdlib_module_names


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == CODES.keys()


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda p: p.stem)
def test_a_page_shows_its_code_and_how_it_is_mended(page: Path) -> None:
    """Its programs are run by the collector; here, that they announce this code and no other."""
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}\n")
    shown = [section for section in sections(text) if section.title]
    assert [section.title for section in shown] == [page.stem, "Mended"]
    wrong, mended = ([e for f in s.fences for e in expectations(f.text)] for s in shown)
    assert wrong, "no program shows the mistake"
    assert {e.slug for e in wrong} == {page.stem}
    assert all(e.part for e in wrong), "a part of what is said is announced too"
    assert not mended
    assert all(any(f.file is None for f in s.fences) for s in shown)


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_reported_somewhere(code: str) -> None:
    """A constant that nothing uses is a promise that nobody keeps."""
    name = code.upper().replace("-", "_")
    uses = re.compile(rf"\b{name}\b")
    ours = (p for p in SOURCES if p.name != "codes.py")
    assert any(uses.search(p.read_text(encoding="utf-8")) for p in ours)
