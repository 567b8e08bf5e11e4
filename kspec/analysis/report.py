"""What the checker says: one function per mistake, each giving a `Diagnostic`.

Only data goes in, so a message can be read, tested and changed without the checker.
"""

from __future__ import annotations

from collections.abc import Iterable

from kspec.analysis.types import Type
from kspec.analysis.words import show_type
from kspec.base import codes
from kspec.base.codes import Code
from kspec.base.diagnostic import Diagnostic, Help, Label
from kspec.base.source import Span
from kspec.base.suggest import suggest


def unknown_name(name: str, span: Span, known: Iterable[str], what: str = "") -> Diagnostic:
    """A name that nothing declares, with the nearest one that something does."""
    near = suggest(name, known)
    said = f"no {what} is called `{name}`" if what else f"nothing is called `{name}` here"
    return Diagnostic(
        codes.UNKNOWN_NAME,
        said,
        Label(span, f"did you mean `{near}`?" if near else "not declared"),
        help=(f"write `{near}`",) if near else (),
    )


def unknown_field(name: str, owner: str, span: Span, known: Iterable[str]) -> Diagnostic:
    """A field that a kind or record does not have."""
    known = sorted(known)
    near = suggest(name, known)
    advice = f"did you mean `{near}`?" if near else f"`{owner}` has: {', '.join(known) or 'none'}"
    return Diagnostic(codes.UNKNOWN_FIELD, f"`{owner}` has no field `{name}`", Label(span, advice))


def duplicate(name: str, span: Span, first: Span) -> Diagnostic:
    """A name declared twice."""
    return Diagnostic(
        codes.DUPLICATE_NAME,
        f"`{name}` is declared twice",
        Label(span, "again here"),
        (Label(first, "first here"),),
    )


def mismatch(wanted: Type, found: Type, span: Span, why: Label | None = None) -> Diagnostic:
    """A value of one type where another is wanted."""
    return Diagnostic(
        codes.TYPE_MISMATCH,
        f"{show_type(wanted)} is wanted here, and this is {show_type(found)}",
        Label(span, f"this is {show_type(found)}"),
        (why,) if why else (),
        help=_absent_help(wanted, found),
    )


def _absent_help(wanted: Type, found: Type) -> tuple[Help, ...]:
    from kspec.analysis.types import KindT, OptT

    if isinstance(found, OptT) and not isinstance(wanted, OptT):
        return (Help("say what is meant when there is nothing: `… or else v`"),)
    if isinstance(found, KindT) and isinstance(wanted, KindT) and found.name == wanted.name:
        return (Help("a stored reference may be dead; bind it: `when x as p`, `some p in x | …`"),)
    return ()


def operands(op: str, left: Type, lspan: Span, right: Type, rspan: Span, at: Span) -> Diagnostic:
    """Two operands that do not go together, both labelled."""
    return Diagnostic(
        _operand_code(left, right),
        f"`{op}` cannot join {show_type(left)} and {show_type(right)}",
        Label(at, "here"),
        (Label(lspan, f"{show_type(left)}"), Label(rspan, f"{show_type(right)}")),
    )


def _operand_code(left: Type, right: Type) -> Code:
    from kspec.analysis.types import UnitT

    both = isinstance(left, UnitT) and isinstance(right, UnitT)
    return codes.UNIT_MISMATCH if both else codes.TYPE_MISMATCH


def arity(what: str, wanted: int, found: int, span: Span) -> Diagnostic:
    """Too many or too few arguments."""
    some = f"{wanted} argument" + ("" if wanted == 1 else "s")
    return Diagnostic(
        codes.WRONG_ARITY, f"`{what}` takes {some}, and {found} are given", Label(span, "here")
    )


def missing_else(span: Span, found: Type, divided: bool = False) -> Diagnostic:
    """An option used as if it were a value; `divided` if it is one because a divisor may be 0."""
    if divided:
        return Diagnostic(
            codes.MISSING_ELSE,
            "the divisor may be 0, and then there is no quotient",
            Label(span, "may be absent"),
            help=(
                "say what is meant then: `… or else v`",
                "or divide by a field of a range above 0",
            ),
        )
    return Diagnostic(
        codes.MISSING_ELSE,
        f"this may be absent: it is {show_type(found)}",
        Label(span, "may be absent"),
        help=("say what is meant then: `… or else v`, or bind it: `when … as x`",),
    )


def simple(code: Code, message: str, span: Span, label: str = "", *advice: str) -> Diagnostic:
    """A mistake with one place and perhaps advice."""
    return Diagnostic(code, message, Label(span, label), help=tuple(advice))
