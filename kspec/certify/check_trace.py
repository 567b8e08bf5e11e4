#!/usr/bin/env python3
"""Check a trace of a system, with nothing of kspec: this file and Python's standard library.

    python check_trace.py SYSTEM.txt TRACE.json PROPERTY

SYSTEM.txt is the text form of a system, TRACE.json a trace of it. The checker reads both, computes
the initial states and every step for itself, and looks whether the end shows what a trace for
PROPERTY must show: a state where an invariant is false, one where a `reachable` formula is true,
one where nothing is enabled or cut, a step that an occurrence property forbids, or a step that
breaks `in-range`, `single-write` or `live-target`. It prints `ok` (exit 0), or the first thing that
is wrong (exit 1), or why it cannot tell (exit 2). It does not ask whether the trace is shortest.

How to read it: `read_nodes` makes nested lists of the text, `System` names their parts, `evaluate`
gives expressions their values, `Checker` walks the trace.

    sort                                 value
    ("bool",)  ("int", lo, hi)           bool, int
    ("enum", cases)                      str
    ("id", kind, size)                   int: its place in the pool
    ("opt", sort)                        None, or ("just", value)
    ("record", fields with sorts)        ((field, value), ...)
    ("map", key sort, sort)              ((key, value), ...)
    ("seq", sort, cap)                   (value, ...)
    ("set", sort)                        frozenset
"""

from __future__ import annotations

import itertools
import json
import operator
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

IMPLICIT = ("in-range", "single-write", "live-target")


class Wrong(Exception):
    """The trace is not what it is said to be."""


class Unreadable(Exception):
    """The system or the trace is in a form that this checker does not know."""


# ---- text to nested lists -----------------------------------------------------------------------


class Quoted(str):
    """A word that was written in quotes, so that it can only be a name or a text."""


TOKEN = re.compile(r'(?:\s|;[^\n]*)+|[()]|"(?:[^"\\]|\\.)*"|[^\s()";]+', re.DOTALL)


def read_nodes(text: str) -> list[Any]:
    """Parentheses become lists, everything else `str` or `Quoted`; `;` begins a comment."""
    stack: list[list[Any]] = [[]]
    at = 0
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise Unreadable(f"no token at character {at}")
        token, at = found.group(), found.end()
        if token == "(":
            stack.append([])
        elif token == ")" and len(stack) > 1:
            done = stack.pop()
            stack[-1].append(done)
        elif token == ")":
            raise Unreadable(f"a closing parenthesis too many before character {at}")
        elif token[0] == '"':
            stack[-1].append(Quoted(json.loads(token)))
        elif not (token[0].isspace() or token[0] == ";"):
            stack[-1].append(token)
    if len(stack) != 1:
        raise Unreadable("a parenthesis without an end")
    return stack[0]


# ---- sorts and their values ---------------------------------------------------------------------


def slots(sort: Any) -> list[tuple[Any, Any]]:
    """The parts of a record or map, in order: what each is called, and its sort."""
    return list(sort[1]) if sort[0] == "record" else [(k, sort[2]) for k in all_values(sort[1])]


def all_values(sort: Any) -> list[Any]:
    """Every value of a sort, in its order."""
    match sort:
        case ("bool",):
            return [False, True]
        case ("int", lo, hi):
            return list(range(lo, hi + 1))
        case ("enum", cases):
            return list(cases)
        case ("id", _, size):
            return list(range(size))
        case ("opt", of):
            return [None, *(("just", v) for v in all_values(of))]
        case ("record" | "map", *_):
            names = [name for name, _ in slots(sort)]
            rows = itertools.product(*(all_values(part) for _, part in slots(sort)))
            return [tuple(zip(names, row, strict=True)) for row in rows]
        case ("set", of):
            among = all_values(of)
            rows = itertools.product([False, True], repeat=len(among))
            return [frozenset(itertools.compress(among, row)) for row in rows]
        case ("seq", of, cap):
            lengths = range(cap + 1)
            return [row for n in lengths for row in itertools.product(all_values(of), repeat=n)]
    raise Unreadable(f"no sort: {sort}")


def is_value(sort: Any, value: Any) -> bool:
    """Is a value of the right shape within the sort's ranges?"""
    match sort:
        case ("bool",):
            return value is True or value is False
        case ("int", lo, hi):
            return type(value) is int and lo <= value <= hi
        case ("enum", cases):
            return value in cases
        case ("id", _, size):
            return type(value) is int and 0 <= value < size
        case ("opt", of):
            return value is None or is_value(of, value[1])
        case ("record" | "map", *_):
            pairs = zip(slots(sort), value, strict=True)
            return all(name == given and is_value(s, v) for (name, s), (given, v) in pairs)
        case ("set", of):
            return all(is_value(of, v) for v in value)
        case ("seq", of, cap):
            return len(value) <= cap and all(is_value(of, v) for v in value)
    raise Unreadable(f"no sort: {sort}")


