"""An architecture as JSON, and as the token of a share link.

Version 1. A stored file of each version is kept in `tests/corpus/` and must be read for ever: a
default that changes here or in `Scaling` must not change what a stored file means. Fields that came
later (`LATER`) are written only where they say something, so that other files stay as they were.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import asdict, fields

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.errors import FormatError
from explorer.architecture.rules import MAX_BLOCKS
from explorer.architecture.scaling import (
    Activation,
    Endpoint,
    Head,
    HeadStyle,
    LinkStyle,
    Norm,
    Padding,
    Scaling,
    Stem,
)
from explorer.architecture.strict_json import MAX_CHARS, MAX_NUMBER, Fields, parse

VERSION = 1
MAX_TOKEN = 400_000
"""The longest share token that is read, in characters."""
MAX_PARENTS_READ = 64
"""A rule says how many parents a block may have; this only bounds what is read."""
MAX_LEVEL_READ = 99

LATER = {"width": None, "norm": Norm.BATCH, "expansion": 4, "style": HeadStyle.RETINANET}
"""Fields that version 1 did not have at first, with what their absence means."""

Data = dict[str, object]
"""An object as `json` gives and takes it."""


def to_data(arch: Architecture) -> Data:
    """The architecture as JSON data, every field of every part (those of `LATER` where needed).

    >>> from explorer.architecture.example import small
    >>> from_data(to_data(small())) == small()
    True
    """
    return {
        "version": VERSION,
        "name": arch.name,
        "scaling": _scaling_data(arch.scaling),
        "blocks": [_block_data(block) for block in arch.blocks],
    }


def to_json(arch: Architecture) -> str:
    """The architecture as JSON text, one block a line, as `to_data` gives it.

    >>> from explorer.architecture.example import small
    >>> print(to_json(small()).splitlines()[-2].strip())
    ]
    """
    head = json.dumps(arch.name, ensure_ascii=not arch.name.isprintable())
    scaling = json.dumps(_scaling_data(arch.scaling))
    blocks = ",\n  ".join(json.dumps(_block_data(block)) for block in arch.blocks)
    return (
        f'{{\n "version": {VERSION},\n "name": {head},\n "scaling": {scaling},\n'
        f' "blocks": [\n  {blocks}\n ]\n}}\n'
    )


def from_json(text: str) -> Architecture:
    """The architecture that a JSON text holds; it may have problems, which rules tell.

    Raises FormatError where the text is too long, no JSON, or of another shape.

    >>> from_json('{"version": 2, "blocks": []}')
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: The architecture: found version 2, from a newer \
program, expected version 1. Update this program.
    """
    return from_data(parse(text, "The architecture"))


def from_data(data: object, where: str = "The architecture") -> Architecture:
    """The architecture that JSON data hold; it may have problems, which rules tell.

    `version` and `blocks` must be there, and of a block `id`, `op` and `level`; what else is left
    out has its usual value. Raises FormatError; `where` begins the sentence.

    >>> from_data({"version": 1, "blocks": [{"id": 0, "op": "residual", "levle": 3}]})
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: The architecture, blocks[0]: found the key 'levle', \
expected only id, op, level, parents, is_output, resampled, in_stem, repeats, width. Did you mean \
level?
    """
    whole = Fields.of(data, where)
    whole.version(VERSION)
    whole.only(("version", "name", "scaling", "blocks"))
    return Architecture(
        whole.text("name", "unnamed"),
        tuple(_block(entry) for entry in whole.objects("blocks", MAX_BLOCKS)),
        _scaling(whole.inner("scaling")),
    )


def to_token(arch: Architecture) -> str:
    """The architecture as text for a link: letters, digits, `-` and `_`.

    It is base64url of zlib of the JSON without spaces and without what has its usual value.

    >>> from explorer.architecture.example import small
    >>> from_token(to_token(small())) == small()
    True
    """
    data = to_data(arch)
    data["scaling"] = _unusual(_scaling_data(arch.scaling), _USUAL_SCALING)
    data["blocks"] = [
        _unusual(_block_data(block), _USUAL_BLOCK, keep=("id", "op", "level"))
        for block in arch.blocks
    ]
    text = json.dumps(data, separators=(",", ":"))
    packed = zlib.compress(text.encode("ascii"), 9)
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def from_token(token: str) -> Architecture:
    """The architecture of a share link.

    Raises FormatError where the token is broken, or holds more than an architecture can.

    >>> from_token("abc")
    Traceback (most recent call last):
    explorer.architecture.errors.FormatError: The share link: found a broken or shortened link, \
