"""The typed tree: every name resolved, every coercion written out, every macro expanded.

Read by the pure evaluator, by the interpreter of typed modules and by lowering; each of the three
is a reading of its own, so this file says what every node means.

Worlds. An expression reads the objects of some *world*: the live state, a controller's view, the
state before a step, the state after an effect, or a world built from a test vector. The world is
part of the context of evaluation, never of the expression, except where `World` nodes change it.
Inside the actions and functions of a controller, kinds that it watches are read from its view.
"""

from __future__ import annotations

import enum
from fractions import Fraction
from typing import Final, TypeAlias, final

from kspec.analysis.types import Type
from kspec.base.node import Node
from kspec.base.record import frozen
from kspec.base.source import Span

# ---- expressions -------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class TLit(Node):
    """A literal. bool, int, Fraction (rationals and units, in the base unit), str (names and
    enum cases), or None for `none`. The literal of a timer is "off"."""

    value: bool | int | Fraction | str | None
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TVar(Node):
    """A bound name: parameter, binder, `let`, `fold` accumulator, controller instance."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TParam(Node):
    """A `param`, by its full name (`expectations`, or `eviction.threshold` in a component)."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TUniverse(Node):
    """A declared `universe`, by name: a set."""

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TField(Node):
    """A field of a *live* object or of a record."""

    arg: TExpr
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TRefField(Node):
    """A field through a stored reference (`KindT` not live, `KeyT`): nothing if it is dead.

    The type is an option of the field's type (a field that is itself an option is not nested).
    """

    arg: TExpr
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TState(Node):
    """A component's `memory` or `local` variable, or a ghost, by full name (`node_lifecycle.due`).

    In a component with instances it is the variable of the current instance.
    """

    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TGet(Node):
    """A map at a key: the value for a total map, an option for a partial one (not nested)."""

    arg: TExpr
    key: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TAt(Node):
    """A list at a place from 0: an option."""

    arg: TExpr
    index: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TPart(Node):
    """A component of a tuple."""

    arg: TExpr
    index: int
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLookup(Node):
    """`K[n]`: the live object of the kind whose key is these values, as an option; nothing if
    several have it."""

    kind: str
    keys: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TCall(Node):
    """A user's function, by full name. It reads the world of its caller."""

    function: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TPrim(Node):
    """A built-in operation.

    Logic (bool): `not` `and` `or` `implies` (n-ary `and`/`or`).
    Comparison: `==` of two values of one type (identities by identity; sets, maps, records by
    value; an option equals an option), `<` `<=` of ints, rationals, units, tuples of these (bool
    as false < true), enums by declaration, names as text.
    Arithmetic on ints, rationals, units: `+` `-` `*` `neg` `abs` `min` `max`; `/` exact (rational);
    `div` `mod` on ints, rounding down, divisor positive; `floor` `ceil` to int; `frac` int to
    rational.
    Sets: `in` (element, set) `subset` `union` `inter` `minus` `size`; lists: `in-list` `++` `len`
    `head` (option) `reverse` `set-of-list`; maps: `keys` (set) `values` (list by key order)
    `has` (key, map).
    Names: `concat` (n-ary, names and ints in decimal) `starts` `ends` `has-text` `lower`
    `strip-end` `strip-start` `split` (list) `replace` `text` (any scalar to a name) `length`
    `decimal` (rational, places).
    Options: `exists` `to-list`. Timers: `off?` `due?` `on?`. Objects: `live?` (is the reference
    alive) `age` (place in the order of creation among live objects of its kind, oldest 0),
    `name-of` (key reference of an object), `kind-is` (object, kind given by `extra`).
    Json: `json-get` (document, key) `json-kind`…: position decides the decoder, see `TDecode`.
    """

    op: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span
    extra: str = ""


