"""Builds properties, laws and vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from kspec.syntax import ast
from kspec.syntax.building.children import Builder, Children, Stmts
from kspec.syntax.building.kinds import paths
from kspec.syntax.building.text import maybe_plain, plain

_CLAIM: Final = frozenset(
    {
        ast.TemporalClaim,
        ast.OnStep,
        ast.ReachableClaim,
        ast.DeadlockClaim,
        ast.SettlesClaim,
        ast.ValuesClaim,
    }
)
_VECTOR: Final = frozenset({ast.VectorLayout, ast.VectorWorld, ast.VectorCase, ast.VectorSkip})


def invariant(c: Children) -> ast.Item:
    """`invariant i "…": e` is a property that is always so; `lemma l: e` one that helps proofs."""
    is_lemma = c.token("INVARIANT", "LEMMA").kind == "LEMMA"
    name = c.ident()
    sentence = maybe_plain(c)
    c.need(":")
    body = c.expr()
    claim = ast.TemporalClaim(ast.Unary("always", body, body.span), body.span)
    return ast.PropertyDecl(name, sentence, claim, c.span, is_lemma)


def property_(c: Children) -> ast.Item:
    """`property p "…": claim`"""
    c.need("property")
    name = c.ident()
    sentence = maybe_plain(c)
    c.need(":")
    if type(c.peek()) not in _CLAIM:
        raise c.wrong(f"not a claim: {c.peek()!r}")
    return ast.PropertyDecl(name, sentence, cast(ast.Claim, c.part()), c.span)


def temporal_claim(c: Children) -> ast.Claim:
    """A formula."""
    return ast.TemporalClaim(c.expr(), c.span)


def on_step(c: Children) -> ast.Claim:
    """`on c.a(x) where g: e`"""
    c.need("on")
    pattern = c.take(ast.Pattern)
    where = c.expr_after("where")
    c.need(":")
    return ast.OnStep(pattern, where, c.expr(), c.span)


def reachable_claim(c: Children) -> ast.Claim:
    """`reachable e`"""
    c.need("reachable")
    return ast.ReachableClaim(c.expr(), c.span)


def deadlock_claim(c: Children) -> ast.Claim:
    """`no deadlock`"""
    c.need("no", "deadlock")
    return ast.DeadlockClaim(c.span)


def settles_claim(c: Children) -> ast.Claim:
    """`settles …`, `oscillates …`"""
    negated = c.token("SETTLES", "OSCILLATES").kind == "OSCILLATES"
    return ast.SettlesClaim(negated, paths(c), c.span)


def values_claim(c: Children) -> ast.Claim:
    """`10 values of e where c`"""
    count = int(c.token("INT").text)
    c.need("values", "of")
    return ast.ValuesClaim(count, c.expr(), c.expr_after("where"), c.span)


def law(c: Children) -> ast.Item:
    """`law l "…": e by induction on n`, `belief l "…": e`"""
    belief = c.token("LAW", "BELIEF").kind == "BELIEF"
    name = c.ident()
    sentence = maybe_plain(c)
    c.need(":")
    body = c.expr()
    induction = None
    if c.skip("by"):
        c.need("induction", "on")
        induction = c.ident()
    return ast.LawDecl(name, belief, sentence, body, induction, c.span)


def vectors(c: Children) -> ast.Item:
    """`vectors "file.json" (f) { … }`"""
    c.need("vectors")
    path = plain(c)
    file = None
    if c.skip("("):
        file = c.ident()
        c.need(")")
    c.need("{")
    items: list[ast.VectorLayout | ast.VectorWorld | ast.VectorCase | ast.VectorSkip] = []
    while not c.skip("}"):
        if type(c.peek()) not in _VECTOR:
            raise c.wrong(f"not a vector item: {c.peek()!r}")
        items.append(
            cast("ast.VectorLayout | ast.VectorWorld | ast.VectorCase | ast.VectorSkip", c.part())
        )
    return ast.VectorsDecl(path, file, tuple(items), c.span)


def vector_layout(c: Children) -> ast.VectorLayout:
    """`cases at P kind at P input at P expected at P`"""
    cases = _at(c, "cases")
    kind = _at(c, "kind")
    given = _at(c, "input")
    return ast.VectorLayout(cases, kind, given, _at(c, "expected"), c.span)


def _at(c: Children, word: str) -> ast.Ident:
    c.need(word, "at")
    return c.ident("PATH")


def vector_world(c: Children) -> ast.VectorWorld:
    """`world K(i) { … }`"""
    c.need("world")
    kinds = _kinds(c)
    c.need("(")
    given = c.ident()
    c.need(")")
    return ast.VectorWorld(kinds, given, c.take(Stmts).body, c.span)


def vector_kind(c: Children) -> ast.Ident:
    """`ruleAllows`, `unit-test`"""
    return c.ident("NAME", "DASHED")


def _kinds(c: Children) -> tuple[ast.Ident, ...]:
    return c.many(ast.Ident, (",",))


def vector_case(c: Children) -> ast.VectorCase:
    """`case K(i, o) where g: e`"""
    c.need("case")
    kinds = _kinds(c)
    c.need("(")
    given = c.ident()
    c.need(",")
    expected = c.ident()
    c.need(")")
    where = c.expr_after("where")
    c.need(":")
    return ast.VectorCase(kinds, given, expected, where, c.expr(), c.span)


def vector_skip(c: Children) -> ast.VectorSkip:
    """`skip K where g because "…"`"""
    c.need("skip")
    kind = c.take(ast.Ident)
    where = c.expr_after("where")
    c.need("because")
    return ast.VectorSkip(kind, where, plain(c), c.span)


BUILDERS: Final[Mapping[str, Builder]] = {
    "belief": law,
    "deadlock_claim": deadlock_claim,
    "invariant": invariant,
    "law": law,
    "lemma": invariant,
    "on_step": on_step,
    "oscillates_claim": settles_claim,
    "property": property_,
    "reachable_claim": reachable_claim,
    "settles_claim": settles_claim,
    "temporal_claim": temporal_claim,
    "values_claim": values_claim,
    "vector_case": vector_case,
    "vector_kind": vector_kind,
    "vector_layout": vector_layout,
    "vector_skip": vector_skip,
    "vector_world": vector_world,
    "vectors": vectors,
}
