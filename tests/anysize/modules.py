"""Small random modules of objects that point to each other, with claims about them.

Some claims are true at every size, some at small ones only, some nowhere: the same seed, the same
module.
"""

from __future__ import annotations

import random

GUARDS = (
    "a.on",
    "not a.on",
    "a.to missing",
    "a.to exists",
    "some b in a.to | b.on",
    "no x: A | x.on",
    "no x: A | x.to exists",
    "all x: A | not x.on or x is a",
    "a.many == {}",
    "some b in a.many | not b.on",
    "no x: A, y: A | x.on and y.on and not (x is y)",
)
OF_B = ("b.on", "not b.on", "b.back missing", "no x: A | x.to == b", "no x: A | b in x.many")
FREE = (
    "no x: A | x.on",
    "some b: B | b.on",
    "all x: A | x.on",
    "no x: A | true",
    "all x, y: A | x is y",
    "all x, y: B | x is y",
)
ACTIONS = (
    ("action new_a", "new A {}"),
    ("action new_on", "new A { on: true }"),
    ("action new_b", "new B {}"),
    ("action new_to(b: B)", "new A { to: b }"),
    ("action drop(a: A)", "delete a"),
    ("action lose(b: B)", "delete b"),
    ("action start(a: A)", "a.on := true"),
    ("action stop(a: A)", "a.on := false"),
    ("action aim(a: A, b: B)", "a.to := b"),
    ("action rest(a: A)", "a.to := none"),
    ("action light(b: B)", "b.on := true"),
    ("action add(a: A, b: B)", "a.many := a.many union {b}"),
    ("action clear(a: A)", "a.many := {}"),
    ("action hold(a: A, b: B)", "b.back := a"),
    ("action all_off", "for a: A { a.on := false }"),
)
CLAIMS = (
    "all x, y: A where x.to exists and x.to == y.to | x is y",
    "all x, y: A | x.on and y.on implies x is y",
    "all x, y, z: A | x is y or y is z or x is z",
    "all a: A | a.on implies a.to exists",
    "no a: A | a.on",
    "all a: A, b in a.many | b.on",
    "all a: A, b in a.to | b.on",
    "all a: A | a.to exists implies a.on",
    "all b: B | b.back missing or b.on",
    "all x, y: B | x.on and y.on implies x is y",
    "all a: A, x in a.many, y in a.many | x is y",
    "count(a: A where a.on) <= 1",
    "count(a: A) <= 2",
    "some a: A | not a.on",
    "all x, y: A, b in x.many where b in y.many | x is y",
    "some b: B | all c: B | count(a: A where a.to == b) <= count(x: A where x.to == c)",
    "all b, c: B | count(a: A where a.to == b) <= count(x: A where x.to == c)",
    "all b, c: B | count(a: A where b in a.many) == count(a: A where c in a.many) or b.on or c.on",
    "all b: B | count(a: A where a.to == b) <= count(a: A where a.to exists)",
    "all x: A | count(b: B where b.back == x) <= 1",
)


def module(seed: int) -> str:
    """The text of a module."""
    draw = random.Random(seed)
    chosen = draw.sample(ACTIONS, draw.randint(2, 6))
    lines = [
        "kind B { on: bool = false; back: A? = none }",
        "kind A { on: bool = false; to: B? = none; many: set of B = {} }",
        "environment e {",
    ]
    for head, what in chosen:
        pool = [*FREE]
        pool += [*GUARDS, *GUARDS] if "a: A" in head else []
        pool += [*OF_B, *OF_B] if "b: B" in head else []
        guards = draw.sample(pool, draw.randint(1, 2))
        when = f" when {', '.join(guards)}" if guards else ""
        lines.append(f"  {head}{when} do {what}")
    lines.append("}")
    claims = draw.sample(CLAIMS, 5)
    lines += [f"invariant claim_{n}: {claim}" for n, claim in enumerate(claims)]
    objects = "".join(
        f" {kind} {kind}{n} {{ on: {draw.choice(('true', 'false'))} }}"
        for kind in ("a", "b")
        for n in range(draw.randint(1, 2))
    )
    judged = ", ".join(f"claim_{n}" for n in range(len(claims)))
    lines += [f"cluster c {{{objects} }}", "scenario s {", "  in c", "  run e"]
    lines += ["  room { A: 3, B: 3 }", f"  prove {judged}", "}"]
    return "\n".join(lines) + "\n"
