"""Texts of lessons: numbers are computed where they stand, terms are glossed where they come up."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from explorer.architecture.errors import FormatError
from explorer.cost.units import (
    macs_text,
    nbytes_text,
    params_text,
    signed_macs_text,
)
from explorer.lessons.expressions import Names, Value, evaluate

GLOSSARY = Path(__file__).parent / "data" / "glossary.toml"
FIELD = re.compile(r"\{([^{}|]+)(?:\|([^{}|]+))?\}")
TERM = re.compile(r"\[\[([^\[\]]+)\]\]")
_EXPONENT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def _scientific(value: Value) -> str:
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa} · 10{str(int(exponent)).translate(_EXPONENT)}"


_FORMATS: Mapping[str, Callable[[Value], str]] = MappingProxyType(
    {
        "": lambda value: f"{value:,}" if isinstance(value, int) else f"{value:g}",
        "G": lambda value: macs_text(int(value)),
        "+G": lambda value: signed_macs_text(int(value)),
        "M": lambda value: params_text(int(value)),
        "B": lambda value: nbytes_text(int(value)),
        "%": lambda value: f"{100 * value:.0f} %",
        "+%": lambda value: f"{100 * value:+.1f} %".replace("-", "−"),
        "1": lambda value: f"{value:.1f}",
        "2": lambda value: f"{value:.2f}",
        "3": lambda value: f"{value:.3f}",
        "0": lambda value: f"{value:,.0f}",
        "e": _scientific,
        "yes": lambda value: "yes" if value else "no",
    }
)


def filled(text: str, names: Names) -> str:
    """The text with each `{expression|format}` computed, and terms in bold.

    Formats: `G` multiply-adds, `+G` a difference of them, `M` parameters, `B` bytes, `%`, `+%` a
    difference in per cent, `0` to `3` digits after the point, `e` a power of ten, `yes` or no;
    without one, a plain number.

    >>> filled("[[MACs]]: {macs('spinenet-49')|G}, {1 / 3|%}", {})
    '**MACs**: 28.26 G, 33 %'
    """

    def computed(match: re.Match[str]) -> str:
        form = (match[2] or "").strip()
        if form not in _FORMATS:
            raise FormatError(f"A lesson's text: found the format {form!r}. Choose another.")
        return _FORMATS[form](evaluate(match[1], names))

    return TERM.sub(lambda match: f"**{match[1].split('/')[0]}**", FIELD.sub(computed, text))


def terms(text: str) -> tuple[str, ...]:
    """The terms that a text marks, in order: `[[levels/level]]` shows one word, means another.

    >>> terms("A [[level]] and [[paths/path]].")
    ('level', 'path')
    """
    return tuple(dict.fromkeys(match.split("/")[-1] for match in TERM.findall(text)))


def mentioned(text: str) -> tuple[str, ...]:
    """The terms of the glossary that a text uses, marked or not, as the glossary orders them.

    >>> mentioned("Paths to {outputs(here)} outputs, each with a bottleneck level.")
    ('output', 'path', 'bottleneck level')
    """
    plain = TERM.sub(lambda match: match[1].split("/")[0], FIELD.sub("", text))
    found = set()
    for term in sorted(glossary(), key=len, reverse=True):
        same_case = re.NOFLAG if term != term.lower() else re.IGNORECASE
        pattern = re.compile(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", same_case)
        if pattern.search(plain):
            found.add(term)
            plain = pattern.sub("", plain)
    return tuple(term for term in glossary() if term in found)


@cache
def glossary() -> Mapping[str, str]:
    """What each term means, in one sentence."""
    found: dict[str, str] = tomllib.loads(GLOSSARY.read_text(encoding="utf-8"))
    return MappingProxyType(found)


def glosses(text: str) -> tuple[tuple[str, str], ...]:
    """The terms of a text, each with its meaning. Raises FormatError for one without a meaning."""
    missing = [term for term in terms(text) if term not in glossary()]
    if missing:
        raise FormatError(f"The glossary: found no {missing[0]!r}. Add it.")
    return tuple((term, glossary()[term]) for term in terms(text))
