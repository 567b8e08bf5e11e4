"""Which modules of the library describe which objects of the API.

A module is looked at only if its text may declare a kind that is wanted, so that a growing library
costs nothing. Modules that are models of their own (with scenarios) are no place to import from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kspec.base.diagnostic import Diagnostic
from kspec.sources.files import programs, read_text
from kspec.sources.imports import library

_KIND: Final = re.compile(
    r"^\s*(?:const\s+)?kind\s+([\w-]+)(?:\s+is\s+[\w,\s]+?)?\s+from\s+([^\s{][^{\n]*?)\s*"
    r"(?:\bkey\b[^{]*)?\{",
    re.MULTILINE,
)
_OWN: Final = re.compile(r"^(?:scenario|cluster|check|expect|vectors)\b", re.MULTILINE)

Version = tuple[str, str]
"""apiVersion and kind."""


def describing(wanted: Iterable[Version]) -> tuple[tuple[str, ...], tuple[Version, ...]]:
    """The dotted names of the modules that declare these kinds, each kind by the first module in
    order; and the kinds that no module declares."""
    missing = list(dict.fromkeys(wanted))
    models = library()[0].directory
    modules: list[str] = []
    for path, _ in programs(models, ""):
        declared = _declared(path)
        found = [version for version in missing if version in declared]
        if found:
            missing = [version for version in missing if version not in found]
            modules.append(".".join(path.relative_to(models).with_suffix("").parts))
    return tuple(modules), tuple(missing)


def _declared(path: Path) -> frozenset[Version]:
    source = read_text(path, path.name, None)
    if isinstance(source, Diagnostic) or _OWN.search(source.text):
        return frozenset()
    found: set[Version] = set()
    for match in _KIND.finditer(source.text):
        for version in match[2].split(","):
            api, _, named = version.strip().partition(" named ")
            found.add((api.strip(), named.strip() or match[1]))
    return frozenset(found)