def part(whole: Any, name: Any) -> Any:
    """The part of a record or map at a field or key."""
    return next(value for at, value in whole if at == name)


def with_part(whole: Any, name: Any, new: Any) -> Any:
    """A record or map with one part replaced."""
    return tuple((at, new if at == name else value) for at, value in whole)


def with_place(whole: Any, path: Any, new: Any) -> Any:
    """A value with the part at the end of a path replaced."""
    if not path:
        return new
    return with_part(whole, path[0], with_place(part(whole, path[0]), path[1:], new))


# ---- the system ---------------------------------------------------------------------------------


class System:
    """What a trace depends on: sorts, constants, variables, initial states, actions, claims."""

    def __init__(self, node: Any) -> None:
        if not isinstance(node, list) or node[:1] != ["system"]:
            raise Unreadable("(system ...) is wanted")
        clauses = [c for c in node[2:] if isinstance(c, list)]
        self.sorts: dict[str, Any] = {}
        self.members: dict[str, list[str]] = {}  # names of the identities of a kind
        for clause in clauses:
            self._declare(clause)
        constants = [(c[1], self.sort(c[2]), c[3]) for c in clauses if c[0] == "const"]
        self.constants = {name: self.read_value(sort, node) for name, sort, node in constants}
        self.variables = {c[1]: self.sort(c[2]) for c in clauses if c[0] == "var"}
        self.actions = {c[1]: Action(self, c) for c in clauses if c[0] == "action"}
        self.claims = {c[1]: c[2] for c in clauses if c[0] == "property"}
        ((_, params, self.init_where, *assigned),) = [c for c in clauses if c[0] == "init"]
        self.init_params = self.binders(params)
        self.init_values = {name: value for name, value in assigned}

    def _declare(self, clause: Any) -> None:
        match clause:
            case ["pool", name, size, *members]:
                self.sorts[name] = ("id", name, int(size))
                if len(members) == int(size) == len(set(members)):
                    self.members[name] = members
            case ["enum", tag, cases, *_]:
                self.sorts[tag] = ("enum", tuple(map(str, cases)))
            case ["record", tag, fields, *_]:
                self.sorts[tag] = ("record", tuple((f, self.sort(s)) for f, s in fields))

    def sort(self, node: Any) -> Any:
        """The sort that a node stands for."""
        match node:
            case str():
                return self.sorts[node]
            case ["int", lo, hi]:
                return ("int", int(lo), int(hi))
            case ["id", kind, size]:
                return ("id", kind, int(size))
            case ["seq", of, cap]:
                return ("seq", self.sort(of), int(cap))
            case ["bool" | "opt" | "set" | "map" as head, *parts]:
                return (head, *map(self.sort, parts))
        raise Unreadable(f"no sort: {node}")

    def binders(self, nodes: Any) -> list[tuple[str, Any]]:
        """Bound names with their sorts."""
        return [(name, self.sort(sort)) for name, sort in nodes]

    def place(self, sort: Any, called: Any) -> Any:
        """An identity by its name, or by its place where the pool does not name them apart."""
        names = self.members.get(sort[1], [])
        if len(names) != sort[2]:
            return called
        return names.index(called) if called in names else None

    def read_value(self, sort: Any, node: Any) -> Any:
        """A value in the form that the system's text has."""
        match sort:
            case ("bool",):
                return {"true": True, "false": False}[node]
            case ("int", *_):
                return int(node)
            case ("enum", _):
                return str(node)
            case ("id", *_):
                return int(self.place(sort, node))
            case ("opt", of):
                return ("just", self.read_value(of, node[0])) if node else None
            case ("record" | "map", *_):
                pairs = zip(slots(sort), node, strict=True)
                return tuple((name, self.read_value(of, n)) for (name, of), n in pairs)
            case ("set", of):
                return frozenset(self.read_value(of, n) for n in node)
            case ("seq", of, _):
                return tuple(self.read_value(of, n) for n in node)
        raise Unreadable(f"no sort: {sort}")

    def from_json(self, sort: Any, data: Any) -> Any:
        """A value in the form that traces have. `Wrong` if it is none of the sort."""
        value: Any = ("no value",)
        match sort, data:
            case ("bool" | "int" | "enum", *_), bool() | int() | str():
                value = data
            case ("id", *_), str() | int():
                value = self.place(sort, data)
            case ("opt", of), {"some": inner}:
                value = ("just", self.from_json(of, inner))
            case ("opt", _), None:
                value = None
            case ("set", of), list():
                value = frozenset(self.from_json(of, d) for d in data)
            case ("seq", of, _), list():
                value = tuple(self.from_json(of, d) for d in data)
            case ("record" | "map", *_), dict():
                texts = [self.text(sort, name) for name, _ in slots(sort)]
                if set(texts) == set(data):
                    pairs = zip(slots(sort), texts, strict=True)
                    value = tuple((n, self.from_json(of, data[text])) for (n, of), text in pairs)
            case ("map", key, of), list() if len(data) == len(slots(sort)):
                value = tuple((self.from_json(key, k), self.from_json(of, v)) for k, v in data)
        if value == ("no value",) or not is_value(sort, value):
            raise Wrong(f"{data!r} is not a value of its sort")
        return value

    def text(self, sort: Any, name: Any) -> str:
        """What a field or a scalar key is called in JSON."""
        if sort[0] == "map" and sort[1][0] == "id":
            names = self.members.get(sort[1][1], [])
            return names[name] if len(names) == sort[1][2] else str(name)
        return str(name).lower() if isinstance(name, bool) else str(name)


