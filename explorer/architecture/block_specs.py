"""The official block-spec list, read and written.

The words and ids are those of tensorflow/models `spinenet.py` and `spinenet_mobile.py`: 0 and 1 are
the stem's blocks, and the specs `(level, block_fn, (parent, parent), is_output)` start at 2.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from types import MappingProxyType

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block, Op
from explorer.architecture.codec import from_data
from explorer.architecture.errors import ArchitectureError, FormatError
from explorer.architecture.rules import MAX_BLOCKS, problems
from explorer.architecture.scaling import (
    MOBILE_FILTERS,
    Activation,
    Head,
    LinkStyle,
    Padding,
    Scaling,
    Stem,
)
from explorer.architecture.strict_json import MAX_NUMBER, Fields, parse, shown

FIRST_ID = 2
MAX_PARENTS_READ = 16
MAX_LITERAL_DEPTH = 8
SPEC_OPS = (Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV)
"""What the official list has words for."""


class SpecFamily(StrEnum):
    """Which official model the specs belong to."""

    SPINENET = "spinenet"
    MOBILE = "mobile"


STEMS: Mapping[SpecFamily, tuple[Block, Block]] = MappingProxyType(
    {
        SpecFamily.SPINENET: (
            Block(0, Op.BOTTLENECK, 2, resampled=False, in_stem=True),
            Block(1, Op.BOTTLENECK, 2, (0,), resampled=False, in_stem=True),
        ),
        SpecFamily.MOBILE: (
            Block(0, Op.MBCONV, 1, resampled=False, in_stem=True),
            Block(1, Op.MBCONV, 2, (0,), resampled=False, in_stem=True),
        ),
    }
)
"""The two blocks before the specs."""

SCALINGS: Mapping[SpecFamily, Scaling] = MappingProxyType(
    {
        SpecFamily.SPINENET: Scaling(),
        SpecFamily.MOBILE: Scaling(
            filters=MOBILE_FILTERS,
            endpoints_num_filters=48,
            stem=Stem.CONV3,
            stem_filters=8,
            link_style=LinkStyle.SEPARABLE,
            activation=Activation.HARD_SWISH,
            head=Head(num_filters=48, separable=True),
        ),
    }
)
"""What holds where a file says nothing: SpineNet-49, and Mobile SpineNet-49."""


def read_architecture(text: str) -> Architecture:
    """The architecture of a text in our JSON or in the official form, whichever it is.

    Raises FormatError where it is neither.

    >>> from explorer.architecture.codec import to_json
    >>> from explorer.architecture.example import small
    >>> read_architecture(to_json(small())) == small()
    True
    """
    data = _parsed(text)
    if isinstance(data, dict) and "block_specs" not in data:
        return from_data(data)
    return _from_specs(data)


def read_block_specs(text: str) -> Architecture:
    """The architecture that an official spec file describes; it may have problems.

    Parameters
    ----------
    text: a JSON object with `block_specs`, or the bare list of specs, in JSON or as Python writes
        it. What is left out has the value of SpineNet-49, or of Mobile SpineNet-49 where `family`
        is `mobile` (or, without a family, every block is an MBConv). Other keys are ignored.

    Raises
    ------
    FormatError: where it is of another shape.

    >>> arch = read_block_specs("[(2, 'bottleneck', (0, 1), False), (3, 'residual', (1, 2), True)]")
    >>> [(b.id, b.level, b.parents) for b in arch.blocks if not b.in_stem]
    [(2, 2, (0, 1)), (3, 3, (1, 2))]
    """
    return _from_specs(_parsed(text))


def write_block_specs(arch: Architecture) -> str:
    """The official spec file of an architecture; blocks are numbered by their order.

    Raises
    ------
    ArchitectureError: where it has problems.
    FormatError: where the official list has no words for it: another stem, a block that does not
        resample exactly two parents, repeats of its own, other widths.

    >>> specs = '[[3, "residual", [0, 1], true]]'
    >>> arch = read_block_specs(specs)
    >>> read_block_specs(write_block_specs(arch)) == arch
    True
    """
    found = problems(arch)
    if found:
        raise ArchitectureError(found)
    family = _family_of(arch)
    _check_scaling(arch.scaling, family)
    number = {block.id: place for place, block in enumerate(arch.blocks)}
    specs = []
    for block in arch.blocks[FIRST_ID:]:
        _check_block(block)
        parents = [number[parent] for parent in block.parents]
        specs.append([block.level, str(block.op), parents, block.is_output])
    scaling = arch.scaling
    head = asdict(scaling.head)
    del head["style"]  # always RetinaNet's here
    lines = {
        "name": arch.name,
        "family": family,
        "block_specs": specs,
        "scaling": {
            key: getattr(scaling, key)
            for key in (
                "filter_size_scale",
                "resample_alpha",
                "block_repeats",
                "endpoints_num_filters",
            )
        },
        "activation": scaling.activation,
        "norm_epsilon": scaling.norm_epsilon,
        "head": head,
        "padding": scaling.padding,
        "stem_filters": scaling.stem_filters,
        "min_level": scaling.min_level,
        "max_level": scaling.max_level,
    }
    rows = ",\n  ".join(json.dumps(spec) for spec in specs)
    texts = [
        f' "{key}": [\n  {rows}\n ]' if key == "block_specs" else f' "{key}": {json.dumps(value)}'
        for key, value in lines.items()
    ]
    return "{\n" + ",\n".join(texts) + "\n}\n"


def _parsed(text: str) -> object:
    """JSON, or a list as Python writes it: with tuples, single quotes and comments."""
    try:
        return parse(text, "The spec file")
    except FormatError:
        start = text.lstrip()[:1]
        if start not in ("[", "(") or len(text) > 200_000 or _depth(text) > MAX_LITERAL_DEPTH:
            raise
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
        raise


def _depth(text: str) -> int:
    """How deep brackets nest: `ast` may end the process on a tower of them."""
    depth = deepest = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    signs = max((len(run) for run in _runs(text)), default=0)
    return max(deepest, signs)


def _runs(text: str) -> list[str]:
    """Rows of signs, which nest too: `----1`."""
    return "".join(letter if letter in "+-~" else " " for letter in text).split()


def _from_specs(data: object) -> Architecture:
    if isinstance(data, list | tuple):
        data = {"block_specs": list(data)}
    whole = Fields.of(data, "The spec file")
    specs = whole.values.get("block_specs")
    if not isinstance(specs, list | tuple):
        raise FormatError(
            f"The spec file, block_specs: found {shown(specs)}, expected a list of "
            '[level, "bottleneck", [parent, parent], is_output]. Add it.'
        )
    if len(specs) > MAX_BLOCKS:
        raise FormatError(
            f"The spec file, block_specs: found {len(specs)} specs, expected at most {MAX_BLOCKS}. "
            "Choose a smaller network."
        )
    blocks = tuple(_block(number, spec) for number, spec in enumerate(specs, FIRST_ID))
    mobile = bool(blocks) and all(block.op is Op.MBCONV for block in blocks)
    usual = SpecFamily.MOBILE if mobile else SpecFamily.SPINENET
    family = whole.choice("family", SpecFamily, usual)
    return Architecture(
        whole.text("name", "unnamed"),
        STEMS[family] + blocks,
        _scaling(whole, SCALINGS[family]),
    )


def _block(number: int, spec: object) -> Block:
    where = f"The spec file, spec {number - FIRST_ID} (block {number})"
    if not isinstance(spec, list | tuple) or len(spec) != 4:
        raise FormatError(
            f"{where}: found {shown(spec)}, expected "
            '[level, "bottleneck", [parent, parent], is_output]. Correct it.'
        )
    entry = Fields(where, dict(zip(("level", "op", "parents", "is_output"), spec, strict=True)))
    op = entry.choice("op", Op, None)
    if op not in SPEC_OPS:
        raise FormatError(
            f"{where}, op: found {op}, expected bottleneck, residual or mbconv. Correct it."
        )
    return Block(
        number,
        op,
        entry.whole("level", None, -99, 99),
        entry.wholes("parents", (), MAX_PARENTS_READ, -MAX_NUMBER, MAX_NUMBER),
        entry.flag("is_output", False),
    )


def _scaling(whole: Fields, usual: Scaling) -> Scaling:
    inner, head = whole.inner("scaling"), whole.inner("head")
    scale = inner.number("filter_size_scale", usual.filter_size_scale)
    stem_filters = int(usual.stem_filters * scale) if usual.stem is Stem.CONV3 else 64
    return replace(
        usual,
        filter_size_scale=scale,
        resample_alpha=inner.number("resample_alpha", usual.resample_alpha),
        block_repeats=inner.whole("block_repeats", usual.block_repeats, 0, MAX_NUMBER),
        endpoints_num_filters=inner.whole(
            "endpoints_num_filters", usual.endpoints_num_filters, 0, MAX_NUMBER
        ),
        stem_filters=whole.whole("stem_filters", stem_filters, 0, MAX_NUMBER),
        min_level=whole.whole("min_level", usual.min_level, -99, 99),
        max_level=whole.whole("max_level", usual.max_level, -99, 99),
        activation=whole.choice("activation", Activation, usual.activation),
        norm_epsilon=whole.number("norm_epsilon", usual.norm_epsilon),
        padding=_padding(whole, usual.padding),
        head=Head(
            num_convs=head.whole("num_convs", usual.head.num_convs, 0, MAX_NUMBER),
            num_filters=head.whole("num_filters", usual.head.num_filters, 0, MAX_NUMBER),
            num_classes=head.whole("num_classes", usual.head.num_classes, 0, MAX_NUMBER),
            num_anchors=head.whole("num_anchors", usual.head.num_anchors, 0, MAX_NUMBER),
            separable=head.flag("separable", usual.head.separable),
            anchor_size=head.number("anchor_size", usual.head.anchor_size),
        ),
    )


def _padding(whole: Fields, usual: Padding) -> Padding:
    """`same` and `symmetric`, also inside a phrase such as `TensorFlow 'same'`."""
    text = whole.text("padding", usual)
    named = [padding for padding in Padding if padding in text.lower()]
    return named[0] if len(named) == 1 else whole.choice("padding", Padding, usual)


def _family_of(arch: Architecture) -> SpecFamily:
    for family, stem in STEMS.items():
        if arch.blocks[:FIRST_ID] == stem:
            return family
    raise FormatError(
        f"{arch.name}: found another stem, expected that of SpineNet or of Mobile SpineNet, which "
        "the official list takes for granted. Save it as JSON instead."
    )


def _check_block(block: Block) -> None:
    found = None
    if block.op not in SPEC_OPS:
        found, expected = f"a {block.op} block", "bottleneck, residual or mbconv"
    elif not block.resampled:
        found, expected = "a plain input", "two resampled parents"
    elif len(block.parents) != 2:
        found, expected = f"{len(block.parents)} parents", "2"
    elif block.repeats is not None:
        found, expected = "repeats of its own", "those of the scaling"
    elif block.width is not None:
        found, expected = "a width of its own", "that of its level"
    if found:
        raise FormatError(
            f"Block {block.id}: found {found}, expected {expected}, as the official list has no "
            "words for it. Change the block, or save as JSON instead."
        )


def _check_scaling(scaling: Scaling, family: SpecFamily) -> None:
    usual = SCALINGS[family]
    for name in ("filters", "stem", "link_style", "endpoint", "stage_projection", "norm"):
        found, expected = getattr(scaling, name), getattr(usual, name)
        if found != expected:
            raise FormatError(
                f"Scaling, {name}: found {found}, expected {expected}, as the official {family} "
                "model has it. Save it as JSON instead."
            )
    if scaling.head.style is not usual.head.style:
        raise FormatError(
            f"Scaling, head: found an {scaling.head.style.words} head, expected "
            f"{usual.head.style.words}'s, as the official {family} model has it. Save it as JSON "
            "instead."
        )
