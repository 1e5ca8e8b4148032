"""The person's own weights on the page: taken, named, refused, let go; and the export buttons."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from safetensors.torch import save
from streamlit.testing.v1 import AppTest

from explorer.app import weights_view
from explorer.app.export_view import ORDER, made, refusal
from explorer.app.weights_view import (
    Brought,
    bring,
    brought,
    in_use,
    let_go,
    values_for,
    weights_key,
)
from explorer.architecture.codec import from_json
from explorer.architecture.edits import Edit
from explorer.architecture.errors import ExplorerError
from explorer.architecture.example import small
from explorer.architecture.history import History
from explorer.catalog import entry
from explorer.network.build import build
from explorer.network.export.files import Target
from explorer.network.weights import Weights
from tests.network.parity import fixture
from tests.pages.conftest import text_of

DOG = "dog-bicycle-truck"
TINY = fixture("retinanet_spinenet_tiny").architecture
REFERENCE = entry("ssdlite-mobilenetv2").architecture


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own: outside a page, Streamlit has none."""
    monkeypatch.setattr(st, "session_state", {})
    yield


def file_of(seed: int = 1) -> bytes:
    return save(build(TINY, seed=seed, head=True).state_dict())


def test_what_is_in_use_without_a_file() -> None:
    assert in_use(TINY).label == "untrained (seeded)"
    assert in_use(REFERENCE).label == "reference: SSDLite-MobileNetV2, COCO"
    assert in_use(Edit("remove", (8,)).apply(REFERENCE)).trained
    assert (weights_key(), values_for(TINY)) == ("", None)


def test_a_file_is_used_and_named_and_can_be_let_go() -> None:
    bring("mine.safetensors", file_of(), TINY)
    used = in_use(TINY)
    assert (used.label, used.trained) == ("imported: mine.safetensors", True)
    assert "742 parameters" in used.note
    values = values_for(TINY)
    assert values is not None and values.has_head
    assert len(weights_key()) == 16
    let_go()
    assert in_use(TINY).label == "untrained (seeded)"


def test_another_file_is_another_request() -> None:
    bring("one.safetensors", file_of(1), TINY)
    first = weights_key()
    bring("two.safetensors", file_of(2), TINY)
    assert weights_key() != first


def test_an_edited_network_keeps_what_fits_and_another_has_none_of_it() -> None:
    bring("mine.safetensors", file_of(), TINY)
    moved = Edit("set_op", (5, "residual")).apply(TINY)
    assert "untrained values" in in_use(moved).note
    used = in_use(entry("resnet-50").architecture)
    assert (used.label, used.trained) == ("untrained (seeded)", False)
    assert "mine.safetensors is of another network" in used.note
    broken = replace(TINY, blocks=TINY.blocks[:-5])
    assert "has a problem" in in_use(broken).note


@pytest.mark.parametrize(
    "data",
    [
        b"",
        pickle.dumps({"a": 1}),
        b"PK\x03\x04 a zip",
        save(build(entry("resnet-18").architecture).state_dict()),
    ],
)
def test_a_wrong_file_is_refused_and_what_there_was_is_kept(data: bytes) -> None:
    bring("good.safetensors", file_of(), TINY)
    with pytest.raises(ExplorerError) as refused:
        bring("weights.pth", data, TINY)
    assert "\n" not in str(refused.value)
    kept = brought()
    assert kept is not None and kept.name == "good.safetensors"


def test_only_safetensors_can_be_chosen() -> None:
    app = AppTest.from_function(_shown).run()
    assert not app.exception
    said = "\n".join(str(one.value) for one in [*app.markdown, *app.caption])
    assert "reference: SSDLite-MobileNetV2, COCO" in said
    assert "import-checkpoint" in said
    source = Path(weights_view.__file__ or "").read_text(encoding="utf-8")
    assert 'type=["safetensors"]' in source


def _shown() -> None:
    from explorer.app.state import open_architecture, session
    from explorer.app.weights_view import show_weights
    from explorer.catalog import entry

    open_architecture(entry("ssdlite-mobilenetv2").architecture)
    show_weights(session())


@pytest.mark.parametrize("target", [one for one in ORDER if one is not Target.ONNX])
def test_every_button_makes_its_file(target: Target) -> None:
    arch = TINY
    assert refusal(arch, target) == ""
    data = made(arch, target, 128, None)
    assert len(data) > 500
    if target is Target.JSON:
        assert from_json(data.decode()) == arch
    elif target in (Target.BLOCK_SPECS, Target.MODEL_EXPLORER):
        json.loads(data)
    elif target is Target.PYTORCH:
        compile(data, "net.py", "exec")
    elif target is Target.HTML:
        assert b"<html" in data[:2000].lower()


def test_an_onnx_file_has_the_person_s_weights_where_they_fit() -> None:
    arch = small()
    bring("mine.safetensors", save(build(arch, seed=4).state_dict()), arch)
    with_own, without = (made(arch, Target.ONNX, 128, own) for own in (brought(), None))
    assert with_own != without
    edited = Edit("set_op", (4, "bottleneck")).apply(arch)
    assert made(edited, Target.ONNX, 128, brought())


def test_a_button_that_has_nothing_to_give_says_why() -> None:
    assert "official list" in refusal(REFERENCE, Target.BLOCK_SPECS)
    broken = replace(TINY, blocks=TINY.blocks[:-5])
    assert refusal(broken, Target.JSON) == ""
    assert "Not while the network has a problem" in refusal(broken, Target.PYTORCH)


def test_the_page_runs_with_the_file_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Upload while the network is on the desk: maps and boxes are then the file's."""
    monkeypatch.undo()  # the page's own session
    root = Path(__file__).parents[2]
    app = AppTest.from_file(str(root / "pages" / "explore.py"), default_timeout=120)
    app.session_state["explorer_entered"] = True
    app.run()
    here = app.session_state["explorer_session"]
    here.desk = replace(here.desk, history=History.start(TINY), run_size=128, photo=DOG)
    app.run()
    said = text_of(app)
    assert "untrained weights (seeded)" in said
    weights = Weights(build(TINY, seed=1, head=True).state_dict())
    app.session_state["explorer_brought_weights"] = Brought("mine.safetensors", "x", weights, ())
    app.run()
    assert not app.exception
    assert "imported: mine.safetensors" in text_of(app)
    shown = app.session_state["explorer_session"].shown
    assert shown.request.weights == "x"
    assert shown.look.values.has_head and not shown.look.boxes.miniature
