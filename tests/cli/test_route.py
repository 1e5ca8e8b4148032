"""`route` from a shell: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.architecture.architecture import Architecture
from explorer.architecture.codec import to_json
from explorer.architecture.edits import Edit
from explorer.architecture.example import small_with
from explorer.architecture.rules import problems
from explorer.catalog import entry
from explorer.cli import main
from explorer.cost.cost import cost

PAIRS = [("resnet-50-fpn", "r23-sp30"), ("r23-sp30", "r0-sp53"), ("r0-sp53", "spinenet-49")]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_the_edits_lead_from_a_to_b(a: str, b: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", a, b, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    here: Architecture = entry(a).architecture
    for step in found["edits"]:
        args = tuple(tuple(arg) if isinstance(arg, list) else arg for arg in step["args"])
        here = Edit(step["edit"], args).apply(here)
        assert problems(here) == ()
        counted = cost(here, 640, found["head"] == "retinanet")
        assert (step["macs"], step["params"]) == (counted.macs, counted.params)
    goal = entry(b).architecture
    assert (here.blocks, here.scaling) == (goal.blocks, goal.scaling)
    assert len(found["edits"]) <= found["distance"]


def test_without_a_head_and_at_another_size(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["route", "r0-sp53", "spinenet-49", "--size", "256", "--head", "none", "--json"]
    assert main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["edits"][-1]["macs"] == cost(entry("spinenet-49").architecture, 256).macs


def test_it_reads_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["route", "r0-sp53", "spinenet-49"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "R0-SP53 → SpineNet-49: 26 edits, distance 27".replace(
        "R0-SP53", entry("r0-sp53").architecture.name
    ).replace("SpineNet-49", entry("spinenet-49").architecture.name)
    assert "28.54 M" in lines[-1]


@pytest.mark.parametrize("other", ["spinet-49", "broken.json"])
def test_bad_input_is_one_line(
    other: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if other.endswith(".json"):
        path = tmp_path / other
        path.write_text(to_json(small_with(4, parents=(9,))), encoding="utf-8")
        other = str(path)
    assert main(["route", "r0-sp53", other, "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and len(said.err.strip().splitlines()) == 1
