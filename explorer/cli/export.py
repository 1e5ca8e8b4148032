"""The call that writes an architecture for another program."""

from __future__ import annotations

import argparse

from explorer.cli.answer import Answer, Json
from explorer.cli.asked import asked_architecture
from explorer.network.export.files import Target, export_bytes, write_whole

TARGETS = tuple(Target)


def export(options: argparse.Namespace) -> Answer:
    """A file in the form of `--to`, written whole or not at all."""
    arch, target = asked_architecture(options), Target(options.to)
    weights = None
    if options.weights:
        from explorer.network.weights import load_weights

        weights = load_weights(options.weights)
    head = None if options.head is None else options.head == "retinanet"
    made = export_bytes(arch, target, weights, head=head, size=options.size, seed=options.seed)
    write_whole(options.output, made.data)
    data: dict[str, Json] = {
        "name": arch.name,
        "to": target.value,
        "file": str(options.output),
        "nbytes": len(made.data),
        "note": made.note,
    }
    text = f"{options.output}: {arch.name} as {target}, {len(made.data):,} bytes. {made.note}"
    return Answer(data, text.rstrip())
