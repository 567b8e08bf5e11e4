"""The search for lemmas: what it finds is proved by induction, and never contradicts the reference."""

from __future__ import annotations

import pytest
from attrs import evolve

from kspec.engines.random_systems import seeded_system
from kspec.engines.smt import pdr
from kspec.engines.smt.atoms import Atom, described, meant, places, said
from kspec.engines.smt.beside import owner
from kspec.engines.smt.images import images
from kspec.engines.smt.kinduction import _Assumed, _Attempt
from kspec.engines.smt.lemmas import Lemma, cube_of, lemmas
from kspec.engines.smt.model import goal, implicit, model, well_formed
from kspec.engines.smt.stuck import look
from kspec.engines.smt.suggest import Bad, Nothing, Suggested, Suggestions
from kspec.ir.build import lit
from kspec.ir.expr import Arith, ArithOp, Contains, Eq, Expr, Get, Lit, Lt, Not, Quant, Ref
from kspec.ir.passes.namesakes import names
from kspec.ir.passes.symmetry import Group
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Set
from kspec.ir.system import Implicit, Invariant, Pool, Property, Reachable, Role, System, Var
from kspec.semantics.claims import is_true_in
from kspec.verdict.answer import Absent, Found, Inconclusive, Proved, Why
from tests.engines.smt.compare import LIMITS, explored, flaw
from tests.engines.smt.test_kinduction import BELOW_SIX, N, counter, proofs_of

FEW = 300


def contradictions(seed: int) -> list[str]:
    """Where a proof with lemmas and the reference do not agree."""
    system = seeded_system(seed)
    seen = dict(explored(system).answers)
    found = []
    for name, answer in proofs_of(system, 2, FEW).answers:
        wanted = seen[name]
        if isinstance(answer, Proved) and isinstance(wanted, Found):
            found.append(f"seed {seed}: {name} is proved, and happens")
        if isinstance(answer, Found):
            wrong = flaw(system, name, answer)
            if wrong is not None or isinstance(wanted, Absent):
                found.append(f"seed {seed}: {wrong or name}")
    return found


def test_no_proof_with_lemmas_contradicts_the_reference() -> None:
    assert [line for seed in range(12) for line in contradictions(seed)] == []


@pytest.mark.slow
def test_no_proof_with_lemmas_of_many_systems_contradicts_the_reference() -> None:
    assert [line for seed in range(12, 250) for line in contradictions(seed)] == []


def unsuggested(seed: int) -> list[str]:
    """What the search says that is not so: of suggestions that prove nothing, and runs that are not
    there. Both would only waste time, and both are mistakes."""
    system = seeded_system(seed)
    seen = dict(explored(system).answers)
    of = model(system)
    found = []
    for asked in (*(goal(of, p) for p in system.properties), *(implicit(of, i) for i in Implicit)):
        if asked is None:
            continue
        outcome = pdr.Search(of, [well_formed(of)], LIMITS).run([asked], FEW)
        wanted = seen[asked.name]
        if isinstance(outcome, pdr.Invariant) and isinstance(wanted, Found):
            found.append(f"seed {seed}: an invariant excludes {asked.name}, which happens")
        if isinstance(outcome, pdr.Reaches) and isinstance(wanted, Absent):
            found.append(f"seed {seed}: {asked.name} is said to be reached")
        is_both = isinstance(outcome, pdr.Reaches) and isinstance(wanted, Found)
        if is_both and outcome.depth < len(wanted.trace.steps) - 1:
            found.append(f"seed {seed}: {asked.name} is said to be reached too early")
    return found


def test_the_search_itself_is_right_about_random_systems() -> None:
    assert [line for seed in range(12) for line in unsuggested(seed)] == []


@pytest.mark.slow
def test_the_search_itself_is_right_about_many_random_systems() -> None:
    assert [line for seed in range(12, 250) for line in unsuggested(seed)] == []


# ---- small systems ------------------------------------------------------------------------------

NOT_SEVEN = Property("not_seven", Invariant(Not(Eq(N, lit(7)))))
TWOS = counter(0, 9, NOT_SEVEN, step=2)
"""From 0 in steps of two up to 10, which is out of range: 7 is never reached, 9 neither."""


def test_a_lemma_is_found_and_is_part_of_the_evidence() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    answer = dict(proofs_of(system, 1, FEW).answers)["not_seven"]
    assert isinstance(answer, Proved)
    assert answer.evidence.k == 1
    named = {name for group in answer.evidence.groups for name in group.names}
    assert {name for name, _ in answer.evidence.lemmas} <= named
    assert answer.evidence.lemmas


