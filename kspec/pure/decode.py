"""Documents to typed values."""

from __future__ import annotations

from kspec.analysis.types import Type
from kspec.base.source import Span
from kspec.pure.value import Doc, Value
from kspec.pure.world import Context


def decoded(value: Value, type_: Type, context: Context, span: Span) -> Value:
    """A document as a value of a type."""
    raise NotImplementedError


def member(value: Value, key: Value) -> Value:
    """A member of a document."""
    raise NotImplementedError


def given(value: Value) -> bool:
    """Is there a document?"""
    raise NotImplementedError


def items(value: Doc) -> tuple[Value, ...]:
    """The items of a document."""
    raise NotImplementedError
