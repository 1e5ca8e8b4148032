"""Explore: one network, drawn, counted, edited and run on a photograph."""

import streamlit as st

from explorer.app.drawing_view import show_drawing
from explorer.app.edit_form import edit_form
from explorer.app.entry import through_the_entry
from explorer.app.felt_view import show_felt
from explorer.app.history_strip import history_strip
from explorer.app.inspector import show_inspector
from explorer.app.numbers import show_causes
from explorer.app.pictures import photo_picker, show_pictures
from explorer.app.problems import show_notice, show_problems
from explorer.app.share import remember, restore
from explorer.app.state import session
from explorer.app.theme import style
from explorer.app.toolbar import toolbar

through_the_entry()
here = session()
restore(here)
style()
toolbar(here)
show_notice(here)
left, right = st.columns([2, 1], gap="medium")
with left:
    show_problems(here.desk)
    show_drawing(here.desk, own_history=False)
    show_causes(here.desk)
    show_felt(here.desk)
    edit_form(here.desk)
    history_strip(here.desk)
    show_inspector(here.desk)
with right:
    photo_picker(here.desk)
    pictures = st.container()
remember(here)
# Last, because it waits: everything else is on the screen by then.
with pictures:
    show_pictures(here)