def test_no_two_lemmas_have_one_name() -> None:
    """One of those that are tried first is false, and does not count among the lemmas."""
    not_nine = Property("not_nine", Invariant(Not(Eq(N, lit(9)))))
    of = model(counter(0, 8, NOT_SEVEN, step=2))
    seven, nine = goal(of, NOT_SEVEN), goal(of, not_nine)
    assert seven is not None and nine is not None
    attempt, step = _Attempt(of, (seven, nine), LIMITS, 0), _Assumed(of, LIMITS)
    false, even = Lt(N, lit(3)), Eq(Arith(ArithOp.MOD, N, lit(2)), lit(0))
    small = Lt(N, lit(9))
    attempt._prove_with(tuple(Lemma(body, (body,)) for body in (false, even)), [seven], step)
    attempt._prove_with((Lemma(small, (small,)),), [nine], step)
    names = [name for group in attempt.groups for name in group.names]
    assert len(names) == len(set(names)) == 4
    assert set(attempt.lemmas.values()) == {even, small}


def test_without_questions_there_is_no_lemma() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    answer = dict(proofs_of(system, 1, 0).answers)["not_seven"]
    assert isinstance(answer, Inconclusive)
    assert answer.why is Why.INDUCTION


def test_too_few_questions_leave_hints() -> None:
    found = proofs_of(counter(0, 8, NOT_SEVEN, step=2), 1, 5)
    assert isinstance(dict(found.answers)["not_seven"], Inconclusive)
    assert [name for name, _ in found.hints] == ["not_seven"]


def test_what_is_reached_is_found_as_far_as_it_is() -> None:
    """Beyond the depth that bounded search was asked for."""
    system = counter(0, 9, Property("never_nine", Invariant(Lt(N, lit(9)))))
    answer = dict(proofs_of(system, 1, FEW).answers)["never_nine"]
    assert isinstance(answer, Found)
    assert len(answer.trace.steps) == 9


def test_a_witness_that_there_is_none_of_is_proved_so() -> None:
    system = counter(0, 8, Property("seven", Reachable(Eq(N, lit(7)))), step=2)
    assert isinstance(dict(proofs_of(system, 1, FEW).answers)["seven"], Proved)


def test_an_implicit_property_is_a_goal() -> None:
    """Ten is out of range; only even numbers are reached, and eight is where it goes wrong."""
    broken = dict(proofs_of(TWOS, 1, FEW).answers)
    assert isinstance(broken["in-range"], Found)
    whole = dict(proofs_of(counter(0, 8, NOT_SEVEN, step=2), 1, FEW).answers)
    assert isinstance(whole["in-range"], Proved)


def test_the_same_is_found_again() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    assert proofs_of(system, 1, FEW) == proofs_of(system, 1, FEW)


def test_a_search_goes_on_with_what_it_has_learnt() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    both = evolve(system, properties=(*system.properties, *counter(0, 8, BELOW_SIX).properties))
    search = Suggestions(both, ("not_seven", "below"), LIMITS)
    assert isinstance(search.about(["not_seven"], [], FEW), Suggested)
    assert search.about(["below"], [], FEW) in (Bad("below", 3), Bad("below", 4))
    assert isinstance(search.about(["not_seven"], [], FEW), Suggested)
    assert isinstance(search.about(["not_seven"], [], 1), Nothing)


# ---- where a step fails -------------------------------------------------------------------------


def test_a_state_where_the_step_fails_is_looked_for_and_found() -> None:
    """Nobody looked nine steps ahead; the state from which nine comes next is eight steps away."""
    system = counter(0, 9, Property("never_nine", Invariant(Lt(N, lit(9)))))
    answer = dict(proofs_of(system, 1, 0).answers)["never_nine"]
    assert isinstance(answer, Found)
    assert len(answer.trace.steps) == 9
    assert flaw(system, "never_nine", answer) is None


def test_one_that_is_not_reached_stays_no_bug() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    found = proofs_of(system, 1, 0)
    assert isinstance(dict(found.answers)["not_seven"], Inconclusive)
    (trace,) = (trace for name, trace in found.stuck if name == "not_seven")
    assert trace.start == (5,)
    # From 0 to 8 in steps of two no run is longer.
    assert dict(found.looked)["not_seven"] == 4
    suggested = dict(found.hints)["not_seven"]
    assert suggested
    for lemma in suggested:
        so = [n for n in range(10) if is_true_in(system, lemma, (n,))]
        assert {0, 2, 4, 6, 8} <= set(so)
        assert 5 not in so


def test_what_a_run_makes_false_is_not_suggested() -> None:
    system = counter(0, 8, NOT_SEVEN, step=2)
    found = look(model(system), (5,), (Lt(N, lit(4)), Not(Eq(N, lit(5)))), LIMITS)
    assert found.run is None
    assert found.lemmas == (Not(Eq(N, lit(5))),)


# ---- words --------------------------------------------------------------------------------------

POD, NODE = Id("Pod", 3), Id("Node", 2)
PHASE = Enum("Phase", ("Pending", "Running"))
VARIABLES = (
    Var("live", Map(POD, Bool()), Role.LIVE, "Pod", "live"),
    Var("node", Map(POD, Opt(NODE)), Role.API, "Pod", "node"),
    Var("phase", Map(POD, PHASE), Role.API, "Pod", "phase"),
    Var("awaited", Set(POD), Role.MEMORY, "c", "awaited"),
    Var("use", Map(POD, Int(0, 9)), Role.API, "Pod", "use"),
)