class Action:
    """The parts of an action's text; an update is (variable, path, value, binders, when, live)."""

    def __init__(self, system: System, clause: Any) -> None:
        parts = [p for p in clause[5:] if isinstance(p, list)]
        last = {p[0]: p[1:] for p in parts}
        self.params = system.binders(last.get("params", []))
        self.choices = system.binders(last.get("choices", []))
        self.lets = [(p[1], p[2]) for p in parts if p[0] == "let"]
        self.guard = [p[1] for p in parts if p[0] == "when"]
        self.cut = last.get("cut", ["false"])[0]
        self.updates = [self._update(system, p) for p in parts if p[0] == "set"]

    def _update(self, system: System, clause: Any) -> Any:
        _, (var, *path), value, *rest = clause
        given = {p[0]: p[1:] for p in rest if isinstance(p, list)}
        when, live = (given.get(head, ["true"])[0] for head in ("if", "live"))
        return var, path, value, system.binders(given.get("for", [])), when, live


# ---- expressions --------------------------------------------------------------------------------

# What names stand for: a name as it is read, and, where a bound name may hide it, a variable or
# constant under ("ref", name), and as it was before the step under ("old", name).
Env = dict[Any, Any]


def every(binders: list[tuple[str, Any]], env: Env) -> Iterator[Env]:
    """The environment with every choice of values for the binders."""
    names = [name for name, _ in binders]
    for values in itertools.product(*(all_values(sort) for _, sort in binders)):
        yield {**env, **dict(zip(names, values, strict=True))}


def evaluate(system: System, node: Any, env: Env) -> Any:  # noqa: C901
    """The value of an expression."""

    def value(inner: Any, /, **bound: Any) -> Any:
        return evaluate(system, inner, {**env, **bound})

    match node:
        case Quoted():
            return env[node]
        case "true" | "false":
            return node == "true"
        case str():
            return int(node) if re.fullmatch("-?[0-9]+", node) else env[node]
        case ["the", sort, literal]:
            return system.read_value(system.sort(sort), literal)
        case ["ref" | "old" as head, name, *_]:
            return env[head, name]
        case ["local", name, _]:
            return env[name]
        case ["let", [name, given], body]:
            return value(body, **{name: value(given)})
        case ["and", *args]:
            return all(value(arg) for arg in args)
        case ["or", *args]:
            return any(value(arg) for arg in args)
        case ["if", cond, then, other]:
            return value(then if value(cond) else other)
        case ["else", option, default]:
            return value(default) if (held := value(option)) is None else held[1]
        case [".", arg, field]:
            return part(value(arg), field)
        case ["with", arg, field, new]:
            return with_part(value(arg), field, value(new))
        case ["make", sort, *args]:
            pairs = zip(slots(system.sort(sort)), args, strict=True)
            return tuple((field, value(arg)) for (field, _), arg in pairs)
        case ["set", _, *args]:
            return frozenset(value(arg) for arg in args)
        case ["seq", _, *args]:
            return tuple(value(arg) for arg in args)
        case ["at", seq, index, default]:
            items, place = value(seq), value(index)
            return items[place] if 0 <= place < len(items) else value(default)
        case ["fold", [acc, _, first], [elem, seq], body]:
            total = value(first)
            for item in value(seq):
                total = value(body, **{acc: total, elem: item})
            return total
        case [head, *args] if head in PLAIN:
            return PLAIN[head](*(value(arg) for arg in args))
        case ["map", [name, sort], body]:
            return tuple((v, value(body, **{name: v})) for v in all_values(system.sort(sort)))
        case [head, [name, sort], cond, *keys] if head in RANGING:
            among = all_values(system.sort(sort))
            chosen = [v for v in among if value(cond, **{name: v})]
            terms = [tuple(value(key, **{name: v}) for key in keys) for v in chosen]
            return about(head, among, chosen, terms)
    raise Unreadable(f"no expression: {node}")


