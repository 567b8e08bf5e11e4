"""Random components: controllers, environments, faults, with actions and their statements.

Next: `generate`, which puts a module together.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, field, frozen, mutable

from tests.random_modules.expressions import Env, condition, key_of, of_type, terms, value
from tests.random_modules.universe import (
    NAMES,
    Bool,
    Born,
    Cpu,
    Enum,
    FieldDecl,
    Function,
    Kind,
    Live,
    MapOf,
    Maybe,
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
    stored,
    text_of,
)


@final
@frozen
class ActionDecl:
    """An action as properties and scenarios speak of it: instance first, then parameters.

    `yields` are names that it has besides.
    """

    name: str
    arguments: tuple[Type, ...]
    role: str  # controller, environment, fault, recovery
    yields: tuple[tuple[str, Scalar], ...] = ()


@final
@frozen
class Component:
    """A controller or an environment as the rest of the module speaks of it."""

    name: str
    is_controller: bool
    instance: str | None  # a kind
    watched: tuple[str, ...]
    actions: tuple[ActionDecl, ...]


@final
@frozen
class Setting:
    """Where statements stand."""

    component: str | None
    watched: tuple[str, ...] = ()
    is_controller: bool = False
    may_choose: bool = True
    memory: tuple[tuple[str, Stored], ...] = ()


@final
@mutable
class Effects:
    """The effects declared so far: name and the kind that each takes."""

    declared: list[tuple[str, str]] = field(factory=list)


# ---- functions and effects ---------------------------------------------------------------------


def functions(u: Universe) -> str:
    """Some functions of the module."""
    lines = []
    for n in range(u.draw.below(3)):
        function, text = function_text(u, Env(ages=u.draw.chance(20)), f"g{n}")
        u.functions.append(function)
        lines.append(text)
    return "\n".join(lines)


def function_text(u: Universe, env: Env, name: str) -> tuple[Function, str]:
    """A function and its text."""
    draw = u.draw
    parameters: list[Type] = []
    for _ in range(draw.below(3)):
        parameters.append(Live(draw.pick(u.kinds).name) if draw.chance(60) else scalar(u))
    names = [draw.fresh("a") for _ in parameters]
    for bound, kind in zip(names, parameters, strict=True):
        env = env.bind(bound, kind)
    shown = ", ".join(f"{n}: {text_of(t)}" for n, t in zip(names, parameters, strict=True))
    body = condition(u, env)
    head = f"fn {name}({shown})" if names else f"fn {name}"
    return Function(name, tuple(parameters), Bool()), f"{head}: bool = {body}"


def effects(u: Universe, declared: Effects) -> str:
    """Some effects of the module: each changes one object of a kind."""
    draw = u.draw
    lines = []
    for n in range(draw.below(2)):
        kind = draw.pick(u.kinds)
        env = Env().bind("o", Live(kind.name))
        parts = [f"require {condition(u, env, 1)}"] if draw.chance(50) else []
        writable = [f for f in kind.fields if f.flag in ("", "local")]
        if writable and draw.chance(70):
            chosen = draw.pick(writable)
            parts.append(_write(u, env, f"o.{chosen.name}", chosen.type))
        else:
            parts.append("delete o")
        lines.append(f"effect e{n}(o: {kind.name}) {{ {'; '.join(parts)} }}")
        declared.declared.append((f"e{n}", kind.name))
    return "\n".join(lines)


# ---- statements --------------------------------------------------------------------------------


def statements(
    u: Universe, env: Env, setting: Setting, declared: Effects, depth: int = 1
) -> tuple[list[str], Env]:
    """A block's statements, and what is in scope after them."""
    done: list[str] = []
    for _ in range(u.draw.pick([1, 1, 1, 2, 2])):
        text, env = _statement(u, env, setting, declared, depth)
        done.append(text)
    return done, env


def _made(env: Env) -> Env:
    """What is in scope once a block was done."""
    names = tuple((n, evolve(k, is_made=True) if isinstance(k, Born) else k) for n, k in env.names)
    return evolve(env, names=names)


def block(stmts: list[str]) -> str:
    """Statements as the body of a clause."""
    return stmts[0] if len(stmts) == 1 else "{ " + "; ".join(stmts or ["nothing"]) + " }"


