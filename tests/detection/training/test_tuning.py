"""Fine-tuning against a clock: it ends in time, its rate has fallen by then, and it can be left."""

from itertools import count
from time import monotonic

import pytest

from explorer.catalog import entry
from explorer.detection.miniature import MiniatureWeights
from explorer.detection.training import tuning
from explorer.detection.training.tuning import fine_tune

SPINENET = entry("spinenet-49").architecture
UNTRAINED = MiniatureWeights("untrained", None)


def test_the_rate_has_fallen_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "EVERY", 1)
    ticks = count()  # a second whenever somebody looks at the clock, however slow the machine is
    monkeypatch.setattr(tuning, "monotonic", lambda: float(next(ticks)))
    told = [*fine_tune(SPINENET, UNTRAINED, 60.0, scenes=4)]
    rates = [one.told.rate for one in told if one.told is not None]
    assert len(rates) > 2
    assert rates[-1] < 0.3 * tuning.RATE
    assert told[-1].share == 1
    assert told[-1].weights is not None
    assert told[-1].weights.label == "fine-tuned for spinenet-49"


def test_it_can_be_left_while_scenes_are_made() -> None:
    began = monotonic()
    assert [*fine_tune(SPINENET, UNTRAINED, 60.0, scenes=100_000, should_stop=lambda: True)] == []
    assert monotonic() - began < 30
