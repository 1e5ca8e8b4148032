"""A drawing painted by Graphviz, for print: places and curves are given, nothing is laid out anew.

Lanes, brackets and the legend are drawn in the background, as xdot operations; blocks are nodes and
wires are edges, so that the DOT text can be read and edited.
"""

from __future__ import annotations

from collections.abc import Iterator

from explorer.architecture.errors import ExplorerError
from explorer.drawing.drawing import Drawing, Mark, Node, Outline, Point, Terminal, Wire
from explorer.drawing.geometry import outline
from explorer.drawing.key import ROW, row
from explorer.drawing.looks import mark_look, node_look, wire_colour
from explorer.drawing.palette import LIGHT, Theme

ARROW = 6.0
"""Length of an arrowhead: Graphviz draws it beyond the end of the curve."""
DPI = 200
_MAX_PIXELS = 30_000
"""Cairo refuses wider pictures."""
_FONT = "Helvetica"
_SHAPES = {
    Outline.BOX: 'shape=box style="filled"',
    Outline.DIAMOND: 'shape=hexagon style="filled"',
    Outline.ROUND: 'shape=box style="filled,rounded"',
    Outline.OCTAGON: 'shape=octagon style="filled"',
}
_MARKS = {
    Mark.DIAMOND: Outline.DIAMOND,
    Mark.ROUND: Outline.ROUND,
    Mark.OCTAGON: Outline.OCTAGON,
}


class GraphvizMissingError(ExplorerError):
    """The program that paints is not on this machine."""


def dot_source(drawing: Drawing, theme: Theme = LIGHT, dpi: int | None = None) -> str:
    """The drawing as DOT text with fixed places: paint it with `neato -n2`.

    Parameters
    ----------
    dpi: dots per inch, for pictures of pixels; a unit of the drawing is a point, 1/72 inch.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> text = dot_source(layout(small()))
    >>> "b2 -> b3" in text and text.startswith('digraph "small"')
    True
    """
    height = drawing.height + ROW
    resolution = f" dpi={dpi}" if dpi else ""
    lines = [
        f"digraph {_quoted(drawing.name)} {{",
        f'graph [bgcolor="{theme.background}" pad=0.08 outputorder=edgesfirst splines=true'
        f'{resolution} tooltip={_quoted(drawing.alt)} _background="{_ground(drawing, theme)}"];',
        f'edge [fontname="{_FONT}" arrowsize={ARROW / 10:g}];',
        'node [style=invis label="" width=0.01 height=0.01];',
        f'corner0 [pos="0,0"]; corner1 [pos="{drawing.width:g},{height:g}"];',
        f'node [style="" fontname="{_FONT}" fontsize=11 fixedsize=true margin=0];',
        _image(drawing.image, height, theme),
        *(_block(node, height, theme) for node in drawing.nodes),
        *(_output(end, height, theme) for end in drawing.outputs),
    ]
    for wire in drawing.wires:
        lines += _wire(wire, drawing, height, theme)
    return "\n".join((*lines, "}", ""))


def painted(drawing: Drawing, file_format: str, theme: Theme = LIGHT) -> bytes:
    """The drawing as `svg`, `png` or `pdf`.

    Raises GraphvizMissingError where Graphviz' programs are not installed.
    """
    import graphviz

    dpi = None
    if file_format == "png":
        dpi = min(DPI, int(_MAX_PIXELS * 72 / drawing.width))
    source = graphviz.Source(dot_source(drawing, theme, dpi), engine="neato")
    try:
        return bytes(source.pipe(format=file_format, neato_no_op=2, quiet=True))
    except graphviz.ExecutableNotFound:
        raise GraphvizMissingError(
            f"The {file_format.upper()} drawing: found no program 'dot', expected Graphviz. "
            "Install the system package graphviz (Debian, Ubuntu: apt-get install graphviz), or "
            "choose .html, which needs nothing."
        ) from None


def _block(node: Node, height: float, theme: Theme) -> str:
    look = node_look(node, theme)
    note = ""
    if node.note:
        wide = 5.0 * len(node.note) + 2
        place = _place(node.x, node.y + node.height / 2 + 7, wide, 9, height)
        look_of_note = (
            f'shape=box style=filled penwidth=0 fontsize=9 fontcolor="{theme.ink}" '
            f'fillcolor="{theme.background}"'
        )
        note = f'\n"note {node.id}" [label={_quoted(node.note)} {look_of_note} {place}];'
    text = theme.muted if node.dead else node.text
    return (
        f"{_name(node.id)} [label={_quoted(node.label)} {_SHAPES[node.outline]} "
        f'{_place(node.x, node.y, node.width, node.height, height)} fillcolor="{look.fill}" '
        f'color="{look.border}" penwidth={look.width:g} fontcolor="{text}" '
        f"tooltip={_quoted(_lines(node.tooltip))}];{note}"
    )


def _image(image: Terminal, height: float, theme: Theme) -> str:
    place = _place(image.x, image.y, image.width, image.height, height)
    return (
        f'image [label="{image.label}" shape=box style=filled {place} fontsize=7 '
        f'fillcolor="{theme.background}" color="{theme.wire}" fontcolor="{theme.muted}" '
        f"tooltip={_quoted(_lines(image.tooltip))}];"
    )


