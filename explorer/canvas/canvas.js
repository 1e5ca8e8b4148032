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
    this.also = ""; // Blocks that are chosen together with the selected one, as Python knows them.
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
      const onButton = event.target.tagName === "BUTTON" && ["Enter", " "].includes(event.key);
      if (!onButton) onKey(this, event); // a button is pressed by its own keys
    });
    const page = { signal: this.gone.signal };
    window.addEventListener("keydown", (event) => this.onPageKey(event), page);
    this.frame.addEventListener("click", (event) => this.onButton(event));
    for (const chip of this.frame.querySelectorAll("[data-op]")) {
      chip.addEventListener("pointerdown", (event) => this.onChip(event, chip.dataset.op));
      chip.addEventListener("click", (event) => {
        const byKey = event.detail === 0; // the pointer's clicks are seen to where it is let go
        if (byKey) this.addAfter(this.facts(this.primary), chip.dataset.op);
      });
    }
    window.addEventListener("spinenet-handed", (event) => this.onHanded(event.detail), page);
    new ResizeObserver(() => this.scene && this.paint()).observe(this.stage);
  }

  update(scene, send) {
    const other = !this.scene || this.scene.shape !== scene.shape;
    const refit = !this.scene || this.scene.drawing.nodes.length !== scene.drawing.nodes.length;
    if (other) this.fresh = this.scene ? changedBlocks(this.scene, scene) : new Set();
    const chosen = this.scene?.selected;
    this.scene = scene;
    this.sendValue = send;
    this.waiting = this.waiting.filter((one) => one.n > scene.seen);
    if (this.waiting.length) send("gestures", this.waiting);
    else delete this.frame.dataset.waiting;
    this.foreseeAll();
    if (other) {
      if (!this.press && !this.pick) this.hideTip(); // it spoke of the block as it was
      this.chosen = new Set([...this.chosen].filter((id) => this.order.includes(id)));
    }
    if (JSON.stringify(chosen) !== JSON.stringify(scene.selected)) this.choose(scene.selected);
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

  // What Python says is selected, where that is news: a form may have selected it, or a link.
  choose(selected) {
    if (!selected) this.chosen.clear();
    else if (!this.chosen.has(selected.block)) this.chosen = new Set([selected.block]);
    this.wire =
      (selected?.slot ?? null) === null ? null : `${selected.block}.${selected.slot}`;
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
    if (focused !== undefined) {
      this.refocusing = true; // Nobody has turned to it: it is not chosen anew.
      this.nodeOf(focused)?.focus({ preventScroll: true });
      this.refocusing = false;
    }
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

  // By a share of the width, as far as there is something to see.
  pan(share) {
    this.view.x += share * this.stage.clientWidth;
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
    const [block, slot] = fits ? found.chosen : [];
    const same = fits && block === now.block && slot === now.slot && found.also === this.also;
    return same ? found.tables : null;
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
    const block = this.scene.selected?.block;
    return this.chosen.has(block) ? block : [...this.chosen][0];
  }

  facts(id) {
    return this.ahead[id];
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

  // Where in the order a drop at x would put a block.
  positionAt(x, id) {
    const own = this.node(id);
    if (Math.abs(x - own.x) < this.scene.drawing.pitch * 0.6) return this.order.indexOf(id);
    return this.scene.drawing.nodes.filter((node) => node !== own && node.x < x).length;
  }
}
