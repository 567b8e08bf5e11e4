"""Makes the question that `posed` is of a law and a scope.

What the law's outer `all` binds becomes fields; what quantifiers inside go through is written out.
What cannot be asked so is said, with the place where it is written. Next: `posed` for answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Final, TypeAlias, cast, final

from attrs import evolve, field, frozen, mutable

from kspec.analysis.typed import (
    CAlways,
    Comp,
    CReachable,
    OverKind,
    OverRange,
    OverSet,
    OverType,
    TBinder,
    TCall,
    TComp,
    TExpr,
    TField,
    TFieldDecl,
    TFn,
    TIf,
    TJudge,
    TKindDecl,
    TLaw,
    TLet,
    TLit,
    TLookup,
    TParam,
    TPrim,
    TProperty,
    TRecord,
    TRefField,
    TSet,
    TSome,
    TState,
    TTuple,
    TUniverse,
    TVar,
)
from kspec.analysis.types import (
    BoolT,
    EnumT,
    IntT,
    KeyT,
    KindT,
    NameT,
    ObjectT,
    OptT,
    RecordT,
    SetT,
    TupleT,
    Type,
)
from kspec.analysis.words import show_type
from kspec.base.node import nodes
from kspec.base.source import Span
from kspec.pure.claims import laws
from kspec.pure.claims.many_objects import spare
from kspec.pure.claims.posed import ANYTHING, FEW, KIND, OF, Free, Posed
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation import finite
from kspec.pure.scopes.scope import Initial, OneOf, Scope, ScopeObject, ScopePool
from kspec.pure.scopes.vocabulary import reached, vocabulary
from kspec.pure.values.cast import as_set
from kspec.pure.values.order import any_order
from kspec.pure.values.quoted import NotQuoted, quoted, rewritten
from kspec.pure.values.value import Value
from kspec.pure.values.world import EMPTY, Context, EvaluationError, Tables

MOST_LISTED: Final = 4096
"""So many values of a quantifier inside are written out."""


MOST_ELEMENTS: Final = 256
"""Sets of so many values can be bound by an outer `all`."""


@final
@frozen
class Outside:
    """The law is none that can be asked so; what it is that cannot, and where it stands."""

    message: str
    span: Span


@final
class _NotAsked(Exception):
    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


def pose(scope: Scope, law: TLaw, every: tuple[str, ...] = ()) -> Posed | Outside:
    """The question whether a law is true in all worlds of a scope. With `every` it is one to be
    asked of any number of objects of these kinds: that no two of them have one name is not
    assumed, since copies do, and what goes through names has as many as `spare` says."""
    try:
        names = spare(scope, law) if every else vocabulary(scope, law.body)
        context = laws.in_world(scope.program, EMPTY, dict(scope.params), names)
        return _Posing(scope, law, context, every).posed()
    except _NotAsked as error:
        return Outside(error.message, error.span)
    except EvaluationError as error:
        return Outside(error.message, error.span or law.span)
    except NotQuoted as error:
        return Outside(str(error), law.span)


Leaf: TypeAlias = "tuple[str, Type, tuple[Value, ...]]"
"""A field of the object: its name, type and values."""


@final
@mutable(eq=False)
class _Posing:
    """One question in the making."""

    scope: Scope
    law: TLaw
    context: Context
    every: tuple[str, ...] = ()
    leaves: list[Leaf] = field(factory=list)
    guards: list[TExpr] = field(factory=list)
    mentioned: bool = False

    @property
    def tables(self) -> Tables:
        """The program's declarations by name."""
        return self.context.tables

    @property
    def names(self) -> tuple[str, ...]:
        """What stands for all names."""
        return self.context.names

    def posed(self) -> Posed:
        """All of it."""
        if self.law.induction is not None:
            raise _NotAsked("this law is about numbers without end, by induction", self.law.span)
        for state in nodes(self.law.body, TState):
            raise _NotAsked("a law of what a component remembers", state.span)
        binders = list(_outer(self.law.body))
        frees = [found for b in binders if (found := self._free(b)) is not None]
        free = {f.binder: f for f in frees}
        scope = self._scope(*self._bodies(free))
        worlds = prod(len(v.values) for v in _open(self.scope))
        return Posed(
            scope=scope,
            of=self.scope,
            law=self.law,
            free=tuple(frees),
            names=self.names,
            worlds=worlds,
            cases=worlds * prod(f.size for f in frees),
            goes_through_names=self.mentioned,
        )

    # ---- formulas -----------------------------------------------------------------------------

    def _bodies(self, free: dict[TBinder, Free]) -> tuple[TExpr, TExpr]:
        """The law of the question's object, and that it speaks of anything."""
        true = TLit(True, BoolT(), self.law.span)
        premises = [*self.guards, *self._well_formed()]
        premises += self._assumed()
        says = _implied(premises, _left(self.law.body, free, Comp.ALL, None))
        speaks = _all_of([*premises, _left(self.law.body, free, Comp.SOME, true)], self.law.span)
        kind = KindT(KIND, live=True)
        one = (TBinder(OF, kind, OverKind(KIND), self.law.span),)
        bodies = []
        for body, how in ((says, Comp.ALL), (speaks, Comp.SOME)):
            for f in reversed(tuple(free.values())):
                body = TLet(f.binder.name, f.value, body, BoolT(), f.binder.span)
            bodies.append(TComp(how, one, None, body, None, BoolT(), self.law.span))
        return bodies[0], bodies[1]

    def _well_formed(self) -> Iterator[TExpr]:
        """What the API server would not admit is no world of a law. Objects without open fields
        were looked at when the scope was made, by all that speaks of them alone."""
        for kind in dict.fromkeys(obj.kind for obj in self.scope.objects):
            there = [obj for obj in self.scope.objects if obj.kind == kind]
            opened = {n for obj in there for n, v in obj.fields if isinstance(v, OneOf)}
            declared, span = self.tables.kinds[kind], self.law.span
            binder = TBinder("self", KindT(kind, live=True), OverKind(kind), span)
            for clause in declared.valid:
                if opened or self._looks_around(clause):
                    yield TComp(Comp.ALL, (binder,), None, clause, None, BoolT(), span)
            if len(there) > 1 and opened & set(declared.key) and kind not in self.every:
                yield self._borne_once(declared)

    def _looks_around(self, clause: TExpr) -> bool:
        """May it read objects that it is not given?"""
        found = reached(clause, self.scope.program)
        around = (OverKind, OverType, TLookup, TRefField)
        return any(next(iter(nodes(e, kind)), None) is not None for e in found for kind in around)

    def _assumed(self) -> Iterator[TExpr]:
        """Of starts it is written out for each object, in a claim it is one formula for all."""
        if self.every:
            yield from (cast(TExpr, clause) for _, clause in self.scope.assumes)

    def _borne_once(self, kind: TKindDecl) -> TExpr:
        """No key is borne by two objects; one with a part that is nothing is no key."""
        span, type_ = self.law.span, KindT(kind.name, live=True)
        names = ("$a", "$b")
        binders = tuple(TBinder(n, type_, OverKind(kind.name), span) for n in names)
        a, b = (TVar(n, type_, span) for n in names)
        same: list[TExpr] = [_not(TPrim("==", (a, b), BoolT(), span))]
        for decl in kind.fields:
            if decl.name in kind.key:
                pair = tuple(TField(x, decl.name, decl.type, span) for x in (a, b))
                same.append(TPrim("==", pair, BoolT(), span))
                if isinstance(decl.type, OptT):
                    same.append(TPrim("exists", (pair[0],), BoolT(), span))
        body = _not(_all_of(same, span))
        return TComp(Comp.ALL, binders, None, body, None, BoolT(), span)

    # ---- the scope ----------------------------------------------------------------------------

    def _scope(self, body: TExpr, anything: TExpr) -> Scope:
        law, program = self.law, self.scope.program
        body, anything = self._listed(body), self._listed(anything)
        properties = (
            TProperty(law.name, law.sentence, CAlways(body), law.span),
            TProperty(law.name + ANYTHING, None, CReachable(anything), law.span),
        )
        functions = self._functions((body, anything, *(e for _, e in self.scope.assumes)))
        program = evolve(
            program,
            kinds=(*program.kinds, self._kind()),
            functions=functions,
            properties=properties,
        )
        fields: tuple[tuple[str, Initial], ...] = tuple(
            (name, values[0] if len(values) == 1 else OneOf(values))
            for name, _, values in self.leaves
        )
        return evolve(
            self.scope,
            program=program,
            pools=(*self._pools(), ScopePool(KIND, 1, "the law", (KIND,))),
            objects=(*self.scope.objects, ScopeObject(KIND, 0, KIND, fields, law.span)),
            actions=(),
            budgets=(),
            restarts=(),
            views=(),
            lossy=(),
            assumes=()
            if self.every
            else tuple((n, self._listed(cast(TExpr, e))) for n, e in self.scope.assumes),
            judges=tuple(
                TJudge(p.name, None, False, (), (), law.span)
                for p in (properties[:1] if self.every else properties)
            ),
        )

    def _pools(self) -> Iterator[ScopePool]:
        """A world of a law has the objects of the scope, and no room for more."""
        for pool in self.scope.pools:
            size = max((o.index + 1 for o in self.scope.objects if o.kind == pool.kind), default=0)
            yield evolve(pool, size=size, names=pool.names[:size])

    def _kind(self) -> TKindDecl:
        span = self.law.span
        fields = (
            TFieldDecl(name, type_, None, None, "api", False, False, False, span)
            for name, type_, _ in self.leaves
        )
        return TKindDecl(KIND, False, (), (), tuple(fields), (), (), "", span)

    def _functions(self, of: tuple[object, ...]) -> tuple[TFn, ...]:
        """The program's functions, those that are called with quantifiers that are listed."""
        called, waiting = set[str](), list(of)
        while waiting:
            for call in nodes(waiting.pop(), TCall):
                if call.function not in called:
                    called.add(call.function)
                    waiting.append(self.tables.functions[call.function].body)
        return tuple(
            evolve(f, body=self._listed(f.body)) if f.name in called else f
            for f in self.scope.program.functions
        )

    def _listed(self, expr: TExpr) -> TExpr:
        """The expression with quantifiers over types as ones over sets, where the values depend on
        the scope's names or are no scalars."""
        return rewritten(expr, self._one_listed)

    def _one_listed(self, node: object) -> object:
        if not isinstance(node, TBinder) or not isinstance(node.over, OverType):
            return node
        type_ = node.over.type
        if isinstance(type_, BoolT | EnumT):
            return node
        self._without_objects(type_, node.span)
        if isinstance(type_, IntT):
            return node
        found = []
        for value in finite.values(type_, self.context, node.span):
            found.append(value)
            if len(found) > MOST_LISTED:
                said = f"a quantifier inside, over more than {MOST_LISTED} values"
                raise _NotAsked(f"{said}: {show_type(type_)}", node.span)
        self.mentioned = self.mentioned or _mentions_names(self.tables, type_)
        values = quoted(frozenset(found), SetT(type_), self.tables, node.span)
        return evolve(node, over=OverSet(values))

    def _without_objects(self, type_: Type, span: Span) -> None:
        if _points(self.tables, type_):
            raise _NotAsked(f"a quantifier over references: {show_type(type_)}", span)

    # ---- what an outer `all` binds ------------------------------------------------------------

    def _free(self, binder: TBinder) -> Free | None:
        """A binder whose values are left open; None for one that is gone through."""
        match binder.over:
            case OverType(type_):
                self._without_objects(type_, binder.span)
                value, size = self._any(type_, binder.name, binder.span)
            case OverRange(lo, hi) if _is_closed(lo) and _is_closed(hi):
                first, last = (pure.evaluate(e, self.context) for e in (lo, hi))
                assert isinstance(first, int) and isinstance(last, int)
                if last < first:
                    return None
                value, size = self._number(first, last, binder.name, binder.span)
            case OverSet(arg) if _is_closed(arg):
                found = sorted(as_set(pure.evaluate(arg, self.context)), key=any_order)
                if not found:
                    return None
                value = self._leaf(binder.name, binder.type, tuple(found), binder.span)
                size = len(found)
            case _:
                return None
        return Free(binder, value, size)

    def _leaf(self, name: str, type_: Type, values: tuple[Value, ...], span: Span) -> TExpr:
        """A field that is open between these values."""
        self.leaves.append((name, type_, values))
        return TField(TVar(OF, KindT(KIND, live=True), span), name, type_, span)

    def _any(self, type_: Type, name: str, span: Span) -> tuple[TExpr, int]:
        """Any value of a type, and how many there are."""
        match type_:
            case BoolT() | EnumT() | NameT():
                values = tuple(finite.values(type_, self.context, span))
                self.mentioned = self.mentioned or isinstance(type_, NameT)
                return self._leaf(name, type_, values, span), len(values)
            case IntT():
                found = finite.bounds(type_, self.context)
                if found is None:
                    raise _NotAsked("a quantifier over all numbers", span)
                return self._number(*found, name, span)
            case OptT(of):
                inner, size = self._any(of, f"{name}!", span)
                there = self._leaf(f"{name}?", BoolT(), (False, True), span)
                nothing = TLit(None, type_, span)
                return TIf(there, TSome(inner, type_, span), nothing, type_, span), size + 1
            case TupleT(types):
                parts = [self._any(t, f"{name}.{n}", span) for n, t in enumerate(types)]
                whole = TTuple(tuple(e for e, _ in parts), type_, span)
                return whole, prod(size for _, size in parts)
            case RecordT(record):
                decls = self.tables.records[record].fields
                parts = [self._any(d.type, f"{name}.{d.name}", span) for d in decls]
                pairs = zip(decls, parts, strict=True)
                made = TRecord(tuple((d.name, e) for d, (e, _) in pairs), type_, span)
                return made, prod(size for _, size in parts)
            case SetT(of):
                return self._any_set(type_, of, name, span)
            case _:
                said = f"a quantifier over {show_type(type_)}, which has no end"
                raise _NotAsked(said, span)

    def _any_set(self, type_: SetT, of: Type, name: str, span: Span) -> tuple[TExpr, int]:
        """Any set: of each element it is open whether it is in."""
        self.mentioned = self.mentioned or _mentions_names(self.tables, of)
        element = TVar(f"${name}", of, span)
        there: list[TExpr] = []
        listed: list[Value] = []
        for value in finite.values(of, self.context, span):
            if len(listed) >= MOST_ELEMENTS:
                raise _NotAsked(f"a quantifier over sets of more than {MOST_ELEMENTS} values", span)
            inside = self._leaf(f"{name}.{len(listed)}", BoolT(), (False, True), span)
            is_it = TPrim("==", (element, quoted(value, of, self.tables, span)), BoolT(), span)
            there.append(TPrim("and", (is_it, inside), BoolT(), span))
            listed.append(value)
        if not listed:
            return TSet((), type_, span), 1
        everything = quoted(frozenset(listed), type_, self.tables, span)
        binders = (TBinder(element.name, of, OverSet(everything), span),)
        where = there[0] if len(there) == 1 else TPrim("or", tuple(there), BoolT(), span)
        made = TComp(Comp.SET, binders, where, element, None, type_, span)
        return made, 1 << len(listed)

    def _number(self, lo: int, hi: int, name: str, span: Span) -> tuple[TExpr, int]:
        """Any number of a range."""
        size = hi - lo + 1
        if size < 1:
            raise _NotAsked("a quantifier over a range without numbers", span)
        if size <= FEW:
            return self._leaf(name, IntT(), tuple(range(lo, hi + 1)), span), size
        total: TExpr = TLit(lo, IntT(), span)
        for bit in range((size - 1).bit_length()):
            digit = self._leaf(f"{name}.{bit}", BoolT(), (False, True), span)
            yes, no = TLit(1 << bit, IntT(), span), TLit(0, IntT(), span)
            part = TIf(digit, yes, no, IntT(), span)
            total = TPrim("+", (total, part), IntT(), span)
        self.guards.append(TPrim("<=", (total, TLit(hi, IntT(), span)), BoolT(), span))
        return total, size


