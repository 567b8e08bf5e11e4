"""Laws of every size: what is proved is true in larger scopes, what is false in one is not proved,
what other names could change is not asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kspec.analysis.typed import TLaw
from kspec.cli.info import command as info
from kspec.cli.prove import command
from kspec.driver.every_size import every_law as asking
from kspec.driver.every_size.any_size import Attempt
from kspec.driver.every_size.every_law import EveryLaw, every_law
from kspec.driver.searching.search import UntrustedEngine
from kspec.engines.smt.solver import Limits
from kspec.pure.claims.fragment import outside
from kspec.pure.scopes.scope import Scope
from kspec.verdict.answer import Holds, Violated
from tests.unit.lower.reading import scoped

WORLD = """
record Rule { verbs: set of name }
kind Node { ready: bool = false }
kind Pod key name { name: name  note: name = "x"  node: Node? = none  on: bool = false  n: 0..2 = 0 }
kind Binding { rules: set of Rule = {}  on: bool = false }
fn allows(verb: name): bool = some b: Binding, r in b.rules | verb in r.verbs or "*" in r.verbs
fn called(p: Pod): name = p.name
fn busy(n: Node): int = count(p: Pod where p.node == n)
LAW
cluster c {
  node i { ready: any }
  node j { ready: any }
  pod p, q { node: any  on: any  n: any of [0, 1] }
  binding b { on: any  rules: any of [[], [{verbs: [get]}], [{verbs: ["*"]}]] }
}
scenario s { in c  prove it }
"""
KINDS = ("Pod", "Node", "Binding")


def one(law: str, text: str = WORLD) -> tuple[Scope, TLaw]:
    scope = scoped(text.replace("LAW", f"law it: {law}"))
    return scope, scope.program.laws[0]


def every(law: str, kinds: tuple[str, ...] = KINDS, text: str = WORLD) -> EveryLaw:
    return every_law(*one(law, text), kinds, (), Limits(2_000_000))


def slug(found: EveryLaw) -> str:
    outcome = found.outcome
    if isinstance(outcome, Attempt):
        return "".join(of.slug for _, of in outcome.made.apart)
    return outcome.slug


TRUE = [
    "all b: Binding, v: name | (allows(v) after delete b) implies allows(v)",
    "all p: Pod where p.node exists | some n: Node | p.node == n",
    "all p, q, r: Pod where p.node exists and p.node == q.node and q.node == r.node"
    " | p.node == r.node",
    "all n: Node, p, q: Pod where p.node == n and q.node == n and not (p is q) | busy(n) >= 2",
    "all n: Node | (no p: Pod | p.node == n) == (busy(n) == 0)",
    "all p: Pod | (p.on after p.on := true)",
    "all p, q: Pod where not (p is q) | (q.on after p.on := false) == q.on",
    "all u, v: name where allows(u) and not allows(v) | u != v",
    "all n: 0..1000000, p: Pod | n + p.n >= n",
]


@pytest.mark.parametrize(
    "law", [*TRUE[:3], *(pytest.param(law, marks=pytest.mark.slow) for law in TRUE[3:])]
)
def test_what_is_so_of_every_number_of_objects_is_proved(law: str) -> None:
    found = every(law)
    assert found.proof is not None, found.outcome
    assert found.there is None


FALSE_SOMEWHERE = [
    "all p, q, r: Pod | p is q or q is r or p is r",
    "all p, q, r: Pod where p.node exists and q.node exists and r.node exists"
    " | p.node == q.node or q.node == r.node or p.node == r.node",
    "all n: Node | busy(n) <= 3",
    "count(p: Pod) <= 2",
    "count(p: Pod where p.on) <= 3",
    pytest.param("count(n: Node) * 2 <= 5", marks=pytest.mark.slow),
    pytest.param("sum(p: Pod | p.n) <= 3", marks=pytest.mark.slow),
    "one b: Binding | true",
    "some n: Node | all p: Pod | p.node == n or p.node missing or some m: Node | p.node == m"
    " and (all k: Node | k is n or k is m)",
    "(count(p: Pod) > 0 after for p: Pod where p.on { delete p }) or count(p: Pod where p.on) <= 3",
]


@pytest.mark.parametrize("law", FALSE_SOMEWHERE)
def test_what_is_so_of_few_objects_alone_is_false_in_a_larger_scope(law: str) -> None:
    found = every(law)
    assert isinstance(found.here.judged.verdict, Holds), "it is so in the scope of the file"
    assert found.proof is None
    assert found.there is not None
    assert isinstance(found.there[1].judged.verdict, Violated)


NAMES = [
    ("all p, q, r: Pod | p.name == q.name or q.name == r.name or p.name == r.name", "own-names"),
    (
        "all p, q, r: Pod | called(p) in {called(q), called(r)} or called(q) == called(r)",
        "own-names",
    ),
    ('all p: Pod | p.name in {"p", "q"}', "own-names"),
    ('all p: Pod | let x = p; x.name != "z"', "own-names"),
    ("all s: set of name | size(s) <= 8", "names-many"),
    ('all v: name where v starts "so" | not (v ends "se-1")', "names-many"),
]


@pytest.mark.parametrize(("law", "why"), NAMES)
def test_what_other_names_could_change_is_not_asked(law: str, why: str) -> None:
    found = every(law)
    assert (found.proof, slug(found)) == (None, why)


def test_names_that_are_gone_through_are_as_many_as_it_takes() -> None:
    """With the names that are written it is so: one name more is not allowed."""
    law = (
        "all "
        + ", ".join(f"v{n}: name" for n in range(8))
        + " | "
        + " or ".join(f"v{a} == v{b}" for a in range(8) for b in range(a))
    )
    found = every(law)
    assert isinstance(found.here.judged.verdict, Holds)
    assert found.proof is None


def test_references_that_stay_among_those_written_are_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "pointing", lambda scope, _: scope)
    assert slug(every("all p: Pod | p.on or not p.on")) == "open-references"


def test_kinds_that_are_not_named_stay_as_they_are() -> None:
    law = "all n, m, k: Node | n is m or m is k or n is k"
    assert every(law, ("Pod",)).proof is not None
    assert every(law, ("Pod", "Node")).proof is None


def test_what_is_assumed_is_assumed_of_every_size() -> None:
    text = WORLD.replace("in c  prove", "in c  assume off: no p: Pod | p.on  prove")
    assert every("count(p: Pod where p.on) == 0", KINDS, text).proof is not None
    assert every("count(p: Pod where p.on) == 0").proof is None


def test_a_key_that_copies_bear_twice_keeps_no_law_true() -> None:
    """That names differ is not assumed: copies have the same, so nothing would be left."""
    text = WORLD.replace("pod p, q {", "pod p, q { name: any of [a, b] ")
    found = every("all x, y, z: Pod | x is y or y is z or x is z", KINDS, text)
    assert found.proof is None
    assert found.there is None  # there are two names


def test_a_law_of_a_kind_of_which_there_is_nobody_is_refused() -> None:
    text = "\n".join(x for x in WORLD.splitlines() if "  binding b" not in x)
    assert slug(every("all b: Binding | b.on", KINDS, text)) == "nobody-there"
    assert slug(every("all b: Binding | b.on", ("Job",))) == "unknown-kind"


def test_a_proof_that_a_world_refutes_is_a_mistake_of_kspec(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proved = every("all p: Pod | p.on or not p.on").outcome
    monkeypatch.setattr(asking, "attempt", lambda *_: proved)
    with pytest.raises(UntrustedEngine):
        every("all p: Pod | p.on")
    with pytest.raises(UntrustedEngine):
        every("all p, q, r: Pod | p is q or q is r or p is r")


# ---- any law -----------------------------------------------------------------------------------

ATOMS = [
    "p.on",
    "q.on",
    "p is q",
    "p.node == q.node",
    "p.node == n",
    "p.node missing",
    "n.ready",
    "p.n < q.n",
    "busy(n) <= 1",
    "busy(n) > 2",
    "count(x: Pod) <= 3",
    "count(x: Pod where x.on) == 1",
    "(some x: Pod | x.node == n and not (x is p))",
    "(all x: Pod | x.node == n or x.on)",
    "(no m: Node | m.ready and not (m is n))",
    "(some m: Node | all x: Pod | x.node == m)",
    "(p.on after q.on := true)",
    "(busy(n) <= 1 after delete q)",
    "(p.node == n after p.node := none)",
    "allows(v)",
    "(allows(v) after for b: Binding { b.rules := {} })",
    'v == "get"',
    "sum(x: Pod | x.n) <= 4",
    "p.note == v",
]


def formulas() -> st.SearchStrategy[str]:
    return st.recursive(
        st.sampled_from(ATOMS),
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.builds("({} and {})".format, inner, inner),
            st.builds("({} or {})".format, inner, inner),
            st.builds("({} implies {})".format, inner, inner),
        ),
        max_leaves=4,
    )


def agrees(where: str, body: str, most: int) -> bool:
    """What is proved must be so in larger scopes, each alone decided; was it proved?"""
    law = f"all p, q: Pod, n: Node, v: name where {where} | {body}"
    scope, of = one(law)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "CROSS_CHECKED", most)
        found = every_law(scope, of, ("Pod", "Node"), (), Limits(2_000_000))
    assert found.proof is None or found.there is None
    return found.proof is not None


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(formulas(), formulas())
@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_any_law_that_is_proved_is_so(where: str, body: str) -> None:
    agrees(where, body, 2)


@pytest.mark.slow
@given(formulas(), formulas())
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=QUIET)
def test_many_laws_that_are_proved_are_so(where: str, body: str) -> None:
    agrees(where, body, 6)


# ---- the command -------------------------------------------------------------------------------


def test_the_command_writes_certificates_and_checks_them_again(tmp_path: Path) -> None:
    file = tmp_path / "laws.kspec"
    file.write_text(
        WORLD.replace("LAW", f"law it: {TRUE[0]}\nlaw few: {FALSE_SOMEWHERE[0]}").replace(
            "prove it", "prove it, few"
        )
    )
    proofs = tmp_path / "proofs"
    args = [str(file), "--for-all", "Pod,Binding", "--certificates", str(proofs)]
    run = CliRunner().invoke(command, args, standalone_mode=False)
    assert "PROVED   it" in run.stdout
    assert "for every number of Pod, Binding; 2 Node" in run.stdout
    assert "VIOLATED few  at 3 Pod" in run.stdout
    assert run.return_value == 1
    (proof,) = proofs.glob("*.kproof")
    again = CliRunner().invoke(command, ["--recheck", str(proof)], standalone_mode=False)
    assert (again.return_value, "CONFIRMED" in again.stdout) == (0, True)
    file.write_text(file.read_text().replace("after delete b)", "after b.on := true)"))
    stale = CliRunner().invoke(command, ["--recheck", str(proof)], standalone_mode=False)
    assert (stale.return_value, "STALE" in stale.stdout) == (3, True)


# ---- the decidable fragment --------------------------------------------------------------------

DECIDED = [
    *TRUE[:3],
    "all n: Node | some p: Pod | p.node == n",
    "some p: Pod | all n: Node | p.on or n.ready",
    "all p: Pod | no q: Pod | q.on and not p.on",
    "all p: Pod, n in 0..3 | p.n <= n",
]
NOT_DECIDED = [
    (
        "some n: Node | all p: Pod | p.node == n",
        "`all` under `some` goes from Node to Pod and back",
    ),
    ("some n: Node | no p: Pod | p.node == n", "`no` under `some` goes from Node to Pod and back"),
    ("all p: Pod | not (all n: Node | some q: Pod | q.node == n)", "`some` under `all` goes from"),
    ("some p: Pod | all q: Pod | some x: Pod | x is q", "`all` under `some` goes from Pod to Pod"),
    ("(some n: Node | all p: Pod | p.node == n) == true", "`all` under `some` goes from"),
    ("all n: Node | busy(n) >= 0", "`count` of objects"),
    ("all p: Pod | p.n + 1 > p.n", "`+` computes"),
]


@pytest.mark.parametrize("law", DECIDED)
def test_a_law_that_a_solver_decides(law: str) -> None:
    scope, of = one(law)
    assert outside(scope.program, of) is None


@pytest.mark.parametrize(("law", "why"), NOT_DECIDED)
def test_a_law_outside_of_the_fragment_is_told_why(law: str, why: str) -> None:
    scope, of = one(law)
    found = outside(scope.program, of)
    assert found is not None
    assert why in found.why


def test_kinds_of_which_there_are_as_many_as_written_lead_nowhere() -> None:
    scope, of = one(NOT_DECIDED[0][0])
    assert outside(scope.program, of, ("Pod",)) is None
    assert outside(scope.program, of, ("Pod", "Node")) is not None


def test_the_fragment_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "laws.kspec"
    law = (
        "some n: Node | all p: Pod where p.node exists | p.node == n or p.n * 0 == 1 or busy(n) < 9"
    )
    file.write_text(WORLD.replace("LAW", f"law it: {law}"))
    said = CliRunner().invoke(info, [str(file)], standalone_mode=False).stdout
    assert "it: not in the decidable fragment" in said
    file.write_text(
        WORLD.replace("LAW", "law it:\n  all p, q, r: Pod |\n    busy_all() or true").replace(
            "fn called", "fn busy_all(): bool = all n: Node | busy(n) >= 0\nfn called"
        )
    )
    said = CliRunner().invoke(info, [str(file)], standalone_mode=False).stdout
    assert "`count` of objects at line 9" in " ".join(said.split())


def test_what_is_not_proved_is_told_with_how_far_it_was_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "laws.kspec"
    law = "count(p: Pod where p.on) <= count(p: Pod)"
    file.write_text(WORLD.replace("LAW", f"law it: {law}"))
    args = [str(file), "--for-all", "Pod"]
    run = CliRunner().invoke(command, args, standalone_mode=False)
    assert run.return_value == 3
    said = " ".join(run.stdout.split())
    assert "UNKNOWN it not for every size: it is not known to be true at every world" in said
    assert "it holds in the scope of the file; true up to 10 Pod" in said
    assert "not in the decidable fragment: `count` of objects at line 9" in said


def test_a_record_that_holds_itself_is_refused_and_ends_no_walk(tmp_path: Path) -> None:
    file = tmp_path / "a.kspec"
    file.write_text(
        "record Tree { left: Tree?; n: 0..2 }\n"
        "kind Node { n: 0..2 = 0; t: Tree? = none }\n"
        "law l: all x: Node | x.t exists implies x.n >= 0\n"
        "scenario s { cluster { node a {}; node b {} }; prove l }\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "kspec", "prove", str(file), "--for-all", "Node"],
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 3, done.stderr
    assert "names-many: a `Tree` may hold any number of names" in done.stdout
