"""Muon: momentum whose matrices are made nearly orthogonal before a step is taken along them.

Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024), with its
five-step Newton-Schulz iteration. `torch.optim.Muon` takes two-dimensional parameters alone; here a
convolution counts as the matrix of its output channels by all that one of them reads, and matrices
of one shape are worked on together, which on a CPU is several times faster than one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
ITERATIONS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)
"""Coefficients of the iteration: steepest at zero, singular values end between 0.7 and 1.2."""


class Muon:
    """The optimiser of the convolutions; parameters without a gradient keep value and momentum.

    Parameters
    ----------
    parameters: of four dimensions, by name.
    decay: weight decay, times the rate.
    momentum: of a training that goes on, by name.
    """

    def __init__(
        self,
        parameters: Mapping[str, nn.Parameter],
        decay: float,
        momentum: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.parameters = dict(parameters)
        self.decay = decay
        self.momentum = {name: value.clone() for name, value in (momentum or {}).items()}

    def zero_grad(self) -> None:
        """Forgets all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One step of length about `rate` in every direction of each matrix."""
        alike: dict[tuple[int, int], list[tuple[nn.Parameter, Tensor]]] = {}
        for name, parameter in self.parameters.items():
            if (gradient := parameter.grad) is None:
                continue
            past = self.momentum.setdefault(name, torch.zeros_like(parameter))
            past.lerp_(gradient, 1 - MOMENTUM)
            ahead = gradient.lerp(past, MOMENTUM).flatten(1)
            alike.setdefault((ahead.shape[0], ahead.shape[1]), []).append((parameter, ahead))
        for (rows, columns), several in alike.items():
            made = orthogonal(torch.stack([matrix for _, matrix in several]))
            length = rate * max(1.0, rows / columns) ** 0.5
            for (parameter, _), direction in zip(several, made, strict=True):
                parameter.mul_(1 - rate * self.decay)
                parameter.sub_(direction.reshape(parameter.shape), alpha=length)


def orthogonal(matrices: Tensor, iterations: int = ITERATIONS) -> Tensor:
    """The nearest matrices, about, whose singular values are all one; (N, rows, columns).

    >>> made = orthogonal(torch.tensor([[[3.0, 0.0], [0.0, 0.1]]]))
    >>> bool(((torch.linalg.svdvals(made) - 1).abs() < 0.35).all())
    True
    """
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (torch.linalg.matrix_norm(x, keepdim=True) + 1e-7)
    first, second, third = QUINTIC
    for _ in range(iterations):
        square = x @ x.mT
        x = first * x + (second * square + third * square @ square) @ x
    made: Tensor = x.mT if tall else x
    return made


def matrices_of(parameters: Mapping[str, nn.Parameter]) -> dict[str, nn.Parameter]:
    """What Muon steps: the convolutions between the stem and the head."""
    edges = ("stem.", "head.")
    return {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.ndim == 4 and not name.startswith(edges)
    }


def others_of(parameters: Mapping[str, nn.Parameter], taken: Iterable[str]) -> list[nn.Parameter]:
    """The rest, which another optimiser steps."""
    names = set(taken)
    return [parameter for name, parameter in parameters.items() if name not in names]
