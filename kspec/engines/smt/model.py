"""A system as terms over one state: where runs start, what a step does, what is asked about.

Everything is written once, over variables of *a* state and *a* step; `unroll` makes copies. A step
chooses one of the moves by number: an action with variables for what is given to it, or, where
there are few, an action with known parameters. Rules 2, 4, 5, 13 and 14. No solver is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product
from math import prod
from typing import TypeAlias, assert_never, final

from kspec.base.record import frozen
from kspec.engines.smt.encode import MOST_CASES, Encoder, Env, TooLarge, Typed
from kspec.engines.smt.terms import Number, Terms, Truth
from kspec.engines.smt.values import Sym, lift, parts
from kspec.ir.expr import Binder, Expr, sort_of
from kspec.ir.sorts import Map, Record, Sort, cardinality, values
from kspec.ir.system import (
    Action,
    Field,
    Implicit,
    Index,
    Invariant,
    NoDeadlock,
    Occurrence,
    PathStep,
    Property,
    Reachable,
    Settles,
    System,
    Temporal,
    Update,
)
from kspec.ir.system import (
    Values as ValuesClaim,
)

WELL_FORMED = "$well-formed"
"""What the generated formula of a system is called among goals."""
CUT = "$cut "
"""Before the name of an action in the name of the goal that it is cut."""


@final
@frozen(eq=False)
class Move:
    """One way to step. `enabled` is the guard without the cut; `broken` says which implicit
    properties the step breaks, if it is taken; `after` is the state it leads to if it breaks
    none. `params` and `choices` are in the shape of the action's binders."""

    action: int
    params: tuple[Sym, ...]
    choices: tuple[Sym, ...]
    enabled: Truth
    cut: Truth
    broken: tuple[tuple[Implicit, Truth], ...]
    after: tuple[Sym, ...]
    env: Env


@final
@frozen
class OfState:
    """A bad thing about a state: `bad` speaks of the state alone."""

    name: str
    bad: Truth


@final
@frozen
class OfStep:
    """A bad thing about a step: `bad` speaks of a state and of what is done in it, and implies
    that it can be done."""

    name: str
    bad: Truth


Goal: TypeAlias = OfState | OfStep


@final
@frozen(eq=False)
class Model:
    """The terms of a system. `state` stands for any state, by variable; `chosen` is the number of
    the move; `step` is true of a step that is taken to `after`; `written` are the places of the
    variables that a step may change. `initial` is true of a choice for init's parameters, and
    `start` is the state it leads to."""

    system: System
    encoder: Encoder
    state: tuple[Sym, ...]
    moves: tuple[Move, ...]
    chosen: Number
    step: Truth
    after: tuple[Sym, ...]
    written: tuple[int, ...]
    initial: Truth
    start: tuple[Sym, ...]

    @property
    def terms(self) -> Terms:
        """The maker of all terms."""
        return self.encoder.terms

    def named(self, state: tuple[Sym, ...]) -> Mapping[str, Typed]:
        """What names stand for in a state."""
        return _named(self.system, state)


def model(system: System, spelled_out: int = 1) -> Model:
    """The terms of a system. An action with at most `spelled_out` instances becomes one move an
    instance. Raises `TooLarge`."""
    return _Modelling(system, spelled_out).model()


def _named(system: System, state: tuple[Sym, ...]) -> dict[str, Typed]:
    names: dict[str, Typed] = {c.name: (lift(c.sort, c.value), c.sort) for c in system.constants}
    for variable, sym in zip(system.variables, state, strict=True):
        names[variable.name] = (sym, variable.sort)
    return names


