"""What a machine can run: networks beyond it are refused before torch allocates anything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from explorer.architecture.architecture import Architecture
from explorer.architecture.errors import ExplorerError
from explorer.architecture.layers import Size
from explorer.cost.cost import cost
from explorer.cost.units import macs_text, nbytes_text

MOST_MACS = 8_000_000_000_000
"""Four times SpineNet-190 at 1280 pixels: minutes on a small CPU."""
SHARE = 0.8
"""Of the free memory, what one network may take."""
EAGER = 2
"""Times the estimate: what torch was measured to take at most (SpineNet-49, 256 to 1024 pixels),
with the temporaries of eager operations and the allocator's gaps."""
UNKNOWN_NBYTES = 2_000_000_000
"""Assumed to be free where the system does not say."""


class BudgetError(ExplorerError):
    """A network that needs more than the machine has; nothing has been allocated."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one forward may take."""

    max_macs: int = MOST_MACS
    max_nbytes: int = UNKNOWN_NBYTES
    """Parameters and feature maps together."""


def machine_budget() -> Budget:
    """What this machine can run at this moment."""
    return Budget(max_nbytes=int(SHARE * free_nbytes()))


def check_budget(
    arch: Architecture, size: Size, budget: Budget, head: bool = False, batch: int = 1
) -> None:
    """Returns where `budget` holds a forward of `batch` images of `size` (height, width).

    Raises
    ------
    BudgetError: where it does not; the text says what is needed, what there is, and the mend.
    ArchitectureError, SizeError: as `explorer.cost.cost.cost`.

    >>> from explorer.architecture.block import Block, Op
    >>> arch = Architecture("one", (Block(0, Op.RESIDUAL, 3, is_output=True, resampled=False),))
    >>> check_budget(arch, (640, 640), Budget(max_macs=1000))
    Traceback (most recent call last):
    ...
    explorer.network.budget.BudgetError: one at 640x640: found 2.64 GMACs, expected at most 1.00 \
kMACs. Choose a smaller image, or a narrower or shorter network.
    """
    counted = cost(arch, size, head)
    macs = counted.macs * batch
    params = 4 * counted.params
    nbytes = EAGER * (params + (counted.peak_nbytes - params) * batch)
    where = f"{arch.name} at {size[0]}x{size[1]}"
    mend = "Choose a smaller image, or a narrower or shorter network."
    if macs > budget.max_macs:
        found, most = macs_text(macs), macs_text(budget.max_macs)
        raise BudgetError(f"{where}: found {found}MACs, expected at most {most}MACs. {mend}")
    if nbytes > budget.max_nbytes:
        found, most = nbytes_text(nbytes), nbytes_text(budget.max_nbytes)
        raise BudgetError(
            f"{where}: found about {found} of parameters and feature maps, expected at most "
            f"{most}, which this machine has free. {mend}"
        )


def free_nbytes() -> int:
    """Memory that can be had now: the system's, and the container's where there is a limit.

    >>> free_nbytes() > 0
    True
    """
    limits = [
        found
        for found in (_system_nbytes(), _container_nbytes(Path("/sys/fs/cgroup")))
        if found is not None
    ]
    return max(0, min(limits)) if limits else UNKNOWN_NBYTES


def _system_nbytes() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _container_nbytes(folder: Path) -> int | None:
    """What control groups (version 2) leave to this container; caches of files can be given up."""
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        stat = dict(map(str.split, (folder / "memory.stat").read_text("ascii").splitlines()))
        return None if limit == "max" else int(limit) - used + int(stat.get("inactive_file", 0))
    except (OSError, ValueError):
        return None
