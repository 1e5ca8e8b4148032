// Drags, the choosing of targets by key, and the block's menu: each ends in edits for Python.

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
    if (this.chosen.size > 1) press.drop = this.dropMany(press, level);
    else if (other) {
      press.drop = this.dropOn(press, other, follow);
      parts.push(this.outline(other, press.drop.refused));
    } else {
      press.drop = this.dropFree(press, level, follow);
      parts.push(...this.lanePills(press, level));
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
    const to = this.positionAt(press.now.x, from);
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
    return { edits, refused: null, text: `${moving.length} blocks, levels ${where}` };
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

  // One line a lane: what the held block would cost there.
  lanePills(press, level) {
    const node = this.node(press.id);
    const { k } = this.view;
    const x = this.shift + node.x * this.scale.x * k;
    return this.scene.drawing.lanes.flatMap((lane) => {
      const found = this.promise("levels", lane.level);
      if (!found) return [];
      const top = this.view.y + lane.top * this.scale.y * k;
      const high = (lane.bottom - lane.top) * this.scale.y * k;
      const here = lane.level === level;
      const text = found.refused ? "not here" : found.text.split(";")[0];
      const wide = text.length * 6.2 + 14;
      const left = Math.min(Math.max(LEFT + 4, x - wide / 2), this.stage.clientWidth - wide - 4);
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

  // --- the palette ----------------------------------------------------------------------------

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

  // --- choosing a target by key ---------------------------------------------------------------

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

  finishPick() {
    const { kind, block, slot, target } = this.pick;
    this.pick = null;
    this.over.replaceChildren();
    this.hideTip();
    this.edit(
      {
        swap: ["swap", block.id, target, this.follow],
        rewire: ["rewire", block.id, slot, target],
        connect: ["rewire", block.id, block.parents.length, target],
      }[kind],
    );
  },

  // --- the block's menu -----------------------------------------------------------------------

  onMenu(event) {
    const group = event.target.closest("[data-block]");
    if (!group) return;
    event.preventDefault();
    const id = Number(group.dataset.block);
    this.only(id);
    this.openMenu(this.facts(id));
  },

  openMenu(block) {
    const item = (text, action, checked = null) => {
      const button = document.createElement("button");
      button.textContent = text;
      button.setAttribute("role", checked === null ? "menuitem" : "menuitemradio");
      if (checked !== null) button.setAttribute("aria-checked", checked ? "true" : "false");
      button.addEventListener("click", action);
      return button;
    };
    const items = this.scene.ops.map((op) =>
      item(op, () => this.edit(["set_op", block.id, op]), block.op === op),
    );
    items.push(
      item(`repeats: ${block.repeats}  −`, () => this.repeat(block, -1)),
      item(`repeats: ${block.repeats}  +`, () => this.repeat(block, 1)),
      item(
        "output of its level",
        () => this.edit(["set_output", block.id, !block.is_output]),
        block.is_output,
      ),
      item("duplicate", () => this.duplicate(block)),
      item("remove", () => this.edit(["remove", block.id])),
    );
    this.menu.replaceChildren(...items);
    this.menu.hidden = false;
    this.hideTip();
    const node = this.node(block.id);
    const x = this.shift + (node.x + node.width / 2) * this.scale.x * this.view.k + 8;
    const y = this.view.y + node.y * this.scale.y * this.view.k - 20;
    const room = [this.stage.clientWidth - 190, this.height - this.menu.offsetHeight - 4];
    this.menu.style.left = `${Math.max(4, Math.min(room[0], x))}px`;
    this.menu.style.top = `${Math.max(4, Math.min(room[1], y))}px`;
    items[0].focus();
    this.menu.onkeydown = (event) => {
      const at = items.indexOf(event.target);
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) items[(at + by + items.length) % items.length].focus();
      else if (event.key === "Escape") {
        this.closeMenu();
        this.nodeOf(block.id)?.focus();
      } else if (event.key !== "Enter" && event.key !== " " && event.key !== "Tab") return;
      event.stopPropagation();
      if (by || event.key === "Escape") event.preventDefault();
    };
  },

  closeMenu() {
    this.menu.hidden = true;
  },
});

const mounted = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let canvas = mounted.get(parentElement);
  if (!canvas || !parentElement.contains(canvas.frame)) {
    canvas = new Canvas(parentElement);
    mounted.set(parentElement, canvas);
  }
  canvas.frame.classList.remove("busy");
  canvas.update(data, setTriggerValue);
}
