"""Builds expressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children
from kspec.syntax.building.text import number, template
from kspec.syntax.lexer import Token

_OPERATORS: Final[Mapping[str, str]] = {
    "ends": "ends",
    "in_": "in",
    "same": "is",
    "or_": "or",
    "and_": "and",
    "starts": "starts",
    "contains": "contains",
    "implies": "implies",
    "until": "until",
    "not_in": "not in",
    "is_not": "is not",
    "subset": "subset of",
    "leads_to": "leads to",
    "or_else": "or else",
}


def expr_only(c: Children) -> ast.Expr:
    """An expression that is all there is."""
    return c.expr()


def name(c: Children) -> ast.Expr:
    """`x`"""
    return ast.Name(c.token("NAME").text, c.span)


def int_(c: Children) -> ast.Expr:
    """`12`"""
    return ast.IntLit(number(c)[0], c.span)


def quantity(c: Children) -> ast.Expr:
    """`500m`"""
    return ast.QuantityLit(c.token("QUANTITY").text, c.span)


def string(c: Children) -> ast.Expr:
    """`"a {b}"`"""
    return template(c)


def none(c: Children) -> ast.Expr:
    """`none`"""
    c.need("none")
    return ast.NoneLit(c.span)


def timer_in(c: Children) -> ast.Expr:
    """`in 5s`"""
    c.need("in")
    return ast.TimerIn(c.expr(), c.span)


def brace_entry(c: Children) -> ast.BraceEntry:
    """`v`, `k: v`"""
    first = c.expr()
    second = c.expr_after(":")
    return (
        ast.BraceEntry(None, first, c.span)
        if second is None
        else ast.BraceEntry(first, second, c.span)
    )


def braces(c: Children) -> ast.Expr:
    """`{a, b}`, `{k: v}`"""
    c.need("{")
    entries = c.many(ast.BraceEntry, (",",))
    c.need("}")
    return ast.Braces(entries, c.span)


def list_(c: Children) -> ast.Expr:
    """`[a, b]`"""
    c.need("[")
    return ast.ListLit(_items(c, "]"), c.span)


def parens(c: Children) -> ast.Expr:
    """`(e)` is `e`."""
    c.need("(")
    inner = c.expr()
    c.need(")")
    return inner


def tuple_(c: Children) -> ast.Expr:
    """`(a, b)`"""
    c.need("(")
    return ast.TupleLit(_items(c, ")"), c.span)


def _items(c: Children, close: str) -> tuple[ast.Expr, ...]:
    items = []
    while not c.skip(close):
        items.append(c.expr())
        c.skip(",")
    return tuple(items)


def field_of(c: Children) -> ast.Expr:
    """`e.f`"""
    arg = c.expr()
    c.need(".")
    return ast.FieldOf(arg, c.ident(), c.span)


def index(c: Children) -> ast.Expr:
    """`e[i]`"""
    arg = c.expr()
    c.need("[")
    i = c.expr()
    c.need("]")
    return ast.IndexOf(arg, i, c.span)


def plain_arg(c: Children) -> ast.Arg:
    """`e`"""
    return ast.Arg(None, c.expr(), c.span)


def named_arg(c: Children) -> ast.Arg:
    """`n: e`, `n: T?`"""
    label = c.ident()
    c.need(":")
    return ast.Arg(label, c.expr(), c.span, c.skip("?"))


def call(c: Children) -> ast.Expr:
    """`f(a, n: b where g | e)`"""
    function = c.expr()
    c.need("(")
    args = c.many(ast.Arg, (",",))
    where = c.expr_after("where")
    body = c.expr_after("|")
    c.need(")")
    return ast.Call(function, args, where, body, c.span)


def _binary(rule: str) -> Builder:
    words = _OPERATORS[rule].split()

    def build(c: Children) -> ast.Expr:
        left = c.expr()
        if rule == "or_else":
            span = c.span_of(c.token("OR_ELSE"))
        else:
            parts = [c.token() for _ in words]
            if [part.text for part in parts] != words:
                raise c.wrong(f"expected `{_OPERATORS[rule]}`")
            span = c.span_of(parts[0]).to(c.span_of(parts[-1]))
        return ast.Binary(_OPERATORS[rule], left, c.expr(), span, c.span)

    return build


def signed(c: Children) -> ast.Expr:
    """`a + b`, `a < b`: the operator is a token of its own."""
    left = c.expr()
    operator = c.token()
    return ast.Binary(operator.text, left, c.expr(), c.span_of(operator), c.span)


def in_range(c: Children) -> ast.Expr:
    """`e in lo..hi`"""
    arg = c.expr()
    c.need("in")
    lo = c.expr()
    c.need("..")
    return ast.InRange(arg, lo, c.expr(), c.span)


def prefix(c: Children) -> ast.Expr:
    """`not e`, `-e`, `always e`"""
    operator = c.token("NOT", "MINUS", "ALWAYS", "EVENTUALLY")
    return ast.Unary(operator.text, c.expr(), c.span)


def suffix(c: Children) -> ast.Expr:
    """`e exists`"""
    arg = c.expr()
    return ast.Unary(c.token("EXISTS", "MISSING").text, arg, c.span)


def with_(c: Children) -> ast.Expr:
    """`e with {f: v}`"""
    arg = c.expr()
    c.need("with")
    return ast.WithExpr(arg, c.take(ast.Braces), c.span)


def quantifier(c: Children) -> ast.Expr:
    """`all p: Pod | e`"""
    word = c.token("ALL", "SOME", "NO", "ONE", "THE", "FIRST", "THOSE", "MAP")
    return ast.Quantifier(word.text, c.take(ast.Binders), c.expr_after("|"), c.span)


def sort_by(c: Children) -> ast.Expr:
    """`sort q in xs by k`"""
    c.need("sort")
    binders = c.take(ast.Binders)
    c.need("by")
    return ast.SortBy(binders, c.expr(), c.span)


def choose_least(c: Children) -> ast.Expr:
    """`choose q in xs least by k`"""
    c.need("choose")
    binders = c.take(ast.Binders)
    c.need("least", "by")
    return ast.ChooseLeast(binders, c.expr(), c.span)


def let_(c: Children) -> ast.Expr:
    """`let x = e; body`"""
    c.need("let")
    bound = c.ident()
    c.need("=")
    value = c.expr()
    c.need(";")
    return ast.LetExpr(bound, value, c.expr(), c.span)


def if_(c: Children) -> ast.Expr:
    """`if c then a else b`"""
    c.need("if")
    cond = c.expr()
    c.need("then")
    then = c.expr()
    c.need("else")
    return ast.IfExpr(cond, then, c.expr(), c.span)


def fold(c: Children) -> ast.Expr:
    """`fold q in xs from a0 as a | e`"""
    c.need("fold")
    elem = c.ident()
    c.need("in")
    source = c.expr()
    c.need("from")
    init = c.expr()
    c.need("as")
    acc = c.ident()
    c.need("|")
    return ast.FoldExpr(elem, source, init, acc, c.expr(), c.span)


def while_stays(c: Children) -> ast.Expr:
    """`while e stays, f`"""
    c.need("while")
    body = c.expr()
    c.need("stays", ",")
    return ast.WhileStays(body, c.expr(), c.span)


def after(c: Children) -> ast.Expr:
    """`(e after s, t)`"""
    c.need("(")
    arg = c.expr()
    c.need("after")
    changes = [c.stmt()]
    while c.skip(","):
        changes.append(c.stmt())
    c.need(")")
    return ast.After(arg, tuple(changes), c.span)


def match(c: Children) -> ast.Expr:
    """`match e { p -> a; q -> b }`"""
    c.need("match")
    arg = c.expr()
    c.need("{")
    cases = c.many(ast.MatchCase, (",", ";"))
    c.need("}")
    return ast.Match(arg, cases, c.span)


def case(c: Children) -> ast.MatchCase:
    """`p -> e`"""
    pattern = c.expr()
    c.need("->")
    return ast.MatchCase(pattern, c.expr(), c.span)


def pattern_any_list(c: Children) -> ast.Expr:
    """`[...]` is a list of one name, `...`, which nothing else can be called."""
    c.need("[")
    dots: Token = c.token()
    c.need("]")
    return ast.ListLit((ast.Name(dots.text, c.span_of(dots)),), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    **{rule: _binary(rule) for rule in _OPERATORS},
    "after": after,
    "always": prefix,
    "arith": signed,
    "brace_entry": brace_entry,
    "braces": braces,
    "call": call,
    "case": case,
    "choose_least": choose_least,
    "compare": signed,
    "eventually": prefix,
    "exists": suffix,
    "expr_only": expr_only,
    "field_of": field_of,
    "fold": fold,
    "if_": if_,
    "in_range": in_range,
    "index": index,
    "int_": int_,
    "let_": let_,
    "list_": list_,
    "match": match,
    "missing": suffix,
    "name": name,
    "named_arg": named_arg,
    "negate": prefix,
    "none": none,
    "not_": prefix,
    "parens": parens,
    "pattern_any_list": pattern_any_list,
    "pattern_expr": expr_only,
    "plain_arg": plain_arg,
    "quantifier": quantifier,
    "quantity": quantity,
    "sort_by": sort_by,
    "string": string,
    "timer_in": timer_in,
    "tuple_": tuple_,
    "while_stays": while_stays,
    "with_": with_,
}
