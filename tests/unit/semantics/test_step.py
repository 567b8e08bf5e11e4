"""Initial states, classification of instances, the implicit properties, rest."""

from __future__ import annotations

import pytest
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
    IllSorted,
    Lit,
    Local,
    Lt,
    Old,
)
from kspec.ir.sorts import Bool, Int
from kspec.ir.system import (
    Conjunct,
    Fairness,
    Field,
    Implicit,
    Index,
    Occurrence,
    StepCase,
    System,
    Update,
)
from kspec.semantics.claims import respects
from kspec.semantics.state import State, state_key
from kspec.semantics.step import (
    Broken,
    CutInstance,
    Disabled,
    Instance,
    Outcome,
    Taken,
    at_rest,
    classify,
    enabled,
    initial_states,
    instances,
    is_deadlocked,
)
from tests.systems.bench import action, write
from tests.systems.small import (
    DIGIT,
    PAIR,
    X,
    birth,
    counter,
    field_write,
    several_starts,
    system,
    two_writes,
)


def only(model: System, state: State) -> Outcome:
    """What the only instance of a system does in a state."""
    (instance,) = instances(model)
    return classify(model, state, instance)


def test_initial_states_are_sorted_and_once_each() -> None:
    assert initial_states(several_starts()) == ((3,), (5,), (7,))


def test_an_initial_value_outside_its_sort_is_loud() -> None:
    with pytest.raises(IllSorted):
        initial_states(counter(9, first=lit(10)))


def test_keys_order_values_by_their_places() -> None:
    model = system({"a": (Bool(), FALSE), "b": (Int(-2, 2), lit(0))}, ())
    assert state_key(model, (True, -2)) == (1, 0)
    assert state_key(model, (False, 2)) == (0, 4)


def test_instances_come_by_action_then_params_then_choices() -> None:
    bit, two = Binder("b", Bool()), Binder("n", Int(-1, 0))
    free = evolve(action("free", (two,), (), ()), choices=(bit,))
    model = system({}, (free, action("last", (), (), ())))
    assert list(instances(model)) == [
        Instance(0, (-1,), (False,)),
        Instance(0, (-1,), (True,)),
        Instance(0, (0,), (False,)),
        Instance(0, (0,), (True,)),
        Instance(1, (), ()),
    ]


def test_taken_leads_to_a_new_state() -> None:
    assert only(counter(9), (0,)) == Taken((1,))


def test_disabled_names_the_first_false_conjunct() -> None:
    guard = (TRUE, Lt(X, lit(5)), FALSE)
    model = system({"x": (DIGIT, lit(0))}, (action("a", (), guard, ()),))
    assert only(model, (7,)) == Disabled(1)
    assert only(model, (2,)) == Disabled(2)


def test_a_disabled_instance_is_not_cut() -> None:
    cut = evolve(action("a", (), (FALSE,), ()), cut=TRUE)
    assert only(system({}, (cut,)), ()) == Disabled(0)


def test_cut_when_no_identity_is_free() -> None:
    model = birth(2)
    born = Instance(0, (), ())
    assert classify(model, ((True, False),), born) == Taken(((True, True),))
    assert classify(model, ((False, True),), born) == Taken(((True, True),))
    assert classify(model, ((True, True),), born) == CutInstance()


def test_a_cut_instance_breaks_nothing() -> None:
    broken = evolve(action("a", (), (), (write("x", None, lit(10)),)), cut=TRUE)
    assert only(system({"x": (DIGIT, lit(0))}, (broken,)), (0,)) == CutInstance()


def test_leaving_the_sort_breaks_in_range() -> None:
    assert only(counter(10), (9,)) == Broken((Implicit.IN_RANGE,))
    down = Arith(ArithOp.SUB, X, lit(1))
    model = system({"x": (DIGIT, lit(0))}, (action("a", (), (), (write("x", None, down),)),))
    assert only(model, (0,)) == Broken((Implicit.IN_RANGE,))


def test_an_inactive_update_breaks_nothing() -> None:
    wild = Update("x", (), lit(10), when=FALSE, live=FALSE)
    twice = (write("x", None, lit(3)), wild)
    model = system({"x": (DIGIT, lit(0))}, (action("a", (), (), twice),))
    assert only(model, (0,)) == Taken((3,))


def test_a_dead_target_breaks_live_target_even_if_nothing_changes() -> None:
    dead = Update("x", (), X, when=TRUE, live=FALSE)
    model = system({"x": (DIGIT, lit(0))}, (action("a", (), (), (dead,)),))
    assert only(model, (0,)) == Broken((Implicit.LIVE_TARGET,))


K, k = Binder("k", Int(0, 2)), Local("k", Int(0, 2))
STATE = ((0, 0, 0), (0, 0))
WHOLE = Lit(two_writes(write("m", lit(1), lit(1))).variables[0].sort, (1, 0, 0))


