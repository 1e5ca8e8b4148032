"""Weights of public ports in our networks: names, shapes, and what the ports compute."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from explorer.architecture.errors import FormatError
from explorer.architecture.scaling import Head, Padding
from explorer.catalog import entry
from explorer.detection.anchors import ASPECT_RATIOS
from explorer.network.build import build
from explorer.network.ports.mapping import from_port, likely_table
from explorer.network.ports.tables import load_table
from explorer.network.weights import load_weights, match, save_weights
from tests.network.ports.port_networks import Forward, head_state, resnet_state, spinenet_state

FILTERS, CONVS, CLASSES = 16, 2, 80
RATIOS = (0.5, 1.0, 2.0)
"""The ports': height over width."""


def spinenet(scale=0.25, repeats=1, **head):
    base = entry("spinenet-49").architecture
    scaling = replace(
        base.scaling,
        filter_size_scale=scale,
        block_repeats=repeats,
        endpoints_num_filters=FILTERS,
        padding=Padding.SYMMETRIC,
        head=Head(num_convs=CONVS, num_filters=FILTERS, **head),
    )
    return replace(base, name="narrow", scaling=scaling)


def detector_state(classes=CLASSES, repeats=1):
    body = {f"backbone.{k}": v for k, v in spinenet_state(0.25, 0.5, repeats, FILTERS).items()}
    head = head_state(FILTERS, CONVS, classes)
    return body | {f"bbox_head.{k}": v for k, v in head.items()}


@pytest.mark.parametrize("name", ["lucifer443", "yan-roo"])
@pytest.mark.parametrize("repeats", [1, 3])
def test_a_port_s_detector_fills_our_network(name, repeats, tmp_path):
    file = tmp_path / "port.safetensors"
    state = {k: v.clone() for k, v in detector_state(repeats=repeats).items() if v.ndim}
    save_file(state, file)
    arch = spinenet(num_classes=CLASSES, repeats=repeats)
    found, report = from_port(arch, load_weights(file), load_table(name))
    assert report.missing == report.unused == report.reshaped == report.left_out == ()
    assert set(report.filled) == {
        f"head.{tower}.convs.{i}.bias" for tower in ("class", "box") for i in range(CONVS)
    }
    network = build(arch, head=True)
    network.load_state_dict(dict(found), strict=True)
    save_weights(tmp_path / "ours.safetensors", found)
    again = match(arch, load_weights(tmp_path / "ours.safetensors"), head=True)
    assert again.missing == again.unused == again.reshaped == ()


def test_it_computes_what_the_port_computes():
    """P3 to P6 and the head; the only link that goes down three levels feeds P7 alone."""
    arch, state = spinenet(num_classes=CLASSES), detector_state()
    weights, _ = from_port(arch, state, load_table("lucifer443"))
    network = build(arch, weights=weights, head=True)
    image = torch.randn(1, 3, 128, 256, generator=torch.Generator().manual_seed(0))
    body = {k.removeprefix("backbone."): v for k, v in state.items()}
    theirs = Forward(body, 1e-3).spinenet(image)
    with torch.no_grad():
        ours = network(image)
    for level in (3, 4, 5, 6):
        expected = theirs[level].relu()  # the activation that its endpoints lack
        assert (ours[level] - expected).abs().max() <= 1e-5 * expected.abs().max()
    head = {k.removeprefix("bbox_head."): v for k, v in state.items()}
    maps = {level: torch.randn(1, FILTERS, 4, 6) for level in range(3, 8)}
    with torch.no_grad():
        heads = network.forward_head(maps)
    for level, (logits, boxes) in Forward(head, 1e-3).head(maps).items():
        assert_same_anchors(heads[level][0], logits, CLASSES, range(CLASSES))
        assert_same_anchors(heads[level][1], boxes, 4, (1, 0, 3, 2))  # x first; here y first


def assert_same_anchors(ours, theirs, values, order):
    """Anchor by anchor: theirs by ratio, then scale; ours by scale, then ratio."""
    for scale in range(3):
        for r, across in enumerate(ASPECT_RATIOS):
            their_anchor = RATIOS.index(1 / across) * 3 + scale
            our_anchor = scale * len(ASPECT_RATIOS) + r
            for value, there in enumerate(order):
                a = ours[:, our_anchor * values + value]
                b = theirs[:, their_anchor * values + there]
                assert torch.allclose(a, b, rtol=1e-5, atol=1e-5 * float(theirs.abs().max()))


