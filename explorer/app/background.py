"""Work in the background that ends in one value: measuring, knocking out, fine-tuning.

One thread for each lane, for all sessions: figures take a second each, and must not wait behind a
training of minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError, ThreadPoolExecutor, wait
from contextlib import suppress
from enum import StrEnum
from functools import partial
from threading import Event
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T")


class Lane(StrEnum):
    """Which thread does it: work of one lane is done in turn."""

    FIGURES = "figures"
    """A second or so each: what a person waits for."""
    SERIES = "series"
    """Many of them for one picture."""
    TRAINING = "training"


class Task(Generic[T]):
    """Something that is being worked out.

    `work` is given the task: it may look at `stopped`, and keep what it has so far in `partial`
    and how far it is in `share`.
    """

    def __init__(self, work: Callable[[Task[T]], T]) -> None:
        self.work = work
        self.stopped = Event()
        self.share = 0.0
        """How much is done, 0 to 1."""
        self.partial: T | None = None
        self._future = Future[T]()

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended after waiting so long at most."""
        return bool(wait([self._future], timeout=seconds).done)

    def result(self) -> T | None:
        """The value of a task that is done; what it had so far where it was stopped.

        Raises what the work raised.
        """
        try:
            return self._future.result(timeout=0)
        except CancelledError:
            return self.partial

    def stop(self) -> None:
        """Ask it to end soon."""
        self.stopped.set()
        self._future.cancel()

    def run(self) -> None:
        """Does the work, in the thread of whoever calls."""
        if self.stopped.is_set():
            return
        try:
            value = self.work(self)
        except BaseException as error:  # carried to whoever asks for the result
            outcome = partial(self._future.set_exception, error)
        else:
            outcome = partial(self._future.set_result, value)
        with suppress(InvalidStateError):  # it was stopped while it ran
            outcome()


@st.cache_resource(max_entries=len(Lane), show_spinner=False)
def _pool(lane: Lane) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=lane)


def start(work: Callable[[Task[T]], T], lane: Lane = Lane.FIGURES) -> Task[T]:
    """A task that runs as soon as the lane's thread is free."""
    task = Task(work)
    _pool(lane).submit(task.run)
    return task
