"""Explore, as a person goes through it."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer.app.edit_form import FORMS
from explorer.app.recast_form import settings
from explorer.app.weights_view import Brought
from explorer.architecture.codec import to_token
from explorer.architecture.edits import EDITS
from explorer.catalog import names
from explorer.network.build import build
from explorer.network.weights import Weights
from tests.network.parity import fixture
from tests.pages.conftest import text_of

Open = Callable[..., AppTest]


def numbers_of(app: AppTest) -> str:
    return next(str(one.value) for one in app.markdown if "MACs" in str(one.value))


def choose_block(app: AppTest, block: int) -> None:
    found = next(one for one in app.selectbox if str(one.key).startswith("form-block-"))
    found.select(block).run()


def do(app: AppTest, edit: str, block: int, **fields: object) -> AppTest:
    """Fill in the form and press Apply."""
    app.selectbox(key="form-edit").select(edit).run()
    choose_block(app, block)
    for name, value in fields.items():
        widgets = [*app.selectbox, *app.number_input, *app.multiselect]
        found = next(one for one in widgets if str(one.key).startswith(f"field-{name}-"))
        found.set_value(value)
        app.run()
    return app.button(key="form-apply").click().run()


def test_it_opens_on_spinenet_49_running(page: Open) -> None:
    app = page()
    assert not app.exception
    assert "28.26 G" in numbers_of(app)
    assert "21.83 M" in numbers_of(app)
    assert "untrained weights (seeded)" in text_of(app)
    shown = app.session_state["explorer_session"].shown.views
    assert [one.label for one in shown.outputs] == ["P3", "P4", "P5", "P6", "P7"]
    assert shown.outputs[0].shape == (256, 32, 32)


@pytest.mark.parametrize("name", names())
def test_every_entry_of_the_catalog_opens(page: Open, name: str) -> None:
    app = page(net=name, run="128")
    assert not app.exception
    assert not app.error
    assert "MACs" in numbers_of(app)


MADE = [
    ("set_level", 5, {"level": 3}, "b5 to L3"),
    ("swap", 5, {"swap": 9}, "swap b5 and b9, links stay with the place"),
    ("move", 13, {"move": 12}, "move b13 to position 12"),
    ("rewire", 7, {"parent": 2}, "b7 reads b2 in slot 0"),
    ("connect", 7, {"connect": 2}, "b7 reads b2 in slot 2"),
    ("disconnect", 7, {}, "disconnect slot 0 of b7"),
    ("set_op", 7, {"op": "residual"}, "b7 becomes a residual block"),
    ("set_repeats", 7, {"repeats": 3}, "b7 repeats 3 times"),
    ("set_output", 13, {}, "b13 is no longer an output"),
    ("add", 7, {}, "add a bottleneck block on L4"),
    ("remove", 7, {}, "remove b7"),
    ("set_width", 7, {"width": 96}, "b7 96 wide"),
]


@pytest.mark.parametrize(("edit", "block", "fields", "said"), MADE, ids=[e[0] for e in MADE])
def test_every_edit_has_a_form_and_undo_takes_it_back(
    page: Open, edit: str, block: int, fields: dict[str, object], said: str
) -> None:
    app = page(run="128")
    before = numbers_of(app)
    do(app, edit, block, **fields)
    assert not app.exception
    assert not app.error, text_of(app)
    steps = app.get("button_group")[0] if app.get("button_group") else app.segmented_control[0]
    assert any(said in str(option) for option in steps.options), steps.options
    app.button(key="undo").click().run()
    assert numbers_of(app).split("  \n")[0].split(" :blue")[0] == before.split("  \n")[0]
    app.button(key="redo").click().run()
    assert not app.exception


def recast(app: AppTest, edit: str, fields: dict[str, object]) -> AppTest:
    """Fill in a form that asks for no block, and press Apply."""
    app.selectbox(key="form-edit").select(edit).run()
    assert not any(str(one.key).startswith("form-block-") for one in app.selectbox)
    for name, value in fields.items():
        widgets = [*app.selectbox, *app.number_input, *app.text_input]
        found = next(one for one in widgets if str(one.key).startswith(f"field-{name}"))
        found.set_value(value)
        app.run()
    app.button(key="form-apply").click().run()
    assert not app.exception and not app.error
    return app


@pytest.mark.parametrize(
    ("setting", "value", "is_now"),
    [
        ("activation", "swish", "swish"),
        ("filter_size_scale", 0.65, 0.65),
        ("block_repeats", 2, 2),
        ("stage_projection", True, True),
        ("filters", "[32, 32, 64, 128, 256, 256, 256, 320]", (32, 32, 64, 128, 256, 256, 256, 320)),
        ("head.num_convs", 7, 7),
        ("head.separable", True, True),
    ],
)
def test_a_setting_has_a_form(page: Open, setting: str, value: object, is_now: object) -> None:
    app = recast(page(run="128"), "set_scaling", {"setting": setting, f"value-{setting}": value})
    scaling = app.session_state["explorer_session"].desk.architecture.scaling
    owner = scaling.head if setting.startswith("head.") else scaling
    assert getattr(owner, setting.removeprefix("head.")) == is_now


def test_every_setting_can_be_looked_at(page: Open) -> None:
    app = page(run="128")
    app.selectbox(key="form-edit").select("set_scaling").run()
    for setting in settings():
        app.selectbox(key="field-setting").select(setting).run()
        assert not app.exception
        assert "No change" in text_of(app), setting


def test_the_stem_can_be_opened_and_its_blocks_be_edited(page: Open) -> None:
    app = page(net="r23-sp30", run="128")
    recast(app, "set_stem", {"stem": 0})
    do(app, "set_resampled", 5, inputs=True)
    assert not app.error and not app.exception
    arch = app.session_state["explorer_session"].desk.architecture
    assert not any(block.in_stem for block in arch.blocks)
    assert arch.block(5).resampled


def test_every_edit_is_in_the_form() -> None:
    assert set(FORMS) == {*EDITS, "connect"}


def test_an_edit_that_cannot_be_made_is_refused_with_a_mend(page: Open) -> None:
    app = page(run="128")
    app.selectbox(key="form-edit").select("set_level").run()
    choose_block(app, 13)
    level = next(one for one in app.selectbox if str(one.key).startswith("field-level-"))
    level.set_value(4)
    app.run()
    assert app.button(key="form-apply").disabled
    assert "one" in text_of(app)
    assert "28.26 G" in numbers_of(app)


def test_the_difference_is_explained_by_cause(page: Open) -> None:
    app = page(run="128")
    do(app, "set_level", 5, level=3)
    (said,) = [str(one.value) for one in app.caption if "Last step" in str(one.value)]
    assert "+3.28 M = " in said
    assert "b5" in said


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("net", "spinenet-94"),
        ("net", "eJx-broken"),
        ("steps", "eJx-broken"),
        ("select", "five"),
        ("photo", "no-such-photo"),
        ("colour", "pink"),
        ("count", "9999999"),
        ("run", "-1"),
        ("head", "yes"),
    ],
)
def test_a_broken_link_says_so_and_opens_the_app(page: Open, word: str, value: str) -> None:
    app = page(**{word: value})
    assert not app.exception
    assert "This link cannot be opened" in app.error[0].value
    assert "28.26 G" in numbers_of(app)


def test_a_link_restores_what_its_sender_saw(page: Open) -> None:
    app = page(run="128", photo="eagle")
    do(app, "swap", 5, swap=9)
    do(app, "set_level", 7, level=3)
    app.button(key="undo").click().run()
    words = dict(app.query_params.items())
    assert len(words["steps"]) < 2000
    again = page(**words)
    assert not again.error
    assert numbers_of(again) == numbers_of(app)
    assert again.selectbox(key="photo-of-eagle").value == "eagle"
    assert not again.button(key="redo").disabled
    assert text_of(again).split("ran ")[0] == text_of(app).split("ran ")[0]


def test_a_persons_own_weights_run_and_are_named(page: Open) -> None:
    arch = fixture("retinanet_spinenet_tiny").architecture
    own = build(arch, seed=5, head=True).state_dict()
    app = page(net=to_token(arch), run="128", photo="eagle")
    assert "untrained weights (seeded)" in text_of(app)
    before = app.session_state["explorer_session"].shown.views
    app.session_state["explorer_brought_weights"] = Brought(
        "mine.safetensors", "5" * 16, Weights(own, "5"), ()
    )
    app.run()
    assert "imported: mine.safetensors" in text_of(app)
    assert "untrained weights" not in text_of(app)
    shown = app.session_state["explorer_session"].shown
    assert shown.look.boxes is not None and not shown.look.boxes.miniature
    assert (shown.views.outputs[0].pixels != before.outputs[0].pixels).any()
