"""What is wrong, where, and what helps: data only.

A diagnostic is the only thing a stage gives back besides its product. It holds no formatted
text: `render` alone makes text of it.
"""

from __future__ import annotations

import enum
from typing import final

from attrs import field

from kspec.base.codes import Code
from kspec.base.record import frozen
from kspec.base.source import Span


class Severity(enum.Enum):
    """How bad it is; the value is the word that is shown."""

    ERROR = "error"
    WARNING = "warning"


@final
@frozen
class Label:
    """A place in a source and what is to be said about it (`""`: mark the place only)."""

    span: Span
    text: str = ""


@final
@frozen
class Edit:
    """Put `replacement` where `span` is; an empty span inserts."""

    span: Span
    replacement: str


@final
@frozen
class Help:
    """A piece of advice, with the edit that carries it out where there is exactly one."""

    text: str
    edit: Edit | None = None


def did_you_mean(near: str | None, span: Span) -> tuple[Help, ...]:
    """Advice to write the nearest of some names in a place; none where none is near."""
    return (Help(f"did you mean `{near}`?", Edit(span, near)),) if near else ()


def _as_help(given: tuple[Help | str, ...]) -> tuple[Help, ...]:
    return tuple(Help(h) if isinstance(h, str) else h for h in given)


@final
@frozen
class Diagnostic:
    """One mistake.

    `message` is one line that stands alone: lower case, no full stop, the user's names in
    backticks, no word that only kspec's authors know. `labels` mark every operand that matters,
    `notes` say why the rule exists, `help` (texts, or `Help` with an edit) says what to do.
    """

    code: Code
    message: str
    primary: Label
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[Help, ...] = field(default=(), converter=_as_help)
    severity: Severity = Severity.ERROR
