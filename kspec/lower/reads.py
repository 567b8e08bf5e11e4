"""Which variables and constants a system's expressions read."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from kspec.ir.expr import Old, Ref
from kspec.ir.system import System


def read_names(system: System) -> frozenset[str]:
    """Every name read anywhere in the system."""
    seen: set[int] = set()
    return frozenset(_names(system, seen))


def _names(node: object, seen: set[int]) -> Iterator[str]:
    todo = [node]
    while todo:
        here = todo.pop()
        if id(here) in seen:
            continue
        if isinstance(here, Ref | Old):
            yield here.name
        elif isinstance(here, tuple):
            seen.add(id(here))
            todo.extend(here)
        else:
            cls = type(here)
            if attrs.has(cls):
                seen.add(id(here))
                todo.extend(getattr(here, a.name) for a in attrs.fields(cls))
