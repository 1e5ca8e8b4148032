"""JSON and share links: everything comes back, and nothing from strangers hurts."""

from __future__ import annotations

import base64
import json
import zlib
from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Block
from explorer.architecture.codec import (
    LATER,
    from_data,
    from_json,
    from_token,
    to_data,
    to_json,
    to_token,
)
from explorer.architecture.errors import FormatError
from explorer.architecture.example import small
from explorer.architecture.scaling import Head, HeadStyle, Norm, Scaling
from explorer.architecture.strict_json import MAX_CHARS
from tests.architecture.networks import CORPUS
from tests.random_architectures import Family, random_architecture


@settings(deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_round_trips_are_exact(seed: int, narrow: bool) -> None:
    arch = random_architecture(seed, narrow=narrow)
    assert from_json(to_json(arch)) == arch
    assert from_data(to_data(arch)) == arch
    assert from_token(to_token(arch)) == arch
    assert set(to_token(arch)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_every_field_is_written() -> None:
    """A new field that the codec forgets would be lost by every stored file."""
    head = Head(style=HeadStyle.SSD)
    unusual = replace(
        small(),
        blocks=tuple(replace(block, width=9) for block in small().blocks),
        scaling=Scaling(norm=Norm.FOLDED, expansion=2, head=head),
    )
    data = json.loads(to_json(unusual))
    assert set(data["blocks"][0]) == {field.name for field in fields(Block)}
    assert set(data["scaling"]) == {field.name for field in fields(Scaling)}
    assert set(data["scaling"]["head"]) == {field.name for field in fields(Head)}
    lines = to_json(small()).splitlines()
    assert sum('"id":' in line for line in lines) == len(small().blocks)


def test_fields_that_came_later_stand_only_where_they_say_something() -> None:
    """So a SpineNet's file is what it was, and a program of before can read it."""
    text = to_json(small())
    assert not any(f'"{name}"' in text for name in LATER)


@pytest.mark.parametrize("seed", range(30))
def test_detectors_make_the_round_trip(seed: int) -> None:
    arch = random_architecture(seed, family=Family.DETECTOR)
    assert from_json(to_json(arch)) == arch
    assert from_token(to_token(arch)) == arch


def test_the_stored_file_of_version_1_is_read_for_ever() -> None:
    """The files were written once and are never written again: people have such files and links."""
    arch = from_json((CORPUS / "architecture_v1.json").read_text(encoding="utf-8"))
    assert arch.name == "Äthena 7 ×"
    assert [block.id for block in arch.blocks] == [0, 1, 9, 4, 5, 20, 21, 22]
    assert arch.block(4).parents == (9, 1) and arch.block(4).repeats == 3
    assert not arch.block(20).resampled and arch.block(0).in_stem and arch.block(5).is_output
    assert arch.scaling == Scaling(
        filters=(8, 16, 24, 40, 80, 112, 112, 96),
        filter_size_scale=0.65,
        resample_alpha=0.75,
        block_repeats=2,
        endpoints_num_filters=48,
        stem=type(arch.scaling.stem)("conv3"),
        stem_filters=5,
        link_style=type(arch.scaling.link_style)("separable"),
        endpoint=type(arch.scaling.endpoint)("norm"),
        min_level=2,
        max_level=6,
        stage_projection=True,
        activation=type(arch.scaling.activation)("hard_swish"),
        norm_epsilon=1e-5,
        padding=type(arch.scaling.padding)("symmetric"),
        head=Head(2, 24, 12, 3, True),
    )
    assert from_token((CORPUS / "token_v1.txt").read_text(encoding="ascii")) == arch


def test_what_is_left_out_has_its_value_of_version_1() -> None:
    arch = from_json('{"version": 1, "blocks": [{"id": 3, "op": "residual", "level": 4}]}')
    block = arch.blocks[0]
    assert arch.name == "unnamed" and arch.scaling == Scaling()
    assert block.parents == () and block.resampled and block.repeats is None
    assert not block.in_stem and not block.is_output


def bad(**changes: object) -> str:
    data: dict[str, object] = {"version": 1, "blocks": []}
    return json.dumps({**data, **changes})


def bad_block(**changes: object) -> str:
    return bad(blocks=[{"id": 0, "op": "residual", "level": 3, **changes}])


BAD = {
    "empty": ("", "not JSON"),
    "not JSON": ("spinenet", "not JSON (line 1, column 1"),
    "cut off": (to_json(small())[:300], "not JSON"),
    "a list": ("[]", "found a list of 0, expected an object"),
    "a number": ("7", "found 7, expected an object"),
    "nan": ('{"version": 1, "blocks": [], "scaling": {"norm_epsilon": NaN}}', "the number NaN"),
    "infinite": (bad(scaling={"norm_epsilon": 1}).replace(": 1}", ": 1e999}"), "a number of at"),
    "minus infinity": ("[-Infinity]", "the number -Infinity"),
    "a digit too many": ("9" * 5000, "expected plain JSON"),
    "huge level": (bad_block(level=10**18), "level: found 1000000000000000000, expected a whole"),
    "huge id": (bad_block(id=10**40), "found a huge number"),
    "huge factor": (bad(scaling={"resample_alpha": 1e10}), "at most 1000000000"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "deep object": ('{"a":' * 100_000, "nested too deeply"),
    "too long": (" " * (MAX_CHARS + 1), f"found {MAX_CHARS + 1} characters, expected at most"),
    "10,000 blocks": (
        bad(blocks=[{"id": i, "op": "residual", "level": 3} for i in range(10_000)]),
        "blocks: found a list of 10000, expected a list of at most 2000",
    ),
    "no version": ('{"blocks": []}', "found no version, expected version 1"),
    "old version": (bad(version=0), "found version 0"),
    "version in words": (bad(version="1"), 'found version "1"'),
    "version true": (bad(version=True), "found version true"),
    "from the future": (bad(version=2), "version 2, from a newer program, expected version 1"),
    "unknown key": (bad(scalign={}), "found the key 'scalign'"),
    "near key": (bad(scaling={"block_repeat": 2}), "Did you mean block_repeats?"),
    "near block key": (bad_block(parent=[0]), "Did you mean parents?"),
    "near head key": (bad(scaling={"head": {"num_conv": 1}}), "Did you mean num_convs?"),
    "one key twice": ('{"version": 1, "version": 1, "blocks": []}', "the key 'version' twice"),
    "no blocks": ('{"version": 1}', "blocks: found nothing, expected a value"),
    "blocks in an object": (bad(blocks={}), "blocks: found an object, expected a list"),
    "block in a list": (bad(blocks=[[1]]), "blocks[0]: found a list of 1, expected an object"),
    "no id": ('{"version": 1, "blocks": [{"op": "residual", "level": 3}]}', "blocks[0], id"),
    "level in words": (bad_block(level="3"), 'level: found "3", expected a whole number'),
    "level with a point": (bad_block(level=3.0), "level: found 3.0"),
    "level true": (bad_block(level=True), "level: found true"),
    "op": (bad_block(op="botleneck"), "Did you mean bottleneck?"),
    "op a list": (bad_block(op=["residual"]), "op: found a list of 1, expected one of"),
    "parents a number": (bad_block(parents=1), "parents: found 1, expected a list"),
    "parents in words": (bad_block(parents=["a"]), "a list of at most 64 whole numbers"),
    "parents nested": (bad_block(parents=[[0]]), "parents: found a list of 1"),
    "parents by the thousand": (bad_block(parents=[0] * 1000), "found a list of 1000"),
    "flag": (bad_block(is_output=1), "is_output: found 1, expected true or false"),
    "repeats": (bad_block(repeats="2"), "repeats"),
    "name": (bad(name=7), "name: found 7, expected text"),
    "long name": (bad(name="x" * 201), "at most 200 printable"),
    "name of lines": (bad(name="a\nb"), "printable"),
    "half a letter": ('{"version": 1, "blocks": [], "name": "\\ud800"}', "printable"),
    "scaling a list": (bad(scaling=[]), "scaling: found a list of 0, expected an object"),
    "stem": (bad(scaling={"stem": "conv"}), "expected one of conv7-pool, conv3"),
    "filters": (bad(scaling={"filters": [1.5]}), "filters: found a list of 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_text_is_refused_in_one_sentence(case: str) -> None:
    text, expected = BAD[case]
    with pytest.raises(FormatError) as caught:
        from_json(text)
    message = str(caught.value)
    assert expected in message
    assert len(message) < 400 and "\n" not in message
    assert ": found " in message and ", expected " in message and message.endswith((".", "?"))


def test_broken_links_are_refused() -> None:
    token = to_token(small())
    packed = base64.urlsafe_b64decode(token + "==")
    bomb = zlib.compress(b" " * 50_000_000, 9)
    more = base64.urlsafe_b64encode(packed + b"more").decode().rstrip("=")
    for broken in ("", "%%%", "a", token[:-9], token[9:], token[:40] + "é" + token[41:], more):
        with pytest.raises(FormatError, match="Copy the whole link again"):
            from_token(broken)
    with pytest.raises(FormatError, match="expected at most"):
        from_token(base64.urlsafe_b64encode(bomb).decode())
    with pytest.raises(FormatError, match="Copy the whole link"):
        from_token("A" * 1_000_000)
    wrong = base64.urlsafe_b64encode(zlib.compress(b"[1, 2]")).decode()
    with pytest.raises(FormatError, match="expected an object"):
        from_token(wrong)
    assert from_token(f" {token}\n") == small()


@settings(deadline=None)
@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_an_architecture_or_a_format_error(text: str) -> None:
    for read in (from_json, from_token):
        with suppress(FormatError):
            assert isinstance(read(text), Architecture)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.integers(0, 50), st.data())
def test_any_changed_field_is_read_or_refused(seed: int, data: st.DataObject) -> None:
    whole = json.loads(to_json(random_architecture(seed)))
    place = data.draw(st.sampled_from([whole, whole["scaling"], *whole["blocks"]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON_VALUES)
    try:
        arch = from_data(whole)
    except FormatError:
        return
    assert from_json(to_json(arch)) == arch


def test_a_name_that_cannot_be_stored_does_not_end_in_a_traceback() -> None:
    arch = replace(small(), name="\ud800")
    assert to_json(arch).encode("utf-8") and to_token(arch)
