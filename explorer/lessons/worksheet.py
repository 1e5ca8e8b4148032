"""A lesson on paper: one or two pages of PDF with its figures, room to guess and to answer."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from explorer.drawing.beside import MARGIN, Marks, beside
from explorer.drawing.drawing import Colour
from explorer.drawing.layout import layout
from explorer.drawing.palette import LIGHT
from explorer.lessons.lesson import Lesson
from explorer.lessons.wording import filled, glossary

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH = 182.0
"""Of the text, in millimetres on A4."""
HIGHER, LOWER = 1.05, 0.87
"""Lanes of one drawing on paper, and of three, which then fit one page."""
_LATIN = str.maketrans(
    {"→": "->", "−": "-", "–": "-", "—": "-", "“": '"', "”": '"', "’": "'", "…": "...", "≤": "<=",
     "≥": ">=", "⁰": "0", "⁴": "4", "⁵": "5", "⁶": "6", "⁷": "7", "⁸": "8", "⁹": "9", "⁻": "-"}
)  # fmt: skip
"""The PDF's own fonts know Latin-1 alone."""


def worksheet(found: Lesson, with_answers: bool = False) -> bytes:
    """The PDF: idea, drawing, question with boxes, task with its conditions, terms, sources.

    With `with_answers` it is the teacher's copy: the right guess, a way to do the task, and why.
    """
    from fpdf import FPDF

    names = found.names()
    pdf = FPDF(format="A4")
    pdf.set_margin(14)
    pdf.set_auto_page_break(True, 14)
    pdf.set_title(_plain(found.title))
    pdf.add_page()
    _heading(pdf, found.title, 18)
    pdf.set_font("helvetica", size=9)
    kind = "teacher's copy" if with_answers else "Name: ____________________________"
    _text(pdf, f"SpineNet Explorer, about {found.minutes} minutes. {kind}")
    _text(pdf, filled(found.idea, names))
    _drawing(pdf, found)
    question = found.question
    if pdf.will_page_break(24 + 7 * len(question.options)):  # a question stays in one piece
        pdf.add_page()
    _heading(pdf, "Guess first")
    _text(pdf, filled(question.text, names))
    right = question.answer(names)
    for place, option in enumerate(question.options):
        mark = "[x]" if with_answers and place == right else "[  ]"
        _text(pdf, f"{mark}  {filled(option.text, names)}")
    if with_answers:
        _text(pdf, filled(question.reveal, names))
    _heading(pdf, "Then do")
    _text(pdf, filled(found.task.text, names))
    for one in found.task.conditions:
        _text(pdf, f"[  ]  {filled(one.text, names)}")
    if with_answers:
        _text(pdf, "One way: " + ", ".join(edit.text for edit in found.task.solution) + ".")
        _heading(pdf, "Why")
        _text(pdf, filled(found.why, names))
    else:
        _lines(pdf, "What I changed, and why it worked:")
    _heading(pdf, "Words")
    pdf.set_font("helvetica", size=8)
    _text(pdf, "  ".join(f"**{term}**: {glossary()[term]}" for term in found.words), 4)
    _text(pdf, "Sources: " + "; ".join(found.sources) + ".", 4)
    return bytes(pdf.output())


def _heading(pdf: FPDF, text: str, size: int = 12) -> None:
    pdf.ln(1.5)
    pdf.set_font("helvetica", "B", size)
    _text(pdf, text, size * 0.5)
    pdf.set_font("helvetica", size=10)


def _text(pdf: FPDF, text: str, height: float = 4.9) -> None:
    for paragraph in text.split("\n\n"):
        line = _plain(" ".join(paragraph.split()))
        pdf.multi_cell(WIDTH, height, line, markdown=True, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(1)


def _drawing(pdf: FPDF, found: Lesson) -> None:
    """The network of the lesson; where the question shows several, all of them."""
    shown = [one.network for one in found.question.options if one.network] or [found.network]
    drawings = [layout(arch, found.size, Colour.LEVEL) for arch in shown]
    width = max(one.width for one in drawings) + MARGIN
    stretch = HIGHER if len(shown) == 1 else LOWER
    for arch, drawing in zip(shown, drawings, strict=True):
        source = beside(drawing, width, Marks(), LIGHT, stretch)
        height = WIDTH * stretch * drawing.height / width
        if pdf.will_page_break(height + 8):
            pdf.add_page()
        if len(shown) > 1:
            _text(pdf, f"**{arch.name}**")
        top, picture = pdf.get_y(), BytesIO(_for_paper(source).encode())
        pdf.image(picture, x=14, y=top, w=WIDTH, h=height, alt_text=drawing.alt)
        pdf.set_y(top + height + 1)


def _for_paper(svg: str) -> str:
    """Without tooltips, which the PDF would not read."""
    return re.sub(r"<title>.*?</title>", "", svg, flags=re.DOTALL)


def _lines(pdf: FPDF, label: str, count: int = 3) -> None:
    _text(pdf, label)
    for _ in range(count):
        pdf.ln(6)
        y = pdf.get_y()
        pdf.line(14, y, 14 + WIDTH, y)
    pdf.ln(3)


def _plain(text: str) -> str:
    text = re.sub(r"(?<!\*)\*(?!\*)([^*]+)\*(?!\*)", r"__\1__", text.translate(_LATIN))
    return text.encode("latin-1", "replace").decode("latin-1")
