"""The tables say what the grammar says, are made the same each time, and are read quickly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from kspec.syntax import tables
from kspec.syntax.lexer import Lexer
from kspec.syntax.machine import Done, run

GRAMMAR = Path(tables.__file__).with_name("kspec.lark").read_text(encoding="utf-8")
SAMPLE = (Path(__file__).parent / "sample.kspec").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built() -> dict[str, object]:
    return tables.build()


def test_tables_are_json(built: dict[str, object]) -> None:
    assert json.loads(json.dumps(built)) == built


@pytest.mark.slow
def test_tables_do_not_depend_on_the_order_of_sets(built: dict[str, object]) -> None:
    root = Path(tables.__file__).parents[2]
    code = (
        "import json; from kspec.syntax import tables;"
        "print(json.dumps(tables.build(), sort_keys=True))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "12345", "PYTHONPATH": str(root)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert made.stdout == json.dumps(built, sort_keys=True) + "\n"


def test_lark_reads_the_same_tokens() -> None:
    """The machine and lark, which made its tables, agree on the sample."""
    reference = lark.Lark(
        GRAMMAR, parser="lalr", lexer="contextual", start=list(tables.STARTS), keep_all_tokens=True
    )
    tree = reference.parse(SAMPLE, start="start")
    expected = [
        (t.type, str(t)) for t in tree.scan_values(lambda value: isinstance(value, lark.Token))
    ]
    outcome = run(tables.load(), "start", SAMPLE, 0, lambda *_: None)
    assert isinstance(outcome, Done)
    assert [(t.kind, t.text) for t in outcome.tokens] == expected


def test_stale_tables_are_not_used(
    built: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = tables._read
    stale = json.dumps({"format": tables.FORMAT, "grammar": "of another grammar"}).encode()
    monkeypatch.setattr(
        tables, "_read", lambda name: stale if name == "tables.json" else read(name)
    )
    monkeypatch.setattr(tables, "build", lambda: built)
    fresh = tables.load.__wrapped__()
    assert fresh.rules == tables.load().rules


def test_tables_that_are_up_to_date_need_no_lark() -> None:
    code = (
        "import sys; from kspec.syntax import tables, parse;"
        "from kspec.base.source import SourceFile;"
        "tables._read('tables.json'); parse.parse(SourceFile('m', 'fn f = 1'));"
        "sys.exit('lark' in sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if "FileNotFoundError" in made.stderr:
        pytest.skip("the tables are not built in this checkout")
    assert made.returncode == 0 or not _is_up_to_date()


def _is_up_to_date() -> bool:
    data = json.loads(tables._read("tables.json"))
    return data.get("grammar") == tables._hash(GRAMMAR.encode())


def test_every_character_is_some_token() -> None:
    lexer = Lexer(tables.load(), "".join(map(chr, range(1, 300))))
    position = 0
    while position < 299:
        token = lexer.next(position, ())
        if not token.text:
            break
        assert token.end > position
        position = token.end
