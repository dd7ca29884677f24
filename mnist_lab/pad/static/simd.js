// Convolutions four numbers at a time: a WebAssembly function, assembled here, in place of loops.
//
// It makes one row of an output, eight channels of it, four pixels at a time: 32 sums that stay
// in registers while the kernel's weights pass by, each weight met by four pixels.

import { activate, slide } from "./forward.js";

const [PIXELS, CHANNELS, STEP] = [4, 8, 4]; // of a tile; numbers of the input between two jumps

// Assembly: an instruction is a list of bytes, a program a list of lists

const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >> 7)]); // a number's bytes
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const constant = (n) => [0x41, n]; // -64 to 63, as 0 to 127
const add = 0x6a;
const advance = (local, by) => [get(local), by, add, set(local)];
const loop = (counter, body) => // at least once
  [0x03, 0x40, body, get(counter), constant(1), 0x6b, 0x22, counter, 0x0d, 0, 0x0b];
const simd = (operation, ...rest) => [0xfd, leb(operation), ...rest];
const load = (address, offset) => [get(address), simd(0x00, 2, leb(offset))]; // four numbers
const spread = (address, offset) => [get(address), simd(0x09, 2, leb(offset))]; // one, four times
const store = (offset) => simd(0x0b, 2, leb(offset));
const [splat, plus, times, larger] = [0x13, 0xe4, 0xe6, 0xe9].map((operation) => simd(operation));
const fused = simd(0x105); // times and plus in one, where the browser has it

const section = (id, content) => [id, leb(content.flat(Infinity).length), content];
const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];

function assemble(canFuse) {
  const parameters = 11;
  const [source, target, weights, bias, tiles, rows, steps, ...more] = Array(parameters).keys();
  const [rowBytes, pixelBytes, targetBytes, least] = more;
  const locals = (first, length) => Array.from({ length }, (_, k) => first + k);
  const [row, rowStart, step, weight, ...pixels] = locals(parameters, 8);
  const [w0, w1, value, ...sums] = locals(parameters + 8, 11);
  const sum = (pixel, half) => sums[2 * pixel + half];
  const forSums = (make) => pixels.map((_, p) => [0, 1].map((half) => make(p, half)));
  const addProduct = (p, half) => {
    const factors = [get(value), get(half ? w1 : w0)];
    const total = get(sum(p, half));
    const grown = canFuse ? [factors, total, fused] : [total, factors, times, plus];
    return [...grown, set(sum(p, half))];
  };
  const products = Array.from({ length: STEP }, (_, k) => [
    load(weight, 32 * k), set(w0),
    load(weight, 32 * k + 16), set(w1),
    pixels.map((at, p) => [spread(at, 4 * k), set(value), addProduct(p, 0), addProduct(p, 1)]),
  ]);
  const tile = [
    forSums((p, half) => [load(bias, 16 * half), set(sum(p, half))]),
    get(weights), set(weight),
    get(source), set(rowStart),
    get(rows), set(row),
    loop(row, [
      get(rowStart), set(pixels[0]),
      [1, 2, 3].map((p) => [get(pixels[p - 1]), get(pixelBytes), add, set(pixels[p])]),
      get(steps), set(step),
      loop(step, [
        products,
        pixels.map((at) => advance(at, constant(4 * STEP))),
        advance(weight, [0x41, 0x80, 1]), // 128: the bytes of 4 times 8 weights
      ]),
      advance(rowStart, get(rowBytes)),
    ]),
    pixels.map((_, p) => [
      [0, 1].map((half) =>
        [get(target), get(sum(p, half)), get(least), splat, larger, store(16 * half)]),
      advance(target, get(targetBytes)),
    ]),
    pixels.map(() => advance(source, get(pixelBytes))),
  ];
  const code = [2, 8, I32, 11, V128, loop(tiles, tile), 0x0b];
  const name = (text) => [text.length, [...text].map((letter) => letter.charCodeAt(0))];
  return Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    section(1, [1, 0x60, parameters, Array(parameters - 1).fill(I32), F32, 0]), // its type
    section(2, [1, name("js"), name("memory"), 2, 0, 1]), // of at least one page
    section(3, [1, 0]),
    section(7, [1, name("convolve"), 0, 0]),
    section(10, [1, leb(code.flat(Infinity).length), code]),
  ].flat(Infinity));
}

