"""The call that leads from one architecture to another."""

from __future__ import annotations

import argparse

from explorer.architecture.architecture import Architecture
from explorer.architecture.route import route as find_route
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json
from explorer.cli.calls import wants_head
from explorer.cost.cost import cost
from explorer.cost.units import macs_text, params_text


def route(options: argparse.Namespace) -> Answer:
    """Legal edits from one architecture to another, with the cost after each."""
    a, b = resolve(options.a), resolve(options.b)
    found = find_route(a, b)
    with_head = wants_head(options, a, b)
    costs = [_cost(arch, options.size, with_head) for arch in found.architectures]
    edits: list[Json] = [
        {
            "edit": step.edit.name,
            "args": [list(arg) if isinstance(arg, tuple) else arg for arg in step.edit.args],
            "text": step.edit.text,
            "macs": macs,
            "params": params,
        }
        for step, (macs, params) in zip(found.steps, costs[1:], strict=True)
    ]
    data: dict[str, Json] = {
        "from": a.name,
        "to": b.name,
        "size": options.size,
        "head": "retinanet" if with_head else "none",
        "macs": costs[0][0],
        "params": costs[0][1],
        "edits": edits,
        "distance": found.distance,
        "renamed": [{"goal": goal, "route": here} for goal, here in found.renamed],
    }
    lines = [f"{a.name} → {b.name}: {len(edits)} edits, distance {found.distance}"]
    lines.append(f"{'':<44}{_text(*costs[0])}")
    lines += [
        f"  {step.edit.text:<42}{_text(*counted)}"
        for step, counted in zip(found.steps, costs[1:], strict=True)
    ]
    return Answer(data, "\n".join(lines))


def _cost(arch: Architecture, size: int, with_head: bool) -> tuple[int, int]:
    counted = cost(arch, size, with_head)
    return counted.macs, counted.params


def _text(macs: int, params: int) -> str:
    return f"{macs_text(macs):>11} MACs {params_text(params):>10} parameters"
