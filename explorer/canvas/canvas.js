// The editor: one object for each mounted element, kept between reruns. Python sends a scene (the
// drawing, each block's facts, what each gesture would do) and gets gestures back as edits.

const HEIGHT_ROOM = 26; // Below the lanes, for the legend.
const RIGHT = 6; // Beyond the last output.
const THRESHOLD = 5; // Pixels before a press becomes a drag.
const PATIENCE = 4000; // Milliseconds until a gesture that nobody took up is sent again.
const MOTION = 240; // Milliseconds that a change takes to arrive.

// Blocks that are not as they were: marked until the next gesture.
function changedBlocks(before, after) {
  const place = (scene) => scene.drawing.nodes.map((node) => node.id).join();
  const moved = place(before) !== place(after) && before.drawing.nodes.length === after.drawing.nodes.length;
  const at = (scene, id) => (moved ? scene.drawing.nodes.findIndex((node) => node.id === id) : 0);
  const word = (scene, id) => JSON.stringify([scene.blocks[id], at(scene, id)]);
  const ids = after.drawing.nodes.map((node) => node.id);
  const changed = ids.filter((id) => word(before, id) !== word(after, id));
  return new Set(changed.length > ids.length / 2 ? [] : changed);
}

class Canvas {
  constructor(root) {
    this.root = root;
    this.gone = new AbortController();
    this.frame = root.querySelector(".canvas");
    this.stage = root.querySelector(".stage");
    this.tip = root.querySelector(".tip");
    this.said = root.querySelector(".said");
    this.menu = root.querySelector(".menu");
    this.help = root.querySelector(".help");
    this.svg = element("svg", { class: "net", role: "application" });
    this.lanes = element("g", { class: "lanes" });
    this.world = element("g", { class: "world" });
    this.margin = element("g", { class: "margin" });
    this.over = element("g", { class: "over" });
    this.svg.append(this.lanes, this.world, this.margin, this.over);
    this.stage.append(this.svg);
    this.view = { x: 0, y: 0, k: 1 };
    this.chosen = new Set();
    this.wire = null;
    this.follow = "place";
    this.count = Date.now();
    this.waiting = [];
    this.press = null;
    this.pick = null;
    this.before = new Map();
    this.fresh = new Set();
    this.energy = false;
    this.listen();
  }

  listen() {
    const on = (name, action, options) => this.svg.addEventListener(name, action, options);
    on("pointerdown", (event) => this.onDown(event));
    on("pointermove", (event) => this.onMove(event));
    on("pointerup", (event) => this.onUp(event));
    on("pointercancel", () => this.letGo());
    on("pointerleave", () => this.press || this.hideTip());
    on("contextmenu", (event) => this.onMenu(event));
    on("wheel", (event) => this.onWheel(event), { passive: false });
    on("focusin", (event) => this.onFocus(event));
    this.frame.addEventListener("keydown", (event) => {
      if (!["INPUT", "SELECT"].includes(event.target.tagName)) onKey(this, event);
    });
    const page = { signal: this.gone.signal };
    window.addEventListener("keydown", (event) => this.onPageKey(event), page);
    this.frame.addEventListener("click", (event) => this.onButton(event));
    for (const chip of this.frame.querySelectorAll("[data-op]")) {
      chip.addEventListener("pointerdown", (event) => this.onChip(event, chip.dataset.op));
    }
    window.addEventListener("spinenet-handed", (event) => this.onHanded(event.detail), page);
    new ResizeObserver(() => this.scene && this.paint()).observe(this.stage);
  }

