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
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from explorer.app.state import Upload, is_scene, scene_number
from explorer.architecture.architecture import Architecture
from explorer.catalog import photos

if TYPE_CHECKING:
    from explorer.app.weights_view import Brought
    from explorer.detection.looking import Look
    from explorer.network.execution import Executor
    from explorer.network.viewing import Views

CACHE_NBYTES = 1_500_000_000
"""What all sessions together may keep of feature maps and parameters."""
RUNS_AT_ONCE = 2


class Request(NamedTuple):
    """What to compute: equal requests have equal pictures."""

    architecture: Architecture
    photo: str
    """A sample's name, or the digest of an upload."""
    size: int
    """Side of the square image that the network runs on, in pixels."""
    block: int
    weights: str = ""
    """Names a person's own weights; those that come along, or seeded ones, where it is empty."""


class Pictures(NamedTuple):
    """The result of a run, and what it is the result of."""

    request: Request
    look: Look

    @property
    def views(self) -> Views:
        """The maps."""
        return self.look.views


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

    def start(self, request: Request, upload: Upload | None, own: Brought | None = None) -> Job:
        """A job that runs as soon as a thread is free, with a person's own weights if any."""
        job = Job(request)
        self._pool.submit(self._work, job, upload, own)
        return job

    def _work(self, job: Job, upload: Upload | None, own: Brought | None) -> None:
        if job.stopped.is_set():
            return
        try:
            found = self._run(job, upload, own)
        except BaseException as error:  # carried to whoever asks for the result
            outcome = partial(job.future.set_exception, error)
        else:
            outcome = partial(job.future.set_result, found)
        # A job that was stopped while it ran has no result to set.
        with suppress(InvalidStateError):
            outcome()

    def _run(self, job: Job, upload: Upload | None, own: Brought | None) -> Pictures:
        from explorer.detection.looking import look
        from explorer.network.execution import Executor

        with self._lock:
            if self._executor is None:
                self._executor = Executor(CACHE_NBYTES)

        def progress(share: float) -> None:
            job.share = share

        asked = job.request
        found = look(
            self._executor,
            asked.architecture,
            upload.data if upload else source_of(asked.photo),
            asked.photo,
            asked.size,
            asked.block,
            values=own and own.values(asked.architecture),
            should_stop=job.stopped.is_set,
            progress=progress,
        )
        return Pictures(asked, found)


def source_of(name: str) -> Path | bytes:
    """A sample photograph's file, or a scene of stickers as a file's bytes."""
    if is_scene(name):
        return _scene(name)
    return next(photo.path for photo in photos() if photo.name == name)


@lru_cache(maxsize=32)
def _scene(name: str) -> bytes:
    from PIL import Image

    from explorer.detection.scenes import scene

    file = BytesIO()
    Image.fromarray(scene(scene_number(name)).image).save(file, "PNG")
    return file.getvalue()


@st.cache_resource(max_entries=1, show_spinner=False)
def engine() -> Engine:
    """The one engine of this server."""
    return Engine()