def _statement(
    u: Universe, env: Env, setting: Setting, declared: Effects, depth: int
) -> tuple[str, Env]:
    draw = u.draw
    match draw.below(22):
        case 8 | 9 | 10 | 7 if setting.memory:
            return _remember(u, env, setting), env
        case 11 | 12:
            return _new(u, env)
        case 13 | 14 if env.objects():
            name, kind = draw.pick(env.objects())
            return f"delete {name}{_address(u, setting, kind)}", env
        case 15 if depth > 0:
            inner = evolve(setting, may_choose=False)
            then, _ = statements(u, env, inner, declared, depth - 1)
            other, _ = statements(u, env, inner, declared, depth - 1)
            cond = condition(u, env, 1)
            tail = f" else {{ {'; '.join(other or ['nothing'])} }}" if draw.chance(50) else ""
            return f"if {cond} {{ {'; '.join(then or ['nothing'])} }}{tail}", env
        case 16 if depth > 0:
            over, name = draw.pick(u.kinds).name, draw.fresh("v")
            within = env.bind(name, Live(over))
            only = evolve(env, names=((name, Live(over)),))
            stmt = _assign(u, within, setting, only) or "nothing"
            return f"for {name}: {over} where {condition(u, within, 1)} {{ {stmt} }}", env
        case 17 if setting.may_choose:
            over, name = draw.pick(u.kinds).name, draw.fresh("v")
            within = env.bind(name, Live(over))
            return f"choose {name}: {over} where {condition(u, within, 1)}", within
        case 18:
            return f"require {condition(u, env, 1)}", env
        case 20 | 21 if any(k.born for k in u.kinds):
            return _new(u, env)
        case 19:
            usable = [(e, n) for e, k in declared.declared for n, o in env.objects() if o == k]
            if usable:
                effect, name = draw.pick(usable)
                kind = dict(declared.declared)[effect]
                return f"{effect}({name}){_address(u, setting, kind)}", env
            return _any_write(u, env, setting), env
        case _:
            return _any_write(u, env, setting), env


def _any_write(u: Universe, env: Env, setting: Setting) -> str:
    """A write of a field if an object is bound, else of memory, else of every object."""
    assign = _assign(u, env, setting, env)
    if assign is not None:
        return assign
    if setting.memory:
        return _remember(u, env, setting)
    over, name = u.draw.pick(u.kinds).name, u.draw.fresh("v")
    within = env.bind(name, Live(over))
    only = evolve(env, names=((name, Live(over)),))
    stmt = _assign(u, within, setting, only) or "nothing"
    return f"for {name}: {over} {{ {stmt} }}"


def _address(u: Universe, setting: Setting, kind: str) -> str:
    if not setting.is_controller or kind not in setting.watched:
        return ""
    words = [" by uid", " if unchanged"]
    if u.kind(kind).keyed:
        words.append(" by name")
    return u.draw.pick(words)


def _assign(u: Universe, env: Env, setting: Setting, targets: Env) -> str | None:
    """A write of a field of one of the objects bound in `targets`."""
    draw = u.draw
    places = [
        (name, kind, f)
        for name, kind in targets.objects()
        for f in u.kind(kind).fields
        if f.flag in ("", "local")
    ]
    if not places:
        return None
    name, kind, chosen = draw.pick(places)
    return _write(u, env, f"{name}.{chosen.name}", chosen.type) + _address(u, setting, kind)


def _remember(u: Universe, env: Env, setting: Setting) -> str:
    name, kind = u.draw.pick(setting.memory)
    return _write(u, env, name, kind)


