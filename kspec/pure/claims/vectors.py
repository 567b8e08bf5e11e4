"""Test vectors: does the model say what Kubernetes' own unit tests say?

Each vector of a file is run by the cases of its kind in the world that the program builds for it,
or skipped for a reason that the program gives; a vector that nobody speaks of is a failure. The
data is handed in; files are read elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, final

from attrs import evolve

from kspec.analysis.typed import Program, TExpr, TPrim, TVar, TVectorCase, TVectors
from kspec.base.record import frozen
from kspec.base.source import Span
from kspec.pure.documents import encode, paths
from kspec.pure.documents.paths import Spot
from kspec.pure.evaluation import effects
from kspec.pure.evaluation import evaluate as pure
from kspec.pure.evaluation.writes import Broken
from kspec.pure.values.cast import as_bool
from kspec.pure.values.value import Doc, Value
from kspec.pure.values.world import Context, EvaluationError, Tables, World

LAYOUT: Final = (("vectors",), ("function", "kind"), ("input", "inputs"), ("expected",))
"""Where vectors, and in each its kind, input and expected value stand unless a file says so. A
vector that names its function is of that kind; its `kind` says where it comes from then."""


@final
@frozen
class Mismatch:
    """A vector that failed: why, and the two sides of the comparison that is false, if it is
    one, as plain data; `where` is the first place where they differ; `span` what is to blame in
    the program, if that is known."""

    id: str
    kind: str
    why: str
    got: object = None
    expected: object = None
    where: str = ""
    span: Span | None = None


@final
@frozen
class LeftOut:
    """A vector that the model leaves out, and why."""

    id: str
    kind: str
    why: str


@final
@frozen
class VectorReport:
    """What became of the vectors of one file, in its order."""

    file: str
    total: int
    passed: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    failed: tuple[Mismatch, ...]


@final
@frozen
class Vector:
    """One vector."""

    id: str
    kind: str
    input: Doc
    expected: Doc


def run_vectors(
    program: Program,
    vectors: TVectors,
    data: object,
    parameters: Mapping[str, Value] | None = None,
) -> VectorReport:
    """Run every vector of a file; `data` is what its JSON holds."""
    context = Context(Tables(program), parameters or _defaults(program), World(), World())
    if vectors.file is not None:
        context = context.binding(vectors.file, Doc(data))
    passed: list[str] = []
    left_out: list[LeftOut] = []
    failed: list[Mismatch] = []
    found = tuple(read_vectors(data, vectors.layout))
    for vector in found:
        match _run(vector, vectors, context):
            case LeftOut() as skipped:
                left_out.append(skipped)
            case Mismatch() as mismatch:
                failed.append(mismatch)
            case None:
                passed.append(vector.id)
    return VectorReport(vectors.path, len(found), tuple(passed), tuple(left_out), tuple(failed))


def _defaults(program: Program) -> dict[str, Value]:
    """The parameters' declared values."""
    found: dict[str, Value] = {}
    context = Context(Tables(program), found, World(), World())
    for declared in program.params:
        if declared.default is not None:
            found[declared.name] = pure.stored(declared.default, declared.type, context)
    return found


def read_vectors(data: object, layout: tuple[str, str, str, str] | None) -> Iterator[Vector]:
    """The vectors of a file's data; a part that is not there is null."""
    whole, kind, given, expected = layout_paths(layout)
    listed = _first(Spot(data), whole) if paths.items(Spot(data)) is None else Spot(data)
    for place, spot in enumerate(paths.items(listed or Spot(None)) or ()):
        named = (paths.members(spot) or {}).get("id")
        yield Vector(
            str(place) if named is None else str(paths.word(named.tree)),
            paths.word(_tree(_first(spot, kind))) or "",
            Doc(_tree(_first(spot, given))),
            Doc(_tree(_first(spot, expected))),
        )


def layout_paths(layout: tuple[str, str, str, str] | None) -> tuple[tuple[str, ...], ...]:
    """For each part of a vector, the paths to look for it at."""
    return LAYOUT if layout is None else tuple((text,) for text in layout)


def _first(spot: Spot, texts: tuple[str, ...]) -> Spot | None:
    for text in texts:
        for found in paths.follow(spot, paths.parse_path(text) or ()):
            return found
    return None


