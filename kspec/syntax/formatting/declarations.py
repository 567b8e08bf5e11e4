"""Declarations as canonical text: kinds, functions, controllers, properties, vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Final, assert_never

from kspec.syntax import ast
from kspec.syntax.formatting.doc import EMPTY, SPACE, Doc, Group, Nest, flat, has_hard
from kspec.syntax.formatting.expressions import expr, quoted
from kspec.syntax.formatting.follow import COMMA
from kspec.syntax.formatting.sheet import Child, Sheet
from kspec.syntax.formatting.statements import (
    CONTINUES,
    action,
    rule_body,
    statements,
    with_clauses,
)
from kspec.syntax.formatting.types import enum_cases, idents, parameters, type_

MAX_COLUMN: Final = 44
"""Fields wider than this do not move the `at` of their neighbours."""

_QUOTED: Final = frozenset({"valid", "approximates", "ignores"})
"""Words that begin another member where a field may begin."""


def field_name(name: ast.Ident) -> str:
    """A field's name, in quotes if it would be taken for something else."""
    plain = name.text.isascii() and name.text.isidentifier() and name.text not in _QUOTED
    return name.text if plain else quoted(name.text)


# ---- kinds -------------------------------------------------------------------------------------


def members(s: Sheet, given: Sequence[ast.Member], owner: ast.Item) -> Doc:
    """Members in braces, the `at` of neighbouring fields in one column."""
    columns = [0] * len(given) if s.is_flat(owner.span) else _columns(given)
    children: list[Child] = []
    for i, (m, column) in enumerate(zip(given, columns, strict=True)):
        behind = given[i + 1] if i + 1 < len(given) else None
        sep = ";" if behind is not None and _continues(behind) else ""
        children.append(Child(m.span, partial(member, s, m, column), sep))
    return s.block(children, owner.span)


def _continues(m: ast.Member) -> bool:
    """Would its name be taken for more of the member before it?"""
    return isinstance(m, ast.FieldDecl) and not m.flags and m.name.text in CONTINUES


def _columns(given: Sequence[ast.Member]) -> list[int]:
    """Where the `at` of each member begins, or 0."""
    columns: list[int] = []
    plain = Sheet(None, ())
    for _, run in groupby(given, key=lambda m: isinstance(m, ast.FieldDecl)):
        group = list(run)
        widths = [
            len(flat(_field_left(plain, m)))
            for m in group
            if isinstance(m, ast.FieldDecl) and m.at is not None
        ]
        columns += [max((w for w in widths if w <= MAX_COLUMN), default=0)] * len(group)
    return columns


def member(s: Sheet, m: ast.Member, column: int) -> Doc:
    """A field, with its `at` two blanks behind `column`; or another member."""
    match m:
        case ast.FieldDecl():
            left = _field_left(s, m)
            if m.at is None:
                return left
            pad = " " * max(column - len(flat(left)), 0) if not has_hard(left) else ""
            return (left, f"{pad}  {_at(m.at)}")
        case ast.Valid(cond):
            return ("valid ", Nest(2, expr(s, cond)))
        case ast.Ledger(word, path, why):
            return f"{word} {path.text} {quoted(why)}"
        case _:
            assert_never(m)


def _field_left(s: Sheet, m: ast.FieldDecl) -> Doc:
    flags = "".join(f"{flag} " for flag in m.flags)
    kind = type_(s, m.type)
    return (f"{flags}{field_name(m.name)}: ", kind, _default(s, m.default))


def _default(s: Sheet, default: ast.Expr | None) -> Doc:
    return EMPTY if default is None else (" = ", Nest(2, expr(s, default)))


def _at(at: ast.At) -> str:
    paths = ", ".join(path.text for path in at.paths)
    match at.read:
        case None:
            return f"at {paths}"
        case "exists":
            return f"at {paths} exists"
        case read:
            word = at.word.text if at.word else ""
            plain = read == "by" or (word.isascii() and word.isidentifier())
            return f"at {paths} {read} {word if plain else quoted(word)}"


def kind(s: Sheet, k: ast.KindDecl) -> Doc:
    """`const kind K is M from apps/v1 key name { … }`"""
    const = "const " if k.const else ""
    versions = ", ".join(v.text + (f" named {v.named.text}" if v.named else "") for v in k.versions)
    bases = f" is {idents(k.bases)}" if k.bases else ""
    source = f" from {versions}" if versions else ""
    key = f" key {idents(k.key)}" if k.key else ""
    return (f"{const}kind {k.name.text}{bases}{source}{key} ", members(s, k.members, k))


