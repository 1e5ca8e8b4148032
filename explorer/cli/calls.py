"""The calls that look at architectures: what each prints."""

from __future__ import annotations

import argparse

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.links import Link
from explorer.architecture.paths import output_paths
from explorer.architecture.rules import problems
from explorer.catalog import Entry, entries, resolve
from explorer.cli.answer import Answer, Json
from explorer.cost.cost import Cost, cost, supports_head
from explorer.cost.units import macs_text, params_text

COLOURS = ("level", "op", "macs", "params", "receptive-field", "paths", "carried")
CARRIED_SCENES = 64
"""Of the fixed evaluation set: its first ones, as on the page."""


def list_catalog(options: argparse.Namespace) -> Answer:
    """Every entry of the catalog with what it costs at its own image size."""
    del options
    rows: list[Json] = []
    lines = [f"{'name':<22}{'size':>6}{'MACs':>10}{'params':>10}{'AP':>7}  published at"]
    for entry in entries():
        counted = cost(entry.architecture, entry.size, supports_head(entry.architecture))
        best = entry.published[0] if entry.published else None
        rows.append(
            {
                "name": entry.name,
                "family": entry.family,
                "params": counted.params,
                "macs": counted.macs,
                "size": entry.size,
                "published": _published(entry),
            }
        )
        ap = f"{best.ap:.1f}" if best and best.ap is not None else ""
        lines.append(
            f"{entry.name:<22}{entry.size:>6}{macs_text(counted.macs):>10}"
            f"{params_text(counted.params):>10}{ap:>7}  {best.protocol if best else ''}".rstrip()
        )
    lines.append(CONVENTION)
    return Answer(rows, "\n".join(lines))


CONVENTION = (
    "MACs: multiply-adds of convolutions for one image, backbone and RetinaNet head (91 classes, "
    "9 anchors) or SSD predictors where there are any; the literature calls them FLOPs."
)


def _published(entry: Entry) -> Json:
    if not entry.published:
        return None
    rows: list[dict[str, Json]] = [
        {
            "ap": row.ap,
            "size": row.size,
            "flops_b": row.flops_b,
            "params_m": row.params_m,
            "protocol": row.protocol,
            "source": row.source,
        }
        for row in entry.published
    ]
    return {**rows[0], "rows": rows}


def show(options: argparse.Namespace) -> Answer:
    """The blocks of an architecture and its problems."""
    arch = resolve(options.arch)
    found = problems(arch)
    lines = [arch.name] + [_block_line(block) for block in arch.blocks]
    return Answer(
        shown_data(arch), "\n".join(lines + [f"Problem: {problem}" for problem in found]),
        complaint=str(found[0]) if found else "",
    )  # fmt: skip


def shown_data(arch: Architecture) -> dict[str, Json]:
    """Blocks and problems of an architecture."""
    return {
        "name": arch.name,
        "blocks": [block_data(block) for block in arch.blocks],
        "problems": [
            {
                "code": problem.code,
                "block": problem.block,
                "place": problem.place,
                "found": problem.found,
                "expected": problem.expected,
                "mend": problem.mend,
                "text": str(problem),
            }
            for problem in problems(arch)
        ],
    }


def block_data(block: Block) -> dict[str, Json]:
    """A block as `show` lists it."""
    return {
        "id": block.id,
        "op": block.op.value,
        "level": block.level,
        "parents": list(block.parents),
        "is_output": block.is_output,
    }


def _block_line(block: Block) -> str:
    parents = ", ".join(map(str, block.parents)) or "stem"
    marks = f"{'  output' if block.is_output else ''}{'  in the stem' if block.in_stem else ''}"
    return f"  {block.id:>3}  L{block.level}  {block.op:<10}  reads {parents}{marks}"


def wants_head(options: argparse.Namespace, *archs: Architecture) -> bool:
    """Whether to count the head: as asked, else where every architecture can feed one."""
    if options.head is None:
        return all(supports_head(arch) for arch in archs)
    return bool(options.head == "retinanet")


