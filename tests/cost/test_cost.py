"""Properties of a cost that hold for every architecture."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import ArchitectureError, SizeError
from explorer.architecture.layers import LayerKind
from explorer.architecture.links import dead_blocks, links
from explorer.architecture.plan import Plan, plan
from explorer.architecture.rules import problems
from explorer.architecture.scaling import Scaling
from explorer.catalog.resolve import resolve
from explorer.cost.cost import Cost, LinkCost, cost, supports_head
from explorer.cost.layers import Tally, layer_operations, unit_cost
from tests.random_architectures import random_architecture

seeds = st.integers(0, 10**6)


def _cost(seed: int) -> Cost:
    arch = random_architecture(seed)
    return cost(arch, 256, head=supports_head(arch))


@given(seeds)
@settings(deadline=None)
def test_parts_blocks_and_links_add_up(seed: int) -> None:
    ours = _cost(seed)
    assert ours.macs == sum(part.macs for part in ours.by_part.values())
    assert ours.params == sum(part.params for part in ours.by_part.values())
    assert ours.macs == ours.by_class[LayerKind.CONVOLUTION]
    assert _total(*ours.links) == ours.by_part["links"]
    assert _total(*ours.endpoints.values()) == ours.by_part["endpoints"]
    bodies = _total(*ours.blocks.values())
    stem_conv = ours.by_part["stem"].macs + ours.by_part["blocks"].macs - bodies.macs
    first = plan(ours.architecture, *ours.size).stem.layers[0]
    assert stem_conv == layer_operations(first)
    heads = _total(*ours.heads.values())
    assert heads.macs == ours.by_part["head"].macs
    assert heads.params + ours.head_shared_params == ours.by_part["head"].params


def _total(*tallies: Tally | LinkCost) -> Tally:
    return Tally(sum(one.macs for one in tallies), sum(one.params for one in tallies))


SCALINGS = [
    resolve(name).scaling for name in ("spinenet-49", "mobile-spinenet-49", "resnet-50-fpn")
]


@pytest.mark.parametrize("scaling", SCALINGS)
def test_parts_that_are_known_are_those_of_the_plan(scaling: Scaling) -> None:
    """Architectures of one scaling share what was counted; each part must be its plan's."""
    checked = 0
    for seed in range(300):
        arch = replace(random_architecture(seed), scaling=scaling)
        if problems(arch):
            continue
        ours, network = cost(arch, 256, head=True), plan(arch, 256, 256, True)
        for block_id, block in network.blocks.items():
            assert ours.blocks[block_id] == unit_cost(block.body.layers).tally
            costs = [wire[1:] for wire in ours.links if wire.link.child == block_id]
            assert costs == [unit_cost(wire.unit.layers).tally for wire in block.links]
        for level, unit in network.endpoints.items():
            assert ours.endpoints[level] == unit_cost(unit.layers).tally
            assert ours.heads[level].macs == unit_cost(network.head[level].layers).tally.macs
        assert _operations(network) == dict(ours.by_class)
        checked += 1
    assert checked > 50


def _operations(network: Plan) -> dict[LayerKind, int]:
    units = [network.stem, *network.endpoints.values(), *network.head.values()]
    for block in network.blocks.values():
        units += [block.fuse, block.body, *(wire.unit for wire in block.links)]
    found = dict.fromkeys(LayerKind, 0)
    for layer in (layer for unit in units for layer in unit.layers):
        found[layer.kind] += layer_operations(layer)
    return found


@given(seeds)
@settings(deadline=None)
def test_dead_blocks_and_their_links_cost_nothing(seed: int) -> None:
    ours = _cost(seed)
    dead = dead_blocks(ours.architecture)
    assert [wire.link for wire in ours.links] == list(links(ours.architecture))
    assert list(ours.blocks) == [block.id for block in ours.architecture.blocks]
    assert all(ours.blocks[block_id] == (0, 0) for block_id in dead)
    assert all(wire[1:] == (0, 0) for wire in ours.links if wire.link.child in dead)
    alive = replace(
        ours.architecture,
        blocks=tuple(block for block in ours.architecture.blocks if block.id not in dead),
    )
    without = cost(alive, 256, ours.with_head)
    assert (without.macs, without.params) == (ours.macs, ours.params)


@given(seeds)
@settings(deadline=None)
def test_four_times_the_pixels_is_four_times_the_work(seed: int) -> None:
    """Up to squeeze-and-excitation, whose convolutions see one pixel at any size."""
    arch = random_architecture(seed)
    small, large = cost(arch, 128), cost(arch, 256)
    assert small.params == large.params
    if not any(block.op is Op.MBCONV for block in arch.blocks):
        assert large.macs == 4 * small.macs
        assert large.activations == 4 * small.activations
    assert small.peak_nbytes < large.peak_nbytes


def test_counts_by_hand() -> None:
    """Stem 7x7, one bottleneck that shrinks and projects, endpoint 1x1, at 64 px."""
    block = Block(0, Op.BOTTLENECK, 3, is_output=True, resampled=False)
    ours = cost(Architecture("one", (block,)), 64)
    stem = 32 * 32 * 64 * 3 * 49
    shortcut, first = 8 * 8 * 64 * 512, 16 * 16 * 64 * 128
    second, third = 8 * 8 * 128 * 128 * 9, 8 * 8 * 128 * 512
    endpoint = 8 * 8 * 512 * 256
    assert ours.macs == stem + shortcut + first + second + third + endpoint
    assert ours.by_part["stem"] == (stem, 64 * 3 * 49 + 2 * 64)
    assert ours.by_class[LayerKind.ADD] == 8 * 8 * 512
    assert ours.by_class[LayerKind.POOL] == 16 * 16 * 64 * 9


def test_a_head_needs_endpoints() -> None:
    resnet = resolve("resnet-50")
    assert not supports_head(resnet)
    with pytest.raises(ArchitectureError, match="without a head"):
        cost(resnet, 640, head=True)


def test_what_cannot_run_cannot_be_counted() -> None:
    spinenet = resolve("spinenet-49")
    with pytest.raises(SizeError, match="multiples of 128"):
        cost(spinenet, 200)
    with pytest.raises(SizeError, match="at least 1x1"):
        cost(spinenet, 0)
    with pytest.raises(ArchitectureError, match="no output"):
        cost(replace(spinenet, blocks=spinenet.blocks[:5]), 640)


def test_memory_of_known_networks_is_of_the_right_order() -> None:
    """Between the widest map with its neighbour, and every activation held at once."""
    for name in ("spinenet-49", "resnet-50-fpn", "spinenet-190"):
        ours = cost(resolve(name), 640, head=True)
        maps = ours.peak_nbytes - 4 * ours.params
        assert 4 * 2 * 64 * 320 * 320 <= maps < 4 * ours.activations