LOGIC = {"not": operator.not_, "=": operator.eq, "<": operator.lt, "<=": operator.le}
NUMBERS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "min": min, "max": max}
DIVISION = {"div": operator.floordiv, "mod": operator.mod}  # down; with the sign of the divisor
SETS = {"union": operator.or_, "inter": operator.and_, "minus": operator.sub}
MEMBERS = {"contains": operator.contains, "subset": operator.le}
PARTS = {"get": part, "put": with_part, "len": len, "concat": operator.add}
OPTIONS = {"just": lambda held: ("just", held), "is-just": lambda held: held is not None}
PLAIN: Any = {**LOGIC, **NUMBERS, **DIVISION, **SETS, **MEMBERS, **PARTS, **OPTIONS}


AGGREGATES = ("count", "sum", "min-of", "max-of")
RANGING = ("all", "some", *AGGREGATES, "set-of", "first", "best", "sorted")


def about(head: str, among: list[Any], chosen: list[Any], terms: list[Any]) -> Any:
    """What is asked of all values of a sort, those chosen by a condition, and terms of these."""
    match head:
        case "all":
            return len(chosen) == len(among)
        case "some":
            return bool(chosen)
        case "count":
            return len(chosen)
        case "set-of":
            return frozenset(chosen)
        case "sum":
            return sum(term for (term,) in terms)
        case "min-of":
            return ("just", min(terms)[0]) if terms else None
        case "max-of":
            return ("just", max(terms)[0]) if terms else None
        case "first":
            return ("just", chosen[0]) if chosen else None
        case "best":  # nothing if several have the least keys
            least = [v for v, keys in zip(chosen, terms, strict=True) if keys == min(terms)]
            return ("just", least[0]) if len(least) == 1 else None
    ranked = sorted((keys, n) for n, keys in enumerate(terms))  # ties in the order of the sort
    return tuple(chosen[n] for _, n in ranked)


# ---- steps --------------------------------------------------------------------------------------


