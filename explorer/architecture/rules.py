"""What makes an architecture one that can run: one function a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from explorer.architecture.architecture import Architecture
from explorer.architecture.block_rules import (
    MAX_PARENTS,
    ids_text,
    levels,
    parent_counts,
    parents_come_earlier,
    stem_first,
)
from explorer.architecture.errors import Problem
from explorer.architecture.link_rules import outputs, plain_step_fits, plain_steps
from explorer.architecture.whole_rules import (
    MAX_BLOCKS,
    MAX_NAME,
    MAX_REPEATS,
    name,
    scaling_ranges,
    size,
    unique_ids,
)

__all__ = [
    "MAX_BLOCKS",
    "MAX_NAME",
    "MAX_PARENTS",
    "MAX_REPEATS",
    "Rule",
    "ids_text",
    "plain_step_fits",
    "problems",
    "stage",
]

Rule = Callable[[Architecture], Iterator[Problem]]

_STAGES: tuple[tuple[Rule, ...], ...] = (
    (size, name, scaling_ranges, unique_ids),
    (levels, parents_come_earlier, parent_counts, stem_first),
    (plain_steps, outputs),
)
"""A later stage is asked only where the earlier ones found nothing."""
_STAGE_OF = {
    **dict.fromkeys(("block-count", "name-text", "scaling-range", "id-repeated", "id-negative"), 0),
    **dict.fromkeys(
        ("level-range", "repeats-range", "width-range", "parent-count", "stem-order"), 1
    ),
    **dict.fromkeys(("parent-self", "parent-missing", "parent-cycle", "parent-later"), 1),
    **dict.fromkeys(("plain-step", "pyramid-parent", "output-repeated", "output-missing"), 2),
}


@lru_cache(maxsize=1024)
def problems(arch: Architecture) -> tuple[Problem, ...]:
    """Everything that keeps `arch` from running, in the order of the rules; () where it is legal.

    A rule about links runs only where the blocks themselves are in order.

    >>> from explorer.architecture.example import small
    >>> problems(small())
    ()
    >>> print(problems(Architecture("nothing", ()))[0])
    The architecture: found 0 blocks, expected 1 to 2000. Add a block.
    """
    for rules in _STAGES:
        found = tuple(problem for rule in rules for problem in rule(arch))
        if found:
            return found
    return ()


def stage(problem: Problem) -> int:
    """How far the rules come before this problem: 0 the whole, 1 single blocks, 2 links, outputs.

    >>> stage(Problem("output-missing", "The architecture", "no output", "one", "Mark one."))
    2
    """
    return _STAGE_OF[problem.code]
