"""Detections: scenes, composing, knock-out, and the plain word where weights are missing."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app.background import Lane, Task, queue_up, start
from explorer.app.precision_view import tried
from explorer.app.scoreboard import Question, Scoreboard
from explorer.app.state import Desk
from explorer.app.sticker_drag import moved_from
from explorer.architecture.edits import Edit
from explorer.architecture.errors import FormatError
from explorer.architecture.history import History
from explorer.catalog import entry
from explorer.detection.composing import SIZES
from explorer.detection.miniature import MiniatureWeights, miniature_weights
from explorer.drawing.palette import LIGHT
from explorer.drawing.sticker_plots import SizePoint, sizes_plot
from explorer.network.weights import Weights
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]


def _view(app: AppTest, name: str) -> AppTest:
    (chooser,) = (one for one in app.get("button_group") if one.key == "detect-view")
    chooser.set_value(name)
    return app.run()


def _image(app: AppTest) -> str:
    """Names the first picture's content."""
    return str(app.get("image")[0].proto.imgs[0].url)


def _plots(app: AppTest) -> list[dict]:
    return [json.loads(one.proto.spec) for one in app.get("plotly_chart")]


def test_a_scene_has_boxes_and_another_one_is_another(page: Open) -> None:
    app = page("detect")
    assert not app.exception
    assert "are there" in text_of(app)
    before = _image(app)
    app.button(key="new-scene").click().run()
    assert not app.exception
    assert _image(app) != before
    app.toggle(key="truth").set_value(True).run()
    app.toggle(key="unseen").set_value(True).run()
    assert not app.exception


def test_ap_comes_in_the_background_with_its_place_in_the_plot(page: Open) -> None:
    app = page("detect")
    for _ in range(60):
        if app.metric and app.metric[0].value != "…":
            break
        time.sleep(0.5)
        app.run()
    assert [one.label for one in app.metric] == [
        "AP50, %",
        "AP, %",
        "AP small, %",
        "AP medium, %",
        "AP large, %",
    ]
    assert 0 <= float(app.metric[0].value) <= 100
    kinds = {trace["name"] for trace in _plots(app)[0]["data"]}
    assert "on the desk" in kinds


def test_a_sticker_is_found_at_the_sizes_that_the_chart_says(page: Open) -> None:
    app = _view(page("detect"), "Compose")
    assert not app.exception
    before = _plots(app)[0]
    app.slider(key="sticker-size").set_value(90).run()
    app.selectbox(key="sticker-name").set_value("bus").run()
    assert not app.exception
    assert _plots(app)[0] != before
    assert "no real animals" in text_of(app)


def test_what_was_chosen_is_there_after_another_view(page: Open) -> None:
    app = _view(page("detect"), "Compose")
    app.slider(key="sticker-size").set_value(90).run()
    app.selectbox(key="sticker-name").set_value("bus").run()
    _view(app, "Scenes").toggle(key="unseen").set_value(True).run()
    app = _view(_view(app, "Compose"), "Scenes")
    assert app.toggle(key="unseen").value is True
    app = _view(app, "Compose")
    assert app.slider(key="sticker-size").value == 90
    assert app.selectbox(key="sticker-name").value == "bus"
    assert not app.exception


def test_the_chart_has_every_size_also_where_nothing_is_found() -> None:
    drawn = sizes_plot([SizePoint(size, 0.0, None) for size in SIZES], 44, LIGHT)
    assert drawn.layout.xaxis.range == (-0.5, len(SIZES) - 0.5)
    assert len(drawn.layout.xaxis.categoryarray) == len(SIZES)


def test_every_network_of_the_history_was_tried() -> None:
    start = entry("spinenet-49").architecture
    history = History.start(start).apply(Edit("set_level", (5, 3)))
    first = history.current
    history = history.apply(Edit("set_level", (6, 4))).undo().undo()
    assert tried(Desk(history, "dog"))[1:] == [first, start]
    reference = entry("ssdlite-mobilenetv2").architecture  # not to be run as a miniature
    assert tried(Desk(History.start(reference).open(start), "dog")) == [start]


def test_the_hand_moves_the_sliders_within_their_bounds() -> None:
    assert moved_from({"x": -5, "y": 64.2, "size": 500, "angle": -90}) == (0, 64, 120, -45)
    for broken in (None, [], {"x": 1}, {"x": "1", "y": 1, "size": 9, "angle": 0},
                   {"x": float("nan"), "y": 1, "size": 9, "angle": 0}):  # fmt: skip
        with pytest.raises(FormatError):
            moved_from(broken)


