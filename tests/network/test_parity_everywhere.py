"""Every entry of the catalog, and networks like those of the search, against the float64 reference.

The reference stands on the official fixtures (test_reference.py). Here it says what no fixture
does: every op, activation, scale, head and padding rule, on images that are no squares.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.block_specs import STEMS, SpecFamily
from explorer.architecture.rules import problems
from explorer.architecture.scaling import Activation, Head, Padding
from explorer.catalog import entries, entry
from explorer.cost.cost import cost, supports_head
from explorer.network.build import build
from explorer.network.official_names import from_official, parameters
from tests.golden.parity import make_weights
from tests.network.parity import TOLERANCE, fixture
from tests.network.reference import ACTIVATIONS, Reference, ResNetReference, Specs

HEIGHT, WIDTH = 128, 256
LARGE = 30_000_000
"""Networks of more parameters are narrowed: widths are numbers, and rules are the same."""
NETWORKS = [one for one in entries() if one.family != "reference"]
PADDINGS = list(Padding)


def specs_of(arch: Architecture) -> Specs:
    numbers = {block.id: place for place, block in enumerate(arch.blocks)}
    return [
        (b.level, str(b.op), tuple(numbers[p] for p in b.parents), b.is_output)
        for b in arch.blocks
        if not b.in_stem
    ]


def narrowed(arch: Architecture) -> Architecture:
    if cost(arch, 128, supports_head(arch)).params < LARGE:
        return arch
    head = replace(arch.scaling.head, num_filters=64)
    scaling = replace(arch.scaling, head=head, endpoints_num_filters=64)
    return replace(arch, scaling=replace(scaling, filter_size_scale=scaling.filter_size_scale / 3))


def check(arch: Architecture, height: int = HEIGHT, width: int = WIDTH) -> None:
    """Our maps, logits and boxes are the reference's, within what float32 can give."""
    assert problems(arch) == ()
    head = supports_head(arch)
    arrays = make_weights.weights([(p.official, p.shape, p.kind) for p in parameters(arch, head)])
    image = torch.from_numpy(make_weights.image(2, height, width)).permute(0, 3, 1, 2)
    network = build(arch, weights=from_official(arch, arrays, head), head=head)
    scaling = arch.scaling
    ops = (arrays, specs_of(arch), str(scaling.activation), arch.blocks[0].op is Op.MBCONV)
    rules = (scaling.norm_epsilon, scaling.output_levels, str(scaling.padding))
    with torch.inference_mode():
        outputs = network(image)
        found = {f"P{level}": x for level, x in outputs.items()}
        for level, (logits, boxes) in (network.forward_head(outputs) if head else {}).items():
            found |= {f"class_P{level}": logits, f"box_P{level}": boxes}
        if arch.blocks[0].in_stem:
            stem = tuple(block.level for block in arch.blocks if block.in_stem)
            second = Reference(*ops, *rules, stem)
            theirs = second(image)[1]
        else:
            second = ResNetReference(*ops, *rules)
            theirs = second(image)
        expected = {f"P{level}": x for level, x in theirs.items()}
        expected |= second.head(theirs) if head else {}
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        largest = float(value.abs().max())
        assert 0 < largest < float("inf")
        assert float((found[name] - value).abs().max()) <= TOLERANCE * largest, name


@pytest.mark.parametrize("name", [one.name for one in NETWORKS])
def test_every_entry_of_the_catalog(name: str) -> None:
    check(narrowed(entry(name).architecture))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("name", ["spinenet-49", "mobile-spinenet-49xs", "resnet-50-fpn"])
def test_every_activation_and_padding(name: str, padding: Padding, activation: str) -> None:
    arch = entry(name).architecture
    scaling = replace(
        arch.scaling,
        padding=padding,
        activation=Activation(activation),
        norm_epsilon=1e-4 if padding is Padding.TF1 else 1e-3,
        endpoints_num_filters=16,
        filter_size_scale=1.0 if "mobile" in name else 0.125,
        head=replace(arch.scaling.head, num_convs=2, num_filters=24, num_classes=7),
    )
    check(replace(arch, scaling=scaling), 256, 128)


