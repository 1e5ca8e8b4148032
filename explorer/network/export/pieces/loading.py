"""How an exported file reads weights without another package."""

import json
from pathlib import Path

import torch
from torch import Tensor


def read_safetensors(path: str | Path) -> dict[str, Tensor]:
    """The float32 tensors of a .safetensors file, without the safetensors package.

    Raises OSError, ValueError or KeyError where it is something else.
    """
    types = {
        "F64": torch.float64,
        "F32": torch.float32,
        "F16": torch.float16,
        "BF16": torch.bfloat16,
    }
    data = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            piece = data[start + begin : start + end]
            flat = torch.frombuffer(piece, dtype=types[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"]).float()
    return tensors
