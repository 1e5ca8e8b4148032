"""A drawing as data: everything a painter needs, in drawing units, and nothing about how to paint.

x grows to the right (execution order), y grows downwards (coarser levels). A unit is about a pixel
at natural size. Painters add what a theme says; fills are in the data.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import NamedTuple


class Point(NamedTuple):
    """A place in drawing units."""

    x: float
    y: float


class Colour(StrEnum):
    """What the colour of blocks and wires tells."""

    LEVEL = "level"
    OP = "op"
    MACS = "macs"
    PARAMS = "params"
    RECEPTIVE_FIELD = "receptive-field"
    PATHS = "paths"
    CHANGE = "change"
    CARRIED = "carried"
    """AP50 that is lost where the block passes its input on unchanged."""


class Outline(StrEnum):
    """The shape of a block, by its op; rectangle and diamond are those of the paper's Fig. 4."""

    BOX = "box"
    """Bottleneck."""
    DIAMOND = "diamond"
    """Residual: a rectangle with pointed sides, so that a label fits."""
    ROUND = "round"
    """MBConv and MobileNetV2's inverted residual."""
    OCTAGON = "octagon"
    """Everything else: the parts of an FPN, single convolutions, extra layers."""


class WireKind(StrEnum):
    """What a wire is; the first five are `LinkKind`."""

    PLAIN = "plain"
    RESAMPLE = "resample"
    LATERAL = "lateral"
    TOP_DOWN = "top-down"
    JOINED = "joined"
    STEM = "stem"
    """From the image through the stem's convolution into a first block."""
    OUTPUT = "output"
    """From an output block through its endpoint to P3..P7."""


class Mark(StrEnum):
    """What a legend shows beside its text."""

    FILL = "fill"
    BOX = "box"
    DIAMOND = "diamond"
    ROUND = "round"
    OCTAGON = "octagon"
    BORDER = "border"
    LINE = "line"
    DASHED = "dashed"
    FADED = "faded"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Lane:
    """The band of a pyramid level."""

    level: int
    label: str
    stride: str
    top: float
    bottom: float
    colour: str
    shaded: bool

    @property
    def middle(self) -> float:
        """Where the blocks of this level stand."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of blocks of one kind: the stem, a scale-decreased backbone, a feature pyramid."""

    label: str
    left: float
    right: float
    y: float


@dataclass(frozen=True, slots=True)
class Node:
    """A block. Height tells resolution (taller is finer), width the channels that it gives."""

    id: int
    label: str
    position: int
    level: int
    x: float
    """The middle."""
    y: float
    width: float
    height: float
    outline: Outline
    corners: tuple[Point, ...]
    """The border as a closed polygon; round corners are short straight pieces."""
    fill: str
    text: str
    """Colour of the label."""
    badge: str | None
    """`P4` where this block feeds an output."""
    in_stem: bool
    dead: bool
    changed: bool
    """Other than at the start, in whatever way; only where a start is given."""
    problem: str | None
    """What is wrong with it."""
    tooltip: tuple[str, ...]
    note: str | None = None
    """An amount that is written below the block."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The image at the left end, or P3..P7 at the right end."""

    label: str
    level: int
    x: float
    y: float
    width: float
    height: float
    fill: str
    text: str
    tooltip: tuple[str, ...]
    block: int | None = None
    """The block that feeds this output."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A link as a chain of cubic Bézier curves.

    `points` is a start and then three points a curve: two controls and an end. `parent` is None
    where it starts at the image, `child` where it ends at an output (`slot` is then the level).
    """

    parent: int | None
    child: int | None
    slot: int
    kind: WireKind
    points: tuple[Point, ...]
    colour: str | None
    """None: the theme's own colour for wires."""
    dashed: bool
    dead: bool
    changed: bool
    problem: bool
    tooltip: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LegendItem:
    """One entry of the key: a mark and its meaning."""

    mark: Mark
    colour: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture, from (0, 0) to (width, height)."""

    name: str
    alt: str
    """The picture in words, for whoever cannot see it."""
    colour: Colour
    width: float
    height: float
    left: float
    """Where lanes begin: left of it is room for their labels."""
    lanes: tuple[Lane, ...]
    phases: tuple[Phase, ...]
    image: Terminal
    nodes: tuple[Node, ...]
    outputs: tuple[Terminal, ...]
    wires: tuple[Wire, ...]
    legend: tuple[LegendItem, ...]
    legend_title: str
    pitch: float
    """From one place in the order to the next."""

    def to_data(self) -> dict[str, object]:
        """The same as dicts, lists, strings and numbers, ready for JSON.

        >>> from explorer.architecture.example import small
        >>> from explorer.drawing.layout import layout
        >>> data = layout(small()).to_data()
        >>> [node["label"] for node in data["nodes"]]
        ['b0', 'b1', 'b2', 'b3', 'b4']
        """
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: object) -> object:
    if isinstance(value, Point):
        return [round(value.x, 2), round(value.y, 2)]
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    return round(value, 2) if isinstance(value, float) else value
