"""One button for every kind of file that a network can leave as; each is made when asked for."""

from __future__ import annotations

import shutil
from functools import partial
from importlib.util import find_spec

import streamlit as st

from explorer.app.exports import PICTURES, drawing_bytes, file_stem
from explorer.app.state import Desk
from explorer.app.weights_view import Brought, brought
from explorer.architecture.architecture import Architecture
from explorer.architecture.block_specs import write_block_specs
from explorer.architecture.errors import ExplorerError
from explorer.architecture.rules import problems
from explorer.network.export.files import FILE_TYPES, Target, export_bytes

ORDER = (
    Target.JSON,
    Target.BLOCK_SPECS,
    Target.PYTORCH,
    Target.ONNX,
    Target.HTML,
    Target.DOT,
    Target.MODEL_EXPLORER,
)
HELP = {
    Target.JSON: "The whole network; Explore opens it again.",
    Target.BLOCK_SPECS: "In the words and with the ids of the official code, which accepts it.",
    Target.PYTORCH: "One readable Python file that needs torch alone; its state dict is ours.",
    Target.ONNX: "With its weights and any batch, for a runtime. Making it takes seconds.",
    Target.HTML: "The interactive drawing as a page that stands alone, for a talk or an issue.",
    Target.DOT: "The drawing, for Graphviz.",
    Target.MODEL_EXPLORER: "A graph with costs for Google's Model Explorer.",
}
ALWAYS = (Target.JSON, Target.HTML, Target.DOT)
"""These take a network with problems, too."""
ONNX_NEEDS = ("onnx", "onnxscript")


def show_exports(desk: Desk) -> None:
    """The buttons; one that cannot be had now says why."""
    arch, own = desk.architecture, brought()
    for target in ORDER:
        kind, why = FILE_TYPES[target], refusal(arch, target)
        st.download_button(
            kind.label,
            partial(made, arch, target, desk.count_size, own),
            f"{file_stem(arch)}{kind.ending}",
            kind.mime,
            key=f"export-{target}",
            on_click="ignore",
            width="stretch",
            disabled=bool(why),
            help=why or HELP[target],
        )
    missing = shutil.which("dot") is None
    for picture in PICTURES:
        st.download_button(
            f"Drawing, {picture.label}",
            partial(drawing_bytes, desk, picture.suffix),
            f"{file_stem(arch)}{picture.suffix}",
            picture.mime,
            key=f"export{picture.suffix}",
            on_click="ignore",
            width="stretch",
            disabled=missing,
        )
    if missing:
        st.caption("Pictures need the system package graphviz (the program `dot`).")


def refusal(arch: Architecture, target: Target) -> str:
    """Why this file cannot be had of `arch`, in a sentence; empty where it can.

    >>> from explorer.catalog import entry
    >>> refusal(entry("spinenet-49").architecture, Target.BLOCK_SPECS)
    ''
    >>> refusal(entry("resnet-50").architecture, Target.BLOCK_SPECS)[:38]
    'resnet-50: found another stem, expecte'
    """
    found = problems(arch)
    if found and target not in ALWAYS:
        return f"Not while the network has a problem. {found[0]}"
    lacking = [name for name in ONNX_NEEDS if find_spec(name) is None]
    if target is Target.ONNX and lacking:
        return f"Needs the packages {' and '.join(lacking)}: pip install {' '.join(lacking)}"
    if target is Target.BLOCK_SPECS:
        try:
            write_block_specs(arch)
        except ExplorerError as error:
            return str(error)
    return ""


def made(arch: Architecture, target: Target, size: int, own: Brought | None) -> bytes:
    """The file, for images of `size` pixels; ONNX with the person's weights where all of them fit.

    It runs when the button is pressed, where there is no session to ask.
    """
    if own is not None and target is Target.ONNX:
        try:
            return export_bytes(arch, target, own.weights, size=size).data
        except ExplorerError:  # an edited network has parameters that they have not
            pass
    return export_bytes(arch, target, size=size).data
