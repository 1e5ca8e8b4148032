"""The architecture that a call was asked for."""

from __future__ import annotations

import argparse

from explorer.architecture.architecture import Architecture
from explorer.architecture.edits import set_scaling
from explorer.catalog import resolve


def asked_architecture(options: argparse.Namespace) -> Architecture:
    """ARCH, padded as `--padding` says where it says something.

    >>> words = argparse.Namespace(arch="spinenet-49", padding="tf1")
    >>> str(asked_architecture(words).scaling.padding)
    'tf1'
    """
    arch = resolve(options.arch)
    return set_scaling(arch, "padding", options.padding) if options.padding else arch
