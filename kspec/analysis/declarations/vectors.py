"""Test vectors: documents in, a truth value out."""

from __future__ import annotations

from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check
from kspec.analysis.expressions.statements import Setting, block
from kspec.analysis.typed import (
    TVectorCase,
    TVectors,
    TVectorSkip,
    TVectorWorld,
)
from kspec.analysis.types import BoolT, JsonT
from kspec.syntax import ast


def vectors(c: Checker, node: ast.VectorsDecl) -> TVectors:
    """A file of vectors: how each kind of case is read, built and judged."""
    env = Env()
    if node.file is not None:
        env = env.bind(node.file.text, JsonT())
    layout: tuple[str, str, str, str] | None = None
    worlds: list[TVectorWorld] = []
    cases: list[TVectorCase] = []
    skips: list[TVectorSkip] = []
    for item in node.items:
        match item:
            case ast.VectorLayout(a, k, i, o, _):
                layout = (a.text, k.text, i.text, o.text)
            case ast.VectorWorld(kinds, given, body, span):
                inner = env.bind(given.text, JsonT())
                stmts, _ = block(c, body, inner, Setting(bare=True))
                worlds.append(TVectorWorld(tuple(k.text for k in kinds), given.text, stmts, span))
            case ast.VectorCase():
                cases.append(_case(c, item, env))
            case ast.VectorSkip(kind, where, why, span):
                inner = env.bind("i", JsonT()).bind("o", JsonT())
                cond = check(c, where, BoolT(), inner) if where is not None else None
                skips.append(TVectorSkip(kind.text, "i", cond, why, span))
    return TVectors(
        node.path,
        node.file.text if node.file else None,
        layout,
        tuple(worlds),
        tuple(cases),
        tuple(skips),
        node.span,
    )


def _case(c: Checker, item: ast.VectorCase, env: Env) -> TVectorCase:
    inner = env.bind(item.input.text, JsonT()).bind(item.expected.text, JsonT())
    where = check(c, item.where, BoolT(), inner) if item.where is not None else None
    return TVectorCase(
        tuple(k.text for k in item.kinds),
        item.input.text,
        item.expected.text,
        where,
        check(c, item.body, BoolT(), inner),
        item.span,
    )
