"""Why there was nothing to judge: no file, no scenario or property of that name, no line that asks.

Asked only where nothing was judged and nothing is wrong: a green run that looked at nothing must
say so. Next: `plan` for which lines are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from kspec.analysis.typed import TJudge
from kspec.base.shell import command
from kspec.base.suggest import suggest
from kspec.driver.preparing.load import Loaded, load
from kspec.driver.result import Nothing
from kspec.sources.imports import Given

MOST: Final = 8
"""More names than these are not listed."""


def nothing(
    files: Iterable[Given], patterns: Sequence[str], scenarios: Sequence[str], proves: bool
) -> Nothing:
    """Why neither `check` nor, if it `proves`, `prove` had a line to judge."""
    loadings = (load(f.path, f.name, f.through) for f in files)
    programs = tuple(x.loaded for x in loadings if x.loaded is not None)
    if not programs:
        said = "no program: name a .kspec file, or a directory with some"
        return Nothing(said, command("prove" if proves else "check", "--help"))
    named = sorted({s.name for p in programs for s in p.program.scenarios if s.name})
    if scenarios and not any(_fits(name, scenarios) for name in named):
        return Nothing(_unknown("scenario", scenarios, named))
    declared = sorted({name for p in programs for name in _declared(p)})
    if patterns and not any(_fits(name, patterns) for name in declared):
        return Nothing(_unknown("property", patterns, declared))
    lines = [(p.name, line) for p in programs for line in _lines(p, scenarios)]
    if patterns:
        return _of_named(lines, patterns, proves)
    return _of_all(lines, programs[0].name, proves)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _declared(program: Loaded) -> Iterator[str]:
    yield from (prop.name for prop in program.program.properties)
    yield from (law.name for law in program.program.laws)


def _lines(program: Loaded, scenarios: Sequence[str]) -> Iterator[TJudge]:
    for scenario in program.program.scenarios:
        if not scenarios or _fits(scenario.name, scenarios):
            yield from scenario.judges


def _of_named(
    lines: Sequence[tuple[str, TJudge]], patterns: Sequence[str], proves: bool
) -> Nothing:
    """The names exist: which lines have them."""
    of = [(file, line) for file, line in lines if _fits(line.property, patterns)]
    if not of:
        said = f"{_quoted(patterns)} on no line of what was chosen; `check NAME` makes one"
        return Nothing(said)
    (file, line), *_ = of
    if proves:
        said = f"{_or(patterns)}: expected to be violated, and that is for a check"
        return Nothing(said, command("check", file, "-p", line.property))
    said = f"{_quoted(patterns)} on `prove` lines alone"
    return Nothing(said, command("prove", file, "-p", line.property))


def _of_all(lines: Sequence[tuple[str, TJudge]], file: str, proves: bool) -> Nothing:
    if not lines:
        said = "no line says what to judge; `check NAME` in a scenario does"
        return Nothing(said, command("info", file))
    if not proves:
        return Nothing("only `prove` lines", command("prove", lines[0][0]))
    for file, line in lines:
        if line.expected not in ("violated", "refuted"):
            words = ("prove", file, "-p", line.property)
            instead = command(*words, note="what a `check` line names can be proved, too")
            return Nothing("no `prove` line", instead)
    return Nothing("no `prove` line", command("check", lines[0][0]))


def _unknown(what: str, patterns: Sequence[str], names: Sequence[str]) -> str:
    said = f"no {what} is called {_or(patterns)}"
    near = next((n for p in patterns if (n := suggest(p, names)) is not None), None)
    if near is not None:
        return f"{said}; did you mean `{near}`?"
    if not names:
        return f"{said}; there is none"
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"{said}; there {'is' if len(names) == 1 else 'are'} {', '.join(names[:MOST])}{more}"


def _or(patterns: Sequence[str]) -> str:
    return " or ".join(f"`{pattern}`" for pattern in patterns)


def _quoted(patterns: Sequence[str]) -> str:
    is_one = len(patterns) == 1 and not any(sign in patterns[0] for sign in "*?[")
    return f"{_or(patterns)} {'stands' if is_one else 'stand'}"


__all__ = ["nothing"]
