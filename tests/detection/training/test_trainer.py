"""Training: the same after a resume, written atomically, and it learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.architecture.errors import FormatError
from explorer.architecture.rules import problems
from explorer.detection.points import cells
from explorer.detection.training import checkpoint
from explorer.detection.training.pool import Pool
from explorer.detection.training.sampling import catalog_orders, random_permutation, sample
from explorer.detection.training.targets import assign
from explorer.detection.training.trainer import Settings, Trainer, rate, resumed

QUICK = Settings(seed=1, steps=12, batch=2, pool=6, warm_up_steps=2)


def test_a_resumed_training_does_what_an_uninterrupted_one_does(tmp_path):
    whole = Trainer(QUICK)
    list(whole.run(6, print))
    part = Trainer(QUICK)
    list(part.run(3, print))
    checkpoint.save(tmp_path, part.state())
    going_on = Trainer(QUICK, state=resumed(tmp_path, QUICK))
    assert going_on.step == 3
    list(going_on.run(6, print))
    for name, value in whole.parameters.items():
        torch.testing.assert_close(value, going_on.parameters[name], rtol=0, atol=0)
        torch.testing.assert_close(whole.average[name], going_on.average[name], rtol=0, atol=0)


def test_a_training_of_another_seed_is_not_gone_on_with(tmp_path):
    with pytest.raises(FormatError, match="checkpoint"):
        resumed(tmp_path, QUICK)
    checkpoint.save(tmp_path, Trainer(QUICK).state())
    with pytest.raises(FormatError, match="seed"):
        resumed(tmp_path, replace(QUICK, seed=2))


def test_a_broken_checkpoint_is_refused_in_a_sentence(tmp_path):
    (tmp_path / checkpoint.FILE).write_bytes(b"\x00" * 40)
    with pytest.raises(FormatError, match="Name the folder"):
        checkpoint.load(tmp_path)


def test_one_network_alone_begins_to_learn():
    settings = replace(QUICK, steps=60, batch=4, pool=4, rate=3e-3)
    told = []
    trainer = Trainer(settings, architecture=catalog_orders()[0])
    list(trainer.run(60, told.append, every=20))
    assert told[-1].loss < told[0].loss - 0.05
    assert told[-1].boxes < told[0].boxes
    assert told[-1].step == 60
    assert told[-1].seconds_left == 0


def test_the_pool_is_the_same_whenever_it_was_begun():
    one, two = Pool(0, 5), Pool(0, 5, step=3)
    for step in range(3):
        one.renew(step)
    assert (one.images == two.images).all()
    assert (one.labels == two.labels).all()
    a, b = (pool.batch(np.random.default_rng(1), 4) for pool in (one, two))
    assert torch.equal(a.images, b.images)
    assert torch.equal(a.boxes, b.boxes)
    assert a.boxes[a.labels >= 0].min() >= 0


def test_every_sampled_architecture_is_legal():
    kinds = set()
    for step in range(300):
        arch = sample(np.random.default_rng(step), step, 1.0 if step > 20 else 0.0)
        assert not problems(arch), arch
        assert len(arch.outputs) == 5
        kinds.add(arch.name)
    assert {"random permutation", "random"} < kinds
    assert len(kinds) > 8
    arch = random_permutation(np.random.default_rng(0))
    assert all(len(set(block.parents)) == 2 for block in arch.blocks[2:])


def test_every_object_is_some_cells_to_find():
    at = cells((3, 4, 5, 6, 7), 128, 128)
    rng = np.random.default_rng(0)
    for _ in range(200):
        size = np.exp(rng.uniform(np.log(7), np.log(120), 2))
        middle = rng.uniform(size / 2, np.maximum(128 - size / 2, size / 2 + 1e-3))
        box = torch.tensor(np.r_[middle - size / 2, middle + size / 2]).float()[None, None]
        which = assign(box.clamp(0, 128), torch.zeros(1, 1, dtype=torch.long), at)
        assert (which == 0).sum() >= 1, box
    none = assign(torch.zeros(1, 2, 4), torch.full((1, 2), -1), at)
    assert (none == -1).all()


def test_the_rate_rises_stays_and_falls():
    rates = [rate(Settings(), step, step / 1000) for step in range(1000)]
    top = max(rates)
    assert rates.index(top) < 250
    assert rates[0] < top / 100
    assert rates[-1] < 0.03 * top
