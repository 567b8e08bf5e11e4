"""Laws asked of a solver: what enumeration says of a scope, a solver says too; what is too large for
the one is decided by the other; what cannot be asked is said, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kspec.analysis.typed import TLaw
from kspec.driver.laws import Question, asked, question
from kspec.driver.preparing.load import load
from kspec.driver.preparing.plan import plans
from kspec.driver.preparing.prepare import Preparation
from kspec.driver.searching.search import UntrustedEngine
from kspec.engines.smt.laws import Nowhere, Somewhere, decide
from kspec.engines.smt.solver import Limits
from kspec.pure.claims.decide import Endless, Everywhere, TooMany
from kspec.pure.claims.decide import Somewhere as Refuted
from kspec.pure.claims.decide import decide as gone_through
from kspec.pure.claims.laws import in_world, well_formed
from kspec.pure.claims.posed import ANYTHING, smaller
from kspec.pure.claims.posed import Refuted as Evaluated
from kspec.pure.scopes.scope import Scope
from kspec.semantics.step import initial_states
from tests.unit.lower.reading import scoped

ROOT = Path(__file__).parents[3]


def by_solver(scope: Scope, law: TLaw) -> tuple[bool, bool, Question]:
    """Is the law true, and does it speak of anything? A world that is found is evaluated."""
    made = question(scope, law)
    assert isinstance(made, Question), made
    answer = decide(made.lowered.system, law.name, law.name + ANYTHING, Limits())
    if isinstance(answer, Nowhere):
        return True, answer.speaks, made
    assert isinstance(answer, Somewhere), answer
    found = made.posed.refuted(made.lowered.reader.world(answer.state))
    assert isinstance(found, Evaluated), found
    assert isinstance(smaller(made.posed, found), Evaluated)
    return False, True, made


def agree(scope: Scope, law: TLaw) -> bool:
    """Both ways must say the same; is it true?"""
    listed = gone_through(scope, law)
    assert isinstance(listed, Everywhere | Refuted), listed
    holds, speaks, made = by_solver(scope, law)
    assert holds == isinstance(listed, Everywhere), law.name
    if isinstance(listed, Everywhere):
        assert speaks == (listed.seen.cases > 0)
        assert made.posed.worlds == listed.seen.worlds
        assert bool(listed.seen.names) == made.posed.goes_through_names
    return holds


# ---- the library -------------------------------------------------------------------------------

FILES = ["models/php_apache.kspec"]
SLOW = [
    "properties/rbac_laws.kspec",
    "properties/qos.kspec",
    "models/apps/cassandra.kspec",
    "models/apps/guestbook.kspec",
    "models/apps/ingress_nginx.kspec",
    "models/apps/kube_prometheus.kspec",
    "models/apps/online_boutique.kspec",
    "models/apps/postgresql.kspec",
]
CANNOT = {"addresses_are_services", "everybody_is_called"}


@pytest.mark.parametrize(
    "file",
    [*(pytest.param(f) for f in FILES), *(pytest.param(f, marks=pytest.mark.slow) for f in SLOW)],
)
def test_the_library_s_laws_are_decided_alike(file: str) -> None:
    loaded = load(ROOT / file, file, None).loaded
    assert loaded is not None
    preparation, seen = Preparation(loaded), 0
    laws = {law.name: law for law in loaded.program.laws}
    for scenario in preparation.scenarios:
        if not any(line.property in laws for line in scenario.judges):
            continue
        preparation.documents(scenario)
        points = preparation.points(scenario)
        assert isinstance(points, tuple)
        for plan in plans(scenario, points, (), loaded.sources):
            scope = preparation.elaborate(plan).scope
            assert scope is not None
            for _, line in plan.lines:
                if line.property in laws and line.property not in CANNOT:
                    seen += 1
                    agree(scope, laws[line.property])
    assert seen


# ---- one by one --------------------------------------------------------------------------------

POLICIES = """
record Rule { verbs: set of name }
record Ask { verb: name  deep: bool  n: 0..3 }
enum Colour { Red, Green }
kind Binding key name { name: name  rules: set of Rule = {}  size: 0..2 = 0  valid name != "nobody" }
fn allows(verb: name): bool = some b: Binding, r in b.rules | verb in r.verbs or "*" in r.verbs
fn twice(x: int): int = x * 2
universe few: set of int = {1, 2, 3}
LAWS
cluster c {
  binding a { rules: any of [[], [{verbs: [get]}], [{verbs: ["*"]}]] }
  binding b { name: any of [a, b, nobody]  rules: any of [[], [{verbs: [list]}]]  size: 0..2 }
}
"""


def one(law: str, lines: str = "in c") -> tuple[Scope, TLaw]:
    """A scope with one law."""
    text = POLICIES.replace("LAWS", f"law it: {law}")
    scope = scoped(f"{text}\nscenario s {{ {lines}\n check it }}")
    return scope, scope.program.laws[0]


LAWS = [
    ("all b: Binding, v: name | (allows(v) after delete b) implies allows(v)", True),
    ("all b: Binding, v: name | allows(v) implies (allows(v) after delete b)", False),
    ("all v: name | (no b: Binding | b.rules != {}) implies not allows(v)", True),
    ("all v: name | not allows(v)", False),
    ('all v: name where v != "*" | allows(v) implies allows("*")', False),
    ("all a in 0..9, b in 0..9 | a + b == b + a", True),
    ("all a in 0..9, b in 0..9 where a != b | a + b != 4", False),
    ("all a in 0..70, b in 0..3 | a + b <= 73", True),
    ("all a in 0..70, b in 0..3 | a + b < 73", False),
    ("some s: set of name | s == {}", True),
    ("some v: name | not allows(v)", False),
    ("all s: set of Colour | size(s) <= 2", True),
    ("all s: set of Colour, c: Colour | c in s", False),
    ("all q: Ask | allows(q.verb) or q.deep or q.n <= 3", True),
    ("all q: Ask where q.n > 1 | allows(q.verb) or not q.deep", False),
    ("all c: Colour? | c exists or c missing", True),
    ("all c: Colour? | c exists", False),
    ("all x in few, y in few | x + y == y + x", True),
    ("all x in few, y in few where x < y | y == x + 1", False),
    ("all x: 0..3 | all y in x..3 | x <= y", True),
    ("all x: 0..3 | some y in 0..3 | twice(y) == x", False),
    ("all x: bool | all x: Colour | x == Red or x == Green", True),
    ('all b: Binding | b.name != "nobody"', True),
    ("all a: Binding, b: Binding | a.name == b.name implies a is b", True),
    ("all b: Binding | (all o: Binding | o.size == 0 after b.size := 0) or b.size >= 0", True),
    ('all b: Binding where b.name == "z" | false', True),
    ("all b: Binding | b.size < 2", False),
    ("all r: 3..2 | false", None),
]


@pytest.mark.parametrize(("law", "holds"), LAWS)
def test_laws_are_decided_alike(law: str, holds: bool | None) -> None:
    if holds is None:
        return
    assert agree(*one(law)) is holds


def test_what_is_not_assumed_is_left_out() -> None:
    assert agree(
        *one("all v: name | not allows(v)", "in c  assume few_: no b: Binding | b.rules != {}")
    )


def test_a_law_of_nothing_says_so() -> None:
    scope, law = one("all b: Binding where b.size == 3 | false")
    assert by_solver(scope, law)[:2] == (True, False)


def test_what_is_found_is_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that says too much is a mistake of kspec, and nobody sees the world."""
    scope, law = one(
        "all b: Binding | b.size < 3", 'in c  assume b: no b: Binding | b.name == "nobody"'
    )
    made = question(scope, law)
    assert isinstance(made, Question)
    state = list(initial_states(made.lowered.system))[-1]
    world = made.lowered.reader.world(state)
    assert well_formed(in_world(scope.program, world))
    monkeypatch.setattr("kspec.engines.smt.laws.decide", lambda *_: Somewhere(state))
    with pytest.raises(UntrustedEngine):
        asked(scope, law, (), Limits())


