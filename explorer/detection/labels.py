"""Names of the classes of COCO, by the ids that its annotations use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).parent / "data" / "coco_labels.json"


@cache
def coco_labels() -> Mapping[int, str]:
    """Name of each of the ids 0 to 90; 0 is the background.

    Ten of the ids never occur in the annotations of 2017 (`street sign`, `hat`, …); a detector with
    91 classes has outputs for them all the same.

    >>> coco_labels()[18], len(coco_labels())
    ('dog', 91)
    """
    names = json.loads(_FILE.read_text(encoding="utf-8"))["names"]
    return MappingProxyType(dict(enumerate(names)))