def data_decl(
    s: Sheet,
    d: ast.EnumDecl
    | ast.AliasDecl
    | ast.RecordDecl
    | ast.MixinDecl
    | ast.KindDecl
    | ast.ExtendDecl
    | ast.ParamDecl
    | ast.UniverseDecl
    | ast.FnDecl
    | ast.EffectDecl,
) -> Doc:
    """A declaration of data, a function or an effect."""
    match d:
        case ast.EnumDecl(name, cases):
            return (f"enum {name.text} ", enum_cases(cases))
        case ast.AliasDecl(name, of):
            return (f"type {name.text} = ", type_(s, of))
        case ast.RecordDecl(name, given):
            return (f"record {name.text} ", members(s, given, d))
        case ast.MixinDecl(name, bases, given):
            extends = f" is {idents(bases)}" if bases else ""
            return (f"mixin {name.text}{extends} ", members(s, given, d))
        case ast.KindDecl():
            return kind(s, d)
        case ast.ExtendDecl(name, given):
            return (f"extend {name.text} ", members(s, given, d))
        case ast.ParamDecl():
            return param(s, d)
        case ast.UniverseDecl(name, of, value):
            return _defined(s, (f"universe {name.text}: ", type_(s, of), " ="), value)
        case ast.FnDecl():
            return fn(s, d)
        case ast.EffectDecl(name, given_, body):
            head = parameters(s, given_) if given_ else "()"
            return (f"effect {name.text}", head, " ", s.block(statements(s, body), d.span))
        case _:
            assert_never(d)


def param(s: Sheet, p: ast.ParamDecl) -> Doc:
    """`param p: T = e`"""
    of = type_(s, p.type)
    return (f"param {p.name.text}: ", of, _default(s, p.default))


def fn(s: Sheet, f: ast.FnDecl) -> Doc:
    """`fn f(x: T): U = e`"""
    given = parameters(s, f.parameters)
    result = EMPTY if f.result is None else (": ", type_(s, f.result))
    head = (f"fn {f.name.text}", given, result, " =")
    return _defined(s, head, f.body)


def _defined(s: Sheet, head: Doc, body: ast.Expr) -> Doc:
    """A head and what it says, on the next line if it does not fit on this one."""
    inside = expr(s, body)
    if isinstance(body, ast.Match | ast.Braces | ast.ListLit):
        return (head, " ", inside)
    return Group((head, Nest(2, (SPACE, inside))))


# ---- behaviour ---------------------------------------------------------------------------------


def behaviour(
    s: Sheet,
    d: ast.ControllerDecl | ast.EnvironmentDecl | ast.FaultDecl | ast.RecoveryDecl | ast.GhostDecl,
) -> Doc:
    """What behaves, and ghosts."""
    match d:
        case ast.ControllerDecl(name, each, instances, given):
            over = (f" for {each[0].text}: ", type_(s, each[1])) if each else EMPTY
            count = EMPTY if instances is None else (" instances ", expr(s, instances, 8))
            return (f"controller {name.text}", over, count, " ", _controller(s, given, d))
        case ast.EnvironmentDecl(name, given_):
            return (f"environment {name.text} ", _controller(s, given_, d))
        case ast.FaultDecl(name, params, blocks, clauses):
            stops = f" blocks {pattern(blocks)}" if blocks else ""
            head = (f"fault {name.text}", parameters(s, params), stops)
            return with_clauses(s, head, clauses, d)
        case ast.RecoveryDecl(name, params, may_last, clauses):
            lasts = " may last" if may_last else ""
            head = (f"recovery {name.text}", parameters(s, params), lasts)
            return with_clauses(s, head, clauses, d)
        case ast.GhostDecl(name, of, init, rules):
            return (f"ghost {name.text}: ", type_(s, of), " = ", _ghost(s, init, rules, d))
        case _:
            assert_never(d)


def _ghost(s: Sheet, init: ast.Expr, rules: Sequence[ast.GhostRule], d: ast.GhostDecl) -> Doc:
    start = expr(s, init)
    if not rules:
        return start
    children = [Child(r.span, partial(_rule, s, r)) for r in rules]
    return (start, " ", s.block(children, d.span, " "))


def _rule(s: Sheet, rule: ast.GhostRule) -> Doc:
    return (f"on {pattern(rule.pattern)}: ", rule_body(s, rule))


def _controller(
    s: Sheet, given: Sequence[ast.ControllerMember], owner: ast.ControllerDecl | ast.EnvironmentDecl
) -> Doc:
    children = [Child(m.span, partial(controller_member, s, m)) for m in given]
    return s.block(children, owner.span)


