"""Around a lesson: the list with progress, what teachers need, worksheets, and the challenges."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.app.learn_link import lesson_link, words_of
from explorer.app.learning import (
    HIDEABLE,
    Learning,
    hand_in,
    learning,
    open_challenge,
    open_lesson,
)
from explorer.app.lesson_view import condition_line
from explorer.app.state import Desk, session
from explorer.architecture.codec import to_token
from explorer.architecture.errors import ExplorerError
from explorer.lessons.checking import verify
from explorer.lessons.lesson import Challenge
from explorer.lessons.library import challenges, lessons
from explorer.lessons.progress import from_json, to_json
from explorer.lessons.wording import filled
from explorer.lessons.worksheet import worksheet

OPEN = "challenge:"
"""What the entries of challenges begin with in the list."""
LARGE = """
<style>
.st-key-lesson p, .st-key-lesson li, .st-key-lesson label p { font-size: 1.45rem; }
.st-key-lesson p, .st-key-lesson li { line-height: 1.5; }
.st-key-lesson h3 { font-size: 2.2rem; }
.st-key-lesson [data-testid="stCaptionContainer"] p { font-size: 1.1rem; }
</style>
"""


def lesson_row(here: Learning, desk: Desk) -> None:
    """The row above a lesson: which one, how far, for teachers, and progress."""
    if here.present:
        st.html(LARGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson-row"):
        if "list" not in here.hidden:
            _picker(here)
        done = sum(one.id in here.progress.done for one in lessons())
        st.markdown(f"{done} of {len(lessons())} done", width="content")
        st.space("stretch")
        st.toggle("Present", value=here.present, key="lesson-present", on_change=_present)
        if "list" not in here.hidden:
            with st.popover("For teachers", icon=":material/school:", key="teachers"):
                _teachers(here, desk)
            with st.popover("Progress", icon=":material/checklist:", key="progress"):
                _progress(here)


def _picker(here: Learning) -> None:
    titles = {
        one.id: f"{place}. {one.title} · {one.minutes} min"
        + (" · ✓ done" if one.id in here.progress.done else "")
        for place, one in enumerate(lessons(), 1)
    }
    titles |= {
        f"{OPEN}{one.id}": f"Challenge: {one.title}"
        + (" · ✓ solved" if one.id in here.progress.solutions else "")
        for one in challenges()
    }
    key = f"lesson-picker-{len(here.progress.done)}-{len(here.progress.solutions)}"
    st.session_state[key] = f"{OPEN}{here.challenge}" if here.challenge else here.lesson
    st.selectbox(
        "Lesson",
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        label_visibility="collapsed",
        width=380,
        on_change=_pick,
        args=(key,),
    )


def _pick(key: str) -> None:
    picked = str(st.session_state[key])
    if picked.startswith(OPEN):
        open_challenge(picked.removeprefix(OPEN))
    else:
        open_lesson(picked)


def _present() -> None:
    here = learning()
    here.present = bool(st.session_state["lesson-present"])
    here.step = 0


def _teachers(here: Learning, desk: Desk) -> None:
    st.caption(
        "A link with this lesson, the network as it is now, the photograph, and only the controls "
        "that you leave on."
    )
    hide = st.multiselect(
        "Leave out", list(HIDEABLE), format_func=HIDEABLE.__getitem__, key="teacher-hide"
    )
    present = st.checkbox("Open in present mode", key="teacher-present")
    st.code(lesson_link(words_of(here, desk, hide, present)), language=None, wrap_lines=True)
    for label, answers in (("Worksheet (PDF)", False), ("Teacher's copy (PDF)", True)):
        st.download_button(
            label,
            partial(worksheet, here.current, answers),
            f"{here.lesson}{'-answers' if answers else ''}.pdf",
            "application/pdf",
            icon=":material/print:",
            key=f"worksheet-{answers}",
            on_click="ignore",
            width="stretch",
        )


def _progress(here: Learning) -> None:
    st.caption("Kept in this browser. Nothing leaves this machine unless you export it.")
    st.download_button(
        "Export progress",
        to_json(here.progress),
        "progress.json",
        "application/json",
        key="progress-export",
        on_click="ignore",
        width="stretch",
    )
    st.file_uploader("Bring progress back", type=["json"], key="progress-file", on_change=_bring)


def _bring() -> None:
    here, uploaded = learning(), st.session_state.get("progress-file")
    if uploaded is None:
        return
    try:
        here.progress = here.progress.together(from_json(uploaded.getvalue().decode("utf-8")))
    except (ExplorerError, UnicodeDecodeError) as error:
        here.notice = f"{uploaded.name}: {error}"


def show_challenge(here: Learning, desk: Desk, one: Challenge) -> None:
    """A challenge in the place of a lesson: what it asks, how far one is, the best score."""
    known, now = one.names(desk.architecture), verify(one, to_token(desk.architecture))
    with st.container(key="challenge"):
        st.subheader(f"Challenge: {one.title}", anchor=False)
        st.markdown(filled(one.task.text, known))
        st.markdown("  \n".join(condition_line(checked) for checked in now.verdict.checked))
        st.button(
            f"Hand in: {now.text}" if now.score is not None else "Hand in",
            key="hand-in",
            type="primary",
            disabled=now.score is None,
            on_click=hand_in,
        )
        token = here.progress.solutions.get(one.id)
        if token:
            st.success(f"Solved: {verify(one, token).text}.", icon=":material/check_circle:")
            st.caption("Your solution as a link. Whoever opens or checks it can see that it holds.")
            st.code(lesson_link({"challenge": one.id, "net": token}), language=None)
        with st.expander("Hint"):
            st.markdown(filled(one.task.hint, known))
        link = st.text_input("Check somebody's link", key=f"check-{one.id}")
        if link:
            _check(one, link)


def _check(one: Challenge, link: str) -> None:
    try:
        found = verify(one, link)
    except ExplorerError as error:
        st.warning(str(error))
        return
    if found.score is None:
        wrong = next(checked for checked in found.verdict.checked if not checked.holds)
        st.warning(f"Not a solution: {wrong.text} ({wrong.now}).")
    else:
        st.success(f"A solution: {found.text}.")


def show_learn_notice(here: Learning) -> None:
    """What went wrong last with a link or with progress."""
    if here.notice:
        st.error(here.notice, icon=":material/error:")
        here.notice = ""
    if session().notice:
        st.error(session().notice, icon=":material/error:")
