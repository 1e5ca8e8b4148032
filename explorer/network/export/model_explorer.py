"""An architecture as graph JSON for Model Explorer.

Source of the format: google-ai-edge/model-explorer, `graph_builder.py` (Graph, GraphNode) and
`input_graph.ts`: its page opens a .json file with `label` and `graphs`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.layers import Layer, LayerKind, Layers
from explorer.architecture.plan import BlockPlan, Plan, Shape, plan
from explorer.cost.cost import cost
from explorer.cost.layers import convolution_macs, layer_params
from explorer.drawing.palette import level_colour, text_on

IMAGE, STEM = "image", "stem"


class _Node(NamedTuple):
    """A part of the network: where it stands, what it reads, what it gives."""

    id: str
    label: str
    namespace: str
    reads: tuple[str, ...]
    output: Shape
    layers: Layers
    notes: Mapping[str, str]
    level: int | None = None


def model_explorer_json(arch: Architecture, *, size: int = 640, head: bool = False) -> str:
    """The text of a graph collection with one graph: a node for each link, sum, body and endpoint.

    Blocks are groups, which open on a click; nodes tell their layers, shapes, multiply-adds and
    parameters, and have the colour of their level.

    Parameters
    ----------
    arch: an architecture without problems.
    size: of the image, in pixels.
    head: also the RetinaNet head.

    Raises
    ------
    ArchitectureError, SizeError: as `explorer.architecture.plan.plan`.

    >>> from explorer.architecture.example import small
    >>> graph = json.loads(model_explorer_json(small()))["graphs"][0]
    >>> [node["id"] for node in graph["nodes"]][:3]
    ['image', 'stem', 'blocks.0.body']
    """
    counted = cost(arch, size, head)
    network = plan(arch, size, size, head)
    groups = {
        _group(block_id): {
            "op": step.block.op.value,
            "level": f"L{step.block.level}, stride {step.block.stride}",
            "multiply-adds": f"{counted.blocks[block_id].macs:,} without links",
            "parameters": f"{counted.blocks[block_id].params:,} without links",
        }
        for block_id, step in network.blocks.items()
    }
    whole = {
        "architecture": arch.name,
        "image": f"{size}x{size}",
        "multiply-adds": f"{counted.macs:,}",
        "parameters": f"{counted.params:,}",
    }
    graph = {
        "id": arch.name,
        "nodes": [_data(node) for node in _nodes(network)],
        "groupNodeAttributes": {"": whole, **groups},
    }
    return json.dumps({"label": arch.name, "graphs": [graph]}, indent=1) + "\n"


def _group(block_id: int) -> str:
    return f"b{block_id}"


def _nodes(network: Plan) -> Iterator[_Node]:
    image = Shape(3, *network.size)
    yield _Node(IMAGE, "image", "", (), image, (), {})
    stem = network.stem
    yield _Node(STEM, "stem", "", (IMAGE,), stem.output, stem.layers, {})
    given: dict[int, str] = {}
    for block_id, step in network.blocks.items():
        yield from _block(step, given)
        given[block_id] = step.body.name
    for level, unit in network.endpoints.items():
        block = next(b for b in network.architecture.outputs if b.level == level)
        name = network.architecture.scaling.output_name(level)
        reads = (given[block.id],)
        yield _Node(unit.name, name, "", reads, unit.output, unit.layers, {}, level)
    for level, unit in network.head.items():
        for tower in ("class", "box"):
            layers = tuple(y for y in unit.layers if y.name.startswith(f"{tower}."))
            last = layers[-1]
            shape = Shape(last.out_channels, last.height, last.width)
            reads = (network.endpoints[level].name,)
            name, label = f"head.{tower}.{level}", f"{tower} P{level}"
            notes = {"shared": "convolutions are the same on all levels"}
            yield _Node(name, label, "head", reads, shape, layers, notes, level)


def _block(step: BlockPlan, given: Mapping[int, str]) -> Iterator[_Node]:
    """The links that compute something, the sum where there is one, and the body."""
    block = step.block
    group, level = _group(block.id), block.level
    sources = []
    for wire in step.links:
        parent = given[wire.link.parent]
        if wire.unit.layers:
            label = f"{wire.link.kind} b{wire.link.parent}"
            notes = {"kind": wire.link.kind.value, "slot": str(wire.link.slot)}
            yield _Node(
                wire.unit.name, label, group, (parent,), wire.unit.output, wire.unit.layers,
                notes, level,
            )  # fmt: skip
            parent = wire.unit.name
        sources.append(parent)
    if step.fuse.layers:
        joined = [f"b{w.link.parent}" for w in step.links if w.link.kind.value == "joined"]
        notes = {"joined as they are": ", ".join(joined)} if joined else {}
        reads = tuple(sources) or (STEM,)
        fuse = step.fuse
        yield _Node(fuse.name, "sum", group, reads, fuse.output, fuse.layers, notes, level)
        sources = [fuse.name]
    notes = {"op": block.op.value, "output": str(block.is_output).lower()}
    yield _Node(
        step.body.name, f"b{block.id} {block.op} L{level}", group, tuple(sources) or (STEM,),
        step.body.output, step.body.layers, notes, level,
    )  # fmt: skip


def _data(node: _Node) -> dict[str, object]:
    """A GraphNode."""
    macs = sum(convolution_macs(y) for y in node.layers if y.kind is LayerKind.CONVOLUTION)
    notes = dict(node.notes)
    if node.layers:
        notes |= {
            "multiply-adds": f"{macs:,}",
            "parameters": f"{sum(map(layer_params, node.layers)):,}",
        }
        notes |= {f"layer {i:02} {y.name}": _layer_text(y) for i, y in enumerate(node.layers)}
    shape = ",".join(map(str, (1, *node.output)))
    found: dict[str, object] = {
        "id": node.id,
        "label": node.label,
        "namespace": node.namespace,
        "attrs": _pairs(notes),
        "incomingEdges": _edges(node.reads),
        "outputsMetadata": [
            {"id": "0", "attrs": _pairs({"tensor_shape": f"float32[{shape}]"})},
        ],
    }
    if node.level is not None:
        fill = level_colour(node.level)
        found["style"] = {"backgroundColor": fill, "borderColor": text_on(fill)}
    return found


def _edges(reads: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"sourceNodeId": source, "sourceNodeOutputId": "0", "targetNodeInputId": str(slot)}
        for slot, source in enumerate(reads)
    ]


def _pairs(notes: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in notes.items()]


def _layer_text(layer: Layer) -> str:
    """`convolution 3x3 stride 2, 64 to 128`, `norm, 128`."""
    if layer.kind is LayerKind.CONVOLUTION:
        stride = f" stride {layer.stride}" if layer.stride > 1 else ""
        deep = " depthwise" if layer.groups > 1 else ""
        return (
            f"convolution {layer.kernel}x{layer.kernel}{stride}{deep}, "
            f"{layer.in_channels} to {layer.out_channels}"
        )
    return f"{layer.kind}, {layer.out_channels}"
