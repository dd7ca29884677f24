// What the networks are shown: a picture's local contrast, and digits cut out of it. As
// mnist_lab/reading/views.py, whose constants come with the reader.

import { newImage, resize as toSize, round, within } from "./pixels.js";

// Of each pixel the mean over a square window; beyond the edge the picture is mirrored.
export function blur({ data, width, height }, window, mirror = true) {
  const reach = window >> 1;
  const place = (at, side) => {
    if (!mirror || side === 1) return within(at, 0, side - 1);
    while (at < 0 || at >= side) at = at < 0 ? -at : 2 * (side - 1) - at;
    return at;
  };
  const places = (side) =>
    Int32Array.from({ length: side + 2 * reach + 1 }, (_, k) => place(k - reach - 1, side));
  const [columns, rows] = [places(width), places(height)]; // [k] lies at k - reach - 1
  const result = newImage(width, height, Float32Array);
  const sums = new Float64Array(width); // of the window's rows
  const addRow = (row, sign) => {
    for (let x = 0, at = row * width; x < width; x++, at++) sums[x] += sign * data[at];
  };
  for (let k = 0; k < window; k++) addRow(rows[k], 1); // one row above the first window
  for (let y = 0; y < height; y++) {
    addRow(rows[y + window], 1);
    addRow(rows[y], -1);
    let sum = 0;
    for (let k = 0; k < window; k++) sum += sums[columns[k]];
    for (let x = 0; x < width; x++) {
      sum += sums[columns[x + window]] - sums[columns[x]];
      result.data[y * width + x] = sum / (window * window);
    }
  }
  return result;
}

// Grey levels to local contrast, -2 to 2, whatever the light.
export function localContrast(image, { MEAN_WINDOW, SPREAD_WINDOW }) {
  const { width, height } = image;
  const mirror = Math.min(width, height) > SPREAD_WINDOW >> 1;
  const mean = blur(image, MEAN_WINDOW, mirror).data;
  const apart = Float32Array.from(image.data, (level, at) => level - mean[at]);
  const squares = apart.map((value) => value * value);
  const variance = blur({ data: squares, width, height }, SPREAD_WINDOW, mirror).data;
  const data = apart.map((value, at) =>
    within(value / (2 * Math.sqrt(Math.max(variance[at], 0)) + 4), -2, 2),
  );
  return { data, width, height };
}

// A picture smaller, each pixel the mean of those it covers, or larger.
export function resize(image, scale) {
  const [width, height] = [image.width, image.height].map((side) =>
    Math.max(1, round(side * scale)),
  );
  return toSize(image, width, height, scale >= 1);
}

// The finder's answers to a view, one every 4 pixels from its corner on. The view is cut into
// strips, which overlap by what an answer sees, so that many workers see to it.
export async function slideFinder(view, reader) {
  const { PADDING, MULTIPLE, STRIDE, reach } = reader;
  const [wide, high] = [view.width, view.height].map(
    (side) => Math.ceil((side + 2 * PADDING) / MULTIPLE) * MULTIPLE,
  );
  const canvas = new Float32Array(wide * high);
  for (let y = 0; y < view.height; y++)
    canvas.set(
      view.data.subarray(y * view.width, (y + 1) * view.width),
      (y + PADDING) * wide + PADDING,
    );
  const [columns, rows] = [view.width, view.height].map((side) => Math.ceil(side / STRIDE));
  const first = PADDING / STRIDE;
  const strips = high < 4 * reach ? 1 : reader.helpers;
  const found = Array.from({ length: strips }, async (_, k) => {
    const [begin, end] = [k, k + 1].map((n) => first + Math.round((rows * n) / strips));
    const top = Math.max(0, begin * STRIDE - reach);
    const bottom = Math.min(high, end * STRIDE + reach);
    const strip = canvas.slice(top * wide, bottom * wide);
    const [{ data, shape }] = await reader.ask("finder", strip, [bottom - top, wide, 1]);
    const lines = [];
    for (let row = begin; row < end; row++) {
      const from = (row - top / STRIDE) * shape[1] + first;
      lines.push(data.subarray(from * shape[2], (from + columns) * shape[2]));
    }
    return lines;
  });
  const lines = (await Promise.all(found)).flat();
  const values = new Float32Array(lines.length * (lines[0]?.length ?? 0));
  lines.forEach((line, row) => values.set(line, row * line.length));
  return { rows, columns, channels: values.length / (rows * columns), values };
}

// A part of a picture: [left, top] to [right, bottom], cut off at its edges.
export function cut({ data, width, height }, left, top, right, bottom) {
  [right, bottom] = [within(right, left, width), within(bottom, top, height)];
  const part = newImage(right - left, bottom - top);
  for (let y = top; y < bottom; y++)
    part.data.set(data.subarray(y * width + left, y * width + right), (y - top) * part.width);
  return part;
}

// Cut a digit out with what is around it, 48 by 48, its box 28 long: its local contrast, 0 where
// there is no picture, and its grey levels, their mean there.
export function crop(image, [left, top, right, bottom], reader) {
  const { CROP_SIDE, DIGIT_SIDE } = reader;
  const scale = DIGIT_SIDE / Math.max(right - left, bottom - top, 1);
  const reach = CROP_SIDE / 2 / scale;
  const [x, y] = [(left + right) / 2 - reach, (top + bottom) / 2 - reach];
  const first = [x, y].map((side) => Math.max(0, Math.trunc(side)));
  const last = [x, y].map((side) => Math.trunc(side + 2 * reach) + 1);
  const [view, grey] = [0, 1].map(() => new Float32Array(CROP_SIDE * CROP_SIDE));
  const inside =
    first[0] < Math.min(last[0], image.width) && first[1] < Math.min(last[1], image.height);
  if (!inside) return { view, grey };
  const levels = resize(cut(image, ...first, ...last), scale);
  const contrast = localContrast(levels, reader).data;
  const [column, row] = [round((first[0] - x) * scale), round((first[1] - y) * scale)];
  grey.fill(levels.data.reduce((sum, level) => sum + level, 0) / levels.data.length);
  for (let v = Math.max(0, -row); v < Math.min(levels.height, CROP_SIDE - row); v++)
    for (let u = Math.max(0, -column); u < Math.min(levels.width, CROP_SIDE - column); u++) {
      const [to, from] = [(row + v) * CROP_SIDE + column + u, v * levels.width + u];
      [view[to], grey[to]] = [contrast[from], levels.data[from]];
    }
  return { view, grey };
}
