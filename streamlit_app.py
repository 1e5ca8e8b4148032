"""The app's entry: page settings and navigation, nothing else."""

from pathlib import Path

import streamlit as st

ICON = Path(__file__).parent / "assets" / "icon.png"

st.set_page_config(page_title="SpineNet Explorer", page_icon=ICON, layout="wide")
st.navigation(
    [
        st.Page("pages/explore.py", title="Explore", icon=":material/account_tree:", default=True),
        st.Page("pages/gallery.py", title="Gallery", icon=":material/collections_bookmark:"),
    ],
    position="top",
).run()
