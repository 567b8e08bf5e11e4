"""cvc5 in a process of its own: it answers, it may die, and it can be ended while it thinks."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Timer
from time import monotonic

import pytest

pytest.importorskip("cvc5")

from kspec.base.blocking import blocking, end_all
from kspec.certify.recheck import known_solvers
from kspec.certify.second_solver import SecondSolver

HEAD = "(set-logic QF_BV)\n(declare-const x (_ BitVec 8))\n"
FALSE = f"{HEAD}(assert (bvslt x x))\n(check-sat)\n"
TRUE = f"{HEAD}(assert (bvsle x x))\n(check-sat)\n"
# Two primes of thirty bits are to be found from their product.
HARD = (
    "(set-logic QF_BV)\n(declare-const x (_ BitVec 64))\n(declare-const y (_ BitVec 64))\n"
    "(assert (bvult (_ bv1 64) x))\n(assert (bvult x y))\n(assert (bvult y (_ bv4294967296 64)))\n"
    f"(assert (= (bvmul x y) (_ bv{998_244_353 * 1_000_000_007} 64)))\n(check-sat)\n"
)


@pytest.fixture
def solver() -> Iterator[SecondSolver]:
    found = SecondSolver(blocking)
    yield found
    found.close()


def test_it_answers_one_question_after_another(solver: SecondSolver) -> None:
    assert [solver(text) for text in (FALSE, TRUE, FALSE)] == ["unsat", "sat", "unsat"]


def test_what_it_cannot_read_is_no_answer_and_the_next_question_is_answered(
    solver: SecondSolver,
) -> None:
    said = solver(f"{HEAD}(assert (no-such-thing x))\n(check-sat)\n")
    assert said not in {"sat", "unsat"} and "\n" not in said and said
    assert solver(FALSE) == "unsat"


def test_a_process_that_dies_gives_no_answer_and_another_is_started(solver: SecondSolver) -> None:
    assert solver(TRUE) == "sat"
    assert solver._process is not None
    solver._process.kill()
    solver._process.wait()
    assert solver(FALSE) == "unsat"


def test_somebody_can_end_it_while_it_thinks(solver: SecondSolver) -> None:
    assert solver(TRUE) == "sat"
    timer, begun = Timer(0.5, end_all), monotonic()
    timer.start()
    said = solver(HARD)
    timer.join()
    assert said.startswith("nothing: its process ended"), said
    assert monotonic() - begun < 10


def test_it_is_known_beside_z3_by_its_version() -> None:
    assert [name.split()[0] for name, _ in known_solvers()] == ["z3", "cvc5"]
