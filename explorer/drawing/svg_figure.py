"""A drawing as SVG text with tooltips, and as a page that stands on its own."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from explorer.drawing.drawing import Drawing, Mark, Node, Outline, Point, Terminal, Wire
from explorer.drawing.geometry import outline
from explorer.drawing.key import ROW, row
from explorer.drawing.looks import mark_look, node_look, wire_colour
from explorer.drawing.palette import LIGHT, Theme

_STYLE = """
text { font: 11px 'Source Sans 3', 'Helvetica Neue', Arial, sans-serif; }
.wire path { fill: none; } .wire:hover .line { stroke-width: 3.4; }
.block:hover polygon { stroke-width: 3.4; } .block, .wire { cursor: default; }
"""
_MARKS = {
    Mark.BOX: Outline.BOX,
    Mark.DIAMOND: Outline.DIAMOND,
    Mark.ROUND: Outline.ROUND,
    Mark.OCTAGON: Outline.OCTAGON,
}


def svg_source(drawing: Drawing, theme: Theme = LIGHT) -> str:
    """The drawing at natural size as one SVG element; hovering tells what a browser's tooltip can.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> svg_source(layout(small())).count('class="block"')
    5
    """
    width, height = drawing.width, drawing.height + ROW
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}" role="img" aria-label="{safe(drawing.alt)}">',
            f"<style>{_STYLE}</style>",
            f'<rect width="{width:g}" height="{height:g}" fill="{theme.background}"/>',
            *_ground(drawing, theme),
            *(_wire(wire, theme) for wire in drawing.wires),
            _image(drawing.image, theme),
            *(_block(node, theme) for node in drawing.nodes),
            *(_output(end, theme) for end in drawing.outputs),
            *_legend(drawing, theme),
            "</svg>",
        )
    )


def page(drawing: Drawing, theme: Theme = LIGHT) -> str:
    """A whole HTML page with the drawing; it needs nothing else and no network.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> page(layout(small())).startswith("<!doctype html>")
    True
    """
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{safe(drawing.name)}</title>\n"
        "<style>svg { min-width: 100%; height: auto }\n"
        f"body {{ margin: 1rem; background: {theme.background}; color: {theme.ink}; "
        "font: 15px 'Source Sans 3', 'Helvetica Neue', Arial, sans-serif }</style></head>\n"
        f"<body><h1>{safe(drawing.name)}</h1>\n{svg_source(drawing, theme)}\n"
        f"<p>{safe(drawing.alt)}</p></body>\n</html>\n"
    )


def _ground(drawing: Drawing, theme: Theme) -> Iterator[str]:
    left, wide = drawing.left, drawing.width - drawing.left
    for lane in drawing.lanes:
        high = lane.bottom - lane.top
        if lane.shaded:
            yield rect(left, lane.top, wide, high, theme.band)
        yield rect(left, lane.top, 4, high, lane.colour)
        yield label(left - 8, lane.middle - 2, lane.label, theme.ink, 13, "end", bold=True)
        yield label(left - 8, lane.middle + 11, lane.stride, theme.muted, 10, "end")
    for phase in drawing.phases:
        yield (
            f'<path d="M{phase.left:g} {phase.y + 5:g}V{phase.y:g}H{phase.right:g}v5" '
            f'fill="none" stroke="{theme.rule}"/>'
        )
        middle = (phase.left + phase.right) / 2
        yield label(middle, phase.y - 5, phase.label, theme.muted, 11)


def _wire(wire: Wire, theme: Theme) -> str:
    colour = wire_colour(wire, theme)
    path = path_data(wire.points)
    dash = ' stroke-dasharray="5 3"' if wire.dashed else ""
    end = wire.points[-1]
    tip = (
        f'<path d="M{end.x:.1f} {end.y:.1f}l-7 -3v6z" style="fill:{colour}"/>'
        if wire.child is not None
        else ""
    )
    return (
        f'<g class="wire"><title>{safe(chr(10).join(wire.tooltip))}</title>'
        f'<path d="{path}" stroke="{theme.background}" stroke-width="4.4"/>'
        f'<path class="line" d="{path}" stroke="{colour}" stroke-width="1.8"{dash}/>{tip}</g>'
    )


def path_data(points: tuple[Point, ...]) -> str:
    """A wire's curves as the `d` of an SVG path."""
    start, *rest = (f"{point.x:.1f} {point.y:.1f}" for point in points)
    curves = (f"C{' '.join(rest[at : at + 3])}" for at in range(0, len(rest), 3))
    return f"M{start}{''.join(curves)}"


