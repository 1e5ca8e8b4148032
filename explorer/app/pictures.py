"""What the network sees: the photograph, P3 to P7, and the selected block, as pictures.

They come from a run in the background. While it goes on, the last pictures stay, dimmed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.app.jobs import Job, Pictures, Request, engine
from explorer.app.late import chosen
from explorer.app.state import (
    FIRST_SCENE,
    Desk,
    Session,
    Upload,
    is_scene,
    scene_name,
    scene_number,
    session,
)
from explorer.app.sticker_words import finding
from explorer.app.weights_view import brought, weights_key
from explorer.architecture.errors import ExplorerError
from explorer.canvas.handing import hand_maps
from explorer.catalog import photos

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.detection.looking import Look
    from explorer.network.image import Pixels
    from explorer.network.viewing import MapView

AT_ONCE = 0.35
"""Seconds that a run may take before the page says that it is running."""
LOOK = 0.1
"""Seconds between two looks at a run's progress."""
PATIENCE = 1.0
"""Seconds after which a run can be stopped by hand."""
LARGE, SMALL = 320, 96
"""Sides of maps on the page in pixels, at least: small ones are enlarged, each value a square."""
GAP = 6
FEWEST = 5
"""Places for outputs, so that maps keep their size where there are fewer."""
STARTING, RUNNING = "Loading PyTorch, building the network", "Running the network"
VEIL = "<style>.st-key-pictures img { opacity: 0.4; filter: saturate(0.4); }</style><span></span>"
"""What is being computed is dimmed, in its place: another place would blink. Without the element
after it, Streamlit would put the style elsewhere, where this run cannot take it away again."""
EMPTY = np.full((1, 1, 3), 128, np.uint8)
"""In the place of the first picture, until it is there."""
PHOTO_TYPES = ["jpg", "jpeg", "png", "webp", "bmp", "gif"]


def photo_picker(desk: Desk) -> None:
    """Choose a sample photograph, or bring one."""
    titles = {photo.name: photo.title for photo in photos()}
    own = {"": f"{desk.upload.name} (yours)"} if desk.upload else {}
    scene = desk.photo if is_scene(desk.photo) else scene_name(FIRST_SCENE)
    titles = {scene: f"Stickers, scene {scene_number(scene)}", **titles}
    shown = "" if desk.upload else desk.photo
    key = f"photo-of-{shown}"
    st.session_state[key] = shown
    with st.container(horizontal=True, vertical_alignment="center", key="photo-row"):
        st.selectbox(
            "Photograph",
            [*own, *titles],
            format_func={**own, **titles}.__getitem__,
            key=key,
            label_visibility="collapsed",
            on_change=_pick,
            args=(key, shown),
        )
        st.button(
            "",
            icon=":material/casino:",
            key="another-scene",
            help="Another scene of stickers",
            on_click=_another,
        )
        with st.popover("Yours", icon=":material/add_photo_alternate:", key="own-photo"):
            st.file_uploader(
                "A photograph of yours (JPEG, PNG, WebP, BMP, GIF)",
                type=PHOTO_TYPES,
                key="photo-file",
                on_change=_bring,
            )
            st.caption("It stays on this machine; a share link does not hold it.")


def _another() -> None:
    here = session()
    now = scene_number(here.desk.photo) if is_scene(here.desk.photo) else 0
    here.desk = replace(here.desk, photo=scene_name(now + 1), upload=None)


def _pick(key: str, shown: str) -> None:
    here, name = session(), st.session_state[key]
    now = "" if here.desk.upload else here.desk.photo
    if name and chosen(key, shown, now):
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
    """Run what the desk asks for and show it; what was there before stays, dimmed, till then.

    A place that is drawn twice in one run of the page keeps children of the first time: so what
    comes and goes has a place of its own, and the pictures are always the same places in order.
    """
    desk = here.desk
    request = Request(desk.architecture, desk.picture_key, desk.run_size, desk.block, weights_key())
    with st.container(key="pictures"):
        veil, bar, button, body = st.empty(), st.empty(), st.empty(), st.empty()
        handed = st.container()
    trouble = ""
    if here.stopped == request:
        trouble = "Stopped. The pictures are of what ran before."
    elif here.shown is None or here.shown.request != request:
        job = _job(here, request)
        if not job.wait(AT_ONCE):
            bar.progress(0.0, STARTING)
            veil.html(VEIL)
            with body.container():
                _body(here.shown)
            _wait(job, bar, button)
        trouble = _take(here, job)
    bar.empty()
    button.empty()
    if trouble:
        bar.warning(trouble)
        button.button("Run again", icon=":material/replay:", key="again", on_click=_again)
    stale = here.shown is None or here.shown.request != request
    if stale:
        veil.html(VEIL)
    else:
        veil.empty()
    with body.container():
        _body(here.shown)
    if here.shown is not None:
        found = here.shown.views
        maps = {block: one.pixels for block, one in found.blocks.items()}
        with handed:
            hand_maps(here.shown.request.architecture, maps, found.shares, "maps")


