"""What a person may type for an architecture, and what they hear where it is none."""

import json
import os
from pathlib import Path

import pytest

from explorer.architecture.codec import to_json
from explorer.architecture.errors import ExplorerError, FormatError, UnknownNameError
from explorer.catalog import entries, entry, resolve
from tests.random_architectures import random_architecture

SPECS = [
    [2, "bottleneck", [0, 1], False],
    [3, "residual", [1, 2], True],
]


@pytest.mark.parametrize("typed", ["spinenet-49", "SpineNet-49", " SPINENET-49 "])
def test_a_name_in_any_case(typed: str) -> None:
    assert resolve(typed) is entry("spinenet-49").architecture


@pytest.mark.parametrize("seed", range(20))
def test_our_json_comes_back(seed: int, tmp_path: Path) -> None:
    arch = random_architecture(seed)
    file = tmp_path / "net.json"
    file.write_text(to_json(arch), encoding="utf-8")
    assert resolve(str(file)) == arch


@pytest.mark.parametrize(
    "content",
    [json.dumps({"block_specs": SPECS}), json.dumps(SPECS), "\ufeff" + json.dumps(SPECS)],
    ids=["object", "bare list", "byte order mark"],
)
def test_an_official_spec_file(content: str, tmp_path: Path) -> None:
    file = tmp_path / "specs.json"
    file.write_text(content, encoding="utf-8")
    found = resolve(str(file))
    assert [(b.id, b.level, b.parents, b.is_output) for b in found.blocks[2:]] == [
        (2, 2, (0, 1), False),
        (3, 3, (1, 2), True),
    ]


def test_every_entry_survives_a_file(tmp_path: Path) -> None:
    for one in entries():
        file = tmp_path / f"{one.name}.json"
        file.write_text(to_json(one.architecture), encoding="utf-8")
        assert resolve(str(file)) == one.architecture


def test_a_name_comes_before_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spinenet-49").write_text("no JSON", encoding="utf-8")
    assert resolve("spinenet-49").name == "spinenet-49"
    with pytest.raises(FormatError):
        resolve("./spinenet-49")


BAD_FILES = {
    "empty": b"",
    "no JSON": b"spinenet",
    "half": b'{"version": 1, "blocks": [',
    "not UTF-8": b"\xff\xfe\x00{",
    "a number": b"3",
    "a text": b'"spinenet-49"',
    "null": b"null",
    "wrong shape": b'{"blocks": 3}',
    "from the future": b'{"version": 99, "blocks": []}',
    "deep": b"[" * 100_000,
    "large": b" " * 2_000_001,
    "pickle": b"\x80\x04\x95\x10\x00",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gets_one_line_that_names_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(BAD_FILES[name])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FormatError) as caught:
        resolve("bad.json")
    text = str(caught.value)
    assert text.startswith("bad.json: ")
    assert "found" in text and "expected" in text
    assert "\n" not in text and len(text) < 500


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("spinenet-48", "Near: spinenet-4"),
        ("missing.json", "no such file"),
        ("", "Choose one of"),
        (" ", "Choose one of"),
        ("a" * 100_000, r"aaa\.\.\.'"),
        ("nul\0name", "no such file"),
        ("two\nlines", r"two\?lines"),
        ("/", "folder"),
    ],
)
def test_what_is_neither_name_nor_file(typed: str, says: str) -> None:
    with pytest.raises(ExplorerError, match=says) as caught:
        resolve(typed)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UnknownNameError):
        resolve(str(pipe))
