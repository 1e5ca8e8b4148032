"""What a fresh clone must hold, and must not."""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
MACHINE_PATH = re.compile(r"(^|[^A-Za-z.])/(root|home|work|tmp|Users)/[a-z]")


def tracked_texts() -> list[tuple[Path, str]]:
    """Every committed text file; without git (a source archive), every file of known folders."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [
            file
            for folder in ("explorer", "pages", "tests", "benchmarks", "assets")
            for file in (ROOT / folder).rglob("*")
        ]
    texts = []
    for file in files:
        if file.is_file() and file.stat().st_size < 5_000_000:
            data = file.read_bytes()
            if b"\0" not in data[:8192]:
                texts.append((file, data.decode("utf-8", errors="replace")))
    return texts


def test_no_path_of_one_machine() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


def test_every_requirement_has_a_reason_and_bounds() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        reason = False
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                reason = True
            elif line and not line.startswith("-r"):
                assert reason, f"{name}: {line} has no reason above it"
                assert re.fullmatch(r"[a-z0-9-]+>=[\d.]+,<[\d.]+", line), f"{name}: {line}"
                reason = False


def test_what_is_imported_is_required() -> None:
    """The heavy packages of the import law all stand in requirements.txt."""
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for package in ("streamlit", "torch", "networkx", "plotly", "graphviz", "numpy", "pillow"):
        assert re.search(rf"^{package}>=", listed, re.MULTILINE), package


def test_the_app_asks_for_no_statistics_and_shows_no_traceback() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "none"
    assert {"light", "dark"} <= set(config["theme"])