def controller_member(s: Sheet, m: ast.ControllerMember) -> Doc:
    """A member of a controller or an environment."""
    match m:
        case ast.Watches(watches):
            return (
                "watches ",
                Group(
                    Nest(
                        2,
                        s.listed([Child(w.span, partial(_watch, s, w)) for w in watches]),
                    )
                ),
            )
        case ast.ActsAs(actor):
            return f"acts as {quoted(actor)}"
        case ast.MemoryDecl(local, name, of, default):
            word = "local" if local else "memory"
            kind_ = type_(s, of)
            return (f"{word} {name.text}: ", kind_, _default(s, default))
        case ast.ParamDecl():
            return param(s, m)
        case ast.FnDecl():
            return fn(s, m)
        case ast.ActionDecl():
            return action(s, m)
        case ast.Ordered(actions):
            children = [Child(a.span, partial(action, s, a)) for a in actions]
            return ("ordered ", s.block(children, m.span))
        case _:
            assert_never(m)


def _watch(s: Sheet, w: ast.Watch) -> Doc:
    return (w.kind.text, EMPTY if w.where is None else (" where ", expr(s, w.where, 0, COMMA)))


def pattern(p: ast.Pattern) -> str:
    """`c.a(x, _)`, `any step`"""
    if not p.path:
        return "any step"
    names = "" if p.names is None else f"({idents(p.names)})"
    return ".".join(i.text for i in p.path) + names


# ---- claims ------------------------------------------------------------------------------------


def claim_decl(s: Sheet, d: ast.PropertyDecl | ast.LawDecl | ast.VectorsDecl) -> Doc:
    """A property, a law, vectors."""
    match d:
        case ast.PropertyDecl(name, sentence, claim, lemma=lemma):
            invariant = _invariant(claim)
            word = "property" if invariant is None else "lemma" if lemma else "invariant"
            head = f"{word} {name.text}{_sentence(sentence)}:"
            inside = _claim(s, claim) if invariant is None else expr(s, invariant)
            return Group((head, Nest(2, (SPACE, inside))))
        case ast.LawDecl(name, belief, sentence, body, induction):
            word = "belief" if belief else "law"
            head = f"{word} {name.text}{_sentence(sentence)}:"
            by = f" by induction on {induction.text}" if induction else ""
            return Group((head, Nest(2, (SPACE, expr(s, body), by))))
        case ast.VectorsDecl(path, file, items):
            named = f" ({file.text})" if file else ""
            children = [Child(i.span, partial(_vector, s, i)) for i in items]
            return (f"vectors {quoted(path)}{named} ", s.block(children, d.span, " "))
        case _:
            assert_never(d)


def _sentence(sentence: str | None) -> str:
    return "" if sentence is None else f" {quoted(sentence)}"


def _invariant(claim: ast.Claim) -> ast.Expr | None:
    """The body of `always e` where `always` was not written: it has the span of what it holds."""
    match claim:
        case ast.TemporalClaim(ast.Unary("always", body, span)) if body.span == span:
            return body
        case _:
            return None


def _claim(s: Sheet, claim: ast.Claim) -> Doc:
    match claim:
        case ast.TemporalClaim(body):
            return expr(s, body)
        case ast.OnStep(step, where, body):
            cond = EMPTY if where is None else (" where ", expr(s, where))
            return (f"on {pattern(step)}", cond, ":", Nest(2, (SPACE, expr(s, body))))
        case ast.ReachableClaim(body):
            return ("reachable ", Nest(2, expr(s, body)))
        case ast.DeadlockClaim():
            return "no deadlock"
        case ast.ValuesClaim(count, body, where):
            cond = EMPTY if where is None else (" where ", expr(s, where))
            return (f"{count} values of ", Nest(2, expr(s, body)), cond)
        case ast.SettlesClaim(negated, paths):
            word = "oscillates" if negated else "settles"
            return f"{word} {idents(paths)}".rstrip()
        case _:
            assert_never(claim)


def _vector(
    s: Sheet, v: ast.VectorLayout | ast.VectorWorld | ast.VectorCase | ast.VectorSkip
) -> Doc:
    match v:
        case ast.VectorLayout(cases, kind_, given, expected):
            first = f"cases at {cases.text} kind at {kind_.text}"
            return f"{first} input at {given.text} expected at {expected.text}"
        case ast.VectorWorld(kinds, given, body):
            head = f"world {idents(kinds)}({given.text}) "
            return (head, s.block(statements(s, body), v.span))
        case ast.VectorCase(kinds, given, expected, where, body):
            cond = EMPTY if where is None else (" where ", expr(s, where))
            head = f"case {idents(kinds)}({given.text}, {expected.text})"
            return Group((head, cond, ":", Nest(2, (SPACE, expr(s, body)))))
        case ast.VectorSkip(kind_, where, why):
            cond = EMPTY if where is None else (" where ", expr(s, where))
            return (f"skip {kind_.text}", cond, f" because {quoted(why)}")
        case _:
            assert_never(v)