def test_what_nobody_goes_through_is_decided() -> None:
    """2^26 sets of names, and a number up to a million beside them."""
    words = ", ".join(f'"w{i}"' for i in range(20))
    scope, law = one(f"all s: set of name, n in 0..1000000 | size(s inter {{{words}}}) <= 20")
    assert isinstance(gone_through(scope, law), TooMany | Endless)
    assert by_solver(scope, law)[0]
    scope, law = one(
        f"all s: set of name, n in 0..1000000 | size(s inter {{{words}}}) + n < 1000020"
    )
    assert not by_solver(scope, law)[0]


@pytest.mark.parametrize(
    ("law", "what"),
    [
        ("all i: int | i == i", "all numbers"),
        ("all m: map from name to int | m == m", "which has no end"),
        ("all l: list of name | l == l", "which has no end"),
        ("some s: set of set of name | s == {}", "too many values"),
        ("all n: int where n > 0 | n > 0 by induction on n", "by induction"),
    ],
)
def test_what_cannot_be_asked_is_said_where_it_stands(law: str, what: str) -> None:
    scope, found = one(law)
    made = question(scope, found)
    assert not isinstance(made, Question)
    assert what in made.message
    assert found.span.start <= made.primary.span.start < found.span.end


# ---- any law -----------------------------------------------------------------------------------

