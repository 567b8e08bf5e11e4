"""`kspec prove FILE…`: for runs of every length; and `--recheck` for what was proved before.

stdout holds the result and nothing else. Certificates are written where one asks for them.
Next: `recheck`, `certificates`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import click
from attrs import evolve
from click.core import ParameterSource

from kspec.base.diagnostic import Diagnostic
from kspec.base.record import frozen
from kspec.cli.certificates import made_ready, written
from kspec.cli.given import Meant, meant
from kspec.cli.judging import is_empty
from kspec.cli.recheck import again
from kspec.cli.resources import Duration, Size, for_solvers
from kspec.cli.stop import Stop
from kspec.cli.streams import (
    colour_option,
    complain,
    examples,
    manifests_option,
    output_option,
    property_option,
    scenario_option,
)
from kspec.cli.terminal import ProgressLine, fitting, paint_for
from kspec.driver.check import Watching
from kspec.driver.proofs.attempts import ENGINES
from kspec.driver.proofs.proving import ProveOptions, ProveResult, prove
from kspec.driver.result import CheckResult, ExitCode, FileResult, Require, Vacuity
from kspec.report.to_prove import Asked
from kspec.sources.imports import Given
from kspec.sources.project import FILE

if TYPE_CHECKING:
    from kspec.report.stuck import Told

PATIENCE: Final = 1.0
"""Seconds after Ctrl-C in which questions end by themselves; what goes on then is interrupted."""
WITH_RECHECK: Final = frozenset(("files", "manifests", "output", "recheck", "color"))
"""What a re-check can be told; all else is in the certificates."""


@click.command(
    "prove",
    help="Prove properties of the scopes of programs, for runs of every length: what `prove` lines "
    "name, or what -p names. Bugs are looked for on the way.",
    epilog=examples(
        "kspec prove models/demo.kspec -p capacity",
        "kspec prove models/demo.kspec -p capacity --certificates proofs",
        "kspec prove --recheck proofs/*.kproof",
    ),
)
@click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...")
@manifests_option
@property_option
@scenario_option
@output_option
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="Who is asked: all in turn; induction without lemmas; lemmas soon; or only for bugs.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="How many states are assumed at most, and how far bugs are looked for.",
)
@click.option(
    "--rlimit",
    type=click.IntRange(min=1),
    default=200_000_000,
    show_default=True,
    help="What one question may cost, in z3's units: the same on every machine.",
)
@click.option(
    "--timeout", type=Duration(), metavar="TIME", help="Leave the rest open after 30s, 5m."
)
@click.option(
    "--max-memory", type=Size(), metavar="SIZE", help="For all that the solver stores, as 4G."
)
@click.option(
    "--require",
    type=click.Choice(["exhaustive", "bounded", "proved"]),
    help="How strong a verdict must be for exit code 0.",
)
@click.option(
    "--for-all",
    "every",
    metavar="KIND,…",
    help="For every number of objects of these kinds, not only for those of the scope.",
)
@click.option(
    "--certificates",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write each proof to a file there.",
)
@click.option("--recheck", is_flag=True, help="The files are certificates: check them again.")
@click.option(
    "--show-invariant",
    "shown",
    is_flag=True,
    help="Say what proofs rest on beside the claims, as lemmas to be copied.",
)
@colour_option
@click.option("--timings", is_flag=True, help="Say what the proofs needed.")
@click.pass_context
def command(
    context: click.Context,
    files: tuple[str, ...],
    manifests: tuple[str, ...],
    patterns: tuple[str, ...],
    scenarios: tuple[str, ...],
    output: str,
    engine: str,
    depth: int,
    rlimit: int,
    timeout: float | None,
    max_memory: int | None,
    require: str | None,
    every: str | None,
    certificates: Path | None,
    recheck: bool,
    shown: bool,
    color: str,
    timings: bool,
) -> int:
    """Prove, or check proofs again; the exit code is the result."""
    stop = Stop(PATIENCE)
    if recheck:
        _refuse_with_recheck(context)
        return again(files, manifests, output, color, stop)
    asked_for = meant(files, manifests)
    if asked_for.diagnostics:
        unread = FileResult(FILE, (), asked_for.diagnostics, asked_for.sources)
        result = ProveResult(CheckResult((unread,), judged=False))
        return _Screen(output, color, Asked()).show(result)
    kinds = _kinds(every, asked_for.files)
    if certificates is not None:
        made_ready(certificates)
    room = for_solvers(max_memory)
    if room is not None:
        from kspec.engines.smt.solver import limit_memory

        limit_memory(room)
    options = ProveOptions(
        patterns,
        scenarios,
        depth,
        rlimit,
        timeout,
        stop,
        given=asked_for.manifests,
        every=kinds,
        engine=engine,
    )
    result = _proved(asked_for, options, stop)
    wanted = Require(require) if require else Require.PROVED if kinds else Require.DEFAULT
    kept = None if certificates is None else certificates.as_posix()
    asked = Asked(wanted, manifests, engine, kinds, rlimit, kept)
    screen = _Screen(output, color, asked, certificates, asked_for.files, shown)
    code = screen.show(result)
    if timings:
        from kspec.report.proofs import costs

        sys.stdout.flush()
        sys.stderr.writelines(f"{line}\n" for line in costs(result))
    return code


def _refuse_with_recheck(context: click.Context) -> None:
    """A re-check takes from certificates what it is about."""
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name not in WITH_RECHECK:
            option = parameter.opts[-1]
            why = "what is checked again is said by the certificates"
            raise click.UsageError(f"{option} does not go with --recheck: {why}", context)


def _kinds(every: str | None, files: tuple[Given, ...]) -> tuple[str, ...]:
    """The kinds of which there may be any number, each once."""
    if every is None:
        return ()
    from kspec.driver.preparing.named_kinds import unknown_kind

    kinds = tuple(dict.fromkeys(k.strip() for k in every.split(",") if k.strip()))
    wrong = unknown_kind(files, kinds) if kinds else "name kinds, as in Node,Pod"
    if wrong is not None:
        raise click.UsageError(f"invalid value for '--for-all': {wrong}")
    return kinds


def _proved(asked_for: Meant, options: ProveOptions, stop: Stop) -> ProveResult:
    """The result, with a line of progress meanwhile."""
    progress = ProgressLine()
    with stop.listening():
        result = prove(asked_for.files, options, Watching(progress.scope, progress.level))
    progress.clear()
    if not is_empty(result.checked):
        return result
    from kspec.driver.nothing import nothing

    why = nothing(asked_for.files, options.patterns, options.scenarios, proves=True)
    return evolve(result, checked=evolve(result.checked, nothing=why))


@final
@frozen
class _Screen:
    """Where a result goes to, and what is to be shown of it."""

    output: str
    color: str
    asked: Asked
    certificates: Path | None = None
    files: tuple[Given, ...] = ()
    invariant: bool = False

    def show(self, result: ProveResult) -> int:
        """Print diagnostics and the result, write certificates; the exit code."""
        from kspec.report.stuck import told

        checked = result.checked
        code = checked.code(self.asked.require, Vacuity.OFF)
        wanted = self.certificates
        files = list(written(result.proofs, wanted)) if wanted is not None else []
        unwritten = [one for one in files if isinstance(one, Diagnostic)]
        diagnostics = (*(d for f in checked.files for d in f.diagnostics), *unwritten)
        complain(diagnostics, (s for f in checked.files for s in f.sources), self.color)
        if unwritten and code is not ExitCode.INTERRUPTED:
            code = ExitCode.WRONG_INPUT
        names = tuple(one for one in files if isinstance(one, str))
        steps = tuple(told(result))
        steps = tuple(step.keeping(self._good(step.of.row.file, step.lines)) for step in steps)
        self._print(result, code, names, steps)
        return int(code)

    def _print(
        self, result: ProveResult, code: ExitCode, names: tuple[str, ...], steps: tuple[Told, ...]
    ) -> None:
        invariant = self._invariant(result) if self.invariant else ()
        if self.output == "json":
            from kspec.report.json import document
            from kspec.report.proofs import more

            beside = more(steps, result, names, invariant)
            sys.stdout.write(document(result.checked, code, timings=False, more=beside))
            return
        from kspec.report.proofs import proved

        paint = paint_for(self.color, sys.stdout)
        text = proved(result, code, paint, names, invariant, steps, self.asked)
        sys.stdout.write(fitting(text, sys.stdout))

    def _invariant(self, result: ProveResult) -> tuple[str, ...]:
        """What the proofs rest on; only what a file understands is shown as a line of one."""
        from kspec.report import invariants

        lemmas = invariants.found(result)
        lines: dict[str, list[str]] = {}
        for lemma in lemmas:
            lines.setdefault(lemma.file, []).extend([lemma.line] if lemma.line else [])
        good = frozenset((f, line) for f in lines for line in self._good(f, tuple(lines[f])))
        return tuple(invariants.lines(lemmas, good)) if result.proofs else ()

    def _good(self, name: str, lines: tuple[str, ...]) -> frozenset[str]:
        """Those of some lines that a file understands."""
        from kspec.driver.proofs.pasted import understood

        file = next((file for file in self.files if file.name == name), None)
        return understood(file, lines) if file is not None and lines else frozenset()
