"""The syntax tree of one `.kspec` file: what was written, with where, and nothing else.

Nodes are frozen, carry a `Span`, know no types and link only downward. `parse` builds them, by
hand, from the grammar's tree; `kspec.analysis` turns them into the typed tree.
"""

from __future__ import annotations

from typing import TypeAlias, final

from attrs import frozen

from kspec.base.source import Span


@final
@frozen
class Ident:
    """A name as written."""

    text: str
    span: Span


# ---- types -------------------------------------------------------------------------------------


@final
@frozen
class NamedType:
    """`bool`, `int`, `rational`, `cpu`, `timer`, `object`, `json` …, an enum, record or kind."""

    name: str
    span: Span


@final
@frozen
class OptionType:
    """`T?`"""

    of: TypeNode
    span: Span


@final
@frozen
class SetType:
    """`set of T`"""

    of: TypeNode
    span: Span


@final
@frozen
class ListType:
    """`list of T`, `list at most n of T`."""

    of: TypeNode
    most: Expr | None
    span: Span


@final
@frozen
class MapType:
    """`map from K to V`"""

    key: TypeNode
    value: TypeNode
    span: Span


@final
@frozen
class KeyType:
    """`name of K`: a reference by name."""

    kind: Ident
    span: Span


@final
@frozen
class NameType:
    """`name`"""

    span: Span


@final
@frozen
class EnumType:
    """`enum { A, B }` written in place."""

    cases: tuple[Ident, ...]
    span: Span


@final
@frozen
class RangeType:
    """`lo..hi`, both included."""

    lo: Expr
    hi: Expr
    span: Span


@final
@frozen
class TupleType:
    """`tuple of (A, B)`"""

    parts: tuple[TypeNode, ...]
    span: Span


TypeNode: TypeAlias = (
    "NamedType | OptionType | SetType | ListType | MapType | KeyType | NameType | EnumType"
    " | RangeType | TupleType"
)

# ---- expressions -------------------------------------------------------------------------------


@final
@frozen
class Name:
    """A name used as an expression."""

    name: str
    span: Span


@final
@frozen
class IntLit:
    """`12`"""

    value: int
    span: Span


@final
@frozen
class QuantityLit:
    """`500m`, `2Gi`, `300s`, `25%`, `0.5`: number and suffix as written."""

    text: str
    span: Span


@final
@frozen
class StringLit:
    """`"db-{i}"`: text alternating with expressions; escapes are resolved."""

    parts: tuple[str | Expr, ...]
    span: Span


@final
@frozen
class NoneLit:
    """`none`"""

    span: Span


@final
@frozen
class TimerIn:
    """`in d`: a timer set to a duration."""

    duration: Expr
    span: Span


@final
@frozen
class BraceEntry:
    """`value`, or `key: value`."""

    key: Expr | None
    value: Expr
    span: Span


@final
@frozen
class Braces:
    """`{…}`: a set, a map or a record's fields; which one is decided by types."""

    entries: tuple[BraceEntry, ...]
    span: Span


