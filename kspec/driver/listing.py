"""The code that the native engine runs, as text for people: `kspec check --emit-llvm`.

Generated code has comments that name actions, their guards and updates, and properties, by their
places in the system. Where those stand in a file is added here, so that code does not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from kspec.base.source import LineIndex, SourceFile, Span
from kspec.driver.searching.search import Refused
from kspec.ir.system import System

COMMENT: Final = re.compile(
    r"^(?P<named>  ; (?:(?P<kind>guard|update) (?P<place>[0-9]+) of|(?P<what>action|property))"
    r" (?P<name>[^,\n]+).*)$",
    re.MULTILINE,
)


def listing(system: System, sources: Iterable[SourceFile]) -> str:
    """LLVM assembly of a search for all properties of a system. Raises `Refused`."""
    # llvmlite is loaded by whoever needs it, and only then.
    from kspec.engines.explicit.engine import Refusal, assembly

    try:
        text = assembly(system, tuple(prop.name for prop in system.properties))
    except Refusal as refusal:
        raise Refused(str(refusal)) from refusal
    lines = {source.name: LineIndex(source.text) for source in sources}
    places = {key: _shown(span, lines) for key, span in _spans(system) if span is not None}

    def with_place(found: re.Match[str]) -> str:
        kind = found["kind"] or found["what"]
        place = places.get((kind, found["name"], int(found["place"] or 0)), "")
        return found["named"] + (f"  ({place})" if place else "")

    return COMMENT.sub(with_place, text)


def _spans(system: System) -> Iterator[tuple[tuple[str, str, int], Span | None]]:
    """What comments speak of, and where it is written."""
    for action in system.actions:
        yield ("action", action.name, 0), action.span
        for k, conjunct in enumerate(action.guard, 1):
            yield ("guard", action.name, k), conjunct.span
        for k, update in enumerate(action.updates, 1):
            yield ("update", action.name, k), update.span
    for prop in system.properties:
        yield ("property", prop.name, 0), prop.span


def _shown(span: Span, lines: Mapping[str, LineIndex]) -> str:
    index = lines.get(span.file)
    if index is None:
        return span.file
    line, column = index.position(span.start)
    return f"{span.file}:{line}:{column}"
