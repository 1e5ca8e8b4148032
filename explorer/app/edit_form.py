"""A form for every edit: the keyboard's twin of every gesture on the drawing.

One small function per edit draws its fields and gives back the edit that they describe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from explorer.app.late import chosen
from explorer.app.recast_form import (
    field_key,
    inputs_fields,
    setting_fields,
    stem_fields,
    width_fields,
)
from explorer.app.state import Desk, Selected, apply, select, session
from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.edits import Edit, Follow
from explorer.architecture.errors import ExplorerError
from explorer.architecture.rules import MAX_REPEATS
from explorer.cost.cost import cost, supports_head
from explorer.cost.units import signed_macs_text, signed_params_text

FREE_OPS = (Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV)


class Form(NamedTuple):
    """An edit as people call it, and what draws its fields."""

    label: str
    fields: Callable[[Desk, Block], Edit | None]
    of_block: bool = True
    """False: it is about the network as a whole, and asks for no block."""


def _earlier(arch: Architecture, block: Block) -> list[int]:
    return [other.id for other in arch.blocks[: arch.position(block.id)]]


def _place_text(arch: Architecture) -> Callable[[int], str]:
    """How a list shows a block: its label and level."""
    return lambda block_id: f"b{block_id} · L{arch.block(block_id).level}"


def _slot_text(arch: Architecture, block: Block) -> Callable[[int], str]:
    name = _place_text(arch)
    return lambda slot: f"{slot + 1}: {name(block.parents[slot])}"


def _level(desk: Desk, block: Block) -> Edit | None:
    levels = desk.architecture.scaling.levels
    level = st.selectbox(
        "to level",
        levels,
        index=block.level - 1,
        format_func=lambda found: f"L{found} · stride {2**found}",
        key=field_key("level", desk, block),
        width=170,
    )
    return Edit("set_level", (block.id, level))


def _swap(desk: Desk, block: Block) -> Edit | None:
    arch = desk.architecture
    others = [other.id for other in arch.blocks if other.id != block.id and not other.in_stem]
    other = st.selectbox(
        "with", others, format_func=_place_text(arch), key=field_key("swap", desk, block), width=120
    )
    follow = _follow(desk, block)
    return None if other is None else Edit("swap", (block.id, other, follow))


def _move(desk: Desk, block: Block) -> Edit | None:
    place = st.number_input(
        "to position",
        min_value=0,
        max_value=len(desk.architecture.blocks) - 1,
        value=desk.architecture.position(block.id),
        help="Place in the order of execution, counted from 0.",
        key=field_key("move", desk, block),
    )
    follow = _follow(desk, block, Follow.BLOCK)
    return Edit("move", (block.id, int(place), follow))


def _follow(desk: Desk, block: Block, first: Follow = Follow.PLACE) -> Follow:
    rules = [first, *(rule for rule in Follow if rule is not first)]
    found = st.selectbox(
        "and",
        rules,
        format_func=lambda rule: rule.text,
        key=field_key("follow", desk, block),
        width=210,
    )
    return Follow(found)


def _rewire(desk: Desk, block: Block) -> Edit | None:
    arch = desk.architecture
    slot = _slot(desk, block, "input")
    earlier = _earlier(arch, block)
    if slot is None or not earlier:
        return None
    now = block.parents[slot]
    parent = st.selectbox(
        "to read",
        earlier,
        index=earlier.index(now) if now in earlier else 0,
        format_func=_place_text(arch),
        key=field_key(f"parent-{slot}", desk, block),
    )
    return Edit("rewire", (block.id, slot, parent))


def _connect(desk: Desk, block: Block) -> Edit | None:
    earlier = _earlier(desk.architecture, block)
    parent = st.selectbox(
        "also to read",
        earlier[::-1],
        format_func=_place_text(desk.architecture),
        key=field_key("connect", desk, block),
    )
    return None if parent is None else Edit("rewire", (block.id, len(block.parents), parent))


def _disconnect(desk: Desk, block: Block) -> Edit | None:
    slot = _slot(desk, block, "from input")
    return None if slot is None else Edit("disconnect", (block.id, slot))


def _slot(desk: Desk, block: Block, label: str) -> int | None:
    chosen = (desk.selected.slot if desk.selected else None) or 0
    return st.selectbox(
        label,
        range(len(block.parents)),
        index=min(chosen, max(len(block.parents) - 1, 0)),
        format_func=_slot_text(desk.architecture, block),
        key=field_key(f"slot-{label}-{chosen}", desk, block),
    )


def _op(desk: Desk, block: Block) -> Edit | None:
    ops = list(FREE_OPS) if block.op in FREE_OPS else [block.op, *FREE_OPS]
    op = st.selectbox("to", ops, index=ops.index(block.op), key=field_key("op", desk, block))
    return Edit("set_op", (block.id, Op(op)))


def _repeats(desk: Desk, block: Block) -> Edit | None:
    usual = desk.architecture.scaling.block_repeats
    count = st.number_input(
        "to",
        min_value=0,
        max_value=MAX_REPEATS,
        value=block.repeats or 0,
        help=f"Copies of the block in sequence; 0 takes the scaling's own, here {usual}.",
        key=field_key("repeats", desk, block),
    )
    return Edit("set_repeats", (block.id, int(count) or None))


def _output(desk: Desk, block: Block) -> Edit | None:
    name = desk.architecture.scaling.output_name(block.level)
    wanted = st.selectbox(
        "to",
        [True, False],
        index=0 if not block.is_output else 1,
        format_func=lambda yes: f"output {name}" if yes else "no output",
        key=field_key("output", desk, block),
    )
    return Edit("set_output", (block.id, bool(wanted)))


def _add(desk: Desk, block: Block) -> Edit | None:
    arch = desk.architecture
    op = st.selectbox("a", FREE_OPS, key=field_key("add-op", desk, block))
    level = st.selectbox(
        "on",
        arch.scaling.levels,
        index=block.level - 1,
        format_func=lambda found: f"L{found}",
        key=field_key("add-level", desk, block),
    )
    ids = [other.id for other in arch.blocks]
    parents = st.multiselect(
        "that reads",
        ids,
        [block.id],
        format_func=lambda i: f"b{i}",
        key=field_key("add-in", desk, block),
    )
    after = max((arch.position(parent) for parent in parents), default=-1) + 1
    return Edit("add", (Op(op), level, tuple(parents), after)) if parents else None


def _remove(desk: Desk, block: Block) -> Edit | None:
    readers = [b.label for b in desk.architecture.blocks if block.id in b.parents]
    text = f"{', '.join(readers)} will read its parents instead."
    st.caption(text if readers else "No block reads it.", width="content")
    return Edit("remove", (block.id,))


FORMS: dict[str, Form] = {
    "set_level": Form("Move level", _level),
    "swap": Form("Swap", _swap),
    "move": Form("Move in order", _move),
    "rewire": Form("Rewire", _rewire),
    "connect": Form("Connect", _connect),
    "disconnect": Form("Disconnect", _disconnect),
    "set_op": Form("Change op", _op),
    "set_repeats": Form("Repeat", _repeats),
    "set_output": Form("Output", _output),
    "set_resampled": Form("Inputs", inputs_fields),
    "set_width": Form("Width", width_fields),
    "add": Form("Add block", _add),
    "remove": Form("Remove", _remove),
    "set_stem": Form("Stem", stem_fields, of_block=False),
    "set_scaling": Form("Setting", setting_fields, of_block=False),
}


def edit_form(desk: Desk) -> None:
    """The form, one row: which edit, which block, its fields, what it would cost, and Apply."""
    arch = desk.architecture
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="edit-form"):
        name = st.selectbox(
            "Edit",
            list(FORMS),
            format_func=lambda found: FORMS[found].label,
            key="form-edit",
            width=150,
        )
        if FORMS[name].of_block:
            _block(desk, "next to" if name == "add" else "block")
        edit = FORMS[name].fields(desk, arch.block(desk.block))
        text, possible = _forecast(desk, edit)
        st.button(
            "Apply",
            type="primary",
            key="form-apply",
            disabled=not possible,
            on_click=_apply,
            args=(edit,),
        )
        st.markdown(text, width="stretch")


def _block(desk: Desk, label: str) -> None:
    # A list is known to the browser by its texts: when levels change, it is another list; and
    # where another block is shown (see `explorer.app.late`).
    key = f"form-block-{len(desk.history.steps)}-{desk.history.cursor}-{desk.block}"
    st.session_state[key] = desk.block
    st.selectbox(
        label,
        [block.id for block in desk.architecture.blocks],
        format_func=_place_text(desk.architecture),
        key=key,
        width=120,
        on_change=_choose,
        args=(key, desk.block),
    )


def _choose(key: str, shown: int) -> None:
    if chosen(key, shown, session().desk.block):
        select(Selected(st.session_state[key]))


def _apply(edit: Edit | None) -> None:
    if edit is not None:
        apply(edit)


def _forecast(desk: Desk, edit: Edit | None) -> tuple[str, bool]:
    """What the edit would cost, or why it cannot be made; and whether it can."""
    if edit is None:
        return ":gray[Nothing to choose here.]", False
    try:
        after = edit.apply(desk.architecture)
        if after == desk.architecture:
            return ":gray[No change.]", False
        head = desk.with_head and supports_head(desk.architecture) and supports_head(after)
        old, new = (cost(arch, desk.count_size, head) for arch in (desk.architecture, after))
    except ExplorerError as error:
        return f":orange[{_plain(str(error))}]", False
    macs, params = new.macs - old.macs, new.params - old.params
    return f":gray[{signed_macs_text(macs)} MACs, {signed_params_text(params)} params]", True


def _plain(text: str) -> str:
    """Text that markdown shows as it is."""
    return text.replace("[", "(").replace("]", ")").replace("*", "·")