def _output(end: Terminal, height: float, theme: Theme) -> str:
    return (
        f"{end.label} [label={_quoted(end.label)} shape=circle style=filled "
        f'{_place(end.x, end.y, 26, 26, height)} fillcolor="{end.fill}" color="{theme.ink}" '
        f'penwidth=2.2 fontcolor="{end.text}" fontname="{_FONT}-Bold" '
        f"tooltip={_quoted(_lines(end.tooltip))}];"
    )


def _wire(wire: Wire, drawing: Drawing, height: float, theme: Theme) -> Iterator[str]:
    tail = "image" if wire.parent is None else _name(wire.parent)
    ends = {end.level: end.label for end in drawing.outputs}
    head = ends[wire.slot] if wire.child is None else _name(wire.child)
    points = wire.points
    tip = ""
    if wire.child is not None:
        end = points[-1]
        back = Point(end.x - ARROW, end.y)
        points = (*points[:-2], back, back)
        tip = f"e,{end.x:.2f},{height - end.y:.2f} "
    path = " ".join(f"{point.x:.2f},{height - point.y:.2f}" for point in points)
    casing = f'color="{theme.background}" penwidth=4 arrowhead=none'
    style = f'color="{wire_colour(wire, theme)}" penwidth=1.5'
    style += " style=dashed" if wire.dashed else ""
    style += "" if tip else " arrowhead=none"
    tooltip = _quoted(_lines(wire.tooltip))
    yield f'{tail} -> {head} [pos="{path}" {casing}];'
    yield f'{tail} -> {head} [pos="{tip}{path}" {style} tooltip={tooltip}];'


def _ground(drawing: Drawing, theme: Theme) -> str:
    """Lanes, brackets and legend as xdot operations."""
    height = drawing.height + ROW
    return " ".join(op for op in _operations(drawing, theme, height))


def _operations(drawing: Drawing, theme: Theme, height: float) -> Iterator[str]:
    left, right = drawing.left, drawing.width
    for lane in drawing.lanes:
        if lane.shaded:
            yield _filled(_box(left, lane.top, right, lane.bottom), theme.band, height)
        yield _filled(_box(left, lane.top, left + 4, lane.bottom), lane.colour, height)
        where = left - 8, height - lane.middle
        yield _written(lane.label, *where, 13, theme.ink, 1, bold=True)
        yield _written(lane.stride, where[0], where[1] - 12, 9, theme.muted, 1)
    for phase in drawing.phases:
        ends = ((phase.left, 5), (phase.left, 0), (phase.right, 0), (phase.right, 5))
        bracket = [Point(x, phase.y + down) for x, down in ends]
        yield f"{_pen(theme.rule)} L 4 {_points(bracket, height)}"
        middle = (phase.left + phase.right) / 2
        yield _written(phase.label, middle, height - phase.y + 5, 10, theme.muted)
    y = drawing.height + ROW / 2
    if drawing.legend_title:
        yield _written(drawing.legend_title, left, height - y - 3.5, 10, theme.muted, -1)
    for item, x, text_x in row(drawing):
        look = mark_look(item, theme)
        if item.mark in (Mark.LINE, Mark.DASHED):
            for start in (x - 9, x, x + 9) if item.mark is Mark.DASHED else (x - 9,):
                stop = start + 6 if item.mark is Mark.DASHED else x + 15
                dash = [Point(start, y), Point(stop, y)]
                yield f"{_pen(look.fill)} L 2 {_points(dash, height)}"
        else:
            shape = _MARKS.get(item.mark, Outline.BOX)
            if item.mark is Mark.DOT:
                shape = Outline.ROUND
            wide = 18.0 if shape is Outline.DIAMOND else 8.0 if item.mark is Mark.DOT else 13.0
            corners = outline(shape, x, y, wide, 8.0 if item.mark is Mark.DOT else 12.0)
            border = look.border if look.width else look.fill
            yield _filled(list(corners), look.fill, height, border)
        yield _written(item.label, text_x, height - y - 3.5, 10, theme.muted, -1)


def _filled(corners: list[Point], fill: str, height: float, border: str | None = None) -> str:
    pen = _pen(border or fill)
    return f"{pen} C {len(fill)} -{fill} P {len(corners)} {_points(corners, height)}"


def _pen(colour: str) -> str:
    return f"c {len(colour)} -{colour}"


def _written(
    text: str, x: float, y: float, size: int, colour: str, side: int = 0, bold: bool = False
) -> str:
    """Text with its baseline at y; `side` -1 begins at x, 0 is centred, 1 ends at x."""
    font = f"{_FONT}-Bold" if bold else _FONT
    length = len(text.encode())
    return (
        f"F {size} {len(font)} -{font} {_pen(colour)} "
        f"T {x:.2f} {y:.2f} {side} {6 * len(text)} {length} -{text}"
    )


def _points(points: list[Point], height: float) -> str:
    return " ".join(f"{point.x:.2f} {height - point.y:.2f}" for point in points)


def _box(left: float, top: float, right: float, bottom: float) -> list[Point]:
    return [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)]


def _place(x: float, y: float, wide: float, high: float, height: float) -> str:
    return f'pos="{x:.2f},{height - y:.2f}" width={wide / 72:.4f} height={high / 72:.4f}'


def _name(block_id: int) -> str:
    return f"b{block_id}" if block_id >= 0 else f'"b{block_id}"'


def _lines(lines: tuple[str, ...]) -> str:
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
