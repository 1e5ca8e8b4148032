"""`export`: each kind of file, the round trips that exist, and refusals that write nothing."""

import json
import re
import shutil
import subprocess

import numpy as np
import onnxruntime
import pytest
import torch

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.links import dead_blocks, links
from explorer.catalog import entry, names, resolve
from explorer.network.build import build
from explorer.network.export.files import Target
from explorer.network.weights import save_weights
from tests.cli.test_calls import answer, refused
from tests.network.parity import FOLDER, fixture

SPEC = FOLDER / "retinanet_spinenet_tiny.json"
SPECS = [name for name in names() if entry(name).family in ("spinenet", "mobile")]


def exported(capsys, arch, target, path, *words):
    found = answer(capsys, "export", arch, "--to", target, "-o", path, *words)
    assert found["nbytes"] == path.stat().st_size
    return path


@pytest.mark.parametrize("target", [one for one in Target if one is not Target.ONNX])
def test_every_kind_of_file_is_written_whole(capsys, tmp_path, target):
    exported(capsys, SPEC, target, tmp_path / "file", "--size", 128)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", names())
def test_json_comes_back(capsys, tmp_path, name):
    path = exported(capsys, name, "json", tmp_path / "a.json")
    assert resolve(str(path)) == entry(name).architecture


@pytest.mark.parametrize("name", SPECS)
def test_block_specs_come_back_under_the_official_ids(capsys, tmp_path, name):
    path = exported(capsys, name, "block-specs", tmp_path / "a.json")
    assert resolve(str(path)) == entry(name).architecture
    specs = json.loads(path.read_text(encoding="utf-8"))["block_specs"]
    # what the official code unpacks: (level, block_fn, (parent, parent), is_output)
    for number, (level, op, parents, is_output) in enumerate(specs, 2):
        assert 2 <= level <= 7 and op in ("bottleneck", "residual", "mbconv")
        assert len(parents) == 2 and all(0 <= parent < number for parent in parents)
        assert isinstance(is_output, bool)


def test_specs_that_the_official_code_has_no_words_for_are_refused(capsys, tmp_path):
    for name in ("resnet-50-fpn", "ssdlite-mobilenetv2"):
        path = tmp_path / "a.json"
        assert "official" in refused(capsys, "export", name, "--to", "block-specs", "-o", path)
        assert not path.exists()


def test_onnx_has_the_weights_that_were_given(capsys, tmp_path):
    arch = fixture(SPEC.stem).architecture
    network = build(arch, seed=5, head=True)
    weights = tmp_path / "w.safetensors"
    save_weights(weights, network.state_dict())
    path = tmp_path / "a.onnx"
    exported(capsys, SPEC, "onnx", path, "--weights", weights, "--size", 128)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    image = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        outputs = network(image)
        heads = network.forward_head(outputs)
    expected = {f"P{level}": x for level, x in outputs.items()}
    for level, (logits, boxes) in heads.items():
        expected |= {f"class_P{level}": logits, f"box_P{level}": boxes}
    found = session.run(list(expected), {"image": image.numpy()})
    for (name, value), given in zip(expected.items(), found, strict=True):
        assert np.abs(given - value.numpy()).max() <= 1e-4 * float(value.abs().max()), name


def test_weights_of_another_network_are_refused(capsys, tmp_path):
    weights, path = tmp_path / "w.safetensors", tmp_path / "a.py"
    save_weights(weights, build(entry("resnet-18").architecture).state_dict())
    words = ("--to", "pytorch", "-o", path, "--weights", weights)
    assert "weights of this architecture" in refused(capsys, "export", SPEC, *words)
    assert not path.exists()


@pytest.mark.parametrize("name", ["spinenet-49", "resnet-50-fpn", "ssdlite-mobilenetv2"])
def test_the_page_stands_alone(capsys, tmp_path, name):
    """Everything that it needs is in it: it asks no other machine for anything."""
    text = exported(capsys, name, "html", tmp_path / "a.html").read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith(("<!doctype", "<html"))
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=.?(?:https?:)?//", text)
    for block in entry(name).architecture.blocks:
        assert f"b{block.id}" in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_takes_the_drawing(capsys, tmp_path):
    path = exported(capsys, "spinenet-49", "dot", tmp_path / "a.dot")
    words = ["dot", "-Kneato", "-n2", "-Tsvg", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "b16" in done.stdout


def graph_of(capsys, tmp_path, arch):
    path = exported(capsys, arch, "model-explorer", tmp_path / "a.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    (graph,) = data["graphs"] if "graphs" in data else data[0]["graphs"]
    return graph


@pytest.mark.parametrize("name", ["spinenet-49", "mobile-spinenet-49", "ssdlite-mobilenetv2"])
def test_model_explorer_s_graph_holds_together(capsys, tmp_path, name):
    graph = graph_of(capsys, tmp_path, name)
    ids = [node["id"] for node in graph["nodes"]]
    assert len(ids) == len(set(ids))
    sources = {
        edge["sourceNodeId"] for node in graph["nodes"] for edge in node.get("incomingEdges", ())
    }
    assert sources <= set(ids)
    arch: Architecture = entry(name).architecture
    assert len(ids) >= len(arch.blocks) - len(dead_blocks(arch))
    assert len(sources) >= len({link.parent for link in links(arch)})


def test_problems_and_bad_places_are_one_line(capsys, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps([[3, Op.RESIDUAL, [0, 9], True]]), encoding="utf-8")
    path = tmp_path / "a.py"
    assert "block 9" in refused(capsys, "export", broken, "--to", "pytorch", "-o", path)
    assert not path.exists()
    refused(capsys, "export", SPEC, "--to", "json", "-o", tmp_path / "no" / "a.json")
    refused(capsys, "export", SPEC, "--to", "pickle", "-o", path)
