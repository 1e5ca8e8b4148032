"""Gesture → canvas and numbers, and new boxes, against a bare Streamlit rerun of an empty page.

Both run in one headless Chromium and take turns: a key that moves a random block of SpineNet-49 to
another level, from the key press until both the canvas and the numbers show the edited network,
and until the edited network has run on the picture and what it found is there, maps and boxes;
and a button of a page that holds nothing else, from the click until its one number has changed.
Then frames a second while a block of a generated network of 300 blocks is dragged about.

    python benchmarks/gesture_speed.py [--gestures 60] [--seed 0]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Browser, Page, sync_playwright

from explorer.architecture.codec import to_token
from explorer.architecture.edits import Edit
from explorer.architecture.errors import EditError
from explorer.catalog import entry
from explorer.cost.cost import cost
from explorer.cost.units import macs_text

ROOT = Path(__file__).parents[1]
BARE = """
import streamlit as st
st.session_state.setdefault("n", 0)
def more(): st.session_state.n += 1
st.button("more", on_click=more)
st.text(f"count {st.session_state.n}")
"""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WATCH = """
() => {
    const frame = document.querySelector('.st-key-drawing');
    const world = () => {
        const walk = (node) => node.querySelector?.('.world')
            || [...node.querySelectorAll('*')].map(e => e.shadowRoot && walk(e.shadowRoot))
                .find(Boolean);
        return walk(frame);
    };
    const look = () => [...world().querySelectorAll('.body')]
        .map(e => e.getAttribute('points')).join();
    const numbers = () => document.querySelector('.st-key-numbers').innerText;
    // What the last run was like: written after the picture with its boxes, whatever was found.
    const ran = () => [...document.querySelectorAll('.st-key-pictures p')]
        .map(e => e.innerText).filter(text => text.includes('parts of the network')).at(-1);
    const dimmed = () => document.querySelector('.st-key-pictures style') !== null;
    window.looks = () => [look(), numbers(), ran()];
    window.begin = () => { window.was = looks(); window.since = performance.now(); };
    window.until = () => new Promise(done => {
        let shown = null;
        const check = () => {
            const now = looks(), past = performance.now() - since;
            if (shown === null && now[0] !== was[0] && now[1] !== was[1]) shown = past;
            if (shown !== null && now[2] !== was[2] && !dimmed()) done([shown, past]);
            else if (past > 5000) done([shown, null]);
            else requestAnimationFrame(check);
        };
        check();
    });
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gestures", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        with serve(ROOT / "streamlit_app.py") as app, serve(bare) as empty, browser() as chromium:
            canvas, page = chromium.new_page(viewport={"width": 1440, "height": 900}), None
            canvas.goto(f"{app}/?run=128")
            canvas.wait_for_selector(".st-key-drawing .world .map")
            page = chromium.new_page()
            page.goto(empty)
            page.get_by_text("count 0").wait_for()
            report(*measure(canvas, page, options.gestures, Random(options.seed)))
            print(f"dragging one of 300 blocks: {frame_rate(chromium, app):.0f} frames a second")


def measure(
    canvas: Page, bare: Page, gestures: int, rng: Random
) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each gesture, of its boxes, and of each bare rerun between them."""
    start = entry("spinenet-49").architecture
    free = [block.id for block in start.blocks if not block.in_stem]
    arch, moved, boxed, reruns = start, [], [], []
    canvas.evaluate(WATCH)
    while len(moved) < gestures:
        block, step = rng.choice(free), rng.choice((-1, 1))
        try:
            edited = Edit("set_level", (block, arch.block(block).level + step)).apply(arch)
        except EditError:
            continue
        if macs_text(cost(edited).macs) == macs_text(cost(arch).macs):
            continue  # nothing that one could wait to see
        canvas.bring_to_front()
        canvas.locator(f".st-key-drawing [data-block='{block}'] .body").click()
        settle(canvas)
        canvas.evaluate("begin()")
        canvas.keyboard.press("ArrowUp" if step < 0 else "ArrowDown")
        shown, found = canvas.evaluate("until()")
        moved.append(shown)
        boxed += [] if found is None else [found]  # a run that reads as the one before it
        arch = edited
        settle(canvas)
        bare.bring_to_front()
        reruns.append(rerun(bare, len(reruns)))
        settle(bare)
        print(f"\r{len(moved)} of {gestures}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return moved[2:], boxed[2:], reruns[2:]


def rerun(page: Page, count: int) -> float:
    """Milliseconds from a click to the changed number on an empty page."""
    page.evaluate("() => { window.since = performance.now(); }")
    page.get_by_role("button", name="more").click()
    took: float = page.evaluate(
        """text => new Promise(done => {
            const check = () => document.body.innerText.includes(text)
                ? done(performance.now() - since) : requestAnimationFrame(check);
            check();
        })""",
        f"count {count + 1}",
    )
    return took


def frame_rate(chromium: Browser, app: str) -> float:
    """Frames a second while a block of a network of 300 is held and moved."""
    arch = entry("spinenet-49").architecture
    while len(arch.blocks) < 300:
        last = arch.blocks[-1].id
        level = 2 + len(arch.blocks) % 6
        arch = Edit("add", ("bottleneck", level, (last, last - 5), None)).apply(arch)
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{app}/?run=128&net={to_token(arch)}")
    page.locator(".st-key-drawing [data-block='299']").wait_for(state="attached")
    settle(page)
    box = page.locator(".st-key-drawing [data-block='20'] .body").bounding_box()
    assert box, "b20 is on the canvas"
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.evaluate(
        """() => {
            window.seen = 0; window.since = performance.now();
            const tick = () => { seen += 1; requestAnimationFrame(tick); };
            requestAnimationFrame(tick);
        }"""
    )
    for turn in range(60):
        page.mouse.move(box["x"] + 4 * turn, box["y"] + turn % 9 * 20, steps=2)
    rate: float = page.evaluate("() => seen / (performance.now() - since) * 1000")
    page.keyboard.press("Escape")
    page.mouse.up()
    page.close()
    return rate


def settle(page: Page) -> None:
    """Wait until nothing runs."""
    page.wait_for_timeout(120)
    page.wait_for_function(
        """() => document.querySelector('[data-testid="stApp"]')
            ?.getAttribute('data-test-script-state') === 'notRunning'"""
    )


def report(moved: list[float], boxed: list[float], reruns: list[float]) -> None:
    """Print medians, quartiles and ratios."""
    for name, row in (
        ("gesture → canvas and numbers", moved),
        ("gesture → maps and boxes", boxed),
        ("bare rerun", reruns),
    ):
        low, middle, high = quantiles(row, n=4)
        print(
            f"{name:30} median {middle:7.1f} ms   quartiles {low:.1f} to {high:.1f}   "
            f"{middle / median(reruns):.2f} × a bare rerun"
        )
    print(f"{len(moved)} gestures, {len(boxed)} of them with boxes seen to change")


@contextlib.contextmanager
def serve(script: Path) -> Iterator[str]:
    """The address of a Streamlit app."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    with subprocess.Popen(
        [*command, "--server.port", str(port), "--server.address", "127.0.0.1"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health"):
                break
            time.sleep(0.1)
        yield address
        process.terminate()


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


if __name__ == "__main__":
    main()
