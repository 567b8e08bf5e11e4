"""A random module as text: declarations, behaviour, claims, and a scenario.

`draw_module` is decided by the numbers it is given, `seeded_module` by a seed, and `modules` is a
Hypothesis strategy. What the language offers and dynamics leaves open is left out. Parts:
`universe`, `expressions`, `behaviour`.
"""

from __future__ import annotations

import random

from attrs import evolve
from hypothesis import strategies as st

from kspec.engines.random_systems.draw import Below, Draw
from tests.random_modules.behaviour import (
    ActionDecl,
    Component,
    Effects,
    churn,
    controller,
    effects,
    environment,
    fault,
    functions,
    keeper,
)
from tests.random_modules.expressions import Env, condition, value
from tests.random_modules.universe import (
    Bool,
    Enum,
    Kind,
    Maybe,
    Range,
    Scalar,
    SetOf,
    Stored,
    Universe,
    declare,
    literal,
    scalar,
    text_of,
)


def draw_module(below: Below) -> str:
    """The text of a module, decided by the numbers that `below` gives."""
    draw = Draw(below)
    u, declarations = declare(draw)
    declared = Effects()
    parts = [declarations, functions(u), effects(u, declared)]
    components: list[Component] = []
    for n in range(draw.pick([1, 1, 1, 2, 2])):
        component, text = controller(u, declared, f"c{n}")
        components.append(component)
        parts.append(text)
    if draw.chance(75):
        component, text = environment(u, declared, "w")
        components.append(component)
        parts.append(text)
    if draw.chance(45) and any(kind.born for kind in u.kinds):
        component, text = churn(u, "life")
        components.append(component)
        parts.append(text)
        if draw.chance(35):
            component, text = keeper(u, "keeper")
            components.append(component)
            parts.append(text)
    faults: list[ActionDecl] = []
    for n, role in enumerate(draw.pick([(), (), ("fault",), ("fault", "recovery")])):
        one, text = fault(u, declared, f"d{n}", role)
        faults.append(one)
        parts.append(text)
    actions = [
        *(evolve(a, name=f"{c.name}.{a.name}") for c in components for a in c.actions),
        *faults,
    ]
    blocked, text = _blocked(u, actions)
    parts.append(text)
    ghosts, text = _ghosts(u, actions)
    parts.append(text)
    claims, text = _claims(u, actions, components, ghosts)
    parts += [text, _scenario(u, components, [*faults, *blocked], claims)]
    return "\n".join(part for part in parts if part) + "\n"


