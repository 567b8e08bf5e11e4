"""`kspec prove FILE…`: for runs of every length; and `--recheck` for what was proved before.

stdout holds the result and nothing else. Certificates are written where one asks for them; a
re-check reads them and the programs that they name, relative to where it is run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from kspec.cli.given import given, meant
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
from kspec.driver.portfolio import ENGINES
from kspec.driver.proving import ProveOptions, ProveResult, prove
from kspec.driver.result import CheckResult, ExitCode, FileResult, Require, Vacuity
from kspec.sources.imports import Given
from kspec.sources.project import FILE


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
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Leave the rest open."
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
def command(
    files: tuple[str, ...],
    manifests: tuple[str, ...],
    patterns: tuple[str, ...],
    scenarios: tuple[str, ...],
    output: str,
    engine: str,
    depth: int,
    rlimit: int,
    timeout: float | None,
    require: str | None,
    every: str | None,
    certificates: Path | None,
    recheck: bool,
    shown: bool,
    color: str,
    timings: bool,
) -> int:
    """Prove, or check proofs again; the exit code is the result."""
    if recheck:
        return _recheck(files, manifests, color)
    stop = Stop()
    asked_for = meant(files, manifests)
    if asked_for.diagnostics:
        unread = FileResult(FILE, (), asked_for.diagnostics, asked_for.sources)
        result = ProveResult(CheckResult((unread,), judged=False))
        return _shown(result, output, Require.DEFAULT, color, None)
    kinds = tuple(k.strip() for k in (every or "").split(",") if k.strip())
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
    progress = ProgressLine()
    with stop.listening():
        result = prove(asked_for.files, options, Watching(progress.scope, progress.level))
    progress.clear()
    wanted = Require(require) if require else Require.PROVED if kinds else Require.DEFAULT
    said = _invariant(result, asked_for.files) if shown else ()
    code = _shown(result, output, wanted, color, certificates, said)
    if timings:
        from kspec.report.proofs import costs

        sys.stdout.flush()
        sys.stderr.writelines(f"{line}\n" for line in costs(result))
    return code


def _invariant(result: ProveResult, files: Iterable[Given]) -> tuple[str, ...]:
    """What the proofs rest on; only what a file understands is shown as a line of one."""
    from kspec.driver.pasted import understood
    from kspec.report import invariants

    lemmas = invariants.found(result)
    good = frozenset(
        (file.name, line)
        for file in files
        for line in understood(
            file, tuple(x.line for x in lemmas if x.file == file.name and x.line is not None)
        )
    )
    return tuple(invariants.lines(lemmas, good)) if result.proofs else ()


def _shown(
    result: ProveResult,
    output: str,
    require: Require,
    color: str,
    certificates: Path | None,
    invariant: tuple[str, ...] = (),
) -> int:
    checked = result.checked
    code = checked.code(require, Vacuity.OFF)
    diagnostics = (d for f in checked.files for d in f.diagnostics)
    complain(diagnostics, (source for f in checked.files for source in f.sources), color)
    written = _written(result, certificates)
    if output == "json":
        from kspec.report.json import document

        sys.stdout.write(document(checked, code, timings=False))
    else:
        from kspec.report.proofs import proved

        text = proved(result, code, paint_for(color, sys.stdout), written, invariant)
        sys.stdout.write(fitting(text, sys.stdout))
    return int(code)


def _written(result: ProveResult, directory: Path | None) -> tuple[str, ...]:
    """The certificates, written; their names."""
    if directory is None or not result.proofs:
        return ()
    from kspec.driver.certificates import files_of

    directory.mkdir(parents=True, exist_ok=True)
    names = []
    for name, text in files_of(result.proofs):
        (directory / name).write_text(text, encoding="utf-8")
        names.append((directory / name).as_posix())
    return tuple(names)


def _recheck(files: tuple[str, ...], manifests: tuple[str, ...], color: str) -> int:
    from kspec.certify.recheck import Rejected
    from kspec.driver.certificates import Checker, Rechecked, check_text
    from kspec.driver.load import Loading, load
    from kspec.report.proofs import recheck_code, rechecked

    documents = tuple(d for m in meant((), manifests).manifests for d in m.documents)
    found: list[Rechecked] = []
    checker, loadings = Checker(documents), dict[str, Loading]()
    for file in (f for name in files for f in _certificates(Path(name))):
        shown = file.as_posix()
        try:
            read = check_text(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            print(f"error[unreadable-file]: `{shown}`: {error}", file=sys.stderr)
            return int(ExitCode.WRONG_INPUT)
        if isinstance(read, Rejected):
            found.append(Rechecked(shown, None, read))
            continue
        if read.file not in loadings:
            program = _program(read.file)
            if program is None:
                wrong = Rejected(f"`{read.file[:80]}` is no file that anything is proved of")
                found.append(Rechecked(shown, read, wrong))
                continue
            loadings[read.file] = load(program.path, program.name, program.through)
        loading = loadings[read.file]
        if loading.loaded is None:
            complain(loading.diagnostics, loading.sources, color)
            return int(ExitCode.WRONG_INPUT)
        found.append(checker.check(shown, read, loading.loaded))
    code = recheck_code(found)
    sys.stdout.write(rechecked(found, code, paint_for(color, sys.stdout)))
    return int(code)


def _program(name: str) -> Given | None:
    """The program that a certificate names; None for what can be no name of one."""
    try:
        found = () if Path(name).is_dir() else tuple(given((name,)))
    except (OSError, ValueError):
        return None
    return found[0] if len(found) == 1 else None


def _certificates(path: Path) -> list[Path]:
    return sorted(path.glob("*.kproof")) if path.is_dir() else [path]
