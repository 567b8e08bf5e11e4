"""Random modules that have all that was ever hard: births and deaths, references, sets, options of
numbers, maps, counting, loops, and claims that are true of few objects, of many, or by luck.

The same seed, the same module. `counting` leaves out what proofs for every size refuse to count.
What is claimed of them is nobody's business here. Next: `test_every_size`, `test_words`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, TypeAlias

OF_A: Final = (
    "a.on",
    "not a.on",
    "a.to missing",
    "a.to exists",
    "a.n < 2",
    "a.n == 0",
    "a.big missing",
    "a.small exists",
    "no x: A | x.on",
    "count(x: A where x.on) <= 1",
    "count(x: A) <= 2",
    "a.many == {}",
    "some b in a.to | b.on",
    "no x: A | x.n == a.n and x.on",
    "size(a.many) <= 1",
    "a.c is red",
    "count(x: A where x.c is a.c) == 1",
)
OF_B: Final = (
    "b.on",
    "not b.on",
    "b.k[red] == 0",
    "no x: A | x.to == b",
    "no x: A | b in x.many",
    "count(x: A where x.to == b) <= 1",
    "b.k[blue] < 3",
    "b.back missing",
)
FREE: Final = (
    "no x: A | x.on",
    "some b: B | b.on",
    "count(b: B) <= 2",
    "no x: A | true",
    "all x, y: A | x is y",
    "count(b: B) == count(a: A)",
)
ACTIONS: Final = (
    ("new_a", "new A {}"),
    ("new_on", "new A { on: true }"),
    ("new_b", "new B {}"),
    ("new_to(b: B)", "new A { to: b }"),
    ("drop(a: A)", "delete a"),
    ("lose(b: B)", "delete b"),
    ("start(a: A)", "a.on := true"),
    ("stop(a: A)", "a.on := false"),
    ("aim(a: A, b: B)", "a.to := b"),
    ("rest(a: A)", "a.to := none"),
    ("light(b: B)", "b.on := true"),
    ("add(a: A, b: B)", "a.many := a.many union {b}"),
    ("clear(a: A)", "a.many := {}"),
    ("less(a: A, b: B)", "a.many := a.many minus {b}"),
    ("hold(a: A, b: B)", "b.back := a"),
    ("all_off", "for a: A { a.on := false }"),
    ("all_n", "for a: A where a.on { a.n := 0 }"),
    ("grow(a: A)", "a.big := a.small"),
    ("set_small(a: A)", "a.small := 2"),
    ("none_small(a: A)", "a.small := none"),
    ("tell(a: A)", "a.n := count(x: A where x.on)"),
    ("tell_min(a: A)", "a.n := min(3, count(x: A))"),
    ("post(b: B)", "b.k := map c: Color | min(3, count(x: A where x.c is c))"),
    ("post_red(b: B)", "b.k[red] := min(3, count(x: A where x.to == b))"),
    ("paint(a: A)", "a.c := blue"),
    ("swap(a: A, x: A)", "{ a.on := x.on  x.on := a.on }"),
    ("give(a: A, x: A)", "{ a.on := false  x.on := true }"),
    ("sum(a: A)", "a.n := min(3, sum(x: A | x.n))"),
    ("copy(a: A, x: A)", "a.to := x.to"),
    ("pass(a: A, x: A)", "x.many := a.many"),
    ("pick(a: A)", "a.n := min(3, size(a.many))"),
)
CLAIMS: Final = (
    "all x, y: A where x.to exists and x.to == y.to | x is y",
    "all x, y: A | x.on and y.on implies x is y",
    "all x, y, z: A | x is y or y is z or x is z",
    "all a: A | a.on implies a.to exists",
    "no a: A | a.on",
    "all a: A, b in a.many | b.on",
    "all a: A, b in a.to | b.on",
    "all b: B | b.back missing or b.on",
    "count(a: A where a.on) <= 1",
    "count(a: A) <= 2",
    "count(a: A) <= 4",
    "some a: A | not a.on",
    "all a: A | a.n <= 1",
    "all a: A | a.big != 2",
    "all a: A, x: A | a.big == x.big",
    "all a: A | a.big == a.small",
    "all a: A | a.small missing implies a.big missing",
    "all b: B | b.k[red] + b.k[blue] <= 3",
    "all b: B | b.k[red] <= 2",
    "count(a: A where a.c is red) <= 2 or count(a: A where a.c is blue) >= 1",
    "count(b: B) >= 1",
    "all a: A | size(a.many) <= 2",
    "all a: A | size(a.many) <= count(b: B)",
    "sum(a: A | a.n) <= 4",
    "all a: A | a.n == count(x: A where x.on) or a.n == 0",
    "all a: A | count(b: B where b in a.many) <= 1",
    "count(a: A where a.on) <= count(a: A)",
    "all a: A | a.c is red",
    "all a, x: A, b: B where b in a.many and b in x.many | a is x",
    "no a: A | a.on and a.n >= 3",
    "all b: B | count(a: A where a.to == b) <= 2",
    "min(2, count(a: A)) >= 1",
    "count(a: A) != 3",
    "count(a: A) div 2 <= 1",
    "not (count(a: A where a.on) == 2)",
)
KINDS: Final = (
    "enum Color { red, blue }",
    "kind B { on: bool = false; back: A? = none; k: map from Color to 0..3 = 0 }",
    "kind A {",
    "  on: bool = false; to: B? = none; many: set of B = {}; n: 0..3 = 0",
    "  small: 1..3? = none; big: 0..5? = none; c: Color = red",
    "}",
)
ASKED: Final = 6
"""Claims of a module."""


Fit: TypeAlias = Callable[[str], bool]


def shape(seed: int, counting: bool | None = None, room: int = 3) -> str:
    """The module of a seed; whether it counts is drawn, too, unless it is said. There is room for so
    many objects of each kind."""
    draw = random.Random(seed)
    counts = draw.random() < 0.4 if counting is None else counting

    def fit(text: str) -> bool:
        return counts or not any(word in text for word in ("count", "size", "sum("))

    actions = [_action(draw, head, does, fit) for head, does in _some(draw, ACTIONS, fit)]
    claims = draw.sample([claim for claim in CLAIMS if fit(claim)], ASKED)
    names = [f"claim_{n}" for n in range(ASKED)]
    stated = [f"invariant {name}: {claim}" for name, claim in zip(names, claims, strict=True)]
    scenario = ("scenario s {", "  in c", "  run e", f"  room {{ A: {room}, B: {room} }}")
    lines = (*KINDS, "environment e {", *actions, "}", *stated, _cluster(draw), *scenario)
    return "\n".join((*lines, "  prove " + ", ".join(names), "}", ""))


def _some(
    draw: random.Random, actions: tuple[tuple[str, str], ...], fit: Fit
) -> list[tuple[str, str]]:
    return draw.sample([action for action in actions if fit(action[1])], draw.randint(2, 6))


def _action(draw: random.Random, head: str, does: str, fit: Fit) -> str:
    about = [*FREE]
    about += [*OF_A, *OF_A] if "a: A" in head else []
    about += [*OF_B, *OF_B] if "b: B" in head else []
    guards = draw.sample([guard for guard in about if fit(guard)], draw.randint(0, 2))
    when = f" when {', '.join(guards)}" if guards else ""
    return f"  action {head}{when} do {does}"


def _cluster(draw: random.Random) -> str:
    objects = []
    for kind in ("a", "b"):
        for n in range(draw.randint(1, 2)):
            small = draw.choice(("", ", small: 2", ", small: any")) if kind == "a" else ""
            on = draw.choice(("true", "false", "any"))
            objects.append(f"{kind} {kind}{n} {{ on: {on}{small} }}")
    return f"cluster c {{ {' '.join(objects)} }}"


__all__ = ["ASKED", "shape"]
