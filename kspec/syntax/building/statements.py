"""Builds statements and the clauses of actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

from kspec.base.codes import UNEXPECTED_TEXT
from kspec.base.diagnostic import Diagnostic, Label
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children, Stmts
from kspec.syntax.building.text import maybe_template, template


@final
@frozen
class Address:
    """`by name`, `by uid`, `if unchanged`"""

    text: str
    span: Span


@final
@frozen
class NewField:
    """`f: e`"""

    name: ast.Ident
    value: ast.Expr
    span: Span


@final
@frozen
class Each:
    """`each x in e:`"""

    name: ast.Ident
    source: ast.Expr
    span: Span


@final
@frozen
class NextWhen:
    """`when c:`"""

    cond: ast.Expr
    span: Span


def address(c: Children) -> Address:
    """`by name`, `by uid`, `if unchanged`"""
    return Address(f"{c.token().text} {c.token().text}", c.span)


def _address(c: Children) -> str | None:
    found = c.maybe(Address)
    return None if found is None else found.text


def block(c: Children) -> Stmts:
    """`{ s; t }`"""
    c.need("{")
    body = []
    while not c.skip("}"):
        body.append(c.stmt())
        c.skip(",", ";")
    return Stmts(tuple(body), c.span)


def place(c: Children) -> ast.Place:
    """`x.f[i]`"""
    root = c.ident()
    path: list[ast.PlaceField | ast.PlaceIndex] = []
    while c.more():
        path.append(c.maybe(ast.PlaceField) or c.take(ast.PlaceIndex))
    return ast.Place(root, tuple(path), c.span)


def place_field(c: Children) -> ast.PlaceField:
    """`.f`"""
    c.need(".")
    return ast.PlaceField(c.ident())


def place_index(c: Children) -> ast.PlaceIndex:
    """`[e]`"""
    c.need("[")
    index = c.expr()
    c.need("]")
    return ast.PlaceIndex(index)


def assign(c: Children) -> ast.Stmt:
    """`place := e by uid`"""
    target = c.take(ast.Place)
    operator = c.token("ASSIGN").text
    return ast.Assign(target, operator, c.expr(), _address(c), c.span)


def new(c: Children) -> ast.Stmt:
    """`new p: K { f: e }`"""
    c.need("new")
    kind = c.ident()
    name = None
    if c.skip(":"):
        name, kind = kind, c.ident()
    c.need("{")
    fields = c.many(NewField, (",",))
    c.need("}")
    return ast.New(name, kind, tuple((f.name, f.value) for f in fields), c.span)


def new_field(c: Children) -> NewField:
    """`f: e`"""
    name = c.ident()
    c.need(":")
    return NewField(name, c.expr(), c.span)


def delete(c: Children) -> ast.Stmt:
    """`delete e by uid`"""
    c.need("delete")
    return ast.Delete(c.expr(), _address(c), c.span)


def if_stmt(c: Children) -> ast.Stmt:
    """`if c { … } else { … }`, `if c { … } else if d { … }`"""
    c.need("if")
    cond = c.expr()
    then = c.take(Stmts).body
    other = c.body() if c.skip("else") else ()
    return ast.IfStmt(cond, then, other, c.span)


def for_stmt(c: Children) -> ast.Stmt:
    """`for p: Pod where g { … }`"""
    c.need("for")
    binders = c.take(ast.Binders)
    return ast.ForStmt(binders, c.take(Stmts).body, c.span)


def choose_stmt(c: Children) -> ast.Stmt:
    """`choose q: Pod where g`"""
    c.need("choose")
    return ast.ChooseStmt(c.take(ast.Binders), c.span)


def require(c: Children) -> ast.Stmt:
    """`require e`"""
    c.need("require")
    return ast.Require(c.expr(), c.span)


def call_stmt(c: Children) -> ast.Stmt:
    """`shut(p)`; a dotted name stays dotted."""
    parts = c.dotted()
    effect = ast.Ident(".".join(p.text for p in parts), parts[0].span.to(parts[-1].span))
    c.need("(")
    args = []
    while not c.skip(")"):
        arg = c.take(ast.Arg)
        if arg.name is not None:
            label = Label(arg.name.span, "an effect's arguments have no names")
            c.site.report(Diagnostic(UNEXPECTED_TEXT, "an argument with a name", label))
        args.append(arg.value)
        c.skip(",")
    return ast.CallStmt(effect, tuple(args), _address(c), c.span)


def nothing(c: Children) -> ast.Stmt:
    """`nothing`"""
    c.need("nothing")
    return ast.Nothing(c.span)


def when(c: Children) -> ast.Clause:
    """`when a, b as p`"""
    c.need("when")
    return ast.When(c.many(ast.GuardPart, (",",)), c.span)


def conjunct(c: Children) -> ast.GuardPart:
    """`e as p because "…"`"""
    cond = c.expr()
    bind = c.ident() if c.skip("as") else None
    because = template(c) if c.skip("because") else None
    return ast.GuardPart(cond, bind, because, c.span)


def let_clause(c: Children) -> ast.Clause:
    """`let x = e`"""
    c.need("let")
    name = c.ident()
    c.need("=")
    return ast.LetClause(name, c.expr(), c.span)


def yields(c: Children) -> ast.Clause:
    """`yields x = e`"""
    c.need("yields")
    name = c.ident()
    c.need("=")
    return ast.Yields(name, c.expr(), c.span)


def do(c: Children) -> ast.Clause:
    """`do …`"""
    c.need("do")
    return ast.Do(c.body(), c.span)


def next_(c: Children) -> ast.Clause:
    """`next each v in V: when c: …`"""
    c.need("next")
    each = c.maybe(Each)
    cond = c.maybe(NextWhen)
    return ast.Next(each and each.name, each and each.source, cond and cond.cond, c.body(), c.span)


def each_(c: Children) -> Each:
    """`each x in e:`"""
    c.need("each")
    name = c.ident()
    c.need("in")
    source = c.expr()
    c.need(":")
    return Each(name, source, c.span)


def next_when(c: Children) -> NextWhen:
    """`when c:`"""
    c.need("when")
    cond = c.expr()
    c.need(":")
    return NextWhen(cond, c.span)


def refused(c: Children) -> ast.Clause:
    """`refused …`"""
    c.need("refused")
    return ast.Refused(c.body(), c.span)


def event(c: Children) -> ast.Clause:
    """`event Reason "…"`"""
    c.need("event")
    return ast.Event(c.ident(), maybe_template(c), c.span)


def within(c: Children) -> ast.Clause:
    """`within d`"""
    c.need("within")
    return ast.Within(c.expr(), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "assign": assign,
    "block": block,
    "by_name": address,
    "by_uid": address,
    "call_stmt": call_stmt,
    "choose_stmt": choose_stmt,
    "conjunct": conjunct,
    "delete": delete,
    "do": do,
    "each": each_,
    "event": event,
    "for_stmt": for_stmt,
    "if_stmt": if_stmt,
    "if_unchanged": address,
    "let_clause": let_clause,
    "new": new,
    "new_field": new_field,
    "next": next_,
    "next_when": next_when,
    "nothing": nothing,
    "place": place,
    "place_field": place_field,
    "place_index": place_index,
    "refused": refused,
    "require": require,
    "when": when,
    "within": within,
    "yields": yields,
}
