// A walk through drawings: `play(root, data)` shows it; called again with the same data it goes on.
const SVG = "http://www.w3.org/2000/svg";
const PACE = 750; // milliseconds a stop

function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
}

function html(name, properties, parent) {
  const element = Object.assign(document.createElement(name), properties);
  parent.append(element);
  return element;
}

function ground(svg, data) {
  for (const lane of data.lanes) {
    const height = lane.bottom - lane.top;
    if (lane.shaded)
      make("rect", { x: data.left, y: lane.top, width: data.width - data.left, height, fill: data.colours.band }, svg);
    make("rect", { x: data.left, y: lane.top, width: 4, height, fill: lane.colour }, svg);
    const label = make("text", { x: data.left - 8, y: (lane.top + lane.bottom) / 2 + 4, fill: data.colours.ink, "text-anchor": "end" }, svg);
    label.textContent = lane.label;
  }
}

function matched(layer, known, items, key, create, update) {
  const seen = new Set();
  for (const item of items) {
    const name = String(key(item));
    seen.add(name);
    let element = known.get(name);
    const fresh = !element;
    if (fresh) {
      element = create(item);
      known.set(name, element);
      layer.append(element);
    }
    update(element, item, fresh);
  }
  for (const [name, element] of known) {
    if (seen.has(name)) continue;
    element.remove();
    known.delete(name);
  }
}

function stage(root, data) {
  const svg = make("svg", { viewBox: `0 0 ${data.width} ${data.height}`, role: "img", class: "drawing" });
  root.append(svg);
  ground(svg, data);
  const wires = make("g", {}, svg), nodes = make("g", {}, svg), ends = make("g", {}, svg);
  const known = { wires: new Map(), nodes: new Map(), ends: new Map() };
  return (stop) => {
    svg.setAttribute("aria-label", stop.alt);
    matched(wires, known.wires, stop.wires, (wire) => wire.key, () => make("path", { class: "wire" }),
      (path, wire, fresh) => {
        path.setAttribute("stroke", wire.colour);
        path.setAttribute("stroke-dasharray", wire.dashed ? "5 3" : "none");
        path.setAttribute("d", wire.path);
        path.style.d = `path("${wire.path}")`;
        if (fresh) path.style.opacity = 1;
      });
    matched(nodes, known.nodes, stop.nodes, (node) => node.id,
      (node) => {
        const group = make("g", { class: "node" });
        make("polygon", {}, group);
        make("text", { y: 4, "text-anchor": "middle" }, group);
        return group;
      },
      (group, node) => {
        const [shape, label] = group.children;
        const marked = node.id === stop.block;
        shape.setAttribute("points", node.corners);
        shape.setAttribute("fill", node.fill);
        shape.setAttribute("stroke", marked ? data.colours.accent : node.border);
        shape.setAttribute("stroke-width", marked ? 4 : node.width);
        label.textContent = node.label;
        label.setAttribute("fill", node.text);
        group.style.transform = `translate(${node.x}px, ${node.y}px)`;
      });
    matched(ends, known.ends, stop.ends, (end) => end.label,
      (end) => {
        const group = make("g", { class: "node" });
        make("circle", { r: 13, "stroke-width": 2.2 }, group);
        make("text", { y: 4, "text-anchor": "middle" }, group);
        return group;
      },
      (group, end) => {
        const [shape, label] = group.children;
        shape.setAttribute("fill", end.fill);
        shape.setAttribute("stroke", data.colours.ink);
        label.textContent = end.label;
        label.setAttribute("fill", end.text);
        group.style.transform = `translate(${end.x}px, ${end.y}px)`;
      });
  };
}

function chart(root, data, series) {
  const figure = html("figure", {}, root);
  const caption = html("figcaption", {}, figure);
  const wide = 300, high = 84, pad = 8;
  const svg = make("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img" });
  figure.append(svg);
  const low = Math.min(...series.values), top = Math.max(...series.values);
  const x = (at) => pad + (at / Math.max(series.values.length - 1, 1)) * (wide - 2 * pad);
  const y = (value) => high - pad - ((value - low) / (top - low || 1)) * (high - 2 * pad);
  make("path", { d: `M${pad} ${high - pad}H${wide - pad}`, stroke: data.colours.rule }, svg);
  const points = series.values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  make("polyline", { points, fill: "none", stroke: data.colours.muted, "stroke-width": 2 }, svg);
  const dot = make("circle", { r: 5, fill: data.colours.accent }, svg);
  return (at) => {
    dot.setAttribute("cx", x(at));
    dot.setAttribute("cy", y(series.values[at]));
    caption.textContent = `${series.label}: ${series.texts[at]}`;
    svg.setAttribute("aria-label", `${series.label} along the way, from ${series.texts[0]} to ${series.texts.at(-1)}; now ${series.texts[at]}`);
  };
}

function play(root, data) {
  const signature = JSON.stringify([data.name, data.colours, data.series.map((one) => one.label), data.stops.map((stop) => stop.text)]);
  if (root.walked === signature) return;
  if (root.timer) clearInterval(root.timer);
  root.walked = signature;
  root.replaceChildren();
  const box = html("div", { className: "walk" }, root);
  const show = stage(box, data);
  const bar = html("div", { className: "bar" }, box);
  const button = html("button", { type: "button", textContent: "▶ Play" }, bar);
  const back = html("button", { type: "button", textContent: "◀", title: "One edit back" }, bar);
  const ahead = html("button", { type: "button", textContent: "▶", title: "One edit on" }, bar);
  const slider = html("input", { type: "range", min: 0, max: data.stops.length - 1, value: 0 }, bar);
  slider.setAttribute("aria-label", "Edit");
  const count = html("span", { className: "count" }, bar);
  const now = html("div", { className: "now" }, box);
  now.setAttribute("aria-live", "polite");
  const charts = html("div", { className: "charts" }, box);
  const drawn = data.series.map((series) => chart(charts, data, series));
  const go = (at) => {
    const place = Math.min(Math.max(at, 0), data.stops.length - 1);
    slider.value = place;
    count.textContent = `${place} of ${data.stops.length - 1}`;
    now.textContent = data.stops[place].text;
    show(data.stops[place]);
    for (const draw of drawn) draw(place);
    root.dataset.place = place;
  };
  const stop = () => {
    clearInterval(root.timer);
    root.timer = null;
    button.textContent = "▶ Play";
  };
  button.onclick = () => {
    if (root.timer) return stop();
    if (Number(slider.value) === data.stops.length - 1) go(0);
    button.textContent = "❚❚ Pause";
    root.timer = setInterval(() => {
      if (!root.isConnected) return stop();
      go(Number(slider.value) + 1);
      if (Number(slider.value) === data.stops.length - 1) stop();
    }, PACE);
  };
  back.onclick = () => { stop(); go(Number(slider.value) - 1); };
  ahead.onclick = () => { stop(); go(Number(slider.value) + 1); };
  slider.oninput = () => { stop(); go(Number(slider.value)); };
  go(0);
}
