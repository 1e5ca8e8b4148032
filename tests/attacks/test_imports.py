"""Each attack on `import-checkpoint`: one clear sentence, exit status 2, and nothing is written.

What is wrong inside checkpoints is in test_checkpoint_files.py; here the same and other files go
through the shell.
"""

from __future__ import annotations

import json
import pickle
import shutil
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from explorer.catalog import entry
from explorer.cli import main
from explorer.network.build import build
from tests.network.checkpoint_writer import Checkpoint
from tests.network.parity import FOLDER

NAME = "retinanet_spinenet_tiny"
SPEC = FOLDER / f"{NAME}.json"
DATA = ".data-00000-of-00001"


class Code:
    """What runs a program when it is unpickled carelessly."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.mark,)


def checkpoint(folder: Path) -> Path:
    for suffix in (".index", DATA):
        shutil.copyfile(FOLDER / f"{NAME}{suffix}", folder / f"c{suffix}")
    return folder / "c"


def no_data_file(folder: Path) -> Path:
    prefix = checkpoint(folder)
    (folder / f"c{DATA}").unlink()
    return prefix


def no_index(folder: Path) -> Path:
    prefix = checkpoint(folder)
    (folder / "c.index").unlink()
    return prefix


def wrong_length(folder: Path) -> Path:
    prefix = checkpoint(folder)
    path = folder / f"c{DATA}"
    path.write_bytes(path.read_bytes()[:-1])
    return prefix


def wrong_checksum(folder: Path) -> Path:
    prefix = checkpoint(folder)
    path = folder / f"c{DATA}"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    return prefix


def unknown_compression(folder: Path) -> Path:
    values: dict[str, np.ndarray | list[bytes]] = {"w": np.ones(3, np.float32)}
    return Checkpoint(values).write(folder / "c", compression=7)


def bomb_in_an_index(folder: Path) -> Path:
    """Snappy that says it unfolds to 4 GiB."""
    from tests.network.checkpoint_writer import table

    (folder / "c.index").write_bytes(table([b"\xff\xff\xff\xff\x0f\x00a"], 1))
    (folder / f"c{DATA}").write_bytes(b"")
    return folder / "c"


def another_network(folder: Path) -> Path:
    path = folder / "x.safetensors"
    state = build(entry("resnet-18").architecture).state_dict()
    save_file({name: x.clone() for name, x in state.items()}, path)
    return path


def another_network_pickled(folder: Path) -> Path:
    torch.save({"encoder.weight": torch.ones(3, 3)}, folder / "x.pth")
    return folder / "x.pth"


def code(folder: Path) -> Path:
    torch.save({"a": torch.ones(1), "code": Code(folder / "ran")}, folder / "x.pth")
    return folder / "x.pth"


def code_of_old(folder: Path) -> Path:
    torch.save(
        {"code": Code(folder / "ran")}, folder / "x.pth", _use_new_zipfile_serialization=False
    )
    return folder / "x.pth"


def bare_pickle(folder: Path) -> Path:
    (folder / "x.pth").write_bytes(pickle.dumps(Code(folder / "ran")))
    return folder / "x.pth"


def whole_module(folder: Path) -> Path:
    torch.save(torch.nn.Linear(2, 2), folder / "x.pth")
    return folder / "x.pth"


def zip_bomb(folder: Path) -> Path:
    """A state dict's archive, packed: 64 MB of zeros in 64 kB."""
    torch.save({"a": torch.zeros(16_000_000)}, folder / "plain.pth")
    with (
        zipfile.ZipFile(folder / "plain.pth") as plain,
        zipfile.ZipFile(folder / "x.pth", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for one in plain.infolist():
            packed.writestr(one.filename, plain.read(one))
    (folder / "plain.pth").unlink()
    return folder / "x.pth"


def view_bomb(folder: Path) -> Path:
    """One number, seen as ten billion."""
    torch.save({"a": torch.zeros(1).expand(100_000, 100_000)}, folder / "x.pth")
    return folder / "x.pth"


def lying_safetensors(folder: Path) -> Path:
    header = json.dumps(
        {"a": {"dtype": "F32", "shape": [10**9, 10**9], "data_offsets": [0, 4]}}
    ).encode()
    (folder / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    return folder / "x.safetensors"


def pickle_named_safetensors(folder: Path) -> Path:
    (folder / "x.safetensors").write_bytes(pickle.dumps(Code(folder / "ran")))
    return folder / "x.safetensors"


def not_numbers(folder: Path) -> Path:
    state = build(entry("resnet-18").architecture).state_dict()
    state["stem.conv1.weight"][0, 0, 0, 0] = torch.nan
    save_file({name: x.clone() for name, x in state.items()}, folder / "x.safetensors")
    return folder / "x.safetensors"


def a_list(folder: Path) -> Path:
    torch.save([torch.ones(2)], folder / "x.pth")
    return folder / "x.pth"


def nothing(folder: Path) -> Path:
    return folder / "none"


def empty(folder: Path) -> Path:
    (folder / "x.pth").write_bytes(b"")
    return folder / "x.pth"


ATTACKS = {
    no_data_file: "is not there",
    no_index: "is not there",
    wrong_length: "bytes",
    wrong_checksum: "damaged",
    unknown_compression: "compress",
    bomb_in_an_index: "",
    another_network: "another network",
    another_network_pickled: "encoder.weight",
    code: "none of it was run",
    code_of_old: "none of it was run",
    bare_pickle: "none of it was run",
    whole_module: "none of it was run",
    zip_bomb: "Nothing was unpacked",
    view_bomb: "more than the file holds",
    lying_safetensors: "safetensors",
    pickle_named_safetensors: "safetensors",
    not_numbers: "not finite",
    a_list: "found list",
    nothing: "not there",
    empty: "",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_it_is_refused_in_one_sentence_and_nothing_is_written(
    attack: Callable[[Path], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    path = attack(tmp_path / "in")
    before = sorted((tmp_path / "in").iterdir())
    target = tmp_path / "out" / "w.safetensors"
    words = ("import-checkpoint", path, "--arch", SPEC, "-o", target, "--json")
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert captured.err.count("\n") == 1
    assert captured.err.rstrip().endswith(".")
    assert len(captured.err) < 600
    assert ATTACKS[attack] in captured.err
    assert not list(target.parent.iterdir())
    assert sorted((tmp_path / "in").iterdir()) == before  # the code of a pickle left no mark


def test_a_file_that_is_there_stays_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "w.safetensors"
    target.write_bytes(b"precious")
    words = ("import-checkpoint", code(tmp_path), "--arch", SPEC, "-o", target)
    assert main([str(word) for word in words]) == 2
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[(2, 'bottleneck', (0, 1), __import__('os').system('touch ran'))]",
        "[(2, 'bottleneck', (0, 1), False)] + [0] * 10 ** 10",
        "__import__('os')",
        "[" * 100_000,
    ],
)
def test_a_spec_list_with_code_in_it(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.json").write_text(text, encoding="utf-8")
    target = tmp_path / "w.safetensors"
    words = ("import-checkpoint", FOLDER / NAME, "--arch", tmp_path / "s.json", "-o", target)
    assert main([str(word) for word in words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [one.name for one in tmp_path.iterdir()] == ["s.json"]


def test_the_page_never_unpickles() -> None:
    """Nothing that the app is made of names the reader of PyTorch's own files."""
    folder = Path(sys.modules["explorer"].__file__ or "").parent
    for room in ("app", "canvas"):
        for file in (folder / room).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert "read_state_dict" not in text and "torch.load" not in text, file
            assert "import_weights" not in text, file
