"""Blocks stand where they should, and wires reach them without crossing others."""

import json
from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.edits import rewire, set_level
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.links import dead_blocks, links
from explorer.architecture.paths import block_path_counts
from explorer.catalog.entries import entry, names
from explorer.drawing.drawing import Colour, Drawing, Mark, Outline, Point, Wire, WireKind
from explorer.drawing.geometry import sampled
from explorer.drawing.layout import layout
from explorer.drawing.palette import NEUTRAL, amount_colour
from tests.random_architectures import random_architecture

SPINENET = "spinenet-49"
TOUCH = 1.0
"""Units by which a wire may overlap a border: where it begins and ends."""


def drawn(name: str, **options: object) -> Drawing:
    return layout(entry(name).architecture, **options)  # type: ignore[arg-type]


def crossed(drawing: Drawing, wire: Wire) -> list[int]:
    """Ids of the blocks through which a wire passes, its own two left out."""
    points = sampled(wire.points, 2.0)
    dense = [
        Point(a.x + (b.x - a.x) * step / 20, a.y + (b.y - a.y) * step / 20)
        for a, b in pairwise(points)
        for step in range(21)
    ]
    return [
        node.id
        for node in drawing.nodes
        if node.id not in (wire.parent, wire.child)
        and any(
            abs(p.x - node.x) < node.width / 2 - TOUCH
            and abs(p.y - node.y) < node.height / 2 - TOUCH
            for p in dense
        )
    ]


@pytest.mark.parametrize("name", names())
def test_every_named_network_is_drawn_clearly(name: str) -> None:
    drawing = drawn(name)
    arch = entry(name).architecture
    assert [node.id for node in drawing.nodes] == [block.id for block in arch.blocks]
    lanes = {lane.level: lane for lane in drawing.lanes}
    assert set(range(2, 8)) <= set(lanes)
    for node, block in zip(drawing.nodes, arch.blocks, strict=True):
        assert lanes[block.level].top < node.y - node.height / 2
        assert node.y + node.height / 2 < lanes[block.level].bottom
        assert node.label == f"b{block.id}"
    for one, other in pairwise(drawing.nodes):
        assert other.x - other.width / 2 - (one.x + one.width / 2) >= 6
    for wire in drawing.wires:
        assert not crossed(drawing, wire), (wire.parent, wire.child)
        for point in sampled(wire.points):
            assert drawing.left <= point.x <= drawing.width
            assert 0 <= point.y <= drawing.height
    assert {end.label for end in drawing.outputs} == {
        arch.scaling.output_name(block.level) for block in arch.outputs
    }


@pytest.mark.parametrize("seed", range(60))
def test_wires_of_random_networks_avoid_blocks(seed: int) -> None:
    drawing = layout(random_architecture(seed), 256)
    for wire in drawing.wires:
        assert not crossed(drawing, wire), (wire.parent, wire.child)


@pytest.mark.parametrize("name", [SPINENET, "r0-sp53", "resnet-50-fpn", "mobile-spinenet-49"])
def test_every_link_has_its_wire_from_border_to_border(name: str) -> None:
    drawing = drawn(name)
    arch = entry(name).architecture
    between = [w for w in drawing.wires if w.kind not in (WireKind.STEM, WireKind.OUTPUT)]
    assert [(w.parent, w.child, w.slot, w.kind.value) for w in between] == [
        (link.parent, link.child, link.slot, link.kind.value) for link in links(arch)
    ]
    nodes = {node.id: node for node in drawing.nodes}
    for wire in between:
        start, end = nodes[wire.parent or 0], nodes[wire.child or 0]
        assert start.x < wire.points[0].x <= start.x + start.width / 2
        assert end.x - end.width / 2 <= wire.points[-1].x < end.x
        assert abs(wire.points[0].y - start.y) <= start.height / 2
        assert abs(wire.points[-1].y - end.y) <= end.height / 2
        xs = [point.x for point in sampled(wire.points)]
        assert xs == sorted(xs), "a wire runs forward, as the network does"


