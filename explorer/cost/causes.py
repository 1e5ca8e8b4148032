"""Causes of a difference in cost: values, how small ones are merged, and how they read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from explorer.cost.units import signed_macs_text, signed_params_text


class Of(StrEnum):
    """Which part of a network a cause lies in."""

    SCALING = "scaling"
    BLOCK = "block"
    LINK = "link"
    ENDPOINT = "endpoint"
    HEAD = "head"


class Cause(NamedTuple):
    """One reason for a difference, and what it adds (or, below zero, saves)."""

    text: str
    macs: int
    params: int
    blocks: tuple[int, ...]
    """Ids of the blocks that it is about, for a drawing to point at."""
    of: Of

    @property
    def weight(self) -> tuple[int, int]:
        """How much it matters: multiply-adds, then parameters, whatever their signs."""
        return abs(self.macs), abs(self.params)


def largest_first(causes: Iterable[Cause], most: int) -> tuple[Cause, ...]:
    """At most about `most` causes by weight, the rest merged by part; sums stay as they are.

    A merged cause says how many it stands for. One alone is not merged: it would not be shorter.

    >>> small = [Cause(f"link b{i}→b9 gone", -i, 0, (i, 9), Of.LINK) for i in (1, 2, 3)]
    >>> [cause.text for cause in largest_first(small, 1)]
    ['link b3→b9 gone', '2 other links']
    """
    ranked = sorted(causes, key=lambda cause: cause.weight, reverse=True)
    kept, rest = ranked[:most], sorted(ranked[most:], key=lambda cause: list(Of).index(cause.of))
    for of, group in groupby(rest, key=lambda cause: cause.of):
        same = list(group)
        kept.append(same[0] if len(same) == 1 else _merged(of, same))
    return tuple(sorted(kept, key=lambda cause: cause.weight, reverse=True))


def _merged(of: Of, causes: Sequence[Cause]) -> Cause:
    return Cause(
        f"{len(causes)} other {of}s",
        sum(cause.macs for cause in causes),
        sum(cause.params for cause in causes),
        tuple(sorted({block_id for cause in causes for block_id in cause.blocks})),
        of,
    )


def difference_text(causes: Iterable[Cause]) -> str:
    """One line: the difference in multiply-adds, then what it is made of.

    Where no multiply-adds change, the parameters are told. Each number is rounded by itself.

    >>> difference_text([Cause("b6 now on L4", 1_400_000_000, 0, (6,), Of.BLOCK),
    ...                  Cause("link b5→b6 now down ×4", 500_000_000, 0, (5, 6), Of.LINK)])
    '+1.90 G = +1.40 G b6 now on L4, +500.00 M link b5→b6 now down ×4'
    """
    causes = tuple(causes)
    if any(cause.macs for cause in causes):
        total = signed_macs_text(sum(cause.macs for cause in causes))
        terms = [f"{signed_macs_text(cause.macs)} {cause.text}" for cause in causes if cause.macs]
        return f"{total} = {', '.join(terms)}"
    if any(cause.params for cause in causes):
        total = signed_params_text(sum(cause.params for cause in causes))
        terms = [
            f"{signed_params_text(cause.params)} {cause.text}" for cause in causes if cause.params
        ]
        return f"no change in multiply-adds; parameters {total} = {', '.join(terms)}"
    return "no change"
