// Strokes, or ink in a picture, to a digit as MNIST's makers made theirs: Drawing.digit in Python.

import { boundingBox, disc, newImage, pad, resize, round, within } from "./pixels.js";

const GRID = 10000; // steps to the drawing's height, on which every point lies
const MAX_DISTANCE = 3; // heights
const PEN_WIDTH = 0.08; // heights, the usual one
const IMAGE_SIZE = 280; // pixels of the drawing as it looks
const OVERSAMPLING = 4; // times finer, then averaged
const ONE = 1 << 16; // a pixel, where lines are drawn
const HALF = ONE / 2;
const BOX = 20; // pixels; the longer side of the ink in an MNIST digit
const CENTRE = 14; // pixels; where its centre of mass lies
const [THINNEST, THICKEST] = [2.2, 4.4]; // of strokes, once the ink is 20 pixels large

// Lines, as OpenCV draws them: whole numbers throughout, in 65536ths of a pixel

function fillRow({ data, width, height }, y, left, right) {
  if (y >= 0 && y < height && right >= 0 && left < width)
    data.fill(255, y * width + Math.max(0, left), y * width + Math.min(right, width - 1) + 1);
}

// Cut a line off at the picture's edges; null if nothing is left.
function clip([x1, y1], [x2, y2], right, bottom) {
  const side = (x, y) => [x < 0, x > right, y < 0, y > bottom];
  const apart = (one, other) => one.some((is, k) => is && other[k]);
  if (apart(side(x1, y1), side(x2, y2))) return null;
  const down = (x, y) => {
    const edge = y < 0 ? 0 : bottom;
    return edge === y || (y >= 0 && y <= bottom)
      ? [x, y]
      : [x + Math.trunc(((edge - y) * (x2 - x1)) / (y2 - y1)), edge];
  };
  [x1, y1] = down(x1, y1);
  [x2, y2] = down(x2, y2);
  if (apart(side(x1, y1), side(x2, y2))) return null;
  const across = (x, y) => {
    const edge = x < 0 ? 0 : right;
    return x >= 0 && x <= right
      ? [x, y]
      : [edge, y + Math.trunc(((edge - x) * (y2 - y1)) / (x2 - x1))];
  };
  [x1, y1] = across(x1, y1);
  [x2, y2] = across(x2, y2);
  return [
    [x1, y1],
    [x2, y2],
  ];
}

function thinLine(canvas, from, to) {
  const ends = clip(from, to, canvas.width * ONE - 1, canvas.height * ONE - 1);
  if (!ends) return;
  let [[x1, y1], [x2, y2]] = ends;
  const flat = Math.abs(x2 - x1) > Math.abs(y2 - y1);
  if (flat ? x2 < x1 : y2 < y1) [x1, y1, x2, y2] = [x2, y2, x1, y1];
  const [long, short] = flat ? [x2 - x1, y2 - y1] : [y2 - y1, x2 - x1];
  const step = Math.trunc((short * ONE) / (long | 1));
  const dot = (x, y) => fillRow(canvas, y, x, x);
  dot((x2 + HALF) >> 16, (y2 + HALF) >> 16);
  [x1, y1] = [x1 + HALF, y1 + HALF];
  for (let count = long >> 16; count >= 0; count--) {
    dot(x1 >> 16, y1 >> 16);
    x1 += flat ? ONE : step;
    y1 += flat ? step : ONE;
  }
}

function fillConvex(canvas, corners) {
  const n = corners.length;
  corners.forEach((corner, at) => thinLine(canvas, corners[(at + n - 1) % n], corner));
  const row = (corner) => (corner[1] + HALF) >> 16;
  const start = corners.reduce((top, corner, at) => (corner[1] < corners[top][1] ? at : top), 0);
  const last = Math.min(Math.max(...corners.map(row)), canvas.height - 1);
  let left = n; // sides to go
  const sides = [1, n - 1].map((turn) => ({
    at: start,
    turn,
    end: row(corners[start]),
    x: -ONE,
    dx: 0,
  }));
  for (let y = row(corners[start]); y <= last; y++) {
    for (const side of sides) {
      if (y < side.end) continue;
      let from = side.at;
      while (left-- > 0) {
        const to = (from + side.turn) % n;
        const end = row(corners[to]);
        if (end > y) {
          const [x, height] = [corners[from][0], end - y];
          const dx = Math.trunc((2 * (corners[to][0] - x) + height) / (2 * height));
          Object.assign(side, { at: to, end, x, dx });
          break;
        }
        from = to;
      }
    }
    if (left < 0) break;
    const [low, high] = sides.map(({ x }) => x).sort((a, b) => a - b);
    fillRow(canvas, y, (low + HALF) >> 16, (high + HALF) >> 16);
    for (const side of sides) side.x += side.dx;
  }
}

function fillCircle(canvas, x, y, radius) {
  let [dx, dy, error, plus, minus] = [radius, 0, 0, 1, 2 * radius - 1];
  while (dx >= dy) {
    for (const way of [-1, 1]) {
      fillRow(canvas, y + way * dy, x - dx, x + dx);
      fillRow(canvas, y + way * dx, x - dy, x + dy);
    }
    dy += 1;
    error += plus;
    plus += 2;
    if (error > 0) {
      error -= minus;
      dx -= 1;
      minus -= 2;
    }
  }
}

function thickLine(canvas, from, to, thickness, begins) {
  if (thickness <= 1) return thinLine(canvas, from, to);
  const [dx, dy] = [(from[0] - to[0]) / ONE, (to[1] - from[1]) / ONE];
  if (dx || dy) {
    const r = ((thickness + (thickness & 1)) * HALF) / Math.hypot(dx, dy);
    const [x, y] = [round(dy * r), round(dx * r)];
    const beside = ([px, py], way) => [px + way * x, py + way * y];
    fillConvex(canvas, [beside(from, 1), beside(from, -1), beside(to, -1), beside(to, 1)]);
  }
  for (const [px, py] of begins ? [from, to] : [to])
    fillCircle(canvas, (px + HALF) >> 16, (py + HALF) >> 16, (thickness + 1) >> 1);
}

