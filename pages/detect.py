"""Detections: what the network on the desk finds in scenes of stickers, and on a photograph."""

import streamlit as st

from explorer.app.composing import show_composing
from explorer.app.entry import through_the_entry
from explorer.app.knocking import knock_out_choices, show_carried, show_lost
from explorer.app.precision_view import show_precision
from explorer.app.scene_view import show_scene
from explorer.app.state import session
from explorer.app.sticker_table import table, weights_for
from explorer.app.sticker_words import ABOUT, trouble
from explorer.app.theme import style
from explorer.app.tuning_view import show_tuning, tuned_weights

VIEWS = {
    "Scenes": ":material/imagesmode:",
    "Compose": ":material/stylus:",
    "Knock-out": ":material/electrical_services:",
    "Fine-tune": ":material/fitness_center:",
}

through_the_entry()
style()
desk, here = session().desk, table()
arch = desk.architecture
with st.container(horizontal=True, vertical_alignment="center", key="detect-head"):
    st.subheader(arch.name, anchor=False, help=ABOUT)
    view = st.segmented_control(
        "View", list(VIEWS), default="Scenes", key="detect-view", label_visibility="collapsed",
        required=True, format_func=lambda name: f"{VIEWS[name]} {name}",
    )  # fmt: skip
if wrong := trouble(arch):
    st.warning(wrong)
    st.stop()
values = weights_for()
tuned = tuned_weights(here, arch)
if tuned is not None and st.toggle("Use the weights tuned for this network", key="use-tuned"):
    values = tuned
left, right = st.columns([6, 5], gap="medium")
if view == "Compose":
    show_composing(desk, arch, values)
elif view == "Knock-out":
    with right:
        off = knock_out_choices(arch)
        show_lost(arch, off, values)
        show_carried(here, arch, values)
    with left:
        show_scene(here, off.architecture, values, off.bypass)
else:
    with left:
        show_scene(here, arch, values)
    with right:
        if view == "Fine-tune":
            show_tuning(here, arch, weights_for())
        else:
            show_precision(here, desk, values)
