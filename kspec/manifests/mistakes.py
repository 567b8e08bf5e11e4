"""The diagnostics that both notations share: what is nested too deep, what is written twice."""

from __future__ import annotations

from kspec.base.codes import YAML_DUPLICATE_KEY, YAML_TOO_DEEP
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.source import Span
from kspec.manifests.node import MAX_DEPTH, Scalar


def too_deep(span: Span) -> Diagnostic:
    """A collection opens beyond `MAX_DEPTH`."""
    message = f"collections are nested more than {MAX_DEPTH} deep"
    return Diagnostic(YAML_TOO_DEEP, message, Label(span, "this is too deep"))


def duplicate(second: Scalar, first: Scalar) -> Diagnostic:
    """The same key twice in one object: Kubernetes' readers differ in which they keep."""
    return Diagnostic(
        YAML_DUPLICATE_KEY,
        f"`{second.value}` is written twice",
        Label(second.span, "here again"),
        (Label(first.span, "first here"),),
        help=("keep one of them",),
    )
