"""`System`: the contract between the language and everything that answers questions.

Rule numbers are those of `docs/semantics.md`.
"""

from __future__ import annotations

import enum
from typing import TypeAlias, final

from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.ir.expr import Binder, Expr
from kspec.ir.sorts import Sort, Value


@final
@frozen
class Pool:
    """The finite supply of identities of one kind; `names` shows them to people.

    `names[i]` is what place i is called in a trace. The sort of its identities is
    `Id(name, size)`.
    """

    name: str
    size: int
    names: tuple[str, ...]


class Role(enum.Enum):
    """What a variable is for. No engine may treat roles differently except to observe.

    The three lifetimes of rule 20 are `API`, `LOCAL` and `MEMORY`.
    """

    LIVE = "live"  # does the object exist
    API = "api"  # a field of an API object
    LOCAL = "local"  # a host's own state: survives the restart of a component
    MEMORY = "memory"  # lost at a restart
    TASK = "task"  # where a worker stands in a reconcile of several steps, and what it froze
    VIEW = "view"  # an informer cache
    BUDGET = "budget"  # how often a fault may still happen
    GHOST = "ghost"  # for properties only


@final
@frozen
class Var:
    """A state variable. A field of a kind is one variable: a map from the kind's identities.

    `owner` is the kind or component it belongs to and `label` its name there: what traces show.
    """

    name: str
    sort: Sort
    role: Role
    owner: str
    label: str


@final
@frozen
class Const:
    """A named value that never changes; referred to by `Ref` like a variable."""

    name: str
    sort: Sort
    value: Value


@final
@frozen
class Init:
    """The initial states: one for each choice of `params` that satisfies `where`.

    `assign` gives every variable a value, in the order of `System.variables`; it reads
    constants and `params` only, and each value's sort fits the variable's.
    """

    params: tuple[Binder, ...]
    where: Expr
    assign: tuple[tuple[str, Expr], ...]


class Fairness(enum.Enum):
    """Per instance of the declared parameters (rule 8)."""

    NONE = "unfair"
    WEAK = "weakly-fair"
    STRONG = "strongly-fair"


@final
@frozen
class Template:
    """Text with values in it, for people: strings alternate with expressions in any order."""

    parts: tuple[str | Expr, ...]


@final
@frozen
class Conjunct:
    """One part of a guard, with the words that explain why it failed."""

    expr: Expr
    because: Template | None = None
    span: Span | None = None


@final
@frozen
class Index:
    """A step of a path into a map."""

    key: Expr


@final
@frozen
class Field:
    """A step of a path into a record."""

    name: str


PathStep: TypeAlias = Index | Field


@final
@frozen
class Update:
    """For every value of `binders` with `when`: the place at `path` in `var` becomes `value`.

    All expressions are read in the state before the step. A value outside the sort of the place
    breaks *in-range*; two updates of places of which one lies within the other break
    *single-write*; `live` false while `when` is true breaks *live-target* (rule 5). Index
    expressions fit the map's key sort.
    """

    var: str
    path: tuple[PathStep, ...]
    value: Expr
    when: Expr
    live: Expr
    binders: tuple[Binder, ...] = ()
    span: Span | None = None


class Origin(enum.Enum):
    """Who acts: decides default fairness and how a trace speaks of it."""

    CONTROLLER = "controller"
    ENVIRONMENT = "environment"
    FAULT = "fault"
    DELIVERY = "delivery"  # an informer cache or a server catching up
    CLOCK = "clock"


@final
@frozen
class View:
    """Which image a controller acts on, so that a trace can show what was stale.

    `fields` pairs a live variable with an expression of the same shape that reads the view;
    `lag` is how many writes the view is behind, an integer; `instance` are the controller
    instance's binders, free in both.
    """

    controller: str
    kind: str
    instance: tuple[Binder, ...]
    lag: Expr
    fields: tuple[tuple[str, Expr], ...]


