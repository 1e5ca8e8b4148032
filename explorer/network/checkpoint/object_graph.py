"""The objects that a checkpoint was written from: layers, their variables, who holds whom.

Source: tensorflow `core/protobuf/trackable_object_graph.proto`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from explorer.architecture.errors import FormatError
from explorer.network.checkpoint.wire import fields, text

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
MAX_NBYTES = 1 << 24
"""The largest graph that is read; an official model's has a few hundred thousand bytes."""
MAX_NODES = 100_000


@dataclass(frozen=True, slots=True)
class Variable:
    """A stored value: `full_name` is Keras's (`conv2d_5/kernel`), `key` the checkpoint's."""

    full_name: str
    key: str


@dataclass(frozen=True, slots=True)
class Node:
    """An object: its children as (name, place in the graph), and its own stored values."""

    children: tuple[tuple[str, int], ...]
    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class ObjectGraph:
    """All objects; the first is the root. An object may be held by several others, or in a loop."""

    nodes: tuple[Node, ...]

    def holder_of(self, child: str) -> int | None:
        """The nearest object to the root that holds a child of this name, or None.

        Nearest, and then first in order: `backbone` before `model`'s `_backbone`.
        """
        return next(
            (
                i
                for i in self._outward()
                if any(name == child for name, _ in self.nodes[i].children)
            ),
            None,
        )

    def variables_under(
        self, start: int, most: int | None = None
    ) -> Iterator[tuple[str, Variable]]:
        """Every stored value below one object, with its path there (`_conv1/kernel`), each once.

        `most`: look at no more objects than so many; None looks at all.
        """
        waiting = deque([(start, "")])
        seen = {start}
        while waiting:
            place, path = waiting.popleft()
            for variable in self.nodes[place].variables:
                yield path, variable
            for name, child in self.nodes[place].children:
                if child not in seen and (most is None or len(seen) < most):
                    seen.add(child)
                    waiting.append((child, f"{path}/{name}" if path else name))

    def _outward(self) -> Iterator[int]:
        """Every object that the root reaches, nearest first."""
        order = [0] if self.nodes else []
        seen = set(order)
        for place in order:
            yield place
            for _, child in self.nodes[place].children:
                if child not in seen:
                    seen.add(child)
                    order.append(child)


def read_object_graph(data: bytes) -> ObjectGraph:
    """The graph of a serialized TrackableObjectGraph. Raises FormatError where it is damaged.

    >>> read_object_graph(bytes([0x0A, 0x00])).nodes
    (Node(children=(), variables=()),)
    """
    if len(data) > MAX_NBYTES:
        raise FormatError(f"{KEY} has {len(data)} bytes, at most {MAX_NBYTES} are expected.")
    nodes = tuple(_node(field.data) for field in fields(data, KEY) if field.tag == 1)
    if len(nodes) > MAX_NODES:
        raise FormatError(f"{KEY} has {len(nodes)} objects, at most {MAX_NODES} are expected.")
    for node in nodes:
        for name, child in node.children:
            if child >= len(nodes):
                raise FormatError(
                    f"{KEY} is damaged: {name} is object {child} of {len(nodes)}. Get a fresh copy."
                )
    return ObjectGraph(nodes)


def _node(data: memoryview) -> Node:
    children, variables = [], []
    for field in fields(data, KEY):
        if field.tag == 1:
            names, place = _texts_and_number(field.data)
            children.append((names.get(2, ""), place))
        elif field.tag == 2:
            names, _ = _texts_and_number(field.data)
            variables.append(Variable(names.get(2, ""), names.get(3, "")))
    return Node(tuple(children), tuple(variables))


def _texts_and_number(data: memoryview) -> tuple[dict[int, str], int]:
    """The text fields of a message by tag, and its first field's number."""
    texts: dict[int, str] = {}
    number = 0
    for field in fields(data, KEY):
        if field.tag == 1 and not len(field.data):
            number = field.number
        elif len(field.data):
            texts[field.tag] = text(field.data, KEY)
    return texts, number