// What `loadNetwork` takes as its second argument: a faster Conv2D, or nothing where the browser
// has no SIMD.
export function fastLayers() {
  const bytes = [true, false].map(assemble).find((program) => WebAssembly.validate(program));
  if (!bytes) return {};
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { js: { memory } });
  const packed = new Map(); // layer to where its weights lie
  let used = 0; // bytes that hold weights

  // Numbers of the memory from a byte on, which grows where there are too few.
  function numbers(from, length) {
    const lacking = from + 4 * length - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
    return new Float32Array(memory.buffer, from, length);
  }

  // Eight channels' bias, then their weights, row by row: a row padded with zeros to whole steps.
  function pack(layer) {
    const { kernel, bias } = layer.weights;
    const [high, wide, inputs, outputs] = kernel.shape;
    const row = Math.ceil((wide * inputs) / STEP) * STEP * CHANNELS;
    const block = CHANNELS + high * row;
    const blocks = Math.ceil(outputs / CHANNELS);
    const lies = { from: used, bytes: 4 * block, blocks, steps: row / STEP / CHANNELS };
    const all = numbers(used, block * blocks).fill(0);
    used += 4 * all.length;
    for (let o = 0; o < outputs; o++) {
      const to = Math.floor(o / CHANNELS) * block + (o % CHANNELS);
      all[to] = bias?.[o] ?? 0;
      for (let y = 0; y < high; y++)
        for (let k = 0; k < wide * inputs; k++)
          all[to + CHANNELS * (1 + k) + y * row] = kernel[(y * wide * inputs + k) * outputs + o];
    }
    packed.set(layer, lies);
    return lies;
  }

  function Conv2D(layer, { shape: [height, width, inputs], data }) {
    const [high, wide, , outputs] = layer.weights.kernel.shape;
    const [down, right] = layer.strides;
    const [rows, above] = slide(height, high, down, layer.padding);
    const [columns, before] = slide(width, wide, right, layer.padding);
    const { from, bytes, blocks, steps } = packed.get(layer) ?? pack(layer);
    const tiles = Math.ceil(columns / PIXELS);
    const [across, channels] = [tiles * PIXELS, blocks * CHANNELS]; // of the output, with a rest
    const line = Math.max(before + width, (across - 1) * right + wide) * inputs;
    const source = used;
    const size = ((rows - 1) * down + high) * line + STEP;
    const target = source + 4 * size;
    const both = numbers(source, size + rows * across * channels);
    const [framed, made] = [both.subarray(0, size).fill(0), both.subarray(size)];
    const last = Math.min(height, (rows - 1) * down + high - above);
    for (let y = 0; y < last; y++) {
      const given = data.subarray(y * width * inputs, (y + 1) * width * inputs);
      framed.set(given, (y + above) * line + before * inputs);
    }
    const least = layer.activation === "relu" ? 0 : -Infinity;
    for (let row = 0; row < rows; row++)
      for (let block = 0; block < blocks; block++) {
        const bias = from + block * bytes;
        instance.exports.convolve(
          source + 4 * row * down * line,
          target + 4 * (row * across * channels + block * CHANNELS),
          bias + 4 * CHANNELS, bias, tiles, high, steps,
          4 * line, 4 * right * inputs, 4 * channels, least,
        );
      }
    const shape = [rows, columns, outputs];
    const whole = channels === outputs && across === columns;
    const result = whole ? made.slice() : new Float32Array(rows * columns * outputs);
    for (let pixel = 0; !whole && pixel < rows * columns; pixel++) {
      const at = (Math.floor(pixel / columns) * across + (pixel % columns)) * channels;
      for (let o = 0; o < outputs; o++) result[pixel * outputs + o] = made[at + o];
    }
    const tensor = { shape, data: result };
    return layer.activation === "relu" ? tensor : activate(layer.activation, tensor);
  }
  return { Conv2D };
}
