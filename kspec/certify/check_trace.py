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
    ("map", keys with sorts, key sort)   ((key, value), ...)
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
from functools import cache, partial
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
    tokens = TOKEN.findall(text)
    if "".join(tokens) != text or tokens.count("(") != tokens.count(")"):
        raise Unreadable("a parenthesis or a quotation mark stands alone")
    stack: list[list[Any]] = [[]]
    for token in tokens:
        if token == "(":
            stack.append([])
        elif token == ")":
            stack[-2].append(stack.pop())
        elif token[0] == '"':
            stack[-1].append(Quoted(json.loads(token)))
        elif not (token[0].isspace() or token[0] == ";"):
            stack[-1].append(token)
    return stack[0]


# ---- sorts and their values ---------------------------------------------------------------------


@cache
def all_values(sort: Any) -> tuple[Any, ...]:
    """Every value of a sort, in its order."""
    match sort:
        case ("bool",):
            return (False, True)
        case ("int", lo, hi):
            return tuple(range(lo, hi + 1))
        case ("enum", cases):
            return tuple(cases)
        case ("id", _, size):
            return tuple(range(size))
        case ("opt", of):
            return (None, *(("just", v) for v in all_values(of)))
        case ("record" | "map", slots, *_):
            rows = itertools.product(*(all_values(of) for _, of in slots))
            return tuple(tuple(zip((n for n, _ in slots), row, strict=True)) for row in rows)
        case ("set", of):
            among = all_values(of)
            picks = itertools.product([False, True], repeat=len(among))
            return tuple(frozenset(itertools.compress(among, pick)) for pick in picks)
        case ("seq", of, cap):
            lengths = range(cap + 1)
            return tuple(v for n in lengths for v in itertools.product(all_values(of), repeat=n))
    raise Unreadable(f"no sort: {sort}")


def is_value(sort: Any, value: Any) -> bool:
    """Is a value of the right shape within the sort's ranges?"""
    match sort:
        case ("int", lo, hi):
            return type(value) is int and lo <= value <= hi
        case ("opt", of):
            return value is None or is_value(of, value[1])
        case ("record" | "map", slots, *_):
            pairs = zip(slots, value, strict=True)
            return all(name == given and is_value(of, v) for (name, of), (given, v) in pairs)
        case ("set", of):
            return all(is_value(of, v) for v in value)
        case ("seq", of, cap):
            return len(value) <= cap and all(is_value(of, v) for v in value)
    return value in all_values(sort)


def with_place(whole: Any, path: Any, new: Any) -> Any:
    """A value with the part at the end of a path replaced."""
    if not path:
        return new
    return tuple((at, with_place(v, path[1:], new) if at == path[0] else v) for at, v in whole)


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
            match clause:
                case ["pool", name, size, *members]:
                    self.sorts[name] = ("id", name, int(size))
                    if len(members) == int(size) == len(set(members)):
                        self.members[name] = members
                case ["enum", tag, cases, *_]:
                    self.sorts[tag] = ("enum", tuple(map(str, cases)))
                case ["record", tag, fields, *_]:
                    self.sorts[tag] = ("record", tuple((f, self.sort(s)) for f, s in fields))
        constants = [c for c in clauses if c[0] == "const"]
        self.constants = {c[1]: self.read_value(self.sort(c[2]), c[3]) for c in constants}
        self.variables = {c[1]: self.sort(c[2]) for c in clauses if c[0] == "var"}
        self.actions = {c[1]: Action(self, c) for c in clauses if c[0] == "action"}
        self.claims = {c[1]: c[2] for c in clauses if c[0] == "property"}
        ((_, params, self.init_where, *assigned),) = [c for c in clauses if c[0] == "init"]
        self.init_params, self.init_values = self.binders(params), assigned

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
            case ["map", key, of]:
                slots = tuple((at, self.sort(of)) for at in all_values(self.sort(key)))
                return ("map", slots, self.sort(key))
            case ["bool" | "opt" | "set" as head, *parts]:
                return (head, *map(self.sort, parts))
        raise Unreadable(f"no sort: {node}")

    def binders(self, nodes: Any) -> list[tuple[str, Any]]:
        """Bound names with their sorts."""
        return [(name, self.sort(sort)) for name, sort in nodes]

    def read_value(self, sort: Any, node: Any) -> Any:
        """A value in the form that the system's text has."""
        match sort:
            case ("int", *_):
                return int(node)
            case ("opt", of):
                return ("just", self.read_value(of, node[0])) if node else None
            case ("record" | "map", slots, *_):
                pairs = zip(slots, node, strict=True)
                return tuple((name, self.read_value(of, n)) for (name, of), n in pairs)
            case ("set", of):
                return frozenset(self.read_value(of, n) for n in node)
            case ("seq", of, _):
                return tuple(self.read_value(of, n) for n in node)
        return {self.word(sort, value): value for value in all_values(sort)}[node]

    def word(self, sort: Any, scalar: Any) -> str:
        """What a scalar is called in the system's text, and as a key in traces."""
        shown = self.shown(sort, scalar)
        return shown if isinstance(shown, str) else json.dumps(shown)

    def shown(self, sort: Any, value: Any) -> Any:
        """A value in the form that traces have."""
        match sort:
            case ("id", kind, size) if len(self.members.get(kind, [])) == size:
                return self.members[kind][value]
            case ("opt", of):
                return None if value is None else {"some": self.shown(of, value[1])}
            case ("set", of):
                return [self.shown(of, v) for v in all_values(of) if v in value]
            case ("seq", of, _):
                return [self.shown(of, v) for v in value]
            case ("record", slots):
                pairs = zip(slots, value, strict=True)
                return {name: self.shown(of, v) for (name, of), (_, v) in pairs}
            case ("map", slots, key):
                shown = [self.shown(of, v) for (_, of), (_, v) in zip(slots, value, strict=True)]
                if key[0] in ("bool", "int", "enum", "id"):
                    words = [self.word(key, k) for k, _ in slots]
                    return dict(zip(words, shown, strict=True))
                return [(self.shown(key, k), v) for (k, _), v in zip(slots, shown, strict=True)]
        return value


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

