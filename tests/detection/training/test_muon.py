"""Muon against the singular value decomposition, and on a problem with a known answer."""

import pytest
import torch
from torch import nn

from explorer.detection.training.muon import Muon, matrices_of, orthogonal, others_of


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 32, 64), (2, 64, 9)])
def test_steps_go_along_the_nearest_orthogonal_matrix(shape):
    given = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    made = orthogonal(given)
    left, _, right = torch.linalg.svd(given, full_matrices=False)
    nearest = left @ right
    likeness = (made * nearest).sum((1, 2)) / (made.norm(dim=(1, 2)) * nearest.norm(dim=(1, 2)))
    assert (likeness > 0.97).all()
    values = torch.linalg.svdvals(made)
    assert values.min() > 0.3
    assert values.max() < 1.3


def test_a_convolution_is_led_to_the_one_that_made_the_data():
    generator = torch.Generator().manual_seed(2)
    wanted = torch.randn(6, 4, 3, 3, generator=generator)
    images = torch.randn(16, 4, 8, 8, generator=generator)
    goal = torch.conv2d(images, wanted)
    weight, idle = nn.Parameter(torch.zeros_like(wanted)), nn.Parameter(torch.ones(6, 4, 1, 1))
    muon = Muon({"weight": weight, "idle": idle}, decay=0.0)
    for step in range(300):
        muon.zero_grad()
        (torch.conv2d(images, weight) - goal).square().mean().backward()
        muon.step(0.1 * (1 - step / 300))
    assert (weight - wanted).norm() < 0.03 * wanted.norm()
    assert (idle == 1).all(), "a path that was not drawn keeps its values"
    assert set(muon.momentum) == {"weight"}


def test_each_parameter_has_one_optimiser():
    shapes = {
        "stem.conv1.weight": (4, 3, 3, 3),
        "blocks.2.body.0.conv1.weight": (4, 4, 1, 1),
        "blocks.2.body.0.bn1.weight": (4,),
        "head.class.predict.weight": (2, 4, 3, 3),
    }
    parameters = {name: nn.Parameter(torch.ones(shape)) for name, shape in shapes.items()}
    taken = matrices_of(parameters)
    assert list(taken) == ["blocks.2.body.0.conv1.weight"]
    assert len(others_of(parameters, taken)) == 3
