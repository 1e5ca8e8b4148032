"""From what a person typed to an architecture: a name of the catalog, or a file."""

from __future__ import annotations

from pathlib import Path

from explorer.architecture.architecture import Architecture
from explorer.architecture.block_specs import read_architecture
from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.architecture.strict_json import MAX_CHARS
from explorer.catalog.entries import entry, names, near_names


def resolve(text: str) -> Architecture:
    """The architecture that `text` names: a catalog name, a JSON file of ours, or a spec file.

    A name of the catalog comes before a file of the same name. The architecture may have problems.

    >>> resolve("SpineNet-49").block(5).level
    4

    Raises
    ------
    UnknownNameError: where it is neither a name nor an existing file; says which names are near.
    FormatError: where the file cannot be read, or holds something else.
    """
    if text.strip().casefold() in names():
        return entry(text).architecture
    try:
        return from_text(_read(text))
    except FormatError as error:
        raise FormatError(f"{_shown(text)}: {error}") from error


def from_text(content: str) -> Architecture:
    """The architecture that a file's text holds, in our JSON or as an official spec file.

    >>> from_text('[[3, "residual", [0, 1], true]]').block(2).level
    3

    Raises
    ------
    FormatError: where it holds something else.
    """
    return read_architecture(content)


def _read(text: str) -> str:
    """The text of a file that a person named; a byte order mark is dropped."""
    path = Path(text)
    try:
        if not text.strip():
            raise UnknownNameError(_unknown(text))
        if path.is_dir():
            raise FormatError("found a folder, expected a JSON file. Name a file in it.")
        if not path.is_file():
            raise UnknownNameError(_unknown(text))
        with path.open("rb") as file:
            raw = file.read(MAX_CHARS + 1)
        if len(raw) > MAX_CHARS:
            raise FormatError(
                f"found more than {MAX_CHARS:,} bytes, expected at most that. "
                "Choose a file that holds one architecture."
            )
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"found bytes that are not UTF-8 (at byte {error.start}), expected JSON text. "
            "Choose another file, or save it as UTF-8."
        ) from error
    except ValueError as error:  # a zero byte in the name
        raise UnknownNameError(_unknown(text)) from error
    except OSError as error:
        if not _exists(path):  # a name longer than any file's
            raise UnknownNameError(_unknown(text)) from error
        raise FormatError(
            f"found a file that cannot be read ({error.strerror}), expected one that can. "
            "Change who may read it."
        ) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _unknown(text: str) -> str:
    return (
        f"'{_shown(text)}': found no architecture of this name and no such file, "
        f"expected a name of the catalog or a JSON file. {near_names(text)}"
    )


def _shown(text: str) -> str:
    """What was typed, on one line."""
    line = "".join(letter if letter.isprintable() else "?" for letter in text[:80])
    return line if len(text) <= 80 else f"{line[:77]}..."
