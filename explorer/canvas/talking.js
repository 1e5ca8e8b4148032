// To Python: gestures. To the person: words beside the pointer, and for whoever cannot see them.

Object.assign(Canvas.prototype, {
  // A gesture is sent until Python says that it has seen it: of two that follow each other closely,
  // the browser may hand over only the last.
  send(kind, value = {}) {
    if (kind === "undo" && !this.scene.can_undo) return;
    if (kind === "redo" && !this.scene.can_redo) return;
    this.count += 1;
    const gesture = { n: this.count, kind, ...value };
    const waiting = this.waiting.filter((one) => kind !== "select" || one.kind !== "select");
    this.waiting = [...waiting, gesture];
    this.foresee(gesture);
    this.frame.dataset.waiting = this.waiting.length;
    this.sendValue("gestures", this.waiting);
    clearInterval(this.again);
    this.again = setInterval(() => this.sendAgain(), PATIENCE);
  },

  // While the connection is lost nobody hears; Python takes up each gesture once.
  sendAgain() {
    if (!this.waiting.length || !this.frame.isConnected) clearInterval(this.again);
    else this.sendValue("gestures", this.waiting);
  },

  // Each edit is a name and its arguments: ["swap", 5, 9, "place"].
  edit(...edits) {
    this.closeMenu();
    this.send("edit", { edits });
  },

  select(id, slot = null) {
    this.wire = slot === null ? null : `${id}.${slot}`;
    const now = this.scene.selected;
    const also = [...this.chosen].filter((one) => one !== id);
    const same = now && now.block === id && now.slot === slot && also.join() === this.also;
    this.also = also.join();
    if (!same) this.send("select", { block: id, slot, also });
  },

  // What Python promised for a drop, once it has.
  promise(table, key) {
    return this.promises?.[table]?.[key] ?? null;
  },

  say(text) {
    this.said.textContent = text;
  },

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
  },

  hideTip() {
    this.tip.hidden = true;
  },

  clearTargets() {
    for (const group of this.world.querySelectorAll(".no, .yes")) {
      group.classList.remove("no", "yes");
    }
  },
});
