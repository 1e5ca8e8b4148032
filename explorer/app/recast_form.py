"""Fields for what a network is cast in: plain or resampled inputs, widths, the stem, settings."""

from __future__ import annotations

import json
from dataclasses import fields
from enum import Enum

import streamlit as st

from explorer.app.state import Desk
from explorer.architecture.block import Block
from explorer.architecture.edits import Edit
from explorer.architecture.scaling import Head, Scaling
from explorer.architecture.whole_rules import MAX_CHANNELS

OF_HEAD = "head."


def field_key(name: str, desk: Desk, block: Block) -> str:
    """The key of a field: it begins anew, with what holds now, for each block and each step."""
    return f"field-{name}-{block.id}-{len(desk.history.steps)}-{desk.history.cursor}"


def inputs_fields(desk: Desk, block: Block) -> Edit | None:
    """Whether the block resamples its parents."""
    wanted = st.selectbox(
        "to",
        [True, False],
        index=0 if not block.resampled else 1,
        format_func=lambda on: "resample its parents" if on else "take one input as it is",
        help="A block of SpineNet resamples its parents. One of a ResNet takes its only input as "
        "it is, from its own level or from one level finer.",
        key=field_key("inputs", desk, block),
        width=220,
    )
    return Edit("set_resampled", (block.id, bool(wanted)))


def width_fields(desk: Desk, block: Block) -> Edit | None:
    """The block's own width."""
    usual = desk.architecture.scaling.width(block.level)
    count = st.number_input(
        "to",
        min_value=0,
        max_value=MAX_CHANNELS,
        value=block.width or 0,
        help=f"Channels of its 3×3 convolution; 0 takes those of its level, here {usual}.",
        key=field_key("width", desk, block),
    )
    return Edit("set_width", (block.id, int(count) or None))


def stem_fields(desk: Desk, block: Block) -> Edit | None:
    """How many blocks are the stem."""
    arch = desk.architecture
    count = st.number_input(
        "is the first",
        min_value=0,
        max_value=len(arch.blocks),
        value=sum(one.in_stem for one in arch.blocks),
        help="So many blocks from the first on are the stem, which no other edit changes. "
        "With 0 every block can be edited.",
        key=field_key("stem", desk, block),
    )
    return Edit("set_stem", (int(count),))


def setting_fields(desk: Desk, block: Block) -> Edit | None:
    """One setting that all blocks share, and its value."""
    known = settings()
    name = st.selectbox(
        "of",
        list(known),
        format_func=lambda one: one.replace("_", " ").replace(OF_HEAD, "head: "),
        key="field-setting",
        width=210,
    )
    scaling = desk.architecture.scaling
    inside = name.startswith(OF_HEAD)
    now = getattr(scaling.head if inside else scaling, name.removeprefix(OF_HEAD))
    key = field_key(f"value-{name}", desk, block)
    if isinstance(now, Enum):
        kinds = list(type(now))
        value: object = st.selectbox("to", kinds, kinds.index(now), key=key, width=150)
    elif isinstance(now, bool):
        value = st.selectbox(
            "to", [True, False], 1 - now, format_func=lambda on: "yes" if on else "no", key=key
        )
    elif isinstance(now, int | float):
        value = st.number_input(
            "to", value=now, format="%g" if isinstance(now, float) else None, key=key
        )
    else:
        value = st.text_input("to", json.dumps(list(now)), key=key, width=310)
    return Edit("set_scaling", (name, value if isinstance(value, str) else json.dumps(value)))


def settings() -> tuple[str, ...]:
    """The name of every setting, those of the head last.

    >>> settings()[0], settings()[-1]
    ('filters', 'head.style')
    """
    own = (field.name for field in fields(Scaling) if field.name != "head")
    return (*own, *(f"{OF_HEAD}{field.name}" for field in fields(Head)))