class Checker:
    """Walks a trace of a system."""

    def __init__(self, system: System) -> None:
        self.system = system

    def value(self, node: Any, env: Env) -> Any:
        """The value of an expression."""
        return evaluate(self.system, node, env)

    def env(self, state: Any, old: Any) -> Env:
        """What names stand for in a state that comes after another."""
        now, before = {**self.system.constants, **state}, {**self.system.constants, **old}
        refs = {("ref", n): v for n, v in now.items()} | {("old", n): v for n, v in before.items()}
        return {**now, **refs}

    def initial_states(self) -> list[dict[str, Any]]:
        """One for each choice of the parameters that satisfies the condition."""
        envs = every(self.system.init_params, self.env({}, {}))
        good = [env for env in envs if self.value(self.system.init_where, env)]
        values = self.system.init_values
        return [{v: self.value(values[v], env) for v in self.system.variables} for env in good]

    def with_lets(self, action: Action, env: Env) -> Env:
        """What guard and updates see: parameters and choices, then lets in their order."""
        for name, expr in action.lets:
            env = {**env, name: self.value(expr, env)}
        return env

    def status(self, action: Action, env: Env) -> str:
        """Rule 4: cut means that the guard is true, but no identity is free."""
        if not all(self.value(conjunct, env) for conjunct in action.guard):
            return "disabled"
        return "cut" if self.value(action.cut, env) else "enabled"

    def step(self, state: Any, action: Action, env: Env) -> tuple[set[str], Any]:
        """Rules 2 and 5: the implicit properties that a step breaks, or the state it leads to."""
        broken: set[str] = set()
        after = dict(state)
        written: list[Any] = []
        for var, path, expr, binders, when, live in action.updates:
            for inner in every(binders, env):
                if not self.value(when, inner):
                    continue
                place, sort = self.place(var, path, inner)
                value = self.value(expr, inner)
                if is_value(sort, value):
                    after[var] = with_place(after[var], place[1:], value)
                else:
                    broken.add("in-range")
                if any(place[: len(w)] == w[: len(place)] for w in written):
                    broken.add("single-write")
                if not self.value(live, inner):
                    broken.add("live-target")
                written.append(place)
        return broken, None if broken else after

    def place(self, var: str, path: Any, env: Env) -> tuple[list[Any], Any]:
        """Where an update writes: the variable, then keys and fields; and the sort there."""
        place, sort = [var], self.system.variables[var]
        for step in path:
            is_field = isinstance(step, list) and step[0] == "field"
            place.append(step[1] if is_field else self.value(step, env))
            sort = dict(sort[1])[step[1]] if is_field else sort[2]
        return place, sort

    def read_state(self, data: Any) -> dict[str, Any]:
        """A state of a trace."""
        sorts = self.system.variables
        if not isinstance(data, dict) or set(data) != set(sorts):
            raise Wrong("a state has other variables than the system")
        return {name: self.system.from_json(sort, data[name]) for name, sort in sorts.items()}

    def read_instance(self, step: Any) -> tuple[Action, Env]:
        """The action that a step of a trace names, and what it binds."""
        action = self.system.actions.get(step["action"])
        if action is None:
            raise Wrong("there is no such action")
        bound: Env = {}
        for binders, given in ((action.params, step["params"]), (action.choices, step["choices"])):
            if set(given) != {name for name, _ in binders}:
                raise Wrong("the action has other parameters or choices")
            bound |= {name: self.system.from_json(sort, given[name]) for name, sort in binders}
        return action, bound

    def check(self, trace: Any, prop: str) -> None:
        """Raise `Wrong` at the first thing that is wrong with a trace for a property."""
        if trace["loop"] is not None:
            raise Unreadable("this checker does not judge infinite runs")
        state = self.read_state(trace["start"])
        if state not in self.initial_states():
            raise Wrong("the start is not an initial state")
        old, last, env, broken = state, "", Env(), set[str]()
        for number, step in enumerate(trace["steps"], start=1):
            try:
                if broken:
                    raise Wrong("the step before leads to no state")
                old, last = state, step["action"]
                action, bound = self.read_instance(step)
                env = self.with_lets(action, {**self.env(old, {}), **bound})
                if (status := self.status(action, env)) != "enabled":
                    raise Wrong(f"the action is {status}")
                broken, state = self.step(old, action, env)
                if state != (step["state"] and self.read_state(step["state"])):
                    raise Wrong("it " + (f"breaks {broken}" if broken else "leads elsewhere"))
            except Wrong as wrong:
                raise Wrong(f"step {number}, {step['action']}: {wrong}") from None
        if not (self.breaks(prop, broken) or self.shows(prop, old, last, env, state)):
            raise Wrong(f"the end does not show what a trace for {prop} must show")

    def breaks(self, prop: str, broken: set[str]) -> bool:
        """Does the last step break this implicit property?"""
        return prop not in self.system.claims and prop in broken

    def shows(self, prop: str, old: Any, last: str, env: Env, state: Any) -> bool:
        """Is the end of a trace what a trace for this property wants to show?"""
        if prop not in (*self.system.claims, *IMPLICIT):
            raise Unreadable(f"there is no property {prop}")
        if prop not in self.system.claims or state is None:
            return False
        here = self.env(state, old)
        match self.system.claims[prop]:
            case ["invariant", body]:
                return not self.value(body, here)
            case ["reachable", body]:
                return bool(self.value(body, here))
            case ["no-deadlock"]:
                return all(
                    self.status(each, self.with_lets(each, inner)) == "disabled"
                    for each in self.system.actions.values()
                    for inner in every(each.params + each.choices, here)
                )
            case ["on-steps", *cases]:
                bodies = [body for _, action, body in cases if action == last]
                bound = {name: env[name] for name in self.bound_by(last)}
                return not all(self.value(body, {**here, **bound}) for body in bodies)
        raise Unreadable(f"this checker does not judge {self.system.claims[prop][0]}")

    def bound_by(self, name: str) -> list[str]:
        """The names that an action binds."""
        action = self.system.actions.get(name)
        return [n for n, _ in (*action.params, *action.choices, *action.lets)] if action else []


def main(arguments: list[str]) -> int:
    """Check one trace; the exit code."""
    if len(arguments) != 3:
        print("usage: check_trace.py SYSTEM.txt TRACE.json PROPERTY", file=sys.stderr)
        return 2
    try:
        (node,) = read_nodes(Path(arguments[0]).read_text(encoding="utf-8"))
        trace = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
        Checker(System(node)).check(trace, arguments[2])
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
