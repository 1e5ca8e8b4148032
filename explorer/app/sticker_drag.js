// A photograph with one sticker on it that can be dragged, sized with the wheel and turned, and the
// boxes that were found. Lengths are pixels of the network's input, a square of `side`.

const EVERY = 110; // Milliseconds between two messages while something moves.
const mounted = new WeakMap();

const HIGH = 4.4; // Of the words of a box.

// Where words of this width hide no others: above their box, below, or inside it at the top.
function free([x0, y0, , y1], width, side, taken) {
  const x = Math.max(0, Math.min(x0, side - width));
  const meets = (y) => taken.some((other) => x < other.x + other.width && other.x < x + width
    && y < other.y + HIGH && other.y < y + HIGH);
  const places = [y0 - HIGH, y1, y0].filter((y) => y >= 0 && y <= side - HIGH);
  return { x, y: places.find((y) => !meets(y)) ?? Math.max(0, y0 - HIGH) };
}

const within = (value, low, high) => Math.min(high, Math.max(low, value));

class Table {
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector(".table");
    this.photo = root.querySelector(".photo");
    this.sticker = root.querySelector(".sticker");
    this.boxes = root.querySelector("svg");
    this.at = null;
    this.number = Date.now();
    this.timer = 0;
    this.held = null;
    this.listen();
  }

  listen() {
    const { sticker, frame } = this;
    sticker.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      sticker.focus({ preventScroll: true });
      sticker.setPointerCapture(event.pointerId);
      const here = this.pixel(event);
      this.held = { x: here.x - this.at.x, y: here.y - this.at.y };
    });
    sticker.addEventListener("pointermove", (event) => {
      if (!this.held) return;
      const here = this.pixel(event);
      this.change({ x: here.x - this.held.x, y: here.y - this.held.y });
    });
    const drop = () => {
      if (this.held) this.send();
      this.held = null;
    };
    sticker.addEventListener("pointerup", drop);
    sticker.addEventListener("pointercancel", drop);
    frame.addEventListener(
      "wheel",
      (event) => {
        if (event.target !== sticker && document.activeElement !== sticker) return;
        event.preventDefault();
        const step = Math.sign(event.deltaY || event.deltaX);
        if (event.shiftKey) this.change({ angle: this.at.angle + 3 * step });
        else this.change({ size: this.at.size * (step > 0 ? 1 / 1.08 : 1.08) });
      },
      { passive: false },
    );
    sticker.addEventListener("keydown", (event) => {
      const { x, y, size, angle } = this.at;
      const pace = event.shiftKey ? 8 : 2;
      const moves = {
        ArrowLeft: { x: x - pace }, ArrowRight: { x: x + pace },
        ArrowUp: { y: y - pace }, ArrowDown: { y: y + pace },
        "+": { size: size + 2 }, "-": { size: size - 2 },
        "[": { angle: angle - 3 }, "]": { angle: angle + 3 },
      };
      if (!(event.key in moves)) return;
      event.preventDefault();
      this.change(moves[event.key]);
    });
  }

  pixel(event) {
    const box = this.frame.getBoundingClientRect();
    const scale = this.data.side / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  change(some) {
    const { side, sizes, angles } = this.data;
    const next = { ...this.at, ...some };
    this.at = {
      x: within(next.x, 0, side),
      y: within(next.y, 0, side),
      size: within(next.size, sizes[0], sizes[1]),
      angle: within(next.angle, angles[0], angles[1]),
    };
    this.paint();
    if (!this.timer) this.timer = setTimeout(() => this.send(), EVERY);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.number += 1;
    this.tell("moved", { n: this.number, ...this.at });
  }

  paint() {
    const { side, margin, name } = this.data;
    const { x, y, size, angle } = this.at;
    const share = (value) => `${(100 * value) / side}%`;
    this.sticker.style.width = share(size * margin);
    this.sticker.style.left = share(x);
    this.sticker.style.top = share(y);
    this.sticker.style.transform = `translate(-50%, -50%) rotate(${angle}deg)`;
    this.sticker.setAttribute(
      "aria-label",
      `${name}, ${Math.round(size)} pixels, at ${Math.round(x)}, ${Math.round(y)}`,
    );
  }

  paintBoxes() {
    const { side, boxes } = this.data;
    this.boxes.setAttribute("viewBox", `0 0 ${side} ${side}`);
    this.boxes.replaceChildren();
    const add = (tag, words, text) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [key, value] of Object.entries(words)) made.setAttribute(key, value);
      if (text) made.textContent = text;
      this.boxes.append(made);
      return made;
    };
    for (const one of [...boxes].reverse()) {
      const [x0, y0, x1, y1] = one.box;
      add("rect", {
        x: x0, y: y0, width: x1 - x0, height: y1 - y0,
        fill: "none", stroke: one.colour, "stroke-width": 0.8,
      });
    }
    const taken = []; // The best box has the first choice of a place for its words.
    for (const one of boxes) {
      const words = `${one.label} ${one.score.toFixed(2)} P${one.level}`;
      const back = add("rect", { height: HIGH, fill: one.colour });
      const text = add("text", { fill: one.ink }, words);
      const width = text.getComputedTextLength() + 1.2;
      const { x, y } = free(one.box, width, side, taken);
      taken.push({ x, y, width });
      for (const [name, value] of [["x", x], ["y", y], ["width", width]]) {
        back.setAttribute(name, value);
      }
      text.setAttribute("x", x + 0.6);
      text.setAttribute("y", y + 3.3);
    }
  }

  update(data, tell) {
    this.data = data;
    this.tell = tell;
    if (this.photo.src !== data.photo) this.photo.src = data.photo;
    if (this.sticker.src !== data.sticker) this.sticker.src = data.sticker;
    this.photo.alt = data.alt;
    // What the hand does is ahead of what Python knows.
    if (!this.held && !this.timer) this.at = { ...data.at };
    this.paint();
    this.paintBoxes();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let table = mounted.get(parentElement);
  if (!table || !parentElement.contains(table.frame)) {
    table = new Table(parentElement);
    mounted.set(parentElement, table);
  }
  table.update(data, setTriggerValue);
}
