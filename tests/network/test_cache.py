"""The bounded cache: bytes, order of forgetting, threads, failures."""

from __future__ import annotations

import threading
from random import Random

import pytest

from explorer.network.cache import BoundedCache


def test_the_least_recently_used_goes_first() -> None:
    cache = BoundedCache[bytes](10, len)
    for key in "abc":
        cache.get_or_make(key, lambda: b"...")
    assert cache.peek("a") == b"..."
    cache.get_or_make("d", lambda: b"...")
    assert [key for key in "abcd" if cache.peek(key)] == ["a", "c", "d"]


def test_what_is_larger_than_the_bound_is_given_back_and_not_kept() -> None:
    cache = BoundedCache[bytes](3, len)
    cache.get_or_make("small", lambda: b"..")
    assert cache.get_or_make("large", lambda: b"....") == (b"....", True)
    assert cache.peek("large") is None
    assert cache.peek("small") == b".."


def test_the_bound_holds_at_all_times() -> None:
    rng = Random(0)
    cache = BoundedCache[bytes](100, len)
    for _ in range(2000):
        size = rng.randint(0, 120)
        cache.get_or_make(rng.randint(0, 30), lambda n=size: bytes(n))  # type: ignore[misc]
        kept = [cache.peek(key) for key in range(31)]
        assert cache.nbytes == sum(len(value) for value in kept if value is not None) <= 100
    cache.clear()
    assert (len(cache), cache.nbytes) == (0, 0)


def test_a_value_is_made_once_by_many_threads() -> None:
    cache = BoundedCache[bytes](0, len)
    made: list[int] = []
    inside, found = threading.Event(), []

    def make() -> bytes:
        made.append(1)
        inside.wait(10)
        return b"value"

    threads = [
        threading.Thread(target=lambda: found.append(cache.get_or_make("key", make)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    while not made:
        pass
    # All others are let in while the first one is still at work, and wait for its value.
    for thread in threads:
        thread.join(0.02)
    inside.set()
    for thread in threads:
        thread.join(10)
    assert [value for value, _ in found] == [b"value"] * 8
    assert sum(fresh for _, fresh in found) == len(made) == 1


def test_a_failure_is_its_own_callers_and_the_next_one_tries_again() -> None:
    cache = BoundedCache[bytes](10, len)

    def fail() -> bytes:
        raise MemoryError("too large")

    with pytest.raises(MemoryError):
        cache.get_or_make("key", fail)
    assert cache.get_or_make("key", lambda: b"fine") == (b"fine", True)
