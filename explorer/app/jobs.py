"""Runs of a network in the background: each with progress, a way to stop it, and one result.

torch is imported by the first run, in its own thread, after the page has been painted.
"""

from __future__ import annotations

from concurrent.futures import (
    CancelledError,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    wait,
)
from contextlib import suppress
from functools import partial
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.state import Upload
from explorer.architecture.architecture import Architecture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.network.execution import Executor

    Pixels = NDArray[np.uint8]

CACHE_NBYTES = 1_500_000_000
"""What all sessions together may keep of feature maps and parameters."""
RUNS_AT_ONCE = 2
CHANNELS = 12
"""Of the selected block, shown one by one."""


class Request(NamedTuple):
    """What to compute: equal requests have equal pictures."""

    architecture: Architecture
    photo: str
    """A sample's name, or the digest of an upload."""
    size: int
    """Side of the square image that the network runs on, in pixels."""
    block: int


class Map(NamedTuple):
    """A feature map made visible: bright where its channels, on average, are large."""

    label: str
    shape: tuple[int, int, int]
    """Channels, height, width."""
    pixels: Pixels
    """(H, W, 3) uint8, at the map's own resolution."""


class Pictures(NamedTuple):
    """The result of a run."""

    request: Request
    photo: Pixels
    """What the network saw: resized and padded, (H, W, 3) uint8."""
    outputs: tuple[Map, ...]
    """P3 to P7 (or C2 to C5), finest first."""
    block: Map | None
    """None where the selected block is dead."""
    channels: tuple[Map, ...]
    """The first channels of the selected block, one picture each."""
    executed: int
    """Parts of the network that ran; the others were remembered."""
    reused: int
    seconds: float


class Job:
    """A run in the background."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.started = monotonic()
        self.share = 0.0
        """How much is done, 0 to 1."""
        self.stopped = Event()
        self.future = Future[Pictures]()

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.future.done()

    @property
    def seconds(self) -> float:
        """Since it was asked for."""
        return monotonic() - self.started

    def wait(self, seconds: float) -> bool:
        """Whether it has ended after waiting so long at most."""
        return bool(wait([self.future], timeout=seconds).done)

    def result(self) -> Pictures | None:
        """The pictures of a job that is done; None where it was stopped.

        Raises what the run raised.
        """
        try:
            return self.future.result(timeout=0)
        except CancelledError:
            return None

    def stop(self) -> None:
        """Ask it to end soon; nobody waits for it any more."""
        self.stopped.set()
        self.future.cancel()


class Engine:
    """What all sessions share: threads that run networks, and one cache bounded in bytes."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(RUNS_AT_ONCE, thread_name_prefix="network")
        self._lock = Lock()
        self._executor: Executor | None = None

    def start(self, request: Request, upload: Upload | None) -> Job:
        """A job that runs as soon as a thread is free."""
        job = Job(request)
        self._pool.submit(self._work, job, upload)
        return job

    def _work(self, job: Job, upload: Upload | None) -> None:
        if job.stopped.is_set():
            return
        try:
            found = self._run(job, upload)
        except BaseException as error:  # carried to whoever asks for the result
            outcome = partial(job.future.set_exception, error)
        else:
            outcome = partial(job.future.set_result, found)
        # A job that was stopped while it ran has no result to set.
        with suppress(InvalidStateError):
            outcome()

    def _run(self, job: Job, upload: Upload | None) -> Pictures:
        from explorer.app.run import run
        from explorer.network.execution import Executor

        with self._lock:
            if self._executor is None:
                self._executor = Executor(CACHE_NBYTES)

        def progress(share: float) -> None:
            job.share = share

        return run(self._executor, job.request, upload, job.stopped.is_set, progress)


@st.cache_resource(max_entries=1, show_spinner=False)
def engine() -> Engine:
    """The one engine of this server."""
    return Engine()
