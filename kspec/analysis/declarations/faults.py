"""Faults, what they block, and recoveries. Next: `actions`, which they are made like."""

from __future__ import annotations

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.declarations.actions import ActionHead, build_action
from kspec.analysis.declarations.patterns import action_types, matched
from kspec.analysis.env import Env
from kspec.analysis.expressions.expr import check
from kspec.analysis.typed import TAction, TExpr, TLet, TLit, TPrim, TVar
from kspec.analysis.types import BoolT, Type
from kspec.base import codes
from kspec.base.diagnostic import Diagnostic
from kspec.syntax import ast


def fault(c: Checker, decl: ast.FaultDecl | ast.RecoveryDecl) -> TAction:
    """A fault, or the end of one."""
    if decl.name.text == "tick":
        raise c.fail(report.reserved(decl.name.text, decl.name.span))
    for clause in decl.clauses:
        if isinstance(clause, ast.Next):
            raise c.fail(_at_once(decl, clause))
    env = Env()
    if isinstance(decl, ast.RecoveryDecl):
        fair = "none" if decl.may_last else "weak"
        spec = ActionHead(decl.name.text, decl.name.text, "recovery", fair)
        return build_action(c, spec, decl.parameters, decl.clauses, env, decl.span)
    blocks = None
    if decl.blocks is not None:
        blocks = _blocks(c, decl)
        spec = ActionHead(decl.name.text, decl.name.text, "fault", "none", None, (), blocks)
        return build_action(c, spec, decl.parameters, (), env, decl.span)
    spec = ActionHead(decl.name.text, decl.name.text, "fault", "none")
    return build_action(c, spec, decl.parameters, decl.clauses, env, decl.span)


def _at_once(decl: ast.FaultDecl | ast.RecoveryDecl, clause: ast.Next) -> Diagnostic:
    return report.simple(
        codes.NOT_ALLOWED_HERE,
        f"`{decl.name.text}` is no reconcile: what it does is done at once",
        clause.span,
        "a later step",
        "make it a fault of its own, or an action of an environment",
    )


def _blocks(c: Checker, decl: ast.FaultDecl) -> tuple[str, TExpr]:
    assert decl.blocks is not None
    ((name, names),) = matched(c, decl.blocks)
    types = dict(action_types(c, name))
    env = Env()
    for shown, (_, type_) in zip(names, types.items(), strict=False):
        env = env.bind(shown, type_)
    parts: list[TExpr] = []
    for clause in decl.clauses:
        if isinstance(clause, ast.When):
            parts.extend(check(c, p.cond, BoolT(), env) for p in clause.parts)
    true: TExpr = TLit(True, BoolT(), decl.span)
    when: TExpr = TPrim("and", (true, *parts), BoolT(), decl.span)
    return name, _spoken_of(when, tuple(zip(names, types.items(), strict=False)))


def _spoken_of(when: TExpr, names: tuple[tuple[str, tuple[str, Type]], ...]) -> TExpr:
    """A condition on an action's own names, from one that calls them otherwise."""
    other = [(shown, own, type_) for shown, (own, type_) in names if shown not in ("_", own)]
    # Through names that nobody can write, since two names may change places.
    for shown, own, type_ in other:
        when = TLet(shown, TVar(f"{own}~", type_, when.span), when, when.type, when.span)
    for _, own, type_ in other:
        when = TLet(f"{own}~", TVar(own, type_, when.span), when, when.type, when.span)
    return when
