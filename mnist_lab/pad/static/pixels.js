// What OpenCV does to pixels, done alike. An image is {data, width, height}, data one number for
// each pixel, row after row: a Uint8Array of grey levels, or a Float32Array.

const { fround } = Math;
export const newImage = (width, height, Kind = Uint8Array) => ({
  data: new Kind(width * height),
  width,
  height,
});

// To the nearest whole number; a half, as in Python, to the even one.
export function round(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low & 1) : Math.round(value);
}

export const within = (value, low, high) => Math.max(low, Math.min(high, value));

// Each pixel of a resized side is a weighted mean of `count` pixels of the other one, at `from`.
function newTaps(count, to) {
  return { count, from: new Int32Array(count * to), weights: new Float32Array(count * to) };
}

// Of each pixel of a smaller side: the pixels that it covers.
function areaTaps(side, to) {
  const scale = side / to;
  const taps = newTaps(Math.ceil(scale) + 1, to);
  for (let at = 0; at < to; at++) {
    const low = at * scale;
    const high = Math.min(low + scale, side);
    const first = Math.floor(low + 1e-3);
    for (
      let pixel = first, k = at * taps.count;
      pixel < Math.min(side, high - 1e-3);
      pixel++, k++
    ) {
      taps.from[k] = pixel;
      taps.weights[k] = (Math.min(pixel + 1, high) - Math.max(pixel, low)) / (high - low);
    }
  }
  return taps;
}

// Of each pixel of a larger side: the four pixels around it, by a cubic curve through them.
function cubicTaps(side, to, steps) {
  const taps = newTaps(4, to);
  const near = (x) => (1.25 * x - 2.25) * x * x + 1;
  for (let at = 0; at < to; at++) {
    const place = ((at + 0.5) * side) / to - 0.5;
    const x = place - Math.floor(place);
    const outer = ((-0.75 * (x + 1) + 3.75) * (x + 1) - 6) * (x + 1) + 3;
    [outer, near(x), near(1 - x), 1 - outer - near(x) - near(1 - x)].forEach((weight, k) => {
      taps.from[4 * at + k] = within(Math.floor(place) - 1 + k, 0, side - 1);
      taps.weights[4 * at + k] = round(weight * steps) / steps;
    });
  }
  return taps;
}

// Resize to a width and a height: each pixel the mean of those it covers, or from a cubic curve.
// In 32 bits throughout, as OpenCV does it: or a sum that is nearly a half falls the other way.
export function resize({ data, width, height }, toWidth, toHeight, cubic = false) {
  const grey = data instanceof Uint8Array;
  const steps = grey ? 2048 : 2 ** 40; // grey levels are weighed in whole 2048ths
  const taps = cubic ? cubicTaps : areaTaps;
  const [columns, rows] = [taps(width, toWidth, steps), taps(height, toHeight, steps)];
  const result = newImage(toWidth, toHeight, data.constructor);
  const up = !cubic && width === 2 * toWidth && height === 2 * toHeight; // of four: halves go up
  const lines = Array.from({ length: rows.count + 1 }, () => new Float32Array(toWidth)); // narrowed
  const held = lines.map(() => -1); // which row each is

  function narrow(row) {
    const line = lines[row % lines.length];
    if (held[row % lines.length] === row) return line;
    held[row % lines.length] = row;
    const { count, from, weights } = columns;
    for (let to = 0, at = 0; to < toWidth; to++) {
      let sum = 0;
      for (const end = at + count; at < end; at++)
        sum = fround(sum + fround(weights[at] * data[row * width + from[at]]));
      line[to] = sum;
    }
    return line;
  }

  const sums = new Float32Array(toWidth);
  for (let row = 0; row < toHeight; row++) {
    sums.fill(0);
    for (let k = row * rows.count; k < (row + 1) * rows.count; k++) {
      const weight = rows.weights[k];
      if (!weight) continue;
      const line = narrow(rows.from[k]);
      for (let to = 0; to < toWidth; to++) sums[to] += fround(weight * line[to]);
    }
    for (let to = 0, at = row * toWidth; to < toWidth; to++, at++)
      result.data[at] = grey
        ? within(up ? Math.floor(sums[to] + 0.5) : round(sums[to]), 0, 255)
        : sums[to];
  }
  return result;
}

// An ellipse's pixels in a square of 2 * radius + 1, as [x, y] from its middle.
export function disc(radius) {
  const spots = [];
  for (let y = -radius; y <= radius; y++) {
    const reach = round(radius * Math.sqrt((radius * radius - y * y) / (radius * radius)));
    for (let x = -reach; x <= reach; x++) spots.push([x, y]);
  }
  return spots;
}

// The same with so many pixels more on each side.
export function pad({ data, width, height }, side, level = 0) {
  const larger = newImage(width + 2 * side, height + 2 * side, data.constructor);
  larger.data.fill(level);
  for (let row = 0; row < height; row++)
    larger.data.set(
      data.subarray(row * width, (row + 1) * width),
      (row + side) * larger.width + side,
    );
  return larger;
}

// The box of what is above 0: [x, y, width, height], or null.
export function boundingBox({ data, width, height }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
}
