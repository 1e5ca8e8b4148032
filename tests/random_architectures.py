"""Seeded random architectures, all legal, for tests of every room."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from random import Random

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.rules import problems
from explorer.architecture.scaling import (
    MOBILE_FILTERS,
    RESNET_FILTERS,
    SPINENET_FILTERS,
    Activation,
    Endpoint,
    Head,
    HeadStyle,
    LinkStyle,
    Norm,
    Padding,
    Scaling,
    Stem,
)

FREE_OPS = (Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV)
DETECTOR_OPS = (Op.INVERTED, Op.INVERTED, Op.INVERTED, Op.POINTWISE, Op.EXTRA)
ACTIVATIONS = (Activation.RELU, Activation.SWISH, Activation.HARD_SWISH)


class Family(StrEnum):
    """What a random architecture looks like."""

    SPINENET = "spinenet"
    """Two stem blocks, then bottleneck and residual blocks that resample 1 to 4 parents."""
    MOBILE = "mobile"
    """Mobile stem, MBConv blocks, separable links."""
    MIXED = "mixed"
    """Any op, stem and link style; plain blocks and repeats of their own among them."""
    RESNET = "resnet"
    """A plain chain of growing levels, outputs at the stages' ends."""
    PYRAMID = "pyramid"
    """A plain chain with an FPN; now and then a permuted block behind it."""
    DETECTOR = "detector"
    """Inverted residuals, single convolutions and extra layers down to L9, mostly a plain chain,
    with widths of their own, SSD predictors on the taps, norms folded or not. Only where asked
    for: official code, checkpoints and exports have no words for it."""
    MINIATURE = "miniature"
    """As spinenet, with the miniature networks' stem, links, norms and expansions. Only where asked
    for, as above."""


RARE = (Family.DETECTOR, Family.MINIATURE)
OFTEN = (Family.SPINENET, *(family for family in Family if family not in RARE))


def random_architecture(
    seed: int, *, family: Family | None = None, blocks: int | None = None, narrow: bool = True
) -> Architecture:
    """A legal architecture that depends on the arguments alone.

    Among many seeds there are joined and dead blocks, parents read twice, output marks outside the
    range of endpoints, and every value of every setting. All run at multiples of 128 pixels.

    Parameters
    ----------
    family: drawn from the seed where None.
    blocks: how many blocks after the stem (spinenet, mobile, mixed); drawn from 1 to 18 where None.
    narrow: widths small enough to run hundreds of them on a CPU; otherwise those of the papers.
    """
    rng = Random(f"{seed}/{family}/{blocks}/{narrow}")
    kind = family or rng.choice(OFTEN)
    count = rng.randint(1, 18) if blocks is None else blocks
    if kind is Family.DETECTOR:
        arch = _detector(rng, seed, count)
    elif kind in (Family.RESNET, Family.PYRAMID):
        arch = _staircase(rng, seed, kind, narrow)
    else:
        arch = _permuted(rng, seed, kind, count, narrow)
    assert not problems(arch), (seed, family, blocks, narrow, problems(arch))
    return arch


def _permuted(rng: Random, seed: int, family: Family, count: int, narrow: bool) -> Architecture:
    scaling = _scaling(rng, family, narrow)
    ops = {Family.SPINENET: FREE_OPS[:2], Family.MOBILE: FREE_OPS[2:]}.get(family, FREE_OPS)
    first = rng.choice(ops)
    level = scaling.stem_level
    found = [Block(0, first, level, resampled=False, in_stem=True)]
    if scaling.stem is Stem.CONV3 or rng.random() < 0.9:
        second = level + (scaling.stem is Stem.CONV3 and rng.random() < 0.9)
        found.append(Block(1, first, second, (0,), resampled=False, in_stem=True))
    ids = _ids(rng, len(found), count)
    window = rng.choice([3, 5, 5, 10**6])
    for block_id in ids:
        found.append(_free_block(rng, block_id, found, window, ops, mixed=family is Family.MIXED))
    blocks, scaling = _with_outputs(rng, found, scaling)
    return Architecture(f"random {family} {seed}", tuple(blocks), scaling)


def _ids(rng: Random, start: int, count: int) -> list[int]:
    """Ids in the order of the blocks; now and then not in a row and not ascending."""
    if rng.random() < 0.8:
        return list(range(start, start + count))
    return rng.sample(range(start, start + 2 * count), count)


