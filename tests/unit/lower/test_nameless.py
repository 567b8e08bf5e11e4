"""Keys that may be absent: objects without one are found by nobody and clash with nobody.

Both readings of a module agree about them, and a few facts are spelled out.
"""

from __future__ import annotations

import pytest

from kspec.pure.interpreter.machine import explore
from tests.random_modules.compare import disagreement
from tests.random_modules.pipeline import scoped

KIND = "kind K from v1 key name { name: name? = none  n: 0..1 = 0 }\n"
BODIES = {
    "births": """
environment e {
  action nameless do new K { }
  action named do new K { name: "x" }
  action two do { new K { name: "x" }; new K { }; new K { } }
  action drop(k: K) when k.name exists do k.name := none
}
property t: no deadlock
room { K: 2 }
run e
check t
""",
    "by name": """
controller c {
  watches K
  action named do new K { name: "x" }
  action nameless do new K { }
  action up(k: K) when k.n == 0 do k.n := 1 by name
  action gone(k: K) when k.n == 1 do delete k by name
}
property t: no deadlock
room { K: 2 }
run c
faults { stale_cache c lag 1 }
check t
""",
    "some know none": """
controller c {
  watches K
  memory last: name = ""
  action nameless do new K { }
  action up(k: K) when k.n == 0 do k.n := 1 by name
  action say(k: K) when last == "" do last := "{k}"
  action gone(k: K) when k.n == 1 do delete k by name
}
property t: no deadlock
cluster one { K x { } }
room { K: 2 }
run c
faults { stale_cache c lag 1 }
check t
""",
    "two parts": """
kind L from v1 key space, name { space: name  name: name? = none }
environment e {
  action nameless do new L { space: "s" }
  action named do new L { space: "s", name: "x" }
  action ask(l: L) when L[(l.space, l.name)] is l do delete l
}
property t: no deadlock
room { L: 2 }
run e
check t
""",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_both_readings_agree(body: str) -> None:
    text = KIND + body
    assert disagreement(text, scoped(text)) is None


def broken(claim: str) -> bool:
    """Is the invariant broken where any number of objects is made, named `x` or not at all?"""
    text = f"""{KIND}
environment e {{
  action nameless do new K {{ }}
  action named do new K {{ name: "x" }}
}}
invariant i: {claim}
room {{ K: 2 }}
run e
check i
"""
    assert disagreement(text, scoped(text)) is None
    summary = explore(scoped(text), 100)
    assert summary is not None
    return "i" in summary.violated


@pytest.mark.parametrize(
    ("claim", "is_broken"),
    [
        ("all k, l: K where k.name exists and k.name == l.name | k is l", False),
        ("all k, l: K where k.name missing and l.name missing | k is l", True),
        ('K["x"] missing', True),
        ("all k: K | K[k.name] is k or k.name missing", False),
        ("all k: K | K[k.name] is k", True),
        ('K["k-0"] missing', False),
        ('all k: K | "{k}" != "k-0"', True),
    ],
)
def test_who_is_found(claim: str, is_broken: bool) -> None:
    assert broken(claim) == is_broken