def _outer(body: TExpr) -> Iterator[TBinder]:
    """The binders of the outer `all`s, as long as no name is bound twice."""
    seen: set[str] = set()
    while isinstance(body, TComp) and body.kind is Comp.ALL:
        names = [b.name for b in body.binders]
        if seen & set(names) or len(set(names)) < len(names):
            return
        seen.update(names)
        yield from body.binders
        body = body.body


def _left(body: TExpr, free: dict[TBinder, Free], kind: Comp, end: TExpr | None) -> TExpr:
    """What is left of the outer `all`s; with an end that instead of the innermost formula, and
    the conditions as part of what is claimed."""
    if not (isinstance(body, TComp) and body.kind is Comp.ALL):
        return body if end is None else end
    inner = _left(body.body, free, kind, end)
    binders = tuple(b for b in body.binders if b not in free)
    where = body.where
    if where is not None and not binders:
        inner = _implied([where], inner) if kind is Comp.ALL else _all_of([where, inner], body.span)
        where = None
    if not binders:
        return inner
    return TComp(kind, binders, where, inner, None, BoolT(), body.span)


def _open(scope: Scope) -> list[OneOf]:
    return [v for obj in scope.objects for _, v in obj.fields if isinstance(v, OneOf)]


def _is_closed(expr: TExpr) -> bool:
    """Does it say the same everywhere? Only where that is plain to see."""
    match expr:
        case TLit() | TParam() | TUniverse():
            return True
        case TPrim(_, args):
            return all(map(_is_closed, args))
        case TSet(items) | TTuple(items):
            return all(map(_is_closed, items))
        case TRecord(fields):
            return all(_is_closed(e) for _, e in fields)
        case TSome(arg):
            return _is_closed(arg)
        case _:
            return False


