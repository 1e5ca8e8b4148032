"""Compare: two to four networks side by side, in numbers, and the walk from one to the next."""

import streamlit as st

from explorer.app.compare_view import (
    compare_bar,
    remember_names,
    restore_names,
    show_drawings,
    show_maps,
    show_table,
    show_walk,
)
from explorer.app.comparing import comparing
from explorer.app.entry import through_the_entry
from explorer.app.state import session
from explorer.app.theme import style

through_the_entry()
style()
here, desk = comparing(), session().desk
restore_names(here, desk)
compare_bar(here, desk)
if len(here.names) < 2:
    st.info("Choose at least two networks.")
    st.stop()
remember_names(here)
show_drawings(here, desk)
st.subheader("The walk", anchor=False)
show_walk(here, desk)
st.subheader("In numbers", anchor=False)
show_table(here, desk)
st.subheader("The same image through each", anchor=False)
show_maps(here, desk)
