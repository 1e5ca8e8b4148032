"""The official spec file: what the released code says is read as it stands, and written back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.block_specs import (
    read_architecture,
    read_block_specs,
    write_block_specs,
)
from explorer.architecture.codec import to_json
from explorer.architecture.errors import ArchitectureError, FormatError
from explorer.architecture.example import small
from explorer.architecture.links import LinkKind, dead_blocks, links
from explorer.architecture.rules import problems
from explorer.architecture.scaling import (
    MOBILE_FILTERS,
    Activation,
    Endpoint,
    Head,
    LinkStyle,
    Padding,
    Scaling,
    Stem,
)
from tests.architecture.networks import PARITY, spinenet_49s
from tests.random_architectures import Family, random_architecture

SPECS = [[3, "bottleneck", [0, 1], False], [4, "residual", [1, 2], True]]
EXTRA_SPEC = [2, "bottleneck", [2, 13], True]
"""The 16th entry of the official list (tensorflow/models, spinenet.py)."""


def file(**parts: object) -> str:
    return json.dumps({"block_specs": SPECS, **parts})


def test_the_parity_files_are_read_as_they_are() -> None:
    arch = spinenet_49s()
    assert arch.name == "SpineNet-49S, endpoints 128 (released code)"
    assert arch.scaling == Scaling(filter_size_scale=0.65, endpoints_num_filters=128)
    assert [b.id for b in arch.blocks] == list(range(17)) and problems(arch) == ()
    assert arch.block(5) == Block(5, Op.BOTTLENECK, 4, (2, 4))
    assert {b.level: b.id for b in arch.outputs} == {3: 13, 4: 12, 5: 14, 6: 16, 7: 15}
    text = (PARITY / "retinanet_spinenet_tiny.json").read_text(encoding="utf-8")
    assert read_block_specs(text).scaling == Scaling(
        filter_size_scale=0.15,
        endpoints_num_filters=32,
        activation=Activation.SWISH,
        head=Head(num_convs=2, num_filters=32),
    )


def test_unread_blocks_join_as_the_official_model_says() -> None:
    """The parity file lists what the official code merges: block 11 into block 14."""
    data = json.loads((PARITY / "spinenet49s_128.json").read_text(encoding="utf-8"))
    joined = [link for link in links(spinenet_49s()) if link.kind is LinkKind.JOINED]
    found: dict[str, list[int]] = {}
    for link in joined:
        found.setdefault(str(link.child), []).append(link.parent)
    assert found == data["merges"]


def test_the_16th_official_spec_is_accepted_and_dead() -> None:
    data = json.loads((PARITY / "spinenet49s_128.json").read_text(encoding="utf-8"))
    data["block_specs"].append(EXTRA_SPEC)
    arch = read_block_specs(json.dumps(data))
    assert problems(arch) == ()
    assert dead_blocks(arch) == {17}
    assert read_block_specs(write_block_specs(arch)) == arch


def test_what_is_left_out_is_spinenet_49s_or_the_mobile_ones() -> None:
    arch = read_block_specs(file())
    assert arch.scaling == Scaling() and arch.name == "unnamed"
    assert [(b.op, b.level, b.parents, b.in_stem, b.resampled) for b in arch.blocks[:2]] == [
        (Op.BOTTLENECK, 2, (), True, False),
        (Op.BOTTLENECK, 2, (0,), True, False),
    ]
    mobile = read_block_specs(file(family="mobile", scaling={"filter_size_scale": 0.65}))
    assert [(b.op, b.level, b.parents) for b in mobile.blocks[:2]] == [
        (Op.MBCONV, 1, ()),
        (Op.MBCONV, 2, (0,)),
    ]
    assert mobile.scaling == Scaling(
        filters=MOBILE_FILTERS,
        filter_size_scale=0.65,
        endpoints_num_filters=48,
        stem=Stem.CONV3,
        stem_filters=5,
        link_style=LinkStyle.SEPARABLE,
        activation=Activation.HARD_SWISH,
        head=Head(num_filters=48, separable=True),
    )


def test_everything_that_can_be_said_is_read() -> None:
    arch = read_block_specs(
        file(
            family="spinenet",
            name="mine",
            scaling={
                "filter_size_scale": 1,
                "resample_alpha": 0.25,
                "block_repeats": 3,
                "endpoints_num_filters": 64,
                "something_else": [],
            },
            activation="swish",
            norm_epsilon=1e-4,
            head={"num_convs": 3, "num_filters": 32, "num_classes": 4, "num_anchors": 2},
            padding="symmetric",
            stem_filters=32,
            min_level=4,
            max_level=6,
            trainer={"ignored": True},
        )
    )
    assert arch == Architecture(
        "mine",
        read_block_specs(file()).blocks,
        Scaling(
            resample_alpha=0.25,
            block_repeats=3,
            endpoints_num_filters=64,
            activation=Activation.SWISH,
            norm_epsilon=1e-4,
            head=Head(3, 32, 4, 2),
            padding=Padding.SYMMETRIC,
            stem_filters=32,
            min_level=4,
            max_level=6,
        ),
    )
    assert read_block_specs(write_block_specs(arch)) == arch


def test_a_bare_list_is_read_in_json_and_as_python_writes_it() -> None:
    arch = read_block_specs(json.dumps(SPECS))
    python = """
    [   # level, op, parents, output
        (3, 'bottleneck', (0, 1), False),
        (4, 'residual', (1, 2), True),
    ]
    """
    assert read_block_specs(python) == arch == read_block_specs(file())
    mobile = read_block_specs("[[3, 'mbconv', [0, 1], True]]")
    assert mobile.blocks[0].level == 1, "a list of MBConv alone is a mobile one"
    assert read_architecture(to_json(small())) == small()
    assert read_architecture(python) == arch


@pytest.mark.parametrize("family", [Family.SPINENET, Family.MOBILE])
def test_what_is_written_is_read_back(family: Family) -> None:
    written = 0
    for seed in range(200):
        arch = random_architecture(seed, family=family, narrow=False)
        try:
            text = write_block_specs(arch)
        except FormatError:
            continue
        written += 1
        number = {block.id: place for place, block in enumerate(arch.blocks)}
        assert read_block_specs(text) == replace(
            arch,
            blocks=tuple(
                replace(b, id=number[b.id], parents=tuple(number[i] for i in b.parents))
                for b in arch.blocks
            ),
        )
    assert written > 3


@pytest.mark.parametrize(
    ("arch", "text"),
    [
        (small(), ""),
        (random_architecture(1, family=Family.RESNET), "found another stem"),
        (replace(small(), blocks=(*small().blocks[:3], *small().blocks[4:])), ""),
    ],
)
def test_only_what_has_official_words_is_written(arch: Architecture, text: str) -> None:
    if text:
        with pytest.raises(FormatError, match=text):
            write_block_specs(arch)
    elif problems(arch):
        with pytest.raises(ArchitectureError, match="found"):
            write_block_specs(arch)
    else:
        assert read_block_specs(write_block_specs(arch)) == arch


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"parents": (1, 2, 3)}, "Block 4: found 3 parents, expected 2"),
        ({"parents": (3,)}, "found 1 parents"),
        ({"repeats": 2}, "found repeats of its own"),
        ({"parents": (3,), "level": 3, "resampled": False, "is_output": False}, "a plain input"),
        ({"op": Op.COARSE, "parents": (3,), "resampled": False}, "found a coarse block"),
    ],
)
def test_blocks_without_official_words_are_refused(changes: dict[str, object], text: str) -> None:
    arch = small()
    blocks = tuple(replace(b, **changes) if b.id == 4 else b for b in arch.blocks)
    with pytest.raises(FormatError) as caught:
        write_block_specs(replace(arch, blocks=blocks))
    assert text in str(caught.value)


def test_a_scaling_without_official_words_is_refused() -> None:
    for changes in ({"endpoint": Endpoint.NORM}, {"filters": (9,) * 8}, {"stage_projection": True}):
        arch = replace(small(), scaling=replace(Scaling(), **changes))
        with pytest.raises(FormatError, match=next(iter(changes))):
            write_block_specs(arch)


BAD = {
    "not JSON": ("spec", "not JSON"),
    "no specs": ("{}", "block_specs: found null, expected a list of [level"),
    "specs in words": (file(block_specs="x"), "expected a list of [level"),
    "a number": ("3", "found 3, expected an object"),
    "too many": (file(block_specs=[SPECS[0]] * 2001), "found 2001 specs, expected at most 2000"),
    "three parts": (file(block_specs=[[3, "residual", [0, 1]]]), "spec 0 (block 2): found a list"),
    "a spec in words": (file(block_specs=["x"]), 'found "x"'),
    "level": (file(block_specs=[["3", "residual", [0, 1], True]]), "level: found"),
    "op": (file(block_specs=[[3, "residul", [0, 1], True]]), "Did you mean residual?"),
    "pyramid": (file(block_specs=[[3, "smooth", [0], True]]), "expected bottleneck, residual or"),
    "parents": (file(block_specs=[[3, "residual", 0, True]]), "parents: found 0"),
    "output": (file(block_specs=[[3, "residual", [0, 1], 1]]), "is_output: found 1"),
    "family": (file(family="spinet"), "Did you mean spinenet?"),
    "scaling": (file(scaling=[1]), "scaling: found a list of 1"),
    "alpha": (file(scaling={"resample_alpha": "half"}), 'resample_alpha: found "half"'),
    "activation": (file(activation="gelu"), "expected one of relu, swish, hard_swish"),
    "padding": (file(padding="valid"), "expected one of same, symmetric"),
    "head": (file(head={"num_convs": 1.5}), "num_convs: found 1.5"),
    "code": ("[__import__('os').getcwd()]", "not JSON"),
    "tower of brackets": ("[" * 50_000, "nested too deeply"),
    "tower in Python": ("[(" * 200 + ")]" * 200, "not JSON"),
    "tower of signs": ("[" + "-" * 100_000 + "1,]", "not JSON"),
    "tower of powers": ("[" + "2**" * 20_000 + "1]", "not JSON"),
    "sums": ("[" + "1+" * 60_000 + "1j]", "not JSON"),
    "zero byte": ("[\0]", "not JSON"),
    "a set": ("[{(1, 2)}]", "spec 0 (block 2): found a set"),
    "bytes": ("[(3, b'residual', (0, 1), True)]", "op: found a bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_spec_files_are_refused_in_one_sentence(case: str) -> None:
    text, expected = BAD[case]
    for read in (read_block_specs, *([] if case == "no specs" else [read_architecture])):
        with pytest.raises(FormatError) as caught:
            read(text)
        assert expected in str(caught.value)
        assert "\n" not in str(caught.value)


def test_networks_with_problems_are_read_and_not_written() -> None:
    later = read_block_specs(file(block_specs=[[3, "residual", [0, 3], True], SPECS[1]]))
    assert problems(later)[0].code == "parent-cycle"
    with pytest.raises(ArchitectureError, match="a cycle"):
        write_block_specs(later)
