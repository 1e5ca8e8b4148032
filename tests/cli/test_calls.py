"""The command line's contract: keys, exit status, one line for bad input."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.architecture import codec
from explorer.architecture.edits import EDITS, Edit
from explorer.catalog import entry, names
from explorer.cli import calls, main
from explorer.cli.edit_options import EDIT_OPTIONS


def run(capsys, *words):
    """Exit status, standard output, standard error."""
    status = main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def answer(capsys, *words):
    """The one JSON object of a call that goes well."""
    status, out, err = run(capsys, *words, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


def refused(capsys, *words):
    """The one line of a call that is given bad input."""
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and err.endswith("\n")
    assert "Traceback" not in err
    return err


def test_list_names_every_entry_with_costs_and_published_results(capsys):
    rows = {row["name"]: row for row in answer(capsys, "list")}
    assert tuple(rows) == names()
    for row in rows.values():
        assert set(row) == {"name", "family", "params", "macs", "size", "published"}
    assert rows["spinenet-49"]["macs"] == 85_281_555_200
    assert rows["spinenet-49"]["published"]["flops_b"] == 85.4
    assert rows["spinenet-143l"]["published"] is None


def test_show_gives_the_blocks_of_the_official_list(capsys):
    shown = answer(capsys, "show", "SpineNet-49")
    assert shown["problems"] == []
    assert shown["blocks"][5] == {
        "id": 5,
        "op": "bottleneck",
        "level": 4,
        "parents": [2, 4],
        "is_output": False,
    }


# The first three: facts by the official code's counter; the last two: the paper's parts.
@pytest.mark.parametrize(
    ("arch", "size", "head", "macs", "params"),
    [
        ("spinenet-49", 640, "retinanet", 85_281_555_200, 28_543_383),
        ("spinenet-49", 640, "none", 28_261_990_400, 21_831_488),
        ("resnet-50-fpn", 640, "none", 39_860_633_600, 27_379_264),
        ("spinenet-190", 1280, "none", 620_983_084_800, 126_587_664),
        ("mobile-spinenet-49", 384, "retinanet", 980_858_928, 2_337_579),
    ],
)
def test_cost_equals_the_official_count(capsys, arch, size, head, macs, params):
    counted = answer(capsys, "cost", arch, "--size", size, "--head", head)
    assert (counted["macs"], counted["params"]) == (macs, params)
    assert (counted["size"], counted["head"]) == (size, head)
    assert counted["by_class"]["convolution"] == macs
    assert list(counted["by_part"]) == ["stem", "blocks", "links", "endpoints", "head"]
    assert sum(counted["by_part"].values()) == macs
    assert sum(counted["params_by_part"].values()) == params
    assert sum(link["macs"] for link in counted["links"]) == counted["by_part"]["links"]


def test_paths_of_a_chain_are_one_path(capsys):
    rows = answer(capsys, "paths", "resnet-50")["outputs"]
    assert [row["level"] for row in rows] == [2, 3, 4, 5]
    assert [row["paths"] for row in rows] == [1, 1, 1, 1]
    assert [row["longest"] for row in rows] == [3, 7, 13, 16]


def test_edits_happen_in_the_order_given(capsys, tmp_path):
    """Rewired before the swap, the new parent stays at the place; after it, it does not."""
    swap, rewire = ("--links", "place", "--swap", "4,5"), ("--rewire", "5.0=3")
    first = answer(capsys, "edit", "spinenet-49", *rewire, *swap)
    second = answer(capsys, "edit", "spinenet-49", *swap, *rewire)
    assert first["blocks"] != second["blocks"]


def test_every_edit_has_an_option():
    assert {name.replace("-", "_") for name in EDIT_OPTIONS} == {*EDITS, "links"}


def test_stem_inputs_and_widths_can_be_recast(capsys):
    words = ("--set-stem", "2", "--set-width", "b9=96", "--set-resampled", "5=yes")
    blocks = answer(capsys, "edit", "r23-sp30", *words)["architecture"]["blocks"]
    expected = entry("r23-sp30").architecture
    for edit in (("set_stem", (2,)), ("set_width", (9, 96)), ("set_resampled", (5, True))):
        expected = Edit(*edit).apply(expected)
    assert blocks == json.loads(codec.to_json(expected))["blocks"]
    undone = answer(capsys, "edit", "r23-sp30", *words, "--set-width", "9=0", "--set-stem", "7",
                    "--set-stem", "0", "--set-resampled", "5=no", "--set-stem", "7")  # fmt: skip
    plain = json.loads(codec.to_json(entry("r23-sp30").architecture))["blocks"]
    assert undone["architecture"]["blocks"] == plain


def test_edit_writes_an_architecture_and_explains_the_whole_difference(capsys, tmp_path):
    file = tmp_path / "edited.json"
    edited = answer(capsys, "edit", "spinenet-49", "--set-level", "6=5", "-o", file)
    before = answer(capsys, "cost", "spinenet-49")
    after = answer(capsys, "cost", file)
    change = edited["difference"]
    assert after["macs"] - before["macs"] == change["macs"] != 0
    assert sum(cause["macs"] for cause in change["causes"]) == change["macs"]
    assert sum(cause["params"] for cause in change["causes"]) == change["params"]
    assert answer(capsys, "show", file)["blocks"] == edited["blocks"]


def test_diff_of_an_edited_architecture_names_the_edit(capsys, tmp_path):
    file = tmp_path / "edited.json"
    answer(capsys, "edit", "spinenet-49", "--rewire", "7.0=2", "-o", file)
    found = answer(capsys, "diff", "spinenet-49", file)
    assert found["distance"] == 1
    (change,) = found["links"]["changed"]
    assert (change["before"]["from"], change["after"]["from"], change["after"]["to"]) == (3, 2, 7)
    assert found["costs"]["b"]["macs"] - found["costs"]["a"]["macs"] == found["difference"]["macs"]
    assert answer(capsys, "diff", file, file)["distance"] == 0


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "html", "dot"])
def test_render_writes_a_drawing(capsys, tmp_path, suffix):
    file = tmp_path / f"drawing.{suffix}"
    assert answer(capsys, "render", "r0-sp53", "-o", file)["file"] == str(file)
    head = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<", "dot": b"digraph"}
    assert file.read_bytes().lstrip().startswith(head[suffix])


def test_render_measures_what_blocks_carry(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(calls, "CARRIED_SCENES", 2)
    file = tmp_path / "drawing.dot"
    answer(capsys, "render", "spinenet-49", "--colour", "carried", "-o", file)
    noted = {int(found) for found in re.findall(r'"note (\d+)"', file.read_text("utf-8"))}
    assert noted == set(range(2, 17))  # all but the miniature's light stem


SPEC = {"family": "spinenet", "block_specs": [[3, "bottleneck", [0, 1], True]]}


def spec(**changes):
    return json.dumps(SPEC | changes)


BAD_FILES = {
    "not JSON": ("not json {", "JSON"),
    "a list of nothing": ("[]", "block"),
    "of a wrong shape": ('{"blocks": 5}', "found"),
    "from the future": ('{"format": "spinenet-explorer", "version": 99, "blocks": []}', "version"),
    "deeply nested": ("[" * 100_000, "nested"),
    "parent itself": (spec(block_specs=[[3, "bottleneck", [1, 2], True]]), "itself"),
    "parent missing": (spec(block_specs=[[3, "bottleneck", [0, 9], True]]), "9"),
    "parent later": (
        spec(block_specs=[[3, "bottleneck", [0, 3], True], [4, "bottleneck", [0, 1], True]]),
        "later",
    ),
    "a cycle": (
        spec(block_specs=[[3, "bottleneck", [0, 3], True], [4, "bottleneck", [0, 2], True]]),
        "cycle",
    ),
    "level out of range": (spec(block_specs=[[8, "bottleneck", [0, 1], True]]), "level 8"),
    "two outputs of a level": (
        spec(block_specs=[[3, "bottleneck", [0, 1], True], [3, "bottleneck", [0, 1], True]]),
        "second output",
    ),
    "no output": (spec(block_specs=[[3, "bottleneck", [0, 1], False]]), "output"),
    "unknown op": (spec(block_specs=[[3, "transformer", [0, 1], True]]), "transformer"),
    "10,000 blocks": (
        spec(block_specs=[[3, "bottleneck", [0, 1], False]] * 10_000),
        "10000",
    ),
    "code": (spec(block_specs="__import__('os').getcwd()"), "block_specs"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_get_one_line(capsys, tmp_path, case):
    text, word = BAD_FILES[case]
    file = tmp_path / "bad.json"
    file.write_text(text, encoding="utf-8")
    assert word in refused(capsys, "cost", file)
    assert word in refused(capsys, "paths", file)


def test_an_architecture_with_a_problem_can_be_mended(capsys, tmp_path):
    file, mended = tmp_path / "bad.json", tmp_path / "good.json"
    file.write_text(spec(block_specs=[[8, "bottleneck", [0, 1], True]]), encoding="utf-8")
    edited = answer(capsys, "edit", file, "--set-level", "2=3", "-o", mended)
    assert (edited["problems"], edited["difference"]) == ([], None)
    assert answer(capsys, "cost", mended)["macs"] > 0


def test_show_lists_the_problems_of_an_architecture_that_cannot_run(capsys, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text(spec(block_specs=[[8, "bottleneck", [0, 1], True]]), encoding="utf-8")
    status, out, err = run(capsys, "show", file, "--json")
    assert status == 2 and "level 8" in err
    assert json.loads(out)["problems"][0]["code"] == "level-range"


def test_an_unknown_name_names_its_neighbours(capsys):
    assert "spinenet-49" in refused(capsys, "show", "spinet-49")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("cost",),
        ("cost", "spinenet-49", "--size", "0"),
        ("cost", "spinenet-49", "--size", "x"),
        ("cost", "spinenet-49", "--size", "100"),
        ("cost", "resnet-50", "--head", "retinanet"),
        ("edit", "spinenet-49", "--set-level", "5"),
        ("edit", "spinenet-49", "--set-level", "5=9"),
        ("edit", "spinenet-49", "--rewire", "5.0=16"),
        ("edit", "spinenet-49", "--remove", "0"),
        ("edit", "spinenet-49", "--set-stem", "99"),
        ("edit", "spinenet-49", "--set-stem", "-1"),
        ("edit", "spinenet-49", "--set-width", "5"),
        ("edit", "spinenet-49", "--set-resampled", "5=no"),
        ("edit", "spinenet-49", "--set-level", "5=5", "-o", "no-such-folder/x.json"),
        ("render", "spinenet-49", "-o", "drawing.xyz"),
        ("render", "spinenet-49", "-o", "no-such-folder/drawing.svg"),
        ("show", "."),
        ("show", "no-such-file.json"),
    ],
    ids=" ".join,
)
def test_bad_words_get_one_line(capsys, words):
    refused(capsys, *words)


def test_the_costs_of_an_architecture_need_no_torch():
    """In a process of its own: importing what `cost` and `edit` need loads no torch."""
    program = (
        "import sys; from explorer.cli import main; "
        "main(['edit', 'spinenet-49', '--set-level', '6=5', '--json']); "
        "sys.exit(bool({'torch', 'streamlit', 'plotly'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
