"""Tables that say which weight of another PyTorch code is which parameter of ours: data, no code.

Those of `data/` are for the two public ports of SpineNet and for torchvision's ResNets; a person
can write another. Names go through the first rule that matches. A name that starts with `places`
counts blocks by their place in the order, one that starts with `stages` by level and place in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from explorer.architecture.errors import FormatError, UnknownNameError
from explorer.architecture.strict_json import Fields, parse, shown
from explorer.network.ports.rules import Rule

FOLDER = Path(__file__).with_name("data")
VERSION = 1
MAX_RULES = 500
MAX_TABLE_NBYTES = 1_000_000
_KEYS = (
    *("version", "like", "title", "source", "differences", "prefixes", "left_out"),
    *("rules", "zeros", "orders"),
)


@dataclass(frozen=True, slots=True)
class Order:
    """How the outputs of a convolution are put into another order.

    The first axis is taken apart into `axes`, of these `sizes` (one may be left open), entries are
    taken along an axis in another order, and the axes are put together again as `becomes`.
    """

    names: Rule
    """Of our parameters that it is for."""
    axes: tuple[str, ...]
    sizes: Mapping[str, int]
    take: Mapping[str, tuple[int, ...]]
    becomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortTable:
    """From the names of a port to ours."""

    name: str
    title: str
    source: tuple[str, ...]
    """Where the names and orders were read."""
    differences: tuple[str, ...]
    """What weights cannot tell: where that code computes something else than this."""
    prefixes: tuple[str, ...]
    """Taken off names that start with them, one after the other."""
    left_out: tuple[Rule, ...]
    """Names that mean nothing here."""
    rules: tuple[Rule, ...]
    zeros: tuple[Rule, ...]
    """Parameters of ours that the port does not have, which is as if they were zero."""
    orders: tuple[Order, ...]

    def name_for(self, name: str) -> str | None:
        """Our name of the port's; "" for what is left out, None for what no rule knows.

        >>> load_table("lucifer443").name_for("backbone.endpoint_convs.3.bn.bias")
        'endpoints.3.bn.bias'
        """
        for prefix in self.prefixes:
            name = name.removeprefix(prefix)
        if any(rule.name_for(name) is not None for rule in self.left_out):
            return ""
        for rule in self.rules:
            found = rule.name_for(name)
            if found is not None:
                return found
        return None


def shipped() -> tuple[str, ...]:
    """The names of the tables that come along.

    >>> shipped()
    ('lucifer443', 'torchvision', 'yan-roo')
    """
    return tuple(sorted(file.stem for file in FOLDER.glob("*.json")))


def load_table(name: str | Path) -> PortTable:
    """The table of this name, or of a table file.

    Raises
    ------
    UnknownNameError: where there is neither.
    FormatError: where the file is no table.
    """
    if str(name) in shipped():
        return _read(FOLDER / f"{name}.json")
    path = Path(name)
    if path.suffix != ".json" or not path.is_file():
        raise UnknownNameError(
            f"{name}: found no table of this name, expected {', '.join(shipped())} or a .json file "
            "of your own. Choose one of these."
        )
    return _read(path)


def _read(path: Path) -> PortTable:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_TABLE_NBYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: found no readable text ({error}). Choose a table.") from None
    return table_from_json(text, path.stem)


def table_from_json(text: str, name: str) -> PortTable:
    """The table that a text holds. Raises FormatError where it is no table.

    >>> table_from_json('{"version": 1, "rules": [["fc.{leaf}", "head.{leaf}"]]}', "mine").title
    'mine'
    """
    whole = Fields.of(parse(text, f"The table {name}", MAX_TABLE_NBYTES), f"The table {name}")
    whole.version(VERSION)
    whole.only(_KEYS)
    base = _base(whole, name)
    rules, texts = partial(_rules, whole), partial(_texts, whole)
    orders = [Fields.of(one, f"{whole.where}, orders") for one in _list(whole, "orders")]
    table = PortTable(
        name=name,
        title=whole.text("title", name),
        source=texts("source") or base.source,
        differences=texts("differences") or base.differences,
        prefixes=texts("prefixes") or base.prefixes,
        left_out=rules("left_out") or base.left_out,
        rules=tuple(_rule(whole, "rules", one) for one in _list(whole, "rules")) or base.rules,
        zeros=rules("zeros") or base.zeros,
        orders=tuple(map(_order, orders)) or base.orders,
    )
    if not table.rules:
        raise FormatError(f"The table {name}: found no rules, expected at least one. Add it.")
    return table


def _base(whole: Fields, name: str) -> PortTable:
    """The table that this one begins as: where it says nothing, that holds."""
    like = whole.values.get("like")
    if like is None:
        return PortTable(name, name, (), (), (), (), (), (), ())
    if like not in shipped() or like == name:
        raise FormatError(
            f"{whole.where}, like: found {shown(like)}, expected one of {', '.join(shipped())}. "
            "Correct it."
        )
    return load_table(like)


def _list(fields: Fields, key: str) -> list[object]:
    value = fields.values.get(key, [])
    if not isinstance(value, list) or len(value) > MAX_RULES:
        raise FormatError(
            f"{fields.where}, {key}: found {shown(value)}, expected a list of at most "
            f"{MAX_RULES}. Correct it."
        )
    return value


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    found = []
    for value in _list(fields, key):
        if not isinstance(value, str):
            raise FormatError(
                f"{fields.where}, {key}: found {shown(value)}, expected text in quotes. Correct it."
            )
        found.append(value)
    return tuple(found)


def _rules(fields: Fields, key: str) -> tuple[Rule, ...]:
    """Patterns that stand alone."""
    return tuple(_rule(fields, key, (text, "")) for text in _texts(fields, key))


def _rule(fields: Fields, key: str, pair: object) -> Rule:
    where = f"{fields.where}, {key}"
    if not isinstance(pair, list | tuple) or [type(one) for one in pair] != [str, str]:
        raise FormatError(
            f'{where}: found {shown(pair)}, expected ["name there", "name here"]. Correct it.'
        )
    rule = Rule(*pair)
    rule.check(where)
    return rule


def _order(fields: Fields) -> Order:
    fields.only(("names", "axes", "sizes", "take", "becomes"))
    axes, becomes = _texts(fields, "axes"), _texts(fields, "becomes")
    inner, taken = fields.inner("sizes"), fields.inner("take")
    sizes = {axis: inner.whole(axis, None, 1, 4096) for axis in inner.values}
    take = {axis: taken.wholes(axis, (), 4096, 0, 4095) for axis in taken.values}
    known = set(axes)
    if (
        sorted(becomes) != sorted(axes)
        or len(known) < len(axes)
        or set(sizes) - known
        or set(take) - set(sizes)
        or len(axes) - len(sizes) > 1
        or any(sorted(order) != list(range(sizes[axis])) for axis, order in take.items())
    ):
        raise FormatError(
            f"{fields.where}: found axes {', '.join(axes)[:80]} that do not go together, expected "
            "the same names in becomes, a size for all but one, and each entry taken once. "
            "Correct it."
        )
    return Order(_rule(fields, "names", (fields.text("names", ""), "")), axes, sizes, take, becomes)