def described_system() -> System:
    some = counter(0, 8, NOT_SEVEN)
    pools = (Pool("Pod", 3, ("p0", "p1", "p2")), Pool("Node", 2, ("a", "b")))
    starts: list[tuple[str, Expr]] = list(some.init.assign)
    for v in VARIABLES:
        starts.append((v.name, Lit(v.sort, _least(v.sort))))
    return evolve(
        some,
        pools=pools,
        variables=(*some.variables, *VARIABLES),
        init=evolve(some.init, assign=tuple(starts)),
    )


def _least(sort: object) -> object:
    match sort:
        case Map(key, value):
            return (_least(value),) * (key.size if isinstance(key, Id) else 0)
        case Bool():
            return False
        case Opt():
            return None
        case Enum(_, cases):
            return cases[0]
        case Set():
            return frozenset()
        case _:
            return 0


def test_every_place_of_a_state_is_described() -> None:
    found = places(model(described_system()))
    # A counter; per Pod: live, is there a node, which, phase, awaited, use.
    assert len(found) == 1 + 3 * 6
    use = next(n for n, place in enumerate(found) if place.sort == Int(0, 9) and n > 1)
    assert list(described(found[use], use, 0)) == [(Atom(use, True, 0), True)]
    assert list(described(found[use], use, 9)) == [(Atom(use, True, 8), False)]
    assert list(described(found[use], use, 4)) == [
        (Atom(use, True, 4), True),
        (Atom(use, True, 3), False),
    ]


def test_what_is_looked_up_by_no_name_belongs_to_nobody() -> None:
    by, called = Map(Opt(Bool()), Map(POD, Bool())), names(described_system())
    none = Get(Ref("m", by), Lit(Opt(Bool()), None))
    assert owner(none, called) is None
    assert owner(Get(none, Lit(POD, 1)), called) is None
    assert owner(Get(Ref("live", Map(POD, Bool())), Lit(POD, 1)), called) is not None


def test_what_an_option_holds_is_said_as_one_would() -> None:
    found = places(model(described_system()))
    at = next(n for n, place in enumerate(found) if place.sort == NODE)
    text = meant(found, Atom(at, False, 1))
    assert isinstance(text, Eq)
    assert not isinstance(text.left, Lit)


def test_of_nothing_nothing_is_said() -> None:
    """What stands in an option without anything is no node, whatever stands there."""
    of = model(described_system())
    found = places(of)
    at = next(n for n, place in enumerate(found) if place.sort == NODE)
    there, atom = found[at].is_now, Atom(at, False, 1)
    assert of.terms.and_((said(of.terms, found, atom, False), of.terms.not_(there))) is False


def test_a_clause_is_said_of_all_objects_once() -> None:
    live = Ref("live", Map(POD, Bool()))
    first, second, third = (Get(live, Lit(POD, n)) for n in range(3))
    found = lemmas([((first, True), (second, True)), ((third, True), (first, True))])
    assert len(found) == 1
    assert len(found[0].instances) == 2
    assert isinstance(found[0].body, Quant)
    assert isinstance(found[0].body.body, Quant)
    assert found[0].body.binder != found[0].body.body.binder


def test_objects_keep_their_parts_in_a_clause() -> None:
    """That p0 is live and p1 awaited is something else than both of one."""
    live, awaited = Ref("live", Map(POD, Bool())), Ref("awaited", Set(POD))
    apart = ((Get(live, Lit(POD, 0)), True), (Contains(awaited, Lit(POD, 1)), True))
    same = ((Get(live, Lit(POD, 0)), True), (Contains(awaited, Lit(POD, 0)), True))
    assert len(lemmas([apart, same])) == 2


def test_kinds_with_one_beginning_are_not_mixed_up() -> None:
    one, other = Id("P", 2), Id("Pod", 2)
    a = Get(Ref("a", Map(one, Bool())), Lit(one, 0))
    b = Get(Ref("b", Map(other, Bool())), Lit(other, 0))
    (found,) = lemmas([((a, True), (b, True))])
    assert isinstance(found.body, Quant)
    assert isinstance(found.body.body, Quant)
    assert found.body.binder.name != found.body.body.binder.name


def test_images_move_what_a_clause_names_and_nothing_else() -> None:
    system = described_system()
    of = model(system)
    search = pdr.Search(of, [], LIMITS)
    space = search.space
    live = [n for n, place in enumerate(space.places) if "live" in repr(place.expr)]
    node = next(n for n, place in enumerate(space.places) if place.sort == NODE)
    cube = (space.literal(Atom(live[0], False, 1), True), space.literal(Atom(node, False, 1), True))
    made = list(images([Group("Pod", (0, 1, 2)), Group("Node", (0, 1))], space)(cube))
    assert len(made) == 5
    said = {str(cube_of(space.places, space.atoms, image)) for image in made}
    assert len(said) == 5
