"""Learn: every lesson is played to its end, the right way, a wrong way, and with the hint."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app.learning import HIDEABLE
from explorer.architecture.codec import to_token
from explorer.architecture.edits import Edit
from explorer.catalog import entry
from explorer.lessons.checking import made
from explorer.lessons.finding import weights_file
from explorer.lessons.lesson import Challenge, Lesson
from explorer.lessons.library import challenges, lessons
from explorer.lessons.progress import from_json
from explorer.lessons.worksheet import worksheet
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]
LESSONS, CHALLENGES = lessons(), challenges()
each_lesson = pytest.mark.parametrize("found", LESSONS, ids=[one.id for one in LESSONS])


def said(app: AppTest) -> str:
    return text_of(app) + "\n".join(str(one.value) for one in app.success)


def fields_of(edit: Edit) -> dict[str, object]:
    """What one chooses in the form's fields for an edit."""
    args = edit.args
    match edit.name:
        case "set_level":
            return {"level": args[1]}
        case "swap":
            return {"swap": args[1]}
        case "rewire":
            return {"slot-input": args[1], "parent": args[2]}
        case "disconnect":
            return {"slot-from input": args[1]}
        case "set_op":
            return {"op": args[1]}
        case "set_repeats":
            return {"repeats": args[1]}
    return {}


def do(app: AppTest, edits: Sequence[Edit]) -> None:
    """Make edits with the form, as a person without a mouse does."""
    for edit in edits:
        app.selectbox(key="form-edit").select(edit.name).run()
        block = next(one for one in app.selectbox if str(one.key).startswith("form-block-"))
        block.select(edit.args[0]).run()
        for name, value in fields_of(edit).items():
            widgets = [*app.selectbox, *app.number_input]
            field = next(one for one in widgets if str(one.key).startswith(f"field-{name}-"))
            field.set_value(value)
            app.run()
        app.button(key="form-apply").click().run()
        assert not app.exception
        assert not app.error, [one.value for one in app.error]


def guess(app: AppTest, found: Lesson, option: int) -> None:
    assert app.button(key="lesson-lock").disabled
    app.radio(key=f"lesson-guess-{found.id}").set_value(option).run()
    app.button(key="lesson-lock").click().run()
    assert not app.exception


def progress_of(app: AppTest) -> object:
    return app.session_state["explorer_learning"].progress


@each_lesson
def test_a_lesson_is_played_to_its_end(page: Open, found: Lesson) -> None:
    app = page("learn", lesson=found.id)
    assert not app.exception and not app.error
    right = found.question.answer(found.names())
    assert "Now do it" not in said(app), "first comes the guess"
    assert "Hint" not in said(app)
    shown = [one.proto.id for one in app.get("plotly_chart")]
    assert not any("lesson-chart" in one for one in shown), "a chart would tell the answer"
    guess(app, found, right)
    assert "Right: " in said(app)
    assert "not yet" in said(app) and "Why it is so" not in said(app)

    app.button(key="lesson-hint").click().run()
    assert "Hint: " in said(app)

    do(app, found.task.wrong)
    assert "not yet" in said(app) and "Why it is so" not in said(app)
    app.button(key="lesson-reset").click().run()
    do(app, found.task.solution)
    assert "not yet" not in said(app) and "Why it is so" in said(app)
    assert found.id in progress_of(app).done  # type: ignore[attr-defined]
    app.button(key="lesson-next").click().run()
    assert not app.exception
    assert app.session_state["explorer_learning"].lesson != found.id


@each_lesson
def test_a_wrong_guess_is_told_what_is_right_and_goes_on(page: Open, found: Lesson) -> None:
    app = page("learn", lesson=found.id)
    right = found.question.answer(found.names())
    guess(app, found, (right + 1) % len(found.question.options))
    assert "Right: " not in said(app) and "It is " in said(app)
    assert app.radio(key=f"lesson-guess-{found.id}").disabled
    assert "Now do it" in said(app)


@pytest.mark.parametrize("found", CHALLENGES, ids=[one.id for one in CHALLENGES])
def test_a_challenge_is_handed_in_as_a_link(page: Open, found: Challenge) -> None:
    app = page("learn", challenge=found.id)
    assert app.button(key="hand-in").disabled
    do(app, found.task.solution)
    app.button(key="hand-in").click().run()
    assert "Solved: " in said(app)
    token = to_token(made(found.network, found.task.solution))
    again = page("learn", challenge=found.id, net=token)
    assert not again.error and not again.button(key="hand-in").disabled
    field = again.text_input(key=f"check-{found.id}")
    field.set_value(to_token(found.network)).run()
    assert "Not a solution" in said(again)
    field.set_value("nonsense").run()
    assert "broken" in said(again)


