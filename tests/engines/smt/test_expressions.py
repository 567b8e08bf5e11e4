"""The pinned values of expressions, as both encoders have them: the engine's, and the checker's.

Literals are hidden behind variables, else folding would do the solver's work.
"""

from __future__ import annotations

import z3
from attrs import frozen

from kspec.certify.formulas import Script
from kspec.certify.formulas import lift as lift_parts
from kspec.certify.meaning import Meaning, Names
from kspec.certify.recheck import _with_z3
from kspec.engines.smt.encode import Encoder, Env, Typed
from kspec.engines.smt.solver import Translator
from kspec.engines.smt.terms import Node, Terms, Truth
from kspec.engines.smt.values import Sym, leaves, lift
from kspec.ir import expr as nodes
from kspec.ir.expr import Expr, Lit, Ref, sort_of
from kspec.ir.rewrite import children, rebuild, subexpressions
from kspec.ir.sorts import Sort, Value
from tests.unit.semantics.cases import CASES


@frozen
class Hidden:
    """A literal that became a variable."""

    name: str
    sort: Sort
    value: Value


def hide(expr: Expr, found: list[Hidden]) -> Expr:
    """The same expression over variables instead of literals."""
    if isinstance(expr, Lit):
        found.append(Hidden(f"x{len(found)}", expr.sort, expr.value))
        return Ref(found[-1].name, expr.sort)
    return rebuild(expr, tuple(hide(child, found) for child in children(expr)))


def unknown(terms: Terms, sym: Sym, name: str) -> Sym:
    """Variables in the shape of a known value, with room around it."""
    if isinstance(sym, tuple):
        return tuple(unknown(terms, part, f"{name}.{n}") for n, part in enumerate(sym))
    if isinstance(sym, bool):
        return terms.flag(name)
    assert isinstance(sym, int)
    return terms.number(name, sym - 2, sym + 2)


def engine_differs(expr: Expr, value: Value) -> str:
    """Can the engine's encoding have another value? `unsat` if not."""
    hidden: list[Hidden] = []
    expr = hide(expr, hidden)
    encoder, translator = Encoder(Terms()), Translator()
    present: dict[str, Typed] = {}
    known: list[tuple[Sym, Sym]] = []
    for h in hidden:
        sym = unknown(encoder.terms, lift(h.sort, h.value), h.name)
        present[h.name] = (sym, h.sort)
        known.append((sym, lift(h.sort, h.value)))
    sort = sort_of(expr)
    same = encoder.values.same(sort, encoder.sym(expr, Env(present)), lift(sort, value))
    solver = z3.Solver(ctx=translator.context)
    for sym, is_ in known:
        for left, right in zip(leaves(sym), leaves(is_), strict=True):
            solver.add(translator.truth(equal(encoder.terms, left, right)))
    solver.add(translator.truth(encoder.terms.not_(same)))
    return str(solver.check())


def equal(terms: Terms, left: object, right: object) -> Truth:
    if isinstance(right, bool):
        assert isinstance(left, Node)
        return terms.iff(left, right)
    assert isinstance(left, int | Node) and isinstance(right, int)
    return terms.equal(left, right)


def checker_differs(expr: Expr, value: Value) -> str:
    """Can the checker's encoding have another value?"""
    hidden: list[Hidden] = []
    expr = hide(expr, hidden)
    script = Script()
    names: Names = {}
    for h in hidden:
        sym = script.variable(h.sort)
        names[Ref, h.name] = sym
        script.require(script.is_of(h.sort, sym))
        script.require(script.equal(sym, lift_parts(h.sort, h.value)))
    same = script.equal(Meaning(script, {}).of(expr, names), lift_parts(sort_of(expr), value))
    script.require(script.no(same))
    return _with_z3(script.text())


def test_every_case() -> None:
    assert [name for name, expr, value in CASES if engine_differs(expr, value) != "unsat"] == []


def test_every_case_as_the_checker_has_it() -> None:
    assert [name for name, expr, value in CASES if checker_differs(expr, value) != "unsat"] == []


def test_there_are_cases() -> None:
    assert len(CASES) > 50


def test_every_kind_of_node_occurs_in_them() -> None:
    """The checker has a table of kinds: what is not in it is no mistake before it is met."""
    met = {type(node) for _, case, _ in CASES for node in subexpressions(case)}
    kinds = {kind.strip() for kind in str(vars(nodes)["Expr"]).split("|")}
    assert kinds - {kind.__name__ for kind in met} <= {"Ref", "Old", "Local"}