def _write(u: Universe, env: Env, place: str, kind: Stored) -> str:
    draw = u.draw
    match kind:
        case MapOf(_, inner, total) if total or draw.chance(60):
            index = key_of(u, env, kind)
            if index is None:
                return f"{place} := {{}}"
            what = "none" if not total and draw.chance(25) else value(u, env, inner, 1)
            return f"{place}[{index}] := {what}"
        case Record(_, fields) if draw.chance(60):
            name, of = draw.pick(fields)
            return f"{place}.{name} := {value(u, env, of, 1)}"
        case Range() if draw.chance(35):
            return f"{place} {draw.pick(['+=', '-='])} 1"
        case SetOf(Live(of)) if draw.chance(60):
            bound = [n for n, k in env.objects() if k == of]
            return (
                f"{place} {draw.pick(['+=', '+=', '-='])} {{{draw.pick(bound)}}}"
                if bound
                else f"{place} := {{}}"
            )
        case SetOf(of) if not isinstance(of, Live) and draw.chance(50):
            return f"{place} {draw.pick(['+=', '-='])} {{{value(u, env, of, 1)}}}"
        case Bool() if draw.chance(40):
            return f"{place} := (not {place})"
        case Record(_, fields) if draw.chance(50):
            name, of = draw.pick(fields)
            return f"{place} := ({place} with {{{name}: {value(u, env, of, 1)}}})"
        case Cpu() if draw.chance(70):
            return f"{place} := {literal(u, kind)}"
        case Bool() | Range() | Enum() | Maybe() if draw.chance(50):
            return f"{place} := {literal(u, kind)}"
        case _:
            return f"{place} := {value(u, env, kind, 1)}"


def _new(u: Universe, env: Env, kind: Kind | None = None) -> tuple[str, Env]:
    draw = u.draw
    kinds = [kind for kind in u.kinds if kind.born]
    if not kinds:
        return "nothing", env
    kind = kind or draw.pick(kinds)
    parts = [f"name: {_new_name(u, env, kind)}"] if kind.keyed else []
    for f in kind.fields:
        is_total = isinstance(f.type, MapOf) and f.type.total
        if draw.chance(60) and not is_total:
            parts.append(f"{f.name}: {value(u, env, f.type, 1)}")
    name = draw.fresh("n")
    return f"new {name}: {kind.name} {{ {', '.join(parts)} }}", env.bind(name, Born(kind.name))


def _new_name(u: Universe, env: Env, kind: Kind) -> str:
    options = [f'"{n}"' for n in (*NAMES, *kind.objects)]
    for name, of in env.objects():
        if u.kind(of).keyed and not u.kind(of).born:
            options += [f'"{{{name}.name}}-{n}"' for n in (0, 0, 1)]
    return u.draw.pick(options)


# ---- actions -----------------------------------------------------------------------------------


def _parameters(u: Universe, env: Env, most: int) -> tuple[list[str], list[Type], Env]:
    draw = u.draw
    shown: list[str] = []
    types: list[Type] = []
    for _ in range(draw.below(most + 1)):
        name = draw.fresh("p")
        kind: Type
        if draw.chance(65):
            kind = Live(draw.pick(u.kinds).name)
            shown.append(f"{name}: {kind.kind}")
        else:
            sets = [(t, k.of) for t, k in terms(u, env) if isinstance(k, SetOf)]
            if sets and draw.chance(40):
                text, kind = draw.pick(sets)
                shown.append(f"{name} in {text}")
            else:
                kind = scalar(u)
                shown.append(f"{name}: {text_of(kind)}")
        types.append(kind)
        env = env.bind(name, kind)
    return shown, types, env


