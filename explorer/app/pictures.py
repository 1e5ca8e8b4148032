"""What the network sees: the photograph, P3 to P7, and the selected block, as pictures.

They come from a run in the background. While it goes on, the last pictures stay, dimmed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explorer.app.jobs import Job, Map, Pictures, Request, engine
from explorer.app.state import Desk, Session, Upload, session
from explorer.architecture.errors import ExplorerError
from explorer.catalog import photos

if TYPE_CHECKING:
    from explorer.app.jobs import Pixels

AT_ONCE = 0.35
"""Seconds that a run may take before the page says that it is running."""
LOOK = 0.1
"""Seconds between two looks at a run's progress."""
PATIENCE = 1.0
"""Seconds after which a run can be stopped by hand."""
LARGE, SMALL = 320, 96
"""Sides of maps on the page in pixels, at least: small ones are enlarged, each value a square."""
GAP = 6
STARTING, RUNNING = "Loading PyTorch, building the network", "Running the network"
PHOTO_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]


def photo_picker(desk: Desk) -> None:
    """Choose a sample photograph, or bring one."""
    titles = {photo.name: photo.title for photo in photos()}
    own = {"": f"{desk.upload.name} (yours)"} if desk.upload else {}
    st.session_state["photo"] = "" if desk.upload else desk.photo
    with st.container(horizontal=True, vertical_alignment="center", key="photo-row"):
        st.selectbox(
            "Photograph",
            [*own, *titles],
            format_func={**own, **titles}.__getitem__,
            key="photo",
            label_visibility="collapsed",
            on_change=_pick,
        )
        with st.popover("Yours", icon=":material/add_photo_alternate:", key="own-photo"):
            st.file_uploader(
                "A photograph of yours (JPEG, PNG, WebP, BMP, GIF)",
                type=PHOTO_TYPES,
                key="photo-file",
                on_change=_bring,
            )
            st.caption("It stays on this machine; a share link does not hold it.")


def _pick() -> None:
    here, name = session(), st.session_state["photo"]
    if name:
        here.desk = replace(here.desk, photo=name, upload=None)


def _bring() -> None:
    """Take an upload where it is an image; else say why not, and keep the photograph there was."""
    from explorer.network.image import open_image

    here, uploaded = session(), st.session_state.get("photo-file")
    if uploaded is None:
        return
    data = uploaded.getvalue()
    try:
        open_image(data)
    except ExplorerError as error:
        here.notice = f"{uploaded.name}: {error}"
    else:
        here.desk = replace(here.desk, upload=Upload(uploaded.name, data))
        here.notice = ""


def show_pictures(here: Session) -> None:
    """Run what the desk asks for and show it; what was there before stays, dimmed, till then."""
    desk = here.desk
    request = Request(desk.architecture, desk.picture_key, desk.run_size, desk.block)
    place = st.empty()
    trouble = ""
    if here.stopped == request:
        trouble = "Stopped. The pictures are of what ran before."
    elif here.shown is None or here.shown.request != request:
        job = _job(here, request)
        if not job.wait(AT_ONCE):
            with place.container(key="computing"):
                _wait(here, job)
        trouble = _take(here, job)
    stale = here.shown is None or here.shown.request != request
    with place.container(key="stale" if stale else "pictures"):
        if trouble:
            st.warning(trouble)
            st.button("Run again", icon=":material/replay:", key="again", on_click=_again)
        _body(here.shown)


def _job(here: Session, request: Request) -> Job:
    """The job for this request: the one that was started for it, or a new one."""
    if here.job is not None and here.job.request == request and not here.job.stopped.is_set():
        return here.job
    if here.job is not None:
        here.job.stop()
    here.job = engine().start(request, here.desk.upload)
    return here.job


def _wait(here: Session, job: Job) -> None:
    """Show progress until the job is done. A click anywhere ends this run of the page at once."""
    bar, button = st.progress(0.0, STARTING), st.empty()
    _body(here.shown)
    offered = False
    while not job.wait(LOOK):
        bar.progress(min(job.share, 1.0), RUNNING if job.share else STARTING)
        if not offered and job.seconds > PATIENCE:
            button.button("Cancel", icon=":material/stop_circle:", key="cancel", on_click=_cancel)
            offered = True


def _take(here: Session, job: Job) -> str:
    """Keep what the job computed; or say why there is nothing."""
    try:
        found = job.result()
    except ExplorerError as error:
        return str(error)
    if found is not None:
        here.shown = found
    return ""


def _cancel() -> None:
    here = session()
    if here.job is not None:
        here.job.stop()
        here.stopped = here.job.request


def _again() -> None:
    here = session()
    here.stopped = here.job = None


def _body(shown: Pictures | None) -> None:
    """The pictures of a run; before the first one, the places where they will be."""
    left, right = st.columns(2, gap="small")
    if shown is None:
        left.image(str(photos()[0].path), width="stretch", alt=photos()[0].alt)
        right.caption("Feature maps come as soon as the network has run.")
        return
    size = shown.request.size
    left.image(shown.photo, f"What the network sees, {size}×{size} px", width="stretch")
    if shown.block is None:
        right.info("No output can be reached from this block, so it is not run.")
    else:
        right.image(
            _enlarged(shown.block.pixels, LARGE),
            f"{shown.block.label}, mean of its channels: {_shape(shown.block)}",
            width="stretch",
            alt=f"Feature map of block {shown.block.label}, averaged over its channels",
        )
    for column, one in zip(
        st.columns(max(len(shown.outputs), 5), gap="small"), shown.outputs, strict=False
    ):
        column.image(
            _enlarged(one.pixels, SMALL),
            f"**{one.label}** {_shape(one)}",
            width="stretch",
            alt=f"Feature map {one.label}, averaged over its channels",
        )
    if shown.channels:
        st.image(
            _row([_enlarged(one.pixels, SMALL) for one in shown.channels]),
            f"{shown.block.label if shown.block else ''}, its first {len(shown.channels)} channels",
            width="stretch",
            alt="The first channels of the selected block, one picture each",
        )
    st.caption(
        f":orange-badge[untrained weights (seeded)] maps show structure, not meaning · "
        f"ran {shown.executed} parts of the network, remembered {shown.reused}, "
        f"{shown.seconds:.2f} s"
    )


def _shape(one: Map) -> str:
    return "×".join(map(str, one.shape))


def _enlarged(pixels: Pixels, side: int) -> Pixels:
    """A map at least `side` pixels wide, each of its values a square."""
    factor = max(1, -(-side // pixels.shape[1]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _row(pictures: list[Pixels]) -> Pixels:
    """Pictures of one size in two rows, with a transparent gap."""
    import numpy as np

    height, width = pictures[0].shape[:2]
    columns = -(-len(pictures) // 2)
    sheet = np.zeros((2 * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for place, picture in enumerate(pictures):
        y, x = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[y : y + height, x : x + width, :3] = picture
        sheet[y : y + height, x : x + width, 3] = 255
    return sheet
