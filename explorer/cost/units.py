"""Counts as people read them: `28.26 G`, `21.83 M`, `+1.90 G`."""

from __future__ import annotations

_STEPS = ("", "k", "M", "G", "T", "P", "E")
_LONGEST = {"G": 10_000.0}
"""Where a unit goes on past 1000: published tables give whole networks in G (1881.66 G)."""


def macs_text(macs: int) -> str:
    """Multiply-adds with a unit: one multiply-add is one, as in the published tables' "FLOPs".

    >>> macs_text(28261990400)
    '28.26 G'
    >>> macs_text(1881660006400), macs_text(999_999), macs_text(640)
    ('1881.66 G', '1.00 M', '640')
    """
    return _text(macs)


def params_text(params: int) -> str:
    """Trainable parameters with a unit: M is a million.

    >>> params_text(21831488)
    '21.83 M'
    """
    return _text(params)


def signed_macs_text(macs: int) -> str:
    """A difference in multiply-adds, its sign first; `0` where there is none.

    >>> signed_macs_text(1_900_000_000), signed_macs_text(-500), signed_macs_text(0)
    ('+1.90 G', '−500', '0')
    """
    return _signed(macs)


def signed_params_text(params: int) -> str:
    """A difference in parameters, its sign first; `0` where there is none.

    >>> signed_params_text(-1_234_567)
    '−1.23 M'
    """
    return _signed(params)


def nbytes_text(nbytes: int) -> str:
    """A number of bytes with a decimal unit: 1 GB is 10**9 bytes.

    >>> nbytes_text(1_234_000_000), nbytes_text(12)
    ('1.23 GB', '12 bytes')
    """
    text = _text(nbytes, {})
    return f"{text}B" if " " in text else f"{text} bytes"


def _signed(count: int) -> str:
    if count == 0:
        return "0"
    return f"{'+' if count > 0 else '−'}{_text(abs(count))}"


def _text(count: int, longest: dict[str, float] | None = None) -> str:
    """Two decimals from 1000 up; the unit is chosen after rounding, so never `1000.00 k`."""
    if abs(count) < 1000:
        return str(count)
    limits = _LONGEST if longest is None else longest
    scale = 1
    for unit in _STEPS[1:]:
        scale *= 1000
        value = round(count / scale, 2)
        if abs(value) < limits.get(unit, 1000.0):
            break
    return f"{value:.2f} {unit}"
