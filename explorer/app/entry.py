"""The pages, and that each is entered through `streamlit_app.py`.

Streamlit takes a folder `pages/` for its older kind of app until some session has called
`st.navigation`. So the first visitor of a fresh server who opens `/gallery` would get that page
alone, without settings and navigation. Such a page names the pages itself and starts over, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

_KEY = "explorer_entered"


def pages() -> list[Page]:
    """Every page, the first one being where a person arrives."""
    st.session_state[_KEY] = True
    return [
        st.Page("pages/explore.py", title="Explore", icon=":material/account_tree:", default=True),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
        st.Page("pages/learn.py", title="Learn", icon=":material/school:"),
        st.Page("pages/detect.py", title="Detections", icon=":material/center_focus_strong:"),
        st.Page("pages/gallery.py", title="Gallery", icon=":material/collections_bookmark:"),
    ]


def through_the_entry() -> None:
    """Called first by each page: starts over where the session did not come through the entry."""
    if _KEY not in st.session_state:
        st.navigation(pages(), position="hidden")
        st.rerun()
