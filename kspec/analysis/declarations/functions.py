"""Functions: their bodies, and results where none are declared. Next: `components`."""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker, Unreported, Wrong, each
from kspec.analysis.declarations.components import component_env
from kspec.analysis.declarations.fields import declared
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check as check_expr
from kspec.analysis.expressions.expr import infer
from kspec.analysis.typed import TExpr, TFn
from kspec.analysis.types import Type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic
from kspec.base.source import Span
from kspec.syntax import ast


def find_function(c: Checker, full: str) -> None:
    """Check a function; its signature is known when its result is, its body after that."""
    decl, env = _function_decl(c, full)
    if decl is None:
        raise Unreported
    c.busy.append(full)
    try:
        parameters: list[tuple[str, Type]] = []
        for parameter in decl.parameters:
            if not isinstance(parameter, ast.TypedParameter):
                raise c.fail(_no_type(parameter))
            for ident in parameter.names:
                type_ = c.type_of(parameter.type, stored=False)
                parameters.append((ident.text, type_))
                env = env.bind(ident.text, type_)
        if decl.result is None:
            body = infer(c, decl.body, env)
            result = body.type
        else:
            result, body = _result(c, decl.result, decl.body, env)
    finally:
        c.busy.pop()
    owner = full.rpartition(".")[0] or None
    c.functions[full] = TFn(full, owner, tuple(parameters), result, body, decl.span)


def _no_type(parameter: ast.DrawnParameter) -> Diagnostic:
    name = parameter.name.text
    return report.simple(
        codes.NOT_ALLOWED_HERE,
        f"`{name}` of a function has no type",
        parameter.span,
        "drawn from a set",
        f"write `{name}: T`: a function has a value for every value of a type",
    )


def _result(c: Checker, node: ast.TypeNode, body: ast.Expr, env: Env) -> tuple[Type, TExpr]:
    """A function's body as its declared result; references in it are as live as the body's."""
    live, stored = c.type_of(node, stored=False), c.type_of(node, stored=True)
    why = declared(node)
    try:
        return live, check_expr(c, body, live, env, why)
    except Wrong:
        if live == stored:
            raise
    try:
        return stored, check_expr(c, body, stored, env, why)
    except Wrong:
        return live, check_expr(c, body, live, env, why)


def _function_decl(c: Checker, full: str) -> tuple[ast.FnDecl | None, Env]:
    owner, _, name = full.rpartition(".")
    if not owner:
        return c.tables.functions.get(name), Env()
    decl = c.tables.components[owner]
    env, _ = component_env(c, decl)
    for member in decl.members:
        if isinstance(member, ast.FnDecl) and member.name.text == name:
            return member, env
    return None, env


def all_functions(c: Checker) -> tuple[TFn, ...]:
    """Functions, those of components too; all that one of them asked for are found."""
    names: list[tuple[str, Span]] = [(n, d.span) for n, d in c.tables.functions.items()]
    for owner, decl in c.tables.components.items():
        names.extend(
            (f"{owner}.{m.name.text}", m.span) for m in decl.members if isinstance(m, ast.FnDecl)
        )
    each(c, names, lambda pair: c.function(*pair))
    return tuple(c.functions.values())