@final
@frozen
class ListLit:
    """`[a, b]`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen
class TupleLit:
    """`(a, b)`"""

    items: tuple[Expr, ...]
    span: Span


@final
@frozen
class FieldOf:
    """`e.f`"""

    arg: Expr
    name: Ident
    span: Span


@final
@frozen
class IndexOf:
    """`e[i]`"""

    arg: Expr
    index: Expr
    span: Span


@final
@frozen
class Arg:
    """An argument: `e`, or `n: e`; `optional` where the value is a type with `?` behind it."""

    name: Ident | None
    value: Expr
    span: Span
    optional: bool = False


@final
@frozen
class Call:
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
@frozen
class Unary:
    """`not`, `-`, `always`, `eventually`, `exists`, `missing`."""

    op: str
    arg: Expr
    span: Span


@final
@frozen
class Binary:
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
@frozen
class InRange:
    """`e in lo..hi`"""

    arg: Expr
    lo: Expr
    hi: Expr
    span: Span


@final
@frozen
class WithExpr:
    """`e with {…}`"""

    arg: Expr
    changes: Braces
    span: Span


@final
@frozen
class Binders:
    """What a quantifier ranges over: each binder, then the condition."""

    binders: tuple[Binder, ...]
    where: Expr | None
    span: Span


@final
@frozen
class TypedBinder:
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen
class DrawnBinder:
    """`x in e`, or `x in lo..hi` where `hi` is not None."""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


Binder: TypeAlias = TypedBinder | DrawnBinder


@final
@frozen
class Quantifier:
    """`all some no one the first those map`, with what follows the bar, if anything."""

    kind: str
    binders: Binders
    body: Expr | None
    span: Span


@final
@frozen
class SortBy:
    """`sort q in xs by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen
class ChooseLeast:
    """`choose q in xs least by k`"""

    binders: Binders
    key: Expr
    span: Span


@final
@frozen
class FoldExpr:
    """`fold q in xs from a0 as a | e`"""

    elem: Ident
    source: Expr
    init: Expr
    acc: Ident
    body: Expr
    span: Span


@final
@frozen
class LetExpr:
    """`let x = e; body`"""

    name: Ident
    value: Expr
    body: Expr
    span: Span


@final
@frozen
class IfExpr:
    """`if c then a else b`"""

    cond: Expr
    then: Expr
    other: Expr
    span: Span


@final
@frozen
class WhileStays:
    """`while e stays, f`"""

    body: Expr
    then: Expr
    span: Span


@final
@frozen
class After:
    """`(e after s, …)`"""

    arg: Expr
    changes: tuple[Stmt, ...]
    span: Span


@final
@frozen
class MatchCase:
    """`pattern -> e`; the pattern is an expression read as a pattern: a literal, an enum case,
    a template, a list of patterns, a name that binds, or `_`."""

    pattern: Expr
    body: Expr
    span: Span


@final
@frozen
class Match:
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
@frozen
class PlaceField:
    """`.f`"""

    name: Ident


@final
@frozen
class PlaceIndex:
    """`[e]`"""

    index: Expr


@final
@frozen
class Place:
    """`x.f[i].g`: what an assignment writes."""

    root: Ident
    path: tuple[PlaceField | PlaceIndex, ...]
    span: Span


@final
@frozen
class Assign:
    """`place := e`, `+=`, `-=`, with its addressing (`by name`, `by uid`, `if unchanged`)."""

    place: Place
    op: str
    value: Expr
    address: str | None
    span: Span


@final
@frozen
class New:
    """`new p: K { f: e }`"""

    name: Ident | None
    kind: Ident
    fields: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen
class Delete:
    """`delete e`"""

    target: Expr
    address: str | None
    span: Span


@final
@frozen
class IfStmt:
    """`if c { … } else { … }`"""

    cond: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    span: Span


@final
@frozen
class ForStmt:
    """`for p: Pod where g { … }`: all at once."""

    binders: Binders
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class ChooseStmt:
    """`choose q: Pod where g`: a free choice, in scope for the statements after it."""

    binders: Binders
    span: Span


@final
@frozen
class Require:
    """`require e`: the server refuses unless."""

    cond: Expr
    span: Span


@final
@frozen
class CallStmt:
    """`shut(p)`: an effect."""

    effect: Ident
    args: tuple[Expr, ...]
    address: str | None
    span: Span


@final
@frozen
class Nothing:
    """`nothing`"""

    span: Span


Stmt: TypeAlias = (
    "Assign | New | Delete | IfStmt | ForStmt | ChooseStmt | Require | CallStmt | Nothing"
)

# ---- declarations ------------------------------------------------------------------------------


@final
@frozen
class Import:
    """`import a.b, c`: dotted paths."""

    paths: tuple[Ident, ...]
    span: Span


@final
@frozen
class EnumDecl:
    """`enum E { A, B }`"""

    name: Ident
    cases: tuple[Ident, ...]
    span: Span


@final
@frozen
class AliasDecl:
    """`type T = …`"""

    name: Ident
    type: TypeNode
    span: Span


@final
@frozen
class At:
    """Where a field is read from in a manifest.

    `paths` as written; `read` is None, "exists", "is" or "by"; `word` the case or function.
    """

    paths: tuple[Ident, ...]
    read: str | None
    word: Ident | None
    span: Span


@final
@frozen
class FieldDecl:
    """`const f: T = e at path`; flags among const, local, fixed, ghost, heartbeat."""

    flags: tuple[str, ...]
    name: Ident
    type: TypeNode
    default: Expr | None
    at: At | None
    span: Span


@final
@frozen
class Valid:
    """`valid e`"""

    cond: Expr
    span: Span


@final
@frozen
class Ledger:
    """`approximates PATH "…"` or `ignores PATH "…"`."""

    word: str
    path: Ident
    why: str
    span: Span


Member: TypeAlias = FieldDecl | Valid | Ledger


@final
@frozen
class RecordDecl:
    """`record R { … }`"""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen
class MixinDecl:
    """`mixin M is N { … }`"""

    name: Ident
    bases: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen
class ApiVersion:
    """`apps/v1`, `v1/PersistentVolumeClaim`, perhaps `named` after another kind."""

    text: str
    named: Ident | None
    span: Span


@final
@frozen
class KindDecl:
    """`kind K is M from apps/v1 key name { … }`"""

    const: bool
    name: Ident
    bases: tuple[Ident, ...]
    versions: tuple[ApiVersion, ...]
    key: tuple[Ident, ...]
    members: tuple[Member, ...]
    span: Span


@final
@frozen
class ExtendDecl:
    """`extend K { … }`: more members for a kind, record or mixin of another module."""

    name: Ident
    members: tuple[Member, ...]
    span: Span


@final
@frozen
class ParamDecl:
    """`param p: T = e`"""

    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen
class UniverseDecl:
    """`universe U: set of T = e`"""

    name: Ident
    type: TypeNode
    value: Expr
    span: Span


@final
@frozen
class TypedParameter:
    """`p, q: T`"""

    names: tuple[Ident, ...]
    type: TypeNode
    span: Span


@final
@frozen
class DrawnParameter:
    """`x in e`"""

    name: Ident
    source: Expr
    span: Span


Parameter: TypeAlias = TypedParameter | DrawnParameter


@final
@frozen
class FnDecl:
    """`fn f(x: T): U = e`; no parentheses for none."""

    name: Ident
    parameters: tuple[Parameter, ...]
    result: TypeNode | None
    body: Expr
    span: Span


@final
@frozen
class EffectDecl:
    """`effect f(x: T) { … }`"""

    name: Ident
    parameters: tuple[Parameter, ...]
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class Watch:
    """`Pod where node == m.name`: the fields of the object are in scope by name."""

    kind: Ident
    where: Expr | None
    span: Span


@final
@frozen
class Watches:
    """`watches A, B`"""

    watches: tuple[Watch, ...]
    span: Span


@final
@frozen
class ActsAs:
    """`acts as "…"`"""

    actor: str
    span: Span


@final
@frozen
class MemoryDecl:
    """`memory m: T = e` (`local` is false) or `local m: T = e`."""

    local: bool
    name: Ident
    type: TypeNode
    default: Expr | None
    span: Span


@final
@frozen
class GuardPart:
    """`e as p because "…"`"""

    cond: Expr
    bind: Ident | None
    because: StringLit | None
    span: Span


@final
@frozen
class When:
    """`when a, b as p`"""

    parts: tuple[GuardPart, ...]
    span: Span


@final
@frozen
class LetClause:
    """`let x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen
