// How a number in a network came about: in words, in tables, and where it looked.
//
// A column is a layer as the microscope shows it: {name, kind, layer, layout, data}. A cell is its
// place in `data`; of a layout of maps it is {map, y, x}, of one of bars {map} alone.

import { slide } from "./forward.js";

export const ABOVE = [242, 133, 42]; // zero
export const BELOW = [74, 144, 255];
const SHOWN = { maps: 3, reasons: 5 }; // of what adds up to a number; the others stand as one sum
const OTHERS = "all others together";

export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;

export const show = (value) => (Math.abs(value) < 0.0005 ? 0 : value).toFixed(3).replace("-", "−");

// Round terms up or down at the third decimal, so that those shown add up to the total shown.
export function addUp(terms, total = sum(terms)) {
  const units = terms.map((term) => Math.floor(term * 1000));
  const part = (at) => terms[at] * 1000 - units[at];
  const order = [...terms.keys()].sort((a, b) => part(b) - part(a));
  const missing = Math.round(total * 1000) - sum(units);
  for (let at = 0; at < missing; at++) units[order[at % order.length]]++;
  for (let at = 0; at > missing; at--) units[order.at((at - 1) % order.length)]--;
  return units.map((unit) => unit / 1000);
}

export function place({ width, maps }, cell) {
  const pixel = Math.floor(cell / maps);
  return { map: cell % maps, y: Math.floor(pixel / width), x: pixel % width };
}

export const cellAt = ({ width, maps }, { map, y, x }) => (y * width + x) * maps + map;

export const name = ({ bars, maps }, { map, y, x }) =>
  bars ? `unit ${map}` : `${maps > 1 ? `map ${map}, ` : ""}row ${y}, column ${x}`;

const say = (words) => `<p>${words}</p>`;
const from = (first, count) => (count > 1 ? `${first} to ${first + count - 1}` : first);

function grid(caption, values, wide, best) {
  const most = largest(values.filter(Number.isFinite));
  const cells = values.map((value, at) => {
    const start = at % wide ? "" : "<tr>";
    if (!Number.isFinite(value)) return `${start}<td>`; // outside of the map
    const colour = (value < 0 ? BELOW : ABOVE).join(" ");
    const style = `background: rgb(${colour} / ${Math.round((60 * Math.abs(value)) / most)}%)`;
    return `${start}<td style="${style}"${at === best ? ' class="mnl-best"' : ""}>${show(value)}`;
  });
  return `<table><caption>${caption}</caption>${cells.join("")}</table>`;
}

function list(heads, rows, best) {
  const line = (cells, tag, at) =>
    `<tr${at === best ? ' class="mnl-best"' : ""}>${cells.map((text) => `<${tag}>${text}`).join("")}`;
  return `<table class="mnl-list">${line(heads, "th")}${rows.map((row, at) => line(row, "td", at)).join("")}</table>`;
}

// The window that a cell looked at; it may begin outside of the layer before.
function windowOf(source, at, [high, wide], { strides, padding }) {
  const [y, x] = [
    at.y * strides[0] - slide(source.layout.height, high, strides[0], padding)[1],
    at.x * strides[1] - slide(source.layout.width, wide, strides[1], padding)[1],
  ];
  return { y, x, high, wide };
}

function look({ layout, data }, { y, x, high, wide }, map, outside = 0) {
  return Array.from({ length: high * wide }, (_, k) => {
    const cell = { map, y: y + Math.floor(k / wide), x: x + (k % wide) };
    const inside = cell.y >= 0 && cell.x >= 0 && cell.y < layout.height && cell.x < layout.width;
    return inside ? data[cellAt(layout, cell)] : outside;
  });
}

const rowsOf = ({ y, x, high, wide }) => `rows ${from(y, high)}, columns ${from(x, wide)}`;

// What goes into the activation: where the number is just that, to its last bit.
const total = ({ activation }, value, computed) =>
  activation === "linear" || (activation === "relu" && value > 0) ? value : computed;

function activated({ activation }, into, value) {
  if (activation === "linear") return "";
  if (activation !== "relu") return ` The ${activation} makes ${show(value)} of it.`;
  return into > 0 ? " ReLU keeps it, since it is above zero." : " ReLU makes 0.000 of what is below zero.";
}