ATOMS = [
    "allows(v)",
    "(allows(v) after delete b)",
    "(allows(v) after b.rules := {})",
    'v == "get"',
    "v == b.name",
    "b.size < n",
    "n == 2",
    "q.deep",
    '(q.verb == Get) == (v == "get")',
    "v in s",
    "q == Ask(verb: List, deep: n > 0)",
    "size(s) > 1",
    "size(b.rules) == n",
    "Rule(verbs: s) in b.rules",
    "(some o: Binding | o.size == n and not (o is b))",
    "(no r in b.rules | v in r.verbs)",
    "count(o: Binding where allows(v)) > n",
    "sum(o: Binding | o.size) == n",
    "(all k in s | k == v)",
]
BINDERS = (
    'all b: Binding, v in {"get", "list", "z"}, n: 0..2, q: Ask, s in {{}, {"get"}, {"get", "z"}}'
)


def formulas() -> st.SearchStrategy[str]:
    """Formulas over the names that `BINDERS` binds."""
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("({} implies {})".format, inner, inner),
            st.builds("(if {} then {} else {})".format, inner, inner, inner),
        ),
        max_leaves=5,
    )


NARROWER = [
    ('any of [[], [{verbs: [get]}], [{verbs: ["*"]}]]', "any of [[], [{verbs: [get]}]]"),
    ("any of [a, b, nobody]", "b"),
    ("size: 0..2 }", "size: any of [0, 2] }"),
    ("record Ask { verb: name  deep: bool  n: 0..3 }", "record Ask { verb: Word  deep: bool }"),
    ("universe few", "enum Word { Get, List }\nuniverse few"),
]


def any_law(where: str, body: str) -> None:
    """Decide such a law both ways."""
    text = POLICIES.replace("LAWS", f"law it: {BINDERS} where {where} | {body}")
    for wide, narrow in NARROWER:
        assert wide in text
        text = text.replace(wide, narrow)
    scope = scoped(f"{text}\nscenario s {{ in c\n check it }}")
    agree(scope, scope.program.laws[0])


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(formulas(), formulas())
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_any_law_is_decided_alike(where: str, body: str) -> None:
    any_law(where, body)


@pytest.mark.slow
@given(formulas(), formulas())
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_many_laws_are_decided_alike(where: str, body: str) -> None:
    any_law(where, body)
