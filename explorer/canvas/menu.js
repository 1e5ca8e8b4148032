// The block's own menu.

Object.assign(Canvas.prototype, {
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
      button.addEventListener("click", () => {
        action();
        this.nodeOf(block.id)?.focus({ preventScroll: true }); // not into the menu that is gone
      });
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

