"""The syntax tree of one `.kspec` file: what was written, with where, and nothing else.

Nodes are frozen, carry a `Span`, know no types and link only downward. `parse` builds them, by
hand, from the grammar's tree; `kspec.analysis` turns them into the typed tree.
"""

from __future__ import annotations

from typing import TypeAlias, final

from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span


@final
@frozen(eq=False, repr=False)
class Ident(Node):
    """A name as written."""

    text: str
    span: Span


# ---- types -------------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class NamedType(Node):
    """`bool`, `int`, `rational`, `cpu`, `timer`, `object`, `json` …, an enum, record or kind."""

    name: str
    span: Span


@final
@frozen(eq=False, repr=False)
class OptionType(Node):
    """`T?`"""

    of: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class SetType(Node):
    """`set of T`"""

    of: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class ListType(Node):
    """`list of T`, `list at most n of T`."""

    of: TypeNode
    most: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class MapType(Node):
    """`map from K to V`"""

    key: TypeNode
    value: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class KeyType(Node):
    """`name of K`: a reference by name."""

    kind: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class NameType(Node):
    """`name`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class EnumType(Node):
    """`enum { A, B }` written in place."""

    cases: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class RangeType(Node):
    """`lo..hi`, both included."""

    lo: Expr
    hi: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class TupleType(Node):
    """`tuple of (A, B)`"""

    parts: tuple[TypeNode, ...]
    span: Span


TypeNode: TypeAlias = (
    "NamedType | OptionType | SetType | ListType | MapType | KeyType | NameType | EnumType"
    " | RangeType | TupleType"
)

# ---- expressions -------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class Name(Node):
    """A name used as an expression."""

    name: str
    span: Span


@final
@frozen(eq=False, repr=False)
class IntLit(Node):
    """`12`"""

    value: int
    span: Span


@final
@frozen(eq=False, repr=False)
class QuantityLit(Node):
    """`500m`, `2Gi`, `300s`, `25%`, `0.5`: number and suffix as written."""

    text: str
    span: Span


@final
@frozen(eq=False, repr=False)
class StringLit(Node):
    """`"db-{i}"`: text alternating with expressions; escapes are resolved."""

    parts: tuple[str | Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class NoneLit(Node):
    """`none`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class TimerIn(Node):
    """`in d`: a timer set to a duration."""

    duration: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class BraceEntry(Node):
    """`value`, or `key: value`."""

    key: Expr | None
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Braces(Node):
    """`{…}`: a set, a map or a record's fields; which one is decided by types."""

    entries: tuple[BraceEntry, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ListLit(Node):
    """`[a, b]`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TupleLit(Node):
    """`(a, b)`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class FieldOf(Node):
    """`e.f`"""

    arg: Expr
    name: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class IndexOf(Node):
    """`e[i]`"""

    arg: Expr
    index: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Arg(Node):
    """An argument: `e`, or `n: e`; `optional` where the value is a type with `?` behind it."""

    name: Ident | None
    value: Expr
    span: Span
    optional: bool = False


@final
@frozen(eq=False, repr=False)
class Call(Node):
    """`f(…)`, a record `R(f: e)`, or an aggregate `count(p: Pod where g | e)`.

    Only aggregates may have `where` and `body`. An aggregate's binder is an `Arg` with a name and
    a value that is a `Name` (a type) or an `InRange`-like `Range`, or an unnamed `Compare` with
    operator `in` whose left side is a `Name`.
    """

    function: Expr
    args: tuple[Arg, ...]
    where: Expr | None
    body: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Unary(Node):
    """`not`, `-`, `always`, `eventually`, `exists`, `missing`."""

    op: str
    arg: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Binary(Node):
    """Operators by their own spelling.

    `and or implies until "leads to" == != < <= > >= is "is not" in "not in" starts ends contains
    "subset of" "or else" + - * / div mod ++ union minus inter`
    """

    op: str
    left: Expr
    right: Expr
    op_span: Span
    span: Span


@final
@frozen(eq=False, repr=False)
class InRange(Node):
    """`e in lo..hi`"""

    arg: Expr
    lo: Expr
    hi: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WithExpr(Node):
    """`e with {…}`"""

    arg: Expr
    changes: Braces
    span: Span


@final
@frozen(eq=False, repr=False)
class Binders(Node):
    """What a quantifier ranges over: each binder, then the condition."""

    binders: tuple[Binder, ...]
    where: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TypedBinder(Node):
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class DrawnBinder(Node):
    """`x in e`, or `x in lo..hi` where `hi` is not None."""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


Binder: TypeAlias = TypedBinder | DrawnBinder


@final
@frozen(eq=False, repr=False)
class Quantifier(Node):
    """`all some no one the first those map`, with what follows the bar, if anything."""

    kind: str
    binders: Binders
    body: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class SortBy(Node):
    """`sort q in xs by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class ChooseLeast(Node):
    """`choose q in xs least by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class FoldExpr(Node):
    """`fold q in xs from a0 as a | e`"""

    elem: Ident
    source: Expr
    init: Expr
    acc: Ident
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class LetExpr(Node):
    """`let x = e; body`"""

    name: Ident
    value: Expr
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class IfExpr(Node):
    """`if c then a else b`"""

    cond: Expr
    then: Expr
    other: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WhileStays(Node):
    """`while e stays, f`"""

    body: Expr
    then: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class After(Node):
    """`(e after s, …)`"""

    arg: Expr
    changes: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class MatchCase(Node):
    """`pattern -> e`; the pattern is an expression read as a pattern: a literal, an enum case,
    a template, a list of patterns, a name that binds, or `_`."""

    pattern: Expr
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Match(Node):
    """`match e { … }`"""

    arg: Expr
    cases: tuple[MatchCase, ...]
    span: Span


Expr: TypeAlias = (
    "Name | IntLit | QuantityLit | StringLit | NoneLit | TimerIn | Braces | ListLit | TupleLit"
    " | FieldOf | IndexOf | Call | Unary | Binary | InRange | WithExpr | Quantifier | SortBy"
    " | ChooseLeast | FoldExpr | LetExpr | IfExpr | WhileStays | After | Match"
)

# ---- statements --------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class PlaceField(Node):
    """`.f`"""

    name: Ident


@final
@frozen(eq=False, repr=False)
class PlaceIndex(Node):
    """`[e]`"""

    index: Expr


@final
@frozen(eq=False, repr=False)
class Place(Node):
    """`x.f[i].g`: what an assignment writes."""

    root: Ident
    path: tuple[PlaceField | PlaceIndex, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Assign(Node):
    """`place := e`, `+=`, `-=`, with its addressing (`by name`, `by uid`, `if unchanged`)."""

    place: Place
    op: str
    value: Expr
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class New(Node):
    """`new p: K { f: e }`"""

    name: Ident | None
    kind: Ident
    fields: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Delete(Node):
    """`delete e`"""

    target: Expr
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class IfStmt(Node):
    """`if c { … } else { … }`"""

    cond: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ForStmt(Node):
    """`for p: Pod where g { … }`: all at once."""

    binders: Binders
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ChooseStmt(Node):
    """`choose q: Pod where g`: a free choice, in scope for the statements after it."""

    binders: Binders
    span: Span


@final
@frozen(eq=False, repr=False)
class Require(Node):
    """`require e`: the server refuses unless."""

    cond: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class CallStmt(Node):
    """`shut(p)`: an effect."""

    effect: Ident
    args: tuple[Expr, ...]
    address: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Nothing(Node):
    """`nothing`"""

    span: Span


Stmt: TypeAlias = (
    "Assign | New | Delete | IfStmt | ForStmt | ChooseStmt | Require | CallStmt | Nothing"
)

# ---- declarations ------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class Import(Node):
    """`import a.b, c`: dotted paths."""

    paths: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class EnumDecl(Node):
    """`enum E { A, B }`"""

    name: Ident
    cases: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class AliasDecl(Node):
    """`type T = …`"""

    name: Ident
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class At(Node):
    """Where a field is read from in a manifest.

    `paths` as written; `read` is None, "exists", "is" or "by"; `word` the case or function.
    """

    paths: tuple[Ident, ...]
    read: str | None
    word: Ident | None
    span: Span


@final
@frozen(eq=False, repr=False)
class FieldDecl(Node):
    """`const f: T = e at path`; flags among const, local, fixed, ghost, heartbeat."""

    flags: tuple[str, ...]
    name: Ident
    type: TypeNode
    default: Expr | None
    at: At | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Valid(Node):
    """`valid e`"""

    cond: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Ledger(Node):
    """`approximates PATH "…"` or `ignores PATH "…"`."""

    word: str
    path: Ident
    why: str
    span: Span


Member: TypeAlias = FieldDecl | Valid | Ledger


@final
@frozen(eq=False, repr=False)
class RecordDecl(Node):
    """`record R { … }`"""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class MixinDecl(Node):
    """`mixin M is N { … }`"""

    name: Ident
    bases: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ApiVersion(Node):
    """`apps/v1`, `v1/PersistentVolumeClaim`, perhaps `named` after another kind."""

    text: str
    named: Ident | None
    span: Span


@final
@frozen(eq=False, repr=False)
class KindDecl(Node):
    """`kind K is M from apps/v1 key name { … }`"""

    const: bool
    name: Ident
    bases: tuple[Ident, ...]
    versions: tuple[ApiVersion, ...]
    key: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ExtendDecl(Node):
    """`extend K { … }`: more members for a kind, record or mixin of another module."""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ParamDecl(Node):
    """`param p: T = e`"""

    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class UniverseDecl(Node):
    """`universe U: set of T = e`"""

    name: Ident
    type: TypeNode
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class TypedParameter(Node):
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen(eq=False, repr=False)
class DrawnParameter(Node):
    """`x in e`"""

    name: Ident
    source: Expr
    span: Span


Parameter: TypeAlias = TypedParameter | DrawnParameter


@final
@frozen(eq=False, repr=False)
class FnDecl(Node):
    """`fn f(x: T): U = e`; no parentheses for none."""

    name: Ident
    parameters: tuple[Parameter, ...]
    result: TypeNode | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class EffectDecl(Node):
    """`effect f(x: T) { … }`"""

    name: Ident
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Watch(Node):
    """`Pod where node == m.name`: the fields of the object are in scope by name."""

    kind: Ident
    where: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Watches(Node):
    """`watches A, B`"""

    watches: tuple[Watch, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ActsAs(Node):
    """`acts as "…"`"""

    actor: str
    span: Span


@final
@frozen(eq=False, repr=False)
class MemoryDecl(Node):
    """`memory m: T = e` (`local` is false) or `local m: T = e`."""

    local: bool
    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class GuardPart(Node):
    """`e as p because "…"`"""

    cond: Expr
    bind: Ident | None
    because: StringLit | None
    span: Span


@final
@frozen(eq=False, repr=False)
class When(Node):
    """`when a, b as p`"""

    parts: tuple[GuardPart, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class LetClause(Node):
    """`let x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Yields(Node):
    """`yields x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Do(Node):
    """`do …`"""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Next(Node):
    """`next each v in V: when c: …`: a later step of the same reconcile."""

    each: Ident | None
    source: Expr | None
    when: Expr | None
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Refused(Node):
    """`refused …`: what happens if the write before it was refused."""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Event(Node):
    """`event Reason "text {p}"`"""

    reason: Ident
    text: StringLit | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Within(Node):
    """`within d`"""

    duration: Expr
    span: Span


Clause: TypeAlias = When | LetClause | Yields | Do | Next | Refused | Event | Within


@final
@frozen(eq=False, repr=False)
class ActionDecl(Node):
    """`action a(p: Pod) fair …`; flags among fair, strongly fair, unfair."""

    name: Ident
    parameters: tuple[Parameter, ...]
    flags: tuple[str, ...]
    atomically: str | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Ordered(Node):
    """`ordered { … }`: each action only where none before it is enabled."""

    actions: tuple[ActionDecl, ...]
    span: Span


ControllerMember: TypeAlias = (
    Watches | ActsAs | MemoryDecl | ParamDecl | FnDecl | ActionDecl | Ordered
)


@final
@frozen(eq=False, repr=False)
class ControllerDecl(Node):
    """`controller c for s: K instances n { … }`"""

    name: Ident
    each: tuple[Ident, TypeNode] | None
    instances: Expr | None
    members: tuple[ControllerMember, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class EnvironmentDecl(Node):
    """`environment e { … }`"""

    name: Ident
    members: tuple[FnDecl | ActionDecl | ParamDecl, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Pattern(Node):
    """`c.a(x, _)`, or `any step` where `path` is empty."""

    path: tuple[Ident, ...]
    names: tuple[Ident, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class FaultDecl(Node):
    """`fault f(x: T) when … do …`, or `fault f(x: T) blocks c.a(p) when …`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    blocks: Pattern | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class RecoveryDecl(Node):
    """`recovery r(x: T) when … do …`: the end of a fault, weakly fair unless it `may last`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    may_last: bool
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class GhostRule(Node):
    """`on c.a(x): …` in a ghost."""

    pattern: Pattern
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class GhostDecl(Node):
    """`ghost g: T = e { on … }`"""

    name: Ident
    type: TypeNode
    init: Expr
    rules: tuple[GhostRule, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TemporalClaim(Node):
    """A formula; `always` in front of a state formula makes an invariant."""

    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class OnStep(Node):
    """`on c.a(x) where g: e`"""

    pattern: Pattern
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class ReachableClaim(Node):
    """`reachable e`"""

    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class DeadlockClaim(Node):
    """`no deadlock`"""

    span: Span


@final
@frozen(eq=False, repr=False)
class SettlesClaim(Node):
    """`settles K.f, …` or `oscillates …`; dotted names, all API fields if none."""

    negated: bool
    paths: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class ValuesClaim(Node):
    """`10 values of e where c`"""

    count: int
    body: Expr
    where: Expr | None
    span: Span


Claim: TypeAlias = (
    TemporalClaim | OnStep | ReachableClaim | DeadlockClaim | SettlesClaim | ValuesClaim
)


@final
@frozen(eq=False, repr=False)
class PropertyDecl(Node):
    """`property p "sentence": claim`; `invariant p: e` is `property p: always e`, and `lemma p: e`
    is that, for proofs."""

    name: Ident
    sentence: str | None
    claim: Claim
    span: Span
    lemma: bool = False


@final
@frozen(eq=False, repr=False)
class LawDecl(Node):
    """`law l: e`, or `belief l: e` where a refutation is expected."""

    name: Ident
    belief: bool
    sentence: str | None
    body: Expr
    induction: Ident | None
    span: Span


# ---- vectors -----------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class VectorLayout(Node):
    """`cases at P kind at P input at P expected at P`"""

    cases: Ident
    kind: Ident
    input: Ident
    expected: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorWorld(Node):
    """`world K(i) { … }`"""

    kinds: tuple[Ident, ...]
    input: Ident
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorCase(Node):
    """`case K(i, o) where g: e`"""

    kinds: tuple[Ident, ...]
    input: Ident
    expected: Ident
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorSkip(Node):
    """`skip K where g because "…"`"""

    kind: Ident
    where: Expr | None
    why: str
    span: Span


@final
@frozen(eq=False, repr=False)
class VectorsDecl(Node):
    """`vectors "file.json" (file) { … }`"""

    path: str
    file: Ident | None
    items: tuple[VectorLayout | VectorWorld | VectorCase | VectorSkip, ...]
    span: Span


# ---- scenarios ---------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class DataAtom(Node):
    """A bare word, a dashed word, text, or a number: which one is in `token`.

    `token` is NAME, DASHED, STRING, INT or QUANTITY; `text` is what was written, text unescaped.
    """

    token: str
    text: str
    span: Span


@final
@frozen(eq=False, repr=False)
class DataRange(Node):
    """`0..3`"""

    lo: int
    hi: int
    span: Span


@final
@frozen(eq=False, repr=False)
class DataMap(Node):
    """`{k: v}`; a nested `pod {…}` is an entry too."""

    entries: tuple[tuple[Ident, Data], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class DataList(Node):
    """`[a, b]`"""

    items: tuple[Data, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class DataAny(Node):
    """`any`, `any of {…}`: every value is an initial one."""

    of: Data | None
    span: Span


Data: TypeAlias = "DataAtom | DataRange | DataMap | DataList | DataAny"


@final
@frozen(eq=False, repr=False)
class ObjectDecl(Node):
    """`node a, b { … }`: a kind's name, in any case, and objects."""

    kind: Ident
    names: tuple[Ident, ...]
    body: DataMap
    span: Span


@final
@frozen(eq=False, repr=False)
class ObjectsFrom(Node):
    """`from "manifests/"` inside a cluster."""

    path: str
    span: Span


@final
@frozen(eq=False, repr=False)
class ClusterDecl(Node):
    """`cluster c from "…" { … }`; no name when written inside a scenario."""

    name: Ident | None
    sources: tuple[ObjectsFrom, ...]
    objects: tuple[ObjectDecl | ObjectsFrom, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class OnCluster(Node):
    """`in c`"""

    name: Ident
    span: Span


@final
@frozen(eq=False, repr=False)
class RunItem(Node):
    """`c`, `c.a`, `-c.a`, `c.a at most 2`"""

    remove: bool
    path: tuple[Ident, ...]
    most: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Run(Node):
    """`run …`"""

    items: tuple[RunItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class FaultItem(Node):
    """`crash at most 1`, `stale_cache c lag 2 servers 2 unordered`, `restart c at most 1`.

    `subject` is the component where the fault is one of the language's own.
    """

    name: Ident
    subject: Ident | None
    args: tuple[Data, ...]
    most: Expr | None
    lag: Expr | None
    servers: Expr | None
    unordered: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class Faults(Node):
    """`faults { … }`"""

    items: tuple[FaultItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Setting(Node):
    """`p = e`, `c.p = e`"""

    path: tuple[Ident, ...]
    value: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class WithSettings(Node):
    """`with p = e, …`"""

    settings: tuple[Setting, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Start(Node):
    """`start empty`, `start settled`, `start as given`: word is empty, settled or given."""

    word: str
    span: Span


@final
@frozen(eq=False, repr=False)
class Time(Node):
    """`time timed` or `time untimed`"""

    word: str
    span: Span


@final
@frozen(eq=False, repr=False)
class Room(Node):
    """`room { Pod: 3 }`"""

    sizes: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Assume(Node):
    """`assume a: e`: only initial states where it is true."""

    name: Ident
    body: Expr
    span: Span


@final
@frozen(eq=False, repr=False)
class Check(Node):
    """`check p, q`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Expect(Node):
    """`expect violated p with f`; word is holds, violated, unknown, refuted or reached."""

    word: str
    names: tuple[Ident, ...]
    settings: tuple[Setting | FaultItem, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Prove(Node):
    """`prove p`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class SweepItem(Node):
    """`n in lo..hi`, or `n in {…}` where `hi` is None"""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class Sweep(Node):
    """`for n in 1..4, m in 1..6`"""

    items: tuple[SweepItem, ...]
    span: Span


ScenarioItem: TypeAlias = (
    OnCluster
    | Run
    | Faults
    | WithSettings
    | Start
    | Time
    | Room
    | Assume
    | Check
    | Expect
    | Prove
    | Sweep
    | ClusterDecl
)


@final
@frozen(eq=False, repr=False)
class ScenarioDecl(Node):
    """`scenario s extends t { … }`"""

    name: Ident
    extends: Ident | None
    items: tuple[ScenarioItem, ...]
    span: Span


Item: TypeAlias = (
    Import
    | EnumDecl
    | AliasDecl
    | RecordDecl
    | MixinDecl
    | KindDecl
    | ExtendDecl
    | ParamDecl
    | UniverseDecl
    | FnDecl
    | EffectDecl
    | ControllerDecl
    | EnvironmentDecl
    | FaultDecl
    | RecoveryDecl
    | GhostDecl
    | PropertyDecl
    | LawDecl
    | VectorsDecl
    | ClusterDecl
    | ScenarioDecl
    | ScenarioItem
)


@final
@frozen(eq=False, repr=False)
class Module(Node):
    """One file."""

    doc: str | None
    items: tuple[Item, ...]
    span: Span