  update(scene, send) {
    const other = !this.scene || this.scene.shape !== scene.shape;
    const refit = !this.scene || this.scene.drawing.nodes.length !== scene.drawing.nodes.length;
    if (other) this.fresh = this.scene ? changedBlocks(this.scene, scene) : new Set();
    this.scene = scene;
    this.sendValue = send;
    this.waiting = this.waiting.filter((one) => one.n > scene.seen);
    if (this.waiting.length) send("gestures", this.waiting);
    this.order = scene.drawing.nodes.map((node) => node.id);
    if (other) {
      this.chosen = new Set([...this.chosen].filter((id) => this.order.includes(id)));
    }
    if (scene.selected) {
      if (!this.press && !this.chosen.has(scene.selected.block)) this.chosen.clear();
      this.chosen.add(scene.selected.block);
      this.wire =
        scene.selected.slot === null ? null : `${scene.selected.block}.${scene.selected.slot}`;
    }
    this.svg.setAttribute("aria-label", scene.drawing.alt);
    const theme = scene.theme;
    for (const name of ["background", "ink", "muted", "accent", "danger", "rule", "band"]) {
      this.frame.style.setProperty(`--${name}`, theme[name]);
    }
    this.setButtons();
    if (this.press?.moved) return this.showHeld();
    if (refit) this.view = { x: 0, y: 0, k: 1 };
    this.paint(other);
  }

  setButtons() {
    const button = (name) => this.frame.querySelector(`[data-do="${name}"]`);
    this.frame.querySelector(".own-history").hidden = !this.scene.own_history;
    button("undo").disabled = !this.scene.can_undo;
    button("redo").disabled = !this.scene.can_redo;
    const stays = this.follow === "place";
    const follow = button("follow");
    follow.setAttribute("aria-checked", stays ? "false" : "true");
    button("energy").setAttribute("aria-checked", this.energy ? "true" : "false");
    follow.textContent = stays ? "wires stay with the place" : "wires follow the block";
  }

  // --- painting -------------------------------------------------------------------------------

  paint(animate = false) {
    const { drawing, theme } = this.scene;
    this.stage.style.height = `${this.height}px`;
    const [width, height] = [this.stage.clientWidth || 800, this.height - HEIGHT_ROOM];
    const focused = this.svg.getRootNode().activeElement?.dataset?.block;
    this.scale = stretch(drawing, width, height);
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", this.height);
    const past = this.before;
    this.before = new Map();
    const wires = drawing.wires.map((wire) =>
      paintWire(
        wire,
        this.scale,
        theme,
        this.wire === `${wire.child}.${wire.slot}`,
        this.energy ? this.maps?.shares[`${wire.child}.${wire.slot}`] : undefined,
      ),
    );
    this.frame.querySelector(".legend").replaceChildren(...paintLegend(drawing, theme));
    this.showHint();
    this.frame.classList.toggle("stale", this.maps?.shape !== this.scene.shape);
    const nodes = drawing.nodes.map((node) => {
      this.before.set(node.id, [node.x * this.scale.x, node.y * this.scale.y]);
      return paintNode(node, this.scale, theme, this);
    });
    this.world.replaceChildren(
      ...paintPhases(drawing, this.scale, theme),
      ...wires,
      paintImage(drawing.image, this.scale, theme),
      ...nodes,
      ...drawing.outputs.map((end) => paintTerminal(end, this.scale, theme)),
    );
    this.over.replaceChildren();
    this.place();
    if (animate && past.size) this.animate(past, nodes, wires);
    if (focused !== undefined) this.nodeOf(focused)?.focus({ preventScroll: true });
  }

  // What one can do next with what is chosen; the first words that a newcomer reads.
  showHint() {
    const hint = this.wire
      ? "drag an end of the wire to another block · Delete cuts it"
      : this.chosen.size > 1
        ? `${this.chosen.size} blocks: drag one, all go along · ↑ ↓ · Delete`
        : this.chosen.size
          ? "drag it to another lane, or onto another block · right-click for more"
          : "drag a block to another lane, or onto another block to swap them · ? for keys";
    this.frame.querySelector(".foot .hint").textContent = hint;
  }

