"""The call that takes weights in from elsewhere."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer.architecture.errors import ArchitectureError
from explorer.architecture.rules import problems
from explorer.catalog import resolve
from explorer.cli.answer import Answer, Json

if TYPE_CHECKING:
    from explorer.network.importing import ImportReport

SHOWN = 8
"""Names of a list on the terminal; `--json` has them all."""


def import_checkpoint(options: argparse.Namespace) -> Answer:
    """A safetensors file of ours, and what was matched, missing, left over or of another shape."""
    from explorer.network.importing import import_weights, write_weights

    arch = resolve(options.arch)
    if found := problems(arch):
        raise ArchitectureError(found)
    head = None if options.head is None else options.head == "retinanet"
    imported = import_weights(options.file, arch, head=head, table=options.table)
    write_weights(options.output, imported, arch)
    report = imported.report
    data: dict[str, Json] = {
        "name": arch.name,
        "source": report.title,
        "file": str(options.output),
        "head": report.head,
        "matched": len(report.matched),
        "wanted": report.wanted,
        "missing": list(report.missing),
        "unused": list(report.unused),
        "reshaped": [
            {"name": one.name, "found": list(one.found), "expected": list(one.expected)}
            for one in report.reshaped
        ],
        "notes": list(report.notes),
    }
    return Answer(data, f"{report_text(report)}\nWritten to {options.output}")


def report_text(report: ImportReport) -> str:
    """The report as a table, with the first names of each list."""
    lines = [
        f"{report.title}: {len(report.matched)} of {report.wanted} parameters matched",
        f"  {'part':<12}{'matched':>9}{'missing':>9}{'other shape':>13}",
    ]
    lines += [
        f"  {row.name:<12}{row.matched:>9}{row.missing:>9}{row.reshaped:>13}"
        for row in report.parts()
    ]
    lines.append(f"  {'left over in the file':<21}{len(report.unused):>22}")
    lines += _list("Missing, seeded values instead", report.missing)
    lines += _list(
        "Of another shape, seeded values instead",
        [f"{one.name}: {_shape(one.found)} for {_shape(one.expected)}" for one in report.reshaped],
    )
    lines += _list("Left over", report.unused)
    return "\n".join([*lines, *(f"Note: {note}" for note in report.notes)])


def _list(title: str, names: tuple[str, ...] | list[str]) -> list[str]:
    if not names:
        return []
    more = [f"  … and {len(names) - SHOWN} more (--json has all)"] if len(names) > SHOWN else []
    return [f"{title}:", *(f"  {name}" for name in names[:SHOWN]), *more]


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "another"
