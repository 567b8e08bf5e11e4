"""Claims that are true up to a size and false beyond it, written so that lowering decides them."""

from __future__ import annotations

import pytest

from tests.anysize.compare import names_of, proved, scope_of

FLAGS = ", ".join(["true"] * 22)
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 2
ADDS = """kind Host { who: set of Pod = {} }
environment f { action add(h: Host, p: Pod) do h.who := h.who union {p} }"""


def text(claim: str, kinds: str = "", objects: str = "") -> str:
    return f"""
fn twice(x: int): int = x + x
fn square(x: int): int = x * x
record Room {{ most: int }}
kind Pod {{}}
{kinds}
environment e {{ action create do new Pod {{}} }}
invariant claim: {claim}
cluster c {{ pod a {{}} {objects} }}
scenario x {{ in c; room {{ Pod: 3 }}; prove claim }}
"""


@pytest.mark.parametrize(
    ("claim", "kinds", "objects"),
    [
        ("count(p: Pod) <= twice(twice(twice(twice(twice(twice(1))))))", "", ""),
        ("count(p: Pod) <= square(square(square(2)))", "", ""),
        ("count(p: Pod) <= size([" + FLAGS + "])", "", ""),
        (f'count(p: Pod) <= length("{LETTERS}")', "", ""),
        ("count(p: Pod) <= sum(i in 1..9, j in 1..9 | 1)", "", ""),
        ("all n: Node | count(p: Pod) <= n.cap", "kind Node { cap: 20..30 }", "node b {cap: any}"),
        (
            "all n: Node | count(p: Pod) <= n.room.most",
            "kind Node { room: Room }",
            "node b { room: {most: 30} }",
        ),
        ("all h: Host | size(h.who) <= 22", ADDS, "host h {}"),
    ],
)
def test_a_number_that_is_made_and_not_written_bounds_no_count(
    claim: str, kinds: str, objects: str
) -> None:
    assert names_of(proved(scope_of(text(claim, kinds, objects)), ("Pod",))) == set()


def test_what_is_made_of_numbers_does_not_keep_others_from_a_proof() -> None:
    claim = "count(p: Pod) >= 0 and twice(2) == 4"
    assert names_of(proved(scope_of(text(claim)), ("Pod",))) == {"claim"}


# ---- what counts without saying so -------------------------------------------------------------

NAMED = """
kind Pod key name { name: name; on: bool = false }
environment e { action go(p: Pod) do p.on := true }
fn many: int = fold p in (sort p: Pod by p.name) from 0 as k | k + 1
fn flags: list of bool = those p in (sort p: Pod by p.name) | p.on
fn of_flags(l: list of bool): int = fold b in l from 0 as k | k + 1
invariant claim: CLAIM
cluster c { pod a {} }
scenario x { in c; run e; prove claim }
"""


@pytest.mark.parametrize(
    "claim",
    [
        "many <= 9",
        "of_flags(flags) <= 9",
        "(sort p: Pod by p.name)[12] missing",
        "flags[12] missing",
        "not flags == [" + ", ".join(["true"] * 12) + "]",
        "count(b in flags where b or not b) <= 9",
    ],
)
def test_a_list_of_objects_counts_them(claim: str) -> None:
    outcome = proved(scope_of(NAMED.replace("CLAIM", claim)), ("Pod",))
    assert names_of(outcome) == set()