def random_specs(seed: int, mobile: bool) -> Architecture:
    """A permutation as the search draws it, and further: any op, any level, any two parents."""
    rng = Random(seed)
    ops = [Op.MBCONV] if mobile else [Op.BOTTLENECK, Op.RESIDUAL]
    ends = rng.sample([3, 4, 5, 6, 7], 5)
    levels = [rng.randint(2, 7) for _ in range(rng.randint(3, 10))] + ends
    first = len(levels) - 5
    blocks = list(STEMS[SpecFamily.MOBILE if mobile else SpecFamily.SPINENET])
    for i, level in enumerate(levels):
        parents = tuple(rng.sample(range(i + 2), 2))
        blocks.append(Block(i + 2, rng.choice(ops), level, parents, i >= first))
    base = entry("mobile-spinenet-49" if mobile else "spinenet-49").architecture.scaling
    scaling = replace(
        base,
        filter_size_scale=rng.choice([0.6, 1.0] if mobile else [0.1, 0.15, 0.25]),
        resample_alpha=rng.choice([0.5, 0.5, 0.75, 1.0]),
        block_repeats=1 if mobile else rng.choice([1, 1, 2, 3]),
        endpoints_num_filters=rng.choice([8, 24]),
        activation=Activation(rng.choice(list(ACTIVATIONS))),
        padding=rng.choice(PADDINGS),
        head=Head(rng.choice([0, 1, 3]), 16, 5, 9, separable=mobile),
    )
    return Architecture(f"random {seed}", tuple(blocks), scaling)


@pytest.mark.parametrize("seed", range(24))
def test_any_permutation(seed: int) -> None:
    check(random_specs(seed, mobile=seed % 3 == 2), *((128, 256), (256, 128))[seed % 2])


@pytest.mark.parametrize("name", ["resnet18_128", "resnet18_128_symmetric", "resnet50_fpn_128"])
def test_the_resnet_reference_equals_the_official_code(name: str) -> None:
    one = fixture(name)
    arrays = make_weights.weights(one.data["parameters"])
    scaling = one.architecture.scaling
    second = ResNetReference(
        arrays, [], "relu", epsilon=scaling.norm_epsilon, padding=str(scaling.padding)
    )
    letter = "P" if one.data.get("fpn") else "C"
    for level, x in second(one.image).items():
        key = f"{letter}{level}"
        expected = torch.from_numpy(one.expected[key])
        step = one.data.get("channel_step", {}).get(key, 1)
        assert float((x[:, ::step] - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


def test_the_head_of_the_reference_equals_the_official_code() -> None:
    one = fixture("retinanet_spinenet_tiny")
    arrays = make_weights.weights(one.data["parameters"])
    second = Reference(arrays, one.data["block_specs"], "swish")
    for key, x in second.head(second(one.image)[1]).items():
        expected = torch.from_numpy(one.expected[key])
        assert float((x - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


def test_padding_rules_differ_from_each_other() -> None:
    """On the link 5 -> 15 of SpineNet-49, down by 8, TensorFlow 1 has another pool, too."""
    arch = fixture("retinanet_spinenet_tiny").architecture
    weights = build(arch, seed=3).state_dict()
    image = torch.from_numpy(make_weights.image(0, 256, 256)).permute(0, 3, 1, 2)
    outputs = []
    for padding in PADDINGS:
        changed = replace(arch, scaling=replace(arch.scaling, padding=padding))
        with torch.inference_mode():
            outputs.append(build(changed, weights=weights)(image))
    for i, one in enumerate(outputs):
        for other in outputs[:i]:
            for level in one:
                largest = float(one[level].abs().max())
                assert float((one[level] - other[level]).abs().max()) > 0.01 * largest
