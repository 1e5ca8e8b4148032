"""Costs against `torch.utils.flop_counter` on the live network: the same integers."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from explorer.architecture.architecture import Architecture
from explorer.architecture.miniature import miniature
from explorer.architecture.scaling import Norm
from explorer.catalog.resolve import resolve
from explorer.cost.cost import cost, supports_head
from explorer.network.build import Network, build
from tests.random_architectures import Family, random_architecture

BATCH = 50


def _counted(network: Network, image: torch.Tensor) -> tuple[int, int]:
    """Multiply-adds that torch counts (it counts two operations for each), and parameters."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        outputs = network(image)
        if network.has_head:
            network.forward_head(outputs)
    flops = counter.get_total_flops()
    assert flops % 2 == 0
    return flops // 2, sum(parameter.numel() for parameter in network.parameters())


def _agree(arch: Architecture, height: int, width: int, head: bool) -> None:
    ours = cost(arch, (height, width), head)
    # Zeros on the CPU: dispatching on `meta` takes four times as long at this size.
    network = build(arch, head=head, device="meta").to_empty(device="cpu")
    for value in network.state_dict().values():
        value.zero_()
    macs, params = _counted(network, torch.zeros(1, 3, height, width))
    assert (ours.macs, ours.params) == (macs, params), arch.name


def _drawn(seed: int) -> Architecture:
    """Seven small ones for each of any length, so that a thousand take less than a minute."""
    return random_architecture(seed, blocks=None if seed % 8 == 0 else 1 + seed % 5)


@pytest.mark.parametrize("first", range(0, 1000, BATCH))
def test_a_thousand_random_architectures(first: int) -> None:
    for seed in range(first, first + BATCH):
        arch = _drawn(seed)
        head = seed % 3 == 0 and supports_head(arch)
        _agree(arch, 128, 256 if seed % 5 == 0 else 128, head)


def test_networks_in_the_miniature_manner() -> None:
    drawn = [random_architecture(seed, family=Family.MINIATURE) for seed in range(150)]
    for seed, arch in enumerate(drawn):
        _agree(arch, 128, 256 if seed % 5 == 0 else 128, supports_head(arch))
    assert {arch.scaling.norm for arch in drawn} == {Norm.GROUP, Norm.BATCH}
    assert {arch.scaling.expansion for arch in drawn} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "name", ["spinenet-49", "r0-sp53", "r23-sp30", "resnet-50-fpn", "mobile-spinenet-49"]
)
def test_the_catalog_at_the_miniature_scale(name: str) -> None:
    _agree(miniature(resolve(name)), 128, 128, head=True)


def test_whatever_has_an_output_has_a_miniature() -> None:
    made = [miniature(random_architecture(seed)) for seed in range(100)]
    with_outputs = [arch for arch in made if arch.outputs]
    assert len(with_outputs) > 90
    for arch in with_outputs:
        _agree(arch, 128, 128, head=True)


def test_the_thousand_are_worth_asking() -> None:
    drawn = [_drawn(seed) for seed in range(1000)]
    assert len(set(drawn)) == 1000
    assert len({block.op for arch in drawn for block in arch.blocks}) == 6
    assert sum(supports_head(arch) for arch in drawn[::3]) > 100
    assert {arch.scaling.link_style for arch in drawn} == {"alpha", "separable"}


@pytest.mark.parametrize(
    ("name", "size"), [("spinenet-49", 640), ("mobile-spinenet-49", 384), ("resnet-50-fpn", 640)]
)
def test_named_networks_at_full_size(name: str, size: int) -> None:
    arch = resolve(name)
    macs, params = _counted(
        build(arch, head=True, device="meta"), torch.empty(1, 3, size, size, device="meta")
    )
    ours = cost(arch, size, head=True)
    assert (ours.macs, ours.params) == (macs, params)
