#!/usr/bin/env python3
"""Check a run that loops: with `check_trace.py` beside it, and Python's standard library.

    python check_lasso.py SYSTEM.txt TRACE.json PROPERTY

SYSTEM.txt and TRACE.json are as for `check_trace.py`, which has the values, the expressions and the
steps; here is what makes steps an infinite run. The trace's `loop` says how many steps are taken
before those that are repeated for ever; where none is left, the run stays in its last state. The
checker looks whether every step can be taken, whether the last one leads back, whether the run is
fair, and whether the formula is false on it (`settles`: whether controllers go on changing what is
observed, `oscillates` likewise). It prints `ok` (exit 0), the first thing that is wrong (exit 1),
or why it cannot tell (exit 2). It does not ask whether the run is short.

How to read it: `Lasso.walk` takes the steps, `Lasso.fair` asks for fairness, `Lasso.true` reads a
formula at a moment: a place in the run, with what has become of the lives it speaks of.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

if __package__:
    from kspec.certify.check_trace import (
        IMPLICIT,
        PLAIN,
        RANGING,
        Checker,
        System,
        Unreadable,
        Wrong,
        all_values,
        every,
        read_nodes,
    )
else:
    sys.path.insert(0, str(Path(__file__).parent))
    from check_trace import (  # type: ignore[import-not-found, no-redef]
        IMPLICIT,
        PLAIN,
        RANGING,
        Checker,
        System,
        Unreadable,
        Wrong,
        all_values,
        every,
        read_nodes,
    )


class Bound(NamedTuple):
    """A name of a formula. `live`, of a life only, says if the object is there; `over`, if it was
    not at some moment since."""

    name: str
    value: Any
    live: Any = None
    over: bool = False


class Moment(NamedTuple):
    """After `at` steps; one more than there are is any moment of rest after the last."""

    at: int
    names: tuple[Bound, ...]


# Actions with their parameters, which fairness is about.
Fair = tuple[str, tuple[Any, ...]]


class Lasso:
    """A system, and the run that a trace of it stands for."""

    def __init__(self, node: Any, trace: Any) -> None:
        self.system = System(node)
        self.checker = Checker(self.system)
        self.value = self.checker.value
        actions = [c for c in node[2:] if isinstance(c, list) and c[0] == "action"]
        self.origin = {c[1]: c[3] for c in actions}
        self.fairness = {c[1]: c[4] for c in actions}
        self.trace, self.loop = trace, trace["loop"]
        self.states: list[Any] = []
        self.taken: list[tuple[str, Any]] = []  # the action, and what its names stand for

    # ---- steps --------------------------------------------------------------------------------

    def walk(self) -> None:
        """Take all steps. Raise `Wrong` at the first that cannot be taken as it is written."""
        checker, sorts = self.checker, self.system.variables.items()
        starts = (
            s for s in checker.initial_states() if checker.says(self.trace["start"], sorts, s)
        )
        if (state := next(starts, None)) is None:
            raise Wrong("the start is not an initial state")
        self.states.append(state)
        for number, step in enumerate(self.trace["steps"], start=1):
            try:
                state = self._step(state, step)
            except Wrong as wrong:
                raise Wrong(f"step {number}, {step['action']}: {wrong}") from None
            self.states.append(state)
        if type(self.loop) is not int or not 0 <= self.loop < len(self.states):
            raise Wrong("there is no such place for the loop to begin")
        if self.states[self.loop] != self.states[-1]:
            raise Wrong("the last step does not lead back to where the loop begins")

    def _step(self, state: Any, step: Any) -> Any:
        action, bound = self.checker.instance(step)
        status, env = self.checker.tried(action, {**self.checker.env(state, {}), **bound})
        if status != "enabled":
            raise Wrong(f"the action is {status}")
        broken, after = self.checker.step(state, action, env)
        if broken or not self.checker.says(step["state"], self.system.variables.items(), after):
            raise Wrong("it " + (f"breaks {broken}" if broken else "leads elsewhere"))
        own = (*action.params, *action.choices, *action.lets)
        self.taken.append((step["action"], {name: env[name] for name, _ in own}))
        return after

    # ---- fairness -----------------------------------------------------------------------------

    def fair(self) -> None:
        """Raise `Wrong` if the run neglects a fair instance (rule 8)."""
        offered = [self._offered(state) for state in self.states[self.loop :]]
        served = set()
        for at in range(self.loop, len(self.taken)):
            if self.states[at] != self.states[at + 1]:
                name, bound = self.taken[at]
                served.add((name, tuple(bound[p] for p, _ in self.system.actions[name].params)))
        for name, given in {fair for here in offered for fair in here} - served:
            always = all((name, given) in here for here in offered)
            if always or self.fairness[name] == "strongly-fair":
                raise Wrong(f"the loop neglects {name} of {given}, which is {self.fairness[name]}")

    def _offered(self, state: Any) -> set[Fair]:
        """The fair instances that are enabled and change the state, are cut, or break something."""
        found: set[Fair] = set()
        for name, action in self.system.actions.items():
            if self.fairness[name] == "unfair":
                continue
            for env in every(action.params + action.choices, self.checker.env(state, {})):
                status, inner = self.checker.tried(action, env)
                if status == "disabled":
                    continue
                if status == "enabled" and self.checker.step(state, action, inner) == (
                    set(),
                    state,
                ):
                    continue
                found.add((name, tuple(env[p] for p, _ in action.params)))
        return found

    # ---- claims -------------------------------------------------------------------------------

    def shows(self, prop: str) -> bool:
        """Is the run what a trace for this property must be?"""
        match self.system.claims.get(prop):
            case ["temporal", formula]:
                return not self.true(formula, Moment(0, ()))
            case ["settles" | "oscillates", *observed]:
                return self._unsettled(observed)
            case None:
                kind = "an implicit property" if prop in IMPLICIT else "no property"
                raise Unreadable(f"{prop} is {kind}")
            case claim:
                raise Unreadable(f"{claim[0]} is not about whole runs")

    def _unsettled(self, observed: list[str]) -> bool:
        changed = False
        for at in range(self.loop, len(self.taken)):
            origin = self.origin[self.taken[at][0]]
            if origin in ("environment", "fault"):
                return False
            before, after = self.states[at], self.states[at + 1]
            differs = any(before[name] != after[name] for name in observed)
            changed = changed or (origin == "controller" and differs)
        return changed

    def true(self, formula: Any, now: Moment) -> bool:
        """Is a formula true from a moment on?"""
        match formula:
            case ["holds", body]:
                return not self._over(body, now) and self.value(body, self._env(now)) is True
            case ["steps", *cases]:
                return any(self._came_by(name, body, now) for _, name, body in cases)
            case ["not", arg]:
                return not self.true(arg, now)
            case ["and" | "or" as head, *args]:
                return (all if head == "and" else any)(self.true(arg, now) for arg in args)
            case ["always" | "eventually" as head, arg]:
                quantified = all if head == "always" else any
                return quantified(self.true(arg, then) for then in self._from(now))
            case ["until", left, right]:
                for then in self._from(now):
                    if self.true(right, then) or not self.true(left, then):
                        return self.true(right, then)
                return False
            case ["unchanged", body]:
                return all(self._keeps(body, then) for then in self._from(now))
            case ["each-value", [name, sort], arg]:
                some = (Bound(name, v) for v in all_values(self.system.sort(sort)))
                return all(self.true(arg, now._replace(names=(*now.names, b))) for b in some)
            case ["each-life", [name, sort], live, arg]:
                lives = [Bound(name, v, live) for v in all_values(self.system.sort(sort))]
                return all(
                    self.true(arg, then._replace(names=(*then.names, life)))
                    for life in lives
                    for then in self._from(now)
                    if self._begins(life, then, then == now)
                )
        raise Unreadable(f"no formula: {formula}")

    def _keeps(self, body: Any, now: Moment) -> bool:
        after = self._next(now)._replace(names=now.names)
        same = self.value(body, self._env(now)) == self.value(body, self._env(after))
        return same and not self._over(body, now)

    def _begins(self, life: Bound, then: Moment, first: bool) -> bool:
        there = self._there((*then.names, life), then.at)
        return there and (first or not self._there((*then.names, life), then.at - 1))

    def _came_by(self, name: str, body: Any, now: Moment) -> bool:
        if not 0 < now.at <= len(self.taken) or self.taken[now.at - 1][0] != name:
            return False
        own = self.taken[now.at - 1][1]
        outer = Moment(now.at, tuple(b for b in now.names if b.name not in own))
        env = {**self._env(now, self._state(now.at - 1)), **own}
        return not self._over(body, outer) and self.value(body, env) is True

    # ---- moments ------------------------------------------------------------------------------

    def _from(self, now: Moment) -> Iterator[Moment]:
        """This moment and all that come, each once."""
        seen: set[Any] = set()
        while (key := (now.at, *((b.name, b.value, b.over) for b in now.names))) not in seen:
            seen.add(key)
            yield now
            now = self._next(now)

    def _next(self, now: Moment) -> Moment:
        at, last = now.at + 1, len(self.taken)
        if at > last:
            at = last + 1 if self.loop == last else self.loop + 1
        names = [
            b._replace(over=b.over or (b.live is not None and not self._there(now.names[:k], at)))
            for k, b in enumerate(now.names, start=1)
        ]
        return Moment(at, tuple(names))

    def _there(self, names: tuple[Bound, ...], at: int) -> bool:
        """Is the object of the last name there?"""
        return self.value(names[-1].live, self._env(Moment(at, names))) is True

    def _state(self, at: int) -> Any:
        return self.states[min(at, len(self.taken))]

    def _env(self, now: Moment, old: Any = None) -> Any:
        named = {bound.name: bound.value for bound in now.names}
        return {**self.checker.env(self._state(now.at), old or {}), **named}

    def _over(self, body: Any, now: Moment) -> bool:
        """Does an expression speak of a life that is over? Then what it says is false (rule 12)."""
        visible = {bound.name: bound.over for bound in now.names}
        return any(visible[name] for name in spoken_of(body) & set(visible))


def spoken_of(node: Any) -> set[str]:
    """The names that an expression uses and does not bind."""

    def of(*nodes: Any) -> set[str]:
        return set().union(*map(spoken_of, nodes)) if nodes else set()

    match node:
        case str():
            return {str(node)}
        case ["the" | "ref" | "old", *_]:
            return set()
        case ["local", name, *_]:
            return {str(name)}
        case ["let", [name, given], body]:
            return of(given) | (of(body) - {name})
        case ["fold", [acc, _, first], [elem, seq], body]:
            return of(first, seq) | (of(body) - {acc, elem})
        case [".", arg, _]:
            return of(arg)
        case ["with", arg, _, new]:
            return of(arg, new)
        case ["make" | "set" | "seq", _, *args]:
            return of(*args)
        case [head, *args] if head in PLAIN or head in ("and", "or", "if", "else", "put", "at"):
            return of(*args)
        case ["map", [name, _], body]:
            return of(body) - {name}
        case [head, [name, _], *parts] if head in RANGING:
            return of(*parts) - {name}
    raise Unreadable(f"no expression: {node}")


def check(node: Any, trace: Any, prop: str) -> None:
    """Raise `Wrong` at the first thing that is wrong with a trace for a property."""
    lasso = Lasso(node, trace)
    lasso.walk()
    lasso.fair()
    if not lasso.shows(prop):
        raise Wrong(f"the run does not show what a trace for {prop} must show")


def main(arguments: list[str]) -> int:
    """Check one trace; the exit code."""
    if len(arguments) != 3:
        print("usage: check_lasso.py SYSTEM.txt TRACE.json PROPERTY", file=sys.stderr)
        return 2
    try:
        (node,) = read_nodes(Path(arguments[0]).read_text(encoding="utf-8"))
        trace = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
        check(node, trace, arguments[2])
    except Wrong as wrong:
        print(f"wrong: {wrong}")
        return 1
    except (Unreadable, OSError, ValueError, LookupError, TypeError) as error:
        print(f"cannot tell: {type(error).__name__}: {error}")
        return 2
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
