"""From what a person typed to an architecture: a name of the catalog, or a file."""

from __future__ import annotations

import re
from pathlib import Path

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.catalog.entries import entry, names, near_names

MAX_NBYTES = 2_000_000
"""The largest file that is read; one of 2,000 blocks has about 200,000 bytes."""
_SPECS = re.compile(r'\s*\[|.*?["\']block_specs["\']\s*:', re.DOTALL)
"""A bare list of specs, or an object that has them: the official words, not ours."""


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
    name = text.strip().casefold()
    if name in names():
        return entry(name).architecture
    return from_text(_read(text))


def from_text(content: str) -> Architecture:
    """The architecture that a file's text holds, in our JSON or as an official spec file.

    Raises
    ------
    FormatError: where it holds something else.
    """
    from explorer.architecture.block_specs import read_block_specs
    from explorer.architecture.codec import from_json

    if len(content) > MAX_NBYTES:
        raise FormatError(
            f"Found {len(content):,} characters, expected at most {MAX_NBYTES:,}. "
            "Choose a file that holds one architecture."
        )
    return read_block_specs(content) if _SPECS.match(content) else from_json(content)


def _read(text: str) -> str:
    """The text of a file that a person named."""
    path = Path(text)
    try:
        if path.is_dir():
            raise FormatError(f"{text}: found a folder, expected a JSON file. Name a file in it.")
        if not path.exists():
            raise UnknownNameError(_unknown(text))
        if not path.is_file():
            raise FormatError(f"{text}: found no ordinary file, expected a JSON file.")
        nbytes = path.stat().st_size
        if nbytes > MAX_NBYTES:
            raise FormatError(
                f"{text}: found {nbytes:,} bytes, expected at most {MAX_NBYTES:,}. "
                "Choose a file that holds one architecture."
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{text}: found bytes that are not UTF-8 (at {error.start}), expected JSON text. "
            "Save it as UTF-8."
        ) from error
    except (OSError, ValueError) as error:
        # ValueError: a zero byte in the name. OSError: no permission, a name that is too long.
        if len(text) > 200 or "\0" in text:
            raise UnknownNameError(_unknown(text)) from error
        raise FormatError(
            f"{text}: cannot be read ({error}). Check that you may read it."
        ) from error


def _unknown(text: str) -> str:
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return (
        f"'{shown}': found no such name and no such file, "
        f"expected a catalog name or a JSON file. {near_names(text)}"
    )