expected one as this program makes them. Copy the whole link again.
    """
    broken = FormatError(
        "The share link: found a broken or shortened link, expected one as this program makes "
        "them. Copy the whole link again."
    )
    token = token.strip()
    if len(token) > MAX_TOKEN or not token.isascii():
        raise broken
    try:
        packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        unpacking = zlib.decompressobj()
        raw = unpacking.decompress(packed, MAX_CHARS + 1)
        text = raw.decode("utf-8")
    except (binascii.Error, zlib.error, ValueError):
        raise broken from None
    if len(raw) <= MAX_CHARS and (not unpacking.eof or unpacking.unused_data):
        raise broken
    return from_data(parse(text, "The share link"), "The share link")


def _scaling_data(scaling: Scaling) -> Data:
    data = asdict(scaling)
    return {**_needed(data), "head": _needed(data["head"])}


def _needed(data: Data) -> Data:
    """Without the later fields that say what their absence says."""
    return {key: value for key, value in data.items() if key not in LATER or value != LATER[key]}


def _block_data(block: Block) -> Data:
    data: Data = {
        "id": block.id,
        "op": str(block.op),
        "level": block.level,
        "parents": list(block.parents),
        "is_output": block.is_output,
        "resampled": block.resampled,
        "in_stem": block.in_stem,
        "repeats": block.repeats,
        "width": block.width,
    }
    return _needed(data)


_USUAL_BLOCK = {**_block_data(Block(0, Op.BOTTLENECK, 1)), "width": None}
_USUAL_SCALING = asdict(Scaling())


def _unusual(data: Data, usual: Data, keep: tuple[str, ...] = ()) -> Data:
    found: Data = {}
    for key, value in data.items():
        base = usual[key]
        if isinstance(value, dict) and isinstance(base, dict):
            value = _unusual(value, base)
            base = {}
        if key in keep or value != base:
            found[key] = value
    return found


def _block(entry: Fields) -> Block:
    entry.only(_USUAL_BLOCK)
    return Block(
        id=entry.whole("id", None, -MAX_NUMBER, MAX_NUMBER),
        op=entry.choice("op", Op, None),
        level=entry.whole("level", None, -MAX_LEVEL_READ, MAX_LEVEL_READ),
        parents=entry.wholes("parents", (), MAX_PARENTS_READ, -MAX_NUMBER, MAX_NUMBER),
        is_output=entry.flag("is_output", False),
        resampled=entry.flag("resampled", True),
        in_stem=entry.flag("in_stem", False),
        repeats=entry.maybe_whole("repeats", -MAX_NUMBER, MAX_NUMBER),
        width=entry.maybe_whole("width", -MAX_NUMBER, MAX_NUMBER),
    )


def _scaling(entry: Fields) -> Scaling:
    entry.only(field.name for field in fields(Scaling))
    usual = Scaling()
    return Scaling(
        filters=entry.wholes("filters", usual.filters, 16, 0, MAX_NUMBER),
        filter_size_scale=entry.number("filter_size_scale", usual.filter_size_scale),
        resample_alpha=entry.number("resample_alpha", usual.resample_alpha),
        block_repeats=entry.whole("block_repeats", usual.block_repeats, 0, MAX_NUMBER),
        endpoints_num_filters=entry.whole(
            "endpoints_num_filters", usual.endpoints_num_filters, 0, MAX_NUMBER
        ),
        stem=entry.choice("stem", Stem, usual.stem),
        stem_filters=entry.whole("stem_filters", usual.stem_filters, 0, MAX_NUMBER),
        link_style=entry.choice("link_style", LinkStyle, usual.link_style),
        endpoint=entry.choice("endpoint", Endpoint, usual.endpoint),
        min_level=entry.whole("min_level", usual.min_level, -MAX_LEVEL_READ, MAX_LEVEL_READ),
        max_level=entry.whole("max_level", usual.max_level, -MAX_LEVEL_READ, MAX_LEVEL_READ),
        stage_projection=entry.flag("stage_projection", usual.stage_projection),
        activation=entry.choice("activation", Activation, usual.activation),
        norm_epsilon=entry.number("norm_epsilon", usual.norm_epsilon),
        padding=entry.choice("padding", Padding, usual.padding),
        head=_head(entry.inner("head")),
        norm=entry.choice("norm", Norm, usual.norm),
        expansion=entry.whole("expansion", usual.expansion, 0, MAX_NUMBER),
    )


def _head(entry: Fields) -> Head:
    entry.only(field.name for field in fields(Head))
    usual = Head()
    return Head(
        num_convs=entry.whole("num_convs", usual.num_convs, 0, MAX_NUMBER),
        num_filters=entry.whole("num_filters", usual.num_filters, 0, MAX_NUMBER),
        num_classes=entry.whole("num_classes", usual.num_classes, 0, MAX_NUMBER),
        num_anchors=entry.whole("num_anchors", usual.num_anchors, 0, MAX_NUMBER),
        separable=entry.flag("separable", usual.separable),
        anchor_size=entry.number("anchor_size", usual.anchor_size),
        style=entry.choice("style", HeadStyle, usual.style),
    )
