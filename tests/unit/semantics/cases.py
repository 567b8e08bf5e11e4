"""Pinned values of closed expressions, for every engine to agree with.

`CASES` lists (name, expression, value). The table leans on the corners: negative numbers, nothing
to choose from, ties, places outside, values outside a sort. No expression has a free name, so an
engine under test may put it wherever it evaluates expressions. The values were worked out by hand
from the docstrings of `kspec.ir.expr`, never taken from an evaluator.
"""

from __future__ import annotations

from typing import TypeAlias

from kspec.ir.build import lit
from kspec.ir.expr import (
    FALSE,
    TRUE,
    Agg,
    AggKind,
    And,
    Arith,
    ArithOp,
    At,
    Best,
    Binder,
    Concat,
    Contains,
    Count,
    Eq,
    Expr,
    First,
    Fold,
    Get,
    GetField,
    IsSome,
    Ite,
    Le,
    Len,
    Let,
    Lit,
    Local,
    Lt,
    MakeMap,
    MakeRecord,
    MakeSeq,
    MakeSet,
    Not,
    Or,
    OrElse,
    Put,
    Quant,
    QuantKind,
    SetOf,
    SetOp,
    SetOpKind,
    Some,
    Sorted,
    Subset,
    WithField,
)
from kspec.ir.sorts import Bool, Enum, Id, Int, Map, Opt, Record, Seq, Set, Value

Case: TypeAlias = tuple[str, Expr, Value]

SMALL = Int(-2, 2)
EMPTY = Int(1, 0)
POD = Id("Pod", 3)
COLOUR = Enum("Colour", ("red", "green", "blue"))
POINT = Record("Point", (("x", Int(0, 3)), ("hue", COLOUR)))
N, X, P = Binder("n", SMALL), Binder("x", Int(0, 3)), Binder("p", POD)
n, x, p = Local("n", SMALL), Local("x", Int(0, 3)), Local("p", POD)
NOTHING = Lit(Opt(Int(0, 3)), None)
LOAD = Lit(Map(POD, Int(-5, 5)), (4, -1, 4))
ITEMS = Lit(Seq(Int(-9, 9), 4), (5, -7, 0))
SPAN_MAP = Map(SMALL, Int(0, 9))
BY_OFFSET = Lit(SPAN_MAP, (5, 6, 7, 8, 9))


def red() -> Expr:
    """A case of an enum."""
    return Lit(COLOUR, "red")


def point(at: int, hue: str) -> Lit:
    """A record literal."""
    return Lit(POINT, (at, hue))


def ints(*items: int) -> Lit:
    """A set literal over -9 .. 9."""
    return Lit(Set(Int(-9, 9)), frozenset(items))


def arith(op: ArithOp, a: int, b: int) -> Expr:
    """An operation on two literals whose sorts are wide, so that nothing is decided by sorts."""
    wide, divisor = Int(-100, 100), Int(1, 100)
    right = Lit(divisor if op in (ArithOp.DIV, ArithOp.MOD) else wide, b)
    return Arith(op, Lit(wide, a), right)


