"""What fits where, and what the checker writes into the tree for it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kspec.analysis.check import check
from kspec.analysis.tables import Loaded
from kspec.analysis.typed import (
    OverOption,
    Program,
    TCall,
    TComp,
    TDecode,
    TExpr,
    TField,
    TLit,
    TMatch,
    TOrElse,
    TPrim,
    TRecord,
    TRefField,
    TSome,
    TTotal,
)
from kspec.analysis.types import (
    BoolT,
    IntT,
    KeyT,
    KindT,
    ListT,
    MapT,
    NameT,
    OptT,
    RationalT,
    SetT,
    TupleT,
    Type,
    UnitT,
)
from kspec.base.render import render
from kspec.base.source import SourceFile
from kspec.syntax.parse import parse
from tests.unit.analysis.marked import PRELUDE


def program(text: str) -> Program:
    source = SourceFile("test.kspec", PRELUDE + text)
    parsed = parse(source)
    assert parsed.module is not None and not parsed.diagnostics, parsed.diagnostics
    checked = check([Loaded("test", parsed.module)])
    assert checked.program is not None, render(checked.diagnostics, [source])
    return checked.program


def body(text: str) -> TExpr:
    """The body of the last function."""
    return program(text).functions[-1].body


def result(text: str) -> Type:
    """The type of the last function's result."""
    return program(text).functions[-1].result


def test_a_number_where_a_fraction_is_wanted() -> None:
    assert body("fn f: rational = 3") == TLit(
        Fraction(3), RationalT(), body("fn f: rational = 3").span
    )
    made = body("fn f(n: int): rational = n")
    assert isinstance(made, TPrim) and made.op == "frac"


def test_a_value_where_an_option_is_wanted() -> None:
    assert isinstance(body("fn f(n: int): int? = n"), TSome)
    made = body("fn f(n: int): rational? = n")
    assert isinstance(made, TSome) and isinstance(made.arg, TPrim)


def test_an_option_of_numbers_where_an_option_of_fractions_is_wanted() -> None:
    made = body("fn f(p: Pod): rational = p.wait or else 0")
    assert isinstance(made, TOrElse) and isinstance(made.arg, TMatch)
    assert made.arg.type == OptT(RationalT())


def test_options_are_not_nested() -> None:
    assert result("fn f(p: Pod) = p.node.labels") == OptT(MapT(NameT(), NameT(), False))
    assert result('fn f(p: Pod) = p.node.labels["zone"]') == OptT(NameT())
    assert result("fn f(n: Node) = Node[n.name].free") == OptT(IntT())


def test_references() -> None:
    live = body("fn f(p: Pod): 0..4 = match p.node { none -> 0; n -> n.free or else 0 }")
    assert isinstance(live, TMatch)
    assert isinstance(body("fn f(n: Node) = n.free"), TField)
    stored = body("fn f(p: Pod) = p.node.free")
    assert isinstance(stored, TMatch)
    bound = stored.cases[1][1]
    assert isinstance(bound, TSome | TRefField)
    assert result("fn f(p: Pod) = p.node == p.home") == BoolT()
    assert result("fn f(p: Pod, n: Node) = p.node is n") == BoolT()


def test_a_live_reference_where_a_stored_one_is_wanted() -> None:
    made = program("environment e { action a(p: Pod, n: Node) do p.node := n }")
    (action,) = made.components[-1].actions
    (statement,) = action.steps[0].body
    assert getattr(statement, "type", None) == OptT(KindT("Node", False))


def test_a_binder_over_stored_references_binds_the_live_ones() -> None:
    made = body("fn f(p: Pod): bool = some q in p.friends | q.ready")
    assert isinstance(made, TComp)
    assert made.binders[0].type == KindT("Pod", True)
    assert isinstance(made.where, TPrim) and made.where.op == "live?"
    one = body("kind Box { of: Node }\nfn f(b: Box): bool = some n in b.of | n.free > 0")
    assert isinstance(one, TComp) and isinstance(one.binders[0].over, OverOption)


def test_lookups() -> None:
    assert result('fn f = Node["a"]') == OptT(KindT("Node", True))
    assert result("kind B { n: name of Node }\nfn f(b: B) = Node[b.n]") == OptT(KindT("Node", True))
    assert result("kind B { n: name of Node? }\nfn f(b: B) = Node[b.n]") == OptT(
        KindT("Node", True)
    )


def test_names_and_names_of_kinds() -> None:
    assert result("kind B { n: name of Node }\nfn f(b: B): name = b.n") == NameT()
    made = body("fn f(n: Node): name of Node = n")
    assert isinstance(made, TPrim) and made.op == "name-of" and made.type == KeyT("Node")


