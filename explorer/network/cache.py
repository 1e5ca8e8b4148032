"""A cache that is bounded in bytes, safe under threads, and computes each value once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")


class Found(NamedTuple, Generic[V]):
    """A value, and whether this call made it."""

    value: V
    made: bool


class BoundedCache(Generic[V]):
    """The least recently used values go first once there are more than `max_nbytes`.

    A value that is larger than the whole bound is given back and not kept.

    >>> cache = BoundedCache[bytes](4, len)
    >>> cache.get_or_make("a", lambda: b"aaa").made, cache.get_or_make("a", lambda: b"").value
    (True, b'aaa')
    >>> cache.get_or_make("b", lambda: b"bb").made, cache.peek("a"), cache.nbytes
    (True, None, 2)
    """

    def __init__(self, max_nbytes: int, nbytes_of: Callable[[V], int]) -> None:
        self.max_nbytes = max_nbytes
        self._nbytes_of = nbytes_of
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self._making: dict[Hashable, Future[V]] = {}
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes of all values kept."""
        return self._nbytes

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forgets every value; values being made are kept when they are ready."""
        with self._lock:
            self._kept.clear()
            self._nbytes = 0

    def peek(self, key: Hashable) -> V | None:
        """The value of this key, which now counts as used; None where there is none."""
        with self._lock:
            entry = self._kept.get(key)
            if entry is None:
                return None
            self._kept.move_to_end(key)
            return entry[0]

    def get_or_make(self, key: Hashable, make: Callable[[], V]) -> Found[V]:
        """The value of this key, made by `make` where there is none.

        While one thread makes a value, others that ask for it wait for that value. Where `make`
        raises, its own caller sees the error and the others try for themselves.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return Found(self._kept[key][0], False)
                running = self._making.get(key)
                if running is None:
                    mine = self._making[key] = Future[V]()
                    break
            if running.exception() is None:
                return Found(running.result(), False)
        return Found(self._make(key, make, mine), True)

    def _make(self, key: Hashable, make: Callable[[], V], mine: Future[V]) -> V:
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._making[key]
            self._keep(key, value)
        mine.set_result(value)
        return value

    def _keep(self, key: Hashable, value: V) -> None:
        nbytes = self._nbytes_of(value)
        if nbytes > self.max_nbytes:
            return
        self._kept[key] = (value, nbytes)
        self._nbytes += nbytes
        while self._nbytes > self.max_nbytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._nbytes -= dropped