def _tree(spot: Spot | None) -> object:
    return None if spot is None else spot.tree


# ---- one vector --------------------------------------------------------------------------------


def _run(vector: Vector, vectors: TVectors, context: Context) -> LeftOut | Mismatch | None:
    try:
        for skip in vectors.skips:
            here = context.binding_all({skip.input: vector.input, "o": vector.expected})
            if skip.kind == vector.kind and _holds(skip.where, here):
                return LeftOut(vector.id, vector.kind, skip.why)
        cases = [case for case in vectors.cases if vector.kind in case.kinds]
        there = _world(vector, vectors, context)
        applying = [case for case in cases if _holds(case.where, _bound(case, vector, there))]
        if not applying:
            return _unsaid(vector, bool(cases))
        for case in applying:
            mismatch = _judge(case, vector, _bound(case, vector, there))
            if mismatch is not None:
                return mismatch
        return None
    except EvaluationError as error:
        return Mismatch(vector.id, vector.kind, error.message, span=error.span)


def _unsaid(vector: Vector, is_known: bool) -> Mismatch:
    why = "no case applies to it" if is_known else f"no case is about `{vector.kind}`"
    return Mismatch(vector.id, vector.kind, f"{why}, and no `skip` says why")


def _bound(case: TVectorCase, vector: Vector, context: Context) -> Context:
    return context.binding_all({case.input: vector.input, case.expected: vector.expected})


def _holds(where: TExpr | None, context: Context) -> bool:
    return where is None or as_bool(pure.evaluate(where, context))


def _world(vector: Vector, vectors: TVectors, context: Context) -> Context:
    """The context in the world that is built for the vector. Vectors need not be well-formed:
    ranges and keys do not matter."""
    for built in vectors.worlds:
        if vector.kind not in built.kinds:
            continue
        here = context.binding(built.input, vector.input)
        rules = effects.unbounded(context.world, ranges=False, keys=False)
        world = effects.build(built.body, here, rules)
        if isinstance(world, effects.Refused | Broken):
            what = world.why if isinstance(world, effects.Refused) else world.property
            raise EvaluationError(f"the world cannot be built: {what}", world.span)
        context = evolve(context, world=world, live=world)
    return context


# ---- what differs ------------------------------------------------------------------------------


def _judge(case: TVectorCase, vector: Vector, context: Context) -> Mismatch | None:
    if as_bool(pure.evaluate(case.body, context)):
        return None
    for part in _conjuncts(case.body):
        if as_bool(pure.evaluate(part, context)):
            continue
        if isinstance(part, TPrim) and part.op == "==":
            return _difference(part, case, vector, context)
        break
    return Mismatch(vector.id, vector.kind, "the case is false", span=case.span)


def _conjuncts(expr: TExpr) -> Iterator[TExpr]:
    if isinstance(expr, TPrim) and expr.op == "and":
        for arg in expr.args:
            yield from _conjuncts(arg)
    else:
        yield expr


def _difference(equal: TPrim, case: TVectorCase, vector: Vector, context: Context) -> Mismatch:
    tables = context.tables
    left, right = (
        encode.encode(pure.evaluate(side, context), side.type, tables) for side in equal.args
    )
    if _mentions(equal.args[0], case.expected):
        left, right = right, left
    where = difference(left, right)
    why = "not what is expected"
    return Mismatch(vector.id, vector.kind, why, left, right, where, equal.span)


def _mentions(part: object, name: str) -> bool:
    """Is the variable anywhere inside a piece of the typed tree?"""
    if isinstance(part, TVar) and part.name == name:
        return True
    if isinstance(part, tuple):
        return any(_mentions(item, name) for item in part)
    inside = getattr(type(part), "__attrs_attrs__", ())
    return any(_mentions(getattr(part, attribute.name), name) for attribute in inside)


def difference(got: object, expected: object, where: str = "") -> str:
    """The path to the first place where plain data differs; "" for the whole."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in sorted({*got, *expected}):
            if got.get(key) != expected.get(key) or (key in got) != (key in expected):
                inner = f"{where}.{key}" if where else str(key)
                return difference(got.get(key), expected.get(key), inner)
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for place, (one, other) in enumerate(zip(got, expected, strict=True)):
            if one != other:
                return difference(one, other, f"{where}[{place}]")
    return where
