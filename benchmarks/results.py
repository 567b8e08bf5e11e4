"""From measurements to RESULTS.md and its figure: medians, ratios, memory, growth."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Final, final

from attrs import asdict, frozen

TOOLS: Final = ("kspec", "c", "spin", "spin-bfs", "rumur")


@final
@frozen
class Line:
    """One run. `cpu_seconds` are those of all processors; `base_bytes` is what the process took
    before the search, where that is known."""

    model: str
    parameters: str
    tool: str
    threads: int
    states: int
    transitions: int
    search_seconds: float
    cpu_seconds: float
    total_seconds: float
    peak_bytes: int
    base_bytes: int = 0

    def record(self) -> dict[str, object]:
        """For JSON."""
        found = asdict(self)
        if not self.base_bytes:
            del found["base_bytes"]
        return found


@final
@frozen
class Median:
    """Several runs of one tool on one size. `seconds` are of search, `bytes` for each state."""

    line: Line
    seconds: float
    cpu: float
    total: float
    bytes: float
    runs: int

    @property
    def speed(self) -> float:
        """States a second of search."""
        return self.line.states / max(self.seconds, 1e-4)


def medians(lines: Sequence[Line]) -> list[Median]:
    """One for each size, tool and number of threads, in the order of the runs."""
    groups: dict[tuple[str, str, str, int], list[Line]] = {}
    for line in lines:
        groups.setdefault((line.model, line.parameters, line.tool, line.threads), []).append(line)
    return [
        Median(
            some[0],
            median(one.search_seconds for one in some),
            median(one.cpu_seconds for one in some),
            median(one.total_seconds for one in some),
            median((one.peak_bytes - one.base_bytes) / one.states for one in some),
            len(some),
        )
        for some in groups.values()
    ]


def table(lines: Sequence[Line]) -> str:
    """Markdown: one row for each size, tool and number of threads; ratios to kspec on one core."""
    rows = [
        "| model | states | tool | threads | search s | states/s | kspec is faster by | CPU s "
        "| kspec needs less by | total s | bytes/state |",
        "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    found = medians(lines)
    for one in sorted(found, key=lambda m: (m.line.model, m.line.states)):
        line = one.line
        own, name = _kspec(found, one), f"{line.model} {line.parameters}".strip()
        is_own = line.tool == "kspec" or own is None
        ratio = "" if is_own else f"{own.speed / one.speed:.2f}"
        work = "" if is_own else f"{one.cpu / max(own.cpu, 1e-4):.2f}"
        rows.append(
            f"| {name} | {line.states:,} | {line.tool} | {line.threads} "
            f"| {one.seconds:.3f} | {one.speed / 1e6:.2f} M | {ratio} | {one.cpu:.3f} | {work} "
            f"| {one.total:.2f} | {one.bytes:,.0f} |".replace(",", " ")
        )
    return "\n".join(rows) + "\n"


def _kspec(found: Iterable[Median], like: Median) -> Median | None:
    """kspec on the same size with the same number of threads."""
    wanted = (like.line.model, like.line.parameters, like.line.threads)
    for one in found:
        if one.line.tool == "kspec" and wanted == (
            one.line.model,
            one.line.parameters,
            one.line.threads,
        ):
            return one
    return None


def write(lines: Sequence[Line], where: Path) -> None:
    """RESULTS.md, and the figure if matplotlib is installed."""
    cores, load = os.cpu_count(), os.getloadavg()[2]
    text = (
        "# Results\n\n"
        f"Written by `make bench`; every row is a median, of {_runs(lines)}, in which the tools "
        f"took turns, on one machine ({platform.machine()}, {cores} cores, Python "
        f"{platform.python_version()}, a load of {load:.1f} in the last quarter of an hour: with "
        "more than the cores, trust the CPU columns). The states of all tools are equal, or there "
        "would be no table. `search` is the search alone; `CPU` what it took of all processors, "
        "which a busy machine changes less; `total` has the tool's own compilers in it, and for "
        "kspec everything from starting the command to the audited verdict, with nothing "
        "remembered. Bytes per state: the largest resident size, for kspec less what the process "
        "had before the search, divided by the states.\n\n"
        "SPIN: `-o1 -o3`, `-O3 -march=native -DSAFETY -DNOFAIR -DNOREDUCE`, depth-first, and "
        "breadth-first with `-DBFS`. Rumur: no deadlock detection, symmetry, packing or traces. "
        "`c` is `yardstick/m2.c`, written by hand for this one model. Searches that do not fit "
        "into memory: `FILES.md`.\n\n"
        f"{table(lines)}\n"
    )
    if _draw(lines, where / "results.png"):
        text += "![States per second of search, and how they change with size](results.png)\n"
    (where / "RESULTS.md").write_text(text, encoding="utf-8")


def _runs(lines: Sequence[Line]) -> str:
    counts = sorted({one.runs for one in medians(lines)})
    if counts == [1]:
        return "one run each"
    return f"{counts[0]} to {counts[-1]} runs" if len(counts) > 1 else f"{counts[0]} runs"


def _draw(lines: Sequence[Line], path: Path) -> bool:
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, plots = pyplot.subplots(1, 2, figsize=(11, 4.2), sharey=True)
    for plot, model in zip(plots, ("m1", "m2"), strict=True):
        for tool in TOOLS:
            for threads, style in ((1, "-o"), (2, "--s")):
                _curve(plot, medians(lines), model, tool, threads, style)
        plot.set_xscale("log")
        plot.set_yscale("log")
        plot.set_xlabel("states")
        plot.set_title(model)
        plot.grid(visible=True, which="both", alpha=0.25)
    plots[0].set_ylabel("states per second of search")
    plots[1].legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    return True


def _curve(
    plot: object, found: list[Median], model: str, tool: str, threads: int, style: str
) -> None:
    points = sorted(
        (one.line.states, one.speed)
        for one in found
        if (one.line.model, one.line.tool, one.line.threads) == (model, tool, threads)
        and one.line.states > 1000
    )
    if points:
        label, colour = f"{tool}, {threads}", f"C{TOOLS.index(tool)}"
        x, y = zip(*points, strict=True)
        plot.plot(x, y, style, color=colour, label=label, markersize=4)  # type: ignore[attr-defined]
