"""Every entry of the catalog against the official code's counts, and through every room."""

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.architecture.block import Op
from explorer.architecture.errors import UnknownNameError
from explorer.architecture.links import LinkKind, dead_blocks, links
from explorer.architecture.rules import problems
from explorer.architecture.scaling import Endpoint
from explorer.catalog import Entry, entries, entry, names
from explorer.catalog.entries import DATA
from explorer.cost.cost import cost

COUNTS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "expected_counts.json").read_text(encoding="utf-8")
)["rows"]
SMALL_PARAMS = 30_000_000
CLASSIFIER = 1001
"""Outputs of the ImageNet classifier behind the published rows."""

every_entry = pytest.mark.parametrize("one", entries(), ids=names())


@every_entry
def test_is_legal_sourced_and_addressable(one: Entry) -> None:
    assert problems(one.architecture) == ()
    assert dead_blocks(one.architecture) == frozenset()
    assert one.architecture.name == one.name == one.name.casefold()
    assert entry(f" {one.name.upper()} ") is one
    assert len(one.source) > 20
    assert one.size % 32 == 0 or one.family == "reference"


@every_entry
def test_costs_what_the_official_code_costs(one: Entry) -> None:
    """Integers equal, in all and part by part, where the facts have them."""
    expected = COUNTS.get(one.name, {})
    size = expected.get("size", one.size)
    bare = cost(one.architecture, size, head=False)
    assert bare.macs > 10**8
    assert bare.params > 5 * 10**5
    for key, found in (("macs", bare.macs), ("params", bare.params)):
        assert found == expected.get(key, found)
    for key in expected.get("part_macs", {}):
        assert bare.by_part[key].macs == expected["part_macs"][key]
        assert bare.by_part[key].params == expected["part_params"][key]
    if "head_params" in expected:
        headed = cost(one.architecture, size, head=True)
        assert headed.params == expected["head_params"]
        assert headed.macs == expected.get("head_macs", headed.macs)
    if "widths" in expected:
        widths = [one.architecture.scaling.width(level) for level in range(8)]
        assert widths == expected["widths"]


def test_the_expected_counts_are_of_entries() -> None:
    assert set(COUNTS) <= set(names())


REACHED = [
    pytest.param(one, row, id=f"{one.name}-{row.size}-{row.protocol[:1]}-{row.flops_b}")
    for one in entries()
    for row in one.published
    if row.flops_b and row.params_m
]


@pytest.mark.parametrize(("one", "row"), REACHED)
def test_a_published_row_is_reached(one: Entry, row: Any) -> None:
    """Within 0.5 % and half a unit of the last printed digit, by the facts' convention.

    SpineNet-49S with endpoints of 128, as its code has it, is 8.9 % below the published number,
    which belongs to the checkpoint with 256: its note says so.
    """
    headed = row.head == "retinanet"
    counted = cost(one.architecture, row.size, head=headed)
    channels = counted.architecture.scaling.out_channels(one.architecture.blocks[-1].op, 5)
    classifier = 0 if headed else channels * CLASSIFIER
    macs = (counted.macs + classifier) / 1e9
    params = (counted.params + classifier + (0 if headed else CLASSIFIER)) / 1e6
    if one.name == "spinenet-49s":
        assert macs / row.flops_b == pytest.approx(1 - 0.089, abs=1e-3)
        assert "256" in one.note
        return
    low_digits = row.flops_b < 20
    assert macs == pytest.approx(row.flops_b, rel=0.005, abs=0.05 if low_digits else 0)
    # The TF2 table prints 2.32 M for Mobile SpineNet-49, the TF1 table 2.34; the count is 2.338.
    assert params == pytest.approx(row.params_m, rel=0.005 if row.params_m != 2.32 else 0.008)


@every_entry
def test_its_shape_is_its_familys(one: Entry) -> None:
    """What the words of the paper say of each family, read off the graph."""
    blocks, scaling = one.architecture.blocks, one.architecture.scaling
    kinds = {link.kind for link in links(one.architecture)}
    if one.family in ("spinenet", "mobile", "scale-permuted-resnet"):
        free = [block for block in blocks if not block.in_stem]
        assert all(len(set(block.parents)) == 2 and block.resampled for block in free)
        assert [b.level for b in one.architecture.outputs] == [3, 4, 5, 6, 7]
        assert kinds <= {LinkKind.PLAIN, LinkKind.RESAMPLE, LinkKind.JOINED}
        assert [b for b in blocks if b.in_stem] == list(blocks[: len(blocks) - len(free)])
    elif one.family == "resnet":
        assert kinds == {LinkKind.PLAIN}
        assert [b.level for b in one.architecture.outputs] == [2, 3, 4, 5]
        per_block = 3 if blocks[0].op is Op.BOTTLENECK else 2
        assert one.title == f"ResNet-{per_block * len(blocks) + 2}"
        assert scaling.endpoint is Endpoint.NONE
    elif one.family == "reference":
        assert kinds == {LinkKind.PLAIN}
        assert [b.level for b in one.architecture.outputs] == [4, 5, 6, 7, 8, 9]
        assert sum(b.op is Op.INVERTED for b in blocks) == 17  # Table 2 of MobileNetV2
        assert one.title == "reference: SSDLite-MobileNetV2, COCO"
        assert one.weights is not None and one.weights.is_file()
    else:
        assert one.family == "resnet-fpn"
        assert sorted(b.op for b in blocks[-8:]) == sorted(
            [Op.LATERAL] * 3 + [Op.SMOOTH] * 3 + [Op.COARSE] * 2
        )
        assert [b.level for b in one.architecture.outputs] == [3, 4, 5, 6, 7]


