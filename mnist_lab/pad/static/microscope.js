// The microscope: a network at work on a digit; a click takes any of its numbers apart.

import { BOARD, GRID, mountBoard, pack, unpack } from "./board.js";
import { strokesToDigit } from "./digit.js";
import { loadNetwork, slide } from "./forward.js";
import { ABOVE, BELOW, cellAt, explain, largest, name, place, show, sum } from "./reasons.js";

const AREA = 220 * 430; // pixels, about, for the maps of a layer
const WIDE = 225; // pixels, at most, for a row of them
const TALL = 420; // pixels, at most, for a column of bars
const PAPER = [20, 23, 29];
const PIXEL = 6; // of the picture of reasons, for each of the digit
const KEYS = {
  ArrowUp: [0, -1, 0], ArrowDown: [0, 1, 0], ArrowLeft: [0, 0, -1], ArrowRight: [0, 0, 1],
  PageUp: [-1, 0, 0], PageDown: [1, 0, 0],
}; // map, row, column
const BAR_KEYS = { ...KEYS, ArrowUp: KEYS.PageUp, ArrowDown: KEYS.PageDown };
const HOW = `<p>Click any cell, bar or probability to see how it came about. By keyboard: Tab to a layer,
arrow keys to a cell, Page Up and Page Down to another map, Enter opens, Escape closes.</p>`;
const ROUNDED = "<small>Rounded at the third decimal, up or down, so that what is shown adds up.</small>";
const PAGE = `
<div class="mnl-left">${BOARD}</div>
<div class="mnl-right">
<p class="mnl-words"></p>
<p class="mnl-legend">below zero <i></i> above zero; in each layer the brightest is its strongest, written under it.
Maps, rows, columns and units are counted from 0, as Python does.</p>
<label class="mnl-epochs" hidden>Trained for <input type="range" min="0"><output></output></label>
<div class="mnl-panels"></div>
</div>
<div class="mnl-networks"></div>
<p class="mnl-held"></p>
<p class="mnl-said" role="status"></p>`;

// How a layer is laid out: a tile for each map, or a bar for each unit

function layOut(shape) {
  const [height, width, maps] = shape.length === 3 ? shape : [1, 1, ...shape];
  if (shape.length === 3) {
    const scale = Math.max(1, Math.round(Math.min(84, Math.sqrt(AREA / maps) - 3) / height));
    return tiles({ height, width, maps }, scale, WIDE);
  }
  const tall = Math.max(3, Math.min(14, Math.floor(TALL / maps)));
  const columns = Math.ceil((maps * tall) / TALL);
  return { bars: true, height, width, maps, columns, gap: 1, tile: [50, tall - 1] };
}

function tiles({ height, width, maps }, scale, wide) {
  const columns = Math.max(1, Math.min(maps, Math.floor(wide / (width * scale + 3))));
  return { height, width, maps, scale, columns, gap: 3, tile: [width * scale, height * scale] };
}

const sizeOf = ({ tile, gap, columns, maps }) => [
  columns * (tile[0] + gap) - gap,
  Math.ceil(maps / columns) * (tile[1] + gap) - gap,
];

// Where a rectangle of cells lies: left, top, width and height, in pixels of the canvas.
function boxOf({ tile, gap, columns, width, height }, { map, y = 0, x = 0, high = 1, wide = 1 }) {
  const [w, h] = [tile[0] / width, tile[1] / height];
  const [left, top] = [(map % columns) * (tile[0] + gap), Math.floor(map / columns) * (tile[1] + gap)];
  return [left + x * w, top + y * h, wide * w, high * h];
}

function cellUnder({ tile, gap, columns, width, height, maps }, x, y) {
  const [right, down] = [tile[0] + gap, tile[1] + gap];
  const map = Math.floor(y / down) * columns + Math.min(columns - 1, Math.floor(x / right));
  const inside = (at, side, cells) => Math.min(cells - 1, Math.floor((at / side) * cells));
  return { map: Math.min(maps - 1, map), y: inside(y % down, tile[1], height), x: inside(x % right, tile[0], width) };
}

