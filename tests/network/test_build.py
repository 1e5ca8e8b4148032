"""Any legal architecture builds, runs, and has the shapes and counts that were predicted."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.edits import set_level
from explorer.architecture.errors import ArchitectureError, SizeError
from explorer.architecture.plan import plan
from explorer.architecture.scaling import Padding
from explorer.cost.cost import cost, supports_head
from explorer.network.budget import EAGER, Budget, BudgetError, check_budget
from explorer.network.build import build
from explorer.network.official_names import from_official, parameters, to_official
from explorer.network.primitives import Conv, margins, max_pool, upsample
from tests.network.parity import RESNETS, fixture
from tests.random_architectures import Family, random_architecture


@pytest.mark.parametrize("family", [None, Family.DETECTOR])
@pytest.mark.parametrize("seed", range(40))
def test_any_legal_architecture_runs_at_the_predicted_shapes(
    seed: int, family: Family | None
) -> None:
    arch = random_architecture(seed, family=family)
    head = supports_head(arch)
    network = build(arch, head=head)
    side = arch.scaling.fitting_side
    predicted = plan(arch, side, 2 * side, head)
    with torch.no_grad():
        maps = network.maps(torch.randn(2, 3, side, 2 * side))
        heads = network.forward_head(maps.outputs) if head else {}
    assert {b: tuple(x.shape[1:]) for b, x in maps.blocks.items()} == {
        b: tuple(step.output) for b, step in predicted.blocks.items()
    }
    assert {lvl: tuple(x.shape[1:]) for lvl, x in maps.outputs.items()} == {
        lvl: tuple(unit.output) for lvl, unit in predicted.endpoints.items()
    }
    classes = arch.scaling.head.num_classes
    for level, (logits, boxes) in heads.items():
        anchors = arch.scaling.head.anchors_at(level == arch.scaling.min_level)
        size = maps.outputs[level].shape[2:]
        assert logits.shape == (2, anchors * classes, *size)
        assert boxes.shape == (2, anchors * 4, *size)
    assert all(x.isfinite().all() for x in maps.outputs.values())


@pytest.mark.parametrize("family", list(Family))
def test_counts_equal_torchs_own(family: Family) -> None:
    for seed in range(5):
        arch = random_architecture(seed, family=family)
        head = supports_head(arch)
        network = build(arch, head=head, device="meta")
        with FlopCounterMode(display=False) as counter:
            side = arch.scaling.fitting_side
            outputs = network(torch.empty(1, 3, side, side, device="meta"))
            if head:
                network.forward_head(outputs)
        counted = cost(arch, side, head)
        assert counter.get_total_flops() == 2 * counted.macs
        assert sum(p.numel() for p in network.parameters()) == counted.params


@pytest.mark.parametrize("seed", range(12))
def test_every_parameter_has_one_official_name_and_comes_back(seed: int) -> None:
    arch = random_architecture(seed)
    head = supports_head(arch)
    state = build(arch, head=head).state_dict()
    listed = parameters(arch, head)
    assert [p.name for p in listed] == list(dict.fromkeys(p.name for p in listed))
    assert {p.name for p in listed} == state.keys()
    assert len({p.official for p in listed}) == len(listed)
    back = from_official(arch, to_official(arch, state, head), head)
    assert all(torch.equal(back[name], value) for name, value in state.items())


def test_forward_gives_what_maps_gives() -> None:
    arch = random_architecture(3, family=Family.MIXED)
    network = build(arch)
    x = torch.randn(1, 3, 128, 128)
    with torch.no_grad():
        one, two = network(x), network.maps(x).outputs
    assert list(one) == list(two) == sorted(one)
    assert all(torch.equal(one[level], two[level]) for level in one)


def test_a_dead_block_is_not_built() -> None:
    arch = fixture("spinenet49s_128").architecture
    unread = Block(40, Op.BOTTLENECK, 2, (2, 3))
    blocks = (*arch.blocks[:5], unread, *arch.blocks[5:])
    network = build(Architecture("with a dead one", blocks, arch.scaling), device="meta")
    assert not [name for name in network.state_dict() if name.startswith("blocks.40.")]


def test_an_edited_network_inherits_every_parameter_that_still_fits() -> None:
    arch = fixture("retinanet_spinenet_tiny").architecture
    before = build(arch, seed=3).state_dict()
    after = build(set_level(arch, 5, 3), seed=3).state_dict()
    shared = [name for name in before if name in after and before[name].shape == after[name].shape]
    assert len(shared) > 0.9 * len(before)
    assert all(torch.equal(before[name], after[name]) for name in shared)


def test_seeds_and_names_draw_different_values() -> None:
    arch = fixture("retinanet_spinenet_tiny").architecture
    one, two = build(arch, seed=0).state_dict(), build(arch, seed=1).state_dict()
    name, twin = "blocks.9.body.0.conv2.weight", "blocks.9.body.0.conv1.weight"
    assert one[name].shape == one[twin].shape
    assert not torch.equal(one[name], two[name])
    assert not torch.equal(one[name], one[twin])


def test_initial_values_have_the_official_distribution() -> None:
    network = build(fixture("spinenet49s_128").architecture)
    value = network.state_dict()["blocks.16.body.0.conv2.weight"]
    deviation = (1 / value[0].numel()) ** 0.5
    assert value.std().item() == pytest.approx(deviation, rel=0.01)
    assert value.mean().item() == pytest.approx(0, abs=0.01 * deviation)
    assert value.abs().max().item() <= 2 * deviation / 0.8796256610342398
    norm = network.get_submodule("blocks.16.body.0.bn2")
    assert (norm.weight == 1).all()
    assert (norm.bias == 0).all()


@pytest.mark.parametrize("length", range(1, 12))
@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (1, 2), (3, 1), (3, 2), (7, 2)])
def test_same_padding_is_tensorflows(length: int, kernel: int, stride: int) -> None:
    """Its documented rule, in other words: from the remainder of length by stride."""
    rest = length % stride
    total = max(kernel - (rest or stride), 0)
    assert margins(length, kernel, stride, Padding.SAME) == (total // 2, total - total // 2)


@pytest.mark.parametrize("padding", list(Padding))
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 8), (7, 7), (8, 6)])
def test_windows_stand_where_the_margins_say(padding: Padding, size: tuple[int, int]) -> None:
    layer = plan(fixture("resnet18_128").architecture, 64, 64).blocks[2].body.layers[0]
    layer = layer._replace(in_channels=2, out_channels=2, kernel=3, stride=2)
    conv, x = Conv(layer, padding), torch.randn(1, 2, *size) - 10
    (top, bottom), (left, right) = (margins(n, 3, 2, padding.of_convolutions) for n in size)
    zeros = functional.pad(x, (left, right, top, bottom))
    torch.testing.assert_close(conv(x), functional.conv2d(zeros, conv.weight, stride=2))
    (top, bottom), (left, right) = (margins(n, 3, 2, padding.of_pools) for n in size)
    lowest = functional.pad(x, (left, right, top, bottom), value=float("-inf"))
    found = max_pool(x, padding)
    assert torch.equal(found, functional.max_pool2d(lowest, 3, 2))
    assert found.shape[2:] == tuple(-(-n // 2) for n in size)


def test_upsampling_copies_pixels() -> None:
    x = torch.randn(2, 3, 4, 5)
    expected = x.repeat_interleave(3, 2).repeat_interleave(7, 3)
    assert torch.equal(upsample(x, (12, 35)), expected)
    assert upsample(x, (4, 5)) is x


def test_a_head_that_does_not_fit_is_refused() -> None:
    for device in ("cpu", "meta"):
        with pytest.raises(ArchitectureError, match="without a head"):
            build(fixture(RESNETS[0]).architecture, head=True, device=device)


def test_an_image_that_is_none_is_refused() -> None:
    network = build(fixture("retinanet_spinenet_tiny").architecture, device="meta")
    for shape in [(3, 128, 128), (1, 1, 128, 128), (1, 3, 0, 128)]:
        with pytest.raises(SizeError, match="The image"):
            network(torch.empty(shape, device="meta"))


def test_a_network_larger_than_the_machine_is_refused_before_torch_allocates() -> None:
    wide = random_architecture(0, family=Family.SPINENET)
    arch = Architecture(
        "wide",
        wide.blocks,
        type(wide.scaling)(filter_size_scale=60.0, endpoints_num_filters=60000),
    )
    with pytest.raises(BudgetError, match=r"wide at 128x128: found (about )?[\d.]+ [GTP]"):
        build(arch)


def test_a_budget_counts_each_image_of_a_batch() -> None:
    arch = fixture("spinenet49s_128").architecture
    one = cost(arch, 128)
    check_budget(arch, (128, 128), Budget(max_macs=3 * one.macs), batch=3)
    with pytest.raises(BudgetError, match="MACs"):
        check_budget(arch, (128, 128), Budget(max_macs=3 * one.macs - 1), batch=3)
    check_budget(arch, (128, 128), Budget(max_nbytes=EAGER * one.peak_nbytes))
    with pytest.raises(BudgetError, match="this machine has free"):
        check_budget(arch, (128, 128), Budget(max_nbytes=EAGER * one.peak_nbytes - 1))
