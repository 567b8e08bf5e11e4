"""Workers, memory, time: limits that leave an answer open, and workers that change none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kspec.cli.resources import Size, codes
from kspec.cli.terminal import ahead, short
from tests.cli.programs import run

ROOT = Path(__file__).parents[2]
MODEL = str(ROOT / "benchmarks" / "models" / "m2.kspec")
LARGE = ("-s", "p4n3c2r3k1", "--reduction", "none")


@pytest.mark.slow
def test_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    """276 872 states: workers share the work, and the code changes on the way."""
    said = {
        run("check", MODEL, *LARGE, "-j", jobs, "-o", output, cwd=tmp_path).stdout
        for jobs in ("1", "3")
        for output in ("json",)
    }
    assert len(said) == 1 and "276872" in said.pop()


def test_a_limit_on_memory_leaves_the_answer_open(tmp_path: Path) -> None:
    done = run("check", MODEL, *LARGE, "--max-memory", "3M", "--spill", "off", cwd=tmp_path)
    assert done.returncode == 3 and "the memory limit was reached" in done.stdout


@pytest.mark.slow
def test_without_memory_a_search_goes_on_in_files(tmp_path: Path) -> None:
    whole = run("check", MODEL, *LARGE, cwd=tmp_path)
    small = run(
        "check", MODEL, *LARGE, "--max-memory", "1M", "--spill", str(tmp_path), cwd=tmp_path
    )
    assert small.returncode == 0 and small.stdout == whole.stdout


def test_a_limit_on_time_leaves_the_answer_open(tmp_path: Path) -> None:
    done = run("check", MODEL, "-s", "p6n2c4r4k2", "--timeout", "0.01", cwd=tmp_path)
    assert done.returncode == 3 and "the time limit was reached" in done.stdout


def test_limits_must_make_sense(tmp_path: Path) -> None:
    for wrong in (("-j", "0"), ("--max-memory", "much"), ("--timeout", "-1")):
        assert run("check", MODEL, *wrong, cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("text", "size"), [("300M", 300 << 20), ("4G", 4 << 30), ("1.5GiB", 3 << 29), ("17", 17)]
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


def test_where_code_is_remembered() -> None:
    assert codes({"KSPEC_CACHE": "off", "XDG_CACHE_HOME": "/x"}) is None
    assert codes({"KSPEC_CACHE": "/k", "XDG_CACHE_HOME": "/x"}) == Path("/k/code")
    assert codes({"XDG_CACHE_HOME": "/x"}) == Path("/x/kspec/code")


def test_a_guess_at_what_is_to_come() -> None:
    assert ahead((400, 200, 100)) == 100
    assert ahead((100, 200, 400)) == ahead((5, 1)) == ahead((3, 2, 0)) == 0


def test_short_numbers() -> None:
    assert [short(n) for n in (0, 812, 9310, 99_960, 999_600, 104e6, 2.5e9, 7e15)] == [
        "0",
        "812",
        "9.31 k",
        "100 k",
        "1.00 M",
        "104 M",
        "2.50 G",
        "7000 T",
    ]


@pytest.mark.slow
def test_a_check_goes_on_from_its_checkpoints(tmp_path: Path) -> None:
    often = ("--checkpoint-every", "0")
    whole = run("check", MODEL, *LARGE, cwd=tmp_path)
    half = ("--checkpoint", "kept", *often, "--max-states", "100000")
    assert run("check", MODEL, *LARGE, *half, cwd=tmp_path).returncode == 3
    (kept,) = (tmp_path / "kept").iterdir()
    assert (kept / "rows").stat().st_size > 8 * 50_000
    again = run("check", MODEL, *LARGE, "--resume", "kept", *often, cwd=tmp_path)
    assert again.stdout == whole.stdout and again.returncode == 0


def test_a_checkpoint_of_another_search_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "m2.kspec"
    text = Path(MODEL).read_text(encoding="utf-8")
    program.write_text(text, encoding="utf-8")
    few = ("-s", "p3n3c2r2k1", "--checkpoint-every", "0")
    run("check", "m2.kspec", *few, "--checkpoint", "kept", cwd=tmp_path)
    program.write_text(text.replace("down < K", "down <= K"), encoding="utf-8")
    done = run("check", "m2.kspec", *few, "--resume", "kept", cwd=tmp_path)
    assert done.returncode == 2 and "of another system" in done.stderr and not done.stdout


@pytest.mark.slow
def test_a_checkpoint_of_another_reduction_is_refused(tmp_path: Path) -> None:
    """What stands for its images in one search stands for itself in the other."""
    often = ("-s", "p3n3c2r2k1", "--checkpoint-every", "0")
    first = run(
        *("check", MODEL, *often, "--checkpoint", "kept", "--reduction", "symmetry"), cwd=tmp_path
    )
    assert first.returncode == 0
    for reduction, code in (("none", 2), ("symmetry", 0)):
        again = run(
            *("check", MODEL, *often, "--resume", "kept", "--reduction", reduction), cwd=tmp_path
        )
        assert again.returncode == code, again.stderr
        assert (again.stdout == first.stdout) == (code == 0)