@final
class _Modelling:
    """Makes one model."""

    def __init__(self, system: System, spelled_out: int) -> None:
        self.system = system
        self.spelled_out = spelled_out
        self.encoder = Encoder(Terms())
        self.terms = self.encoder.terms
        self.values = self.encoder.values
        self.state = tuple(self.values.fresh(v.sort, f"s.{v.name}") for v in system.variables)
        self.names = _named(system, self.state)

    def model(self) -> Model:
        """All of it."""
        system, terms = self.system, self.terms
        moves = tuple(m for n in range(len(system.actions)) for m in self._moves(n))
        moves = tuple(m for m in moves if m.enabled is not False and m.cut is not True)
        chosen = terms.number("which", 0, max(0, len(moves) - 1))
        takes = [terms.implies(terms.equal(chosen, n), self._taken(m)) for n, m in enumerate(moves)]
        initial, start = self._start()
        return Model(
            system=system,
            encoder=self.encoder,
            state=self.state,
            moves=moves,
            chosen=chosen,
            step=terms.and_(takes) if moves else False,
            after=self._after(moves, chosen),
            written=tuple(self._written(moves)),
            initial=initial,
            start=start,
        )

    def _taken(self, move: Move) -> Truth:
        """Is it enabled, and breaks nothing?"""
        terms = self.terms
        whole = (terms.not_(broken) for _, broken in move.broken)
        return terms.and_((move.enabled, terms.not_(move.cut), *whole))

    def _after(self, moves: tuple[Move, ...], chosen: Number) -> tuple[Sym, ...]:
        found = self.state
        for n, move in enumerate(moves):
            is_it = self.terms.equal(chosen, n)
            found = tuple(
                old if new is before else self.values.choose(is_it, new, old)
                for before, new, old in zip(self.state, move.after, found, strict=True)
            )
        return found

    def _written(self, moves: tuple[Move, ...]) -> Iterator[int]:
        for place, before in enumerate(self.state):
            if any(move.after[place] is not before for move in moves):
                yield place

    def _start(self) -> tuple[Truth, tuple[Sym, ...]]:
        init, system = self.system.init, self.system
        constants = {c.name: (lift(c.sort, c.value), c.sort) for c in system.constants}
        env, empty = Env(constants), False
        for binder in init.params:
            sym = self.values.fresh(binder.sort, f"init.{binder.name}")
            env = env.bind(binder.name, sym, binder.sort)
            empty = empty or cardinality(binder.sort) == 0
        where = self.encoder.truth(init.where, env)
        assigned = dict(init.assign)
        start = tuple(self.encoder.into(assigned[v.name], env, v.sort) for v in system.variables)
        return (False if empty else where), start

    # ---- moves --------------------------------------------------------------------------------

    def _moves(self, place: int) -> Iterator[Move]:
        action = self.system.actions[place]
        binders = (*action.params, *action.choices)
        count = prod(cardinality(b.sort) for b in binders)
        if count == 0:
            return
        given: Iterator[tuple[Sym, ...]] = iter(
            (tuple(self.values.fresh(b.sort, f"in.{action.name}.{b.name}") for b in binders),)
        )
        if count <= self.spelled_out:
            given = instances(binders)
        for syms in given:
            yield self._move(place, action, syms)

    def _move(self, place: int, action: Action, syms: tuple[Sym, ...]) -> Move:
        env, enabled, cut = enabling(self.encoder, self.names, action, syms)
        writes: list[_Write] = []
        if enabled is not False:
            writes = [w for u in action.updates for w in self._writes(u, env)]
        return Move(
            action=place,
            params=syms[: len(action.params)],
            choices=syms[len(action.params) :],
            enabled=enabled,
            cut=cut,
            broken=self._broken(writes),
            after=self._successor(writes),
            env=env,
        )

    def _writes(self, update: Update, env: Env) -> Iterator[_Write]:
        (place,) = (n for n, v in enumerate(self.system.variables) if v.name == update.var)
        for inner in self._each(update.binders, env):
            when = self.encoder.truth(update.when, inner)
            if when is False:
                continue
            path, sort = self._path(update.path, self.system.variables[place].sort, inner)
            given = sort_of(update.value)
            sym = self.encoder.sym(update.value, inner)
            yield _Write(
                variable=place,
                path=path,
                when=when,
                value=self.values.convert(given, sym, sort),
                in_range=self.values.contained(given, sym, sort),
                live=self.encoder.truth(update.live, inner),
            )

    def _each(self, binders: tuple[Binder, ...], env: Env) -> Iterator[Env]:
        if not binders:
            yield env
            return
        for _, _, inner in self.encoder.each(binders[0], env):
            yield from self._each(binders[1:], inner)

    def _path(
        self, path: tuple[PathStep, ...], sort: Sort, env: Env
    ) -> tuple[tuple[list[Truth], ...], Sort]:
        found: list[list[Truth]] = []
        for step in path:
            match step:
                case Index(key):
                    assert isinstance(sort, Map)
                    found.append(self.encoder.keys(sort.key, key, env))
                    sort = sort.value
                case Field(name):
                    assert isinstance(sort, Record)
                    at = sort.position(name)
                    found.append([n == at for n in range(len(sort.fields))])
                    sort = sort.field(name)
                case _:
                    assert_never(step)
        return tuple(found), sort

    def _broken(self, writes: list[_Write]) -> tuple[tuple[Implicit, Truth], ...]:
        terms = self.terms
        out = terms.or_(terms.and_((w.when, terms.not_(w.in_range))) for w in writes)
        twice = terms.or_(self._overlap(a, b) for a, b in combinations(writes, 2))
        dead = terms.or_(terms.and_((w.when, terms.not_(w.live))) for w in writes)
        return (
            (Implicit.IN_RANGE, out),
            (Implicit.SINGLE_WRITE, twice),
            (Implicit.LIVE_TARGET, dead),
        )

    def _overlap(self, a: _Write, b: _Write) -> Truth:
        terms = self.terms
        if a.variable != b.variable:
            return False
        same = (
            terms.or_(terms.and_(pair) for pair in zip(x, y, strict=True))
            for x, y in zip(a.path, b.path, strict=False)
        )
        return terms.and_((a.when, b.when, *same))

    def _successor(self, writes: list[_Write]) -> tuple[Sym, ...]:
        state = list(self.state)
        for write in writes:
            state[write.variable] = self._put(
                state[write.variable], write.path, write.value, write.when
            )
        return tuple(state)

    def _put(self, whole: Sym, path: tuple[list[Truth], ...], value: Sym, when: Truth) -> Sym:
        if not path:
            return self.values.choose(when, value, whole)
        found, places = [], zip(path[0], parts(whole), strict=True)
        for here, part in places:
            condition = self.terms.and_((when, here))
            found.append(
                part if condition is False else self._put(part, path[1:], value, condition)
            )
        return tuple(found)


