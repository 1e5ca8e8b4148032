"""`train` and `evaluate` from the shell: weights out, resumable, one line for what is off."""

import json
from pathlib import Path

import pytest

from explorer.detection.training.trainer import CURVE
from tests.cli.test_calls import answer, refused, run


def trained(capsys, *words):
    """The answer of `train`, which tells its progress on standard error."""
    status, out, err = run(capsys, "train", *words, "--json")
    assert status == 0, err
    return json.loads(out)


QUICK = ("--steps", 4, "--batch", 2, "--pool", 4)


def test_a_training_gives_weights_that_evaluate_takes(capsys, tmp_path):
    made = trained(capsys, "spinenet-49", "--out", tmp_path, *QUICK)
    assert made["step"] == made["steps"] == 4 and made["images"] == 8
    rows = [json.loads(line) for line in (tmp_path / CURVE).read_text().splitlines()]
    assert rows[-1]["step"] == 4
    judged = answer(capsys, "evaluate", "spinenet-49", "--weights", made["weights"], "--scenes", 2)
    assert judged["weights"] == made["weights"] and judged["scenes"] == 2
    assert {"ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large"} <= judged.keys()
    assert judged["macs"] > 10_000_000 and judged["params"] > 100_000
    all_off = ("--scenes", 2, "--bypass", "all", "--unseen-style", "--seed", 5)
    off = answer(capsys, "evaluate", "spinenet-49", "--weights", made["weights"], *all_off)
    assert off["macs"] < judged["macs"] and len(off["bypassed"]) == 15


def test_the_one_shot_network_goes_on_where_it_was(capsys, tmp_path):
    first = trained(capsys, "one-shot", "--out", tmp_path, *QUICK, "--minutes", 0)
    assert first["step"] == 0
    exported = trained(capsys, "one-shot", "--out", tmp_path, "--export")
    assert exported["step"] == 0 and Path(exported["weights"]).name == "one-shot.safetensors"
    assert "--resume" in refused(capsys, "train", "one-shot", "--out", tmp_path, *QUICK)
    second = trained(capsys, "one-shot", "--out", tmp_path, *QUICK, "--resume")
    assert second["step"] == 4
    wrong = ("--steps", 4, "--batch", 3, "--pool", 4, "--resume")
    assert "batch" in refused(capsys, "train", "one-shot", "--out", tmp_path, *wrong)


def test_two_processes_train_one_network(capfd, tmp_path):
    made = trained(capfd, "one-shot", "--out", tmp_path, *QUICK, "--processes", 2)
    assert made["step"] == 4 and made["images"] == 16
    alone = trained(capfd, "one-shot", "--out", tmp_path, *QUICK[2:], "--steps", 5, "--resume")
    assert alone["step"] == 5 and alone["images"] == 18
    wrong = ("--processes", 2, "--device", "cuda")
    assert "GPU" in refused(capfd, "train", "one-shot", "--out", tmp_path / "b", *QUICK, *wrong)


@pytest.mark.parametrize(
    "words",
    [
        ("train", "nothing-like-it", "--out", "x"),
        ("train", "spinenet-49", "--out", "x", "--steps", "0"),
        ("train", "spinenet-49", "--out", "x", "--init", "missing.safetensors"),
        ("train", "one-shot", "--out", "missing-folder", "--export"),
        ("evaluate", "spinenet-49", "--bypass", "one"),
        ("evaluate", "spinenet-49", "--scenes", "2", "--bypass", "0"),
        ("evaluate", "spinenet-49", "--weights", "missing.safetensors"),
        ("evaluate", "spinenet-49", "--difficulty", "2"),
    ],
)
def test_what_is_off_gets_one_line(capsys, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, *words)