@final
@frozen(eq=False, repr=False)
class TSome(Node):
    """A value where an option is wanted."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TOrElse(Node):
    """The content of an option, or the default. With a default that is itself an option: the
    first of the two that exists."""

    arg: TExpr
    default: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTotal(Node):
    """A total map where a partial one is wanted."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TDecode(Node):
    """A document read as a type, field by field through `at` paths (absent: the default)."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TIf(Node):
    """`if cond then a else b`"""

    cond: TExpr
    then: TExpr
    other: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLet(Node):
    """`let x = e; body`"""

    name: str
    value: TExpr
    body: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class OverKind(Node):
    """The live objects of a kind in the current world."""

    kind: str


@final
@frozen(eq=False, repr=False)
class OverType(Node):
    """Every value of a finite type: bool, enum, range, option or tuple of these, `name` (the
    scope's names), a dead-or-alive identity never."""

    type: Type


@final
@frozen(eq=False, repr=False)
class OverRange(Node):
    """`lo..hi`, both included; empty if lo > hi."""

    lo: TExpr
    hi: TExpr


@final
@frozen(eq=False, repr=False)
class OverSet(Node):
    """The elements of a set."""

    arg: TExpr


@final
@frozen(eq=False, repr=False)
class OverList(Node):
    """The elements of a list, in order."""

    arg: TExpr


@final
@frozen(eq=False, repr=False)
class OverOption(Node):
    """The content of an option, if any."""

    arg: TExpr


Over: TypeAlias = "OverKind | OverType | OverRange | OverSet | OverList | OverOption"


@final
@frozen(eq=False, repr=False)
class TBinder(Node):
    """A name and what it ranges over; later binders see earlier ones."""

    name: str
    type: Type
    over: Over
    span: Span


class Comp(enum.Enum):
    """What a comprehension does with the bindings that satisfy its condition."""

    ALL = "all"  # body true of every one
    SOME = "some"
    NO = "no"
    ONE = "one"  # body true of exactly one
    COUNT = "count"
    SUM = "sum"  # of body; 0 of the body's unit if none
    PRODUCT = "product"
    MIN = "min"  # of body: an option
    MAX = "max"
    UNION = "union"  # of bodies that are sets
    THE = "the"  # the only binding, as an option; nothing if none or several
    FIRST = "first"  # of a list, as an option
    SET = "set"  # of bodies
    LIST = "list"  # of bodies, in the order of the list ranged over
    MAP = "map"  # from each value of a finite type or kind to body: total over a type or kind
    SORT = "sort"  # the elements, least key first, as a list
    LEAST = "least"  # the element with the least key, as an option


@final
@frozen(eq=False, repr=False)
class TComp(Node):
    """A comprehension over bindings. `body` is the binder's variable where none was written;
    `key` only for SORT and LEAST (a tuple or a scalar)."""

    kind: Comp
    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: TExpr
    key: TExpr | None
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TFold(Node):
    """`fold elem in list from init as acc | body`"""

    elem: str
    source: TExpr
    init: TExpr
    acc: str
    body: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TRecord(Node):
    """A record; every field is given, defaults written out, in declaration order."""

    fields: tuple[tuple[str, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TWith(Node):
    """A record with fields replaced, or a map with values put at keys (a key is an expression)."""

    arg: TExpr
    fields: tuple[tuple[str, TExpr], ...]
    entries: tuple[tuple[TExpr, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TSet(Node):
    """A set of these values."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TList(Node):
    """A list of these values."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TMap(Node):
    """A partial map of these entries; a later entry wins."""

    entries: tuple[tuple[TExpr, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTuple(Node):
    """A tuple."""

    items: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class PAny(Node):
    """`_`"""


@final
@frozen(eq=False, repr=False)
class PBind(Node):
    """A name; matches anything (of an option: its content, never `none`)."""

    name: str
    type: Type


@final
@frozen(eq=False, repr=False)
class PLit(Node):
    """A literal of the type matched (of an option: its content)."""

    value: TExpr


@final
@frozen(eq=False, repr=False)
class PNone(Node):
    """`none`"""


@final
@frozen(eq=False, repr=False)
class PTemplate(Node):
    """Text with holes, `"{a}/{b}"`: a hole takes the shortest text up to the next literal; the
    last one the rest. `parts` alternate literal text and hole names (`_` binds nothing)."""

    parts: tuple[tuple[str, str], ...]  # ("text", literal) or ("hole", name)


@final
@frozen(eq=False, repr=False)
class PList(Node):
    """A list of exactly these elements."""

    items: tuple[Pattern, ...]


Pattern: TypeAlias = "PAny | PBind | PLit | PNone | PTemplate | PList"


@final
@frozen(eq=False, repr=False)
class TMatch(Node):
    """The body of the first case that matches; the last case matches everything."""

    arg: TExpr
    cases: tuple[tuple[Pattern, TExpr], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TBefore(Node):
    """`before(e)`: in the world before the step; only in occurrence properties."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLive(Node):
    """`live(e)`: in the live world, from inside a controller."""

    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TSeen(Node):
    """`seen(c, e)`, `seen(c(x), e)`: in the view of a controller (of its instance x), with its
    memory; as it was before the step inside an occurrence property."""

    controller: str
    instance: TExpr | None
    arg: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TAfter(Node):
    """`(e after s, …)`: in the world with these effects applied at once."""

    arg: TExpr
    changes: tuple[TStmt, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTimer(Node):
    """`in d`"""

    duration: TExpr
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TTemporal(Node):
    """`always` `eventually` `until` `leads` `not` `and` `or` `implies` over formulas; an argument
    of type bool is a state formula. `unchanged` takes expressions; `gone` an object; `while-stays`
    an expression and a formula (rule "Fairness defaults")."""

    op: str
    args: tuple[TExpr, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class TLives(Node):
    """A quantifier over a temporal body: `all` or `some`; each binder over a kind binds a life."""

    kind: str
    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: TExpr
    type: Type
    span: Span


TExpr: TypeAlias = (
    "TLit | TVar | TParam | TUniverse | TField | TRefField | TState | TGet | TAt | TPart | TLookup"
    " | TCall | TPrim | TSome | TOrElse | TTotal | TDecode | TIf | TLet | TComp | TFold | TRecord"
    " | TWith | TSet | TList | TMap | TTuple | TMatch | TBefore | TLive | TSeen | TAfter | TTimer"
    " | TTemporal | TLives"
)

# ---- statements --------------------------------------------------------------------------------


class Address(enum.Enum):
    """How a write finds its object (rule 19). `DIRECT`: the object itself, known to be live (a
    parameter read live, or an object of a kind the component does not watch)."""

    DIRECT = "direct"
    BY_NAME = "by name"
    BY_UID = "by uid"
    UNCHANGED = "if unchanged"


@final
@frozen(eq=False, repr=False)
class TIndexStep(Node):
    """`[e]` of a map."""

    key: TExpr


@final
@frozen(eq=False, repr=False)
class TFieldStep(Node):
    """`.f` of a record."""

    name: str


TStep: TypeAlias = TIndexStep | TFieldStep


@final
@frozen(eq=False, repr=False)
class TFieldPlace(Node):
    """A field of an object, and perhaps a place inside its value."""

    target: TExpr
    kind: str
    name: str
    path: tuple[TStep, ...]


@final
@frozen(eq=False, repr=False)
class TStatePlace(Node):
    """A `memory`, `local` or ghost variable (of the current instance), and a place inside."""

    name: str
    path: tuple[TStep, ...]


@final
@frozen(eq=False, repr=False)
class TAssign(Node):
    """The place becomes the value (`+=`, `-=` are written out). `type` is the place's."""

    place: TFieldPlace | TStatePlace
    value: TExpr
    type: Type
    address: Address
    span: Span


@final
@frozen(eq=False, repr=False)
class TNew(Node):
    """An object with the least free identity; every field is given, defaults written out.

    Refused if the kind has a key and a live object bears it. `name` binds the identity for the
    statements after it and for the action's occurrence properties.
    """

    name: str
    kind: str
    fields: tuple[tuple[str, TExpr], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TDelete(Node):
    """The object is gone."""

    target: TExpr
    kind: str
    address: Address
    span: Span


@final
@frozen(eq=False, repr=False)
class TIfStmt(Node):
    """One branch or the other."""

    cond: TExpr
    then: tuple[TStmt, ...]
    other: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TForStmt(Node):
    """The body for every binding, all at once, read in the state before."""

    binders: tuple[TBinder, ...]
    where: TExpr | None
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TChoose(Node):
    """A free choice; the action has no instance where nothing can be chosen."""

    binders: tuple[TBinder, ...]
    where: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TRequire(Node):
    """The write of this block is refused unless."""

    cond: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TBind(Node):
    """A name for a value read in the state before: an effect's argument."""

    name: str
    value: TExpr
    span: Span


TStmt: TypeAlias = "TAssign | TNew | TDelete | TIfStmt | TForStmt | TChoose | TRequire | TBind"

# ---- declarations ------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class AtPath(Node):
    """Where a field stands in a document: path texts as written, and how it is read there.

    `read` is "value", "exists", "is" (equal to `word`) or "by" (the function `word`).
    """

    paths: tuple[str, ...]
    read: str
    word: str


@final
@frozen(eq=False, repr=False)
class TFieldDecl(Node):
    """A field. `default` is None where it must be given.

    `role` is api (an `at` path, or written by nobody else's business), local, ghost; `const`:
    never written; `fixed`: written at birth only; `heartbeat`: not observed by `settles`.
    """

    name: str
    type: Type
    default: TExpr | None
    at: AtPath | None
    role: str
    const: bool
    fixed: bool
    heartbeat: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class TRecordDecl(Node):
    """A record's fields, in order, and what makes it valid (the field names are in scope)."""

    name: str
    fields: tuple[TFieldDecl, ...]
    valid: tuple[TExpr, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class LedgerLine(Node):
    """A path of a document that the kind approximates or ignores, and why."""

    approximates: bool
    path: str
    why: str


@final
@frozen(eq=False, repr=False)
class TKindDecl(Node):
    """A kind with the members of its mixins and extensions.

    `versions` are pairs of apiVersion and the API's name of the kind. In `valid`, `self` is the
    object. `key` are field names, empty if the kind has none.
    """

    name: str
    const: bool
    versions: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    fields: tuple[TFieldDecl, ...]
    valid: tuple[TExpr, ...]
    ledger: tuple[LedgerLine, ...]
    module: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TParamDecl(Node):
    """A parameter of the model, by full name."""

    name: str
    type: Type
    default: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TUniverseDecl(Node):
    """A named finite set."""

    name: str
    type: Type
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TFn(Node):
    """A total function, by full name; `owner` is the controller or environment it lives in."""

    name: str
    owner: str | None
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TWatch(Node):
    """A watched kind; `where` sees the object as `self`, and the instance."""

    kind: str
    where: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TStateDecl(Node):
    """A `memory`, `local` or ghost variable, by full name."""

    name: str
    type: Type
    init: TExpr
    role: str  # memory, local, ghost
    span: Span


@final
@frozen(eq=False, repr=False)
class TEvent(Node):
    """An event reason and its text: strings and expressions."""

    reason: str
    text: tuple[str | TExpr, ...]


@final
@frozen(eq=False, repr=False)
class TGuard(Node):
    """A conjunct. With `bind`, `cond` is an option: false if nothing, else its content is bound
    for everything after it."""

    cond: TExpr
    bind: str | None
    because: tuple[str | TExpr, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TLetGuard(Node):
    """A name for a value, for everything after it."""

    name: str
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TStepDecl(Node):
    """One step of a reconcile: the first is the `do`, the others its `next`s.

    `each`: one member after another of a set frozen at the first step, in any order.
    `when`: waits. `refused`: what happens instead when the block's write is refused; None is
    nothing, the reconcile ends.
    """

    each: tuple[str, TExpr, Type] | None
    when: TExpr | None
    body: tuple[TStmt, ...]
    refused: tuple[TStmt, ...] | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TAction(Node):
    """An action, by full name (`replicaset.create`).

    `parameters` are binders over kinds, finite types or sets; `guards` in order. `after` are the
    names of the actions of the same `ordered` block that come before it. `fair` is "weak",
    "strong" or "none", defaults applied (rule 9). `yields` names values read before the step.
    """

    name: str
    owner: str
    origin: str  # controller, environment, fault, recovery
    parameters: tuple[TBinder, ...]
    guards: tuple[TGuard | TLetGuard, ...]
    yields: tuple[tuple[str, TExpr], ...]
    steps: tuple[TStepDecl, ...]
    after: tuple[str, ...]
    fair: str
    atomically: str | None
    event: TEvent | None
    within: TExpr | None
    blocks: tuple[str, TExpr] | None  # a fault that blocks an action: its name, and when
    span: Span


@final
@frozen(eq=False, repr=False)
class TComponent(Node):
    """A controller or an environment. `instance` is its binder when it has instances."""

    name: str
    controller: bool
    instance: TBinder | None
    watches: tuple[TWatch, ...]
    state: tuple[TStateDecl, ...]
    actions: tuple[TAction, ...]
    actor: str | None
    module: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TGhostRule(Node):
    """When an action of this name steps with these names bound, the statements happen too."""

    actions: tuple[tuple[str, tuple[str, ...]], ...]
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TGhost(Node):
    """A ghost variable and its rules."""

    state: TStateDecl
    rules: tuple[TGhostRule, ...]


@final
@frozen(eq=False, repr=False)
class CAlways(Node):
    """An invariant: a state formula."""

    body: TExpr


OTHERS: Final = "*"
"""In the place of an action's name: every step that nobody declares."""


@final
@frozen(eq=False, repr=False)
class COn(Node):
    """An occurrence property: for each action matched, the names its parameters (and instance,
    first) are bound to, `_` binding nothing; the condition and the claim. `OTHERS` stands for the
    steps that nobody declares: restarts, deliveries, the clock."""

    actions: tuple[tuple[str, tuple[str, ...]], ...]
    where: TExpr | None
    body: TExpr


@final
@frozen(eq=False, repr=False)
class CReachable(Node):
    """A witness is wanted."""

    body: TExpr


@final
@frozen(eq=False, repr=False)
class CTemporal(Node):
    """A formula over runs."""

    body: TExpr


@final
@frozen(eq=False, repr=False)
class CNoDeadlock(Node):
    """Something is always enabled."""


@final
@frozen(eq=False, repr=False)
class CSettles(Node):
    """Kinds and fields observed: pairs, or all API fields if empty."""

    negated: bool
    observed: tuple[tuple[str, str], ...]


@final
@frozen(eq=False, repr=False)
class CValues(Node):
    """In the reachable states in which `where` is true, `body` has so many different values."""

    count: int
    body: TExpr
    where: TExpr | None


TClaim: TypeAlias = CAlways | COn | CReachable | CTemporal | CNoDeadlock | CSettles | CValues


@final
@frozen(eq=False, repr=False)
class TProperty(Node):
    """A property; a `lemma` is one that helps proofs, and is judged only where it is named."""

    name: str
    sentence: str | None
    claim: TClaim
    span: Span
    lemma: bool = False


@final
@frozen(eq=False, repr=False)
class TLaw(Node):
    """A law or belief: a closed formula about every well-formed world."""

    name: str
    belief: bool
    sentence: str | None
    body: TExpr
    induction: str | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorCase(Node):
    """A case: names of the input and the expected value, both documents."""

    kinds: tuple[str, ...]
    input: str
    expected: str
    where: TExpr | None
    body: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorWorld(Node):
    """Statements that build the world of these kinds of case, from an empty one."""

    kinds: tuple[str, ...]
    input: str
    body: tuple[TStmt, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectorSkip(Node):
    """Vectors that the model leaves out, and why."""

    kind: str
    input: str
    where: TExpr | None
    why: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TVectors(Node):
    """A file of test vectors. Layout paths default to vectors, kind, input(s), expected."""

    path: str
    file: str | None
    layout: tuple[str, str, str, str] | None
    worlds: tuple[TVectorWorld, ...]
    cases: tuple[TVectorCase, ...]
    skips: tuple[TVectorSkip, ...]
    span: Span


# ---- scenarios ---------------------------------------------------------------------------------


@final
@frozen(eq=False, repr=False)
class TObject(Node):
    """An object that the cluster names; only inside cluster data. `kind` is None for `object`."""

    kind: str | None
    name: str
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DValue(Node):
    """A field's initial value."""

    value: TExpr | TObject


@final
@frozen(eq=False, repr=False)
class DParts(Node):
    """A record or map whose parts may be objects or free."""

    parts: tuple[tuple[str, DataValue], ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DItems(Node):
    """A set or list whose parts may be objects or free."""

    items: tuple[DataValue, ...]
    type: Type
    span: Span


@final
@frozen(eq=False, repr=False)
class DAny(Node):
    """Every value of the type, or of `of` (a set), is an initial one."""

    of: TExpr | None
    type: Type
    span: Span


DataValue: TypeAlias = "DValue | DParts | DItems | DAny"


@final
@frozen(eq=False, repr=False)
class TObjectDecl(Node):
    """Objects of one kind that start alive, all with these fields (others: the default)."""

    kind: str
    names: tuple[str, ...]
    fields: tuple[tuple[str, DataValue], ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class TManifests(Node):
    """A path that objects are read from, relative to the file it is written in."""

    path: str
    span: Span


@final
@frozen(eq=False, repr=False)
class TCluster(Node):
    """What exists at the start."""

    objects: tuple[TObjectDecl | TManifests, ...]


@final
@frozen(eq=False, repr=False)
class TSetting(Node):
    """A parameter, by full name, and its value in a scenario."""

    param: str
    value: TExpr
    span: Span


@final
@frozen(eq=False, repr=False)
class TFaultUse(Node):
    """A fault that may happen: `most` times (None: any number).

    `fault` is a declared fault's name, or one of the language's own with a `subject` component:
    `stale_cache` (with `lag`, `servers`, `unordered`), `restart`, `lossy_api`.
    """

    fault: str
    subject: str | None
    most: TExpr | None
    lag: TExpr | None
    servers: TExpr | None
    unordered: bool
    span: Span


@final
@frozen(eq=False, repr=False)
class TRun(Node):
    """Components or actions that run (or, with `remove`, do not); `most` bounds how often."""

    remove: bool
    component: str
    action: str | None
    most: TExpr | None
    span: Span


@final
@frozen(eq=False, repr=False)
class TJudge(Node):
    """A line to judge: `check` (expected None), `expect W` or `prove`. One that `helps` is no line
    of anybody's: a lemma that is there if it means something in the scope."""

    property: str
    expected: str | None
    prove: bool
    settings: tuple[TSetting, ...]
    faults: tuple[TFaultUse, ...]
    span: Span
    helps: bool = False


@final
@frozen(eq=False, repr=False)
class TSweep(Node):
    """One dimension of a sweep: a kind's number of objects or a parameter, over these values."""

    name: str
    values: TExpr | tuple[TExpr, TExpr]
    span: Span


@final
@frozen(eq=False, repr=False)
class TScenario(Node):
    """A scenario with everything it extends merged in. `name` is "" for a file without the word.

    `start` is empty, settled or given; `time` timed or untimed. `run` empty: every controller and
    environment of the modules imported.
    """

    name: str
    cluster: TCluster
    settings: tuple[TSetting, ...]
    faults: tuple[TFaultUse, ...]
    run: tuple[TRun, ...]
    room: tuple[tuple[str, TExpr], ...]
    start: str
    time: str
    assumes: tuple[tuple[str, TExpr], ...]
    judges: tuple[TJudge, ...]
    sweep: tuple[TSweep, ...]
    span: Span


@final
@frozen(eq=False, repr=False)
class Program(Node):
    """A file with everything it imports, checked; every table in order of declaration.

    `files` are the names of the sources, the one asked for last.
    """

    files: tuple[str, ...]
    enums: tuple[EnumDecl, ...]
    records: tuple[TRecordDecl, ...]
    kinds: tuple[TKindDecl, ...]
    params: tuple[TParamDecl, ...]
    universes: tuple[TUniverseDecl, ...]
    functions: tuple[TFn, ...]
    components: tuple[TComponent, ...]
    faults: tuple[TAction, ...]
    ghosts: tuple[TGhost, ...]
    properties: tuple[TProperty, ...]
    laws: tuple[TLaw, ...]
    vectors: tuple[TVectors, ...]
    scenarios: tuple[TScenario, ...]


@final
@frozen(eq=False, repr=False)
class EnumDecl(Node):
    """An enumeration."""

    name: str
    cases: tuple[str, ...]
    span: Span
