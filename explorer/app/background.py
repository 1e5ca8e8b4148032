"""Work in the background that ends in one value: measuring, knocking out, fine-tuning.

One thread for each lane, for all sessions: figures take a second each, and must not wait behind a
training of minutes.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError, wait
from contextlib import suppress
from enum import StrEnum
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, Generic, TypeVar

import streamlit as st

T = TypeVar("T")
LAST_WORDS = 20.0
"""Seconds that work may take to stop when the program ends."""


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
        self.lanes = set[Lane]()
        """Where it waits for its turn: the first that comes to it does it."""
        self._future = Future[T]()
        self._begun = Lock()

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
        """Does the work, in the thread of whoever calls; nothing where it was begun or stopped."""
        if self.stopped.is_set() or not self._begun.acquire(blocking=False):
            return
        try:
            value = self.work(self)
        except BaseException as error:  # carried to whoever asks for the result
            outcome = partial(self._future.set_exception, error)
        else:
            outcome = partial(self._future.set_result, value)
        with suppress(InvalidStateError):  # it was stopped while it ran
            outcome()


class _Worker:
    """The thread of a lane, and what waits for it.

    It does not keep the program alive, as an executor's would until all that waits is done. At the
    end it is asked to stop and waited for, since a thread that ends within PyTorch aborts.
    """

    def __init__(self, lane: Lane) -> None:
        self._waiting = SimpleQueue[Task[Any] | None]()
        self._now: Task[Any] | None = None
        self._ending = Event()
        self._thread = Thread(target=self._work, name=lane, daemon=True)
        self._thread.start()
        atexit.register(self._end)

    def put(self, task: Task[Any]) -> None:
        """Let a task wait for its turn."""
        self._waiting.put(task)

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None:
            self._now = task
            if self._ending.is_set():
                task.stop()
            task.run()

    def _end(self) -> None:
        self._ending.set()
        if self._now is not None:
            self._now.stop()
        self._waiting.put(None)
        self._thread.join(LAST_WORDS)


@st.cache_resource(max_entries=len(Lane), show_spinner=False)
def _worker(lane: Lane) -> _Worker:
    return _Worker(lane)


def start(work: Callable[[Task[T]], T], lane: Lane = Lane.FIGURES) -> Task[T]:
    """A task that runs as soon as the lane's thread is free."""
    task = Task(work)
    queue_up(task, lane)
    return task


def queue_up(task: Task[T], lane: Lane) -> None:
    """Let a task wait in this lane too, for it may be free earlier."""
    if lane not in task.lanes:
        task.lanes.add(lane)
        _worker(lane).put(task)
