"""With the one-shot weights deleted, the shell says `untrained`, and works."""

import pytest

from explorer.catalog import photos
from explorer.detection import miniature
from tests.cli.test_calls import answer, refused
from tests.cli.test_train import QUICK, trained


@pytest.fixture(autouse=True)
def no_weights(monkeypatch, tmp_path):
    monkeypatch.setattr(miniature, "ONE_SHOT_FILE", tmp_path / "none.safetensors")


def test_infer_says_untrained_and_finds_nothing(capsys):
    found = answer(capsys, "infer", "spinenet-49s", "--image", photos()[0].path, "--size", 128)
    assert found["weights"] == "untrained"
    assert found["detections"] == []


def test_evaluate_says_untrained(capsys):
    found = answer(capsys, "evaluate", "spinenet-49", "--scenes", 4)
    assert found["weights"] == "untrained"
    assert found["ap50"] < 0.05


def test_training_goes_from_nothing_and_not_from_the_one_shot(capsys, tmp_path):
    refusal = refused(capsys, "train", "spinenet-49", "--out", tmp_path, "--init", "one-shot")
    assert "none.safetensors" in refusal
    made = trained(capsys, "spinenet-49", "--out", tmp_path / "new", *QUICK)
    judged = answer(capsys, "evaluate", "spinenet-49", "--weights", made["weights"], "--scenes", 2)
    assert judged["weights"] == made["weights"]