def _reaches(tables: Tables, type_: Type, wanted: Callable[[Type], bool]) -> bool:
    if wanted(type_):
        return True
    match type_:
        case OptT(of) | SetT(of):
            return _reaches(tables, of, wanted)
        case TupleT(parts):
            return any(_reaches(tables, part, wanted) for part in parts)
        case RecordT(name):
            return any(_reaches(tables, f.type, wanted) for f in tables.records[name].fields)
        case _:
            return False


def _points(tables: Tables, type_: Type) -> bool:
    return _reaches(tables, type_, lambda t: isinstance(t, KindT | KeyT | ObjectT))


def _mentions_names(tables: Tables, type_: Type) -> bool:
    return _reaches(tables, type_, lambda t: isinstance(t, NameT))


def _not(expr: TExpr) -> TExpr:
    return TPrim("not", (expr,), BoolT(), expr.span)


def _all_of(parts: list[TExpr], span: Span) -> TExpr:
    return parts[0] if len(parts) == 1 else TPrim("and", tuple(parts), BoolT(), span)


def _implied(premises: list[TExpr], expr: TExpr) -> TExpr:
    if not premises:
        return expr
    return TPrim("implies", (_all_of(premises, expr.span), expr), BoolT(), expr.span)


__all__ = ["Outside", "pose"]
