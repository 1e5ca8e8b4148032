"""A network as an ONNX file: the batch is free, height and width are fixed."""

from __future__ import annotations

import logging
import warnings
from importlib.util import find_spec

import torch
from torch import Tensor, nn

from explorer.architecture.errors import ExplorerError
from explorer.network.build import Network

NEEDED = ("onnx", "onnxscript")
"""What torch's exporter needs beside torch; requirements-dev.txt has them with bounds."""
MAX_NBYTES = 2_000_000_000
"""Protocol buffers end at 2 GiB."""
IMAGE = "image"


class OnnxMissingError(ExplorerError):
    """The packages that write ONNX are not installed."""


class _Listed(nn.Module):
    """The network with its outputs in a row, as ONNX has them.

    torch writes code with the dotted names of modules in it, where `head.class` is an error: so the
    towers stand here under other names, and the network itself is hidden in a tuple.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.hidden = (network,)
        for name, module in network.named_children():
            if name == "head":
                towers = dict(module.named_children())
                module = nn.ModuleDict({f"{tower}_net": towers[tower] for tower in towers})
            self.add_module(name, module)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        (network,) = self.hidden
        maps = network(image)
        heads = network.forward_head(maps) if network.has_head else {}
        return (*maps.values(), *(map_ for pair in heads.values() for map_ in pair))


def output_names(network: Network) -> tuple[str, ...]:
    """`P3` … `P7`, and with a head `class_P3`, `box_P3`, …; `C2` … where there are no endpoints."""
    arch = network.architecture
    levels = [block.level for block in arch.outputs]
    heads = [f"{kind}_P{level}" for level in levels for kind in ("class", "box")]
    return (*map(arch.scaling.output_name, levels), *(heads if network.has_head else ()))


def onnx_bytes(network: Network, size: tuple[int, int]) -> bytes:
    """An ONNX model of `network`, weights inside, that takes float32 images (batch, 3, H, W).

    Parameters
    ----------
    network: in evaluation mode.
    size: height and width in pixels.

    Raises
    ------
    OnnxMissingError: where a package that writes ONNX is not installed.
    SizeError: where the maps of some block do not meet at this size.
    ExplorerError: where its parameters do not fit into one file.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise OnnxMissingError(
            f"The ONNX export: found no package {' and '.join(missing)}, which torch needs for it. "
            'Install them: pip install "onnx>=1.20,<2" "onnxscript>=0.7,<1".'
        )
    nbytes = sum(value.nbytes for value in network.state_dict().values())
    if nbytes > MAX_NBYTES:
        raise ExplorerError(
            f"The ONNX export: found {nbytes:,} bytes of parameters, expected at most "
            f"{MAX_NBYTES:,}, what one ONNX file holds. Choose a smaller network."
        )
    image = torch.zeros(2, 3, *size)  # one image would be taken for a fixed batch of one
    network.plan_for(image)
    # What it logs and warns of is its own inside, nothing that a person could mend.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Listed(network).eval(),
            (image,),
            input_names=[IMAGE],
            output_names=list(output_names(network)),
            dynamic_shapes=({0: torch.export.Dim("batch", min=1)},),
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise ExplorerError("The ONNX export: torch gave no model. Update torch and onnxscript.")
    data: bytes = program.model_proto.SerializeToString()
    return data
