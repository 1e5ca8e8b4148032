"""The rooms of the house, and who may enter: read from the source, and tried in a fresh process."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]

CORE = {"architecture", "cost", "catalog", "drawing"}
LIVE = {"network", "detection", "search"}
SHARED = {"app", "canvas", "lessons"}
MAY_IMPORT: dict[str, set[str]] = {
    "architecture": set(),
    "cost": {"architecture"},
    "catalog": {"architecture"},
    "drawing": {"architecture", "cost"},
    "network": CORE,
    "detection": CORE | {"network"},
    "search": CORE | {"network", "detection"},
    "canvas": CORE,
    "lessons": CORE | LIVE,
    "app": CORE | LIVE | SHARED,
    "pages": CORE | LIVE | SHARED,
    "entry": {"app"},
    "cli": CORE | LIVE | {"lessons"},
    "shell": CORE | LIVE | {"cli", "lessons"},
}
"""Room -> the other rooms that it may import from."""

ONLY_IN: dict[str, set[str]] = {
    "torch": LIVE,
    "safetensors": LIVE,
    "streamlit": {"app", "canvas", "pages", "entry"},
    "plotly": {"drawing"},
    "graphviz": {"drawing"},
}
"""A heavy package -> the only rooms that may name it."""

THIRD_PARTY: dict[str, set[str]] = {"architecture": {"networkx"}, "cost": {"networkx", "numpy"}}
"""Rooms that lesson-sized programs import: all that they may take from outside."""


class Import(NamedTuple):
    """One import statement: who, what, where."""

    room: str
    module: str
    file: Path
    line: int

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: {self.room} imports {self.module}"


def room_of(file: Path) -> str:
    """The room that a source file stands in."""
    parts = file.relative_to(ROOT).parts
    if parts[0] == "pages":
        return "pages"
    if parts[0] != "explorer":
        return "entry"
    return parts[1] if len(parts) > 2 else "shell"


def sources() -> list[Path]:
    folders = [*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    return [*folders, ROOT / "streamlit_app.py"]


def imports_in(file: Path) -> Iterator[Import]:
    """Every import, also inside functions and under TYPE_CHECKING."""
    room = room_of(file)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(room, name.name, file, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0, f"{file}:{node.lineno}: write absolute imports"
            if module == "explorer":
                for name in node.names:
                    yield Import(room, f"explorer.{name.name}", file, node.lineno)
            else:
                yield Import(room, module, file, node.lineno)


def offences(found: Import) -> Iterator[str]:
    """Why an import breaks the law; nothing where it does not."""
    package, *rest = found.module.split(".")
    if package == "explorer" and rest:
        if rest[0] not in MAY_IMPORT[found.room] | {found.room, "__version__"}:
            yield f"{found}: that room is closed to it"
    elif package in ONLY_IN and found.room not in ONLY_IN[package]:
        yield f"{found}: only {sorted(ONLY_IN[package])} may"
    elif (
        found.room in THIRD_PARTY
        and package not in sys.stdlib_module_names
        and package not in THIRD_PARTY[found.room]
    ):
        yield f"{found}: only the standard library and {sorted(THIRD_PARTY[found.room])} may"


def test_every_import_keeps_the_law() -> None:
    found = [offence for file in sources() for one in imports_in(file) for offence in offences(one)]
    assert not found, "\n".join(found)


def test_every_room_is_known() -> None:
    assert {room_of(file) for file in sources()} <= set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("room", "module"),
    [
        ("architecture", "explorer.cost.cost"),
        ("architecture", "numpy"),
        ("cost", "explorer.catalog.entries"),
        ("drawing", "explorer.network.build"),
        ("app", "torch"),
        ("pages", "plotly.graph_objects"),
        ("network", "streamlit"),
        ("network", "explorer.app.state"),
    ],
)
def test_the_law_refuses(room: str, module: str) -> None:
    assert list(offences(Import(room, module, ROOT / "explorer" / "x.py", 1)))


LIGHT = ("torch", "streamlit", "plotly", "graphviz")


@pytest.mark.parametrize(
    ("room", "heavy"),
    [
        (None, LIGHT),
        ("architecture", LIGHT),
        ("cost", LIGHT),
        ("catalog", LIGHT),
        ("drawing", ("torch", "streamlit")),
        ("app", ("torch",)),
    ],
)
def test_importing_loads_nothing_heavy(room: str | None, heavy: tuple[str, ...]) -> None:
    """What `import explorer` and the light rooms pull in, in a process of its own."""
    folder = ROOT / "explorer" / (room or "")
    names = sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")
    modules = ["explorer"] if room is None else [f"explorer.{room}.{name}" for name in names]
    if room is not None:
        assert modules, f"no module in {room}"
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