@pytest.mark.parametrize("name", [SPINENET, "r0-sp53", "r23-sp30", "mobile-spinenet-49"])
def test_wires_can_be_told_apart(name: str) -> None:
    """No two level runs lie on each other, and no two wires arrive at one point."""
    drawing = drawn(name)
    runs = [
        (wire, a, b)
        for wire in drawing.wires
        for a, b in pairwise(sampled(wire.points))
        if abs(a.y - b.y) < 0.01 and b.x - a.x > drawing.pitch
    ]
    for (one, a, b), (other, c, d) in combinations(runs, 2):
        if one is not other and abs(a.y - c.y) < 2:
            assert min(b.x, d.x) - max(a.x, c.x) < drawing.pitch / 2, (one.child, other.child)
    ends = [wire.points[-1] for wire in drawing.wires if wire.child is not None]
    for here, there in combinations(ends, 2):
        assert abs(here.x - there.x) > 1 or abs(here.y - there.y) >= 4


def test_height_tells_resolution_and_width_channels() -> None:
    nodes = {node.id: node for node in drawn(SPINENET).nodes}
    by_level = {node.level: node.height for node in nodes.values()}
    heights = [by_level[level] for level in range(2, 8)]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 6
    # b3 and b5 both stand on L4; the bottleneck gives four times the channels of the residual
    assert nodes[3].outline is Outline.DIAMOND and nodes[5].outline is Outline.BOX
    assert nodes[5].width > nodes[3].width + 3
    big = {node.id: node.width for node in drawn("spinenet-190").nodes}
    assert all(big[i] > node.width for i, node in nodes.items())


def test_resnet_descends_and_its_pyramid_climbs() -> None:
    drawing = drawn("resnet-50-fpn")
    assert [phase.label for phase in drawing.phases] == ["scale-decreased", "feature pyramid"]
    split = drawing.phases[1].left
    down = [node.y for node in drawing.nodes if node.x < split]
    assert down == sorted(down) and len(set(down)) == 4
    up = [node.y for node in drawing.nodes if node.x > split][:3]
    assert up == sorted(up, reverse=True) and len(set(up)) == 3


def test_outputs_joined_and_dead_are_marked() -> None:
    drawing = drawn(SPINENET)
    assert {node.badge: node.id for node in drawing.nodes if node.badge} == {
        "P3": 13, "P4": 12, "P5": 14, "P6": 16, "P7": 15,
    }  # fmt: skip
    assert [(w.parent, w.child) for w in drawing.wires if w.dashed] == [(11, 14)]
    arch = entry(SPINENET).architecture
    blocks = tuple(replace(b, is_output=b.is_output and b.id != 14) for b in arch.blocks)
    without = replace(arch, blocks=blocks)
    faded = {node.id for node in layout(without).nodes if node.dead}
    assert faded == dead_blocks(without) == {11}
    assert Mark.FADED in {item.mark for item in layout(without).legend}


def test_changes_since_the_start_are_marked() -> None:
    start = entry(SPINENET).architecture
    edited = rewire(set_level(start, 6, 4), 12, 0, 8)
    drawing = layout(edited, colour=Colour.CHANGE, start=start)
    changed = {node.id for node in drawing.nodes if node.changed}
    assert changed == {6, 12}
    assert {(w.child, w.slot) for w in drawing.wires if w.changed} == {(12, 0)}
    fills = {node.id: node.fill for node in drawing.nodes}
    assert fills[6] != fills[5] == fills[12]
    assert not any(node.changed for node in layout(start, start=start).nodes)


@pytest.mark.parametrize("colour", Colour)
def test_every_colouring_of_a_network_has_meaning(colour: Colour) -> None:
    start = entry(SPINENET).architecture
    drawing = layout(set_level(start, 6, 4), 640, colour, start, ((5, 0.04), (6, 0.01)))
    assert len({node.fill for node in drawing.nodes}) >= 2
    if colour is not Colour.LEVEL:
        assert drawing.legend[0].mark is Mark.FILL


def test_path_counts_colour_blocks_from_the_first_to_the_most_reached() -> None:
    drawing = drawn(SPINENET, colour=Colour.PATHS)
    counts = block_path_counts(entry(SPINENET).architecture)
    assert drawing.legend_title == "paths that lead here"
    labels = [item.label for item in drawing.legend if item.mark is Mark.FILL]
    assert (labels[0], labels[-1]) == ("1", f"{max(counts.values()):,}")
    fills = {node.id: node.fill for node in drawing.nodes}
    assert fills[0] == amount_colour(0.0)
    assert fills[max(counts, key=counts.__getitem__)] == amount_colour(1.0)


