"""A lesson on the page: idea, guess, answer, task, why, each as far as the person has come."""

from __future__ import annotations

import streamlit as st

from explorer.app.drawing_view import show_drawing
from explorer.app.edit_form import edit_form
from explorer.app.finding_view import show_finding
from explorer.app.gallery import comparisons, plot_points
from explorer.app.learning import (
    STEPS,
    Learning,
    guess,
    learning,
    next_lesson,
    start_over,
    verdict,
)
from explorer.app.lesson_try import show_try
from explorer.app.numbers import show_numbers
from explorer.app.picture import show_svg
from explorer.app.state import Desk, session
from explorer.app.theme import theme
from explorer.app.undo import undo_and_redo
from explorer.architecture.errors import ExplorerError
from explorer.drawing.bars import bars
from explorer.drawing.beside import MARGIN, Marks, beside
from explorer.drawing.layout import layout
from explorer.drawing.plotly_figure import CONFIG
from explorer.drawing.trade_off import trade_off
from explorer.lessons.checking import Checked
from explorer.lessons.figures import figure as chart
from explorer.lessons.lesson import Figure, Lesson
from explorer.lessons.wording import filled, glossary, glosses

CANVAS_HEIGHT = 380
SMALLER = 1.4
"""Drawings that a question compares leave room at the right, so that all are seen at once."""


def show_network(here: Learning, desk: Desk) -> None:
    """The left side: the network to work on, its numbers, a form for edits, and the chart."""
    if not here.challenge and here.lesson not in here.progress.guesses and _several(here.current):
        _show_options(here.current)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson-bar"):
        edited = desk.architecture != desk.start  # undo does not lead out of the lesson
        undo_and_redo(desk, edited, "lesson-")
        st.button(
            "Start over",
            icon=":material/restart_alt:",
            key="lesson-reset",
            disabled=desk.architecture == here.network,
            on_click=start_over,
        )
        st.space("stretch")
        show_numbers(desk)
    show_drawing(desk, CANVAS_HEIGHT, own_history=False, can_undo=edited)
    if "form" not in here.hidden:
        edit_form(desk)
    if "try" not in here.hidden and not here.challenge:
        show_try(desk)
    guessed = bool(here.challenge) or here.lesson in here.progress.guesses
    if guessed and "chart" not in here.hidden:  # it would tell the answer
        kind = Figure.PATHS if here.challenge else here.current.figure
        _show_chart(kind, desk)
        if kind is Figure.BOTTLENECKS:
            show_finding(here, desk)


def _several(found: Lesson) -> bool:
    return any(option.network for option in found.question.options)


def _show_options(found: Lesson) -> None:
    """Every network that the question asks about, at one scale."""
    shown = [one for one in found.question.options if one.network is not None]
    drawings = [layout(one.network, found.size) for one in shown if one.network is not None]
    width = SMALLER * (max(one.width for one in drawings) + MARGIN)
    for option, drawing in zip(shown, drawings, strict=True):
        st.markdown(f"**{option.text}**")
        show_svg(beside(drawing, width, Marks(), theme(), 1.0), f"lesson-option-{option.text}")


def _show_chart(kind: Figure, desk: Desk) -> None:
    try:
        made = chart(kind, desk.architecture)
    except ExplorerError as error:
        st.caption(f"No chart: {error}")
        return
    if made is not None:
        st.plotly_chart(
            bars(made, theme()), key="lesson-chart", theme=None, config=CONFIG, alt=made.alt
        )
        if made.note:
            st.caption(made.note)
    elif kind is Figure.TRADE_OFF:
        group = next(one for one in comparisons() if one.protocol.startswith("B:"))
        plot = trade_off(plot_points(group), None, group.title, theme()).update_layout(height=330)
        st.plotly_chart(
            plot,
            key="lesson-chart",
            theme=None,
            config=CONFIG,
            alt=f"Published AP over multiply-adds, {group.title}",
        )


def show_lesson(here: Learning) -> None:
    """The right side: the words, step by step."""
    found = here.current
    names = found.names(session().desk.architecture)
    guessed = found.id in here.progress.guesses
    with st.container(key="lesson"):
        st.subheader(found.title, anchor=False)
        if _shown(here, 0):
            with st.expander("The idea") if guessed and not here.present else st.container():
                st.markdown(filled(found.idea, names))
                _words(here, found.idea)
        if _shown(here, 1):
            _ask(here, found)
        if guessed and _shown(here, 2):
            _answer(here, found)
        if guessed and _shown(here, 3):
            _task(here, found)
        if found.id in here.progress.done and _shown(here, 4):
            _why(here, found)
        if "words" not in here.hidden and not here.present:
            _all_words(found)


