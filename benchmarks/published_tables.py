"""Prints what we count beside what was published, row by row, and why where they differ.

    python -m benchmarks.published_tables

Counted: multiply-adds of convolutions and trainable parameters, with the RetinaNet head of 91
classes and 9 anchors. Published FLOPs come from TensorFlow's profiler, which adds bias, sum, pool
and norm operations: 0.05 to 0.25 % of the whole. Exit status 1 where a row is off without a reason.
"""

from __future__ import annotations

import sys

from explorer.catalog.entries import Entry, Published, entries
from explorer.cost.cost import cost

WITHIN = 0.5
"""Per cent."""
CLASSES = 1001
"""Published ResNets end in a linear layer to these; ours end before, so it is added here."""
REASONS = {
    "spinenet-49s": "the released code has 128 endpoint filters; the released checkpoint, which "
    "these numbers are of, has 256: see spinenet-49s-256",
    "mobile-spinenet-49": "2.34 in the zoo of the first code, 2.32 in the later one's; both codes "
    "count as we do",
}


def main() -> int:
    print(
        f"{'network':<19}{'px':>5} {'FLOPs (G)':>20} {'error':>8} {'params (M)':>17} {'error':>8}"
    )
    unexplained = 0
    for entry in entries():
        seen = set()
        for row in entry.published:
            key = (row.size, row.flops_b, row.params_m)
            if (row.flops_b or row.params_m) and key not in seen:
                seen.add(key)
                unexplained += _print_row(entry, row)
    print(f"\n{unexplained} rows off by more than {WITHIN} % without a reason")
    return int(unexplained > 0)


def _print_row(entry: Entry, row: Published) -> bool:
    """One line; whether it is off without a reason."""
    ours = cost(entry.architecture, row.size, row.head == "retinanet")
    macs, params = ours.macs, ours.params
    if row.head == "classifier":
        last = entry.architecture.blocks[-1]
        linear = entry.architecture.scaling.out_channels(last.op, last.level) * CLASSES
        macs, params = macs + linear, params + linear + CLASSES
    flops_off, flops = _compared(macs / 1e9, row.flops_b)
    params_off, params_text = _compared(params / 1e6, row.params_m)
    print(f"{entry.name:<19}{row.size:>5} {flops} {params_text}")
    if not (flops_off or params_off):
        return False
    rounded = _rounds_to(macs / 1e9, row.flops_b) and _rounds_to(params / 1e6, row.params_m)
    reason = "within the rounding of what is printed" if rounded else REASONS.get(entry.name)
    print(f"{'':<19}      why: {reason or 'not known'}")
    return reason is None


def _rounds_to(counted: float, published: float | None) -> bool:
    """Whether it is the published number to the digits that are printed there."""
    if published is None:
        return True
    return round(counted, len(str(published).partition(".")[2])) == published


def _compared(counted: float, published: float | None) -> tuple[bool, str]:
    if published is None:
        return False, f"{counted:>10.3f} {'-':>9} {'':>8}"
    error = 100 * (counted / published - 1)
    return abs(error) > WITHIN, f"{counted:>10.3f} {published:>9} {error:>+7.2f}%"


if __name__ == "__main__":
    sys.exit(main())