ARITHMETIC: tuple[Case, ...] = (
    ("add negatives", arith(ArithOp.ADD, -3, -4), -7),
    ("sub below zero", arith(ArithOp.SUB, 2, 5), -3),
    ("sub a negative", arith(ArithOp.SUB, 2, -5), 7),
    ("mul negatives", arith(ArithOp.MUL, -3, -4), 12),
    ("mul mixed", arith(ArithOp.MUL, -3, 4), -12),
    ("div exact", arith(ArithOp.DIV, 6, 3), 2),
    ("div floors above zero", arith(ArithOp.DIV, 7, 2), 3),
    ("div floors below zero", arith(ArithOp.DIV, -7, 2), -4),
    ("div of minus one", arith(ArithOp.DIV, -1, 100), -1),
    ("div exact below zero", arith(ArithOp.DIV, -6, 3), -2),
    ("div of zero", arith(ArithOp.DIV, 0, 7), 0),
    ("mod above zero", arith(ArithOp.MOD, 7, 3), 1),
    ("mod below zero", arith(ArithOp.MOD, -7, 3), 2),
    ("mod of minus one", arith(ArithOp.MOD, -1, 5), 4),
    ("mod exact below zero", arith(ArithOp.MOD, -6, 3), 0),
    ("mod by one", arith(ArithOp.MOD, -6, 1), 0),
    ("mod of less than the divisor", arith(ArithOp.MOD, 2, 5), 2),
    ("min of negatives", arith(ArithOp.MIN, -3, -4), -4),
    ("max of negatives", arith(ArithOp.MAX, -3, -4), -3),
    ("no overflow of 32 bits", Arith(ArithOp.MUL, lit(2**20), lit(2**20)), 2**40),
    ("no wrap below zero", Arith(ArithOp.SUB, lit(-(2**31)), lit(1)), -(2**31) - 1),
    (
        "an intermediate value outside the sort of the result",
        Arith(ArithOp.SUB, Arith(ArithOp.ADD, lit(3), lit(3)), lit(5)),
        1,
    ),
    ("lt of negatives", Lt(lit(-2), lit(-1)), True),
    ("lt of equals", Lt(lit(-2), lit(-2)), False),
    ("le of equals", Le(lit(-2), lit(-2)), True),
    ("le across zero", Le(lit(1), lit(-1)), False),
    ("eq of numbers of different sorts", Eq(Lit(Int(0, 9), 4), Lit(Int(-5, 4), 4)), True),
    ("eq of unequal offsets", Eq(Lit(Int(0, 9), 0), Lit(Int(-5, 4), -5)), False),
)

LOGIC: tuple[Case, ...] = (
    ("and of nothing", And(()), True),
    ("or of nothing", Or(()), False),
    ("and of three", And((TRUE, FALSE, TRUE)), False),
    ("or of three", Or((FALSE, FALSE, TRUE)), True),
    ("not", Not(FALSE), True),
    ("eq of truth values", Eq(FALSE, FALSE), True),
    ("if true", Ite(Lt(lit(1), lit(2)), lit(-7), lit(9)), -7),
    ("if false", Ite(Lt(lit(2), lit(1)), lit(-7), lit(9)), 9),
    ("if joins integer sorts", Eq(Ite(TRUE, lit(-7), lit(9)), lit(-7)), True),
    ("eq of cases", Eq(red(), Lit(COLOUR, "blue")), False),
    ("all of nothing", Quant(QuantKind.ALL, Binder("e", EMPTY), FALSE), True),
    ("some of nothing", Quant(QuantKind.SOME, Binder("e", EMPTY), TRUE), False),
    ("all with a counterexample", Quant(QuantKind.ALL, N, Lt(n, lit(2))), False),
    ("some at the end", Quant(QuantKind.SOME, N, Eq(n, lit(2))), True),
    (
        "an inner name hides an outer one",
        Quant(QuantKind.SOME, N, And((Eq(n, lit(-2)), Quant(QuantKind.SOME, N, Eq(n, lit(2)))))),
        True,
    ),
    ("let", Let("v", lit(3), Arith(ArithOp.ADD, Local("v", Int(3, 3)), lit(1))), 4),
    (
        "a let's value does not see its name",
        Let(
            "v",
            lit(3),
            Let("v", Arith(ArithOp.ADD, Local("v", Int(3, 3)), lit(1)), Local("v", Int(4, 4))),
        ),
        4,
    ),
)

