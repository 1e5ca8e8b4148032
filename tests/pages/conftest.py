"""Pages run by Streamlit's own AppTest: no browser, the real core underneath."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page() -> Iterator[Callable[..., AppTest]]:
    """Opens a page as a link would; its networks run for real."""

    def open_page(name: str = "explore", **words: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=120)
        app.session_state["explorer_entered"] = True
        for word, value in words.items():
            app.query_params[word] = value
        return app.run()

    yield open_page


def text_of(app: AppTest) -> str:
    """Everything that the page says, in one text."""
    parts = [*app.markdown, *app.caption, *app.warning, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts)
