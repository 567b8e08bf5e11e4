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
