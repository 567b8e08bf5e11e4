"""Machine code that is remembered changes nothing, and nobody's bytes but ours are run."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.engines.api import Budget
from kspec.engines.explicit.engine import Explicit
from kspec.engines.explicit.llvm.codes import Codes
from kspec.verdict.answer import Exploration
from tests.systems.bench import build

SIZE = (4, 3, 2, 3, 1)


def explored(codes: Codes) -> Exploration:
    system = build("m2", SIZE)
    return Explicit(codes=codes).explore(system, ("capacity",), Budget(), lambda _: None)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exploration]:
    directory = tmp_path_factory.mktemp("codes") / "deep" / "code"
    return directory, explored(Codes(directory))


def test_a_long_search_leaves_its_code(kept: tuple[Path, Exploration]) -> None:
    directory, first = kept
    assert len(list(directory.iterdir())) == 1
    assert first == explored(Codes()) == explored(Codes(directory))


def files(kept: tuple[Path, Exploration], into: Path) -> Path:
    into.mkdir(mode=0o700)
    (file,) = kept[0].iterdir()
    copy = into / file.name
    copy.write_bytes(file.read_bytes())
    copy.chmod(0o600)
    return copy


@pytest.mark.parametrize("place", [0, 20, 50, 500, -1])
def test_what_was_changed_is_ignored(
    kept: tuple[Path, Exploration], tmp_path: Path, place: int
) -> None:
    file = files(kept, tmp_path / "code")
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)
    assert Codes(file.parent).find("", 2) is None
    assert explored(Codes(file.parent)) == kept[1]
    assert file.read_bytes() == next(kept[0].iterdir()).read_bytes(), "it was made anew"


@pytest.mark.parametrize("length", [0, 10, 45, 1000])
def test_half_a_file_is_ignored(
    kept: tuple[Path, Exploration], tmp_path: Path, length: int
) -> None:
    file = files(kept, tmp_path / "code")
    file.write_bytes(file.read_bytes()[:length])
    assert explored(Codes(file.parent)) == kept[1]


def test_a_directory_that_others_write_to_is_not_used(
    kept: tuple[Path, Exploration], tmp_path: Path
) -> None:
    file = files(kept, tmp_path / "code")
    file.parent.chmod(0o777)
    file.write_bytes(b"")
    assert explored(Codes(file.parent)) == kept[1]
    assert file.read_bytes() == b""


def test_the_code_of_another_system_is_not_taken(
    kept: tuple[Path, Exploration], tmp_path: Path
) -> None:
    """Under the name of this one: the name is part of what the file says of itself."""
    other = tmp_path / "other"
    Explicit(codes=Codes(other)).explore(build("m2", (4, 4, 2, 3, 1)), (), Budget(), lambda _: None)
    file = files(kept, tmp_path / "code")
    file.write_bytes(next(other.iterdir()).read_bytes())
    assert explored(Codes(file.parent)) == kept[1]
