"""Random expressions, by type, from what is in scope. They always end: depth runs out.

Next: `behaviour`, which draws the statements and actions around them.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from tests.random_modules.universe import (
    AMOUNTS,
    DURATIONS,
    NAMES,
    Bool,
    Born,
    Cpu,
    Enum,
    Function,
    Key,
    ListOf,
    Live,
    MapOf,
    Maybe,
    Name,
    Range,
    Record,
    Ref,
    Scalar,
    SetOf,
    Stored,
    Timer,
    Type,
    Universe,
    literal,
    scalar,
)


@final
@frozen
class Env:
    """What is in scope.

    `names` are bound names; `places` readable variables (memory, ghosts) by text; `inside` is the
    controller we are in, if any; `two_state` lets `before` stand; `seen` are controllers without
    instances whose views a property may read, with what they watch.
    """

    names: tuple[tuple[str, Type], ...] = ()
    places: tuple[tuple[str, Stored], ...] = ()
    functions: tuple[Function, ...] = ()
    inside: str | None = None
    two_state: bool = False
    ages: bool = True

    def bind(self, name: str, kind: Type) -> Env:
        """With one more name."""
        return evolve(self, names=(*self.names, (name, kind)))

    def objects(self) -> list[tuple[str, str]]:
        """Bound objects: name and kind."""
        return [(name, kind.kind) for name, kind in self.names if isinstance(kind, Live)]


def terms(u: Universe, env: Env) -> list[tuple[str, Type]]:
    """Everything that can be read without computing."""
    found: list[tuple[str, Type]] = [*env.names, *env.places, *u.params]
    for name, kind in env.objects():
        decl = u.kind(kind)
        found += [(f"{name}.{f.name}", f.type) for f in decl.fields]
        if decl.keyed:
            found.append((f"{name}.name", Name()))
    for text, kind in tuple(found):
        if isinstance(kind, Record):
            found += [(f"{text}.{n}", t) for n, t in kind.fields]
        if isinstance(kind, MapOf) and kind.total:
            found.append((f"{text}[{literal(u, kind.key)}]", kind.value))
    return found


def of_type(u: Universe, env: Env, kind: Stored) -> list[str]:
    """What can be read and has exactly this type, up to the bounds of ranges."""
    return [text for text, have in terms(u, env) if _alike(have, kind)]


def key_of(u: Universe, env: Env, kind: MapOf) -> str | None:
    """A key for a map, if there is one: of a kind only what is bound."""
    if isinstance(kind.key, Live):
        bound = _bound(env, kind.key.kind)
        return u.draw.pick(bound) if bound else None
    return u.draw.pick([literal(u, kind.key), *(t for t, k in env.names if k == kind.key)])


def _alike(have: Type, wanted: Stored) -> bool:
    if isinstance(wanted, Range):
        return isinstance(have, Range)
    if isinstance(wanted, ListOf):
        return isinstance(have, ListOf) and have.of == wanted.of
    if isinstance(wanted, Key):
        return have in (wanted, Live(wanted.kind))
    if isinstance(wanted, Ref):
        return have == wanted or (isinstance(have, Live | Born) and have.kind == wanted.kind)
    return have == wanted


def value(u: Universe, env: Env, kind: Stored, depth: int = 2) -> str:
    """An expression of a type; an integer may leave the range it is wanted for."""
    draw = u.draw
    known = of_type(u, env, kind)
    if known and draw.chance(45):
        return draw.pick(known)
    if depth > 0 and draw.chance(12) and not isinstance(kind, Timer | MapOf | ListOf | Key):
        then, other = (value(u, env, kind, depth - 1) for _ in range(2))
        if not (isinstance(kind, Ref | Maybe | Key) and then == other == "none"):
            return f"(if {condition(u, env, depth - 1)} then {then} else {other})"
    match kind:
        case Bool() if depth > 0:
            return condition(u, env, depth - 1)
        case Range():
            return _number(u, env, kind, depth)
        case Enum():
            return _enum(u, env, kind, depth)
        case Ref(of):
            bound = [name for name, k in env.objects() if k == of]
            return draw.pick([*bound, *bound, "none"])
        case Maybe(of) if depth > 0 and draw.chance(40):
            return value(u, env, of, depth - 1)
        case SetOf() if depth > 0:
            return _set(u, env, kind, depth)
        case MapOf(_, inner, False) if depth > 0 and draw.chance(50):
            key = key_of(u, env, kind)
            return "{}" if key is None else f"{{{key}: {value(u, env, inner, 0)}}}"
        case Record(name, fields) if depth > 0:
            parts = ", ".join(f"{n}: {value(u, env, t, depth - 1)}" for n, t in fields)
            return f"{name}({parts})"
        case Key(of):
            bound = [name for name, k in env.objects() if k == of]
            return draw.pick([*bound, "none", f'"{draw.pick(NAMES)}"'])
        case ListOf() if depth > 0:
            return _list(u, env, kind, depth)
        case Cpu() if known and depth > 0 and draw.chance(30):
            return f"{draw.pick(['min', 'max'])}({draw.pick(known)}, {draw.pick(AMOUNTS[::2])})"
        case Timer():
            return draw.pick([f"in {draw.pick(DURATIONS)}", f"in {DURATIONS[0]}", "off"])
        case Name():
            return draw.pick([*(f'"{n}"' for n in NAMES), *of_type(u, env, kind)])
        case _:
            return literal(u, kind)


def _number(u: Universe, env: Env, kind: Range, depth: int) -> str:
    draw = u.draw
    if depth == 0:
        return literal(u, kind)
    known = of_type(u, env, kind)
    match draw.below(8):
        case 3 if known:
            return f"({draw.pick(known)} + 1)"
        case 4 if known:
            return f"({draw.pick(known)} - 1)"
        case 5:
            name = draw.fresh("v")
            over = draw.pick(u.kinds).name
            inner = env.bind(name, Live(over))
            return f"count({name}: {over} where {condition(u, inner, depth - 1)})"
        case 6:
            pair = ", ".join(value(u, env, kind, depth - 1) for _ in range(2))
            return f"{draw.pick(['min', 'max'])}({pair})"
        case 7:
            return _gathered(u, env, kind, depth)
        case _:
            return literal(u, kind)


def _gathered(u: Universe, env: Env, kind: Range, depth: int) -> str:
    draw = u.draw
    name, over = draw.fresh("v"), draw.pick(u.kinds).name
    inner = env.bind(name, Live(over))
    body = value(u, inner, kind, depth - 1)
    word = draw.pick(["sum", "max", "min"])
    gathered = f"{word}({name}: {over} where {condition(u, inner, 0)} | {body})"
    return gathered if word == "sum" else f"({gathered} or else {literal(u, kind)})"


def _list(u: Universe, env: Env, kind: ListOf, depth: int) -> str:
    draw = u.draw
    known = of_type(u, env, kind)
    single = f"[{value(u, env, kind.of, depth - 1)}]"
    if not known:
        return single
    one = draw.pick(known)
    return draw.pick(
        [single, "[]", f"({one} ++ {single})", f"reverse({one})", f"({single} ++ {one})"]
    )


def _enum(u: Universe, env: Env, kind: Enum, depth: int) -> str:
    options = [text for text, have in terms(u, env) if have == Maybe(kind)]
    for text, have in terms(u, env):
        if isinstance(have, MapOf) and not have.total and have.value == kind:
            key = key_of(u, env, have)
            options += [] if key is None else [f"{text}[{key}]"]
    if options and depth > 0:
        return f"({u.draw.pick(options)} or else {literal(u, kind)})"
    return literal(u, kind)


def _set(u: Universe, env: Env, kind: SetOf, depth: int) -> str:
    draw = u.draw
    if isinstance(kind.of, Live):
        name = draw.fresh("v")
        inner = env.bind(name, kind.of)
        those = f"(those {name}: {kind.of.kind} where {condition(u, inner, depth - 1)})"
        return draw.pick([those, *of_type(u, env, kind)])
    known = of_type(u, env, kind)
    single = f"{{{value(u, env, kind.of, depth - 1)}}}"
    if known:
        left = draw.pick(known)
        return draw.pick([f"({left} {op} {single})" for op in ("union", "minus", "inter")])
    return draw.pick([single, literal(u, kind)])


# ---- conditions --------------------------------------------------------------------------------


def condition(u: Universe, env: Env, depth: int = 2) -> str:
    """A formula."""
    draw = u.draw
    if depth <= 0:
        return _atom(u, env)
    match draw.below(19):
        case 6:
            return f"(not {condition(u, env, depth - 1)})"
        case 7 | 8:
            op = draw.pick(["and", "or", "implies"])
            left, right = (condition(u, env, depth - 1) for _ in range(2))
            return f"({left} {op} {right})"
        case 9 | 10 | 11:
            return _quantified(u, env, depth)
        case 12 if env.two_state:
            return f"before({condition(u, evolve(env, two_state=False), depth - 1)})"
        case 12 if env.inside is not None:
            return f"live({condition(u, env, depth - 1)})"
        case 13:
            return _called(u, env, depth)
        case 14:
            return _let(u, env, depth)
        case 15:
            return _about_objects(u, env)
        case 16:
            return _matched(u, env, depth)
        case 17 | 18:
            return _found(u, env, depth)
        case _:
            return _atom(u, env)


def _matched(u: Universe, env: Env, depth: int) -> str:
    """`match` of an enumeration or an option."""
    draw = u.draw
    enums = [(t, k) for t, k in terms(u, env) if isinstance(k, Enum)]
    maybes = [(t, k) for t, k in terms(u, env) if isinstance(k, Maybe)]
    if maybes and draw.chance(50):
        text, kind = draw.pick(maybes)
        name = draw.fresh("v")
        inner = condition(u, env.bind(name, kind.of), depth - 1)
        return f"(match {text} {{ none -> {condition(u, env, 0)}; {name} -> {inner} }})"
    if not enums:
        return _atom(u, env)
    text, enum = draw.pick(enums)
    first, other = condition(u, env, depth - 1), condition(u, env, 0)
    return f"(match {text} {{ {draw.pick(enum.cases)} -> {first}; _ -> {other} }})"


def _found(u: Universe, env: Env, depth: int) -> str:
    """`the`, `choose … least by`, `sort`, `fold`."""
    draw = u.draw
    name, kind = draw.fresh("v"), draw.pick(u.kinds)
    inner = env.bind(name, Live(kind.name))
    where = f"{name}: {kind.name} where {condition(u, inner, depth - 1)}"
    word = draw.pick(["exists", "missing"])
    options = [f"((the {where}) {word})"]
    key = f"{name}.name" if kind.keyed else f"age({name})"
    if kind.keyed or env.ages:
        options.append(f"((choose {where} least by {key}) {word})")
        numbers = of_type(u, inner, Range(0, 1))
        if numbers:
            first = draw.pick(numbers)
            options.append(f"((choose {where} least by ({first}, {key})) {word})")
        objects = _bound(env, kind.name)
        if objects:
            other = draw.pick(objects)
            options.append(f"((choose {where} least by {key}) == {other})")
            of = f"sort {name} in (those {where}) by {key}"
            options.append(f"(head({of}) == {other})")
            total = draw.fresh("v")
            options.append(
                f"((fold {name} in ({of}) from 0 as {total} | {total} + 1) == {draw.below(3)})"
            )
    return draw.pick(options)


def _quantified(u: Universe, env: Env, depth: int) -> str:
    draw = u.draw
    word = draw.pick(["all", "some", "no", "one"])
    name = draw.fresh("v")
    if draw.chance(20):
        kind: Scalar = scalar(u)
        if isinstance(kind, Range):
            inner = env.bind(name, kind)
            return f"({word} {name} in {kind.lo}..{kind.hi} | {condition(u, inner, depth - 1)})"
        inner = env.bind(name, kind)
        shown = "bool" if isinstance(kind, Bool) else kind.name
        return f"({word} {name}: {shown} | {condition(u, inner, depth - 1)})"
    sets = [(t, k.of) for t, k in terms(u, env) if isinstance(k, SetOf)]
    if sets and draw.chance(40):
        text, of = draw.pick(sets)
        return f"({word} {name} in {text} | {condition(u, env.bind(name, of), depth - 1)})"
    over = draw.pick(u.kinds).name
    inner = env.bind(name, Live(over))
    where = f" where {condition(u, inner, 0)}" if draw.chance(30) else ""
    return f"({word} {name}: {over}{where} | {condition(u, inner, depth - 1)})"


def _called(u: Universe, env: Env, depth: int) -> str:
    usable = [f for f in (*u.functions, *env.functions) if f.result == Bool()]
    fitting = [
        f
        for f in usable
        if all(not isinstance(p, Live) or _bound(env, p.kind) for p in f.parameters)
    ]
    if not fitting:
        return _atom(u, env)
    function = u.draw.pick(fitting)
    args = [
        u.draw.pick(_bound(env, p.kind)) if isinstance(p, Live) else value(u, env, p, depth - 1)
        for p in function.parameters
    ]
    return f"{function.name}({', '.join(args)})" if args else function.name


def _bound(env: Env, kind: str) -> list[str]:
    return [name for name, k in env.objects() if k == kind]


def _let(u: Universe, env: Env, depth: int) -> str:
    name, kind = u.draw.fresh("v"), scalar(u)
    bound = value(u, env, kind, depth - 1)
    if isinstance(kind, Enum) and bound in kind.cases:
        bound = f"{kind.name}.{bound}"
    return f"(let {name} = {bound}; {condition(u, env.bind(name, kind), depth - 1)})"


def _about_objects(u: Universe, env: Env) -> str:
    """Identity, names, age, references."""
    draw = u.draw
    options: list[str] = []
    objects = env.objects()
    for a, kind in objects:
        options += [f"{a} is {b}" for b, other in objects if other == kind and b != a]
        if env.ages:
            options += [f"age({a}) == {draw.below(2)}"]
            options += [f"age({a}) < age({b})" for b, other in objects if other == kind and b != a]
    for text, have in terms(u, env):
        if isinstance(have, Ref) or (isinstance(have, Born) and have.is_made):
            options += [f"{text} is {b}" for b, kind in objects if kind == have.kind]
            options += [f"{text} exists"] if isinstance(have, Ref) else []
            options += [f"alive({text})"]
            for f in u.kind(have.kind).fields:
                if isinstance(f.type, Bool | Range | Enum):
                    wanted = literal(u, f.type)
                    options.append(f"({text}.{f.name} or else {literal(u, f.type)}) == {wanted}")
    for kind in u.kinds:
        if kind.keyed:
            key = draw.pick(
                [*(f'"{n}"' for n in (*kind.objects, *NAMES)), *of_type(u, env, Name())]
            )
            options.append(f"{kind.name}[{key}] {draw.pick(['exists', 'missing'])}")
    return f"({draw.pick(options)})" if options else _atom(u, env)


def _atom(u: Universe, env: Env) -> str:
    draw = u.draw
    known = terms(u, env)
    if not known:
        return literal(u, Bool())
    text, kind = draw.pick(known)
    match kind:
        case Bool():
            return text
        case Range():
            op = draw.pick(["==", "<", "<=", "!=", ">", ">="])
            return f"({text} {op} {draw.pick([literal(u, kind), *of_type(u, env, kind)])})"
        case Enum(_, cases):
            if draw.chance(20):
                return f"({text} in {{{literal(u, kind)}, {cases[0]}}})"
            return f"({text} {draw.pick(['is', 'is not'])} {draw.pick(cases)})"
        case Live(of):
            others = [b for b, k in env.objects() if k == of and b != text]
            return f"({text} is {draw.pick(others)})" if others else f"alive({text})"
        case Ref():
            return f"({text} {draw.pick(['exists', 'missing'])})"
        case Born(_, is_made):
            return f"alive({text})" if is_made else literal(u, Bool())
        case Maybe(of):
            if draw.chance(50):
                return f"(({text} or else {literal(u, of)}) == {literal(u, of)})"
            return f"({text} {draw.pick(['exists', 'missing'])})"
        case SetOf(Live(of)):
            bound = _bound(env, of)
            return f"({draw.pick(bound)} in {text})" if bound else f"({text} == {{}})"
        case SetOf(of):
            return draw.pick([f"({literal(u, of)} in {text})", f"({text} == {{}})"])
        case MapOf(key, Timer(), True):
            return f"({text}[{literal(u, key)}] is {draw.pick(['off', 'due', 'on'])})"
        case MapOf(key, inner, True):
            return f"({text}[{literal(u, key)}] == {literal(u, inner)})"
        case MapOf(_, _, False):
            index = key_of(u, env, kind)
            if index is None:
                return f"(size({text}) == {draw.below(2)})"
            return f"({text}[{index}] {draw.pick(['exists', 'missing'])})"
        case Record(_, fields):
            name, of = draw.pick(fields)
            return f"({text}.{name} == {literal(u, of)})"
        case Timer():
            return f"({text} is {draw.pick(['off', 'due', 'on'])})"
        case Key(of):
            options = [f"({text} {draw.pick(['exists', 'missing'])})"]
            for f in u.kind(of).fields:
                if isinstance(f.type, Bool | Range | Enum):
                    plain = literal(u, f.type)
                    options.append(f"(({text}.{f.name} or else {plain}) == {literal(u, f.type)})")
            return draw.pick(options)
        case Cpu():
            return f"({text} {draw.pick(['==', '<', '>='])} {draw.pick(AMOUNTS)})"
        case ListOf(of):
            first = f"((head({text}) or else {literal(u, of)}) == {literal(u, of)})"
            through = draw.fresh("v")
            inside = f"(some {through} in {text} | ({through} == {literal(u, of)}))"
            return draw.pick([f"(length({text}) == {draw.below(2)})", first, inside])
        case Name():
            wanted = draw.pick([f'"{n}"' for n in NAMES])
            return f"({text} == {wanted})"
