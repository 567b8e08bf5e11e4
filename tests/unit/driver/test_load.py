"""Files, imports, and what can be wrong with them before anything is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.driver.preparing.load import load, load_text


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def slugs(path: Path) -> list[str]:
    loading = load(path, path.name)
    assert (loading.loaded is None) == bool(loading.diagnostics)
    return [d.code.slug for d in loading.diagnostics]


def test_imports_are_found_beside_the_file_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "core/pod.kspec", "import core.node\nkind Pod { on: Node? = none }")
    write(tmp_path / "core/node.kspec", "kind Node { cpu: 0..3 = 0 }")
    main = write(tmp_path / "a.kspec", "import core.pod\ninvariant x: all p: Pod | p is p")
    loading = load(main, "a.kspec")
    assert loading.diagnostics == ()
    assert loading.loaded is not None
    assert [s.name for s in loading.sources] == ["a.kspec", "core/pod.kspec", "core/node.kspec"]
    assert loading.loaded.program.files == ("core.node", "core.pod", "a")
    assert loading.loaded.home("core/pod.kspec") == tmp_path / "core"


def test_a_file_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "p.kspec", "kind Pod { n: 0..3 = 0 }")
    write(tmp_path / "q.kspec", "import p")
    main = write(tmp_path / "a.kspec", "import p, q, p")
    assert slugs(main) == []


def test_a_circle_is_told_with_all_its_imports(tmp_path: Path) -> None:
    write(tmp_path / "b.kspec", "import c")
    write(tmp_path / "c.kspec", "import a")
    main = write(tmp_path / "a.kspec", "import b")
    loading = load(main, "a.kspec")
    assert [d.code.slug for d in loading.diagnostics] == ["import-cycle"]
    (cycle,) = loading.diagnostics
    places = [cycle.primary.span.file, *(label.span.file for label in cycle.labels)]
    assert sorted(places) == ["a.kspec", "b.kspec", "c.kspec"]


def test_a_file_that_imports_itself(tmp_path: Path) -> None:
    assert slugs(write(tmp_path / "a.kspec", "import a")) == ["import-cycle"]


def test_a_nearby_file_is_suggested(tmp_path: Path) -> None:
    write(tmp_path / "core/pod.kspec", "")
    main = write(tmp_path / "a.kspec", "import core.pdo")
    (wrong,) = load(main, "a.kspec").diagnostics
    assert wrong.code.slug == "bad-import"
    assert [h.text for h in wrong.help] == ["did you mean `core.pod`?"]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"kind P { \xc3\x28 }"])
def test_what_is_no_text_is_told(data: bytes, tmp_path: Path) -> None:
    main = tmp_path / "a.kspec"
    main.write_bytes(data)
    assert slugs(main) == ["unreadable-file"]
    write(tmp_path / "b.kspec", "import a")
    assert slugs(tmp_path / "b.kspec") == ["unreadable-file"]


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    assert slugs(tmp_path / "none.kspec") == ["unreadable-file"]
    (tmp_path / "dir.kspec").mkdir()
    assert slugs(tmp_path / "dir.kspec") == ["unreadable-file"]


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path / "b.kspec", "kind {")
    main = write(tmp_path / "a.kspec", "import b, nowhere\nkind P { x: }")
    found = load(main, "a.kspec").diagnostics
    assert {d.primary.span.file for d in found} == {"a.kspec", "b.kspec"}
    assert "bad-import" in [d.code.slug for d in found]


def test_a_text_can_be_checked_without_a_file() -> None:
    assert load_text("x.kspec", "kind P { n: 0..3 = 0 }").loaded is not None
    assert [d.code.slug for d in load_text("x.kspec", "kind P { n: Q }").diagnostics] == [
        "unknown-name"
    ]
