"""Learn: lessons by doing. Guess, see the answer, do it on the network, and see why."""

import streamlit as st

from explorer.app.classroom import lesson_row, show_challenge, show_learn_notice
from explorer.app.entry import through_the_entry
from explorer.app.keeper import keep_progress
from explorer.app.learn_link import remember_lesson, restore_lesson
from explorer.app.learning import enter, learning
from explorer.app.lesson_view import show_lesson, show_network, show_steps
from explorer.app.state import session
from explorer.app.theme import style

through_the_entry()
style()
here = learning()
restore_lesson(here)
enter()
lesson_row(here, session().desk)
show_learn_notice(here)
left, right = st.columns([2, 1] if not here.present else [1, 1], gap="medium")
with right:
    if here.present:
        show_steps(here)
    if here.tried:
        show_challenge(here, session().desk, here.tried)
    else:
        show_lesson(here)
with left:
    show_network(here, session().desk)
keep_progress()
remember_lesson(here)
