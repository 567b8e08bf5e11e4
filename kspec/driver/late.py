"""What a search left open when its budget was spent, asked of those who ask a solver.

The second turn of a portfolio: the search of all states is the first, and what it answered stands.
A later answer takes the place of a row that stayed open only if it is one. Next: `portfolio`.
"""

from __future__ import annotations

from typing import Final

from kspec.driver.load import Loaded
from kspec.driver.plan import Plan
from kspec.driver.portfolio import attempt
from kspec.driver.proof_rows import implicit_rows, judged, replay_all
from kspec.driver.result import Row
from kspec.driver.stages import Made
from kspec.engines.api import Effort
from kspec.verdict.answer import Unknown, Why

SPENT: Final = (Why.STATES, Why.DEPTH)
"""Budgets that are the same on every machine."""

Rows = list[tuple[int, Row]]


def later(loaded: Loaded, plan: Plan, made: Made, rows: Rows, effort: Effort) -> Rows:
    """The rows, with the answers of later turns where there was none. Raises `UntrustedEngine`."""
    known = {prop.name: prop for prop in made.system.properties}
    lines = {number: line for number, line in plan.lines}
    open_ = [n for n, row in rows if row.name in known and n in lines and _is_open(row)]
    if not open_:
        return rows
    names = tuple(dict.fromkeys(lines[n].property for n in open_))
    found = attempt("portfolio", made.system, names, effort)
    answers = dict(found.answers)
    replay_all(made.system, answers)
    kept: Rows = []
    for n, row in rows:
        if n in open_ and row.name in known and _is_open(row):
            made_of = judged(loaded, lines[n], plan, made, known[row.name], answers, "portfolio")
            row = row if isinstance(made_of.verdict, Unknown) else made_of
        kept.append((n, row))
    last = max(n for n, _ in rows)
    had = {row.name for _, row in rows if row.kind == "implicit"}
    broken = (row for row in implicit_rows(loaded, plan, made, answers) if row.name not in had)
    return [*kept, *((last, row) for row in broken)]


def _is_open(row: Row) -> bool:
    return isinstance(row.verdict, Unknown) and row.verdict.because.why in SPENT


__all__ = ["later"]
