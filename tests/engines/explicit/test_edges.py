"""Corners that random systems seldom reach, against the reference or by hand."""

from __future__ import annotations

from random import Random
from typing import cast

import pytest
from attrs import evolve

from kspec.engines.api import Budget
from kspec.engines.conformance import Question
from kspec.engines.explicit.engine import Explicit, ExplicitRun, Refusal, assembly
from kspec.engines.explicit.llvm.tuning import CROWDED, DEFAULT, LOOPS, Tuning
from kspec.engines.explicit.store.lines import MULTIPLY
from kspec.ir.build import lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Agg,
    AggKind,
    Arith,
    ArithOp,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Get,
    Le,
    Len,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeSeq,
    MakeSet,
    Not,
    Put,
    Quant,
    QuantKind,
    Ref,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    sort_of,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Sort, values
from kspec.ir.system import (
    Field,
    Index,
    Invariant,
    NoDeadlock,
    Occurrence,
    Reachable,
    StepCase,
    System,
    Update,
)
from kspec.verdict.answer import Absent, Found, Inconclusive, Why
from tests.engines.explicit.same import require_same
from tests.systems.bench import action, build, m2, pool, write
from tests.systems.small import counter, system

LOOPED = pytest.param(LOOPS, id="loops", marks=pytest.mark.slow)
BOTH = pytest.mark.parametrize("tuning", [pytest.param(DEFAULT, id="default"), LOOPED])


def agree(model: System, tuning: Tuning, budget: Budget | None = None) -> None:
    """All properties at once, and none."""
    names = tuple(p.name for p in model.properties)
    for level in (0, 2):
        for asked in dict.fromkeys((names, ())):
            question = Question(model, asked, budget or Budget())
            require_same(Explicit(level, tuning), question)


def run(model: System, budget: Budget | None = None) -> ExplicitRun:
    names = tuple(p.name for p in model.properties)
    return Explicit().run(model, names, budget or Budget(), lambda progress: None)


# ---- nothing and one of everything -------------------------------------------------------------


@BOTH
def test_no_variables_and_no_actions(tuning: Tuning) -> None:
    claims = {"rests": NoDeadlock(), "true": Reachable(TRUE), "false": Invariant(FALSE)}
    agree(system({}, (), claims), tuning)
    agree(system({}, (action("a", (), (), ()),), claims), tuning)


@BOTH
def test_pools_of_none_and_of_one(tuning: Tuning) -> None:
    for size in (0, 1):
        pod, one = Id("Pod", size), Enum("One", ("only",))
        p = Local("p", pod)
        live = Ref("live", Map(pod, Bool()))
        each = Binder("p", pod)
        model = system(
            {
                "live": (Map(pod, Bool()), MakeMap(each, FALSE)),
                "at": (Opt(pod), Lit(Opt(pod), None)),
                "all": (Set(pod), Lit(Set(pod), frozenset())),
                "one": (one, Lit(one, "only")),
            },
            (
                action("up", (each,), (Not(Get(live, p)),), (write("live", p, TRUE),)),
                action("take", (each,), (Get(live, p),), (write("at", None, Some(p)),)),
                action("full", (), (), (write("all", None, SetOf(each, Get(live, p))),)),
                action("one", (Binder("o", one),), (), (write("one", None, Local("o", one)),)),
            ),
            {
                "some": Reachable(Quant(QuantKind.SOME, each, Get(live, p))),
                "all": Reachable(Quant(QuantKind.ALL, each, Get(live, p))),
                "counted": Invariant(Le(Count(each, Get(live, p)), lit(size))),
            },
            (pool("Pod", size, "pod"),),
        )
        agree(model, tuning)


@BOTH
def test_writing_twice_what_has_no_bits(tuning: Tuning) -> None:
    unit, none = Enum("One", ("only",)), Record("None", ())
    for sort, value in ((unit, "only"), (none, ()), (Map(Id("P", 0), Bool()), ())):
        twice = (write("u", None, Lit(sort, value)), write("u", None, Lit(sort, value)))
        agree(system({"u": (sort, Lit(sort, value))}, (action("a", (), (), twice),)), tuning)


# ---- widths ------------------------------------------------------------------------------------


WIDTHS = [
    pytest.param(bits, marks=() if bits in (63, 128) else pytest.mark.slow)
    for bits in (62, 63, 64, 65, 127, 128, 129, 200)
]