def _job(here: Session, request: Request) -> Job:
    """The job for this request: the one that was started for it, or a new one."""
    if here.job is not None and here.job.request == request and not here.job.stopped.is_set():
        return here.job
    if here.job is not None:
        here.job.stop()
    here.job = engine().start(request, here.desk.upload, brought())
    return here.job


def _wait(job: Job, bar: DeltaGenerator, button: DeltaGenerator) -> None:
    """Show progress until the job is done. A click anywhere ends this run of the page at once."""
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
    left, right = st.columns([3, 2], gap="small")
    if shown is None:
        left.image(_enlarged(EMPTY, LARGE), width="stretch", alt="Nothing yet")
        right.caption("Feature maps and boxes come as soon as the network has run.")
        return
    found, block = shown.views, shown.views.block
    with left:
        _boxed(shown.look)
    if block is None:
        right.info("No output can be reached from this block, so it is not run.")
    else:
        right.image(
            _enlarged(block.pixels, LARGE),
            f"{block.label}, mean of its channels: {_shape(block)}",
            width="stretch",
            alt=f"Feature map of block {block.label}, averaged over its channels",
        )
    columns = st.columns(max(len(found.outputs), FEWEST), gap="small")
    for column, one in zip(columns, found.outputs, strict=False):
        column.image(
            _enlarged(one.pixels, SMALL),
            f"**{one.label}** {_shape(one)}",
            width="stretch",
            alt=f"Feature map {one.label}, averaged over its channels",
        )
    channels = st.empty()
    if block is not None:
        channels.image(
            _sheet([_enlarged(one.pixels, SMALL) for one in found.channels]),
            f"{block.label}, its first {len(found.channels)} channels",
            width="stretch",
            alt="The first channels of the selected block, one picture each",
        )
    st.caption(
        f"{_weights(shown)} · "
        f"ran {found.executed} parts of the network, remembered {found.reused}, "
        f"{found.seconds:.2f} s"
    )


def _boxed(seen: Look) -> None:
    """The picture with the boxes that were found in it, each with the level that found it."""
    from explorer.detection.boxed import boxed

    found, photo = seen.boxes, seen.views.photo
    size = f"{photo.shape[1]}×{photo.shape[0]} px"
    if found is None:
        st.image(photo, f"What the network sees, {size}", width="stretch")
        return
    words = finding(found.detections)
    st.image(
        boxed(photo, found.detections, text_share=0.042),
        f"**{words[0].upper()}{words[1:]}**",
        width="stretch",
        alt=f"What the network sees, with boxes. {words}",
    )


def _weights(shown: Pictures) -> str:
    """Which weights made the maps and which found the boxes."""
    seen = shown.look
    maps = f":green-badge[{seen.values.label}]"
    if seen.values.weights is None:
        maps = ":orange-badge[untrained weights (seeded)] maps show structure, not meaning"
    if seen.boxes is None or not seen.boxes.miniature:
        return maps
    return (
        f":green-badge[{seen.boxes.label} weights] boxes by this network at a miniature scale, "
        f"which knows 16 kinds of stickers and no real things · {maps}"
    )


def _shape(one: MapView) -> str:
    return "×".join(map(str, one.shape))


def _enlarged(pixels: Pixels, side: int) -> Pixels:
    """A map at least `side` pixels wide, each of its values a square."""
    factor = max(1, -(-side // pixels.shape[1]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _sheet(pictures: list[Pixels]) -> Pixels:
    """Pictures of one size in two rows, with a transparent gap."""
    height, width = pictures[0].shape[:2]
    columns = -(-len(pictures) // 2)
    sheet = np.zeros((2 * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for place, picture in enumerate(pictures):
        y, x = place // columns * (height + GAP), place % columns * (width + GAP)
        sheet[y : y + height, x : x + width, :3] = picture
        sheet[y : y + height, x : x + width, 3] = 255
    return sheet