  animate(past, nodes, wires) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const timing = { duration: MOTION, easing: "ease-in-out" };
    for (const node of nodes) {
      const id = Number(node.dataset.block);
      const [x, y] = this.before.get(id);
      const from = past.get(id);
      if (!from) node.animate([{ opacity: 0 }, { opacity: 1 }], timing);
      else if (Math.abs(from[0] - x) + Math.abs(from[1] - y) > 1) {
        const start = `translate(${from[0] - x}px, ${from[1] - y}px)`;
        node.animate([{ transform: start }, { transform: "none" }], timing);
      }
    }
    for (const wire of wires) wire.animate([{ opacity: 0 }, { opacity: 1 }], timing);
  }

  // Puts the view (pan and zoom) into effect.
  place() {
    const { drawing, theme } = this.scene;
    const width = this.stage.clientWidth || 800;
    const room = LEFT + (drawing.width - drawing.left) * this.scale.x * this.view.k;
    const least = Math.min(0, width - room - RIGHT);
    this.view.x = Math.max(least, Math.min(this.view.k > 1 ? 80 : 0, this.view.x));
    this.world.setAttribute(
      "transform",
      `translate(${this.shift} ${this.view.y}) scale(${this.view.k})`,
    );
    this.lanes.replaceChildren(...paintLanes(drawing, this.scale, this.view, width, theme));
    this.margin.replaceChildren(...paintMargin(drawing, this.scale, this.view, this.height, theme));
    this.frame.classList.toggle("wide", room > width + RIGHT);
  }

  zoom(factor, at = null) {
    const middle = at || [this.stage.clientWidth / 2, this.height / 2];
    const k = Math.max(0.5, Math.min(6, this.view.k * factor));
    const ratio = k / this.view.k;
    this.view = {
      k,
      x: (middle[0] - LEFT) * (1 - ratio) + this.view.x * ratio,
      y: k === 1 ? 0 : middle[1] - (middle[1] - this.view.y) * ratio,
    };
    this.place();
  }

  fit() {
    const { drawing } = this.scene;
    const room = this.stage.clientWidth - LEFT - RIGHT;
    const whole = room / ((drawing.width - drawing.left) * this.scale.x);
    this.view = { x: 0, y: 0, k: Math.min(1, Math.max(0.5, whole)) };
    this.place();
  }

  // A high window gives the drawing more room.
  get height() {
    return this.scene.height + Math.min(240, Math.max(0, window.innerHeight - 910));
  }

  // Where the drawing's own left end stands, in pixels: lanes begin at LEFT, whatever the stretch.
  get shift() {
    return LEFT + this.view.x - this.scene.drawing.left * this.scale.x * this.view.k;
  }

  get maps() {
    return window.spinenetHanded?.maps;
  }

  // What Python promised for drops of what is chosen; nothing while that is on its way.
  get promises() {
    const found = window.spinenetHanded?.promises;
    const now = this.scene.selected;
    const fits = found?.shape === this.scene.shape && now && found.chosen;
    return fits && found.chosen[0] === now.block && found.chosen[1] === now.slot ? found.tables : null;
  }

  onHanded(what) {
    if (!this.scene) return;
    if (what === "maps" && !this.press) this.paint();
    if (what === "promises" && this.press?.moved) this.showHeld();
    if (what === "promises" && this.pick) this.showPick();
  }

  // What the block saw of the photograph when the network last ran.
  mapOf(id) {
    return this.maps?.maps[id];
  }

  // --- what stands where ----------------------------------------------------------------------

  get primary() {
    return this.scene.selected?.block ?? [...this.chosen][0];
  }

  facts(id) {
    return this.scene.blocks[id];
  }

  node(id) {
    return this.scene.drawing.nodes.find((node) => node.id === Number(id));
  }

  nodeOf(id) {
    return this.world.querySelector(`[data-block="${id}"]`);
  }

  // The pointer in pixels of the frame, and in layout units.
  at(event) {
    const box = this.svg.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    return {
      px,
      py,
      x: (px - this.shift) / this.view.k / this.scale.x,
      y: (py - this.view.y) / this.view.k / this.scale.y,
    };
  }

  laneAt(y) {
    const lanes = this.scene.drawing.lanes;
    const found = lanes.find((lane) => y >= lane.top && y < lane.bottom);
    return (found || (y < lanes[0].top ? lanes[0] : lanes[lanes.length - 1])).level;
  }

  blockAt({ x, y }, slack = 6) {
    return this.scene.drawing.nodes.find(
      (node) =>
        Math.abs(node.x - x) <= node.width / 2 + slack &&
        Math.abs(node.y - y) <= node.height / 2 + slack,
    );
  }

  // Where in the order a drop at x would put a block that stands at `from`.
  positionAt(x, from) {
    const nodes = this.scene.drawing.nodes;
    const own = nodes[from];
    if (own && Math.abs(x - own.x) < this.scene.drawing.pitch * 0.6) return from;
    const others = nodes.filter((node) => node !== own);
    return others.filter((node) => node.x < x).length;
  }

  // --- talking to Python ----------------------------------------------------------------------

  // A gesture is sent until Python says that it has seen it: of two that follow each other closely,
  // the browser may hand over only the last.
  send(kind, value = {}) {
    if (kind === "undo" && !this.scene.can_undo) return;
    if (kind === "redo" && !this.scene.can_redo) return;
    this.count += 1;
    const waiting = this.waiting.filter((one) => kind !== "select" || one.kind !== "select");
    this.waiting = [...waiting, { n: this.count, kind, ...value }];
    this.sendValue("gestures", this.waiting);
    clearInterval(this.again);
    this.again = setInterval(() => this.sendAgain(), PATIENCE);
  }

  // While the connection is lost nobody hears; Python takes up each gesture once.
  sendAgain() {
    if (!this.waiting.length || !this.frame.isConnected) clearInterval(this.again);
    else this.sendValue("gestures", this.waiting);
  }

  // Each edit is a name and its arguments: ["swap", 5, 9, "place"].
  edit(...edits) {
    this.closeMenu();
    this.frame.classList.add("busy");
    this.send("edit", { edits });
  }

  select(id, slot = null) {
    this.wire = slot === null ? null : `${id}.${slot}`;
    const now = this.scene.selected;
    if (now && now.block === id && now.slot === slot) return;
    this.scene.selected = { block: id, slot };
    this.send("select", { block: id, slot });
  }

  // What Python promised for a drop, once it has.
  promise(table, key) {
    return this.promises?.[table]?.[key] ?? null;
  }

  // --- pointer --------------------------------------------------------------------------------

  onDown(event) {
    this.closeMenu();
    this.help.hidden = true;
    if (event.button === 2) return;
    const at = this.at(event);
    const target = event.target;
    const port = target.closest("[data-port]");
    const block = target.closest("[data-block]");
    const wire = target.closest(".wire.live");
    const output = target.closest("[data-output]");
    this.svg.setPointerCapture(event.pointerId);
    this.press = { at, now: at, moved: false, kind: "marquee", alt: event.altKey };
    if (event.button === 1 || event.shiftKey === false && event.pointerType === "touch" && !block) {
      this.press.kind = "pan";
      this.press.view = { ...this.view };
    } else if (port) {
      const id = Number(port.dataset.port);
      Object.assign(this.press, { kind: "connect", id });
      this.only(id);
    } else if (block) {
      const id = Number(block.dataset.block);
      Object.assign(this.press, { kind: "block", id });
      if (event.shiftKey) this.toggle(id);
      else if (!this.chosen.has(id)) this.only(id);
      else this.select(id);
      block.focus({ preventScroll: true });
    } else if (wire) {
      const [child, slot] = [Number(wire.dataset.child), Number(wire.dataset.slot)];
      const short = this.lengthOf(child, slot) < 30;
      const grabbed = target.dataset.end || this.nearerEnd(child, slot, at);
      Object.assign(this.press, { kind: "wire", child, slot, end: grabbed, short });
      Object.assign(this.press, { parent: Number(wire.dataset.parent) });
      this.chosen = new Set([child]);
      this.chooseWire(child, slot);
    } else if (output) {
      this.only(Number(output.dataset.output));
    } else if (event.getModifierState?.("Space") || this.space) {
      this.press.kind = "pan";
      this.press.view = { ...this.view };
    }
    event.preventDefault();
  }

  chooseWire(child, slot) {
    this.select(child, slot);
    this.paint();
  }

  only(id) {
    this.chosen = new Set([id]);
    this.select(id);
    this.mark();
  }

  toggle(id) {
    if (this.chosen.has(id) && this.chosen.size > 1) this.chosen.delete(id);
    else this.chosen.add(id);
    this.select(id);
    this.mark();
  }

  mark() {
    for (const group of this.world.querySelectorAll("[data-block]")) {
      const here = this.chosen.has(Number(group.dataset.block));
      group.setAttribute("aria-pressed", here ? "true" : "false");
    }
    this.showHint();
  }

  wireInto(child, slot) {
    return this.scene.drawing.wires.find((w) => w.child === child && w.slot === slot);
  }

  // In pixels, from end to end.
  lengthOf(child, slot) {
    const { points } = this.wireInto(child, slot);
    const [first, last] = [points[0], points[points.length - 1]];
    const { k } = this.view;
    const [dx, dy] = [(first[0] - last[0]) * this.scale.x, (first[1] - last[1]) * this.scale.y];
    return Math.hypot(dx, dy) * k;
  }

  nearerEnd(child, slot, at) {
    const wire = this.wireInto(child, slot);
    const [first, last] = [wire.points[0], wire.points[wire.points.length - 1]];
    const far = ([x, y]) => Math.hypot(x - at.x, y - at.y);
    return far(first) < far(last) ? "parent" : "child";
  }

  onMove(event) {
    const at = this.at(event);
    if (!this.press) return this.onHover(event, at);
    const press = this.press;
    press.now = at;
    press.alt = event.altKey;
    const far = Math.hypot(at.px - press.at.px, at.py - press.at.py);
    if (!press.moved && far < THRESHOLD) return;
    press.moved = true;
    if (press.kind === "pan") {
      this.view.x = press.view.x + at.px - press.at.px;
      if (this.view.k !== 1) this.view.y = press.view.y + at.py - press.at.py;
      this.place();
    } else if (press.kind === "block" && this.facts(press.id).in_stem) {
      this.showTip(at, "The stem stays as it is.", true);
    } else {
      this.frame.classList.add("dragging");
      this.showHeld();
    }
  }

  onHover(event, at) {
    const group = event.target.closest?.("[data-block], .wire, .terminal, .photo");
    if (!group) return this.hideTip();
    const drawing = this.scene.drawing;
    let found = null;
    if (group.dataset.block) found = this.node(group.dataset.block);
    else if (group.classList.contains("photo")) found = drawing.image;
    else if (group.classList.contains("terminal")) {
      found = drawing.outputs.find((end) => String(end.block) === group.dataset.output);
    } else {
      found = drawing.wires.find(
        (wire) =>
          String(wire.child) === group.dataset.child && String(wire.slot) === group.dataset.slot,
      );
    }
    if (found) this.showTip(at, found.tooltip.join("\n"));
  }

  onUp(event) {
    const press = this.press;
    this.press = null;
    this.frame.classList.remove("dragging");
    this.over.replaceChildren();
    this.clearTargets();
    if (!press) return;
    if (!press.moved) {
      if (press.kind === "marquee" && !event.shiftKey) {
        this.chosen = new Set();
        this.wire = null;
        this.mark();
      }
      return;
    }
    if (press.kind === "marquee") return this.chooseInside(press, event.shiftKey);
    const drop = press.drop;
    this.hideTip();
    if (!drop) return this.paint();
    if (drop.refused) {
      this.say(`Not here, because ${drop.refused}`);
      this.showTip(press.now, drop.refused, true);
      setTimeout(() => this.press || this.hideTip(), 2500);
      return this.paint();
    }
    this.edit(...drop.edits);
  }

  chooseInside(press, extend) {
    const [left, right] = [press.at.x, press.now.x].sort((a, b) => a - b);
    const [top, bottom] = [press.at.y, press.now.y].sort((a, b) => a - b);
    const inside = this.scene.drawing.nodes
      .filter((node) => node.x > left && node.x < right && node.y > top && node.y < bottom)
      .map((node) => node.id);
    this.chosen = new Set(extend ? [...this.chosen, ...inside] : inside);
    if (inside.length) this.select(inside[0]);
    this.mark();
    this.say(`${this.chosen.size} blocks chosen`);
  }

  letGo() {
    this.press = null;
    this.pick = null;
    this.help.hidden = true;
    this.closeMenu();
    this.hideTip();
    this.clearTargets();
    this.frame.classList.remove("dragging");
    if (this.scene) this.paint();
  }

  onWheel(event) {
    if (event.ctrlKey || event.metaKey) {
      const { px, py } = this.at(event);
      this.zoom(Math.exp(-event.deltaY / 300), [px, py]);
      event.preventDefault();
    } else if (this.frame.classList.contains("wide") || this.view.k > 1) {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (!sideways) return;
      this.view.x -= sideways;
      this.place();
      event.preventDefault();
    }
  }

  onFocus(event) {
    const group = event.target.closest?.("[data-block]");
    if (!group || this.press || this.pick) return;
    const id = Number(group.dataset.block);
    if (!this.chosen.has(id)) this.only(id);
    const x = this.shift + this.node(id).x * this.scale.x * this.view.k;
    const width = this.stage.clientWidth;
    if (x < LEFT + 20 || x > width - 20) {
      this.view.x += width / 2 - x;
      this.place();
    }
  }

  // Undo and redo work from anywhere on the page, but in a field, which has its own.
  onPageKey(event) {
    const field = event.composedPath()[0];
    if (field.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(field.tagName)) return;
    if (!this.frame.isConnected) return this.gone.abort();
    if ((event.ctrlKey || event.metaKey) && "zy".includes(event.key.toLowerCase())) {
      onKey(this, event);
    }
  }

  onButton(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const actions = {
      undo: () => this.send("undo"),
      redo: () => this.send("redo"),
      in: () => this.zoom(1.25),
      out: () => this.zoom(0.8),
      fit: () => this.fit(),
      follow: () => this.toggleFollow(),
      energy: () => this.toggleEnergy(),
      help: () => this.toggleHelp(),
    };
    actions[button.dataset.do]?.();
  }

  toggleFollow() {
    this.follow = this.follow === "place" ? "block" : "place";
    this.setButtons();
    this.say(this.frame.querySelector('[data-do="follow"]').textContent);
  }

  toggleEnergy() {
    this.energy = !this.energy;
    this.setButtons();
    this.paint();
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
    const rows = KEYS.map(([key, text]) => {
      const row = document.createElement("tr");
      for (const [name, value] of [["th", key], ["td", text]]) {
        const cell = document.createElement(name);
        cell.textContent = value;
        row.append(cell);
      }
      return row;
    });
    this.help.querySelector("table").replaceChildren(...rows);
  }

  // --- saying things --------------------------------------------------------------------------

  say(text) {
    this.said.textContent = text;
  }

  showTip(at, text, wrong = false) {
    this.tip.textContent = text;
    this.tip.classList.toggle("wrong", wrong);
    this.tip.hidden = false;
    const width = this.stage.clientWidth;
    const left = Math.min(at.px + 14, width - this.tip.offsetWidth - 6);
    const high = this.tip.offsetHeight;
    const below = at.py + 18 + high < this.height;
    this.tip.style.left = `${Math.max(4, left)}px`;
    this.tip.style.top = `${below ? at.py + 18 : Math.max(2, at.py - high - 10)}px`;
  }

  hideTip() {
    this.tip.hidden = true;
  }

  clearTargets() {
    for (const group of this.world.querySelectorAll(".no, .yes")) {
      group.classList.remove("no", "yes");
    }
  }
}
