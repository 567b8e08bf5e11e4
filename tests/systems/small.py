"""The least systems that show one thing each, and a short way to write them."""

from __future__ import annotations

from attrs import evolve

from kspec.ir.build import lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Arith,
    ArithOp,
    Binder,
    Eq,
    Expr,
    First,
    Get,
    IsSome,
    Lit,
    Local,
    Lt,
    MakeMap,
    Not,
    Old,
    OrElse,
    Ref,
)
from kspec.ir.sorts import Bool, Id, Int, Map, Opt, Record, Sort
from kspec.ir.system import (
    Action,
    Claim,
    Field,
    Index,
    Init,
    Invariant,
    NoDeadlock,
    Occurrence,
    Pool,
    Property,
    Reachable,
    StepCase,
    System,
    Update,
)
from tests.systems.bench import action, pool, var, write

DIGIT = Int(0, 9)
X = Ref("x", DIGIT)


def system(
    variables: dict[str, tuple[Sort, Expr]],
    actions: tuple[Action, ...],
    properties: dict[str, Claim] | None = None,
    pools: tuple[Pool, ...] = (),
) -> System:
    """A system from its variables, each with a sort and a first value."""
    return System(
        name="small",
        pools=pools,
        constants=(),
        variables=tuple(var(name, sort) for name, (sort, _) in variables.items()),
        init=Init((), TRUE, tuple((name, first) for name, (_, first) in variables.items())),
        actions=actions,
        properties=tuple(Property(name, claim) for name, claim in (properties or {}).items()),
        well_formed=TRUE,
    )


def counter(limit: int, first: Expr | None = None) -> System:
    """`x` counts up by one while it is less than `limit`, and never leaves 0 .. 9 if that is 9."""
    up = Arith(ArithOp.ADD, X, lit(1))
    return system(
        {"x": (DIGIT, first or lit(0))},
        (action("up", (), (Lt(X, lit(limit)),), (write("x", None, up),)),),
        {
            "below": Invariant(Lt(X, lit(3))),
            "reaches": Reachable(Eq(X, lit(4))),
            "never": Reachable(Lt(X, lit(0))),
            "lives": NoDeadlock(),
            "small_steps": Occurrence((StepCase("up", Lt(Old("x", DIGIT), lit(5))),)),
        },
    )


def several_starts() -> System:
    """Starts at 7, 3 (twice) or 5, by a choice that `where` narrows."""
    chosen = Local("c", Int(0, 4))
    table = Lit(Map(Int(0, 4), DIGIT), (7, 3, 3, 5, 9))
    plain = counter(9)
    init = Init((Binder("c", Int(0, 4)),), Lt(chosen, lit(4)), (("x", Get(table, chosen)),))
    return evolve(plain, init=init)


def two_writes(second: Update) -> System:
    """One action that writes `m[0]`, and something else by `second`."""
    flags, k = Map(Int(0, 2), DIGIT), Binder("k", Int(0, 2))
    return system(
        {
            "m": (flags, MakeMap(k, lit(0))),
            "r": (PAIR, Lit(PAIR, (0, 0))),
        },
        (action("both", (), (), (write("m", lit(0), lit(1)), second)),),
    )


PAIR = Record("Pair", (("a", DIGIT), ("b", DIGIT)))


def field_write(name: str, value: Expr) -> Update:
    """A write of one field of the record `r`."""
    return Update("r", (Field(name),), value, TRUE, TRUE)


def birth(size: int) -> System:
    """Objects of a pool are born one by one until none is free, and may die."""
    pod = Id("Pod", size)
    live, p = Ref("live", Map(pod, Bool())), Local("p", pod)
    new = First(Binder("p", pod), Not(Get(live, p)))
    chosen = Local("new", Opt(pod))
    born = evolve(
        action("born", (), (), (write("live", OrElse(chosen, Lit(pod, 0)), TRUE),)),
        lets=(("new", new),),
        cut=Not(IsSome(chosen)),
    )
    dies = Update("live", (Index(p),), FALSE, TRUE, Get(live, p))
    return system(
        {"live": (Map(pod, Bool()), MakeMap(Binder("p", pod), FALSE))},
        (born, action("dies", (Binder("p", pod),), (Get(live, p),), (dies,))),
        {"lives": NoDeadlock()},
        (pool("Pod", size, "pod"),),
    )
