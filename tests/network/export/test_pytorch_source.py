"""Exported PyTorch files: run without this package, their outputs and state dicts equal ours."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ArchitectureError, ExplorerError
from explorer.architecture.layers import LayerKind
from explorer.architecture.links import LinkKind, dead_blocks, links
from explorer.architecture.plan import plan
from explorer.architecture.scaling import Activation, Norm, Padding, Scaling
from explorer.catalog import entry, names
from explorer.cost.cost import supports_head
from explorer.network.build import build
from explorer.network.export.pytorch_source import class_name, pytorch_source
from explorer.network.weights import save_weights
from tests.network.export.busy import busy_state, edited
from tests.random_architectures import Family, random_architecture

SIZES = ((1, 1), (2, 1), (1, 3))
"""Height and width, in multiples of where all maps meet; the last two are no squares."""
ODD = (100, 72)
"""Sizes that no power of two divides, for networks whose maps meet there."""
SMALL = ("spinenet-49s", "mobile-spinenet-49xs", "resnet-18", "resnet-50-fpn", "r23-sp30")
SEEDS = range(4)


def cases():
    """Name -> architecture: every family, edited ones, and a few of the catalog's."""
    found = {name.replace("-", "_"): entry(name).architecture for name in SMALL}
    symmetric = found["spinenet_49s"]
    for padding in (Padding.SYMMETRIC, Padding.TF1):
        found[padding] = replace(symmetric, scaling=replace(symmetric.scaling, padding=padding))
    for family in Family:
        for seed in SEEDS:
            found[f"{family}_{seed}"] = random_architecture(seed, family=family)
    for seed in SEEDS:
        found[f"edited_{seed}"] = edited(random_architecture(seed), seed, 6)
    return found


def meets(arch, size):
    try:
        plan(arch, *size)
    except ExplorerError:
        return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with every case's file, and what it gave in a process of its own."""
    folder = tmp_path_factory.mktemp("standalone")
    for name, arch in cases().items():
        head = supports_head(arch)
        (folder / f"{name}.py").write_text(pytorch_source(arch, head=head), encoding="utf-8")
        state = busy_state(build(arch, head=head))
        save_weights(folder / f"{name}.safetensors", state)
        generator = torch.Generator().manual_seed(1)
        side = arch.scaling.fitting_side
        sizes = [(rows * side, columns * side) for rows, columns in SIZES]
        sizes = sizes[:2] if name.replace("_", "-") in SMALL else [*sizes, ODD]
        images = {
            str(i): torch.randn(2 - i % 2, 3, *size, generator=generator).numpy()
            for i, size in enumerate(sizes)
            if meets(arch, size)
        }
        np.savez(folder / f"{name}.npz", **images)
    # -I: no PYTHONPATH, no current folder on the path
    script = Path(__file__).with_name("standalone.py")
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def our_maps(network, images):
    found = {}
    with torch.no_grad():
        for i, image in enumerate(images):
            maps = network(torch.from_numpy(image))
            found |= {f"{i}/{level}": map_.numpy() for level, map_ in maps.items()}
            for level, pair in network.forward_head(maps).items() if network.has_head else ():
                for kind, map_ in zip(("class", "box"), pair, strict=True):
                    found[f"{i}/{kind}/{level}"] = map_.numpy()
    return found


def assert_equal_maps(given, expected):
    assert set(given) == set(expected)
    # one map of a few pixels may be dark under initial values; not all of them
    assert max(np.abs(map_).max() for map_ in expected.values()) > 0
    for name, map_ in expected.items():
        largest = np.abs(map_).max()
        assert np.isfinite(largest), name
        assert np.abs(given[name] - map_).max() <= 1e-5 * largest, name


@pytest.mark.parametrize("name", cases())
def test_outputs_equal_ours_under_the_same_weights(folder, name):
    arch = cases()[name]
    head = supports_head(arch)
    network = build(arch, head=head)
    network.load_state_dict(load_file(folder / f"{name}.safetensors"))
    with np.load(folder / f"{name}.npz") as images, np.load(folder / f"{name}.out.npz") as given:
        assert len(images) >= 2
        assert_equal_maps(dict(given), our_maps(network, [images[key] for key in sorted(images)]))


@pytest.mark.parametrize("name", cases())
def test_its_own_state_dict_gives_its_outputs_in_our_network(folder, name):
    """The way back: values that the file started with load into ours, nothing left over."""
    arch = cases()[name]
    network = build(arch, head=supports_head(arch))
    network.load_state_dict(load_file(folder / f"{name}.state.safetensors"), strict=True)
    with np.load(folder / f"{name}.npz") as images, np.load(folder / f"{name}.own.npz") as given:
        assert_equal_maps(dict(given), our_maps(network, [images[key] for key in sorted(images)]))


