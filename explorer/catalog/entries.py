"""The named architectures of the catalog, with their sources and published results."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import from_data
from explorer.architecture.errors import UnknownNameError

DATA = Path(__file__).parent / "data"
WEIGHTS = Path(__file__).parents[2] / "assets" / "weights"


@dataclass(frozen=True, slots=True)
class Published:
    """One row of a published table; what the source does not say is None.

    `flops_b` is what the literature calls FLOPs: billions of multiply-adds for one image, with the
    head. `params_m` is in millions. AP and top-1 are in per cent.
    """

    size: int
    """Height and width of the image in pixels."""
    split: str
    """`val2017` or `test-dev2017` of COCO, or `imagenet-val`."""
    protocol: str
    """How it was trained; A, B and C are the paper's names."""
    source: str
    ap: float | None = None
    flops_b: float | None = None
    params_m: float | None = None
    head: str = "retinanet"
    """`retinanet`, or `classifier`: counted with a linear layer to 1001 classes."""
    ap50: float | None = None
    ap75: float | None = None
    ap_small: float | None = None
    ap_medium: float | None = None
    ap_large: float | None = None
    top1: float | None = None
    top5: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One named architecture; `published` has the row to show first at its beginning."""

    name: str
    title: str
    family: str
    architecture: Architecture
    size: int
    """Height and width in pixels of the images it is published for."""
    source: str
    """Where blocks and scaling were read."""
    published: tuple[Published, ...]
    note: str
    """What a reader of its numbers must know; may be empty."""
    weights: Path | None = None
    """Trained weights that come with this program, as safetensors."""


def entries() -> tuple[Entry, ...]:
    """Every entry, in the order in which a list shows them.

    >>> [e.title for e in entries()][:3]
    ['SpineNet-49S', 'SpineNet-49S, endpoints 256', 'SpineNet-49']
    """
    return tuple(_by_name().values())


def names() -> tuple[str, ...]:
    """The name of every entry, in the order of `entries`.

    >>> "r0-sp53" in names()
    True
    """
    return tuple(_by_name())


def entry(name: str) -> Entry:
    """The entry of this name, upper and lower case alike.

    >>> entry("SpineNet-49").published[0].ap
    42.8

    Raises
    ------
    UnknownNameError: where there is none; the message says which names are near.
    """
    found = _by_name().get(name.strip().casefold())
    if found is None:
        raise UnknownNameError(
            f"Catalog: found no architecture '{_short(name)}', expected one of its names. "
            f"{near_names(name)}"
        )
    return found


def reference_for(arch: Architecture) -> Entry | None:
    """The entry whose trained weights `arch` may take: its own, or that of what it was edited from.

    Edits keep the scaling, and parameters are named after blocks' ids, so that a scaling tells
    which weights an edited network goes with. None where there are none.

    >>> found = reference_for(entry("ssdlite-mobilenetv2").architecture)
    >>> found.title
    'reference: SSDLite-MobileNetV2, COCO'
    >>> reference_for(entry("spinenet-49").architecture) is None
    True
    """
    for found in entries():
        if found.weights and found.architecture.scaling == arch.scaling:
            return found
    return None


def near_names(name: str) -> str:
    """A sentence that says which names of the catalog `name` may have meant.

    >>> near_names("spinet-190")
    'Near: spinenet-190, spinenet-96, spinenet-49.'
    """
    near = difflib.get_close_matches(name[:200].strip().casefold(), names(), n=3, cutoff=0.7)
    return f"Near: {', '.join(near)}." if near else f"Choose one of: {', '.join(names())}."


def _short(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:77]}..."


@cache
def _by_name() -> Mapping[str, Entry]:
    published = _published()
    found: dict[str, Entry] = {}
    for file in _read("index.json"):
        data = _read(f"{file}.json")
        for model in data["models"]:
            name = model["name"]
            whole = {
                "version": 1,
                "name": name,
                "scaling": _merged(data["scaling"], model["scaling"]),
                "blocks": data["blocks"],
            }
            found[name] = Entry(
                name,
                model["title"],
                data["family"],
                from_data(whole, f"The catalog's {file}.json"),
                model["size"],
                data["source"],
                published.get(name, ()),
                model["note"],
                WEIGHTS / model["weights"] if "weights" in model else None,
            )
    return MappingProxyType(found)


def _read(name: str) -> Any:
    """One of the catalog's own files, whose shape the tests hold."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def _published() -> Mapping[str, tuple[Published, ...]]:
    """The rows of every architecture; protocols and sources are written once and named by key."""
    data = _read("published.json")
    return {
        name: tuple(
            Published(
                **{
                    **row,
                    "protocol": data["protocols"][row["protocol"]],
                    "source": data["sources"][row["source"]],
                }
            )
            for row in rows
        )
        for name, rows in data["results"].items()
    }


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """The permutation's scaling with the model's values put over it; heads field by field."""
    heads = {"head": {**base.get("head", {}), **over.get("head", {})}}
    return {**base, **over, **heads}
