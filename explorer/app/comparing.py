"""Two to four networks compared: which ones, their numbers, and the way from one to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from explorer.app.state import Desk
from explorer.architecture.architecture import Architecture
from explorer.architecture.difference import Difference, difference
from explorer.architecture.errors import ArchitectureError, ExplorerError
from explorer.architecture.path_levels import path_levels
from explorer.architecture.paths import output_paths
from explorer.architecture.route import Route
from explorer.catalog import entries, entry
from explorer.cost.cost import cost, supports_head
from explorer.cost.units import macs_text, nbytes_text, params_text, signed_macs_text
from explorer.drawing.drawing import Colour
from explorer.drawing.layout import layout
from explorer.drawing.palette import Theme
from explorer.drawing.player import Json, Series, Stop, player_data
from explorer.lessons.showpiece import SHOWPIECE, every_stop, legs_between
from explorer.search.crowd import standings

DESK = "desk"
_KEY = "explorer_comparing"
MOST = 4
WORDS = {"in_stem": "stem", "is_output": "output", "resampled": "inputs", "op": "type"}
"""What the fields of a block are called where their name is no word."""


@dataclass(slots=True)
class Comparing:
    """The one object of the Compare page in Streamlit's session state."""

    names: tuple[str, ...] = SHOWPIECE
    """Of the catalog; `desk` is the network on the desk."""
    colour: Colour = Colour.LEVEL
    link: str = ""
    """The names that the address bar was given last."""


