"""Processes that train together: equal weights in all, from batches of each."""

import multiprocessing
import os
from datetime import timedelta
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from explorer.detection.training.team import Team, TeamError, joined
from explorer.detection.training.trainer import Settings, Trainer

QUICK = Settings(seed=1, steps=3, batch=2, pool=6, warm_up_steps=2)
SIZE = 2


def member(rank: int, folder: Path) -> None:
    """One process of two: some gradients to average, then a short training."""
    torch.set_num_threads(1)
    with joined(rank, SIZE, folder / "meeting") as team:
        both, one, none = (nn.Parameter(torch.zeros(2, 1)) for _ in range(3))
        both.grad = torch.tensor([[1.0], [3.0 + 2 * rank]])
        if rank:
            one.grad = torch.tensor([[4.0], [0.0]])
        team.average([both, one, none])
        assert none.grad is None
        said = torch.tensor([team.any(rank == 1), team.any(False)])
        trainer = Trainer(QUICK, team=team)
        list(trainer.run(2, print))
        assert trainer.images == 2 * 2 * SIZE
        made = {name: value.detach() for name, value in trainer.parameters.items()}
        save_file(
            {**made, "both": both.grad, "one": one.grad, "said": said},
            folder / f"{rank}.safetensors",
        )


def test_all_processes_have_the_same_weights_from_the_batches_of_all(tmp_path):
    start = multiprocessing.get_context("spawn")
    members = [start.Process(target=member, args=(rank, tmp_path)) for rank in range(SIZE)]
    for process in members:
        process.start()
    for process in members:
        process.join()
        assert process.exitcode == 0
    first, second = (load_file(tmp_path / f"{rank}.safetensors") for rank in range(SIZE))
    assert first["both"].flatten().tolist() == [1, 4]
    assert first["one"].flatten().tolist() == [2, 0], "zero where it was not used"
    assert first["said"].tolist() == [True, False]
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
    alone = Trainer(QUICK)
    list(alone.run(2, print))
    assert not torch.equal(
        first["head.class.predict.weight"], alone.parameters["head.class.predict.weight"]
    )


def test_each_process_draws_scenes_and_architectures_of_its_own():
    two = [Trainer(QUICK, team=Team(rank, SIZE)) for rank in range(SIZE)]
    assert not (two[0].pool.images == two[1].pool.images).all()
    assert two[0]._draw(1).random() != two[1]._draw(1).random()


def leaver(folder: Path) -> None:
    """The second process of two, which ends without a word after the first answer."""
    with joined(1, SIZE, folder / "meeting") as team:
        team.any(True)
        os._exit(1)


def test_a_process_that_ends_is_told_in_a_sentence(tmp_path):
    process = multiprocessing.get_context("spawn").Process(target=leaver, args=(tmp_path,))
    process.start()
    with (
        pytest.raises(TeamError, match="--resume"),
        joined(0, SIZE, tmp_path / "meeting") as team,
    ):
        assert team.any(False), "while all are there"
        team.average([nn.Parameter(torch.zeros(1))])
    process.join()


def test_a_process_that_never_comes_is_not_waited_for_long(tmp_path):
    with (
        pytest.raises(TeamError, match="expected all of them"),
        joined(0, SIZE, tmp_path / "meeting", patience=timedelta(seconds=1)),
    ):
        pass
