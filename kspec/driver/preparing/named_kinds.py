"""Kinds that somebody names on the command line: is there one of that name in any program?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kspec.base.suggest import suggest
from kspec.driver.preparing.load import load
from kspec.sources.imports import Given


def unknown_kind(files: Iterable[Given], kinds: Sequence[str]) -> str | None:
    """About the first kind that no program has; None if there is none such, or if a program has
    mistakes, which come first."""
    known: set[str] = set()
    for file in files:
        loaded = load(file.path, file.name, file.through).loaded
        if loaded is None:
            return None
        known |= {kind.name for kind in loaded.program.kinds}
    name = next((kind for kind in kinds if kind not in known), None)
    if name is None or not known:
        return None
    near = suggest(name, known)
    told = f"did you mean `{near}`?" if near else f"there are {', '.join(sorted(known))}"
    return f"there is no kind `{name}`; {told}"


__all__ = ["unknown_kind"]
