"""Types of expressions: what each form means and the coercions between forms.

`infer` finds the type of an expression, `check` fits it to a wanted one. Both raise `Wrong` at the
first mistake inside the expression. Quantifiers are in `quantify`, built-in functions in
`builtin`, claims over time in `claims`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import assert_never

from kspec.analysis import report
from kspec.analysis.checker import Checker
from kspec.analysis.env import Env
from kspec.analysis.expressions import (
    access,
    braces,
    coerce,
    matching,
    names,
    operators,
    quantify,
    temporal,
)
from kspec.analysis.expressions.literals import quantity
from kspec.analysis.typed import (
    TExpr,
    TIf,
    TLet,
    TList,
    TLit,
    TOrElse,
    TPrim,
    TSet,
    TSome,
    TTimer,
    TTuple,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    ListT,
    NothingT,
    OptT,
    SetT,
    TimerT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base.diagnostic import Label
from kspec.syntax import ast


def check(c: Checker, node: ast.Expr, wanted: Type, env: Env, why: Label | None = None) -> TExpr:
    """The expression as a value of the wanted type."""
    match node:
        case ast.Name(name, span) if isinstance(wanted, EnumT | OptT | TimerT):
            case = names.expected_case(c, name, span, wanted, env)
            if case is not None:
                return case
        case ast.Braces():
            return braces.braces(c, node, wanted, env)
        case ast.ListLit(items, span) if isinstance(wanted, ListT | SetT):
            parts = tuple(check(c, i, wanted.of, env) for i in items)
            return (
                TList(parts, wanted, span)
                if isinstance(wanted, ListT)
                else TSet(parts, wanted, span)
            )
        case ast.TupleLit(items, span) if isinstance(wanted, TupleT):
            if len(items) != len(wanted.parts):
                raise c.fail(report.parts(len(wanted.parts), len(items), span, why))
            parts = tuple(check(c, i, t, env) for i, t in zip(items, wanted.parts, strict=True))
            return TTuple(parts, wanted, span)
        case ast.IfExpr(cond, then, other, span):
            return TIf(
                check(c, cond, BoolT(), env.closed()),
                check(c, then, wanted, env, why),
                check(c, other, wanted, env, why),
                wanted,
                span,
            )
        case ast.LetExpr(name, value, body, span):
            bound = infer(c, value, env)
            inner = check(c, body, wanted, env.bind(name.text, bound.type), why)
            return TLet(name.text, bound, inner, wanted, span)
        case ast.Match():
            return matching.match_(c, node, wanted, env)
        case ast.Binary("or else", left, right, _, span) if not isinstance(wanted, OptT):
            first = check(c, left, OptT(wanted), env, why)
            if isinstance(first, TSome):
                raise c.fail(operators.always_there(first.arg))
            return TOrElse(first, check(c, right, wanted, env, why), wanted, span)
        case ast.Call(ast.Name(name, _)) if (
            name in ("sum", "product", "min", "max")
            and quantify.is_aggregate(node)
            and isinstance(node, ast.Call)
        ):
            term = wanted.of if isinstance(wanted, OptT) else wanted
            return coerce.fit(c, quantify.aggregate(c, name, node, env, term), wanted, why)
        case ast.QuantityLit(text, span):
            return coerce.fit(c, quantity(c, text, span, wanted), wanted, why)
        case ast.IntLit(value, span) if isinstance(wanted, UnitT):
            return TLit(Fraction(value), wanted, span)
        case _:
            pass
    return coerce.fit(c, infer(c, node, env), wanted, why)


def infer(c: Checker, node: ast.Expr, env: Env) -> TExpr:
    """The expression with the type that it has by itself."""
    match node:
        case ast.Name(name, span):
            return names.name(c, name, span, env)
        case ast.IntLit(value, span):
            return TLit(value, IntT(), span)
        case ast.QuantityLit(text, span):
            return quantity(c, text, span, None)
        case ast.StringLit():
            return braces.text_of(c, node, env)
        case ast.NoneLit(span):
            return TLit(None, NothingT("none"), span)
        case ast.TimerIn(duration, span):
            return TTimer(check(c, duration, UnitT("duration"), env), TimerT(), span)
        case ast.Braces():
            return braces.free_braces(c, node, env)
        case ast.ListLit(items, span):
            if not items:
                return TList((), NothingT("[]"), span)
            first, *rest = (infer(c, i, env) for i in items)
            joined = coerce.common(c, (first, *rest))
            return TList(joined, ListT(joined[0].type), span)
        case ast.TupleLit(items, span):
            typed = tuple(infer(c, i, env) for i in items)
            return TTuple(typed, TupleT(tuple(t.type for t in typed)), span)
        case ast.FieldOf():
            return access.field_of(c, node, env)
        case ast.IndexOf():
            return access.index_of(c, node, env)
        case ast.Call():
            return access.call(c, node, env)
        case ast.Unary():
            return operators.unary(c, node, env)
        case ast.Binary():
            return operators.binary(c, node, env)
        case ast.InRange(arg, lo, hi, span):
            inside = check(c, arg, IntT(), env)
            least, most = check(c, lo, IntT(), env), check(c, hi, IntT(), env)
            both = (
                TPrim("<=", (least, inside), BoolT(), span),
                TPrim("<=", (inside, most), BoolT(), span),
            )
            return TPrim("and", both, BoolT(), span)
        case ast.WithExpr():
            return operators.with_(c, node, env)
        case ast.Quantifier() | ast.SortBy() | ast.ChooseLeast() | ast.FoldExpr():
            return quantify.infer_quantified(c, node, env)
        case ast.LetExpr(name, value, body, span):
            bound = infer(c, value, env)
            inner = infer(c, body, env.bind(name.text, bound.type))
            return TLet(name.text, bound, inner, inner.type, span)
        case ast.IfExpr(cond, then, other, span):
            test = check(c, cond, BoolT(), env.closed())
            a, b = coerce.common(c, (infer(c, then, env), infer(c, other, env)))
            return TIf(test, a, b, a.type, span)
        case ast.WhileStays():
            return temporal.while_stays(c, node, env)
        case ast.After():
            from kspec.analysis.expressions.statements import after

            return after(c, node, env)
        case ast.Match():
            return matching.match_(c, node, None, env)
        case _:
            assert_never(node)
