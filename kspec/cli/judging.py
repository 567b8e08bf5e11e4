"""What `check` and `simulate` share: from arguments to a result, and the result to the streams."""

from __future__ import annotations

import sys

from attrs import evolve

from kspec.cli.given import Meant, meant
from kspec.cli.stop import Stop
from kspec.cli.streams import complain
from kspec.cli.terminal import ProgressLine, fitting, paint_for
from kspec.driver.check import Options, Watching, check
from kspec.driver.result import CheckResult, ExitCode, FileResult, Require, Vacuity
from kspec.report.text import Asked, screen
from kspec.sources.project import FILE


def judged(
    files: tuple[str, ...], manifests: tuple[str, ...], options: Options, stop: Stop
) -> CheckResult:
    """The result for the files that the arguments mean, with a line of progress meanwhile."""
    asked_for = meant(files, manifests)
    options = evolve(options, given=asked_for.manifests)
    if asked_for.diagnostics:
        unread = FileResult(FILE, (), asked_for.diagnostics, asked_for.sources)
        return CheckResult((unread,), judged=False, walked=options.walks is not None)
    progress = ProgressLine()
    with stop.listening():
        result = check(
            asked_for.files, options, Watching(progress.scope, progress.level, progress.moment)
        )
    progress.clear()
    return evolve(_told(result, asked_for, options), manifests=manifests)


def _told(result: CheckResult, asked_for: Meant, options: Options) -> CheckResult:
    """With why nothing was judged, if nothing was."""
    if options.only_systems or not is_empty(result):
        return result
    from kspec.driver.nothing import nothing

    why = nothing(asked_for.files, options.patterns, options.scenarios, proves=False)
    return evolve(result, nothing=why)


def is_empty(result: CheckResult) -> bool:
    """Was there nothing to judge, though nothing is wrong?"""
    is_right = result.code(Require.DEFAULT, Vacuity.OFF) is ExitCode.NOTHING
    return is_right and not any(file.walks for file in result.files)


def shown(result: CheckResult, output: str, asked: Asked, color: str, timings: bool) -> int:
    """Print diagnostics and the result; the exit code."""
    code = result.code(asked.require, asked.vacuity)
    diagnostics = (d for f in result.files for d in f.diagnostics)
    complain(diagnostics, (source for f in result.files for source in f.sources), color)
    if output == "json":
        from kspec.report.json import document

        sys.stdout.write(document(result, code, timings=timings))
    else:
        text = screen(result, code, paint_for(color, sys.stdout), asked)
        sys.stdout.write(fitting(text, sys.stdout))
    if timings and output != "json":
        sys.stdout.flush()
        for timing in result.timings:
            print(f"{timing.seconds * 1000:8.0f} ms  {timing.what}", file=sys.stderr)
    return int(code)
