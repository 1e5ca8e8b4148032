"""Costs against the published tables and an independent count of the official code.

Sources: arXiv 1912.05027 (Tables 1 to 3, Figure 1) and the model zoo of tensorflow/tpu @7dc921f.
The exact integers are those of tf-models-official 2.15.0, from an independent pure-Python counter,
and equal to its trainable variables.
"""

from __future__ import annotations

import pytest

from explorer.catalog.entries import Published, entries, entry
from explorer.catalog.resolve import resolve
from explorer.cost.cost import Cost, cost

WITHIN = 0.005
UNREACHED = {
    # The released code gives 49S 128 endpoint filters, the released checkpoint and these numbers
    # have 256: that network is here as spinenet-49s-256.
    "spinenet-49s": (-0.0894, -0.0533),
    # Published as 1.0 B (rounded), with convolutions of 0.981 B and other operations on top.
    "mobile-spinenet-49": (-0.0191, -0.0010),
}
ROWS = [
    pytest.param(entry.name, row, id=f"{entry.name}-{row.size}-{number}")
    for entry in entries()
    for number, row in enumerate(entry.published)
    if row.head == "retinanet" and entry.name not in UNREACHED
]
SPLITS = {
    "spinenet-49s": (640, (2590259200, 6153903100, 3128513275, 452582400),
                     (74398, 6015527, 2615546, 383744)),
    "spinenet-49": (640, (4633395200, 14678425600, 7554252800, 1395916800),
                    (154944, 14290688, 6203648, 1182208)),
    "spinenet-96": (1024, (20988297216, 75153539072, 19338887168, 3573547008),
                    (295744, 28581376, 6203648, 1182208)),
    "spinenet-143": (1280, (47054848000, 176141107200, 66479718400, 5583667200),
                     (436544, 42872064, 15756800, 1182208)),
    "spinenet-143l": (1280, (75705753600, 296249044800, 111811225600, 7241318400),
                      (717858, 72068319, 26477664, 1532416)),
    "spinenet-190": (1280, (99690496000, 394998726400, 111811225600, 14482636800),
                     (954076, 96091092, 26477664, 3064832)),
}  # fmt: skip
WITH_HEAD = {
    ("spinenet-49", 640): (85281555200, 28543383),
    ("r0-sp53", 640): (94769939200, 26056215),
    ("r23-sp30", 640): (95481824000, 26510871),
    ("mobile-spinenet-49", 384): (980858928, 2337579),
    ("mobile-spinenet-49s", 384): (495890184, 1030653),
    ("mobile-spinenet-49xs", 256): (165764892, 872711),
}


def _errors(ours: Cost, row: Published) -> tuple[float | None, float | None]:
    flops = ours.macs / 1e9 / row.flops_b - 1 if row.flops_b else None
    return flops, ours.params / 1e6 / row.params_m - 1 if row.params_m else None


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_a_published_row(name: str, row: Published) -> None:
    for error in _errors(cost(resolve(name), row.size, head=True), row):
        assert error is None or abs(error) <= WITHIN


@pytest.mark.parametrize("name", UNREACHED)
def test_a_published_row_out_of_reach(name: str) -> None:
    """Off by a known amount, for a known reason: neither more nor less."""
    entry_rows = entry(name).published
    errors = _errors(cost(resolve(name), entry_rows[0].size, head=True), entry_rows[0])
    assert errors == pytest.approx(UNREACHED[name], abs=0.0005)


@pytest.mark.parametrize("name", SPLITS)
def test_parts_equal_the_official_code(name: str) -> None:
    size, macs, params = SPLITS[name]
    parts = cost(resolve(name), size).by_part
    assert tuple(parts) == ("stem", "blocks", "links", "endpoints", "head")
    assert tuple(part.macs for part in parts.values()) == (*macs, 0)
    assert tuple(part.params for part in parts.values()) == (*params, 0)


@pytest.mark.parametrize(("name", "size"), WITH_HEAD)
def test_whole_equals_the_official_code(name: str, size: int) -> None:
    ours = cost(resolve(name), size, head=True)
    assert (ours.macs, ours.params) == WITH_HEAD[name, size]


def test_the_released_checkpoint_of_49s() -> None:
    """11,944,598 trainable parameters are in the checkpoint's own index."""
    ours = cost(resolve("spinenet-49s-256"), 640, head=True)
    assert ours.params == 11_944_598
    assert abs(ours.macs / 33.8e9 - 1) < WITHIN