def test_the_cases_hold_what_can_go_wrong():
    """Joined and dead blocks, plain strided blocks, copies, odd sizes, every activation, heads."""
    archs = list(cases().values())
    kinds = {link.kind for arch in archs for link in links(arch)}
    assert kinds == set(LinkKind)
    assert any(dead_blocks(arch) for arch in archs)
    assert any(meets(arch, ODD) for arch in archs)
    assert {arch.scaling.activation for arch in archs} == set(Activation)
    assert {arch.scaling.padding for arch in archs} == set(Padding)
    assert {arch.scaling.norm for arch in archs} == set(Norm)
    assert {arch.scaling.head.separable for arch in archs if supports_head(arch)} == {True, False}
    assert any(arch.scaling.block_repeats > 2 for arch in archs)
    pools = [
        sum(layer.kind is LayerKind.POOL for layer in wire.unit.layers)
        for arch in archs
        for step in plan(arch, 128, 128).blocks.values()
        for wire in step.links
    ]
    assert max(pools) > 1


def loaded(source, tmp_path):
    """The one class of a file that can be made without arguments, imported here."""
    file = tmp_path / "exported.py"
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("exported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    *_, made = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == "exported"
    )
    return made


@pytest.mark.parametrize("name", names())
def test_every_entry_of_the_catalog_has_the_same_names_and_shapes(name, tmp_path):
    arch = entry(name).architecture
    head = supports_head(arch)
    made = loaded(pytorch_source(arch, head=head), tmp_path)
    with torch.device("meta"):
        theirs = made().state_dict()
    ours = build(arch, head=head, device="meta").state_dict()
    assert {k: v.shape for k, v in theirs.items()} == {k: v.shape for k, v in ours.items()}


def imports_of(source):
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module.partition(".")[0])
    return found


@pytest.fixture(scope="module")
def sources():
    found = {
        f"{name}_{head}": pytorch_source(entry(name).architecture, head=head)
        for name in names()
        for head in (False, True)
        if not head or supports_head(entry(name).architecture)
    }
    return found | {name: pytorch_source(arch) for name, arch in cases().items()}


def test_files_are_clean(sources, tmp_path):
    """No unused class, import or name, no long line; as a formatter would have it."""
    for name, source in sources.items():
        compile(source, name, "exec")
        (tmp_path / f"{name.replace('-', '_')}.py").write_text(source, encoding="utf-8")
    for words in (("check", "--select", "E,F,I,UP,B"), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", words[0], "--isolated", *words[1:], str(tmp_path)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-3000:]


def test_files_need_torch_alone_and_hold_no_class_in_vain(sources):
    for name, source in sources.items():
        outside = imports_of(source) - sys.stdlib_module_names
        assert outside == {"torch"}, name
        assert "exec(" not in source and "eval(" not in source.replace(".eval()", "")
        classes = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
        for one in classes:
            assert source.count(f"{one}(") >= 2, f"{name}: {one} is never made"


def test_the_forward_names_each_live_block_once_in_order():
    arch = entry("spinenet-49").architecture
    source = pytorch_source(arch)
    forward = source.partition("def forward(self, x: Tensor) -> dict")[2]
    assigned = [
        node.targets[0].id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]
    blocks = [name for name in assigned if name[0] == "b" and name[1:].isdigit()]
    assert blocks == [f"b{block.id}" for block in arch.blocks if block.id not in dead_blocks(arch)]
    assert 'b14 = block["14"](b7, b12, joined=(b11,))  # L5 (N, 1024, H/32, W/32)' in forward


def test_a_file_shows_its_maps_when_it_is_run(tmp_path):
    arch = entry("mobile-spinenet-49xs").architecture
    file, weights = tmp_path / "mobile.py", tmp_path / "mobile.safetensors"
    file.write_text(pytorch_source(arch), encoding="utf-8")
    save_weights(weights, build(arch).state_dict())
    done = subprocess.run(
        [sys.executable, "-I", str(file), str(weights)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "P3: (1, 24, 16, 16)"


EVIL = (
    '"""\nimport os\nos.abort()\n"""',
    '""" + __import__("os").abort() + """',
    "'); __import__('os').abort() #",
    "\\",
    '\\"""',
    "{arch.scaling}",
    "a" * 200,
    "宽" * 100,
    "None",
    "Tensor",
    "class",
    "٣ network",
    "ﬁ",
    "",
)


@pytest.mark.parametrize("name", EVIL)
def test_no_name_becomes_code(name, tmp_path):
    """A name is refused by the rules, or stands in one comment, and makes a plain class name."""
    arch = replace(entry("resnet-18").architecture, name=name)
    try:
        source = pytorch_source(arch)
    except ArchitectureError:
        assert len(name) > 60 or not name.isprintable()
        return
    harmless = pytorch_source(replace(arch, name="ours"))
    renamed = re.sub(rf"\b{class_name(name)}\b", "Ours", source)
    assert ast.dump(ast.parse(renamed)) == ast.dump(ast.parse(harmless))
    assert class_name(name).isidentifier() and class_name(name).isascii()
    loaded(source, tmp_path)


def test_problems_and_a_head_that_does_not_fit_are_refused():
    with pytest.raises(ArchitectureError):
        pytorch_source(Architecture("empty", (), Scaling()))
    with pytest.raises(ExplorerError):
        pytorch_source(entry("resnet-50").architecture, head=True)
