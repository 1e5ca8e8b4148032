"""The checksum against published vectors and a plain implementation."""

import time

import numpy as np
import pytest

from explorer.network.checkpoint.crc32c import crc32c, masked
from tests.network.checkpoint_writer import masked_crc

# RFC 3720 (iSCSI), appendix B.4, and the check value of the CRC catalogue
PUBLISHED = [
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"123456789", 0xE3069283),
    (b"", 0),
]


@pytest.mark.parametrize(("data", "expected"), PUBLISHED)
def test_published_vectors(data: bytes, expected: int) -> None:
    assert crc32c(data) == expected


@pytest.mark.parametrize(
    "length", [1, 3, 4, 5, 127, 3071, 3072, 3073, 5000, 16383, 16385, 1 << 20, (1 << 20) + 1]
)
def test_equals_a_plain_loop(length: int) -> None:
    data = np.random.default_rng(length).bytes(length)
    assert masked(crc32c(data)) == masked_crc(data)


@pytest.mark.parametrize("length", [(1 << 20) + 2, (1 << 20) + 4, (2 << 20) + 777])
def test_parts_join(length: int) -> None:
    """Over the border of a segment: one flipped bit changes the sum, whereever it is."""
    data = bytearray(np.random.default_rng(length).bytes(length))
    whole = crc32c(data)
    for place in (0, 3, 4, 1000, length // 2, length - 1):
        data[place] ^= 16
        assert crc32c(data) != whole
        data[place] ^= 16
    assert crc32c(memoryview(data)) == whole


def test_a_hundred_megabytes_take_seconds() -> None:
    data = bytes(30_000_000)
    start = time.perf_counter()
    crc32c(data)
    assert time.perf_counter() - start < 3
