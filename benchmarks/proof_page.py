"""The page of `benchmarks.proofs`: tables from what was measured, and nothing by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from benchmarks.proof_cases import DEPTH, ENGINES, QUESTIONS, STATES

Row: TypeAlias = dict[str, Any]


def page(rows: list[Row], lines: list[Row]) -> str:
    """All of it."""
    compared = [row for row in rows if "claims" in row]
    others = [row for row in rows if "claims" not in row]
    parts = [HEAD, *_compared(compared)]
    if others:
        parts += ["", "## Scenarios without a row", "", *_others(others)]
    if lines:
        parts += ["", *_lines(lines)]
    return "\n".join(parts) + "\n"


# ---- engines side by side ----------------------------------------------------------------------


def _compared(rows: list[Row]) -> Iterator[str]:
    whole = {engine: [row for row in rows if _all(row, engine)] for engine in ENGINES}
    counts = ", ".join(f"{TITLES[engine]} {len(whole[engine])}" for engine in ENGINES)
    yield f"All claims of a scenario: {counts}, of {len(rows)} scenarios."
    first = {engine: sum(_first(row) == engine for row in rows) for engine in ENGINES}
    counts = ", ".join(f"{TITLES[engine]} {first[engine]}" for engine in ENGINES)
    none = sum(_first(row) is None for row in rows)
    yield f"The first to get there: {counts}; nobody in {none}."
    yield ""
    yield "| scenario | claims | " + " | ".join(TITLES[engine] for engine in ENGINES) + " |"
    yield "|---|--:|" + "---|" * len(ENGINES)
    for row in rows:
        count = len(row["claims"])
        cells = (_cell(row, engine, count) for engine in ENGINES)
        yield f"| {_name(row)} | {count} | {' | '.join(cells)} |"


def _all(row: Row, engine: str) -> bool:
    return bool(row.get(engine, {}).get("decided") == len(row["claims"]))


def _first(row: Row) -> str | None:
    there = [engine for engine in ENGINES if _all(row, engine)]
    return min(there, key=lambda engine: float(row[engine]["cpu"]), default=None)


def _cell(row: Row, engine: str, claims: int) -> str:
    """How many claims, and what it took."""
    of = row.get(engine)
    if of is None:
        return str(row.get("failed", "not measured"))
    took = [f"{of['cpu']:.1f} s"]
    if "spent" in of:
        took.append(f"{of['spent'] / 1e6:.1f} M")
    if "states" in of:
        took.append(_number(of["states"]) + " states")
    if of["decided"] == claims and not of["found"]:
        return f"**{', '.join(took)}**"
    said = [f"{of['decided']} of {claims}", *took]
    said += [f"{of['found']} VIOLATED"] if of["found"] else []
    said += ["over"] if of["over"] else []
    said += [of["why"].replace("|", "/")] if "why" in of else []
    return ", ".join(said)


def _others(rows: list[Row]) -> Iterator[str]:
    by: dict[str, list[str]] = {}
    for row in rows:
        by.setdefault(row.get("nothing") or row.get("failed") or "?", []).append(_name(row))
    for why in sorted(by):
        yield f"- {why}: {', '.join(by[why])}."


# ---- lines of `prove` --------------------------------------------------------------------------


def _lines(rows: list[Row]) -> Iterator[str]:
    yield LINES
    yield "| scenario | lines | proved | by | CPU | z3 | certificates | z3 | cvc5 |"
    yield "|---|--:|--:|---|--:|--:|--:|---|---|"
    for row in rows:
        yield f"| {' | '.join(_line(row))} |"
    doubts = [f"- {doubt}" for row in rows for doubt in _doubts(row)]
    yield from ["", *doubts] if doubts else ()


def _line(row: Row) -> Iterator[str]:
    of = row["proved"]
    every = f", for all {', '.join(of['every'])}" if of.get("every") else ""
    yield _name(row) + every
    if not of:
        yield from ("", row["failed"], "", "", "", "", "", "")
        return
    yield str(len(of["rows"]))
    yield str(sum(word in DONE for _, word, _ in of["rows"]))
    yield ", ".join(of["engines"])
    yield f"{of['cpu']:.1f} s"
    yield f"{of['spent'] / 1e6:.2f} M"
    yield str(of["certificates"])
    for solver in SOLVERS:
        yield _again(row[solver], of["certificates"])


def _again(of: Row, count: int) -> str:
    """How many certificates a solver has confirmed."""
    if not of.get("solver"):
        return str(of.get("failed", "not installed"))
    confirmed = sum(why == "" for name, why in of.items() if name not in ABOUT)
    took = f"{of['cpu']:.1f} s" if "cpu" in of else f"ended: {of['failed']}"
    return f"{'all' if confirmed == count else confirmed}, {took}"


def _doubts(row: Row) -> Iterator[str]:
    for solver in SOLVERS:
        for name, why in row[solver].items():
            if name not in ABOUT and why:
                yield f"{solver}: {name} {why}"


def _name(row: Row) -> str:
    return str(row["file"]) + (f" {row['scenario']}" if row["scenario"] else "")


def _number(of: int) -> str:
    return f"{of:_}".replace("_", " ")


TITLES: Final = {"induction": "k-induction", "pdr": "with lemmas", "explicit": "all states"}
SOLVERS: Final = ("z3", "cvc5")
ABOUT: Final = ("solver", "cpu", "failed")
DONE: Final = ("HOLDS", "REACHED", "UNREACHABLE", "PROVED", "VIOLATED")
"""What a `prove` line may come to: a proof, or a run."""

HEAD: Final = f"""# Time to proof

Written by `python -m benchmarks.proofs`. Of each scenario of the library and of the benchmarks the
largest scope, and of that all claims about states and steps that nobody expects to be violated,
together with the implicit properties. CPU seconds, on whatever machine that was; `M` are millions
of z3's own units, which are the same on every machine. Bold: all claims were proved. `over`: the
engine was ended, by its seconds (which the time shows) or, the search, at {_number(STATES)} states.
k-induction assumes up to {DEPTH} states and makes up no lemmas; `with lemmas` assumes 2 and asks
up to {_number(QUESTIONS)} questions a claim; the search makes its code first, and is of the system
as it is, without reductions.
"""

LINES: Final = """## Lines of `prove`

Each scenario with such lines, with the options that its file names: `kspec prove FILE --scenario
SCENARIO --certificates DIR`, then `kspec prove --recheck DIR` in a process for each solver. The
units of z3 are those of all proofs of the scenario. The last columns say how many certificates a
solver confirms by itself. Nothing may take more than ten minutes of processor.
"""