def action(
    u: Universe, env: Env, setting: Setting, declared: Effects, name: str, role: str
) -> tuple[ActionDecl, str]:
    """An action, a fault or a recovery."""
    draw = u.draw
    shown, types, env = _parameters(u, env, 2)
    lines: list[str] = []
    for _ in range(draw.pick([1, 0, 1, 0, 2])):
        options = [t for t, k in terms(u, env) if isinstance(k, Ref)]
        if options and draw.chance(50):
            text, bound = draw.pick(options), draw.fresh("b")
            kind = dict(terms(u, env))[text]
            assert isinstance(kind, Ref)
            lines.append(f"when {text} as {bound}")
            env = env.bind(bound, Live(kind.kind))
        else:
            cond = condition(u, env)
            lines.append(
                f"when {cond} or {condition(u, env)}" if draw.chance(40) else f"when {cond}"
            )
    if draw.chance(15):
        bound, kind_ = draw.fresh("l"), draw.pick([*u.enums, Bool()])
        text = draw.pick([*of_type(u, env, kind_), _plain(u, kind_)])
        lines.append(f"let {bound} = {text}")
        env = env.bind(bound, kind_)
    yields: tuple[tuple[str, Scalar], ...] = ()
    if draw.chance(8) and role in ("controller", "environment"):
        kind_ = draw.pick([*u.enums, Bool()])
        yields = ((draw.fresh("y"), kind_),)
        lines.append(
            f"yields {yields[0][0]} = {draw.pick([*of_type(u, env, kind_), _plain(u, kind_)])}"
        )
    if draw.chance(25):
        lines.append(f"within {draw.pick(['0s', '1s', '1s', '2s', '3s'])}")
    stmts, env = statements(u, env, setting, declared)
    env = _made(env)
    lines.append(f"do {block(stmts)}")
    if setting.is_controller and draw.chance(20):
        lines.append(f"refused {block(_refused(u, env, setting, declared))}")
    if setting.is_controller and draw.chance(35):
        lines += _later(u, env, setting, declared)
    head = {"fault": "fault", "recovery": "recovery"}.get(role, "action")
    flags = ' atomically "a test"' if setting.is_controller else ""
    if role == "environment" and draw.chance(20):
        flags = " fair"
    given = f"({', '.join(shown)})" if shown else ""
    text = "\n    ".join([f"{head} {name}{given}{flags}", *lines])
    return ActionDecl(name, tuple(types), role, yields), text


def _plain(u: Universe, kind: Scalar) -> str:
    text = literal(u, kind)
    return f"{kind.name}.{text}" if isinstance(kind, Enum) else text


def _refused(u: Universe, env: Env, setting: Setting, declared: Effects) -> list[str]:
    # What the refused block was to make does not exist.
    env = evolve(env, names=tuple(n for n in env.names if not isinstance(n[1], Born)))
    stmts, _ = statements(u, env, evolve(setting, may_choose=False), declared, 0)
    return stmts


def _later(u: Universe, env: Env, setting: Setting, declared: Effects) -> list[str]:
    """One or two later steps; ages are not asked of what may be gone by then."""
    draw = u.draw
    env = evolve(env, ages=False)
    lines = []
    for _ in range(draw.pick([1, 1, 2])):
        head = "next"
        inner = env
        if draw.chance(35):
            over, name = draw.pick(u.kinds).name, draw.fresh("v")
            within = env.bind(name, Live(over))
            member = draw.fresh("m")
            head += f" each {member} in (those {name}: {over} where {condition(u, within, 1)}):"
            inner = env.bind(member, Live(over))
        if draw.chance(30):
            head += f" when {condition(u, inner, 1)}:"
        stmts, after = statements(u, inner, setting, declared, 0)
        lines.append(f"{head} {block(stmts)}")
        if draw.chance(25):
            seen = after if inner is env else env
            lines.append(f"refused {block(_refused(u, seen, setting, declared))}")
        env = _made(after) if inner is env else env
    return lines


# ---- components --------------------------------------------------------------------------------


def controller(u: Universe, declared: Effects, name: str) -> tuple[Component, str]:
    """A controller."""
    draw = u.draw
    watchable = [kind.name for kind in u.kinds if kind.api]
    watched = tuple(k for k in watchable if draw.chance(70))
    instance = draw.pick(u.kinds).name if draw.chance(40) else None
    env = Env(inside=name)
    head = f"controller {name}"
    if instance is not None:
        head += f" for s: {instance}"
        env = env.bind("s", Live(instance))
    shown = [k if k == instance else _watch(u, k) for k in watched]
    lines = [f"  watches {', '.join(shown)}"] if watched else []
    memory: list[tuple[str, Stored]] = []
    for n in range(draw.pick([0, 1, 1, 2])):
        kind = stored(u, tuple(k.name for k in u.kinds), timers=True)
        born = [k.name for k in u.kinds if k.born]
        if born and draw.chance(25):
            kind = draw.pick([Ref(draw.pick(born)), SetOf(Live(draw.pick(born)))])
        word = draw.pick(["memory", "memory", "local"])
        lines.append(f"  {word} m{n}: {text_of(kind)} = {literal(u, kind)}")
        memory.append((f"m{n}", kind))
    env = evolve(env, places=tuple(memory))
    if draw.chance(25):
        function, text = function_text(u, env, "h")
        lines.append("  " + text)
        env = evolve(env, functions=(function,))
    setting = Setting(name, watched, True, True, tuple(memory))
    found = _actions(u, env, setting, declared, lines)
    lines = [head + " {", *lines, "}"]
    first: tuple[Type, ...] = () if instance is None else (Live(instance),)
    actions = tuple(evolve(a, arguments=(*first, *a.arguments)) for a in found)
    return Component(name, True, instance, watched, actions), "\n".join(lines)


