// What is done at once, by a key, a button or from the palette: each ends in edits for Python.

Object.assign(Canvas.prototype, {
  onChip(event, op) {
    event.preventDefault();
    const chip = event.target;
    chip.setPointerCapture(event.pointerId);
    const start = [event.clientX, event.clientY];
    const inside = (at) =>
      at.px > LEFT && at.py > 0 && at.py < this.height && at.px < this.stage.clientWidth;
    const move = (moving) => {
      const at = this.at(moving);
      if (!inside(at)) return this.over.replaceChildren();
      const [level, to] = [this.laneAt(at.y), this.placeFor(at.x)];
      this.over.replaceChildren(
        this.bar({ id: -1 }, to),
        element("rect", {
          class: "ghost new",
          x: at.px - 18,
          y: at.py - 16,
          width: 36,
          height: 32,
          rx: 4,
        }),
      );
      this.showTip(at, `a ${op} block on L${level}, place ${to}`);
    };
    const done = (up) => {
      chip.removeEventListener("pointermove", move);
      chip.removeEventListener("pointerup", done);
      this.over.replaceChildren();
      this.hideTip();
      const at = this.at(up);
      const clicked = Math.hypot(up.clientX - start[0], up.clientY - start[1]) < THRESHOLD;
      if (clicked) this.addAfter(this.facts(this.primary), op);
      else if (inside(at)) this.add(op, this.laneAt(at.y), this.placeFor(at.x));
    };
    chip.addEventListener("pointermove", move);
    chip.addEventListener("pointerup", done);
  },

  placeFor(x) {
    const nodes = this.scene.drawing.nodes;
    const least = nodes.filter((node) => node.in_stem).length;
    return Math.max(least, nodes.filter((node) => node.x < x).length);
  },

  // A new block reads the two blocks before it, as most blocks of a SpineNet do.
  add(op, level, to) {
    const parents = this.order.slice(Math.max(0, to - 2), to);
    this.edit(["add", op, level, parents, to]);
  },

  addAfter(block, op = "bottleneck") {
    const last = this.order[this.order.length - 1];
    const near = block || this.facts(last);
    this.add(op, near.level, this.order.indexOf(near.id) + 1);
  },

  duplicate(block) {
    const op = this.scene.ops.includes(block.op) ? block.op : "bottleneck";
    const parents = block.parents.length ? block.parents : [block.id];
    this.edit(["add", op, block.level, parents, this.order.indexOf(block.id) + 1]);
  },

  removeChosen() {
    const going = [...this.chosen].filter((id) => this.facts(id));
    if (this.wire) {
      const [child, slot] = this.wire.split(".").map(Number);
      return this.edit(["disconnect", child, slot]);
    }
    const last = this.order.filter((id) => going.includes(id)).reverse();
    this.edit(...last.map((id) => ["remove", id]));
  },

  // To another place in the order; with Shift, the neighbour there is chosen too.
  goSideways(block, by, extend) {
    const to = this.order.indexOf(block.id) + by;
    if (!extend) return this.edit(["move", block.id, to, this.follow]);
    const next = this.order[to];
    if (next === undefined) return;
    this.chosen.add(next);
    this.select(next);
    this.mark();
    this.say(`${this.chosen.size} blocks chosen`);
  },

  shiftLevel(by) {
    const moving = this.movable();
    if (!moving.length) return this.say("The stem stays as it is.");
    this.edit(...this.shifts(moving, by));
  },

  movable() {
    return [...this.chosen].filter((id) => this.facts(id) && !this.facts(id).in_stem);
  },

  // The ones in front go first, so that no two outputs meet on a level on the way.
  shifts(ids, by) {
    const level = (id) => this.facts(id).level;
    const ordered = ids.slice().sort((a, b) => (level(b) - level(a)) * by);
    return ordered.map((id) => ["set_level", id, level(id) + by]);
  },

  nextOp(block) {
    const ops = this.scene.ops;
    this.edit(["set_op", block.id, ops[(ops.indexOf(block.op) + 1) % ops.length]]);
  },

  repeat(block, by) {
    this.edit(["set_repeats", block.id, Math.max(1, block.repeats + by)]);
  },
});
