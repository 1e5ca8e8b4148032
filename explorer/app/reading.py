"""A person's own architecture, from a file that they upload."""

from __future__ import annotations

import streamlit as st

from explorer.app.state import open_architecture, session
from explorer.architecture.errors import ExplorerError, FormatError
from explorer.catalog.resolve import from_text


def open_upload(key: str) -> None:
    """Open the uploaded file as an architecture; where that fails, say why and keep everything."""
    uploaded = st.session_state.get(key)
    if uploaded is None:
        return
    try:
        open_architecture(from_text(_text(uploaded.name, uploaded.getvalue())))
    except ExplorerError as error:
        session().notice = f"{uploaded.name}: {error}"


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"found bytes that are not UTF-8 (at {error.start}), expected JSON text. "
            "Save it as UTF-8."
        ) from error
