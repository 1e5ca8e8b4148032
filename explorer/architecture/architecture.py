"""An architecture: blocks in execution order, a scaling, a name. A value, and a cache key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from explorer.architecture.block import Block
from explorer.architecture.scaling import Scaling


class _HashKept:
    """Room for a hash that is worked out once. No field of the value: not compared, not pickled."""

    __slots__ = ("_hash",)
    _hash: int


@dataclass(frozen=True, slots=True)
class Architecture(_HashKept):
    """A network as a value: hashable, comparable, never changed in place.

    It may have problems (`explorer.architecture.rules.problems`): such a one is drawn with them,
    and not run.
    """

    name: str
    blocks: tuple[Block, ...]
    scaling: Scaling = Scaling()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            value = hash((self.name, self.blocks, self.scaling))
            object.__setattr__(self, "_hash", value)
            return value

    def block(self, block_id: int) -> Block:
        """The block of this id. Raises KeyError where there is none."""
        return blocks_by_id(self)[block_id]

    def position(self, block_id: int) -> int:
        """Its place in the order, from 0. Raises KeyError where there is none."""
        return positions(self)[block_id]

    @property
    def outputs(self) -> tuple[Block, ...]:
        """The blocks that feed an endpoint, finest level first."""
        found = [b for b in self.blocks if b.is_output and b.level in self.scaling.output_levels]
        return tuple(sorted(found, key=lambda b: b.level))


@lru_cache(maxsize=512)
def blocks_by_id(arch: Architecture) -> Mapping[int, Block]:
    """Every block under its id.

    >>> from explorer.architecture.example import small
    >>> blocks_by_id(small())[3].level
    3
    """
    return MappingProxyType({block.id: block for block in arch.blocks})


@lru_cache(maxsize=512)
def positions(arch: Architecture) -> Mapping[int, int]:
    """The place in the order of every block id.

    >>> from explorer.architecture.example import small
    >>> positions(small())[4]
    4
    """
    return MappingProxyType({block.id: place for place, block in enumerate(arch.blocks)})
