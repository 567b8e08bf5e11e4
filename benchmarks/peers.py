"""Builds and runs the other tools: SPIN, Rumur, and the hand-written C program for m2.

Both tools come from the Debian archive (`apt install spin rumur`); a tool that is not installed is
left out. Every run gives states, transitions, seconds of search, and the largest resident size.
Next: `run`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, final

from attrs import frozen

from benchmarks.sizes import Size

HERE: Final = Path(__file__).parent
SAFE: Final = ("-DSAFETY", "-DNOFAIR", "-DNOREDUCE")
RUMUR: Final = (
    *("--deadlock-detection", "off", "--symmetry-reduction", "off"),
    *("--pack-state", "off", "--counterexample-trace", "off", "--quiet"),
)


@final
@frozen
class Ran:
    """One run of a finished program. `seconds` are of the process, `peak` in bytes."""

    text: str
    seconds: float
    cpu: float
    peak: int


@final
@frozen
class Counted:
    """What one run counted. `search` is in seconds, `cpu` those of all processors, in all."""

    states: int
    transitions: int
    search: float
    cpu: float
    peak: int


LAUNCH: Final = """
import os, sys, time
began = time.perf_counter()
child = os.fork()
if not child:
    os.execvp(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    cpu = usage.ru_utime + usage.ru_stime
    file.write(f"{status} {time.perf_counter() - began} {cpu} {usage.ru_maxrss}")
"""
"""A small process that starts a program: the system counts the largest size of whoever starts it,
too, and that is not small here."""


def ran(command: Sequence[str | Path], where: Path) -> Ran:
    """Run a program to its end. `SystemExit` with what it said if it fails."""
    output, told = where / "output.txt", where / "told.txt"
    with output.open("wb") as file:
        launch = [sys.executable, "-S", "-E", "-c", LAUNCH, str(told)]
        subprocess.run(
            [*launch, *map(str, command)], cwd=where, stdout=file, stderr=file, check=True
        )
    status, seconds, cpu, peak = told.read_text(encoding="ascii").split()
    text = output.read_text(encoding="utf-8", errors="replace")
    if code := os.waitstatus_to_exitcode(int(status)):
        raise SystemExit(f"{command[0]} ended with {code}:\n{text[-2000:]}")
    return Ran(text, float(seconds), float(cpu), int(peak) * 1024)


@final
@frozen
class Peer:
    """A tool in one configuration, built for one size in a directory of its own.

    `building` is how long its own compilers took, in seconds.
    """

    tool: str
    threads: int
    command: tuple[str, ...]
    where: Path
    building: float

    def run(self) -> Counted:
        """One run."""
        done = ran(self.command, self.where)
        if self.tool == "c":
            states, transitions, seconds, _ = done.text.split()
            return Counted(int(states), int(transitions), float(seconds), done.cpu, done.peak)
        if self.tool == "rumur":
            states, transitions = _numbers(r"(\d+) states, (\d+) rules fired", done.text)
            return Counted(states, transitions, done.seconds, done.cpu, done.peak)
        if "max search depth too small" in done.text:
            raise SystemExit("SPIN did not search everything")
        (states,) = _numbers(r"(\d+) states, stored", done.text)
        (transitions,) = _numbers(r"(\d+) transitions", done.text)
        found = re.search(r"elapsed time ([0-9.]+|[0-9.e+-]+) seconds", done.text)
        # It tells no time where there is next to none.
        seconds = float(found.group(1)) if found else done.seconds
        return Counted(states, transitions, seconds or done.seconds, done.cpu, done.peak)


def _numbers(pattern: str, text: str) -> tuple[int, ...]:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"no {pattern!r} in\n{text[-2000:]}")
    return tuple(map(int, found.groups()))


def peers(size: Size, where: Path, two: bool) -> list[Peer]:
    """All that are installed, built. `two`: also with two threads, where that can be."""
    if shutil.which("gcc") is None:
        return []
    found: list[Peer] = []
    if shutil.which("spin"):
        found += _spin(size, _fresh(where / "spin"))
    threads = (1, 2) if two else (1,)
    if shutil.which("rumur"):
        found += [_rumur(size, _fresh(where / f"rumur{n}"), n) for n in threads]
    if size.model == "m2":
        found += _yardstick(size, _fresh(where / "c"), threads)
    return found


def _fresh(where: Path) -> Path:
    where.mkdir(parents=True, exist_ok=True)
    return where


def _spin(size: Size, where: Path) -> list[Peer]:
    shutil.copy(HERE / "peers" / size.model / "m.pml", where)
    shutil.copy(HERE / "peers" / "unroll.h", where)
    defines = [f"-D{name}={value}" for name, value in size.values]
    made = ran(["spin", "-o1", "-o3", "-a", *defines, "m.pml"], where).seconds
    gcc = ["gcc", "-O3", "-march=native", "-w", *SAFE]
    deep = ran([*gcc, "-o", "pan", "pan.c"], where).seconds
    wide = ran([*gcc, "-DBFS", "-o", "panb", "pan.c"], where).seconds
    most = str(max(10_000, size.states * 13 // 10))
    return [
        Peer("spin", 1, ("./pan", f"-m{most}"), where, made + deep),
        Peer("spin-bfs", 1, ("./panb",), where, made + wide),
    ]


def _rumur(size: Size, where: Path, threads: int) -> Peer:
    text = (HERE / "peers" / size.model / "m.m").read_text(encoding="utf-8")
    for name, value in size.values:
        text = text.replace(f"@{name}@", str(value))
    (where / "m.m").write_text(text, encoding="utf-8")
    command = ["rumur", *RUMUR, "--threads", str(threads), "-o", "m.c", "m.m"]
    made = ran(command, where).seconds
    libraries = ["-lpthread", "-latomic"]
    gcc = ["gcc", "-std=c11", "-O3", "-march=native", "-w", "-o", "m", "m.c", *libraries]
    return Peer("rumur", threads, ("./m",), where, made + ran(gcc, where).seconds)


def _yardstick(size: Size, where: Path, threads: Sequence[int]) -> list[Peer]:
    source = HERE / "yardstick" / "m2.c"
    defines = [f"-D{name}={value}" for name, value in size.values]
    gcc = ["gcc", "-O3", "-march=native", *defines, "-o", "m2", source, "-lpthread"]
    made = ran(gcc, where).seconds
    return [Peer("c", n, ("./m2", str(n)), where, made) for n in threads]