def comparing() -> Comparing:
    """The Compare page's memory; the first call begins with the showpiece."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Comparing()
    found: Comparing = st.session_state[_KEY]
    return found


def choices(desk: Desk) -> dict[str, str]:
    """Every network that can be compared, by name, as people read it."""
    return {DESK: f"{desk.architecture.name} (on the desk)"} | {
        one.name: one.title for one in entries()
    }


def networks(here: Comparing, desk: Desk) -> tuple[Architecture, ...]:
    """The networks that are compared."""
    return tuple(
        desk.architecture if name == DESK else entry(name).architecture for name in here.names
    )


def titles(here: Comparing, desk: Desk) -> tuple[str, ...]:
    """Their names as people read them."""
    known = choices(desk)
    return tuple(known[name] for name in here.names)


def change_summary(found: Difference) -> str:
    """How much differs, in a few words.

    >>> from explorer.architecture.edits import set_level
    >>> from explorer.architecture.example import small
    >>> change_summary(difference(small(), set_level(small(), 2, 5)))
    '1 block changed'
    """
    links = len(found.links_changed) + len(found.links_added) + len(found.links_removed)
    counts = (
        (len(found.blocks_added), "block", "new"),
        (len(found.blocks_removed), "block", "gone"),
        (len(found.moved), "block", "moved in the order"),
        (len(found.blocks_changed), "block", "changed"),
        (links, "wire", "new, gone or rewired"),
        (len(found.scaling_changed), "setting", "changed"),
    )
    words = (
        f"{count} {thing}{'' if count == 1 else 's'} {what}"
        for count, thing, what in counts
        if count
    )
    return ", ".join(words) or "no difference"


def change_text(found: Difference) -> str:
    """What differs, a line of markdown for each kind.

    >>> from explorer.architecture.edits import set_level
    >>> from explorer.architecture.example import small
    >>> change_text(difference(small(), set_level(small(), 2, 5)))
    '- changed: b2 (level)'
    """
    wires = [f"b{one.after.child} reads b{one.after.parent}" for one in found.links_changed]
    wires += [f"b{link.child} also reads b{link.parent}" for link in found.links_added]
    wires += [f"b{link.child} no longer reads b{link.parent}" for link in found.links_removed]
    changed = (
        f"b{one.before.id} ({', '.join(WORDS.get(f, f) for f in one.fields)})"
        for one in found.blocks_changed
    )
    settings = (name.replace("_", " ").replace("head.", "head: ") for name in found.scaling_changed)
    lines = {
        "new": ", ".join(block.label for block in found.blocks_added),
        "gone": ", ".join(block.label for block in found.blocks_removed),
        "moved in the order": ", ".join(f"b{i}" for i in found.moved),
        "changed": ", ".join(changed),
        "wires": ", ".join(wires),
        "settings": ", ".join(settings),
    }
    return "\n".join(f"- {what}: {text}" for what, text in lines.items() if text)


def table(
    archs: Sequence[Architecture],
    heads: Sequence[str],
    size: int,
    with_crowd: bool = False,
    judge: Callable[[Architecture], dict[str, str]] | None = None,
) -> dict[str, list[str]]:
    """Costs, path measures and published AP, by network.

    If asked for, places in the crowd, and what `judge` finds of each network.
    """
    columns = [
        _column(arch, archs[0], size) | _crowd(arch, with_crowd) | (judge(arch) if judge else {})
        for arch in archs
    ]
    rows = sorted(dict.fromkeys(row for column in columns for row in column), key=_rank)
    found: dict[str, list[str]] = {"Measure": rows}
    for place, (head, column) in enumerate(zip(heads, columns, strict=True)):
        label = head if head not in found else f"{head} ({place + 1})"
        found[label] = [column.get(row, "–") for row in rows]
    return found


def _rank(row: str) -> int:
    """Costs first, then published and miniature AP, then the rest, each in the order they came."""
    if row.startswith(("MACs", "Parameters", "Peak", "Problem")):
        return 0
    return 1 if row.startswith("AP published") else 2 if row.startswith("Miniature AP") else 3


def _column(arch: Architecture, first: Architecture, size: int) -> dict[str, str]:
    try:
        counted = cost(arch, size)
    except ExplorerError as error:
        return {"Problem": str(error)}
    found = {
        f"MACs of the backbone, {size} px": macs_text(counted.macs),
        "Parameters of the backbone": params_text(counted.params),
        "Peak memory": nbytes_text(counted.peak_nbytes),
    }
    if supports_head(arch):
        found[f"MACs with the head, {size} px"] = macs_text(cost(arch, size, True).macs)
    for row in next((one.published for one in entries() if one.architecture == arch), ()):
        if row.ap is not None:
            key = f"AP published, {row.protocol.split(':')[0]}, {row.split}, {row.size} px"
            found.setdefault(key, f"{row.ap:.1f}")
    name = arch.scaling.output_name
    for way, levels in zip(output_paths(arch), path_levels(arch), strict=True):
        at = name(way.level)
        found[f"{at}: paths"] = f"{way.paths:,}"
        found[f"{at}: shortest, longest path"] = f"{way.shortest}, {way.longest} blocks"
        found[f"{at}: bottleneck level"] = f"L{way.bottleneck_level}"
        share = levels.share_no_coarser(way.level)
        found[f"{at}: paths never coarser than it"] = f"{share:.0%}"
        found[f"{at}: receptive field"] = f"{way.receptive_field:,} px"
    found["Single things that differ from the first"] = str(difference(first, arch).distance)
    return found


def _crowd(arch: Architecture, wanted: bool) -> dict[str, str]:
    if not wanted:
        return {}
    try:
        return {
            f"Among {one.of:,} random ones of its space: {one.name}": f"{one.percentile:.0f} %"
            for one in standings(arch)
        }
    except ArchitectureError:
        return {}


way_between = lru_cache(maxsize=16)(legs_between)
"""The routes from each network to the next, remembered."""


def stops(legs: Sequence[Route], heads: Sequence[str], size: int) -> tuple[Stop, ...]:
    """Every stop of the routes as a drawing, with the edit in words and what it costs."""
    found = [Stop(layout(legs[0].start, size), heads[0])]
    before = cost(legs[0].start, size).macs
    for leg, head in zip(legs, heads[1:], strict=True):
        for place, (edit, arch) in enumerate(leg.steps, 1):
            macs = cost(arch, size).macs
            change = signed_macs_text(macs - before)
            last = f" → {head}" if place == len(leg.steps) else ""
            block = edit.args[0] if edit.args and type(edit.args[0]) is int else None
            if edit.name == "set_stem":
                block = None
            found.append(Stop(layout(arch, size), f"{edit.text} ({change}){last}", block))
            before = macs
    return tuple(found)


def series(legs: Sequence[Route], size: int) -> tuple[Series, ...]:
    """Multiply-adds and path measures of the finest output along the way."""
    archs = every_stop(legs)
    ways = [output_paths(arch)[0] for arch in archs]
    macs = [cost(arch, size).macs for arch in archs]
    finest = [arch.scaling.output_name(way.level) for arch, way in zip(archs, ways, strict=True)]
    return (
        Series("MACs", tuple(one / 1e9 for one in macs), tuple(map(macs_text, macs))),
        Series(
            "paths to the finest output",
            tuple(float(way.paths) for way in ways),
            tuple(f"{way.paths} to {name}" for way, name in zip(ways, finest, strict=True)),
        ),
        Series(
            "bottleneck level of the finest output",
            tuple(-float(way.bottleneck_level or 0) for way in ways),
            tuple(f"L{way.bottleneck_level}" for way in ways),
        ),
        Series(
            "receptive field of the finest output",
            tuple(float(way.receptive_field) for way in ways),
            tuple(f"{way.receptive_field:,} px" for way in ways),
        ),
    )


@lru_cache(maxsize=8)
def walk(
    archs: tuple[Architecture, ...],
    heads: tuple[str, ...],
    size: int,
    theme: Theme,
    more: tuple[Series, ...] = (),
) -> dict[str, Json]:
    """The way over all networks, ready for the player; `more` are measures beside the usual."""
    legs = way_between(archs)
    along = (*series(legs, size), *more)
    return player_data(" → ".join(heads), stops(legs, heads, size), along, theme)


def outputs_text(archs: Sequence[Architecture]) -> str:
    """How many outputs work along a way, and why not all do all the time; nothing where all do.

    >>> from explorer.architecture.edits import set_output
    >>> from explorer.architecture.example import small
    >>> outputs_text([small(), small()])
    ''
    >>> outputs_text([small(), set_output(small(), 3, False), small()])[:54]
    'Outputs are missing at 1 of 3 stops; 1 or more always '
    """
    counts = [len(arch.outputs) for arch in archs]
    ends = min(counts[0], counts[-1])
    missing = sum(count < ends for count in counts)
    if not missing:
        return ""
    return (
        f"Outputs are missing at {missing} of {len(archs)} stops; {min(counts)} or more always "
        "work. A level has one output, so one that passes to another block is gone in between."
    )
