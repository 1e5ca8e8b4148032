"""Tables from strangers: one clear sentence for what is off, and no pattern that runs for ever."""

import json
import time

import pytest

from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.network.ports.rules import Rule
from explorer.network.ports.tables import load_table, shipped, table_from_json

GOOD = {"version": 1, "rules": [["a.{leaf}", "stem.conv1.{leaf}"]]}


def table(**changes):
    return table_from_json(json.dumps(GOOD | changes), "mine")


def test_a_table_of_one_s_own(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(GOOD), encoding="utf-8")
    assert load_table(file).name_for("a.weight") == "stem.conv1.weight"
    assert load_table(file).name_for("b.weight") is None


def test_shipped_tables_name_their_sources():
    for name in shipped():
        found = load_table(name)
        assert found.title and found.source and found.differences and found.rules


def test_a_table_like_another_changes_what_it_says():
    found = table(like="lucifer443", rules=[["x.{leaf}", "y.{leaf}"]])
    assert found.zeros == load_table("lucifer443").zeros
    assert found.name_for("conv1.conv.weight") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"ruels": []},
        {"rules": []},
        {"rules": "a"},
        {"rules": [["a"]]},
        {"rules": [["a", 5]]},
        {"rules": [["a.{b}", "c.{d}"]]},
        {"rules": [["a.{b}.{b}", "c.{b}"]]},
        {"rules": [["a.{b", "c"]]},
        {"rules": [["{a}{b}", "c"]]},
        {"rules": [["a.{b}", "c.{b+x}"]]},
        {"rules": [["{a*}.{b*}", "c"]]},
        {"rules": [["x" * 1000, "c"]]},
        {"rules": [["{a}.{b}.{c}.{d}.{e}.{f}.{g}", "c"]]},
        {"rules": [["a", "b"]] * 1000},
        {"like": "no such"},
        {"like": "../../secret"},
        {"like": 5},
        {"prefixes": [5]},
        {"left_out": ["{"]},
        {"orders": [{"names": "a", "axes": ["x"], "becomes": ["y"]}]},
        {"orders": [{"names": "a", "axes": ["x", "y"], "becomes": ["y", "x"]}]},
        {"orders": [{"names": "a", "axes": ["x"], "sizes": {"x": 0}, "becomes": ["x"]}]},
        {
            "orders": [
                {
                    "names": "a",
                    "axes": ["x"],
                    "sizes": {"x": 3},
                    "take": {"x": [0, 1, 1]},
                    "becomes": ["x"],
                }
            ]
        },
    ],
    ids=lambda changes: json.dumps(changes)[:40],
)
def test_what_is_no_table_gets_one_sentence(changes):
    with pytest.raises(FormatError) as error:
        table(**changes)
    text = str(error.value)
    assert "found" in text and "\n" not in text and len(text) < 400


def test_there_is_no_such_table(tmp_path):
    for name in ("no-such", "../lucifer443", tmp_path, tmp_path / "x.json"):
        with pytest.raises(UnknownNameError, match="lucifer443"):
            load_table(name)
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe")
    with pytest.raises(FormatError):
        load_table(tmp_path / "bad.json")


def test_a_number_that_is_none_does_not_match():
    rule = Rule("a{n}.{leaf}", "b{n-1}.{leaf}")
    assert rule.name_for("a3.weight") == "b2.weight"
    for name in ("ax.weight", "a٣.weight", "a" + "9" * 5000 + ".weight", "a-1.weight"):
        assert rule.name_for(name) is None


def test_no_pattern_takes_long():
    """Words that may end anywhere would be tried in every way: 300 letters took hours."""
    greedy = Rule("{a}x{b}x{c}x{d}x{e}x{f*}y", "")
    with pytest.raises(FormatError, match="two words side by side"):
        greedy.check("here")
    rule = Rule("x{a}x.x{b}x.x{c}x.x{d}x.x{e}x.x{f*}y", "")
    rule.check("here")
    start = time.perf_counter()
    for name in ("x" * 300, "x" * 10**6, ".".join(["x" * 49] * 6), "x." * 150, "xxx." * 75):
        assert rule.name_for(name) is None
    assert time.perf_counter() - start < 2