AGGREGATES: tuple[Case, ...] = (
    ("count of nothing", Count(N, FALSE), 0),
    ("count of all", Count(N, TRUE), 5),
    ("count over nothing", Count(Binder("e", EMPTY), TRUE), 0),
    ("count of negatives", Count(N, Lt(n, lit(0))), 2),
    ("sum of nothing", Agg(AggKind.SUM, N, FALSE, n), 0),
    ("sum that cancels", Agg(AggKind.SUM, N, TRUE, n), 0),
    ("sum of negatives", Agg(AggKind.SUM, N, Lt(n, lit(0)), n), -3),
    ("min of nothing", Agg(AggKind.MIN, N, FALSE, n), None),
    ("max of nothing", Agg(AggKind.MAX, N, FALSE, n), None),
    ("min over nothing", Agg(AggKind.MIN, Binder("e", EMPTY), TRUE, lit(3)), None),
    ("min", Agg(AggKind.MIN, P, TRUE, Get(LOAD, p)), (-1,)),
    ("max of equals", Agg(AggKind.MAX, P, TRUE, Get(LOAD, p)), (4,)),
    ("greatest of negatives", Agg(AggKind.MAX, N, Lt(n, lit(0)), n), (-1,)),
    ("max that is zero is something", Agg(AggKind.MAX, N, Le(n, lit(0)), n), (0,)),
    (
        "min of nothing, else",
        OrElse(Agg(AggKind.MIN, N, FALSE, n), lit(-9)),
        -9,
    ),
)

CHOICES: tuple[Case, ...] = (
    ("some", Some(lit(0)), (0,)),
    ("some of nothing is something", Some(NOTHING), (None,)),
    ("is some of nothing", IsSome(NOTHING), False),
    ("is some of some of nothing", IsSome(Some(NOTHING)), True),
    ("else of nothing", OrElse(NOTHING, lit(2)), 2),
    ("else of something", OrElse(Some(lit(0)), lit(2)), 0),
    ("else of false is not the default", OrElse(Some(FALSE), TRUE), False),
    ("else of an inner nothing", OrElse(Some(NOTHING), Some(lit(1))), None),
    ("eq of nothing and something", Eq(NOTHING, Some(lit(0))), False),
    ("eq of nothings", Eq(NOTHING, Lit(Opt(Int(-5, 5)), None)), True),
    ("eq of somethings of different sorts", Eq(Some(Lit(Int(-5, 5), 2)), Some(lit(2))), True),
    ("first", First(P, Lt(Get(LOAD, p), lit(4))), (1,)),
    ("first of many is the least", First(P, TRUE), (0,)),
    ("first of none", First(P, FALSE), None),
    ("best", Best(P, TRUE, (Get(LOAD, p),)), (1,)),
    ("best of none", Best(P, FALSE, (Get(LOAD, p),)), None),
    ("best of a tie", Best(P, Lt(lit(0), Get(LOAD, p)), (Get(LOAD, p),)), None),
    (
        "best does not mind a tie above the least",
        Best(P, TRUE, (Get(LOAD, p), lit(0))),
        (1,),
    ),
    (
        "best breaks a tie by the second key",
        Best(
            P,
            Lt(lit(0), Get(LOAD, p)),
            (Get(LOAD, p), Ite(Eq(p, Lit(POD, 2)), lit(-1), lit(0))),
        ),
        (2,),
    ),
    (
        "best looks at the first key first",
        Best(N, TRUE, (Arith(ArithOp.MUL, n, n), n)),
        (0,),
    ),
    ("best by no key of one", Best(P, Eq(p, Lit(POD, 2)), ()), (2,)),
    ("best by no key of many", Best(P, TRUE, ()), None),
)

