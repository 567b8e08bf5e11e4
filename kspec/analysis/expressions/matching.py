"""`match`: patterns, what they bind, and whether they leave anything out.

A family of `expr`, which dispatches; mistakes are raised as `Wrong`.
"""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import coerce, expr
from kspec.analysis.typed import (
    PAny,
    Pattern,
    PBind,
    PList,
    PLit,
    PNone,
    PTemplate,
    TExpr,
    TLit,
    TMatch,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    ListT,
    NameT,
    OptT,
    Type,
)
from kspec.base import codes
from kspec.syntax import ast


def match_(c: Checker, node: ast.Match, wanted: Type | None, env: Env) -> TExpr:
    """`match e { … }`; with a wanted type every case has it."""
    arg = expr.infer(c, node.arg, env)
    cases: list[tuple[Pattern, TExpr]] = []
    for case in node.cases:
        pattern, inner = _pattern(c, case.pattern, arg.type, env)
        body = (
            expr.infer(c, case.body, inner)
            if wanted is None
            else expr.check(c, case.body, wanted, inner)
        )
        cases.append((pattern, body))
    if not _covers(cases, arg.type):
        raise c.fail(report.not_total(_uncovered(cases, arg.type), arg.type, arg.span))
    bodies = tuple(b for _, b in cases)
    typed = bodies if wanted is not None else coerce.common(c, bodies)
    pairs = tuple((p, b) for (p, _), b in zip(cases, typed, strict=True))
    return TMatch(arg, pairs, typed[0].type, node.span)


def _covers(cases: list[tuple[Pattern, TExpr]], of: Type) -> bool:
    patterns = [p for p, _ in cases]
    if isinstance(patterns[-1], PAny):
        return True
    binds = any(isinstance(p, PBind) for p in patterns)
    if binds and (not isinstance(of, OptT) or any(isinstance(p, PNone) for p in patterns)):
        return True
    inner = of.of if isinstance(of, OptT) else of
    lits = {p.value.value for p in patterns if isinstance(p, PLit) and isinstance(p.value, TLit)}
    full = False
    if isinstance(inner, EnumT):
        full = set(inner.cases) <= lits
    elif isinstance(inner, BoolT):
        full = {True, False} <= lits
    return full and (not isinstance(of, OptT) or any(isinstance(p, PNone) for p in patterns))


def _uncovered(cases: list[tuple[Pattern, TExpr]], of: Type) -> list[str]:
    """Values that no case matches, where they can be listed."""
    patterns = [p for p, _ in cases]
    inner = of.of if isinstance(of, OptT) else of
    lits = {p.value.value for p in patterns if isinstance(p, PLit) and isinstance(p.value, TLit)}
    left: list[str] = []
    if not any(isinstance(p, PBind) for p in patterns):
        if isinstance(inner, EnumT):
            left = [case for case in inner.cases if case not in lits]
        elif isinstance(inner, BoolT):
            left = [word for word, v in (("true", True), ("false", False)) if v not in lits]
    if isinstance(of, OptT) and not any(isinstance(p, PNone) for p in patterns):
        left.append("none")
    return left


def _pattern(c: Checker, node: ast.Expr, of: Type, env: Env) -> tuple[Pattern, Env]:
    inner = of.of if isinstance(of, OptT) else of
    match node:
        case ast.Name("_", _):
            return PAny(), env
        case ast.NoneLit():
            return PNone(), env
        case ast.Name(name, span) if isinstance(inner, EnumT) and name in inner.cases:
            return PLit(TLit(name, inner, span)), env
        case ast.Name(name, span) if name in ("true", "false") and isinstance(inner, BoolT):
            return PLit(TLit(name == "true", inner, span)), env
        case ast.Name(name, _):
            return PBind(name, inner), env.bind(name, inner)
        case ast.StringLit(parts, _) if any(not isinstance(p, str) for p in parts):
            pieces: list[tuple[str, str]] = []
            for part in parts:
                if isinstance(part, str):
                    pieces.append(("text", part))
                elif isinstance(part, ast.Name):
                    pieces.append(("hole", part.name))
                    env = env if part.name == "_" else env.bind(part.name, NameT())
                else:
                    raise c.fail(
                        report.simple(
                            codes.NOT_ALLOWED_HERE, "a hole holds a name", part.span, "not a name"
                        )
                    )
            return PTemplate(tuple(pieces)), env
        case ast.ListLit(items, _) if isinstance(inner, ListT):
            patterns = []
            for item in items:
                pattern, env = _pattern(c, item, inner.of, env)
                patterns.append(pattern)
            return PList(tuple(patterns)), env
        case _:
            return PLit(expr.check(c, node, inner, env)), env
