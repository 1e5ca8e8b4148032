// The mouse, the pen and the finger: what is pressed, held, hovered over and let go.

Object.assign(Canvas.prototype, {
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
    }
    event.preventDefault();
  },

  chooseWire(child, slot) {
    this.select(child, slot);
    this.paint();
  },

  only(id) {
    this.chosen = new Set([id]);
    this.select(id);
    this.mark();
  },

  toggle(id) {
    if (this.chosen.has(id) && this.chosen.size > 1) this.chosen.delete(id);
    else this.chosen.add(id);
    this.select(this.chosen.has(id) ? id : [...this.chosen].pop());
    this.mark();
  },

  mark() {
    for (const group of this.world.querySelectorAll("[data-block]")) {
      const here = this.chosen.has(Number(group.dataset.block));
      group.setAttribute("aria-pressed", here ? "true" : "false");
    }
    this.showHint();
  },

  wireInto(child, slot) {
    return this.scene.drawing.wires.find((w) => w.child === child && w.slot === slot);
  },

  // In pixels, from end to end.
  lengthOf(child, slot) {
    const { points } = this.wireInto(child, slot);
    const [first, last] = [points[0], points[points.length - 1]];
    const { k } = this.view;
    const [dx, dy] = [(first[0] - last[0]) * this.scale.x, (first[1] - last[1]) * this.scale.y];
    return Math.hypot(dx, dy) * k;
  },

  nearerEnd(child, slot, at) {
    const wire = this.wireInto(child, slot);
    const [first, last] = [wire.points[0], wire.points[wire.points.length - 1]];
    const far = ([x, y]) => Math.hypot(x - at.x, y - at.y);
    return far(first) < far(last) ? "parent" : "child";
  },

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
  },

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
  },

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
  },

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
  },

  letGo() {
    this.press = null;
    this.pick = null;
    this.help.hidden = true;
    this.closeMenu();
    this.hideTip();
    this.clearTargets();
    this.frame.classList.remove("dragging");
    if (this.scene) this.paint();
  },

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
  },

  onFocus(event) {
    const group = event.target.closest?.("[data-block]");
    if (!group || this.press || this.pick || this.refocusing) return;
    const id = Number(group.dataset.block);
    if (!this.chosen.has(id)) this.only(id);
    const x = this.shift + this.node(id).x * this.scale.x * this.view.k;
    const width = this.stage.clientWidth;
    if (x < LEFT + 20 || x > width - 20) {
      this.view.x += width / 2 - x;
      this.place();
    }
  },

  // Undo and redo work from anywhere on the page, but in a field, which has its own.
  onPageKey(event) {
    const field = event.composedPath()[0];
    if (field.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(field.tagName)) return;
    if (!this.frame.isConnected) return this.gone.abort();
    if ((event.ctrlKey || event.metaKey) && "zy".includes(event.key.toLowerCase())) {
      onKey(this, event);
    }
  },

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
  },

  toggleFollow() {
    this.follow = this.follow === "place" ? "block" : "place";
    this.setButtons();
    this.say(this.frame.querySelector('[data-do="follow"]').textContent);
  },

  toggleEnergy() {
    this.energy = !this.energy;
    this.setButtons();
    this.paint();
  },

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
  },
});
