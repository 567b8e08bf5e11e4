"""`kspec simulate FILE…`: runs drawn at random instead of a search.

What is met is replayed and may be believed; what is not met says nothing, so that the exit code is
3, never 0, where a property stays open.
"""

from __future__ import annotations

from pathlib import Path

import click

from kspec.cli.judging import judged, shown
from kspec.cli.stop import Stop
from kspec.cli.streams import (
    colour_option,
    examples,
    manifests_option,
    output_option,
    property_option,
    scenario_option,
)
from kspec.driver.check import Options
from kspec.engines.stateful import Runs
from kspec.engines.walks import Walks
from kspec.report.text import Asked


@click.command(
    "simulate",
    help="Walk at random through what may happen: shows a walk, what is violated on the way, and "
    "which actions never fired. Without a FILE, the files of the project (kspec.toml).",
    epilog=examples(
        "kspec simulate models/demo.kspec --seed 7",
        "kspec simulate models/demo.kspec -s believes --walks 1000 --show 0",
        "kspec simulate models/demo.kspec --engine stateful --seed 3",
    ),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@scenario_option
@manifests_option
@property_option
@click.option(
    "--engine",
    type=click.Choice(["walks", "stateful"]),
    default="walks",
    show_default=True,
    help="stateful: a state machine of Hypothesis, which shrinks what it finds.",
)
@click.option("--walks", type=click.IntRange(1, 10_000_000), default=50, show_default=True)
@click.option("--depth", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same walks.")
@click.option(
    "--database",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="With stateful: remember there what showed something, and try it first.",
)
@click.option(
    "--show",
    type=click.IntRange(min=0),
    default=12,
    show_default=True,
    help="So many steps of the first walk, if nothing is violated.",
)
@output_option
@colour_option
@click.option("--timings", is_flag=True, help="Say how long everything took.")
def command(
    files: tuple[str, ...],
    manifests: tuple[str, ...],
    scenarios: tuple[str, ...],
    patterns: tuple[str, ...],
    engine: str,
    walks: int,
    depth: int,
    seed: int,
    database: Path | None,
    show: int,
    output: str,
    color: str,
    timings: bool,
) -> int:
    """Walk and print what came of it; the exit code is the result."""
    stop = Stop()
    if database is not None and engine != "stateful":
        raise click.UsageError("--database is for --engine stateful")
    plan = (
        Walks(walks, depth, seed, stop)
        if engine == "walks"
        else Runs(walks, depth, seed, database, stop)
    )
    options = Options(
        patterns=patterns,
        scenarios=scenarios,
        vacuity=False,
        interrupted=stop,
        walks=plan,
    )
    return shown(judged(files, manifests, options, stop), output, Asked(steps=show), color, timings)