def test_a_backbone_alone_and_its_counters():
    arch = spinenet()
    weights, report = from_port(
        arch, spinenet_state(0.25, 0.5, 1, FILTERS), load_table("lucifer443")
    )
    assert report.missing == report.unused == report.reshaped == report.filled == ()
    assert report.left_out and all(name.endswith("num_batches_tracked") for name in report.left_out)
    assert not any(name.startswith("head.") for name in weights)


def test_another_number_of_classes_is_told():
    found = from_port(spinenet(), detector_state(), load_table("yan-roo")).report
    assert found.reshaped == ("head.class.predict.bias", "head.class.predict.weight")
    assert found.missing == ()


def test_edited_ids_and_missing_parts_are_told():
    """The port counts by place: ids of ours do not matter. What it has not is named."""
    arch = spinenet()
    moved = {block.id: block.id + 100 * (block.id > 1) for block in arch.blocks}
    blocks = tuple(
        replace(block, id=moved[block.id], parents=tuple(moved[p] for p in block.parents))
        for block in arch.blocks
    )
    state = spinenet_state(0.25, 0.5, 1, FILTERS)
    gone = state.pop("merge_ops.3.resample_ops.1.expand_conv.bn.bias")
    state["merge_ops.15.resample_ops.0.squeeze_conv.bn.bias"] = gone
    report = from_port(replace(arch, blocks=blocks), state, load_table("lucifer443")).report
    assert report.missing == ("blocks.105.resample1.expand.bn.bias",)
    assert report.unused == ("merge_ops.15.resample_ops.0.squeeze_conv.bn.bias",)


def test_names_that_share_a_parameter_must_agree():
    state = detector_state()
    other = "bbox_head.cls_convs.4.0.conv.weight"
    state[other] = state[other] + 1
    with pytest.raises(FormatError, match="cls_convs"):
        from_port(spinenet(num_classes=CLASSES), state, load_table("lucifer443"))


def test_weights_of_another_network_are_refused():
    with pytest.raises(FormatError, match=r"layer1.*table"):
        from_port(
            spinenet(),
            {"layer1.0.conv1.weight": torch.zeros(1, 1, 1, 1)},
            load_table("lucifer443"),
        )
    with pytest.raises(FormatError):
        from_port(spinenet(), {}, load_table("lucifer443"))


def torchvision_like(name):
    base = entry(name).architecture
    scaling = replace(
        base.scaling,
        filter_size_scale=0.25,
        padding=Padding.SYMMETRIC,
        norm_epsilon=1e-5,
        stage_projection=False,
    )
    return replace(base, scaling=scaling)


@pytest.mark.parametrize(
    ("name", "kind", "counts"),
    [("resnet-50", "bottleneck", (3, 4, 6, 3)), ("resnet-34", "basic", (3, 4, 6, 3))],
)
def test_torchvision_computes_the_same(name, kind, counts):
    """At a quarter of the width; with 64 channels the stem and stage 1 of a ResNet-34 agree."""
    arch = torchvision_like(name)
    state = resnet_state(kind, counts, (16, 32, 64, 128))
    table = likely_table(state)
    assert table.name == "torchvision"
    weights, report = from_port(arch, state, table)
    assert report.missing == report.unused == report.reshaped == ()
    assert {name for name in report.left_out if "num_batches" not in name} == {
        "fc.weight",
        "fc.bias",
    }
    image = torch.randn(1, 3, 96, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = build(arch, weights=weights)(image)
    for level, expected in Forward(state, 1e-5).resnet(image).items():
        assert (ours[level] - expected).abs().max() <= 1e-5 * expected.abs().max()


def test_the_shortcut_that_torchvision_lacks_is_named():
    arch = entry("resnet-18").architecture
    state = resnet_state("basic", (2, 2, 2, 2), (64, 128, 256, 512))
    report = from_port(arch, state, load_table("torchvision")).report
    assert {name.rpartition(".")[0] for name in report.missing} == {
        "blocks.0.body.0.conv0",
        "blocks.0.body.0.bn0",
    }
    assert report.unused == report.reshaped == ()


def test_the_likely_table():
    assert likely_table(detector_state()).name in ("lucifer443", "yan-roo")
    assert likely_table({"encoder.weight": torch.zeros(1)}) is None
    assert likely_table({}) is None