@pytest.mark.parametrize(
    ("expr", "type_"),
    [
        ("1 + 2", IntT()),
        ("1 / 2", RationalT()),
        ("7 div 2", IntT()),
        ("2Gi / 1Mi", RationalT()),
        ("2Gi / 2", UnitT("memory")),
        ("2 * 500m", UnitT("cpu")),
        ("25% * 8", RationalT()),
        ("50% * 2Gi", UnitT("memory")),
        ("1Gi + 1Mi", UnitT("memory")),
        ("{1} union {2}", SetT(IntT())),
        ("{1} - {2}", SetT(IntT())),
        ("[1] ++ []", ListT(IntT())),
        ("(1, true)", TupleT((IntT(), BoolT()))),
        ("count(p: Pod)", IntT()),
        ("max(p: Plain | p.n)", OptT(IntT())),
        ("sum(n: Node | n.memory)", UnitT("memory")),
        ("those n: Node | n.name", SetT(NameT())),
        ("those x in [1, 2] | x + 1", ListT(IntT())),
        ("map n: Node | n.free", MapT(KindT("Node", True), IntT(), True)),
        ("map n: Node where n.free > 0 | n.free", MapT(KindT("Node", True), IntT(), False)),
        ("the n: Node where n.free == 4", OptT(KindT("Node", True))),
        ("first x in [1, 2] where x > 1", OptT(IntT())),
        ("choose n: Node least by n.name", OptT(KindT("Node", True))),
        ("sort n in (those n: Node) by (-n.free, n.name)", ListT(KindT("Node", True))),
        ("if true then 1 else none", OptT(IntT())),
        ('match "a/b" { "{x}/{y}" -> y; _ -> "" }', NameT()),
    ],
)
def test_types_of_expressions(expr: str, type_: Type) -> None:
    assert result(f"fn f = {expr}") == type_


@pytest.mark.parametrize(
    ("divisor", "sure"),
    [
        ("3", True),
        ("k.size", True),
        ("k.n", False),
        ("k.n + 1", True),
        ("max(k.n, 1)", True),
        ("min(k.n, 1)", False),
        ("count(q: K) + 1", True),
        ("size({1})", False),
        ("k.size * k.size", True),
        ("k.size - 1", False),
        ("if k.n == 0 then 1 else 2", True),
        ("most", True),
        ("k.per[k]", True),
        ("(let x = k.size; x)", False),
        ("wish(1)", False),
    ],
)
def test_when_a_divisor_is_known_not_to_be_0(divisor: str, sure: bool) -> None:
    declared = (
        "param most: 1..3 = 2\n"
        "kind K { n: 0..3 = 0  size: 1..3 = 1  per: map from K to 1..3 = 1 }\n"
        "fn wish(n: 1..3): 1..3 = n - 1\n"
    )
    made = result(f"{declared}fn f(k: K) = 10 div ({divisor})")
    assert made == (IntT() if sure else OptT(IntT()))


def test_a_name_bound_to_all_of_a_range_keeps_it() -> None:
    assert result("fn f = those n: 1..3 | 6 div n") == SetT(IntT())
    assert result("fn f = those n in 1..3 | 6 div n") == SetT(IntT())
    assert result("fn f(k: int) = those n in k..3 | 6 div n") == SetT(OptT(IntT()))
    assert result("fn f(s: set of 1..3) = those n in s | 6 div n") == SetT(OptT(IntT()))


def test_records_get_their_defaults() -> None:
    made = body("fn f: Point = Point(x: 2)")
    assert isinstance(made, TRecord)
    assert [n for n, _ in made.fields] == ["x", "y"]
    again = body("fn f: Point = {x: 2}")
    assert isinstance(again, TRecord) and [n for n, _ in again.fields] == ["x", "y"]


def test_a_total_map_where_a_partial_one_is_wanted() -> None:
    made = body("fn f: map from Node to int = map n: Node | n.free")
    assert isinstance(made, TTotal)


def test_documents_take_the_type_of_their_place() -> None:
    made = body("fn f(d: json): int = d.x + 1")
    assert isinstance(made, TPrim)
    assert any(isinstance(a, TDecode) and a.type == IntT() for a in made.args)
    call = body("fn f(d: json): int = twice(d.a, d.b)")
    assert isinstance(call, TCall) and all(isinstance(a, TDecode) for a in call.args)


def test_cases_are_known_by_their_place() -> None:
    assert isinstance(body("fn f(p: Pod): bool = p.phase is Running"), TPrim)
    assert isinstance(body("fn f: Light = green"), TLit)
    assert isinstance(body("fn f: Colour? = green"), TSome)
