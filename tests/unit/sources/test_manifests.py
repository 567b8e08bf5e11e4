"""Which files a cluster may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.base.source import Span
from kspec.sources.manifests import manifests

AT = Span("dir/a.kspec", 3, 9)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def names(path: str, home: Path) -> list[str | None]:
    found, wrong = manifests(path, AT, home)
    assert not wrong
    return [d.name for m in found for d in m.documents]


def slugs(path: str, home: Path) -> list[str]:
    return [d.code.slug for d in manifests(path, AT, home)[1]]


def test_a_directory_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path / "m/b.yaml", POD % "b")
    write(tmp_path / "m/a.yml", POD % "a")
    write(tmp_path / "m/sub/c.json", '{"kind": "Pod", "metadata": {"name": "c"}}')
    write(tmp_path / "m/notes.txt", "not: yaml: at all")
    write(tmp_path / "m/.git/d.yaml", POD % "d")
    assert names("m", tmp_path) == ["a", "b", "c"]
    assert names("m/", tmp_path) == ["a", "b", "c"]


def test_a_file_is_called_as_the_program_is(tmp_path: Path) -> None:
    write(tmp_path / "m/b.yaml", POD % "b")
    found, _ = manifests("m/b.yaml", AT, tmp_path)
    assert found[0].source.name == "dir/m/b.yaml"


@pytest.mark.parametrize("path", ["../x", "../../etc", "m/../../x", "/etc/passwd", "m/\0", "/"])
def test_nothing_outside_is_read(path: str, tmp_path: Path) -> None:
    write(tmp_path / "x/pod.yaml", POD % "b")
    home = tmp_path / "home"
    (home / "m").mkdir(parents=True)
    assert slugs(path, home) == ["outside-directory"]


@pytest.mark.parametrize("named", ["m", "m/link.yaml", "m/way"])
def test_no_link_leads_out(named: str, tmp_path: Path) -> None:
    write(tmp_path / "x/pod.yaml", POD % "b")
    home = tmp_path / "home"
    write(home / "m/in.yaml", POD % "in")
    if named.endswith("way"):
        (home / "m/way").symlink_to(tmp_path / "x")
    else:
        (home / "m/link.yaml").symlink_to(tmp_path / "x/pod.yaml")
    assert slugs(named, home) == ["outside-directory"]


def test_a_link_to_a_directory_outside_is_told(tmp_path: Path) -> None:
    write(tmp_path / "x/pod.yaml", POD % "b")
    home = tmp_path / "home"
    write(home / "m/in.yaml", POD % "in")
    (home / "m/way").symlink_to(tmp_path / "x")
    found, wrong = manifests("m", AT, home)
    assert [d.code.slug for d in wrong] == ["outside-directory"]
    assert [d.name for m in found for d in m.documents] == ["in"]


def test_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    write(tmp_path / "m/in.yaml", POD % "in")
    (tmp_path / "m/again").symlink_to(tmp_path / "m")
    assert names("m", tmp_path) == ["in"]


def test_what_is_not_there_is_told_at_the_place_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("none.yaml", "empty"):
        _, wrong = manifests(path, AT, tmp_path)
        assert [(d.code.slug, d.primary.span) for d in wrong] == [("unreadable-file", AT)]