@final
@frozen(eq=False)
class _Write:
    """An update instance; `path` says of each step for every part: is it the one?"""

    variable: int
    path: tuple[list[Truth], ...]
    when: Truth
    value: Sym
    in_range: Truth
    live: Truth


def instances(binders: tuple[Binder, ...]) -> Iterator[tuple[Sym, ...]]:
    """Every choice of known values for some binders."""
    return product(*([lift(b.sort, v) for v in values(b.sort)] for b in binders))


def enabling(
    encoder: Encoder, names: Mapping[str, Typed], action: Action, given: tuple[Sym, ...]
) -> tuple[Env, Truth, Truth]:
    """What an instance of an action reads, whether its guard is true, and whether it is cut."""
    env = Env(names)
    for binder, sym in zip((*action.params, *action.choices), given, strict=True):
        env = env.bind(binder.name, sym, binder.sort)
    for name, expr in action.lets:
        env = env.bind(name, encoder.sym(expr, env), sort_of(expr))
    guard: list[Truth] = []
    for part in action.guard:
        guard.append(encoder.truth(part.expr, env))
        if guard[-1] is False:
            return env, False, False
    enabled = encoder.terms.and_(guard)
    cut = False if action.cut is None else encoder.truth(action.cut, env)
    return env, enabled, cut


# ---- goals -------------------------------------------------------------------------------------