def test_what_is_knocked_out_is_off(page: Open) -> None:
    app = _view(page("detect"), "Knock-out")
    assert not app.exception
    app.multiselect(key="bypass").set_value([5, 12]).run()
    app.selectbox(key="cut").select_index(0).run()
    assert not app.exception
    app.button(key="carried").click().run()
    for _ in range(90):
        if _plots(app):
            break
        time.sleep(0.5)
        app.run()
    assert _plots(app)[0]["data"][0]["type"] == "bar"
    app.button(key="carried-stop").click().run()
    assert app.session_state["explorer_stickers"].knocked is None


def test_fine_tuning_can_be_cancelled(page: Open) -> None:
    app = _view(page("detect"), "Fine-tune")
    app.button(key="tune").click().run()
    assert not app.exception
    task = app.session_state["explorer_stickers"].tuning
    app.button(key="tune-stop").click().run()
    assert task.done
    assert not app.exception


def test_tuned_weights_are_kept_for_their_network_and_used_where_one_wants(page: Open) -> None:
    app = page("detect")
    here, desk = app.session_state["explorer_stickers"], app.session_state["explorer_session"].desk
    with pytest.raises(KeyError):
        app.toggle(key="use-tuned")
    shared = miniature_weights()
    other = {name: 0 * value for name, value in shared.weights.items()}
    here.tuned[desk.architecture] = MiniatureWeights("tuned by hand", Weights(other))
    app.run()
    assert "one-shot weights" in text_of(app)
    app.toggle(key="use-tuned").set_value(True).run()
    assert "tuned by hand" in text_of(app) and not app.exception
    app = _view(_view(app, "Compose"), "Scenes")
    assert app.toggle(key="use-tuned").value is True


def test_a_figure_does_not_wait_for_a_training() -> None:
    training: Task[int] = start(lambda task: int(task.stopped.wait(120)), Lane.TRAINING)
    figure: Task[int] = start(lambda task: 7)
    assert figure.wait(60) and figure.result() == 7  # other tests' figures may come first
    assert not training.done
    training.stop()


def test_a_network_that_cannot_be_a_miniature_says_why(page: Open) -> None:
    app = AppTest.from_function(_reference, default_timeout=60)
    app.run()
    assert not app.exception
    assert "level 8" in text_of(app)


def _reference() -> None:
    import streamlit as st

    from explorer.app.sticker_words import trouble
    from explorer.catalog import entry

    st.warning(trouble(entry("ssdlite-mobilenetv2").architecture))


def test_equal_structures_are_measured_once() -> None:
    board = Scoreboard()
    values = miniature_weights()
    one, two = (entry(name).architecture for name in ("spinenet-49", "spinenet-96"))
    first = board.ask(Question(one), values)
    assert board.ask(Question(two), values) is first
    assert board.ask(Question(one, (5,)), values) is not first
    first.wait(60)
    assert first.result() is not None


def test_what_is_asked_twice_is_done_once_by_whoever_comes_first() -> None:
    gate, done = Event(), list[int]()
    slow: Task[bool] = start(lambda task: gate.wait(120), Lane.SERIES)
    task: Task[None] = start(lambda task: done.append(1), Lane.SERIES)
    queue_up(task, Lane.FIGURES)
    assert task.wait(60) and not slow.done  # it did not wait for the slow one
    gate.set()
    after: Task[int] = start(lambda task: 1, Lane.SERIES)
    assert after.wait(60) and done == [1]


def test_the_program_ends_soon_and_well_while_much_waits_to_be_measured() -> None:
    """A thread that ends within PyTorch aborts; what waits must not be done first."""
    code = (
        "from explorer.app.scoreboard import Question, Scoreboard\n"
        "from explorer.catalog import entry\n"
        "board, arch = Scoreboard(), entry('spinenet-49').architecture\n"
        "tasks = [board.ask(Question(arch, (block,))) for block in range(2, 17)]\n"
        "assert tasks[0].wait(120)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_a_task_that_is_stopped_keeps_what_it_had() -> None:
    def work(task: Task[int]) -> int:
        task.partial = 3
        task.stopped.wait(10)
        return 4

    task = start(work)
    while task.partial is None:
        time.sleep(0.01)
    task.stop()
    assert task.done and task.result() == 3
    failing: Task[int] = start(lambda task: 1 // 0)
    assert failing.wait(10)
    with pytest.raises(ZeroDivisionError):
        failing.result()
