// Paints a drawing that explorer/drawing has laid out. Nothing here decides where anything stands:
// the layout's units are only stretched to the room there is.

const SVG = "http://www.w3.org/2000/svg";

function element(name, attributes = {}, children = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function label(x, y, text, attributes = {}) {
  const made = element("text", { x, y, ...attributes });
  made.textContent = text;
  return made;
}

// How layout units become pixels: wide enough to tell places apart, high enough to fill the frame.
function stretch(drawing, width, height) {
  const narrowest = 13 / drawing.pitch;
  return {
    x: Math.max(narrowest, Math.min(1.7, (width - LEFT - RIGHT) / (drawing.width - drawing.left))),
    y: Math.max(0.6, Math.min(1.6, height / drawing.height)),
  };
}

function pathOf(points, scale) {
  const at = ([x, y]) => `${(x * scale.x).toFixed(1)} ${(y * scale.y).toFixed(1)}`;
  let text = `M${at(points[0])}`;
  for (let i = 1; i + 2 < points.length; i += 3) {
    text += `C${at(points[i])} ${at(points[i + 1])} ${at(points[i + 2])}`;
  }
  return text;
}

// `share` is the part of the energy entering the child that this wire brings, where that is known.
function paintWire(wire, scale, theme, selected, share) {
  const d = pathOf(wire.points, scale);
  const end = wire.points[wire.points.length - 1];
  const [ex, ey] = [end[0] * scale.x, end[1] * scale.y];
  const own = wire.parent !== null && wire.child !== null;
  const group = element("g", {
    class: `wire${own && wire.kind !== "joined" ? " live" : ""}${selected ? " chosen" : ""}`,
    "data-parent": wire.parent,
    "data-child": wire.child,
    "data-slot": own ? wire.slot : null,
    "data-kind": wire.kind,
  });
  group.append(
    element("path", { d, class: "halo", stroke: theme.background }),
    element("path", {
      d,
      class: "line",
      stroke: selected ? theme.accent : wire.look,
      "stroke-dasharray": wire.dashed ? "5 3" : null,
      style: share === undefined ? null : `stroke-width: ${(0.8 + 6 * share).toFixed(1)}`,
    }),
  );
  if (wire.child !== null) {
    const fill = selected ? theme.accent : wire.look;
    group.append(element("path", { d: `M${ex} ${ey}l-7 -3v6z`, fill }));
  }
  if (own) {
    group.append(element("path", { d, class: "grip" }));
    if (wire.kind !== "joined") {
      const [sx, sy] = [wire.points[0][0] * scale.x, wire.points[0][1] * scale.y];
      group.append(
        element("circle", { class: "end", "data-end": "parent", cx: sx + 5, cy: sy, r: 5 }),
        element("circle", { class: "end", "data-end": "child", cx: ex - 6, cy: ey, r: 5 }),
      );
    }
  }
  return group;
}

function paintNode(node, scale, theme, view) {
  const [x, y] = [node.x * scale.x, node.y * scale.y];
  const points = node.corners.map(([a, b]) => `${a * scale.x},${b * scale.y}`).join(" ");
  const high = node.height * scale.y;
  const wide = node.width * scale.x;
  const group = element("g", {
    class: `block${node.in_stem ? " fixed" : ""}${node.dead ? " dead" : ""}`,
    "data-block": node.id,
    tabindex: 0,
    role: "button",
    "aria-pressed": view.chosen.has(node.id) ? "true" : "false",
    "aria-label": node.spoken,
  });
  group.append(
    element("polygon", {
      points,
      class: "body",
      fill: node.look.fill,
      stroke: node.look.border,
      "stroke-width": node.look.width,
    }),
  );
  const flat = wide >= 20; // Wide enough for its name from left to right.
  const map = view.mapOf(node.id);
  const side = Math.min(wide - 5, high - (flat ? 16 : 30));
  const shown = map && side > 7;
  if (shown) {
    const [left, top] = [x - side / 2, y - high / 2 + 3];
    const edge = node.corners.map(([a, b]) => `${a * scale.x - left}px ${b * scale.y - top}px`);
    group.append(
      element("image", {
        href: map,
        x: left,
        y: top,
        style: `clip-path: polygon(${edge}) fill-box`, // where the block's corners are cut
        width: side,
        height: side,
        preserveAspectRatio: "none",
        class: "map",
      }),
    );
  }
  // Where corners are cut, a name may reach beyond the block: it brings its ground along.
  const below = shown ? high / 2 - 4 : 4;
  if (flat) {
    group.append(
      label(x, y + below, node.label, {
        fill: node.dead ? theme.muted : node.text,
        stroke: node.look.fill,
        class: "name",
      }),
    );
  } else if (high > 26 && wide > 9) {
    const middle = shown ? y + side / 2 : y;
    group.append(
      label(x, middle, node.label, {
        fill: node.dead ? theme.muted : node.text,
        stroke: node.look.fill,
        class: "name small",
        transform: `rotate(-90 ${x} ${middle}) translate(0 3.5)`,
      }),
    );
  } else if (wide > 9) {
    const under = { fill: theme.muted, class: "name small" };
    group.append(label(x, y + high / 2 + 11, node.label, under));
  }
  if (node.note && flat) {
    group.append(label(x, y + high / 2 + 12, node.note, { fill: theme.ink, class: "name note" }));
  }
  if (view.fresh.has(node.id)) {
    group.append(
      element("circle", {
        cx: x + wide / 2 - 1,
        cy: y - high / 2 + 1,
        r: 4,
        class: "fresh",
        fill: theme.accent,
        stroke: theme.background,
      }),
    );
  }
  group.append(
    element("circle", {
      class: "port",
      "data-port": node.id,
      cx: x + wide / 2 + 5,
      cy: y + high / 2 + 5,
      r: 6,
    }),
  );
  group.append(
    element("rect", {
      class: "ring",
      x: x - wide / 2 - 4,
      y: y - high / 2 - 4,
      width: wide + 8,
      height: high + 8,
      rx: 6,
    }),
  );
  return group;
}

function paintTerminal(end, scale, theme) {
  const [x, y] = [end.x * scale.x, end.y * scale.y];
  const group = element("g", { class: "terminal", "data-output": end.block });
  group.append(
    element("circle", {
      cx: x,
      cy: y,
      r: 13,
      fill: end.fill,
      stroke: theme.ink,
      "stroke-width": 2.2,
    }),
    label(x, y + 4, end.label, { fill: end.text, class: "name bold" }),
  );
  return group;
}

function paintImage(image, scale, theme) {
  const [x, y] = [image.x * scale.x, image.y * scale.y];
  const [w, h] = [image.width * scale.x, image.height * scale.y];
  return element("g", { class: "photo" }, [
    element("rect", {
      x: x - w / 2,
      y: y - h / 2,
      width: w,
      height: h,
      fill: theme.background,
      stroke: theme.wire,
    }),
    label(x, y, image.label, {
      fill: theme.muted,
      class: "name small",
      transform: `rotate(-90 ${x} ${y}) translate(0 4)`,
    }),
  ]);
}

function paintLanes(drawing, scale, view, width, theme) {
  return drawing.lanes.map((lane) =>
    element("rect", {
      class: "lane",
      "data-lane": lane.level,
      x: LEFT,
      y: view.y + view.k * lane.top * scale.y,
      width: Math.max(0, width - LEFT),
      height: view.k * (lane.bottom - lane.top) * scale.y,
      fill: lane.shaded ? theme.band : "transparent",
    }),
  );
}

// Names of lanes stay in the frame while the network is panned below them.
function paintMargin(drawing, scale, view, height, theme) {
  const parts = [element("rect", { width: LEFT - 4, height, fill: theme.background })];
  for (const lane of drawing.lanes) {
    const y = view.y + view.k * lane.top * scale.y;
    const high = view.k * (lane.bottom - lane.top) * scale.y;
    const [x, middle] = [LEFT - 10, y + high / 2];
    parts.push(
      element("rect", { x: LEFT - 4, y, width: 4, height: high, fill: lane.colour }),
      label(x, middle - 2, lane.label, { fill: theme.ink, class: "level" }),
      label(x, middle + 11, lane.stride, { fill: theme.muted, class: "stride" }),
    );
  }
  return parts;
}

function paintPhases(drawing, scale, theme) {
  return drawing.phases.flatMap((phase) => {
    const [left, right, y] = [phase.left * scale.x, phase.right * scale.x, phase.y * scale.y];
    return [
      element("path", {
        d: `M${left} ${y + 5}V${y}H${right}v5`,
        fill: "none",
        stroke: theme.rule,
      }),
      // A bracket too narrow for its words is told by its neighbours.
      ...(right - left < 5.6 * phase.label.length
        ? []
        : [label((left + right) / 2, y - 4, phase.label, { fill: theme.muted, class: "phase" })]),
    ];
  });
}

// The key to the drawing: a mark and its meaning, in a row.
function paintLegend(drawing, theme) {
  const stroke = { stroke: theme.ink, "stroke-width": 1.2, fill: "none" };
  const marks = {
    fill: (colour) => element("rect", { x: 1, y: 2, width: 10, height: 10, fill: colour }),
    line: (colour) => element("path", { d: "M0 7h18", stroke: colour, "stroke-width": 2.4 }),
    dashed: () => element("path", { d: "M0 7h18", ...stroke, "stroke-dasharray": "4 3" }),
    box: () => element("rect", { x: 2, y: 1, width: 8, height: 12, ...stroke }),
    diamond: () => element("path", { d: "M4 1h4l3 6l-3 6h-4l-3 -6z", ...stroke }),
    round: () => element("rect", { x: 2, y: 1, width: 8, height: 12, rx: 4, ...stroke }),
    octagon: () => element("path", { d: "M4 2h4l3 3v4l-3 3h-4l-3 -3v-4z", ...stroke }),
    border: () => element("rect", { x: 2, y: 2, width: 8, height: 10, ...stroke, "stroke-width": 2.6 }),
    faded: () => element("rect", { x: 2, y: 1, width: 8, height: 12, ...stroke, opacity: 0.4 }),
    dot: () => element("circle", { cx: 6, cy: 7, r: 4, fill: theme.accent }),
  };
  const title = document.createElement("span");
  title.textContent = drawing.legend_title;
  const items = drawing.legend.map((item) => {
    const span = document.createElement("span");
    const wide = item.mark === "line" || item.mark === "dashed";
    const svg = element("svg", { width: wide ? 18 : 12, height: 14 });
    svg.append((marks[item.mark] || marks.fill)(item.colour || theme.muted));
    span.append(svg, item.label);
    return span;
  });
  return drawing.legend_title ? [title, ...items] : items;
}

const LEFT = 64;
