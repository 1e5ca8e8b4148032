"""Whether a person chose something, or a list only came late.

The page sets what a list shows: the block that the canvas selected, the network that undo led back
to. Where a run of the page is cut off for the next one, the browser never gets that list, Streamlit
forgets that it knows its value, and takes what the browser still sends for a choice. So a list has
a key of its own for each value that it is shown with, and its callback asks here first.
"""

from __future__ import annotations

import streamlit as st


def chosen(key: str, shown: object, now: object) -> bool:
    """Whether the list of this key, which was `shown` with a value, was given another by a person.

    `now` is what is on the desk: where that is not what the list was shown with, it is of earlier.
    """
    return bool(now == shown and st.session_state[key] != shown)
