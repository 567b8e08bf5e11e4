"""Would lines be understood if they stood at the end of a file? What is shown to be copied is tried
first. Nothing is written anywhere. Next: `load`.
"""

from __future__ import annotations

from kspec.base.source import LineIndex
from kspec.driver.preparing.load import load
from kspec.sources.imports import Given


def understood(file: Given, lines: tuple[str, ...]) -> frozenset[str]:
    """Those of some lines that nothing is wrong with, behind a file that is right without them."""
    kept = list(lines)
    while kept:
        more = "\n" + "\n".join(kept)
        loading = load(file.path, file.name, file.through, more)
        if loading.loaded is not None:
            return frozenset(kept)
        text = next((s.text for s in loading.sources if s.name == file.name), None)
        if text is None:
            break
        index, before = LineIndex(text), text.count("\n") + 1 - len(kept)
        spans = (d.primary.span for d in loading.diagnostics)
        wrong = {index.position(s.start)[0] - before for s in spans if s.file == file.name}
        left = [line for n, line in enumerate(kept, start=1) if n not in wrong]
        if len(left) == len(kept):
            break
        kept = left
    return frozenset()


__all__ = ["understood"]