@final
@frozen
class Action:
    """A guarded command. An *instance* is a choice of `params` and `choices`.

    `lets` are computed in order, in the state before the step, and may be used in `guard`,
    `cut`, `updates` and `event`. An instance is *enabled* when every conjunct of `guard` is true
    and `cut` is not; it is *cut* when every conjunct and `cut` are true (rule 4).
    `choices` are free and belong to no fairness instance (rule 7).
    """

    name: str
    owner: str
    origin: Origin
    params: tuple[Binder, ...]
    choices: tuple[Binder, ...]
    lets: tuple[tuple[str, Expr], ...]
    guard: tuple[Conjunct, ...]
    cut: Expr | None
    updates: tuple[Update, ...]
    fairness: Fairness
    reason: str | None = None
    event: Template | None = None
    span: Span | None = None


# ---- properties --------------------------------------------------------------------------------


@final
@frozen
class Invariant:
    """True in every reachable state."""

    body: Expr


@final
@frozen
class StepCase:
    """What must be true of every step of one action.

    In `body`, `Ref` reads the state after the step, `Old` the one before; the action's
    parameters, choices and lets are `Local`s and keep the values they had in the step.
    """

    action: str
    body: Expr


@final
@frozen
class Occurrence:
    """True of every transition of the named actions (rule 13)."""

    cases: tuple[StepCase, ...]


@final
@frozen
class Reachable:
    """Some reachable state satisfies it: a witness is wanted."""

    body: Expr


@final
@frozen
class NoDeadlock:
    """In every reachable state an action is enabled or cut."""


@final
@frozen
class Settles:
    """The observed variables change finitely often on every fair run with finitely many
    environment and fault steps; `negated` asks for a run where they do not (`oscillates`)."""

    observed: tuple[str, ...]
    negated: bool


@final
@frozen
class Values:
    """In the reachable states in which `where` is true, `body` has `count` different values.

    No engine decides it: whoever has seen all states counts (`kspec.driver.searching.counting`).
    """

    body: Expr
    where: Expr
    count: int


@final
@frozen
class Holds:
    """A state formula as an atom of a temporal one."""

    body: Expr


@final
@frozen
class Steps:
    """The last step was one of these; false at the start."""

    cases: tuple[StepCase, ...]


@final
@frozen
class NotF:
    """Negation of a temporal formula."""

    arg: Formula


@final
@frozen
class AndF:
    """Conjunction of temporal formulas."""

    args: tuple[Formula, ...]


@final
@frozen
class OrF:
    """Disjunction of temporal formulas."""

    args: tuple[Formula, ...]


@final
@frozen
class Always:
    """From here on."""

    arg: Formula


@final
@frozen
class Eventually:
    """Now or later."""

    arg: Formula


@final
@frozen
class Until:
    """`right` comes, and `left` is true until then."""

    left: Formula
    right: Formula


@final
@frozen
class Unchanged:
    """No further step changes the value of this expression."""

    body: Expr


@final
@frozen
class EachLife:
    """`arg` of every life of an identity that begins while `live` is true (rule 12)."""

    binder: Binder
    live: Expr
    arg: Formula


@final
@frozen
class EachValue:
    """`arg` of every value of a sort that does not come and go."""

    binder: Binder
    arg: Formula


Formula: TypeAlias = (
    "Holds | Steps | NotF | AndF | OrF | Always | Eventually | Until | Unchanged | EachLife"
    " | EachValue"
)


@final
@frozen
class Temporal:
    """A formula over infinite fair runs."""

    formula: Formula


Claim: TypeAlias = Invariant | Occurrence | Reachable | NoDeadlock | Settles | Temporal | Values


@final
@frozen
class Property:
    """A claim with a name; `sentence` is what its author wrote about it."""

    name: str
    claim: Claim
    sentence: str | None = None
    span: Span | None = None


class Implicit(enum.Enum):
    """The properties that every system has (rule 5), by the names they are reported under."""

    IN_RANGE = "in-range"
    SINGLE_WRITE = "single-write"
    LIVE_TARGET = "live-target"


@final
@frozen
class System:
    """Constants, variables of finite sorts, initial states, actions, properties (rule 1).

    `well_formed` is generated with the system (rule 3). `assumptions` are sentences that belong
    to every verdict about it; `bounds` say what is finite only because the scope says so.
    """

    name: str
    pools: tuple[Pool, ...]
    constants: tuple[Const, ...]
    variables: tuple[Var, ...]
    init: Init
    actions: tuple[Action, ...]
    properties: tuple[Property, ...]
    well_formed: Expr
    views: tuple[View, ...] = ()
    assumptions: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()
