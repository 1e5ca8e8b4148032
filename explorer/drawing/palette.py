"""The colours of every picture: levels, ops, amounts, changes, and the light and dark themes.

Fills are the same in both themes, so that a colour means one thing everywhere; what surrounds them
(background, bands, ink) comes from the theme.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from explorer.architecture.block import COARSEST_LEVEL, MIN_LEVEL, Op

_LEVELS = (
    *("#703ADC", "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7"),
    *("#6B4A2B", "#F0E442"),
)
"""L1 to L9, cold where maps are fine and warm where they are coarse. L2 to L7 and L9 are the
colour-blind safe set of Okabe and Ito (Color Universal Design, 2008); L1 is the violet and L8 the
brown farthest from them."""

_OPS = MappingProxyType(
    {
        Op.BOTTLENECK: "#0072B2",
        Op.RESIDUAL: "#E69F00",
        Op.MBCONV: "#009E73",
        Op.LATERAL: "#CC79A7",
        Op.SMOOTH: "#703ADC",
        Op.COARSE: "#D55E00",
        Op.INVERTED: "#56B4E9",
        Op.POINTWISE: "#F0E442",
        Op.EXTRA: "#6B4A2B",
    }
)
_RAMP = ("#4B4FA6", "#2F79A8", "#22A08B", "#7CC657", "#F5E12E")
"""Little to much: blue, green, yellow, ever lighter, so that it survives colour blindness and
grey print, as viridis does (Smith and van der Walt 2015); its darkest end shows on dark pages."""

NEUTRAL = "#8A9099"
"""What carries no meaning in the chosen colouring; a mid grey that shows on both themes."""
ADDED = "#009E73"
CHANGED = "#D55E00"
MOVED = "#56B4E9"

_DARK_TEXT = "#10151C"
_LIGHT_TEXT = "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Theme:
    """What surrounds the fills: one for light pages, one for dark ones."""

    name: str
    background: str
    band: str
    """Every other lane."""
    rule: str
    """Thin lines and brackets."""
    ink: str
    """Text, and the border of outputs."""
    muted: str
    """Second-rank text."""
    accent: str
    """What is selected."""
    danger: str
    """What is wrong."""
    wire: str
    """Wires that carry no colour."""
    fade: float
    """How far towards the background what steps back goes."""


LIGHT = Theme(
    name="light",
    background="#FFFFFF",
    band="#F3F5F8",
    rule="#CBD2DB",
    ink="#161B22",
    muted="#5B6470",
    accent="#C2185B",
    danger="#C62828",
    wire="#7C8590",
    fade=0.72,
)
DARK = Theme(
    name="dark",
    background="#0E1117",
    band="#171C25",
    rule="#39424F",
    ink="#EEF2F6",
    muted="#A3ADBA",
    accent="#FF6FA8",
    danger="#FF7B72",
    wire="#8A94A1",
    fade=0.6,
)


def level_colour(level: int) -> str:
    """The colour of a pyramid level, 1 to 9; levels outside have that of the nearest.

    >>> level_colour(2), level_colour(12) == level_colour(9)
    ('#0072B2', True)
    """
    return _LEVELS[min(max(level, MIN_LEVEL), COARSEST_LEVEL) - MIN_LEVEL]


def op_colour(op: Op) -> str:
    """The colour of what a block computes.

    >>> op_colour(Op.RESIDUAL)
    '#E69F00'
    """
    return _OPS[op]


def amount_colour(share: float) -> str:
    """A colour for an amount between nothing (0.0) and the most (1.0); beyond is cut.

    >>> amount_colour(0.0), amount_colour(1.0)
    ('#4B4FA6', '#F5E12E')
    """
    at = min(max(share, 0.0), 1.0) * (len(_RAMP) - 1)
    low = min(int(at), len(_RAMP) - 2)
    return mix(_RAMP[low], _RAMP[low + 1], at - low)


def mix(one: str, other: str, share: float) -> str:
    """A colour on the way from `one` (0.0) to `other` (1.0).

    >>> mix("#000000", "#FF8000", 0.5)
    '#804000'
    """
    parts = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in parts)


def faded(colour: str, theme: Theme) -> str:
    """A colour as it looks where it should step back: most of the way to the background.

    >>> faded("#000000", LIGHT)
    '#B8B8B8'
    """
    return mix(colour, theme.background, theme.fade)


def text_on(fill: str) -> str:
    """Black or white, whichever reads better on `fill` (WCAG 2 contrast, always above 4.5).

    >>> text_on("#0072B2"), text_on("#E69F00")
    ('#FFFFFF', '#10151C')
    """
    dark, light = contrast(fill, _DARK_TEXT), contrast(fill, _LIGHT_TEXT)
    return _LIGHT_TEXT if light >= min(dark, 4.5) else _DARK_TEXT


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21.

    >>> round(contrast("#000000", "#FFFFFF"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    linear = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