def test_the_joined_links_are_the_official_ones() -> None:
    """Block 11 joins 14 in SpineNet-49, 11 joins 13 in R0-SP53, 12 joins 15 in the mobile ones."""
    expected = {"spinenet": [(11, 14)], "mobile": [(12, 15)]}
    own = {"r0-sp53": [(11, 13)], "r23-sp30": []}
    for one in entries():
        found = [
            (link.parent, link.child)
            for link in links(one.architecture)
            if link.kind is LinkKind.JOINED
        ]
        assert found == own.get(one.name, expected.get(one.family, []))


@every_entry
def test_draws(one: Entry) -> None:
    from explorer.drawing.layout import layout

    drawn = layout(one.architecture, one.size)
    assert [node.id for node in drawn.nodes] == [block.id for block in one.architecture.blocks]
    assert [node.badge for node in drawn.nodes if node.badge] != []
    assert sum(wire.dead for wire in drawn.wires) == 0
    assert all(0 <= node.x <= drawn.width and 0 <= node.y <= drawn.height for node in drawn.nodes)


SMALL = [one for one in entries() if cost(one.architecture, 128, False).params < SMALL_PARAMS]


@pytest.mark.parametrize("one", SMALL, ids=[one.name for one in SMALL])
def test_builds_and_runs(one: Entry) -> None:
    """Every output has the size of its level, and numbers that are numbers."""
    import torch

    from explorer.network.build import build

    network = build(one.architecture, seed=0)
    with torch.inference_mode():
        pixels = one.architecture.scaling.fitting_side
        outputs = network(torch.zeros(1, 3, pixels, pixels))
    scaling = one.architecture.scaling
    assert list(outputs) == list(scaling.output_levels)
    for block in one.architecture.outputs:
        given = scaling.channels_of(block)
        channels = given if scaling.endpoint is Endpoint.NONE else scaling.endpoints_num_filters
        side = pixels // block.stride
        assert outputs[block.level].shape == (1, channels, side, side)
        assert torch.isfinite(outputs[block.level]).all()


def test_every_data_file_is_listed_and_every_result_belongs() -> None:
    listed = json.loads((DATA / "index.json").read_text(encoding="utf-8"))
    others = {"index", "published"}
    assert {file.stem for file in DATA.glob("*.json")} == {*listed, *others}
    published = json.loads((DATA / "published.json").read_text(encoding="utf-8"))
    assert set(published["results"]) <= set(names())
    rows = [row for found in published["results"].values() for row in found]
    assert {row["protocol"] for row in rows} == set(published["protocols"])
    assert {row["source"] for row in rows} == set(published["sources"])


def test_names_are_unique() -> None:
    listed = json.loads((DATA / "index.json").read_text(encoding="utf-8"))
    written = [
        model["name"]
        for file in listed
        for model in json.loads((DATA / f"{file}.json").read_text(encoding="utf-8"))["models"]
    ]
    assert len(written) == len(set(written)) == len(entries())


def test_published_numbers_are_percentages_and_scales() -> None:
    for one in entries():
        for row in one.published:
            for value in (row.ap, row.ap50, row.ap75, row.ap_small, row.top1, row.top5):
                assert value is None or 10 < value < 100
            assert (row.top1 is None) == (row.head == "retinanet")


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("spinnet-49", "spinenet-49"),
        ("resnet50", "resnet-50"),
        ("SpineNet49S", "spinenet-49s"),
        ("r0sp53", "r0-sp53"),
    ],
)
def test_an_unknown_name_hears_what_is_near(asked: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"Near: .*\b{near}\b"):
        entry(asked)


def test_a_name_like_nothing_hears_them_all() -> None:
    with pytest.raises(UnknownNameError, match="Choose one of: spinenet-49s, "):
        entry("yolo")
    with pytest.raises(UnknownNameError) as caught:
        entry("x" * 100_000)
    assert len(str(caught.value)) < 1000
