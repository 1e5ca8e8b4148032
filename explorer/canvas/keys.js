// The keyboard's way to each gesture, and the list of it that `?` shows.

const KEYS = [
  ["Tab, Shift+Tab", "the next block, the one before"],
  ["↑ ↓", "put the block on the level above, below"],
  ["← →", "move it earlier, later in the order"],
  ["Shift+← →", "choose the block before, after it too; ↑ ↓ and Delete then act on all"],
  ["S", "swap: choose the other block with ← →, then Enter"],
  ["R", "rewire: ↑ ↓ choose the wire, ← → the new parent, then Enter; Delete cuts it"],
  ["C", "connect one more parent: ← → choose it, then Enter"],
  ["X", "cut the last wire into the block"],
  ["A", "add a block after this one, on its level"],
  ["D", "duplicate"],
  ["Delete", "remove"],
  ["B", "the next kind of block"],
  ["[ ]", "one repeat fewer, more"],
  ["O", "mark as an output, or take the mark off"],
  ["M", "the block's menu"],
  ["L", "wires stay with the place, or follow the block"],
  ["E", "wires as thick as the energy that they bring"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
  ["+ − F", "zoom in, out, fit; Ctrl + wheel zooms, Shift + wheel or the middle button pans"],
  ["Page Up, Page Down", "pan to the left, to the right"],
  ["Esc", "let go of what is held"],
];

function onKey(canvas, event) {
  const key = event.key;
  const command = event.ctrlKey || event.metaKey;
  if (command && key.toLowerCase() === "z") {
    canvas.send(event.shiftKey ? "redo" : "undo");
  } else if (command && key.toLowerCase() === "y") {
    canvas.send("redo");
  } else if (command || event.altKey) {
    return;
  } else if (canvas.pick) {
    if (!onPickKey(canvas, key)) return;
  } else if (!onBlockKey(canvas, key, event.shiftKey) && !onViewKey(canvas, key)) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function onViewKey(canvas, key) {
  const actions = {
    "?": () => canvas.toggleHelp(),
    "+": () => canvas.zoom(1.25),
    "=": () => canvas.zoom(1.25),
    "-": () => canvas.zoom(0.8),
    f: () => canvas.fit(),
    F: () => canvas.fit(),
    e: () => canvas.toggleEnergy(),
    E: () => canvas.toggleEnergy(),
    l: () => canvas.toggleFollow(),
    L: () => canvas.toggleFollow(),
    PageUp: () => canvas.pan(0.5),
    PageDown: () => canvas.pan(-0.5),
    Escape: () => canvas.letGo(),
  };
  if (!actions[key]) return false;
  actions[key]();
  return true;
}

function onBlockKey(canvas, key, shifted) {
  const block = canvas.facts(canvas.primary);
  if (!block) return false;
  const after = canvas.order.indexOf(block.id);
  const actions = {
    ArrowUp: () => canvas.shiftLevel(-1),
    ArrowDown: () => canvas.shiftLevel(1),
    ArrowLeft: () => canvas.goSideways(block, -1, shifted),
    ArrowRight: () => canvas.goSideways(block, 1, shifted),
    s: () => canvas.startPick("swap", block),
    r: () => canvas.startPick("rewire", block),
    c: () => canvas.startPick("connect", block),
    x: () => canvas.edit(["disconnect", block.id, block.parents.length - 1]),
    a: () => canvas.addAfter(block),
    d: () => canvas.duplicate(block),
    o: () => canvas.edit(["set_output", block.id, !block.is_output]),
    b: () => canvas.nextOp(block),
    m: () => canvas.openMenu(block),
    "[": () => canvas.repeat(block, -1),
    "]": () => canvas.repeat(block, 1),
    Delete: () => canvas.removeChosen(),
    Backspace: () => canvas.removeChosen(),
    Enter: () => canvas.openMenu(block),
  };
  const action = actions[key] || actions[key.toLowerCase()];
  if (!action) return false;
  action();
  return true;
}

function onPickKey(canvas, key) {
  const pick = canvas.pick;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (step) canvas.movePick(step);
  else if (pick.kind === "rewire" && (key === "ArrowUp" || key === "ArrowDown")) {
    const count = pick.block.parents.length;
    pick.slot = (pick.slot + (key === "ArrowUp" ? count - 1 : 1)) % count;
    pick.target = pick.block.parents[pick.slot];
    canvas.chooseWire(pick.block.id, pick.slot);
    canvas.showPick();
  } else if (key === "Enter" || key === " ") canvas.finishPick();
  else if (pick.kind === "rewire" && (key === "Delete" || key === "Backspace")) canvas.cutPick();
  else if (key === "Escape") canvas.letGo();
  else return false;
  return true;
}
