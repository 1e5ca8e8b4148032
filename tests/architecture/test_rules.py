"""Every rule: a network that breaks it, and a text that says where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest

from explorer.architecture import rules
from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import ArchitectureError
from explorer.architecture.example import small, small_with
from explorer.architecture.links import dead_blocks, links, links_into
from explorer.architecture.plan import plan
from explorer.architecture.rules import problems, stage
from explorer.architecture.scaling import Head, Norm, Scaling
from tests.random_architectures import DETECTOR_OPS, Family, random_architecture


def with_blocks(*blocks: Block) -> Architecture:
    """`small()` with other blocks after its stem."""
    return replace(small(), blocks=(*small().blocks[:2], *blocks))


def scaled(**changes: object) -> Architecture:
    return replace(small(), scaling=replace(Scaling(), **changes))


def pyramid() -> Architecture:
    return random_architecture(0, family=Family.PYRAMID)


def pyramid_with(op: Op, slot: int, parent: int) -> Architecture:
    """A pyramid in which the first block of this op reads something else."""
    arch = pyramid()
    target = next(b for b in arch.blocks if b.op is op and len(b.parents) > slot)
    parents = (*target.parents[:slot], parent, *target.parents[slot + 1 :])
    changed = replace(target, parents=parents)
    return replace(arch, blocks=tuple(changed if b.id == target.id else b for b in arch.blocks))


BROKEN = {
    "block-count, none": (replace(small(), blocks=()), "found 0 blocks, expected 1 to 2000"),
    "block-count, many": (
        replace(small(), blocks=tuple(Block(i, Op.RESIDUAL, 3) for i in range(2001))),
        "found 2001 blocks",
    ),
    "name-text, long": (replace(small(), name="x" * 201), "at most 200 printable"),
    "name-text, lines": (replace(small(), name="two\nlines"), r"two\nlines"),
    "name-text, surrogate": (replace(small(), name="\ud800"), "printable"),
    "scaling-range, repeats": (scaled(block_repeats=0), "block_repeats: found 0"),
    "scaling-range, endpoints": (scaled(endpoints_num_filters=0), "expected 1 to 65536"),
    "scaling-range, stem": (scaled(stem_filters=10**6), "stem_filters: found 1000000"),
    "scaling-range, scale": (scaled(filter_size_scale=0.0), "filter_size_scale: found 0.0"),
    "scaling-range, nan": (scaled(filter_size_scale=float("nan")), "found nan"),
    "scaling-range, narrow": (scaled(filter_size_scale=0.001), "a width of 1 to 65536"),
    "scaling-range, wide": (scaled(filters=(9999,) * 8, filter_size_scale=60.0), "65536"),
    "scaling-range, alpha": (scaled(resample_alpha=-1.0), "resample_alpha: found -1.0"),
    "scaling-range, squeeze": (
        scaled(filter_size_scale=0.04, resample_alpha=0.5),
        "resample_alpha: found 0.5, expected 1 or more channels left of 1, so 1 or more",
    ),
    "scaling-range, epsilon": (scaled(norm_epsilon=1.0), "norm_epsilon"),
    "scaling-range, levels": (scaled(min_level=6, max_level=4), "min_level <= max_level"),
    "scaling-range, filters": (scaled(filters=(1, 2, 3)), "8 widths"),
    "scaling-range, convs": (scaled(head=Head(num_convs=-1)), "head.num_convs: found -1"),
    "scaling-range, anchors": (scaled(head=Head(num_anchors=0)), "head.num_anchors"),
    "scaling-range, classes": (scaled(head=Head(num_classes=0)), "head.num_classes"),
    "scaling-range, head": (scaled(head=Head(num_filters=0)), "head.num_filters"),
    "id-repeated": (small_with(4, id=3), "Block 3: found 2 blocks of this id, expected one"),
    "id-negative": (small_with(4, id=-2), "found id -2, expected 0 or more"),
    "level-range, above": (small_with(4, level=8), "Block 4: found level 8, expected 1 to 7"),
    "level-range, below": (small_with(4, level=0), "found level 0"),
    "repeats-range": (small_with(4, repeats=0), "found 0 repeats, expected 1 to 64"),
    "width-range, none": (
        small_with(4, width=0),
        "Block 4: found a width of 0, expected 1 to 65536",
    ),
    "width-range, wide": (small_with(4, width=65537), "found a width of 65537"),
    "parent-self": (small_with(3, parents=(1, 3)), "parent 1: found block 3 itself"),
    "parent-missing": (
        small_with(4, parents=(2, 77)),
        "Block 4, parent 1: found block 77, which is not there, expected the id of an earlier "
        "block. Choose one of 0 to 3.",
    ),
    "parent-missing, first": (
        small_with(0, parents=(77,)),
        "It is the first block: disconnect this parent, so that it reads the stem.",
    ),
    "parent-later": (
        with_blocks(
            Block(2, Op.RESIDUAL, 3, (0, 3), True),
            Block(3, Op.RESIDUAL, 4, (0, 1), True),
        ),
        "Block 2, parent 1: found block 3, which comes later in the order, expected an earlier "
        "block. Move block 3 before block 2, or choose another parent.",
    ),
    "parent-cycle": (small_with(2, parents=(0, 4)), "and reads block 2: a cycle"),
    "parent-count, none": (small_with(4, parents=()), "found 0 parents, expected 1 to 16"),
    "parent-count, many": (small_with(4, parents=(2,) * 17), "found 17 parents"),
    "parent-count, plain": (
        small_with(4, resampled=False),
        "found 2 parents, expected 0 to 1. Let it resample its parents, or leave one.",
    ),
    "parent-count, lateral": (
        with_blocks(Block(2, Op.LATERAL, 2, (0, 0, 1), resampled=False)),
        "Block 2 (lateral): found 3 parents, expected 1 to 2",
    ),
    "parent-count, smooth": (
        with_blocks(Block(2, Op.SMOOTH, 2, (0, 1), resampled=False)),
        "Block 2 (smooth): found 2 parents, expected 1.",
    ),
    "stem-order": (small_with(3, in_stem=True), "Block 3: found a stem block after others"),
    "plain-step": (
        with_blocks(Block(2, Op.RESIDUAL, 5, (1,), True, resampled=False)),
        "Block 2 on L5: found a plain input from L2, expected one from L5 or L4. "
        "Put it on L2 or L3, or let it resample its parents.",
    ),
    "plain-step, up": (
        with_blocks(Block(2, Op.RESIDUAL, 1, (1,), True, resampled=False)),
        "found a plain input from L2",
    ),
    "plain-step, stem": (
        Architecture("deep", (Block(0, Op.RESIDUAL, 5, (), True, resampled=False),)),
        "found a plain input from L2, the stem's",
    ),
    "pyramid-parent, lateral": (pyramid_with(Op.LATERAL, 0, 0), "expected a block on L5"),
    "pyramid-parent, top down": (pyramid_with(Op.LATERAL, 1, 0), "an FPN block coarser than L4"),
    "pyramid-parent, smooth": (pyramid_with(Op.SMOOTH, 0, 0), "(smooth), parent 0"),
    "pyramid-parent, coarse": (pyramid_with(Op.COARSE, 0, 0), "(coarse), parent 0"),
    "output-repeated": (
        small_with(4, level=3),
        "Block 4, output of L3: found a second output on this level, after block 3, expected one "
        "output per level. Take the output mark off block 3 or 4",
    ),
    "output-missing": (
        with_blocks(Block(2, Op.RESIDUAL, 3, (0, 1))),
        "The architecture: found no output, expected at least one on L3 to L7",
    ),
    "output-missing, outside": (
        with_blocks(Block(2, Op.RESIDUAL, 2, (0, 1), True)),
        "found no output",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_rule_is_told_with_its_place_and_a_mend(case: str) -> None:
    arch, text = BROKEN[case]
    found = problems(arch)
    assert found[0].code == case.split(",")[0]
    message = str(found[0])
    assert text in message
    assert f"{found[0].place}: found " in message and ", expected " in message
    assert found[0].mend.endswith(".") and message.count("\n") == 0
    assert found[0].block is None or f"Block {found[0].block}" in found[0].place


def test_every_code_has_a_case_and_a_stage() -> None:
    assert {case.split(",")[0] for case in BROKEN} == set(rules._STAGE_OF)


def test_a_network_with_problems_is_listed_and_not_run() -> None:
    for arch, _ in BROKEN.values():
        with pytest.raises(ArchitectureError, match="found"):
            plan(arch, 128, 128)
        if "filter" not in str(problems(arch)[0]):
            assert len(links_into(arch)) <= len(arch.blocks)
            assert dead_blocks(arch) <= {block.id for block in arch.blocks}
            assert all(link.child in links_into(arch) for link in links(arch))


def test_all_problems_of_a_stage_come_at_once() -> None:
    arch = with_blocks(
        Block(2, Op.RESIDUAL, 9, (2,)),
        Block(3, Op.RESIDUAL, 3, ()),
        Block(4, Op.RESIDUAL, 3, (99,)),
    )
    assert [(problem.code, problem.block) for problem in problems(arch)] == [
        ("level-range", 2),
        ("parent-self", 2),
        ("parent-missing", 4),
        ("parent-count", 3),
    ]
    assert "(and 3 more)" in str(ArchitectureError(problems(arch)))
    assert {stage(problem) for problem in problems(arch)} == {1}


def test_three_outputs_of_one_level_are_two_problems() -> None:
    arch = with_blocks(*(Block(i, Op.RESIDUAL, 3, (0, 1), True) for i in (2, 3, 4)))
    assert [problem.block for problem in problems(arch)] == [3, 4]


def test_many_later_parents_are_found_in_linear_time() -> None:
    """Each cycle used to be searched for anew: 2,000 blocks took minutes."""
    count = 2000
    blocks = tuple(
        Block(i, Op.RESIDUAL, 3, tuple((i + step) % count for step in range(1, 17)), i == 0)
        for i in range(count)
    )
    start = perf_counter()
    found = problems(Architecture("ring", blocks))
    assert perf_counter() - start < 10
    assert {problem.code for problem in found} == {"parent-cycle"}
    assert len(found) > 100


@pytest.mark.parametrize("family", list(Family))
def test_random_architectures_are_legal_and_planned(family: Family) -> None:
    for seed in range(40):
        arch = random_architecture(seed, family=family)
        assert problems(arch) == ()
        side = arch.scaling.fitting_side
        assert set(plan(arch, side, 2 * side).endpoints) == {b.level for b in arch.outputs}
        assert random_architecture(seed, family=family) == arch


def test_random_architectures_show_what_others_test_with() -> None:
    drawn = [random_architecture(seed) for seed in range(300)]
    kinds = {link.kind for arch in drawn for link in links(arch)}
    assert len(kinds) == 5
    assert any(dead_blocks(arch) for arch in drawn)
    assert any(len(set(b.parents)) < len(b.parents) for arch in drawn for b in arch.blocks)
    assert {b.level for arch in drawn for b in arch.blocks} == set(range(1, 8))
    assert {b.op for arch in drawn for b in arch.blocks} == set(Op) - set(DETECTOR_OPS)
    assert {len(b.parents) for arch in drawn for b in arch.blocks} >= {0, 1, 2, 3, 4}


def test_random_detectors_show_what_the_others_do_not() -> None:
    drawn = [random_architecture(seed, family=Family.DETECTOR) for seed in range(100)]
    assert {b.op for arch in drawn for b in arch.blocks} == set(DETECTOR_OPS)
    assert {b.level for arch in drawn for b in arch.blocks} == set(range(1, 10))
    assert {b.width for arch in drawn for b in arch.blocks} >= {None, 5, 12}
    assert {arch.scaling.norm for arch in drawn} == {Norm.BATCH, Norm.FOLDED}
