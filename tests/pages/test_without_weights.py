"""With the one-shot weights deleted, every page says so where it matters, and works."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.detection import miniature
from tests.pages.conftest import text_of
from tests.pages.test_detect import _view

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The file is away, as after `rm`."""
    monkeypatch.setattr(miniature, "ONE_SHOT_FILE", tmp_path / "none.safetensors")


@pytest.mark.parametrize("view", ["Scenes", "Compose", "Knock-out"])
def test_detections_say_untrained(page: Open, view: str) -> None:
    app = _view(page("detect"), view)
    assert not app.exception
    assert "untrained" in text_of(app)


def test_one_can_train_a_network_from_nothing(page: Open) -> None:
    app = _view(page("detect"), "Fine-tune")
    app.button(key="tune").click().run()
    assert not app.exception
    task = app.session_state["explorer_stickers"].tuning
    app.button(key="tune-stop").click().run()
    assert task.done and not app.exception


def test_explore_shows_maps_and_no_boxes(page: Open) -> None:
    app = page(run="128")
    assert not app.exception
    assert "untrained weights (seeded)" in text_of(app)
    captions = [image.proto.imgs[0].caption for image in app.get("image")]
    assert any("What the network sees" in caption for caption in captions)
    assert not any("found" in caption for caption in captions)


def test_there_is_nothing_to_carry(page: Open) -> None:
    app = page(colour="carried", run="128").run()
    assert not app.exception
    assert "nothing that blocks could carry" in text_of(app)


@pytest.mark.parametrize("name", ["compare", "learn", "gallery"])
def test_other_pages_work(page: Open, name: str) -> None:
    assert not page(name).exception
