"""Text to syntax tree.

`parse` never raises for what a user wrote: whatever cannot be read is a diagnostic, and the items
that can be read are in the module all the same. The tree is built by the modules of `building`, one
function for each rule of `kspec.lark`; `machine` runs the tables, `recover` goes on after mistakes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, final

from kspec.base.diagnostic import Diagnostic
from kspec.base.internal import InternalError
from kspec.base.record import frozen
from kspec.base.source import SourceFile, Span
from kspec.syntax import ast, tables
from kspec.syntax.building import (
    behaviour,
    claims,
    expressions,
    kinds,
    scenarios,
    statements,
    types,
)
from kspec.syntax.building.children import Builder, Children
from kspec.syntax.lexer import Token
from kspec.syntax.machine import Done, Stuck, TooDeep, run

if TYPE_CHECKING:
    from kspec.syntax.mistakes.recover import Gap

MAX_MISTAKES: Final = 20
"""After so many mistakes in one file, the rest is not worth reading."""

BUILDERS: Final[Mapping[str, Builder]] = {
    **behaviour.BUILDERS,
    **claims.BUILDERS,
    **expressions.BUILDERS,
    **kinds.BUILDERS,
    **scenarios.BUILDERS,
    **statements.BUILDERS,
    **types.BUILDERS,
}
"""The builder of every rule that has a node."""


class Comment(NamedTuple):
    """`# …` where it starts, and whether nothing else stands before it on its line."""

    text: str
    start: int
    own_line: bool


@final
@frozen
class Parsed:
    """What could be read of a file, and what could not.

    `module` is None where nothing could; its items are those without a mistake, members of an item
    may be missing where `diagnostics` has an error. `comments` are those outside of the parts with
    mistakes, in order.
    """

    module: ast.Module | None
    diagnostics: tuple[Diagnostic, ...]
    comments: tuple[Comment, ...] = ()


@final
class _Site:
    """One reading of a file: collects what the builders report."""

    def __init__(self, file: str) -> None:
        self.file: Final = file
        self.found: Final[list[Diagnostic]] = []

    def report(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)

    def hole(self, text: str, offset: int) -> ast.Expr | None:
        expr, diagnostics = parse_expr(text, self.file, offset)
        self.found.extend(diagnostics)
        return expr

    def finish(self, rule: str, parts: list[object], start: int, end: int) -> object:
        builder = BUILDERS.get(rule)
        if builder is None:
            raise InternalError(f"no builder for the rule `{rule}`")
        children = Children(self, rule, parts, start, end)
        value = builder(children)
        children.done()
        return value


def parse(source: SourceFile) -> Parsed:
    """Read a file; spans are offsets in its text."""
    loaded = tables.load()
    text = source.text
    found: list[Diagnostic] = []
    gaps: tuple[Gap, ...] = ()
    while True:
        site = _Site(source.name)
        outcome = run(loaded, "start", text, 0, site.finish)
        match outcome:
            case Done(value, tokens):
                assert isinstance(value, ast.Module)
                return Parsed(value, _sorted([*found, *site.found]), _comments(text, tokens))
            case Stuck() | TooDeep():
                # Most files have no mistake; what is known of them is loaded for the first.
                from kspec.syntax.mistakes.explain import explain
                from kspec.syntax.mistakes.recover import touched, without_mistake, without_rest

                if touched(gaps, outcome) is None:
                    found.append(explain(loaded, source.name, text, 0, outcome))
                if len(found) >= MAX_MISTAKES:
                    text = without_rest(text, outcome)
                else:
                    text, gaps = without_mistake(loaded, text, outcome, gaps)


def parse_expr(text: str, file: str, offset: int) -> tuple[ast.Expr | None, tuple[Diagnostic, ...]]:
    """Read `text`, which stands at `offset` of `file`, as one expression."""
    loaded = tables.load()
    site = _Site(file)
    outcome = run(loaded, "expr_only", text, offset, site.finish)
    match outcome:
        case Done(value, _):
            return value, tuple(site.found)  # type: ignore[return-value]  # expr_only gives an Expr
        case Stuck() | TooDeep():
            from kspec.syntax.mistakes.explain import explain

            return None, (explain(loaded, file, text, offset, outcome, "expression"),)


def _comments(text: str, tokens: tuple[Token, ...]) -> tuple[Comment, ...]:
    """What stands between tokens and is not blank."""
    found: list[Comment] = []
    gaps = zip([0, *(t.end for t in tokens)], [*(t.start for t in tokens), len(text)], strict=True)
    for start, end in gaps:
        at = text.find("#", start, end)
        while at >= 0:
            newline = text.find("\n", at, end)
            stop = newline if newline >= 0 else end
            own_line = not text[text.rfind("\n", 0, at) + 1 : at].strip()
            found.append(Comment(text[at:stop].rstrip(), at, own_line))
            at = text.find("#", stop, end)
    return tuple(found)


def _sorted(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=_place))


def _place(diagnostic: Diagnostic) -> tuple[int, int]:
    span: Span = diagnostic.primary.span
    return span.start, span.end
