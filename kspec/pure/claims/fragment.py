"""Is a law one that a solver decides for any number of objects?

Negated, a law asks for a world. Where nothing leads from a kind back to itself, neither a field
that holds a reference nor a `some` under an `all` of what is asked for, only finitely many objects
matter for each that the law speaks of, and a solver that tries them all ends (the formulas of
Bernays and Schönfinkel; with sorts: Abadi, Rabinovich, Sagiv, "Decidable fragments of many-sorted
logic", 2010). What is outside may be decided all the same. Numbers may be compared, not computed,
and nothing may be counted. Nothing here decides a law. Next: `posing`,
`kspec.driver.every_size.every_law`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias, final

from attrs import field, frozen, mutable

from kspec.analysis.typed import (
    Comp,
    OverKind,
    OverList,
    OverOption,
    OverSet,
    Program,
    TAfter,
    TBinder,
    TCall,
    TComp,
    TField,
    TFold,
    TForStmt,
    TIf,
    TLaw,
    TLet,
    TPrim,
    TRefField,
)
from kspec.analysis.types import KeyT, KindT, ListT, MapT, OptT, RecordT, SetT, TupleT, Type
from kspec.base.node import nodes, parts
from kspec.base.source import Span
from kspec.pure.values.world import Tables

Kinds: TypeAlias = "tuple[str, ...]"
Under: TypeAlias = "tuple[tuple[str, str], ...]"
"""Kinds of objects that are spoken of in general, each with the word that says so."""


@final
@frozen
class Outside:
    """No such law; what it is that keeps it from being one, and where it stands."""

    why: str
    span: Span


def outside(program: Program, law: TLaw, kinds: Kinds | None = None) -> Outside | None:
    """What keeps a law from being decided at every size; None if nothing does. `kinds` are those
    of which there may be any number, None for all."""
    seen = _Walk(Tables(program), program, kinds)
    if law.induction is not None:
        return Outside("it is about numbers without end", law.span)
    seen.walk(law.body, False, ())
    return seen.found or seen.cycle()


_ARITHMETIC: Final = ("+", "-", "*", "/", "div", "mod", "neg", "abs", "min", "max", "floor", "ceil")
_MEASURES: Final = ("size", "len", "age", "values", "keys")
_QUANTIFIERS: Final = (Comp.ALL, Comp.SOME, Comp.NO)
_BOTH: Final = (Comp.ONE, Comp.SET, Comp.UNION, Comp.MAP)


@final
@frozen
class _Edge:
    """From objects of one kind to one of another: by a field, or by a quantifier."""

    how: str
    span: Span


@final
@mutable(eq=False)
class _Walk:
    """Goes through a formula. `sign` says how it is asked for: as it stands, negated, or both
    (None); `under` is what is spoken of in general around it."""

    tables: Tables
    program: Program
    kinds: Kinds | None
    edges: dict[tuple[str, str], _Edge] = field(factory=dict)
    found: Outside | None = None
    calling: list[str] = field(factory=list)

    def walk(self, node: object, sign: bool | None, under: Under) -> None:
        """One part of it, with all that it calls."""
        if self.found is not None:
            return
        match node:
            case TComp():
                self._comp(node, sign, under)
            case TPrim():
                self._prim(node, sign, under)
            case TCall(name, args):
                self._all(args, None, under)
                self._call(node, name, sign, under)
            case TIf(cond, then, other):
                self.walk(cond, None, under)
                self._all((then, other), sign, under)
            case TLet(_, value, body):
                self.walk(value, None, under)
                self.walk(body, sign, under)
            case TAfter(arg, changes):
                self._all(changes, None, under)
                self.walk(arg, sign, under)
            case TForStmt(binders, where, body):
                inside = self._bound(binders, None, under, "for")
                self._all((where, body), None, inside)
            case TField(arg, name) | TRefField(arg, name):
                self._leads(arg.type, name, node.span)
                self.walk(arg, None, under)
            case TFold():
                self.found = Outside("a fold along a list", node.span)
            case _:
                self._all(parts(node), None, under)

    def _all(self, many: tuple[object, ...], sign: bool | None, under: Under) -> None:
        for one in many:
            self.walk(one, sign, under)

    def _call(self, call: TCall, name: str, sign: bool | None, under: Under) -> None:
        function = self.tables.functions.get(name)
        if function is None:
            return
        if name in self.calling:
            self.found = Outside(f"`{name}` calls itself", call.span)
            return
        self.calling.append(name)
        self.walk(function.body, sign, under)
        self.calling.pop()

    def _prim(self, prim: TPrim, sign: bool | None, under: Under) -> None:
        if prim.op in _MEASURES and any(_holds(self.program, a.type) for a in prim.args):
            self.found = Outside(f"`{prim.op}` of objects is a number", prim.span)
        elif prim.op in _ARITHMETIC and _reads(prim):
            self.found = Outside(
                f"`{prim.op}` computes, where only comparing is decided", prim.span
            )
        elif prim.op in ("and", "or"):
            self._all(prim.args, sign, under)
        elif prim.op == "not":
            self._all(prim.args, _other(sign), under)
        elif prim.op == "implies":
            self._all(prim.args[:-1], _other(sign), under)
            self.walk(prim.args[-1], sign, under)
        else:
            self._all(prim.args, None, under)

    def _comp(self, comp: TComp, sign: bool | None, under: Under) -> None:
        listed = any(_is_list(self.program, b) for b in comp.binders)
        objects = any(self._is_endless(_kind_of(b)) for b in comp.binders)
        if listed or (objects and comp.kind not in (*_QUANTIFIERS, *_BOTH)):
            self.found = Outside(f"`{comp.kind.value}` of objects", comp.span)
            return
        as_it_stands = sign if comp.kind in _QUANTIFIERS else None
        inner = _other(as_it_stands) if comp.kind is Comp.NO else as_it_stands
        general = as_it_stands if comp.kind is not Comp.SOME else _other(as_it_stands)
        inside = self._bound(comp.binders, general, under, comp.kind.value)
        self.walk(comp.where, _other(inner) if comp.kind is Comp.ALL else inner, inside)
        self._all((comp.body, comp.key), inner, inside)

    def _bound(
        self, binders: tuple[TBinder, ...], general: bool | None, under: Under, word: str
    ) -> Under:
        """With names for objects of these kinds: for all of them if `general`, for one if not."""
        for binder in binders:
            over = binder.over
            if isinstance(over, OverSet | OverList | OverOption):
                self.walk(over.arg, None, under)
            kind = _kind_of(binder)
            if not self._is_endless(kind):
                continue
            if general is not True:
                for above, by in under:
                    edge = _Edge(f"`{word}` under `{by}`", binder.span)
                    self.edges.setdefault((above, kind), edge)
            if general is not False:
                under = (*under, (kind, word))
        return under

    def _is_endless(self, kind: str) -> bool:
        return bool(kind) and (self.kinds is None or kind in self.kinds)

    def _leads(self, owner: Type, name: str, span: Span) -> None:
        """A field that holds a reference is a function from one kind to another."""
        of = owner.of if isinstance(owner, OptT) else owner
        if not isinstance(of, KindT):
            return
        declared = self.tables.fields.get(of.name, {}).get(name)
        if declared is None or not self._is_endless(of.name):
            return
        for target in filter(self._is_endless, _targets(self.program, declared.type)):
            self.edges.setdefault((of.name, target), _Edge(f"`.{name}`", span))

    def cycle(self) -> Outside | None:
        """A way from a kind back to itself."""
        for (start, end), edge in self.edges.items():
            if self._reaches(end, start):
                way = (
                    f"from {start} to {end} and back" if start != end else f"from {start} to {end}"
                )
                return Outside(f"{edge.how} goes {way}", edge.span)
        return None

    def _reaches(self, start: str, end: str) -> bool:
        done, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            if here == end:
                return True
            for a, b in self.edges:
                if a == here and b not in done:
                    done.add(b)
                    waiting.append(b)
        return False


def _other(sign: bool | None) -> bool | None:
    return None if sign is None else not sign


def _kind_of(binder: TBinder) -> str:
    """The kind of the objects that a name stands for, where there may be any number of them."""
    match binder.over, binder.type:
        case OverKind(kind), _:
            return kind
        case OverSet(), KindT(kind):
            return kind
        case _:
            return ""


def _is_list(program: Program, binder: TBinder) -> bool:
    return isinstance(binder.over, OverList) and _holds(program, binder.over.arg.type)


def _reads(prim: TPrim) -> bool:
    """Is it more than a number that is written out?"""
    wanted = (TField, TRefField, TComp, TCall)
    return any(next(iter(nodes(prim, kind)), None) is not None for kind in wanted)


def _holds(program: Program, type_: Type) -> bool:
    of = type_.of if isinstance(type_, SetT | ListT) else type_
    return bool(list(_targets(program, of))) or isinstance(of, KindT)


def _targets(program: Program, type_: Type, within: frozenset[str] = frozenset()) -> Iterator[str]:
    """The kinds of objects that a value points to, each by a part of its own."""
    match type_:
        case KindT(name):
            yield name
        case KeyT(kind):
            yield kind
        case OptT(of) | ListT(of):
            yield from _targets(program, of, within)
        case TupleT(types):
            for part in types:
                yield from _targets(program, part, within)
        case MapT(_, of):
            yield from _targets(program, of, within)
        case RecordT(name) if name not in within:
            for record in program.records:
                if record.name == name:
                    for decl in record.fields:
                        yield from _targets(program, decl.type, within | {name})
        case _:
            return


__all__ = ["Outside", "outside"]
