"""Plain scalars mean what they mean to Kubernetes.

The expectations are those of go-yaml v2's own tests (`decode_test.go`: the section of values from
the YAML specification), of `sigs.k8s.io/yaml` (`yaml_test.go`), and of Go's documentation of
`strconv.ParseInt` in base 0.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kspec.manifests.node import Plain
from kspec.manifests.scalars import Misfit, plain_value, resolve

CASES: list[tuple[str, Plain]] = [
    # truth
    *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE")),
    *((word, True) for word in ("on", "On", "ON")),
    *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE")),
    *((word, False) for word in ("off", "Off", "OFF")),
    *((word, word) for word in ("yES", "tRUE", "oN", "yep", "nope", "nO")),
    # nothing
    *((word, None) for word in ("", "~", "null", "Null", "NULL")),
    *((word, word) for word in ("nULL", "nil", "None", "~~")),
    # whole numbers
    ("0", 0),
    ("10", 10),
    ("-10", -10),
    ("+685_230", 685230),
    ("0b10", 2),
    ("-0b101010", -42),
    ("0b1010_0111_0100_1010_1110", 685230),
    ("0xA", 10),
    ("0x_0A_74_AE", 685230),
    ("02472256", 685230),
    ("014", 12),
    ("0o14", 12),
    ("0O14", 12),
    ("-0o14", -12),
    ("00", 0),
    ("1_", 1),
    ("9223372036854775807", 2**63 - 1),
    ("-9223372036854775808", -(2**63)),
    ("18446744073709551615", 2**64 - 1),
    # other numbers
    ("0.1", Fraction(1, 10)),
    (".1", Fraction(1, 10)),
    ("-.1", Fraction(-1, 10)),
    ("5.", Fraction(5)),
    ("1e3", Fraction(1000)),
    ("1E+3", Fraction(1000)),
    ("6.8523e+5", Fraction(685230)),
    ("685.230_15e+03", Fraction("685230.15")),
    ("685_230.15", Fraction("685230.15")),
    ("08", Fraction(8)),
    ("1000000000000000000000000000000000000", Fraction(10**36)),
    ("0.1000000000000000055511151231257827", Fraction(1, 10)),
    ("1e-400", Fraction(0)),
    # texts that look like something
    ("1:30", "1:30"),
    ("190:20:30", "190:20:30"),
    ("2001-12-14", "2001-12-14"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("1.2.3", "1.2.3"),
    ("1e400", "1e400"),
    ("0x", "0x"),
    ("0b12", "0b12"),
    ("0xFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFF"),
    ("_1", "_1"),
    (".1_0", ".1_0"),
    (".", "."),
    ("-", "-"),
    ("+", "+"),
    ("1_000m", "1_000m"),
    ("٣", "٣"),
    ("=", "="),
    ("<<", "<<"),
    ("500m", "500m"),
]


@pytest.mark.parametrize(("text", "value"), CASES)
def test_plain(text: str, value: Plain) -> None:
    found = plain_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN", ".NAN"])
def test_what_json_cannot_hold_is_a_misfit(text: str) -> None:
    assert isinstance(plain_value(text), Misfit)


@pytest.mark.parametrize("text", ["on", "12", "1e3", "~", "", ".inf", "0x10"])
def test_quoted_texts_stay_texts(text: str) -> None:
    assert resolve(text, None, plain=False) == text
    assert resolve(text, "tag:yaml.org,2002:str", plain=False) == text


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("12", "int", 12),
        ("12", "float", Fraction(12)),
        ("on", "bool", True),
        ("~", "null", None),
        ("2001-12-14", "timestamp", "2001-12-14"),
        ("12", "custom", "12"),
    ],
)
def test_tags(text: str, tag: str, value: Plain) -> None:
    found = resolve(text, f"tag:yaml.org,2002:{tag}", plain=False)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("x", "int"), ("on", "int"), ("1", "bool"), ("x", "null"), ("1.5", "int"), ("aGk=", "binary")],
)
def test_tags_that_do_not_fit(text: str, tag: str) -> None:
    assert isinstance(resolve(text, f"tag:yaml.org,2002:{tag}", plain=True), Misfit)


def test_an_unknown_tag_is_passed_over() -> None:
    assert resolve("12", "!mine", plain=False) == "12"


@given(st.integers(-(2**63), 2**64 - 1))
def test_every_whole_number_of_64_bits_is_exact(number: int) -> None:
    assert plain_value(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_what_it_is_written_as(number: float) -> None:
    found = plain_value(repr(number))
    assert isinstance(found, Fraction)
    assert float(found) == number


@given(st.text("0123456789+-._eExXbBoO", max_size=12))
def test_number_like_texts_never_fail(text: str) -> None:
    found = plain_value(text)
    assert found is None or isinstance(found, str | int | Fraction | Misfit)