class Yields:
    """`yields x = e`"""

    name: Ident
    value: Expr
    span: Span


@final
@frozen
class Do:
    """`do …`"""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class Next:
    """`next each v in V: when c: …`: a later step of the same reconcile."""

    each: Ident | None
    source: Expr | None
    when: Expr | None
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class Refused:
    """`refused …`: what happens if the write before it was refused."""

    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class Event:
    """`event Reason "text {p}"`"""

    reason: Ident
    text: StringLit | None
    span: Span


@final
@frozen
class Within:
    """`within d`"""

    duration: Expr
    span: Span


Clause: TypeAlias = When | LetClause | Yields | Do | Next | Refused | Event | Within


@final
@frozen
class ActionDecl:
    """`action a(p: Pod) fair …`; flags among fair, strongly fair, unfair."""

    name: Ident
    parameters: tuple[Parameter, ...]
    flags: tuple[str, ...]
    atomically: str | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen
class Ordered:
    """`ordered { … }`: each action only where none before it is enabled."""

    actions: tuple[ActionDecl, ...]
    span: Span


ControllerMember: TypeAlias = (
    Watches | ActsAs | MemoryDecl | ParamDecl | FnDecl | ActionDecl | Ordered
)


@final
@frozen
class ControllerDecl:
    """`controller c for s: K instances n { … }`"""

    name: Ident
    each: tuple[Ident, TypeNode] | None
    instances: Expr | None
    members: tuple[ControllerMember, ...]
    span: Span