def seeded_module(seed: int) -> str:
    """The module of a seed."""
    return draw_module(random.Random(seed).randrange)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A strategy for the text of modules."""
    return draw_module(lambda n: draw(st.integers(0, n - 1)))


# ---- claims ------------------------------------------------------------------------------------


def _bound(u: Universe, one: ActionDecl) -> tuple[str, Env]:
    """A pattern that speaks of an action, and what it binds."""
    env = Env(ages=False)
    names = []
    for kind in one.arguments:
        name = "_" if u.draw.chance(20) else u.draw.fresh("p")
        names.append(name)
        if name != "_":
            env = env.bind(name, kind)
    for name, kind in one.yields:
        env = env.bind(name, kind)
    return f"{one.name}({', '.join(names)})" if names else one.name, env


def _blocked(u: Universe, actions: list[ActionDecl]) -> tuple[list[ActionDecl], str]:
    """A fault that keeps an action from happening."""
    own = [a for a in actions if a.role in ("controller", "environment")]
    if not own or not u.draw.chance(8):
        return [], ""
    pattern, env = _bound(u, evolve(u.draw.pick(own), yields=()))
    text = f"fault d9 blocks {pattern} when {condition(u, env, 1)}"
    return [ActionDecl("d9", (), "block")], text


def _ghosts(u: Universe, actions: list[ActionDecl]) -> tuple[list[tuple[str, Stored]], str]:
    draw = u.draw
    found: list[tuple[str, Stored]] = []
    lines = []
    for n in range(draw.pick([0, 0, 1])):
        kind: Stored = draw.pick([scalar(u), SetOf(draw.pick(u.enums))])
        rules = []
        for _ in range(draw.between(1, 2)):
            pattern, env = _bound(u, draw.pick(actions))
            env = evolve(env, places=((f"z{n}", kind),))
            rules.append(f"  on {pattern}: z{n} := {value(u, env, kind, 1)}")
        lines += [f"ghost z{n}: {text_of(kind)} = {literal(u, kind)} {{", *rules, "}"]
        found.append((f"z{n}", kind))
    return found, "\n".join(lines)


def _claims(
    u: Universe,
    actions: list[ActionDecl],
    components: list[Component],
    ghosts: list[tuple[str, Stored]],
) -> tuple[list[str], str]:
    draw = u.draw
    names, lines = [], []
    for n in range(draw.between(1, 4)):
        name = f"t{n}"
        env = Env(places=tuple(ghosts))
        match draw.below(8):
            case 0 | 1 | 2:
                lines.append(f"invariant {name}: {condition(u, env)}")
            case 3 | 4:
                pattern, bound = _bound(u, draw.pick(actions))
                bound = evolve(bound, places=tuple(ghosts), two_state=True)
                where = f" where {condition(u, bound, 1)}" if draw.chance(30) else ""
                lines.append(f"property {name}: on {pattern}{where}: {condition(u, bound)}")
            case 5:
                lines.append(f"property {name}: no deadlock")
            case 6:
                alone = [c.name for c in components if c.is_controller and c.instance is None]
                if alone:
                    body = condition(u, Env(ages=False))
                    lines.append(f"invariant {name}: seen({draw.pick(alone)}, {body})")
                else:
                    lines.append(f"property {name}: reachable {condition(u, env)}")
            case _:
                lines.append(f"property {name}: reachable {condition(u, env)}")
        names.append(name)
    return names, "\n".join(lines)


# ---- the scenario ------------------------------------------------------------------------------


def _scenario(
    u: Universe, components: list[Component], faults: list[ActionDecl], claims: list[str]
) -> str:
    draw = u.draw
    lines = ["cluster small {"]
    for kind in u.kinds:
        lines += _objects(u, kind)
    lines += ["}", f"room {{ {', '.join(f'{k.name}: {k.room}' for k in u.kinds)} }}"]
    for name, kind_ in u.params:
        if draw.chance(40):
            lines.append(f"with {name} = {literal(u, kind_)}")
    lines.append("run " + ", ".join(_run(u, components)))
    lines += _faults(u, components, faults)
    lines.append(f"time {draw.pick(['untimed', 'timed'])}")
    if draw.chance(10):
        lines.append(f"assume u0: {condition(u, Env(ages=False))}")
    lines.append(f"check {', '.join(claims)}")
    return "\n".join(lines)


def _objects(u: Universe, kind: Kind) -> list[str]:
    draw = u.draw
    if not kind.objects:
        return []
    if draw.chance(60):
        return [f"  {kind.name} {', '.join(kind.objects)} {{ {_fields(u, kind)} }}"]
    return [f"  {kind.name} {name} {{ {_fields(u, kind)} }}" for name in kind.objects]


def _fields(u: Universe, kind: Kind) -> str:
    draw = u.draw
    parts = []
    for f in kind.fields:
        match f.type:
            case Bool() | Range() | Enum() | Maybe() if draw.chance(35):
                parts.append(f"{f.name}: {_initial(u, f.type)}")
            case _:
                pass
    return ", ".join(parts)


def _initial(u: Universe, kind: Scalar | Maybe) -> str:
    draw = u.draw
    if isinstance(kind, Maybe):
        return literal(u, kind)
    match draw.below(4):
        case 2:
            return "any"
        case 3 if isinstance(kind, Range | Enum):
            both = sorted({literal(u, kind), literal(u, kind)})
            return f"any of [{', '.join(both)}]"
        case _:
            return literal(u, kind)


def _run(u: Universe, components: list[Component]) -> list[str]:
    draw = u.draw
    entries: list[str] = []
    for component in components:
        if draw.chance(50) or component.is_controller:
            limit = f" at most {draw.between(1, 2)}" if draw.chance(20) else ""
            entries.append(component.name + limit)
        else:
            for one in component.actions:
                entries.append(f"{component.name}.{one.name} at most {draw.between(1, 2)}")
    return entries


def _faults(u: Universe, components: list[Component], faults: list[ActionDecl]) -> list[str]:
    draw = u.draw
    lines = []
    for one in faults:
        if one.role == "block":
            lines.append(f"  {one.name}")
        if one.role == "fault":
            limit = f" at most {draw.between(1, 2)}" if draw.chance(80) else ""
            lines.append(f"  {one.name}{limit}")
    for component in components:
        if component.is_controller:
            is_served = False
            if component.watched and draw.chance(50):
                is_served = draw.chance(20)
                servers = " servers 2" if is_served else ""
                lines.append(f"  stale_cache {component.name} lag {draw.between(1, 2)}{servers}")
            if draw.chance(80 if is_served else 20):
                limit = f" at most {draw.between(1, 2)}" if draw.chance(80) else ""
                lines.append(f"  restart {component.name}{limit}")
            if draw.chance(8):
                lines.append(f"  lossy_api {component.name}")
    return ["faults {", ";\n".join(lines), "}"] if lines else []