def _free_block(
    rng: Random, block_id: int, earlier: list[Block], window: int, ops: tuple[Op, ...], mixed: bool
) -> Block:
    repeats = rng.choice([1, 2, 3]) if mixed and rng.random() < 0.2 else None
    if mixed and rng.random() < 0.15:
        parent = rng.choice(earlier[-window:])
        level = min(7, parent.level + rng.randint(0, 1))
        return Block(
            block_id, rng.choice(ops), level, (parent.id,), resampled=False, repeats=repeats
        )
    near = [block.id for block in earlier[-window:]]
    wanted = rng.choice([1, 2, 2, 2, 2, 3, 4])
    parents = rng.sample(near, min(wanted, len(near)))
    if rng.random() < 0.03:
        parents.append(parents[0])
    level = rng.choice([1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 7])
    return Block(block_id, rng.choice(ops), level, tuple(parents), repeats=repeats)


def _with_outputs(
    rng: Random, blocks: list[Block], scaling: Scaling
) -> tuple[list[Block], Scaling]:
    """Marks at most one block a level, mostly a late one, and at least one that has an endpoint."""
    by_level: dict[int, list[int]] = {}
    for place, block in enumerate(blocks):
        if not block.in_stem or rng.random() < 0.1:
            by_level.setdefault(block.level, []).append(place)
    marked: list[int] = []
    for level, places in sorted(by_level.items()):
        inside = level in scaling.output_levels
        if rng.random() < (0.85 if inside else 0.15):
            marked.append(places[-1] if rng.random() < 0.8 else rng.choice(places))
    if not any(blocks[place].level in scaling.output_levels for place in marked):
        level = blocks[-1].level
        marked = [place for place in marked if blocks[place].level != level] + [len(blocks) - 1]
        scaling = replace(
            scaling,
            min_level=min(level, scaling.min_level),
            max_level=max(level, scaling.max_level),
        )
        levels = [blocks[place].level for place in marked]
        marked = [place for place in marked if levels.count(blocks[place].level) == 1]
    return [
        replace(block, is_output=place in marked) for place, block in enumerate(blocks)
    ], scaling


def _scaling(rng: Random, family: Family, narrow: bool) -> Scaling:
    mobile = family is Family.MOBILE or (family is Family.MIXED and rng.random() < 0.3)
    filters = MOBILE_FILTERS if mobile else SPINENET_FILTERS
    scale = rng.choice([0.6, 0.65, 1.0]) if mobile else rng.choice([0.65, 1.0, 1.3])
    if narrow:
        scale = rng.choice([0.3, 0.4, 0.6]) if mobile else rng.choice([0.07, 0.1, 0.13, 0.15])
    stem = Stem.CONV3 if mobile else Stem.CONV7_POOL
    style = LinkStyle.SEPARABLE if mobile else LinkStyle.ALPHA
    if family is Family.MIXED:
        stem = rng.choice([Stem.CONV7_POOL, Stem.CONV3])
        style = rng.choice([LinkStyle.ALPHA, LinkStyle.SEPARABLE])
    mixed = family is Family.MIXED
    usual = rng.random() < 0.7
    made = Scaling(
        filters=filters,
        filter_size_scale=scale,
        resample_alpha=rng.choice([0.5, 0.5, 0.6, 0.75, 1.0]),
        block_repeats=rng.choice([1, 1, 1, 2, 3]),
        endpoints_num_filters=rng.choice([8, 12, 16]) if narrow else rng.choice([48, 128, 256]),
        stem=stem,
        stem_filters=rng.choice([4, 8, 13]) if narrow else rng.choice([8, 64]),
        link_style=style,
        endpoint=rng.choice(list(Endpoint)) if mixed else Endpoint.CONV,
        min_level=3 if usual else rng.choice([1, 2, 3, 4]),
        max_level=7 if usual else rng.choice([5, 6, 7]),
        stage_projection=mixed and rng.random() < 0.5,
        activation=rng.choice(ACTIVATIONS),
        norm_epsilon=rng.choice([1e-3, 1e-3, 1e-4, 1e-5]),
        padding=rng.choice([Padding.SAME, Padding.SAME, Padding.SYMMETRIC]),
        head=_head(rng, mobile, narrow),
    )
    if family is not Family.MINIATURE:
        return made
    return replace(
        made,
        stem=Stem.UNSHUFFLE,
        link_style=LinkStyle.LEAN,
        norm=rng.choice([Norm.GROUP, Norm.GROUP, Norm.BATCH]),
        expansion=rng.choice([1, 2, 2, 3, 4]),
    )


def _head(rng: Random, mobile: bool, narrow: bool) -> Head:
    if not narrow:
        return Head(num_filters=48, separable=True) if mobile else Head()
    return Head(
        num_convs=rng.choice([0, 1, 2]),
        num_filters=rng.choice([8, 11]),
        num_classes=rng.choice([3, 7]),
        num_anchors=rng.choice([1, 3]),
        separable=mobile or rng.random() < 0.2,
    )