@final
@frozen
class EnvironmentDecl:
    """`environment e { … }`"""

    name: Ident
    members: tuple[FnDecl | ActionDecl | ParamDecl, ...]
    span: Span


@final
@frozen
class Pattern:
    """`c.a(x, _)`, or `any step` where `path` is empty."""

    path: tuple[Ident, ...]
    names: tuple[Ident, ...] | None
    span: Span


@final
@frozen
class FaultDecl:
    """`fault f(x: T) when … do …`, or `fault f(x: T) blocks c.a(p) when …`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    blocks: Pattern | None
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen
class RecoveryDecl:
    """`recovery r(x: T) when … do …`: the end of a fault, weakly fair unless it `may last`."""

    name: Ident
    parameters: tuple[Parameter, ...]
    may_last: bool
    clauses: tuple[Clause, ...]
    span: Span


@final
@frozen
class GhostRule:
    """`on c.a(x): …` in a ghost."""

    pattern: Pattern
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class GhostDecl:
    """`ghost g: T = e { on … }`"""

    name: Ident
    type: TypeNode
    init: Expr
    rules: tuple[GhostRule, ...]
    span: Span


@final
@frozen
class TemporalClaim:
    """A formula; `always` in front of a state formula makes an invariant."""

    body: Expr
    span: Span


@final
@frozen
class OnStep:
    """`on c.a(x) where g: e`"""

    pattern: Pattern
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen
class ReachableClaim:
    """`reachable e`"""

    body: Expr
    span: Span


@final
@frozen
class DeadlockClaim:
    """`no deadlock`"""

    span: Span


@final
@frozen
class SettlesClaim:
    """`settles K.f, …` or `oscillates …`; dotted names, all API fields if none."""

    negated: bool
    paths: tuple[Ident, ...]
    span: Span


Claim: TypeAlias = TemporalClaim | OnStep | ReachableClaim | DeadlockClaim | SettlesClaim


@final
@frozen
class PropertyDecl:
    """`property p "sentence": claim`; `invariant p: e` is `property p: always e`."""

    name: Ident
    sentence: str | None
    claim: Claim
    span: Span


@final
@frozen
class LawDecl:
    """`law l: e`, or `belief l: e` where a refutation is expected."""

    name: Ident
    belief: bool
    sentence: str | None
    body: Expr
    induction: Ident | None
    span: Span


# ---- vectors -----------------------------------------------------------------------------------


@final
@frozen
class VectorLayout:
    """`cases at P kind at P input at P expected at P`"""

    cases: Ident
    kind: Ident
    input: Ident
    expected: Ident
    span: Span


@final
@frozen
class VectorWorld:
    """`world K(i) { … }`"""

    kinds: tuple[Ident, ...]
    input: Ident
    body: tuple[Stmt, ...]
    span: Span


@final
@frozen
class VectorCase:
    """`case K(i, o) where g: e`"""

    kinds: tuple[Ident, ...]
    input: Ident
    expected: Ident
    where: Expr | None
    body: Expr
    span: Span


@final
@frozen
class VectorSkip:
    """`skip K where g because "…"`"""

    kind: Ident
    where: Expr | None
    why: str
    span: Span


@final
@frozen
class VectorsDecl:
    """`vectors "file.json" (file) { … }`"""

    path: str
    file: Ident | None
    items: tuple[VectorLayout | VectorWorld | VectorCase | VectorSkip, ...]
    span: Span


# ---- scenarios ---------------------------------------------------------------------------------


@final
@frozen
class DataAtom:
    """A bare word, a dashed word, text, or a number: which one is in `token`.

    `token` is NAME, DASHED, STRING, INT or QUANTITY; `text` is what was written, text unescaped.
    """

    token: str
    text: str
    span: Span


@final
@frozen
class DataRange:
    """`0..3`"""

    lo: int
    hi: int
    span: Span


@final
@frozen
class DataMap:
    """`{k: v}`; a nested `pod {…}` is an entry too."""

    entries: tuple[tuple[Ident, Data], ...]
    span: Span


@final
@frozen
class DataList:
    """`[a, b]`"""

    items: tuple[Data, ...]
    span: Span


@final
@frozen
class DataAny:
    """`any`, `any of {…}`: every value is an initial one."""

    of: Data | None
    span: Span


Data: TypeAlias = "DataAtom | DataRange | DataMap | DataList | DataAny"


@final
@frozen
class ObjectDecl:
    """`node a, b { … }`: a kind's name, in any case, and objects."""

    kind: Ident
    names: tuple[Ident, ...]
    body: DataMap
    span: Span