const EXPLAIN = {
  Conv2D({ layer, data }, source, at, cell) {
    const { kernel, bias } = layer.weights;
    const [high, wide, inputs, outputs] = kernel.shape;
    const window = windowOf(source, at, [high, wide], layer);
    const maps = Array.from({ length: inputs }, (_, map) => {
      const seen = look(source, window, map);
      const weights = seen.map((_, k) => kernel[(k * inputs + map) * outputs + at.map]);
      const products = seen.map((value, k) => value * weights[k]);
      return { map, seen, weights, products, sum: sum(products) };
    }).sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
    const first = maps.slice(0, SHOWN.maps);
    const rest = maps.slice(SHOWN.maps);
    const b = bias?.[at.map] ?? 0;
    const into = total(layer, data[cell], sum(maps.map((each) => each.sum)) + b);
    const terms = addUp([...first.map((each) => each.sum), sum(rest.map((each) => each.sum)), b], into);
    const [others, added] = terms.slice(-2);
    const many = inputs > 1;
    const { layout } = source;
    const beyond = window.y < 0 || window.x < 0 || window.y + high > layout.height || window.x + wide > layout.width;
    const outside = beyond ? " What lies outside counts as 0." : "";
    const parts = first.map(({ map, seen, weights, products }, k) => {
      const exact = addUp(products, terms[k]);
      return `<div class="mnl-sum">${grid(many ? `map ${map}` : "what it looked at", seen, wide)}<b>×</b>
${grid("kernel", weights, wide)}<b>=</b>${grid(`products, in all ${show(terms[k])}`, exact, wide)}</div>`;
    });
    const sums = first.map(({ map }, k) => `map ${map} gives ${show(terms[k])}`).join(", ");
    const summed = many
      ? `Of ${inputs} maps, the strongest first: ${sums}${rest.length ? `; the other ${rest.length} together ${show(others)}` : ""}.`
      : `The ${high * wide} products add up to ${show(terms[0])}.`;
    return {
      parts: [
        say(`It looked at ${rowsOf(window)} of ${many ? `all ${inputs} maps of ${source.name}` : source.name}.${outside}`),
        ...parts,
        say(`${summed} With the bias ${show(added)} that is ${show(into)}.${activated(layer, into, data[cell])}`),
      ],
      marks: first.map(({ map }) => ({ map, ...window })),
    };
  },

  MaxPooling2D({ layer, data }, source, at, cell) {
    const window = windowOf(source, at, layer.pool_size, layer);
    const seen = look(source, window, at.map, -Infinity);
    const best = seen.indexOf(data[cell]);
    const [y, x] = [window.y + Math.floor(best / window.wide), window.x + (best % window.wide)];
    return {
      parts: [
        say(`The largest of the ${seen.length} at ${rowsOf(window)} of map ${at.map} of ${source.name} is ${show(data[cell])},
at row ${y}, column ${x}.`),
        `<div class="mnl-sum">${grid(`map ${at.map}`, seen, window.wide, best)}</div>`,
      ],
      marks: [{ map: at.map, ...window }, { map: at.map, y, x, high: 1, wide: 1 }],
    };
  },

  AveragePooling2D({ layer, data }, source, at, cell) {
    const window = windowOf(source, at, layer.pool_size, layer);
    const seen = look(source, window, at.map, NaN);
    const inside = seen.filter((value) => !Number.isNaN(value)).length;
    return {
      parts: [
        say(`The mean of the ${inside} at ${rowsOf(window)} of map ${at.map} of ${source.name} is ${show(data[cell])}.`),
        `<div class="mnl-sum">${grid(`map ${at.map}`, seen, window.wide)}</div>`,
      ],
      marks: [{ map: at.map, ...window }],
    };
  },

  Dense(here, source, at, cell) {
    const { weights, activation } = here.layer;
    const units = weights.kernel.shape[1];
    const logit = (unit) => sum(products(here, source, unit)) + (weights.bias?.[unit] ?? 0);
    const all = products(here, source, at.map);
    const into = total(here.layer, here.data[cell], logit(at.map));
    const order = [...all.keys()].sort((a, b) => Math.abs(all[b]) - Math.abs(all[a])).slice(0, SHOWN.reasons);
    const rest = sum(all) - sum(order.map((from) => all[from]));
    const terms = addUp([...order.map((from) => all[from]), rest, weights.bias?.[at.map] ?? 0], into);
    const line = (from, k) => {
      const numbers = [source.data[from], weights.kernel[from * units + at.map], terms[k]];
      return [name(source.layout, place(source.layout, from)), ...numbers.map(show)];
    };
    const [others, bias] = terms.slice(-2);
    const end = [[`the other ${all.length - order.length} together`, others], ["bias", bias], ["sum", into]];
    const rows = [...order.map(line), ...end.map(([what, value]) => [what, "", "", show(value)])];
    const strongest = name(source.layout, place(source.layout, order[0]));
    const last = activation === "softmax" && softmax([...here.data.keys()].map(logit), here.data, cell);
    const words = `It weighs all ${all.length} numbers of ${source.name}. The strongest, ${strongest}, adds ${show(terms[0])}.
With all others and the bias ${show(bias)} that is ${show(into)}.`;
    return {
      parts: [
        say(words + (last ? "" : activated(here.layer, into, here.data[cell]))),
        ...(last ? last.slice(0, 1) : []),
        `<div class="mnl-sum">${source.lens ? picture("the digit") + picture(`the maps of ${source.name}`) : ""}`,
        list([source.name, "value", "× weight", "= product"], rows),
        ...(last ? last.slice(1) : []),
        "</div>",
      ],
      marks: order.map((from) => ({ ...place(source.layout, from), high: 1, wide: 1 })),
      reasons: all,
    };
  },

  Activation({ layer, data }, source, at, cell) {
    if (layer.activation === "softmax") return { parts: softmax([...source.data], data, cell), marks: [] };
    const into = source.data[cell];
    return same(say(`There it was ${show(into)} in ${source.name}.${activated(layer, into, data[cell])}`), at);
  },

  BatchNormalization({ layer, data }, source, at, cell) {
    const { gamma, beta, moving_mean: mean, moving_variance: variance } = layer.weights;
    const scale = (gamma?.[at.map] ?? 1) / Math.sqrt(variance[at.map] + layer.epsilon);
    const into = source.data[cell];
    const [product, added] = addUp([into * scale, data[cell] - into * scale], data[cell]);
    return same(say(`In ${source.name} it was ${show(into)}. Training has seen a mean of ${show(mean[at.map])} and a variance of
${show(variance[at.map])} on this map; γ is ${show(gamma?.[at.map] ?? 1)}, β is ${show(beta?.[at.map] ?? 0)}. So it is multiplied by
γ / √variance = ${show(scale)}, which gives ${show(product)}; adding β − mean × ${show(scale)} = ${show(added)} makes ${show(data[cell])}.`), at);
  },

  Cropping2D({ layer, data }, source, at, cell) {
    const there = { ...at, y: at.y + layer.cropping[0][0], x: at.x + layer.cropping[1][0] };
    return same(say(`The edge is cut off; this is row ${there.y}, column ${there.x} of ${source.name}: ${show(data[cell])}.`), there);
  },

  GlobalAveragePooling2D({ data }, source, at, cell) {
    const { height, width } = source.layout;
    return {
      parts: [say(`The mean of all ${height * width} numbers of map ${at.map} of ${source.name}: ${show(data[cell])}.`)],
      marks: [{ map: at.map, y: 0, x: 0, high: height, wide: width }],
    };
  },
};

