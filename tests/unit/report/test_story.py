"""Traces in words."""

from __future__ import annotations

from attrs import evolve

from kspec.driver.telling.shown import Shown
from kspec.engines.api import Budget
from kspec.engines.reference import Reference
from kspec.ir.build import lit
from kspec.ir.expr import FALSE, TRUE, Binder, Expr, Get, Ite, Lit, Local, MakeMap, Ref
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Set, Sort
from kspec.ir.system import (
    Action,
    Implicit,
    Origin,
    Pool,
    Role,
    System,
    Template,
    Var,
    View,
)
from kspec.report.story import changes, tell
from kspec.report.values import Lens
from kspec.verdict.answer import Found
from kspec.verdict.trace import Step, Trace
from tests.systems.bench import action, write
from tests.systems.small import counter, system

POD = Id("Pod", 3)
PHASE = Enum("Phase", ("Pending", "Running"))
SORTS: dict[str, tuple[Role, str, Sort]] = {
    "Pod.live": (Role.LIVE, "Pod", Map(POD, Bool())),
    "Pod.name": (Role.API, "Pod", Map(POD, Enum("name", ("", "db-0")))),
    "Pod.phase": (Role.API, "Pod", Map(POD, PHASE)),
    "Pod.tags": (Role.API, "Pod", Map(POD, Set(Int(0, 2)))),
    "Pod.next": (Role.API, "Pod", Map(POD, Opt(POD))),
    "ctl.seen": (Role.MEMORY, "ctl", Int(0, 3)),
    "budget": (Role.BUDGET, "", Int(0, 1)),
}
START = (
    (True, False, True),
    ("db-0", "", ""),
    ("Pending", "Pending", "Running"),
    (frozenset({1}), frozenset(), frozenset()),
    (None, None, (0,)),
    0,
    1,
)


def pods(*actions: Action, views: tuple[View, ...] = ()) -> System:
    made = system({}, actions, pools=(Pool("Pod", 3, ("pod-0", "pod-1", "pod-2")),))
    variables = tuple(
        Var(name, sort, role, owner, name.rpartition(".")[2])
        for name, (role, owner, sort) in SORTS.items()
    )
    assign = tuple((v.name, Lit(v.sort, x)) for v, x in zip(variables, START, strict=True))
    return evolve(made, variables=variables, init=evolve(made.init, assign=assign), views=views)


SHOWN = Shown(keys=(("Pod", "name"),))
LENS = Lens(pods(), SHOWN)


def test_the_start_shows_what_lives_and_what_is_said_of_it() -> None:
    story = tell(LENS, Trace(START, ()))
    assert story.start == (
        "pod/db-0  phase: Pending, tags: {1}",
        "pod/pod-2  phase: Running, next: pod/db-0",
    )


def test_changes_are_as_deep_as_they_go() -> None:
    after = (
        (False, True, True),
        ("", "", ""),
        ("Pending", "Running", "Pending"),
        (frozenset(), frozenset(), frozenset({0, 2})),
        (None, None, None),
        2,
        0,
    )
    assert list(changes(LENS, START, after)) == [
        "- pod/db-0",
        "+ pod/pod-1  phase: Running",
        "pod/pod-2.phase: Running → Pending",
        "pod/pod-2.tags: +0 +2",
        "pod/pod-2.next: pod/db-0 → none",
        "ctl.seen: 0 → 2",
    ]


def test_a_step_says_who_did_what_to_whom_and_why() -> None:
    p = Binder("p", POD)
    boots = evolve(
        action("kubelet.start", (p,), (), (write("ctl.seen", None, lit(1)),)),
        owner="kubelet",
        reason="Started",
        event=Template(("started ", Local("p", POD), " for ", Ref("ctl.seen", Int(0, 3)))),
    )
    made = pods(boots)
    after = (*START[:5], 1, 1)
    (step,) = tell(Lens(made, SHOWN), Trace(START, (Step("kubelet.start", (2,), (), after),))).steps
    assert (step.who, step.action, step.given) == ("kubelet", "start", ("pod/pod-2",))
    assert (step.reason, step.event) == ("Started", "started pod-2 for 0")
    assert step.changes == ("ctl.seen: 0 → 1",)


def stale(lag: int) -> View:
    """A view in which pod 1 lives, pod 2 does not, and every phase is Running."""
    p = Binder("p", POD)
    one = Local("p", POD)

    def constant(value: Lit) -> Expr:
        return MakeMap(p, value)

    live = MakeMap(p, Ite(Get(Lit(Map(POD, Bool()), (True, True, False)), one), TRUE, FALSE))
    return View(
        controller="ctl",
        kind="Pod",
        instance=(),
        lag=lit(lag),
        fields=(("Pod.live", live), ("Pod.phase", constant(Lit(PHASE, "Running")))),
    )


def saw(lag: int, origin: Origin = Origin.CONTROLLER) -> tuple[str, ...]:
    acts = evolve(action("ctl.act", (), (), ()), owner="ctl", origin=origin)
    lens = Lens(pods(acts, views=(stale(lag),)), SHOWN)
    return tell(lens, Trace(START, (Step("ctl.act", (), (), START),))).steps[0].saw


def test_a_stale_view_is_compared_with_what_was_so() -> None:
    assert saw(1) == (
        "saw 2 Pods (1 write behind): pod/pod-2 was not seen yet; pod/pod-1 was gone already; "
        "pod/db-0.phase was Running, really Pending",
    )
    assert saw(2)[0].startswith("saw 2 Pods (2 writes behind)")


def test_a_view_that_is_up_to_date_is_not_spoken_of() -> None:
    assert saw(0) == ()
    assert saw(1, Origin.ENVIRONMENT) == ()


def test_a_broken_step_says_which_write_it_was() -> None:
    made = counter(10)
    explored = Reference().explore(made, (), Budget(), lambda _: None)
    found = dict(explored.answers)["in-range"]
    assert isinstance(found, Found)
    story = tell(Lens(made), found.trace, Implicit.IN_RANGE)
    assert story.ending == ("x would become 10, which is not in 0..9",)
    assert story.steps[-1].changes == ("this step leads to no state",)