# What names stand for; ("ref", name) is a variable or constant even where a bound name hides it,
# ("old", name) the same before the step.
Env = dict[Any, Any]


def every(binders: list[tuple[str, Any]], env: Env) -> Iterator[Env]:
    """The environment with every choice of values for the binders."""
    names = [name for name, _ in binders]
    for values in itertools.product(*(all_values(sort) for _, sort in binders)):
        yield {**env, **dict(zip(names, values, strict=True))}


def evaluate(system: System, node: Any, env: Env) -> Any:
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
        case ["ref" | "old" | "local" as head, name, *_]:
            return env[name if head == "local" else (head, name)]
        case ["let", [name, given], body]:
            return value(body, **{name: value(given)})
        case ["and" | "or" as head, *args]:
            return (all if head == "and" else any)(value(arg) for arg in args)
        case ["if", cond, then, other]:
            return value(then if value(cond) else other)
        case ["else", option, default]:
            return value(default) if (held := value(option)) is None else held[1]
        case [".", arg, field]:
            return dict(value(arg))[field]
        case ["with" | "put" as head, arg, at, new]:
            return with_place(value(arg), [at if head == "with" else value(at)], value(new))
        case ["make", sort, *args]:
            pairs = zip(system.sort(sort)[1], args, strict=True)
            return tuple((field, value(arg)) for (field, _), arg in pairs)
        case ["set" | "seq" as head, _, *args]:
            return (frozenset if head == "set" else tuple)(value(arg) for arg in args)
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
            return RANGING[head](among, chosen, terms)
    raise Unreadable(f"no expression: {node}")


LOGIC = {"not": operator.not_, "=": operator.eq, "<": operator.lt, "<=": operator.le}
NUMBERS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "min": min, "max": max}
DIVISION = {"div": operator.floordiv, "mod": operator.mod}  # down; with the sign of the divisor
SETS = {"union": operator.or_, "inter": operator.and_, "minus": operator.sub}
MEMBERS = {"contains": operator.contains, "subset": operator.le}
PARTS = {"get": lambda whole, key: dict(whole)[key], "len": len, "concat": operator.add}
OPTIONS = {"just": lambda held: ("just", held), "is-just": lambda held: held is not None}
PLAIN: Any = {**LOGIC, **NUMBERS, **DIVISION, **SETS, **MEMBERS, **PARTS, **OPTIONS}

RANGING: Any = {  # about all values of a sort, those chosen by a condition, and terms of these
    "all": lambda among, chosen, terms: len(chosen) == len(among),
    "some": lambda among, chosen, terms: bool(chosen),
    "count": lambda among, chosen, terms: len(chosen),
    "set-of": lambda among, chosen, terms: frozenset(chosen),
    "first": lambda among, chosen, terms: ("just", chosen[0]) if chosen else None,
    "sum": lambda among, chosen, terms: sum(term for (term,) in terms),
    "min-of": lambda among, chosen, terms: ("just", min(terms)[0]) if terms else None,
    "max-of": lambda among, chosen, terms: ("just", max(terms)[0]) if terms else None,
    # the one with the least keys; then all by their keys, ties in the order of the sort
    "best": lambda among, chosen, terms: (
        ("just", chosen[terms.index(min(terms))])
        if terms and terms.count(min(terms)) == 1
        else None
    ),
    "sorted": lambda among, chosen, terms: tuple(
        chosen[n] for _, n in sorted((keys, n) for n, keys in enumerate(terms))
    ),
}


# ---- steps --------------------------------------------------------------------------------------


def text(data: Any) -> str:
    """Data as text: the same for the same data only, so that 1, 1.0 and true are told apart."""
    return json.dumps(data, sort_keys=True)


