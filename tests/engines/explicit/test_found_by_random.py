"""Systems on which the native explorer once differed from the reference, as small as they get.

Each was found by comparing engines on random systems (`tests/random`) and made small by
`tests.random.shrink`. The name says what was wrong.
"""

from __future__ import annotations

from kspec.engines.api import Budget
from kspec.engines.conformance import Question, compare
from kspec.engines.explicit.engine import Explicit
from kspec.ir.text import parse_system


def differences(text: str, *properties: str) -> tuple[str, ...]:
    question = Question(parse_system(text), properties, Budget(max_states=300))
    return compare(Explicit(level=0), question)


def test_a_case_that_holds_is_not_a_violation() -> None:
    text = """
    (system random
      (enum Phase (Up Down Lost Gone))
      (var v0 Phase local controller v0)
      (init () true (v0 (the Phase Up)))
      (action once0 controller environment unfair
        (when (not (= v0 (the Phase Lost))))
        (set (v0) (the Phase Lost)))
      (property prop0 (on-steps (on once0 (= v0 (the Phase Lost)))))
      (well-formed true))
    """
    assert differences(text, "prop0") == ()


def test_a_broken_step_whose_bits_are_no_value_is_not_decoded() -> None:
    text = """
    (system random
      (pool Pod 2 pod-0 pod-1)
      (enum Zone (East West Mid))
      (enum Phase (Up))
      (record Rec0 ((cpu (map Zone Phase)) (mem (opt Zone))))
      (record Rec1 ((cpu (set Pod)) (mem (opt (int -2 -2))) (zone (int 5 8))))
      (var pod.live (map Pod (bool)) live Pod live)
      (var pod.phase (map Pod Zone) api Pod phase)
      (var v0 (seq (int 0 4) 2) api controller v0)
      (var v1 Rec0 local controller v1)
      (var v2 Rec1 api controller v2)
      (init
        ()
        true
        (pod.live (the (map Pod (bool)) (false false)))
        (pod.phase (the (map Pod Zone) (East East)))
        (v0 (the (seq (int 0 4) 2) ()))
        (v1 (the Rec0 ((Up Up Up) ())))
        (v2 (the Rec1 ((pod-0 pod-1) (-2) 8))))
      (action act1 controller controller unfair
        (params (p0 Pod))
        (when (get pod.live p0))
        (set (v1 (field mem)) (the (opt Zone) ())))
      (action del2 controller clock unfair
        (set (pod.phase (the Pod pod-0)) (the Zone East) (live false)))
      (well-formed true))
    """
    assert differences(text) == ()
