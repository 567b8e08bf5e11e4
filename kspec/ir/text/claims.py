"""Claims and temporal formulas as nested lists, both ways. The grammar is in `whole`."""

from __future__ import annotations

from typing import assert_never

from kspec.ir.system import (
    Action,
    Always,
    AndF,
    Claim,
    EachLife,
    EachValue,
    Eventually,
    Formula,
    Holds,
    Invariant,
    NoDeadlock,
    NotF,
    Occurrence,
    OrF,
    Reachable,
    Settles,
    StepCase,
    Steps,
    Temporal,
    Unchanged,
    Until,
    Values,
)
from kspec.ir.text.expressions import Scope, read_binder, read_expr, write_binder, write_expr
from kspec.ir.text.sexpr import Group, Misread, Node, group, name
from kspec.ir.text.sorts import head_of, read_group, read_name, read_number


def case_scope(action: str, actions: tuple[Action, ...], scope: Scope) -> Scope:
    """What the body of a case sees: the params, choices and lets of its action.

    Names already bound (by a quantifier around the formula) are hidden by them.
    """
    for known in actions:
        if known.name == action:
            inner = scope.bind(*known.params, *known.choices)
            for bound, expr in known.lets:
                inner = inner.bind_to(bound, expr)
            return inner
    return scope


def write_claim(claim: Claim, actions: tuple[Action, ...], scope: Scope) -> Node:
    """A claim; the inverse of `read_claim`."""
    match claim:
        case Invariant(body):
            return group("invariant", write_expr(body, scope))
        case Occurrence(cases):
            return group("on-steps", *_write_cases(cases, actions, scope))
        case Reachable(body):
            return group("reachable", write_expr(body, scope))
        case NoDeadlock():
            return group("no-deadlock")
        case Settles(observed, negated):
            return group("oscillates" if negated else "settles", *map(name, observed))
        case Temporal(formula):
            return group("temporal", write_formula(formula, actions, scope))
        case Values(body, where, count):
            parts = write_expr(body, scope), write_expr(where, scope)
            return group("values", str(count), *parts)
        case _:
            assert_never(claim)


def _write_cases(
    cases: tuple[StepCase, ...], actions: tuple[Action, ...], scope: Scope
) -> list[Node]:
    return [
        group("on", name(c.action), write_expr(c.body, case_scope(c.action, actions, scope)))
        for c in cases
    ]


def write_formula(formula: Formula, actions: tuple[Action, ...], scope: Scope) -> Node:
    """A temporal formula; the inverse of `read_formula`."""

    def inner(arg: Formula) -> Node:
        return write_formula(arg, actions, scope)

    match formula:
        case Holds(body):
            return group("holds", write_expr(body, scope))
        case Steps(cases):
            return group("steps", *_write_cases(cases, actions, scope))
        case NotF(arg):
            return group("not", inner(arg))
        case AndF(args):
            return group("and", *map(inner, args))
        case OrF(args):
            return group("or", *map(inner, args))
        case Always(arg):
            return group("always", inner(arg))
        case Eventually(arg):
            return group("eventually", inner(arg))
        case Until(left, right):
            return group("until", inner(left), inner(right))
        case Unchanged(body):
            return group("unchanged", write_expr(body, scope))
        case EachLife(binder, live, arg):
            within = scope.bind(binder)
            parts = write_expr(live, within), write_formula(arg, actions, within)
            return group("each-life", write_binder(binder, scope), *parts)
        case EachValue(binder, arg):
            body_node = write_formula(arg, actions, scope.bind(binder))
            return group("each-value", write_binder(binder, scope), body_node)
        case _:
            assert_never(formula)


def read_claim(node: Group, actions: tuple[Action, ...], scope: Scope) -> Claim:
    """The claim a node stands for. Raises `Misread`."""
    match head_of(node), node.items[1:]:
        case "invariant", (body,):
            return Invariant(read_expr(body, scope))
        case "on-steps", cases:
            return Occurrence(_read_cases(cases, actions, scope))
        case "reachable", (body,):
            return Reachable(read_expr(body, scope))
        case "no-deadlock", ():
            return NoDeadlock()
        case ("settles" | "oscillates") as head, observed:
            return Settles(tuple(map(read_name, observed)), head == "oscillates")
        case "temporal", (formula,):
            return Temporal(read_formula(formula, actions, scope))
        case "values", (count, body, where):
            wanted = read_number(count)
            return Values(read_expr(body, scope), read_expr(where, scope), wanted)
        case head, _:
            raise Misread(node.offset, f"not a claim: ({head} ...)")


def _read_cases(
    nodes: tuple[Node, ...], actions: tuple[Action, ...], scope: Scope
) -> tuple[StepCase, ...]:
    cases = []
    for node in nodes:
        on, called, body = read_group(node, 3).items
        if on != name("on"):
            raise Misread(on.offset, "(on NAME EXPR) is wanted")
        action = read_name(called)
        cases.append(StepCase(action, read_expr(body, case_scope(action, actions, scope))))
    return tuple(cases)


def read_formula(node: Node, actions: tuple[Action, ...], scope: Scope) -> Formula:
    """The formula a node stands for. Raises `Misread`."""

    def inner(arg: Node) -> Formula:
        return read_formula(arg, actions, scope)

    match head_of(read_group(node)), read_group(node).items[1:]:
        case "holds", (body,):
            return Holds(read_expr(body, scope))
        case "steps", cases:
            return Steps(_read_cases(cases, actions, scope))
        case "not", (arg,):
            return NotF(inner(arg))
        case "and", args:
            return AndF(tuple(map(inner, args)))
        case "or", args:
            return OrF(tuple(map(inner, args)))
        case "always", (arg,):
            return Always(inner(arg))
        case "eventually", (arg,):
            return Eventually(inner(arg))
        case "until", (left, right):
            return Until(inner(left), inner(right))
        case "unchanged", (body,):
            return Unchanged(read_expr(body, scope))
        case "each-life", (binder, live, arg):
            bound = read_binder(binder, scope)
            within = scope.bind(bound)
            formula = read_formula(arg, actions, within)
            return EachLife(bound, read_expr(live, within), formula)
        case "each-value", (binder, arg):
            bound = read_binder(binder, scope)
            return EachValue(bound, read_formula(arg, actions, scope.bind(bound)))
        case head, _:
            raise Misread(node.offset, f"not a formula: ({head} ...)")
