"""Seeded random edits, for tests that follow an architecture through a history."""

from __future__ import annotations

from random import Random

from explorer.architecture.architecture import Architecture
from explorer.architecture.block import Op
from explorer.architecture.edits import Edit, EditArg, Follow
from explorer.architecture.errors import EditError


def random_edit(arch: Architecture, rng: Random) -> Edit:
    """An edit of any kind with arguments that are mostly, and not always, possible."""
    ids = [block.id for block in arch.blocks]
    free = [block.id for block in arch.blocks if not block.in_stem] or ids
    block = rng.choice(free if rng.random() < 0.95 else [*ids, max(ids) + 1])
    other = rng.choice(free if rng.random() < 0.95 else ids)
    slots = len(arch.block(block).parents) if block in ids else 1
    earlier = ids[: arch.position(block)] if block in ids else []
    parent = rng.choice(earlier if earlier and rng.random() < 0.85 else ids)
    follow = rng.choice(list(Follow))
    position = rng.randrange(len(ids) - len(free), len(ids))
    op = rng.choice([Op.BOTTLENECK, Op.RESIDUAL, Op.MBCONV, *Op])
    level = rng.randint(1, 7) if rng.random() < 0.95 else rng.choice([0, 8])
    parents = tuple(rng.sample(ids[: position or 1], min(len(ids[: position or 1]), 2)))
    choices: dict[str, tuple[EditArg, ...]] = {
        "set_level": (block, level),
        "swap": (block, other, follow),
        "move": (block, position, follow),
        "rewire": (block, rng.randint(0, slots), parent),
        "disconnect": (block, rng.randrange(max(slots, 1))),
        "set_op": (block, op),
        "set_output": (block, rng.random() < 0.5),
        "set_repeats": (block, rng.choice([None, 1, 2, 3])),
        "add": (op, level, parents, rng.choice([None, position])),
        "remove": (block,),
    }
    names = [name for name in choices if name != "remove" or len(ids) > 4]
    name = rng.choice(names)
    return Edit(name, choices[name])


def random_step(arch: Architecture, rng: Random) -> tuple[Edit, Architecture]:
    """An edit that succeeds, and what it makes of `arch`. Networks stay below about 24 blocks."""
    while True:
        edit = random_edit(arch, rng)
        if edit.name == "add" and len(arch.blocks) > 24:
            continue
        try:
            return edit, edit.apply(arch)
        except EditError:
            continue
