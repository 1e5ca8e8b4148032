"""What a call gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


@dataclass(frozen=True, slots=True)
class Answer:
    """The object that `--json` prints, and the text for people.

    With a `complaint` the call still answers, but what it was given is bad input: exit status 2.
    """

    data: Json
    text: str
    complaint: str = ""
