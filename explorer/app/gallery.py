"""The catalog as rows and points: published results beside what is counted here."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from explorer.app.state import Desk
from explorer.catalog import Entry, Published, entries
from explorer.cost.cost import cost, supports_head
from explorer.drawing.trade_off import ResultPoint, Standing


class Row(NamedTuple):
    """One line of the catalog: its headline result, and the cost counted at the same size."""

    entry: Entry
    published: Published | None
    size: int
    with_head: bool
    macs: int
    params: int


class Result(NamedTuple):
    """One published AP, and the multiply-adds counted for its image size, head included."""

    entry: Entry
    published: Published
    ap: float
    macs: int


class Comparison(NamedTuple):
    """Results that may be compared: trained by one protocol, measured on one split."""

    protocol: str
    split: str
    results: tuple[Result, ...]

    @property
    def title(self) -> str:
        """As a chooser shows it."""
        return f"{self.protocol} · COCO {self.split}"


@cache
def rows() -> tuple[Row, ...]:
    """Every entry of the catalog, in its order."""
    found = []
    for one in entries():
        headline = one.published[0] if one.published else None
        size = headline.size if headline else one.size
        head = supports_head(one.architecture)
        counted = cost(one.architecture, size, head)
        found.append(Row(one, headline, size, head, counted.macs, counted.params))
    return tuple(found)


@cache
def comparisons() -> tuple[Comparison, ...]:
    """Published APs that may stand in one plot, those with the most networks first.

    Where a table was printed twice for the same network and size, the first row counts.
    """
    groups: dict[tuple[str, str], dict[tuple[str, int], Result]] = {}
    for one in entries():
        for row in one.published:
            if row.ap is None or not supports_head(one.architecture):
                continue
            macs = cost(one.architecture, row.size, True).macs
            group = groups.setdefault((row.protocol, row.split), {})
            group.setdefault((one.name, row.size), Result(one, row, row.ap, macs))
    found = [Comparison(*key, tuple(group.values())) for key, group in groups.items()]
    several = (group for group in found if len(group.results) > 1)
    return tuple(sorted(several, key=lambda group: -len(group.results)))


def plot_points(comparison: Comparison) -> list[ResultPoint]:
    """The results as points, each with what its table says."""
    return [
        ResultPoint(
            f"{one.entry.title} @{one.published.size}",
            one.entry.family,
            one.macs,
            one.ap,
            f"{one.published.size}×{one.published.size} px"
            + (f", {one.published.flops_b} B FLOPs published" if one.published.flops_b else ""),
        )
        for one in comparison.results
    ]


def own_standing(desk: Desk) -> Standing | None:
    """Where the network on the desk stands on the MACs axis; None where no head fits it.

    Raises an ExplorerError where it cannot be counted.
    """
    arch, size = desk.architecture, desk.count_size
    if not supports_head(arch):
        return None
    return Standing(f"{arch.name} on the desk @{size}", cost(arch, size, True).macs)


def table() -> dict[str, list[object]]:
    """The rows as columns with units, for a data frame."""
    columns: dict[str, list[object]] = {
        "Network": [],
        "Family": [],
        "Image, px": [],
        "AP, published": [],
        "FLOPs, published (B)": [],
        "MACs, counted (G)": [],
        "Params, published (M)": [],
        "Params, counted (M)": [],
        "Counted with": [],
        "Trained and measured": [],
        "Source": [],
    }
    for row in rows():
        found = row.published
        values: tuple[object, ...] = (
            row.entry.title,
            row.entry.family,
            row.size,
            found.ap if found else None,
            found.flops_b if found else None,
            row.macs / 1e9,
            found.params_m if found else None,
            row.params / 1e6,
            "RetinaNet head" if row.with_head else "no head",
            f"{found.protocol} ({found.split})" if found else "nothing published",
            found.source if found else row.entry.source,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns
