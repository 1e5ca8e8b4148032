"""Paths and receptive fields, against counting by hand and against figures of the literature."""

from __future__ import annotations

from time import perf_counter

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.edits import rewire
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.example import small, small_with
from explorer.architecture.links import dead_blocks, links_into
from explorer.architecture.paths import block_path_counts, block_paths, output_paths
from explorer.architecture.receptive_field import receptive_fields
from explorer.architecture.scaling import LinkStyle, Padding, Stem
from tests.architecture.networks import spinenet_49s
from tests.random_architectures import Family, random_architecture


def walks(arch: Architecture, block: int) -> list[list[int]]:
    """Every path from the first block to this one, walked one by one."""
    if block == arch.blocks[0].id:
        return [[block]]
    return [[*walk, block] for link in links_into(arch)[block] for walk in walks(arch, link.parent)]


@pytest.mark.parametrize("seed", range(60))
def test_paths_are_those_that_one_can_walk(seed: int) -> None:
    arch = random_architecture(seed)
    if sum(block_path_counts(arch).values()) > 20_000:
        pytest.skip("too many to walk")
    for way in output_paths(arch):
        found = walks(arch, way.block)
        level = {block.id: block.level for block in arch.blocks}
        met = [max(level[i] for i in walk[:-1]) for walk in found if len(walk) > 1]
        assert way.level == level[way.block]
        assert way.paths == len(found)
        assert way.shortest == min(map(len, found), default=0)
        assert way.longest == max(map(len, found), default=0)
        assert way.bottleneck_level == min(met, default=None)


def test_spinenet_49s_has_these_paths() -> None:
    """The shortest way to P3 is 0, 2, 4, 13, over L2 and L3; block 11 joins block 14."""
    ways = {way.level: way for way in output_paths(spinenet_49s())}
    arch = spinenet_49s()
    assert {level: way.paths for level, way in ways.items()} == {
        level: len(walks(arch, way.block)) for level, way in ways.items()
    }
    assert [link.parent for link in links_into(arch)[14]] == [7, 12, 11]
    assert (ways[3].shortest, ways[3].bottleneck_level) == (4, 3)


def test_a_parent_that_is_read_twice_is_two_paths() -> None:
    assert block_path_counts(rewire(small(), 4, 2, 2))[4] == 7


def test_paths_of_the_first_block_and_of_a_second_beginning() -> None:
    blocks = (
        Block(0, Op.RESIDUAL, 3, (), True, resampled=False),
        Block(1, Op.RESIDUAL, 2, (), False, resampled=False),
        Block(2, Op.RESIDUAL, 4, (1,), True),
        Block(3, Op.RESIDUAL, 5, (1, 0), True),
    )
    ways = output_paths(Architecture("two beginnings", blocks))
    assert [way[:6] for way in ways] == [
        (3, 0, 1, 1, 1, None),
        (4, 2, 0, 0, 0, None),
        (5, 3, 1, 2, 2, 3),
    ]
    assert block_paths(Architecture("two beginnings", blocks))[1].coarsest == 0


def test_counts_are_exact_beyond_64_bits() -> None:
    blocks = [Block(0, Op.RESIDUAL, 2, resampled=False)]
    blocks += [Block(i, Op.RESIDUAL, 3, (i - 1, i - 1), i == 200) for i in range(1, 201)]
    arch = Architecture("doubling", tuple(blocks))
    assert output_paths(arch)[0].paths == 2**200


def test_a_network_with_problems_has_no_paths() -> None:
    for measure in (output_paths, block_paths, receptive_fields):
        with pytest.raises(ArchitectureError, match="a cycle"):
            measure(small_with(2, parents=(0, 4)))


@pytest.mark.parametrize(
    ("stages", "op", "field"),
    [
        ((2, 2, 2, 2), Op.RESIDUAL, 435),
        ((3, 4, 6, 3), Op.RESIDUAL, 899),
        ((3, 4, 6, 3), Op.BOTTLENECK, 427),
        ((3, 4, 23, 3), Op.BOTTLENECK, 971),
        ((3, 8, 36, 3), Op.BOTTLENECK, 1451),
    ],
)
@pytest.mark.parametrize("padding", list(Padding))
def test_resnets_see_what_is_known_of_them(
    stages: tuple[int, ...], op: Op, field: int, padding: Padding
) -> None:
    """With r + (k - 1) j layer by layer (Araujo et al. 2019), stride in the 3x3 convolution."""
    levels = [level for level, count in enumerate(stages, 2) for _ in range(count)]
    blocks = tuple(
        Block(i, op, level, (i - 1,) if i else (), i == len(levels) - 1, resampled=False)
        for i, level in enumerate(levels)
    )
    scaling = type(small().scaling)(padding=padding)
    assert receptive_fields(Architecture("resnet", blocks, scaling))[len(levels) - 1] == field


def kernels(op: Op, stride: int, repeats: int) -> list[tuple[int, int]]:
    """Kernel and stride of what widens the field in a block, in order."""
    if op is Op.LATERAL:
        return []
    if op is Op.SMOOTH:
        return [(3, 1)]
    if op is Op.COARSE:
        return [(3, 2)]
    one = [(3, stride), (3, 1)] if op is Op.RESIDUAL else [(3, stride)]
    rest = [(3, 1), (3, 1)] if op is Op.RESIDUAL else [(3, 1)]
    return one + rest * (repeats - 1)


def read_by(pixels: set[int], steps: list[tuple[int, int]], symmetric: bool) -> set[int]:
    """The pixels before these layers that the pixels after them read."""
    for kernel, stride in reversed(steps):
        before = (kernel - 1) // 2 if symmetric else max(kernel - stride, 0) // 2
        pixels = {x * stride - before + tap for x in pixels for tap in range(kernel)}
    return pixels


def seen_pixel_by_pixel(arch: Architecture, output: int) -> int:
    """The widest field of a block, from sets of pixels followed back to the image."""
    symmetric = arch.scaling.padding is Padding.SYMMETRIC
    into, widest = links_into(arch), 0
    for phase in range(2 ** (7 - arch.block(output).level)):
        wanted: dict[int, set[int]] = {block.id: set() for block in arch.blocks}
        wanted[output] = {phase}
        image: set[int] = set()
        for block in reversed(arch.blocks):
            if not wanted[block.id]:
                continue
            parents = into[block.id]
            level = arch.block(parents[0].parent).level if parents else arch.scaling.stem_level
            plain = not block.resampled
            stride = 2 ** (block.level - level) if plain and not block.op.is_pyramid else 1
            repeats = block.repeats or arch.scaling.block_repeats
            read = read_by(wanted[block.id], kernels(block.op, stride, repeats), symmetric)
            for link in parents:
                gap = block.level - arch.block(link.parent).level
                moved = link.kind in ("resample", "top-down", "lateral")
                if moved and gap > 0:
                    wanted[link.parent] |= read_by(read, [(3, 2)] * gap, symmetric)
                elif moved and gap < 0:
                    wanted[link.parent] |= {x // 2**-gap for x in read}
                else:
                    wanted[link.parent] |= read
            if not parents:
                pool = arch.scaling.stem is Stem.CONV7_POOL
                image |= read_by(read, [(7, 2), (3, 2)] if pool else [(3, 2)], symmetric)
        widest = max(widest, max(image) - min(image) + 1)
    return widest


@pytest.mark.parametrize("seed", range(40))
def test_fields_equal_those_followed_pixel_by_pixel(seed: int) -> None:
    arch = random_architecture(seed)
    fields = receptive_fields(arch)
    assert set(fields) == {b.id for b in arch.blocks} - dead_blocks(arch)
    for output in arch.outputs:
        assert fields[output.id] == seen_pixel_by_pixel(arch, output.id)
    assert {way.block: way.receptive_field for way in output_paths(arch)} == {
        block.id: fields[block.id] for block in arch.outputs
    }


def test_the_sample_covers_both_paddings_stems_and_link_styles() -> None:
    drawn = [random_architecture(seed).scaling for seed in range(40)]
    assert {scaling.padding for scaling in drawn} == {Padding.SAME, Padding.SYMMETRIC}
    assert {scaling.stem for scaling in drawn} == {Stem.CONV7_POOL, Stem.CONV3}
    assert {scaling.link_style for scaling in drawn} == {LinkStyle.ALPHA, LinkStyle.SEPARABLE}


def test_a_thousand_blocks_are_measured_at_once() -> None:
    arch = random_architecture(5, family=Family.SPINENET, blocks=1000)
    start = perf_counter()
    assert output_paths(arch)[0].paths > 10**9
    assert perf_counter() - start < 2
