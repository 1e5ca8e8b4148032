"""Detections: what the network on the desk finds in scenes of stickers, and on a photograph."""

import streamlit as st

from explorer.app.composing import show_composing
from explorer.app.detect_head import detect_head
from explorer.app.detect_link import remember_table, restore_table
from explorer.app.entry import through_the_entry
from explorer.app.knocking import knock_out_choices, show_carried, show_lost
from explorer.app.precision_view import show_precision
from explorer.app.problems import show_notice
from explorer.app.scene_view import show_scene
from explorer.app.state import session
from explorer.app.sticker_table import table, weights_for
from explorer.app.sticker_words import trouble
from explorer.app.theme import style
from explorer.app.tuning_view import chosen_weights, show_tuning

through_the_entry()
here, on_desk = table(), session()
restore_table(here, on_desk)
style()
desk = on_desk.desk
arch = desk.architecture
show_notice(on_desk)
detect_head(here, desk)
remember_table(here, on_desk)
if wrong := trouble(arch):
    st.warning(wrong)
    st.stop()
shared = weights_for()
values = chosen_weights(here, arch, shared)
left, right = st.columns([6, 5], gap="medium")
match here.shown.view:
    case "Compose":
        show_composing(desk, arch, values)
    case "Knock-out":
        with right:
            off = knock_out_choices(arch)
            show_lost(arch, off, values)
            show_carried(here, arch, values)
        with left:
            show_scene(here, off.architecture, values, off.bypass)
    case "Fine-tune":
        with left:
            show_scene(here, arch, values)
        with right:
            show_tuning(here, arch, shared)
    case _:
        with left:
            show_scene(here, arch, values)
        with right:
            show_precision(desk, values)