@final
@frozen
class ObjectsFrom:
    """`from "manifests/"` inside a cluster."""

    path: str
    span: Span


@final
@frozen
class ClusterDecl:
    """`cluster c from "…" { … }`; no name when written inside a scenario."""

    name: Ident | None
    sources: tuple[ObjectsFrom, ...]
    objects: tuple[ObjectDecl | ObjectsFrom, ...]
    span: Span


@final
@frozen
class OnCluster:
    """`in c`"""

    name: Ident
    span: Span


@final
@frozen
class RunItem:
    """`c`, `c.a`, `-c.a`, `c.a at most 2`"""

    remove: bool
    path: tuple[Ident, ...]
    most: Expr | None
    span: Span


@final
@frozen
class Run:
    """`run …`"""

    items: tuple[RunItem, ...]
    span: Span


@final
@frozen
class FaultItem:
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
@frozen
class Faults:
    """`faults { … }`"""

    items: tuple[FaultItem, ...]
    span: Span


@final
@frozen
class Setting:
    """`p = e`, `c.p = e`"""

    path: tuple[Ident, ...]
    value: Expr
    span: Span


@final
@frozen
class WithSettings:
    """`with p = e, …`"""

    settings: tuple[Setting, ...]
    span: Span


@final
@frozen
class Start:
    """`start empty`, `start settled`, `start as given`: word is empty, settled or given."""

    word: str
    span: Span


@final
@frozen
class Time:
    """`time timed` or `time untimed`"""

    word: str
    span: Span


@final
@frozen
class Room:
    """`room { Pod: 3 }`"""

    sizes: tuple[tuple[Ident, Expr], ...]
    span: Span


@final
@frozen
class Assume:
    """`assume a: e`: only initial states where it is true."""

    name: Ident
    body: Expr
    span: Span


@final
@frozen
class Check:
    """`check p, q`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen
class Expect:
    """`expect violated p with f`; word is holds, violated, unknown, refuted or reached."""

    word: str
    names: tuple[Ident, ...]
    settings: tuple[Setting | FaultItem, ...]
    span: Span


@final
@frozen
class Prove:
    """`prove p`"""

    names: tuple[Ident, ...]
    span: Span


@final
@frozen
class SweepItem:
    """`n in lo..hi`, or `n in {…}` where `hi` is None"""

    name: Ident
    source: Expr
    hi: Expr | None
    span: Span


@final
@frozen
class Sweep:
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
@frozen
class ScenarioDecl:
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
@frozen
class Module:
    """One file."""

    doc: str | None
    items: tuple[Item, ...]
    span: Span
