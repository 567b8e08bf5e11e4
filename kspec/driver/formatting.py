"""`kspec fmt`: one source to its canonical text, or what is wrong with it.

The text is parsed again before anybody gets it: a formatter that lost a word would be worse than
none. Next: `kspec.syntax.formatting.module` for how it looks.
"""

from __future__ import annotations

from typing import final

import attrs

from kspec.base.diagnostic import Diagnostic, Severity
from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.base.source import SourceFile
from kspec.syntax.formatting.module import format_module
from kspec.syntax.parse import Parsed, parse


@final
@frozen
class Formatted:
    """The canonical text, None where the file has a mistake; then `diagnostics` say which."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


class Unfaithful(InternalError):
    """The canonical text does not say what the file says; `text` is the file."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"formatting {name} would change what it says")
        self.text = text


def formatted(source: SourceFile) -> Formatted:
    """The canonical text of a program. Raises `Unfaithful`."""
    parsed = parse(source)
    errors = tuple(d for d in parsed.diagnostics if d.severity is Severity.ERROR)
    if parsed.module is None or errors:
        return Formatted(None, parsed.diagnostics)
    text = format_module(parsed.module, source.text, parsed.comments)
    if not _says_the_same(parsed, parse(SourceFile(source.name, text))):
        raise Unfaithful(source.name, source.text)
    return Formatted(text)


def _says_the_same(one: Parsed, other: Parsed) -> bool:
    kept = sorted(c.text for c in one.comments) == sorted(c.text for c in other.comments)
    return kept and _equal(one.module, other.module)


def _equal(one: object, other: object) -> bool:
    """Are two trees the same but for where they stand?"""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    kind = type(one)
    if not attrs.has(kind):
        return one == other
    names = [a.name for a in attrs.fields(kind) if a.name not in _PLACES]
    return all(_equal(getattr(one, name), getattr(other, name)) for name in names)


_PLACES = ("span", "op_span")
