"""Which stored value is which parameter of an architecture.

A checkpoint files the backbone's layers under numbers of their place in Keras's depth order, which
says nothing about blocks. The object graph beside them keeps the names that the layers got when
they were created (`conv2d_5`): sorted by those numbers they stand in the order of the official
code, where each layer's block and link are known. The head's layers have names of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError
from explorer.architecture.links import LinkKind, dead_blocks, links_into
from explorer.network.checkpoint.object_graph import ObjectGraph, Variable
from explorer.network.checkpoint.official_layers import OfficialLayer, creation_order

_NUMBERED = re.compile(
    r"(?:sync_)?(batch_normalization|conv2d|depthwise_conv2d|bottleneck_block|residual_block"
    r"|inverted_bottleneck_block)(?:_(\d{1,9}))?"
)
_NAMED = re.compile(r"(?:lateral|post_hoc|coarser|norm)_\d")
_LEAVES = (
    (re.compile(r"^_shortcut/"), "conv0/"),
    (re.compile(r"^_conv(\d)/"), r"conv\1/"),
    (re.compile(r"^_norm(\d)/"), r"bn\1/"),
    (re.compile(r"^_squeeze_excitation/_se_(reduce|expand)/"), r"se/\1/"),
    (re.compile(r"\b(depthwise|pointwise)_kernel$"), "kernel"),
)
_HEAD_LEAVES = (
    (re.compile(r"^_cls_convs/(\d+)/"), r"class/convs/\1/"),
    (re.compile(r"^_box_convs/(\d+)/"), r"box/convs/\1/"),
    (re.compile(r"^_classifier/"), "class/predict/"),
    (re.compile(r"^_box_regressor/"), "box/predict/"),
    (re.compile(r"\bpointwise_kernel$"), "kernel"),
)
_HEAD_NORM = re.compile(r"_(cls|box)_norms/(\d{1,3})/(\d{1,3})/(\w+)")
_LAYER = re.compile(r"layer_with_weights-\d+")
_MOST_OBJECTS = 128
"""More objects than any layer has: where there are more, a whole model stands in its place."""


class Assignment(NamedTuple):
    """The checkpoint's key of each official parameter name.

    `unmerged` has the blocks that the stored model lacks because it was built without a fixed image
    size, where the official code joins no unread block.
    """

    keys: Mapping[str, str]
    unmerged: frozenset[int]


class _StoredLayer(NamedTuple):
    """A layer of the stored backbone: Keras's class and number, its values by their path in it."""

    kind: str
    number: int
    variables: tuple[tuple[str, Variable], ...]


def assign_backbone(graph: ObjectGraph, arch: Architecture) -> Assignment:
    """Where the backbone's parameters stand, and a decoder's.

    Raises FormatError where the stored model has not the layers of `arch`.
    """
    stored = _by_kind(_stored_layers(graph))
    live = creation_order(arch)
    unmerged = _dead_without_joins(arch) - dead_blocks(arch)
    for missing in dict.fromkeys((frozenset[int](), unmerged)):
        wanted = [layer for layer in live if layer.block not in missing]
        if _unlike(stored, wanted) is None:
            return Assignment(_paired(stored, wanted), missing)
    raise FormatError(_difference(stored, live, arch))


def assign_head(graph: ObjectGraph, min_level: int) -> dict[str, str] | None:
    """Where the head's parameters stand; None where the checkpoint has no RetinaNet head."""
    holder = graph.holder_of("_classifier")  # which a head without convolutions has, too
    if holder is None:
        return None
    found = {}
    for path, variable in graph.variables_under(holder):
        name = _head_name(path, min_level)
        if name is not None:
            found[name] = variable.key
    return found


def _head_name(path: str, min_level: int) -> str | None:
    """`head.class.norms.4.0.gamma` of `_cls_norms/1/0/gamma`; None for what is no parameter."""
    norm = _HEAD_NORM.fullmatch(path)
    if norm:
        tower = "class" if norm[1] == "cls" else "box"
        return f"head.{tower}.norms.{min_level + int(norm[2])}.{norm[3]}.{norm[4]}"
    renamed = _renamed(path, _HEAD_LEAVES)
    return None if renamed.startswith("_") else f"head.{renamed.replace('/', '.')}"


