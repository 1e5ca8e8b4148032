"""Edits of what a network is cast in: its settings, its stem, and plain or resampled inputs."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import from_data, to_data
from explorer.architecture.errors import EditError, FormatError
from explorer.architecture.scaling import Head, Scaling
from explorer.architecture.settling import editable, refusal, with_block


def set_scaling(arch: Architecture, setting: str, value: str) -> Architecture:
    """`arch` with another value of one setting of its scaling; `head.num_convs` is one of the head.

    `value` is a word (`conv`) or JSON (`256`, `[32, 32, 64]`), as an architecture's file has it.
    Raises EditError where there is no such setting, the value is not one of it, or a rule forbids
    it.

    >>> from explorer.architecture.example import small
    >>> set_scaling(small(), "block_repeats", "3").scaling.block_repeats
    3
    """
    doing = f"Set {setting} to {value}"
    data: Any = to_data(arch)["scaling"]
    part, _, inner = setting.rpartition(".")
    known = {field.name for field in fields(Head if part else Scaling)}
    if part not in ("", "head") or inner not in known or setting == "head":
        names = ", ".join(field.name for field in fields(Scaling) if field.name != "head")
        expected = f"one of {names}, or one of the head such as head.num_convs"
        found = f"no setting {setting:.40}"
        raise refusal(doing, "The scaling", found, expected, "Choose one of these.")
    (data["head"] if part else data)[inner] = _value(value)
    whole = {"version": 1, "name": arch.name, "scaling": data, "blocks": []}
    try:
        scaling = from_data(whole, "The scaling").scaling
    except FormatError as error:
        raise EditError(f"{doing}: {error}") from None
    changed = replace(arch, scaling=scaling)
    return arch if changed == arch else _settled(arch, changed, doing)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _settled(before: Architecture, after: Architecture, doing: str) -> Architecture:
    """`after`, where it has no problem that `before` does not have."""
    from explorer.architecture.rules import problems

    found = problems(after)
    if found and not problems(before):
        raise EditError(f"{doing}: {found[0]}")
    return after


def set_stem(arch: Architecture, count: int) -> Architecture:
    """`arch` with its first `count` blocks as the stem, which other edits leave alone.

    Raises EditError where there are not so many blocks.

    >>> from explorer.architecture.example import small
    >>> sum(block.in_stem for block in set_stem(small(), 1).blocks)
    1
    """
    doing = f"Let the stem be the first {count} blocks"
    if not 0 <= count <= len(arch.blocks):
        expected = f"0 to {len(arch.blocks)}"
        mend = "Choose a number in this range."
        raise refusal(doing, "The stem", f"{count} blocks", expected, mend)
    blocks = tuple(
        block if block.in_stem == (place < count) else replace(block, in_stem=place < count)
        for place, block in enumerate(arch.blocks)
    )
    return arch if blocks == arch.blocks else _settled(arch, replace(arch, blocks=blocks), doing)


def set_resampled(arch: Architecture, block: int, resampled: bool) -> Architecture:
    """`arch` with the block resampling its parents (SpineNet), or taking its one input as it is.

    Raises EditError where the one input does not fit: it comes from the block's own level or from
    one level finer.

    >>> from explorer.architecture.example import small
    >>> from explorer.architecture.edits import disconnect
    >>> set_resampled(disconnect(small(), 4, 0), 4, False).block(4).resampled
    False
    """
    doing = f"Let b{block} {'resample its parents' if resampled else 'take its input as it is'}"
    changed = replace(editable(arch, block, doing), resampled=resampled)
    blocks = tuple(changed if other.id == block else other for other in arch.blocks)
    return _settled(arch, replace(arch, blocks=blocks), doing)


def set_width(arch: Architecture, block: int, width: int | None) -> Architecture:
    """`arch` with a width of the block's own; None takes the scaling's width of its level.

    >>> from explorer.architecture.example import small
    >>> set_width(small(), 3, 24).block(3).width
    24
    """
    doing = f"Make b{block} {'as wide as its level' if width is None else f'{width} wide'}"
    return with_block(arch, replace(editable(arch, block, doing), width=width), doing)
