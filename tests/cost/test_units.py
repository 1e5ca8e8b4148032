"""Numbers for people: right after rounding, with one minus sign everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.cost.units import macs_text, nbytes_text, params_text, signed_macs_text

SCALE = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}


@given(st.integers(0, 10**18))
def test_what_is_printed_is_near_what_was_counted(count: int) -> None:
    number, _, unit = macs_text(count).partition(" ")
    assert abs(float(number) * SCALE[unit] - count) <= 0.00501 * SCALE[unit]
    assert float(number) < (10_000 if unit == "G" else 1000) or not unit


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1.00 k"), (999_994, "999.99 k"), (999_995, "1.00 M"),
     (9_999_990_000_000, "9999.99 G"), (9_999_999_000_000, "10.00 T")],
)  # fmt: skip
def test_edges(count: int, text: str) -> None:
    assert params_text(count) == text


def test_signs_and_bytes() -> None:
    assert signed_macs_text(-1_900_000_000) == "−1.90 G"
    assert nbytes_text(5_000_000_000_000) == "5.00 TB"
    assert nbytes_text(0) == "0 bytes"