@pytest.mark.parametrize(
    ("second", "overlaps"),
    [
        (write("m", lit(1), lit(1)), False),
        (write("m", lit(0), lit(2)), True),
        (write("m", lit(0), lit(1)), True),  # the same value is no excuse
        (write("m", Arith(ArithOp.SUB, lit(1), lit(1)), lit(1)), True),
        (write("m", None, WHOLE), True),  # one place within the other
        (field_write("a", lit(1)), False),
        (Update("m", (Index(k),), lit(1), TRUE, TRUE, (K,)), True),
        (Update("m", (Index(k),), lit(1), Lt(lit(0), k), TRUE, (K,)), False),
        (Update("m", (Index(k),), lit(1), Lt(lit(1), k), TRUE, (K,)), False),
        # one update, twice the same place: the binder is in neither place nor value
        (Update("r", (Field("a"),), lit(1), TRUE, TRUE, (K,)), True),
        (Update("r", (Field("a"),), lit(1), Eq(k, lit(2)), TRUE, (K,)), False),
        (Update("m", (Index(lit(1)),), lit(1), TRUE, TRUE, (K,)), True),
    ],
)
def test_single_write(second: Update, overlaps: bool) -> None:
    outcome = only(two_writes(second), STATE)
    assert isinstance(outcome, Broken) == overlaps
    if overlaps:
        assert outcome == Broken((Implicit.SINGLE_WRITE,))


def test_fields_of_a_record_are_places_of_their_own() -> None:
    both = (field_write("a", lit(1)), field_write("b", lit(2)))
    model = system({"r": (PAIR, Lit(PAIR, (0, 0)))}, (action("a", (), (), both),))
    assert only(model, ((0, 0),)) == Taken(((1, 2),))


def test_all_broken_properties_are_reported_in_order() -> None:
    bad = Update("x", (), lit(11), when=TRUE, live=FALSE)
    model = system({"x": (DIGIT, lit(0))}, (action("a", (), (), (bad, bad)),))
    assert only(model, (0,)) == Broken(tuple(Implicit))


def test_a_broken_instance_is_enabled() -> None:
    assert enabled(counter(10), (9,)) == (Instance(0, (), ()),)
    assert not is_deadlocked(counter(10), (9,))
    assert is_deadlocked(counter(9), (9,))


def test_right_hand_sides_read_the_state_before() -> None:
    y = evolve(X, name="y")
    swap = (write("x", None, y), write("y", None, X))
    model = system({"x": (DIGIT, lit(1)), "y": (DIGIT, lit(2))}, (action("swap", (), (), swap),))
    assert only(model, (1, 2)) == Taken((2, 1))


def fair(model: System, fairness: Fairness) -> System:
    """All actions with one fairness."""
    return evolve(model, actions=tuple(evolve(a, fairness=fairness) for a in model.actions))


def test_rest_is_when_no_fair_instance_changes_the_state() -> None:
    stays = system({"x": (DIGIT, lit(0))}, (action("a", (), (), (write("x", None, X),)),))
    assert at_rest(fair(stays, Fairness.WEAK), (0,)) and not is_deadlocked(stays, (0,))
    assert not at_rest(fair(counter(9), Fairness.STRONG), (0,))
    assert at_rest(fair(counter(9), Fairness.NONE), (0,))
    cut = evolve(action("a", (), (), ()), cut=TRUE)
    assert not at_rest(fair(system({}, (cut,)), Fairness.WEAK), ())
    assert not is_deadlocked(system({}, (cut,)), ())


def test_occurrences_read_both_states_and_the_instance() -> None:
    model = counter(9)
    up = Instance(0, (), ())

    def says(body: Expr) -> bool:
        claim = Occurrence((StepCase("up", body), StepCase("other", FALSE)))
        return respects(model, claim, (2,), up, (3,))

    assert says(Eq(X, lit(3))) and says(Eq(Old("x", DIGIT), lit(2)))
    assert not says(Eq(X, Old("x", DIGIT)))


def test_lets_keep_their_value_in_occurrences() -> None:
    (up,) = counter(9).actions
    model = evolve(counter(9), actions=(evolve(up, lets=(("was", X),)),))
    body = Eq(Local("was", DIGIT), lit(2))
    claim = Occurrence((StepCase("up", body),))
    assert respects(model, claim, (2,), Instance(0, (), ()), (3,))


def test_lets_see_params_and_earlier_lets_and_the_state_before() -> None:
    n = Binder("n", Int(1, 1))
    first = Arith(ArithOp.ADD, X, Local("n", n.sort))
    second = Arith(ArithOp.MUL, Local("a", Int(1, 10)), lit(2))
    big = Local("b", Int(2, 20))
    go = evolve(
        action("go", (n,), (), (write("x", None, big),)),
        lets=(("a", first), ("b", second)),
        guard=(Conjunct(Lt(big, lit(9))),),
    )
    model = system({"x": (DIGIT, lit(0))}, (go,))
    assert only(model, (2,)) == Taken((6,))
    assert only(model, (4,)) == Disabled(0)
