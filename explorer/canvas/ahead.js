// What was done and has not come back yet is taken as done, so that hands may be faster than the
// page: of two presses of the same arrow the second starts where the first ended. Only what a next
// gesture builds on is foreseen; what is drawn and counted comes from Python.

const FORESEEN = { set_level: "level", set_op: "op", set_repeats: "repeats", set_output: "is_output" };

Object.assign(Canvas.prototype, {
  foreseeAll() {
    this.ahead = structuredClone(this.scene.blocks);
    this.order = this.scene.drawing.nodes.map((node) => node.id);
    for (const one of this.waiting) this.foresee(one);
  },

  foresee({ kind, edits, block, slot }) {
    if (kind === "select") this.scene.selected = { block, slot };
    if (kind === "edit") this.scene.can_undo = true;
    if (kind === "undo") this.scene.can_redo = true;
    for (const edit of edits || []) this.foreseeEdit(edit);
  },

  foreseeEdit([name, id, first, second]) {
    const block = this.ahead[id];
    if (FORESEEN[name] && block) block[FORESEEN[name]] = first;
    else if (name === "rewire" && block) {
      block.parents = [...block.parents.slice(0, first), second, ...block.parents.slice(first + 1)];
    } else if (name === "disconnect" && block) {
      block.parents = block.parents.filter((_, slot) => slot !== first);
    } else if (name === "move" && block) {
      this.order = this.order.filter((one) => one !== id);
      this.order.splice(first, 0, id);
    }
  },
});
