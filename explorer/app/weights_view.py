"""Which weights the network runs with: a person's own file, those that come along, or seeded ones.

Only safetensors are taken here: they hold numbers and nothing that could run. PyTorch's own files
and TensorFlow's checkpoints go through `import-checkpoint` on the shell.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.state import Session
from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.architecture.rules import problems
from explorer.catalog import reference_for

if TYPE_CHECKING:
    from explorer.detection.inference import Values
    from explorer.network.weights import Weights

MAX_MB = 700
"""SpineNet-190 with its head has 655 MB."""
UNTRAINED = "untrained (seeded)"
HOW = (
    "An official TensorFlow checkpoint becomes such a file on the shell: "
    "`python -m explorer import-checkpoint PREFIX --arch spinenet-49 -o weights.safetensors`"
)
_KEY = "explorer_brought_weights"


class Brought(NamedTuple):
    """A person's file of weights."""

    name: str
    digest: str
    """Names its content; a part of what is asked to be computed."""
    weights: Weights
    """Under our names."""
    notes: tuple[str, ...]
    """What a reader must know of them."""

    def values(self, arch: Architecture) -> Values | None:
        """These weights for `arch`, which may be edited.

        None where they are of another network, or `arch` has problems and cannot run.
        """
        if problems(arch):
            return None
        from explorer.detection.inference import values_of

        return values_of(arch, self.weights, f"imported: {self.name}")


class InUse(NamedTuple):
    """The weights of the network on the desk, in words."""

    label: str
    trained: bool
    note: str


def show_weights(here: Session) -> None:
    """Say which weights are in use; take a file, or let it go."""
    arch = here.desk.architecture
    used = in_use(arch)
    st.markdown(f":{'green' if used.trained else 'orange'}-badge[{used.label}]")
    if used.note:
        st.caption(used.note)
    st.file_uploader(
        "Weights for this network (.safetensors)",
        type=["safetensors"],
        key="weights-file",
        on_change=_take,
        args=(here,),
        max_upload_size=MAX_MB,
    )
    own = brought()
    if own is not None:
        for note in own.notes:
            st.caption(note)
        st.button(
            f"Let go of {own.name}", icon=":material/close:", key="weights-drop", on_click=let_go
        )
    st.caption(HOW)


def brought() -> Brought | None:
    """The person's file in this session."""
    found: Brought | None = st.session_state.get(_KEY)
    return found


def weights_key() -> str:
    """Names the weights that a run is asked for: the digest of the person's file, or nothing."""
    own = brought()
    return own.digest if own else ""


def values_for(arch: Architecture) -> Values | None:
    """The person's weights for `arch`, which may be edited; None where there are none that fit.

    Then `explorer.detection.inference.read_values` has those that come along, or seeded ones.
    """
    own = brought()
    return own.values(arch) if own else None


def in_use(arch: Architecture) -> InUse:
    """Which weights `arch` runs with. Loads no torch where no file was brought."""
    values = values_for(arch)
    if values is not None:
        return InUse(values.label, True, values.note)
    own = brought()
    why = "waits: the network has a problem" if problems(arch) else "is of another network"
    note = f"{own.name} {why}; it is not in use." if own else ""
    reference = reference_for(arch)
    if reference is not None:
        return InUse(reference.title, True, note)
    return InUse(UNTRAINED, False, note)


def bring(name: str, data: bytes, arch: Architecture) -> Brought:
    """Keep a file's weights for this session.

    Raises ExplorerError where it is no file of weights for `arch`; what there was is kept then.
    """
    from explorer.network.importing import import_tensors
    from explorer.network.state_dicts import safetensors_of
    from explorer.network.weights import Weights

    found = import_tensors(safetensors_of(data, name), arch, name)
    digest = sha256(data).hexdigest()
    made = Brought(name, digest[:16], Weights(found.tensors, digest), found.report.notes)
    st.session_state[_KEY] = made
    return made


def let_go() -> None:
    """Go back to the weights that come along, or seeded ones."""
    st.session_state.pop(_KEY, None)


def _take(here: Session) -> None:
    uploaded = st.session_state.get("weights-file")
    if uploaded is None:
        return
    try:
        bring(uploaded.name, uploaded.getvalue(), here.desk.architecture)
    except ExplorerError as error:
        here.notice = str(error)
    else:
        here.notice = ""
