"""What the machine has and gives: cores, memory, a place to remember machine code in."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

import click

UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
SECONDS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
OWN: Final = 320 << 20
"""Bytes that Python, kspec and the code of a solver take by themselves, and some to spare."""
OFF: Final = ("off", "0", "no")


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def codes(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where machine code is remembered: `KSPEC_CACHE` says where, or `off`."""
    given = environ.get("KSPEC_CACHE", "")
    if given.lower() in OFF:
        return None
    if given:
        return Path(given) / "code"
    home = environ.get("XDG_CACHE_HOME", "")
    if home:
        return Path(home) / "kspec" / "code"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/kspec/code").expanduser()
    return Path("~/.cache/kspec/code").expanduser()


def memory() -> int | None:
    """Bytes that states may take where nobody says how many: three quarters of the machine's."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4


def for_solvers(given: int | None) -> int | None:
    """Bytes that a solver may take: what somebody says, or what a limit on the process leaves."""
    if given is not None:
        return given
    try:
        import resource
    except ImportError:  # not on every system
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else max(16 << 20, limit - OWN)


def spill_place(given: str | None) -> Path | None:
    """Where large temporary files go; None for nowhere."""
    if given is not None:
        return None if given.lower() in OFF else Path(given)
    # What is below /tmp is memory on many machines.
    lasting = Path("/var/tmp")
    if os.access(lasting, os.W_OK):
        return lasting
    import tempfile

    return Path(tempfile.gettempdir())


@final
class Size(click.ParamType[int]):
    """A number of bytes: 300M, 4G, 1.5GiB. Units are powers of 1024."""

    name = "size"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The bytes."""
        found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([KMGT]?)(?:i?B)?", str(value), re.IGNORECASE)
        if found is None:
            self.fail(f"{value!r} is no size: write 300M or 4G", param, ctx)
        return int(float(found[1]) * UNITS[found[2].upper()])


@final
class Duration(click.ParamType[float]):
    """A number of seconds: 30, 30s, 5m, 1.5h."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The seconds."""
        found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?) *(ms|[smh]?)", str(value), re.ASCII)
        if found is None:
            self.fail(f"{value!r} is no time: write 30, 30s, 5m or 1h", param, ctx)
        return float(found[1]) * SECONDS[found[2]]
