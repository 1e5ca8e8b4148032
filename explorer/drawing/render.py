"""A drawing written to a file; the file's ending says in which way."""

from __future__ import annotations

from pathlib import Path

from explorer.architecture.errors import ExplorerError, FormatError
from explorer.drawing.drawing import Drawing
from explorer.drawing.palette import LIGHT, Theme

SUFFIXES = (".svg", ".png", ".pdf", ".html", ".dot")


def render(drawing: Drawing, path: str | Path, theme: Theme = LIGHT) -> None:
    """Nothing; writes `path` as .svg, .png or .pdf (by Graphviz), .html (stands alone) or .dot.

    Raises
    ------
    FormatError: another ending.
    GraphvizMissingError: where the file needs Graphviz and it is not installed.
    ExplorerError: the file cannot be written.
    """
    path = Path(path)
    data = rendered(drawing, path.suffix.lower(), theme)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ExplorerError(
            f"{path}: found {error.strerror or error}, expected a place to write a file. Choose "
            "another folder or name."
        ) from None


def rendered(drawing: Drawing, suffix: str, theme: Theme = LIGHT) -> bytes:
    """The bytes that `render` writes for an ending.

    >>> from explorer.architecture.example import small
    >>> from explorer.drawing.layout import layout
    >>> rendered(layout(small()), ".html").decode().count("<svg")
    1
    """
    if suffix == ".dot":
        from explorer.drawing.graphviz_figure import dot_source

        return dot_source(drawing, theme).encode()
    if suffix == ".html":
        from explorer.drawing.svg_figure import page

        return page(drawing, theme).encode()
    if suffix in SUFFIXES:
        from explorer.drawing.graphviz_figure import painted

        return painted(drawing, suffix[1:], theme)
    raise FormatError(
        f"The drawing: found {f'the ending {suffix}' if suffix else 'no ending'} of the file's "
        f"name, expected one of {', '.join(SUFFIXES)}. Choose one of these."
    )