def _block(node: Node, theme: Theme) -> str:
    look = node_look(node, theme)
    dot = (
        f'<circle cx="{node.x + node.width / 2 - 1:g}" cy="{node.y - node.height / 2 + 1:g}" '
        f'r="4" fill="{theme.accent}" stroke="{theme.background}"/>'
        if node.changed
        else ""
    )
    colour = theme.muted if node.dead else node.text
    note = ""
    if node.note:
        written = label(node.x, node.y + node.height / 2 + 11, node.note, theme.ink)
        halo = f'stroke="{theme.background}" stroke-width="3" paint-order="stroke"'
        note = f"<g {halo}>{written}</g>"
    return (
        f'<g class="block"><title>{safe(chr(10).join(node.tooltip))}</title>'
        f"{polygon(node.corners, look.fill, look.border, look.width)}"
        f"{label(node.x, node.y + 4, node.label, colour)}{note}{dot}</g>"
    )


def _image(image: Terminal, theme: Theme) -> str:
    corners = outline(Outline.BOX, image.x, image.y, image.width, image.height)
    return (
        f"<g><title>{safe(chr(10).join(image.tooltip))}</title>"
        f"{polygon(corners, theme.background, theme.wire, 1.2)}"
        f'<text x="{image.x:g}" y="{image.y:g}" fill="{theme.muted}" text-anchor="middle" '
        f'transform="rotate(-90 {image.x:g} {image.y:g})" dy="4">{image.label}</text></g>'
    )


def _output(end: Terminal, theme: Theme) -> str:
    return (
        f"<g><title>{safe(chr(10).join(end.tooltip))}</title>"
        f'<circle cx="{end.x:g}" cy="{end.y:g}" r="13" fill="{end.fill}" stroke="{theme.ink}" '
        f'stroke-width="2.2"/>{label(end.x, end.y + 4, end.label, end.text, 12, bold=True)}</g>'
    )


def _legend(drawing: Drawing, theme: Theme) -> Iterator[str]:
    y = drawing.height + ROW / 2
    if drawing.legend_title:
        yield label(drawing.left, y + 4, drawing.legend_title, theme.muted, anchor="start")
    for item, x, text_x in row(drawing):
        look = mark_look(item, theme)
        if item.mark in (Mark.LINE, Mark.DASHED):
            dash = ' stroke-dasharray="5 3"' if item.mark is Mark.DASHED else ""
            yield f'<path d="M{x - 9:g} {y:g}h24" stroke="{look.fill}" stroke-width="2"{dash}/>'
        elif item.mark is Mark.DOT:
            yield f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="{look.fill}"/>'
        else:
            shape = _MARKS.get(item.mark, Outline.BOX)
            wide = 18.0 if shape is Outline.DIAMOND else 13.0
            yield polygon(outline(shape, x, y, wide, 12), look.fill, look.border, look.width)
        yield label(text_x, y + 4, item.label, theme.muted, anchor="start")


def rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A rectangle as an SVG element."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'


def polygon(corners: tuple[Point, ...], fill: str, border: str, width: float) -> str:
    """A closed outline as an SVG element."""
    points = " ".join(f"{point.x:.1f},{point.y:.1f}" for point in corners)
    return (
        f'<polygon points="{points}" fill="{fill}" stroke="{border}" stroke-width="{width:g}" '
        'stroke-linejoin="round"/>'
    )


def label(
    x: float,
    y: float,
    text: str,
    colour: str,
    size: int = 11,
    anchor: str = "middle",
    bold: bool = False,
) -> str:
    """A word as an SVG element; `y` is its base line."""
    weight = ";font-weight:600" if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{colour}" text-anchor="{anchor}" '
        f'style="font-size:{size}px{weight}">{safe(text)}</text>'
    )


def safe(text: str) -> str:
    """Text that cannot break out of an element or an attribute."""
    return escape(text, quote=True)
