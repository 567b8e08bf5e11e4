"""Statements, clauses and actions as canonical text; see `expressions` for expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, assert_never

from kspec.syntax import ast
from kspec.syntax.formatting import expressions, types
from kspec.syntax.formatting.doc import EMPTY, HARD, SPACE, Align, Doc, Either, Group, Nest, join
from kspec.syntax.formatting.follow import CLOSE, COMMA
from kspec.syntax.formatting.sheet import Child, Sheet
from kspec.syntax.lexer import spelt

CONTINUES: Final = spelt(
    "after and as at because by contains div else ends exists if implies in inter is leads least"
    " minus missing mod not of or starts stays subset then union until where with"
)
"""Words that would go on with an expression which ends before them."""


def stmt(s: Sheet, t: ast.Stmt, follow: int = CLOSE) -> Doc:
    """A statement, without what separates it from the next."""
    match t:
        case ast.Assign(place, op, value, address):
            target = _place(s, place)
            made = expressions.expr(s, value, 0, follow)
            return Group((target, " ", op, " ", Nest(2, made), _address(address)))
        case ast.New(name, kind, fields):
            named = f"{name.text}: " if name else ""
            return (f"new {named}{kind.text} ", _fields(s, fields))
        case ast.Delete(target_, address):
            return ("delete ", expressions.expr(s, target_, 0, follow), _address(address))
        case ast.IfStmt():
            return _if(s, t)
        case ast.ForStmt(binders, body):
            over = types.binders(s, binders, CLOSE)
            return ("for ", over, " ", block(s, body, t))
        case ast.ChooseStmt(binders):
            return ("choose ", types.binders(s, binders, follow))
        case ast.Require(cond):
            return ("require ", Nest(2, expressions.expr(s, cond, 0, follow)))
        case ast.CallStmt(effect, args, address):
            given = [expressions.expr(s, a, 0, COMMA) for a in args]
            return (effect.text, "(", join(", ", given), ")", _address(address))
        case ast.Nothing():
            return "nothing"
        case _:
            assert_never(t)


def _address(address: str | None) -> str:
    return f" {address}" if address else ""


def _place(s: Sheet, place: ast.Place) -> Doc:
    path: list[Doc] = []
    for step in place.path:
        match step:
            case ast.PlaceField(name):
                path.append(f".{name.text}")
            case ast.PlaceIndex(index):
                path.append(("[", expressions.expr(s, index), "]"))
            case _:
                assert_never(step)
    return (place.root.text, *path)


def _fields(s: Sheet, fields: Sequence[tuple[ast.Ident, ast.Expr]]) -> Doc:
    if not fields:
        return "{}"
    docs: list[Doc] = [
        (name.text, ": ", Nest(2, expressions.expr(s, value, 0, COMMA))) for name, value in fields
    ]
    return Group(("{", Nest(2, (SPACE, join((",", SPACE), docs))), SPACE, "}"))


def _if(s: Sheet, t: ast.IfStmt) -> Doc:
    head = ("if ", expressions.expr(s, t.cond), " ", block(s, t.then, t))
    match t.other:
        case ():
            return head
        case (ast.IfStmt() as only,):
            return (head, " else ", _if(s, only))
        case other:
            return (head, " else ", block(s, other, t))


def block(s: Sheet, body: Sequence[ast.Stmt], owner: ast.Stmt | ast.Clause | ast.Item) -> Doc:
    """Statements in braces: on one line if their owner stood on one."""
    return s.block(statements(s, body), owner.span)


def statements(s: Sheet, body: Sequence[ast.Stmt]) -> list[Child]:
    """Statements on lines of their own; a `;` where the next could be taken for more of one."""

    def child(i: int) -> Child:
        behind = body[i + 1] if i + 1 < len(body) else None
        return Child(body[i].span, lambda: stmt(s, body[i]), ";" if _continues(behind) else "")

    return [child(i) for i in range(len(body))]


def _continues(t: ast.Stmt | None) -> bool:
    """Does a statement begin with a word that would go on with an expression before it?"""
    match t:
        case ast.IfStmt():
            return True
        case ast.Assign(place):
            return place.root.text in CONTINUES
        case ast.CallStmt(effect):
            return effect.text.split(".")[0] in CONTINUES
        case _:
            return False


def action(s: Sheet, a: ast.ActionDecl) -> Doc:
    """An action: on one line if it stood on one and fits, else each clause on its own."""
    flags = "".join(f" {flag}" for flag in a.flags)
    if a.atomically is not None:
        flags += f" atomically {expressions.quoted(a.atomically)}"
    head = (f"action {a.name.text}", types.parameters(s, a.parameters), flags)
    return with_clauses(s, head, a.clauses, a)


def with_clauses(
    s: Sheet,
    head: Doc,
    clauses: Sequence[ast.Clause],
    owner: ast.ActionDecl | ast.FaultDecl | ast.RecoveryDecl,
) -> Doc:
    """A head and clauses behind it, or on lines of their own."""
    if not clauses:
        return head
    children = [Child(c.span, partial(clause, s, c)) for c in clauses]
    if s.is_flat(owner.span):
        docs = [s.unit(child).doc for child in children]
        return Group((head, Nest(2, (SPACE, join(SPACE, docs)))))
    return (head, Nest(2, (HARD, s.lines(children))))


def clause(s: Sheet, c: ast.Clause) -> Doc:
    """A clause; short words are filled up so that what follows stands in one column."""
    match c:
        case ast.When(parts):
            last = len(parts) - 1
            docs = s.listed(
                [Child(p.span, partial(_guard, s, p, i == last)) for i, p in enumerate(parts)]
            )
            return (Either("when ", "when  "), Align(Group(docs)))
        case ast.LetClause(name, value):
            return (f"let {name.text} = ", Nest(2, expressions.expr(s, value)))
        case ast.Yields(name, value):
            return (f"yields {name.text} = ", Nest(2, expressions.expr(s, value)))
        case ast.Do(body):
            return (Either("do ", "do    "), _body(s, body, c))
        case ast.Next():
            return _next(s, c)
        case ast.Refused(body):
            return ("refused ", _body(s, body, c))
        case ast.Event(reason, text):
            return f"event {reason.text}" + (f" {expressions.template(text)}" if text else "")
        case ast.Within(duration):
            return ("within ", expressions.expr(s, duration))
        case _:
            assert_never(c)


def _guard(s: Sheet, part: ast.GuardPart, is_last: bool) -> Doc:
    ends = is_last or part.bind is not None or part.because is not None
    cond = expressions.expr(s, part.cond, 0, CLOSE if ends else COMMA)
    bind = f" as {part.bind.text}" if part.bind else ""
    if not part.because:
        return (cond, bind)
    reason = f"because {expressions.template(part.because)}"
    return Group((cond, bind, Nest(2, (SPACE, reason))))


def _next(s: Sheet, c: ast.Next) -> Doc:
    each: Doc = EMPTY
    if c.each is not None and c.source is not None:
        each = (f"each {c.each.text} in ", expressions.expr(s, c.source), ": ")
    when: Doc = EMPTY
    if c.when is not None:
        when = ("when ", expressions.expr(s, c.when), ": ")
    return ("next ", each, when, _body(s, c.body, c))


def _body(s: Sheet, body: Sequence[ast.Stmt], owner: ast.Clause) -> Doc:
    """A single statement as it is, others in braces."""
    return stmt(s, body[0]) if len(body) == 1 else block(s, body, owner)


def rule_body(s: Sheet, rule: ast.GhostRule) -> Doc:
    """What a ghost's rule does."""
    body = rule.body
    return stmt(s, body[0]) if len(body) == 1 else s.block(statements(s, body), rule.span)
