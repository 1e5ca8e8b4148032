"""The app on a port of this machine, and a real Chromium that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import from_token
from explorer.catalog import entries, entry

if TYPE_CHECKING:
    from tests.browser.hands import Hands

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DRAWN = ".st-key-drawing .world .body, .js-plotly-plot, .beside svg"
"""A drawing: of the canvas, of Plotly, or of those that stand side by side."""
WAITING = ".st-key-drawing .canvas[data-waiting]"
"""A canvas whose last gesture Python has not taken up."""
PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine."""
LISTENING = """
  window.talk = { sent: 0, heard: 0 };
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", () => (window.talk.heard = performance.now()));
    }
    send(data) {
      window.talk.sent = performance.now();
      super.send(data);
    }
  };
"""
"""Notes when the page last said something to the server, and when it last heard from it."""
QUIET = """() => {
  const { sent, heard } = window.talk;
  const answered = heard > sent || performance.now() - sent > 5000;
  const app = document.querySelector('[data-testid="stApp"]');
  return answered && app?.getAttribute("data-test-script-state") === "notRunning"
    && [...document.images].every(image => image.complete);
}"""
"""Nothing is being computed, nor waits to be: a busy server may be late to say that it began. To
some words it has no answer."""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the app, started as a person starts it."""
    port = free_port()
    with served(port):
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(port: int) -> Iterator[None]:
    """The app on a port, until the end of the block."""
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with subprocess.Popen(
        [*command, *options, "--server.headless", "true"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}", process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the app ended by itself"
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the app did not start within 30 seconds")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path, f"none of {NAMES} is installed; the README names the system package"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: str) -> Iterator[Callable[..., "Visitor"]]:
    """Opens a page in a browser of its own."""
    opened = []

    def open_page(
        path: str = "/?run=128", *, width: int = 1440, dark: bool = False, touch: bool = False
    ) -> "Visitor":
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context.new_page())
        visitor.go(path if path.startswith("http") else server + path)
        return visitor

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def hands(visit: Callable[..., "Visitor"]) -> "Hands":
    """Hands on SpineNet-49's canvas."""
    from tests.browser.hands import Hands  # it knows the visitor

    return Hands(visit("/?run=128"))


class Visitor:
    """What a person sees and does on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.add_init_script(LISTENING)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def go(self, address: str) -> None:
        """Open an address and wait until everything on it is there."""
        self.page.goto(address)
        self.page.wait_for_selector(DRAWN)
        self.settle()

    def settle(self) -> None:
        """Wait until what was done has reached the server, and nothing is being computed."""
        self.page.wait_for_timeout(300)
        self.page.locator(WAITING).wait_for(state="detached")
        self.page.wait_for_function(QUIET)
        self.page.wait_for_timeout(150)

    def numbers(self) -> str:
        """MACs and parameters as the page says them."""
        return self.page.locator(".st-key-numbers").inner_text()

    def drawing(self) -> list[str]:
        """Where every block and wire of the canvas stands."""
        found: list[str] = self.page.locator(".st-key-drawing .world").evaluate(
            """world => [...world.querySelectorAll('.body, .line')]
                .map(shape => shape.getAttribute('points') || shape.getAttribute('d'))"""
        )
        return found

    def maps(self) -> list[str]:
        """The addresses of the pictures, which name their content."""
        self.page.wait_for_selector(".st-key-pictures img")
        found: list[str] = self.page.locator(".st-key-pictures img").evaluate_all(
            "images => images.map(image => image.getAttribute('src'))"
        )
        return found

    def dimmed(self) -> bool:
        """Whether the pictures are shown as being of something else than the desk."""
        opacity: str = self.page.locator(".st-key-pictures img").first.evaluate(
            "image => getComputedStyle(image).opacity"
        )
        return float(opacity) < 1

    def choose(self, key: str, text: str) -> None:
        """Choose an entry of a list by typing it."""
        field = self.page.locator(f"[class*='st-key-{key}'] input").first
        field.click()
        field.fill(text)
        self.page.get_by_role("option", name=text).first.click()
        self.settle()

    def press(self, key: str) -> None:
        """Press a button."""
        self.page.locator(f".st-key-{key} button").first.click()
        self.settle()

    def body(self, block: int) -> Locator:
        """The shape of a block on the canvas."""
        return self.page.locator(f".st-key-drawing [data-block='{block}'] .body").first

    def click_block(self, block: int) -> None:
        """Click a block on the canvas."""
        self.body(block).click()
        self.settle()

    def architecture(self) -> Architecture:
        """The network on the page, read back from the address bar."""
        words = dict(parse_qsl(urlsplit(self.page.url).query))
        text = words.get("net", "spinenet-49")
        named = {one.name for one in entries()}
        return entry(text).architecture if text in named else from_token(text)
