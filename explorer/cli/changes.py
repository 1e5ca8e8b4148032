"""The calls that edit and compare: what each prints."""

from __future__ import annotations

import argparse
import json

from explorer.architecture import codec
from explorer.architecture.difference import difference
from explorer.architecture.rules import problems
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json
from explorer.cli.calls import block_data, link_data, shown_data, wants_head
from explorer.cli.edit_options import edits_from_words
from explorer.cost.causes import Cause, difference_text
from explorer.cost.cost import cost
from explorer.cost.explain import explain


def edit(options: argparse.Namespace) -> Answer:
    """The architecture after edits, and the cost difference by cause."""
    before = resolve(options.arch)
    after = before
    for step in edits_from_words(options.edits):
        after = step.apply(after)
    text = codec.to_json(after)
    change: Json = None
    spoken = f"{before.name} had problems, so it had no cost to compare with."
    if not problems(before) and not problems(after):
        with_head = wants_head(options, before, after)
        causes = explain(before, after, options.size, with_head)
        change, spoken = _causes(causes, options.size, with_head), difference_text(causes)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    data: dict[str, Json] = {
        **shown_data(after),
        "architecture": json.loads(text),
        "difference": change,
        "file": str(options.output) if options.output else None,
    }
    left = problems(after)
    return Answer(
        data, f"{spoken}\nWritten to {options.output}" if options.output else text,
        complaint=str(left[0]) if left else "",
    )  # fmt: skip


def _causes(causes: tuple[Cause, ...], size: int, with_head: bool) -> Json:
    return {
        "size": size,
        "head": "retinanet" if with_head else "none",
        "macs": sum(cause.macs for cause in causes),
        "params": sum(cause.params for cause in causes),
        "causes": [
            {"text": cause.text, "macs": cause.macs, "params": cause.params} for cause in causes
        ],
    }


def diff(options: argparse.Namespace) -> Answer:
    """Blocks and links added, removed and changed between two architectures, and their costs."""
    a, b = resolve(options.a), resolve(options.b)
    found = difference(a, b)
    with_head = wants_head(options, a, b)
    costs: dict[str, Json] = {
        side: {"name": arch.name, "macs": counted.macs, "params": counted.params}
        for side, arch in (("a", a), ("b", b))
        for counted in (cost(arch, options.size, with_head),)
    }
    causes = explain(a, b, options.size, with_head)
    data: dict[str, Json] = {
        "blocks": {
            "added": [block_data(block) for block in found.blocks_added],
            "removed": [block_data(block) for block in found.blocks_removed],
            "changed": [
                {
                    "id": change.before.id,
                    "fields": list(change.fields),
                    "before": block_data(change.before),
                    "after": block_data(change.after),
                }
                for change in found.blocks_changed
            ],
            "moved": list(found.moved),
        },
        "links": {
            "added": [link_data(link) for link in found.links_added],
            "removed": [link_data(link) for link in found.links_removed],
            "changed": [
                {"before": link_data(change.before), "after": link_data(change.after)}
                for change in found.links_changed
            ],
        },
        "scaling": list(found.scaling_changed),
        "costs": costs,
        "difference": _causes(causes, options.size, with_head),
        "distance": found.distance,
    }
    lines = [f"{a.name} → {b.name}: {found.distance} differences"]
    lines += [f"  b{block.id} added" for block in found.blocks_added]
    lines += [f"  b{block.id} removed" for block in found.blocks_removed]
    lines += [
        f"  b{change.before.id}: "
        + ", ".join(
            f"{name} {getattr(change.before, name)} → {getattr(change.after, name)}"
            for name in change.fields
        )
        for change in found.blocks_changed
    ]
    lines += [f"  b{block_id} moved in the order" for block_id in found.moved]
    lines += [
        f"  b{change.before.child}, slot {change.before.slot}: reads b{change.before.parent} → "
        f"b{change.after.parent}"
        for change in found.links_changed
    ]
    lines += [f"  b{link.child} also reads b{link.parent}" for link in found.links_added]
    lines += [f"  b{link.child} no longer reads b{link.parent}" for link in found.links_removed]
    return Answer(data, "\n".join([*lines, difference_text(causes)]))
