"""The benchmark models as hand-written systems, so that tests need no language.

`m0` is a two-state toy, `m1` two-phase commit (after the TLA+ example transaction_commit/TwoPhase),
`m2` a scheduler with kubelets, a ReplicaSet controller, a node controller and an autoscaler. The
numbers of distinct states are known from SPIN, Rumur and TLC on the same models: `KNOWN`.
Nothing here may depend on an engine.
"""

from __future__ import annotations

from kspec.ir.build import conj, disj, lit, neg
from kspec.ir.expr import (
    TRUE,
    Arith,
    ArithOp,
    Binder,
    Count,
    Eq,
    Expr,
    Get,
    IsSome,
    Ite,
    Le,
    Lit,
    Local,
    Lt,
    MakeMap,
    OrElse,
    Quant,
    QuantKind,
    Ref,
    Some,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Sort
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

KNOWN: tuple[tuple[str, tuple[int, ...], int], ...] = (
    ("m1", (5,), 8_832),
    ("m1", (8,), 1_745_408),
    ("m2", (3, 2, 2, 2, 1), 5_676),
    ("m2", (3, 3, 2, 2, 1), 21_304),
    ("m2", (4, 3, 2, 3, 1), 276_872),
    ("m2", (4, 4, 2, 3, 1), 981_720),
    ("m2", (5, 3, 2, 2, 1), 2_877_232),
    ("m2", (5, 3, 2, 3, 2), 5_826_926),
    ("m2", (6, 2, 3, 4, 1), 5_094_210),
    ("m2", (6, 2, 4, 4, 2), 7_710_280),
)
"""Model, arguments, distinct states."""


def build(model: str, arguments: tuple[int, ...]) -> System:
    """A model by name, as `KNOWN` lists them."""
    if model == "m1":
        return m1(*arguments)
    if model == "m2":
        return m2(*arguments)
    return m0()


def m0() -> System:
    """One bit that goes to and fro."""
    x = Ref("x", Bool())
    return System(
        name="m0",
        pools=(),
        constants=(),
        variables=(var("x", Bool()),),
        init=Init((), TRUE, (("x", lit(False)),)),
        actions=(
            action("a", (), (neg(x),), (write("x", None, lit(True)),)),
            action("b", (), (x,), (write("x", None, lit(False)),)),
        ),
        properties=(Property("i", Invariant(disj((x, neg(x))))),),
        well_formed=TRUE,
    )


def m1(n: int) -> System:
    """Two-phase commit with `n` resource managers."""
    rm_id = Id("RM", n)
    state = Enum("RMState", ("working", "prepared", "committed", "aborted"))
    phase = Enum("TMState", ("tminit", "tmcommitted", "tmaborted"))
    rm, prepared = Ref("rm", Map(rm_id, state)), Ref("tmPrep", Map(rm_id, Bool()))
    sent, tm = Ref("prepMsg", Map(rm_id, Bool())), Ref("tm", phase)
    commit, abort = Ref("cMsg", Bool()), Ref("aMsg", Bool())
    each, r = Binder("r", rm_id), Local("r", rm_id)

    def some_is(case: str) -> Expr:
        return Quant(QuantKind.SOME, each, Eq(Get(rm, r), Lit(state, case)))

    undecided = Eq(tm, Lit(phase, "tminit"))
    working = Eq(Get(rm, r), Lit(state, "working"))
    actions = (
        action("TMRcvPrepared", (each,), (undecided, Get(sent, r)), (write("tmPrep", r, TRUE),)),
        action(
            "RMPrepare",
            (each,),
            (working,),
            (write("rm", r, Lit(state, "prepared")), write("prepMsg", r, TRUE)),
        ),
        action("RMChooseToAbort", (each,), (working,), (write("rm", r, Lit(state, "aborted")),)),
        action("RMRcvCommit", (each,), (commit,), (write("rm", r, Lit(state, "committed")),)),
        action("RMRcvAbort", (each,), (abort,), (write("rm", r, Lit(state, "aborted")),)),
        action(
            "TMCommit",
            (),
            (undecided, Quant(QuantKind.ALL, each, Get(prepared, r))),
            (write("tm", None, Lit(phase, "tmcommitted")), write("cMsg", None, TRUE)),
        ),
        action(
            "TMAbort",
            (),
            (undecided,),
            (write("tm", None, Lit(phase, "tmaborted")), write("aMsg", None, TRUE)),
        ),
    )
    no_bits = MakeMap(each, lit(False))
    return System(
        name="m1",
        pools=(pool("RM", n, "rm"),),
        constants=(),
        variables=(
            var("rm", Map(rm_id, state), "RM"),
            var("tm", phase),
            var("tmPrep", Map(rm_id, Bool()), "RM"),
            var("prepMsg", Map(rm_id, Bool()), "RM"),
            var("cMsg", Bool()),
            var("aMsg", Bool()),
        ),
        init=Init(
            (),
            TRUE,
            (
                ("rm", MakeMap(each, Lit(state, "working"))),
                ("tm", Lit(phase, "tminit")),
                ("tmPrep", no_bits),
                ("prepMsg", no_bits),
                ("cMsg", lit(False)),
                ("aMsg", lit(False)),
            ),
        ),
        actions=actions,
        properties=(
            Property(
                "consistent", Invariant(neg(conj((some_is("aborted"), some_is("committed")))))
            ),
        ),
        well_formed=TRUE,
    )


PHASE = Enum("Phase", ("absent", "pending", "bound", "running", "failed", "terminating"))


def m2(p: int, n: int, c: int, r: int, k: int) -> System:
    """`p` pods, `n` nodes of capacity `c`, `r` or `r`+1 replicas, at most `k` nodes down."""
    return System(
        name="m2",
        pools=(pool("Pod", p, "pod"), pool("Node", n, "node")),
        constants=(),
        variables=(
            var("phase", Map(Id("Pod", p), PHASE), "Pod"),
            var("node", Map(Id("Pod", p), Opt(Id("Node", n))), "Pod"),
            var("up", Map(Id("Node", n), Bool()), "Node"),
            var("want", Int(r, r + 1)),
        ),
        init=Init(
            (),
            TRUE,
            (
                ("phase", MakeMap(Binder("p", Id("Pod", p)), Lit(PHASE, "absent"))),
                ("node", MakeMap(Binder("p", Id("Pod", p)), Lit(Opt(Id("Node", n)), None))),
                ("up", MakeMap(Binder("n", Id("Node", n)), TRUE)),
                ("want", lit(r)),
            ),
        ),
        actions=(*_pod_actions(p, n, c, r), *_cluster_actions(p, n, r, k)),
        properties=(
            Property("capacity", Invariant(_capacity(p, n, c))),
            Property("replicas", Invariant(Le(_active_count(p), lit(r + 1)))),
        ),
        well_formed=_bound_has_node(p, n),
    )


def _phase_is(pod: Expr, size: int, *cases: str) -> Expr:
    phase = Get(Ref("phase", Map(Id("Pod", size), PHASE)), pod)
    return disj(Eq(phase, Lit(PHASE, case)) for case in cases)


def _active_count(p: int) -> Expr:
    pod = Local("q", Id("Pod", p))
    return Count(Binder("q", Id("Pod", p)), _phase_is(pod, p, "pending", "bound", "running"))


def _used(node: Expr, p: int, n: int) -> Expr:
    pod = Local("q", Id("Pod", p))
    at = Get(Ref("node", Map(Id("Pod", p), Opt(Id("Node", n)))), pod)
    uses = conj((_phase_is(pod, p, "bound", "running", "terminating"), Eq(at, Some(node))))
    return Count(Binder("q", Id("Pod", p)), uses)


def _capacity(p: int, n: int, c: int) -> Expr:
    node = Local("m", Id("Node", n))
    return Quant(QuantKind.ALL, Binder("m", Id("Node", n)), Le(_used(node, p, n), lit(c)))


def _bound_has_node(p: int, n: int) -> Expr:
    pod = Local("q", Id("Pod", p))
    at = Get(Ref("node", Map(Id("Pod", p), Opt(Id("Node", n)))), pod)
    bare = _phase_is(pod, p, "absent", "pending")
    return Quant(QuantKind.ALL, Binder("q", Id("Pod", p)), Eq(IsSome(at), neg(bare)))


def _pod_actions(p: int, n: int, c: int, r: int) -> tuple[Action, ...]:
    pod_id, node_id = Id("Pod", p), Id("Node", n)
    each, pod = (Binder("p", pod_id),), Local("p", pod_id)
    node = Local("n", node_id)
    up, want = Ref("up", Map(node_id, Bool())), Ref("want", Int(r, r + 1))
    at = OrElse(Get(Ref("node", Map(pod_id, Opt(node_id))), pod), Lit(node_id, 0))
    host_up, nowhere = Get(up, at), Lit(Opt(node_id), None)
    active = _phase_is(pod, p, "pending", "bound", "running")

    def to(case: str) -> Update:
        return write("phase", pod, Lit(PHASE, case))

    gone = (to("absent"), write("node", pod, nowhere))
    pending = _phase_is(pod, p, "pending")
    leaving = Ite(pending, Lit(PHASE, "absent"), Lit(PHASE, "terminating"))
    return (
        action(
            "Create",
            each,
            (_phase_is(pod, p, "absent"), Lt(_active_count(p), want)),
            (to("pending"),),
        ),
        action(
            "Delete", each, (active, Lt(want, _active_count(p))), (write("phase", pod, leaving),)
        ),
        action("Start", each, (_phase_is(pod, p, "bound"), host_up), (to("running"),)),
        action("Fail", each, (_phase_is(pod, p, "running"), host_up), (to("failed"),)),
        action("Collect", each, (_phase_is(pod, p, "failed"),), gone),
        action(
            "Evict",
            each,
            (_phase_is(pod, p, "bound", "running"), neg(host_up)),
            (to("terminating"),),
        ),
        action("Finish", each, (_phase_is(pod, p, "terminating"), host_up), gone),
        action(
            "Bind",
            (*each, Binder("n", node_id)),
            (pending, Get(up, node), Lt(_used(node, p, n), lit(c))),
            (to("bound"), write("node", pod, Some(node))),
        ),
    )


def _cluster_actions(p: int, n: int, r: int, k: int) -> tuple[Action, ...]:
    node_id = Id("Node", n)
    each, node = (Binder("n", node_id),), Local("n", node_id)
    up, want = Ref("up", Map(node_id, Bool())), Ref("want", Int(r, r + 1))
    down = Count(Binder("m", node_id), neg(Get(up, Local("m", node_id))))
    more = Arith(ArithOp.ADD, lit(r), lit(1))
    return (
        action("Crash", each, (Get(up, node), Lt(down, lit(k))), (write("up", node, lit(False)),)),
        action("Recover", each, (neg(Get(up, node)),), (write("up", node, TRUE),)),
        action("ScaleUp", (), (Eq(want, lit(r)),), (write("want", None, more),)),
        action("ScaleDown", (), (Eq(want, more),), (write("want", None, lit(r)),)),
    )


def var(name: str, sort: Sort, owner: str = "") -> Var:
    """A variable that plays no special part."""
    return Var(name, sort, Role.API, owner, name)


def pool(kind: str, size: int, prefix: str) -> Pool:
    """A pool whose identities are numbered from 1."""
    return Pool(kind, size, tuple(f"{prefix}{i + 1}" for i in range(size)))


def write(variable: str, key: Expr | None, value: Expr) -> Update:
    """A variable, or its element at a key, becomes `value`."""
    return Update(variable, () if key is None else (Index(key),), value, TRUE, TRUE)


def action(
    name: str, params: tuple[Binder, ...], guard: tuple[Expr, ...], updates: tuple[Update, ...]
) -> Action:
    """An action without choices, lets or cut."""
    return Action(
        name=name,
        owner="model",
        origin=Origin.CONTROLLER,
        params=params,
        choices=(),
        lets=(),
        guard=tuple(Conjunct(g) for g in guard),
        cut=None,
        updates=updates,
        fairness=Fairness.WEAK,
    )
