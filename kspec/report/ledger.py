"""The ledger of an import in words: what was modelled, approximated, ignored."""

from __future__ import annotations

from collections.abc import Iterator

from kspec.driver.importing import Written
from kspec.driver.result import LedgerRow
from kspec.report.phrases import counted

_STATUSES = ("modelled", "approximated", "ignored", "unknown")


def ledger(of: Written, full: bool) -> Iterator[str]:
    """Counts; with `full` every path, else those that are not modelled and nobody speaks of."""
    yield f"{counted(of.objects, 'object')}, read with {', '.join(of.modules) or 'no model'}"
    counts = [f"{_count(of.ledger, status)} {status}" for status in _STATUSES[:3]]
    yield f"paths: {', '.join(counts)}"
    for status in _STATUSES:
        shown = [row for row in of.ledger if row.status == status and (full or _is_news(row))]
        for row in shown:
            yield f"  {status:<13}{_path(row)}" + (f"   {row.why}" if row.why else "")
    hidden = sum(1 for row in of.ledger if not _is_news(row))
    if hidden and not full:
        yield f"  and {counted(hidden, 'path')} read or left out on purpose: --ledger"


def _count(rows: tuple[LedgerRow, ...], status: str) -> int:
    return sum(1 for row in rows if row.status == status)


def _is_news(row: LedgerRow) -> bool:
    return row.status in ("approximated", "unknown") or (row.status == "ignored" and not row.why)


def _path(row: LedgerRow) -> str:
    times = f" ×{row.count}" if row.count > 1 else ""
    return f"{row.kind or 'no kind'}{' ' + row.path if row.path else ''}{times}"
