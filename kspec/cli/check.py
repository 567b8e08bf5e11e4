"""`kspec check FILE…`: arguments to `driver.check`, its result to the screen or to JSON.

stdout holds the result and nothing else; diagnostics, progress and times go to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import click

from kspec.cli.judging import judged, shown
from kspec.cli.reductions import Wanted
from kspec.cli.resources import Duration, Size, codes, cores, memory, spill_place
from kspec.cli.stop import Stop
from kspec.cli.streams import (
    colour_option,
    complain,
    examples,
    manifests_option,
    note,
    output_option,
    property_option,
    require_option,
    scenario_option,
)
from kspec.driver.check import Options
from kspec.driver.options import PORTFOLIO
from kspec.driver.result import CheckResult, ExitCode, Require, Vacuity
from kspec.driver.searching.reduce import Reductions
from kspec.driver.searching.search import ENGINES, How, Refused, WrongCheckpoint
from kspec.report.text import Asked


@click.command(
    "check",
    help="Judge the properties of programs in their scopes. Without a FILE, those of the project "
    "(kspec.toml).",
    epilog=examples("kspec check models/demo.kspec", "kspec check specs/ -p 'never_*' -o json"),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@manifests_option
@property_option
@scenario_option
@output_option
@click.option(
    "--engine",
    type=click.Choice((*ENGINES, PORTFOLIO)),
    default=ENGINES[0],
    metavar="WHO",
    help="explicit, reference or portfolio.",
)
@click.option("--max-states", type=click.IntRange(min=1), help="Stop before storing more.")
@click.option("--max-depth", type=click.IntRange(min=0), help="Stop after so many steps.")
@click.option("--max-memory", type=Size(), metavar="SIZE", help="For all that is stored, as 4G.")
@click.option(
    "--spill",
    metavar="DIR|off",
    help="Where states go when memory ends.",
)
@click.option("--timeout", type=Duration(), metavar="TIME", help="For everything: 30s, 5m.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    help="How much goes on at once. Changes no answer.",
)
@click.option(
    "--checkpoint",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write down how far every search is.",
)
@click.option(
    "--resume",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    metavar="DIR",
    help="Go on from the checkpoints there.",
)
@click.option(
    "--checkpoint-every",
    "every",
    type=Duration(),
    default=30.0,
    show_default=True,
    metavar="TIME",
    help="Wait at least so long.",
)
@require_option
@click.option(
    "--vacuity",
    type=click.Choice(["warn", "error", "off"]),
    default="warn",
    show_default=True,
    help="About properties that hold because nothing they speak of happened.",
)
@click.option(
    "--strict", is_flag=True, help="What is in a manifest and not modelled exactly is an error."
)
@click.option(
    "--reduction",
    type=Wanted(),
    default="none",
    show_default=True,
    metavar="WHAT,...",
    help="all (symmetry and slicing), symmetry, slicing, partial-order, or none.",
)
@click.option(
    "--lossy",
    is_flag=True,
    help="Keep hashes of states: finds bugs, proves nothing.",
)
@colour_option
@click.option("--statistics", is_flag=True, help="Say which levels and actions were seen.")
@click.option("--timings", is_flag=True, help="Say how long everything took.")
@click.option("--emit-system", is_flag=True, help="Print the systems, judge nothing.")
@click.option("--emit-llvm", is_flag=True, help="Print what is run for them, judge nothing.")
def command(
    files: tuple[str, ...],
    manifests: tuple[str, ...],
    patterns: tuple[str, ...],
    scenarios: tuple[str, ...],
    output: str,
    engine: str,
    max_states: int | None,
    max_depth: int | None,
    max_memory: int | None,
    spill: str | None,
    timeout: float | None,
    jobs: int | None,
    checkpoint: Path | None,
    resume: Path | None,
    every: float,
    require: str | None,
    vacuity: str,
    strict: bool,
    reduction: Reductions,
    color: str,
    statistics: bool,
    timings: bool,
    emit_system: bool,
    emit_llvm: bool,
    lossy: bool,
) -> int:
    """Check files and print what came of it; the exit code is the result."""
    if engine != ENGINES[0] and (resume or checkpoint):
        raise click.UsageError(f"the engine {engine!r} keeps no checkpoints")
    if lossy and engine != ENGINES[0]:
        raise click.UsageError(f"the engine {engine!r} keeps whole states")
    if lossy and reduction.partial_order:
        raise click.UsageError("--lossy does not go with --reduction partial-order")
    stop = Stop()
    options = Options(
        engine=engine,
        patterns=patterns,
        max_states=max_states,
        max_depth=max_depth,
        only_systems=emit_system or emit_llvm,
        vacuity=vacuity != "off",
        interrupted=stop,
        strict=strict,
        scenarios=scenarios,
        max_memory=max_memory or memory(),
        spill=spill_place(spill),
        until=None if timeout is None else perf_counter() + timeout,
        how=How(
            jobs or cores(),
            codes(),
            resume or checkpoint,
            resume is not None,
            every,
            tell=lambda text: note(text, color),
            lossy=lossy,
        ),
        statistics=statistics,
        reductions=reduction,
    )
    asked = Asked(Require(require) if require else Require.DEFAULT, Vacuity(vacuity))
    try:
        result = judged(files, manifests, options, stop)
    except WrongCheckpoint as wrong:
        raise click.ClickException(str(wrong)) from wrong
    if emit_system or emit_llvm:
        diagnostics = (d for f in result.files for d in f.diagnostics)
        complain(diagnostics, (source for f in result.files for source in f.sources), color)
        return _emit(result, result.code(asked.require, asked.vacuity), emit_llvm)
    code = shown(result, output, asked, color, timings)
    if code == ExitCode.INTERRUPTED and (kept := resume or checkpoint):
        note(f"go on with --resume {kept}", color)
    return code


def _emit(result: CheckResult, code: ExitCode, code_too: bool) -> int:
    """The systems as text, or the code that is run for them."""
    from kspec.driver.listing import listing
    from kspec.ir.text import print_system

    refused = False
    for file in result.files:
        for title, system in file.systems:
            try:
                text = listing(system, file.sources) if code_too else print_system(system)
            except Refused as refusal:
                text, refused = f"; {refusal}", True
            sys.stdout.write(f"; {title}\n{text}\n")
    wrong = code in (ExitCode.WRONG_INPUT, ExitCode.INTERRUPTED)
    if refused and not wrong:
        return int(ExitCode.UNDECIDED)
    some = any(file.systems for file in result.files)
    return int(code if wrong else ExitCode.OK if some else ExitCode.NOTHING)
