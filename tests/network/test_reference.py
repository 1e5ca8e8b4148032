"""Sizes and blocks that no fixture has, against a second forward in plain float64 ops."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import SizeError
from explorer.architecture.scaling import MOBILE_FILTERS, Activation, LinkStyle, Scaling, Stem
from explorer.network.build import build
from explorer.network.official_names import from_official, parameters
from tests.golden.parity import make_weights
from tests.network.parity import TOLERANCE, fixture
from tests.network.reference import ACTIVATIONS, Reference, Specs

MOBILE: Specs = [
    (2, "mbconv", (0, 1), False),
    (2, "mbconv", (1, 2), False),
    (4, "mbconv", (1, 2), False),
    (3, "mbconv", (3, 4), False),
    (6, "mbconv", (4, 5), False),
    (5, "mbconv", (4, 5), False),
    (7, "mbconv", (3, 6), False),
    (4, "mbconv", (5, 8), True),
    (3, "mbconv", (4, 6), True),
    (5, "mbconv", (3, 8), True),
    (7, "mbconv", (6, 11), True),
    (6, "mbconv", (9, 12), True),
]
"""Every step between levels, up by 2 to 32 and down by 2 to 32; block 7 joins block 11."""


def mobile(activation: Activation) -> Architecture:
    stem = [
        Block(0, Op.MBCONV, 1, resampled=False, in_stem=True),
        Block(1, Op.MBCONV, 2, (0,), resampled=False, in_stem=True),
    ]
    blocks = [Block(i, Op(op), lvl, par, out) for i, (lvl, op, par, out) in enumerate(MOBILE, 2)]
    scaling = Scaling(
        MOBILE_FILTERS,
        endpoints_num_filters=24,
        stem=Stem.CONV3,
        stem_filters=8,
        link_style=LinkStyle.SEPARABLE,
        activation=activation,
    )
    return Architecture("mobile", (*stem, *blocks), scaling)


def compare(arch: Architecture, reference: Reference, height: int, width: int) -> None:
    network = build(arch, weights=from_official(arch, reference.arrays))
    image = torch.from_numpy(make_weights.image(1, height, width)).permute(0, 3, 1, 2)
    with torch.no_grad():
        maps = network.maps(image)
    blocks, outputs = reference(image)
    assert maps.outputs.keys() == outputs.keys()
    for found, expected in [
        *((maps.outputs[level], outputs[level]) for level in outputs),
        *((x, blocks[block]) for block, x in maps.blocks.items()),
    ]:
        assert found.shape == expected.shape
        assert (found - expected).abs().max() <= TOLERANCE * expected.abs().max()


def tiny() -> tuple[Architecture, Reference]:
    one = fixture("retinanet_spinenet_tiny")
    arrays = make_weights.weights(one.data["parameters"])
    return one.architecture, Reference(arrays, one.data["block_specs"], "swish")


def test_the_reference_equals_the_official_code() -> None:
    """It stands on the same fixture, so that what it says elsewhere counts."""
    one = fixture("retinanet_spinenet_tiny")
    _, outputs = tiny()[1](one.image)
    for level, found in outputs.items():
        expected = one.expected[f"P{level}"]
        assert np.abs(found.numpy() - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("size", [(128, 256), (256, 128), (125, 253), (127, 126), (192, 192)])
def test_sizes_that_are_not_square_not_even_or_no_multiple_of_128(size: tuple[int, int]) -> None:
    compare(*tiny(), *size)


@pytest.mark.parametrize("size", [(129, 129), (131, 131), (192, 256), (320, 320), (576, 576)])
def test_sizes_that_the_official_code_refuses(size: tuple[int, int]) -> None:
    network = build(tiny()[0], device="meta")
    with pytest.raises(SizeError, match="multiples of 128"):
        network(torch.empty(1, 3, *size, device="meta"))


@pytest.mark.parametrize("activation", [Activation(name) for name in ACTIVATIONS])
def test_mbconv_and_separable_links(activation: Activation) -> None:
    arch = mobile(activation)
    arrays = make_weights.weights([(p.official, p.shape, p.kind) for p in parameters(arch)])
    reference = Reference(arrays, MOBILE, activation.value, mobile=True)
    compare(arch, reference, 128, 256)


def test_an_epsilon_reaches_every_norm() -> None:
    arch, reference = tiny()
    arch = replace(arch, scaling=replace(arch.scaling, norm_epsilon=0.3))
    reference.epsilon = 0.3
    compare(arch, reference, 128, 128)
