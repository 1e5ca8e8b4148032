"""Sentences about detections, the same on every part of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import miniature
from explorer.architecture.rules import problems

if TYPE_CHECKING:
    from explorer.detection.decode import Detection

UNTRAINED = "untrained"
ABOUT = (
    "The blocks, order and links of the network on the desk, at a miniature scale: 64 channels "
    "everywhere, 128×128 px. One set of trained weights serves every permutation and wiring, so "
    "boxes mean something at once. It knows 16 kinds of stickers, and no real animals or things."
)


def trouble(arch: Architecture) -> str:
    """Why the miniature of this network cannot be run; empty where it can.

    >>> from explorer.architecture.example import small
    >>> trouble(small())
    ''
    """
    found = problems(arch) or problems(miniature(arch))
    return f"It cannot be run at the miniature scale. {found[0]}" if found else ""


def weights_badge(label: str) -> str:
    """Which weights are in use, as a badge.

    >>> weights_badge("one-shot")
    ':green-badge[one-shot weights]'
    """
    if label == UNTRAINED:
        return ":orange-badge[untrained weights (seeded)] boxes mean nothing ·"
    return f":green-badge[{label} weights]"


def finding(found: Sequence[Detection]) -> str:
    """How many boxes, by the level that found them.

    >>> finding([])
    'nothing found'
    """
    if not found:
        return "nothing found"
    levels = Counter(item.level for item in found)
    parts = ", ".join(f"{count} on P{level}" for level, count in sorted(levels.items()))
    return f"{len(found)} found: {parts}"
