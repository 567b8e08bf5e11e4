"""Makes a given question smaller while something stays true of it.

Hypothesis shrinks what Hypothesis drew; this shrinks a question that came from anywhere, such as a
seed. `smallest` takes parts away and puts children or constants in the place of expressions, as
long as the system is well formed and `is_bad` holds.

    python -m tests.random.shrink explicit 400    # prints the smallest question of that seed
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import attrs
from attrs import evolve

from kspec.engines.conformance import Question, compare, described, seeded_question
from kspec.ir import expr
from kspec.ir.expr import FALSE, TRUE, Expr, IllSorted, Lit, sort_of
from kspec.ir.rewrite import children
from kspec.ir.sorts import Bool, cardinality, values
from kspec.ir.system import Action, Conjunct, Init, Occurrence, Property, System, Update
from kspec.ir.validate import validate

Path = tuple[Any, ...]
Bad = Callable[[Question], bool]

NODES: tuple[Any, ...] = tuple(
    node
    for node in vars(expr).values()
    if isinstance(node, type) and node.__module__ == expr.__name__
    if attrs.has(node) and node is not expr.Binder
)


def smallest(question: Question, is_bad: Bad) -> Question:
    """A question that cannot be made smaller in one step and of which `is_bad` is still true."""
    while (smaller := _smaller(question, is_bad)) is not None:
        question = smaller
    return question


def _smaller(question: Question, is_bad: Bad) -> Question | None:
    for candidate in _candidates(question):
        if _is_well_formed(candidate) and is_bad(candidate):
            return candidate
    return None


def _is_well_formed(question: Question) -> bool:
    known = {p.name for p in question.system.properties}
    return set(question.properties) <= known and not validate(question.system)


def _candidates(question: Question) -> Iterator[Question]:
    system = question.system
    for n in range(len(question.properties)):
        asked = question.properties[:n] + question.properties[n + 1 :]
        yield evolve(question, properties=asked)
    yield from (evolve(question, system=s) for s in _fewer_parts(system))
    for path, node in sorted(_expressions(system), key=lambda pair: -_size(pair[1])):
        for simpler in _simpler(node):
            yield evolve(question, system=_with(system, path, simpler))


def _fewer_parts(system: System) -> Iterator[System]:
    """The system without one of its parts, larger parts first."""
    for part in ("properties", "actions", "constants", "views", "assumptions", "bounds"):
        yield from _without_one(system, (part,))
    for n, var in enumerate(system.variables):
        fewer = system.variables[:n] + system.variables[n + 1 :]
        assign = tuple(a for a in system.init.assign if a[0] != var.name)
        yield evolve(system, variables=fewer, init=evolve(system.init, assign=assign))
    for path, thing in _things(system):
        match thing:
            case Action():
                for part in ("updates", "guard", "lets", "params", "choices"):
                    yield from _without_one(system, (*path, part))
                if thing.event or thing.reason or thing.cut:
                    yield _with(system, path, evolve(thing, event=None, reason=None))
                    yield _with(system, path, evolve(thing, cut=None))
            case Conjunct() if thing.because:
                yield _with(system, path, evolve(thing, because=None))
            case Update():
                for part in ("binders", "path"):
                    yield from _without_one(system, (*path, part))
            case Init():
                yield from _without_one(system, (*path, "params"))
            case Occurrence():
                yield from _without_one(system, (*path, "cases"))
            case Property() if thing.sentence:
                yield _with(system, path, evolve(thing, sentence=None))


def _without_one(system: System, path: Path) -> Iterator[System]:
    parts = _at(system, path)
    for n in range(len(parts)):
        yield _with(system, path, parts[:n] + parts[n + 1 :])


def _simpler(node: Expr) -> Iterator[Expr]:
    if isinstance(node, Lit):
        return
    try:
        sort = sort_of(node)
    except (IllSorted, KeyError):
        return
    if sort == Bool():
        yield from (TRUE, FALSE)
    elif 0 < cardinality(sort):
        yield Lit(sort, next(values(sort)))
    yield from children(node)


def _size(node: Expr) -> int:
    return 1 + sum(map(_size, children(node)))


def _things(thing: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    kind: Any = type(thing)
    if attrs.has(kind):
        yield path, thing
        for field in attrs.fields(kind):
            yield from _things(getattr(thing, field.name), (*path, field.name))
    elif isinstance(thing, tuple):
        for n, part in enumerate(thing):
            yield from _things(part, (*path, n))


def _expressions(system: System) -> Iterator[tuple[Path, Expr]]:
    return ((path, thing) for path, thing in _things(system) if type(thing) in NODES)


def _at(thing: Any, path: Path) -> Any:
    for step in path:
        thing = thing[step] if isinstance(step, int) else getattr(thing, step)
    return thing


def _with(thing: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return (*thing[:step], _with(thing[step], rest, new), *thing[step + 1 :])
    return evolve(thing, **{step: _with(getattr(thing, step), rest, new)})


def main(engine: str, seed: str) -> None:
    """Print the smallest question of a seed that the engine answers wrongly or not at all."""
    from kspec.engines.explicit.engine import Explicit, Refusal

    explorer = {"explicit": Explicit(level=0)}[engine]

    def differences(question: Question) -> tuple[str, ...]:
        try:
            return compare(explorer, question)
        except Refusal:
            return ()
        except Exception as error:  # whatever goes wrong is what is looked for
            return (f"{type(error).__name__}: {error}",)

    found = smallest(seeded_question(int(seed)), lambda q: bool(differences(q)))
    print(described(explorer, found, differences(found)))


if __name__ == "__main__":
    main(*sys.argv[1:])
