"""What a network's scaling settles; an exported file has its own values here."""

from torch.nn import functional

EPSILON = 1e-3
MOMENTUM = 0.01
BIASED = False

activate = functional.relu
