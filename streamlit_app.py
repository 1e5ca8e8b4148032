"""The app's entry: page settings and navigation, nothing else."""

from pathlib import Path

import streamlit as st

from explorer.app.entry import pages

ICON = Path(__file__).parent / "assets" / "icon.png"

st.set_page_config(page_title="SpineNet Explorer", page_icon=ICON, layout="wide")
st.navigation(pages(), position="top").run()
