"""Amounts: the tables of `resource.Quantity`'s own tests, and exactness beyond them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kspec.base.diagnostic import Diagnostic
from kspec.base.source import Span
from kspec.manifests.node import Plain, Scalar
from kspec.manifests.quantity import Quantity, Style, canonical, parse_quantity, quantity_at

VALUES = {
    # k8s.io/apimachinery, pkg/api/resource/quantity_test.go, TestQuantityParse
    "0": 0,
    "0Ki": 0,
    "1Ki": 1024,
    "7Mi": 7 * 2**20,
    "6Gi": 6 * 2**30,
    "5Ti": 5 * 2**40,
    "4Pi": 4 * 2**50,
    "3Ei": 3 * 2**60,
    "5n": Fraction(5, 10**9),
    "4u": Fraction(4, 10**6),
    "3m": Fraction(3, 1000),
    "9": 9,
    "8k": 8000,
    "7M": 7 * 10**6,
    "6G": 6 * 10**9,
    "5T": 5 * 10**12,
    "2P": 2 * 10**15,
    "1E": 10**18,
    "1E-3": Fraction(1, 1000),
    "1e3": 1000,
    "1E18": 10**18,
    "100.035k": 100035,
    "0.0005k": Fraction(1, 2),
    "0.05000": Fraction(1, 20),
    "0.5e-2": Fraction(1, 200),
    "1.3E+6": 1_300_000,
    "300.2T": 3002 * 10**11,
    "3.001n": Fraction(4, 10**9),
    "1.1E-9": Fraction(2, 10**9),
    "0.0000000001": Fraction(1, 10**9),
    "0.00000012345": Fraction(124, 10**9),
    "9Ei": 2**63 - 1,
    "8Ei": 2**63 - 1,
    "9223372036854775807Ki": 2**63 - 1,
    "12E": 12 * 10**18,
    "100.035Ki": Fraction(10243584, 100),
    "0.5Mi": 2**19,
    "0.025Ti": Fraction(274877906944, 10),
    "0.000000000001Ki": Fraction(2, 10**9),
    ".001": Fraction(1, 1000),
    "1.": 1,
    "1.G": 10**9,
    "007": 7,
}
NOT = [
    # the same file, TestQuantityParse, `invalid`
    *("1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", " 1", "1 "),
    # what other readers let through
    *("", "12K", "1 Gi", "1_000", "1e3m", "1e", "1Kib", "1gi", "1KB", "Ki", "--1", "1e1.5"),
    *("٣", "1\n", "0x10", "1e+", "1mm", "1Ki1", "1,5"),
    # what Kubernetes' parser lets through against its own grammar
    *(".", "+", "-", "-.", "k", "+Ki"),
    "1e99999999",
    "1" * 2000,
]
EMITTED = {
    # TestQuantityString and TestQuantityParseEmit
    "1024Mi": "1Gi",
    "307200Ki": "300Mi",
    "6Ki": "6Ki",
    "1025024Mi": "1001Gi",
    "1024Gi": "1Ti",
    "1000M": "1G",
    "0.001T": "1G",
    "1000u": "1m",
    "1.08": "1080m",
    "1080000000n": "1080m",
    "1234567M": "1234567M",
    "1025": "1025",
    ".001e12": "1e9",
    "0.001e0": "1e-3",
    "1000e-12": "1e-9",
    "80e-3": "80e-3",
    "00": "0",
    "1080n": "1080n",
    ".001Ki": "1024m",
    ".000000001Ki": "1024n",
    ".000000000001Ki": "2n",
    "1.5": "1500m",
    "1.5Gi": "1536Mi",
    "1.2345": "1234500u",
    "1000E": "1e21",
    "1e14": "100e12",
    "1000": "1k",
    "0.5Ki": "512",
    "1.0005Ki": "1024512m",
}


@pytest.mark.parametrize(("text", "value"), VALUES.items())
@pytest.mark.parametrize("sign", ["", "+", "-"])
def test_values(sign: str, text: str, value: int | Fraction) -> None:
    found = parse_quantity(sign + text)
    assert found is not None
    assert found.value == (-value if sign == "-" else value)


@pytest.mark.parametrize("text", NOT)
def test_not_an_amount(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(("text", "out"), EMITTED.items())
def test_canonical(text: str, out: str) -> None:
    found, negative = parse_quantity(text), parse_quantity("-" + text)
    assert found is not None and negative is not None
    assert canonical(found) == out
    assert canonical(negative) == ("0" if out == "0" else "-" + out)


@given(
    st.integers(-(10**30), 10**30),
    st.integers(0, 30),
    st.sampled_from(list(Style)),
)
def test_writing_and_reading_keeps_the_value(number: int, shift: int, style: Style) -> None:
    value = Fraction(number, 10**9) * 2**shift
    value = Fraction(round(value * 10**9), 10**9)
    if style is Style.BINARY and abs(value) > 2**63 - 1:
        return
    again = parse_quantity(canonical(Quantity(value, style)))
    assert again is not None
    assert again.value == value
    assert canonical(again) == canonical(Quantity(value, style))


def scalar(value: Plain, raw: str) -> Scalar:
    return Scalar(value, raw, Span("a.yaml", 5, 5 + len(raw)))


@pytest.mark.parametrize(
    ("value", "raw", "expected"),
    [
        (2, "2", 2),
        (Fraction(1, 2), "0.5", Fraction(1, 2)),
        (Fraction(10) ** 21, "1e21", 10**21),
        ("500m", "500m", Fraction(1, 2)),
    ],
)
def test_scalars(value: Plain, raw: str, expected: int | Fraction) -> None:
    found = quantity_at(scalar(value, raw))
    assert isinstance(found, Quantity)
    assert found.value == expected


@pytest.mark.parametrize(
    ("value", "raw", "meant"),
    [
        ("12K", "12K", "12k"),
        ("1 Gi", "1 Gi", "1Gi"),
        ("1GB", "1GB", "1G"),
        ("1_000", "1_000", "1000"),
        ("512mb", "512mb", "512M"),
        ("a lot", "a lot", None),
        (True, "on", None),
        (None, "", None),
    ],
)
def test_what_was_meant(value: Plain, raw: str, meant: str | None) -> None:
    found = quantity_at(scalar(value, raw))
    assert isinstance(found, Diagnostic)
    assert found.code.slug == "quantity-syntax"
    edits = [h.edit.replacement for h in found.help if h.edit is not None]
    assert edits == ([] if meant is None else [meant])