@BOTH
@pytest.mark.parametrize("bits", WIDTHS)
def test_states_around_the_width_of_a_word(tuning: Tuning, bits: int) -> None:
    """The greatest value is all ones: it must not be taken for an empty slot."""
    sizes = [min(60, bits - done) for done in range(0, bits, 60)]
    sorts = [Int(0, 2**n - 1) for n in sizes]
    variables: dict[str, tuple[Sort, Expr]] = {
        f"v{i}": (sort, lit(sort.hi - 3)) for i, sort in enumerate(sorts)
    }
    actions = tuple(
        action(
            f"up{i}",
            (),
            (Lt(Ref(f"v{i}", sort), lit(sort.hi)),),
            (write(f"v{i}", None, Arith(ArithOp.ADD, Ref(f"v{i}", sort), lit(1))),),
        )
        for i, sort in enumerate(sorts)
    )
    full = Reachable(Eq(Ref("v0", sorts[0]), lit(sorts[0].hi)))
    agree(system(variables, actions, {"full": full, "rests": NoDeadlock()}), tuning)


@pytest.mark.parametrize("bits", [20, 24, 25, 36, 37, 38, 46, 47, 48, 63, 64])
def test_slots_of_every_size_tell_states_apart(bits: int) -> None:
    """States all over a number of `bits` bits, in tables that grow from a few lines."""
    low, high = Int(0, 2 ** (bits // 2) - 1), Int(0, 2 ** (bits - bits // 2) - 1)
    a, b, n = Ref("a", high), Ref("b", low), Local("n", Int(0, 2))
    size = lit(high.hi + 1)
    more = Arith(ArithOp.MOD, Arith(ArithOp.ADD, Arith(ArithOp.MUL, a, lit(5)), n), size)
    less = Arith(ArithOp.MOD, Arith(ArithOp.ADD, Arith(ArithOp.MUL, b, lit(9)), n), lit(low.hi + 1))
    step = action(
        "step", (Binder("n", Int(0, 2)),), (), (write("a", None, more), write("b", None, less))
    )
    model = system({"a": (high, lit(high.hi - 1)), "b": (low, lit(low.hi))}, (step,))
    for tuning in (CROWDED, evolve(CROWDED, indexed=True)):
        require_same(Explicit(0, tuning), Question(model, (), Budget(max_states=700)))


@pytest.mark.slow
@BOTH
def test_a_hundred_and_twenty_eight_bits_of_arithmetic(tuning: Tuning) -> None:
    big, x = Int(-(2**62), 2**62), Ref("x", Int(-(2**62), 2**62))
    square = Arith(ArithOp.MUL, x, x)
    far = Arith(ArithOp.SUB, square, lit(2**100))
    halves = Arith(ArithOp.DIV, far, lit(2**40 + 1))
    rest = Arith(ArithOp.MOD, far, lit(2**61 - 1))
    model = system(
        {"x": (big, lit(3**38)), "y": (big, lit(0))},
        (
            action("turn", (), (), (write("x", None, Arith(ArithOp.SUB, lit(0), x)),)),
            action("rest", (), (), (write("y", None, rest),)),
            action("half", (), (), (write("x", None, Arith(ArithOp.DIV, x, lit(7))),)),
            action("out", (), (Lt(halves, lit(-(2**59))),), (write("y", None, halves),)),
        ),
        {"square": Invariant(Le(square, lit(3**76)))},
    )
    agree(model, tuning, Budget(max_states=200))


def test_a_number_beyond_128_bits_is_refused() -> None:
    x = Ref("x", Int(0, 2**62))
    huge = Arith(ArithOp.MUL, Arith(ArithOp.MUL, x, x), x)
    model = system({"x": (Int(0, 2**62), lit(1))}, (), {"p": Invariant(Lt(lit(0), huge))})
    with pytest.raises(Refusal, match="128 bits"):
        run(model)


def test_the_wrong_side_of_64_bits() -> None:
    """2**63 does not fit a signed word: the sum must still be exact."""
    top = Int(0, 2**62)
    x, each = Ref("x", top), Binder("i", Int(0, 3))
    total = Agg(AggKind.SUM, each, TRUE, x)
    model = system({"x": (top, lit(2**62))}, (), {"sum": Invariant(Eq(total, lit(2**64)))})
    assert isinstance(dict(run(model).exploration.answers)["sum"], Absent)


# ---- large values ------------------------------------------------------------------------------


@pytest.mark.slow
@BOTH
def test_wide_maps_read_and_written_at_places_that_vary(tuning: Tuning) -> None:
    """400 bits: 40 cells of 10 bits, so that cells lie across words."""
    key, cell = Int(0, 39), Int(0, 1000)
    m, k = Ref("m", Map(key, cell)), Local("k", key)
    at = Ref("at", key)
    each = Binder("k", key)
    moved = Put(m, at, Arith(ArithOp.MIN, lit(1000), Arith(ArithOp.ADD, Get(m, at), lit(400))))
    step = Arith(ArithOp.MOD, Arith(ArithOp.ADD, at, lit(13)), lit(40))
    model = system(
        {"m": (Map(key, cell), MakeMap(each, Arith(ArithOp.MUL, k, lit(25)))), "at": (key, lit(0))},
        (
            action("go", (), (), (write("at", None, step),)),
            action("put", (), (Lt(at, lit(3)),), (write("m", None, moved),)),
            action("drop", (each,), (Lt(Get(m, k), at),), (write("m", at, Get(m, k)),)),
            action("turn", (), (Eq(at, lit(2)),), (write("m", None, MakeMap(each, turned(m, k))),)),
        ),
        {"high": Invariant(Quant(QuantKind.ALL, each, Lt(Get(m, k), lit(980))))},
    )
    agree(model, tuning, Budget(max_states=60))


def turned(m: Expr, k: Expr) -> Expr:
    """The cell that is as far from the end as `k` from the beginning."""
    return Get(m, Arith(ArithOp.SUB, lit(39), k))


@BOTH
def test_sequences_of_records(tuning: Tuning) -> None:
    pod = Id("Pod", 6)
    work = Record("Work", (("on", Opt(pod)), ("load", Int(-5, 20))))
    queue, rank = Seq(work, 3), Map(pod, Int(0, 4))
    q, each, p = Ref("q", queue), Binder("p", pod), Local("p", pod)
    some = Lit(queue, (((1,), 20), (None, -5)))
    ranks = Lit(rank, (3, 1, 4, 1, 0, 2))
    order = Sorted(each, Lt(lit(0), Get(ranks, p)), (Get(ranks, p),))
    model = system(
        {"q": (queue, Lit(queue, ())), "order": (Seq(pod, 6), Lit(Seq(pod, 6), ()))},
        (
            action(
                "more",
                (),
                (Lt(Len(q), lit(3)),),
                (write("q", None, Concat(q, MakeSeq(work, (Lit(work, ((5,), 0)),)))),),
            ),
            action("many", (), (), (write("q", None, Concat(some, q)),)),
            action("sort", (), (), (write("order", None, order),)),
        ),
        {"sorted": Reachable(Eq(Ref("order", Seq(pod, 6)), Lit(Seq(pod, 6), (1, 3, 5, 0, 2))))},
        (pool("Pod", 6, "pod"),),
    )
    agree(model, tuning)


@pytest.mark.slow
@BOTH
def test_sets_over_more_than_a_word_of_values(tuning: Tuning) -> None:
    of = Int(-40, 60)
    s, each, i = Ref("s", Set(of)), Binder("i", of), Local("i", of)
    evens = SetOf(each, Eq(Arith(ArithOp.MOD, i, lit(2)), lit(0)))
    ends = MakeSet(of, (lit(-40), lit(60)))
    model = system(
        {"s": (Set(of), Lit(Set(of), frozenset())), "n": (Int(-41, 61), lit(-41))},
        (
            action("evens", (), (), (write("s", None, evens),)),
            action("less", (), (), (write("s", None, SetOp(SetOpKind.MINUS, s, ends)),)),
            action(
                "none",
                (),
                (Contains(s, lit(60)),),
                (write("s", None, Lit(Set(of), frozenset({7}))),),
            ),
            action(
                "n",
                (Binder("n", Int(-41, 61)),),
                (Contains(s, Local("n", Int(-41, 61))),),
                (write("n", None, Local("n", Int(-41, 61))),),
            ),
        ),
        {"count": Invariant(Lt(Count(each, Contains(s, i)), lit(51)))},
    )
    agree(model, tuning, Budget(max_states=60))


# ---- writes ------------------------------------------------------------------------------------


@BOTH
def test_many_updates_by_binders(tuning: Tuning) -> None:
    pod, pair = Id("Pod", 20), Record("Pair", (("a", Int(0, 5)), ("b", Bool())))
    p, q = Local("p", pod), Local("q", pod)
    m = Ref("m", Map(pod, pair))
    each, other = Binder("p", pod), Binder("q", pod)
    all_b = Update("m", (Index(p), Field("b")), TRUE, TRUE, TRUE, (each,))
    one_a = Update("m", (Index(q), Field("a")), lit(3), TRUE, TRUE)
    one = Update("m", (Index(q),), Lit(pair, (1, True)), TRUE, TRUE)
    wild = Update(
        "m", (Index(shifted(p, pod)), Field("a")), lit(2), Lt(index(p), lit(3)), TRUE, (each,)
    )
    model = system(
        {"m": (Map(pod, pair), MakeMap(each, Lit(pair, (0, False))))},
        (
            action("fine", (other,), (Lt(index(q), lit(2)),), (all_b, one_a)),
            action("both", (other,), (Lt(lit(17), index(q)),), (all_b, one)),
            action("wild", (), (), (wild,)),
        ),
        {"b": Reachable(Eq(Get(m, Lit(pod, 3)), Lit(pair, (0, True))))},
        (pool("Pod", 20, "pod"),),
    )
    agree(model, tuning, Budget(max_states=60))


def index(p: Expr) -> Expr:
    """The place of a pod, as a number."""
    pod = Id("Pod", 20)
    return Get(Lit(Map(pod, Int(0, 19)), tuple(range(20))), p)


def shifted(p: Expr, pod: Id) -> Expr:
    """Takes pods 0 and 1 to the same pod."""
    return Get(Lit(Map(pod, pod), (5, 5, *range(2, 20))), p)


# ---- budgets, samples --------------------------------------------------------------------------


def test_memory_is_a_limit() -> None:
    result = run(build("m2", (4, 3, 2, 3, 1)), Budget(max_memory=2_000_000)).exploration
    assert not result.complete and 0 < result.reached.states < 276_872
    answer = result.answers[0][1]
    assert answer == Inconclusive(Why.MEMORY, result.reached)


def test_interruption_between_batches() -> None:
    asked = iter(range(1000))
    budget = Budget(interrupted=lambda: next(asked) > 21)
    result = run(build("m2", (4, 3, 2, 3, 1)), budget).exploration
    assert not result.complete and 0 < result.reached.states < 276_872
    assert result.answers[0][1] == Inconclusive(Why.INTERRUPTED, result.reached)


def test_samples_are_states_and_are_contained() -> None:
    found = run(build("m2", (3, 2, 2, 2, 1)))
    sample = found.sample(100, seed=3)
    assert len(set(sample)) == 100 and sample == found.sample(100, seed=3)
    assert sample != found.sample(100, seed=4)
    assert all(found.contains(state) for state in sample)
    assert len(set(found.sample(10_000, seed=1))) == 5_676


def test_a_state_that_was_not_reached_is_not_contained() -> None:
    found = run(evolve(counter(5), properties=()))
    assert [found.contains((x,)) for x in range(10)] == [True] * 6 + [False] * 4


def test_after_a_limit_only_completed_levels_are_sampled() -> None:
    found = run(m2(3, 3, 2, 2, 1), Budget(max_states=5000))
    assert found.exploration.reached.states < 5000
    assert len(found.sample(5000, seed=1)) == found.exploration.reached.states


def test_too_many_instances_are_refused() -> None:
    wide = Binder("n", Int(0, 2**30))
    model = system({"x": (Bool(), FALSE)}, (action("a", (wide,), (), ()),))
    with pytest.raises(Refusal, match="successors"):
        run(model)


@pytest.mark.slow
def test_steps_that_are_always_taken_do_not_share_what_they_lead_to() -> None:
    """Two words, no guards: the trace module tries one instance after the other in one place."""
    wide, n = Int(0, 2**40), Local("n", Int(0, 3))
    x = Ref("x", wide)
    step = action("step", (Binder("n", Int(0, 3)),), (), (write("x", None, n),))
    claim = Occurrence((StepCase("step", Lt(x, lit(3))),))
    model = system({"y": (wide, lit(7)), "x": (wide, lit(0))}, (step,), {"p": claim})
    for tuning in (DEFAULT, LOOPS):
        agree(model, tuning)


def test_the_code_names_what_it_comes_from() -> None:
    model = m2(3, 2, 2, 2, 1)
    text = assembly(model, ("capacity",))
    assert "; action Bind" in text and "; property capacity" in text
    assert text == assembly(model, ("capacity",))


@BOTH
def test_choices_among_all_keys(tuning: Tuning) -> None:
    """Best, First, Sorted and the aggregates, over every map of four identities to 0 .. 2."""
    pod, rank = Id("Pod", 4), Int(0, 2)
    table, p = Map(pod, rank), Local("p", pod)
    each, m = Binder("p", pod), Ref("m", table)
    key, other = Get(m, p), Arith(ArithOp.MOD, Get(m, p), lit(2))
    chosen = Lt(lit(0), key)
    results: dict[str, Expr] = {
        "best": Best(each, TRUE, (key,)),
        "best_of_some": Best(each, chosen, (other, key)),
        "first": First(each, chosen),
        "order": Sorted(each, chosen, (other, key)),
        "least": Agg(AggKind.MIN, each, chosen, key),
        "most": Agg(AggKind.MAX, each, Lt(key, lit(2)), other),
        "sum": Agg(AggKind.SUM, each, chosen, Arith(ArithOp.SUB, lit(1), key)),
    }
    variables = {"m": (table, cast(Expr, Local("start", table)))}
    for name, made in results.items():
        sort = sort_of(made)
        variables[name] = (sort, Lit(sort, next(values(sort))))
    writes = tuple(write(name, None, made) for name, made in results.items())
    model = system(variables, (action("all", (), (), writes),), {}, (pool("Pod", 4, "pod"),))
    start = evolve(model.init, params=(Binder("start", table),))
    found = [s for s in run(evolve(model, init=start)).sample(1000, seed=0) if s[1] == (2,)]
    assert found, "some state has a best one"
    agree(evolve(model, init=start), tuning)


@BOTH
def test_the_upper_words_decide_which_row_is_less(tuning: Tuning) -> None:
    wide, n = Int(0, 2**40), Local("n", Int(0, 3))
    table, up, end = Map(Int(0, 3), wide), Ref("up", wide), 9 << 36
    step = action(
        "step",
        (Binder("n", Int(0, 3)),),
        (Eq(up, lit(0)),),
        (
            write("up", None, Get(Lit(table, (5 << 36, 3 << 36, 3 << 36, 4 << 36)), n)),
            write("low", None, Get(Lit(table, (1, 9, 8, 0)), n)),
        ),
    )
    on = action(
        "on",
        (),
        (Lt(lit(0), up), Lt(up, lit(end))),
        (write("up", None, lit(end)), write("low", None, lit(0))),
    )
    claims = {"moved": Reachable(Lt(lit(0), up)), "on": Reachable(Eq(up, lit(end)))}
    model = system({"up": (wide, lit(0)), "low": (wide, lit(0))}, (step, on), claims)
    agree(model, tuning)
    found = dict(run(model).exploration.answers)["on"]
    assert isinstance(found, Found) and found.trace.states() == ((0, 0), (3 << 36, 8), (end, 0))


def hashed(word: int) -> int:
    """The hash of a row of two words, the second of them 0, as `lines` writes it."""
    whole, total = 2**64 - 1, 0
    for part in (word, 0):
        mixed = (total ^ part) * MULTIPLY[0] & whole
        total = mixed ^ mixed >> 32
    return total * MULTIPLY[1] & whole


def test_states_of_one_hash_are_told_apart() -> None:
    """Two states of 65 bits with the same line and the same tag in the smallest table."""
    draw, seen, pair = Random(1), dict[tuple[int, int], int](), set[int]()
    while not pair:
        word = draw.getrandbits(64)
        key = (hashed(word) >> 56, hashed(word) & (2**24 - 1))
        other = seen.setdefault(key, word)
        pair = {word, other} if word != other else set()
    half = Int(0, 2**32 - 1)
    highs, lows = (
        tuple(f(w) for w in sorted(pair)) for f in (lambda w: w >> 32, lambda w: w & half.hi)
    )
    table, i = Map(Int(0, 1), half), Local("i", Int(0, 1))
    model = system(
        {
            "pad": (Bool(), FALSE),
            "a": (half, Get(Lit(table, highs), i)),
            "b": (half, Get(Lit(table, lows), i)),
        },
        (),
    )
    model = evolve(model, init=evolve(model.init, params=(Binder("i", Int(0, 1)),)))
    found = run(model)
    assert found.exploration.reached.states == 2
    assert set(found.sample(2, seed=0)) == {
        (False, *pair) for pair in zip(highs, lows, strict=True)
    }