const picture = (what) =>
  `<figure><canvas role="img" aria-label="Reasons for and against, over ${what}"></canvas>over ${what}</figure>`;
const same = (words, at) => ({ parts: [words], marks: [{ ...at, high: 1, wide: 1 }] });

// What each input adds to a dense unit.
function products({ layer }, { data }, unit) {
  const { kernel } = layer.weights;
  const units = kernel.shape[1];
  return Array.from(data, (value, from) => value * kernel[from * units + unit]);
}

function softmax(logits, data, cell) {
  const most = Math.max(...logits);
  const powers = addUp(logits.map((logit) => Math.exp(logit - most)));
  const chances = addUp([...data], 1);
  const rows = logits.map((logit, digit) => [digit, show(logit), show(powers[digit]), show(chances[digit])]);
  const end = ["sum", "", show(sum(powers)), show(1)];
  return [
    say(`Softmax takes e to the power of each sum, here less the largest sum, and divides by what all ten are together:
${show(powers[cell])} / ${show(sum(powers))} = ${show(chances[cell])}.`),
    list(["digit", "sum", "e^(sum − largest)", "probability"], [...rows, end], cell),
  ];
}

// How the number at a cell of the k-th column came about: `parts` of HTML, what to mark in the
// column before, and for a dense unit what each of its inputs added to it.
export function explain(columns, k, cell) {
  const here = columns[k];
  const at = place(here.layout, cell);
  if (k) return EXPLAIN[here.kind](here, columns[k - 1], at, cell);
  const grey = Math.round(255 * here.data[cell]);
  return { parts: [say(`The digit has the grey level ${grey} of 255 here: ${grey} / 255 = ${show(here.data[cell])}.`)], marks: [] };
}