def goal(of: Model, prop: Property) -> Goal | None:
    """What a trace for a property ends in; None for claims that these engines do not decide."""
    claim = prop.claim
    match claim:
        case Invariant(body):
            return OfState(prop.name, of.terms.not_(_in_state(of, body)))
        case Reachable(body):
            return OfState(prop.name, _in_state(of, body))
        case NoDeadlock():
            return OfState(prop.name, _stuck(of))
        case Occurrence():
            return OfStep(prop.name, _forbidden(of, claim))
        case Settles() | Temporal() | ValuesClaim():
            return None
        case _:
            assert_never(claim)


def well_formed(of: Model) -> Goal:
    """Not being in canonical form (rule 3)."""
    return OfState(WELL_FORMED, of.terms.not_(_in_state(of, of.system.well_formed)))


def implicit(of: Model, which: Implicit) -> Goal:
    """A step that breaks an implicit property."""
    return OfStep(which.value, _of_moves(of, lambda m: dict(m.broken)[which], can_break=True))


def cut_goal(of: Model, action: str) -> Goal:
    """A state in which an action is cut."""
    places = [n for n, a in enumerate(of.system.actions) if a.name == action]
    terms = of.terms

    def is_cut(given: tuple[Sym, ...]) -> Truth:
        _, enabled, cut = enabling(
            of.encoder, of.named(of.state), of.system.actions[places[0]], given
        )
        return terms.and_((enabled, cut))

    a = of.system.actions[places[0]]
    return OfState(CUT + action, terms.or_(is_cut(g) for g in _few((*a.params, *a.choices))))


def named_goal(of: Model, name: str) -> Goal | None:
    """The goal of a name: a property's, an implicit one's, or one that engines add."""
    if name == WELL_FORMED:
        return well_formed(of)
    if name in _IMPLICIT:
        return implicit(of, _IMPLICIT[name])
    if name.startswith(CUT):
        return cut_goal(of, name.removeprefix(CUT))
    return next((goal(of, p) for p in of.system.properties if p.name == name), None)


_IMPLICIT = {which.value: which for which in Implicit}


def _in_state(of: Model, body: Expr) -> Truth:
    return of.encoder.truth(body, Env(of.named(of.state)))


def _few(binders: tuple[Binder, ...]) -> Iterator[tuple[Sym, ...]]:
    count = prod(cardinality(b.sort) for b in binders)
    if count > MOST_CASES:
        raise TooLarge(f"there are {count} instances of an action")
    return instances(binders)


def _stuck(of: Model) -> Truth:
    """No instance of any action is enabled or cut."""
    names, terms = of.named(of.state), of.terms
    guards = (
        enabling(of.encoder, names, action, given)[1]
        for action in of.system.actions
        for given in _few((*action.params, *action.choices))
    )
    return terms.not_(terms.or_(guards))


def _of_moves(of: Model, what: Callable[[Move], Truth], can_break: bool) -> Truth:
    """Of the move that is chosen, which is enabled and breaks nothing unless it `can_break`."""
    terms = of.terms
    found = []
    for n, move in enumerate(of.moves):
        whole = () if can_break else (terms.not_(broken) for _, broken in move.broken)
        enabled = (move.enabled, terms.not_(move.cut), *whole)
        found.append(terms.and_((terms.equal(of.chosen, n), *enabled, what(move))))
    return terms.or_(found)


def _forbidden(of: Model, claim: Occurrence) -> Truth:
    names = of.named(of.state)
    later = [of.named(move.after) for move in of.moves]

    def is_false(n: int, move: Move) -> Truth:
        action = of.system.actions[move.action].name
        env = Env(later[n], names, move.env.bound)
        bodies = (case.body for case in claim.cases if case.action == action)
        return of.terms.not_(of.terms.and_(of.encoder.truth(body, env) for body in bodies))

    place = {id(move): n for n, move in enumerate(of.moves)}
    return _of_moves(of, lambda m: is_false(place[id(m)], m), can_break=False)


__all__ = [
    "CUT",
    "Goal",
    "Model",
    "Move",
    "OfState",
    "OfStep",
    "WELL_FORMED",
    "cut_goal",
    "enabling",
    "goal",
    "implicit",
    "instances",
    "model",
    "named_goal",
    "well_formed",
]
