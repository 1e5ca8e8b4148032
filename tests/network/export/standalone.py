"""Runs exported files where this package cannot be imported; called by test_pytorch_source.py.

`python -I standalone.py FOLDER`: for each NAME.py there, NAME.safetensors are its weights and
NAME.npz its images; writes NAME.out.npz, the maps, and NAME.state.safetensors, its state dict with
values of its own, and NAME.own.npz, the maps under these.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file


def maps_of(network, images, has_head):
    """Maps by name: `0/3` is level 3 of the first image, `0/class/3` its class logits."""
    found = {}
    with torch.no_grad():
        for i, image in enumerate(images):
            maps = network(torch.from_numpy(image))
            for level, map_ in maps.items():
                found[f"{i}/{level}"] = map_.numpy()
            for level, pair in network.forward_head(maps).items() if has_head else ():
                for kind, map_ in zip(("class", "box"), pair, strict=True):
                    found[f"{i}/{kind}/{level}"] = map_.numpy()
    return found


def run(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    *_, made = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == file.stem
    )
    torch.manual_seed(0)
    network = made().eval()
    with np.load(file.with_suffix(".npz")) as arrays:
        images = [arrays[key] for key in sorted(arrays)]
    has_head = hasattr(network, "forward_head")
    np.savez(file.with_suffix(".own.npz"), **maps_of(network, images, has_head))
    own = {name: value.detach().clone() for name, value in network.state_dict().items()}
    save_file(own, file.with_suffix(".state.safetensors"))
    network.load_state_dict(module.read_safetensors(file.with_suffix(".safetensors")), strict=True)
    np.savez(file.with_suffix(".out.npz"), **maps_of(network, images, has_head))


if __name__ == "__main__":
    torch.set_num_threads(1)
    assert importlib.util.find_spec("explorer") is None, sys.path
    for file in sorted(Path(sys.argv[1]).glob("*.py")):
        run(file)