def test_what_blocks_carry_is_coloured_and_written_and_the_rest_is_grey() -> None:
    lost = {5: 0.0812, 6: 0.0406, 12: -0.0004}
    drawing = layout(entry(SPINENET).architecture, 640, Colour.CARRIED, None, tuple(lost.items()))
    nodes = {node.id: node for node in drawing.nodes}
    assert [nodes[block].note for block in lost] == ["8.1", "4.1", "0.0"]
    assert nodes[5].fill == amount_colour(1.0) and nodes[12].fill == amount_colour(0.0)
    assert {nodes[i].fill for i in nodes if i not in lost} == {NEUTRAL}
    assert all(nodes[i].note is None for i in nodes if i not in lost)
    labels = [item.label for item in drawing.legend if item.mark is Mark.FILL]
    assert labels == ["0.0", "4.1", "8.1", "not measured"]
    assert "8.1 points" in nodes[5].tooltip[-1]
    unknown = drawn(SPINENET, colour=Colour.CARRIED)
    assert {node.fill for node in unknown.nodes} == {NEUTRAL}
    assert [item.label for item in unknown.legend if item.mark is Mark.FILL] == ["not measured"]


def test_costs_colour_the_dearest_block_brightest() -> None:
    nodes = drawn(SPINENET, colour=Colour.MACS).nodes
    brightest = [node.id for node in nodes if node.fill == "#F5E12E"]
    assert brightest == [0, 3]  # facts: 1.887 G each at 640, the most of all


def test_it_is_plain_data() -> None:
    drawing = drawn(SPINENET)
    data = json.loads(json.dumps(drawing.to_data(), allow_nan=False))
    assert len(data["nodes"]) == 17 and len(data["wires"]) == len(drawing.wires)
    assert data["wires"][0]["points"][0] == [
        pytest.approx(part, abs=0.01) for part in drawing.wires[0].points[0]
    ]
    assert data["alt"].startswith("spinenet-49: 17 blocks")


def test_tooltips_say_units() -> None:
    drawing = drawn(SPINENET)
    lines = drawing.nodes[12].tooltip
    assert lines[0] == "b12 · bottleneck · L4, stride 16"
    assert "gives 1024 channels × 40×40" in lines
    assert any("multiply-adds" in line and "parameters" in line for line in lines)
    assert any(line.startswith("receptive field") and line.endswith("px") for line in lines)
    assert "feeds P4" in lines
    joined = next(wire for wire in drawing.wires if wire.dashed)
    assert "b11 is otherwise unread, so P5 takes it in" in joined.tooltip[0]


BROKEN = {
    "parent later": (Block(2, Op.BOTTLENECK, 3, (0, 3)), Block(3, Op.BOTTLENECK, 3, (0, 2), True)),
    "own parent": (Block(2, Op.BOTTLENECK, 3, (2, 0), True),),
    "parent missing": (Block(2, Op.BOTTLENECK, 3, (99,), True),),
    "level too high": (Block(2, Op.BOTTLENECK, 10**9, (0,), True),),
    "level too low": (Block(2, Op.BOTTLENECK, -3, (0,), True),),
    "no output": (Block(2, Op.BOTTLENECK, 3, (0,)),),
    "two outputs": (Block(2, Op.RESIDUAL, 3, (0,), True), Block(3, Op.RESIDUAL, 3, (2,), True)),
    "same id": (Block(0, Op.BOTTLENECK, 3, (0,), True),),
    "negative id": (Block(-4, Op.BOTTLENECK, 3, (0,), True),),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("colour", Colour)
def test_a_network_with_problems_is_drawn_with_them(case: str, colour: Colour) -> None:
    first = Block(0, Op.BOTTLENECK, 2, resampled=False)
    arch = Architecture(case, (first, *BROKEN[case]))
    drawing = layout(arch, colour=colour, start=arch)
    assert len(drawing.nodes) == len(arch.blocks)
    marked = [node.problem for node in drawing.nodes if node.problem]
    assert marked or case == "no output"
    assert all(node.tooltip[-1] == node.problem for node in drawing.nodes if node.problem)
    if case in ("parent later", "own parent"):
        assert any(wire.problem for wire in drawing.wires)


def test_nothing_and_too_much() -> None:
    assert layout(Architecture("empty", ())).nodes == ()
    many = tuple(Block(i, Op.BOTTLENECK, 2, resampled=False) for i in range(10_000))
    with pytest.raises(ArchitectureError, match="10000 blocks"):
        layout(Architecture("many", many))


def test_a_size_at_which_maps_do_not_meet_still_draws() -> None:
    drawing = drawn(SPINENET, size=(100, 330))
    assert len(drawing.nodes) == 17
    assert not any("multiply-adds" in line for node in drawing.nodes for line in node.tooltip)
