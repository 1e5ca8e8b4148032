"""Official networks that several tests look at, read from their block specs."""

from __future__ import annotations

from pathlib import Path

from explorer.architecture.architecture import Architecture
from explorer.architecture.block_specs import read_block_specs

TESTS = Path(__file__).parents[1]
CORPUS = TESTS / "corpus"
PARITY = TESTS / "golden" / "parity"


def spinenet_49s() -> Architecture:
    """SpineNet-49S as the released code has it (tensorflow/models, spinenet.py)."""
    return read_block_specs((PARITY / "spinenet49s_128.json").read_text(encoding="utf-8"))
