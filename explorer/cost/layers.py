"""What one layer costs, one small function per kind, and the sum over a unit's layers.

Conventions. A convolution counts multiply-adds (MACs), biases not: one MAC is one, so that
`torch.utils.flop_counter`, which counts a multiplication and an addition, gives twice as much.
Every other kind counts element operations, listed apart and never added to the MACs:

- norm: one scale-and-shift per element (in evaluation, where mean and variance are constants)
- activation, add, resize: one per element that comes out
- pool: one comparison per element of each window
- gate: squeeze-and-excitation's mean and product, one per element that goes in
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from explorer.architecture.layers import Layer, LayerKind, Layers


class Tally(NamedTuple):
    """Multiply-adds of the convolutions, and trainable parameters."""

    macs: int
    params: int


class UnitCost(NamedTuple):
    """What the layers of one unit cost together."""

    tally: Tally
    norm_params: int
    """Those of `tally.params` that belong to norms (a head's norms are each level's own)."""
    activations: int
    """Elements that the convolutions give, the measure of Radosavovic et al. 2020."""
    by_class: tuple[int, ...]
    """Operations by `LayerKind`, in the order of that enum."""


def convolution_macs(layer: Layer) -> int:
    """Multiply-adds of a convolution: for each output element, its window's weights.

    >>> convolution_macs(Layer("conv", LayerKind.CONVOLUTION, 3, 64, 320, 320, kernel=7, stride=2))
    963379200
    """
    return _elements(layer) * (layer.in_channels // layer.groups) * layer.kernel**2


def _elements(layer: Layer) -> int:
    """One operation per element; height and width of a mean are those of its input."""
    return layer.out_channels * layer.height * layer.width


def _windows(layer: Layer) -> int:
    return _elements(layer) * layer.kernel**2


_OPERATIONS: Mapping[LayerKind, Callable[[Layer], int]] = {
    LayerKind.CONVOLUTION: convolution_macs,
    LayerKind.NORM: _elements,
    LayerKind.ACTIVATION: _elements,
    LayerKind.ADD: _elements,
    LayerKind.POOL: _windows,
    LayerKind.RESIZE: _elements,
    LayerKind.GATE: _elements,
}


def layer_operations(layer: Layer) -> int:
    """Multiply-adds of a convolution, element operations of any other layer.

    >>> layer_operations(Layer("bn", LayerKind.NORM, 8, 8, 4, 4))
    128
    """
    return _OPERATIONS[layer.kind](layer)


def layer_params(layer: Layer) -> int:
    """Trainable parameters: a convolution's weights and biases, a norm's gamma and beta.

    >>> layer_params(Layer("conv", LayerKind.CONVOLUTION, 8, 16, 4, 4, kernel=3, bias=True))
    1168
    """
    if layer.kind is LayerKind.CONVOLUTION:
        weights = layer.out_channels * (layer.in_channels // layer.groups) * layer.kernel**2
        return weights + (layer.out_channels if layer.bias else 0)
    return 2 * layer.out_channels if layer.kind is LayerKind.NORM else 0


_KEPT = 1 << 17
_known: dict[int, tuple[Layers, UnitCost]] = {}


def unit_cost(layers: Layers) -> UnitCost:
    """The sum over these layers.

    Kept by the identity of the tuple: hashing one by its contents takes longer than all the rest
    of a cost, and `explorer.architecture.layers` gives the same object for the same part. The
    entry holds on to its tuple, so an identity is never used again while it is known here.

    >>> unit_cost(()).tally
    Tally(macs=0, params=0)
    """
    known = _known.get(id(layers))
    if known is None:
        if len(_known) >= _KEPT:
            _known.clear()
        known = _known[id(layers)] = (layers, _count(layers))
    return known[1]


def _count(layers: Layers) -> UnitCost:
    by_class = dict.fromkeys(LayerKind, 0)
    params = norm_params = activations = 0
    for layer in layers:
        by_class[layer.kind] += layer_operations(layer)
        own = layer_params(layer)
        params += own
        if layer.kind is LayerKind.NORM:
            norm_params += own
        elif layer.kind is LayerKind.CONVOLUTION:
            activations += _elements(layer)
    tally = Tally(by_class[LayerKind.CONVOLUTION], params)
    return UnitCost(tally, norm_params, activations, tuple(by_class.values()))