def _stored_layers(graph: ObjectGraph) -> list[_StoredLayer]:
    """The backbone's layers, and those of a decoder beside it.

    Of all objects that hold layers, the backbone is the one that holds most of known classes: it
    may stand under several names, and inside other models.
    """
    backbone: list[_StoredLayer] = []
    decoder: list[_StoredLayer] = []
    for node in graph.nodes:
        layers = [
            layer
            for name, child in node.children
            if _LAYER.fullmatch(name)
            for layer in _stored_layer(graph, child)
        ]
        numbered = [layer for layer in layers if not _NAMED.fullmatch(layer.kind)]
        named = [layer for layer in layers if _NAMED.fullmatch(layer.kind)]
        backbone = max(backbone, numbered, key=len)
        decoder = max(decoder, named, key=len)
    return backbone + decoder


def _stored_layer(graph: ObjectGraph, place: int) -> Iterator[_StoredLayer]:
    """The layer at one place of the graph; nothing where its class is unknown."""
    variables = tuple(graph.variables_under(place, _MOST_OBJECTS))
    if not variables:
        return
    for part in variables[0][1].full_name.split("/"):
        numbered = _NUMBERED.fullmatch(part)
        if numbered:
            yield _StoredLayer(numbered[1], int(numbered[2] or 0), variables)
            return
        if _NAMED.fullmatch(part):
            yield _StoredLayer(part, 0, variables)
            return


def _by_kind(layers: Sequence[_StoredLayer]) -> dict[str, list[_StoredLayer]]:
    found = defaultdict(list)
    for layer in sorted(layers, key=lambda one: one.number):
        found[layer.kind].append(layer)
    return found


def _by_expected_kind(layers: Sequence[OfficialLayer]) -> dict[str, list[OfficialLayer]]:
    found = defaultdict(list)
    for layer in layers:
        found[layer.kind].append(layer)
    return found


def _unlike(
    stored: Mapping[str, Sequence[object]], wanted: Sequence[OfficialLayer]
) -> tuple[str, int, int] | None:
    """A class of layers whose numbers differ: its name, how many are stored, how many wanted.

    A decoder that the architecture has no use for is no difference.
    """
    expected = _by_expected_kind(wanted)
    for kind in sorted({*stored, *expected}):
        found, wants = len(stored.get(kind, ())), len(expected.get(kind, ()))
        if found != wants and (wants or not _NAMED.fullmatch(kind)):
            return kind, found, wants
    return None


def _paired(
    stored: Mapping[str, Sequence[_StoredLayer]], wanted: Sequence[OfficialLayer]
) -> dict[str, str]:
    """Keys by official name; the n-th stored layer of a class is the n-th wanted one."""
    found = {}
    for kind, layers in _by_expected_kind(wanted).items():
        for layer, one in zip(layers, stored[kind], strict=True):
            for path, variable in one.variables:
                leaf = _renamed(path, _LEAVES).replace("/", ".")
                found[f"{layer.name}.{leaf}"] = variable.key
    return found


def _renamed(path: str, rules: Sequence[tuple[re.Pattern[str], str]]) -> str:
    for pattern, text in rules:
        path = pattern.sub(text, path)
    return path


def _dead_without_joins(arch: Architecture) -> frozenset[int]:
    """The blocks that no endpoint reads where unread blocks are not joined to outputs."""
    into = links_into(arch)
    alive: set[int] = set()
    waiting = [block.id for block in arch.outputs]
    while waiting:
        block_id = waiting.pop()
        if block_id not in alive:
            alive.add(block_id)
            waiting += [link.parent for link in into[block_id] if link.kind is not LinkKind.JOINED]
    return frozenset(block.id for block in arch.blocks if block.id not in alive)


def _difference(
    stored: Mapping[str, Sequence[object]], wanted: Sequence[OfficialLayer], arch: Architecture
) -> str:
    """The sentence for a checkpoint of another network."""
    if not stored:
        return (
            "The checkpoint has no backbone of the official code: no layer in its object graph is "
            "of a known class. Expected a SpineNet or a ResNet that TensorFlow 2 saved."
        )
    kind, found, expected = _unlike(stored, wanted) or ("", 0, 0)
    return (
        f"The checkpoint is of another network: found {found} layers {kind}, expected {expected} "
        f"for {arch.name}. Choose the architecture that it was trained as."
    )