class Checker:
    """Walks a trace of a system."""

    def __init__(self, system: System) -> None:
        self.system, self.value = system, partial(evaluate, system)

    def env(self, state: Any, old: Any) -> Env:
        """What names stand for in a state that comes after another."""
        now, before = {**self.system.constants, **state}, {**self.system.constants, **old}
        refs = {("ref", n): v for n, v in now.items()} | {("old", n): v for n, v in before.items()}
        return {**now, **refs}

    def initial_states(self) -> list[dict[str, Any]]:
        """One for each choice of the parameters that satisfies the condition."""
        envs = every(self.system.init_params, self.env({}, {}))
        good = (env for env in envs if self.value(self.system.init_where, env))
        return [{v: self.value(e, env) for v, e in self.system.init_values} for env in good]

    def tried(self, action: Action, env: Env) -> tuple[str, Env]:
        """Is an instance enabled, disabled or cut (rule 4), and what do its updates see?"""
        for name, expr in action.lets:
            env = {**env, name: self.value(expr, env)}
        if not all(self.value(conjunct, env) for conjunct in action.guard):
            return "disabled", env
        return "cut" if self.value(action.cut, env) else "enabled", env

    def step(self, state: Any, action: Action, env: Env) -> tuple[set[str], Any]:
        """Rules 2 and 5: the implicit properties that a step breaks, or the state it leads to."""
        broken, after, written = set[str](), dict(state), list[Any]()
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
            sort = dict(sort[1])[place[-1]]
        return place, sort

    def says(self, data: Any, sorts: Any, values: Any) -> bool:
        """Does a trace say that names of these sorts have these values, or that there are none?"""
        shown = values and {name: self.system.shown(sort, values[name]) for name, sort in sorts}
        return text(shown) == text(data)

    def instance(self, step: Any) -> tuple[Action, Env]:
        """The action that a step of a trace names, and what it binds."""
        action = self.system.actions.get(step["action"])
        if action is None:
            raise Wrong("there is no such action")
        bound: Env = {}
        for binders, given in ((action.params, step["params"]), (action.choices, step["choices"])):
            known = {
                n: {text(self.system.shown(s, v)): v for v in all_values(s)} for n, s in binders
            }
            if set(given) != set(known) or any(text(given[n]) not in known[n] for n in known):
                raise Wrong("the action has other parameters or choices")
            bound |= {name: values[text(given[name])] for name, values in known.items()}
        return action, bound

    def check(self, trace: Any, prop: str) -> None:
        """Raise `Wrong` at the first thing that is wrong with a trace for a property."""
        if trace["loop"] is not None:
            raise Unreadable("a run that loops is for check_lasso.py")
        if prop not in (*self.system.claims, *IMPLICIT):
            raise Unreadable(f"there is no property {prop}")
        sorts = self.system.variables.items()
        starts = (s for s in self.initial_states() if self.says(trace["start"], sorts, s))
        if (state := next(starts, None)) is None:
            raise Wrong("the start is not an initial state")
        old, last, env, broken = state, "", Env(), set[str]()
        for number, step in enumerate(trace["steps"], start=1):
            try:
                if broken:
                    raise Wrong("the step before leads to no state")
                old, last = state, step["action"]
                action, bound = self.instance(step)
                status, env = self.tried(action, {**self.env(old, {}), **bound})
                if status != "enabled":
                    raise Wrong(f"the action is {status}")
                broken, state = self.step(old, action, env)
                if not self.says(step["state"], sorts, state):
                    raise Wrong("it " + (f"breaks {broken}" if broken else "leads elsewhere"))
            except Wrong as wrong:
                raise Wrong(f"step {number}, {step['action']}: {wrong}") from None
        if not (prop in broken if broken else self.shows(prop, old, last, env, state)):
            raise Wrong(f"the end does not show what a trace for {prop} must show")

    def shows(self, prop: str, old: Any, last: str, env: Env, state: Any) -> bool:
        """Is a step, into a state, what the end of a trace for this property must show?"""
        here = self.env(state, old)
        match self.system.claims.get(prop):
            case None:
                return False  # an implicit property, and nothing is broken
            case ["invariant", body]:
                return not self.value(body, here)
            case ["reachable", body]:
                return bool(self.value(body, here))
            case ["no-deadlock"]:
                actions = self.system.actions.values()
                tries = ((a, env) for a in actions for env in every(a.params + a.choices, here))
                return all(self.tried(*one)[0] == "disabled" for one in tries)
            case ["on-steps", *cases]:
                action = self.system.actions.get(last)
                binders = (*action.params, *action.choices, *action.lets) if action else ()
                here |= {name: env[name] for name, _ in binders}
                return not all(self.value(body, here) for _, name, body in cases if name == last)
        raise Unreadable(f"this checker does not judge {self.system.claims[prop][0]}")


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