def _watch(u: Universe, kind: str) -> str:
    fields: list[FieldDecl] = [
        f for f in u.kind(kind).fields if isinstance(f.type, Bool | Range | Enum)
    ]
    if fields and u.draw.chance(15):
        chosen = u.draw.pick(fields)
        return f"{kind} where {chosen.name} == {literal(u, chosen.type)}"
    return kind


def _actions(
    u: Universe, env: Env, setting: Setting, declared: Effects, lines: list[str]
) -> list[ActionDecl]:
    draw = u.draw
    role = "controller" if setting.is_controller else "environment"
    found, texts = [], []
    for n in range(draw.pick([1, 2, 2, 3])):
        one, text = action(u, env, setting, declared, f"a{n}", role)
        found.append(one)
        texts.append("  " + text)
    if setting.is_controller and len(texts) > 1 and draw.chance(25):
        texts = ["  ordered {", *texts, "  }"]
    lines += texts
    return found


def environment(u: Universe, declared: Effects, name: str) -> tuple[Component, str]:
    """An environment."""
    lines: list[str] = []
    setting = Setting(name)
    found = _actions(u, Env(), setting, declared, lines)
    text = "\n".join([f"environment {name} {{", *lines, "}"])
    return Component(name, False, None, (), tuple(found)), text


def churn(u: Universe, name: str) -> tuple[Component, str]:
    """An environment in which objects of one kind come and go, and something points to them."""
    draw = u.draw
    kind = draw.pick([k for k in u.kinds if k.born])
    old = f" when age(k) == {draw.pick([0, 0, 1])}" if draw.chance(40) else ""
    made, _ = _new(u, Env(), kind)
    lines = [f"  action comes do {made}", f"  action goes(k: {kind.name}){old} do delete k"]
    actions = [
        ActionDecl("comes", (), "environment"),
        ActionDecl("goes", (Live(kind.name),), "environment"),
    ]
    places = [
        (k.name, f.name)
        for k in u.kinds
        for f in k.fields
        if f.type == Ref(kind.name) and f.flag in ("", "local")
    ]
    if places:
        owner, target = draw.pick(places)
        given = f"(o: {owner}, k: {kind.name})"
        lines.append(f"  action points{given} do o.{target} := k")
        actions.append(ActionDecl("points", (Live(owner), Live(kind.name)), "environment"))
    text = "\n".join([f"environment {name} {{", *lines, "}"])
    return Component(name, False, None, (), tuple(actions)), text


def keeper(u: Universe, name: str) -> tuple[Component, str]:
    """A controller that remembers an object of a kind whose objects come and go."""
    draw = u.draw
    kind = draw.pick([k for k in u.kinds if k.born])
    word = draw.pick(["memory", "local"])
    shown, write = draw.pick(
        [(f"{kind.name}? = none", "k"), (f"set of {kind.name} = {{}}", "kept union {k}")]
    )
    watches = f"  watches {kind.name}\n" if kind.api and draw.chance(50) else ""
    text = (
        f"controller {name} {{\n{watches}  {word} kept: {shown}\n"
        f"  action keep(k: {kind.name}) do kept := {write}\n}}"
    )
    watched = (kind.name,) if watches else ()
    keep = ActionDecl("keep", (Live(kind.name),), "controller")
    return Component(name, True, None, watched, (keep,)), text


def fault(u: Universe, declared: Effects, name: str, role: str) -> tuple[ActionDecl, str]:
    """A fault or a recovery."""
    return action(u, Env(), Setting(None), declared, name, role)


__all__ = [
    "ActionDecl",
    "Component",
    "Effects",
    "Setting",
    "Timer",
    "churn",
    "controller",
    "effects",
    "environment",
    "fault",
    "functions",
    "keeper",
]
