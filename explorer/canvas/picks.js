// Choosing another block by key, for a swap or a wire.

Object.assign(Canvas.prototype, {
  startPick(kind, block) {
    if (kind === "rewire" && !block.parents.length) return this.say("It reads the stem alone.");
    const target = kind === "rewire" ? block.parents[0] : this.neighbour(block.id, -1);
    this.pick = { kind, block, slot: 0, target };
    if (kind === "rewire") this.chooseWire(block.id, 0);
    this.showPick();
  },

  neighbour(id, by) {
    const at = this.order.indexOf(id) + by;
    return this.order[Math.max(0, Math.min(this.order.length - 1, at))];
  },

  movePick(by) {
    const own = this.pick.block.id;
    let next = this.neighbour(this.pick.target, by);
    if (next === own) next = this.neighbour(next, by);
    if (next !== own) this.pick.target = next;
    this.showPick();
  },

  pickPromise() {
    const { kind, target } = this.pick;
    const swaps = this.follow === "place" ? "swaps" : "swaps_block";
    return this.promise({ swap: swaps, rewire: "parents", connect: "more" }[kind], target);
  },

  showPick() {
    const { kind, block, slot, target } = this.pick;
    const found = this.pickPromise();
    const node = this.node(target);
    const doing = {
      swap: `swap b${block.id} and b${target}`,
      rewire: `b${block.id} reads b${target} in slot ${slot + 1}`,
      connect: `b${block.id} also reads b${target}`,
    }[kind];
    const text = `${doing}\n${found?.refused || found?.text || "…"}\nEnter does it, Esc lets go`;
    this.over.replaceChildren(this.outline(node, found?.refused));
    const at = {
      px: this.shift + node.x * this.scale.x * this.view.k,
      py: this.view.y + node.y * this.scale.y * this.view.k + 16,
    };
    this.showTip(at, text, Boolean(found?.refused));
    this.say(text);
  },

  endPick() {
    this.pick = null;
    this.over.replaceChildren();
    this.hideTip();
  },

  cutPick() {
    const { block, slot } = this.pick;
    this.endPick();
    this.edit(["disconnect", block.id, slot]);
  },

  finishPick() {
    const { kind, block, slot, target } = this.pick;
    this.endPick();
    this.edit(
      {
        swap: ["swap", block.id, target, this.follow],
        rewire: ["rewire", block.id, slot, target],
        connect: ["rewire", block.id, block.parents.length, target],
      }[kind],
    );
  },
});