def test_a_teachers_link_carries_lesson_network_photo_and_what_is_hidden(page: Open) -> None:
    found = LESSONS[6]
    arch = made(found.network, found.task.wrong)
    app = page(
        "learn", lesson=found.id, net=to_token(arch), photo="eagle", hide="hint,list,form,chart"
    )
    assert not app.error
    desk = app.session_state["explorer_session"].desk
    assert replace(desk.architecture, name="") == replace(arch, name="")
    assert desk.start == found.network and desk.photo == "eagle"
    guess(app, found, 0)
    keys = {str(one.key) for one in (*app.button, *app.selectbox)}
    assert not keys & {"lesson-hint", "form-edit"}
    assert not any(key.startswith("lesson-picker") for key in keys)
    assert set("".join(app.query_params["hide"]).split(",")) == {"hint", "list", "form", "chart"}


def test_present_mode_goes_step_by_step(page: Open) -> None:
    app = page("learn", lesson="levels", present="1")
    found = LESSONS[0]
    assert "Guess first" not in said(app)
    app.button(key="step-forward").click().run()
    assert "Guess first" in said(app) and "one cell stands for" not in said(app)
    guess(app, found, 0)
    assert "It is " in said(app)
    app.button(key="step-forward").click().run()
    assert "Now do it" in said(app)
    app.button(key="step-back").click().run()
    assert "Now do it" not in said(app)


@pytest.mark.parametrize(
    ("word", "value"),
    [("lesson", "levles"), ("hide", "everything"), ("net", "eJx-broken"), ("challenge", "none"),
     ("photo", "no-such")],
)  # fmt: skip
def test_a_broken_link_says_so_and_opens_the_lesson(page: Open, word: str, value: str) -> None:
    app = page("learn", **{word: value})
    assert not app.exception
    assert "This link cannot be opened" in app.error[0].value
    assert "Guess first" in said(app)


def test_nothing_that_was_on_the_desk_is_lost(page: Open) -> None:
    app = page("learn", lesson="fpn")
    history = app.session_state["explorer_session"].desk.history
    assert history.steps[0].architecture == entry("spinenet-49").architecture


def test_progress_can_be_exported_and_read(page: Open) -> None:
    app = page("learn", lesson="levels")
    guess(app, LESSONS[0], 1)
    exported = next(one for one in app.get("download_button") if "Export" in one.proto.label)
    assert exported is not None
    from explorer.lessons.progress import to_json

    kept = from_json(to_json(progress_of(app)))  # type: ignore[arg-type]
    assert kept.guesses == {"levels": 1}
    assert json.loads(to_json(kept))["version"] == 1


@each_lesson
def test_there_is_a_worksheet_and_a_teachers_copy(found: Lesson) -> None:
    paper, answers = worksheet(found), worksheet(found, with_answers=True)
    assert paper.startswith(b"%PDF") and answers.startswith(b"%PDF")
    assert paper != answers


def test_what_can_be_hidden_has_a_name() -> None:
    assert set(HIDEABLE) == {"list", "form", "hint", "chart", "words", "try"}


@pytest.mark.parametrize("lesson", ["shrinking", "bottleneck", "fpn"])
def test_a_sticker_can_be_followed_through_the_lessons_network(page: Open, lesson: str) -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    found = next(one for one in LESSONS if one.id == lesson)
    app = page("learn", lesson=lesson)
    guess(app, found, 0)
    app.toggle(key="lesson-try").set_value(True).run()
    assert not app.exception and not app.warning
    assert "knows these stickers" in said(app)


def test_the_bottleneck_lesson_runs_its_networks(page: Open) -> None:
    if weights_file() is None:
        pytest.skip("the one-shot weights are not in this copy")
    found = next(one for one in LESSONS if one.id == "bottleneck")
    app = page("learn", lesson="bottleneck")
    guess(app, found, 2)
    do(app, found.task.solution)
    app.toggle(key="finding-run").set_value(True).run()
    assert not app.exception
    table = app.dataframe[0].value.set_index("network")
    assert list(table.index) == ["A", "B", "C", "yours"]
    assert table.loc["C", "AP, small objects"] == table["AP, small objects"].min()