RECORDS_AND_MAPS: tuple[Case, ...] = (
    ("make a record", MakeRecord(POINT, (lit(2), red())), (2, "red")),
    ("a field", GetField(point(2, "blue"), "hue"), "blue"),
    ("a field replaced", WithField(point(2, "blue"), "hue", red()), (2, "red")),
    ("eq of records", Eq(point(2, "blue"), MakeRecord(POINT, (lit(2), red()))), False),
    ("make a map", MakeMap(N, Arith(ArithOp.MUL, n, n)), (4, 1, 0, 1, 4)),
    ("make a map from nothing", MakeMap(Binder("e", EMPTY), TRUE), ()),
    ("get at a negative key", Get(BY_OFFSET, lit(-2)), 5),
    ("get at the last key", Get(BY_OFFSET, lit(2)), 9),
    ("get at zero", Get(BY_OFFSET, lit(0)), 7),
    (
        "get by a case",
        Get(Lit(Map(COLOUR, Bool()), (False, False, True)), Lit(COLOUR, "blue")),
        True,
    ),
    (
        "get by a record",
        Get(Lit(Map(POINT, Int(0, 11)), tuple(range(12))), point(2, "green")),
        7,
    ),
    ("get by an option", Get(Lit(Map(Opt(Bool()), Int(0, 2)), (0, 1, 2)), Some(TRUE)), 2),
    ("get by nothing", Get(Lit(Map(Opt(Bool()), Int(0, 2)), (0, 1, 2)), Lit(Opt(Bool()), None)), 0),
    (
        "get by a set",
        Get(
            Lit(Map(Set(Bool()), Int(0, 3)), (0, 1, 2, 3)),
            Lit(Set(Bool()), frozenset({False})),
        ),
        2,
    ),
    ("put at a negative key", Put(BY_OFFSET, lit(-1), lit(0)), (5, 0, 7, 8, 9)),
    ("put what is there", Eq(Put(BY_OFFSET, lit(1), lit(8)), BY_OFFSET), True),
    ("eq of maps", Eq(BY_OFFSET, Put(BY_OFFSET, lit(1), lit(7))), False),
)

SETS: tuple[Case, ...] = (
    ("make a set", MakeSet(SMALL, (lit(2), lit(-2), lit(2))), frozenset({-2, 2})),
    ("make the empty set", MakeSet(SMALL, ()), frozenset()),
    ("contains", Contains(ints(-9, 3), lit(-9)), True),
    ("does not contain", Contains(ints(-9, 3), lit(4)), False),
    ("contains above the sort", Contains(ints(-9, 9), lit(10)), False),
    ("contains below the sort", Contains(ints(-9, 9), lit(-10)), False),
    (
        "contains far outside the sort",
        Contains(Lit(Set(Int(0, 3)), frozenset({0, 1, 2, 3})), Lit(Int(-100, 100), 64)),
        False,
    ),
    (
        "contains a value that wraps to a member",
        Contains(Lit(Set(Int(0, 3)), frozenset({0, 1, 2, 3})), Lit(Int(-100, 100), -1)),
        False,
    ),
    (
        "contains an option whose payload is outside",
        Contains(Lit(Set(Opt(Int(0, 1))), frozenset({None, (0,), (1,)})), Some(lit(2))),
        False,
    ),
    (
        "contains nothing",
        Contains(Lit(Set(Opt(Int(0, 1))), frozenset({None})), Lit(Opt(Int(0, 5)), None)),
        True,
    ),
    (
        "contains a record whose field is outside",
        Contains(
            Lit(Set(POINT), frozenset({(0, "red"), (3, "red"), (0, "green")})),
            Lit(Record("Point", (("x", Int(0, 9)), ("hue", COLOUR))), (4, "red")),
        ),
        False,
    ),
    ("union", SetOp(SetOpKind.UNION, ints(1, 2), ints(2, -3)), frozenset({1, 2, -3})),
    ("intersection", SetOp(SetOpKind.INTER, ints(1, 2), ints(2, -3)), frozenset({2})),
    ("difference", SetOp(SetOpKind.MINUS, ints(1, 2), ints(2, -3)), frozenset({1})),
    (
        "union of different sorts",
        SetOp(
            SetOpKind.UNION,
            Lit(Set(Int(0, 1)), frozenset({0})),
            Lit(Set(Int(-3, -2)), frozenset({-3})),
        ),
        frozenset({0, -3}),
    ),
    ("subset of itself", Subset(ints(1), ints(1)), True),
    ("the empty set is a subset", Subset(ints(), ints()), True),
    ("not a subset", Subset(ints(1, 4), ints(1)), False),
    (
        "subset across sorts",
        Subset(Lit(Set(Int(-4, 4)), frozenset({-4})), Lit(Set(Int(0, 4)), frozenset({0, 4}))),
        False,
    ),
    (
        "eq of sets of different sorts",
        Eq(Lit(Set(Int(-4, 4)), frozenset({2})), Lit(Set(Int(0, 9)), frozenset({2}))),
        True,
    ),
    ("set of", SetOf(N, Lt(n, lit(0))), frozenset({-2, -1})),
    ("set of none", SetOf(N, FALSE), frozenset()),
)