// Where each cell of a layer has its middle on the digit, and how far it is to the next: [y, x].
function lensOf(layer, { layout, lens }) {
  const { kernel_size, pool_size, strides, padding, cropping } = layer;
  const window = kernel_size ?? pool_size ?? [1, 1];
  return lens.map(({ middle, step }, axis) => {
    const side = axis ? layout.width : layout.height;
    const outside = strides ? slide(side, window[axis], strides[axis], padding)[1] : 0;
    const first = (window[axis] - 1) / 2 - outside + (cropping?.[axis][0] ?? 0);
    return { middle: middle + first * step, step: step * (strides?.[axis] ?? 1) };
  });
}

// Painting

const shades = (colour, bend = 0.7) => // small values are made easier to see
  Uint32Array.from({ length: 256 }, (_, level) => {
    const [r, g, b] = colour.map((c, at) => PAPER[at] + (c - PAPER[at]) * (level / 255) ** bend);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
const SHADES = { ink: shades([255, 255, 255], 1), above: shades(ABOVE), below: shades(BELOW) };
const colour = (value, share = 1) => `rgb(${(value < 0 ? BELOW : ABOVE).join(" ")} / ${share})`;

function resize(canvas, layout) {
  const [width, height] = sizeOf(layout);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

function paintMaps(canvas, layout, data, above = SHADES.above) {
  const { height, width, maps, scale } = layout;
  const [wide, high] = sizeOf(layout);
  const image = new ImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const levels = 255 / largest(data);
  for (let map = 0; map < maps; map++) {
    const [left, top] = boxOf(layout, { map });
    for (let y = 0, cell = map; y < height; y++) {
      const row = (top + y * scale) * wide + left;
      for (let x = 0, at = row; x < width; x++, cell += maps) {
        const shade = (data[cell] < 0 ? SHADES.below : above)[Math.abs(data[cell] * levels) | 0];
        for (let k = 0; k < scale; k++) pixels[at++] = shade;
      }
      for (let k = 1; k < scale; k++) pixels.copyWithin(row + k * wide, row, row + width * scale);
    }
  }
  resize(canvas, layout);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function paintBars(canvas, layout, data) {
  resize(canvas, layout);
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  const zero = data.some((value) => value < 0) ? layout.tile[0] / 2 : 0;
  const long = (layout.tile[0] - zero) / largest(data);
  data.forEach((value, map) => {
    const [left, top, , high] = boxOf(layout, { map });
    context.fillStyle = colour(value);
    context.fillRect(left + zero + Math.min(0, value * long), top, Math.abs(value * long), high);
  });
}

// What speaks for a unit and what against it, laid over the digit.
function paintOver(canvas, digit, { layout: { height, width, maps }, lens: [down, right] }, reasons) {
  canvas.width = canvas.height = 28 * PIXEL;
  const context = canvas.getContext("2d");
  const fill = (style, x, y, wide, high) => {
    context.fillStyle = style;
    context.fillRect(x * PIXEL, y * PIXEL, wide * PIXEL, high * PIXEL);
  };
  digit.forEach((value, at) => fill(`rgb(${PAPER.map((p) => p + value * 110)})`, at % 28, Math.floor(at / 28), 1, 1));
  const sums = new Float32Array(height * width);
  reasons.forEach((value, cell) => (sums[Math.floor(cell / maps)] += value));
  const most = largest(sums);
  sums.forEach((value, at) => {
    const x = right.middle + (at % width) * right.step + (1 - right.step) / 2;
    const y = down.middle + Math.floor(at / width) * down.step + (1 - down.step) / 2;
    fill(colour(value, 0.85 * Math.abs(value / most)), x, y, right.step, down.step);
  });
}

// One network: a figure for each layer, from left to right

function makeColumns(net) {
  const lens = [0, 1].map(() => ({ middle: 0, step: 1 }));
  const columns = [{ name: "the digit", kind: "Digit", layout: layOut(net.inputShape), lens }];
  for (const layer of net.layers) {
    const column = { name: safe(layer.name), kind: layer.kind, layer, layout: layOut(layer.outputShape) };
    if (!column.layout.bars) column.lens = lensOf(layer, columns.at(-1));
    columns.push(column);
  }
  columns.forEach(makeFigure);
  return columns;
}

function makeFigure(column, k, { length }) {
  const { kind, layer = {}, layout } = column;
  const { bars, maps, height, width } = layout;
  const size = bars ? `${maps} units` : (maps > 1 ? `${maps} maps of ` : "") + `${height} × ${width}`;
  const window = layer.kernel_size ? "kernels " : layer.pool_size ? "largest of " : "";
  const settings = [window + (layer.kernel_size ?? layer.pool_size ?? []).join(" × "), layer.activation];
  const about = [size, settings.filter((text) => text && text !== "linear").join(", ")];
  const figure = document.createElement("figure");
  figure.innerHTML = `<figcaption><b>${kind}</b><span>${about.join("<br>")}</span></figcaption>`;
  if (k === length - 1) {
    const row = "<button><b></b><i><s></s></i><span></span></button>";
    figure.innerHTML += `<div class="mnl-chances" role="group" aria-label="Probability of each digit">${row.repeat(maps)}</div>`;
  } else {
    const words = `${column.name}, ${kind}: ${about.join(" ")}`;
    figure.innerHTML += `<div class="mnl-layer"><canvas tabindex="0" role="application" aria-label="${words}"></canvas></div>
<small></small>`;
    const wide = sizeOf(layout)[0];
    figure.style.width = `${Math.max(66, wide)}px`;
    column.canvas = figure.querySelector("canvas");
    column.canvas.style.width = `${wide}px`;
    column.canvas.classList.toggle("mnl-bars", Boolean(bars));
  }
  for (const each of figure.querySelectorAll("canvas, button")) each.dataset.lmSuppressShortcuts = true;
  Object.assign(column, { figure, marks: [], cursor: null });
}

function drawMarks({ layout, canvas, marks, cursor }) {
  if (!canvas) return;
  canvas.parentNode.querySelectorAll("i").forEach((mark) => mark.remove());
  const [wide, high] = sizeOf(layout);
  for (const at of cursor ? [...marks, cursor] : marks) {
    const [left, top, w, h] = boxOf(layout, at).map((v, axis) => (100 * v) / (axis % 2 ? high : wide));
    const mark = document.createElement("i");
    mark.classList.toggle("mnl-cursor", at === cursor);
    mark.style = `left: ${left}%; top: ${top}%; width: ${w}%; height: ${h}%`;
    canvas.after(mark);
  }
}

const safe = (text) => text.replace(/[<&"]/g, (letter) => `&#${letter.charCodeAt()};`);
const percent = (chance) => `${(100 * chance).toFixed(1)} %`;
const bestOf = (data) => data.indexOf(Math.max(...data));

function paint({ figure, canvas, layout, data, layer, kernels }) {
  if (canvas) {
    if (layout.bars) paintBars(canvas, layout, data);
    else paintMaps(canvas, layout, data, layer ? SHADES.above : SHADES.ink);
    const strongest = data.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    figure.querySelector("small").textContent = `strongest: ${show(strongest)}`;
  } else
    figure.querySelectorAll("button").forEach((row, digit) => {
      row.classList.toggle("mnl-best", digit === bestOf(data));
      row.firstChild.textContent = digit;
      row.querySelector("s").style.transform = `scaleX(${data[digit]})`;
      row.lastChild.textContent = percent(data[digit]);
    });
  if (kernels && kernels.shown !== layer) {
    kernels.shown = layer;
    const [height, width, , maps] = layer.weights.kernel.shape;
    const scale = Math.ceil(16 / height);
    paintMaps(kernels, { ...tiles({ height, width, maps }, scale, WIDE), columns: layout.columns }, layer.weights.kernel);
  }
}

// Show networks at work, below a board to draw on.
//
// `networks` holds for each a list of its epochs, as `describe_network` gives them or loaded, with
// a `title` and, where there are several, a `label` such as "2 epochs". Options: the `digit` to show,
// the `strokes` to begin with, `draw: false` for no board, `drawn(strokes)` at each pen up, `signal`.
export function mountMicroscope(root, networks, { digit, strokes, draw = true, drawn, signal } = {}) {
  root.classList.add("mnl", "mnl-microscope");
  root.innerHTML = PAGE;
  const find = (selector) => root.querySelector(selector);
  const slider = find(".mnl-epochs input");
  const listen = (on, event, act) => on.addEventListener(event, act, { signal });
  const say = (text) => (find(".mnl-said").textContent = text);
  const loaded = new Map();
  const load = (each) => loaded.get(each) ?? loaded.set(each, each.run ? each : loadNetwork(each)).get(each);
  let opened = null; // {k, cell}, the same in each network
  let asked = 0; // for the next frame
  let board, shown;

  function build(epochs) {
    const columns = makeColumns(load(epochs.at(-1)));
    const [section, row, panel] = ["section", "div", "section"].map((tag) => document.createElement(tag));
    if (networks.length > 1) section.innerHTML = `<h3>${safe(epochs[0].title)}</h3>`;
    row.className = "mnl-row";
    row.append(...columns.map(({ figure }) => figure));
    section.append(row);
    find(".mnl-networks").append(section);
    find(".mnl-panels").append(panel);
    const first = columns.find(({ kind }) => kind === "Conv2D");
    if (first?.layer.weights.kernel.shape[2] === 1) {
      columns[0].figure.insertAdjacentHTML(
        "beforeend",
        `<span>kernels of ${first.name}</span><canvas role="img" aria-label="The kernels, in the order of the maps"></canvas>`,
      );
      first.kernels = columns[0].figure.lastChild;
    }
    columns.forEach(wake);
    return { epochs, columns, panel };
  }

  function wake(column, k) {
    const { layout, canvas, figure } = column;
    figure.querySelectorAll("button").forEach((row, cell) => listen(row, "click", () => open({ k, cell })));
    if (!canvas) return;
    let at = { map: 0, y: 0, x: 0 };
    const point = (cursor) => {
      column.cursor = cursor;
      drawMarks(column);
    };
    listen(canvas, "focus", () => point(canvas.matches(":focus-visible") ? at : null));
    listen(canvas, "blur", () => point(null));
    listen(canvas, "click", (event) => {
      const scale = sizeOf(layout)[0] / canvas.clientWidth;
      at = cellUnder(layout, event.offsetX * scale, event.offsetY * scale);
      open({ k, cell: cellAt(layout, at) });
    });
    listen(canvas, "keydown", (event) => {
      const step = (layout.bars ? BAR_KEYS : KEYS)[event.key];
      if (event.key === "Enter" || event.key === " ") open({ k, cell: cellAt(layout, at) });
      else if (step) {
        const sides = { map: layout.maps, y: layout.height, x: layout.width };
        const moved = Object.keys(sides).map((side, axis) => [side, Math.max(0, Math.min(sides[side] - 1, at[side] + step[axis]))]);
        point((at = Object.fromEntries(moved)));
        say(`${name(layout, at)}: ${show(column.data[cellAt(layout, at)])}`);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function open(what) {
    opened = what;
    shown.forEach(explainIn);
    say([...find(".mnl-panels").querySelectorAll("h3, p")].map((each) => each.textContent).join(" "));
    if (what) find(".mnl-panels").scrollIntoView({ block: "nearest" });
  }

  function explainIn({ columns, panel, epochs }, number) {
    columns.forEach((column) => (column.marks = []));
    panel.innerHTML = opened || number ? "" : HOW;
    const here = opened && columns[opened.k];
    if (here?.data.length > opened?.cell) {
      const { parts, marks, reasons } = explain(columns, opened.k, opened.cell);
      const cell = place(here.layout, opened.cell);
      const title = networks.length > 1 ? `${safe(epochs[0].title)}: ` : "";
      panel.innerHTML = `<h3>${title}${here.name}, ${name(here.layout, cell)}: ${show(here.data[opened.cell])}</h3>${parts.join("")}${ROUNDED}`;
      here.marks = [cell];
      const source = columns[opened.k - 1];
      if (source) source.marks = marks;
      if (reasons && source.lens) {
        const [over, maps] = panel.querySelectorAll("canvas");
        paintOver(over, columns[0].data, source, reasons);
        paintMaps(maps, tiles(source.layout, Math.ceil(source.layout.scale / 2), WIDE), reasons);
      }
    }
    columns.forEach(drawMarks);
  }

  function frame() {
    asked = 0;
    if (board?.strokes.length) {
      const points = (stroke) => stroke.map(([x, y, width]) => [x / GRID, y / GRID, width / GRID]);
      digit = strokesToDigit({ strokes: board.strokes.map(points) });
    }
    const input = Float32Array.from(digit ?? { length: 784 }, (value = 0) => value / 255);
    const answers = shown.map(({ epochs, columns }) => {
      const net = load(epochs[Math.min(slider.value, epochs.length - 1)]);
      const outputs = net.run(input);
      columns.forEach((column, k) => {
        Object.assign(column, { layer: net.layers[k - 1], data: k ? outputs[k - 1].data : input });
        paint(column);
      });
      const chances = columns.at(-1).data;
      const best = bestOf(chances);
      const who = networks.length > 1 ? epochs[0].title : "It";
      return `${who} reads ${best === 8 ? "an" : "a"} ${best} (${percent(chances[best])}).`;
    });
    if (opened) shown.forEach(explainIn);
    find(".mnl-words").textContent = input.some(Boolean) ? answers.join(" ") : "Draw a digit.";
  }

  const later = () => (asked ||= requestAnimationFrame(frame));

  function changed() {
    if (!board.strokes.length) digit = null;
    later();
    drawn?.(board.strokes);
    requestAnimationFrame(() => say(find(".mnl-words").textContent));
  }

  try {
    shown = networks.map(build);
  } catch (error) {
    root.innerHTML = '<p class="mnl-note" role="alert"></p>';
    root.firstChild.textContent = error.message;
    return { show() {} };
  }
  const longest = networks.reduce((a, b) => (b.length > a.length ? b : a));
  const label = () => (slider.nextSibling.textContent = slider.ariaValueText = longest[slider.value].label ?? "");
  slider.value = slider.max = longest.length - 1;
  slider.parentNode.hidden = longest.length < 2;
  listen(slider, "input", () => (label(), later()));
  label();
  find(".mnl-held").textContent = held(networks.flat());
  listen(find(".mnl-networks"), "keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // or it would clear the board
    open(null);
  });
  if (draw) board = mountBoard(root, { strokes, drawn: later, ended: changed, replaced: changed, say, signal });
  else find(".mnl-left").remove();
  frame();
  shown.forEach(explainIn);
  return {
    show(next, strokes = []) {
      digit = next;
      board?.replace(strokes);
      later();
    },
  };
}

// What a view without a kernel carries with it.
function held(networks) {
  const weights = networks.flatMap(({ layers }) => layers.flatMap((layer) => Object.values(layer.weights)));
  const count = sum(weights.map(({ shape }) => shape.reduce((product, side) => product * side, 1)));
  const kilobytes = Math.ceil(sum(weights.map(({ base64 = "" }) => 0.75 * base64.length)) / 1000);
  const whose = networks.length > 1 ? `the weights of ${networks.length} networks` : "the network's weights";
  const size = kilobytes ? `, ${kilobytes.toLocaleString("en")} kB` : "";
  return `This view needs no kernel: it holds ${whose} (${count.toLocaleString("en")} numbers${size}).`;
}

function render({ model, el, signal }) {
  const root = document.createElement("div");
  el.append(root);
  let mine = false; // the ink that comes
  const given = () => {
    const bytes = model.get("_digit");
    const digit = bytes?.byteLength ? new Uint8Array(bytes.buffer, bytes.byteOffset, 784) : null;
    return { digit, strokes: unpack(model.get("_ink")) };
  };
  const view = mountMicroscope(root, model.get("_networks"), {
    ...given(),
    drawn(strokes) {
      mine = true;
      model.set("_ink", pack(strokes));
      model.save_changes();
      mine = false;
    },
    signal,
  });
  const renew = () => mine || view.show(...Object.values(given()));
  model.on("change:_digit", renew);
  model.on("change:_ink", renew);
}

export default { render };