def count(options: argparse.Namespace) -> Answer:
    """Multiply-adds and parameters of an architecture, per block and per link."""
    arch = resolve(options.arch)
    with_head = wants_head(options, arch)
    counted = cost(arch, options.size, with_head)
    head = str(arch.scaling.head.style) if with_head else "none"
    blocks: list[Json] = [
        {
            "id": block.id,
            "level": block.level,
            "macs": counted.blocks[block.id].macs,
            "params": counted.blocks[block.id].params,
        }
        for block in arch.blocks
        if block.id in counted.blocks
    ]
    wires: list[Json] = [
        {**link_data(item.link), "macs": item.macs, "params": item.params} for item in counted.links
    ]
    data: dict[str, Json] = {
        "name": arch.name,
        "size": options.size,
        "head": head,
        "params": counted.params,
        "macs": counted.macs,
        "by_class": {str(kind): number for kind, number in counted.by_class.items()},
        "by_part": {part: tally.macs for part, tally in counted.by_part.items()},
        "params_by_part": {part: tally.params for part, tally in counted.by_part.items()},
        "blocks": blocks,
        "links": wires,
    }
    return Answer(data, _cost_text(arch, counted, options.size, head))


def _cost_text(arch: Architecture, counted: Cost, size: int, head: str) -> str:
    lines = [
        f"{arch.name} at {size}x{size}, head: {head}",
        f"  {macs_text(counted.macs)}MACs ({counted.macs:,})",
        f"  {params_text(counted.params)} parameters ({counted.params:,})",
    ]
    lines += [
        f"  {part:<10}{macs_text(tally.macs):>10}MACs {params_text(tally.params):>10} parameters"
        for part, tally in counted.by_part.items()
    ]
    return "\n".join([*lines, CONVENTION])


def link_data(link: Link) -> dict[str, Json]:
    """A link as `cost` and `diff` list it."""
    return {"from": link.parent, "to": link.child, "slot": link.slot, "kind": link.kind.value}


def paths(options: argparse.Namespace) -> Answer:
    """Path measures of each output."""
    arch = resolve(options.arch)
    measured = output_paths(arch)
    rows: list[Json] = [
        {
            "level": row.level,
            "block": row.block,
            "paths": row.paths,
            "shortest": row.shortest,
            "longest": row.longest,
            "bottleneck_level": row.bottleneck_level,
            "receptive_field": row.receptive_field,
        }
        for row in measured
    ]
    lines = [
        f"{'output':<8}{'paths':>12}{'shortest':>10}{'longest':>9}{'bottleneck':>12}{'field':>8}"
    ]
    lines += [
        f"L{row.level} b{row.block:<5}{row.paths:>12,}{row.shortest:>10}{row.longest:>9}"
        f"{f'L{row.bottleneck_level}':>12}{row.receptive_field:>8}"
        for row in measured
    ]
    lines.append("Lengths in blocks, both ends counted; field: receptive field in input pixels.")
    return Answer({"outputs": rows}, "\n".join(lines))


def render(options: argparse.Namespace) -> Answer:
    """A file with the drawing."""
    from explorer.drawing.layout import Colour, layout
    from explorer.drawing.palette import DARK, LIGHT
    from explorer.drawing.render import render as write

    arch = resolve(options.arch)
    colour = Colour(options.colour)
    carried = _carried(arch) if colour is Colour.CARRIED else ()
    drawing = layout(arch, options.size, colour, carried=carried)
    write(drawing, options.output, DARK if options.dark else LIGHT)
    data: dict[str, Json] = {"file": str(options.output), "alt": drawing.alt}
    return Answer(data, f"{options.output}: {drawing.alt}")


def _carried(arch: Architecture) -> tuple[tuple[int, float], ...]:
    """The AP50 that is lost without each permuted block of the miniature, one-shot weights."""
    from explorer.detection.knock_out import carried_by_blocks
    from explorer.detection.scenes import evaluation_scenes

    scenes = evaluation_scenes(CARRIED_SCENES)
    return tuple((one.block, one.lost) for one in carried_by_blocks(arch, scenes))
