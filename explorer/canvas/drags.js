// Blocks and wires in the hand: where they would land, and what that would do.

const PILL_ROOM = 26; // From the top of a lane, for the words of what a drop there would cost.

Object.assign(Canvas.prototype, {
  // Shows what is held, where it would land, and what that would do.
  showHeld() {
    const press = this.press;
    if (press.kind === "marquee") return this.showMarquee(press);
    if (press.kind === "block") return this.showBlock(press);
    return this.showWire(press);
  },

  showMarquee({ at, now }) {
    const [x, y] = [Math.min(at.px, now.px), Math.min(at.py, now.py)];
    const [width, height] = [Math.abs(at.px - now.px), Math.abs(at.py - now.py)];
    this.over.replaceChildren(element("rect", { class: "marquee", x, y, width, height }));
  },

  showBlock(press) {
    const follow = press.alt === (this.follow === "place") ? "block" : "place";
    const over = this.blockAt(press.now);
    const other = over && !this.chosen.has(over.id) ? over : null;
    const level = this.laneAt(press.now.y);
    const parts = [this.ghost(press)];
    if (this.chosen.size > 1) {
      press.drop = this.dropMany(press, level);
      parts.push(...this.lanePills(press, level, "together"));
    } else if (other) {
      press.drop = this.dropOn(press, other, follow);
      parts.push(this.outline(other, press.drop.refused));
    } else {
      press.drop = this.dropFree(press, level, follow);
      parts.push(...this.lanePills(press, level, "levels"));
      if (press.drop?.position !== undefined) parts.push(this.bar(press, press.drop.position));
    }
    this.over.replaceChildren(...parts.filter(Boolean));
    if (press.drop) this.showTip(press.now, press.drop.text, Boolean(press.drop.refused));
    else this.hideTip();
  },

  dropOn(press, other, follow) {
    const found = this.promise(follow === "place" ? "swaps" : "swaps_block", other.id);
    const rule = follow === "place" ? "wires stay with the place" : "wires follow the block";
    return {
      edits: [["swap", press.id, other.id, follow]],
      refused: other.in_stem ? "the stem stays as it is" : found?.refused,
      text: found?.refused || `swap with b${other.id}, ${rule}\n${found?.text ?? "…"}`,
    };
  },

  dropFree(press, level, follow) {
    const block = this.facts(press.id);
    const from = this.order.indexOf(press.id);
    const to = this.positionAt(press.now.x, press.id);
    const edits = [];
    const told = [];
    let refused = null;
    if (to !== from) {
      edits.push(["move", press.id, to, follow]);
      const found = this.promise(follow === "place" ? "moves" : "moves_block", to);
      refused = found?.refused;
      told.push(`${to < from ? "earlier" : "later"}: place ${to}\n${found?.text ?? "…"}`);
    }
    if (level !== block.level) {
      edits.push(["set_level", press.id, level]);
      const found = this.promise("levels", level);
      refused = refused || found?.refused;
      told.push(`to L${level}\n${found?.text ?? "…"}`);
    }
    if (!edits.length) return null;
    const position = to === from ? undefined : to;
    return { edits, refused, text: refused || told.join("\n"), position };
  },

  dropMany(press, level) {
    const by = level - this.facts(press.id).level;
    const moving = this.movable();
    if (!by || !moving.length) return null;
    const edits = this.shifts(moving, by);
    const where = by > 0 ? `${by} down` : `${-by} up`;
    const found = this.promise("together", level);
    const told = `${moving.length} blocks, levels ${where}\n${found?.text ?? "…"}`;
    return { edits, refused: found?.refused, text: found?.refused || told };
  },

  ghost(press) {
    const node = this.nodeOf(press.id);
    if (!node) return null;
    const copy = node.cloneNode(true);
    copy.removeAttribute("tabindex");
    copy.removeAttribute("data-block");
    copy.classList.add("ghost");
    const { k } = this.view;
    const [dx, dy] = [press.now.px - press.at.px, press.now.py - press.at.py];
    copy.setAttribute(
      "transform",
      `translate(${this.shift + dx} ${this.view.y + dy}) scale(${k})`,
    );
    return copy;
  },

  outline(node, wrong) {
    const { k, y } = this.view;
    const x = this.shift;
    const [w, h] = [node.width * this.scale.x * k, node.height * this.scale.y * k];
    return element("rect", {
      class: wrong ? "target wrong" : "target",
      x: x + node.x * this.scale.x * k - w / 2 - 6,
      y: y + node.y * this.scale.y * k - h / 2 - 6,
      width: w + 12,
      height: h + 12,
      rx: 8,
    });
  },

  // One line a lane: what the held block would cost there, which outputs come and go. Left of the
  // block where there is room: the words beside the pointer are on the right.
  lanePills(press, level, table) {
    const node = this.node(press.id);
    const { k } = this.view;
    const x = this.shift + node.x * this.scale.x * k;
    return this.scene.drawing.lanes.flatMap((lane) => {
      const found = this.promise(table, lane.level);
      if (!found) return [];
      const top = this.view.y + lane.top * this.scale.y * k;
      const high = (lane.bottom - lane.top) * this.scale.y * k;
      const here = lane.level === level;
      const text = found.refused ? "not here" : found.text;
      const wide = Math.min(text.length * 6.2 + 14, this.stage.clientWidth - LEFT - 8);
      const beside = x - wide - (node.width / 2) * this.scale.x * k - 8;
      const left = this.clearOf(press.id, lane, beside, wide);
      const look = `pill${found.refused ? " wrong" : ""}${here ? " here" : ""}`;
      const parts = [
        element("rect", { class: look, x: left, y: top + 4, width: wide, height: 18, rx: 9 }),
        label(left + wide / 2, top + 17, text, { class: `${look} words` }),
      ];
      if (here) {
        const width = this.stage.clientWidth - LEFT;
        const band = { class: look.replace("pill", "band"), x: LEFT, y: top, width, height: high };
        parts.unshift(element("rect", band));
      }
      return parts;
    });
  },

  // Where words so wide cover no block at the top of their lane, nearest to where they would stand.
  clearOf(held, lane, wished, wide) {
    const { k, y } = this.view;
    const x = this.shift;
    const [first, last] = [LEFT + 4, this.stage.clientWidth - wide - 4];
    const below = y + lane.top * this.scale.y * k + PILL_ROOM;
    const covered = this.scene.drawing.nodes
      .filter((node) => node.id !== held && node.y >= lane.top && node.y < lane.bottom)
      .filter((node) => y + (node.y - node.height / 2) * this.scale.y * k < below)
      .map((node) => [x + node.x * this.scale.x * k, (node.width / 2) * this.scale.x * k + 4])
      .map(([middle, half]) => [middle - half - wide, middle + half]);
    const free = (at) => covered.every(([from, to]) => at <= from || at >= to);
    const near = Math.max(first, Math.min(wished, last));
    const places = [near, ...covered.flat()].filter((at) => at >= first && at <= last && free(at));
    const far = (at) => Math.abs(at - near);
    return places.reduce((best, at) => (far(at) < far(best) ? at : best), places[0] ?? near);
  },

  bar(press, to) {
    const others = this.scene.drawing.nodes.filter((node) => node.id !== press.id);
    const half = this.scene.drawing.pitch / 2;
    const at = to < others.length ? others[to].x - half : others[others.length - 1].x + half;
    const x = this.shift + at * this.scale.x * this.view.k;
    const last = this.scene.drawing.lanes[this.scene.drawing.lanes.length - 1];
    const y2 = this.view.y + last.bottom * this.scale.y * this.view.k;
    return element("line", { class: "bar", x1: x, x2: x, y1: 22, y2 });
  },

  showWire(press) {
    if (press.short) {
      // Its ends are too close to be told apart: an earlier block is a parent, a later one a child.
      const over = this.blockAt(press.now, 10);
      const place = (id) => this.order.indexOf(id);
      if (over) press.end = place(over.id) < place(press.child) ? "parent" : "child";
    }
    const table = { parent: "parents", child: "children" }[press.end] || "readers";
    const fixed = this.node(press.end === "parent" ? press.child : (press.parent ?? press.id));
    const over = this.blockAt(press.now, 10);
    this.showTargets(table, fixed.id);
    press.drop = over && over.id !== fixed.id ? this.dropWire(press, over, table) : null;
    const { k } = this.view;
    const side = press.end === "parent" ? -1 : 1;
    const x = this.shift + (fixed.x + (side * fixed.width) / 2) * this.scale.x * k;
    const y = this.view.y + fixed.y * this.scale.y * k;
    const line = { class: "rubber", x1: x, y1: y, x2: press.now.px, y2: press.now.py };
    const parts = [element("line", line)];
    if (press.drop) parts.push(this.outline(over, press.drop.refused));
    this.over.replaceChildren(...parts);
    const free = press.kind === "wire" ? "drop it on another block" : "drop it on a later block";
    const told = press.drop ? press.drop.text : free;
    this.showTip(press.now, told, Boolean(press.drop?.refused));
  },

  // Blocks that cannot take the wire step back.
  showTargets(table, fixed) {
    const found = this.promises?.[table];
    if (!found) return;
    for (const group of this.world.querySelectorAll("[data-block]")) {
      const id = Number(group.dataset.block);
      const promise = found[id];
      const wrong = id !== fixed && (!promise || Boolean(promise.refused));
      group.classList.toggle("no", wrong);
      group.classList.toggle("yes", id !== fixed && !wrong);
    }
  },

  dropWire(press, over, table) {
    const found = this.promise(table, over.id);
    const edits = {
      parents: () => [["rewire", press.child, press.slot, over.id]],
      readers: () => [["rewire", over.id, this.facts(over.id).parents.length, press.id]],
      children: () => [
        ["rewire", over.id, this.facts(over.id).parents.length, press.parent],
        ["disconnect", press.child, press.slot],
      ],
    }[table]();
    if (table === "parents" && this.facts(press.child).parents[press.slot] === over.id) return null;
    if (table === "children" && press.child === over.id) return null;
    const [from, to] = {
      parents: [over.id, press.child],
      readers: [press.id, over.id],
      children: [press.parent, over.id],
    }[table];
    const told = `b${to} reads b${from}\n${found?.text ?? "…"}`;
    return { edits, refused: found?.refused, text: found?.refused || told };
  },
});
