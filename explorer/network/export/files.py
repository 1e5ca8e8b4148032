"""Every file that an architecture can leave as: what is in it, its name, its type.

Only what a file needs is imported: JSON, specs and drawings need no torch.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explorer.architecture.architecture import Architecture
from explorer.architecture.block_specs import write_block_specs
from explorer.architecture.codec import to_json
from explorer.architecture.errors import ArchitectureError, ExplorerError, FormatError
from explorer.architecture.rules import problems
from explorer.cost.cost import supports_head

if TYPE_CHECKING:
    from explorer.network.weights import Weights


class Target(StrEnum):
    """What an architecture can be written as."""

    JSON = "json"
    """Ours: everything, and it comes back."""
    BLOCK_SPECS = "block-specs"
    """The official list, which comes back too."""
    PYTORCH = "pytorch"
    """One readable Python file."""
    ONNX = "onnx"
    """With its weights, for a runtime."""
    DOT = "dot"
    """The drawing, for Graphviz."""
    HTML = "html"
    """The drawing, as a page that stands alone."""
    MODEL_EXPLORER = "model-explorer"
    """A graph for Model Explorer."""


class FileType(NamedTuple):
    """How the files of a target are named, and what a browser is told they are."""

    label: str
    ending: str
    mime: str


FILE_TYPES = {
    Target.JSON: FileType("JSON", ".json", "application/json"),
    Target.BLOCK_SPECS: FileType("Official block specs", "-specs.json", "application/json"),
    Target.PYTORCH: FileType("PyTorch", ".py", "text/x-python"),
    Target.ONNX: FileType("ONNX", ".onnx", "application/octet-stream"),
    Target.DOT: FileType("Drawing, DOT", ".dot", "text/vnd.graphviz"),
    Target.HTML: FileType("Drawing, HTML", ".html", "text/html"),
    Target.MODEL_EXPLORER: FileType("Model Explorer", "-graph.json", "application/json"),
}


class Exported(NamedTuple):
    """A file in memory."""

    data: bytes
    filename: str
    """A name that every system takes."""
    mime: str
    note: str
    """What a person should know of it, one sentence; may be empty."""


class _Wish(NamedTuple):
    arch: Architecture
    size: int
    head: bool
    weights: Weights | None
    seed: int


def export_bytes(
    arch: Architecture,
    to: Target,
    weights: Weights | None = None,
    *,
    head: bool | None = None,
    size: int = 640,
    seed: int = 0,
) -> Exported:
    """The file that `to` names, in memory.

    Parameters
    ----------
    arch: JSON and drawings take one with problems too.
    weights: in the ONNX file; for `pytorch` they are only checked to fit. Without them an ONNX file
        has seeded, untrained ones.
    head: also the RetinaNet head, in `pytorch`, `onnx`, `model-explorer`; where None, if the
        weights have one.
    size: image side in pixels, of the ONNX file and of what drawings say.
    seed: of untrained weights.

    Raises
    ------
    ExplorerError: where the architecture or the weights do not fit the target, or what it needs is
        not installed.

    >>> from explorer.architecture.example import small
    >>> export_bytes(small(), Target.JSON).filename
    'small.json'
    """
    if to not in (Target.JSON, Target.DOT, Target.HTML) and (found := problems(arch)):
        raise ArchitectureError(found)
    if head is None:
        head = weights is not None and supports_head(arch) and any(
            name.startswith("head.") for name in weights
        )  # fmt: skip
    notes = []
    if weights is not None:
        notes.append(_fitting(arch, weights, head, to))
    elif to is Target.ONNX:
        notes.append("Its weights are seeded, not trained.")
    data = _WRITERS[to](_Wish(arch, size, head, weights, seed))
    kind = FILE_TYPES[to]
    return Exported(data, f"{file_stem(arch)}{kind.ending}", kind.mime, " ".join(notes))


def file_stem(arch: Architecture) -> str:
    """A file name from the architecture's name that every system takes.

    >>> file_stem(Architecture("../R23 / SP30", ()))
    'R23---SP30'
    """
    kept = "".join(c if c.isalnum() or c in "-_" else "-" for c in arch.name)
    return kept.strip("-")[:60] or "architecture"


def write_whole(path: Path, data: bytes) -> None:
    """Nothing; `path` holds all of `data` afterwards, or what it held before.

    Raises ExplorerError where it cannot be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():  # a pipe or a terminal: nothing to replace
        beside = target
    else:
        beside = target.with_name(f".{target.name[:60]}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
        if beside != target:
            beside.replace(target)
    except OSError as error:
        if beside != target:
            with contextlib.suppress(OSError):
                beside.unlink()
        raise ExplorerError(
            f"{path}: found {error.strerror or error}, expected a place to write a file. Choose "
            "another folder or name."
        ) from None


def _fitting(arch: Architecture, weights: Weights, head: bool, to: Target) -> str:
    """What is to be said of the weights. Raises FormatError where they are of another network."""
    if to not in (Target.PYTORCH, Target.ONNX):
        return f"A {to} file has no place for weights: they were left out."
    from explorer.network.weights import match

    found = match(arch, weights, head)
    wanted = len(found.matched) + len(found.missing) + len(found.reshaped)
    if found.missing or found.reshaped:
        first = (*found.reshaped, *found.missing)[0]
        raise FormatError(
            f"The weights: found {len(found.matched)} of the {wanted} parameters of {arch.name}; "
            f"{first} is {'of another shape' if found.reshaped else 'not there'}. Choose the "
            "weights of this architecture, or leave them out."
        )
    left = f", and {len(found.unused)} that it does not use" if found.unused else ""
    return f"The weights have all {wanted} parameters{left}."


def _json(wish: _Wish) -> bytes:
    return to_json(wish.arch).encode()


def _block_specs(wish: _Wish) -> bytes:
    return write_block_specs(wish.arch).encode()


def _pytorch(wish: _Wish) -> bytes:
    from explorer.network.export.pytorch_source import pytorch_source

    return pytorch_source(wish.arch, head=wish.head).encode()


def _onnx(wish: _Wish) -> bytes:
    from explorer.network.build import build
    from explorer.network.export.onnx_file import onnx_bytes

    network = build(wish.arch, seed=wish.seed, weights=wish.weights, head=wish.head)
    return onnx_bytes(network, (wish.size, wish.size))


def _drawing(wish: _Wish, suffix: str) -> bytes:
    from explorer.drawing.layout import layout
    from explorer.drawing.render import rendered

    return rendered(layout(wish.arch, wish.size), suffix)


def _model_explorer(wish: _Wish) -> bytes:
    from explorer.network.export.model_explorer import model_explorer_json

    return model_explorer_json(wish.arch, size=wish.size, head=wish.head).encode()


_WRITERS: dict[Target, Callable[[_Wish], bytes]] = {
    Target.JSON: _json,
    Target.BLOCK_SPECS: _block_specs,
    Target.PYTORCH: _pytorch,
    Target.ONNX: _onnx,
    Target.DOT: lambda wish: _drawing(wish, ".dot"),
    Target.HTML: lambda wish: _drawing(wish, ".html"),
    Target.MODEL_EXPLORER: _model_explorer,
}
