"""Systems whose states are all graphs on a few vertices: how many there are up to isomorphism is known.

OEIS A000088 (graphs) and A000273 (directed graphs). Nothing here may depend on an engine.
"""

from __future__ import annotations

from typing import Final

from kspec.ir.build import lit, neg
from kspec.ir.expr import (
    TRUE,
    Binder,
    Contains,
    Eq,
    Expr,
    Get,
    Lit,
    Local,
    MakeSet,
    Ref,
    SetOp,
    SetOpKind,
)
from kspec.ir.sorts import Id, Map, Set
from kspec.ir.system import (
    Action,
    Conjunct,
    Fairness,
    Index,
    Init,
    Invariant,
    Origin,
    Pool,
    Property,
    Role,
    System,
    Update,
    Var,
)

GRAPHS: Final = {2: 2, 3: 4, 4: 11, 5: 34}
DIGRAPHS: Final = {2: 3, 3: 16, 4: 218}


def graphs(size: int, *, directed: bool) -> System:
    """Edges come one at a time."""
    vertex = Id("Vertex", size)
    sort = Map(vertex, Set(vertex))
    a, b = Local("a", vertex), Local("b", vertex)
    edges = Ref("edges", sort)

    def more(at: Expr, to: Expr) -> Update:
        value = SetOp(SetOpKind.UNION, Get(edges, at), MakeSet(vertex, (to,)))
        return Update("edges", (Index(at),), value, TRUE, TRUE)

    guard = (neg(Eq(a, b)), neg(Contains(Get(edges, a), b)))
    connect = Action(
        name="connect",
        owner="hand",
        origin=Origin.ENVIRONMENT,
        params=(Binder("a", vertex), Binder("b", vertex)),
        choices=(),
        lets=(),
        guard=tuple(map(Conjunct, guard)),
        cut=None,
        updates=(more(a, b),) if directed else (more(a, b), more(b, a)),
        fairness=Fairness.NONE,
    )
    return System(
        name="graphs",
        pools=(Pool("Vertex", size, tuple(f"v{i}" for i in range(size))),),
        constants=(),
        variables=(Var("edges", sort, Role.API, "Vertex", "edges"),),
        init=Init((), TRUE, (("edges", Lit(sort, (frozenset(),) * size)),)),
        actions=(connect,),
        properties=(Property("any", Invariant(lit(True))),),
        well_formed=TRUE,
    )