SEQUENCES: tuple[Case, ...] = (
    ("make a sequence", MakeSeq(SMALL, (lit(2), lit(-2), lit(2))), (2, -2, 2)),
    ("make the empty sequence", MakeSeq(SMALL, ()), ()),
    ("length", Len(ITEMS), 3),
    ("length of nothing", Len(MakeSeq(SMALL, ())), 0),
    ("at the first place", At(ITEMS, lit(0), lit(99)), 5),
    ("at the last place", At(ITEMS, lit(2), lit(99)), 0),
    ("at a free place", At(ITEMS, lit(3), lit(99)), 99),
    ("at a place behind the capacity", At(ITEMS, lit(40), lit(99)), 99),
    ("at a negative place", At(ITEMS, lit(-1), lit(99)), 99),
    ("at of nothing", At(MakeSeq(SMALL, ()), lit(0), lit(-99)), -99),
    ("concat", Concat(ITEMS, MakeSeq(SMALL, (lit(1),))), (5, -7, 0, 1)),
    ("concat fills from the length", At(Concat(ITEMS, ITEMS), lit(3), lit(99)), 5),
    (
        "eq of sequences of different capacity",
        Eq(MakeSeq(SMALL, (lit(1),)), Lit(Seq(SMALL, 5), (1,))),
        True,
    ),
    ("eq of a sequence and its beginning", Eq(ITEMS, Lit(Seq(Int(-9, 9), 3), (5, -7))), False),
    ("sorted", Sorted(N, Lt(n, lit(2)), (Arith(ArithOp.SUB, lit(0), n),)), (1, 0, -1, -2)),
    (
        "sorted keeps the order of the sort in ties",
        Sorted(N, TRUE, (Arith(ArithOp.MUL, n, n),)),
        (0, -1, 1, -2, 2),
    ),
    (
        "sorted by two keys",
        Sorted(P, TRUE, (Get(LOAD, p), Ite(Eq(p, Lit(POD, 2)), lit(0), lit(1)))),
        (1, 2, 0),
    ),
    ("sorted of none", Sorted(P, FALSE, (Get(LOAD, p),)), ()),
    ("sorted by no key", Sorted(P, TRUE, ()), (0, 1, 2)),
    (
        "fold from the left",
        Fold(
            Binder("acc", Int(-45, 45)),
            lit(0),
            "e",
            ITEMS,
            Arith(
                ArithOp.SUB,
                Local("e", Int(-9, 9)),
                Local("acc", Int(-45, 45)),
            ),
        ),
        12,
    ),
    (
        "fold of nothing",
        Fold(Binder("acc", SMALL), lit(-2), "e", MakeSeq(SMALL, ()), lit(1)),
        -2,
    ),
    (
        "fold keeps the last",
        Fold(Binder("acc", Int(-9, 9)), lit(9), "e", ITEMS, Local("e", Int(-9, 9))),
        0,
    ),
)

CASES: tuple[Case, ...] = (
    *ARITHMETIC,
    *LOGIC,
    *AGGREGATES,
    *CHOICES,
    *RECORDS_AND_MAPS,
    *SETS,
    *SEQUENCES,
)
