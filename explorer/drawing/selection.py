"""What is selected in a drawing, and what belongs to it."""

from __future__ import annotations

from explorer.drawing.drawing import Drawing, Wire

Selected = int | tuple[int, int]
"""A block's id, or (child, slot) of a link."""


class Chosen:
    """What is selected, and what belongs to it."""

    def __init__(self, drawing: Drawing, selected: Selected | None) -> None:
        self.blocks: set[int] = set()
        self.wires: set[tuple[int | None, int | None, int]] = set()
        self.block = selected if isinstance(selected, int) else None
        if any(node.id == selected for node in drawing.nodes):
            self.blocks |= {selected} if isinstance(selected, int) else set()
        for wire in drawing.wires:
            ends = {end for end in (wire.parent, wire.child) if end is not None}
            if selected in ends or (len(ends) == 2 and (wire.child, wire.slot) == selected):
                self.wires.add((wire.parent, wire.child, wire.slot))
                self.blocks |= ends

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return bool(self.blocks)

    def has(self, wire: Wire) -> bool:
        """Whether a wire is selected, or leaves or enters what is."""
        return (wire.parent, wire.child, wire.slot) in self.wires

    def recedes(self, wire: Wire) -> bool:
        """Whether a wire steps back for others."""
        return self.any and not self.has(wire)
