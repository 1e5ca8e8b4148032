"""What went wrong, and what is wrong with a network in construction, in sentences."""

from __future__ import annotations

import streamlit as st

from explorer.app.state import Desk, Session, session
from explorer.architecture.rules import problems

MOST = 3
"""Problems told at once; the drawing marks all."""


def show_notice(here: Session) -> None:
    """The last error, until it is put away or something else works."""
    if not here.notice:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="notice"):
        st.error(here.notice, icon=":material/error:")
        st.button("", icon=":material/close:", key="notice-close", help="Close", on_click=_close)


def _close() -> None:
    session().notice = ""


def show_problems(desk: Desk) -> None:
    """What keeps the network from running."""
    found = problems(desk.architecture)
    if found:
        more = f"  \nAnd {len(found) - MOST} more." if len(found) > MOST else ""
        st.warning("  \n".join(map(str, found[:MOST])) + more)
