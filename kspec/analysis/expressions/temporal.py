"""Claims over time: where they may stand and what they are made of."""

from __future__ import annotations

from typing import Final

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce
from kspec.analysis.typed import (
    TBinder,
    TExpr,
    TLive,
    TLives,
    TSeen,
    TTemporal,
)
from kspec.analysis.types import BoolT, KindT, ObjectT, TemporalT, Type
from kspec.base import codes
from kspec.base.source import Span
from kspec.syntax import ast

CALLS: Final = {"gone", "unchanged", "live", "seen"}


def formula(op: str, args: tuple[TExpr, ...], span: Span) -> TExpr:
    """A formula over runs."""
    return TTemporal(op, args, TemporalT(), span)


def _allowed(c: Checker, env: Env, span: Span, word: str) -> None:
    if not env.temporal:
        raise c.fail(
            report.simple(
                codes.NOT_A_VALUE,
                f"`{word}` speaks of runs; it has no value in a single state",
                span,
                "speaks of what comes",
                "claims over time stand in `property` only",
            )
        )


def unary(c: Checker, node: ast.Unary, env: Env) -> TExpr:
    """`always`, `eventually`"""
    from kspec.analysis.expressions.expr import infer

    _allowed(c, env, node.span, node.op)
    return formula(node.op, (_claim(c, infer(c, node.arg, env)),), node.span)


def binary(c: Checker, node: ast.Binary, env: Env) -> TExpr:
    """`until`, `leads to`"""
    from kspec.analysis.expressions.expr import infer

    _allowed(c, env, node.op_span, node.op)
    pair = (_claim(c, infer(c, node.left, env)), _claim(c, infer(c, node.right, env)))
    return formula({"leads to": "leads"}.get(node.op, node.op), pair, node.span)


def _claim(c: Checker, arg: TExpr) -> TExpr:
    return arg if isinstance(arg.type, TemporalT) else coerce.fit(c, arg, BoolT(), None)


def while_stays(c: Checker, node: ast.WhileStays, env: Env) -> TExpr:
    """`while e stays, f`"""
    from kspec.analysis.expressions.expr import infer

    _allowed(c, env, node.span, "while … stays")
    body = infer(c, node.body, env.closed())
    return formula("while-stays", (body, _claim(c, infer(c, node.then, env))), node.span)


def lives(
    c: Checker,
    node: ast.Quantifier,
    binders: tuple[TBinder, ...],
    where: TExpr | None,
    body: TExpr,
) -> TExpr:
    """A quantifier whose body speaks of runs: its identities are bound for a life."""
    if node.kind == "no":
        negated = formula("not", (body,), body.span)
        return TLives("all", binders, where, negated, TemporalT(), node.span)
    if node.kind not in ("all", "some"):
        raise c.fail(
            report.simple(
                codes.NOT_ALLOWED_HERE,
                f"`{node.kind}` cannot have a claim over time inside",
                body.span,
                "speaks of what comes",
                "`all`, `some` and `no` can",
            )
        )
    return TLives(node.kind, binders, where, body, TemporalT(), node.span)


def call(c: Checker, name: str, node: ast.Call, env: Env) -> TExpr:
    """`gone(p)`, `unchanged(e, …)`, `live(e)`, `seen(c, e)`"""
    from kspec.analysis.expressions import builtin
    from kspec.analysis.expressions.expr import infer

    match name:
        case "gone":
            _allowed(c, env, node.span, name)
            (arg,) = builtin.exactly(c, node, 1)
            who = infer(c, arg, env)
            if not isinstance(who.type, KindT):
                raise c.fail(report.mismatch(ObjectT(), who.type, who.span))
            return formula("gone", (who,), node.span)
        case "unchanged":
            _allowed(c, env, node.span, name)
            args = tuple(infer(c, a.value, env.closed()) for a in node.args)
            return formula("unchanged", args, node.span)
        case "live":
            (arg,) = builtin.exactly(c, node, 1)
            inner = infer(c, arg, env)
            return TLive(inner, inner.type, node.span)
        case _:
            return _seen(c, node, env)


def _seen(c: Checker, node: ast.Call, env: Env) -> TExpr:
    from kspec.analysis.expressions import builtin
    from kspec.analysis.expressions.expr import check, infer

    who, what = builtin.exactly(c, node, 2)
    name, given = _component(c, who)
    decl = c.tables.components.get(name.text)
    if not isinstance(decl, ast.ControllerDecl):
        known = [n for n, d in c.tables.components.items() if isinstance(d, ast.ControllerDecl)]
        raise c.fail(report.unknown_name(name.text, name.span, known, "controller"))
    instance: TExpr | None = None
    inside = env
    if decl.each is not None:
        binder, of = decl.each
        type_: Type = c.type_of(of, stored=False)
        if given is None:
            raise c.fail(report.arity(name.text, 1, 0, name.span))
        instance = check(c, given, type_, env)
        inside = env.bind(binder.text, type_)
    elif given is not None:
        raise c.fail(report.arity(name.text, 0, 1, name.span))
    watched = frozenset(
        w.kind.text for m in decl.members if isinstance(m, ast.Watches) for w in m.watches
    )
    from attrs import evolve

    arg = infer(c, what, evolve(inside, component=name.text, watched=watched))
    return TSeen(name.text, instance, arg, arg.type, node.span)


def _component(c: Checker, node: ast.Expr) -> tuple[ast.Ident, ast.Expr | None]:
    match node:
        case ast.Name(name, span):
            return ast.Ident(name, span), None
        case ast.Call(ast.Name(name, span), (ast.Arg(None, value, _),), None, None, _):
            return ast.Ident(name, span), value
        case _:
            raise c.fail(
                report.simple(
                    codes.NOT_ALLOWED_HERE,
                    "the first argument of `seen` is a controller",
                    node.span,
                    "not the name of a controller",
                    "write `seen(c, e)`: what controller `c` sees `e` to be",
                )
            )
