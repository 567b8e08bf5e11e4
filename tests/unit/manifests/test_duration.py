"""Durations: examples of Go's `time.ParseDuration` tests (`src/time/time_test.go`), exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import Span
from kspec.manifests.duration import duration_at, parse_duration
from kspec.manifests.node import Scalar


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5),
        ("30s", 30),
        ("1478s", 1478),
        ("-5s", -5),
        ("+5s", 5),
        ("5.0s", 5),
        ("5.6s", Fraction(28, 5)),
        ("5.s", 5),
        (".5s", Fraction(1, 2)),
        ("1.004s", Fraction(1004, 1000)),
        ("100.00100s", Fraction(100001, 1000)),
        ("10ns", Fraction(10, 10**9)),
        ("11us", Fraction(11, 10**6)),
        ("12\u00b5s", Fraction(12, 10**6)),
        ("12\u03bcs", Fraction(12, 10**6)),
        ("13ms", Fraction(13, 1000)),
        ("15m", 900),
        ("16h", 57600),
        ("1h30m", 5400),
        ("3h30m", 12600),
        ("10.5s4m", Fraction(501, 2)),
        ("-2m3.4s", Fraction(-617, 5)),
        ("1h2m3s4ms5us6ns", 3723 + Fraction(4005006, 10**9)),
        ("39h9m14.425s", 140954 + Fraction(425, 1000)),
        ("0.3333333333333333333h", 1199 + Fraction(999999999, 10**9)),
        ("9223372036854775807ns", Fraction(2**63 - 1, 10**9)),
        ("-9223372036854775808ns", Fraction(-(2**63), 10**9)),
        ("0.9ns", 0),
    ],
)
def test_values(text: str, seconds: int | Fraction) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "3", "-", "s", ".", "-.", ".s", "+.s", "1d", "1h 30m", "5.6", "1s2", "1_0s", "٣s"),
        *("9223372036854775808ns", "3000000h", "1e3s", "1S", "1s\n"),
        "1" * 5000 + "s",
    ],
)
def test_not_a_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_scalars() -> None:
    span = Span("a.yaml", 3, 6)
    assert duration_at(Scalar("90s", "90s", span)) == 90
    for wrong in (Scalar(90, "90", span), Scalar(None, "", span), Scalar("90 s", "90 s", span)):
        found = duration_at(wrong)
        assert isinstance(found, Diagnostic)
        assert found.primary.span == span