def _shown(here: Learning, step: int) -> bool:
    """Everything at once; in present mode the step alone."""
    return not here.present or here.step == step


def _words(here: Learning, text: str) -> None:
    """What the words mean that come up here for the first time."""
    lines = [f"**{term}**: {meaning}" for term, meaning in glosses(text)]
    if lines and "words" not in here.hidden:
        st.caption("  \n".join(lines))


def _all_words(found: Lesson) -> None:
    """Every term of the lesson, for whoever came here first."""
    with st.expander("Words of this lesson"):
        st.caption("  \n".join(f"**{term}**: {glossary()[term]}" for term in found.words))


def _ask(here: Learning, found: Lesson) -> None:
    known = found.names(session().desk.architecture)
    question, mine = found.question, here.progress.guesses.get(found.id)
    with st.container(border=True, key="lesson-question"):
        st.markdown("**Guess first.** " + filled(question.text, known))
        _words(here, question.text)
        picked = st.radio(
            "Your guess",
            range(len(question.options)),
            index=mine,
            format_func=lambda place: filled(question.options[place].text, known),
            key=f"lesson-guess-{found.id}",
            disabled=mine is not None,
            label_visibility="collapsed",
        )
        if mine is None:
            st.button(
                "This is my guess",
                type="primary",
                key="lesson-lock",
                disabled=picked is None,
                on_click=guess,
                args=(picked,),
            )


def _answer(here: Learning, found: Lesson) -> None:
    known = found.names(session().desk.architecture)
    right, mine = found.question.answer(known), here.progress.guesses[found.id]
    text = filled(found.question.reveal, known)
    answer = filled(found.question.options[right].text, known)
    if right == mine:
        st.success(f"Right: {answer}. {text}", icon=":material/check_circle:")
    else:
        st.info(f"It is {answer}. {text}", icon=":material/lightbulb:")
    _words(here, found.question.reveal)


def _task(here: Learning, found: Lesson) -> None:
    known = found.names(session().desk.architecture)
    result = verdict()
    with st.container(border=True, key="lesson-task"):
        st.markdown("**Now do it.** " + filled(found.task.text, known))
        st.markdown("  \n".join(condition_line(one) for one in result.checked))
        _words(here, found.task.text)
        if "hint" in here.hidden:
            return
        if here.hint:
            st.caption(f"Hint: {filled(found.task.hint, known)}")
        elif not result.done:
            st.button("Hint", icon=":material/help:", key="lesson-hint", on_click=_hint)


def condition_line(one: Checked) -> str:
    """A condition as a line of text: whether it holds in words, and what holds now."""
    mark = ":green[✓ done]" if one.holds else ":orange[✗ not yet]"
    return f"{mark} {one.text}" + (f" :gray[({one.now})]" if one.now else "")


def _hint() -> None:
    learning().hint = True


def _why(here: Learning, found: Lesson) -> None:
    known = found.names(session().desk.architecture)
    with st.container(key="lesson-why"):
        st.success("Done. Why it is so:", icon=":material/check_circle:")
        st.markdown(filled(found.why, known))
        _words(here, found.why)
        st.caption("Sources: " + "; ".join(found.sources) + ".")
        st.button(
            "Next lesson",
            icon=":material/arrow_forward:",
            type="primary",
            key="lesson-next",
            on_click=next_lesson,
        )


def show_steps(here: Learning) -> None:
    """In present mode: where one is, and the arrow keys."""
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-steps"):
        st.button(
            "Back",
            icon=":material/arrow_back:",
            shortcut="Left",
            key="step-back",
            disabled=here.step == 0,
            on_click=_step,
            args=(-1,),
        )
        words = " · ".join(
            f"**{name}**" if at == here.step else name for at, name in enumerate(STEPS)
        )
        st.markdown(words, width="content")
        st.button(
            "Forward",
            icon=":material/arrow_forward:",
            shortcut="Right",
            key="step-forward",
            disabled=here.step == len(STEPS) - 1,
            on_click=_step,
            args=(1,),
        )


def _step(by: int) -> None:
    here = learning()
    here.step = min(max(here.step + by, 0), len(STEPS) - 1)