def _staircase(rng: Random, seed: int, family: Family, narrow: bool) -> Architecture:
    """A ResNet of random stages, with an FPN on top for `Family.PYRAMID`."""
    op = rng.choice(FREE_OPS[:2])
    blocks: list[Block] = []
    for level in range(2, 6):
        for _ in range(rng.randint(1, 3)):
            parents = (blocks[-1].id,) if blocks else ()
            blocks.append(Block(len(blocks), op, level, parents, resampled=False))
    stage = {block.level: block for block in blocks}
    if family is Family.PYRAMID:
        blocks += _pyramid(rng, stage, len(blocks))
        lowest, highest, endpoint = 3, 7, Endpoint.NORM
    else:
        ends = {block.id for block in stage.values() if block.level == 5 or rng.random() < 0.8}
        blocks = [replace(block, is_output=block.id in ends) for block in blocks]
        lowest, highest, endpoint = 2, 5, Endpoint.NONE
    scaling = replace(
        _scaling(rng, Family.SPINENET, narrow),
        filters=RESNET_FILTERS,
        min_level=lowest,
        max_level=highest,
        endpoint=endpoint,
        stage_projection=rng.random() < 0.5,
    )
    return Architecture(f"random {family} {seed}", tuple(blocks), scaling)


def _detector(rng: Random, seed: int, count: int) -> Architecture:
    found = [Block(0, rng.choice(DETECTOR_OPS), 1, resampled=False)]
    for block_id in range(1, count + 1):
        op, width = rng.choice(DETECTOR_OPS), rng.choice([None, None, None, 5, 12])
        repeats = rng.choice([None, None, None, 2])
        if rng.random() < 0.85:
            level = min(9, found[-1].level + (rng.random() < 0.6))
            parents, resampled = (found[-1].id,), False
        else:
            level, resampled = rng.randint(1, 9), True
            parents = tuple(b.id for b in rng.sample(found, min(len(found), rng.randint(1, 3))))
        found.append(
            Block(block_id, op, level, parents, resampled=resampled, repeats=repeats, width=width)
        )
    last = {block.level: block.id for block in found}
    taps = {last[level] for level in last if rng.random() < 0.8} or {found[-1].id}
    blocks = tuple(replace(block, is_output=block.id in taps) for block in found)
    levels = [block.level for block in blocks if block.is_output]
    scaling = Scaling(
        filters=(8, 4, 6, 8, 9, 12, 16, 10, 10, 7),
        filter_size_scale=rng.choice([1.0, 1.3]),
        stem=Stem.CONV3,
        stem_filters=rng.choice([8, 13]),
        link_style=rng.choice([LinkStyle.ALPHA, LinkStyle.SEPARABLE]),
        endpoint=rng.choice([Endpoint.NONE, Endpoint.NONE, Endpoint.CONV]),
        endpoints_num_filters=8,
        min_level=min(levels),
        max_level=max(levels),
        activation=Activation.RELU6,
        padding=rng.choice([Padding.SAME, Padding.SAME, Padding.SYMMETRIC]),
        head=Head(num_classes=3, num_anchors=6, style=HeadStyle.SSD),
        norm=rng.choice([Norm.BATCH, Norm.FOLDED]),
    )
    return Architecture(f"random {Family.DETECTOR} {seed}", blocks, scaling)


def _pyramid(rng: Random, stage: dict[int, Block], first: int) -> list[Block]:
    l5, l4, l3, s5, s4, s3, c6, c7, free = range(first, first + 9)
    parts = [
        Block(l5, Op.LATERAL, 5, (stage[5].id,), resampled=False),
        Block(l4, Op.LATERAL, 4, (stage[4].id, l5), resampled=False),
        Block(l3, Op.LATERAL, 3, (stage[3].id, l4), resampled=False),
        Block(s5, Op.SMOOTH, 5, (l5,), True, resampled=False),
        Block(s4, Op.SMOOTH, 4, (l4,), True, resampled=False),
        Block(s3, Op.SMOOTH, 3, (l3,), True, resampled=False),
        Block(c6, Op.COARSE, 6, (s5,), True, resampled=False),
        Block(c7, Op.COARSE, 7, (c6,), True, resampled=False),
    ]
    if rng.random() < 0.3:
        parts[-1] = replace(parts[-1], is_output=False)
        parts.append(Block(free, Op.RESIDUAL, 7, (c7, l3), True))
    return parts