// Draw strokes of [x, y, width] with a round pen: bright ink on 0, 280 pixels high and wide.
export function rasterise(strokes, width = PEN_WIDTH) {
  const scale = IMAGE_SIZE * OVERSAMPLING;
  const fine = newImage(scale, scale);
  const grid = (value, low, high) => Math.fround(within(round(value * GRID), low, high) / GRID);
  const far = MAX_DISTANCE * GRID;
  for (const stroke of strokes) {
    const points = stroke.map(([x, y, wide = width]) => ({
      place: [x, y].map((v) => round((grid(v, -far, far) * scale - 0.5) * 16) * 4096),
      wide: grid(wide, 1, 32767),
    }));
    if (points.length === 1) points.push(points[0]); // a dot
    let before = 0;
    for (let at = 1; at < points.length; at++) {
      const [from, to] = [points[at - 1], points[at]];
      const thickness = Math.max(1, round(((from.wide + to.wide) / 2) * scale));
      thickLine(fine, from.place, to.place, thickness, thickness !== before);
      before = thickness;
    }
  }
  return resize(fine, IMAGE_SIZE, IMAGE_SIZE);
}

// How far each pixel of ink is from the nearest that is none, along rows, columns and diagonals.
function inkDepth({ data, width, height }, least) {
  const wide = width + 2; // with a frame where there is no ink
  const depth = new Int32Array(wide * (height + 2));
  const [straight, diagonal] = [62587, 89738]; // 0.955 and 1.3693 pixels
  const pass = (begin, end, step) => {
    for (let row = begin; row !== end; row += step)
      for (let k = 0; k < width; k++) {
        const column = step > 0 ? k : width - 1 - k;
        if (data[row * width + column] <= least) continue;
        const at = (row + 1) * wide + column + 1;
        const behind = at - step * wide;
        const near = Math.min(depth[at - step], depth[behind]) + straight;
        const across = Math.min(depth[behind - 1], depth[behind + 1]) + diagonal;
        depth[at] = Math.min(step > 0 ? Infinity : depth[at], near, across);
      }
  };
  pass(0, height, 1);
  pass(height - 1, -1, -1);
  return depth;
}

// How wide the strokes are, in pixels; half as bright as the brightest is ink.
export function strokeWidth(ink) {
  const least = ink.data.reduce((most, level) => Math.max(most, level), 0) >> 1;
  const depth = inkDepth(ink, least);
  let [sum, count] = [0, 0];
  for (const each of depth) if (each) ((sum += each), (count += 1));
  return count ? (4 * sum) / ONE / count - 1 : 0;
}

// Bring strokes to a width that MNIST has: thin ones are thickened, thick ones thinned.
export function evenStroke(ink) {
  const longer = Math.max(...boundingBox(ink).slice(2));
  const width = strokeWidth(ink);
  const want = within(width, (THINNEST * longer) / BOX, (THICKEST * longer) / BOX);
  const radius = round(Math.abs(want - width) / 2);
  if (!radius) return ink;
  const thinner = want < width;
  const { data, width: wide, height } = pad(ink, radius, thinner ? 255 : 0);
  const spots = Int32Array.from(disc(radius), ([x, y]) => y * wide + x);
  const result = newImage(wide, height);
  for (let row = radius; row < height - radius; row++)
    for (let at = row * wide + radius; at < (row + 1) * wide - radius; at++) {
      let level = data[at];
      if (!level) continue;
      if (thinner) {
        for (const spot of spots) level = Math.min(level, data[at + spot]);
        result.data[at] = level;
      } else
        for (const spot of spots) result.data[at + spot] = Math.max(level, result.data[at + spot]);
    }
  return result.data.some(Boolean) ? result : ink;
}

// Bring ink, bright on 0, to the form of MNIST: 28 by 28, a box of 20, its centre of mass in the
// middle. Without ink, or with specks alone, null.
export function toDigit(data, width, height) {
  const box = boundingBox({ data, width, height });
  if (!box) return null;
  const [x, y, wide, high] = box;
  const side = Math.max(wide, high);
  const square = newImage(side, side);
  const [left, top] = [(side - wide) >> 1, (side - high) >> 1];
  for (let row = 0; row < high; row++) {
    const from = (y + row) * width + x;
    square.data.set(data.subarray(from, from + wide), (top + row) * side + left);
  }
  const small = resize(square, BOX, BOX, side <= BOX).data;
  let [mass, right, down] = [0, 0, 0];
  small.forEach((level, at) => {
    mass += level;
    right += level * (at % BOX);
    down += level * Math.floor(at / BOX);
  });
  if (!mass) return null;
  [right, down] = [right, down].map((moment) => round(CENTRE - moment / mass));
  const digit = new Uint8Array(784);
  small.forEach((level, at) => {
    const [column, row] = [right + (at % BOX), down + Math.floor(at / BOX)];
    if (column >= 0 && column < 28 && row >= 0 && row < 28) digit[row * 28 + column] = level;
  });
  return digit;
}

// What a network sees of a drawing, {strokes: [[[x, y, width], …], …], width}, in units of its
// height: grey levels of 28 by 28. Where there is no ink, null.
export function strokesToDigit({ strokes, width }) {
  const image = rasterise(strokes, width);
  if (!boundingBox(image)) return null;
  const ink = evenStroke(image);
  return toDigit(ink.data, ink.width, ink.height);
}
